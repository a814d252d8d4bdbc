/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What meanings look like: the eight colours every terminal has, and attributes without them. */
#include "tui/view/grid.h"

struct look {
	signed char foreground, background; /* 0 to 7; -1: the terminal's own */
	bool is_bold, is_dim, is_underlined, is_reversed;
};

struct look theme_look(enum style style, bool is_selected, bool is_colour);
/* As the escape sequence of a terminal. */
void theme_print(struct look look, FILE *out);
