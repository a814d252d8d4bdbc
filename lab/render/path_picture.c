/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ways of a flow side by side: who asks on top, who is asked at the bottom, so that the
 * way there goes down and the way back up. No more lines than an 80x24 terminal has.
 */
#include "lab/render/path_picture.h"

#include "lab/render/why.h"

#include <string.h>

#define COLS        80
#define LINES       24
#define COLUMN_COLS 39 /* with the glyph and a blank */
#define BODY_LINES  19 /* between a head of two lines and a sentence of three */

static const char *const glyphs[][2] = {
	[PICTURE_NODE] = { "o", "●" }, [PICTURE_DOWN] = { "v", "▼" }, [PICTURE_UP] = { "^", "▲" },
	[PICTURE_ON] = { "|", "│" },   [PICTURE_STOP] = { "x", "✗" }, [PICTURE_MORE] = { ":", "⋮" },
	[PICTURE_NONE] = { " ", " " },
};

const char *picture_glyph(enum picture_glyph glyph, bool is_ascii)
{
	return glyphs[glyph][!is_ascii];
}

struct column {
	struct picture_cell *items;
	size_t count;
};

static void add(struct column *column, enum picture_glyph glyph, const char *text,
		struct arena *arena)
{
	*ARENA_PUSH(arena, column->items, column->count) = (struct picture_cell){ glyph, text };
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
static struct column leg_column(const struct snapshot_decisions *leg, enum picture_glyph arrow,
				bool is_complete, struct arena *arena)
{
	struct column out = { 0 };
	size_t next;

	for (size_t i = 0; i < leg->count; i = next) {
		const struct snapshot_decision *d = main_decision(leg, i, &next);
		bool is_last = next == leg->count;

		add(&out, PICTURE_NODE, leg->items[i].node, arena);
		if (!is_last)
			add(&out, arrow, d ? short_words(d, arena) : "", arena);
		else if (!is_complete)
			add(&out, PICTURE_STOP, "here it stops", arena);
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
		if (column->items[i].glyph == PICTURE_NODE ||
		    column->items[i].glyph == PICTURE_STOP)
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
			add(&out, PICTURE_MORE,
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
			add(&out, is_complete && column->count ? PICTURE_ON : PICTURE_NONE, "",
			    arena);
		if (i < column->count)
			add(&out, column->items[i].glyph, column->items[i].text, arena);
	}
	return out;
}

static void print_cell(const struct picture_cell *cell, bool is_ascii, bool is_last, FILE *out)
{
	size_t room = COLUMN_COLS - 2, len = strlen(cell->text);

	(void)fputs(picture_glyph(cell->glyph, is_ascii), out);
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

void path_picture(const struct snapshot_path *path, size_t lines_max, struct path_picture *out,
		  struct arena *arena)
{
	bool arrives = path->back.count > 0, returns = path->is_answered || path->is_by_flow;
	struct column there = leg_column(&path->there, PICTURE_DOWN, arrives || returns, arena);
	struct column back = leg_column(&path->back, PICTURE_UP, returns, arena);

	back = reversed(&back, arena);
	if (longest(&there, &back) > lines_max) {
		there = without_words(&there, arena);
		back = without_words(&back, arena);
	}
	if (there.count > lines_max)
		there = folded(&there, lines_max, arena);
	if (back.count > lines_max)
		back = folded(&back, lines_max, arena);
	out->count = longest(&there, &back);
	there = stretched(&there, out->count, true, arrives || returns, arena);
	back = stretched(&back, out->count, false, returns, arena);
	out->there = there.items;
	out->back = back.items;
	out->has_back = arrives;
}

static void print_rows(const struct path_picture *picture, bool is_ascii, FILE *out)
{
	for (size_t i = 0; i < picture->count; i++) {
		bool has_back = picture->back[i].glyph != PICTURE_NONE;

		print_cell(&picture->there[i], is_ascii, !has_back, out);
		if (has_back) {
			(void)fputs("  ", out);
			print_cell(&picture->back[i], is_ascii, true, out);
		}
		(void)fputc('\n', out);
	}
}

void path_print_picture(const struct snapshot_path *path, bool is_ascii, FILE *out)
{
	struct arena *arena = arena_new();
	struct texts lines = why_wrap(path_sentence(path, arena), COLS, COLS, arena);
	const char *title = arena_printf(arena, "There, %s", path->protocol);
	struct path_picture picture;

	path_picture(path, BODY_LINES, &picture, arena);
	if (picture.has_back)
		(void)fprintf(out, "%-*s  Back\n", COLUMN_COLS, title);
	else
		(void)fprintf(out, "%s\n", title);
	print_rows(&picture, is_ascii, out);
	(void)fputc('\n', out);
	for (size_t i = 0; i < lines.count && i + picture.count + 2 < LINES; i++)
		(void)fprintf(out, "%s\n", lines.items[i]);
	arena_free(arena);
}
