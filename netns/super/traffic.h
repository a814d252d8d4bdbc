/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What the links of the lab carry: the kernel's counters of interfaces, read twice, a second apart.
 * Only while somebody looks: else no file is open, no timer runs and nothing is read. One file of
 * the fabric has all machines of virtual networks; routers with cables, tunnels and hosts have one
 * each. It is read in portions.
 */
#include "lab/model/topology.h"
#include "lab/snapshot/snapshot_traffic.h"
#include "netns/super/engine_client.h"

struct traffic;

struct traffic_ops {
	void (*on_change)(void *arg);  /* of what is told */
	bool (*is_watched)(void *arg); /* does anybody look? */
	/* The lab whose links are there; NULL: none is, or it is becoming another one. */
	const struct topology *(*topology)(void *arg);
};

/* The caller owns the result; it is for as long as the engine. */
struct traffic *traffic_new(struct loop *loop, struct engine_client *engine,
			    const struct traffic_ops *ops, void *arg) NODISCARD;

/* Somebody looks: go on with it, or begin. */
void traffic_wake(struct traffic *traffic);
/* The lab becomes another one: nothing of it is held, and all is found anew. NULL is fine. */
void traffic_let_go(struct traffic *traffic);

/* The texts are borrowed from the topology, the list is in the arena. */
void traffic_fill(const struct traffic *traffic, struct snapshot_traffic *ret_traffic,
		  struct arena *arena);
/* Another number whenever that is another. */
uint64_t traffic_version(const struct traffic *traffic);
