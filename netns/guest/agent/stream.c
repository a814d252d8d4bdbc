/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A UNIX socket of the guest's, as a stream. */
#include "lab/base/cleanup.h"
#include "netns/guest/agent/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

struct stream {
	struct job job;
	int fd;
	struct inlet *in;
	struct outlet *out;
	bool is_in_over, is_out_over;
};

static void stream_free(struct stream *s)
{
	inlet_free(s->in);
	outlet_free(s->out);
	fd_close(&s->fd);
	free(s);
}

static void end_when_over(struct stream *s)
{
	if (!s->is_in_over || !s->is_out_over)
		return;
	job_close(&s->job, 0);
	stream_free(s);
}

static void on_in_end(void *arg)
{
	struct stream *s = arg;

	s->is_in_over = true;
	/* who closed its end takes nothing either, and a server that is done is done */
	s->is_out_over = true;
	end_when_over(s);
}

static void on_out_end(void *arg)
{
	struct stream *s = arg;

	s->is_out_over = true;
	(void)shutdown(s->fd, SHUT_WR);
	end_when_over(s);
}

static bool hear(struct job *job, const struct frame *frame)
{
	struct stream *s = (struct stream *)job;

	if (frame->type == FRAME_ACK)
		return inlet_ack(s->in, frame);
	if (frame->type == FRAME_DATA)
		return outlet_take(s->out, frame);
	if (frame->type != FRAME_END)
		return false;
	outlet_finish(s->out);
	return true;
}

static void drop(struct job *job)
{
	stream_free((struct stream *)job);
}

static int connect_to(const struct frame *frame)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(fd_cleanup) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || frame->len >= sizeof(address.sun_path))
		return fd < 0 ? -errno : -ENAMETOOLONG;
	memcpy(address.sun_path, frame->payload, frame->len);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return fd_take(&fd);
}

bool stream_begin(struct jobs *jobs, const struct frame *frame)
{
	static const struct job_ops ops = { hear, drop };
	struct stream *s = calloc(1, sizeof(*s));
	struct lane in, out;

	if (!s)
		abort();
	job_add(jobs, &s->job, &ops, frame->channel);
	s->fd = connect_to(frame);
	if (s->fd < 0) {
		job_close(&s->job, s->fd);
		free(s);
		return true;
	}
	in = job_lane(&s->job, FRAME_LANE_OUT);
	out = job_lane(&s->job, FRAME_LANE_IN);
	s->in = inlet_new(&in, s->fd, on_in_end, s);
	s->out = outlet_new(&out, s->fd, on_out_end, s);
	return true;
}
