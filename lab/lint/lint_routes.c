/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route tables: where their routes lead, and whom they cut off. */
#include "lab/lint/lint_parts.h"

#include <string.h>

/* Why a machine is no router; NULL when it is one, or when its own finding says why it is none. */
static const char *why_not(const struct nic *nic)
{
	if (nic->vm->is_nva)
		return NULL;
	return nic->enable_ip_forwarding.value ? "is no NVA: its guest does not forward"
					       : "does not forward: its NIC has no IP forwarding";
}

static void check_hop(struct lint *l, const struct subnet *subnet, const struct user_route *route,
		      struct ip ip)
{
	const struct vnet *vnet = lint_hop_vnet(subnet->vnet, ip);
	const struct holder *holder = vnet ? lint_find_holder(l, vnet, ip) : NULL;
	const char *why = holder && holder->nic ? why_not(holder->nic) : NULL;
	struct diag *diag;

	if (!vnet || (holder && (holder->nic ? !why : holder->is_gateway)))
		return; /* out of reach: that is a finding of the checker's, next-hop */
	if (lint_is_said(l, route, vnet))
		return;
	if (!holder) {
		diag = diag_add(l->diags, DIAG_HOP_NOBODY, lint_route_pos(route),
				"route '%s': nobody in '%s' has %s: packets are lost",
				route->object.name, vnet->object.name, ip_print(ip).text);
		diag->also = subnet->route_table_ref.pos;
		diag_hint(l->diags, diag, "give the address of an NVA, as its private_ip_address");
	} else if (!holder->nic) {
		diag_add(l->diags, DIAG_HOP_NOBODY, lint_route_pos(route),
			 "route '%s': %s is '%s', which forwards nothing as an appliance",
			 route->object.name, ip_print(ip).text, holder->name)
			->also = subnet->route_table_ref.pos;
	} else {
		diag = diag_add(l->diags, DIAG_HOP_NOBODY, lint_route_pos(route),
				"route '%s': %s is '%s', which %s", route->object.name,
				ip_print(ip).text, holder->name, why);
		diag->also = holder->nic->vm->object.pos;
		diag_hint(l->diags, diag, "machines that forward are under 'nvas'");
	}
}

/*
 * Does what the machine sends on for this route come back to it? Not when it has another NIC to
 * send it by, or tunnels.
 */
static bool is_looping(const struct lint *l, const struct subnet *subnet,
		       const struct user_route *route, const struct nic **ret_nic)
{
	for (size_t i = 0; i < route->next_hops.count; i++) {
		const struct nic *nic = lint_hop_nic(l, subnet->vnet, route->next_hops.items[i]);

		if (!nic || nic->subnet != subnet || !nic->vm->is_nva ||
		    nic->vm->network_interfaces.count > 1 || nic->vm->tunnels.count)
			continue;
		*ret_nic = nic;
		return true;
	}
	return false;
}

static void check_loops(struct lint *l, const struct subnet *subnet)
{
	const struct route_table *table = subnet->route_table;
	const struct nic *nic;
	struct diag *diag;

	for (size_t i = 0; i < table->routes.count; i++) {
		if (!is_looping(l, subnet, &table->routes.items[i], &nic))
			continue;
		diag = diag_add(l->diags, DIAG_HOP_LOOP, subnet->route_table_ref.pos,
				"route table '%s' is that of '%s', too: by route '%s' what it "
				"forwards comes back to it",
				table->object.name, nic->vm->object.name,
				table->routes.items[i].object.name);
		diag->also = lint_route_pos(&table->routes.items[i]);
		diag_hint(l->diags, diag, "give the subnet of '%s' a table of its own, or none",
			  nic->vm->object.name);
		return;
	}
}

bool lint_is_private(struct prefix prefix)
{
	static const char *const ranges[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
					      "100.64.0.0/10" };
	struct prefix range;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (prefix_parse(ranges[i], &range) && prefix_covers(range, prefix))
			return true;
	return false;
}

