/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/gateway_routes.h"

#include <stdlib.h>
#include <string.h>

static void *allocate(size_t count, size_t size)
{
	void *items = calloc(count + 1, size);

	if (!items)
		abort();
	return items;
}

static int compare(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

/* MSEEs in the order of the file, whatever numbers their ports have. */
static int way_compare(const void *a, const void *b)
{
	const struct way *x = a, *y = b;
	int order = prefix_compare(x->prefix, y->prefix);

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
	if (weight_of(way) == weight_of(best) && way->path->count > best->path->count)
		return WAY_LONGER_PATH;
	return WAY_USED;
}

static struct next_hop next_hop_of(const struct way *way)
{
	const struct node *msee = way->msee->node;

	return (struct next_hop){ .ip = msee->circuit->msee_ip[msee->path], .port = way->msee };
}

/* Both gateway instances hear the same MSEEs: each is one next hop. */
static void add_next_hop(struct next_hop *hops, size_t *count, const struct way *way)
{
	struct next_hop hop = next_hop_of(way);

	for (size_t i = 0; i < *count; i++)
		if (hops[i].port == hop.port)
			return;
	hops[(*count)++] = hop;
}

static struct gateway_route *route_new(const struct way *ways, size_t count, const struct way *best)
{
	struct gateway_route *route =
		calloc(1, sizeof(*route) + count * sizeof(*route->next_hops.items));
	struct next_hop *hops;

	if (!route)
		abort();
	hops = (struct next_hop *)(route + 1);
	route->prefix = best->prefix;
	route->best = *best;
	for (size_t i = 0; i < count; i++)
		if (ways[i].fate == WAY_USED)
			add_next_hop(hops, &route->next_hops.count, &ways[i]);
	route->next_hops.items = hops;
	return route;
}

/* All ways to one prefix: which are used, and why the others are not. NULL when none is. */
static struct gateway_route *choose(const struct gateway *gateway, struct way *ways, size_t count)
{
	static const struct prefix link_local = { { { 169, 254 }, IP_V4 }, 16 };
	enum way_fate common = prefix_covers(link_local, ways[0].prefix) ? WAY_LINK_LOCAL
			       : is_own(gateway, ways[0].prefix)         ? WAY_OWN_PREFIX
									 : WAY_USED;
	const struct way *best = &ways[0];

	for (size_t i = 1; i < count; i++)
		if (fate_beside(best, &ways[i]) != WAY_USED)
			best = &ways[i];
	for (size_t i = 0; i < count; i++)
		ways[i].fate = common != WAY_USED ? common : fate_beside(&ways[i], best);
	return common == WAY_USED ? route_new(ways, count, best) : NULL;
}

/* What both instances have heard from MSEEs, in order. */
static void collect_ways(struct gateway_routes *out, const struct learned *learned)
{
	const struct rib *ribs[GATEWAY_INSTANCES];
	size_t count = 0;

	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++) {
		ribs[n] = &learned->ribs[bgp_find_instance(learned->graph, out->gateway, n)->index];
		count += ribs[n]->count;
	}
	free(out->ways.items);
	out->ways.items = allocate(count, sizeof(*out->ways.items));
	out->ways.count = 0;
	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
		for (size_t i = 0; i < ribs[n]->count; i++) {
			const struct rib_route *route = &ribs[n]->routes[i];

			if (route->class == BGP_CLASS_MSEE)
				out->ways.items[out->ways.count++] =
					(struct way){ .prefix = route->prefix,
						      .path = route->path,
						      .msee = route->from->peer->interface };
		}
	qsort(out->ways.items, out->ways.count, sizeof(*out->ways.items), way_compare);
}

static bool route_equal(const struct gateway_route *a, const struct gateway_route *b)
{
	if (a->best.path != b->best.path || a->best.msee != b->best.msee ||
	    a->next_hops.count != b->next_hops.count)
		return false;
	for (size_t i = 0; i < a->next_hops.count; i++)
		if (a->next_hops.items[i].port != b->next_hops.items[i].port)
			return false;
	return true;
}

