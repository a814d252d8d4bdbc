/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual networks, subnets and peerings. */
#include "lab/model/lab_check_parts.h"

#include "lab/base/cleanup.h"
#include "lab/model/claims.h"

#include <strings.h>

#define SUBNETS_MAX  3000 /* of one virtual network */
#define PEERINGS_MAX 500
#define PREFIXES_MAX 1000 /* ours, and what ExpressRoute announces at most (R6.15) */

#define IPV4_SUBNET_LEN 29 /* the longest */
#define IPV6_SUBNET_LEN 64 /* the only one */

/* R9.4 */
static const char *const reserved_spaces[] = {
	"224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32",
	"::/8",        "fe80::/10",          "ff00::/8",
};

/* What belongs to nobody on the Internet: private, shared, for benchmarks and for examples. */
static const char *const private_spaces[] = {
	"10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16",  "100.64.0.0/10",
	"198.18.0.0/15", "192.0.2.0/24",  "198.51.100.0/24", "203.0.113.0/24",
	"fc00::/7",      "2001:db8::/32", "3fff::/20",
};

/* The subnets that a service of Azure asks for by name, and how large it wants them. */
static const struct {
	const char *name, *service;
	unsigned longest; /* prefix */
} service_subnets[] = {
	{ "GatewaySubnet", "a gateway", 27 },
	{ "RouteServerSubnet", "Route Server", 27 },
	{ "AzureFirewallSubnet", "Azure Firewall", 26 },
	{ "AzureFirewallManagementSubnet", "Azure Firewall", 26 },
	{ "AzureBastionSubnet", "Azure Bastion", 26 },
};

const char *subnet_service(const struct subnet *subnet)
{
	for (size_t i = 0; i < ARRAY_SIZE(service_subnets); i++)
		if (!strcasecmp(subnet->object.name, service_subnets[i].name))
			return service_subnets[i].service;
	return NULL;
}

/* False, with a finding, when the prefix cannot be part of a virtual network at all. */
static bool check_space(struct check *c, const struct object *object, const struct space *space)
{
	struct prefix reserved;

	if (space->prefix.addr.family == IP_NONE)
		return false; /* the reader said why */
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

static void warn_public(struct check *c, const struct vnet *vnet, const struct space *space)
{
	struct prefix private;
	struct diag *diag;

	for (size_t i = 0; i < ARRAY_SIZE(private_spaces); i++)
		if (prefix_parse(private_spaces[i], &private) &&
		    prefix_overlaps(private, space->prefix))
			return;
	diag = diag_add(c->diags, DIAG_PUBLIC_SPACE, space->pos,
			"virtual network '%s': the addresses of %s are others' on the Internet",
			vnet->object.name, prefix_print(space->prefix).text);
	diag_hint(c->diags, diag, "%s",
		  space->prefix.addr.family == IP_V6
			  ? "private is fd00::/8"
			  : "private are 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16");
}

/* Is there one that could be read? Else there is a finding already. */
static bool has_prefix(const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family != IP_NONE)
			return true;
	return false;
}

/* Dual stack is IPv6 beside IPv4: alone it is refused. */
static void check_families(struct check *c, const char *noun, const struct object *object,
			   const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family != IP_V6)
			return; /* or it could not be read, and there is a finding already */
	if (spaces->count)
		diag_add(c->diags, DIAG_IP_FAMILY, spaces->items[0].pos,
			 "%s '%s' has no IPv4 prefix: IPv6 alone is not enough in Azure", noun,
			 object->name);
}

/* The first of its prefixes that has the family of this one, which is behind it; or NULL. */
static const struct space *first_of_family(const struct spaces *spaces, const struct space *space)
{
	for (const struct space *other = spaces->items; other != space; other++)
		if (other->prefix.addr.family == space->prefix.addr.family)
			return other;
	return NULL;
}

