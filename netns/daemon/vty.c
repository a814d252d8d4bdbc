/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/vty.h"

#include "lab/base/cleanup.h"
#include "netns/daemon/vty_reply.h"
#include "netns/loop/ipc.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000ull

struct vty {
	struct loop_stream *stream;
	struct loop_timer *patience;
	struct vty_reply reply;
	struct vty_ops ops;
	void *arg;
	bool is_busy;
	unsigned seconds;         /* of ours, since it was asked */
	bool is_reading, is_dead; /* freed from within its own callback: the memory waits */
};

static void end(struct vty *vty, const char *reason, bool is_silent)
{
	loop_timer_cancel(vty->patience);
	vty->ops.on_end(vty->arg, reason, is_silent);
}

static void stream_bytes(void *arg, const char *bytes, size_t len)
{
	struct vty *vty = arg;
	enum vty_progress progress = VTY_MORE;

	vty->is_reading = true;
	while (len && !vty->is_dead) {
		progress = vty->is_busy ? vty_reply_read(&vty->reply, &bytes, &len) : VTY_TOO_LONG;
		if (progress != VTY_DONE)
			break;
		vty->is_busy = false;
		loop_timer_cancel(vty->patience);
		vty->ops.on_answer(vty->arg, vty->reply.text, vty->reply.status);
	}
	if (!vty->is_dead && progress == VTY_TOO_LONG)
		end(vty, "what it answers is no answer", false);
	vty->is_reading = false;
	if (vty->is_dead)
		vty_free(vty);
}

static void stream_end(void *arg, const char *reason)
{
	end(arg, reason, false);
}

static void second_passed(void *arg, uint64_t now_ns)
{
	struct vty *vty = arg;

	(void)now_ns;
	if (++vty->seconds < VTY_PATIENCE_S)
		loop_timer_set(vty->patience, SECOND_NS);
	else
		end(vty, "no answer", true);
}

struct vty *vty_open(struct loop *loop, const char *path, const struct vty_ops *ops, void *arg,
		     const char *what, struct err *err)
{
	static const struct loop_stream_ops stream_ops = { .on_bytes = stream_bytes,
							   .on_end = stream_end };
	CLEANUP(fd_cleanup) int fd = ipc_connect(path, err);
	struct vty *vty;

	if (fd < 0)
		return NULL;
	vty = calloc(1, sizeof(*vty));
	if (!vty)
		abort();
	vty->ops = *ops;
	vty->arg = arg;
	vty->stream = loop_stream_new(loop, fd_take(&fd), 0, &stream_ops, vty, what);
	vty->patience = loop_timer_new(loop, second_passed, vty, what);
	return vty;
}

void vty_free(struct vty *vty)
{
	if (!vty)
		return;
	if (vty->is_reading) {
		vty->is_dead = true;
		return;
	}
	loop_stream_free(vty->stream);
	loop_timer_free(vty->patience);
	vty_reply_fini(&vty->reply);
	free(vty);
}

bool vty_is_busy(const struct vty *vty)
{
	return vty->is_busy;
}

void vty_ask(struct vty *vty, const char *command)
{
	assert(!vty->is_busy);
	vty->is_busy = true;
	vty_reply_reset(&vty->reply);
	loop_stream_write(vty->stream, command, strlen(command) + 1);
	vty->seconds = 0;
	loop_timer_set(vty->patience, SECOND_NS);
}
