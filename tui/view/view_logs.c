/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What daemons write: whose logs there are, and of the selected one the latest lines. Enter opens
 * it: it is followed at its end until one moves, and a filter then holds for its lines.
 */
#include "tui/view/view.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SPLIT_COLS 76 /* from here on list and lines stand side by side */

static const struct snapshot_log_source *source_at(const struct scene *scene, size_t index)
{
	return &scene->snapshot.log_sources->sources.items[index];
}

static size_t total(const struct scene *scene)
{
	return scene->snapshot.log_sources ? scene->snapshot.log_sources->sources.count : 0;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_log_source *source = source_at(scene, index);
	const char *const texts[] = { source->name, source->program, source->state };

	return v->is_open || view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%s", source_at(scene, index)->name);
}

static int by_name(const struct scene *scene, size_t a, size_t b)
{
	return view_compare_texts(source_at(scene, a)->name, source_at(scene, b)->name);
}

static int by_program(const struct scene *scene, size_t a, size_t b)
{
	return view_compare_texts(source_at(scene, a)->program, source_at(scene, b)->program);
}

static const struct view_sort sorts[] = { { 'N', "name", by_name },
					  { 'P', "program", by_program },
					  { 0 } };

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = record_of_list(&snapshot_log_sources_record);
	return source_at(scene, index);
}

static const char *sentence(const struct scene *scene, size_t index, struct arena *arena)
{
	const struct snapshot_log_source *source = source_at(scene, index);

	if (strcmp(source->state, "up") != 0)
		return arena_printf(arena, "%s on %s does not run as it should: %s.",
				    source->program, source->node, source->state);
	return arena_printf(arena, "%s runs on %s, as process %lld of the lab.", source->program,
			    source->node, (long long)source->pid);
}

static void about(const struct scene *scene, size_t index, struct subject *ret_subject)
{
	if (index == VIEW_NOTHING)
		return;
	ret_subject->kind = SUBJECT_NODE;
	(void)snprintf(ret_subject->name, sizeof(ret_subject->name), "%s",
		       source_at(scene, index)->node);
}

/* NULL where it is none: ends of tunnels have names, too. */
static const char *machine(const struct scene *scene, size_t index)
{
	const struct snapshot_nodes *nodes = scene->snapshot.nodes;

	for (size_t i = 0; nodes && index != VIEW_NOTHING && i < nodes->nodes.count; i++)
		if (!strcmp(nodes->nodes.items[i].name, source_at(scene, index)->node))
			return nodes->nodes.items[i].name;
	return NULL;
}

/* The log that is there, if it is the selected one's. */
static const struct snapshot_log *log_of(const struct scene *scene, const struct view_state *v)
{
	const struct snapshot_log *log = scene->snapshot.log;
	size_t index = view_at(&view_logs, scene, v, v->selected);

	if (!log || index == VIEW_NOTHING)
		return NULL;
	return !strcmp(log->name, source_at(scene, index)->name) ? log : NULL;
}

static bool line_passes(const struct view_state *v, const struct snapshot_log_line *line)
{
	bool is_without = *v->filter == '!';
	const char *words = v->filter + is_without;

	return !v->is_open || !*words || (strcasestr(line->text, words) != NULL) != is_without;
}

static size_t count_lines(const struct snapshot_log *log, const struct view_state *v)
{
	size_t count = 0;

	for (size_t i = 0; log && i < log->lines.count; i++)
		count += line_passes(v, &log->lines.items[i]);
	return count;
}

static void hits(const struct scene *scene, const struct view_state *v, size_t *ret_hits,
		 size_t *ret_all)
{
	const struct snapshot_log *log = log_of(scene, v);

	if (v->is_open) {
		*ret_hits = count_lines(log, v);
		*ret_all = log ? log->lines.count : 0;
	} else {
		*ret_hits = view_count(&view_logs, scene, v);
		*ret_all = total(scene);
	}
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	(void)cols;
	return v->is_open ? count_lines(log_of(scene, v), v) + 1 : 1;
}

/* Without the daemon's own clock: ours stands before it. */
static const char *text_of(const struct snapshot_log_line *line)
{
	const char *text = line->text;

	if (strlen(text) < 20 || !isdigit((unsigned char)text[3]) ||
	    (text[4] != '-' && text[4] != '/'))
		return text;
	text += 11 + strcspn(text + 11, " ");
	return *text ? text + 1 : line->text;
}

