/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines. Between two rows of boxes is a channel: a link leaves its box straight into one, runs
 * there on a track of its own, and reaches another channel by a column right of all boxes. In a
 * channel each end has a column that nothing else has, so that links only ever cross.
 */
#include "lab/graph/layout_parts.h"

#include <stdlib.h>
#include <string.h>

struct end {
	unsigned group, node, link;
	unsigned channel; /* above the row of that number */
	bool is_below;    /* the box is: the end is on its upper edge */
	unsigned col;
};

struct route {
	LIST_OF(struct end) ends;
	unsigned first, last; /* channels */
	unsigned margin;      /* number of its column, if first < last */
	bool is_straight;
};

struct track {
	unsigned net, channel, left, right, number;
};

struct routing {
	struct placing *p;
	struct route *routes; /* by net */
	bool *used;           /* columns, by channel */
	unsigned used_cols;
	LIST_OF(struct track) tracks;
	unsigned *track_counts; /* by channel */
	unsigned *channel_tops;
	unsigned width, margins;
};

bool layout_draws(const struct graph_link *link)
{
	return link->groups[0] != link->groups[1];
}

/* ---- nets ---- */

static bool is_above(const struct placing *p, unsigned group, unsigned other)
{
	return p->rows_of[group] < p->rows_of[other];
}

/* The net of links of that kind from that box in that direction; GRAPH_NONE: there is none. */
static unsigned find_net(const struct placing *p, const struct graph_link *link, unsigned end)
{
	unsigned hub = link->groups[end], leaf = link->groups[!end];

	for (unsigned n = 0; n < p->out->nets.count; n++) {
		const struct graph_link *other =
			&p->g->links.items[p->out->nets.items[n].links.items[0]];
		unsigned shared = layout_shared_end(p, other);

		if (other->kind == link->kind && shared != GRAPH_NONE &&
		    other->groups[shared] == hub &&
		    is_above(p, other->groups[!shared], hub) == is_above(p, leaf, hub) &&
		    is_above(p, hub, other->groups[!shared]) == is_above(p, hub, leaf))
			return n;
	}
	return GRAPH_NONE;
}

static void make_nets(struct placing *p)
{
	for (unsigned i = 0; i < p->g->links.count; i++) {
		const struct graph_link *link = &p->g->links.items[i];
		unsigned end = layout_shared_end(p, link), net;
		struct layout_net *out;

		if (!layout_draws(link))
			continue;
		net = end == GRAPH_NONE ? GRAPH_NONE : find_net(p, link, end);
		if (net == GRAPH_NONE) {
			out = ARENA_PUSH(p->out->arena, p->out->nets.items, p->out->nets.count);
			out->kind = link->kind;
		} else {
			out = &p->out->nets.items[net];
		}
		*ARENA_PUSH(p->out->arena, out->links.items, out->links.count) = i;
	}
}

/* ---- ends ---- */

static bool leaves_upwards(const struct placing *p, unsigned group, unsigned node, unsigned other)
{
	enum edge edge = node == GRAPH_NONE ? EDGE_ANY : p->edges[node];

	return edge == EDGE_ANY ? is_above(p, other, group) : edge == EDGE_TOP;
}

static void add_end(struct routing *r, struct route *route, unsigned link, unsigned e)
{
	const struct graph_link *of = &r->p->g->links.items[link];
	struct end *end = ARENA_PUSH(r->p->arena, route->ends.items, route->ends.count);

	end->group = of->groups[e];
	end->node = of->nodes[e];
	end->link = link;
	end->is_below = leaves_upwards(r->p, end->group, end->node, of->groups[!e]);
	end->channel = r->p->rows_of[end->group] + !end->is_below;
	if (route->ends.count == 1 || end->channel < route->first)
		route->first = end->channel;
	if (route->ends.count == 1 || end->channel > route->last)
		route->last = end->channel;
}

/* The shared end once, first; then the others. */
static void add_ends(struct routing *r, unsigned net)
{
	const struct layout_net *of = &r->p->out->nets.items[net];
	struct route *route = &r->routes[net];

	for (size_t i = 0; i < of->links.count; i++) {
		unsigned link = of->links.items[i];
		unsigned shared = layout_shared_end(r->p, &r->p->g->links.items[link]);
		unsigned first = shared == GRAPH_NONE ? 0 : shared;

		if (!i)
			add_end(r, route, link, first);
		add_end(r, route, link, !first);
	}
}

