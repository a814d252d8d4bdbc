/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The programs of a lab: who runs, who ended and why, and starting again what should run, later
 * each time it ends at once.
 */
#include "lab/plan/plan.h"
#include "netns/loop/loop.h"

#include <sys/types.h>

struct daemons;

struct daemon {
	struct daemon *next;
	const char *name; /* of its node */
	pid_t pid;        /* 0 while it does not run */
	unsigned starts;
	char state[200];   /* up, or how it ended, until it is seen to stay up */
	struct plan *step; /* the one step that starts it */
	struct daemons *daemons;
	struct loop_timer *timer;
	uint64_t started_ns;
	bool is_unwanted;
	unsigned quick_ends; /* in a row, each within a few seconds of its start */
};

struct daemons_ops {
	/* Start it: its step is to be run, and daemons_started called. */
	void (*start)(void *arg, struct daemon *daemon);
	/* It runs; what it writes comes from `output`, which is the callee's. */
	void (*on_start)(void *arg, struct daemon *daemon, int output);
	void (*on_end)(void *arg, struct daemon *daemon);
};

/* The caller owns the result. */
struct daemons *daemons_new(struct loop *loop, const struct daemons_ops *ops, void *arg) NODISCARD;
void daemons_free(struct daemons *daemons); /* NULL is fine; the programs are not touched */

/* A step of the plan started one, for the first time or again. */
void daemons_started(struct daemons *daemons, const struct plan *plan, const struct step *step,
		     pid_t pid, int output);
/*
 * A child was reaped that nothing else knows. It may be a daemon whose start is still to be told:
 * the kernel tells of an end sooner than the engine of what it started.
 */
void daemons_reaped(struct daemons *daemons, pid_t pid, int status);

/* Wanted or not: one that is not is ended and not started again, and its end is not told. */
void daemons_want(struct daemons *daemons, const char *name, bool is_wanted);
/* Forget those that are not wanted. */
void daemons_forget(struct daemons *daemons);

const struct daemon *daemons_first(const struct daemons *daemons); /* then by ->next */
struct daemon *daemons_find(const struct daemons *daemons, const char *name);
