/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/bgp_solve.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PATH_MAX_ASNS 256

struct solver {
	const struct bgp_graph *graph;
	struct as_paths *paths;
	struct rib *ribs;
	bool is_limited; /* a session was ended since the last look */
	bool is_express_route_only;
};

/* ---- which is the best ---- */

static unsigned preference(const struct rib_route *route)
{
	return route->from ? route->from->preference : BGP_PREFERENCE_OWN;
}

/* Is it of the same AS that told it? */
static bool is_internal(const struct rib_route *route)
{
	return bgp_end_is_internal(route->from);
}

/*
 * What decides as long as routes of several neighbours can be used at once, in BIRD's order: below
 * 0 when a is better. Metrics to next hops are not compared (`igp metric off`).
 */
static int compare_cost(const struct rib_route *a, const struct rib_route *b)
{
	if (preference(a) != preference(b))
		return preference(a) > preference(b) ? -1 : 1;
	if (!a->from || !b->from)
		return a->from ? 1 : b->from ? -1 : 0;
	if (a->local_pref != b->local_pref)
		return a->local_pref > b->local_pref ? -1 : 1;
	if (a->path->count != b->path->count)
		return a->path->count < b->path->count ? -1 : 1;
	if (a->med != b->med)
		return a->med < b->med ? -1 : 1;
	return (int)is_internal(a) - (int)is_internal(b);
}

static struct ip originator(const struct rib_route *route)
{
	if (route->originator.family != IP_NONE || !route->from->peer)
		return route->originator;
	return route->from->peer->speaker->router_id;
}

bool bgp_is_better(const struct rib_route *a, const struct rib_route *b)
{
	int order = compare_cost(a, b);

	if (order || !a->from)
		return order < 0;
	order = ip_compare(originator(a), originator(b));
	if (order)
		return order < 0;
	if (a->cluster_length != b->cluster_length)
		return a->cluster_length < b->cluster_length;
	return ip_compare(a->from->peer_ip, b->from->peer_ip) < 0;
}

bool bgp_is_equal_cost(const struct rib_route *a, const struct rib_route *b)
{
	return !compare_cost(a, b);
}

/* ---- what is told ---- */

unsigned bgp_communities(const struct bgp_neighbor *neighbor)
{
	unsigned communities = 0;

	for (size_t i = 0; neighbor && i < neighbor->communities.count; i++) {
		const char *text = neighbor->communities.items[i].value;

		if (!strcasecmp(text, "no-advertise") || !strcmp(text, "65535:65282"))
			communities |= ROUTE_NO_ADVERTISE;
		if (!strcmp(text, "65535:65281"))
			communities |= ROUTE_NO_EXPORT;
	}
	return communities;
}

static bool is_reflected(const struct bgp_end *end, const struct rib_route *route)
{
	for (size_t i = 0; i < end->reflects.count; i++)
		if (end->reflects.items[i] == route->from)
			return true;
	return false;
}

/* The path as `end` tells it. */
static const struct as_path *told_path(struct solver *s, const struct bgp_end *end,
				       const struct rib_route *route)
{
	bool is_hairpin = is_reflected(end, route);
	bool strips = end->strips_private_asns || is_hairpin;
	bool overrides = end->neighbor && end->neighbor->as_override.value;
	size_t own = bgp_end_is_internal(end) ? 0 : 1 + end->prepend + is_hairpin, count = 0;
	uint32_t asns[PATH_MAX_ASNS];

	while (count < own && count < PATH_MAX_ASNS)
		asns[count++] = end->speaker->asn;
	for (size_t i = 0; i < route->path->count && count < PATH_MAX_ASNS; i++) {
		uint32_t asn = route->path->asns[i];

		if (!strips || !asn_is_private(asn))
			asns[count++] = overrides && asn == end->peer_asn ? end->speaker->asn : asn;
	}
	return as_path_get(s->paths, asns, count);
}

struct ip bgp_told_next_hop(const struct bgp_end *end, const struct rib_route *route)
{
	if (end->neighbor && end->neighbor->next_hop.ip.family != IP_NONE)
		return end->neighbor->next_hop.ip;
	return end->keeps_next_hop && route->from ? route->next_hop : end->ip;
}

static bool overlaps(const struct vnet *vnet, struct prefix prefix)
{
	for (size_t i = 0; i < vnet->address_prefixes.count; i++) {
		struct prefix range = vnet->address_prefixes.items[i].prefix;

		if (prefix_covers(range, prefix) || prefix_covers(prefix, range))
			return true;
	}
	return false;
}

