/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Where the graph stands, in character cells: rows of boxes, spokes on top and branches at the
 * bottom, and between the rows channels in which links run. No two boxes overlap, no link crosses a
 * box, and no two links share a cell but where they cross.
 */
#include "lab/graph/graph.h"

#define LAYOUT_COLS 80

struct layout_box {
	unsigned row, col, rows, cols;
	bool is_framed; /* else it is one line, in brackets */
	unsigned title; /* column of its name; 0 of those that show none */
};

/* Of a node: "• NAME", and what is behind it. */
struct layout_label {
	unsigned row, col, cols;
	bool has_address;
};

/* A line of a link, or of several that share their way: straight, both ends included. */
struct layout_line {
	unsigned row, col, to_row, to_col;
	unsigned net;
	bool joins_above, joins_below; /* the box at its end */
};

/* Links that are drawn as one: peerings of a hub. */
struct layout_net {
	enum graph_link_kind kind;
	LIST_OF(unsigned) links;
};

struct layout {
	struct arena *arena;
	unsigned rows, cols;
	struct layout_box *boxes;    /* by group */
	struct layout_label *labels; /* by node */
	struct {
		unsigned row, col;
	} * marks; /* by link: where its state stands; row 0, col 0 of those that
		      are not drawn, because both ends are in one box */
	LIST_OF(struct layout_net) nets;
	LIST_OF(struct layout_line) lines;
};

/* As wide as `cols` if a box is not wider; the caller owns it. The graph is not kept. */
struct layout *layout_new(const struct graph *graph, unsigned cols) NODISCARD;
void layout_free(struct layout *layout); /* NULL is fine */

/* Is it drawn as a line? Not so inside one box, which shows it. */
bool layout_draws(const struct graph_link *link);
/* Columns of UTF-8. */
unsigned layout_text_cols(const char *text);
