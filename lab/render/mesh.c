/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/mesh.h"

#include "lab/render/mesh_fold.h"
#include "lab/render/table.h"

#include <math.h>
#include <string.h>

#define NAME_WIDTH   20
#define FINDINGS_MAX 10 /* that people read; -o tsv has all */

static const enum mesh_cell kinds[] = { MESH_REPLY, MESH_SILENCE, MESH_UNEXPECTED_REPLY,
					MESH_UNEXPECTED_SILENCE, MESH_UNKNOWN };

static const char *const kind_words[ARRAY_SIZE(kinds)] = {
	"reply, as predicted",
	"no reply, as predicted",
	"REPLY that is not predicted",
	"NO REPLY, one is predicted",
	"unknown",
};

bool mesh_is_good(const struct snapshot_mesh *mesh)
{
	return mesh->pairs &&
	       mesh_count(mesh, MESH_REPLY) + mesh_count(mesh, MESH_SILENCE) == (size_t)mesh->pairs;
}

/* ---- the matrix ---- */

/* The numbers of the columns, from above to below. */
static void print_column_numbers(const struct mesh_fold *fold, int indent, FILE *out)
{
	static const unsigned powers[] = { 1000, 100, 10, 1 };
	unsigned largest = 0;

	for (size_t i = 0; i < fold->columns.count; i++)
		if (fold->columns.items[i].number > largest)
			largest = fold->columns.items[i].number;
	for (size_t p = 0; p < ARRAY_SIZE(powers); p++) {
		char line[MESH_FOLD_COLUMNS + 1];
		size_t len = 0;

		if (powers[p] > largest)
			continue;
		for (size_t i = 0; i < fold->columns.count; i++) {
			unsigned number = fold->columns.items[i].number;

			line[i] = number < powers[p] ? ' ' : (char)('0' + number / powers[p] % 10);
			if (line[i] != ' ')
				len = i + 1;
		}
		(void)fprintf(out, "%*s%.*s\n", indent, "", (int)len, line);
	}
}

/* "web1", or "web1 +5" for those that are alike. */
static void name_of(const struct mesh_group *group, char text[NAME_WIDTH + 1])
{
	char more[16] = "";
	int room = NAME_WIDTH;

	if (group->count > 1)
		room -= snprintf(more, sizeof(more), " +%zu", group->count - 1);
	(void)snprintf(text, NAME_WIDTH + 1, "%.*s%s", room, group->name, more);
}

static int name_width(const struct mesh_fold *fold)
{
	char name[NAME_WIDTH + 1];
	size_t width = 0;

	for (size_t i = 0; i < fold->rows.count; i++) {
		name_of(&fold->rows.items[i], name);
		if (strlen(name) > width)
			width = strlen(name);
	}
	return (int)width;
}

static void print_matrix(const struct mesh_fold *fold, FILE *out)
{
	int width = name_width(fold);
	char name[NAME_WIDTH + 1];

	print_column_numbers(fold, width + 6, out);
	for (size_t i = 0; i < fold->rows.count; i++) {
		size_t len = fold->columns.count;

		while (len && mesh_fold_cell(fold, i, len - 1) == (char)MESH_SELF)
			len--;
		name_of(&fold->rows.items[i], name);
		(void)fprintf(out, "%4u %-*s%s", fold->rows.items[i].number, len ? width : 0, name,
			      len ? " " : "");
		for (size_t n = 0; n < len; n++)
			(void)fputc(mesh_fold_cell(fold, i, n), out);
		(void)fputc('\n', out);
	}
}

/* Columns whose numbers are no row's. */
static void print_column_names(const struct mesh_fold *fold, FILE *out)
{
	int column = 0;

	for (size_t i = 0; i < fold->columns.count; i++) {
		const struct mesh_group *group = &fold->columns.items[i];
		char text[NAME_WIDTH + 16], name[NAME_WIDTH + 1];
		int len;

		name_of(group, name);
		len = snprintf(text, sizeof(text), "%u %s", group->number, name);
		if (column && column + 2 + len > 78) {
			(void)fputc('\n', out);
			column = 0;
		}
		column += fprintf(out, "%s%s", column ? "  " : i ? "    " : "to: ", text);
	}
	(void)fputc('\n', out);
}

/* ---- what is said about it ---- */

