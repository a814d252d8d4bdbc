/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a probe asks that is no ping: a page, a connection or a datagram, once, by a socket of the
 * machine's namespace, or by the agent of a guest.
 */
#include "lab/model/lab.h"
#include "netns/guest/agent.h"
#include "netns/probe/http.h"

struct fetch;

struct fetch_spec {
	enum probe_protocol protocol; /* no PROBE_ICMP */
	struct ip to;
	unsigned port;
	long timeout_ms;
};

/* What became of it; or `result` is NULL: its agent was lost, and `why` says how. */
typedef void fetch_fn(void *arg, const struct http_result *result, const char *why);

/*
 * The socket becomes the fetch's; the pool is for those of TCP. `fn` is called once, later, after
 * which the fetch is gone; fetch_cancel ends it without a call.
 */
struct fetch *fetch_start(struct loop *loop, struct http_pool *pool, int fd,
			  const struct fetch_spec *spec, fetch_fn *fn, void *arg) NODISCARD;
/* NULL when the agent (which may be NULL) is not there. */
struct fetch *fetch_start_by(struct agent *agent, const struct fetch_spec *spec, fetch_fn *fn,
			     void *arg, struct err *err) NODISCARD;
void fetch_cancel(struct fetch *fetch); /* NULL is fine */
