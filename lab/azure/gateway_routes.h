/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What one gateway teaches NICs: of everything its instances have learned the best path of each
 * prefix, with its next hops (azure-routing.md R6.8, R6.12, R7.20). All virtual networks that use
 * the gateway start from this one list; what of it becomes a row is theirs (effective_routes.h).
 */
#include "lab/azure/rib.h"

/* What is known by BGP: a table for each speaker of the graph, in its order. */
struct learned {
	const struct bgp_graph *graph;
	const struct rib *ribs;
};

struct next_hop {
	struct ip ip;                 /* as shown */
	const struct interface *port; /* of a gateway's route: the MSEE's; else NULL */
};

/* What becomes of one way to a prefix. */
enum way_fate {
	WAY_USED,
	WAY_LOWER_WEIGHT, /* R6.12 */
	WAY_LONGER_PATH,  /* R6.12 */
	WAY_OWN_PREFIX,   /* R7.20: the gateway announces it itself */
	WAY_LINK_LOCAL,   /* of a link between routers: in no NIC's table */
};

struct way {
	struct prefix prefix;
	const struct as_path *path;
	const struct interface *msee; /* the port that told it */
	enum way_fate fate;
};

/* Does not change: what is learned anew is another one. */
struct gateway_route {
	struct prefix prefix;
	struct way best;
	LIST_OF(const struct next_hop) next_hops; /* of the ways that are used, each once (R5.21) */
};

struct gateway_routes {
	const struct gateway *gateway;
	LIST_OF(struct way) ways;                /* by prefix, then in the order of the file */
	LIST_OF(struct gateway_route *) routes;  /* by prefix; those with a way that is used */
	LIST_OF(struct gateway_route *) retired; /* until the next change: tables still name them */
};

/* The caller owns the list; it borrows from the lab, the graph and the paths. */
struct gateway_routes *gateway_routes_new(const struct gateway *gateway,
					  const struct learned *learned) NODISCARD;
void gateway_routes_free(struct gateway_routes *routes); /* NULL is fine */

struct prefixes {
	struct prefix *items;
	size_t count;
};

/*
 * Take in what is learned now. The prefixes whose route is another one than before, or is gone, are
 * added to *changed; the caller frees its items. What they were stays readable until the next call.
 */
void gateway_routes_learn(struct gateway_routes *routes, const struct learned *learned,
			  struct prefixes *changed);

/* NULL when it has none for the prefix. */
const struct gateway_route *gateway_routes_find(const struct gateway_routes *routes,
						struct prefix prefix);
