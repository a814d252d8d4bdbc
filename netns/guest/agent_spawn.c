/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs in a guest that go on, whose output is read as it comes. */
#include "netns/guest/agent_parts.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spawn {
	struct agent_channel channel;
	int fd; /* the other end is the caller's */
	struct inlet *in;
	struct outlet *out;
	bool is_ended, is_written; /* the program; what it said */
	int code;
	agent_spawn_fn *end;
};

static void spawn_free(struct spawn *s)
{
	inlet_free(s->in);
	outlet_free(s->out);
	fd_close(&s->fd);
	free(s);
}

/* It is in no list any more. */
static void spawn_end(struct spawn *s, int code)
{
	agent_spawn_fn *end = s->end;
	void *arg = (void *)s->channel.arg;

	spawn_free(s);
	end(arg, code);
}

static void end_when_over(struct spawn *s)
{
	if (!s->is_ended || !s->is_written)
		return;
	agent_channel_leave(&s->channel);
	spawn_end(s, s->code);
}

static void on_written(void *arg)
{
	struct spawn *s = arg;

	s->is_written = true;
	end_when_over(s);
}

static bool hear_closed(struct spawn *s, const struct frame *frame)
{
	struct frame_closed closed;

	if (s->is_ended || !frame_take(frame, &closed, sizeof(closed)))
		return false;
	s->is_ended = true;
	s->code = closed.code;
	if (s->is_written)
		end_when_over(s);
	else
		outlet_finish(s->out);
	return true;
}

static bool hear_output(struct spawn *s, const struct frame *frame)
{
	if (frame->lane == FRAME_LANE_OUT)
		return !s->is_written && outlet_take(s->out, frame);
	agent_channel_ack(&s->channel, frame); /* nobody asked for it */
	return true;
}

static bool hear_spawn(struct agent_channel *channel, const struct frame *frame)
{
	struct spawn *s = (struct spawn *)channel;

	if (frame->type == FRAME_CLOSED)
		return hear_closed(s, frame);
	if (s->is_ended)
		return false;
	if (frame->type == FRAME_ACK && frame->lane == FRAME_LANE_IN)
		return inlet_ack(s->in, frame);
	if (frame->lane == FRAME_LANE_IN)
		return false;
	if (frame->type == FRAME_DATA)
		return hear_output(s, frame);
	return frame->type == FRAME_END; /* its end follows */
}

static void lose_spawn(struct agent_channel *channel, const char *why)
{
	(void)why;
	spawn_end((struct spawn *)channel, -ENOTCONN);
}

static void drop_spawn(struct agent_channel *channel)
{
	spawn_free((struct spawn *)channel);
}

int agent_spawn(struct agent *agent, const char *const *words, agent_spawn_fn *end, void *arg,
		int *ret_output, struct err *err)
{
	static const struct agent_channel_ops ops = { hear_spawn, lose_spawn, drop_spawn };
	struct spawn *s;
	struct lane in, out;
	char *joined;
	size_t len;
	int ends[2], rc;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->end = end;
	s->fd = ends[1];
	joined = agent_words(words, &len);
	rc = agent_channel_open(agent, &s->channel, &ops, arg, FRAME_RUN, joined, len, err);
	free(joined);
	if (rc) {
		spawn_free(s);
		fd_close(&ends[0]);
		return rc;
	}
	in = agent_channel_lane(&s->channel, FRAME_LANE_IN);
	out = agent_channel_lane(&s->channel, FRAME_LANE_OUT);
	s->in = inlet_new_bytes(&in, NULL, 0);
	s->out = outlet_new(&out, s->fd, on_written, s);
	*ret_output = ends[0];
	return 0;
}
