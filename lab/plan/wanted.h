/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What follows from a lab before anything runs: its machines, who speaks BGP with whom, what all
 * of them will know, and the plan that makes it.
 */
#include "lab/azure/tunnels.h"
#include "lab/plan/fault.h"
#include "lab/plan/plan.h"

struct wanted {
	struct lab *lab;
	struct topology *topology;
	struct bgp_graph *graph;
	/* as predicted, see tunnels.h */
	struct rib *ribs; /* by speaker */
	struct fabric *fabric;
	struct tunnel_state *tunnels; /* by place in the topology */
};

/*
 * The lab becomes part of the result, which the caller owns; `paths` is borrowed. What was in
 * `previous` (NULL is fine), an earlier version of the same lab, keeps its numbers; it is not kept.
 */
struct wanted *wanted_new(struct lab *lab, const struct wanted *previous, struct as_paths *paths)
	NODISCARD;
void wanted_free(struct wanted *wanted); /* NULL is fine */

/*
 * What all will know once a fault stands: sessions and tunnels that need what is broken are down,
 * a killed daemon is away. A delay breaks nothing. Routes follow what is said by BGP; a port that
 * is cut carries nothing, whatever routes say, which is for who asks about flows.
 */
void wanted_break(struct wanted *wanted, enum fault_kind kind, const struct fault_target *target,
		  struct as_paths *paths);

/* Everything that stands: what the lab says, and the fabric's tables as `tables` has them. */
struct plan *wanted_plan(const struct wanted *wanted, const struct plan *tables) NODISCARD;
/* The fabric's tables when the speakers know these; before any has learned anything with NULL. */
struct plan *wanted_tables(const struct wanted *wanted, const struct rib *ribs) NODISCARD;
/* What stands before the routers have learned anything; of NULL: nothing. */
struct plan *wanted_start(const struct wanted *wanted) NODISCARD;

/*
 * What changes in the kernels of guests that route, from one lab (NULL: nothing) to another: `fn`
 * is called for each in which something does.
 */
typedef void wanted_inside_fn(void *arg, const char *guest, const struct plan *changes);
void wanted_inside(const struct wanted *before, const struct wanted *after, wanted_inside_fn *fn,
		   void *arg);
