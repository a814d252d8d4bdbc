/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Runs plans of changes, stage by stage, through one struct of functions: the kernel, or what
 * stands in for it in tests. Nothing here waits for anything but the kernel's answers.
 */
#include "lab/plan/plan.h"

#include <stdbool.h>
#include <sys/types.h>

#define MADE_MAX_FDS 4

/* What the supervisor must hold of something that was made. */
struct engine_made {
	uint32_t step;         /* index in the plan */
	pid_t pid;             /* STEP_DAEMON */
	int fds[MADE_MAX_FDS]; /* daemon: its output; listener: its socket; cable: see wire.h */
	unsigned fd_count;
};

struct engine_ops {
	/*
	 * Carry out one step by its verb; it may be queued until the flush. What it made is written
	 * to *ret_made (zeroed by the caller), whose descriptors are then the caller's. On failure
	 * *ret_failed is the step that failed, this one or one queued before it.
	 */
	int (*run)(void *ctx, const struct plan *plan, uint32_t index, struct engine_made *ret_made,
		   uint32_t *ret_failed, struct err *err);
	/* Everything queued is done. */
	int (*flush)(void *ctx, const struct plan *plan, uint32_t *ret_failed, struct err *err);
};

/* How the engine tells what happens while it works. */
struct engine_listener {
	void (*on_made)(void *arg, const struct engine_made *made);
	void (*on_stage)(void *arg, enum step_stage stage, uint32_t step_count, uint64_t took_ns);
};

/*
 * Run the changes in order and stop at the first failure, which is returned with the step it
 * belongs to and the line of the lab file that asked for it. An undo goes on after failures: what
 * it takes away may never have been made.
 */
int engine_apply(const struct engine_ops *ops, void *ctx, const struct plan *changes, bool is_undo,
		 const struct engine_listener *listener, void *arg, struct err *err);