static void free_retired(struct gateway_routes *routes)
{
	for (size_t i = 0; i < routes->retired.count; i++)
		free(routes->retired.items[i]);
	free(routes->retired.items);
	routes->retired.items = NULL;
	routes->retired.count = 0;
}

/* The old list and the new one are in order: what both have equal stays the same object. */
struct merge {
	struct gateway_routes *routes;
	struct gateway_route **old;
	size_t old_count, at;
	struct prefixes *changed;
};

static void note(struct merge *m, struct prefix prefix)
{
	m->changed->items[m->changed->count++] = prefix;
}

static void retire(struct merge *m)
{
	m->routes->retired.items[m->routes->retired.count++] = m->old[m->at++];
}

/* Old ones before `prefix` are gone. */
static void skip_to(struct merge *m, struct prefix prefix)
{
	while (m->at < m->old_count && prefix_compare(m->old[m->at]->prefix, prefix) < 0) {
		note(m, m->old[m->at]->prefix);
		retire(m);
	}
}

static void merge(struct merge *m, struct gateway_route *route)
{
	struct gateway_routes *routes = m->routes;

	skip_to(m, route->prefix);
	if (m->at < m->old_count && prefix_equal(m->old[m->at]->prefix, route->prefix)) {
		if (route_equal(m->old[m->at], route)) {
			free(route);
			routes->routes.items[routes->routes.count++] = m->old[m->at++];
			return;
		}
		retire(m);
	}
	note(m, route->prefix);
	routes->routes.items[routes->routes.count++] = route;
}

void gateway_routes_learn(struct gateway_routes *routes, const struct learned *learned,
			  struct prefixes *changed)
{
	struct merge m = { .routes = routes,
			   .old = routes->routes.items,
			   .old_count = routes->routes.count,
			   .changed = changed };
	struct way *ways;

	collect_ways(routes, learned);
	ways = routes->ways.items;
	free_retired(routes);
	routes->retired.items = allocate(m.old_count, sizeof(struct gateway_route *));
	routes->routes.items = allocate(routes->ways.count, sizeof(struct gateway_route *));
	routes->routes.count = 0;
	changed->items =
		realloc(changed->items, (changed->count + m.old_count + routes->ways.count + 1) *
						sizeof(*changed->items));
	if (!changed->items)
		abort();
	for (size_t first = 0, end; first < routes->ways.count; first = end) {
		struct gateway_route *route;

		for (end = first + 1;
		     end < routes->ways.count && prefix_equal(ways[end].prefix, ways[first].prefix);
		     end++)
			;
		route = choose(routes->gateway, ways + first, end - first);
		if (route)
			merge(&m, route);
	}
	while (m.at < m.old_count) {
		note(&m, m.old[m.at]->prefix);
		retire(&m);
	}
	free(m.old);
}

struct gateway_routes *gateway_routes_new(const struct gateway *gateway,
					  const struct learned *learned)
{
	struct gateway_routes *routes = allocate(1, sizeof(*routes));
	struct prefixes changed = { 0 };

	routes->gateway = gateway;
	gateway_routes_learn(routes, learned, &changed);
	free(changed.items);
	return routes;
}

void gateway_routes_free(struct gateway_routes *routes)
{
	if (!routes)
		return;
	free_retired(routes);
	for (size_t i = 0; i < routes->routes.count; i++)
		free(routes->routes.items[i]);
	free(routes->routes.items);
	free(routes->ways.items);
	free(routes);
}

const struct gateway_route *gateway_routes_find(const struct gateway_routes *routes,
						struct prefix prefix)
{
	size_t low = 0, high = routes->routes.count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = prefix_compare(routes->routes.items[middle]->prefix, prefix);

		if (!order)
			return routes->routes.items[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