/* Columns where an end may be: those of its node, or of its box. */
static void range_of(const struct placing *p, const struct end *end, bool is_box,
		     unsigned *ret_left, unsigned *ret_right)
{
	const struct layout_box *box = &p->out->boxes[end->group];
	const struct layout_label *label =
		end->node == GRAPH_NONE ? NULL : &p->out->labels[end->node];

	*ret_left = box->col + 1;
	*ret_right = box->col + box->cols - 2;
	if (!label || is_box)
		return;
	*ret_left = box->col + label->col;
	*ret_right = *ret_left + label->cols - 1;
}

static bool *used_at(struct routing *r, unsigned channel, unsigned col)
{
	return &r->used[(size_t)channel * r->used_cols + col];
}

static unsigned distance(unsigned a, unsigned b)
{
	return a > b ? a - b : b - a;
}

/* ---- links that go straight down ---- */

/* The columns that both ends could have, where they stand above each other. */
static bool find_shared(const struct placing *p, const struct route *route, unsigned *ret_left,
			unsigned *ret_right)
{
	const struct end *a = &route->ends.items[0], *b = a + 1;
	unsigned left, right;

	if (route->ends.count != 2 || route->first != route->last || a->is_below == b->is_below)
		return false;
	range_of(p, a, false, ret_left, ret_right);
	range_of(p, b, false, &left, &right);
	*ret_left = *ret_left > left ? *ret_left : left;
	*ret_right = *ret_right < right ? *ret_right : right;
	return *ret_left <= *ret_right;
}

static bool is_peering(const struct routing *r, const struct route *route)
{
	return r->p->g->links.items[route->ends.items[0].link].kind == LINK_PEERING;
}

/*
 * The column of a link above or below that goes straight to one of the same two boxes; or none. The
 * way to a site is one line, and peerings are another.
 */
static unsigned continued_col(const struct routing *r, const struct route *route)
{
	for (unsigned n = 0; n < r->p->out->nets.count; n++) {
		const struct route *other = &r->routes[n];
		bool is_alike = other->is_straight && is_peering(r, other) == is_peering(r, route);

		for (unsigned i = 0; i < 4 && is_alike; i++) {
			const struct end *end = &route->ends.items[i / 2];
			const struct end *far = &other->ends.items[i % 2];

			if (end->group == far->group && end->is_below != far->is_below)
				return far->col;
		}
	}
	return GRAPH_NONE;
}

/* As near as can be to what it continues, else to the middle. */
static void go_straight(struct routing *r, struct route *route)
{
	unsigned left = 0, right = 0, best = GRAPH_NONE, wish = continued_col(r, route);
	struct end *ends = route->ends.items;

	(void)find_shared(r->p, route, &left, &right);
	if (wish == GRAPH_NONE)
		wish = (left + right) / 2;
	for (unsigned col = left; col <= right; col++)
		if (!*used_at(r, ends[0].channel, col) &&
		    (best == GRAPH_NONE || distance(col, wish) < distance(best, wish)))
			best = col;
	if (best == GRAPH_NONE)
		return;
	ends[0].col = ends[1].col = best;
	route->is_straight = true;
	*used_at(r, ends[0].channel, best) = true;
}

struct straight {
	unsigned net, room;
};

static int straight_compare(const void *a, const void *b)
{
	const struct straight *x = a, *y = b;

	return x->room != y->room ? (x->room > y->room) - (x->room < y->room)
				  : (x->net > y->net) - (x->net < y->net);
}

/* Those with the least room first: others follow them, so that a chain of links is one line. */
static void take_straight(struct routing *r)
{
	size_t nets = r->p->out->nets.count, count = 0;
	struct straight *all = arena_alloc(r->p->arena, (nets + 1) * sizeof(*all));

	for (unsigned n = 0; n < nets; n++) {
		unsigned left, right;

		if (find_shared(r->p, &r->routes[n], &left, &right))
			all[count++] = (struct straight){ n, right - left };
	}
	qsort(all, count, sizeof(*all), straight_compare);
	for (size_t i = 0; i < count; i++)
		go_straight(r, &r->routes[all[i].net]);
}

/* ---- the others ---- */

/*
 * The free column nearest to a wish. Upper boxes have even ones and lower ones odd ones, so that
 * there is one for everybody: a box has twice as many columns as ends.
 */
static bool take_col(struct routing *r, struct end *end, bool is_box, unsigned wish)
{
	unsigned left, right, best = GRAPH_NONE;

	range_of(r->p, end, is_box, &left, &right);
	for (unsigned col = left; col <= right; col++)
		if (col % 2 == end->is_below && !*used_at(r, end->channel, col) &&
		    (best == GRAPH_NONE || distance(col, wish) < distance(best, wish)))
			best = col;
	if (best == GRAPH_NONE)
		return false;
	end->col = best;
	*used_at(r, end->channel, best) = true;
	return true;
}

