/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Within routers that are guests: routers.c tells them, routers_programs.c runs their daemons. */
#include "netns/super/routers.h"

/* A script that waits, or is under way: the first of its router's. */
struct telling {
	struct telling *prev, *next;
	struct plan *changes;
	bool is_settling; /* what was told is what is wanted when it is done */
	bool is_start;    /* a daemon is started behind it */
	engine_applied_fn *fn;
	void *arg;
	char *script; /* once it is under way */
	char daemon[];
};

/* A daemon that runs in a guest. */
struct program {
	struct program *next;
	struct router *router;
	struct door *door;
	pid_t pid; /* one of ours, below zero */
};

struct router {
	struct router *next;
	struct routers *routers;
	char *name;
	struct plan *wanted, *told;
	struct plan *doubtful; /* what may stand beside what it was told: plan_doubt */
	struct plan *becoming; /* what it is being told to be, or may have become; else NULL */
	struct plan *refused;  /* what it would not be, until that is another; else NULL */
	bool is_there;         /* and is told what is to be made */
	bool is_asked;         /* what it was told before */
	bool is_running;       /* the first telling */
	bool is_wanted;
	uint64_t mark, next_mark; /* those that `told` and `becoming` have */
	struct telling *tellings;
	struct program *programs;
	struct loop_timer *again; /* what could not be asked for */
	char trouble[400];        /* what it refused */
	char problem[400];
};

struct routers {
	struct loop *loop;
	struct guests_client *guests;
	struct daemons *daemons;
	struct journal *journal;
	struct routers_ops ops;
	void *arg;
	struct router *all;
	pid_t last_pid;
	uint64_t last_mark;
};

struct agent *routers_agent(const struct router *router);
/* What was asked of its agent it has no room for. */
void routers_try_again(struct router *router, const char *why);

/* NULL: the plan has no daemon of that name. */
const struct step *routers_find_step(const struct plan *plan, const char *daemon);
/* Unless it runs, or may not. */
void routers_start_program(struct router *router, const struct plan *plan, const struct step *step);
/* All that are to run and do not. */
void routers_start_programs(struct router *router);
/* With their router: nobody is told. */
void routers_drop_programs(struct router *router);
