/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Faults: what is broken on purpose in a lab that runs. They are a part of what is wanted, beside
 * the file and its changes: plan_apply_faults makes a plan one that has them, so that they come,
 * stay and go as all else does, and nothing that mends a lab takes them away.
 */
#include "lab/azure/bgp.h"
#include "lab/plan/plan.h"

enum fault_kind {
	FAULT_CUT,   /* the carrier is gone, at both ends */
	FAULT_DROP,  /* what is sent is lost, and nobody is told */
	FAULT_DELAY, /* of cables: so much more each way */
	FAULT_KILL,  /* of daemons: that is for who runs them; a plan has nothing of it */
	FAULT_KIND_COUNT,
};

struct fault {
	enum fault_kind kind;
	const char *target; /* as fault_find_target names it */
	double delay_ms;    /* FAULT_DELAY */
};

/* Something that can break, by its name; one thing may have several. */
struct fault_target {
	const char *name; /* of letters that no shell takes for its own */
	const char *what; /* "cable", "circuit", or what a machine is */
	LIST_OF(const struct cable *) cables;
	LIST_OF(const struct interface *) ports;    /* in the fabric, or in a branch's LAN */
	LIST_OF(const struct tunnel_end *) tunnels; /* whose outer packets go by their node */
	LIST_OF(const char *) daemons;              /* of these nodes, or ends of tunnels */
	const char *program;                        /* of the daemons; NULL when there is none */
};

struct fault_targets {
	LIST_OF(struct fault_target) targets;
};

extern const char *const fault_kind_names[FAULT_KIND_COUNT];
/* "cut ISP/er-primary" */
void fault_print(const struct fault *fault, char *text, size_t size);
/* FAULT_KIND_COUNT when it is none. */
enum fault_kind fault_kind_named(const char *name);

/*
 * All that there is: machines ("az-hub-ergw-0"), gateways (both instances), cables ("ISP/FAR-END";
 * of several between the same two "ISP/FAR-END/2"), circuits (their cables, or "CIRCUIT/primary"),
 * NICs, ends of tunnels, and connections (Azure's ends of their tunnels). In the arena; the rest is
 * borrowed from the graph.
 */
struct fault_targets fault_list_targets(const struct bgp_graph *graph, struct arena *arena)
	NODISCARD;

/* Is there something of it that this kind of fault breaks? */
bool fault_can_break(const struct fault_target *target, enum fault_kind kind);

/*
 * The one that is meant: letter case does not count, the ends of a cable may stand the other way
 * round and with ':' between, and what a daemon runs on may have its program before it,
 * "bird@MACHINE". NULL with `err`, which
 * says what there is, or that this kind of fault does nothing there.
 */
const struct fault_target *fault_find_target(const struct fault_targets *targets,
					     enum fault_kind kind, const char *name,
					     struct err *err);

/*
 * What the plan wants, with these faults in it. Those whose target is not there, or no more, do
 * nothing.
 */
void plan_apply_faults(struct plan *plan, const struct bgp_graph *graph, const struct fault *faults,
		       size_t count);
/*
 * Likewise of a plan that is told to a guest (plan_compile_inside): what breaks in its own kernel.
 * Its NICs break by their ports.
 */
void plan_apply_faults_inside(struct plan *plan, const struct bgp_graph *graph,
			      const struct fault *faults, size_t count);
