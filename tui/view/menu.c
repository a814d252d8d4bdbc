/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/menu.h"

#include "tui/view/keymap.h"

#include <stdio.h>
#include <string.h>

void menu_open(struct menu *menu, const struct subject *subject, bool only_faults)
{
	*menu = (struct menu){ .subject = *subject, .only_faults = only_faults };
}

static bool can_be_chosen(const struct menu_row *row)
{
	return row->kind != MENU_HEADING && row->kind != MENU_NOTE;
}

/* Each word of the filter is in what it does, or in its command. */
static bool row_passes(const struct menu *menu, const struct menu_row *row)
{
	const char *word = menu->filter.text;

	while (*word) {
		size_t len = strcspn(word, " ");
		char one[LINE_SIZE];

		(void)snprintf(one, sizeof(one), "%.*s", (int)len, word);
		if (*one && !strcasestr(row->label, one) && !strcasestr(row->command, one))
			return false;
		word += len + (word[len] == ' ');
	}
	return true;
}

static bool is_choice(const struct menu *menu, const struct menu_row *row)
{
	return can_be_chosen(row) && row_passes(menu, row);
}

/* Is the row seen? Headings are where something under them is, notes with what they are about. */
static bool is_seen(const struct menu *menu, const struct menu_rows *rows, size_t index)
{
	if (can_be_chosen(&rows->items[index]))
		return row_passes(menu, &rows->items[index]);
	if (rows->items[index].kind == MENU_NOTE) {
		while (index && rows->items[index].kind == MENU_NOTE)
			index--;
		return is_choice(menu, &rows->items[index]);
	}
	for (size_t i = index + 1; i < rows->count && rows->items[i].kind != MENU_HEADING; i++)
		if (is_choice(menu, &rows->items[i]))
			return true;
	return false;
}

static size_t count_choices(const struct menu *menu, const struct menu_rows *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		count += is_choice(menu, &rows->items[i]);
	return count;
}

const struct menu_row *menu_selected(const struct menu *menu, const struct menu_rows *rows)
{
	size_t number = menu->selected;

	for (size_t i = 0; i < rows->count; i++)
		if (is_choice(menu, &rows->items[i]) && !number--)
			return &rows->items[i];
	return NULL;
}

static void remember(struct menu *menu, const struct menu_rows *rows)
{
	const struct menu_row *row = menu_selected(menu, rows);

	(void)snprintf(menu->command, sizeof(menu->command), "%s", row ? row->command : "");
}

void menu_settle(struct menu *menu, const struct menu_rows *rows)
{
	bool is_found = !*menu->command;
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++) {
		const struct menu_row *row = &rows->items[i];

		if (!is_choice(menu, row))
			continue;
		if (!is_found && !strncmp(row->command, menu->command, sizeof(menu->command) - 1)) {
			menu->selected = count;
			is_found = true;
		}
		count++;
	}
	if (menu->selected >= count)
		menu->selected = count ? count - 1 : 0;
	if (count) /* its row may come back */
		remember(menu, rows);
}

#define PAGE 10

static void move(struct menu *menu, const struct menu_rows *rows, long by)
{
	menu->selected = view_row_moved(menu->selected, by, count_choices(menu, rows));
	remember(menu, rows);
}

static void type(struct menu *menu, const struct menu_rows *rows, uint32_t key)
{
	if (!line_key(&menu->filter, key))
		return;
	menu->selected = 0;
	remember(menu, rows);
}

enum menu_end menu_key(struct menu *menu, const struct menu_rows *rows, uint32_t key)
{
	menu_settle(menu, rows);
	switch (key) {
	case KEY_CODE_ENTER:
	case '\n':
		return menu_selected(menu, rows) ? MENU_CHOOSES : MENU_STAYS;
	case KEY_CODE_ESCAPE:
		if (!*menu->filter.text)
			return MENU_CLOSES;
		line_set(&menu->filter, "");
		break;
	case KEY_CTRL('c'):
	case KEY_CODE_LEFT:
		return MENU_CLOSES;
	case KEY_CODE_UP:
	case KEY_CODE_BACK_TAB:
	case KEY_CTRL('p'):
		move(menu, rows, -1);
		break;
	case KEY_CODE_DOWN:
	case KEY_CODE_TAB:
	case KEY_CTRL('n'):
		move(menu, rows, 1);
		break;
	case KEY_CODE_PAGE_UP:
		move(menu, rows, -PAGE);
		break;
	case KEY_CODE_PAGE_DOWN:
		move(menu, rows, PAGE);
		break;
	case KEY_CODE_HOME:
		move(menu, rows, -(long)rows->count);
		break;
	case KEY_CODE_END:
		move(menu, rows, (long)rows->count);
		break;
	case KEY_CODE_BACKSPACE:
	case '\b':
		if (!*menu->filter.text)
			return MENU_CLOSES;
		type(menu, rows, key);
		break;
	default:
		type(menu, rows, key);
		break;
	}
	return MENU_STAYS;
}

