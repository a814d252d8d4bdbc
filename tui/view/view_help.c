/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys, the marks and the commands, from the tables that the screen itself obeys. */
#include "tui/view/keymap.h"
#include "tui/view/view.h"

#include <stdio.h>

static size_t count_views(void)
{
	size_t count = 0;

	while (views[count])
		count++;
	return count;
}

/* Headings and rows, in one list. */
static size_t all_lines(const struct scene *scene)
{
	return 1 + keymap_count + 2 + count_views() + 2 + view_mark_count + 2 +
	       scene->command_count;
}

static void draw_line(const struct scene *scene, size_t index, struct grid *g, unsigned row)
{
	unsigned col;

	if (index == 0) {
		(void)grid_put(g, row, 1, STYLE_TITLE, "KEYS");
		return;
	}
	index--;
	if (index < keymap_count) {
		(void)grid_put_field(g, row, 1, 19, STYLE_KEY, keys_names(scene->keys, index));
		(void)grid_put(g, row, 20, STYLE_TEXT, "%s", keymap[index].words);
		return;
	}
	index -= keymap_count;
	if (index < 2) {
		if (index)
			(void)grid_put(g, row, 1, STYLE_TITLE, "VIEWS");
		return;
	}
	index -= 2;
	if (index < count_views()) {
		col = grid_put(g, row, 1, STYLE_KEY, "%c", views[index]->digit);
		(void)grid_put(g, row, col + 1, STYLE_KEY, "%s", views[index]->name);
		(void)grid_put(g, row, 20, STYLE_TEXT, "%s", views[index]->words);
		return;
	}
	index -= count_views();
	if (index < 2) {
		if (index)
			(void)grid_put(g, row, 1, STYLE_TITLE, "MARKS");
		return;
	}
	index -= 2;
	if (index < view_mark_count) {
		(void)grid_put(g, row, 1, view_marks[index].style, "%s",
			       grid_glyph(g, view_marks[index].glyph));
		(void)grid_put(g, row, 20, STYLE_TEXT, "%s", view_marks[index].words);
		return;
	}
	index -= view_mark_count;
	if (index < 2) {
		if (index)
			(void)grid_put(g, row, 1, STYLE_TITLE, "COMMANDS, behind :");
		return;
	}
	index -= 2;
	col = grid_put(g, row, 1, STYLE_KEY, "%s ", scene->commands[index].name);
	col = grid_put(g, row, col, STYLE_DIM, "%s  ", scene->commands[index].arguments);
	(void)grid_put(g, row, col < 34 ? 34 : col, STYLE_TEXT, "%s", scene->commands[index].words);
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	(void)v;
	(void)cols;
	return all_lines(scene);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t all = all_lines(scene), first = v->detail_top;

	if (first + g->rows > all)
		first = all > g->rows ? all - g->rows : 0;
	for (unsigned row = 0; row < g->rows && first + row < all; row++)
		draw_line(scene, first + row, g, row);
}

const struct view view_help = {
	.name = "help",
	.words = "keys, marks and commands",
	.is_page = true,
	.detail_count = detail_count,
	.draw = draw,
};
