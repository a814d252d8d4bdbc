/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the parts of the screen have in common. */
#include "tui/view/screen.h"

struct view_state *screen_mutable_state(struct screen *s, const struct view *view);
/* So many rows further, as far as there are. */
void screen_select(struct screen *s, const struct view *view, long by);

/* screen_map.c */
void screen_choose_flow(struct screen *s);
/* Where rows do not stand below each other; false where they do. */
bool screen_move_across(struct screen *s, int right, int down);
/* From a node of the map to what is known of it. */
void screen_open_node(struct screen *s, const struct graph_node *node);
