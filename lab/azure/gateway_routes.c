/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/gateway_routes.h"

#include <stdlib.h>

static int compare(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

/* MSEEs in the order of the file, whatever numbers their ports have. */
static int way_compare(const void *a, const void *b)
{
	const struct way *x = a, *y = b;
	int order = prefix_compare(x->route->prefix, y->route->prefix);

	if (!order)
		order = compare(x->msee->node->circuit->index, y->msee->node->circuit->index);
	if (!order)
		order = compare(x->msee->node->path, y->msee->node->path);
	return order ? order
		     : compare(x->msee->connection->index_in_circuit,
			       y->msee->connection->index_in_circuit);
}

/* R7.20: a range of its virtual network or of one that uses it. */
static bool is_own(const struct gateway *gateway, struct prefix prefix)
{
	const struct vnet *hub = gateway->vnet;

	if (vnet_has_range(hub, prefix))
		return true;
	for (size_t i = 0; i < hub->peerings.count; i++) {
		const struct vnet *spoke = hub->peerings.items[i].remote_vnet;

		if (spoke && spoke->used_express_route == gateway && vnet_has_range(spoke, prefix))
			return true;
	}
	return false;
}

static double weight_of(const struct way *way)
{
	return way->msee->connection->routing_weight.value;
}

/* R6.12: the higher connection weight, then the shorter path; what is equal shares the traffic. */
static enum way_fate fate_beside(const struct way *way, const struct way *best)
{
	if (weight_of(way) < weight_of(best))
		return WAY_LOWER_WEIGHT;
	if (weight_of(way) == weight_of(best) && way->route->path->count > best->route->path->count)
		return WAY_LONGER_PATH;
	return WAY_USED;
}

static void add_next_hop(struct gateway_routes *out, struct gateway_route *route,
			 const struct interface *msee)
{
	for (size_t i = 0; i < route->next_hops.count; i++)
		if (route->next_hops.items[i].connection == msee->connection &&
		    route->next_hops.items[i].path == msee->node->path)
			return; /* both gateway instances hear the same MSEEs */
	*ARENA_PUSH(out->arena, route->next_hops.items, route->next_hops.count) =
		(struct next_hop){ .ip = msee->node->circuit->msee_ip[msee->node->path],
				   .connection = msee->connection,
				   .path = msee->node->path };
}

/* All ways to one prefix: which are used, and why the others are not. */
static void choose(struct gateway_routes *out, struct way *ways, size_t count)
{
	static const struct prefix link_local = { { IP_V4, { 169, 254 } }, 16 };
	struct prefix prefix = ways[0].route->prefix;
	enum way_fate common = prefix_covers(link_local, prefix) ? WAY_LINK_LOCAL
			       : is_own(out->gateway, prefix)    ? WAY_OWN_PREFIX
								 : WAY_USED;
	const struct way *best = &ways[0];
	struct gateway_route *route;

	for (size_t i = 1; i < count; i++)
		if (fate_beside(best, &ways[i]) != WAY_USED)
			best = &ways[i];
	for (size_t i = 0; i < count; i++)
		ways[i].fate = common != WAY_USED ? common : fate_beside(&ways[i], best);
	if (common != WAY_USED)
		return;
	route = ARENA_PUSH(out->arena, out->routes.items, out->routes.count);
	route->prefix = prefix;
	route->best = best;
	for (size_t i = 0; i < count; i++)
		if (ways[i].fate == WAY_USED)
			add_next_hop(out, route, ways[i].msee);
}

struct gateway_routes *gateway_routes_new(const struct gateway *gateway,
					  const struct learned *learned)
{
	struct arena *arena = arena_new();
	struct gateway_routes *out = arena_alloc(arena, sizeof(*out));
	struct way *ways;

	out->arena = arena;
	out->gateway = gateway;
	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++) {
		const struct bgp_speaker *speaker = bgp_find_instance(learned->graph, gateway, n);
		const struct rib *rib = &learned->ribs[speaker->index];

		for (size_t i = 0; i < rib->count; i++)
			if (rib->routes[i].class == BGP_CLASS_MSEE)
				*ARENA_PUSH(arena, out->ways.items, out->ways.count) = (struct way){
					.route = &rib->routes[i],
					.msee = rib->routes[i].from->peer->interface
				};
	}
	ways = out->ways.items;
	if (out->ways.count)
		qsort(ways, out->ways.count, sizeof(*ways), way_compare);
	for (size_t first = 0, end; first < out->ways.count; first = end) {
		for (end = first + 1;
		     end < out->ways.count &&
		     prefix_equal(ways[end].route->prefix, ways[first].route->prefix);
		     end++)
			;
		choose(out, ways + first, end - first);
	}
	return out;
}

void gateway_routes_free(struct gateway_routes *routes)
{
	if (routes)
		arena_free(routes->arena);
}

const struct gateway_route *gateway_routes_find(const struct gateway_routes *routes,
						struct prefix prefix)
{
	size_t low = 0, high = routes->routes.count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = prefix_compare(routes->routes.items[middle].prefix, prefix);

		if (!order)
			return &routes->routes.items[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
