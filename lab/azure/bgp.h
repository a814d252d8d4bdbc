/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Who speaks BGP with whom in a lab, and by which rules: the one description from which the
 * daemons' configurations are written and from which their tables are predicted.
 * The rules are those of vpner-lab.md section 8 and azure-routing.md chapters 5 to 7.
 */
#include "lab/model/topology.h"

#define BGP_PREFERENCE_OWN     65535u /* between protocols: what is its own wins */
#define BGP_PREFERENCE_LEARNED 100u
#define BGP_LOCAL_PREF         100u /* when nobody says anything else */
#define BGP_LOCAL_PREF_LOOP    1u   /* of BGP_CLASS_LOOP */

/* Where a route entered the speaker that has it; what a session sends is chosen by this. */
enum bgp_class {
	BGP_CLASS_NETWORK = 1,  /* its own: virtual networks' ranges (R4.7), a branch's prefixes */
	BGP_CLASS_STATIC = 2,   /* a provider's static route */
	BGP_CLASS_GATEWAY = 3,  /* heard from a virtual network gateway */
	BGP_CLASS_MSEE = 4,     /* heard from an MSEE */
	BGP_CLASS_PROVIDER = 5, /* heard from a provider */
	BGP_CLASS_BRANCH = 6,   /* heard from a branch */
	BGP_CLASS_SITE = 7,     /* a VPN gateway heard it over a tunnel */
	BGP_CLASS_LNG = 8,      /* a VPN gateway's own, of a local network gateway (R5.5) */
	BGP_CLASS_TWIN = 9,     /* a VPN gateway's instance heard it from the other one */
	BGP_CLASS_ROUTE_SERVER = 10, /* heard from a Route Server */
	BGP_CLASS_ER_GATEWAY = 11,   /* a Route Server or VPN gateway heard it from there */
	BGP_CLASS_VPN_GATEWAY = 12,  /* a Route Server or ER gateway heard it from there */
	BGP_CLASS_NVA = 13,          /* a Route Server heard it from an NVA */
	BGP_CLASS_NEIGHBOR = 14,     /* a customer's router heard it from any other */
	BGP_CLASS_LOOP = 15,         /* an MSEE heard what its own circuit has told */
};
#define BGP_CLASS_BIT(class) (1u << (class))
#define BGP_ANY_CLASS        (~0u)

struct bgp_network {
	struct prefix prefix;
	enum bgp_class class;
	const struct bgp_end *via; /* BGP_CLASS_STATIC: sent there, and not announced there */
	/* as if heard over these networks, the nearest first */
	LIST_OF(const uint32_t) path;
	LIST_OF(const struct interface *) tunnels; /* BGP_CLASS_LNG: it is behind these */
	bool is_static;                            /* one of them has no BGP inside */
};

