/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/screen.h"

#include "tui/view/complete.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Every view has a state; those of the registry and those that are reached otherwise. */
static const struct view *const all_views[SCREEN_VIEWS] = {
	&view_vms, &view_probes, &view_events, &view_help, &view_output, &view_chooser,
};

static size_t view_index(const struct view *view)
{
	size_t i = 0;

	while (i + 1 < SCREEN_VIEWS && all_views[i] != view)
		i++;
	return i;
}

static struct view_state *state_of(struct screen *s, const struct view *view)
{
	return &s->states[view_index(view)];
}

static const struct view_state *state_now(const struct screen *s)
{
	return &s->states[view_index(s->view)];
}

static unsigned body_rows(const struct screen *s)
{
	return s->rows > 3 ? s->rows - 3 : 0;
}

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

static size_t list_count(const struct screen *s, const struct view *view,
			 const struct view_state *v)
{
	return view->count ? view->count(&s->scene, v) : 0;
}

static void remember_name(struct screen *s, const struct view *view, struct view_state *v)
{
	if (view->row_name)
		(void)snprintf(v->name, sizeof(v->name), "%s",
			       view->row_name(&s->scene, v, v->selected));
}

/* The row that has the name of the selected one, wherever it is now. */
static void find_selected(struct screen *s, const struct view *view, struct view_state *v,
			  size_t count)
{
	if (!view->row_name || !*v->name ||
	    !strcmp(view->row_name(&s->scene, v, v->selected), v->name))
		return;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(view->row_name(&s->scene, v, i), v->name) != 0)
			continue;
		v->selected = i;
		return;
	}
}

static size_t page_lines(const struct screen *s, const struct view *view,
			 const struct view_state *v)
{
	return view->detail_count ? view->detail_count(&s->scene, v, s->cols) : 0;
}

static void settle_view(struct screen *s, const struct view *view, struct view_state *v)
{
	size_t count = list_count(s, view, v), lines;
	unsigned rows = body_rows(s);

	if (view->follows_end && v->is_at_end)
		v->selected = count ? count - 1 : 0;
	find_selected(s, view, v, count);
	if (v->selected >= count)
		v->selected = count ? count - 1 : 0;
	if (view->count)
		v->top = view_first_row(v, count, rows ? rows - 1 : 0);
	if (!count)
		v->is_open = false;
	lines = page_lines(s, view, v);
	if (view->is_page && view->follows_end && v->is_at_end)
		v->detail_top = lines > rows ? lines - rows : 0;
	if (v->detail_top >= lines)
		v->detail_top = lines ? lines - 1 : 0;
	if (count) /* a name stays while its row is away for a moment */
		remember_name(s, view, v);
}

void screen_settle(struct screen *s)
{
	for (size_t i = 0; i < SCREEN_VIEWS; i++)
		settle_view(s, all_views[i], &s->states[i]);
}

void screen_show(struct screen *s, const struct view *view)
{
	struct view_state *v = state_of(s, view);

	if (view == s->view)
		return;
	if (s->view->digit || s->view == &view_chooser)
		s->before = s->view;
	s->view = view;
	if (view->follows_end && !v->selected && !v->detail_top)
		v->is_at_end = true;
	settle_view(s, view, v);
}

void screen_show_anew(struct screen *s, const struct view *view)
{
	*state_of(s, view) = (struct view_state){ .is_at_end = view->follows_end };
	screen_show(s, view);
	settle_view(s, view, state_of(s, view));
}

/* ---- moving ---- */

static void move_lines(struct screen *s, const struct view *view, struct view_state *v, long by)
{
	size_t lines = page_lines(s, view, v), rows = body_rows(s);
	long most = lines > rows ? (long)(lines - rows) : 0;
	long top = (long)v->detail_top + by;

	v->detail_top = (size_t)(top < 0 ? 0 : top > most ? most : top);
	v->is_at_end = (long)v->detail_top == most;
}

static void move_selection(struct screen *s, const struct view *view, struct view_state *v, long by)
{
	long count = (long)list_count(s, view, v), to = (long)v->selected + by;

	v->selected = (size_t)(to < 0 || !count ? 0 : to >= count ? count - 1 : to);
	v->is_at_end = (long)v->selected + 1 >= count;
	v->detail_top = 0;
	remember_name(s, view, v);
	settle_view(s, view, v);
}

