/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/mesh_fold.h"

#include <string.h>

static char cell(const struct snapshot_mesh *mesh, size_t row, size_t column)
{
	return mesh->rows.items[row].cells[column];
}

static bool is_square(const struct snapshot_mesh *mesh)
{
	if (mesh->rows.count != mesh->to.count)
		return false;
	for (size_t i = 0; i < mesh->to.count; i++)
		if (strcmp(mesh->rows.items[i].from, mesh->to.items[i]) != 0)
			return false;
	return true;
}

static void add(struct mesh_groups *groups, const char *name, size_t at, struct arena *arena)
{
	*ARENA_PUSH(arena, groups->items, groups->count) = (struct mesh_group){
		.name = name, .number = (unsigned)at + 1, .count = 1, .first = at, .second = at
	};
}

/* ---- groups ---- */

/* Do they see the others alike, do those see them alike, and they each other? */
static bool are_alike(const struct snapshot_mesh *mesh, size_t a, size_t b)
{
	if (cell(mesh, a, b) != cell(mesh, b, a))
		return false;
	for (size_t i = 0; i < mesh->to.count; i++)
		if (i != a && i != b &&
		    (cell(mesh, a, i) != cell(mesh, b, i) || cell(mesh, i, a) != cell(mesh, i, b)))
			return false;
	return true;
}

/* Alike, and so are those in it: what is between two of them is between all. */
static bool belongs(const struct snapshot_mesh *mesh, const struct mesh_group *group, size_t at)
{
	return are_alike(mesh, group->first, at) &&
	       (group->count == 1 ||
		cell(mesh, group->first, at) == cell(mesh, group->first, group->second));
}

/* False when there are too many. */
static bool group_all(const struct snapshot_mesh *mesh, struct mesh_groups *groups,
		      struct arena *arena)
{
	for (size_t i = 0; i < mesh->to.count; i++) {
		size_t n = 0;

		while (n < groups->count && !belongs(mesh, &groups->items[n], i))
			n++;
		if (n == MESH_FOLD_COLUMNS)
			return false;
		if (n == groups->count) {
			add(groups, mesh->to.items[i], i, arena);
			groups->items[n].number = (unsigned)n + 1;
			continue;
		}
		if (groups->items[n].count == 1)
			groups->items[n].second = i;
		groups->items[n].count++;
	}
	return true;
}

/* ---- those with findings ---- */

static void select_findings(const struct snapshot_mesh *mesh, struct mesh_fold *fold,
			    struct arena *arena)
{
	bool *has_column = arena_alloc(arena, mesh->to.count * sizeof(*has_column));

	fold->is_selection = true;
	for (size_t i = 0; i < mesh->rows.count; i++) {
		bool has_row = false;

		for (size_t n = 0; n < mesh->to.count; n++) {
			if (!mesh_cell_is_finding(cell(mesh, i, n)))
				continue;
			has_row = true;
			has_column[n] = true;
		}
		if (has_row && fold->rows.count < MESH_FOLD_ROWS)
			add(&fold->rows, mesh->rows.items[i].from, i, arena);
		else
			fold->is_cut |= has_row;
	}
	for (size_t n = 0; n < mesh->to.count; n++) {
		if (has_column[n] && fold->columns.count < MESH_FOLD_COLUMNS)
			add(&fold->columns, mesh->to.items[n], n, arena);
		else
			fold->is_cut |= has_column[n];
	}
}

void mesh_fold(const struct snapshot_mesh *mesh, struct mesh_fold *ret_fold, struct arena *arena)
{
	struct mesh_fold fold = { .mesh = mesh, .is_square = is_square(mesh) };
	struct mesh_groups groups = { 0 };

	if (mesh->to.count <= MESH_FOLD_COLUMNS) {
		for (size_t i = 0; i < mesh->rows.count; i++)
			add(&fold.rows, mesh->rows.items[i].from, i, arena);
		for (size_t n = 0; n < mesh->to.count; n++)
			add(&fold.columns, mesh->to.items[n], n, arena);
	} else if (fold.is_square && group_all(mesh, &groups, arena)) {
		fold.rows = fold.columns = groups;
	} else {
		fold.is_square = false; /* not the same rows as columns */
		select_findings(mesh, &fold, arena);
	}
	*ret_fold = fold;
}

char mesh_fold_cell(const struct mesh_fold *fold, size_t row, size_t column)
{
	const struct mesh_group *from = &fold->rows.items[row];
	const struct mesh_group *to = &fold->columns.items[column];

	return cell(fold->mesh, from->first, from->first == to->first ? to->second : to->first);
}
