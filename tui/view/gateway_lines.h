/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What is known of one gateway, Route Server or router that speaks BGP, as lines of the screen. */
#include "tui/view/view.h"

struct gateway_field {
	const char *text;
	unsigned width; /* of the last field of a line: the rest */
	enum style style;
};

#define GATEWAY_FIELDS_MAX 6

struct gateway_line {
	bool has_mark;
	enum glyph mark;
	enum style mark_style;
	unsigned indent;
	struct gateway_field fields[GATEWAY_FIELDS_MAX];
	unsigned count;
};
struct gateway_lines {
	struct gateway_line *items;
	size_t count;
};

/*
 * All of it on `cols` columns; with `rows` (0: as many as there are) the longest parts are cut and
 * say so. `peer` is the address of the one of which it is shown what it is told; NULL: of none.
 */
struct gateway_lines gateway_lines(const struct scene *scene, const char *peer, unsigned cols,
				   unsigned rows, struct arena *arena);

void gateway_line_draw(const struct gateway_line *line, struct grid *g, unsigned row);
