/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys do: in the views, and where something is typed. */
#include "tui/view/screen.h"

#include "lab/render/flow_lines.h"
#include "tui/view/complete.h"
#include "tui/view/screen_act.h"
#include "tui/view/screen_build.h"
#include "tui/view/screen_habits.h"
#include "tui/view/screen_parts.h"
#include "tui/view/screen_why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void screen_init(struct screen *s, unsigned rows, unsigned cols)
{
	*s = (struct screen){ .rows = rows, .cols = cols, .view = &view_chooser };
	s->before = s->view;
}

void screen_resize(struct screen *s, unsigned rows, unsigned cols)
{
	s->rows = rows;
	s->cols = cols;
	screen_settle(s);
}

void screen_say(struct screen *s, enum style style, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(s->message, sizeof(s->message), fmt, args);
	va_end(args);
	s->message_style = style;
}

static void next_view(struct screen *s, int by)
{
	const struct view *next;
	int count = 0, at = -1;

	for (; views[count]; count++)
		if (views[count] == s->view)
			at = count;
	next = at < 0 ? (s->before->digit ? s->before : views[0])
		      : views[(at + by + count) % count];
	if (next)
		screen_show(s, next);
}

static void show_digit(struct screen *s, uint32_t key)
{
	for (size_t i = 0; views[i]; i++) {
		if ((uint32_t)views[i]->digit != key)
			continue;
		screen_show(s, views[i]);
		return;
	}
	screen_say(s, STYLE_DIM, "there is no view %c yet", (int)key);
}

static void go_back(struct screen *s)
{
	struct view_state *v = screen_mutable_state(s, s->view);

	if (s->is_zoomed) {
		bool is_opened = s->zoom_opened;

		s->is_zoomed = s->zoom_opened = false;
		if (!is_opened) {
			screen_settle(s);
			return;
		}
	}
	if (*v->filter && (!v->is_open || s->view->filters_detail)) {
		*v->filter = '\0';
	} else if (v->is_open) {
		v->is_open = false;
		v->why = WHY_NONE;
	} else if (v->why != WHY_NONE) {
		v->why = WHY_NONE;
	} else if (s->view == &view_routes || s->view == &view_security) {
		screen_show(s, &view_vms);
	} else if (s->view == &view_why) {
		screen_show(s, s->asked_from ? s->asked_from : &view_vms);
	} else if (s->view == &view_matrix) {
		screen_show(s, &view_probes);
	} else if (!s->view->digit) {
		screen_show(s, s->lab && !s->before->digit ? &view_vms : s->before);
	}
	v->detail_top = v->is_open || s->view->is_page ? v->detail_top : 0;
	screen_settle_view(s);
}

static struct effect open_selected(struct screen *s)
{
	struct view_state *v = screen_mutable_state(s, s->view);
	struct effect effect = { EFFECT_NONE, "", NULL };
	size_t index = view_at(s->view, &s->scene, v, v->selected);

	if (s->view == &view_chooser) {
		if (index == VIEW_NOTHING)
			return effect;
		effect.kind = EFFECT_OPEN;
		effect.choice = &s->scene.choices[index];
		return effect;
	}
	if (s->view == &view_why || s->view == &view_matrix) {
		screen_ask(s, NULL);
		return effect;
	}
	if (s->view == &view_map) {
		if (index != VIEW_NOTHING)
			screen_open_node(s, &s->scene.graph->nodes.items[index]);
		return effect;
	}
	if (s->view == &view_vms && index != VIEW_NOTHING) {
		screen_show_anew(s, &view_routes);
		return effect;
	}
	if (s->view == &view_security)
		v->is_open = s->scene.snapshot.nsg != NULL;
	if (s->view == &view_security || (s->view == &view_routes && index != VIEW_NOTHING))
		v->why = WHY_ALL;
	if (s->view->is_page)
		go_back(s);
	else if (s->view->detail_count && index != VIEW_NOTHING)
		v->is_open = true;
	if (s->view->filters_detail && v->is_open) { /* at its end, until one moves */
		*v->filter = '\0';
		v->is_at_end = true;
		screen_settle_view(s);
	}
	return effect;
}

/* The machine the selected row is about. */
static const char *selected_machine(const struct screen *s)
{
	const struct view_state *v = screen_state(s);

	if (!s->view->machine)
		return NULL;
	return s->view->machine(&s->scene, view_at(s->view, &s->scene, v, v->selected));
}

static void next_peer(struct screen *s)
{
	if (s->view == &view_gateways)
		view_gateways_next_peer(&s->scene, screen_mutable_state(s, s->view));
	else
		screen_say(s, STYLE_DIM, "a is about gateways: 4 shows them");
}

