/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/agent/get.h"

#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HTTP_PORT  80
#define ANSWER_MAX 4096

struct get {
	struct loop *loop;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *timer;
	uint64_t start_ns;
	long timeout_ms;
	bool is_connection;
	int error; /* at once; told by the timer */
	struct ip to;
	char answer[ANSWER_MAX + 1];
	size_t len;
	http_done_fn *fn;
	void *arg;
};

void get_cancel(struct get *g)
{
	if (!g)
		return;
	loop_fd_free(g->watch);
	loop_timer_free(g->timer);
	fd_close(&g->fd);
	free(g);
}

static void finish(struct get *g, struct http_result *result)
{
	http_done_fn *fn = g->fn;
	void *arg = g->arg;

	result->total_ms = (double)(loop_clock_ns() - g->start_ns) / 1e6;
	get_cancel(g);
	fn(arg, result);
}

static void fail(struct get *g, int error)
{
	struct http_result result = { .error = error };

	(void)snprintf(result.why, sizeof(result.why), "%s", strerror(error));
	finish(g, &result);
}

/* "HTTP/1.1 200 OK", other lines, an empty one, the body. */
static void read_answer(struct get *g)
{
	struct http_result result = { .is_connected = true };
	const char *body;

	g->answer[g->len] = '\0';
	if (sscanf(g->answer, "HTTP/%*d.%*d %3ld", &result.status) != 1) {
		result.is_connected = false;
		(void)snprintf(result.why, sizeof(result.why), "%s",
			       g->len ? "the answer is no HTTP" : "an empty answer");
		finish(g, &result);
		return;
	}
	body = strstr(g->answer, "\r\n\r\n");
	body = body ? body + 4 : "";
	(void)snprintf(result.body, sizeof(result.body), "%.*s", (int)strcspn(body, "\n"), body);
	finish(g, &result);
}

static void on_readable(void *arg, unsigned events, uint64_t now_ns)
{
	struct get *g = arg;
	ssize_t got = recv(g->fd, g->answer + g->len, ANSWER_MAX - g->len, 0);

	(void)events;
	(void)now_ns;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		fail(g, errno);
		return;
	}
	g->len += (size_t)got;
	if (!got || g->len == ANSWER_MAX)
		read_answer(g);
}

static void send_request(struct get *g)
{
	char request[160];
	int len = snprintf(request, sizeof(request),
			   "GET / HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n",
			   ip_print(g->to).text);

	if (send(g->fd, request, (size_t)len, MSG_NOSIGNAL) != len) { /* it is the first one */
		fail(g, errno);
		return;
	}
	loop_fd_free(g->watch);
	g->watch = loop_fd_new(g->loop, g->fd, LOOP_READ, on_readable, g, "HTTP probe");
}

static void on_connected(void *arg, unsigned events, uint64_t now_ns)
{
	struct http_result result = { .is_connected = true };
	struct get *g = arg;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)events;
	(void)now_ns;
	if (getsockopt(g->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error)
		fail(g, error);
	else if (g->is_connection)
		finish(g, &result);
	else
		send_request(g);
}

static void on_timeout(void *arg, uint64_t now_ns)
{
	struct http_result result = { 0 };
	struct get *g = arg;

	(void)now_ns;
	if (g->error) {
		fail(g, g->error);
		return;
	}
	(void)snprintf(result.why, sizeof(result.why), "no reply within %ld ms", g->timeout_ms);
	finish(g, &result);
}

struct get *get_start(struct loop *loop, int fd, struct ip to, unsigned tcp_port, long timeout_ms,
		      http_done_fn *fn, void *arg)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port =
					       htons((uint16_t)(tcp_port ? tcp_port : HTTP_PORT)),
				       .sin_addr.s_addr = htonl(ip_v4(to)) };
	struct get *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	*g = (struct get){ .loop = loop,
			   .fd = fd,
			   .start_ns = loop_clock_ns(),
			   .timeout_ms = timeout_ms,
			   .is_connection = tcp_port != 0,
			   .to = to,
			   .fn = fn,
			   .arg = arg };
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) && errno != EINPROGRESS)
		g->error = errno;
	g->timer = loop_timer_new(loop, on_timeout, g, "HTTP probe timer");
	loop_timer_set(g->timer, g->error ? 0 : (uint64_t)timeout_ms * 1000000u);
	if (!g->error)
		g->watch =
			loop_fd_new(loop, fd, LOOP_WRITE, on_connected, g, "HTTP probe connects");
	return g;
}
