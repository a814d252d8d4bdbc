/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the user is: the view, and the place in each, found again whenever the lab changes. */
#include "tui/view/screen_parts.h"
#include "tui/view/screen_why.h"

#include <stdlib.h>
#include <string.h>

/* Every view has a state; those of the registry and those that are reached otherwise. */
static const struct view *const all_views[SCREEN_VIEWS] = {
	&view_vms,    &view_probes,   &view_events,   &view_help,    &view_output, &view_chooser,
	&view_routes, &view_security, &view_gateways, &view_history, &view_logs,   &view_page,
	&view_why,    &view_matrix,   &view_steps,    &view_map,     &view_build,
};

const struct view *screen_find_view(const char *name)
{
	for (size_t i = 0; i < SCREEN_VIEWS; i++)
		if (!strcmp(all_views[i]->name, name))
			return all_views[i];
	return NULL;
}

static size_t view_index(const struct view *view)
{
	size_t i = 0;

	while (i + 1 < SCREEN_VIEWS && all_views[i] != view)
		i++;
	return i;
}

const struct view_state *screen_state_of(const struct screen *s, const struct view *view)
{
	return &s->states[view_index(view)];
}

struct view_state *screen_mutable_state(struct screen *s, const struct view *view)
{
	return &s->states[view_index(view)];
}

const struct view_state *screen_state(const struct screen *s)
{
	return screen_state_of(s, s->view);
}

unsigned screen_body_rows(const struct screen *s)
{
	if (s->is_zoomed)
		return s->rows;
	return s->rows > 3 ? s->rows - 3 : 0;
}

static void remember_name(struct screen *s, const struct view *view, struct view_state *v)
{
	size_t index = view_at(view, &s->scene, v, v->selected);

	if (view->name_of && index != VIEW_NOTHING)
		view->name_of(&s->scene, index, v->name);
}

/* The row that has the name of the selected one, wherever it is now. */
static void find_selected(struct screen *s, const struct view *view, struct view_state *v)
{
	size_t *indices, count;
	char name[VIEW_NAME];

	if (!view->name_of || !*v->name)
		return;
	if (view->follows_top && !v->selected && v->why == WHY_NONE)
		return;
	if (view->follows_end && v->is_at_end)
		return;
	count = view_order(view, &s->scene, v, &indices);
	for (size_t row = 0; row < count; row++) {
		view->name_of(&s->scene, indices[row], name);
		if (strcmp(name, v->name) != 0)
			continue;
		v->selected = row;
		break;
	}
	free(indices);
}

static size_t page_lines(const struct screen *s, const struct view *view,
			 const struct view_state *v)
{
	return view->detail_count ? view->detail_count(&s->scene, v, s->cols) : 0;
}

/* Lines are made to be counted: not while their beginning is shown, however often this comes. */
static void settle_lines(const struct screen *s, const struct view *view, struct view_state *v)
{
	bool is_followed = v->is_at_end && ((view->is_page && view->follows_end) ||
					    (v->is_open && view->filters_detail));
	size_t lines, rows = screen_body_rows(s);

	if (!is_followed && !v->detail_top)
		return;
	lines = page_lines(s, view, v);
	if (is_followed)
		v->detail_top = lines > rows ? lines - rows : 0;
	if (v->detail_top >= lines)
		v->detail_top = lines ? lines - 1 : 0;
}

static void settle_view(struct screen *s, const struct view *view, struct view_state *v)
{
	size_t count = view_count(view, &s->scene, v);
	unsigned rows = screen_body_rows(s);

	if (view->follows_end && v->is_at_end)
		v->selected = count ? count - 1 : 0;
	find_selected(s, view, v);
	if (v->selected >= count)
		v->selected = count ? count - 1 : 0;
	if (view->total)
		v->top = view_first_row(v, count,
					view->list_rows
						? view->list_rows(&s->scene, v, rows, s->cols)
					: rows ? rows - 1
					       : 0);
	if (!count && !view->opens_empty)
		v->is_open = false;
	settle_lines(s, view, v);
	if (count) /* a name stays while its row is away for a moment */
		remember_name(s, view, v);
}

void screen_settle_view(struct screen *s)
{
	settle_view(s, s->view, screen_mutable_state(s, s->view));
}

/* The machines too: what is known of the others depends on which one is selected. */
void screen_settle(struct screen *s)
{
	screen_settle_view(s);
	if (s->view != &view_vms)
		settle_view(s, &view_vms, screen_mutable_state(s, &view_vms));
	screen_note_verdict(s);
	screen_choose_flow(s);
}

void screen_show(struct screen *s, const struct view *view)
{
	struct view_state *v = screen_mutable_state(s, view);

	if (view == s->view)
		return;
	if (view != &view_page && s->view != &view_page) /* what is described is of that moment */
		s->is_frozen = false;
	s->zoom_opened = false; /* it was of that view */
	if (s->view->digit || s->view == &view_chooser)
		s->before = s->view;
	if (view == &view_why && (s->view->digit || s->view == &view_matrix))
		s->asked_from = s->view;
	s->view = view;
	if (view->follows_end && !view->is_page && !v->selected)
		v->is_at_end = true;
	settle_view(s, view, v);
	screen_choose_flow(s);
}

void screen_show_anew(struct screen *s, const struct view *view)
{
	*screen_mutable_state(s, view) = (struct view_state){ 0 };
	screen_show(s, view);
	screen_settle_view(s);
}

void screen_follow(struct screen *s, const struct view *view)
{
	screen_mutable_state(s, view)->is_at_end = true;
}

/* ---- moving ---- */

#define FAR 1000000000L

bool screen_rows_by(const struct screen *s, enum action action, long *ret_by)
{
	long page = screen_body_rows(s) > 2 ? (long)screen_body_rows(s) - 2 : 1;
	const struct {
		enum action action;
		long by;
	} rows[] = {
		{ ACTION_UP, -1 },          { ACTION_DOWN, 1 },     { ACTION_PAGE_UP, -page },
		{ ACTION_PAGE_DOWN, page }, { ACTION_FIRST, -FAR }, { ACTION_LAST, FAR },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].action == action) {
			*ret_by = rows[i].by;
			return true;
		}
	return false;
}

static void move_lines(struct screen *s, long by)
{
	struct view_state *v = screen_mutable_state(s, s->view);
	size_t lines = page_lines(s, s->view, v), rows = screen_body_rows(s);
	long most = lines > rows ? (long)(lines - rows) : 0;
	long top = (long)v->detail_top + by;

	v->detail_top = (size_t)(top < 0 ? 0 : top > most ? most : top);
	v->is_at_end = (long)v->detail_top == most;
}

void screen_select(struct screen *s, const struct view *view, long by)
{
	struct view_state *v = screen_mutable_state(s, view);
	size_t count = view_count(view, &s->scene, v);

	v->selected = view_row_moved(v->selected, by, count);
	v->is_at_end = v->selected + 1 >= count;
	v->detail_top = 0;
	remember_name(s, view, v);
	settle_view(s, view, v);
	screen_choose_flow(s);
}

void screen_move(struct screen *s, long by)
{
	if (s->view->is_page || screen_state(s)->is_open)
		move_lines(s, by);
	else
		screen_select(s, s->view, by);
}
