/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The part of the screen that acts on the lab: the menu, previews, what is asked before. */
#include "tui/view/screen.h"

void screen_open_menu(struct screen *s, bool only_faults);
struct effect screen_menu_key(struct screen *s, uint32_t key);

/* Ask whether a command is to be run. */
void screen_confirm(struct screen *s, const char *command, const char *asked);
/* The question of a command that is asked for even when it is typed; NULL: it is not. */
const char *screen_asked_before(const char *command);
struct effect screen_confirm_key(struct screen *s, uint32_t key);
/* Is it one from which nothing can be changed? Then it says so. */
bool screen_only_looks(struct screen *s);
/* Run what says what a command would change (NULL: nothing does), and ask for it. */
struct effect screen_propose(struct screen *s, const char *command, const char *preview);

struct effect screen_undo(struct screen *s);
/* At the one that the lab is at. */
void screen_show_steps(struct screen *s);
/* To the selected one of the view of steps, or what is expected at it. */
struct effect screen_go_to_step(struct screen *s);

void screen_draw_menu(const struct screen *s, struct grid *g);
