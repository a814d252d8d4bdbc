/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boxes: what stands in them, how large they are, and beside which others. Nodes with links stand
 * at the edge where those leave. A rank that is too wide takes several rows.
 */
#include "lab/graph/layout_parts.h"

#include <stdlib.h>
#include <string.h>

#define GAP_COLS 3 /* between boxes, and two nodes of one line */

unsigned layout_text_cols(const char *text)
{
	unsigned cols = 0;

	for (; *text; text++)
		cols += ((unsigned char)*text & 0xc0) != 0x80;
	return cols;
}

/* "• NAME TAG ADDRESS" */
static unsigned label_cols(const struct placing *p, const struct graph_node *node)
{
	unsigned cols = 2 + layout_text_cols(node->label);

	if (*node->tag)
		cols += 1 + layout_text_cols(node->tag);
	if (*node->address && p->has_addresses)
		cols += 1 + layout_text_cols(node->address);
	return cols;
}

/* ---- edges ---- */

static void find_edges(struct placing *p)
{
	size_t nodes = p->g->nodes.count;
	int *balance = arena_alloc(p->arena, (nodes + 1) * sizeof(*balance));
	bool *is_linked = arena_alloc(p->arena, nodes + 1);

	p->edges = arena_alloc(p->arena, (nodes + 1) * sizeof(*p->edges));
	for (size_t i = 0; i < p->g->links.count; i++) {
		const struct graph_link *link = &p->g->links.items[i];

		for (int e = 0; e < 2 && layout_draws(link); e++) {
			unsigned node = link->nodes[e];

			if (node == GRAPH_NONE)
				continue;
			is_linked[node] = true;
			balance[node] +=
				p->ranks[link->groups[!e]] < p->ranks[link->groups[e]] ? -1 : 1;
		}
	}
	for (size_t i = 0; i < nodes; i++)
		p->edges[i] = !is_linked[i] ? EDGE_ANY : balance[i] < 0 ? EDGE_TOP : EDGE_BOTTOM;
}

/* ---- what stands in a box ---- */

struct filling {
	unsigned row, col, width, gap;
};

/* Behind the last one, or on the next line when there is no room. */
static void put_label(struct placing *p, struct filling *f, unsigned node, unsigned most)
{
	struct layout_label *label = &p->out->labels[node];
	unsigned cols = label_cols(p, &p->g->nodes.items[node]);

	if (f->col && f->col + f->gap + cols > most) {
		f->row++;
		f->col = 0;
	}
	if (f->col)
		f->col += f->gap;
	*label = (struct layout_label){
		.row = f->row, .col = f->col, .cols = cols, .has_address = p->has_addresses
	};
	f->col += cols;
	f->width = f->col > f->width ? f->col : f->width;
}

static void next_line(struct filling *f)
{
	f->row += f->col > 0;
	f->col = 0;
}

static unsigned put_edge(struct placing *p, const struct graph_group *group, struct filling *f,
			 enum edge edge, unsigned most)
{
	unsigned count = 0;

	for (unsigned i = group->first; i < group->first + group->count; i++) {
		if (p->edges[i] != edge)
			continue;
		put_label(p, f, i, most);
		count++;
	}
	return count;
}

#define NO_LIMIT 100000u

/* What is alone in its rank may be wide. */
static unsigned most_cols(const struct placing *p, unsigned index)
{
	unsigned beside = 0;

	for (unsigned i = 0; i < p->g->groups.count; i++)
		beside += p->ranks[i] == p->ranks[index];
	if (beside == 1 && p->cols > 24)
		return p->cols * 3 / 4;
	return p->cols / 2 > 24 ? p->cols / 2 - 8 : 16;
}

