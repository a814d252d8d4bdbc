/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/bgp_solve.h"

#include <stdlib.h>
#include <string.h>

#define PREFERENCE_OWN 200 /* BIRD's own for static routes */
#define PATH_MAX_ASNS  256

struct solver {
	const struct bgp_graph *graph;
	struct as_paths *paths;
	struct rib *ribs;
};

static unsigned preference(const struct rib_route *route)
{
	return route->from ? route->from->preference : PREFERENCE_OWN;
}

/* Would the daemon prefer a to b? Both are for one prefix. */
static bool is_better(const struct rib_route *a, const struct rib_route *b)
{
	if (preference(a) != preference(b))
		return preference(a) > preference(b);
	if (a->path->count != b->path->count)
		return a->path->count < b->path->count;
	if (!a->from || !b->from)
		return !a->from;
	/* between equal external paths: the lower router id, then the lower address */
	if (!ip_equal(a->from->peer->speaker->router_id, b->from->peer->speaker->router_id))
		return ip_compare(a->from->peer->speaker->router_id,
				  b->from->peer->speaker->router_id) < 0;
	return ip_compare(a->from->peer->interface->ip, b->from->peer->interface->ip) < 0;
}

/* The path as `end` tells it: private numbers stripped where it does that, its own in front. */
static const struct as_path *told_path(struct solver *s, const struct bgp_end *end,
				       const struct as_path *path)
{
	uint32_t asns[PATH_MAX_ASNS];
	size_t count = 0;

	asns[count++] = end->speaker->asn;
	for (size_t i = 0; i < path->count && count < PATH_MAX_ASNS; i++)
		if (!end->strips_private_asns || !asn_is_private(path->asns[i]))
			asns[count++] = path->asns[i];
	return as_path_get(s->paths, asns, count);
}

static size_t count_asn(const struct as_path *path, uint32_t asn)
{
	size_t count = 0;

	for (size_t i = 0; i < path->count; i++)
		count += path->asns[i] == asn;
	return count;
}

static bool is_told(const struct bgp_end *end, const struct rib_route *route)
{
	if (!route->is_best || !(end->sends & BGP_CLASS_BIT(route->class)) || route->from == end)
		return false;
	if (route->class != BGP_CLASS_STATIC)
		return true;
	for (size_t i = 0; i < end->speaker->networks.count; i++) {
		const struct bgp_network *network = &end->speaker->networks.items[i];

		if (network->via == end && prefix_equal(network->prefix, route->prefix))
			return false;
	}
	return true;
}

static bool is_accepted(const struct bgp_end *end, struct prefix prefix, const struct as_path *path)
{
	if (count_asn(path, end->speaker->asn) > (end->accepts_own_asn ? 1 : 0))
		return false;
	for (size_t i = 0; end->own && i < end->own->address_prefixes.count; i++)
		if (prefix_covers(end->own->address_prefixes.items[i].prefix, prefix))
			return false;
	return true;
}

struct collected {
	struct rib_route *items;
	size_t count, capacity;
};

static void collect(struct collected *all, struct rib_route route)
{
	if (all->count == all->capacity) {
		all->capacity = all->capacity ? all->capacity * 2 : 64;
		all->items = realloc(all->items, all->capacity * sizeof(*all->items));
		if (!all->items)
			abort();
	}
	all->items[all->count++] = route;
}

/* Everything a speaker has for itself, and what its peers tell it now. */
static void gather(struct solver *s, const struct bgp_speaker *speaker, struct collected *all)
{
	for (size_t i = 0; i < speaker->networks.count; i++) {
		const struct bgp_network *network = &speaker->networks.items[i];
		struct ip via = network->via ? network->via->peer->interface->ip : (struct ip){ 0 };

		collect(all, (struct rib_route){ .prefix = network->prefix,
						 .class = network->class,
						 .next_hop = via,
						 .path = as_path_get(s->paths, network->path.items,
								     network->path.count) });
	}
	for (size_t i = 0; i < speaker->ends.count; i++) {
		const struct bgp_end *end = speaker->ends.items[i], *peer = end->peer;
		const struct rib *told = &s->ribs[peer->speaker->index];

		for (size_t n = 0; n < told->count; n++) {
			const struct rib_route *route = &told->routes[n];
			const struct as_path *path;

			if (!is_told(peer, route))
				continue;
			path = told_path(s, peer, route->path);
			if (is_accepted(end, route->prefix, path))
				collect(all, (struct rib_route){ .prefix = route->prefix,
								 .from = end,
								 .class = end->learns,
								 .next_hop = peer->interface->ip,
								 .path = path });
		}
	}
}

static void mark_best(struct rib *rib)
{
	for (size_t first = 0, end; first < rib->count; first = end) {
		size_t best = first;

		for (end = first + 1; end < rib->count && prefix_equal(rib->routes[end].prefix,
								       rib->routes[first].prefix);
		     end++)
			if (is_better(&rib->routes[end], &rib->routes[best]))
				best = end;
		rib->routes[best].is_best = true;
	}
}

/* True when the speaker now knows something else than before. */
static bool settle(struct solver *s, const struct bgp_speaker *speaker)
{
	struct rib *known = &s->ribs[speaker->index], sorted = { 0 }, now = { 0 };
	struct collected all = { 0 };
	bool is_changed;

	gather(s, speaker, &all);
	rib_assign(&sorted, all.items, all.count);
	mark_best(&sorted);
	rib_assign(&now, sorted.routes, sorted.count);
	is_changed = !rib_equal(known, &now);
	rib_fini(known);
	*known = now;
	rib_fini(&sorted);
	free(all.items);
	return is_changed;
}

struct rib *bgp_solve(const struct bgp_graph *graph, struct as_paths *paths)
{
	struct solver s = { .graph = graph, .paths = paths };
	/* BGP need not settle; in so many rounds every path has crossed every speaker twice */
	size_t rounds = 2 * graph->speakers.count + 2;
	bool is_changed = true;

	s.ribs = calloc(graph->speakers.count + 1, sizeof(*s.ribs));
	if (!s.ribs)
		abort();
	while (is_changed && rounds--) {
		is_changed = false;
		for (size_t i = 0; i < graph->speakers.count; i++)
			is_changed |= settle(&s, graph->speakers.items[i]);
	}
	return s.ribs;
}

void bgp_ribs_free(struct rib *ribs, const struct bgp_graph *graph)
{
	for (size_t i = 0; ribs && i < graph->speakers.count; i++)
		rib_fini(&ribs[i]);
	free(ribs);
}