static void ask(struct screen *s)
{
	const char *nic = screen_nic(s);
	char packet[sizeof(s->question) - VIEW_NAME];

	*s->question = '\0';
	if (nic && what_if_question(&s->scene.what_if, packet, sizeof(packet)))
		(void)snprintf(s->question, sizeof(s->question), "%s %s", nic, packet);
}

/* From the routes or rules of one machine to those of another. */
static void next_machine(struct screen *s, int by)
{
	struct view_state *v = screen_mutable_state(s, s->view);

	screen_select(s, &view_vms, by);
	v->selected = v->top = v->detail_top = 0;
	v->name[0] = '\0';
}

/* Of the selected row, of all, and none. */
static void show_why(struct screen *s)
{
	struct view_state *v = screen_mutable_state(s, s->view);

	if (s->view != &view_routes && s->view != &view_security) {
		screen_ask(s, selected_machine(s));
		return;
	}
	v->why = (enum why_shown)((v->why + 1) % WHY_COUNT);
	v->is_open = v->why == WHY_ALL;
	v->detail_top = 0;
	screen_settle_view(s);
}

/* The form, with the selected flow in it. */
static void show_what_if(struct screen *s)
{
	const struct snapshot_flow *flow;

	if (s->view == &view_why) {
		screen_type_whatif(s);
		return;
	}
	if (s->view != &view_security) {
		screen_show(s, &view_security);
		return;
	}
	flow = view_security_flow(&s->scene, screen_mutable_state(s, s->view));
	if (flow) {
		bool is_in = !strcmp(flow->direction, "Inbound");
		struct flow_end_text source = flow_source_print(flow);
		struct flow_end_text destination = flow_destination_print(flow);

		what_if_open(&s->scene.what_if, flow->direction, flow->protocol,
			     is_in ? destination.text : source.text,
			     is_in ? source.text : destination.text);
	} else {
		what_if_open(&s->scene.what_if, "Inbound", "Tcp", "*:80", "");
	}
	screen_mutable_state(s, s->view)->is_open = false;
	screen_mutable_state(s, s->view)->why = WHY_NONE;
	s->mode = MODE_FORM;
	ask(s);
}

/* ---- typing ---- */

void screen_type(struct screen *s, enum mode mode, const char *text)
{
	s->mode = mode;
	line_set(&s->input, text);
}

void screen_type_command(struct screen *s, const char *text)
{
	s->history_at = s->history_count;
	screen_type(s, MODE_COMMAND, text);
}

static void edit(struct screen *s, uint32_t key)
{
	/* Backspace in an empty line leaves it */
	if (!line_key(&s->input, key) && (key == KEY_CODE_BACKSPACE || key == '\b'))
		s->mode = MODE_VIEW;
}

static void recall(struct screen *s, int by)
{
	if ((by < 0 && !s->history_at) || (by > 0 && s->history_at >= s->history_count))
		return;
	s->history_at = by < 0 ? s->history_at - 1 : s->history_at + 1;
	screen_type(s, MODE_COMMAND,
		    s->history_at < s->history_count ? s->history[s->history_at] : "");
}

void screen_remember(struct screen *s, const char *line)
{
	if (s->history_count && !strcmp(s->history[s->history_count - 1], line))
		return;
	if (s->history_count == HISTORY_MAX) {
		memmove(s->history[0], s->history[1], sizeof(s->history) - sizeof(s->history[0]));
		s->history_count--;
	}
	(void)snprintf(s->history[s->history_count++], LINE_SIZE, "%s", line);
}

static struct effect run_line(struct screen *s, const char *line)
{
	struct effect effect = { EFFECT_NONE, "", NULL };
	const struct view *view;
	const char *asked;

	while (*line == ' ')
		line++;
	if (!*line)
		return effect;
	screen_remember(s, line);
	if (screen_take_line(s, line, &effect) || screen_build_line(s, line, &effect))
		return effect;
	view = screen_find_view(line);
	if (view) {
		screen_show(s, view);
		effect.kind = view == &view_chooser ? EFFECT_CHOICES : EFFECT_NONE;
		return effect;
	}
	if (screen_option(s, line, &effect))
		return effect;
	if (!strcmp(line, "q") || !strcmp(line, "quit")) {
		effect.kind = EFFECT_QUIT;
		return effect;
	}
	asked = screen_asked_before(line);
	if (asked) {
		screen_confirm(s, line, asked);
		return effect;
	}
	effect.kind = EFFECT_RUN;
	(void)snprintf(effect.text, sizeof(effect.text), "%s", line);
	return effect;
}