static void move(struct screen *s, long by)
{
	struct view_state *v = state_of(s, s->view);

	if (s->view->is_page || v->is_open)
		move_lines(s, s->view, v, by);
	else
		move_selection(s, s->view, v, by);
}

#define FAR 1000000000L

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
	struct view_state *v = state_of(s, s->view);

	if (v->is_open)
		v->is_open = false;
	else if (*v->filter)
		*v->filter = '\0';
	else if (!s->view->digit)
		screen_show(s, s->lab && !s->before->digit ? &view_vms : s->before);
	v->detail_top = v->is_open || s->view->is_page ? v->detail_top : 0;
	settle_view(s, s->view, state_of(s, s->view));
}

static struct effect open_selected(struct screen *s)
{
	struct view_state *v = state_of(s, s->view);
	struct effect effect = { EFFECT_NONE, "", NULL };
	size_t row = 0;

	if (s->view == &view_chooser) {
		for (size_t i = 0; i < s->scene.choice_count; i++) {
			const struct choice_row *choice = &s->scene.choices[i];
			const char *const texts[] = { choice->name, choice->sentence };

			if (!view_passes(v, texts, ARRAY_SIZE(texts)) || row++ != v->selected)
				continue;
			effect.kind = EFFECT_OPEN;
			effect.choice = choice;
		}
		return effect;
	}
	if (s->view->is_page)
		go_back(s);
	else if (s->view->detail_count && list_count(s, s->view, v))
		v->is_open = true;
	return effect;
}

/* The machine the selected row is about. */
static const char *selected_machine(const struct screen *s)
{
	const struct view_state *v = state_now(s);
	const struct snapshot *snapshot = &s->scene.snapshot;

	if (s->view == &view_vms && *v->name && snapshot->vms)
		for (size_t i = 0; i < snapshot->vms->vms.count; i++)
			if (!strcmp(snapshot->vms->vms.items[i].nic, v->name))
				return snapshot->vms->vms.items[i].vm;
	if (s->view == &view_probes && snapshot->probes)
		for (size_t i = 0, row = 0; i < snapshot->probes->probes.count; i++)
			if (view_probes_passes(v, &snapshot->probes->probes.items[i]) &&
			    row++ == v->selected)
				return snapshot->probes->probes.items[i].from;
	return NULL;
}

const char *screen_nic(const struct screen *s)
{
	const struct view_state *v = &s->states[view_index(&view_vms)];

	return *v->name ? v->name : NULL;
}

/* ---- typing ---- */

static void set_input(struct screen *s, enum mode mode, const char *text)
{
	s->mode = mode;
	(void)snprintf(s->input, sizeof(s->input), "%s", text);
	s->cursor = strlen(s->input);
}

