/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command that was run from the screen says; of a lab that starts, its stages first. */
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

static size_t stage_rows(const struct scene *scene)
{
	const struct snapshot_lab *lab = scene->snapshot.lab;

	return scene->output.is_start && lab ? lab->stages.count + 1 : 0;
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	(void)v;
	(void)cols;
	return scene->output.count + stage_rows(scene) + 1;
}

static void draw_stage(const struct scene *scene, size_t index, struct grid *g, unsigned row)
{
	const struct snapshot_lab *lab = scene->snapshot.lab;
	const struct snapshot_stage *stage;
	unsigned col;

	if (index == lab->stages.count) {
		if (scene->output.is_running)
			(void)grid_put(g, row, 1, STYLE_WAITING,
				       "%s %s  %lld/%lld BGP  %lld/%lld probes",
				       grid_glyph(g, GLYPH_WAITING), lab->state,
				       (long long)lab->sessions_up, (long long)lab->session_count,
				       (long long)lab->probes_green, (long long)lab->probe_count);
		return;
	}
	stage = &lab->stages.items[index];
	col = grid_put(g, row, 1, STYLE_GOOD, "%s ", grid_glyph(g, GLYPH_GOOD));
	col = grid_put_field(g, row, col, 14, STYLE_TEXT, stage->name);
	col = grid_put(g, row, col, STYLE_TEXT, "%6lld", (long long)stage->step_count);
	(void)grid_put(g, row, col, STYLE_DIM, "  %8.1f ms", stage->took_ms);
}

static void draw_line(struct grid *g, unsigned row, const char *line)
{
	bool is_wrong = strstr(line, ": error: ") || !strncmp(line, "hublab: ", 8);

	(void)grid_put(g, row, 1, is_wrong ? STYLE_BAD : STYLE_TEXT, "%s", line);
}

/* How it ends is seen however long the command is. */
static void draw_title(const struct printed *output, struct grid *g)
{
	unsigned width, room;
	char state[64];

	if (!output->title)
		return;
	if (output->is_running)
		(void)snprintf(state, sizeof(state), "  runs, %.1f s", output->took_s);
	else
		(void)snprintf(state, sizeof(state), "  ended with %d after %.1f s", output->code,
			       output->took_s);
	room = g->cols > text_width(state) + 1 ? g->cols - text_width(state) - 1 : 0;
	width = text_width(output->title) < room ? text_width(output->title) : room;
	(void)grid_put_field(g, 0, 1, width, STYLE_TITLE, output->title);
	(void)grid_put(g, 0, 1 + width,
		       output->is_running ? STYLE_WAITING
		       : output->code     ? STYLE_BAD
					  : STYLE_GOOD,
		       "%s", state);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct printed *output = &scene->output;
	size_t stages = stage_rows(scene), all = output->count + stages, first = v->detail_top;
	unsigned rows = g->rows ? g->rows - 1 : 0;

	draw_title(output, g);
	if (first + rows > all)
		first = all > rows ? all - rows : 0;
	for (unsigned row = 0; row < rows && first + row < all; row++) {
		if (first + row < stages)
			draw_stage(scene, first + row, g, row + 1);
		else
			draw_line(g, row + 1, output->lines[first + row - stages]);
	}
	if (!all && !output->is_running)
		view_say(g, "it printed nothing");
}

const struct view view_output = {
	.name = "output",
	.words = "what the last command printed",
	.follows_end = true,
	.is_page = true,
	.detail_count = detail_count,
	.draw = draw,
};