static struct effect command_key(struct screen *s, uint32_t key)
{
	struct effect effect = { EFFECT_NONE, "", NULL };
	char line[LINE_SIZE];

	switch (key) {
	case KEY_CODE_ENTER:
	case '\n':
		(void)snprintf(line, sizeof(line), "%s", s->input.text);
		s->mode = MODE_VIEW;
		return run_line(s, line);
	case KEY_CODE_ESCAPE:
	case KEY_CTRL('c'):
		s->mode = MODE_VIEW;
		return effect;
	case KEY_CODE_TAB:
		(void)snprintf(line, sizeof(line), "%s", s->input.text);
		complete_line(&s->scene, line, sizeof(line), s->message, sizeof(s->message));
		s->message_style = STYLE_DIM;
		line_set(&s->input, line);
		return effect;
	case KEY_CODE_UP:
		recall(s, -1);
		return effect;
	case KEY_CODE_DOWN:
		recall(s, 1);
		return effect;
	default:
		edit(s, key);
		return effect;
	}
}

static void filter_key(struct screen *s, uint32_t key)
{
	struct view_state *v = screen_mutable_state(s, s->view);

	if (key == KEY_CODE_ENTER || key == '\n')
		s->mode = MODE_VIEW;
	else if (key == KEY_CODE_ESCAPE || key == KEY_CTRL('c'))
		screen_type(s, MODE_VIEW, "");
	else
		edit(s, key);
	(void)snprintf(v->filter, sizeof(v->filter), "%.*s", FILTER_MAX - 1, s->input.text);
	screen_settle_view(s);
}

static void close_form(struct screen *s)
{
	s->scene.what_if.is_open = false;
	s->mode = MODE_VIEW;
}

static void what_if_form_key(struct screen *s, uint32_t key)
{
	if (form_key(&s->scene.what_if.form, key) == FORM_LEFT)
		close_form(s);
	ask(s);
	screen_settle_view(s);
}

/* ---- keys of views ---- */

static struct effect shell_effect(struct screen *s)
{
	struct effect effect = { EFFECT_NONE, "", NULL };
	const char *machine = selected_machine(s);

	if (machine) {
		effect.kind = EFFECT_SHELL;
		(void)snprintf(effect.text, sizeof(effect.text), "%s", machine);
	} else {
		screen_say(s, STYLE_DIM, "no machine is selected");
	}
	return effect;
}

/* What is selected is opened, if it can be, and closed with the zoom. */
static void zoom(struct screen *s)
{
	const struct view *view = s->view;
	bool was_open = screen_state(s)->is_open;

	if (s->is_zoomed) {
		go_back(s);
		return;
	}
	if (!view->is_page && !was_open && view != &view_chooser)
		(void)open_selected(s);
	s->zoom_opened = view != s->view || screen_state(s)->is_open != was_open;
	s->is_zoomed = true;
	screen_settle(s);
}

/* Of the mouse: the wheel moves, a click selects. */
static bool mouse_key(struct screen *s, uint32_t key)
{
	long by;

	if (key == KEY_CODE_WHEEL_UP || key == KEY_CODE_WHEEL_DOWN) {
		screen_move(s, key == KEY_CODE_WHEEL_UP ? -3 : 3);
		return true;
	}
	if (key < KEY_CODE_CLICK)
		return false;
	if (screen_rows_from_selected(s, key - KEY_CODE_CLICK, &by))
		screen_move(s, by);
	return true;
}

static void sort_by(struct screen *s, uint32_t key)
{
	screen_sort(s, screen_mutable_state(s, s->view), (char)key);
	screen_settle_view(s);
}

static void move_rows(struct screen *s, enum action action)
{
	bool is_arrow = action == ACTION_UP || action == ACTION_DOWN;
	long by;

	if (screen_rows_by(s, action, &by) && !(is_arrow && screen_move_across(s, 0, (int)by)))
		screen_move(s, by);
}

static struct effect act(struct screen *s, enum action action, uint32_t key)
{
	struct effect effect = { EFFECT_NONE, "", NULL };

