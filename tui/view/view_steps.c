/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of the lab file with their text, and what is expected at the one that is selected: of
 * the lab's own step, what became of it. Enter goes to a step, Right has its text alone.
 */
#include "lab/base/secret.h"
#include "lab/expect/expect.h"
#include "lab/model/lab.h"
#include "lab/model/tree.h"
#include "lab/render/why.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct snapshot_file *file_of(const struct scene *scene)
{
	return scene->snapshot.file;
}

/* A file without steps has one row: what it says. */
static size_t total(const struct scene *scene)
{
	const struct snapshot_file *file = file_of(scene);

	return !file ? 0 : file->steps.count ? file->steps.count : 1;
}

static const struct snapshot_step *step_at(const struct scene *scene, size_t index)
{
	const struct snapshot_file *file = file_of(scene);

	return file && index < file->steps.count ? &file->steps.items[index] : NULL;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_step *step = step_at(scene, index);
	const char *const texts[] = { step ? step->name : file_of(scene)->file };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	const struct snapshot_step *step = step_at(scene, index);

	(void)snprintf(name, VIEW_NAME, "%s", step ? step->name : file_of(scene)->file);
}

/* Is it the one that the lab is at? */
static bool is_current(const struct scene *scene, size_t index)
{
	const struct snapshot_step *step = step_at(scene, index);

	return !step || step->number == file_of(scene)->step;
}

size_t view_steps_current(const struct scene *scene)
{
	size_t index = 0;

	while (index + 1 < total(scene) && !is_current(scene, index))
		index++;
	return index;
}

bool view_steps_command(const struct scene *scene, const struct view_state *v, char *command,
			char *preview, size_t size)
{
	size_t index = view_at(&view_steps, scene, v, v->selected);
	const struct snapshot_step *step = step_at(scene, index);

	if (!step || is_current(scene, index))
		return false;
	(void)snprintf(command, size, "step %lld", (long long)step->number);
	(void)snprintf(preview, size, "whatif --step %lld", (long long)step->number);
	return true;
}

/* ---- what stands below the list ---- */

struct detail_line {
	enum style style;
	int glyph; /* enum glyph, or -1 */
	const char *text;
};

struct detail {
	struct detail_line *items;
	size_t count;
};

static void add(struct detail *lines, struct arena *arena, enum style style, int glyph,
		const char *text)
{
	*ARENA_PUSH(arena, lines->items, lines->count) = (struct detail_line){ style, glyph, text };
}

static void add_wrapped(struct detail *lines, struct arena *arena, enum style style,
			const char *text, unsigned cols)
{
	unsigned width = cols > 8 ? cols - 6 : 2;
	struct texts parts = why_wrap(text, width, width, arena);

	for (size_t i = 0; i < parts.count; i++)
		add(lines, arena, style, -1, arena_printf(arena, "  %s", parts.items[i]));
}

static const struct snapshot_verdict *
verdict_on(const struct scene *scene, const struct expectation *expectation, const char *text)
{
	const struct snapshot_test *test = scene->snapshot.test;

	for (size_t i = 0; test && i < test->verdicts.count; i++)
		if (test->verdicts.items[i].line == (int64_t)expectation->object.pos.line &&
		    !strcmp(test->verdicts.items[i].text, text))
			return &test->verdicts.items[i];
	return NULL;
}

static void add_expectation(const struct scene *scene, const struct expectation *expectation,
			    unsigned cols, struct detail *lines, struct arena *arena)
{
	const struct snapshot_verdict *verdict;
	bool is_pass, is_fail;
	char text[300];

	expectation_print(expectation, text, sizeof(text));
	verdict = verdict_on(scene, expectation, text);
	is_pass = verdict && !strcmp(verdict->verdict, "pass");
	is_fail = verdict && !strcmp(verdict->verdict, "fail");
	add(lines, arena,
	    is_pass   ? STYLE_GOOD
	    : is_fail ? STYLE_BAD
		      : STYLE_WAITING,
	    is_pass   ? GLYPH_GOOD
	    : is_fail ? GLYPH_BAD
		      : GLYPH_WAITING,
	    arena_strdup(arena, text));
	if (verdict && !is_pass)
		add_wrapped(lines, arena, STYLE_DIM,
			    arena_printf(arena, "%s (line %lld): %s", verdict->verdict,
					 (long long)verdict->line, verdict->seen),
			    cols);
}

