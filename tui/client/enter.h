/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"
#include "tui/client/client.h"

#include <stdbool.h>

/*
 * Run a program inside a lab and wait for it. With a node it runs in that node's network
 * namespace and sees the node's host name, /etc/hosts, /etc/resolv.conf and control sockets;
 * without one (NULL), where `ip netns` sees all of them. The program dies with us, and we end with
 * its exit code, or with 128 and the number of the signal that ended it: only failures return.
 */
int lab_enter(const struct client *client, const char *lab, const char *node, char *const argv[],
	      struct err *err);

/* Into the lab, for good: only a process that was forked for it does that. */
int lab_enter_namespaces(const struct client *client, struct err *err);
/* There: has the node a network of that name? Guests have none. */
bool lab_has_network(const char *node);
/* From there into the network of a node, and on to the next; sockets stay where they were made. */
int lab_enter_network(const char *node, struct err *err);
