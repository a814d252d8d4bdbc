/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The wanted state of the machine as steps, each one object of the kernel or a daemon: nothing in
 * a plan depends on what is there already. Comparing two plans gives a third, of changes, which is
 * what the engine runs. Plain data: a plan crosses to another process as one block of bytes.
 */
#include "lab/base/err.h"
#include "lab/model/topology.h"

#include <stdint.h>

enum step_kind {
	STEP_NAMESPACE,
	STEP_SYSCTL,
	STEP_BRIDGE,
	STEP_VETH,
	STEP_CABLE,
	STEP_FRAMES,
	STEP_TUNNEL,
	STEP_TAP,
	STEP_UP,
	STEP_ADDRESS,
	STEP_NEIGHBOUR,
	STEP_ROUTE,
	STEP_RULE,
	STEP_NFT,
	STEP_ELEMENT,
	STEP_FILE,
	STEP_DAEMON,
	STEP_LISTENER,
	STEP_GUEST,
	STEP_KIND_COUNT,
};

/*
 * Steps are made stage by stage, and within a stage namespace by namespace, so that what a step
 * needs was made before it and one namespace's messages go together. Removal goes the other way.
 */
enum step_stage {
	STAGE_NAMESPACES,
	STAGE_LINKS,
	STAGE_ROUTES,
	STAGE_FIREWALL,
	STAGE_DAEMONS,
	STAGE_COUNT,
};

enum step_verb {
	STEP_ADD,
	STEP_CHANGE,
	STEP_REMOVE
};

#define PLAN_ROUTE_PROTOCOL 104 /* by which routes say that they are ours */

enum route_type {
	ROUTE_UNICAST,
	ROUTE_THROW,
	ROUTE_BLACKHOLE
};

/* Text of a plan, by its place in the plan; 0 is "". */
typedef uint32_t plan_text_id;

/* One end of a pair of interfaces. */
struct link_end {
	plan_text_id ns;
	uint32_t ifindex;
	char name[IFNAME_SIZE];
	uint8_t mac[MAC_SIZE];
};

/*
 * What stands on one end of a cable: MACsec on all of it, inside that the outer tag, inside that
 * the inner one. The last of them is the interface that packets go by; with none of them that is
 * the end of the cable itself.
 */
struct frames_end {
	struct link_end end;  /* that interface */
	plan_text_id mac_sec; /* "KEY KEY-ID" in hexadecimal digits; "": there is none */
	uint8_t cipher;       /* enum mac_sec_cipher */
	bool sends_sci;
	uint16_t s_tag, c_tag; /* 0: there is none */
};
enum frames_layer {
	LAYER_WIRE, /* the cable's own end */
	LAYER_MAC_SEC,
	LAYER_S_TAG,
};

struct nexthop {
	struct ip via; /* IP_NONE: the destination itself is a neighbour */
	uint32_t ifindex;
	char dev[IFNAME_SIZE]; /* its name, for people */
};

struct step {
	enum step_kind kind;
	enum step_verb verb; /* STEP_ADD in a plan of wanted state */
	plan_text_id ns;     /* namespace it is in, or is */
	uint32_t line, col;  /* of the lab file; 0 when no line of it asked for the step */
	union {
		struct {
			plan_text_id path, value; /* below /proc/sys */
		} sysctl;
		struct {
			struct link_end end;
		} bridge;
		struct { /* a is in step.ns and up; b must be brought up by a step of its own */
			struct link_end a, b;
			uint32_t mtu;
			bool is_port;    /* a answers ARP for everyone, at once (R9.3) */
			uint32_t bridge; /* ifindex of the one that a is a port of; 0: of none */
		} veth;
		struct { /* a is in step.ns; both are made up */
			struct link_end a, b;
			uint32_t mtu;
			uint32_t delay_us, loss_ppm; /* each way */
			uint64_t rate_bps;           /* 0: no limit */
			bool is_cut;                 /* no carrier at either end */
		} cable;
		struct { /* of a cable whose first end is in step.ns, and behind it */
			struct frames_end a, b;
			bool fits; /* both are the same: else nothing may pass, whatever is missing
				    */
		} frames;
		/*
		 * The device of a tunnel, whose daemon and outer packets are in step.ns and which
		 * stands in the node: it is brought there as soon as there is one. What a plan of
		 * wanted state has is down: it goes up with its tunnel.
		 */
		struct {
			struct link_end end;  /* in the node; without a MAC address */
			uint32_t wan_ifindex; /* by which outer packets go, in step.ns */
			uint32_t mtu;
			struct ip local, peer; /* inner addresses */
			plan_text_id
				routes; /* prefixes by it while it is up, one blank between two */
			bool is_up;
		} tunnel;
		struct { /* a port whose other end is a NIC of a guest; it is made up */
			struct link_end end;
			uint32_t mtu;
		} tap;
		struct {
			uint32_t ifindex;
			char dev[IFNAME_SIZE];
			bool accepts_local; /* packets from addresses that are its node's own */
		} up;
		struct {
			uint32_t ifindex;
			char dev[IFNAME_SIZE];
			struct prefix prefix; /* the address and its network's length */
		} address;
		struct {
			uint32_t ifindex;
			char dev[IFNAME_SIZE];
			struct ip ip;
			uint8_t mac[MAC_SIZE];
		} neighbour;
		struct {
			uint32_t table;
			struct prefix prefix;
			enum route_type type;
			uint32_t first_nexthop, nexthop_count; /* in plan->nexthops */
		} route;
		struct {
			enum ip_family family;
			uint32_t priority, mark, mask, table;
			/* further conditions; zero is none */
			struct prefix from, to;
			uint32_t udp_port; /* of the destination */
			char iif[IFNAME_SIZE];
			/* It is in the place of the kernel's own first rule, table "local" at 0. */
			bool is_local;
		} rule;
		struct {
			plan_text_id table; /* "ip hublab" or "ip6 hublab" */
			/*
			 * A part of it that can change, "chain c_forward"; "" is the table itself,
			 * with all that stands as long as it does.
			 */
			plan_text_id block, text; /* as nft writes it between the table's braces */
		} nft;
		struct { /* one element of a set of prefixes, whose block, "set s_near_1", has none
			  */
			plan_text_id table, block;
			struct prefix prefix;
		} element;
		struct {
			plan_text_id path, content; /* below the lab's own /run */
		} file;
		struct {
			plan_text_id name;    /* NODE; of further ones of it: PROGRAM@NODE */
			plan_text_id argv;    /* words separated by one blank each */
			plan_text_id control; /* path of its control socket */
			/* whom it becomes: has the socket's directory; "": it stays root */
			plan_text_id user;
			plan_text_id needs; /* a socket that is waited for, for a while; "" */
			/* What it sees as /run, as a path below the lab's own; "" is that itself.
			 */
			plan_text_id run;
			plan_text_id environment; /* NAME=VALUE, or "" */
		} daemon;
		struct {
			uint32_t port; /* TCP: the supervisor answers HTTP there */
			bool has_ipv6; /* by both families */
			plan_text_id answer;
		} listener;
		struct {                           /* step.ns is its name; it has no namespace */
			plan_text_id ports;        /* "NS NAME MAC", one blank between all words */
			plan_text_id command_line; /* of its kernel; "" with an image */
			uint32_t memory_mb, vcpus;
			bool is_router; /* boots the routers' image; told plan_compile_inside */
			uint32_t cut;   /* a bit for each port: it has no carrier */
			/* of an image of the user's; "" without one */
			plan_text_id image;     /* its path */
			plan_text_id seed;      /* the number of what is in RUN_GUEST_SEED */
			plan_text_id addresses; /* its own, and its router's: "IP IP" */
			uint32_t boot_timeout_ms;
			bool is_uefi;
		} guest;
	};
};

