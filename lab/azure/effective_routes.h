/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The effective routes of a subnet's NICs, computed as Azure does (azure-routing.md chapters 1 to
 * 3, 6): from the lab, and from what its gateways have learned. Pure; rule ids stand at the code.
 */
#include "lab/azure/rib.h"

enum route_source {
	SOURCE_DEFAULT,
	SOURCE_GATEWAY
};
enum route_state {
	ROUTE_ACTIVE,
	ROUTE_INVALID
};

struct next_hop {
	struct ip ip; /* as shown */
	/* where it is: the MSEE of this connection and path */
	const struct connection *connection;
	enum path path;
};

struct effective_route {
	enum route_source source;
	enum route_state state;
	enum next_hop_type type;
	struct prefix prefix;
	LIST_OF(struct next_hop) next_hops;
};

struct effective_routes {
	struct arena *arena;
	LIST_OF(struct effective_route) routes;
};

/* What is known by BGP: a table for each speaker of the graph, in its order. */
struct learned {
	const struct bgp_graph *graph;
	const struct rib *ribs;
};

/* In Azure's order (R1.9). The caller owns the result; it borrows from the lab. */
struct effective_routes *effective_routes_new(const struct subnet *subnet,
					      const struct learned *learned) NODISCARD;
void effective_routes_free(struct effective_routes *routes); /* NULL is fine */

/* The row that decides for an address (R3.1): the longest active prefix, or NULL. */
const struct effective_route *effective_routes_lookup(const struct effective_routes *routes,
						      struct ip ip);

const char *route_source_name(enum route_source source);
const char *route_state_name(enum route_state state);
const char *next_hop_type_name(enum next_hop_type type);
