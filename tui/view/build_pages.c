/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of a lab that is changed: its kinds, their objects, the form, the review. */
#include "tui/view/build.h"

#include <stdio.h>
#include <string.h>

#define NAME_COLS 18

static size_t first_row(size_t selected, unsigned rows)
{
	return rows && selected >= rows ? selected - rows + 1 : 0;
}

static void draw_title(const struct build *build, const char *words, struct grid *g)
{
	unsigned col = grid_put(g, 0, 1, STYLE_TITLE, "%s", words);

	(void)grid_put(g, 0, col, STYLE_DIM, "  %s%s", build->file.file,
		       build->is_running ? "" : ", which does not run");
}

/* "hub, spoke1, spoke2", cut where the row ends. */
static void draw_names(const struct build_objects *objects, struct grid *g, unsigned row,
		       unsigned col)
{
	for (size_t i = 0; i < objects->count && col < g->cols; i++) {
		const char *between = i + 1 < objects->count ? ", " : "";
		unsigned width = text_width(objects->items[i].name) + 2;

		if (col + width >= g->cols) {
			(void)grid_put(g, row, col, STYLE_DIM, "%s", grid_glyph(g, GLYPH_ELLIPSIS));
			return;
		}
		col = grid_put(g, row, col, STYLE_DIM, "%s%s", objects->items[i].name, between);
	}
}

static void draw_kinds(const struct build *build, struct grid *g)
{
	unsigned rows = g->rows > 1 ? g->rows - 1 : 0;
	size_t first = first_row(build->kind_row, rows);
	struct arena *arena = arena_new();

	draw_title(build, "Build", g);
	for (size_t i = first; i < build_kind_count && i - first < rows; i++) {
		struct build_objects objects =
			build_objects_of(&build_kinds[i], build->tree.root, arena);
		bool is_selected = i == build->kind_row;
		unsigned row = (unsigned)(i - first) + 1, col;

		col = grid_put(g, row, 0, STYLE_TEXT, "%s",
			       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
		col = grid_put_field(g, row, col, NAME_COLS, STYLE_TEXT, build_kinds[i].name);
		if (build_kinds[i].is_spoke)
			(void)grid_put(g, row, col + 4, STYLE_DIM,
				       "a virtual network, both peerings, a VM");
		else {
			col = grid_put(g, row, col, STYLE_TEXT, "%3zu ", objects.count);
			draw_names(&objects, g, row, col);
		}
		if (is_selected)
			grid_select(g, row);
	}
	arena_free(arena);
}

static void draw_objects(const struct build *build, struct grid *g)
{
	unsigned rows = g->rows > 1 ? g->rows - 1 : 0;
	size_t first = first_row(build->row, rows);
	struct arena *arena = arena_new();
	struct build_objects objects = build_objects_of(build->kind, build->tree.root, arena);

	draw_title(build, build->kind->name, g);
	for (size_t i = first; i < objects.count && i - first < rows; i++) {
		const struct build_object *object = &objects.items[i];
		bool is_selected = i == build->row;
		unsigned row = (unsigned)(i - first) + 1, col;

		col = grid_put(g, row, 0, STYLE_TEXT, "%s",
			       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
		if (object->parent)
			col = grid_put_field(g, row, col, NAME_COLS, STYLE_DIM, object->parent);
		col = grid_put_field(g, row, col, NAME_COLS, STYLE_TEXT, object->name);
		col = grid_put(g, row, col, STYLE_DIM, " ");
		if (col < g->cols)
			(void)grid_put_field(g, row, col, g->cols - col, STYLE_DIM,
					     build_shown_whole(object->node, arena));
		if (is_selected)
			grid_select(g, row);
	}
	arena_free(arena);
}

static enum style line_style(const char *line)
{
	switch (*line) {
	case '+':
		return STYLE_GOOD;
	case '-':
	case '!':
		return STYLE_BAD;
	case '~':
		return STYLE_NEW;
	case '@':
		return STYLE_TITLE;
	default:
		return STYLE_TEXT;
	}
}

/* Over as many rows as it needs; returns the row behind. */
static unsigned draw_line(const char *line, struct grid *g, unsigned row)
{
	enum style style = line_style(line);
	unsigned indent = 1;

	do {
		unsigned width = g->cols > indent + 1 ? g->cols - indent - 1 : 1, count = 0;
		size_t len = 0;

		for (; line[len] && count < width; count++)
			len = line_next(line, len);
		for (size_t cut = len; line[len] && cut > len / 2; cut--)
			if (line[cut] == ' ') { /* between words, where there are some */
				len = cut;
				break;
			}
		(void)grid_put(g, row++, indent, style, "%.*s", (int)len, line);
		line += len;
		line += strspn(line, " ");
		indent = 5;
	} while (*line && row < g->rows);
	return row;
}

static void draw_review(const struct build *build, struct grid *g)
{
	size_t at = build->top;

	draw_title(build, build->is_refused ? "This cannot be" : "What it would do", g);
	for (unsigned row = 1; row < g->rows && at < build->line_count; at++)
		row = draw_line(build->lines[at], g, row);
	if (build->top || at < build->line_count)
		grid_put_right(g, 0, STYLE_DIM, " %zu of %zu lines ", at, build->line_count);
}

void build_pages_draw(const struct build *build, struct grid *g)
{
	switch (build->page) {
	case BUILD_NOTHING:
		break;
	case BUILD_NEW:
		build_new_draw(build, g);
		break;
	case BUILD_KINDS:
		draw_kinds(build, g);
		break;
	case BUILD_OBJECTS:
		draw_objects(build, g);
		break;
	case BUILD_OBJECT:
		form_draw(build_form(build), g);
		break;
	case BUILD_REVIEW:
		draw_review(build, g);
		break;
	}
}
