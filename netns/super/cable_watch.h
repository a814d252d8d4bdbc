/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What crosses the lab's cables, those of the Internet between tunnels' ends among them, as far as
 * some flows ask: whether their packets are there in clear, and where there is ESP. One end of each
 * cable is listened to, in portions, so that much traffic takes no more than its share of the loop;
 * what went by unseen meanwhile is told.
 */
#include "lab/expect/expect_wire.h"
#include "netns/loop/loop.h"

struct cable_watch;

/* Whose sockets they are: opening and closing one takes longer than a callback may. */
struct cable_watch_ops {
	/* Ask for one for packets in a namespace, which cable_watch_socket brings later. */
	void (*need_socket)(void *arg, const char *ns, size_t cable);
	void (*close_socket)(void *arg, int fd);
};

/* The topology is borrowed. Flows are known by number, below the count. The caller owns it. */
struct cable_watch *cable_watch_new(struct loop *loop, const struct topology *topology,
				    size_t flow_count, const struct cable_watch_ops *ops, void *arg)
	NODISCARD;
void cable_watch_free(struct cable_watch *watch); /* NULL is fine */

void cable_watch_start(struct cable_watch *watch);
/* The descriptor becomes its own; or it is -1, and `err` says why. */
void cable_watch_socket(struct cable_watch *watch, size_t cable, int fd, const struct err *err);

/* A flow is that of the expectation, by what is learned now. Again, as that changes. */
void cable_watch_learn(struct cable_watch *watch, size_t flow,
		       const struct expectation *expectation, const struct fabric *fabric);
/* What was seen since then (of the loop's clock). Its words live as long as the watch. */
struct wire_sight cable_watch_look(const struct cable_watch *watch, size_t flow, uint64_t since_ns);