static unsigned middle_of(const struct placing *p, const struct end *end)
{
	unsigned left, right;

	range_of(p, end, false, &left, &right);
	return (left + right) / 2;
}

/* Towards where the other ends are, within the node's columns; in a box the middle. */
static void take_cols(struct routing *r, struct route *route)
{
	for (size_t i = 0; i < route->ends.count && !route->is_straight; i++) {
		struct end *end = &route->ends.items[i];
		unsigned wish = middle_of(r->p, end);

		if (!take_col(r, end, false, wish))
			(void)take_col(r, end, true, wish);
	}
}

/* ---- margin and tracks ---- */

/* The first column right of the boxes that is free from the one channel to the other. */
static void take_margin(struct routing *r, unsigned net)
{
	struct route *route = &r->routes[net];
	bool is_free = false;

	if (route->first == route->last)
		return;
	for (route->margin = 0; !is_free; route->margin += !is_free) {
		is_free = true;
		for (unsigned n = 0; n < net; n++)
			is_free &= r->routes[n].first == r->routes[n].last ||
				   r->routes[n].margin != route->margin ||
				   r->routes[n].last < route->first ||
				   r->routes[n].first > route->last;
	}
	if (route->margin >= r->margins)
		r->margins = route->margin + 1;
}

static unsigned margin_col(const struct routing *r, const struct route *route)
{
	return r->width + 1 + 2 * route->margin;
}

static void add_track(struct routing *r, unsigned net, unsigned channel)
{
	const struct route *route = &r->routes[net];
	unsigned left = GRAPH_NONE, right = 0, number = 0;
	bool is_free = false;

	for (size_t i = 0; i < route->ends.count; i++) {
		const struct end *end = &route->ends.items[i];

		if (end->channel != channel)
			continue;
		left = end->col < left ? end->col : left;
		right = end->col > right ? end->col : right;
	}
	if (left == GRAPH_NONE)
		return;
	if (route->first < route->last)
		right = margin_col(r, route);
	for (; !is_free; number += !is_free) {
		is_free = true;
		for (size_t i = 0; i < r->tracks.count && is_free; i++) {
			const struct track *t = &r->tracks.items[i];

			is_free = t->channel != channel || t->number != number ||
				  t->right + 1 < left || right + 1 < t->left;
		}
	}
	*ARENA_PUSH(r->p->arena, r->tracks.items, r->tracks.count) =
		(struct track){ net, channel, left, right, number };
	if (number >= r->track_counts[channel])
		r->track_counts[channel] = number + 1;
}

/* ---- where it all stands ---- */

static void place_rows(struct routing *r)
{
	struct placing *p = r->p;
	unsigned row = 0;

	for (unsigned i = 0; i < p->g->groups.count; i++) {
		unsigned *height = &p->row_heights[p->rows_of[i]];

		*height = p->out->boxes[i].rows > *height ? p->out->boxes[i].rows : *height;
	}
	for (unsigned i = 0; i <= p->row_count; i++) {
		unsigned height = r->track_counts[i];

		if (i && i < p->row_count && !height)
			height = 1;
		r->channel_tops[i] = row;
		row += height;
		if (i == p->row_count)
			break;
		p->row_tops[i] = row;
		row += p->row_heights[i];
	}
	p->out->rows = row;
}

/* Towards the middle rank: what is above it stands low in its row, what is below it high. */
static void place_in_rows(struct placing *p)
{
	for (unsigned i = 0; i < p->g->groups.count; i++) {
		struct layout_box *box = &p->out->boxes[i];
		unsigned room = p->row_heights[p->rows_of[i]] - box->rows;

		box->row = p->row_tops[p->rows_of[i]] + (p->ranks[i] < 0 ? room : 0);
		box->title += box->title ? box->col : 0;
		for (unsigned n = p->g->groups.items[i].first;
		     n < p->g->groups.items[i].first + p->g->groups.items[i].count; n++) {
			p->out->labels[n].row += box->row;
			p->out->labels[n].col += box->col;
		}
	}
}

static void add_line(struct routing *r, unsigned net, unsigned row, unsigned col, unsigned to_row,
		     unsigned to_col)
{
	*ARENA_PUSH(r->p->out->arena, r->p->out->lines.items, r->p->out->lines.count) =
		(struct layout_line){ row, col, to_row, to_col, net, false, false };
}