static void check_subnet_space(struct check *c, const struct vnet *vnet,
			       const struct subnet *subnet, const struct space *space)
{
	bool is_ipv6 = space->prefix.addr.family == IP_V6;
	const struct space *other = first_of_family(&subnet->address_prefix, space);

	if (!check_space(c, &subnet->object, space))
		return;
	if (other)
		diag_add(c->diags, DIAG_IP_FAMILY, space->pos,
			 "subnet '%s' has more than one %s prefix", subnet->object.name,
			 is_ipv6 ? "IPv6" : "IPv4")
			->also = other->pos;
	if (is_ipv6 && space->prefix.len != IPV6_SUBNET_LEN)
		diag_add(c->diags, DIAG_SUBNET_SIZE, space->pos,
			 "subnet '%s': the IPv6 prefix of a subnet is a /%d, not a /%u",
			 subnet->object.name, IPV6_SUBNET_LEN, space->prefix.len);
	if (!is_ipv6 && space->prefix.len > IPV4_SUBNET_LEN)
		diag_add(c->diags, DIAG_SUBNET_SIZE, space->pos,
			 "subnet '%s': a /%u has no address to give: Azure keeps five",
			 subnet->object.name, space->prefix.len);
	if (has_prefix(&vnet->address_prefixes) &&
	    !spaces_cover(&vnet->address_prefixes, space->prefix)) {
		struct diag *diag = diag_add(c->diags, DIAG_NOT_IN_SPACE, space->pos,
					     "subnet '%s': %s is not in the address space of '%s'",
					     subnet->object.name, prefix_print(space->prefix).text,
					     vnet->object.name);

		diag->also = vnet->address_prefixes.items[0].pos;
	}
}

static void check_subnet(struct check *c, struct vnet *vnet, struct subnet *subnet)
{
	subnet->vnet = vnet;
	if (!strcasecmp(subnet->object.name, "GatewaySubnet"))
		vnet->gateway_subnet = subnet;
	for (size_t i = 0; i < subnet->address_prefix.count; i++)
		check_subnet_space(c, vnet, subnet, &subnet->address_prefix.items[i]);
	check_families(c, "subnet", &subnet->object, &subnet->address_prefix);
}

static size_t count_prefixes(const struct vnet *vnet)
{
	size_t count = 0;

	for (size_t i = 0; i < vnet->subnets.count; i++)
		count += vnet->subnets.items[i].address_prefix.count;
	return count;
}

static void check_subnets(struct check *c, struct vnet *vnet)
{
	size_t count = vnet->subnets.count, claim_count = 0;
	CLEANUP(free_cleanup) struct claim *claims = claims_new(count_prefixes(vnet));

	for (size_t i = 0; i < count; i++) {
		struct subnet *subnet = &vnet->subnets.items[i];

		check_subnet(c, vnet, subnet);
		for (size_t n = 0; n < subnet->address_prefix.count; n++)
			claims[claim_count++] =
				(struct claim){ .space = &subnet->address_prefix.items[n],
						.owner = subnet };
	}
	find_overlaps(claims, claim_count);
	for (size_t i = 0; i < claim_count; i++) {
		const struct claim *other = claims[i].other;

		if (other)
			diag_add(c->diags, DIAG_OVERLAP, claims[i].space->pos,
				 "subnet '%s': %s overlaps subnet '%s'",
				 ((const struct subnet *)claims[i].owner)->object.name,
				 prefix_print(claims[i].space->prefix).text,
				 ((const struct subnet *)other->owner)->object.name)
				->also = other->space->pos;
	}
	if (count > SUBNETS_MAX)
		diag_add(c->diags, DIAG_LIMIT, vnet->subnets.items[SUBNETS_MAX].object.pos,
			 "virtual network '%s' has %zu subnets, the limit is %d", vnet->object.name,
			 count, SUBNETS_MAX);
}

/* Whether they cover something, or overlap with others, Azure does not ask (R6.22). */
static void check_summaries(struct check *c, const struct vnet *vnet)
{
	const struct spaces *summaries = &vnet->summarized_gateway_prefixes;

	for (size_t i = 0; i < summaries->count; i++) {
		const struct space *space = &summaries->items[i];

		if (check_space(c, &vnet->object, space) && space->prefix.addr.family == IP_V6)
			diag_add(c->diags, DIAG_BAD_VALUE, space->pos,
				 "virtual network '%s': %s is IPv6, which gateways of labs do not "
				 "announce",
				 vnet->object.name, prefix_print(space->prefix).text);
	}
}

