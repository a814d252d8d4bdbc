/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/gateway_routes.h"

#include "lab/azure/gateway_ways.h"

#include <stdlib.h>
#include <string.h>

static void *allocate(size_t count, size_t size)
{
	void *items = calloc(count + 1, size);

	if (!items)
		abort();
	return items;
}

/* R7.4, R7.20: a range of its virtual network or of one that uses it. */
static bool is_own(const struct vnet *hub, struct prefix prefix)
{
	if (vnet_has_range(hub, prefix))
		return true;
	for (size_t i = 0; i < hub->peerings.count; i++) {
		const struct vnet *spoke = hub->peerings.items[i].remote_vnet;

		if (spoke && spoke->hub == hub && vnet_has_range(spoke, prefix))
			return true;
	}
	return false;
}

const char *way_learner(const struct vnet *hub, const struct way *way)
{
	switch (way->kind) {
	case WAY_EXPRESS_ROUTE:
		return hub->express_route->object.name;
	case WAY_VPN:
		return hub->vpn->object.name;
	case WAY_NVA:
	case WAY_KIND_COUNT:
		break;
	}
	return hub->route_server->object.name;
}

const char *way_teller(const struct way *way)
{
	if (way->from)
		return way->from->peer_name;
	return way->connection->local_network_gateway
		       ? way->connection->local_network_gateway->object.name
		       : way->connection->gateway2->object.name;
}

/* A VPN gateway with another number than Azure's adds it (R7.13). */
size_t way_length(const struct vnet *hub, const struct way *way)
{
	return way->path->count + (way->kind == WAY_VPN && hub->vpn->asn != ASN_AZURE);
}

static double weight_of(const struct way *way)
{
	return way->connection ? way->connection->routing_weight.value : 0;
}

/*
 * R5.12, R6.12: the higher connection weight, then the shorter path; what is equal shares the
 * traffic. What a site is known by and what it says itself share it, too (R5.8).
 */
static enum way_fate fate_beside(const struct way *way, const struct way *best)
{
	if (weight_of(way) < weight_of(best))
		return WAY_LOWER_WEIGHT;
	if (weight_of(way) == weight_of(best) && way->path->count > best->path->count)
		return WAY_LONGER_PATH;
	return WAY_USED;
}

/* All ways to one prefix. */
struct choice_of_ways {
	const struct gateway_routes *routes;
	struct way *ways;
	size_t count;
	const struct way *best[WAY_KIND_COUNT]; /* NULL: there is none, or it has lost */
};

/* Why a prefix is in no table, whoever says it. */
static enum way_fate common_fate(const struct vnet *hub, struct prefix prefix)
{
	static const struct prefix link_local = { { { 169, 254 }, IP_V4 }, 16 };

	if (prefix_covers(link_local, prefix))
		return WAY_LINK_LOCAL;
	return is_own(hub, prefix) ? WAY_OWN_PREFIX : WAY_USED;
}

static void choose_within(struct choice_of_ways *c, enum way_kind kind)
{
	const struct way *best = NULL;

	for (size_t i = 0; i < c->count; i++) {
		const struct way *way = &c->ways[i];

		if (way->kind == kind && way->fate == WAY_USED &&
		    (!best || fate_beside(best, way) != WAY_USED))
			best = way;
	}
	for (size_t i = 0; i < c->count; i++) {
		struct way *way = &c->ways[i];

		if (way->kind != kind || way->fate != WAY_USED)
			continue;
		way->fate = fate_beside(way, best);
		if (way->fate != WAY_USED)
			way->by = best;
	}
	c->best[kind] = best;
}

/* What of a kind is used yet has lost, to the best one of another kind. */
static void drop(struct choice_of_ways *c, enum way_kind kind, enum way_fate fate,
		 const struct way *by)
{
	for (size_t i = 0; i < c->count; i++) {
		struct way *way = &c->ways[i];

		if (way->kind != kind || way->fate != WAY_USED)
			continue;
		way->fate = fate;
		way->by = by;
	}
	c->best[kind] = NULL;
}

