/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Routers that are guests: what stands in their kernels, and their daemons. A plan of each
 * (plan_compile_inside) is told by scripts, whole when it has booted and by what changes then; its
 * daemons are the lab's like others, and their sockets stand where those of others do.
 */
#include "lab/azure/fabric.h"
#include "lab/plan/fault.h"
#include "netns/super/daemons.h"
#include "netns/super/engine_client.h"
#include "netns/super/guests_client.h"

struct routers;

struct routers_ops {
	/* These are made there. */
	void (*on_told)(void *arg, const struct plan *changes);
	/* They will be; daemons that go are let go. */
	void (*on_tell)(void *arg, const struct plan *changes);
	/* What is wrong with one is another. */
	void (*on_change)(void *arg);
};

/* All is borrowed; the caller owns the result. */
struct routers *routers_new(struct loop *loop, struct guests_client *guests,
			    struct daemons *daemons, struct journal *journal,
			    const struct routers_ops *ops, void *arg) NODISCARD;
void routers_free(struct routers *routers); /* NULL is fine; before the guests' client */

/* These are wanted, with these faults, and no others; nothing is kept of the topology. */
void routers_want(struct routers *routers, const struct topology *topology,
		  const struct bgp_graph *graph, const struct fault *faults, size_t fault_count);
/* The state of a guest is another. */
void routers_look(struct routers *routers);

/* What engine_client_apply is for the host: changes, in the order in which they are asked for. */
void routers_apply(struct routers *routers, const char *router, struct plan *changes,
		   engine_applied_fn *fn, void *arg);
/*
 * A daemon of one of them is to run again, after these changes; false when it is of none. While its
 * guest cannot be told it is waiting, and runs when that can.
 */
bool routers_start(struct routers *routers, struct daemon *daemon, struct plan *changes);
void routers_kill(struct routers *routers, pid_t pid);
/* Whose daemon that is; NULL: of no guest. */
const char *routers_of(const struct routers *routers, const char *daemon);

/* What is wrong with it, or how far it is; "" when it is as it should be. */
const char *routers_problem(const struct routers *routers, const char *router);
/* Is one being told something, or to be told when its agent is there again? */
bool routers_are_busy(const struct routers *routers);
