/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The vty socket of a daemon of FRR: one question after the other, each with its answer. One that
 * is not answered for VTY_PATIENCE_S is told as silence: the daemon hangs. Time in which we did not
 * run ourselves does not count: the machine may have stood still.
 */
#include "lab/base/err.h"
#include "netns/loop/loop.h"

#define VTY_PATIENCE_S 5

struct vty;

struct vty_ops {
	/* `status` is VTY_OK or a refusal (vty_reply.h). Asking the next question here is fine. */
	void (*on_answer)(void *arg, char *text, int status);
	/* Nothing more comes from there: the vty is to be freed, now or later. */
	void (*on_end)(void *arg, const char *reason, bool is_silent);
};

/* NULL when nobody listens there. The caller owns it; `what` is borrowed. */
struct vty *vty_open(struct loop *loop, const char *path, const struct vty_ops *ops, void *arg,
		     const char *what, struct err *err) NODISCARD;
void vty_free(struct vty *vty); /* NULL is fine; in its callbacks, too */

bool vty_is_busy(const struct vty *vty);            /* a question has no answer yet */
void vty_ask(struct vty *vty, const char *command); /* only when it is not */