/* In one line, if that is short; else with what has links at the edges. */
static void fill_box(struct placing *p, const struct graph_group *group, struct filling *f)
{
	unsigned most = most_cols(p, (unsigned)(group - p->g->groups.items)), all = 0;

	for (unsigned i = group->first; i < group->first + group->count; i++)
		all += label_cols(p, &p->g->nodes.items[i]) + GAP_COLS;
	if (group->kind == GROUP_CIRCUIT || all <= most + GAP_COLS) {
		for (unsigned i = group->first; i < group->first + group->count; i++) {
			put_label(p, f, i, NO_LIMIT);
			p->edges[i] = EDGE_ANY;
		}
		return;
	}
	(void)put_edge(p, group, f, EDGE_TOP, NO_LIMIT);
	next_line(f);
	(void)put_edge(p, group, f, EDGE_ANY, most > f->width ? most : f->width);
	next_line(f);
	if (!put_edge(p, group, f, EDGE_BOTTOM, NO_LIMIT) && f->row)
		f->row -= !f->col;
}

static bool is_framed(const struct graph_group *group)
{
	return group->kind == GROUP_NETWORK || group->kind == GROUP_INTERNET ||
	       (group->count > 1 && group->kind != GROUP_CIRCUIT);
}

/* Ends of lines at a box, of those that links share at most two: upwards and downwards. */
static unsigned end_count(const struct placing *p, unsigned group)
{
	unsigned count = 0, shared[LINK_KIND_COUNT] = { 0 };

	for (size_t i = 0; i < p->links_of[group].links.count; i++) {
		const struct graph_link *link =
			&p->g->links.items[p->links_of[group].links.items[i]];
		unsigned e = link->groups[1] == group;

		count += layout_shared_end(p, link) != e || shared[link->kind]++ < 2;
	}
	return count;
}

/* Names in brackets: "[azure-er-circuit • primary • secondary]" */
static unsigned title_cols(const struct graph_group *group, bool is_in_frame)
{
	unsigned cols = layout_text_cols(group->name);

	if (is_in_frame && *group->address)
		cols += 1 + layout_text_cols(group->address);
	return cols;
}

static void size_box(struct placing *p, unsigned index)
{
	const struct graph_group *group = &p->g->groups.items[index];
	struct layout_box *box = &p->out->boxes[index];
	struct filling f = { .gap = group->kind == GROUP_CIRCUIT ? 2 : GAP_COLS };
	unsigned left = 2, top = 1, ports = 2 * end_count(p, index) + 4;

	fill_box(p, group, &f);
	box->is_framed = is_framed(group);
	if (box->is_framed) {
		box->title = 2;
		box->cols = f.width + 4;
		if (box->cols < title_cols(group, true) + 6)
			box->cols = title_cols(group, true) + 6;
		box->rows = group->count ? f.row + 3 : 2;
	} else {
		top = 0;
		if (group->kind == GROUP_CIRCUIT) {
			box->title = 2;
			left += title_cols(group, false) + f.gap;
		}
		box->cols = left + f.width + 2;
		box->rows = 1;
	}
	box->cols = box->cols > ports ? box->cols : ports;
	for (unsigned i = group->first; i < group->first + group->count; i++) {
		p->out->labels[i].row += top;
		p->out->labels[i].col += left;
	}
}

/* ---- rows ---- */

struct item {
	unsigned group;
	double wish; /* the column where it would like its middle */
	unsigned order;
};

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->wish != y->wish)
		return x->wish < y->wish ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Where the middle of an end is, of a box that has its place. */
static double middle_of(const struct placing *p, unsigned group, unsigned node)
{
	const struct layout_box *box = &p->out->boxes[group];

	if (node != GRAPH_NONE)
		return box->col + p->out->labels[node].col + p->out->labels[node].cols / 2.0;
	return box->col + box->cols / 2.0;
}

/* How far right of its box's middle an end is. */
static double off_middle(const struct placing *p, unsigned group, unsigned node)
{
	if (node == GRAPH_NONE)
		return 0;
	return p->out->labels[node].col + p->out->labels[node].cols / 2.0 -
	       p->out->boxes[group].cols / 2.0;
}

