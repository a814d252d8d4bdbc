/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/screen_build.h"

#include "tui/view/build_parts.h"
#include "tui/view/screen_act.h"
#include "tui/view/screen_parts.h"

#include <stdio.h>
#include <string.h>

static const struct effect nothing = { EFFECT_NONE, "", NULL };

static void open_page(struct screen *s)
{
	screen_show(s, &view_build);
	s->mode = MODE_BUILD;
}

struct effect screen_build_new(struct screen *s)
{
	if (screen_only_looks(s))
		return nothing;
	build_new_open(&s->scene.build);
	open_page(s);
	return nothing;
}

/* In the list of labs the selected one is meant. */
static struct effect on_selected(struct screen *s, enum effect_kind kind)
{
	struct effect effect = { .kind = kind };
	size_t index;

	if (screen_only_looks(s))
		return nothing;
	if (s->view != &view_chooser) {
		if (!s->lab)
			screen_say(s, STYLE_DIM, "no lab is shown: o lists them");
		return s->lab ? effect : nothing;
	}
	index = view_at(s->view, &s->scene, screen_state(s), screen_state(s)->selected);
	effect.choice = index == VIEW_NOTHING ? NULL : &s->scene.choices[index];
	if (effect.choice && effect.choice->path && !effect.choice->is_own)
		screen_say(s, STYLE_DIM,
			   "a template stays as it is: Enter starts it, N makes a lab of your own");
	else if (effect.choice)
		return effect;
	return nothing;
}

struct effect screen_build_change(struct screen *s)
{
	return on_selected(s, EFFECT_CHANGE);
}

void screen_build_open(struct screen *s, struct arena *arena, const struct snapshot_file *file,
		       bool is_running)
{
	build_open(&s->scene.build, arena, file, is_running);
	open_page(s);
}

struct effect screen_build_edit(struct screen *s)
{
	struct effect effect = on_selected(s, EFFECT_RUN);

	if (effect.choice && effect.choice->path)
		(void)snprintf(effect.text, sizeof(effect.text), "edit '%.200s'",
			       effect.choice->path);
	else if (effect.choice)
		(void)snprintf(effect.text, sizeof(effect.text), "edit -l %.100s",
			       effect.choice->name);
	else
		(void)snprintf(effect.text, sizeof(effect.text), "edit");
	return effect;
}

bool screen_build_line(struct screen *s, const char *line, struct effect *ret_effect)
{
	if (!strcmp(line, "new"))
		*ret_effect = screen_build_new(s);
	else if (!strcmp(line, view_build.name))
		*ret_effect = screen_build_change(s);
	else
		return false;
	return true;
}

void screen_build_close(struct screen *s)
{
	build_close(&s->scene.build);
	s->mode = MODE_VIEW;
	if (s->view == &view_build)
		screen_show(s, s->before);
}

/* The first thing that is wrong, and the keys to it; false when nothing is. */
static bool is_wrong(struct screen *s)
{
	struct form *form = &s->scene.build.form;
	const struct form_field *bad = form_first_error(form);

	if (!bad)
		return false;
	screen_say(s, STYLE_BAD, "%s: %s", bad->label, bad->error);
	form->at = (size_t)(bad - form->fields);
	return true;
}

/* ---- a new lab ---- */

static struct effect write_new(struct screen *s, bool is_forced)
{
	struct build *build = &s->scene.build;

	build->is_forced = is_forced;
	(void)snprintf(build->path, sizeof(build->path), "%s",
		       form_find(&build->form, BUILD_NEW_FILE)->line.text);
	return (struct effect){ .kind = EFFECT_NEW };
}

static struct effect new_key(struct screen *s, uint32_t key)
{
	struct build *build = &s->scene.build;

	switch (form_key(&build->form, key)) {
	case FORM_NOTHING:
	case FORM_OPENED:
	case FORM_REMOVED:
		break;
	case FORM_CHANGED:
		build_new_update(build);
		break;
	case FORM_PRESSED:
		build->starts = build->form.fields[build->form.at].id == BUILD_NEW_START;
		return is_wrong(s) ? nothing : write_new(s, false);
	case FORM_LEFT:
		screen_build_close(s);
		break;
	}
	return nothing;
}

/* ---- lists ---- */

/* Moves the selected row; false when the key is none of a list. */
static bool move(const struct screen *s, size_t *at, size_t count, uint32_t key)
{
	long by;

	if (!screen_rows_by(s, keymap_action(s->scene.keys, key), &by))
		return false;
	*at = view_row_moved(*at, by, count);
	return true;
}

static size_t count_objects(const struct build *build)
{
	struct arena *arena = arena_new();
	size_t count = build_objects_of(build->kind, build->tree.root, arena).count;

	arena_free(arena);
	return count;
}

/* It is what a form is about, or what goes: it stays until all is closed. */
static const struct build_object *selected_object(const struct build *build)
{
	const struct build_object *objects =
		build_objects_of(build->kind, build->tree.root, build->arena).items;

	return objects + build->row;
}

static void open_kind(struct build *build)
{
	if (build->kind->is_spoke || !count_objects(build))
		build_object_open(build, NULL);
	else
		build->page = BUILD_OBJECTS;
}

static struct effect kinds_key(struct screen *s, uint32_t key)
{
	struct build *build = &s->scene.build;

	if (move(s, &build->kind_row, build_kind_count, key))
		return nothing;
	build->kind = &build_kinds[build->kind_row];
	build->row = 0;
	switch (keymap_action(s->scene.keys, key)) {
	case ACTION_OPEN:
	case ACTION_RIGHT:
		open_kind(build);
		break;
	case ACTION_BACK:
	case ACTION_LEFT:
	case ACTION_QUIT:
		screen_build_close(s);
		break;
	default:
		if (key == 'a')
			build_object_open(build, NULL);
		break;
	}
	return nothing;
}

