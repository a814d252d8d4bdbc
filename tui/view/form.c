/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/form.h"

#include "tui/view/keymap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COLS_FEW 60
#define NOTE_MIN 3 /* a rule, and two lines */
#define NOTE_MAX 5

void form_init(struct form *form, const char *title)
{
	*form = (struct form){ .title = title };
}

struct form_field *form_add(struct form *form, enum form_kind kind, int id, const char *label,
			    const char *help)
{
	struct form_field *field;

	if (form->count == FORM_FIELDS_MAX)
		return NULL;
	field = &form->fields[form->count++];
	*field = (struct form_field){ .kind = kind, .id = id, .label = label, .help = help };
	return field;
}

static size_t find_word(const struct form_field *field)
{
	size_t i = 0;

	while (i < field->word_count && strcasecmp(field->words[i], field->line.text) != 0)
		i++;
	return i;
}

void form_choose_from(struct form_field *field, const char *const *words, size_t count)
{
	field->words = words;
	field->word_count = count;
	if (field->kind == FORM_CHOICE && count && find_word(field) == count)
		line_set(&field->line, words[0]);
}

struct form_field *form_find(struct form *form, int id)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].id == id)
			return &form->fields[i];
	return NULL;
}

const char *form_value(const struct form *form, int id)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].id == id && !form->fields[i].is_hidden)
			return form->fields[i].line.text;
	return "";
}

void form_propose(struct form_field *field, const char *text)
{
	if (!field->is_typed && strcmp(field->line.text, text) != 0)
		line_set(&field->line, text);
}

/* ---- keys ---- */

static bool has_keys(const struct form_field *field)
{
	return !field->is_hidden && field->kind != FORM_FIXED;
}

static void move(struct form *form, int by)
{
	size_t at = form->at;

	for (size_t i = 0; i < form->count; i++) {
		at = (at + form->count + (size_t)by) % form->count;
		if (!has_keys(&form->fields[at]))
			continue;
		form->at = at;
		return;
	}
}

static void move_to_button(struct form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		if (form->fields[i].kind != FORM_BUTTON || form->fields[i].is_hidden)
			continue;
		form->at = i;
		return;
	}
}

static bool choose(struct form_field *field, int by)
{
	size_t count = field->word_count, at = find_word(field);

	if (!count)
		return false;
	if (at == count) /* none of them: the first, or the last */
		at = by > 0 ? count - 1 : 0;
	line_set(&field->line, field->words[(at + count + (size_t)by) % count]);
	return true;
}

/* The next word that begins with this letter. */
static bool choose_letter(struct form_field *field, uint32_t key)
{
	size_t count = field->word_count, at = find_word(field);

	for (size_t i = 1; key < 128 && i <= count; i++) {
		const char *word = field->words[(at + i) % count];

		if (tolower((unsigned char)*word) != tolower((int)key))
			continue;
		line_set(&field->line, word);
		return true;
	}
	return false;
}

/* Is the text another one now? */
static bool type(struct form_field *field, uint32_t key)
{
	size_t len = strlen(field->line.text);
	struct line before = field->line;

	if (!line_key(&field->line, key) || strlen(field->line.text) == len)
		return false;
	if (field->size_max && strlen(field->line.text) > field->size_max &&
	    strlen(field->line.text) > len) {
		field->line = before;
		return false;
	}
	return true;
}

static bool field_key(struct form_field *field, uint32_t key)
{
	switch (field->kind) {
	case FORM_CHOICE:
		if (key == KEY_CODE_LEFT)
			return choose(field, -1);
		if (key == KEY_CODE_RIGHT || key == ' ')
			return choose(field, 1);
		return choose_letter(field, key);
	case FORM_NAME:
		if (key == ' ')
			return choose(field, 1);
		return type(field, key);
	case FORM_TEXT:
		return type(field, key);
	case FORM_FIXED:
	case FORM_OPEN:
	case FORM_BUTTON:
		break;
	}
	return false;
}

enum form_event form_key(struct form *form, uint32_t key)
{
	struct form_field *field = &form->fields[form->at];