static void check_vnet(struct check *c, struct vnet *vnet)
{
	const struct spaces *spaces = &vnet->address_prefixes;
	CLEANUP(free_cleanup) struct claim *claims = claims_new(spaces->count);
	unsigned longest;

	for (size_t i = 0; i < spaces->count; i++) {
		const struct space *space = &spaces->items[i];

		claims[i].space = space;
		claims[i].owner = space;
		if (!check_space(c, &vnet->object, space))
			continue;
		warn_public(c, vnet, space);
		longest = space->prefix.addr.family == IP_V6 ? IPV6_SUBNET_LEN : IPV4_SUBNET_LEN;
		if (space->prefix.len > longest)
			diag_add(c->diags, DIAG_SUBNET_SIZE, space->pos,
				 "virtual network '%s': a /%u has no room for a subnet, the "
				 "smallest is a /%u",
				 vnet->object.name, space->prefix.len, longest);
	}
	check_families(c, "virtual network", &vnet->object, spaces);
	find_overlaps(claims, spaces->count);
	for (size_t i = 0; i < spaces->count; i++)
		if (claims[i].other)
			diag_add(c->diags, DIAG_OVERLAP, claims[i].space->pos,
				 "virtual network '%s': %s overlaps %s", vnet->object.name,
				 prefix_print(claims[i].space->prefix).text,
				 prefix_print(claims[i].other->space->prefix).text)
				->also = claims[i].other->space->pos;
	if (spaces->count > PREFIXES_MAX)
		diag_add(c->diags, DIAG_LIMIT, spaces->items[PREFIXES_MAX].pos,
			 "virtual network '%s' has %zu address prefixes, the limit is %d",
			 vnet->object.name, spaces->count, PREFIXES_MAX);
	check_summaries(c, vnet);
	check_subnets(c, vnet);
}

/* What a peering brings: the address space of the other side; NULL stands for the own one. */
static size_t add_claims(struct claim *claims, const struct vnet *vnet,
			 const struct peering *peering)
{
	const struct spaces *spaces = &vnet->address_prefixes;
	size_t count = spaces->count < PREFIXES_MAX ? spaces->count : PREFIXES_MAX;

	for (size_t i = 0; i < count; i++)
		claims[i] = (struct claim){ .space = &spaces->items[i], .owner = peering };
	return count;
}

static void peering_overlaps(struct check *c, const struct vnet *vnet, const struct claim *claim)
{
	const struct peering *peering = claim->owner, *other = claim->other->owner;
	struct diag *diag;

	diag = diag_add(c->diags, DIAG_PEERING_OVERLAP, peering->remote.pos,
			"peering '%s': %s of '%s' overlaps %s of '%s'%s", peering->object.name,
			prefix_print(claim->space->prefix).text, peering->remote_vnet->object.name,
			prefix_print(claim->other->space->prefix).text,
			other ? other->remote_vnet->object.name : vnet->object.name,
			other ? ", which is peered too" : "");
	diag->also = other ? other->object.pos : claim->space->pos;
}

/* The address spaces of a virtual network and of all that are peered with it (R4.1). */
static void check_peering_overlaps(struct check *c, const struct vnet *vnet)
{
	size_t count = vnet->address_prefixes.count;
	const struct peering *last = NULL;
	CLEANUP(free_cleanup) struct claim *claims = NULL;

	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].remote_vnet)
			count += vnet->peerings.items[i].remote_vnet->address_prefixes.count;
	if (!vnet->peerings.count)
		return;
	claims = claims_new(count);
	count = add_claims(claims, vnet, NULL);
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct peering *peering = &vnet->peerings.items[i];

		if (peering->remote_vnet)
			count += add_claims(claims + count, peering->remote_vnet, peering);
	}
	find_overlaps(claims, count);
	for (size_t i = 0; i < count; i++) {
		if (!claims[i].other || claims[i].owner == last)
			continue;
		last = claims[i].owner; /* one finding a peering */
		peering_overlaps(c, vnet, &claims[i]);
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
}

