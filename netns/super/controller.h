/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The loop that makes the fabric Azure: it hears what the routing daemons have really learned,
 * computes every table by Azure's rules, and has the engine program the difference.
 */
#include "lab/azure/fabric.h"
#include "netns/daemon/bird.h"
#include "netns/super/engine_client.h"
#include "netns/super/journal.h"

struct controller;

struct controller_ops {
	/* Sessions, tables or what is programmed changed. */
	void (*on_change)(void *arg);
	/* These are being programmed: steps of routes. */
	void (*on_program)(void *arg, const struct plan *changes);
};

/* Nothing is learned at first. The caller owns the controller; the rest is borrowed. */
struct controller *controller_new(struct loop *loop, const struct bgp_graph *graph,
				  struct as_paths *paths, struct engine_client *engine,
				  struct journal *journal, const struct controller_ops *ops,
				  void *arg) NODISCARD;
void controller_free(struct controller *controller); /* NULL is fine */

/*
 * The daemons of an earlier version of the lab go on under this one, and what they know with them;
 * the earlier controller keeps those that are not in this one's graph, and does nothing more.
 */
void controller_take_over(struct controller *controller, struct controller *earlier);
/* Changes are being programmed, or some of them failed and will be told again. */
bool controller_is_busy(const struct controller *controller);

/* The tables as they are now: part of the first plan, which the caller has programmed. */
const struct plan *controller_tables(struct controller *controller);
/* They are in the kernel: from now on changes are programmed as they come. */
void controller_start(struct controller *controller);

/* A speaker's daemon runs, or does not run any more. */
void controller_attach(struct controller *controller, const struct bgp_speaker *speaker, int output,
		       const char *control);
void controller_detach(struct controller *controller, const struct bgp_speaker *speaker);

/* What a node's daemon is configured by was written anew. */
void controller_configure(struct controller *controller, const char *node);

const struct fabric *controller_fabric(const struct controller *controller);
const struct rib *controller_ribs(const struct controller *controller); /* by speaker */
const struct rib *controller_rib(const struct controller *controller,
				 const struct bgp_speaker *speaker);
/* NULL while its daemon does not run. */
/* Of a daemon that ended; "" when it said nothing. */
const char *controller_last_words(struct controller *c, const struct bgp_speaker *speaker);
const struct bird *controller_bird(const struct controller *controller,
				   const struct bgp_speaker *speaker);

/* Sessions whose two ends are both up. */
unsigned controller_sessions_up(const struct controller *controller);
/* Everything the daemons know was read, computed and programmed. */
bool controller_is_settled(const struct controller *controller);
