/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen as cells: the line at the top, the view, the latest, the keys. */
#include "tui/view/screen_act.h"
#include "tui/view/screen_build.h"

#include <stdio.h>
#include <string.h>

static unsigned put_count(struct grid *g, unsigned col, long long good, long long all,
			  const char *what)
{
	return grid_put(g, 0, col, good == all ? STYLE_BAR : STYLE_BAR_BAD, " %lld/%lld %s ", good,
			all, what);
}

#define SILENT_S 3 /* a lab says something every second */

/* It stays in sight, whatever else is shown. */
static void draw_badge(const struct screen *s, struct grid *g)
{
	char at[16], keys[KEY_NAME_SIZE];

	view_clock(&s->scene, s->scene.now, at);
	(void)snprintf(keys, sizeof(keys), "%.*s", (int)sizeof(keys) - 1,
		       keys_names(s->scene.keys, keys_find(NULL, ' ')));
	if (g->cols >= 60)
		grid_put_right(g, 0, STYLE_BAR_BAD, " FROZEN at %.8s: %s goes on ", at, keys);
	else
		grid_put_right(g, 0, STYLE_BAR_BAD, " FROZEN ");
}

static void draw_header(const struct screen *s, struct grid *g)
{
	const struct snapshot_lab *lab = s->scene.snapshot.lab;
	unsigned col;

	grid_fill(g, 0, STYLE_BAR);
	if (!s->lab) {
		(void)grid_put(g, 0, 0, STYLE_BAR, " hublab");
		grid_put_right(g, 0, STYLE_BAR, "no lab is shown ");
		return;
	}
	col = grid_put(g, 0, 0, STYLE_BAR, " %s ", s->lab);
	if (s->scene.is_read_only)
		col = grid_put(g, 0, col, STYLE_BAR_BAD, " read-only ");
	if (!lab || !lab->file)
		return;
	if (lab->step_count > 1)
		col = grid_put(g, 0, col, STYLE_BAR, "step %lld/%lld ", (long long)lab->step,
			       (long long)lab->step_count);
	if (lab->change_count)
		col = grid_put(g, 0, col, STYLE_BAR, "+%lld %s ", (long long)lab->change_count,
			       lab->change_count == 1 ? "change" : "changes");
	if (lab->fault_count)
		col = grid_put(g, 0, col, STYLE_BAR_BAD, " %lld %s ", (long long)lab->fault_count,
			       lab->fault_count == 1 ? "fault" : "faults");
	if (g->cols >= 60)
		col = grid_put(g, 0, col, STYLE_BAR, " %lld VMs ", (long long)lab->vm_count);
	col = put_count(g, col, lab->sessions_up, lab->session_count, "BGP");
	if (lab->tunnel_count && (g->cols >= 60 || lab->tunnels_up < lab->tunnel_count))
		col = put_count(g, col, lab->tunnels_up, lab->tunnel_count, "tunnels");
	col = put_count(g, col, lab->probes_green, lab->probe_count, "probes");
	if (lab->drift_count)
		col = grid_put(g, 0, col, STYLE_BAR_BAD, " drift %lld ",
			       (long long)lab->drift_count);
	if (g->cols >= 60)
		(void)grid_put(g, 0, col, STYLE_BAR, " timers %s ", lab->timers);
	if (s->is_frozen)
		draw_badge(s, g);
	else if (s->scene.now - s->heard_at > SILENT_S)
		grid_put_right(g, 0, STYLE_BAR_BAD, " silent for %.0f s ",
			       s->scene.now - s->heard_at);
	else if (strcmp(lab->state, "running") != 0)
		grid_put_right(g, 0, STYLE_BAR, " %s ", lab->state);
	else
		grid_put_right(g, 0, STYLE_BAR, " live ");
}

/* What somebody did a moment ago matters more than what follows from it; NULL: nobody did. */
static const struct snapshot_event *newest_deed(const struct scene *scene)
{
	const struct snapshot_events *events = scene->snapshot.events;

	for (size_t i = events->events.count; i-- > 0;) {
		const struct snapshot_event *event = &events->events.items[i];

		if (!view_is_new(scene, event->time))
			break;
		if (!strcmp(event->kind, "change") ||
		    (!strcmp(event->kind, "fault") && strstr(event->text, " is ")))
			return event; /* not what its stopwatch says */
	}
	return NULL;
}

