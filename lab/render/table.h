/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Rows of text as the az command prints them (R1.2): header, dashes, rows; a column is as wide as
 * its header and two, or its widest cell; two blanks between columns, none at a line's end.
 */
#include "lab/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 16

struct table;

/* The headers are copied. The caller owns the table. */
struct table *table_new(const char *const *headers, size_t column_count) NODISCARD;
void table_free(struct table *table); /* NULL is fine */

/* One cell for each column, copied; NULL is an empty one. */
void table_add(struct table *table, const char *const *cells);

void table_print(const struct table *table, FILE *out);
void table_print_tsv(const struct table *table, FILE *out); /* rows only */
/* As one or the other. */
void table_print_as(const struct table *table, bool is_tsv, FILE *out);
