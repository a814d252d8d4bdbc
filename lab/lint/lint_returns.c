/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes there by an appliance comes back by it: between subnets, and between subnets and
 * on-premises. All of it is looked at from the one that has the route.
 */
#include "lab/lint/lint_parts.h"

#include <string.h>

/* The NVA that a route leads to, when it is one alone. */
static const struct vm *appliance_of(const struct lint *l, const struct vnet *vnet,
				     const struct user_route *route)
{
	const struct nic *nic;

	if (!route || route->type != NEXT_HOP_VIRTUAL_APPLIANCE || route->next_hops.count != 1)
		return NULL;
	nic = lint_hop_nic(l, vnet, route->next_hops.items[0]);
	return nic && nic->vm->is_nva ? nic->vm : NULL;
}

static bool is_joined_with(const struct vnet *a, const struct vnet *b)
{
	return a == b || vnet_find_connected(a, b);
}

/* May it know a way that the model alone does not: learned from gateways or NVAs? */
static bool may_have_learned(const struct subnet *subnet)
{
	return subnet->vnet->hub &&
	       !(subnet->route_table && subnet->route_table->disable_bgp_route_propagation.value);
}

static void say_asymmetric(struct lint *l, struct place *to, const struct subnet *from,
			   const struct user_route *route, const struct vm *vm)
{
	struct diag *diag;

	if (to->is_bypassing)
		return;
	to->is_bypassing = true;
	diag = diag_add(l->diags, DIAG_ASYMMETRIC, to->subnet->object.pos,
			"subnet '%s' of '%s' answers '%s' of '%s' past firewall '%s', by which it "
			"is asked: replies are dropped",
			to->subnet->object.name, to->subnet->vnet->object.name, from->object.name,
			from->vnet->object.name, vm->object.name);
	diag->also = lint_route_pos(route);
	diag_hint(l->diags, diag, "give it a route table with a route to %s by the firewall",
		  prefix_print(subnet_prefix(from)).text);
}

static void say_no_way_back(struct lint *l, struct place *to, const struct subnet *from,
			    const struct user_route *route, const struct vm *vm)
{
	struct diag *diag;

	if (to->has_no_way_back)
		return;
	to->has_no_way_back = true;
	diag = diag_add(l->diags, DIAG_NO_WAY_BACK, to->subnet->object.pos,
			"subnet '%s' of '%s' has no route to '%s' of '%s', which reaches it by "
			"'%s'",
			to->subnet->object.name, to->subnet->vnet->object.name, from->object.name,
			from->vnet->object.name, vm->object.name);
	diag->also = lint_route_pos(route);
	diag_hint(l->diags, diag, "give it a route table with a route to %s by '%s'",
		  prefix_print(subnet_prefix(from)).text, vm->object.name);
}

/* One subnet as seen from another that reaches it by `vm`. */
static void check_pair(struct lint *l, const struct subnet *from, struct place *to,
		       const struct user_route *route, const struct vm *vm)
{
	const struct subnet *subnet = to->subnet;
	const struct user_route *back;

	if (lint_deciding_route(from, subnet_prefix(subnet)) != route)
		return;
	back = lint_deciding_route(subnet, subnet_prefix(from));
	if (!back && !is_joined_with(subnet->vnet, from->vnet)) {
		if (!may_have_learned(subnet))
			say_no_way_back(l, to, from, route, vm);
		return;
	}
	if (vm->firewall.value == FIREWALL_STATEFUL && !vm->masquerade &&
	    (!back || back->type == NEXT_HOP_VNET_LOCAL ||
	     (appliance_of(l, subnet->vnet, back) && appliance_of(l, subnet->vnet, back) != vm)))
		say_asymmetric(l, to, from, route, vm);
}

/* All subnets with machines that an appliance reaches by itself and a route may mean. */
static void check_targets(struct lint *l, const struct place *from, const struct user_route *route,
			  const struct vm *vm)
{
	const struct vnet *at = vm->network_interfaces.items[0].subnet->vnet;
	struct prefix there = route->prefixes->items[0].prefix;
	size_t work = at->peerings.count + from->subnet->route_table->routes.count;

	for (size_t i = 0; i < l->place_count; i++) {
		struct place *to = &l->places[i];

		if (!lint_may_work(l, 1))
			return;
		if (to == from || !to->machine ||
		    !prefix_covers(there, subnet_prefix(to->subnet)) ||
		    !is_joined_with(at, to->subnet->vnet))
			continue;
		if (!lint_may_work(l, work + (to->subnet->route_table
						      ? to->subnet->route_table->routes.count
						      : 0)))
			return;
		check_pair(l, from->subnet, to, route, vm);
	}
}

/* ---- on-premises ---- */

/*
 * A subnet that has no other way to on-premises than an appliance; what comes from there goes by
 * the route table of the GatewaySubnet.
 */
static void check_gateway_subnet(struct lint *l, struct place *from, const struct user_route *route,
				 const struct vm *vm)
{
	const struct vnet *hub = from->subnet->vnet->hub;
	struct prefix there = route->prefixes->items[0].prefix,
		      prefix = subnet_prefix(from->subnet);
	const struct user_route *back;
	struct diag *diag;

	if (!hub || !hub->gateway_subnet || !lint_is_joined(l, hub) ||
	    !from->subnet->route_table->disable_bgp_route_propagation.value ||
	    (there.len && !lint_is_private(there)) ||
	    spaces_cover(&from->subnet->vnet->address_prefixes, there) ||
	    vnet_find_peered(from->subnet->vnet, there))
		return;
	back = lint_deciding_route(hub->gateway_subnet, prefix);
	if (back && back->type != NEXT_HOP_VNET_LOCAL)
		return;
	diag = diag_add(l->diags, DIAG_GATEWAY_BYPASS, hub->gateway_subnet->object.pos,
			"GatewaySubnet of '%s' has no route to %s by '%s', by which '%s' of '%s' "
			"answers on-premises%s",
			hub->object.name, prefix_print(prefix).text, vm->object.name,
			from->subnet->object.name, from->subnet->vnet->object.name,
			vm->firewall.value == FIREWALL_STATEFUL ? ": the firewall drops the replies"
								: "");
	diag->also = lint_route_pos(route);
	diag_hint(l->diags, diag, "give it a route table with a route %s VirtualAppliance %s",
		  prefix_print(prefix).text, ip_print(route->next_hops.items[0]).text);
}

void lint_returns(struct lint *l)
{
	for (size_t i = 0; i < l->place_count; i++) {
		struct place *from = &l->places[i];
		const struct route_table *table = from->subnet->route_table;

		for (size_t n = 0; table && from->machine && n < table->routes.count; n++) {
			const struct user_route *route = &table->routes.items[n];
			const struct vm *vm = appliance_of(l, from->subnet->vnet, route);

			if (!vm || route->tag || !route->prefixes->count)
				continue;
			check_targets(l, from, route, vm);
			check_gateway_subnet(l, from, route, vm);
		}
	}
}