/* ---- drawing ---- */

#define WIDTH_MAX 96

/* A window of so many lines, empty, with a line above and below. */
static struct grid frame(struct grid *g, unsigned lines)
{
	unsigned cols = g->cols < WIDTH_MAX ? g->cols : WIDTH_MAX;
	unsigned rows = lines + 3 < g->rows ? lines + 3 : g->rows;
	struct grid whole = grid_window(g, g->rows - rows, 0, rows, cols);

	grid_clear(&whole);
	grid_rule(&whole, 0);
	if (cols == g->cols)
		return whole;
	grid_column_rule(&whole, cols - 1);
	return grid_window(&whole, 0, 0, rows, cols - 1);
}

static void draw_title(const struct menu *menu, struct grid *g)
{
	const char *what = menu->only_faults                   ? "faults"
			   : menu->subject.kind == SUBJECT_LAB ? "the lab"
							       : menu->subject.name;
	unsigned col = grid_put(g, 0, 2, STYLE_TITLE, " %s ", what);

	if (*menu->filter.text)
		(void)grid_put(g, 0, col, STYLE_WAITING, " with '%s' ", menu->filter.text);
}

static void draw_row(const struct menu_row *row, bool is_selected, struct grid *g, unsigned at)
{
	unsigned col;

	if (row->kind == MENU_HEADING) {
		(void)grid_put_field(g, at, 1, g->cols - 1, STYLE_HEADING, row->label);
		return;
	}
	if (row->kind == MENU_NOTE) {
		(void)grid_put_field(g, at, 5, g->cols > 5 ? g->cols - 5 : 0, STYLE_DIM,
				     row->label);
		return;
	}
	col = grid_put(g, at, 1, STYLE_TEXT, "%s ",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
	(void)grid_put_field(g, at, col, g->cols > col ? g->cols - col : 0,
			     row->kind == MENU_CHANGE ? STYLE_TEXT : STYLE_DIM, row->label);
	if (is_selected)
		grid_select(g, at);
}

void menu_draw(const struct menu *menu, const struct menu_rows *rows, const char *lab,
	       struct grid *g)
{
	const struct menu_row *selected = menu_selected(menu, rows);
	unsigned seen = 0, place = 0, top = 0, room, row = 0;
	struct grid window;

	if (g->rows < 4 || g->cols < 8)
		return;
	for (size_t i = 0; i < rows->count; i++) {
		if (&rows->items[i] == selected)
			place = seen;
		seen += is_seen(menu, rows, i);
	}
	window = frame(g, seen ? seen : 1);
	room = window.rows - 3;
	if (seen > room && place >= room / 2)
		top = place - room / 2;
	if (top + room > seen)
		top = seen > room ? seen - room : 0;
	draw_title(menu, &window);
	if (seen > room)
		grid_put_right(&window, 0, STYLE_DIM, " %u of %u ", place + 1, seen);
	for (size_t i = 0; i < rows->count && row < top + room; i++)
		if (is_seen(menu, rows, i) && row++ >= top)
			draw_row(&rows->items[i], &rows->items[i] == selected, &window, row - top);
	if (!seen)
		(void)grid_put(&window, 1, 3, STYLE_DIM, "%s",
			       rows->count ? "nothing has these letters"
					   : "nothing is there to be done");
	grid_rule(&window, window.rows - 2);
	if (selected) { /* as it is typed elsewhere */
		const char *rest = selected->command + strcspn(selected->command, " ");
		unsigned col = grid_put(&window, window.rows - 1, 1, STYLE_DIM, "hublab ");

		col = grid_put(&window, window.rows - 1, col, STYLE_KEY, "%.*s",
			       (int)(rest - selected->command), selected->command);
		col = grid_put(&window, window.rows - 1, col, STYLE_DIM, " -l %s", lab ? lab : "");
		(void)grid_put_field(&window, window.rows - 1, col,
				     window.cols > col ? window.cols - col : 0, STYLE_KEY, rest);
	}
}
