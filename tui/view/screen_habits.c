/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/screen_habits.h"

#include "lab/base/text_file.h"
#include "lab/render/why.h"
#include "tui/view/theme.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void screen_fini(struct screen *s)
{
	arena_free(s->page_arena);
	arena_free(s->copy_arena);
	s->page_arena = s->copy_arena = NULL;
	s->copied = NULL;
	s->scene.page = (struct page_text){ 0 };
}

/* ---- describe ---- */

struct lines {
	const char **items;
	size_t count;
	struct arena *arena;
};

static void add(struct lines *lines, const char *text)
{
	*ARENA_PUSH(lines->arena, lines->items, lines->count) = text;
}

/* On lines so wide at most. */
static void add_wrapped(struct lines *lines, const char *text, unsigned cols)
{
	size_t width = cols > 20 ? cols : 20;
	struct texts parts = why_wrap(text, width, width, lines->arena);

	for (size_t i = 0; i < parts.count; i++)
		add(lines, parts.items[i]);
}

/* "last_at" is "last at" */
static const char *label_of(const char *key, struct arena *arena)
{
	char *label = arena_strdup(arena, key);

	for (char *at = label; *at; at++)
		if (*at == '_')
			*at = ' ';
	return label;
}

#define UNIX_TIMES 1e9 /* what is greater is a time, not a duration */

static const char *real_print(const struct scene *scene, double value, struct arena *arena)
{
	char at[16];

	if (value < UNIX_TIMES)
		return arena_printf(arena, "%.10g", value);
	view_clock(scene, value, at);
	return arena_printf(arena, "%s, %.1f s ago", at, fmax(scene->now - value, 0));
}

static const char *reals_print(const struct reals *reals, struct arena *arena)
{
	struct text_file file;
	FILE *out = text_open(&file);
	char *text;

	for (size_t i = 0; i < reals->count; i++)
		if (isnan(reals->items[i]))
			(void)fputs(i ? " -" : "-", out);
		else
			(void)fprintf(out, "%s%.2f", i ? " " : "", reals->items[i]);
	text = arena_strdup(arena, text_close(&file));
	free(file.text);
	return text;
}

static void describe_record(struct lines *lines, const struct scene *scene,
			    const struct record *record, const void *object, unsigned indent);

static void describe_list(struct lines *lines, const struct scene *scene,
			  const struct record_field *field, const void *value, unsigned indent)
{
	const LIST_OF(char) *list = value;

	add(lines, arena_printf(lines->arena, "%*s%s (%zu)", (int)indent, "",
				label_of(field->key, lines->arena), list->count));
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			add(lines, "");
		describe_record(lines, scene, field->record, list->items + i * field->record->size,
				indent + 2);
	}
}

static void describe_texts(struct lines *lines, const struct record_field *field,
			   const struct texts *texts, unsigned indent)
{
	add(lines, arena_printf(lines->arena, "%*s%s (%zu)", (int)indent, "",
				label_of(field->key, lines->arena), texts->count));
	for (size_t i = 0; i < texts->count; i++)
		add(lines,
		    arena_printf(lines->arena, "%*s%s", (int)indent + 2, "", texts->items[i]));
}

static const char *value_print(const struct scene *scene, const struct record_field *field,
			       const void *value, struct arena *arena)
{
	switch (field->kind) {
	case RECORD_TEXT:
		return *(const char *const *)value ? *(const char *const *)value : "-";
	case RECORD_BOOL:
		return *(const bool *)value ? "yes" : "no";
	case RECORD_INT:
		return arena_printf(arena, "%lld", (long long)*(const int64_t *)value);
	case RECORD_REAL:
		return real_print(scene, *(const double *)value, arena);
	case RECORD_REALS:
		return reals_print(value, arena);
	case RECORD_TEXTS:
	case RECORD_LIST:
		break;
	}
	return "";
}

