/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What keys do alike in every view: describe, copy, sort; and options of the screen itself. */
#include "tui/view/screen.h"

/* The page of all that is known of what is selected, as JSON or in words. */
void screen_describe(struct screen *s, bool is_json);
/* What is selected, or all of what is open, to s->copied; false, and said, when nothing is. */
bool screen_copy(struct screen *s);
/* By that letter, the other way round, and as it was. */
void screen_sort(struct screen *s, struct view_state *v, char letter);
/* ":mouse on", ":theme light": false when the line is neither. */
bool screen_option(struct screen *s, const char *line, struct effect *ret_effect);
/* How far a row of the terminal is from the one that stands for what is selected. */
bool screen_rows_from_selected(const struct screen *s, unsigned row, long *ret_rows);