/* A value as it is shown to all who stand around: without pre-shared keys. */
static const char *value_text(const struct doc_node *value, struct arena *arena)
{
	char *text = tree_print(value, arena);

	for (char *at = text; *at; at++) {
		const char *key = secret_at(at, strlen(at));

		if (!key || strncmp(at + strlen(key), ": ", 2) != 0)
			continue;
		at += strlen(key) + strlen(": ");
		for (size_t len = strcspn(at, ",}"); len--; at++)
			*at = *at == ' ' ? ' ' : '*';
		at--;
	}
	return text;
}

static void add_text(const struct lab_step *step, struct detail *lines, struct arena *arena)
{
	for (size_t i = 0; i < step->set.count; i++) {
		const struct change *change = &step->set.items[i];

		add(lines, arena, STYLE_DIM, -1,
		    change->value ? arena_printf(arena, "%s: %s", change->path,
						 value_text(change->value, arena))
				  : arena_printf(arena, "without %s", change->path));
	}
}

/* As the file says it: what it means is known at its own step only. */
static void add_source(const struct scene *scene, const struct expectation *expectation,
		       struct detail *lines, struct arena *arena)
{
	const char *text = file_of(scene)->text;

	for (unsigned line = 1; line < expectation->object.pos.line && text; line++) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return;
	text += strspn(text, " -");
	add(lines, arena, STYLE_TEXT, -1,
	    arena_printf(arena, "expects %.*s", (int)strcspn(text, "\n"), text));
}

/* Of one that is not the lab's own, only what it adds is known. */
static struct detail lines_of(const struct scene *scene, size_t index, unsigned cols,
			      struct arena *arena)
{
	const struct lab *lab = scene->model;
	const struct snapshot_step *step = step_at(scene, index);
	const struct lab_step *text = NULL;
	struct detail lines = { 0 };

	if (!lab)
		return lines;
	if (step && step->number >= 1 && (size_t)step->number <= lab->steps.count)
		text = &lab->steps.items[step->number - 1];
	if (text)
		add_text(text, &lines, arena);
	if (is_current(scene, index)) {
		for (size_t i = 0; i < lab->expectations.count; i++)
			add_expectation(scene, lab->expectations.items[i], cols, &lines, arena);
	} else if (text) {
		for (size_t i = 0; i < text->expect.count; i++)
			add_source(scene, &text->expect.items[i], &lines, arena);
	}
	if (!lines.count)
		add(&lines, arena, STYLE_DIM, -1, "nothing is set, and nothing expected");
	return lines;
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	size_t index = view_at(&view_steps, scene, v, v->selected), count;
	struct arena *arena;

	if (index == VIEW_NOTHING)
		return 0;
	arena = arena_new();
	count = lines_of(scene, index, cols, arena).count + 1;
	arena_free(arena);
	return count;
}

/* "11 pass, 1 fails, 2 unknown", of the expectations of the lab's step. */
static void draw_tally(const struct scene *scene, struct grid *g, unsigned row)
{
	static const char *const names[] = { "pass", "fail", "unknown" };
	const struct lab *lab = scene->model;
	size_t counts[ARRAY_SIZE(names)] = { 0 }, open = 0;
	char text[300], out[120];
	size_t len = 0;

	for (size_t i = 0; lab && i < lab->expectations.count; i++) {
		const struct snapshot_verdict *verdict;
		size_t n = 0;

		expectation_print(lab->expectations.items[i], text, sizeof(text));
		verdict = verdict_on(scene, lab->expectations.items[i], text);
		while (verdict && n + 1 < ARRAY_SIZE(names) &&
		       strcmp(verdict->verdict, names[n]) != 0)
			n++;
		open += !verdict;
		counts[n] += verdict != NULL;
	}
	if (!lab || !lab->expectations.count)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (counts[i])
			len += (size_t)snprintf(out + len, sizeof(out) - len, " %zu %s", counts[i],
						names[i]);
	if (open)
		(void)snprintf(out + len, sizeof(out) - len, " %zu looked at", open);
	grid_put_right(g, row,
		       counts[1]           ? STYLE_BAD
		       : counts[2] || open ? STYLE_WAITING
					   : STYLE_GOOD,
		       "%s ", out);
}

