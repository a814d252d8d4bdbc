/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The terminal: keys in, grids out. The only file that knows curses. However the program ends, the
 * terminal is given back as it was found.
 */
#include "lab/base/err.h"
#include "tui/view/grid.h"
#include "tui/view/theme.h"

struct terminal;

/* Take the terminal of standard input and output. -ENOTTY when there is none. One at a time. */
struct terminal *term_open(bool is_ascii, struct err *err) NODISCARD;
/* How meanings look; what it has not enough colours for becomes the nearest. NO_COLOR wins. */
void term_set_theme(struct terminal *term, enum theme theme);
/* Clicks and the wheel are keys; else the terminal marks text by them. */
void term_set_mouse(struct terminal *term, bool is_wanted);
/* Text for the terminal's clipboard, by OSC 52; false when it is too long for that. */
bool term_copy(struct terminal *term, const char *text);
void term_close(struct terminal *term); /* NULL is fine */

/* The size it has now, after a change of it too. */
void term_size(struct terminal *term, unsigned *ret_rows, unsigned *ret_cols);
/* Has it only ASCII, by the locale or by wish? */
bool term_is_ascii(const struct terminal *term);

/* The next key, as keymap.h names it; 0 when none is there. *ret_is_gone: the terminal hung up. */
uint32_t term_key(struct terminal *term, bool *ret_is_gone);

/* Show a grid, and the cursor where something is typed (else NULL). Only what differs is sent. */
void term_paint(struct terminal *term, const struct grid *g, const unsigned cursor[2]);
/* Whatever is there now, all is sent by the next paint. */
void term_forget(struct terminal *term);

/* Hand it to another program, and take it back. */
void term_leave(struct terminal *term);
void term_return(struct terminal *term);
/* After the shell made us go on. */
void term_resume(struct terminal *term);
/* Stop, as Ctrl-Z does; returns when the shell says fg. */
void term_suspend(struct terminal *term);
