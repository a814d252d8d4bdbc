/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab as network engineers draw it: machines in their virtual networks, circuits and branches,
 * and the links between these. Both instances of a gateway are one node, and so are the two ends of
 * a peering, a cable or a tunnel one link.
 */
#include "lab/model/topology.h"
#include "lab/snapshot/record.h"

#define GRAPH_NONE ((unsigned)-1)
#define GRAPH_FOLD 8 /* machines of one kind in a virtual network: of more the count is shown */

enum graph_group_kind {
	GROUP_NETWORK,
	GROUP_CIRCUIT,
	GROUP_PROVIDER,
	GROUP_BRANCH,
	GROUP_SITE, /* the far end of a tunnel that nobody in the lab answers */
	GROUP_INTERNET,
};

enum graph_link_kind {
	LINK_PEERING,    /* of two virtual networks */
	LINK_CONNECTION, /* of an ExpressRoute gateway to a circuit */
	LINK_CABLE,      /* of a provider's router, to an MSEE or a branch */
	LINK_TUNNEL,     /* IPsec */
	LINK_LAN,        /* of a branch's router to a host; both are in one group */
	LINK_INTERNET,   /* of a virtual network, where the lab has hosts of the Internet */
	LINK_KIND_COUNT
};

struct graph_node {
	const char *name;    /* as commands take it; no other node has it */
	const char *label;   /* the same in its group; without what the group says already */
	const char *role;    /* in words */
	const char *tag;     /* the role in a few letters; "" of virtual machines and hosts */
	const char *address; /* its first one; "" when it has none, or several machines */
	enum node_role kind;
	bool is_fold, is_site; /* many machines that are alike; a far end outside of the lab */
	unsigned group;
	struct texts machines; /* of the topology, that it stands for; none of a site */
};

/* Its nodes stand one behind the other. */
struct graph_group {
	enum graph_group_kind kind;
	const char *name, *address; /* the latter "" when it has none */
	unsigned first, count;
};

struct graph_link {
	enum graph_link_kind kind;
	unsigned groups[2];   /* its ends, ... */
	unsigned nodes[2];    /* ... and there; GRAPH_NONE: the group itself */
	const char *words;    /* what it is */
	struct texts targets; /* by which names faults break it */
	struct texts tunnels; /* names of the tunnels' ends that it stands for */
	bool is_partial;      /* a peering that is not Connected, a tunnel without a far end */
	double rate_mbps;     /* that it can carry each way, by the lab file; 0: no limit */
};

/* An interface by which it is known what a link carries: that of a machine at one of its ends. */
struct graph_device {
	const char *machine, *interface;
	unsigned link, end;
};

/* By which a node is found: its own name, or that of a machine. */
struct graph_name {
	const char *name;
	unsigned node;
};

struct graph {
	struct arena *arena;
	const char *lab;
	LIST_OF(struct graph_group) groups;
	LIST_OF(struct graph_node) nodes;
	LIST_OF(struct graph_link) links;
	LIST_OF(struct graph_device) devices; /* sorted */
	LIST_OF(struct graph_name) names;     /* sorted */
};

/*
 * Of a topology, of which nothing is kept; `fold` as GRAPH_FOLD, 0 folds nothing. The caller owns
 * it.
 */
struct graph *graph_new(const struct topology *topology, unsigned fold) NODISCARD;
void graph_free(struct graph *graph); /* NULL is fine */

/* NULL: it is not a link's. */
const struct graph_device *graph_find_device(const struct graph *graph, const char *machine,
					     const char *interface);

/* The node that stands for a machine, a gateway or a NIC's machine; GRAPH_NONE: there is none. */
unsigned graph_find(const struct graph *graph, const char *name);

extern const char *const graph_link_names[LINK_KIND_COUNT];
