/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What the gateways and the Route Server of a hub teach NICs: of everything they have learned the
 * best ways to each prefix, with their next hops (azure-routing.md R3.7, R5.12, R6.8, R6.12, R7.12,
 * R7.20). All virtual networks that use the hub start from this one list; what of it becomes a row
 * is theirs (effective_routes.h).
 */
#include "lab/azure/rib.h"
#include "lab/base/prefix_set.h"

/* What is known by BGP: a table for each speaker of the graph, in its order. */
struct learned {
	const struct bgp_graph *graph;
	const struct rib *ribs;
};

struct next_hop {
	struct ip ip; /* as shown */
	/* of a gateway's route, where it is; NULL: nobody in reach has the address. Of others NULL
	 */
	const struct interface *port;
};

enum way_kind {
	WAY_EXPRESS_ROUTE, /* over an MSEE */
	WAY_VPN,           /* over the hub's VPN gateway */
	WAY_NVA,           /* by what a peer of its Route Server says */
	WAY_KIND_COUNT
};

/* What becomes of one way to a prefix. */
enum way_fate {
	WAY_USED,
	WAY_LOWER_WEIGHT,   /* R5.12, R6.12 */
	WAY_LONGER_PATH,    /* R5.12, R6.12, R7.7, R7.12 */
	WAY_LESS_PREFERRED, /* another kind is preferred: R3.7, R7.12 */
	WAY_SECOND_MSEE,    /* R7.22 */
	WAY_OWN_PREFIX,     /* R7.4, R7.20: the hub announces it itself */
	WAY_PEER_ADDRESS,   /* R7.19: a site's BGP address, beside a Route Server */
	WAY_LINK_LOCAL,     /* of a link between routers: in no NIC's table */
};

struct way {
	struct prefix prefix;
	enum way_kind kind;
	const struct as_path *path;          /* as the hub's gateway or Route Server has it */
	struct ip next_hop;                  /* as shown */
	const struct interface *port;        /* as of next hops; of a VPN: that of who told it */
	const struct connection *connection; /* NULL of an NVA's */
	/* who said it; NULL: a VPN gateway's own, of what its connection leads to (R5.5) */
	const struct bgp_end *from;
	bool is_bgp_address; /* ... and that is whom it speaks BGP with */
	enum way_fate fate;
	const struct way *by; /* the better one; NULL when it is used, or for no other's sake not */
};

/* Does not change: what is learned anew is another one. */
struct gateway_route {
	struct prefix prefix;
	struct way best;
	LIST_OF(const struct next_hop) next_hops; /* of the ways that are used, each once (R5.21) */
	/* likewise, but of a VPN's instances only those that heard it: for the GatewaySubnet, where
	   one that did not hands it to one that did, and never back */
	LIST_OF(const struct next_hop) hearers;
};

struct gateway_routes {
	const struct vnet *hub;
	const struct lab *lab;
	struct next_hop instances[GATEWAY_INSTANCES]; /* of its VPN gateway, that run */
	LIST_OF(struct way) ways;               /* by prefix, kind, then in the order of the file */
	LIST_OF(struct gateway_route *) routes; /* by prefix; those with a way that is used */
	LIST_OF(struct gateway_route *) retired; /* until the next change: tables still name them */
};

/* The caller owns the list; it borrows from the lab, the graph and the paths. */
struct gateway_routes *gateway_routes_new(const struct vnet *hub, const struct learned *learned)
	NODISCARD;
void gateway_routes_free(struct gateway_routes *routes); /* NULL is fine */

/*
 * Take in what is learned now. The prefixes whose route is another one than before, or is gone, are
 * added to *changed; the caller frees its items. What they were stays readable until the next call.
 */
void gateway_routes_learn(struct gateway_routes *routes, const struct learned *learned,
			  struct prefixes *changed);

/* The name of who learned it: of a gateway or of the Route Server. */
const char *way_learner(const struct vnet *hub, const struct way *way);
/* The name of who said it, of a machine or, of a VPN gateway's own, of the site (R5.5). */
const char *way_teller(const struct way *way);
/* How long its path is where the kinds are held against each other: at the Route Server. */
size_t way_length(const struct vnet *hub, const struct way *way);

/* The next hops by which a subnet's table has it. */
const struct next_hop *gateway_route_hops(const struct gateway_route *route,
					  const struct subnet *subnet, size_t *ret_count);

/* NULL when it has none for the prefix. */
const struct gateway_route *gateway_routes_find(const struct gateway_routes *routes,
						struct prefix prefix);