static void check_peerings(struct check *c, struct vnet *vnet)
{
	size_t count = vnet->peerings.count;

	for (size_t i = 0; i < count; i++)
		check_peering(c, vnet, &vnet->peerings.items[i]);
	check_peering_overlaps(c, vnet);
	if (count > PEERINGS_MAX)
		diag_add(c->diags, DIAG_SCALE, vnet->peerings.items[PEERINGS_MAX].object.pos,
			 "virtual network '%s' has %zu peerings, Azure takes %d", vnet->object.name,
			 count, PEERINGS_MAX);
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

		if (remote)
			peering->reverse = vnet_find_peering(remote, vnet);
		peering->state = peering->reverse ? PEERING_CONNECTED : PEERING_INITIATED;
		if (remote && !peering->reverse && is_resolved(remote))
			warn_initiated(c, vnet, peering);
	}
}

/* What others can use, if it has something. */
static const struct object *first_gateway(const struct vnet *vnet)
{
	return vnet->express_route  ? &vnet->express_route->object
	       : vnet->vpn          ? &vnet->vpn->object
	       : vnet->route_server ? &vnet->route_server->object
				    : NULL;
}

/* R4.4 */
static void check_remote_gateways(struct check *c, struct vnet *vnet)
{
	const struct object *own = first_gateway(vnet);
	const struct peering *first = NULL;

	vnet->hub = own ? vnet : NULL;
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
		else if (own)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': '%s' has a %s of its own", name, vnet->object.name,
				 vnet->express_route || vnet->vpn ? "gateway" : "Route Server")
				->also = own->pos;
		else if (!vnet_has_gateways(remote))
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
			vnet->hub = remote;
		first = peering;
	}
}

/* A gateway that is offered, but is not there (R4.4). */
static void warn_transit(struct check *c, const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct peering *peering = &vnet->peerings.items[i];

		/* where the other side wants to use it, that is an error of its own */
		if (!peering->allow_gateway_transit.value || vnet_has_gateways(vnet) ||
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

/* A subnet that is too small for what its name says it is for. */
static void warn_service_subnet(struct check *c, const struct subnet *subnet)
{
	const struct space *space = NULL;

	for (size_t i = 0; !space && i < subnet->address_prefix.count; i++)
		if (subnet->address_prefix.items[i].prefix.addr.family == IP_V4)
			space = &subnet->address_prefix.items[i];
	for (size_t i = 0; space && i < ARRAY_SIZE(service_subnets); i++) {
		if (strcasecmp(subnet->object.name, service_subnets[i].name) != 0 ||
		    space->prefix.len <= service_subnets[i].longest ||
		    space->prefix.len > IPV4_SUBNET_LEN)
			continue;
		diag_add(c->diags, DIAG_SERVICE_SUBNET, space->pos,
			 "subnet '%s' of '%s': a /%u is too small, %s wants a /%u or larger",
			 subnet->object.name, subnet->vnet->object.name, space->prefix.len,
			 service_subnets[i].service, service_subnets[i].longest);
	}
}

/* ExpressRoute of labs has no IPv6 peering. */
static void warn_not_announced(struct check *c, const struct vnet *vnet)
{
	for (size_t i = 0; vnet->hub && i < vnet->address_prefixes.count; i++) {
		const struct space *space = &vnet->address_prefixes.items[i];

		if (space->prefix.addr.family != IP_V6)
			continue;
		diag_add(c->diags, DIAG_IPV6_GATEWAY, space->pos,
			 "virtual network '%s': the gateways of '%s' do not announce %s: in labs "
			 "their "
			 "sessions are of IPv4 alone",
			 vnet->object.name, vnet->hub->object.name,
			 prefix_print(space->prefix).text)
			->also = vnet->hub->object.pos;
		return;
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
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		check_peerings(c, &lab->virtual_networks.items[i]);
	check_gateways(c);
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		pair_peerings(c, &lab->virtual_networks.items[i]);
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		check_remote_gateways(c, vnet);
		warn_transit(c, vnet);
		warn_not_announced(c, vnet);
		for (size_t j = 0; j < vnet->subnets.count; j++)
			warn_service_subnet(c, &vnet->subnets.items[j]);
		if (!vnet->location.value)
			vnet->location.value = lab->location.value;
		if (!vnet->group)
			mark_group(vnet, ++groups);
	}
}
