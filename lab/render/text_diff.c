/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/text_diff.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT 3
#define LOOK_MAX                                                                                   \
	4000 /* lines of both that are looked through for a place where they meet again            \
	      */

struct lines {
	const char **at; /* where each begins, and where the last one ends */
	size_t count;
};

/* Lines that one text has in the place of the other's. */
struct hunk {
	size_t before, taken; /* from which line on, and how many */
	size_t after, put;
};

struct hunks {
	struct hunk *items;
	size_t count, room;
};

static struct lines split(const char *text)
{
	struct lines lines = { 0 };
	size_t most = 2;

	for (const char *c = text; *c; c++)
		most += *c == '\n';
	lines.at = calloc(most, sizeof(*lines.at));
	if (!lines.at)
		abort();
	while (*text) {
		size_t len = strcspn(text, "\n");

		lines.at[lines.count++] = text;
		text += len + (text[len] == '\n');
	}
	lines.at[lines.count] = text;
	return lines;
}

static bool is_same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	size_t len;

	if (i >= a->count || j >= b->count)
		return i >= a->count && j >= b->count;
	len = (size_t)(a->at[i + 1] - a->at[i]);
	return len == (size_t)(b->at[j + 1] - b->at[j]) && !memcmp(a->at[i], b->at[j], len);
}

/* The nearest place where two lines, or the ends, are the same again. */
static struct hunk find_hunk(const struct lines *a, const struct lines *b, size_t i, size_t j)
{
	for (size_t all = 1; all <= LOOK_MAX; all++)
		for (size_t put = 0; put <= all; put++) {
			size_t taken = all - put;

			if (i + taken <= a->count && j + put <= b->count &&
			    is_same(a, i + taken, b, j + put) &&
			    is_same(a, i + taken + 1, b, j + put + 1))
				return (struct hunk){ i, taken, j, put };
		}
	return (struct hunk){ i, a->count - i, j, b->count - j };
}

static struct hunks find_hunks(const struct lines *a, const struct lines *b)
{
	struct hunks hunks = { 0 };

	for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
		struct hunk hunk;

		if (is_same(a, i, b, j)) {
			i++;
			j++;
			continue;
		}
		hunk = find_hunk(a, b, i, j);
		if (hunks.count == hunks.room) {
			hunks.room = hunks.room * 2 + 8;
			hunks.items = realloc(hunks.items, hunks.room * sizeof(*hunks.items));
			if (!hunks.items)
				abort();
		}
		hunks.items[hunks.count++] = hunk;
		i += hunk.taken;
		j += hunk.put;
	}
	return hunks;
}

static void print_lines(char mark, const struct lines *lines, size_t from, size_t to, FILE *out)
{
	for (size_t i = from; i < to; i++) {
		size_t len = (size_t)(lines->at[i + 1] - lines->at[i]);
		bool is_ended = len && lines->at[i][len - 1] == '\n';

		(void)fprintf(out, "%c%.*s\n", mark, (int)(is_ended ? len - 1 : len), lines->at[i]);
		if (!is_ended)
			(void)fprintf(out, "\\ No newline at end of file\n");
	}
}

/* "12,3", and "12" for one line; of none the line before. */
static void print_range(size_t from, size_t count, FILE *out)
{
	(void)fprintf(out, count == 1 ? "%zu" : "%zu,%zu", count ? from + 1 : from, count);
}

/* Hunks whose contexts touch, as one. */
static void print_group(const struct hunks *hunks, size_t first, size_t last, const struct lines *a,
			const struct lines *b, FILE *out)
{
	const struct hunk *from = &hunks->items[first], *to = &hunks->items[last];
	size_t ahead = from->before < CONTEXT ? from->before : CONTEXT;
	size_t left = a->count - (to->before + to->taken);
	size_t behind = left < CONTEXT ? left : CONTEXT, at = from->before - ahead;

	(void)fputs("@@ -", out);
	print_range(at, to->before + to->taken + behind - at, out);
	(void)fputs(" +", out);
	print_range(from->after - ahead, to->after + to->put + behind - (from->after - ahead), out);
	(void)fputs(" @@\n", out);
	for (size_t i = first; i <= last; i++) {
		const struct hunk *hunk = &hunks->items[i];

		print_lines(' ', a, at, hunk->before, out);
		print_lines('-', a, hunk->before, hunk->before + hunk->taken, out);
		print_lines('+', b, hunk->after, hunk->after + hunk->put, out);
		at = hunk->before + hunk->taken;
	}
	print_lines(' ', a, at, at + behind, out);
}

bool text_diff(const char *before, const char *after, const char *name, FILE *out)
{
	struct lines a = split(before), b = split(after);
	struct hunks hunks = find_hunks(&a, &b);
	bool differs = hunks.count > 0;

	if (differs)
		(void)fprintf(out, "--- %s\n+++ %s\n", name, name);
	for (size_t first = 0, last; first < hunks.count; first = last + 1) {
		for (last = first; last + 1 < hunks.count; last++) {
			const struct hunk *hunk = &hunks.items[last];

			if (hunks.items[last + 1].before > hunk->before + hunk->taken + 2 * CONTEXT)
				break;
		}
		print_group(&hunks, first, last, &a, &b, out);
	}
	free(hunks.items);
	free(a.at);
	free(b.at);
	return differs;
}