/* Down, from a box or to one. */
static void add_down(struct routing *r, unsigned net, unsigned col, unsigned a, unsigned b,
		     bool joins_above, bool joins_below)
{
	*ARENA_PUSH(r->p->out->arena, r->p->out->lines.items, r->p->out->lines.count) =
		(struct layout_line){ a < b ? a : b, col,         a < b ? b : a, col,
				      net,           joins_above, joins_below };
}

/* The cell of the channel's side that an end has at its box. */
static unsigned end_row(const struct routing *r, const struct end *end)
{
	const struct layout_box *box = &r->p->out->boxes[end->group];

	return end->is_below ? box->row - 1 : box->row + box->rows;
}

static void draw_ends(struct routing *r, const struct track *t)
{
	const struct route *route = &r->routes[t->net];
	unsigned row = r->channel_tops[t->channel] + t->number;

	add_line(r, t->net, row, t->left, row, t->right);
	for (size_t i = 0; i < route->ends.count; i++) {
		const struct end *end = &route->ends.items[i];
		unsigned from = end_row(r, end);

		if (end->channel == t->channel)
			add_down(r, t->net, end->col, from, row, !end->is_below, end->is_below);
	}
}

static unsigned track_row(const struct routing *r, unsigned net, unsigned channel)
{
	for (size_t i = 0; i < r->tracks.count; i++)
		if (r->tracks.items[i].net == net && r->tracks.items[i].channel == channel)
			return r->channel_tops[channel] + r->tracks.items[i].number;
	return 0;
}

static void draw_lines(struct routing *r)
{
	for (size_t i = 0; i < r->tracks.count; i++)
		draw_ends(r, &r->tracks.items[i]);
	for (unsigned n = 0; n < r->p->out->nets.count; n++) {
		const struct route *route = &r->routes[n];

		if (route->is_straight) {
			unsigned a = end_row(r, &route->ends.items[0]);
			unsigned b = end_row(r, &route->ends.items[1]);

			add_down(r, n, route->ends.items[0].col, a, b, true, true);
		} else if (route->first < route->last) {
			add_line(r, n, track_row(r, n, route->first), margin_col(r, route),
				 track_row(r, n, route->last), margin_col(r, route));
		}
	}
}

/* At the end that only this link has. */
static void place_marks(struct routing *r)
{
	for (unsigned n = 0; n < r->p->out->nets.count; n++)
		for (size_t i = 1; i < r->routes[n].ends.count; i++) {
			const struct end *end = &r->routes[n].ends.items[i];

			r->p->out->marks[end->link].row = end_row(r, end);
			r->p->out->marks[end->link].col = end->col;
		}
}

static unsigned boxes_width(const struct placing *p)
{
	unsigned width = 1;

	for (unsigned i = 0; i < p->g->groups.count; i++) {
		const struct layout_box *box = &p->out->boxes[i];

		width = box->col + box->cols > width ? box->col + box->cols : width;
	}
	return width;
}

unsigned layout_route(struct placing *p)
{
	unsigned channels = p->row_count + 1;
	struct routing r = { .p = p, .width = boxes_width(p) };
	size_t nets;

	make_nets(p);
	nets = p->out->nets.count;
	r.used_cols = r.width + 1;
	r.routes = arena_alloc(p->arena, (nets + 1) * sizeof(*r.routes));
	r.used = arena_alloc(p->arena, (size_t)channels * r.used_cols);
	r.track_counts = arena_alloc(p->arena, channels * sizeof(unsigned));
	r.channel_tops = arena_alloc(p->arena, channels * sizeof(unsigned));
	p->row_tops = arena_alloc(p->arena, channels * sizeof(unsigned));
	p->row_heights = arena_alloc(p->arena, channels * sizeof(unsigned));
	for (unsigned n = 0; n < nets; n++)
		add_ends(&r, n);
	take_straight(&r);
	for (unsigned n = 0; n < nets; n++) {
		take_cols(&r, &r.routes[n]);
		take_margin(&r, n);
	}
	for (unsigned n = 0; n < nets; n++)
		for (unsigned c = r.routes[n].first; c <= r.routes[n].last; c++)
			if (!r.routes[n].is_straight)
				add_track(&r, n, c);
	place_rows(&r);
	place_in_rows(p);
	draw_lines(&r);
	place_marks(&r);
	p->out->cols = r.width + (r.margins ? 2 * r.margins : 0);
	return r.margins ? 2 * r.margins : 0;
}
