/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/table.h"

#include "lab/base/arena.h"

#include <stdlib.h>
#include <string.h>

struct table {
	struct arena *arena;
	const char **headers;
	size_t column_count;
	const char ***rows;
	size_t row_count;
};

static const char **copy_cells(struct arena *arena, const char *const *cells, size_t count)
{
	const char **copy = arena_alloc(arena, count * sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_strdup(arena, cells[i] ? cells[i] : "");
	return copy;
}

struct table *table_new(const char *const *headers, size_t column_count)
{
	struct arena *arena = arena_new();
	struct table *table = arena_alloc(arena, sizeof(*table));

	table->arena = arena;
	table->column_count = column_count;
	table->headers = copy_cells(arena, headers, column_count);
	return table;
}

void table_free(struct table *table)
{
	if (table)
		arena_free(table->arena);
}

void table_add(struct table *table, const char *const *cells)
{
	*ARENA_PUSH(table->arena, table->rows, table->row_count) =
		copy_cells(table->arena, cells, table->column_count);
}

static void print_line(const char *const *cells, const size_t *widths, size_t count, FILE *out)
{
	size_t last = count;

	while (last && !*cells[last - 1])
		last--;
	for (size_t i = 0; i < last; i++)
		(void)fprintf(out, "%-*s%s", i + 1 < last ? (int)widths[i] : 0, cells[i],
			      i + 1 < last ? "  " : "");
	(void)fputc('\n', out);
}

void table_print(const struct table *table, FILE *out)
{
	char dashes[TABLE_COLUMNS_MAX][256];
	const char *lines[TABLE_COLUMNS_MAX];
	size_t widths[TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < table->column_count; i++) {
		widths[i] = strlen(table->headers[i]) + 2;
		for (size_t row = 0; row < table->row_count; row++)
			if (strlen(table->rows[row][i]) > widths[i])
				widths[i] = strlen(table->rows[row][i]);
		(void)snprintf(dashes[i], sizeof(dashes[i]), "%s", "");
		for (size_t n = 0; n < widths[i] && n + 1 < sizeof(dashes[i]); n++) {
			dashes[i][n] = '-';
			dashes[i][n + 1] = '\0';
		}
		lines[i] = dashes[i];
	}
	print_line(table->headers, widths, table->column_count, out);
	print_line(lines, widths, table->column_count, out);
	for (size_t row = 0; row < table->row_count; row++)
		print_line(table->rows[row], widths, table->column_count, out);
}

void table_print_tsv(const struct table *table, FILE *out)
{
	for (size_t row = 0; row < table->row_count; row++)
		for (size_t i = 0; i < table->column_count; i++)
			(void)fprintf(out, "%s%c", table->rows[row][i],
				      i + 1 < table->column_count ? '\t' : '\n');
}

void table_print_as(const struct table *table, bool is_tsv, FILE *out)
{
	if (is_tsv)
		table_print_tsv(table, out);
	else
		table_print(table, out);
}