static void drop_others(struct choice_of_ways *c, enum way_fate fate)
{
	drop(c, WAY_VPN, fate, c->best[WAY_EXPRESS_ROUTE]);
	drop(c, WAY_NVA, fate, c->best[WAY_EXPRESS_ROUTE]);
}

/* R7.12: VPN gateway and NVAs are not ranked against each other: their paths are (R7.21). */
static const struct way *choose_other(struct choice_of_ways *c)
{
	const struct vnet *hub = c->routes->hub;
	const struct way *vpn = c->best[WAY_VPN], *nva = c->best[WAY_NVA];

	if (!vpn || !nva)
		return vpn ? vpn : nva;
	if (way_length(hub, vpn) < way_length(hub, nva))
		drop(c, WAY_NVA, WAY_LONGER_PATH, vpn);
	else if (way_length(hub, vpn) > way_length(hub, nva))
		drop(c, WAY_VPN, WAY_LONGER_PATH, nva);
	return c->best[WAY_VPN] ? vpn : nva;
}

/* Of the paths alone; when they are equally long, ExpressRoute is kept (R7.12). */
static void choose_by_path(struct choice_of_ways *c, const struct way *other)
{
	const struct vnet *hub = c->routes->hub;
	size_t length = way_length(hub, c->best[WAY_EXPRESS_ROUTE]);

	if (way_length(hub, other) < length)
		drop(c, WAY_EXPRESS_ROUTE, WAY_LONGER_PATH, other);
	else
		drop_others(c,
			    way_length(hub, other) > length ? WAY_LONGER_PATH : WAY_LESS_PREFERRED);
}

static void choose_kind(struct choice_of_ways *c)
{
	const struct route_server *server = c->routes->hub->route_server;
	const struct way *other = choose_other(c);

	if (!c->best[WAY_EXPRESS_ROUTE] || !other)
		return;
	if (!server) { /* R3.7 */
		drop_others(c, WAY_LESS_PREFERRED);
		return;
	}
	switch ((enum hub_routing_preference)server->hub_routing_preference.value) {
	case PREFER_EXPRESS_ROUTE:
		drop_others(c, WAY_LESS_PREFERRED);
		return;
	case PREFER_VPN_GATEWAY:
		drop(c, WAY_EXPRESS_ROUTE, WAY_LESS_PREFERRED, other);
		return;
	case PREFER_AS_PATH:
		choose_by_path(c, other);
		return;
	}
}

/* R7.14, R7.22: beside a Route Server one MSEE alone is the next hop, that of the lowest address.
 */
static void choose_msee(struct choice_of_ways *c)
{
	const struct way *lowest = NULL;

	for (size_t i = 0; i < c->count; i++) {
		const struct way *way = &c->ways[i];

		if (way->kind == WAY_EXPRESS_ROUTE && way->fate == WAY_USED &&
		    (!lowest || ip_compare(way->next_hop, lowest->next_hop) < 0))
			lowest = way;
	}
	for (size_t i = 0; lowest && i < c->count; i++) {
		struct way *way = &c->ways[i];

		if (way->kind != WAY_EXPRESS_ROUTE || way->fate != WAY_USED ||
		    ip_equal(way->next_hop, lowest->next_hop))
			continue;
		way->fate = WAY_SECOND_MSEE;
		way->by = lowest;
	}
	if (lowest)
		c->best[WAY_EXPRESS_ROUTE] = lowest;
}

static void add_next_hop(struct next_hop *hops, size_t *count, struct ip ip,
			 const struct interface *port)
{
	for (size_t i = 0; i < *count; i++)
		if (hops[i].port == port && ip_equal(hops[i].ip, ip))
			return;
	hops[(*count)++] = (struct next_hop){ ip, port };
}

/*
 * R5.20: instances of a VPN gateway tell each other all but a default route. R5.21: both instances
 * of an ER gateway hear the same MSEEs, and each is one next hop.
 */
static void add_next_hops(const struct gateway_routes *routes, const struct way *way,
			  struct next_hop *hops, size_t *count)
{
	if (way->kind != WAY_VPN || !way->prefix.len) {
		add_next_hop(hops, count, way->next_hop, way->port);
		return;
	}
	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
		if (routes->instances[n].port)
			add_next_hop(hops, count, routes->instances[n].ip,
				     routes->instances[n].port);
}