static void check_private_internet(struct lint *l, const struct subnet *subnet,
				   const struct user_route *route)
{
	struct prefix prefix;

	if (route->type != NEXT_HOP_INTERNET || route->tag || !route->prefixes->count)
		return;
	prefix = route->prefixes->items[0].prefix;
	/* to one's own network, or a peer's, it leads as VnetLocal does */
	if (!lint_is_private(prefix) || spaces_cover(&subnet->vnet->address_prefixes, prefix) ||
	    vnet_find_peered(subnet->vnet, prefix) || lint_is_said(l, route, NULL))
		return;
	diag_add(l->diags, DIAG_PRIVATE_INTERNET, lint_route_pos(route),
		 "route '%s': %s is private, and nobody on the Internet has it", route->object.name,
		 prefix_print(prefix).text)
		->also = subnet->route_table_ref.pos;
}

static void check_table(struct lint *l, const struct subnet *subnet)
{
	const struct route_table *table = subnet->route_table;

	for (size_t i = 0; i < table->routes.count; i++) {
		const struct user_route *route = &table->routes.items[i];

		check_private_internet(l, subnet, route);
		for (size_t n = 0; n < route->next_hops.count; n++)
			check_hop(l, subnet, route, route->next_hops.items[n]);
	}
}

/* ---- what a table does to its subnet ---- */

/* Does a route lead out of all that peering joins? */
static bool leads_out(const struct subnet *subnet, const struct user_route *route)
{
	struct prefix prefix =
		route->prefixes->count ? route->prefixes->items[0].prefix : (struct prefix){ 0 };

	return (route->type == NEXT_HOP_VIRTUAL_APPLIANCE ||
		route->type == NEXT_HOP_VIRTUAL_APPLIANCE_ECMP ||
		route->type == NEXT_HOP_VIRTUAL_NETWORK_GATEWAY) &&
	       !spaces_cover(&subnet->vnet->address_prefixes, prefix) &&
	       !vnet_find_peered(subnet->vnet, prefix);
}

static void check_propagation(struct lint *l, const struct subnet *subnet)
{
	const struct route_table *table = subnet->route_table;
	const struct vnet *hub = subnet->vnet->hub;
	const struct place *place = lint_place(l, subnet);
	bool has_anybody = place->machine || (place->nva && !place->nva->vm->bgp.neighbors.count);
	struct diag *diag;

	/* an NVA that speaks BGP is better off without what it announces itself (R7.6) */
	if (!table->disable_bgp_route_propagation.value || !hub || !has_anybody ||
	    (!hub->route_server && !lint_is_joined(l, hub)))
		return;
	for (size_t i = 0; i < table->routes.count; i++)
		if (leads_out(subnet, &table->routes.items[i]))
			return;
	diag = diag_add(l->diags, DIAG_PROPAGATION_OFF, subnet->route_table_ref.pos,
			"subnet '%s' of '%s' learns nothing, and has no route to what is behind "
			"the gateways of '%s'",
			subnet->object.name, subnet->vnet->object.name, hub->object.name);
	diag->also = table->disable_bgp_route_propagation.pos;
	diag_hint(l->diags, diag, "a route to an appliance that knows the way stands in for them");
}

/* What a gateway sends to its Route Server goes by the route table of its own subnet. */
static void check_route_server_path(struct lint *l, const struct vnet *vnet)
{
	const struct user_route *route;
	struct diag *diag;

	if (!vnet->route_server || !vnet->gateway_subnet || (!vnet->vpn && !vnet->express_route))
		return;
	route = lint_deciding_route(vnet->gateway_subnet,
				    subnet_prefix(vnet->route_server->subnet));
	if (!route || route->type == NEXT_HOP_VNET_LOCAL)
		return;
	diag = diag_add(l->diags, DIAG_ROUTE_SERVER_PATH, lint_route_pos(route),
			"route '%s' of the GatewaySubnet holds RouteServerSubnet: the gateway and "
			"'%s' lose each other",
			route->object.name, vnet->route_server->object.name);
	diag->also = vnet->gateway_subnet->route_table_ref.pos;
	diag_hint(l->diags, diag, "add a route %s VnetLocal",
		  prefix_print(subnet_prefix(vnet->route_server->subnet)).text);
}

/* ---- replies to the Internet ---- */