static void draw_news(const struct screen *s, struct grid *g, unsigned row)
{
	const struct snapshot_events *events = s->scene.snapshot.events;
	const struct snapshot_lab *lab = s->lab ? s->scene.snapshot.lab : NULL;
	const struct view_state *v = screen_state(s);
	const struct snapshot_event *event;
	enum style style;
	size_t hits, all;
	unsigned col;
	char at[16];

	if (*s->message) {
		(void)grid_put(g, row, 1, s->message_style, "%s", s->message);
		return;
	}
	if (*v->filter && s->mode != MODE_FILTER) {
		view_hits(s->view, &s->scene, v, &hits, &all);
		(void)grid_put(g, row, 1, STYLE_WAITING,
			       "only rows %s '%s', %zu of %zu: Esc shows all",
			       *v->filter == '!' ? "without" : "with",
			       v->filter + (*v->filter == '!'), hits, all);
		return;
	}
	if (lab && lab->drift_count && lab->problems.count) { /* what the rest stands on */
		(void)grid_put_field(g, row, 1, g->cols - 1, STYLE_BAD, lab->problems.items[0]);
		return;
	}
	if (!s->lab || !events || !events->events.count || s->view == &view_events)
		return;
	event = newest_deed(&s->scene);
	style = event ? STYLE_TITLE : STYLE_DIM;
	if (!event)
		event = &events->events.items[events->events.count - 1];
	view_clock(&s->scene, event->time, at);
	col = grid_put(g, row, 1, STYLE_DIM, "%.8s  ", at);
	(void)grid_put_field(g, row, col, g->cols - col, style, event->text);
}

/* "Esc back": the key stands out. */
static unsigned put_hint(struct grid *g, unsigned row, unsigned col, const char *hint, bool is_here)
{
	int len = (int)strcspn(hint, " ");

	col = grid_put(g, row, col, STYLE_KEY, "%.*s", len, hint);
	return grid_put(g, row, col, is_here ? STYLE_TITLE : STYLE_DIM, "%s", hint + len);
}

/* Columns that the names of all views take. */
static unsigned views_width(void)
{
	unsigned width = 0;

	for (size_t i = 0; views[i]; i++)
		width += text_width(views[i]->name) + 4;
	return width;
}

static bool is_of(const struct view *view, const struct view *of)
{
	return view == of || (view == &view_matrix && of == &view_probes);
}

/* Where there is no room for all names, there is one for that of the view that is shown. */
static unsigned draw_views(const struct screen *s, struct grid *g, unsigned row, unsigned end)
{
	bool is_narrow = views_width() + 1 > end;
	unsigned col = 1;
	char hint[32];

	for (size_t i = 0; views[i]; i++) {
		bool is_here = is_of(s->view, views[i]), has_name = !is_narrow || is_here;

		(void)snprintf(hint, sizeof(hint), "%c%s%s", views[i]->digit, has_name ? " " : "",
			       has_name ? views[i]->name : "");
		if (col + text_width(hint) < end)
			col = put_hint(g, row, col, hint, is_here) + (has_name ? 2 : 1);
	}
	return col;
}

static size_t row_of(enum action action)
{
	size_t row = 0;

	while (keymap[row].action != action)
		row++;
	return row;
}

static void draw_footer(const struct screen *s, struct grid *g, unsigned row)
{
	char help[KEY_FOOTER_SIZE], quit[KEY_FOOTER_SIZE], footer[KEY_FOOTER_SIZE];
	unsigned width, end, col;

	keys_footer(s->scene.keys, row_of(ACTION_HELP), help);
	keys_footer(s->scene.keys, row_of(ACTION_QUIT), quit);
	width = text_width(help) + 2 + text_width(quit);
	end = g->cols > width + 2 ? g->cols - width - 2 : 0;
	col = draw_views(s, g, row, end);
	for (size_t i = 0; i < keymap_count; i++) {
		if (!keymap[i].footer || keymap[i].action == ACTION_HELP ||
		    keymap[i].action == ACTION_QUIT)
			continue;
		keys_footer(s->scene.keys, i, footer);
		if (col + text_width(footer) < end)
			col = put_hint(g, row, col, footer, false) + 2;
	}
	if (end) {
		col = put_hint(g, row, end, help, s->view == &view_help);
		(void)put_hint(g, row, col + 2, quit, false);
	}
}

static void draw_question(const struct screen *s, struct grid *g, unsigned row)
{
	static const char both[] = "y yes  n no ", wait[] = "n no ";
	const char *answers = s->is_previewed ? wait : both; /* nobody says yes unseen */
	const char *question = s->is_previewed ? "would change ..." : s->asked;
	unsigned room = g->cols > sizeof(both) + 2 ? g->cols - (unsigned)sizeof(both) - 1 : 0;
	unsigned asked = text_width(question), width = text_width(s->input.text);

	if (width + asked + 1 > room) /* the question is seen whole */
		width = room > asked + 1 ? room - asked - 1 : 0;
	(void)grid_put_field(g, row, 1, width, STYLE_BAD, s->input.text);
	(void)grid_put(g, row, 1 + width, s->is_previewed ? STYLE_WAITING : STYLE_BAD, " %s",
		       question);
	grid_put_right(g, row, STYLE_KEY, "%s", answers);
}

