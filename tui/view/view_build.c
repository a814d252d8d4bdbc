/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building labs: the page somebody is at. Its keys are in screen_build.c. */
#include "tui/view/view.h"

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	(void)v;
	build_pages_draw(&scene->build, g);
}

const struct view view_build = {
	.name = "build",
	.words = "forms to build labs with",
	.is_page = true,
	.draw = draw,
};
