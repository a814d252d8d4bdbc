/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Why a NIC's effective routes are what they are: for each row the rule that put it there, and for
 * what is not there the rule that took it away or never let it in. Rules are those of
 * azure-routing.md, by id; objects are named with their line in the lab file.
 */
#include "lab/azure/effective_routes.h"

/* One statement about one prefix. */
struct route_reason {
	size_t row; /* index of the row it is about, or NO_ROW: it is about what is not there */
	enum route_source source;
	enum next_hop_type type;
	struct prefix prefix;
	const char *next_hops; /* as text, with blanks between; "" when there are none */
	const char *rule;      /* "R3.5" */
	const char *words;     /* a sentence without its full stop */
	struct src_pos pos;    /* of the object of the lab file behind it; line 0: of none */
	const char *peer;      /* the BGP speaker it was heard from, "" when there is none */
};

#define NO_ROW SIZE_MAX

struct route_reasons {
	struct arena *arena;
	const struct effective_routes *routes; /* those that are explained */
	LIST_OF(struct route_reason) items; /* of rows, in their order, then of what is not there */
};

/*
 * Explain the table of a subnet's NICs. `taught` as for effective_routes_new; `offered` is what a
 * gateway next door teaches, which is not used (R4.4), or NULL. The caller owns the result.
 */
struct route_reasons *route_reasons_new(const struct lab *lab, const struct subnet *subnet,
					const struct gateway_routes *taught,
					const struct gateway_routes *offered) NODISCARD;
void route_reasons_free(struct route_reasons *reasons); /* NULL is fine */

/* The gateway next door whose routes a virtual network could have (R4.4); NULL: there is none. */
const struct vnet *route_reasons_offered(const struct vnet *vnet);

/* Something that is no row, and by which rule: used while the table is made. */
struct lost_route {
	enum route_source source;
	enum next_hop_type type;
	struct prefix prefix;
	const struct gateway_route *learned; /* of SOURCE_GATEWAY, else NULL */
	const struct way *way;               /* or this one of the ways to it */
	struct src_pos pos;
};
void route_reasons_lost(struct route_reasons *why, const struct lost_route *lost, const char *rule,
			const char *fmt, ...) PRINTF(4, 5);
