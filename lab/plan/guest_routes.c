/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/guest_routes.h"

#include "lab/plan/fabric_ids.h"

/* By the first NIC that has the family; by IPv6 to the subnets of others by these. */
static void tell_own(const struct node *node, guest_route_fn *fn, void *arg)
{
	const struct prefix any = { .addr.family = IP_V4 }, any6 = { .addr.family = IP_V6 };
	const struct interface *first = node->interfaces.items[0];
	bool has_default = false;

	fn(arg, first, any, subnet_router_ip(first->subnet));
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface_ip(interface, IP_V6).family == IP_NONE)
			continue;
		fn(arg, interface, has_default ? interface_network(interface, IP_V6) : any6,
		   azure_link_local.addr);
		has_default = true;
	}
}

static void tell_owners(const struct node *node, guest_route_fn *fn, void *arg)
{
	for (size_t i = 0; i < node->vm->routes.count; i++) {
		const struct guest_route *route = &node->vm->routes.items[i];
		bool is_v6 = route->prefix.addr.family == IP_V6;

		for (size_t n = 0; n < node->interfaces.count; n++)
			if (route->nic && node->interfaces.items[n]->nic == route->nic)
				fn(arg, node->interfaces.items[n], route->prefix,
				   is_v6 ? azure_link_local.addr : route->next_hop);
	}
}

void guest_routes_each(const struct node *node, guest_route_fn *fn, void *arg)
{
	tell_own(node, fn, arg);
	if (!node_is_guest_router(node)) /* else they are told as they change */
		tell_owners(node, fn, arg);
}