static enum style line_style(const char *text)
{
	static const struct {
		const char *part;
		enum style style;
	} parts[] = {
		{ "<ERR>", STYLE_BAD },      { "<FATAL>", STYLE_BAD },   { "<BUG>", STYLE_BAD },
		{ "<WARN>", STYLE_WAITING }, { "<RMT>", STYLE_WAITING }, { "rror", STYLE_BAD },
		{ "failed", STYLE_BAD },     { "<INFO>", STYLE_TEXT },   { "<TRACE>", STYLE_DIM },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(text, parts[i].part))
			return parts[i].style;
	return STYLE_TEXT;
}

static void draw_line(const struct scene *scene, const struct snapshot_log_line *line,
		      struct grid *g, unsigned row)
{
	const char *text = text_of(line);
	unsigned col = 0;
	char at[16];

	view_clock(scene, line->time, at);
	if (g->cols < 60)
		at[8] = '\0';
	col = grid_put(g, row, 0, STYLE_DIM, " %s  ", at);
	(void)grid_put_field(g, row, col, g->cols - col, line_style(text), text);
}

/* From line `first` of those that pass. */
static void draw_lines(const struct scene *scene, const struct view_state *v,
		       const struct snapshot_log *log, size_t first, struct grid *g)
{
	unsigned row = 0;

	for (size_t i = 0; log && i < log->lines.count && row < g->rows; i++) {
		if (!line_passes(v, &log->lines.items[i]))
			continue;
		if (first)
			first--;
		else
			draw_line(scene, &log->lines.items[i], g, row++);
	}
	if (log && !row)
		view_say(g, *v->filter ? "no line matches" : "it wrote nothing");
}

static void draw_source(const struct snapshot_log_source *source, bool is_selected, struct grid *g,
			unsigned row)
{
	bool is_up = !strcmp(source->state, "up");
	unsigned col = grid_put(g, row, 0, STYLE_TEXT, "%s",
				is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
	unsigned width = g->cols > 14 ? g->cols - 14 : 8;

	col = grid_put(g, row, col, is_up ? STYLE_GOOD : STYLE_BAD, "%s ",
		       grid_glyph(g, is_up ? GLYPH_GOOD : GLYPH_BAD));
	col = grid_put_field(g, row, col, width, STYLE_TEXT, source->name);
	(void)grid_put_field(g, row, col + 1, g->cols - col - 1, STYLE_DIM, source->program);
	if (is_selected)
		grid_select(g, row);
}

static void draw_list(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows = view_rows(&view_logs, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);
	unsigned width = g->cols > 14 ? g->cols - 14 : 8;
	unsigned col = view_heading(g, 0, 0, width + 4, v, 'N', "   LOG");

	(void)view_heading(g, 0, col, 8, v, 'P', "PROGRAM");
	for (unsigned row = 0; row < rows; row++)
		draw_source(source_at(scene, indices[row]), first + row == v->selected, g, row + 1);
	if (!rows)
		view_say(g, *v->filter ? "no log matches" : "no daemon runs in this lab");
}

static void draw_title(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t index = view_at(&view_logs, scene, v, v->selected);
	const struct snapshot_log_source *source;
	unsigned col;

	if (index == VIEW_NOTHING)
		return;
	source = source_at(scene, index);
	col = grid_put(g, 0, 1, STYLE_TITLE, "%s", source->name);
	(void)grid_put(g, 0, col, STYLE_DIM, "  %s %s", source->program, source->state);
	if (v->is_open && v->is_at_end)
		grid_put_right(g, 0, STYLE_DIM, "followed ");
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_log *log = log_of(scene, v);
	size_t lines = count_lines(log, v), first = v->detail_top;
	unsigned left = g->cols;
	struct grid pane;

	if (v->is_open) {
		draw_title(scene, v, g);
		pane = grid_window(g, 1, 0, g->rows ? g->rows - 1 : 0, g->cols);
		draw_lines(scene, v, log, first, &pane);
		return;
	}
	if (g->cols >= SPLIT_COLS) {
		left = g->cols >= 110 ? 42 : 30;
		pane = grid_window(g, 0, left + 1, g->rows, g->cols - left - 1);
		draw_title(scene, v, &pane);
		pane = grid_window(g, 1, left + 1, g->rows ? g->rows - 1 : 0, g->cols - left - 1);
		draw_lines(scene, v, log, lines > pane.rows ? lines - pane.rows : 0, &pane);
		grid_column_rule(g, left);
	}
	pane = grid_window(g, 0, 0, g->rows, left);
	draw_list(scene, v, &pane);
}

const struct view view_logs = {
	.digit = '9',
	.name = "logs",
	.words = "what BIRD, FRR and charon write",
	.total = total,
	.passes = passes,
	.name_of = name_of,
	.about = about,
	.machine = machine,
	.filters_detail = true,
	.hits = hits,
	.sorts = sorts,
	.thing = thing,
	.sentence = sentence,
	.detail_count = detail_count,
	.draw = draw,
};
