/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened, the newest at the bottom; Enter shows one whole. */
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

static size_t total(const struct scene *scene)
{
	return scene->snapshot.events ? scene->snapshot.events->events.count : 0;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_event *event = &scene->snapshot.events->events.items[index];
	const char *const texts[] = { event->kind, event->text };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = &snapshot_event_record;
	return &scene->snapshot.events->events.items[index];
}

static const char *copied(const struct scene *scene, size_t index, struct arena *arena)
{
	return arena_strdup(arena, scene->snapshot.events->events.items[index].text);
}

static const struct snapshot_event *get(const struct scene *scene, const struct view_state *v,
					size_t row)
{
	size_t index = view_at(&view_events, scene, v, row);

	return index == VIEW_NOTHING ? NULL : &scene->snapshot.events->events.items[index];
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	const struct snapshot_event *event = get(scene, v, v->selected);

	return event && cols > 2 ? text_width(event->text) / (cols - 2) + 3 : 0;
}

static enum style kind_style(const char *kind)
{
	static const struct {
		const char *kind;
		enum style style;
	} styles[] = { { "routes", STYLE_NEW },   { "daemon", STYLE_WAITING },
		       { "slow", STYLE_WAITING }, { "engine", STYLE_BAD },
		       { "lab", STYLE_TITLE },    { "change", STYLE_TITLE } };

	for (size_t i = 0; i < ARRAY_SIZE(styles); i++)
		if (!strcmp(styles[i].kind, kind))
			return styles[i].style;
	return STYLE_TEXT;
}

static void draw_detail(const struct scene *scene, const struct view_state *v,
			const struct snapshot_event *event, struct grid *g)
{
	const char *text = event->text;
	char at[16], line[512];
	unsigned cols = g->cols > 2 ? g->cols - 2 : 1;

	view_clock(scene, event->time, at);
	(void)grid_put(g, 0, 1, STYLE_TITLE, "%s  %s", at, event->kind);
	if (cols >= sizeof(line))
		cols = sizeof(line) - 1;
	for (size_t skip = v->detail_top; skip && strlen(text) > cols; skip--)
		text += cols;
	for (unsigned row = 2; row < g->rows && *text; row++) {
		(void)snprintf(line, sizeof(line), "%.*s", (int)cols, text);
		(void)grid_put(g, row, 1, STYLE_TEXT, "%s", line);
		text += strlen(line);
	}
}

static void draw_row(const struct scene *scene, const struct snapshot_event *event,
		     bool is_selected, struct grid *g, unsigned row)
{
	unsigned col;
	char at[16];

	view_clock(scene, event->time, at);
	if (g->cols < 60)
		at[8] = '\0';
	col = grid_put(g, row, 0, STYLE_DIM, "%s%s  ",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ", at);
	col = grid_put_field(g, row, col, 8, kind_style(event->kind), event->kind);
	(void)grid_put_field(g, row, col, g->cols - col, STYLE_TEXT, event->text);
	if (is_selected)
		grid_select(g, row);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_event *selected = get(scene, v, v->selected);
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows =
		view_rows(&view_events, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);

	if (v->is_open && selected) {
		draw_detail(scene, v, selected, g);
		return;
	}
	(void)grid_put(g, 0, 0, STYLE_HEADING, " TIME%*sKIND    WHAT", g->cols >= 60 ? 10 : 6, "");
	for (unsigned row = 0; row < rows; row++)
		draw_row(scene, &scene->snapshot.events->events.items[indices[row]],
			 first + row == v->selected, g, row + 1);
	if (!rows)
		view_say(g, *v->filter ? "no event matches" : "nothing happened yet");
}

const struct view view_events = {
	.digit = '7',
	.name = "events",
	.words = "what changed, and when",
	.total = total,
	.passes = passes,
	.follows_end = true,
	.thing = thing,
	.copied = copied,
	.detail_count = detail_count,
	.draw = draw,
};