/* Is the prefix kept from this session, whatever it is? */
static bool is_withheld(const struct bgp_end *end, const struct rib_route *route)
{
	const struct bgp_neighbor *neighbor = end->neighbor;

	for (size_t i = 0; i < end->withheld.count; i++)
		if (prefix_equal(end->withheld.items[i], route->prefix))
			return true;
	for (size_t i = 0; i < end->speaker->networks.count; i++) {
		const struct bgp_network *network = &end->speaker->networks.items[i];

		if (!route->from && network->via == end &&
		    prefix_equal(network->prefix, route->prefix))
			return true;
	}
	if (end->clears &&
	    (!route->prefix.len || (route->from && overlaps(end->clears, route->prefix))))
		return true;
	if (!neighbor || !neighbor->only.count)
		return false;
	for (size_t i = 0; i < neighbor->only.count; i++)
		if (prefix_equal(neighbor->only.items[i].prefix, route->prefix))
			return false;
	return true;
}

/* May it go there by the rules of BGP: those of reflectors, and well-known communities? */
static bool is_allowed(const struct bgp_end *end, const struct rib_route *route)
{
	if (!route->from)
		return true;
	if (bgp_end_is_internal(end) && is_internal(route) && !end->is_client &&
	    !route->from->is_client)
		return false;
	return !(route->communities & ROUTE_NO_ADVERTISE) &&
	       (bgp_end_is_internal(end) || !(route->communities & ROUTE_NO_EXPORT));
}

static bool passes(const struct bgp_end *end, const struct rib_route *route)
{
	if (route->from == end || !is_allowed(end, route) || is_withheld(end, route))
		return false;
	if (is_reflected(end, route))
		return true;
	if (end->tells_next_best &&
	    (as_path_has(route->path, end->peer_asn) ||
	     (end->gateway_mark && route->gateway_mark == end->gateway_mark)))
		return false;
	return end->sends & BGP_CLASS_BIT(route->class);
}

/* Of `count` candidates for one prefix, the best first, the one that is told; NULL: none. */
static const struct rib_route *choose_told(const struct bgp_end *end,
					   const struct rib_route *routes, size_t count)
{
	const struct rib_route *told = NULL;

	if (!end->tells_next_best)
		return passes(end, routes) ? routes : NULL;
	for (size_t i = 0; i < count; i++)
		if (passes(end, &routes[i]) && (!told || bgp_is_better(&routes[i], told)))
			told = &routes[i];
	return told;
}

static size_t count_asn(const struct as_path *path, uint32_t asn)
{
	size_t count = 0;

	for (size_t i = 0; i < path->count; i++)
		count += path->asns[i] == asn;
	return count;
}

static bool is_accepted(const struct bgp_end *end, const struct rib_route *route)
{
	if (count_asn(route->path, end->speaker->asn) > (end->accepts_own_asn ? 1 : 0))
		return false;
	if (ip_equal(route->originator, end->speaker->router_id))
		return false;
	if (end->refuses_networks && bgp_find_network(end->speaker, route->prefix, BGP_ANY_CLASS))
		return false;
	for (size_t i = 0; end->own && i < end->own->address_prefixes.count; i++)
		if (prefix_covers(end->own->address_prefixes.items[i].prefix, route->prefix))
			return false;
	return true;
}