static struct effect objects_key(struct screen *s, uint32_t key)
{
	struct build *build = &s->scene.build;

	if (move(s, &build->row, count_objects(build), key))
		return nothing;
	switch (keymap_action(s->scene.keys, key)) {
	case ACTION_OPEN:
	case ACTION_RIGHT:
		build_object_open(build, selected_object(build));
		break;
	case ACTION_BACK:
	case ACTION_LEFT:
	case ACTION_QUIT:
		build->page = BUILD_KINDS;
		break;
	default:
		if (key == 'a')
			build_object_open(build, NULL);
		if (key == 'd' || key == KEY_CODE_DELETE)
			build_remove(build, selected_object(build));
		break;
	}
	return nothing;
}

/* ---- one object, and what its changes would do ---- */

/* Where its kind is listed. */
static void go_back(struct build *build)
{
	build->page = !build->kind->is_spoke && count_objects(build) ? BUILD_OBJECTS : BUILD_KINDS;
}

/* The button of the object's form. */
static void show_review(struct screen *s)
{
	struct build *build = &s->scene.build;

	if (is_wrong(s))
		return;
	if (!build->changes.count)
		screen_say(s, STYLE_DIM, "nothing is different");
	else
		build_review(build);
}

/* What has no name that can be is not kept. */
static void close_inner(struct screen *s)
{
	const struct form_field *name = form_find(&s->scene.build.inner, BUILD_NAME);

	if (name && *name->error)
		screen_say(s, STYLE_BAD, "not added: %s", name->error);
	build_nested_close(&s->scene.build);
}

static struct effect object_key(struct screen *s, uint32_t key)
{
	struct build *build = &s->scene.build;
	struct form *form = build_form(build);
	enum form_event event = form_key(form, key);
	bool is_inner = build->depth, is_back = form->fields[form->at].id == BUILD_BACK;

	if (event == FORM_NOTHING)
		return nothing;
	if (event == FORM_PRESSED && !is_inner)
		show_review(s);
	else if (event == FORM_LEFT && !is_inner)
		go_back(build);
	else if (event == FORM_LEFT || (event == FORM_PRESSED && is_back))
		close_inner(s);
	else if (event == FORM_OPENED || event == FORM_PRESSED)
		build_nested_open(build);
	else if (event == FORM_REMOVED)
		build_nested_remove(build);
	if (build->page == BUILD_OBJECT)
		build_object_update(build);
	return nothing;
}

static struct effect review_key(struct screen *s, uint32_t key)
{
	struct build *build = &s->scene.build;

	if (move(s, &build->top, build->line_count, key))
		return nothing;
	if (keymap_action(s->scene.keys, key) == ACTION_BACK ||
	    keymap_action(s->scene.keys, key) == ACTION_LEFT) {
		if (!build->is_removed)
			build->page = BUILD_OBJECT;
		else
			go_back(build);
		return nothing;
	}
	if (key != 's' && (key != 'a' || !build->is_running))
		return nothing;
	if (build->is_refused) {
		screen_say(s, STYLE_BAD, "the lab would be none: Esc goes back");
		return nothing;
	}
	build->is_saved = key == 's';
	return (struct effect){ .kind = EFFECT_APPLY };
}

/* ---- all pages ---- */

static struct effect answer(struct screen *s, uint32_t key)
{
	*s->scene.build.question = '\0';
	return key == 'y' || key == 'Y' ? write_new(s, true) : nothing;
}

struct effect screen_build_key(struct screen *s, uint32_t key)
{
	if (*s->scene.build.question)
		return answer(s, key);
	switch (s->scene.build.page) {
	case BUILD_NEW:
		return new_key(s, key);
	case BUILD_KINDS:
		return kinds_key(s, key);
	case BUILD_OBJECTS:
		return objects_key(s, key);
	case BUILD_OBJECT:
		return object_key(s, key);
	case BUILD_REVIEW:
		return review_key(s, key);
	case BUILD_NOTHING:
		break;
	}
	screen_build_close(s);
	return nothing;
}

bool screen_build_cursor(const struct screen *s, unsigned *ret_row, unsigned *ret_col)
{
	const struct build *build = &s->scene.build;
	unsigned cols = build->page == BUILD_NEW ? build_new_cols(s->cols) : s->cols;

	if ((build->page != BUILD_NEW && build->page != BUILD_OBJECT) || *build->question ||
	    !form_cursor(build_form(build), screen_body_rows(s), cols, ret_row, ret_col))
		return false;
	++*ret_row; /* below the line at the top */
	return true;
}

void screen_build_footer(const struct screen *s, struct grid *g, unsigned row)
{
	static const char *const form[] = { "Tab next field", "Space choose", "Esc back",
					    "PgDn buttons", NULL };
	static const char *const kinds[] = { "Enter open", "a add", "Esc back", NULL };
	static const char *const objects[] = { "Enter change", "a add", "d remove", "Esc back",
					       NULL };
	static const char *const review[] = { "a apply", "s apply and save", "Esc back", NULL };
	static const char *const of_file[] = { "s write the file", "Esc back", NULL };
	static const char *const refused[] = { "Esc back", NULL };
	const struct build *build = &s->scene.build;

	if (*build->question) {
		(void)grid_put(g, row, 1, STYLE_BAD, "%s", build->question);
		grid_put_right(g, row, STYLE_KEY, "y yes  n no ");
		return;
	}
	screen_hints(g, row,
		     build->page == BUILD_KINDS     ? kinds
		     : build->page == BUILD_OBJECTS ? objects
		     : build->page != BUILD_REVIEW  ? form
		     : build->is_refused            ? refused
		     : build->is_running            ? review
						    : of_file);
}
