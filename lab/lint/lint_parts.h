/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to lab/lint: what the rules share. */
#include "lab/lint/lint.h"

#include "lab/base/arena.h"

/* Who has an address of a virtual network. */
struct holder {
	unsigned network; /* index of the virtual network */
	struct ip ip;
	const struct nic *nic; /* NULL: something else than a machine */
	const char *name;
	bool is_gateway; /* it forwards by itself */
};

/* A subnet, and who is in it. */
struct place {
	const struct subnet *subnet;
	const struct nic *machine;   /* the first that is no NVA's; NULL when there is none */
	const struct nic *nva;       /* likewise, the first NVA's */
	size_t first_nic, nic_count; /* in lint->nics */
	bool is_bypassing, has_no_way_back; /* said already */
};

struct lint {
	const struct lab *lab;
	struct diags *diags;
	struct arena *arena;    /* of this run */
	struct holder *holders; /* by network and address */
	size_t holder_count;
	struct place *places; /* by virtual network, each in the order of the file */
	size_t place_count;
	size_t *first_place;     /* of each virtual network */
	const struct nic **nics; /* of virtual networks, by place */
	size_t nic_count;
	const void **said; /* pairs of what has its finding, and where */
	size_t said_count;
	size_t work; /* what is left for rules that compare pairs */
};

/*
 * Comparisons of pairs, in one state of a lab: some 0.3 s. Labs stay far below; in one that does
 * not, the last rules say less.
 */
#define LINT_WORK_MAX 20000000u
/* Take some of it; false when it is used up. */
bool lint_may_work(struct lint *l, size_t amount);

/* Is there a finding about this there already? There is from now on. */
bool lint_is_said(struct lint *l, const void *what, const void *where);

/* NULL when nobody has it. */
const struct holder *lint_find_holder(const struct lint *l, const struct vnet *vnet, struct ip ip);
/* The virtual network in which a next hop is looked for (R3.10); NULL: it is reached in none. */
const struct vnet *lint_hop_vnet(const struct vnet *from, struct ip ip);
/* The NIC that a next hop is; NULL when it is no machine's. */
const struct nic *lint_hop_nic(const struct lint *l, const struct vnet *from, struct ip ip);
struct place *lint_place(const struct lint *l, const struct subnet *subnet);

/* Where a value stands; of a route or rule in one line that line. */
struct src_pos lint_route_pos(const struct user_route *route);
struct src_pos lint_rule_pos(const struct security_rule *rule);

/*
 * The route of the subnet's route table that holds a whole prefix, the longest. NULL when there is
 * none, or a range of its own or of a peer is longer, and wins.
 */
const struct user_route *lint_deciding_route(const struct subnet *subnet, struct prefix prefix);
bool lint_is_default(const struct user_route *route); /* 0.0.0.0/0 */

bool lint_is_private(struct prefix prefix); /* in a range of RFC 1918 or 6598 */

/* Gateways that are joined with something: a circuit, a site, another gateway. */
bool lint_is_joined(const struct lint *l, const struct vnet *vnet);

void lint_routes(struct lint *l);
void lint_returns(struct lint *l); /* ways back: the other half of lint_routes */
void lint_networks(struct lint *l);
void lint_joined(struct lint *l); /* ranges of what circuits and VPNs join */
void lint_gateways(struct lint *l);
void lint_sessions(struct lint *l); /* tunnels and BGP, and what follows from them */
struct topology;
struct bgp_graph;
void lint_outlook(struct lint *l, const struct topology *topology, const struct bgp_graph *graph);
void lint_rules(struct lint *l);    /* each for itself, and against those before it */
void lint_exposure(struct lint *l); /* what the Internet reaches */
/* Rules of one direction, by priority, that are never reached. */
void lint_shadows(struct lint *l, const struct rules *rules);
/* A rule of an NSG that stands in these virtual networks, and what admin rules leave of it. */
void lint_admin_denies(struct lint *l, const struct security_rule *rule,
		       const struct vnet *const *at, size_t count);

/* What is used in none of the states that were noted. */
struct use {
	struct src_pos pos;
	const char *noun, *name;
	bool is_used;
};
struct uses {
	struct arena *arena;
	struct use *items;
	size_t count;
};
void lint_note_uses(struct uses *uses, const struct lab *lab);
void lint_unused(struct uses *uses, struct diags *diags);