/* What of the sender's the receiver has when it was told. */
static struct rib_route received(struct solver *s, const struct bgp_end *end,
				 const struct rib_route *route)
{
	const struct bgp_end *peer = end->peer;
	bool is_internal_session = bgp_end_is_internal(peer);
	struct rib_route heard = { .prefix = route->prefix,
				   .from = end,
				   .class = end->learns,
				   .next_hop = bgp_told_next_hop(peer, route),
				   .path = told_path(s, peer, route),
				   .local_pref = BGP_LOCAL_PREF,
				   .med = end->med,
				   .gateway_mark = end->gateway_mark ? end->gateway_mark
								     : route->gateway_mark };

	heard.loop_mark = peer->loop_mark ? peer->loop_mark : route->loop_mark;
	if (end->loop_mark && heard.loop_mark == end->loop_mark) {
		heard.class = BGP_CLASS_LOOP;
		heard.local_pref = BGP_LOCAL_PREF_LOOP;
	} else if (end->local_pref)
		heard.local_pref = end->local_pref;
	else if (is_internal_session && route->from && !peer->speaker->ranks_routes)
		heard.local_pref = route->local_pref;
	if (!end->ignores_communities)
		heard.communities = route->communities | bgp_communities(peer->neighbor);
	if (is_internal_session && route->from && is_internal(route)) {
		heard.originator = originator(route);
		heard.cluster_length = route->cluster_length + 1;
	}
	return heard;
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

/* What a peer tells now; more than the end's limit ends the session. */
static void hear(struct solver *s, struct bgp_end *end, struct collected *all)
{
	const struct rib *told = &s->ribs[end->peer->speaker->index];
	size_t before = all->count;

	for (size_t first = 0, next; first < told->count; first = next) {
		const struct rib_route *route;
		struct rib_route heard;

		for (next = first + 1; next < told->count; next++)
			if (!prefix_equal(told->routes[next].prefix, told->routes[first].prefix))
				break;
		route = choose_told(end->peer, told->routes + first, next - first);
		if (!route)
			continue;
		heard = received(s, end, route);
		if (is_accepted(end, &heard))
			collect(all, heard);
	}
	if (!end->limit || all->count - before <= end->limit)
		return;
	all->count = before;
	end->is_over_limit = true;
	end->peer->is_over_limit = true;
	s->is_limited = true;
}

/* Between gateways, MSEEs, providers and branches, and nobody else. */
static bool is_express_route(const struct bgp_end *end)
{
	return end->learns <= BGP_CLASS_BRANCH;
}

/* What its peers tell it now, and everything a speaker has for itself. */
static void gather(struct solver *s, const struct bgp_speaker *speaker, struct collected *all)
{
	for (size_t i = 0; i < speaker->ends.count; i++) {
		struct bgp_end *end = speaker->ends.items[i];

		if (bgp_end_lasts(end) && (!s->is_express_route_only || is_express_route(end)))
			hear(s, end, all);
	}
	for (size_t i = 0; i < speaker->networks.count; i++) {
		const struct bgp_network *network = &speaker->networks.items[i];
		struct ip via = network->via ? network->via->peer_ip : (struct ip){ 0 };

		collect(all, (struct rib_route){ .prefix = network->prefix,
						 .class = network->class,
						 .next_hop = via,
						 .path = as_path_get(s->paths, network->path.items,
								     network->path.count),
						 .local_pref = BGP_LOCAL_PREF });
	}
}

static void mark_best(struct rib *rib)
{
	for (size_t first = 0, end; first < rib->count; first = end) {
		size_t best = first;

		for (end = first + 1; end < rib->count && prefix_equal(rib->routes[end].prefix,
								       rib->routes[first].prefix);
		     end++)
			if (bgp_is_better(&rib->routes[end], &rib->routes[best]))
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
	is_changed = !rib_equal(known, &now) || s->is_limited;
	s->is_limited = false;
	rib_fini(known);
	*known = now;
	rib_fini(&sorted);
	free(all.items);
	return is_changed;
}

/* Go on until nobody learns anything new. */
static void settle_all(struct solver *s)
{
	const struct bgp_graph *graph = s->graph;
	/* BGP need not settle; in so many rounds every path has crossed every speaker twice */
	size_t rounds = 2 * graph->speakers.count + 2;
	bool is_changed = true;

	while (is_changed && rounds--) {
		is_changed = false;
		for (size_t i = 0; i < graph->speakers.count; i++)
			is_changed |= settle(s, graph->speakers.items[i]);
	}
}

/*
 * Where BGP can end in more than one state, it is the one in which ExpressRoute was there first:
 * tunnels need it, and what else tells the same prefixes comes on top of it.
 */
struct rib *bgp_solve(const struct bgp_graph *graph, struct as_paths *paths)
{
	struct solver s = { .graph = graph, .paths = paths, .is_express_route_only = true };

	for (size_t i = 0; i < graph->speakers.count; i++)
		for (size_t n = 0; n < graph->speakers.items[i]->ends.count; n++)
			graph->speakers.items[i]->ends.items[n]->is_over_limit = false;
	s.ribs = calloc(graph->speakers.count + 1, sizeof(*s.ribs));
	if (!s.ribs)
		abort();
	settle_all(&s);
	s.is_express_route_only = false;
	settle_all(&s);
	return s.ribs;
}

void bgp_ribs_free(struct rib *ribs, const struct bgp_graph *graph)
{
	for (size_t i = 0; ribs && i < graph->speakers.count; i++)
		rib_fini(&ribs[i]);
	free(ribs);
}