	switch (action) {
	case ACTION_NONE:
		break;
	case ACTION_UP:
	case ACTION_DOWN:
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
	case ACTION_FIRST:
	case ACTION_LAST:
		move_rows(s, action);
		break;
	case ACTION_LEFT:
		if (screen_move_across(s, -1, 0))
			break;
		if (s->view == &view_matrix)
			view_matrix_move(&s->scene, screen_mutable_state(s, s->view), -1);
		else if (screen_state(s)->is_open)
			go_back(s);
		else if (s->view == &view_routes || s->view == &view_security)
			next_machine(s, -1);
		break;
	case ACTION_RIGHT:
		if (screen_move_across(s, 1, 0))
			break;
		if (s->view == &view_matrix)
			view_matrix_move(&s->scene, screen_mutable_state(s, s->view), 1);
		else if (s->view == &view_routes || s->view == &view_security)
			next_machine(s, 1);
		else if (s->view != &view_chooser && !s->view->is_page)
			return open_selected(s);
		break;
	case ACTION_OPEN:
		if (s->view == &view_steps && !screen_state(s)->is_open)
			return screen_go_to_step(s);
		return open_selected(s);
	case ACTION_BACK:
		go_back(s);
		break;
	case ACTION_NEXT_VIEW:
		next_view(s, 1);
		break;
	case ACTION_PREVIOUS_VIEW:
		next_view(s, -1);
		break;
	case ACTION_VIEW:
		show_digit(s, key);
		break;
	case ACTION_COMMAND:
		screen_type_command(s, "");
		break;
	case ACTION_FILTER:
		if (!s->view->is_page)
			screen_type(s, MODE_FILTER, screen_state(s)->filter);
		break;
	case ACTION_HELP:
		screen_show(s, &view_help);
		break;
	case ACTION_WHY:
		show_why(s);
		break;
	case ACTION_WAYS:
		screen_ask(s, selected_machine(s));
		break;
	case ACTION_MATRIX:
		screen_next_matrix(s);
		break;
	case ACTION_MESH:
		return screen_ask_mesh(s, "icmp");
	case ACTION_NEXT_FINDING:
		if (s->view != &view_matrix)
			screen_say(s, STYLE_DIM, "n is about the matrix: m in 5 shows it");
		else if (!view_matrix_next_finding(&s->scene, screen_mutable_state(s, s->view)))
			screen_say(s, STYLE_GOOD, "all of it is as predicted");
		screen_settle_view(s);
		break;
	case ACTION_WHAT_IF:
		show_what_if(s);
		break;
	case ACTION_NEXT_PEER:
		next_peer(s);
		break;
	case ACTION_MENU:
		if (!screen_type_change(s))
			screen_open_menu(s, false);
		break;
	case ACTION_FAULTS:
		screen_open_menu(s, true);
		break;
	case ACTION_STEPS:
		screen_show_steps(s);
		break;
	case ACTION_UNDO:
		return screen_undo(s);
	case ACTION_SHELL:
		return shell_effect(s);
	case ACTION_DESCRIBE:
		screen_describe(s, false);
		break;
	case ACTION_JSON:
		screen_describe(s, true);
		break;
	case ACTION_COPY:
		effect.kind = screen_copy(s) ? EFFECT_COPY : EFFECT_NONE;
		break;
	case ACTION_ZOOM:
		zoom(s);
		break;
	case ACTION_FREEZE:
		s->is_frozen = !s->is_frozen && s->lab;
		break;
	case ACTION_SORT:
		sort_by(s, key);
		break;
	case ACTION_CHOOSER:
		screen_show(s, &view_chooser);
		effect.kind = EFFECT_CHOICES;
		break;
	case ACTION_CHANGE:
		if (s->view != &view_why)
			return screen_build_change(s);
		screen_edit_question(s);
		break;
	case ACTION_EDIT:
		return screen_build_edit(s);
	case ACTION_NEW:
		if (s->view == &view_chooser)
			return screen_build_new(s);
		sort_by(s, key);
		break;
	case ACTION_DUMP:
		effect.kind = EFFECT_DUMP;
		break;
	case ACTION_REDRAW:
		effect.kind = EFFECT_REDRAW;
		break;
	case ACTION_SUSPEND:
		effect.kind = EFFECT_SUSPEND;
		break;
	case ACTION_QUIT:
		effect.kind = EFFECT_QUIT;
		break;
	}
	return effect;
}

struct effect screen_key(struct screen *s, uint32_t key)
{
	struct effect none = { EFFECT_NONE, "", NULL };

	*s->message = '\0';
	if (s->mode == MODE_FORM && s->view != &view_security)
		close_form(s); /* the lab went */
	if (s->mode == MODE_BUILD && s->view != &view_build)
		screen_build_close(s);
	switch (s->mode) {
	case MODE_COMMAND:
		return command_key(s, key);
	case MODE_FILTER:
		filter_key(s, key);
		return none;
	case MODE_CONFIRM:
		return screen_confirm_key(s, key);
	case MODE_MENU:
		return screen_menu_key(s, key);
	case MODE_FORM:
		what_if_form_key(s, key);
		return none;
	case MODE_BUILD:
		return screen_build_key(s, key);
	case MODE_VIEW:
		if (mouse_key(s, key))
			return none;
		return act(s, keymap_action(s->scene.keys, key), key);
	}
	return none;
}
