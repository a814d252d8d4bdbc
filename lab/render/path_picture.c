/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ways of a flow side by side: who asks on top, who is asked at the bottom, so that the
 * way there goes down and the way back up. No more lines than an 80x24 terminal has.
 */
#include "lab/render/path.h"

#include "lab/render/why.h"

#include <string.h>

#define COLS        80
#define LINES       24
#define COLUMN_COLS 39 /* with the glyph and a blank */
#define BODY_LINES  19 /* between a head of two lines and a sentence of three */

enum glyph {
	GLYPH_NODE,
	GLYPH_DOWN,
	GLYPH_UP,
	GLYPH_ON,   /* goes on, nothing decides there */
	GLYPH_STOP, /* here it ends, and should not */
	GLYPH_MORE, /* lines that had no room */
	GLYPH_NONE,
};

static const char *const glyphs[][2] = {
	[GLYPH_NODE] = { "o", "●" }, [GLYPH_DOWN] = { "v", "▼" }, [GLYPH_UP] = { "^", "▲" },
	[GLYPH_ON] = { "|", "│" },   [GLYPH_STOP] = { "x", "✗" }, [GLYPH_MORE] = { ":", "⋮" },
	[GLYPH_NONE] = { " ", " " },
};

struct cell {
	enum glyph glyph;
	const char *text;
};

struct column {
	struct cell *items;
	size_t count;
};

static void add(struct column *column, enum glyph glyph, const char *text, struct arena *arena)
{
	*ARENA_PUSH(arena, column->items, column->count) = (struct cell){ glyph, text };
}

/* What sends it on, without where that stands. */
static const char *short_words(const struct snapshot_decision *d, struct arena *arena)
{
	const char *colon = strstr(d->words, ": ");
	const char *text = strcmp(d->kind, "tunnel") != 0 && colon ? colon + 2 : d->words;

	return arena_strndup(arena, text, strcspn(text, ","));
}

