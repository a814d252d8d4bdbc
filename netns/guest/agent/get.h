/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What netns/probe/http.h does with libcurl, which is too large for a guest's image: GET / from a
 * machine of a lab, whose answer ends with the connection, or a connection alone.
 */
#include "netns/probe/http.h"

struct get;

/*
 * From a TCP socket of IPv4, which becomes the get's: GET / from port 80, or only connect to
 * `tcp_port` when that is not 0. `fn` is called once, later, after which the get is gone;
 * get_cancel ends it without a call.
 */
struct get *get_start(struct loop *loop, int fd, struct ip to, unsigned tcp_port, long timeout_ms,
		      http_done_fn *fn, void *arg) NODISCARD;
void get_cancel(struct get *get); /* NULL is fine */
