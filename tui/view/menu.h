/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A list over the view, of what can be done: moved through by arrows, narrowed by typing. Which
 * rows there are it is told each time, so that it follows the lab.
 */
#include "tui/view/actions.h"
#include "tui/view/line.h"

struct menu {
	struct subject subject;
	bool only_faults;
	size_t selected;         /* of the rows that can be chosen and pass the filter */
	char command[LINE_SIZE]; /* of the selected row, by which it is found again */
	struct line filter;
};

enum menu_end {
	MENU_STAYS,
	MENU_CLOSES,
	MENU_CHOOSES /* the selected row */
};

void menu_open(struct menu *menu, const struct subject *subject, bool only_faults);
/* After the rows may have changed. */
void menu_settle(struct menu *menu, const struct menu_rows *rows);
enum menu_end menu_key(struct menu *menu, const struct menu_rows *rows, uint32_t key);
/* NULL when no row passes the filter. */
const struct menu_row *menu_selected(const struct menu *menu, const struct menu_rows *rows);

/* In a grid that is the view's; `lab` is the one that commands are to name. */
void menu_draw(const struct menu *menu, const struct menu_rows *rows, const char *lab,
	       struct grid *g);
