/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/engine/engine.h"

#include <string.h>
#include <time.h>

struct run {
	const struct engine_ops *ops;
	void *ctx;
	const struct plan *changes;
	const struct engine_listener *listener;
	void *arg;
	bool is_undo;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Say which step failed and where the lab file asked for it. */
static int explain(const struct plan *changes, uint32_t index, const struct err *failure,
		   struct err *err)
{
	const struct step *step = &changes->steps[index];
	struct src_pos pos = { .line = step->line, .col = step->col };
	char text[160];

	step_print(changes, step, text, sizeof(text));
	return err_at(err, pos, failure->code, "%s: %.220s", text, failure->text);
}

static int run_step(struct run *r, uint32_t index, struct err *err)
{
	struct engine_made made = { .step = index };
	struct err failure = { 0 };
	uint32_t failed = index;

	if (r->ops->run(r->ctx, r->changes, index, &made, &failed, &failure) && !r->is_undo)
		return explain(r->changes, failed, &failure, err);
	if ((made.pid || made.fd_count) && !failure.code)
		r->listener->on_made(r->arg, &made);
	return 0;
}

static int flush(struct run *r, struct err *err)
{
	struct err failure = { 0 };
	uint32_t failed = 0;

	if (r->ops->flush(r->ctx, r->changes, &failed, &failure) && !r->is_undo)
		return explain(r->changes, failed, &failure, err);
	return 0;
}

int engine_apply(const struct engine_ops *ops, void *ctx, const struct plan *changes, bool is_undo,
		 const struct engine_listener *listener, void *arg, struct err *err)
{
	struct run r = { ops, ctx, changes, listener, arg, is_undo };
	uint32_t first = 0, next;
	int rc;

	while (first < changes->step_count) {
		enum step_stage stage = step_stage(changes->steps[first].kind);
		uint64_t start = now_ns();

		for (next = first;
		     next < changes->step_count && step_stage(changes->steps[next].kind) == stage;
		     next++) {
			rc = run_step(&r, next, err);
			if (rc)
				return rc;
		}
		rc = flush(&r, err);
		if (rc)
			return rc;
		listener->on_stage(arg, stage, next - first, now_ns() - start);
		first = next;
	}
	return 0;
}
