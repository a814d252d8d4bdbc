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
	const char *name; /* of its step */
	const char *node; /* on which it runs */
	char program[24];
	pid_t pid; /* 0 while it does not run; below that it runs in a guest */
	unsigned starts;
	char state[200];   /* up, or how it ended, until it is seen to stay up */
	struct plan *step; /* the one step that starts it */
	struct daemons *daemons;
	struct loop_timer *timer;
	uint64_t started_ns;
	bool is_unwanted;
	bool is_held;           /* not started until it is let go */
	bool is_waiting;        /* for its guest: who that is hurries it when it can be started */
	const char *end_reason; /* when we ended it: borrowed */
	unsigned quick_ends;    /* in a row, each within a few seconds of its start */
};

struct daemons_ops {
	/* Start it: its step is to be run, and daemons_started called. */
	void (*start)(void *arg, struct daemon *daemon);
	/* It runs; what it writes comes from `output`, which is the callee's. */
	void (*on_start)(void *arg, struct daemon *daemon, int output);
	void (*on_end)(void *arg, struct daemon *daemon);
	/* End one that runs in a guest: daemons_reaped comes at once, or later. */
	void (*kill)(void *arg, pid_t pid);
};

/* The caller owns the result. */
struct daemons *daemons_new(struct loop *loop, const struct daemons_ops *ops, void *arg) NODISCARD;
void daemons_free(struct daemons *daemons); /* NULL is fine; the programs are not touched */

/* A step of the plan started one, for the first time or again. */
void daemons_started(struct daemons *daemons, const struct plan *plan, const struct step *step,
		     pid_t pid, int output);
/*
 * A child was reaped that nothing else knows, or one in a guest ended. It may be a daemon whose
 * start is still to be told: the kernel tells of an end sooner than the engine of what it started.
 */
void daemons_reaped(struct daemons *daemons, pid_t pid, int status);

/* It is not wanted any more: it is ended and not started again, and its end is not told. */
void daemons_let_go(struct daemons *daemons, const char *name);
/* The plan is about to start one in the place of one of that name that it let go. */
void daemons_expect(struct daemons *daemons, const struct plan *plan, const struct step *step);
/* End one that is wanted but hangs; why is what is then said of its end. It is started again. */
void daemons_end(struct daemons *daemons, const char *node, const char *program, const char *why);
/* End those of a node as a crash would: they start again as after one. False when none runs. */
bool daemons_kill(struct daemons *daemons, const char *node);
/* While they are held they are not started when they ended; then they are at once. */
void daemons_hold(struct daemons *daemons, const char *node, bool is_held);
/* Do all of a node run? */
bool daemons_run(const struct daemons *daemons, const char *node);
/* Forget those that are not wanted. */
void daemons_forget(struct daemons *daemons);

const struct daemon *daemons_first(const struct daemons *daemons); /* then by ->next */
struct daemon *daemons_find(const struct daemons *daemons, const char *name);
/* One of a node that is not up, or else the first; NULL when it has none. */
const struct daemon *daemons_find_worst(const struct daemons *daemons, const char *node);
bool daemon_is_up(const struct daemon *daemon);
/* One that waits is started as soon as the loop is next. */
void daemon_hurry(struct daemon *daemon);
