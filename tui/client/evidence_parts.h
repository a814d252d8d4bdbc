/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What nftables says of one packet, where it passes: a part of evidence.c, inside the lab. */
#include "netns/kernel/nft_trace.h"
#include "tui/client/evidence.h"

struct evidence_trace;

/*
 * Has the flow traced in the fabric, and in each machine on its ways. Never NULL: what cannot be
 * traced is said in `out->untraced`. The caller owns it.
 */
struct evidence_trace *evidence_trace_new(const struct nft_traced_flow *flow,
					  const struct snapshot_path *path,
					  struct snapshot_evidence *out, struct arena *arena)
	NODISCARD;
/* When the packet is where it ends: what nftables did with it, place by place. */
void evidence_trace_read(struct evidence_trace *trace);
/* What was made for it is gone. */
void evidence_trace_free(struct evidence_trace *trace);
