/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What kernels and one packet say of a flow, beside what was predicted of it. */
#include "lab/base/arena.h"
#include "lab/snapshot/snapshot_path.h"
#include "tui/client/client.h"

/*
 * Asks, for each place of `path` that has tables, the kernel that forwards there, and sends one
 * packet, of which nftables says what it does with it at each place that filters: one ICMP echo, or
 * makes one connection (http: a request), from the first machine. Waits for an answer somewhat
 * longer than predicted, or `silence_ms` where none is. Done by a process of its own, inside the
 * lab; what it finds lives in the arena.
 */
int evidence_collect(struct client *client, const struct snapshot_path *path, unsigned silence_ms,
		     struct snapshot_evidence *ret_evidence, struct arena *arena, struct err *err);