static size_t previous_character(const char *text, size_t at)
{
	while (at && (text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t next_character(const char *text, size_t at)
{
	if (text[at])
		at++;
	while ((text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void erase(struct screen *s, size_t from, size_t to)
{
	memmove(s->input + from, s->input + to, strlen(s->input + to) + 1);
	s->cursor = from;
}

static void insert(struct screen *s, uint32_t ch)
{
	char bytes[5] = "";
	size_t len, all = strlen(s->input);

	if (ch < 0x80)
		bytes[0] = (char)ch;
	else if (ch < 0x800)
		(void)snprintf(bytes, sizeof(bytes), "%c%c", (int)(0xc0 | ch >> 6),
			       (int)(0x80 | (ch & 63)));
	else if (ch < 0x10000)
		(void)snprintf(bytes, sizeof(bytes), "%c%c%c", (int)(0xe0 | ch >> 12),
			       (int)(0x80 | (ch >> 6 & 63)), (int)(0x80 | (ch & 63)));
	len = strlen(bytes);
	if (!len || all + len >= sizeof(s->input))
		return;
	memmove(s->input + s->cursor + len, s->input + s->cursor, all - s->cursor + 1);
	memcpy(s->input + s->cursor, bytes, len);
	s->cursor += len;
}

/* Keys of the line that is typed. True when it was one of them. */
static bool edit_key(struct screen *s, uint32_t key)
{
	switch (key) {
	case KEY_CODE_BACKSPACE:
	case '\b':
		if (!*s->input)
			s->mode = MODE_VIEW;
		else
			erase(s, previous_character(s->input, s->cursor), s->cursor);
		return true;
	case KEY_CODE_DELETE:
		erase(s, s->cursor, next_character(s->input, s->cursor));
		return true;
	case KEY_CODE_LEFT:
		s->cursor = previous_character(s->input, s->cursor);
		return true;
	case KEY_CODE_RIGHT:
		s->cursor = next_character(s->input, s->cursor);
		return true;
	case KEY_CODE_HOME:
	case KEY_CTRL('a'):
		s->cursor = 0;
		return true;
	case KEY_CODE_END:
	case KEY_CTRL('e'):
		s->cursor = strlen(s->input);
		return true;
	case KEY_CTRL('u'):
		erase(s, 0, s->cursor);
		return true;
	case KEY_CTRL('w'): {
		size_t from = s->cursor;

		while (from && s->input[from - 1] == ' ')
			from--;
		while (from && s->input[from - 1] != ' ')
			from--;
		erase(s, from, s->cursor);
		return true;
	}
	default:
		if (key < ' ' || key >= KEY_BASE)
			return false;
		insert(s, key);
		return true;
	}
}

static void recall(struct screen *s, int by)
{
	if ((by < 0 && !s->history_at) || (by > 0 && s->history_at >= s->history_count))
		return;
	s->history_at = by < 0 ? s->history_at - 1 : s->history_at + 1;
	set_input(s, MODE_COMMAND,
		  s->history_at < s->history_count ? s->history[s->history_at] : "");
}

static void add_to_history(struct screen *s, const char *line)
{
	if (s->history_count && !strcmp(s->history[s->history_count - 1], line))
		return;
	if (s->history_count == HISTORY_MAX) {
		memmove(s->history[0], s->history[1], sizeof(s->history) - sizeof(s->history[0]));
		s->history_count--;
	}
	(void)snprintf(s->history[s->history_count++], INPUT_MAX, "%s", line);
}

static struct effect run_line(struct screen *s, const char *line)
{
	struct effect effect = { EFFECT_NONE, "", NULL };

	while (*line == ' ')
		line++;
	if (!*line)
		return effect;
	add_to_history(s, line);
	for (size_t i = 0; i < SCREEN_VIEWS; i++) {
		if (strcmp(all_views[i]->name, line) != 0)
			continue;
		screen_show(s, all_views[i]);
		effect.kind = all_views[i] == &view_chooser ? EFFECT_CHOICES : EFFECT_NONE;
		return effect;
	}
	if (!strcmp(line, "q") || !strcmp(line, "quit")) {
		effect.kind = EFFECT_QUIT;
		return effect;
	}
	if (!strncmp(line, "down", 4) && (!line[4] || line[4] == ' ')) {
		set_input(s, MODE_CONFIRM, line);
		return effect;
	}
	effect.kind = EFFECT_RUN;
	(void)snprintf(effect.text, sizeof(effect.text), "%s", line);
	return effect;
}

static struct effect command_key(struct screen *s, uint32_t key)
{
	struct effect effect = { EFFECT_NONE, "", NULL };
	char line[INPUT_MAX];

	switch (key) {
	case KEY_CODE_ENTER:
	case '\n':
		(void)snprintf(line, sizeof(line), "%s", s->input);
		s->mode = MODE_VIEW;
		return run_line(s, line);
	case KEY_CODE_ESCAPE:
	case KEY_CTRL('c'):
		s->mode = MODE_VIEW;
		return effect;
	case KEY_CODE_TAB:
		complete_line(&s->scene, s->input, sizeof(s->input), s->message,
			      sizeof(s->message));
		s->message_style = STYLE_DIM;
		s->cursor = strlen(s->input);
		return effect;
	case KEY_CODE_UP:
		recall(s, -1);
		return effect;
	case KEY_CODE_DOWN:
		recall(s, 1);
		return effect;
	default:
		(void)edit_key(s, key);
		return effect;
	}
}

static void filter_key(struct screen *s, uint32_t key)
{
	struct view_state *v = state_of(s, s->view);

	if (key == KEY_CODE_ENTER || key == '\n')
		s->mode = MODE_VIEW;
	else if (key == KEY_CODE_ESCAPE || key == KEY_CTRL('c'))
		set_input(s, MODE_VIEW, "");
	else
		(void)edit_key(s, key);
	(void)snprintf(v->filter, sizeof(v->filter), "%.*s", FILTER_MAX - 1, s->input);
	settle_view(s, s->view, v);
}

static struct effect confirm_key(struct screen *s, uint32_t key)
{
	struct effect effect = { EFFECT_NONE, "", NULL };

	s->mode = MODE_VIEW;
	if (key == 'y' || key == 'Y') {
		effect.kind = EFFECT_RUN;
		(void)snprintf(effect.text, sizeof(effect.text), "%s", s->input);
	}
	return effect;
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

static struct effect act(struct screen *s, enum action action, uint32_t key)
{
	struct effect effect = { EFFECT_NONE, "", NULL };
	long page = body_rows(s) > 2 ? (long)body_rows(s) - 2 : 1;

	switch (action) {
	case ACTION_NONE:
		break;
	case ACTION_UP:
		move(s, -1);
		break;
	case ACTION_DOWN:
		move(s, 1);
		break;
	case ACTION_PAGE_UP:
		move(s, -page);
		break;
	case ACTION_PAGE_DOWN:
		move(s, page);
		break;
	case ACTION_FIRST:
		move(s, -FAR);
		break;
	case ACTION_LAST:
		move(s, FAR);
		break;
	case ACTION_LEFT:
		if (state_now(s)->is_open)
			go_back(s);
		break;
	case ACTION_RIGHT:
		if (s->view != &view_chooser && !s->view->is_page)
			return open_selected(s);
		break;
	case ACTION_OPEN:
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
		s->history_at = s->history_count;
		set_input(s, MODE_COMMAND, "");
		break;
	case ACTION_FILTER:
		if (!s->view->is_page)
			set_input(s, MODE_FILTER, state_now(s)->filter);
		break;
	case ACTION_HELP:
		screen_show(s, &view_help);
		break;
	case ACTION_SHELL:
		return shell_effect(s);
	case ACTION_CHOOSER:
		screen_show(s, &view_chooser);
		effect.kind = EFFECT_CHOICES;
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
	switch (s->mode) {
	case MODE_COMMAND:
		return command_key(s, key);
	case MODE_FILTER:
		filter_key(s, key);
		return none;
	case MODE_CONFIRM:
		return confirm_key(s, key);
	case MODE_VIEW:
		return act(s, keymap_action(key), key);
	}
	return none;
}

/* ---- drawing ---- */

static unsigned put_count(struct grid *g, unsigned col, long long good, long long all,
			  const char *what)
{
	return grid_put(g, 0, col, good == all ? STYLE_BAR : STYLE_BAR_BAD, " %lld/%lld %s ", good,
			all, what);
}

#define SILENT_S 3 /* a lab says something every second */

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
	if (!lab || !lab->file)
		return;
	if (g->cols >= 60)
		col = grid_put(g, 0, col, STYLE_BAR, " %lld VMs ", (long long)lab->vm_count);
	col = put_count(g, col, lab->sessions_up, lab->session_count, "BGP");
	col = put_count(g, col, lab->probes_green, lab->probe_count, "probes");
	if (g->cols >= 60)
		(void)grid_put(g, 0, col, STYLE_BAR, " timers %s ", lab->timers);
	if (s->scene.now - s->heard_at > SILENT_S)
		grid_put_right(g, 0, STYLE_BAR_BAD, " silent for %.0f s ",
			       s->scene.now - s->heard_at);
	else if (strcmp(lab->state, "running") != 0)
		grid_put_right(g, 0, STYLE_BAR, " %s ", lab->state);
	else
		grid_put_right(g, 0, STYLE_BAR, " live ");
}

static void draw_news(const struct screen *s, struct grid *g, unsigned row)
{
	const struct snapshot_events *events = s->scene.snapshot.events;
	const struct view_state *v = state_now(s);
	unsigned col;
	char at[16];

	if (*s->message) {
		(void)grid_put(g, row, 1, s->message_style, "%s", s->message);
		return;
	}
	if (*v->filter && s->mode != MODE_FILTER) {
		(void)grid_put(g, row, 1, STYLE_WAITING, "only rows with '%s': Esc shows all",
			       v->filter);
		return;
	}
	if (!s->lab || !events || !events->events.count || s->view == &view_events)
		return;
	view_clock(&s->scene, events->events.items[events->events.count - 1].time, at);
	col = grid_put(g, row, 1, STYLE_DIM, "%.8s  ", at);
	(void)grid_put_field(g, row, col, g->cols - col, STYLE_DIM,
			     events->events.items[events->events.count - 1].text);
}

/* "Esc back": the key stands out. */
static unsigned put_hint(struct grid *g, unsigned row, unsigned col, const char *hint, bool is_here)
{
	int len = (int)strcspn(hint, " ");

	col = grid_put(g, row, col, STYLE_KEY, "%.*s", len, hint);
	return grid_put(g, row, col, is_here ? STYLE_TITLE : STYLE_DIM, "%s", hint + len);
}

static void draw_footer(const struct screen *s, struct grid *g, unsigned row)
{
	static const char always[] = "? keys  q quit";
	unsigned end = g->cols > sizeof(always) + 1 ? g->cols - (unsigned)sizeof(always) - 1 : 0;
	unsigned col = 1;
	char hint[32];

	for (size_t i = 0; views[i]; i++) {
		(void)snprintf(hint, sizeof(hint), "%c %s", views[i]->digit, views[i]->name);
		if (col + text_width(hint) < end)
			col = put_hint(g, row, col, hint, views[i] == s->view) + 2;
	}
	for (size_t i = 0; i < keymap_count; i++) {
		const char *footer = keymap[i].footer;

		if (footer && keymap[i].action != ACTION_HELP && keymap[i].action != ACTION_QUIT &&
		    col + text_width(footer) < end)
			col = put_hint(g, row, col, footer, false) + 2;
	}
	if (end) {
		col = put_hint(g, row, end, "? keys", s->view == &view_help);
		(void)put_hint(g, row, col + 2, "q quit", false);
	}
}

/* What is typed, scrolled so that the cursor is seen. Returns the cursor's column. */
static unsigned draw_input(const struct screen *s, struct grid *g, unsigned row)
{
	char before[INPUT_MAX];
	unsigned width = g && g->cols ? g->cols : s->cols, at;
	const char *text = s->input;

	(void)snprintf(before, sizeof(before), "%.*s", (int)s->cursor, s->input);
	at = 1 + text_width(before);
	for (; at + 1 > width && *text; at--)
		text += next_character(text, 0);
	if (g) {
		(void)grid_put(g, row, 0, STYLE_KEY, "%s", s->mode == MODE_COMMAND ? ":" : "/");
		(void)grid_put(g, row, 1, STYLE_TEXT, "%s", text);
	}
	return at;
}

bool screen_cursor(const struct screen *s, unsigned *ret_row, unsigned *ret_col)
{
	if (s->mode != MODE_COMMAND && s->mode != MODE_FILTER)
		return false;
	*ret_row = s->rows ? s->rows - 1 : 0;
	*ret_col = draw_input(s, NULL, 0);
	return true;
}

void screen_draw(const struct screen *s, struct grid *g)
{
	struct grid body = grid_window(g, 1, 0, body_rows(s), g->cols);

	if (g->rows < 4)
		return;
	draw_header(s, g);
	s->view->draw(&s->scene, state_now(s), &body);
	draw_news(s, g, g->rows - 2);
	switch (s->mode) {
	case MODE_COMMAND:
	case MODE_FILTER:
		(void)draw_input(s, g, g->rows - 1);
		break;
	case MODE_CONFIRM:
		(void)grid_put(g, g->rows - 1, 1, STYLE_BAD, "%s: end the lab, for all who use it?",
			       s->input);
		grid_put_right(g, g->rows - 1, STYLE_KEY, "y yes  n no ");
		break;
	case MODE_VIEW:
		draw_footer(s, g, g->rows - 1);
		break;
	}
}
