/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual networks, subnets, peerings and gateways. */
#include "lab/model/lab_check_parts.h"

#include <strings.h>

/* R9.4 */
static const char *const reserved_spaces[] = {
	"224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32",
};

/* False, with a finding, when the prefix cannot be part of a virtual network at all. */
static bool check_space(struct check *c, const struct object *object, const struct space *space)
{
	struct prefix reserved;

	if (space->prefix.addr.family == IP_NONE)
		return false; /* the reader said why */
	if (space->prefix.addr.family != IP_V4) {
		diag_add(c->diags, DIAG_BAD_VALUE, space->pos,
			 "'%s': %s is IPv6, which labs do not have yet", object->name,
			 prefix_print(space->prefix).text);
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(reserved_spaces); i++) {
		if (!prefix_parse(reserved_spaces[i], &reserved) ||
		    !prefix_overlaps(reserved, space->prefix))
			continue;
		diag_add(c->diags, DIAG_RESERVED_SPACE, space->pos,
			 "'%s': %s contains addresses of %s", object->name,
			 prefix_print(space->prefix).text, reserved_spaces[i]);
		return false;
	}
	return true;
}

bool covered_by(const struct spaces *spaces, struct prefix prefix)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family != IP_NONE &&
		    prefix_covers(spaces->items[i].prefix, prefix))
			return true;
	return false;
}

/* Is there one that could be read? Else there is a finding already. */
static bool has_prefix(const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family != IP_NONE)
			return true;
	return false;
}

static void check_subnet_overlap(struct check *c, const struct vnet *vnet, size_t index)
{
	const struct subnet *subnet = &vnet->subnets.items[index];
	const struct space *space = &subnet->address_prefix.items[0];

	for (size_t i = 0; i < index; i++) {
		const struct subnet *other = &vnet->subnets.items[i];
		const struct space *taken = other->address_prefix.items;

		if (!taken || taken->prefix.addr.family == IP_NONE ||
		    !prefix_overlaps(taken->prefix, space->prefix))
			continue;
		diag_add(c->diags, DIAG_OVERLAP, space->pos, "subnet '%s': %s overlaps subnet '%s'",
			 subnet->object.name, prefix_print(space->prefix).text, other->object.name)
			->also = taken->pos;
		return;
	}
}

static void check_subnet(struct check *c, struct vnet *vnet, size_t index)
{
	struct subnet *subnet = &vnet->subnets.items[index];
	const struct space *space = subnet->address_prefix.items;

	subnet->vnet = vnet;
	if (!strcasecmp(subnet->object.name, "GatewaySubnet"))
		vnet->gateway_subnet = subnet;
	if (!subnet->address_prefix.count || !check_space(c, &subnet->object, space))
		return;
	if (subnet->address_prefix.count > 1)
		diag_add(c->diags, DIAG_BAD_VALUE, space[1].pos,
			 "subnet '%s' has more than one IPv4 prefix", subnet->object.name);
	if (space->prefix.len > 29)
		diag_add(c->diags, DIAG_SUBNET_SIZE, space->pos,
			 "subnet '%s': a /%u has no address to give: Azure keeps five",
			 subnet->object.name, space->prefix.len);
	if (has_prefix(&vnet->address_prefixes) &&
	    !covered_by(&vnet->address_prefixes, space->prefix)) {
		struct diag *diag = diag_add(c->diags, DIAG_NOT_IN_SPACE, space->pos,
					     "subnet '%s': %s is not in the address space of '%s'",
					     subnet->object.name, prefix_print(space->prefix).text,
					     vnet->object.name);

		diag->also = vnet->address_prefixes.items[0].pos;
	}
	check_subnet_overlap(c, vnet, index);
}

static void check_vnet(struct check *c, struct vnet *vnet)
{
	const struct spaces *spaces = &vnet->address_prefixes;

	for (size_t i = 0; i < spaces->count; i++) {
		if (!check_space(c, &vnet->object, &spaces->items[i]))
			continue;
		for (size_t j = 0; j < i; j++)
			if (spaces->items[j].prefix.addr.family != IP_NONE &&
			    prefix_overlaps(spaces->items[i].prefix, spaces->items[j].prefix))
				diag_add(c->diags, DIAG_OVERLAP, spaces->items[i].pos,
					 "virtual network '%s': %s overlaps %s", vnet->object.name,
					 prefix_print(spaces->items[i].prefix).text,
					 prefix_print(spaces->items[j].prefix).text)
					->also = spaces->items[j].pos;
	}
	for (size_t i = 0; i < vnet->subnets.count; i++)
		check_subnet(c, vnet, i);
}