static void describe_record(struct lines *lines, const struct scene *scene,
			    const struct record *record, const void *object, unsigned indent)
{
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		const void *value = (const char *)object + field->offset;

		if (field->kind == RECORD_LIST)
			describe_list(lines, scene, field, value, indent);
		else if (field->kind == RECORD_TEXTS)
			describe_texts(lines, field, value, indent);
		else
			add(lines, arena_printf(lines->arena, "%*s%-20s %s", (int)indent, "",
						label_of(field->key, lines->arena),
						value_print(scene, field, value, lines->arena)));
	}
}

static void add_json(struct lines *lines, const struct record *record, const void *object)
{
	json_t *json = record_encode(record, object);
	char *text =
		json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(16));
	char *rest, *line;

	json_decref(json);
	if (!text)
		abort();
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		add(lines, arena_strdup(lines->arena, line));
	free(text);
}

void screen_describe(struct screen *s, bool is_json)
{
	const struct view_state *v = screen_state(s);
	size_t index = view_at(s->view, &s->scene, v, v->selected);
	struct lines lines = { .arena = arena_new() };
	const struct record *record;
	char name[VIEW_NAME] = "", at[16];
	const void *thing;

	if (!s->view->thing || index == VIEW_NOTHING) {
		arena_free(lines.arena);
		screen_say(s, STYLE_DIM, "nothing is selected that could be described");
		return;
	}
	view_clock(&s->scene, s->scene.now, at);
	thing = s->view->thing(&s->scene, index, &record);
	if (s->view->name_of)
		s->view->name_of(&s->scene, index, name);
	if (is_json) {
		add_json(&lines, record, thing);
	} else {
		if (s->view->sentence) {
			add_wrapped(&lines, s->view->sentence(&s->scene, index, lines.arena),
				    s->cols > 2 ? s->cols - 2 : 0);
			add(&lines, "");
		}
		describe_record(&lines, &s->scene, record, thing, 0);
	}
	arena_free(s->page_arena);
	s->page_arena = lines.arena;
	s->scene.page = (struct page_text){
		.title = arena_printf(lines.arena, "%s%s%s%s, at %.8s", s->view->name,
				      *name ? " " : "", name, is_json ? ", as JSON" : "", at),
		.lines = lines.items,
		.count = lines.count,
	};
	screen_show_anew(s, &view_page);
}

/* ---- copy ---- */

#define COPY_COLS 1000 /* where lines are not broken */
#define COPY_ROWS 5000

/* The cells that are marked, or all: as text, without blanks around. */
static char *cells_print(const struct grid *g, bool is_marked, struct arena *arena)
{
	struct text_file file;
	FILE *out = text_open(&file);
	struct grid cells = *g;
	char *text;

	for (unsigned row = 0; is_marked && row < g->rows; row++) {
		unsigned first = 0, end = g->cols;

		while (first < end && !g->cells[(size_t)row * g->stride + first].is_selected)
			first++;
		while (end > first && !g->cells[(size_t)row * g->stride + end - 1].is_selected)
			end--;
		if (first == end)
			continue;
		cells = grid_window(g, row, first + 1, 1, end - first - 1); /* not the cursor */
		grid_print(&cells, out);
		break;
	}
	if (!is_marked)
		grid_print(&cells, out);
	text = text_close(&file);
	for (file.len = strlen(text); file.len && strchr("\n ", text[file.len - 1]); file.len--)
		text[file.len - 1] = '\0';
	text = arena_strdup(arena, text + (is_marked ? strspn(text, " ") : 0));
	free(file.text);
	return text;
}

/* One column on the left is nothing's. */
static char *without_margin(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++)
		if (!(*in == ' ' && (in == text || in[-1] == '\n')))
			*out++ = *in;
	*out = '\0';
	return text;
}

