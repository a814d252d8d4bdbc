/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Azure's side of DHCP, DHCPv6 and router advertisements at the ports of guests: two sockets in the
 * fabric hear all of them, and lab/render/dhcp.h says what each is answered.
 */
#include "lab/model/topology.h"
#include "netns/loop/loop.h"
#include "netns/super/journal.h"

struct dhcp_server;

struct dhcp_server_ops {
	/* One of packet_open_frames() in the fabric: dhcp_server_socket is told, now or later. */
	void (*need_socket)(void *arg, size_t tag);
	void (*close_socket)(void *arg, int fd); /* that takes the kernel milliseconds */
	void (*on_change)(void *arg);            /* the problem is another */
};

/* All is borrowed. The caller owns the result. */
struct dhcp_server *dhcp_server_new(struct loop *loop, struct journal *journal,
				    const struct dhcp_server_ops *ops, void *arg) NODISCARD;
void dhcp_server_free(struct dhcp_server *server); /* NULL is fine */

/* The ports of these guests are there, and no others; nothing is kept of the topology. */
void dhcp_server_want(struct dhcp_server *server, const struct topology *topology);

/* An engine_socket_fn: the descriptor becomes the server's. */
void dhcp_server_socket(void *server, size_t tag, int fd, const struct err *err);

/* Why guests that ask for their addresses get none; "" when they do, or there are no guests. */
const char *dhcp_server_problem(const struct dhcp_server *server);
