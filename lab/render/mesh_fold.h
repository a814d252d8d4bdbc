/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A mesh as few enough rows and columns to be seen at once. A small one is whole; in a larger one
 * machines that answer and are answered alike are one group; where those are too many, too, rows
 * and columns without findings are left out.
 */
#include "lab/snapshot/snapshot_mesh.h"

#define MESH_FOLD_COLUMNS 54
#define MESH_FOLD_ROWS    200 /* of a selection */

struct mesh_group {
	const char *name; /* of its first machine */
	unsigned number;  /* from 1; of the rows and the columns of a square the same */
	size_t count;
	size_t first, second; /* machines of it, by place; the same where it has one */
};

struct mesh_groups {
	struct mesh_group *items;
	size_t count;
};

struct mesh_fold {
	const struct snapshot_mesh *mesh;
	struct mesh_groups rows, columns;
	bool is_square;    /* the same machines ask and are asked */
	bool is_selection; /* of those that have findings */
	bool is_cut;       /* not all of them */
};

/* In the arena; names are borrowed. */
void mesh_fold(const struct snapshot_mesh *mesh, struct mesh_fold *ret_fold, struct arena *arena);
/* An enum mesh_cell; of a group with itself what its machines see of each other. */
char mesh_fold_cell(const struct mesh_fold *fold, size_t row, size_t column);
