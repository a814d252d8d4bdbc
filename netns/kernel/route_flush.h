/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Routes that a routing daemon left behind: one that is killed takes nothing away. */
#include "lab/base/err.h"

#include <netlink/socket.h>

/*
 * Take away what routing daemons have put into the routing tables of the socket's namespace.
 * Returns 0, or a negative errno. That there is nothing is fine.
 */
int route_flush_learned(struct nl_sock *sock, struct err *err);