static const char *drawn(const struct screen *s, bool is_whole, struct arena *arena)
{
	struct view_state v = *screen_state(s);
	size_t lines = s->view->detail_count && is_whole
			       ? s->view->detail_count(&s->scene, &v, s->cols) + 3
			       : 0;
	unsigned rows = lines > COPY_ROWS ? COPY_ROWS : (unsigned)lines;
	struct grid g;
	char *text;

	if (is_whole)
		v.detail_top = 0;
	grid_init(&g, is_whole ? rows : screen_body_rows(s), is_whole ? COPY_COLS : s->cols, false);
	s->view->draw(&s->scene, &v, &g);
	text = cells_print(&g, !is_whole, arena);
	grid_fini(&g);
	return is_whole ? without_margin(text) : text;
}

bool screen_copy(struct screen *s)
{
	const struct view_state *v = screen_state(s);
	size_t index = view_at(s->view, &s->scene, v, v->selected);
	bool is_whole = s->view->is_page || v->is_open;

	arena_free(s->copy_arena);
	s->copy_arena = arena_new();
	if (!is_whole && s->view->copied && index != VIEW_NOTHING)
		s->copied = s->view->copied(&s->scene, index, s->copy_arena);
	else
		s->copied = drawn(s, is_whole, s->copy_arena);
	if (!*s->copied)
		screen_say(s, STYLE_DIM, "nothing is selected that could be copied");
	return *s->copied != '\0';
}

/* ---- sort ---- */

void screen_sort(struct screen *s, struct view_state *v, char letter)
{
	const struct view_sort *sort = s->view->sorts;
	char all[LINE_SIZE] = "";
	size_t len = 0;

	for (; sort && sort->letter && sort->letter != letter; sort++)
		if (len < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%c %s",
						len ? ", " : "", sort->letter, sort->what);
	if (!sort || !sort->letter) {
		if (len)
			screen_say(s, STYLE_DIM, "rows are sorted by Shift and %s", all);
		else
			screen_say(s, STYLE_DIM, "rows of this view have one order only");
		return;
	}
	if (v->sort != letter) {
		v->sort = letter;
		v->is_reversed = false;
	} else if (!v->is_reversed) {
		v->is_reversed = true;
	} else {
		v->sort = '\0';
		v->is_reversed = false;
	}
	if (v->sort)
		screen_say(s, STYLE_DIM, "sorted by %s%s", sort->what,
			   v->is_reversed ? ", the other way round" : "");
	else
		screen_say(s, STYLE_DIM, "in the view's own order");
}

/* ---- the mouse, and options ---- */

bool screen_rows_from_selected(const struct screen *s, unsigned row, long *ret_rows)
{
	unsigned above = s->is_zoomed ? 0 : 1;
	struct grid g;
	bool is_found = false;

	if (s->view->is_page || screen_state(s)->is_open || row < above)
		return false;
	grid_init(&g, screen_body_rows(s), s->cols, true);
	s->view->draw(&s->scene, screen_state(s), &g);
	for (unsigned at = 0; at < g.rows && !is_found && row - above < g.rows; at++)
		for (unsigned col = 0; col < g.cols && !is_found; col++)
			if (g.cells[(size_t)at * g.stride + col].is_selected) {
				*ret_rows = (long)(row - above) - (long)at;
				is_found = true;
			}
	grid_fini(&g);
	return is_found;
}

bool screen_option(struct screen *s, const char *line, struct effect *ret_effect)
{
	char names[THEME_NAMES_SIZE];
	enum theme theme;

	if (!strcmp(line, "mouse on") || !strcmp(line, "mouse off")) {
		s->has_mouse = !strcmp(line, "mouse on");
		ret_effect->kind = EFFECT_MOUSE;
		screen_say(s, STYLE_DIM,
			   s->has_mouse ? "the wheel moves, a click selects; text is marked with "
					  "Shift held"
					: "the terminal has the mouse again");
		return true;
	}
	if (strncmp(line, "theme ", 6) != 0)
		return false;
	if (!theme_find(line + 6, &theme)) {
		theme_names(names);
		screen_say(s, STYLE_BAD, "there is no theme '%.40s': %s", line + 6, names);
		return true;
	}
	ret_effect->kind = EFFECT_THEME;
	(void)snprintf(ret_effect->text, sizeof(ret_effect->text), "%s", line + 6);
	return true;
}
