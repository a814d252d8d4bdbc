/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Keys of the forms that labs are built with, as part of the screen. */
#include "tui/view/screen.h"

/* The form of a new lab. */
struct effect screen_build_new(struct screen *s);
/* The lab that is shown, or the file that is selected, is to be changed: its owner reads it. */
struct effect screen_build_change(struct screen *s);
/* The same in an editor: a command for the terminal. */
struct effect screen_build_edit(struct screen *s);
/* ... and gives it: see build_open. */
void screen_build_open(struct screen *s, struct arena *arena, const struct snapshot_file *file,
		       bool is_running);
/* ":new" and the like, when the line is one; false: it is none of ours. */
bool screen_build_line(struct screen *s, const char *line, struct effect *ret_effect);

struct effect screen_build_key(struct screen *s, uint32_t key);
bool screen_build_cursor(const struct screen *s, unsigned *ret_row, unsigned *ret_col);
void screen_build_footer(const struct screen *s, struct grid *g, unsigned row);
/* Back to where one was before. */
void screen_build_close(struct screen *s);
