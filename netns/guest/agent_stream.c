/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams to sockets in a guest. */
#include "netns/guest/agent_parts.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

struct stream {
	struct agent_channel channel;
	int fd; /* the other end is the client's */
	struct inlet *in;
	struct outlet *out;
	bool is_closed; /* the guest is done with it; what it said may not be written yet */
	bool is_out_done;
	char why[160];
	agent_stream_end_fn *end;
};

static void stream_free(struct stream *s)
{
	inlet_free(s->in);
	outlet_free(s->out);
	fd_close(&s->fd);
	free(s);
}

/* It is in no list any more. */
static void stream_end(struct stream *s, const char *why)
{
	agent_stream_end_fn *end = s->end;
	void *arg = (void *)s->channel.arg;
	char words[sizeof(s->why)];

	(void)snprintf(words, sizeof(words), "%s", why);
	stream_free(s);
	if (end)
		end(arg, words);
}

static bool has_hung_up(int fd)
{
	struct pollfd ends = { .fd = fd };

	return poll(&ends, 1, 0) > 0 && ends.revents & (POLLHUP | POLLERR);
}

/* The client says no more; when it does not listen either, that is all. */
static void on_in_end(void *arg)
{
	struct stream *s = arg;

	if (!has_hung_up(s->fd))
		return;
	agent_channel_close(&s->channel);
	stream_free(s);
}

/* The guest's bytes are written, or the client takes none. */
static void on_out_end(void *arg)
{
	struct stream *s = arg;

	s->is_out_done = true;
	if (s->is_closed) {
		agent_channel_leave(&s->channel);
		stream_end(s, s->why);
	} else if (has_hung_up(s->fd)) {
		agent_channel_close(&s->channel);
		stream_free(s);
	} else {
		(void)shutdown(s->fd, SHUT_WR);
	}
}

static bool hear_closed(struct stream *s, const struct frame *frame)
{
	struct frame_closed closed;

	if (s->is_closed || !frame_take(frame, &closed, sizeof(closed)))
		return false;
	s->is_closed = true;
	if (closed.code < 0)
		(void)snprintf(s->why, sizeof(s->why), "%s", strerror(-closed.code));
	inlet_free(s->in);
	s->in = NULL;
	if (s->is_out_done)
		on_out_end(s);
	else
		outlet_finish(s->out);
	return true;
}

static bool hear_stream(struct agent_channel *channel, const struct frame *frame)
{
	struct stream *s = (struct stream *)channel;

	if (frame->type == FRAME_CLOSED)
		return hear_closed(s, frame);
	if (s->is_closed)
		return false;
	if (frame->type == FRAME_ACK && frame->lane == FRAME_LANE_IN)
		return inlet_ack(s->in, frame);
	if (frame->lane != FRAME_LANE_OUT)
		return false;
	if (frame->type == FRAME_DATA)
		return outlet_take(s->out, frame);
	if (frame->type != FRAME_END)
		return false;
	outlet_finish(s->out);
	return true;
}

static void lose_stream(struct agent_channel *channel, const char *why)
{
	char words[160];

	(void)snprintf(words, sizeof(words), "its agent %s", why);
	stream_end((struct stream *)channel, words);
}

static void drop_stream(struct agent_channel *channel)
{
	stream_free((struct stream *)channel);
}

int agent_join(struct agent *agent, const char *path, int fd, agent_stream_end_fn *end, void *arg,
	       struct err *err)
{
	static const struct agent_channel_ops ops = { hear_stream, lose_stream, drop_stream };
	struct stream *s = calloc(1, sizeof(*s));
	struct lane in, out;

	if (!s)
		abort();
	s->end = end;
	s->fd = fd;
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		stream_free(s);
		return err_set(err, -ENAMETOOLONG, "%.160s: too long for a socket", path);
	}
	if (agent_channel_open(agent, &s->channel, &ops, arg, FRAME_STREAM, path, strlen(path),
			       err)) {
		stream_free(s);
		return err->code;
	}
	in = agent_channel_lane(&s->channel, FRAME_LANE_IN);
	out = agent_channel_lane(&s->channel, FRAME_LANE_OUT);
	s->in = inlet_new(&in, s->fd, on_in_end, s);
	s->out = outlet_new(&out, s->fd, on_out_end, s);
	return 0;
}

int agent_stream(struct agent *agent, const char *path, agent_stream_end_fn *end, void *arg,
		 int *ret_fd, struct err *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
		return err_set(err, -errno, "socketpair: %s", strerror(errno));
	if (agent_join(agent, path, pair[0], end, arg, err)) {
		fd_close(&pair[1]);
		return err->code;
	}
	*ret_fd = pair[1];
	return 0;
}
