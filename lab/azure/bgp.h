/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Who speaks BGP with whom in a lab, and by which rules: the one description from which the
 * daemons' configurations are written and from which their tables are predicted.
 * The rules are those of vpner-lab.md section 8 and azure-routing.md chapter 6.
 */
#include "lab/model/topology.h"

/* Where a route entered the speaker that has it; what a session sends is chosen by this. */
enum bgp_class {
	BGP_CLASS_NETWORK = 1,  /* its own: virtual networks' ranges (R4.7), a branch's prefixes */
	BGP_CLASS_STATIC = 2,   /* a provider's static route */
	BGP_CLASS_GATEWAY = 3,  /* heard from a virtual network gateway */
	BGP_CLASS_MSEE = 4,     /* heard from an MSEE */
	BGP_CLASS_PROVIDER = 5, /* heard from a provider */
	BGP_CLASS_BRANCH = 6,   /* heard from a branch */
};
#define BGP_CLASS_BIT(class) (1u << (class))

struct bgp_network {
	struct prefix prefix;
	enum bgp_class class;
	const struct bgp_end *via; /* BGP_CLASS_STATIC: sent there, and not announced there */
	/* as if heard over these networks, the nearest first */
	LIST_OF(const uint32_t) path;
};

/* One end of a session. */
struct bgp_end {
	struct bgp_speaker *speaker;
	struct bgp_end *peer;
	const char *name; /* of the protocol in the daemon's configuration */
	const struct interface *interface;
	enum bgp_class learns;    /* class of what is heard here */
	unsigned sends;           /* BGP_CLASS_BITs of what is told here */
	bool strips_private_asns; /* from what is told (R6.7) */
	bool accepts_own_asn;     /* in what is heard: once */
	const struct vnet *own;   /* nothing equal to or inside its ranges is accepted; or NULL */
	unsigned preference;      /* of what is heard, between protocols; higher wins */
};

struct bgp_speaker {
	unsigned index; /* in the graph */
	const struct node *node;
	uint32_t asn;
	struct ip router_id;
	bool fills_kernel; /* forwards by what it learns */
	bool refuses_own;  /* what it announces is behind it, and no host of it is there */
	LIST_OF(struct bgp_network) networks;
	LIST_OF(struct bgp_end *) ends;
};

struct bgp_timers {
	unsigned keepalive_s, hold_s;
	unsigned bfd_interval_ms, bfd_multiplier;
};

struct bgp_graph {
	struct arena *arena;
	const struct topology *topology;
	struct bgp_timers timers;
	LIST_OF(struct bgp_speaker *) speakers;
	unsigned session_count;
};

/* The caller owns the graph; it borrows from the topology and its lab. */
struct bgp_graph *bgp_graph_new(const struct topology *topology) NODISCARD;
void bgp_graph_free(struct bgp_graph *graph); /* NULL is fine */

/* Borrowed; NULL when there is none. */
struct bgp_speaker *bgp_find_speaker(const struct bgp_graph *graph, const struct node *node);
const struct bgp_end *bgp_find_end(const struct bgp_speaker *speaker, const char *name);
struct bgp_speaker *bgp_find_instance(const struct bgp_graph *graph, const struct gateway *gateway,
				      unsigned instance);

const char *bgp_class_name(enum bgp_class class); /* as the daemon's filters spell it */
bool asn_is_private(uint32_t asn);
