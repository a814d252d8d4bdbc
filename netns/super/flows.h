/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What the fabric lets through and drops, as its rules log it and as it counts it. Reads in
 * portions, so that a flood takes no more than its share of the loop; what the kernel could not
 * deliver meanwhile is counted.
 */
#include "netns/super/engine_client.h"
#include "netns/super/flow_table.h"
#include "netns/super/journal.h"

struct flows;

#define FLOWS_KEPT 10000

struct flows_ops {
	void (*on_change)(void *arg);  /* of what is told */
	bool (*is_watched)(void *arg); /* does anybody look? Else nothing is counted meanwhile */
};

/* `unix_offset`: from seconds of the loop's clock to Unix time. The caller owns the result. */
struct flows *flows_new(struct loop *loop, struct journal *journal, size_t kept, double unix_offset,
			const struct flows_ops *ops, void *arg) NODISCARD;
void flows_free(struct flows *flows); /* NULL is fine */

/* The fabric is there: have its sockets opened, and begin. Once. */
void flows_open(struct flows *flows, struct engine_client *engine);
/* What that does for each: `type` is one of the three, the descriptor becomes its own. */
void flows_socket(void *flows, size_t type, int fd, const struct err *err);

/* The lab is another; its topology is borrowed until the next one comes. */
void flows_name(struct flows *flows, const struct topology *topology);

/* Count anew what passes, when that is not done yet; flows_is_counting until it is. */
void flows_recount(struct flows *flows);
bool flows_is_counting(const struct flows *flows);

const struct flow_table *flows_table(const struct flows *flows);
uint64_t flows_lost(const struct flows *flows);
const char *flows_error(const struct flows *flows); /* NULL: they are seen */
