/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/agent_probe.h"

#include "netns/guest/agent_parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNSENT_MAX (64u * 1024) /* of echoes, which are worth nothing when they are late */

/* ---- echoes ---- */

struct agent_pinger {
	struct agent_channel channel;
	const struct agent_pinger_ops *ops;
	uint32_t owner;
};

static void lose_pinger(struct agent_channel *channel, const char *why)
{
	struct agent_pinger *p = (struct agent_pinger *)channel;
	char words[160];

	(void)snprintf(words, sizeof(words), "its agent %s", why);
	p->ops->lost((void *)channel->arg, words);
	free(p);
}

static void drop_pinger(struct agent_channel *channel)
{
	free(channel);
}

static bool hear_closed(struct agent_channel *channel, const struct frame *frame)
{
	struct agent_pinger *p = (struct agent_pinger *)channel;
	struct frame_closed closed;

	if (!frame_take(frame, &closed, sizeof(closed)))
		return false;
	agent_channel_leave(channel);
	p->ops->lost((void *)channel->arg, strerror(abs(closed.code)));
	free(p);
	return true;
}

static bool hear_pinger(struct agent_channel *channel, const struct frame *frame)
{
	const struct agent_pinger *p = (struct agent_pinger *)channel;
	struct frame_echoed echoed;
	struct frame_unsent unsent;

	if (frame->type == FRAME_CLOSED)
		return hear_closed(channel, frame);
	if (frame->type == FRAME_UNSENT && frame_take(frame, &unsent, sizeof(unsent))) {
		p->ops->unsent((void *)channel->arg, unsent.probe, unsent.sequence, unsent.error);
		return true;
	}
	if (frame->type != FRAME_ECHOED || !frame_take(frame, &echoed, sizeof(echoed)))
		return false;
	p->ops->reply((void *)channel->arg,
		      &(struct icmp_reply){ .probe = echoed.probe,
					    .sequence = echoed.sequence,
					    .ttl = echoed.ttl & 0xff,
					    .sent_ns = echoed.sent_ns,
					    .received_ns = echoed.received_ns });
	return true;
}

struct agent_pinger *agent_pinger_new(struct agent *agent, uint32_t owner,
				      const struct agent_pinger_ops *pinger_ops, void *arg,
				      struct err *err)
{
	static const struct agent_channel_ops ops = { hear_pinger, lose_pinger, drop_pinger };
	const struct frame_pinger wanted = { .owner = owner };
	struct agent_pinger *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->ops = pinger_ops;
	p->owner = owner;
	if (!agent_channel_open(agent, &p->channel, &ops, arg, FRAME_PINGER, &wanted,
				sizeof(wanted), err))
		return p;
	free(p);
	return NULL;
}

int agent_pinger_send(struct agent_pinger *p, struct ip to, const struct icmp_echo *echo,
		      struct err *err)
{
	const struct frame_echo wanted = { .probe = echo->probe,
					   .flow = echo->flow,
					   .sequence = echo->sequence,
					   .bytes = echo->bytes,
					   .dont_fragment = echo->dont_fragment,
					   .to = to };
	struct loop_stream *port = p->channel.agent->port;

	if (loop_stream_unsent(port) > UNSENT_MAX)
		return err_set(err, -EAGAIN, "its agent does not listen");
	frame_send(port, FRAME_ECHO, FRAME_LANE_IN, p->channel.number, &wanted, sizeof(wanted));
	return 0;
}

void agent_pinger_free(struct agent_pinger *p)
{
	if (!p)
		return;
	agent_channel_close(&p->channel);
	free(p);
}

/* ---- HTTP, TCP, UDP ---- */

struct agent_fetch {
	struct agent_channel channel;
	bool is_known; /* what became of it */
	struct http_result result;
	agent_fetch_fn *done;
};

/* It is in no list any more. */
static void fetch_end(struct agent_fetch *f, const char *why)
{
	f->done((void *)f->channel.arg, f->is_known ? &f->result : NULL, why);
	free(f);
}

static void lose_fetch(struct agent_channel *channel, const char *why)
{
	char words[160];

	(void)snprintf(words, sizeof(words), "its agent %s", why);
	fetch_end((struct agent_fetch *)channel, words);
}

/* A guest may say anything: all of it is text that ends, and a time. */
static bool take_result(struct agent_fetch *f, const struct frame *frame)
{
	struct frame_fetched fetched;

	if (f->is_known || !frame_take(frame, &fetched, sizeof(fetched)))
		return false;
	f->is_known = true;
	f->result = (struct http_result){ .is_connected = fetched.is_connected != 0,
					  .error = fetched.error,
					  .status = (long)fetched.status };
	if (isfinite(fetched.total_ms) && fetched.total_ms > 0)
		f->result.total_ms = fetched.total_ms;
	memcpy(f->result.body, fetched.body, sizeof(f->result.body) - 1);
	memcpy(f->result.why, fetched.why, sizeof(f->result.why) - 1);
	return true;
}

static bool hear_fetch(struct agent_channel *channel, const struct frame *frame)
{
	struct agent_fetch *f = (struct agent_fetch *)channel;
	struct frame_closed closed;

	if (frame->type == FRAME_FETCHED)
		return take_result(f, frame);
	if (frame->type != FRAME_CLOSED || !frame_take(frame, &closed, sizeof(closed)))
		return false;
	agent_channel_leave(channel);
	fetch_end(f, strerror(abs(closed.code)));
	return true;
}

static void drop_fetch(struct agent_channel *channel)
{
	free(channel);
}

struct agent_fetch *agent_fetch_start(struct agent *agent, bool is_udp, struct ip to, unsigned port,
				      long timeout_ms, agent_fetch_fn *done, void *arg,
				      struct err *err)
{
	static const struct agent_channel_ops ops = { hear_fetch, lose_fetch, drop_fetch };
	const struct frame_fetch wanted = {
		.is_udp = is_udp, .port = port, .timeout_ms = (uint32_t)timeout_ms, .to = to
	};
	struct agent_fetch *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->done = done;
	if (!agent_channel_open(agent, &f->channel, &ops, arg, FRAME_FETCH, &wanted, sizeof(wanted),
				err))
		return f;
	free(f);
	return NULL;
}

void agent_fetch_cancel(struct agent_fetch *f)
{
	if (!f)
		return;
	agent_channel_close(&f->channel);
	free(f);
}