static struct gateway_route *route_new(const struct choice_of_ways *c, const struct way *best)
{
	size_t most = c->count + GATEWAY_INSTANCES;
	struct gateway_route *route =
		calloc(1, sizeof(*route) + 2 * most * sizeof(struct next_hop));
	struct next_hop *hops, *hearers;

	if (!route)
		abort();
	hops = (struct next_hop *)(route + 1);
	hearers = hops + most;
	route->prefix = best->prefix;
	route->best = *best;
	for (size_t i = 0; i < c->count; i++) {
		const struct way *way = &c->ways[i];

		if (way->fate != WAY_USED)
			continue;
		add_next_hops(c->routes, way, hops, &route->next_hops.count);
		add_next_hop(hearers, &route->hearers.count, way->next_hop, way->port);
	}
	route->next_hops.items = hops;
	route->hearers.items = hearers;
	return route;
}

/* All ways to one prefix: which are used, and why the others are not. NULL when none is. */
static struct gateway_route *choose(const struct gateway_routes *routes, struct way *ways,
				    size_t count)
{
	struct choice_of_ways c = { .routes = routes, .ways = ways, .count = count };
	const struct route_server *server = routes->hub->route_server;
	enum way_fate common = common_fate(routes->hub, ways[0].prefix);

	for (size_t i = 0; i < count; i++)
		ways[i].fate = common == WAY_USED && server && ways[i].is_bgp_address
				       ? WAY_PEER_ADDRESS
				       : common;
	for (int kind = 0; kind < WAY_KIND_COUNT; kind++)
		choose_within(&c, (enum way_kind)kind);
	choose_kind(&c);
	if (server && routes->lab->semantics.msee_next_hops.value == MSEE_NEXT_HOPS_SINGLE)
		choose_msee(&c);
	for (int kind = 0; kind < WAY_KIND_COUNT; kind++)
		if (c.best[kind])
			return route_new(&c, c.best[kind]);
	return NULL;
}

/* Of a session that has just lost its peer routes are known until its daemon ends it. */
static bool is_same_teller(const struct bgp_end *a, const struct bgp_end *b)
{
	return !a || !b ? a == b : a->peer_node == b->peer_node && ip_equal(a->peer_ip, b->peer_ip);
}

/* Would the same be said of both? */
static bool way_equal(const struct way *a, const struct way *b)
{
	return a->kind == b->kind && a->path == b->path && a->port == b->port &&
	       a->connection == b->connection && is_same_teller(a->from, b->from);
}

static bool hops_equal(const struct next_hop *a, const struct next_hop *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i].port != b[i].port || !ip_equal(a[i].ip, b[i].ip))
			return false;
	return true;
}

static bool route_equal(const struct gateway_route *a, const struct gateway_route *b)
{
	return way_equal(&a->best, &b->best) && a->next_hops.count == b->next_hops.count &&
	       a->hearers.count == b->hearers.count &&
	       hops_equal(a->next_hops.items, b->next_hops.items, a->next_hops.count) &&
	       hops_equal(a->hearers.items, b->hearers.items, a->hearers.count);
}

const struct next_hop *gateway_route_hops(const struct gateway_route *route,
					  const struct subnet *subnet, size_t *ret_count)
{
	bool is_gateways = subnet == subnet->vnet->gateway_subnet;

	*ret_count = is_gateways ? route->hearers.count : route->next_hops.count;
	return is_gateways ? route->hearers.items : route->next_hops.items;
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

	gateway_ways_collect(routes, learned);
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
		route = choose(routes, ways + first, end - first);
		if (route)
			merge(&m, route);
	}
	while (m.at < m.old_count) {
		note(&m, m.old[m.at]->prefix);
		retire(&m);
	}
	free(m.old);
}

struct gateway_routes *gateway_routes_new(const struct vnet *hub, const struct learned *learned)
{
	struct gateway_routes *routes = allocate(1, sizeof(*routes));
	struct prefixes changed = { 0 };

	routes->hub = hub;
	routes->lab = learned->graph->topology->lab;
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
