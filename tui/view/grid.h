/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A screen as data: cells with a character and a meaning. What draws into it is clipped, so a view
 * draws at any size; what shows it (a terminal, a file, a test) gives the meanings their looks.
 */
#include "lab/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Meanings; theme.c gives them colours. None rests on colour alone: glyphs and words go with it. */
enum style {
	STYLE_TEXT,
	STYLE_DIM,      /* there, but not what one looks for */
	STYLE_HEADING,  /* of columns */
	STYLE_TITLE,    /* of a pane */
	STYLE_BAR,      /* the line at the top */
	STYLE_BAR_BAD,  /* in it, what is wrong */
	STYLE_KEY,      /* a key one can press */
	STYLE_GOOD,     /* as predicted */
	STYLE_BAD,      /* not as predicted */
	STYLE_WAITING,  /* not known yet */
	STYLE_EXPECTED, /* fails, as predicted */
	STYLE_NEW,      /* changed a moment ago */
	STYLE_COUNT
};

struct cell {
	uint32_t ch; /* a Unicode character, one column wide */
	uint8_t style;
	bool is_selected;
};

/* A grid, or a window into one: cells[row * stride + col]. */
struct grid {
	unsigned rows, cols, stride;
	struct cell *cells;
	bool is_ascii;
};

/* The caller owns the cells of a grid that grid_init made; they are spaces. */
void grid_init(struct grid *g, unsigned rows, unsigned cols, bool is_ascii);
void grid_fini(struct grid *g);

/* A part, clipped; it has no cells of its own. */
struct grid grid_window(const struct grid *g, unsigned row, unsigned col, unsigned rows,
			unsigned cols);

/*
 * Write UTF-8 from a place on; what does not fit is cut off, and a character that has not one
 * column is a question mark. Returns the column behind, clipped to the grid.
 */
unsigned grid_put(struct grid *g, unsigned row, unsigned col, enum style style, const char *fmt,
		  ...) PRINTF(5, 6);
/* In so many columns, the rest filled with spaces; a longer text ends in an ellipsis. */
unsigned grid_put_field(struct grid *g, unsigned row, unsigned col, unsigned width,
			enum style style, const char *text);
/* So that it ends at the right edge. */
void grid_put_right(struct grid *g, unsigned row, enum style style, const char *fmt, ...)
	PRINTF(4, 5);
/* Over as many rows as it needs, with one column free on the right; returns the row behind. */
unsigned grid_put_words(struct grid *g, unsigned row, unsigned col, enum style style,
			const char *text);
/* All of it as it was at first. */
void grid_clear(struct grid *g);
/* A whole row in one style, and with the mark of what is selected. */
void grid_fill(struct grid *g, unsigned row, enum style style);
void grid_select(struct grid *g, unsigned row);
/* Lines between panes. */
void grid_rule(struct grid *g, unsigned row);
void grid_column_rule(struct grid *g, unsigned col);

enum glyph {
	GLYPH_GOOD,
	GLYPH_BAD,
	GLYPH_WAITING,
	GLYPH_EXPECTED,
	GLYPH_CURSOR,
	GLYPH_NEW,
	GLYPH_LOST,
	GLYPH_ELLIPSIS,
	GLYPH_ARROW,
	GLYPH_RULE,
	GLYPH_COLUMN,
	GLYPH_BEST,
	GLYPH_SORT_UP,
	GLYPH_SORT_DOWN,
	GLYPH_COUNT
};
const char *grid_glyph(const struct grid *g, enum glyph glyph);

/* Columns of a text: characters, each one column wide. */
unsigned text_width(const char *text);

/* As text, line by line, without spaces at their ends. */
void grid_print(const struct grid *g, FILE *out);
/* The same with escape sequences for a terminal: colours, or attributes only. */
void grid_print_ansi(const struct grid *g, bool is_colour, FILE *out);
