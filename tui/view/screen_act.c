/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/screen_act.h"

#include "tui/view/screen_parts.h"

#include <stdio.h>
#include <string.h>

static const struct effect nothing = { EFFECT_NONE, "", NULL };

static struct effect run(const char *command)
{
	struct effect effect = { EFFECT_RUN, "", NULL };

	(void)snprintf(effect.text, sizeof(effect.text), "%s", command);
	return effect;
}

/* ---- what is asked before ---- */

static bool begins(const char *command, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(command, word, len) && (!command[len] || command[len] == ' ');
}

void screen_confirm(struct screen *s, const char *command, const char *asked)
{
	screen_type(s, MODE_CONFIRM, command);
	s->asked = asked;
}

const char *screen_asked_before(const char *command)
{
	return begins(command, "down")      ? "end the lab, for all who use it?"
	       : begins(command, "restore") ? "and lose what came since?"
					    : NULL;
}

bool screen_only_looks(struct screen *s)
{
	if (s->scene.is_read_only)
		screen_say(s, STYLE_WAITING, "this screen only looks (--read-only)");
	return s->scene.is_read_only;
}

struct effect screen_propose(struct screen *s, const char *command, const char *preview)
{
	const char *asked = screen_asked_before(command);

	if (screen_only_looks(s))
		return nothing;
	if (strlen(command) >= LINE_SIZE || (preview && strlen(preview) >= LINE_SIZE)) {
		screen_say(s, STYLE_BAD, "the command is too long for this screen: use a shell");
		return nothing;
	}
	s->from = s->view;
	screen_confirm(s, command, asked ? asked : "do it?");
	s->is_previewed = preview != NULL;
	return preview ? run(preview) : nothing;
}

static void go_back_from(struct screen *s)
{
	if (s->from && s->view == &view_output)
		screen_show(s, s->from);
	s->from = NULL;
}

#define PAGE 10

/* The preview can be read while it is asked. */
static bool scroll(struct screen *s, uint32_t key)
{
	static const struct {
		enum action action;
		long by;
	} moves[] = {
		{ ACTION_UP, -1 },
		{ ACTION_DOWN, 1 },
		{ ACTION_PAGE_UP, -PAGE },
		{ ACTION_PAGE_DOWN, PAGE },
	};
	enum action action = keymap_action(s->scene.keys, key);

	for (size_t i = 0; s->view == &view_output && i < ARRAY_SIZE(moves); i++)
		if (moves[i].action == action) {
			screen_move(s, moves[i].by);
			return true;
		}
	return false;
}

struct effect screen_confirm_key(struct screen *s, uint32_t key)
{
	if (scroll(s, key))
		return nothing;
	if (s->is_previewed && (key == 'y' || key == 'Y')) {
		screen_say(s, STYLE_WAITING, "what it would change is still being found out");
		return nothing;
	}
	s->mode = MODE_VIEW;
	s->is_previewed = false;
	if (key != 'y' && key != 'Y') {
		go_back_from(s);
		return nothing;
	}
	screen_remember(s, s->input.text);
	(void)snprintf(s->applied, sizeof(s->applied), "%s", s->input.text);
	return run(s->input.text);
}

/* ---- what became of it ---- */

#define CODE_DIFFERENT 4 /* it is done, and something is not as it should be */

/* By which key it is taken back. */
static const char *way_back(const char *command)
{
	return begins(command, "set")           ? ", u takes it back"
	       : begins(command, "fault clear") ? ""
	       : begins(command, "fault")       ? ", f has its stopwatch and clears it"
	       : begins(command, "step")        ? ", t has all steps"
						: "";
}

