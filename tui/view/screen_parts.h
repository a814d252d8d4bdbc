/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the parts of the screen have in common. */
#include "tui/view/screen.h"

/* screen_place.c */
struct view_state *screen_mutable_state(struct screen *s, const struct view *view);
const struct view *screen_find_view(const char *name); /* any of them; NULL: there is none */
/* After what is shown of the view, or where one is in it, changed. */
void screen_settle_view(struct screen *s);
/* How many rows an action moves by; false: it is none that does. */
bool screen_rows_by(const struct screen *s, enum action action, long *ret_by);
/* So many rows further, as far as there are. */
void screen_select(struct screen *s, const struct view *view, long by);
/* Likewise in the view that is shown, lines where it has no rows. */
void screen_move(struct screen *s, long by);

/* A command is to be typed, or completed; Up has those before. */
void screen_type_command(struct screen *s, const char *text);

/* screen_map.c */
void screen_choose_flow(struct screen *s);
/* Where rows do not stand below each other; false where they do. */
bool screen_move_across(struct screen *s, int right, int down);
/* From a node of the map to what is known of it. */
void screen_open_node(struct screen *s, const struct graph_node *node);
