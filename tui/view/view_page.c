/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines to read: all that is known of one thing, in words or as JSON. */
#include "tui/view/view.h"

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	(void)v;
	(void)cols;
	return scene->page.count + 2;
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct page_text *page = &scene->page;

	(void)grid_put(g, 0, 1, STYLE_TITLE, "%s", page->title ? page->title : "");
	for (unsigned row = 2; row < g->rows && row - 2 + v->detail_top < page->count; row++)
		(void)grid_put(g, row, 1, STYLE_TEXT, "%s", page->lines[row - 2 + v->detail_top]);
}

const struct view view_page = {
	.name = "page",
	.words = "all that is known of one thing",
	.is_page = true,
	.detail_count = detail_count,
	.draw = draw,
};
