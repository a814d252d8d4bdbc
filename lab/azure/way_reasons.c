/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/way_reasons.h"

#include <assert.h>

const char *way_path(struct arena *arena, const struct way *way)
{
	char path[1024];

	as_path_print(way->path, path, sizeof(path));
	return arena_strdup(arena, path);
}

static const char *way_kind_name(enum way_kind kind)
{
	switch (kind) {
	case WAY_EXPRESS_ROUTE:
		return "ExpressRoute";
	case WAY_VPN:
		return "a VPN";
	case WAY_NVA:
	case WAY_KIND_COUNT:
		break;
	}
	return "an NVA";
}

/* The rule by which ways of two kinds are chosen from, or of one. */
static const char *path_rule(const struct way *way)
{
	if (way->by->kind != way->kind)
		return "R7.12";
	switch (way->kind) {
	case WAY_EXPRESS_ROUTE:
		return "R6.12";
	case WAY_VPN:
		return "R5.12";
	case WAY_NVA:
	case WAY_KIND_COUNT:
		break;
	}
	return "R7.7";
}

static void explain_weight(struct route_reasons *out, struct lost_route lost)
{
	const struct connection *connection = lost.way->connection;
	const struct connection *by = lost.way->by->connection;

	assert(connection && by); /* an NVA's ways have no weight */
	route_reasons_lost(out, &lost, path_rule(lost.way),
			   "connection '%s' to %s has the routing weight %g, and '%s' has %g",
			   connection->object.name, way_teller(lost.way),
			   connection->routing_weight.value, by->object.name,
			   by->routing_weight.value);
}

/* An empty path is that of what a VPN gateway has of its own (R7.21). */
static const char *path_or_none(struct route_reasons *out, const struct way *way)
{
	return way->path->count
		       ? arena_printf(out->arena, "the AS path %s", way_path(out->arena, way))
		       : "no AS path";
}

static void explain_length(struct route_reasons *out, struct lost_route lost)
{
	const struct way *way = lost.way;

	route_reasons_lost(
		out, &lost, path_rule(way), "the AS path %s by %s is longer than %s by %s",
		way_path(out->arena, way), way_teller(way),
		way->by->path->count ? way_path(out->arena, way->by) : "none", way_teller(way->by));
}

/* R3.7, R7.12 */
static void explain_preference(struct route_reasons *out, const struct vnet *hub,
			       struct lost_route lost)
{
	const struct way *way = lost.way, *by = way->by;
	const struct route_server *server = hub->route_server;

	if (!server) {
		route_reasons_lost(
			out, &lost, "R3.7",
			"%s has learned it too, from %s: in one virtual network ExpressRoute comes "
			"before a VPN",
			way_learner(hub, by), way_teller(by));
		return;
	}
	lost.pos = server->hub_routing_preference.pos.line ? server->hub_routing_preference.pos
							   : server->object.pos;
	if (server->hub_routing_preference.value == PREFER_AS_PATH)
		route_reasons_lost(
			out, &lost, "R7.12",
			"%s by %s and %s by %s are equally long, and then ExpressRoute is kept",
			path_or_none(out, way), way_teller(way), path_or_none(out, by),
			way_teller(by));
	else
		route_reasons_lost(
			out, &lost, "R7.12",
			"hub_routing_preference of %s is %s: %s by %s comes before %s by %s",
			server->object.name,
			choice_name(hub_routing_preference_names,
				    server->hub_routing_preference.value),
			way_kind_name(by->kind), way_teller(by), way_kind_name(way->kind),
			way_teller(way));
}

/* A way to a prefix that lost against others of the same hub. */
static void explain_way(struct route_reasons *out, const struct gateway_routes *taught,
			const struct way *way)
{
	const struct vnet *hub = taught->hub;
	struct lost_route lost = { .source = SOURCE_GATEWAY,
				   .type = NEXT_HOP_VIRTUAL_NETWORK_GATEWAY,
				   .prefix = way->prefix,
				   .way = way,
				   .pos = way->connection ? way->connection->object.pos
							  : hub->route_server->object.pos };

	switch (way->fate) {
	case WAY_USED:
		break;
	case WAY_LOWER_WEIGHT:
		explain_weight(out, lost);
		break;
	case WAY_LONGER_PATH:
		explain_length(out, lost);
		break;
	case WAY_LESS_PREFERRED:
		explain_preference(out, hub, lost);
		break;
	case WAY_SECOND_MSEE:
		lost.pos = taught->lab->semantics.msee_next_hops.pos;
		route_reasons_lost(out, &lost, "R7.22",
				   "beside the Route Server %s one MSEE alone is the next hop, %s "
				   "(semantics: msee_next_hops)",
				   hub->route_server->object.name,
				   ip_print(way->by->next_hop).text);
		break;
	case WAY_OWN_PREFIX:
		route_reasons_lost(out, &lost, way->kind == WAY_NVA ? "R7.4" : "R7.20",
				   "%s announces it itself, and does not take it back from %s",
				   way_learner(hub, way), way_teller(way));
		break;
	case WAY_PEER_ADDRESS:
		route_reasons_lost(
			out, &lost, "R7.19",
			"the BGP address of %s: beside the Route Server %s it is in no table",
			way_teller(way), hub->route_server->object.name);
		break;
	case WAY_LINK_LOCAL:
		route_reasons_lost(out, &lost, "R2.8",
				   "heard from %s, of a link between routers, where no machine is",
				   way_teller(way));
		break;
	}
}

/* Both instances of a gateway hear one MSEE, those of a Route Server one NVA. */
static bool is_same_way(const struct way *a, const struct way *b)
{
	return prefix_equal(a->prefix, b->prefix) && a->kind == b->kind &&
	       ip_equal(a->next_hop, b->next_hop) && a->port == b->port && a->path == b->path &&
	       a->connection == b->connection;
}

void way_reasons_add(struct route_reasons *out, const struct gateway_routes *taught)
{
	const struct way *before = NULL;

	for (size_t i = 0; taught && i < taught->ways.count; i++) {
		const struct way *way = &taught->ways.items[i];

		if (!before || !is_same_way(before, way))
			explain_way(out, taught, way);
		before = way;
	}
}