/* The mean of where its links come from; the middle of all when none does. */
static double wish_of(const struct placing *p, unsigned group, const bool *is_placed)
{
	double sum = 0;
	unsigned count = 0;

	for (size_t i = 0; i < p->links_of[group].links.count; i++) {
		const struct graph_link *link =
			&p->g->links.items[p->links_of[group].links.items[i]];
		int far = link->groups[0] == group;

		if (!is_placed[link->groups[far]])
			continue;
		sum += middle_of(p, link->groups[far], link->nodes[far]) -
		       off_middle(p, group, link->nodes[!far]);
		count++;
	}
	return count ? sum / count : p->cols / 2.0;
}

/* Side by side, as near to where they would like to be as there is room. */
static void place_row(struct placing *p, const struct item *items, size_t count)
{
	unsigned width = 0, most = p->cols > p->margin ? p->cols - p->margin : 1, col;
	double off = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		const struct layout_box *box = &p->out->boxes[items[i].group];

		off += items[i].wish - (at + box->cols / 2.0);
		at += box->cols + GAP_COLS;
		width += box->cols + (i ? GAP_COLS : 0);
	}
	off = off / (double)count + 0.5;
	col = off < 0 ? 0 : (unsigned)off;
	if (col + width > most)
		col = width < most ? most - width : 0;
	for (size_t i = 0; i < count; i++) {
		p->out->boxes[items[i].group].col = col;
		col += p->out->boxes[items[i].group].cols + GAP_COLS;
	}
}

/* A rank, in as many rows as it takes; they get numbers within it. Returns how many. */
static unsigned place_rank(struct placing *p, int rank, bool *is_placed)
{
	size_t groups = p->g->groups.count, count = 0, first = 0;
	struct item *items = arena_alloc(p->arena, (groups + 1) * sizeof(*items));
	unsigned most = p->cols > p->margin ? p->cols - p->margin : 1, row = 0, width = 0;

	for (unsigned i = 0; i < groups; i++)
		if (p->ranks[i] == rank)
			items[count++] = (struct item){ i, wish_of(p, i, is_placed), i };
	qsort(items, count, sizeof(*items), compare_items);
	for (size_t i = 0; i < count; i++) {
		unsigned cols = p->out->boxes[items[i].group].cols;

		if (width && width + GAP_COLS + cols > most) {
			place_row(p, &items[first], i - first);
			first = i;
			width = 0;
			row++;
		}
		width += cols + (width ? GAP_COLS : 0);
		p->rows_of[items[i].group] = row;
	}
	if (count)
		place_row(p, &items[first], count - first);
	for (size_t i = 0; i < count; i++)
		is_placed[items[i].group] = true;
	p->is_wrapped |= row > 0;
	return count ? row + 1 : 0;
}

void layout_place_boxes(struct placing *p)
{
	size_t groups = p->g->groups.count;
	bool *is_placed = arena_alloc(p->arena, groups + 1);
	int lowest = 0, highest = 0, far;
	unsigned *counts, before = 0;

	p->rows_of = arena_alloc(p->arena, (groups + 1) * sizeof(*p->rows_of));
	p->is_wrapped = false;
	find_edges(p);
	for (unsigned i = 0; i < groups; i++) {
		size_box(p, i);
		lowest = p->ranks[i] < lowest ? p->ranks[i] : lowest;
		highest = p->ranks[i] > highest ? p->ranks[i] : highest;
	}
	counts = arena_alloc(p->arena, (size_t)(highest - lowest + 1) * sizeof(*counts));
	far = highest > -lowest ? highest : -lowest;
	for (int away = 0; away <= far; away++) {
		if (-away >= lowest)
			counts[-away - lowest] = place_rank(p, -away, is_placed);
		if (away && away <= highest)
			counts[away - lowest] = place_rank(p, away, is_placed);
	}
	for (int rank = lowest; rank <= highest; rank++) {
		for (unsigned i = 0; i < groups; i++)
			if (p->ranks[i] == rank)
				p->rows_of[i] += before;
		before += counts[rank - lowest];
	}
	p->row_count = before;
}
