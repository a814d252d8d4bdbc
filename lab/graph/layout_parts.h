/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the parts of the layout have in common: ranks, then boxes, then lines. */
#include "lab/base/arena.h"
#include "lab/graph/layout.h"

enum edge {
	EDGE_ANY, /* wherever the link leads */
	EDGE_TOP,
	EDGE_BOTTOM
};

/* The links that are drawn from a group. */
struct group_links {
	LIST_OF(unsigned) links;
};

struct placing {
	const struct graph *g;
	struct group_links *links_of; /* by group */
	struct layout *out;
	struct arena *arena; /* of what is not needed afterwards */
	unsigned cols;
	bool has_addresses;
	unsigned margin;   /* columns kept for links that pass rows */
	int *ranks;        /* of groups: lower is higher up */
	unsigned *parents; /* of groups: from which it was reached; GRAPH_NONE */
	enum edge *edges;  /* of nodes: on which edge of the box their links end */
	unsigned *rows_of; /* of groups */
	unsigned row_count;
	unsigned *row_tops, *row_heights; /* known when the lines are */
	bool is_wrapped;                  /* a rank takes several rows */
};

/* layout_rank.c */
void layout_find_ranks(struct placing *p);
/*
 * The end, 0 or 1, at which several links of a box share a line: peerings from their hub to
 * what was reached by them, and the Internet's. GRAPH_NONE when the link has a line of its own.
 */
unsigned layout_shared_end(const struct placing *p, const struct graph_link *link);
/* layout_boxes.c: sizes, rows and columns; rows of cells are relative to the box. */
void layout_place_boxes(struct placing *p);
/* layout_lines.c: the lines, and with them where rows stand. Returns the columns of the margin. */
unsigned layout_route(struct placing *p);
