/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * HTTP fetches, and connections alone, that run at the same time, each on a socket opened in its
 * namespace before.
 */
#include "lab/base/ip.h"
#include "netns/loop/loop.h"

struct http_pool;
struct http_fetch;

struct http_result {
	bool is_connected;
	int error;       /* of the connection that was not made; 0: the system named none */
	long status;     /* 0 when there was no answer */
	double total_ms; /* from the first packet to the last */
	char body[80];   /* its first line */
	char why[96];    /* why there was no answer */
};

typedef void http_done_fn(void *arg, const struct http_result *result);

struct http_pool *http_pool_new(struct loop *loop) NODISCARD;
void http_pool_free(struct http_pool *pool); /* after its fetches; NULL is fine */

/*
 * GET / from port 80 of an address, or only connect to `tcp_port` when that is not 0. The socket
 * becomes the fetch's. `fn` is called once, after which the fetch is gone; http_fetch_cancel ends
 * it without a call.
 */
struct http_fetch *http_fetch_start(struct http_pool *pool, int fd, struct ip to, unsigned tcp_port,
				    long timeout_ms, http_done_fn *fn, void *arg) NODISCARD;
void http_fetch_cancel(struct http_fetch *fetch);
