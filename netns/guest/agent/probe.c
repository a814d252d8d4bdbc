/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes that start in the guest: by the same code as those that start in namespaces. */
#include "lab/base/cleanup.h"
#include "netns/guest/agent/get.h"
#include "netns/guest/agent/job.h"
#include "netns/probe/datagram.h"
#include "netns/probe/icmp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- echoes ---- */

struct pinger {
	struct job job;
	int fd;
	uint32_t owner;
	struct loop_fd *watch;
};

static void drop_pinger(struct job *job)
{
	struct pinger *p = (struct pinger *)job;

	loop_fd_free(p->watch);
	fd_close(&p->fd);
	free(p);
}

static void tell_reply(void *arg, const struct icmp_reply *reply)
{
	const struct pinger *p = arg;
	const struct frame_echoed echoed = { .probe = reply->probe,
					     .ttl = reply->ttl,
					     .sequence = reply->sequence,
					     .sent_ns = reply->sent_ns,
					     .received_ns = reply->received_ns };

	job_send(&p->job, FRAME_ECHOED, &echoed, sizeof(echoed));
}

static void on_replies(void *arg, unsigned events, uint64_t now_ns)
{
	struct pinger *p = arg;

	(void)events;
	(void)now_ns;
	icmp_receive_all(p->fd, p->owner, tell_reply, p);
}

static bool hear_pinger(struct job *job, const struct frame *frame)
{
	const struct pinger *p = (struct pinger *)job;
	struct frame_unsent unsent = { 0 };
	struct frame_echo echo;

	if (frame->type != FRAME_ECHO || !frame_take(frame, &echo, sizeof(echo)))
		return false;
	if (icmp_send(p->fd, echo.to,
		      &(struct icmp_echo){ .owner = p->owner,
					   .probe = echo.probe,
					   .flow = echo.flow,
					   .sequence = echo.sequence,
					   .bytes = echo.bytes,
					   .dont_fragment = echo.dont_fragment != 0 }))
		return true;
	unsent = (struct frame_unsent){ .probe = echo.probe,
					.error = errno,
					.sequence = echo.sequence };
	job_send(job, FRAME_UNSENT, &unsent, sizeof(unsent));
	return true;
}

bool pinger_begin(struct jobs *jobs, const struct frame *frame)
{
	static const struct job_ops ops = { hear_pinger, drop_pinger };
	struct frame_pinger wanted;
	struct pinger *p;
	int rc;

	if (!frame_take(frame, &wanted, sizeof(wanted)))
		return false;
	p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	job_add(jobs, &p->job, &ops, frame->channel);
	p->owner = wanted.owner;
	p->fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
	rc = p->fd < 0 ? -errno : icmp_prepare(p->fd, p->owner);
	if (rc) {
		job_close(&p->job, rc);
		drop_pinger(&p->job);
		return true;
	}
	p->watch = loop_fd_new(jobs->loop, p->fd, LOOP_READ, on_replies, p, "ping replies");
	return true;
}

/* ---- HTTP, TCP, UDP ---- */

struct fetch {
	struct job job;
	struct get *get;
	struct datagram *datagram;
};

static void drop_fetch(struct job *job)
{
	struct fetch *f = (struct fetch *)job;

	get_cancel(f->get);
	datagram_cancel(f->datagram);
	free(f);
}

static void on_done(void *arg, const struct http_result *result)
{
	struct frame_fetched fetched = { .is_connected = result->is_connected,
					 .error = result->error,
					 .status = result->status,
					 .total_ms = result->total_ms };
	struct fetch *f = arg;

	(void)snprintf(fetched.body, sizeof(fetched.body), "%s", result->body);
	(void)snprintf(fetched.why, sizeof(fetched.why), "%s", result->why);
	job_send(&f->job, FRAME_FETCHED, &fetched, sizeof(fetched));
	job_close(&f->job, 0);
	free(f);
}

static bool hear_fetch(struct job *job, const struct frame *frame)
{
	(void)job;
	(void)frame;
	return false; /* nothing is said to one */
}

bool fetch_begin(struct jobs *jobs, const struct frame *frame)
{
	static const struct job_ops ops = { hear_fetch, drop_fetch };
	struct frame_fetch wanted;
	struct fetch *f;
	int type, fd;

	if (!frame_take(frame, &wanted, sizeof(wanted)))
		return false;
	f = calloc(1, sizeof(*f));
	if (!f)
		abort();
	job_add(jobs, &f->job, &ops, frame->channel);
	type = wanted.is_udp ? SOCK_DGRAM : SOCK_STREAM;
	fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		job_close(&f->job, -errno);
		free(f);
	} else if (type == SOCK_DGRAM) {
		f->datagram = datagram_start(jobs->loop, fd, wanted.to, wanted.port,
					     wanted.timeout_ms, on_done, f);
	} else {
		f->get = get_start(jobs->loop, fd, wanted.to, wanted.port, wanted.timeout_ms,
				   on_done, f);
	}
	return true;
}
