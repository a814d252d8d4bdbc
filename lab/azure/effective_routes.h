/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The effective routes of a subnet's NICs, computed as Azure does (azure-routing.md chapters 1 to
 * 4): from the lab, and from what the gateway it uses teaches. Pure; rule ids stand at the code.
 */
#include "lab/azure/gateway_routes.h"

enum route_source {
	SOURCE_DEFAULT,
	SOURCE_GATEWAY,
	SOURCE_USER
};
enum route_state {
	ROUTE_ACTIVE,
	ROUTE_INVALID
};

struct effective_route {
	enum route_source source;
	enum route_state state;
	enum next_hop_type type;
	struct prefix prefix;                     /* the first, when there are several */
	const struct spaces *prefixes;            /* all of a service or a tag; NULL: the one */
	LIST_OF(const struct next_hop) next_hops; /* as `semantics: next_hops` says */
	/* what it comes from: one of these, by source and type */
	union {
		const struct space *range; /* of the own address space */
		const struct peering *peering;
		const struct gateway_route *learned;
		const struct user_route *user;
		const struct service_endpoint *service;
		const struct private_endpoint *endpoint;
	};
	const struct user_route *overridden_by; /* ROUTE_INVALID */
};

struct effective_routes {
	struct arena *arena; /* of what rows name; they themselves are in memory of their own */
	LIST_OF(struct effective_route) routes;
	size_t capacity;
	bool disables_propagation; /* its route table does (R1.3, R3.8) */
	bool has_lists;            /* some rows have several prefixes */
	bool has_all_learned;      /* what is taught is there, save what all of its network lack */
	/* for itself: users' prefixes in order, and which rows are the gateway's active ones */
	struct user_prefix *user_prefixes;
	size_t user_prefix_count, learned_first, learned_count;
};

struct route_reasons;

/*
 * In Azure's order (R1.9). `taught`: by the gateway that the virtual network uses; NULL when it
 * uses none. `sibling`: the table of another subnet of that network, from which it is made quicker,
 * or NULL. The caller owns the result; it borrows from the lab and from `taught`.
 */
struct effective_routes *effective_routes_new(const struct lab *lab, const struct subnet *subnet,
					      const struct gateway_routes *taught,
					      const struct effective_routes *sibling) NODISCARD;
void effective_routes_free(struct effective_routes *routes); /* NULL is fine */

/*
 * Is a learned prefix one row, that no other row depends on? Then effective_routes_update brings it
 * up to what `taught` now says of it; else the table must be made anew.
 */
bool effective_routes_is_alone(const struct effective_routes *routes, const struct lab *lab,
			       struct prefix prefix);
void effective_routes_update(struct effective_routes *routes, const struct lab *lab,
			     const struct subnet *subnet, const struct gateway_routes *taught,
			     struct prefix prefix);
/* The active row of exactly this prefix, or NULL; of rows with several prefixes nothing is known.
 */
const struct effective_route *effective_routes_find(const struct effective_routes *routes,
						    struct prefix prefix);

/*
 * The same, and why: what is beaten or left out on the way is recorded in `why`, with the rule. See
 * route_reasons.h.
 */
struct effective_routes *effective_routes_explain(const struct lab *lab,
						  const struct subnet *subnet,
						  const struct gateway_routes *taught,
						  struct route_reasons *why) NODISCARD;

/*
 * The row that decides for an address (R3.1): the longest active prefix, of equal ones that of a
 * service endpoint (R2.10); NULL when there is none.
 */
const struct effective_route *effective_routes_lookup(const struct effective_routes *routes,
						      struct ip ip);

/* The prefixes of a row, one or several. */
size_t effective_route_count(const struct effective_route *row);
struct prefix effective_route_prefix(const struct effective_route *row, size_t at);

/* Of two active rows with one prefix: the service endpoint's (R2.10), of tags the one that says
 * more (R3.18). */
bool effective_route_is_stronger(const struct effective_route *a, const struct effective_route *b);

/* R3.18: of one prefix what is written out (NULL), then the tag that says most; the lowest counts.
 */
int service_tag_rank(const char *tag);
int user_route_rank(const struct user_route *route); /* of its tag */

const char *route_source_name(enum route_source source);
const char *route_state_name(enum route_state state);
const char *next_hop_type_name(enum next_hop_type type);
