/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Who reaches whom as a matrix: a row for each machine that asks, a column for each that is asked.
 * From the lab's own probes, or from a mesh of all pairs.
 */
#include "lab/snapshot/snapshot.h"
#include "lab/snapshot/snapshot_mesh.h"

enum heat_cell {
	HEAT_NONE, /* not asked */
	HEAT_SELF,
	HEAT_GOOD,     /* a reply, as predicted */
	HEAT_EXPECTED, /* none, as predicted */
	HEAT_WAITING,  /* not known */
	HEAT_BAD,      /* not as predicted */
	HEAT_COUNT
};

struct heat {
	struct texts rows, columns;
	uint8_t *cells;                   /* an enum heat_cell each, row by row */
	size_t counts[HEAT_COUNT];        /* of all of them */
	const struct snapshot_mesh *mesh; /* that it is from; NULL: from probes */
};

/*
 * All of it lives in the arena, names too: probes come and go faster than anybody looks. Of several
 * probes of a pair the worst counts.
 */
struct heat *heat_of_probes(const struct snapshot_probes *probes, struct arena *arena);
/* Likewise, but it borrows the mesh, which has passed mesh_check. */
struct heat *heat_of_mesh(const struct snapshot_mesh *mesh, struct arena *arena);
enum heat_cell heat_at(const struct heat *heat, size_t row, size_t column);

/*
 * What is known of one pair, as a sentence, and the protocol by which it was asked, "icmp"; in the
 * arena. `probes` are those of now; NULL: none.
 */
const char *heat_words(const struct heat *heat, const struct snapshot_probes *probes, size_t row,
		       size_t column, struct arena *arena);
const char *heat_protocol(const struct heat *heat, const struct snapshot_probes *probes, size_t row,
			  size_t column, struct arena *arena);
