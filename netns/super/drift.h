/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Drift: is what the kernel has in the fabric what it was told to have? Routes and rules are
 * compared when someone changes one, after each change of the lab's own, and from time to time;
 * some packets' routes are asked for, which is another way to the same answer. It tells, and does
 * not mend: docs/decisions/0008.
 */
#include "netns/super/engine_client.h"
#include "netns/super/journal.h"

struct drift;

#define DRIFT_PERIOD_NS 60000000000ull

/* `changed` is called when there is another difference, or one less, or it is settled. The caller
 * owns the result. */
struct drift *drift_new(struct loop *loop, struct journal *journal, uint64_t period_ns,
			void (*changed)(void *arg), void *arg) NODISCARD;
void drift_free(struct drift *drift); /* NULL is fine */

/* The fabric is there: have its sockets opened, and begin. Once. */
void drift_open(struct drift *drift, struct engine_client *engine);
/* Look at all from time to time, too; drift_open does it. */
void drift_begin(struct drift *drift);
/* What that does for each: `type` is one of the three it needs, the descriptor becomes its own. */
void drift_socket(void *drift, size_t type, int fd, const struct err *err);

/*
 * What is wanted from now on: everything (the plan becomes drift's; the topology is borrowed until
 * another one comes, and gives names; NULL is fine), or what changes of it.
 */
void drift_want(struct drift *drift, const struct topology *topology, struct plan *plan);
void drift_want_changes(struct drift *drift, const struct plan *changes);

/* The engine is about to make changes, and has. Nothing is compared meanwhile. */
void drift_pause(struct drift *drift, const struct plan *changes);
void drift_go_on(struct drift *drift, const struct plan *changes, bool is_done);

/* All was compared since the last change; or nothing can be. */
bool drift_is_settled(const struct drift *drift);

/* Tells the first `max` differences that stand, and returns how many there are. */
size_t drift_tell(const struct drift *drift, size_t max, void (*tell)(void *arg, const char *text),
		  void *arg);

/*
 * Changes that put right what is told, taken from a plan of everything: first removals, of which
 * some may fail, then additions. The caller owns both.
 */
void drift_mend(const struct drift *drift, const struct plan *wanted, struct plan **ret_removals,
		struct plan **ret_additions);
