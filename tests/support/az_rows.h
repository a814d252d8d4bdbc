/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Tables that real Azure printed, and how ours are held against them. A file has blocks
 *
 *     rows nic=NAME[,NAME...] complete=WHAT [case=STEP|phase=STEP] [order=doc]
 *     SOURCE STATE PREFIX TYPE NEXT-HOP[,NEXT-HOP...] [name=ROUTE]
 *     @NONE2020|@NONE2023|@NONE2026 [-PREFIX...]
 *
 * as azure-routing.md chapter 10 has them. '-' is an empty cell, X in an address is a masked part
 * of it, <words> are a list that the source did not print.
 */
#include "lab/base/arena.h"
#include "lab/model/schema.h"

#include <jansson.h>

struct az_row {
	const char *source, *state, *prefix, *type;
	const char *hops; /* sorted, with ',' between */
	const char *name; /* NULL when there is none */
};
struct az_rows {
	struct az_row *items;
	size_t count;
};

struct az_block {
	LIST_OF(const char *) nics;
	const char *complete; /* what the source shows: yes, no, no(None), ... */
	const char *step;     /* of the lab: its name or number; NULL when the block names none */
	bool is_doc;          /* a table of the documentation, in no order */
	struct az_rows rows;
};
struct az_blocks {
	struct az_block *items;
	size_t count;
};

/* Fails the test when the file is not as described. Everything lives in the arena. */
struct az_blocks az_blocks_read(const char *path, struct arena *arena);

/* What az_routes_json made. Fails the test when a row has not the keys of R1.3. */
struct az_rows az_rows_of_json(const json_t *json, struct arena *arena);

/*
 * NULL when the rows are those of the block, else both as text. With `merges_next_hops` a row for
 * each next hop is the same as one row with all of them (R1.10).
 */
const char *az_rows_difference(const struct az_block *block, const struct az_rows *rows,
			       bool merges_next_hops, struct arena *arena);
