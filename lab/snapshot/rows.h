/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the rows of a NIC's effective routes say of a prefix or an address. */
#include "lab/base/ip.h"
#include "lab/snapshot/snapshot.h"

/* An address or a prefix, whose bits behind the length do not count. False when it is neither. */
bool rows_parse(const char *text, struct prefix *ret_prefix) NODISCARD;

/* Is one of them the other, or inside it? Of 0.0.0.0/0 and ::/0 only those of all. */
bool rows_concern(struct prefix prefix, struct prefix about);
bool row_concerns(const struct snapshot_route *row, struct prefix about);

/*
 * The active row that decides for all of a prefix that no longer one has (R3.1), of equal ones the
 * stronger (R2.10, R3.18), with the prefix of it that does; NULL when there is none.
 */
const struct snapshot_route *rows_lookup(const struct snapshot_route *rows, size_t count,
					 struct prefix to, struct prefix *ret_prefix);

/* The next hops of a row that decides with this prefix: where each has a row, those of all. */
struct texts rows_next_hops(const struct snapshot_route *rows, size_t count,
			    const struct snapshot_route *row, struct prefix prefix,
			    struct arena *arena);