void screen_ended(struct screen *s, int code)
{
	char command[LINE_SIZE];

	if (s->is_previewed) {
		const struct printed *output = &s->scene.output;

		s->is_previewed = false;
		if (!code && output->count) /* it ends with what it comes to */
			screen_say(s, STYLE_TITLE, "%s", output->lines[output->count - 1]);
		if (code && s->mode == MODE_CONFIRM) {
			s->mode = MODE_VIEW;
			screen_say(s, STYLE_BAD, "it cannot be done: nothing is changed");
		}
		return;
	}
	if (!*s->applied)
		return;
	(void)snprintf(command, sizeof(command), "%s", s->applied);
	s->applied[0] = '\0';
	if (code && code != CODE_DIFFERENT) {
		s->from = NULL;
		return;
	}
	go_back_from(s);
	screen_say(s, code ? STYLE_WAITING : STYLE_GOOD, "done%s%s: %.120s",
		   code ? ", but not all is as it should be" : "", way_back(command), command);
}

/* ---- the menu ---- */

static struct menu_rows rows_of(const struct screen *s, struct arena *arena)
{
	return actions_list(&s->scene, &s->menu.subject, s->menu.only_faults, arena);
}

static void find_subject(const struct screen *s, struct subject *ret_subject)
{
	const struct view_state *v = screen_state(s);

	*ret_subject = (struct subject){ .kind = SUBJECT_LAB };
	if (s->view->about)
		s->view->about(&s->scene, view_at(s->view, &s->scene, v, v->selected), ret_subject);
	else if ((s->view == &view_routes || s->view == &view_security) && screen_nic(s)) {
		ret_subject->kind = SUBJECT_NIC;
		(void)snprintf(ret_subject->name, sizeof(ret_subject->name), "%s", screen_nic(s));
	}
}

void screen_open_menu(struct screen *s, bool only_faults)
{
	struct subject subject;

	if (!s->lab) {
		screen_say(s, STYLE_DIM, "no lab is shown: o lists those that run, and templates");
		return;
	}
	find_subject(s, &subject);
	menu_open(&s->menu, &subject, only_faults);
	s->mode = MODE_MENU;
}

static struct effect choose(struct screen *s, const struct menu_row *row)
{
	s->mode = MODE_VIEW;
	switch (row->kind) {
	case MENU_HEADING:
	case MENU_NOTE:
		break;
	case MENU_LOOK:
		screen_remember(s, row->command);
		return run(row->command);
	case MENU_CHANGE:
		return screen_propose(s, row->command, row->preview);
	case MENU_TYPE:
		screen_type_command(s, row->command);
		break;
	}
	return nothing;
}

struct effect screen_menu_key(struct screen *s, uint32_t key)
{
	struct arena *arena = arena_new();
	struct menu_rows rows = rows_of(s, arena);
	struct effect effect = nothing;

	switch (menu_key(&s->menu, &rows, key)) {
	case MENU_STAYS:
		break;
	case MENU_CLOSES:
		s->mode = MODE_VIEW;
		break;
	case MENU_CHOOSES:
		effect = choose(s, menu_selected(&s->menu, &rows));
		break;
	}
	arena_free(arena);
	return effect;
}

/* ---- keys of their own ---- */

struct effect screen_undo(struct screen *s)
{
	const struct snapshot_file *file = s->scene.snapshot.file;

	if (file && file->changes.count)
		return screen_propose(s, "undo", "whatif --undo 1");
	screen_say(s, STYLE_DIM, "the lab is as its file says: nothing to take back");
	return nothing;
}

void screen_show_steps(struct screen *s)
{
	screen_show_anew(s, &view_steps);
	screen_move(s, (long)view_steps_current(&s->scene));
}

struct effect screen_go_to_step(struct screen *s)
{
	struct view_state *v = screen_mutable_state(s, &view_steps);
	char command[LINE_SIZE], preview[LINE_SIZE];

	if (view_steps_command(&s->scene, v, command, preview, sizeof(command)))
		return screen_propose(s, command, preview);
	v->is_open = view_at(&view_steps, &s->scene, v, v->selected) != VIEW_NOTHING;
	return nothing;
}

void screen_draw_menu(const struct screen *s, struct grid *g)
{
	struct arena *arena = arena_new();
	struct menu_rows rows = rows_of(s, arena);
	struct menu menu = s->menu;

	menu_settle(&menu, &rows);
	menu_draw(&menu, &rows, s->lab, g);
	arena_free(arena);
}
