/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Which rules nftables itself says that packets met (meta nftrace), as another witness than what
 * those rules log. While it is open all packets of the fabric are traced, and the lab takes the
 * table that this needs for drift.
 */
#include "lab/azure/hit.h"
#include "tests/property/nsg_wire.h"

struct nsg_trace;

/* A rule that logs, which a packet met. */
struct traced {
	struct hit_text hit;
	bool is_drop;
	struct wire_packet packet;
};

typedef void traced_fn(void *arg, const struct traced *traced);

/* From within the lab. The caller owns the result. */
struct nsg_trace *nsg_trace_new(struct err *err) NODISCARD;
void nsg_trace_free(struct nsg_trace *trace); /* NULL is fine */

/* All that was traced until now; -ENOBUFS: not all of it could be kept. */
int nsg_trace_read(struct nsg_trace *trace, traced_fn *on_traced, void *arg, struct err *err);
