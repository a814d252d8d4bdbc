/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What meanings look like: by attributes alone, the eight colours that nearly every terminal has,
 * or 256, on a dark ground or a light one.
 */
#include "tui/view/grid.h"

struct look {
	short foreground, background; /* 0 to 255; -1: the terminal's own */
	bool is_bold, is_dim, is_underlined, is_reversed;
};

enum theme {
	THEME_MONO,
	THEME_DARK,
	THEME_LIGHT,
	THEME_DARK_256,
	THEME_LIGHT_256,
	THEME_COUNT
};

struct look theme_look(enum style style, bool is_selected, enum theme theme);
/* "dark-256"; false when there is none of that name. */
bool theme_find(const char *name, enum theme *ret_theme);
#define THEME_NAMES_SIZE 80
void theme_names(char text[THEME_NAMES_SIZE]); /* all of them: "mono, dark, ..." */
/* The nearest to what is wanted that a terminal with so many colours can show. */
enum theme theme_for(enum theme wanted, int colours);
/* As the escape sequence of a terminal. */
void theme_print(struct look look, FILE *out);
