/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs in a guest that go on, whose output is read as it comes. */
#include "netns/guest/agent_parts.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

struct spawn {
	struct agent_channel channel;
	int fds[FRAME_LANES]; /* the other ends are the caller's; -1: nobody has that lane */
	struct inlet *in;
	struct outlet *outs[FRAME_LANES];
	unsigned unwritten; /* outlets with something that the caller has not taken yet */
	bool is_ended;      /* the program */
	int code;
	agent_spawn_fn *end;
};

static void spawn_free(struct spawn *s)
{
	inlet_free(s->in);
	for (int lane = 0; lane < FRAME_LANES; lane++) {
		outlet_free(s->outs[lane]);
		fd_close(&s->fds[lane]);
	}
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
	if (!s->is_ended || s->unwritten)
		return;
	agent_channel_leave(&s->channel);
	spawn_end(s, s->code);
}

/* Or its reader is gone: what comes then is taken, and lost. */
static void on_written(void *arg)
{
	struct spawn *s = arg;

	s->unwritten--;
	end_when_over(s);
}

static bool hear_closed(struct spawn *s, const struct frame *frame)
{
	struct frame_closed closed;

	if (s->is_ended || !frame_take(frame, &closed, sizeof(closed)))
		return false;
	inlet_free(s->in);
	s->in = NULL;
	s->code = closed.code;
	for (int lane = 0; lane < FRAME_LANES; lane++)
		if (s->outs[lane])
			outlet_finish(s->outs[lane]);
	s->is_ended = true; /* not before: the last of them would have ended all */
	end_when_over(s);
	return true;
}

static bool hear_output(struct spawn *s, const struct frame *frame)
{
	if (s->outs[frame->lane])
		return outlet_take(s->outs[frame->lane], frame);
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

static const struct agent_channel_ops spawn_ops = { hear_spawn, lose_spawn, drop_spawn };

/* Lanes of which the caller gets an end, in `ret_fds`. */
#define LANE_BIT(lane) (1u << (lane))

static int open_pipes(struct spawn *s, unsigned lanes, int ret_fds[FRAME_LANES], struct err *err)
{
	int ends[2];

	for (int lane = 0; lane < FRAME_LANES; lane++) {
		bool is_in = lane == FRAME_LANE_IN;

		if (!(lanes & LANE_BIT(lane)))
			continue;
		if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
			return err_set(err, -errno, "pipe: %s", strerror(errno));
		s->fds[lane] = ends[is_in ? 0 : 1];
		ret_fds[lane] = ends[is_in ? 1 : 0];
	}
	return 0;
}

static void open_lanes(struct spawn *s)
{
	struct lane lane = agent_channel_lane(&s->channel, FRAME_LANE_IN);

	s->in = s->fds[FRAME_LANE_IN] < 0 ? inlet_new_bytes(&lane, NULL, 0)
					  : inlet_new(&lane, s->fds[FRAME_LANE_IN], NULL, NULL);
	for (int out = FRAME_LANE_OUT; out < FRAME_LANES; out++) {
		if (s->fds[out] < 0)
			continue;
		lane = agent_channel_lane(&s->channel, (enum frame_lane)out);
		s->outs[out] = outlet_new(&lane, s->fds[out], on_written, s);
		s->unwritten++;
	}
}

static int spawn(struct agent *agent, const char *const *words, unsigned lanes, agent_spawn_fn *end,
		 void *arg, int ret_fds[FRAME_LANES], struct err *err)
{
	struct spawn *s = calloc(1, sizeof(*s));
	char *joined;
	size_t len;

	if (!s)
		abort();
	s->end = end;
	for (int lane = 0; lane < FRAME_LANES; lane++)
		ret_fds[lane] = s->fds[lane] = -1;
	joined = agent_words(words, &len);
	if (!open_pipes(s, lanes, ret_fds, err) &&
	    !agent_channel_open(agent, &s->channel, &spawn_ops, arg, FRAME_RUN, joined, len, err)) {
		open_lanes(s);
	} else {
		spawn_free(s);
		for (int lane = 0; lane < FRAME_LANES; lane++)
			fd_close(&ret_fds[lane]);
	}
	free(joined);
	return err->code;
}

int agent_spawn(struct agent *agent, const char *const *words, agent_spawn_fn *end, void *arg,
		int *ret_output, struct err *err)
{
	int fds[FRAME_LANES];

	if (!spawn(agent, words, LANE_BIT(FRAME_LANE_OUT), end, arg, fds, err))
		*ret_output = fds[FRAME_LANE_OUT];
	return err->code;
}

int agent_exec(struct agent *agent, const char *const *words, agent_spawn_fn *end, void *arg,
	       int ret_fds[FRAME_LANES], struct err *err)
{
	int fds[FRAME_LANES];

	if (!spawn(agent, words, LANE_BIT(FRAME_LANES) - 1, end, arg, fds, err))
		memcpy(ret_fds, fds, sizeof(fds));
	return err->code;
}

void agent_signal(struct agent *agent, const void *arg, int signal)
{
	const struct frame_signal wanted = { .number = (uint32_t)signal };
	const struct agent_channel *channel;

	if (!agent)
		return;
	DL_FOREACH(agent->channels, channel)
		if (channel->arg == arg && channel->ops == &spawn_ops)
			frame_send(agent->port, FRAME_SIGNAL, FRAME_LANE_IN, channel->number,
				   &wanted, sizeof(wanted));
}
