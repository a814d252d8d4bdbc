/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/graph/layout_parts.h"

static void find_links(struct placing *p)
{
	p->links_of = arena_alloc(p->arena, (p->g->groups.count + 1) * sizeof(*p->links_of));
	for (unsigned i = 0; i < p->g->links.count; i++) {
		const struct graph_link *link = &p->g->links.items[i];

		for (int e = 0; e < 2 && layout_draws(link); e++) {
			struct group_links *of = &p->links_of[link->groups[e]];

			*ARENA_PUSH(p->arena, of->links.items, of->links.count) = i;
		}
	}
}

static struct layout *lay_out(const struct graph *graph, unsigned cols, bool has_addresses,
			      unsigned margin, unsigned *ret_margin, bool *ret_wrapped)
{
	struct arena *arena = arena_new();
	struct layout *out = arena_alloc(arena, sizeof(*out));
	struct placing p = { .g = graph,
			     .out = out,
			     .arena = arena_new(),
			     .cols = cols,
			     .has_addresses = has_addresses,
			     .margin = margin };

	out->arena = arena;
	out->boxes = arena_alloc(arena, (graph->groups.count + 1) * sizeof(*out->boxes));
	out->labels = arena_alloc(arena, (graph->nodes.count + 1) * sizeof(*out->labels));
	out->marks = arena_alloc(arena, (graph->links.count + 1) * sizeof(*out->marks));
	find_links(&p);
	layout_find_ranks(&p);
	layout_place_boxes(&p);
	*ret_margin = layout_route(&p);
	*ret_wrapped = p.is_wrapped;
	arena_free(p.arena);
	return out;
}

/* Once more with room for the margin, when that turns out to be needed. */
static struct layout *lay_out_in(const struct graph *graph, unsigned cols, bool has_addresses,
				 bool *ret_wrapped)
{
	unsigned margin = 0, needed;
	struct layout *out = lay_out(graph, cols, has_addresses, margin, &needed, ret_wrapped);

	for (int i = 0; i < 3 && needed > margin && out->cols > cols; i++) {
		margin = needed;
		layout_free(out);
		out = lay_out(graph, cols, has_addresses, margin, &needed, ret_wrapped);
	}
	return out;
}

/* Addresses are there when they cost no row. */
struct layout *layout_new(const struct graph *graph, unsigned cols)
{
	bool is_wrapped, is_wrapped_without;
	struct layout *out = lay_out_in(graph, cols, true, &is_wrapped), *without;

	if (!is_wrapped && out->cols <= cols)
		return out;
	without = lay_out_in(graph, cols, false, &is_wrapped_without);
	if (without->rows < out->rows || without->cols < out->cols) {
		layout_free(out);
		return without;
	}
	layout_free(without);
	return out;
}

void layout_free(struct layout *layout)
{
	if (layout)
		arena_free(layout->arena);
}
