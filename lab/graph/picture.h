/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The layout as characters, each with what it is part of, so that who shows it can give it looks.
 */
#include "lab/graph/graph_state.h"
#include "lab/graph/layout.h"

#include <stdio.h>

enum picture_part {
	PART_BLANK,
	PART_FRAME, /* of a group, as the title and address are */
	PART_TITLE,
	PART_ADDRESS,
	PART_MARK, /* of a node */
	PART_NODE,
	PART_DETAIL, /* what stands behind its name */
	PART_LINE,   /* of a link; of several, the first that is not well */
	PART_LINK_MARK,
	PART_RATE,       /* what a link carries */
	PART_GROUP_RATE, /* what the machines of a group send and get */
};

struct picture_cell {
	uint32_t ch;
	uint8_t part;
	unsigned index; /* of the group, node or link */
};

struct picture {
	unsigned rows, cols;
	struct picture_cell *cells;
};

/* In the arena; `state` may be NULL. */
struct picture picture_new(const struct graph *graph, const struct layout *layout,
			   const struct graph_state *state, bool is_ascii, struct arena *arena)
	NODISCARD;

/* The picture, what its lines mean, and with a state what is not well, in words. */
void graph_print_text(const struct graph *graph, const struct graph_state *state, unsigned cols,
		      bool is_ascii, FILE *out);
/* For Graphviz, which makes its own layout. */
void graph_print_dot(const struct graph *graph, const struct graph_state *state, FILE *out);
void graph_print_mermaid(const struct graph *graph, const struct graph_state *state, FILE *out);
/* One file without anything from elsewhere, in the layout of the text. */
void graph_print_svg(const struct graph *graph, const struct graph_state *state, unsigned cols,
		     FILE *out);
