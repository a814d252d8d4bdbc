/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of a topology. */
#include "lab/model/topology.h"

#include "lab/base/arena.h"

#include <stdio.h>
#include <strings.h>

struct mac_text mac_print(const uint8_t mac[MAC_SIZE])
{
	struct mac_text text;

	(void)snprintf(text.text, sizeof(text.text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		       mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}

bool node_is_guest(const struct node *node)
{
	return node->vm && vm_is_guest(node->vm);
}

bool node_is_guest_router(const struct node *node)
{
	return node->vm && vm_is_guest_router(node->vm);
}

const char *node_role_name(enum node_role role)
{
	switch (role) {
	case ROLE_VM:
		return "virtual machine";
	case ROLE_NVA:
		return "NVA";
	case ROLE_INTERNET:
		return "Internet host";
	case ROLE_PRIVATE_ENDPOINT:
		return "private endpoint";
	case ROLE_ER_GATEWAY:
		return "ExpressRoute gateway";
	case ROLE_VPN_GATEWAY:
		return "VPN gateway";
	case ROLE_ROUTE_SERVER:
		return "Route Server";
	case ROLE_MSEE:
		return "MSEE";
	case ROLE_PROVIDER:
		return "provider router";
	case ROLE_BRANCH:
		return "branch router";
	case ROLE_BRANCH_HOST:
		return "branch host";
	}
	return "";
}

void topology_free(struct topology *topology)
{
	if (topology)
		arena_free(topology->arena);
}

unsigned topology_filter(const struct topology *topology, const struct nsg *nsg)
{
	return topology->filters.items[nsg - topology->lab->network_security_groups.items].number;
}

const struct network *topology_network(const struct topology *topology, const struct vnet *vnet)
{
	return &topology->networks.items[vnet->index];
}

struct node *topology_find_node(const struct topology *topology, const char *name)
{
	for (size_t i = 0; i < topology->nodes.count; i++)
		if (!strcasecmp(topology->nodes.items[i]->name, name))
			return topology->nodes.items[i];
	return NULL;
}

bool node_has_ip(const struct node *node, struct ip ip)
{
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (interface_has_ip(node->interfaces.items[i], ip))
			return true;
	return false;
}

bool interface_has_ip(const struct interface *interface, struct ip ip)
{
	if (ip_equal(interface->ip, ip))
		return true;
	for (size_t i = 0; i < interface->more.count; i++)
		if (ip_equal(interface->more.items[i], ip))
			return true;
	return false;
}

struct ip interface_ip(const struct interface *interface, enum ip_family family)
{
	if (interface->ip.family == family)
		return interface->ip;
	for (size_t i = 0; i < interface->more.count; i++)
		if (interface->more.items[i].family == family)
			return interface->more.items[i];
	return (struct ip){ 0 };
}

struct prefix interface_prefix(const struct interface *interface, struct ip ip)
{
	if (ip.family == IP_V6)
		return prefix_host(ip);
	return (struct prefix){ ip, interface->prefix_len };
}

struct prefix interface_network(const struct interface *interface, enum ip_family family)
{
	if (interface->ip.family == family)
		return prefix_of(interface->ip, interface->prefix_len);
	if (interface_ip(interface, family).family == IP_NONE)
		return (struct prefix){ 0 };
	return subnet_prefix_of(interface->subnet, family);
}

bool port_forwards(const struct interface *port)
{
	return port->kind == INTERFACE_NIC ? port->nic->enable_ip_forwarding.value
					   : port->kind != INTERFACE_ENDPOINT;
}

const struct interface *topology_find_nic(const struct topology *topology, const struct nic *nic)
{
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];

		for (size_t n = 0; node->vm == nic->vm && n < node->interfaces.count; n++)
			if (node->interfaces.items[n]->nic == nic)
				return node->interfaces.items[n];
	}
	return NULL;
}

const struct interface *topology_find_instance(const struct topology *topology,
					       const struct gateway *gateway, unsigned instance)
{
	for (size_t i = 0; i < topology->ports.count; i++) {
		const struct interface *port = topology->ports.items[i];

		if (port->kind == INTERFACE_GATEWAY && port->node->gateway == gateway &&
		    port->node->instance == instance)
			return port;
	}
	return NULL;
}

const char *interface_ns(const struct interface *interface)
{
	return interface->cable && interface->tunnel ? interface->tunnel->name
						     : interface->node->name;
}

const struct interface *cable_other_end(const struct interface *interface)
{
	return interface->cable->ends[interface->cable->ends[0] == interface];
}

bool cable_is_framed(const struct cable *cable)
{
	return cable->link && link_is_framed(cable->link);
}

bool cable_frames_fit(const struct cable *cable)
{
	return !cable->link || link_frames_fit(cable->link);
}

bool cable_has_mac_sec(const struct cable *cable)
{
	return cable->ends[0]->frames.mac_sec && cable->ends[1]->frames.mac_sec;
}

const struct interface *cable_counted(const struct cable *cable)
{
	return cable->ends[cable->ends[1]->node->role == ROLE_PROVIDER];
}

bool tunnel_is_counted(const struct tunnel_end *end)
{
	if (node_is_guest(end->node))
		return false;
	return !end->peer || node_is_guest(end->peer->node) ||
	       strcmp(end->name, end->peer->name) < 0;
}

/* Which of the cables between its two ends it is, from 1; how many there are to *ret_count. */
static unsigned cable_place(const struct topology *t, const struct cable *cable,
			    unsigned *ret_count)
{
	const struct node *a = cable->ends[0]->node, *b = cable->ends[1]->node;
	unsigned place = 0;

	*ret_count = 0;
	for (size_t i = 0; i < t->cables.count; i++) {
		const struct cable *each = t->cables.items[i];
		const struct node *x = each->ends[0]->node, *y = each->ends[1]->node;

		if ((x != a || y != b) && (x != b || y != a))
			continue;
		++*ret_count;
		if (each == cable)
			place = *ret_count;
	}
	return place;
}

const char *cable_name(const struct topology *topology, const struct cable *cable,
		       struct arena *arena)
{
	const struct interface *a = cable->ends[0], *b = cable->ends[1];
	unsigned count, place;

	if (a->tunnel)
		return a->tunnel->name;
	place = cable_place(topology, cable, &count);
	return count > 1 ? arena_printf(arena, "%s/%s/%u", a->node->name, b->node->name, place)
			 : arena_printf(arena, "%s/%s", a->node->name, b->node->name);
}

const struct guest_route *node_guest_routes(const struct node *node, size_t *ret_count)
{
	if (node->role == ROLE_BRANCH) {
		*ret_count = node->branch->routes.count;
		return node->branch->routes.items;
	}
	*ret_count = node->vm ? node->vm->routes.count : 0;
	return node->vm ? node->vm->routes.items : NULL;
}
