/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The loop that makes the fabric Azure: it hears what the routing daemons have really learned,
 * computes every table by Azure's rules, and has the engine program the difference.
 */
#include "lab/azure/verdict.h"
#include "netns/daemon/bgp_daemon.h"
#include "netns/super/engine_client.h"
#include "netns/super/journal.h"

struct controller;

struct controller_ops {
	/* Sessions, tables or what is programmed changed. */
	void (*on_change)(void *arg);
	/* These are being programmed: steps of routes. */
	void (*on_program)(void *arg, const struct plan *changes);
	/* A daemon knows something else; what follows from it is computed and programmed later. */
	void (*on_learned)(void *arg);
	/* The answer to controller_ask_told; borrowed. `refusal` is NULL when there is one. */
	void (*on_told)(void *arg, const struct bgp_end *end, const struct rib_route *routes,
			size_t count, const char *refusal);
	/* A daemon hangs. */
	void (*on_silence)(void *arg, const char *node, const char *program);
	/* A daemon wrote a line into its log. */
	void (*on_line)(void *arg, const struct bgp_speaker *speaker, const char *program,
			const char *line);
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

/* One of the programs that a speaker's daemon is runs, or does not run any more. */
void controller_attach(struct controller *controller, const struct bgp_speaker *speaker,
		       const char *program, int output, const char *control);
void controller_detach(struct controller *controller, const struct bgp_speaker *speaker,
		       const char *program);

/*
 * Of a lab that is started: what is behind tunnels by the lab file alone is told when all else is,
 * as where the tunnels were built last. Which came first can matter for good: a gateway that knows
 * a prefix by a static route tells it to the very routers that would tell it the same prefix.
 */
void controller_hold_sites(struct controller *controller);
/* What a node's daemon is configured by was written anew. */
void controller_configure(struct controller *controller, const char *node);

const struct fabric *controller_fabric(const struct controller *controller);
/* What filters in that fabric; it follows what gateways teach. */
const struct security *controller_security(const struct controller *controller);
/* Counts how often it did. */
uint64_t controller_security_version(const struct controller *controller);
const struct rib *controller_ribs(const struct controller *controller); /* by speaker */
const struct rib *controller_rib(const struct controller *controller,
				 const struct bgp_speaker *speaker);
/* Of a program that ended; "" when it said nothing. */
const char *controller_last_words(struct controller *c, const struct bgp_speaker *speaker,
				  const char *program);
/* NULL while its daemon does not run. */
const struct bgp_daemon *controller_daemon(const struct controller *controller,
					   const struct bgp_speaker *speaker);
/* Has this end, whose peer may say otherwise, an established session? */
bool controller_session_is_up(const struct controller *controller, const struct bgp_end *end);

/* Counts how often what the speaker knows, or one of its sessions, became another. */
uint64_t controller_version(const struct controller *controller, const struct bgp_speaker *speaker);
/* Ask the speaker's daemon what it tells on this session. False while none runs that can say. */
bool controller_ask_told(struct controller *controller, const struct bgp_end *end);

/* Sessions whose two ends are both up. */
unsigned controller_sessions_up(const struct controller *controller);
/* Everything the daemons know was read, computed and programmed. */
bool controller_is_settled(const struct controller *controller);
