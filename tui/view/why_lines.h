/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * All that is known of the flow that is asked about, as lines: both ways side by side, how it ends,
 * what would mend it, and what decides at each place beside what its kernel says. Wide screens have
 * the places beside the rest.
 */
#include "tui/view/view.h"

struct why_span {
	unsigned col, width;
	enum style style;
	const char *text;
};

#define WHY_SPANS_MAX 8
#define WHY_COLS_WIDE 140 /* from here on places stand beside the rest */
/* The column between the two. */
#define WHY_RULE(cols) ((cols) / 2 - 1)

struct why_line {
	struct why_span spans[WHY_SPANS_MAX];
	unsigned count;
};
struct why_lines {
	struct why_line *items;
	size_t count;
};

/* In the arena; borrows from the scene, which has a path. */
struct why_lines why_lines(const struct scene *scene, unsigned cols, bool is_ascii,
			   struct arena *arena);
/* What is seen, if it is of the ways as they are now. */
struct path_seen why_seen(const struct scene *scene);