/* One end of a session, as its own side is configured. */
struct bgp_end {
	struct bgp_speaker *speaker;
	struct bgp_end *peer; /* NULL: nobody in the lab answers; it stays Connecting */
	const char *name;     /* of the protocol in the daemon's configuration */
	const struct interface *interface;
	struct ip ip;      /* its own address in the session, of that interface */
	struct ip peer_ip; /* with whom it speaks ... */
	uint32_t peer_asn;
	const struct node *peer_node; /* ... who has the address; NULL: no machine of the lab */
	const char *peer_name;        /* that machine's, else the address */
	/*
	 * Does the session come up? True of both ends of one that is joined; whoever finds out that
	 * no packet gets there makes one of them false before bgp_solve.
	 */
	bool is_expected;
	bool is_over_limit;       /* found by bgp_solve: what it hears ends the session */
	bool has_bfd;             /* silence is noticed sooner than by the hold time */
	enum bgp_class learns;    /* class of what is heard here */
	unsigned sends;           /* BGP_CLASS_BITs of what is told here */
	bool strips_private_asns; /* from what is told (R6.7) */
	bool accepts_own_asn;     /* in what is heard: once */
	bool ignores_communities; /* in what is heard (R6.20) */
	bool refuses_networks;    /* nothing equal to the speaker's own is accepted (R7.4, R7.20) */
	const struct vnet *own;   /* nothing equal to or inside its ranges is accepted; or NULL */
	/* what was heard and overlaps its ranges is not told, nor a default route (R5.6); or NULL
	 */
	const struct vnet *clears;
	LIST_OF(struct prefix) withheld; /* not told here */
	/* what was heard by these is told, too, as if from this network (R6.16) */
	LIST_OF(const struct bgp_end *) reflects;
	unsigned preference;  /* of what is heard, between protocols; higher wins */
	bool is_multihop;     /* the peer is on no network of the interface */
	bool is_client;       /* by iBGP: what others said is told it, too (a reflector's) */
	bool keeps_next_hop;  /* in what is told */
	bool tells_next_best; /* what the peer's network said itself aside, the next best is told */
	unsigned local_pref;  /* given to what is heard; 0: as it comes */
	unsigned prepend;     /* its own number so often once more in what is told */
	unsigned med;         /* given to what is heard; lower wins */
	unsigned limit;       /* of prefixes heard: more end the session; 0: none */
	/*
	 * An MSEE's mark on what it tells a provider: what comes back by a link of the circuit with
	 * the mark of the circuit is listed, is the last choice and goes nowhere (R6.21). 0: none.
	 */
	uint32_t loop_mark;
	/*
	 * An MSEE's mark on what it hears of a gateway, wherever that goes on to: what another link
	 * of a provider brings back with it is no next best for that gateway. 0: none.
	 */
	uint32_t gateway_mark;
	const struct bgp_neighbor *neighbor; /* a customer's words on what is told; or NULL */
};

struct bgp_speaker {
	unsigned index;             /* in the graph */
	enum routing_daemon daemon; /* the program that speaks */
	const struct node *node;
	uint32_t asn;
	struct ip router_id;
	bool fills_kernel; /* forwards by what it learns */
	bool refuses_own;  /* what it announces is behind it, and no host of it is there */
	bool ranks_routes; /* local_pref and med are its own, and told to nobody (R7.12) */
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
};

/* The caller owns the graph; it borrows from the topology and its lab. */
struct bgp_graph *bgp_graph_new(const struct topology *topology) NODISCARD;
void bgp_graph_free(struct bgp_graph *graph); /* NULL is fine */

/*
 * Where its sessions start when nothing else is configured: of a VPN gateway's instance its default
 * BGP address, which stands for it also where sessions use another one (R5.4). IP_NONE: it has
 * none.
 */
struct ip bgp_speaker_ip(const struct bgp_speaker *speaker);
/* Borrowed; NULL when there is none. */
struct bgp_speaker *bgp_find_speaker(const struct bgp_graph *graph, const struct node *node);
const struct bgp_end *bgp_find_end(const struct bgp_speaker *speaker, const char *name);
/* What it announces of its own: a prefix, of one of these classes (BGP_CLASS_BITs). */
struct bgp_network *bgp_find_network(const struct bgp_speaker *speaker, struct prefix prefix,
				     unsigned classes);
struct bgp_speaker *bgp_find_instance(const struct bgp_graph *graph, const struct gateway *gateway,
				      unsigned instance);

bool bgp_end_is_internal(const struct bgp_end *end); /* within one AS: iBGP */
/* Does the session come up and stay so? */
bool bgp_end_lasts(const struct bgp_end *end);
/* Of how many sessions is that true? */
unsigned bgp_session_count(const struct bgp_graph *graph);

const char *routing_daemon_name(enum routing_daemon daemon); /* as its package is called */
const char *bgp_class_name(enum bgp_class class);            /* as the daemon's filters spell it */
bool asn_is_private(uint32_t asn);
