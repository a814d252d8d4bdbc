/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/effective_routes.h"

#include <stdlib.h>
#include <strings.h>

const char *route_source_name(enum route_source source)
{
	switch (source) {
	case SOURCE_DEFAULT:
		return "Default";
	case SOURCE_GATEWAY:
		return "VirtualNetworkGateway";
	}
	return "";
}

const char *route_state_name(enum route_state state)
{
	switch (state) {
	case ROUTE_ACTIVE:
		return "Active";
	case ROUTE_INVALID:
		return "Invalid";
	}
	return "";
}

const char *next_hop_type_name(enum next_hop_type type)
{
	return choice_name(next_hop_type_names, type);
}

/* R2.4, the list of 2026, in Azure's order. */
static const char *const none_prefixes[] = {
	"10.0.0.0/8",     "127.0.0.0/8",   "100.64.0.0/10", "172.16.0.0/12",  "25.176.0.0/13",
	"25.152.0.0/14",  "25.184.0.0/14", "25.4.0.0/14",   "25.148.0.0/15",  "198.18.0.0/15",
	"25.150.0.0/16",  "25.156.0.0/16", "25.159.0.0/16", "40.109.0.0/16",  "192.168.0.0/16",
	"104.147.0.0/16", "157.59.0.0/16", "40.108.0.0/17", "104.146.0.0/17", "23.103.0.0/18",
	"20.35.252.0/22",
};

struct table {
	struct effective_routes *out;
	const struct vnet *vnet;
};

static struct effective_route *add_row(struct table *t, enum route_source source,
				       enum next_hop_type type, struct prefix prefix)
{
	struct effective_route *row =
		ARENA_PUSH(t->out->arena, t->out->routes.items, t->out->routes.count);

	*row = (struct effective_route){ .source = source, .type = type, .prefix = prefix };
	return row;
}

static bool is_covered(const struct spaces *spaces, struct prefix prefix)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (prefix_covers(spaces->items[i].prefix, prefix))
			return true;
	return false;
}

/* Equal to or inside a range of the virtual network or of a directly peered one. */
static bool is_local_or_peered(const struct vnet *vnet, struct prefix prefix)
{
	if (is_covered(&vnet->address_prefixes, prefix))
		return true;
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].state == PEERING_CONNECTED &&
		    is_covered(&vnet->peerings.items[i].remote_vnet->address_prefixes, prefix))
			return true;
	return false;
}

/* R2.1 */
static void add_local(struct table *t)
{
	for (size_t i = 0; i < t->vnet->address_prefixes.count; i++)
		add_row(t, SOURCE_DEFAULT, NEXT_HOP_VNET_LOCAL,
			t->vnet->address_prefixes.items[i].prefix);
}

/* R2.7; the flag allow_virtual_network_access does not count here (R4.2) */
static void add_peerings(struct table *t, enum next_hop_type type)
{
	for (size_t i = 0; i < t->vnet->peerings.count; i++) {
		const struct peering *peering = &t->vnet->peerings.items[i];
		const struct vnet *remote = peering->remote_vnet;
		bool is_global;

		if (peering->state != PEERING_CONNECTED)
			continue;
		is_global = strcasecmp(remote->location.value, t->vnet->location.value) != 0;
		if (is_global != (type == NEXT_HOP_VNET_GLOBAL_PEERING))
			continue;
		for (size_t n = 0; n < remote->address_prefixes.count; n++)
			add_row(t, SOURCE_DEFAULT, type, remote->address_prefixes.items[n].prefix);
	}
}

/* One way to a learned prefix. */
struct candidate {
	const struct rib_route *route;
	const struct interface *msee;
};

static int compare(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

/* MSEEs in the order of the file, whatever numbers their ports have. */
static int candidate_compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = prefix_compare(x->route->prefix, y->route->prefix);

	if (!order)
		order = compare(x->msee->node->circuit->index, y->msee->node->circuit->index);
	if (!order)
		order = compare(x->msee->node->path, y->msee->node->path);
	return order ? order
		     : compare(x->msee->connection->index_in_circuit,
			       y->msee->connection->index_in_circuit);
}

/* Can this route become a row at all? */
static bool is_programmed(const struct vnet *vnet, const struct rib_route *route)
{
	static const struct prefix link_local = { { IP_V4, { 169, 254 } }, 16 };

	if (route->class != BGP_CLASS_MSEE)
		return false;
	/* R3.5, R3.4; providers' link addresses are in no NIC's table */
	return !is_local_or_peered(vnet, route->prefix) &&
	       !prefix_covers(link_local, route->prefix);
}

