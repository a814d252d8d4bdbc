/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * One datagram, and who answers: whoever listens, or the machine's kernel, which says that nobody
 * does. On a socket opened in its namespace before.
 */
#include "netns/probe/http.h"

struct datagram;

/*
 * From a UDP socket of IPv4, which becomes the datagram's, to a port of an address. `fn` is called
 * once, later, after which the datagram is gone: `is_connected` says that there was an answer.
 * datagram_cancel ends it without a call.
 */
struct datagram *datagram_start(struct loop *loop, int fd, struct ip to, unsigned port,
				long timeout_ms, http_done_fn *fn, void *arg) NODISCARD;
void datagram_cancel(struct datagram *datagram); /* NULL is fine */