	switch (key) {
	case KEY_CODE_ESCAPE:
	case KEY_CTRL('c'):
		return FORM_LEFT;
	case KEY_CODE_ENTER:
	case '\n':
		if (field->kind == FORM_BUTTON)
			return FORM_PRESSED;
		if (field->kind == FORM_OPEN)
			return FORM_OPENED;
		move(form, 1);
		return FORM_NOTHING;
	case KEY_CODE_TAB:
	case KEY_CODE_DOWN:
		move(form, 1);
		return FORM_NOTHING;
	case KEY_CODE_BACK_TAB:
	case KEY_CODE_UP:
		move(form, -1);
		return FORM_NOTHING;
	case KEY_CODE_PAGE_DOWN:
		move_to_button(form);
		return FORM_NOTHING;
	case KEY_CODE_PAGE_UP:
		form->at = form->count - 1;
		move(form, 1);
		return FORM_NOTHING;
	default:
		if (field->kind == FORM_OPEN && (key == 'd' || key == KEY_CODE_DELETE))
			return FORM_REMOVED;
		if (!field_key(field, key))
			return FORM_NOTHING;
		field->is_typed = true;
		return FORM_CHANGED;
	}
}

void form_clear_errors(struct form *form)
{
	for (size_t i = 0; i < form->count; i++)
		*form->fields[i].error = '\0';
}

const struct form_field *form_first_error(const struct form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (*form->fields[i].error && !form->fields[i].is_hidden)
			return &form->fields[i];
	return NULL;
}

/* ---- drawing ---- */

static unsigned label_cols(const struct form *form, unsigned cols)
{
	unsigned widest = 0, most = cols < COLS_FEW ? cols / 2 : cols * 2 / 5;

	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];
		unsigned width = field->kind == FORM_BUTTON ? 0 : text_width(field->label);

		if (!field->is_hidden && width > widest)
			widest = width;
	}
	return (widest < most ? widest : most) + 3;
}

/* The row of a field below the title, as if there were room for all; the shown ones' count in all.
 */
static size_t row_of(const struct form *form, size_t at)
{
	size_t row = 0;

	for (size_t i = 0; i < at; i++)
		row += !form->fields[i].is_hidden;
	return row;
}

/* Of what is said of a field: what fields leave, and two lines where there is room at all. */
static unsigned note_rows(const struct form *form, unsigned rows)
{
	unsigned fields = 1 + (unsigned)row_of(form, form->count);
	unsigned left = rows > fields ? rows - fields : 0;

	if (rows <= NOTE_MIN + 2)
		return 0;
	return left < NOTE_MIN ? NOTE_MIN : left > NOTE_MAX ? NOTE_MAX : left;
}

/* The first row that is shown, so that the field with the keys is. */
static size_t first_row(const struct form *form, unsigned rows)
{
	size_t all = row_of(form, form->count), at = row_of(form, form->at);
	size_t first = at >= rows ? at - rows + 1 : 0;

	if (all > rows && at + 1 < all && at + 1 >= first + rows)
		first++; /* also the one behind it */
	return first;
}

static unsigned field_rows(const struct form *form, unsigned rows)
{
	unsigned used = 1 + note_rows(form, rows);

	return rows > used ? rows - used : 0;
}

/* Where a text that is typed is shown from, so that its cursor is seen. */
static size_t shown_from(const struct line *line, unsigned width)
{
	size_t from = 0;

	while (width && line->cursor - from >= width)
		from = line_next(line->text, from);
	return from;
}

unsigned form_draw_value(const struct form *form, const struct form_field *field, struct grid *g,
			 unsigned row, unsigned col, unsigned width)
{
	bool is_here = field == &form->fields[form->at];
	const char *value = field->line.text;
	enum style style = *field->error               ? STYLE_BAD
			   : is_here                   ? STYLE_KEY
			   : field->kind == FORM_FIXED ? STYLE_DIM
						       : STYLE_TEXT;

	if (is_here && (field->kind == FORM_TEXT || field->kind == FORM_NAME))
		value += shown_from(&field->line, width);
	if (text_width(value) > width)
		return grid_put_field(g, row, col, width, style, value);
	return grid_put(g, row, col, style, "%s", value);
}

unsigned form_value_cursor(const struct form_field *field, unsigned width)
{
	size_t from = shown_from(&field->line, width);
	char before[LINE_SIZE];

	if (field->kind != FORM_TEXT && field->kind != FORM_NAME)
		return 0;
	(void)snprintf(before, sizeof(before), "%.*s", (int)(field->line.cursor - from),
		       field->line.text + from);
	return text_width(before);
}