static void draw_lines(const struct scene *scene, size_t index, size_t top, struct grid *g)
{
	struct arena *arena = arena_new();
	struct detail lines = lines_of(scene, index, g->cols, arena);

	if (top + g->rows > lines.count)
		top = lines.count > g->rows ? lines.count - g->rows : 0;
	for (unsigned row = 0; row < g->rows && top + row < lines.count; row++) {
		const struct detail_line *line = &lines.items[top + row];
		unsigned col = 1;

		if (line->glyph >= 0)
			col = grid_put(g, row, col, line->style, "%s ",
				       grid_glyph(g, (enum glyph)line->glyph));
		(void)grid_put_field(g, row, col, g->cols > col ? g->cols - col : 0,
				     line->glyph >= 0 && line->glyph != GLYPH_BAD ? STYLE_TEXT
										  : line->style,
				     line->text);
	}
	arena_free(arena);
}

/* ---- the whole ---- */

static unsigned upper_rows(const struct scene *scene, unsigned rows)
{
	size_t wanted = total(scene) + 1, most = rows / 2;

	return wanted < most ? (unsigned)wanted : (unsigned)most;
}

static unsigned list_rows(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols)
{
	unsigned upper = upper_rows(scene, rows);

	(void)v;
	(void)cols;
	return upper ? upper - 1 : 0;
}

static void draw_list(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows =
		view_rows(&view_steps, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);

	(void)grid_put(g, 0, 0, STYLE_HEADING, "     STEP");
	grid_put_right(g, 0, STYLE_HEADING, "GOES ON FROM ");
	for (unsigned row = 0; row < rows; row++) {
		const struct snapshot_step *step = step_at(scene, indices[row]);
		bool is_selected = first + row == v->selected;
		bool is_here = is_current(scene, indices[row]);
		unsigned col;

		col = grid_put(g, row + 1, 0, STYLE_TEXT, "%s",
			       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
		col = grid_put(g, row + 1, col, STYLE_GOOD, "%s ",
			       is_here ? grid_glyph(g, GLYPH_BEST) : " ");
		if (step)
			col = grid_put(g, row + 1, col, STYLE_TEXT, "%lld ",
				       (long long)step->number);
		(void)grid_put_field(g, row + 1, col, g->cols > col + 4 ? g->cols - col - 4 : 0,
				     is_here ? STYLE_TITLE : STYLE_TEXT,
				     step ? step->name : "a file without steps");
		if (step && step->after)
			grid_put_right(g, row + 1, STYLE_DIM, "%lld ", (long long)step->after);
		if (is_selected)
			grid_select(g, row + 1);
	}
}

static void draw_title(const struct scene *scene, size_t index, struct grid *g, unsigned row)
{
	const struct snapshot_step *step = step_at(scene, index);
	const char *refusal = scene->snapshot.test_refusal;

	if (step)
		(void)grid_put(g, row, 2, STYLE_TITLE, " step %lld: %s ", (long long)step->number,
			       is_current(scene, index) ? "what it sets, and expects"
							: "Enter goes there");
	else
		(void)grid_put(g, row, 2, STYLE_TITLE, " what it expects ");
	if (!is_current(scene, index))
		return;
	if (refusal && !scene->snapshot.test)
		grid_put_right(g, row, STYLE_WAITING, " %s ", refusal);
	else
		draw_tally(scene, g, row);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t index = view_at(&view_steps, scene, v, v->selected);
	unsigned upper = v->is_open ? 0 : upper_rows(scene, g->rows);
	struct grid pane;

	if (!file_of(scene) || index == VIEW_NOTHING) {
		view_say(g, file_of(scene) ? "no step matches" : "");
		return;
	}
	if (upper) {
		pane = grid_window(g, 0, 0, upper, g->cols);
		draw_list(scene, v, &pane);
	}
	grid_rule(g, upper);
	draw_title(scene, index, g, upper);
	pane = grid_window(g, upper + 1, 0, g->rows > upper ? g->rows - upper - 1 : 0, g->cols);
	draw_lines(scene, index, v->is_open ? v->detail_top : 0, &pane);
}

const struct view view_steps = {
	.name = "steps",
	.words = "the steps of the lab file, and what is expected",
	.total = total,
	.passes = passes,
	.name_of = name_of,
	.list_rows = list_rows,
	.detail_count = detail_count,
	.draw = draw,
};