/* R6.12: the higher connection weight, then the shorter path; what is equal shares the traffic. */
static bool is_preferred(const struct candidate *a, const struct candidate *b)
{
	double weight_a = a->msee->connection->routing_weight.value;
	double weight_b = b->msee->connection->routing_weight.value;

	if (weight_a != weight_b)
		return weight_a > weight_b;
	return a->route->path->count < b->route->path->count;
}

static bool has_next_hop(const struct effective_route *row, const struct interface *msee)
{
	for (size_t i = 0; i < row->next_hops.count; i++)
		if (row->next_hops.items[i].connection == msee->connection &&
		    row->next_hops.items[i].path == msee->node->path)
			return true;
	return false;
}

static void add_gateway_row(struct table *t, const struct candidate *candidates, size_t count)
{
	const struct candidate *best = &candidates[0];
	struct effective_route *row;

	for (size_t i = 1; i < count; i++)
		if (is_preferred(&candidates[i], best))
			best = &candidates[i];
	row = add_row(t, SOURCE_GATEWAY, NEXT_HOP_VIRTUAL_NETWORK_GATEWAY, best->route->prefix);
	for (size_t i = 0; i < count; i++) {
		const struct interface *msee = candidates[i].msee;

		if (is_preferred(best, &candidates[i]) || has_next_hop(row, msee))
			continue; /* both gateway instances hear the same MSEEs */
		*ARENA_PUSH(t->out->arena, row->next_hops.items, row->next_hops.count) =
			(struct next_hop){ .ip = msee->node->circuit->msee_ip[msee->node->path],
					   .connection = msee->connection,
					   .path = msee->node->path };
	}
}

/* R2.8, R6.8: what the gateway of this network, or the one it uses, has learned. */
static void add_learned(struct table *t, const struct learned *learned)
{
	const struct gateway *gateway = t->vnet->used_express_route;
	struct candidate *candidates = NULL;
	size_t count = 0;

	if (!gateway)
		return;
	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++) {
		const struct bgp_speaker *speaker = bgp_find_instance(learned->graph, gateway, n);
		const struct rib *rib = &learned->ribs[speaker->index];

		for (size_t i = 0; i < rib->count; i++)
			if (is_programmed(t->vnet, &rib->routes[i]))
				*ARENA_PUSH(t->out->arena, candidates, count) =
					(struct candidate){ &rib->routes[i],
							    rib->routes[i].from->peer->interface };
	}
	if (count)
		qsort(candidates, count, sizeof(*candidates), candidate_compare);
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count && prefix_equal(candidates[end].route->prefix,
								  candidates[first].route->prefix);
		     end++)
			;
		add_gateway_row(t, candidates + first, end - first);
	}
}

static bool is_learned(const struct table *t, struct prefix prefix)
{
	for (size_t i = 0; i < t->out->routes.count; i++)
		if (t->out->routes.items[i].source == SOURCE_GATEWAY &&
		    prefix_equal(t->out->routes.items[i].prefix, prefix))
			return true;
	return false;
}

static void add_internet_and_none(struct table *t)
{
	struct prefix any = { ip4(0), 0 }, prefix;

	if (is_learned(t, any)) /* R2.2, R2.5 */
		return;
	add_row(t, SOURCE_DEFAULT, NEXT_HOP_INTERNET, any);
	for (size_t i = 0; i < ARRAY_SIZE(none_prefixes); i++) {
		if (!prefix_parse(none_prefixes[i], &prefix))
			continue;
		/* R2.3, R2.14; R1.8 */
		if (!is_local_or_peered(t->vnet, prefix) && !is_learned(t, prefix))
			add_row(t, SOURCE_DEFAULT, NEXT_HOP_NONE, prefix);
	}
}

struct effective_routes *effective_routes_new(const struct subnet *subnet,
					      const struct learned *learned)
{
	struct arena *arena = arena_new();
	struct effective_routes *out = arena_alloc(arena, sizeof(*out));
	struct table t = { .out = out, .vnet = subnet->vnet };

	out->arena = arena;
	add_local(&t);
	add_peerings(&t, NEXT_HOP_VNET_PEERING);
	add_learned(&t, learned);
	add_internet_and_none(&t);
	add_peerings(&t, NEXT_HOP_VNET_GLOBAL_PEERING);
	return out;
}

void effective_routes_free(struct effective_routes *routes)
{
	if (routes)
		arena_free(routes->arena);
}

const struct effective_route *effective_routes_lookup(const struct effective_routes *routes,
						      struct ip ip)
{
	const struct effective_route *best = NULL;

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		if (row->state == ROUTE_ACTIVE && prefix_has_ip(row->prefix, ip) &&
		    (!best || row->prefix.len > best->prefix.len))
			best = row;
	}
	return best;
}