/* The first pair of overlapping prefixes of two spaces. */
static bool spaces_overlap(const struct spaces *a, const struct spaces *b,
			   const struct space **ret_a, const struct space **ret_b)
{
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			const struct space *one = &a->items[i], *other = &b->items[j];

			if (one->prefix.addr.family == IP_NONE ||
			    other->prefix.addr.family == IP_NONE ||
			    !prefix_overlaps(one->prefix, other->prefix))
				continue;
			*ret_a = one;
			*ret_b = other;
			return true;
		}
	}
	return false;
}

static void check_peering_overlap(struct check *c, const struct vnet *vnet,
				  const struct peering *peering)
{
	const struct vnet *remote = peering->remote_vnet;
	const struct space *a, *b;

	if (spaces_overlap(&remote->address_prefixes, &vnet->address_prefixes, &a, &b))
		diag_add(c->diags, DIAG_PEERING_OVERLAP, peering->remote.pos,
			 "peering '%s': %s of '%s' overlaps %s of '%s'", peering->object.name,
			 prefix_print(a->prefix).text, remote->object.name,
			 prefix_print(b->prefix).text, vnet->object.name)
			->also = a->pos;
	for (size_t i = 0; &vnet->peerings.items[i] != peering; i++) {
		const struct peering *other = &vnet->peerings.items[i];

		if (other->remote_vnet &&
		    other->remote_vnet != remote && /* that one is a finding of its own */
		    spaces_overlap(&remote->address_prefixes, &other->remote_vnet->address_prefixes,
				   &a, &b))
			diag_add(
				c->diags, DIAG_PEERING_OVERLAP, peering->remote.pos,
				"peering '%s': %s of '%s' overlaps %s of '%s', which is peered too",
				peering->object.name, prefix_print(a->prefix).text,
				remote->object.name, prefix_print(b->prefix).text,
				other->remote_vnet->object.name)
				->also = other->object.pos;
	}
}

static void check_peering(struct check *c, struct vnet *vnet, struct peering *peering)
{
	struct vnet *remote = resolve_vnet(c, &peering->remote);

	if (!remote)
		return;
	if (remote == vnet) {
		diag_add(c->diags, DIAG_PEERING, peering->remote.pos,
			 "peering '%s' joins '%s' to itself", peering->object.name,
			 vnet->object.name);
		return;
	}
	for (size_t i = 0; &vnet->peerings.items[i] != peering; i++) {
		if (vnet->peerings.items[i].remote_vnet != remote)
			continue;
		diag_add(c->diags, DIAG_PEERING, peering->remote.pos,
			 "peering '%s': '%s' is already peered with '%s'", peering->object.name,
			 vnet->object.name, remote->object.name)
			->also = vnet->peerings.items[i].object.pos;
		return;
	}
	peering->remote_vnet = remote;
	check_peering_overlap(c, vnet, peering);
}

/* Does each peering of it join what it was to join? Else there is a finding already. */
static bool is_resolved(const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (!vnet->peerings.items[i].remote_vnet)
			return false;
	return true;
}

static void warn_initiated(struct check *c, const struct vnet *vnet, const struct peering *peering)
{
	const struct vnet *remote = peering->remote_vnet;
	struct diag *diag = diag_add(c->diags, DIAG_INITIATED, peering->object.pos,
				     "peering '%s' stays Initiated: '%s' has no peering with '%s'",
				     peering->object.name, remote->object.name, vnet->object.name);

	diag->also = remote->object.pos;
	diag_hint(c->diags, diag, "write in '%s': peerings: { to-%s: %s }", remote->object.name,
		  vnet->object.name, vnet->object.name);
}

/* R4.1: a peering is Connected when both halves stand. */
static void pair_peerings(struct check *c, struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		struct peering *peering = &vnet->peerings.items[i];
		struct vnet *remote = peering->remote_vnet;

		for (size_t j = 0; remote && j < remote->peerings.count; j++)
			if (remote->peerings.items[j].remote_vnet == vnet)
				peering->reverse = &remote->peerings.items[j];
		peering->state = peering->reverse ? PEERING_CONNECTED : PEERING_INITIATED;
		if (remote && !peering->reverse && is_resolved(remote))
			warn_initiated(c, vnet, peering);
	}
}