/* Of one machine's decisions from `first` on: which says most about where it goes next? */
static const struct snapshot_decision *main_decision(const struct snapshot_decisions *leg,
						     size_t first, size_t *ret_next)
{
	static const char *const kinds[] = { "machine", "route", "tunnel" };
	const struct snapshot_decision *found = NULL;
	size_t best = 0, i = first;

	for (; i < leg->count && !strcmp(leg->items[i].node, leg->items[first].node); i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
			if (!strcmp(leg->items[i].kind, kinds[k]) && k + 1 >= best) {
				best = k + 1;
				found = &leg->items[i];
			}
	*ret_next = i;
	return found;
}

/* In the order of the way: a machine, what sends it on, the next machine. */
static struct column leg_column(const struct snapshot_decisions *leg, enum glyph arrow,
				bool is_complete, struct arena *arena)
{
	struct column out = { 0 };
	size_t next;

	for (size_t i = 0; i < leg->count; i = next) {
		const struct snapshot_decision *d = main_decision(leg, i, &next);
		bool is_last = next == leg->count;

		add(&out, GLYPH_NODE, leg->items[i].node, arena);
		if (!is_last)
			add(&out, arrow, d ? short_words(d, arena) : "", arena);
		else if (!is_complete)
			add(&out, GLYPH_STOP, "here it stops", arena);
	}
	return out;
}

static struct column reversed(const struct column *column, struct arena *arena)
{
	struct column out = { 0 };

	for (size_t i = column->count; i-- > 0;)
		add(&out, column->items[i].glyph, column->items[i].text, arena);
	return out;
}

/* Machines alone. */
static struct column without_words(const struct column *column, struct arena *arena)
{
	struct column out = { 0 };

	for (size_t i = 0; i < column->count; i++)
		if (column->items[i].glyph == GLYPH_NODE || column->items[i].glyph == GLYPH_STOP)
			add(&out, column->items[i].glyph, column->items[i].text, arena);
	return out;
}

/* The ends stay where they are. */
static struct column folded(const struct column *column, size_t lines, struct arena *arena)
{
	struct column out = { 0 };
	size_t head = lines / 2, tail = lines - head - 1;

	for (size_t i = 0; i < column->count; i++) {
		if (i < head || i >= column->count - tail)
			add(&out, column->items[i].glyph, column->items[i].text, arena);
		else if (i == head)
			add(&out, GLYPH_MORE,
			    arena_printf(arena, "%zu more", column->count - head - tail), arena);
	}
	return out;
}

/* With its last line on the given one, and its way there drawn through. */
static struct column stretched(const struct column *column, size_t lines, bool is_from_top,
			       bool is_complete, struct arena *arena)
{
	struct column out = { 0 };
	size_t missing = lines - column->count, at = column->count ? column->count - 1 : 0;

	if (!is_complete) /* what did not arrive hangs from its beginning */
		at = is_from_top ? column->count : 0;
	for (size_t i = 0; i <= column->count; i++) {
		for (size_t n = 0; i == at && n < missing; n++)
			add(&out, is_complete && column->count ? GLYPH_ON : GLYPH_NONE, "", arena);
		if (i < column->count)
			add(&out, column->items[i].glyph, column->items[i].text, arena);
	}
	return out;
}

static void print_cell(const struct cell *cell, bool is_ascii, bool is_last, FILE *out)
{
	size_t room = COLUMN_COLS - 2, len = strlen(cell->text);

	(void)fputs(glyphs[cell->glyph][!is_ascii], out);
	if (len > room)
		(void)fprintf(out, " %.*s..", (int)room - 2, cell->text);
	else if (is_last)
		(void)fprintf(out, "%s%s", len ? " " : "", cell->text);
	else
		(void)fprintf(out, " %-*s", (int)room, cell->text);
}

static size_t longest(const struct column *a, const struct column *b)
{
	return a->count > b->count ? a->count : b->count;
}

static void print_columns(const struct column *there, const struct column *back, bool is_ascii,
			  FILE *out)
{
	for (size_t i = 0; i < there->count; i++) {
		bool has_back = back->items[i].glyph != GLYPH_NONE;

		print_cell(&there->items[i], is_ascii, !has_back, out);
		if (has_back) {
			(void)fputs("  ", out);
			print_cell(&back->items[i], is_ascii, true, out);
		}
		(void)fputc('\n', out);
	}
}

void path_print_picture(const struct snapshot_path *path, bool is_ascii, FILE *out)
{
	struct arena *arena = arena_new();
	bool arrives = path->back.count > 0, returns = path->is_answered || path->is_by_flow;
	struct column there = leg_column(&path->there, GLYPH_DOWN, arrives || returns, arena);
	struct column back = leg_column(&path->back, GLYPH_UP, returns, arena);
	struct texts lines = why_wrap(path_sentence(path, arena), COLS, COLS, arena);
	const char *title;
	size_t count;

	back = reversed(&back, arena);
	if (longest(&there, &back) > BODY_LINES) {
		there = without_words(&there, arena);
		back = without_words(&back, arena);
	}
	if (there.count > BODY_LINES)
		there = folded(&there, BODY_LINES, arena);
	if (back.count > BODY_LINES)
		back = folded(&back, BODY_LINES, arena);
	count = longest(&there, &back);
	there = stretched(&there, count, true, arrives || returns, arena);
	back = stretched(&back, count, false, returns, arena);
	title = arena_printf(arena, "There, %s", path->protocol);
	if (path->back.count)
		(void)fprintf(out, "%-*s  Back\n", COLUMN_COLS, title);
	else
		(void)fprintf(out, "%s\n", title);
	print_columns(&there, &back, is_ascii, out);
	(void)fputc('\n', out);
	for (size_t i = 0; i < lines.count && i + count + 2 < LINES; i++)
		(void)fprintf(out, "%s\n", lines.items[i]);
	arena_free(arena);
}