struct plan {
	struct step *steps;
	uint32_t step_count, step_capacity;
	struct nexthop *nexthops;
	uint32_t nexthop_count, nexthop_capacity;
	char *text;
	uint32_t text_size, text_capacity;
	struct text_entry *texts; /* where each text stands, so that it stands once */
};

struct plan *plan_new(void) NODISCARD;
void plan_free(struct plan *plan); /* NULL is fine */

plan_text_id plan_add_text(struct plan *plan, const char *text);
const char *plan_text(const struct plan *plan, plan_text_id id); /* borrowed until the next add */

/* A zeroed step to be filled in; borrowed until the next one is added. */
struct step *plan_add_step(struct plan *plan, enum step_kind kind, const char *ns,
			   struct src_pos pos);
/* One more next hop for the route step that was added last. `via` may be IP_NONE. */
void plan_add_nexthop(struct plan *plan, struct ip via, uint32_t ifindex, const char *dev);
/* Into the order of stages, namespaces (as they were first named) and kinds. */
void plan_sort(struct plan *plan);
/* Copy one step of another plan, its texts and next hops with it; borrowed until the next add. */
struct step *plan_copy_step(struct plan *to, const struct plan *from, const struct step *step,
			    enum step_verb verb);
/* Copy all steps of another plan behind those of this one. */
void plan_append(struct plan *plan, const struct plan *other);

/*
 * The changes that make the state `from` into the state `to`: removals in reverse order, then
 * changes and additions in order; parts of nftables' tables go where others of them come. Both
 * plans are sorted. Nothing for equal plans. The caller owns the result.
 */
struct plan *plan_diff(const struct plan *from, const struct plan *to) NODISCARD;

/*
 * Changes from *certain to `to` were begun, and nobody knows how far they came. What they leave
 * alone is what is certain then, in a plan of its own; what they touch is added to `doubtful`.
 * plan_diff_doubtful has the changes that make `to` of that: what is in doubt is taken away first,
 * whether it is there or not, so removals must not mind. The caller owns the results.
 */
void plan_doubt(struct plan **certain, struct plan *doubtful, const struct plan *to);
struct plan *plan_diff_doubtful(const struct plan *certain, const struct plan *doubtful,
				const struct plan *to) NODISCARD;

/* As one block of bytes for another process of the same program; the caller frees it. */
void *plan_pack(const struct plan *plan, size_t *ret_size) NODISCARD;
struct plan *plan_unpack(const void *bytes, size_t size, struct err *err) NODISCARD;

/* Where a step keeps its texts, so that copying and comparing treat all kinds alike. */
struct text_places {
	plan_text_id *ids[8];
	size_t count;
};
struct text_places step_text_places(struct step *step);

enum step_stage step_stage(enum step_kind kind);
const char *step_stage_name(enum step_stage stage); /* as progress and timings print it */

bool frames_end_is_used(const struct frames_end *end); /* does anything stand there? */
/* What is below the interface of such an end, with a name and a number of its own. */
struct link_end frames_below(const struct link_end *end, enum frames_layer layer);

/* One line of text about a step: "route fabric table 10001 10.0.0.0/8 blackhole". */
void step_print(const struct plan *plan, const struct step *step, char *text, size_t size);
/* One line for each step: its sign and itself. */
void plan_print(const struct plan *plan, FILE *out);
/* Likewise of what is told to a guest ("": to the host): "+ fw: route fw table 254 ...". */
void plan_print_inside(const struct plan *plan, const char *guest, FILE *out);
