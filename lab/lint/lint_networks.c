/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peerings, and which subnets have an NSG. */
#include "lab/lint/lint_parts.h"

#include <string.h>

static struct src_pos flag_pos(const struct flag *flag, const struct object *object)
{
	return flag->pos.line ? flag->pos : object->pos;
}

/* ---- peerings ---- */

static void check_access(struct lint *l, const struct vnet *vnet, const struct peering *peering)
{
	const struct flag *flag = &peering->allow_virtual_network_access;

	if (peering->state == PEERING_CONNECTED && !flag->value)
		diag_add(l->diags, DIAG_NO_ACCESS, flag->pos,
			 "peering '%s': '%s' and '%s' see routes to each other, and nothing passes "
			 "either way",
			 peering->object.name, vnet->object.name,
			 peering->remote_vnet->object.name);
}

static void check_offer(struct lint *l, const struct vnet *vnet, const struct peering *peering)
{
	const struct peering *back = peering->reverse;
	struct diag *diag;

	if (!peering->allow_gateway_transit.value || !back || back->use_remote_gateways.value ||
	    !vnet_has_gateways(vnet) || vnet_has_gateways(peering->remote_vnet) ||
	    peering->remote_vnet->hub)
		return;
	diag = diag_add(l->diags, DIAG_GATEWAY_UNUSED, peering->allow_gateway_transit.pos,
			"peering '%s' offers the gateways of '%s', and '%s' does not use them",
			peering->object.name, vnet->object.name, peering->remote_vnet->object.name);
	diag->also = back->object.pos;
	diag_hint(l->diags, diag, "write in '%s': use_remote_gateways: true", back->object.name);
}

/*
 * Sends a subnet by this route, by way of an appliance in `at`, what its peer refuses? It is the
 * source that counts: an appliance that translates addresses has its own.
 */
static void check_forwarded(struct lint *l, const struct subnet *from,
			    const struct user_route *route, const struct vnet *at,
			    const struct peering *peering)
{
	const struct peering *back = peering->reverse;
	const struct vnet *to = peering->remote_vnet;
	struct diag *diag;

	if (!to || peering->state != PEERING_CONNECTED || back->allow_forwarded_traffic.value ||
	    to == from->vnet || at == to)
		return;
	/* what the gateway hands over comes from on-premises, whatever the subnet's own range */
	if (from->vnet == at && from != at->gateway_subnet)
		return;
	for (size_t i = 0; i < to->subnets.count; i++) {
		const struct place *place = lint_place(l, &to->subnets.items[i]);

		if (!place->machine ||
		    lint_deciding_route(from, subnet_prefix(place->subnet)) != route)
			continue;
		diag = diag_add(l->diags, DIAG_FORWARDED_TRAFFIC,
				flag_pos(&back->allow_forwarded_traffic, &back->object),
				"peering '%s': '%s' drops what '%s' of '%s' sends it by the "
				"appliance in '%s'",
				back->object.name, to->object.name, from->object.name,
				from->vnet->object.name, at->object.name);
		diag->also = lint_route_pos(route);
		diag_hint(l->diags, diag, "write in '%s': allow_forwarded_traffic: true",
			  back->object.name);
		return;
	}
}

static void check_forwarding_of(struct lint *l, const struct subnet *from,
				const struct user_route *route)
{
	for (size_t i = 0; i < route->next_hops.count; i++) {
		const struct nic *nic = lint_hop_nic(l, from->vnet, route->next_hops.items[i]);
		const struct vnet *at = nic ? nic->subnet->vnet : NULL;

		if (!nic || !nic->vm->is_nva || nic->vm->masquerade)
			continue;
		for (size_t n = 0; n < at->peerings.count; n++)
			if (lint_may_work(
				    l,
				    at->peerings.items[n].remote_vnet
					    ? 8 + at->peerings.items[n].remote_vnet->subnets.count
					    : 1))
				check_forwarded(l, from, route, at, &at->peerings.items[n]);
	}
}

/* ---- NSGs of subnets ---- */

static const struct subnet *first_with_nsg(const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->subnets.count; i++)
		if (vnet->subnets.items[i].network_security_group)
			return &vnet->subnets.items[i];
	return NULL;
}

/* A machine of the subnet that no NSG is asked about. */
static const struct nic *unguarded(const struct lint *l, const struct place *place)
{
	for (size_t i = 0; i < place->nic_count; i++) {
		const struct nic *nic = l->nics[place->first_nic + i];

		if (!nic->vm->is_nva && !nic->network_security_group && !nic->public_ip_address)
			return nic;
	}
	return NULL;
}

static void check_nsgs(struct lint *l, const struct place *place, const struct subnet *guarded)
{
	const struct subnet *subnet = place->subnet;
	const struct nic *nic;

	if (subnet->network_security_group || !guarded)
		return;
	nic = unguarded(l, place);
	if (nic)
		diag_add(l->diags, DIAG_NO_NSG, subnet->object.pos,
			 "subnet '%s' of '%s' has no NSG, and neither has '%s' in it",
			 subnet->object.name, subnet->vnet->object.name, nic->vm->object.name)
			->also = guarded->network_security_group_ref.pos;
}

void lint_networks(struct lint *l)
{
	const struct lab *lab = l->lab;

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];
		const struct subnet *guarded = first_with_nsg(vnet);

		for (size_t n = 0; n < vnet->peerings.count; n++) {
			check_access(l, vnet, &vnet->peerings.items[n]);
			check_offer(l, vnet, &vnet->peerings.items[n]);
		}
		for (size_t n = 0; n < vnet->subnets.count; n++)
			check_nsgs(l, lint_place(l, &vnet->subnets.items[n]), guarded);
	}
	for (size_t i = 0; i < l->place_count; i++) {
		const struct subnet *from = l->places[i].subnet;
		const struct route_table *table = from->route_table;

		if (!table || (!l->places[i].machine && from != from->vnet->gateway_subnet))
			continue;
		for (size_t n = 0; n < table->routes.count; n++)
			check_forwarding_of(l, from, &table->routes.items[n]);
	}
}