void screen_hints(struct grid *g, unsigned row, const char *const *hints)
{
	for (unsigned col = 1; *hints && col + text_width(*hints) < g->cols; hints++)
		col = put_hint(g, row, col, *hints, false) + 2;
}

/* What is typed, scrolled so that the cursor is seen. Returns the cursor's column. */
static unsigned draw_input(const struct screen *s, struct grid *g, unsigned row)
{
	char before[LINE_SIZE];
	unsigned width = g && g->cols ? g->cols : s->cols, at;
	const char *text = s->input.text;

	(void)snprintf(before, sizeof(before), "%.*s", (int)s->input.cursor, s->input.text);
	at = 1 + text_width(before);
	for (; at + 1 > width && *text; at--)
		text += line_next(text, 0);
	if (g) {
		(void)grid_put(g, row, 0, STYLE_KEY, "%s", s->mode == MODE_COMMAND ? ":" : "/");
		(void)grid_put(g, row, 1, STYLE_TEXT, "%s", text);
	}
	return at;
}

static void draw_hits(const struct screen *s, struct grid *g, unsigned row)
{
	size_t hits, all;

	view_hits(s->view, &s->scene, screen_state(s), &hits, &all);
	if (*screen_state(s)->filter && text_width(s->input.text) + 24 < g->cols)
		grid_put_right(g, row, hits ? STYLE_DIM : STYLE_BAD, "%zu of %zu ", hits, all);
}

bool screen_cursor(const struct screen *s, unsigned *ret_row, unsigned *ret_col)
{
	if (s->mode == MODE_FORM) {
		if (!view_security_cursor(&s->scene, screen_state(s), screen_body_rows(s), s->cols,
					  ret_row, ret_col))
			return false;
		*ret_row += !s->is_zoomed; /* below the line at the top */
		return true;
	}
	if (s->mode == MODE_BUILD)
		return screen_build_cursor(s, ret_row, ret_col);
	if (s->mode != MODE_COMMAND && s->mode != MODE_FILTER)
		return false;
	*ret_row = s->rows ? s->rows - 1 : 0;
	*ret_col = draw_input(s, NULL, 0);
	return true;
}

static void clear_last(const struct grid *g)
{
	struct grid last = grid_window(g, g->rows - 1, 0, 1, g->cols);

	grid_clear(&last);
}

/* All of it for the view, but for what must be said. */
static bool draw_zoomed(const struct screen *s, struct grid *g)
{
	s->view->draw(&s->scene, screen_state(s), g);
	if (s->is_frozen)
		draw_badge(s, g);
	if (*s->message) {
		clear_last(g);
		(void)grid_put(g, g->rows - 1, 1, s->message_style, "%s", s->message);
	}
	return s->mode == MODE_VIEW;
}

void screen_draw(const struct screen *s, struct grid *g)
{
	static const char *const form[] = { "Tab next field", "Space choose", "Esc back", NULL };
	static const char *const menu[] = { "Enter do", "letters narrow", "Esc back", NULL };
	struct grid body = grid_window(g, 1, 0, screen_body_rows(s), g->cols);

	if (g->rows < 4)
		return;
	if (s->is_zoomed) {
		if (draw_zoomed(s, g))
			return;
		clear_last(g);
	} else {
		draw_header(s, g);
		s->view->draw(&s->scene, screen_state(s), &body);
		draw_news(s, g, g->rows - 2);
	}
	switch (s->mode) {
	case MODE_COMMAND:
	case MODE_FILTER:
		(void)draw_input(s, g, g->rows - 1);
		if (s->mode == MODE_FILTER)
			draw_hits(s, g, g->rows - 1);
		break;
	case MODE_CONFIRM:
		draw_question(s, g, g->rows - 1);
		break;
	case MODE_MENU:
		screen_draw_menu(s, &body);
		screen_hints(g, g->rows - 1, menu);
		break;
	case MODE_FORM:
		screen_hints(g, g->rows - 1, form);
		break;
	case MODE_BUILD:
		screen_build_footer(s, g, g->rows - 1);
		break;
	case MODE_VIEW:
		draw_footer(s, g, g->rows - 1);
		break;
	}
}
