/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/datagram.h"

#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct datagram {
	int fd;
	struct loop_fd *watch;
	struct loop_timer *timer;
	uint64_t sent_ns;
	long timeout_ms;
	int error; /* it could not be sent */
	http_done_fn *fn;
	void *arg;
};

void datagram_cancel(struct datagram *d)
{
	if (!d)
		return;
	loop_fd_free(d->watch);
	loop_timer_free(d->timer);
	fd_close(&d->fd);
	free(d);
}

static void finish(struct datagram *d, const struct http_result *result)
{
	http_done_fn *fn = d->fn;
	void *arg = d->arg;

	datagram_cancel(d);
	fn(arg, result);
}

static void on_answer(void *arg, unsigned events, uint64_t now_ns)
{
	struct datagram *d = arg;
	struct http_result result = { .total_ms = (double)(now_ns - d->sent_ns) / 1e6 };
	char byte;

	(void)events;
	/* who says that the port is closed is there, and that is what was asked */
	if (recv(d->fd, &byte, sizeof(byte), 0) >= 0 || errno == ECONNREFUSED) {
		result.is_connected = true;
		finish(d, &result);
	}
}

static void on_timeout(void *arg, uint64_t now_ns)
{
	struct datagram *d = arg;
	struct http_result result = { .error = d->error };

	(void)now_ns;
	if (d->error)
		(void)snprintf(result.why, sizeof(result.why), "%s", strerror(d->error));
	else
		(void)snprintf(result.why, sizeof(result.why), "no reply within %ld ms",
			       d->timeout_ms);
	finish(d, &result);
}

struct datagram *datagram_start(struct loop *loop, int fd, struct ip to, unsigned port,
				long timeout_ms, http_done_fn *fn, void *arg)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(ip_v4(to)) };
	struct datagram *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	*d = (struct datagram){
		.fd = fd, .sent_ns = loop_clock_ns(), .timeout_ms = timeout_ms, .fn = fn, .arg = arg
	};
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) || send(fd, "", 1, 0) < 0)
		d->error = errno;
	d->timer = loop_timer_new(loop, on_timeout, d, "UDP probe timer");
	loop_timer_set(d->timer, d->error ? 0 : (uint64_t)timeout_ms * 1000000u);
	d->watch = d->error ? NULL : loop_fd_new(loop, fd, LOOP_READ, on_answer, d, "UDP probe");
	return d;
}
