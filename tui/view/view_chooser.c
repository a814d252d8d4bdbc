/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When no lab is shown: those that run, and templates to start, each with a picture. */
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

static size_t total(const struct scene *scene)
{
	return scene->choice_count;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct choice_row *choice = &scene->choices[index];
	const char *const texts[] = { choice->name, choice->sentence };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%s", scene->choices[index].name);
}

static const struct choice_row *get(const struct scene *scene, const struct view_state *v,
				    size_t row)
{
	size_t index = view_at(&view_chooser, scene, v, row);

	return index == VIEW_NOTHING ? NULL : &scene->choices[index];
}

static void draw_choice(const struct choice_row *choice, struct grid *g)
{
	const char *line = choice->picture;
	unsigned row;

	(void)grid_put(g, 0, 1, STYLE_TITLE, "%s", choice->name);
	row = grid_put_words(g, 1, 1, STYLE_TEXT, choice->sentence ? choice->sentence : "") + 1;
	while (line && *line && row < g->rows) {
		size_t len = strcspn(line, "\n");

		(void)grid_put(g, row++, 1, STYLE_TEXT, "%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static void draw_list(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows =
		view_rows(&view_chooser, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);

	(void)grid_put(g, 0, 0, STYLE_HEADING, " LABS AND TEMPLATES");
	grid_put_right(g, 0, STYLE_KEY, "N new ");
	for (unsigned row = 0; row < rows; row++) {
		const struct choice_row *choice = &scene->choices[indices[row]];
		bool is_selected = first + row == v->selected;
		unsigned col;

		col = grid_put(g, row + 1, 0, STYLE_TEXT, "%s",
			       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
		col = grid_put_field(g, row + 1, col, 18, STYLE_TEXT, choice->name);
		(void)grid_put(g, row + 1, col, choice->path ? STYLE_DIM : STYLE_GOOD, " %s",
			       choice->is_own ? "file"
			       : choice->path ? "template"
					      : "runs");
		if (is_selected)
			grid_select(g, row + 1);
	}
	if (!rows)
		view_say(g, "no lab, no template");
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct choice_row *choice = get(scene, v, v->selected);
	bool is_wide = g->cols >= 70;
	unsigned left = is_wide ? 29 : g->cols, upper = is_wide ? g->rows : g->rows / 3 + 1;
	struct grid pane = grid_window(g, 0, 0, upper, left);

	draw_list(scene, v, &pane);
	if (!choice)
		return;
	if (is_wide) {
		grid_column_rule(g, left);
		pane = grid_window(g, 0, left + 1, g->rows, g->cols - left - 1);
	} else {
		grid_rule(g, upper);
		pane = grid_window(g, upper + 1, 0, g->rows - upper - 1, g->cols);
	}
	draw_choice(choice, &pane);
}

const struct view view_chooser = {
	.name = "labs",
	.words = "labs that run, and templates to start from",
	.total = total,
	.passes = passes,
	.name_of = name_of,
	.draw = draw,
};