static void draw_button(const struct form_field *field, bool is_here, struct grid *g, unsigned row)
{
	(void)grid_put(g, row, 1, is_here ? STYLE_KEY : STYLE_TEXT, "%s[ %s ]",
		       is_here ? grid_glyph(g, GLYPH_CURSOR) : " ", field->label);
	if (is_here)
		grid_select(g, row);
}

static void draw_field(const struct form *form, const struct form_field *field, struct grid *g,
		       unsigned row)
{
	bool is_here = field == &form->fields[form->at];
	unsigned labels = label_cols(form, g->cols), col, width;

	if (field->kind == FORM_BUTTON) {
		draw_button(field, is_here, g, row);
		return;
	}
	width = g->cols > labels + 2 ? g->cols - labels - 2 : 1;
	(void)grid_put(g, row, 0, is_here ? STYLE_KEY : STYLE_BAD, "%s",
		       *field->error ? grid_glyph(g, GLYPH_BAD)
		       : is_here     ? grid_glyph(g, GLYPH_CURSOR)
				     : " ");
	(void)grid_put_field(g, row, 1, labels - 2, is_here ? STYLE_TITLE : STYLE_DIM,
			     field->label);
	col = form_draw_value(form, field, g, row, labels, width);
	if (is_here && field->kind == FORM_CHOICE && field->word_count > 1)
		(void)grid_put(g, row, col + 1, STYLE_DIM, "(Space: next of %zu)",
			       field->word_count);
	else if (is_here && field->kind == FORM_NAME && field->word_count && col + 16 < g->cols)
		grid_put_right(g, row, STYLE_DIM, "Space: next one ");
	else if (is_here && field->kind == FORM_OPEN && col + 24 < g->cols)
		(void)grid_put(g, row, col + 1, STYLE_DIM, "(Enter opens, d removes)");
}

static void draw_note(const struct form *form, struct grid *g)
{
	const struct form_field *field = &form->fields[form->at], *bad = field;
	char text[FORM_ERROR + 80];

	grid_rule(g, 0);
	if (!*field->error && field->kind == FORM_BUTTON)
		bad = form_first_error(form);
	if (bad && *bad->error) {
		(void)snprintf(text, sizeof(text), "%s%s%s", bad == field ? "" : bad->label,
			       bad == field ? "" : ": ", bad->error);
		(void)grid_put_words(g, 1, 1, STYLE_BAD, text);
	} else if (field->help) {
		(void)grid_put_words(g, 1, 1, STYLE_DIM, field->help);
	}
}

void form_draw(const struct form *form, struct grid *g)
{
	unsigned rows = field_rows(form, g->rows), notes = note_rows(form, g->rows);
	size_t first = first_row(form, rows), row = 0;
	struct grid note = grid_window(g, g->rows - notes, 0, notes, g->cols);

	(void)grid_put(g, 0, 1, STYLE_TITLE, "%s", form->title);
	for (size_t i = 0; i < form->count; i++) {
		if (form->fields[i].is_hidden)
			continue;
		if (row >= first && row - first < rows)
			draw_field(form, &form->fields[i], g, (unsigned)(row - first) + 1);
		row++;
	}
	if (row > rows)
		grid_put_right(g, 0, STYLE_DIM, "%zu of %zu ", row_of(form, form->at) + 1, row);
	if (notes)
		draw_note(form, &note);
}

bool form_cursor(const struct form *form, unsigned rows, unsigned cols, unsigned *ret_row,
		 unsigned *ret_col)
{
	const struct form_field *field = &form->fields[form->at];
	unsigned labels = label_cols(form, cols);
	unsigned width = cols > labels + 2 ? cols - labels - 2 : 1;
	unsigned room = field_rows(form, rows);

	if (!room || (field->kind != FORM_TEXT && field->kind != FORM_NAME))
		return false;
	*ret_row = 1 + (unsigned)(row_of(form, form->at) - first_row(form, room));
	*ret_col = labels + form_value_cursor(field, width);
	*ret_col = *ret_col < cols ? *ret_col : cols - 1;
	return true;
}
