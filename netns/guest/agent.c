/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/agent_parts.h"

#include "lab/base/macros.h"
#include "netns/loop/ipc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define AGAIN_NS     1000000000ull
#define CHANNELS_MAX 512
#define UNSENT_MAX   (4u * 1024 * 1024) /* that a guest which does not read makes us keep */

static void set_why(struct agent *a, const char *why)
{
	bool is_other = strcmp(a->why, why) != 0;

	(void)snprintf(a->why, sizeof(a->why), "%s", why);
	if (is_other)
		a->change(a->arg);
}

/* All that was under way is over. */
static void lose(struct agent *a, const char *why)
{
	struct agent_channel *channel;

	a->is_there = false;
	while ((channel = a->channels)) {
		agent_channel_leave(channel);
		channel->ops->lose(channel, why);
	}
}

static void hang_up(struct agent *a, const char *why)
{
	lose(a, why);
	loop_stream_free(a->port);
	a->port = NULL;
	a->decoder.count = 0;
	loop_timer_set(a->again, AGAIN_NS);
	set_why(a, why);
}

static void greet(struct agent *a)
{
	frame_greet(a->port, ++a->nonce);
	loop_timer_set(a->again, AGAIN_NS);
}

/* What came while its port was being opened anew, a guest's kernel has thrown away. */
static void greet_again(struct agent *a)
{
	if (a->is_there)
		return;
	if (!loop_stream_unsent(a->port))
		frame_greet(a->port, a->nonce);
	loop_timer_set(a->again, AGAIN_NS);
}

static bool hear_hello(struct agent *a, const struct frame *frame)
{
	char why[sizeof(a->why)];
	uint32_t version;
	uint64_t nonce;

	if (!frame_take_hello(frame, &nonce, &version)) {
		if (!version)
			return false;
		(void)snprintf(why, sizeof(why),
			       "speaks version %u, and this hublab %u: 'make images' builds its "
			       "image anew",
			       version, FRAME_VERSION);
		lose(a, why);
		set_why(a, why);
	} else if (!nonce) { /* it begins */
		lose(a, "was started anew");
		set_why(a, "was started anew");
		greet(a);
	} else if (nonce == a->nonce && !a->is_there) {
		a->is_there = true;
		set_why(a, "");
	}
	return true;
}

static bool hear(void *arg, const struct frame *frame)
{
	struct agent *a = arg;
	struct agent_channel *channel;

	if (frame->type == FRAME_HELLO)
		return hear_hello(a, frame);
	if (!a->is_there)
		return true; /* said to somebody before us */
	DL_FOREACH(a->channels, channel)
		if (channel->number == frame->channel)
			return channel->ops->hear(channel, frame);
	return true; /* it was closed meanwhile */
}

static void on_bytes(void *arg, const char *bytes, size_t len)
{
	struct agent *a = arg;

	if (!frame_decode(&a->decoder, bytes, len, hear, a))
		hang_up(a, "says what makes no sense");
	else if (loop_stream_unsent(a->port) > UNSENT_MAX)
		hang_up(a, "does not listen");
}

static void on_end(void *arg, const char *reason)
{
	(void)reason;
	hang_up(arg, "is not connected");
}

static void dial(void *arg, uint64_t now_ns)
{
	static const struct loop_stream_ops ops = { .on_bytes = on_bytes, .on_end = on_end };
	struct agent *a = arg;
	struct err err = { 0 };
	int fd;

	(void)now_ns;
	if (a->port) {
		greet_again(a);
		return;
	}
	fd = ipc_connect(a->path, &err);
	if (fd < 0) {
		loop_timer_set(a->again, AGAIN_NS);
		return;
	}
	a->port = loop_stream_new(a->loop, fd, 0, &ops, a, "guest's agent");
	greet(a);
}

struct agent *agent_new(struct loop *loop, const char *path, agent_change_fn *change, void *arg)
{
	struct agent *a = calloc(1, sizeof(*a));

	if (!a)
		abort();
	*a = (struct agent){ .loop = loop,
			     .path = strdup(path),
			     .change = change,
			     .arg = arg,
			     .nonce = loop_clock_ns(),
			     .why = "has not said anything" };
	if (!a->path)
		abort();
	a->again = loop_timer_new(loop, dial, a, "guest's agent");
	dial(a, 0);
	return a;
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	lose(a, "is gone");
	loop_stream_free(a->port);
	loop_timer_free(a->again);
	free(a->path);
	free(a);
}

void agent_boots(struct agent *a)
{
	if (!a || !a->is_there)
		return;
	a->nonce++; /* what was said before is not about this one */
	lose(a, "boots");
	set_why(a, "boots");
}

bool agent_is_there(const struct agent *a)
{
	return a && a->is_there;
}

const char *agent_why_not(const struct agent *a)
{
	return a ? a->why : "does not run";
}

/* ---- channels ---- */

int agent_channel_open(struct agent *a, struct agent_channel *channel,
		       const struct agent_channel_ops *ops, const void *arg, enum frame_type type,
		       const void *payload, size_t len, struct err *err)
{
	if (!a || !a->is_there)
		return err_set(err, -ENOTCONN, "its agent %s", agent_why_not(a));
	if (len > FRAME_PAYLOAD_MAX)
		return err_set(err, -E2BIG, "that is too long for its agent: %u bytes at most",
			       FRAME_PAYLOAD_MAX);
	if (a->channel_count >= CHANNELS_MAX || loop_stream_unsent(a->port) > UNSENT_MAX / 2)
		return err_set(err, -EAGAIN, "its agent has too much to do");
	*channel = (struct agent_channel){
		.agent = a, .ops = ops, .arg = arg, .number = ++a->last_number
	};
	DL_APPEND(a->channels, channel);
	a->channel_count++;
	frame_send(a->port, type, FRAME_LANE_IN, channel->number, payload, len);
	return 0;
}

void agent_channel_leave(struct agent_channel *channel)
{
	struct agent *a = channel->agent;

	DL_DELETE(a->channels, channel);
	a->channel_count--;
}

void agent_channel_close(struct agent_channel *channel)
{
	frame_send(channel->agent->port, FRAME_CLOSE, FRAME_LANE_IN, channel->number, NULL, 0);
	agent_channel_leave(channel);
}

void agent_channel_ack(const struct agent_channel *channel, const struct frame *frame)
{
	uint32_t count = frame->len;

	if (count)
		frame_send(channel->agent->port, FRAME_ACK, frame->lane, channel->number, &count,
			   sizeof(count));
}

struct lane agent_channel_lane(const struct agent_channel *channel, enum frame_lane lane)
{
	const struct agent *a = channel->agent;

	return (struct lane){
		.loop = a->loop, .port = a->port, .channel = channel->number, .lane = lane
	};
}

void agent_forget(struct agent *a, const void *arg)
{
	struct agent_channel *channel, *next;

	if (!a)
		return;
	DL_FOREACH_SAFE(a->channels, channel, next)
	{
		if (channel->arg != arg)
			continue;
		agent_channel_close(channel);
		channel->ops->drop(channel);
	}
}