static const struct user_route *find_default(const struct subnet *subnet)
{
	const struct route_table *table = subnet->route_table;

	for (size_t i = 0; table && i < table->routes.count; i++)
		if (lint_is_default(&table->routes.items[i]))
			return &table->routes.items[i];
	return NULL;
}

/* Requests to its public address arrive whatever routes say (OUT-05). */
static void check_ingress(struct lint *l, const struct nic *nic)
{
	const struct user_route *route = find_default(nic->subnet);
	bool is_tunnelled = route && route->type == NEXT_HOP_VIRTUAL_NETWORK_GATEWAY;
	struct diag *diag;

	if (!route || route->type == NEXT_HOP_INTERNET || route->type == NEXT_HOP_VNET_LOCAL)
		return;
	diag = diag_add(l->diags, is_tunnelled ? DIAG_INGRESS_TUNNELLED : DIAG_INGRESS_APPLIANCE,
			nic->public_ip_address_ref.pos,
			"'%s' has public address '%s', and its replies to the Internet follow "
			"route '%s'%s",
			nic->vm->object.name, nic->public_ip_address->object.name,
			route->object.name,
			is_tunnelled                   ? " on-premises"
			: route->type == NEXT_HOP_NONE ? ", which drops them"
						       : " to an appliance");
	diag->also = lint_route_pos(route);
	diag_hint(l->diags, diag,
		  "let requests in by the appliance, too, or take the address away");
}

/* ---- NVAs ---- */

static void check_forwarding(struct lint *l, const struct vm *vm)
{
	for (size_t i = 0; vm->is_nva && i < vm->network_interfaces.count; i++) {
		const struct nic *nic = &vm->network_interfaces.items[i];
		const struct flag *flag = &nic->enable_ip_forwarding;

		if (!flag->value)
			diag_add(l->diags, DIAG_NVA_FORWARDING,
				 flag->pos.line ? flag->pos : nic->object.pos,
				 "NIC '%s' of NVA '%s' has no IP forwarding: what it forwards is "
				 "dropped",
				 nic->object.name, vm->object.name);
	}
}

/* Of a machine that could go out itself, and for others cannot. */
static bool is_edge(const struct nic *nic)
{
	return nic->public_ip_address || nic->subnet->nat_gateway ||
	       nic->subnet->default_outbound_access.value;
}

static void check_nat(struct lint *l, const struct subnet *subnet, const struct user_route *route)
{
	for (size_t i = 0; i < route->next_hops.count; i++) {
		const struct nic *nic = lint_hop_nic(l, subnet->vnet, route->next_hops.items[i]);
		struct diag *diag;

		if (!nic || !nic->vm->is_nva || nic->vm->masquerade || nic->vm->tunnels.count ||
		    !is_edge(nic))
			continue;
		diag = diag_add(l->diags, DIAG_NVA_NAT, nic->vm->object.pos,
				"NVA '%s' has a way to the Internet, and what it forwards by route "
				"'%s' has not: Azure translates addresses of its NIC only",
				nic->vm->object.name, route->object.name);
		diag->also = lint_route_pos(route);
		diag_hint(l->diags, diag, "give it masquerade: %s", nic->object.name);
	}
}

void lint_routes(struct lint *l)
{
	for (size_t i = 0; i < l->place_count; i++) {
		const struct subnet *subnet = l->places[i].subnet;
		const struct user_route *route = find_default(subnet);

		if (!subnet->route_table)
			continue;
		check_loops(l, subnet);
		check_propagation(l, subnet);
		if (!subnet_is_first_of_table(subnet))
			continue;
		check_table(l, subnet);
		if (route)
			check_nat(l, subnet, route);
	}
	for (size_t i = 0; i < l->lab->virtual_networks.count; i++)
		check_route_server_path(l, &l->lab->virtual_networks.items[i]);
	for (size_t i = 0; i < l->nic_count; i++)
		if (l->nics[i]->public_ip_address)
			check_ingress(l, l->nics[i]);
	for (size_t i = 0; i < l->lab->vms.count; i++)
		check_forwarding(l, &l->lab->vms.items[i]);
}