static void print_totals(const struct snapshot_mesh *mesh, FILE *out)
{
	(void)fprintf(out, "%lld pairs, %s, in %.1f s\n", (long long)mesh->pairs, mesh->protocol,
		      mesh->took_ms / 1000);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t count = mesh_count(mesh, kinds[i]);

		if (count)
			(void)fprintf(out, "  %c %7zu  %s\n", kinds[i], count, kind_words[i]);
	}
}

static size_t count_findings(const struct snapshot_mesh *mesh)
{
	size_t count = 0;

	for (size_t i = 2; i < ARRAY_SIZE(kinds); i++)
		count += mesh_count(mesh, kinds[i]);
	return count;
}

/* One of each row before the second of any: what is wrong in several places is seen at once. */
static void print_findings(const struct snapshot_mesh *mesh, FILE *out)
{
	size_t count = count_findings(mesh), told = 0;
	bool is_more = true;

	for (size_t turn = 0; is_more && told < FINDINGS_MAX; turn++) {
		is_more = false;
		for (size_t i = 0; i < mesh->rows.count && told < FINDINGS_MAX; i++) {
			const struct snapshot_mesh_row *row = &mesh->rows.items[i];
			const struct snapshot_mesh_finding *f;

			if (turn >= row->findings.count)
				continue;
			is_more = true;
			f = &row->findings.items[turn];
			(void)fprintf(out, "\n%s -> %s\n    seen:      %s\n    predicted: %s\n",
				      f->from, f->to, f->seen, f->prediction);
			told++;
		}
	}
	if (count > told)
		(void)fprintf(out, "\nand %zu more: -o tsv lists them\n", count - told);
}

static void print_selection(const struct mesh_fold *fold, FILE *out)
{
	if (fold->columns.count)
		(void)fprintf(out,
			      "Shown are %s findings: %zu of %zu that ask, %zu of %zu asked.\n\n",
			      fold->is_cut ? "the first with" : "those with", fold->rows.count,
			      fold->mesh->rows.count, fold->columns.count, fold->mesh->to.count);
	else
		(void)fprintf(out, "Too many machines for a matrix, and none has a finding.\n\n");
}

void mesh_print(const struct snapshot_mesh *mesh, FILE *out)
{
	struct arena *arena = arena_new();
	struct mesh_fold fold;

	mesh_fold(mesh, &fold, arena);
	if (fold.columns.count) {
		if (!fold.is_square)
			print_column_names(&fold, out);
		print_matrix(&fold, out);
		(void)fputc('\n', out);
	}
	if (fold.is_selection)
		print_selection(&fold, out);
	print_totals(mesh, out);
	print_findings(mesh, out);
	arena_free(arena);
}

/* ---- for programs ---- */

static const struct snapshot_mesh_finding *finding_of(const struct snapshot_mesh_row *row,
						      const char *to, size_t *next)
{
	if (*next == row->findings.count || strcmp(row->findings.items[*next].to, to) != 0)
		return NULL;
	return &row->findings.items[(*next)++];
}

void mesh_print_tsv(const struct snapshot_mesh *mesh, FILE *out)
{
	for (size_t i = 0; i < mesh->rows.count; i++) {
		const struct snapshot_mesh_row *row = &mesh->rows.items[i];
		size_t next = 0;

		for (size_t n = 0; n < mesh->to.count; n++) {
			const struct snapshot_mesh_finding *f;

			if (row->cells[n] == (char)MESH_SELF)
				continue;
			(void)fprintf(out, "%s\t%s\t%s\t", row->from, mesh->to.items[n],
				      mesh_cell_name(row->cells[n]));
			if (!isnan(row->rtt_ms.items[n]))
				(void)fprintf(out, "%.3f", row->rtt_ms.items[n]);
			f = finding_of(row, mesh->to.items[n], &next);
			(void)fprintf(out, "\t%s\t%s\n", f ? f->seen : "", f ? f->prediction : "");
		}
	}
}

json_t *mesh_json(const struct snapshot_mesh *mesh)
{
	json_t *json = record_encode(&snapshot_mesh_record, mesh), *counts = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		(void)json_object_set_new(counts, mesh_cell_name((char)kinds[i]),
					  json_integer((json_int_t)mesh_count(mesh, kinds[i])));
	(void)json_object_set_new(json, "counts", counts);
	return json;
}
