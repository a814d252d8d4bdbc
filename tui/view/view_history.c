/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who changed the lab, by which command, the newest at the bottom; Enter shows what the same is in
 * az, ip, nft and birdc.
 */
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

static size_t total(const struct scene *scene)
{
	return scene->snapshot.history ? scene->snapshot.history->commands.count : 0;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_command *command = &scene->snapshot.history->commands.items[index];
	const char *const texts[] = { command->command, command->by, command->state };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%lld",
		       (long long)scene->snapshot.history->commands.items[index].number);
}

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = &snapshot_command_record;
	return &scene->snapshot.history->commands.items[index];
}

static const char *sentence(const struct scene *scene, size_t index, struct arena *arena)
{
	const struct snapshot_command *command = &scene->snapshot.history->commands.items[index];

	if (command->error)
		return arena_printf(arena, "%s asked for this, and it was taken back: %s.",
				    command->by, command->error);
	return arena_printf(arena, "%s changed %lld objects of the machine by this, in %.1f ms.",
			    command->by, (long long)command->step_count, command->took_ms);
}

static const char *copied(const struct scene *scene, size_t index, struct arena *arena)
{
	return arena_strdup(arena, scene->snapshot.history->commands.items[index].command);
}

static const struct snapshot_command *get(const struct scene *scene, const struct view_state *v)
{
	size_t index = view_at(&view_history, scene, v, v->selected);

	return index == VIEW_NOTHING ? NULL : &scene->snapshot.history->commands.items[index];
}

/* ---- one of them whole ---- */

struct detail {
	const char **lines;
	enum style *styles;
	size_t count, style_count;
	struct arena *arena;
	unsigned cols;
};

static void add_row(struct detail *d, enum style style, const char *text)
{
	*ARENA_PUSH(d->arena, d->lines, d->count) = text;
	*ARENA_PUSH(d->arena, d->styles, d->style_count) = style;
}

/* What is too long goes on below, further in. */
static void add_line(struct detail *d, enum style style, const char *line)
{
	unsigned indent = 1, width;

	do {
		size_t len = strlen(line);

		width = d->cols > indent + 8 ? d->cols - indent : 8;
		if (len > width)
			len = width;
		while (len < strlen(line) && (line[len] & 0xc0) == 0x80)
			len--;
		add_row(d, style,
			arena_printf(d->arena, "%*s%.*s", (int)indent, "", (int)len, line));
		line += len;
		indent = 5;
	} while (*line);
}

static void add_lines(struct detail *d, const char *title, const struct texts *lines)
{
	if (!lines->count)
		return;
	add_row(d, STYLE_TEXT, "");
	add_line(d, STYLE_TITLE, title);
	for (size_t i = 0; i < lines->count; i++)
		add_line(d, *lines->items[i] == '#' ? STYLE_DIM : STYLE_TEXT, lines->items[i]);
}

static struct detail make_detail(const struct snapshot_command *command, unsigned cols,
				 struct arena *arena)
{
	struct detail d = { .arena = arena, .cols = cols };

	add_line(&d, STYLE_TEXT, command->command);
	if (command->error)
		add_line(&d, STYLE_BAD, command->error);
	add_lines(&d, "in Azure", &command->az);
	add_lines(&d, "on the machine, in 'hublab shell'", &command->machine);
	if (command->steps_left)
		add_line(&d, STYLE_DIM,
			 arena_printf(arena, "# and %lld more of %lld objects of the machine",
				      (long long)command->steps_left,
				      (long long)command->step_count));
	if (!command->az.count && !command->machine.count && strcmp(command->state, "running") != 0)
		add_line(&d, STYLE_DIM, "# nothing of the machine is another by this");
	return d;
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	const struct snapshot_command *command = get(scene, v);
	struct arena *arena;
	size_t count;

	if (!command || !v->is_open)
		return command != NULL;
	arena = arena_new();
	count = make_detail(command, cols, arena).count + 2;
	arena_free(arena);
	return count;
}

static enum style state_style(const struct snapshot_command *command)
{
	return !strcmp(command->state, "done")     ? STYLE_GOOD
	       : !strcmp(command->state, "failed") ? STYLE_BAD
						   : STYLE_WAITING;
}

static enum glyph state_glyph(const struct snapshot_command *command)
{
	return !strcmp(command->state, "done")     ? GLYPH_GOOD
	       : !strcmp(command->state, "failed") ? GLYPH_BAD
						   : GLYPH_WAITING;
}

static void draw_detail(const struct scene *scene, const struct view_state *v,
			const struct snapshot_command *command, struct grid *g)
{
	struct arena *arena = arena_new();
	struct detail d = make_detail(command, g->cols, arena);
	unsigned col;
	char at[16];

	view_clock(scene, command->time, at);
	col = grid_put(g, 0, 1, STYLE_TITLE, "%.8s  %s  ", at, command->by);
	col = grid_put(g, 0, col, state_style(command), "%s %s",
		       grid_glyph(g, state_glyph(command)), command->state);
	if (command->took_ms > 0)
		(void)grid_put(g, 0, col, STYLE_DIM, " after %.1f ms", command->took_ms);
	for (size_t i = 0; i < d.count; i++)
		if (i >= v->detail_top && i - v->detail_top + 2 < g->rows)
			(void)grid_put(g, (unsigned)(i - v->detail_top) + 2, 0, d.styles[i], "%s",
				       d.lines[i]);
	arena_free(arena);
}

/* ---- the list ---- */

static void draw_row(const struct scene *scene, const struct snapshot_command *command,
		     bool is_selected, struct grid *g, unsigned row)
{
	unsigned col;
	char at[16];

	view_clock(scene, command->time, at);
	col = grid_put(g, row, 0, STYLE_DIM, "%s%.8s ",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ", at);
	col = grid_put(g, row, col, state_style(command), "%s ",
		       grid_glyph(g, state_glyph(command)));
	if (g->cols >= 60)
		col = grid_put_field(g, row, col, g->cols >= 100 ? 24 : 16, STYLE_DIM, command->by);
	if (g->cols >= 60) /* whoever it is has an end */
		col = grid_put(g, row, col, STYLE_TEXT, " ");
	(void)grid_put_field(g, row, col, g->cols - col, STYLE_TEXT, command->command);
	if (is_selected)
		grid_select(g, row);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_command *selected = get(scene, v);
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows, col;

	if (v->is_open && selected) {
		draw_detail(scene, v, selected, g);
		return;
	}
	rows = view_rows(&view_history, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);
	col = grid_put(g, 0, 0, STYLE_HEADING, " TIME       ");
	if (g->cols >= 60)
		col = grid_put_field(g, 0, col, g->cols >= 100 ? 25 : 17, STYLE_HEADING, "BY");
	(void)grid_put(g, 0, col, STYLE_HEADING, "COMMAND");
	for (unsigned row = 0; row < rows; row++)
		draw_row(scene, &scene->snapshot.history->commands.items[indices[row]],
			 first + row == v->selected, g, row + 1);
	if (!rows)
		view_say(g, *v->filter ? "no change matches" : "nobody changed the lab yet");
}

const struct view view_history = {
	.digit = '8',
	.name = "history",
	.words = "who changed the lab, by which command; the same in az, ip, nft and birdc",
	.total = total,
	.passes = passes,
	.name_of = name_of,
	.follows_end = true,
	.thing = thing,
	.sentence = sentence,
	.copied = copied,
	.detail_count = detail_count,
	.draw = draw,
};