/* R4.4 */
static void check_remote_gateways(struct check *c, struct vnet *vnet)
{
	const struct peering *first = NULL;

	vnet->used_express_route = vnet->express_route;
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		struct peering *peering = &vnet->peerings.items[i];
		struct src_pos pos = peering->use_remote_gateways.pos;
		const char *name = peering->object.name;
		struct vnet *remote = peering->remote_vnet;

		if (!peering->use_remote_gateways.value || !remote)
			continue;
		if (first)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': only one peering of '%s' can use remote gateways",
				 name, vnet->object.name)
				->also = first->use_remote_gateways.pos;
		else if (vnet->express_route)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': '%s' has a gateway of its own", name,
				 vnet->object.name)
				->also = vnet->express_route->object.pos;
		else if (!remote->express_route)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': '%s' has no gateway to use", name,
				 remote->object.name)
				->also = remote->object.pos;
		else if (!peering->reverse || !peering->reverse->allow_gateway_transit.value)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': '%s' does not say allow_gateway_transit: true",
				 name, remote->object.name)
				->also = peering->reverse ? peering->reverse->object.pos
							  : remote->object.pos;
		else
			vnet->used_express_route = remote->express_route;
		first = peering;
	}
}

/* A gateway that is offered, but is not there (R4.4). */
static void warn_transit(struct check *c, const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct peering *peering = &vnet->peerings.items[i];

		/* where the other side wants to use it, that is an error of its own */
		if (!peering->allow_gateway_transit.value || vnet->express_route ||
		    (peering->reverse && peering->reverse->use_remote_gateways.value))
			continue;
		diag_add(c->diags, DIAG_TRANSIT, peering->allow_gateway_transit.pos,
			 "peering '%s': '%s' has no gateway that '%.80s' could use",
			 peering->object.name, vnet->object.name, peering->remote.name);
	}
}

/* Number the sets of virtual networks that peerings join. */
static void mark_group(struct vnet *vnet, unsigned group)
{
	vnet->group = group;
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		struct peering *peering = &vnet->peerings.items[i];

		if (peering->state == PEERING_CONNECTED && !peering->remote_vnet->group)
			mark_group(peering->remote_vnet, group);
	}
}

static void check_gateway(struct check *c, struct gateway *gateway)
{
	struct vnet *vnet = resolve_vnet(c, &gateway->virtual_network);

	gateway->vnet = vnet;
	if (gateway->ip_configurations.count &&
	    gateway->ip_configurations.count != GATEWAY_INSTANCES)
		diag_add(c->diags, DIAG_BAD_VALUE, gateway->ip_configurations.items[0].pos,
			 "gateway '%s' has %d instances: 'ip_configurations' must list as many "
			 "addresses, not %zu",
			 gateway->object.name, GATEWAY_INSTANCES, gateway->ip_configurations.count);
	if (!vnet)
		return;
	if (vnet->express_route) {
		diag_add(c->diags, DIAG_GATEWAY_TAKEN, gateway->virtual_network.pos,
			 "gateway '%s': '%s' already has an ExpressRoute gateway",
			 gateway->object.name, vnet->object.name)
			->also = vnet->express_route->object.pos;
		return;
	}
	vnet->express_route = gateway;
	if (!vnet->gateway_subnet) {
		struct diag *diag =
			diag_add(c->diags, DIAG_NO_GATEWAY_SUBNET, gateway->virtual_network.pos,
				 "gateway '%s': '%s' has no subnet named GatewaySubnet",
				 gateway->object.name, vnet->object.name);

		diag->also = vnet->object.pos;
	}
}

void check_networks(struct check *c)
{
	struct lab *lab = c->lab;
	unsigned groups = 0;

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		lab->virtual_networks.items[i].index = (unsigned)i;
		check_vnet(c, &lab->virtual_networks.items[i]);
	}
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		for (size_t j = 0; j < vnet->peerings.count; j++)
			check_peering(c, vnet, &vnet->peerings.items[j]);
	}
	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++)
		check_gateway(c, &lab->virtual_network_gateways.items[i]);
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		pair_peerings(c, &lab->virtual_networks.items[i]);
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		check_remote_gateways(c, vnet);
		warn_transit(c, vnet);
		if (!vnet->location.value)
			vnet->location.value = lab->location.value;
		if (!vnet->group)
			mark_group(vnet, ++groups);
	}
}
