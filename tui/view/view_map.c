/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab as a map, with what is up and what is not, and the way of a flow that fails. Below it
 * what is known of the selected node. It scrolls so that this is seen.
 */
#include "tui/view/view.h"

#include "lab/graph/picture.h"
#include "lab/render/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANE_ROWS 2 /* one more with a flow, whose words may be long */

#define COLS_MIN 40 /* a narrower view shows a part */

static size_t total(const struct scene *scene)
{
	return scene->graph ? scene->graph->nodes.count : 0;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct graph_node *node = &scene->graph->nodes.items[index];
	const char *const texts[] = { node->name, node->role, node->address,
				      scene->graph->groups.items[node->group].name };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%s", scene->graph->nodes.items[index].name);
}

/* The connection to a site; NULL: there is none. */
static const char *connection_to(const struct graph *graph, size_t site)
{
	for (size_t i = 0; i < graph->links.count; i++) {
		const struct graph_link *link = &graph->links.items[i];

		if (link->targets.count && (link->nodes[0] == site || link->nodes[1] == site))
			return link->targets.items[link->targets.count - 1];
	}
	return NULL;
}

/* Many machines are about their network; of a site only the connection is the lab's. */
static void about(const struct scene *scene, size_t index, struct subject *ret_subject)
{
	const struct graph_node *node;
	const struct graph_group *group;
	const char *name;

	if (!scene->graph || index == VIEW_NOTHING)
		return;
	node = &scene->graph->nodes.items[index];
	group = &scene->graph->groups.items[node->group];
	name = node->is_fold   ? group->name
	       : node->is_site ? connection_to(scene->graph, index)
			       : node->name;
	if (!name || (node->is_fold && group->kind != GROUP_NETWORK))
		return;
	ret_subject->kind = node->is_fold ? SUBJECT_NETWORK : SUBJECT_NODE;
	(void)snprintf(ret_subject->name, sizeof(ret_subject->name), "%s", name);
}

/* Of a gateway its first instance. */
static const char *machine(const struct scene *scene, size_t index)
{
	const struct graph_node *node;

	if (index == VIEW_NOTHING)
		return NULL;
	node = &scene->graph->nodes.items[index];
	return node->machines.count && !node->is_fold ? node->machines.items[0] : NULL;
}

static struct layout *lay_out(const struct scene *scene, unsigned cols)
{
	return layout_new(scene->graph, cols > COLS_MIN ? cols : COLS_MIN);
}

/* ---- moving ---- */

/*
 * How far a label is in a direction, the less the straighter; -1 when it is not there. Rows are
 * twice as high as columns are wide; up and down the next row is meant, however far aside.
 */
static long way_to(const struct layout_label *from, const struct layout_label *to, int right,
		   int down)
{
	long rows = ((long)to->row - (long)from->row) * 2;
	long cols = (long)(to->col + to->cols / 2) - (long)(from->col + from->cols / 2);
	long along = right ? right * cols : down * rows, aside = labs(right ? rows : cols);

	if (along <= 0 || (right && aside > along))
		return -1;
	return along * (right ? 1 : 4) + aside * (right ? 6 : 1);
}

static size_t step(const struct scene *scene, const struct view_state *v, unsigned cols, int right,
		   int down)
{
	size_t at = view_at(&view_map, scene, v, v->selected), row = 0, best_row = v->selected;
	struct layout *layout = lay_out(scene, cols);
	long best = -1;

	for (size_t i = 0; i < total(scene); i++) {
		long way;

		if (!view_passes(&view_map, scene, v, i))
			continue;
		way = way_to(&layout->labels[at], &layout->labels[i], right, down);
		if (i != at && way >= 0 && (best < 0 || way < best)) {
			best = way;
			best_row = row;
		}
		row++;
	}
	layout_free(layout);
	return best_row;
}

/* ---- drawing ---- */

static enum style mark_style(enum graph_mark mark)
{
	switch (mark) {
	case MARK_GOOD:
		return STYLE_GOOD;
	case MARK_BAD:
		return STYLE_BAD;
	case MARK_WAITING:
		return STYLE_WAITING;
	case MARK_NONE:
	case MARK_COUNT:
		break;
	}
	return STYLE_TEXT;
}

static enum style line_style(const struct graph_part_state *link)
{
	return link->mark == MARK_BAD ? STYLE_BAD : link->is_on_flow ? STYLE_NEW : STYLE_DIM;
}

#define RATE_LITTLE (100 * 1000 / 8)       /* bytes a second: protocols that say they are there */
#define RATE_MUCH   (10 * 1000 * 1000 / 8) /* what nobody makes by hand */
#define FULL        0.8                    /* of what a link can carry */

/* The more, the more it stands out; what is nearly full is a warning. */
static enum style rate_style(int64_t bytes, double limit_mbps)
{
	if (limit_mbps > 0 && (double)bytes * 8 >= FULL * limit_mbps * 1e6)
		return STYLE_WAITING;
	return bytes < RATE_LITTLE ? STYLE_DIM : bytes < RATE_MUCH ? STYLE_TEXT : STYLE_TITLE;
}

static enum style cell_style(const struct scene *scene, const struct view_state *v,
			     const struct graph_state *state, const struct picture_cell *cell)
{
	switch ((enum picture_part)cell->part) {
	case PART_TITLE:
		return STYLE_TITLE;
	case PART_MARK:
		return state->nodes[cell->index].mark == MARK_NONE &&
				       state->drop_node == cell->index
			       ? STYLE_BAD
			       : mark_style(state->nodes[cell->index].mark);
	case PART_NODE:
		return view_passes(&view_map, scene, v, cell->index) ? STYLE_TEXT : STYLE_DIM;
	case PART_LINE:
		return line_style(&state->links[cell->index]);
	case PART_LINK_MARK:
		return state->drop_link == cell->index ? STYLE_BAD
						       : mark_style(state->links[cell->index].mark);
	case PART_RATE:
		return rate_style(graph_busier(&state->link_rates[cell->index]),
				  scene->graph->links.items[cell->index].rate_mbps);
	case PART_GROUP_RATE:
		return rate_style(graph_busier(&state->group_rates[cell->index]), 0);
	case PART_BLANK:
	case PART_FRAME:
	case PART_ADDRESS:
	case PART_DETAIL:
		break;
	}
	return STYLE_DIM;
}

/* So that it is in the middle, as far as there is more on both sides. */
static unsigned first_of(unsigned at, unsigned seen, unsigned all)
{
	unsigned first = at > seen / 2 ? at - seen / 2 : 0;

	if (all <= seen)
		return 0;
	return first + seen > all ? all - seen : first;
}

static void draw_cell(const struct picture_cell *cell, enum style style, bool is_selected,
		      struct cell *out)
{
	out->ch = cell->ch;
	out->style = (uint8_t)style;
	out->is_selected = is_selected;
}

static bool is_of_node(const struct picture_cell *cell, size_t node)
{
	return cell->index == node &&
	       (cell->part == PART_MARK || cell->part == PART_NODE || cell->part == PART_DETAIL);
}

static void draw_picture(const struct scene *scene, const struct view_state *v,
			 const struct graph_state *state, const struct layout *layout,
			 const struct picture *picture, struct grid *g)
{
	size_t at = view_at(&view_map, scene, v, v->selected);
	const struct layout_label *label = at == VIEW_NOTHING ? NULL : &layout->labels[at];
	unsigned top = first_of(label ? label->row : 0, g->rows, picture->rows);
	unsigned middle = !label                  ? 0
			  : label->cols < g->cols ? label->col + label->cols / 2
						  : label->col + g->cols / 2 - 1;
	unsigned left = first_of(middle, g->cols, picture->cols);
	unsigned indent = picture->cols < g->cols ? (g->cols - picture->cols) / 2 : 0;

	for (unsigned row = 0; row < g->rows && top + row < picture->rows; row++)
		for (unsigned col = 0; col + indent < g->cols && left + col < picture->cols;
		     col++) {
			const struct picture_cell *cell =
				&picture->cells[(size_t)(top + row) * picture->cols + left + col];

			draw_cell(cell, cell_style(scene, v, state, cell), is_of_node(cell, at),
				  &g->cells[(size_t)row * g->stride + col + indent]);
		}
	if (label && label->row >= top && label->row - top < g->rows && label->col > left)
		(void)grid_put(g, label->row - top, label->col - 1 - left + indent, STYLE_TEXT,
			       "%s", grid_glyph(g, GLYPH_CURSOR));
	if (top)
		grid_put_right(g, 0, STYLE_DIM, "more above ");
	if (top + g->rows < picture->rows && g->rows > 1)
		grid_put_right(g, g->rows - 1, STYLE_DIM, "more below ");
}

/* ---- the pane ---- */

/* What leaves a node and comes to it: a router has that of its links. */
static struct graph_rate rate_of(const struct graph *graph, const struct graph_state *state,
				 size_t node)
{
	struct graph_rate sum = { 0 };

	if (!state->node_rates)
		return sum;
	sum = state->node_rates[node];
	for (size_t i = 0; !graph_busier(&state->node_rates[node]) && i < graph->links.count; i++)
		for (int e = 0; e < 2; e++) {
			const struct graph_rate *of = &state->link_rates[i];

			if (graph->links.items[i].nodes[e] != node)
				continue;
			sum.out += e ? of->in : of->out;
			sum.in += e ? of->out : of->in;
		}
	return sum;
}

/* "1.6kb/s out, 980b/s in"; "" when nothing flows. */
static void rate_words(const struct graph_rate *rate, char *text, size_t size)
{
	char out[GRAPH_RATE_TEXT], in[GRAPH_RATE_TEXT];

	*text = '\0';
	if (!graph_busier(rate))
		return;
	graph_rate_text(rate->out, out);
	graph_rate_text(rate->in, in);
	(void)snprintf(text, size, "%s out, %s in", out, in);
}

/* "az-hub-ergw  ExpressRoute gateway in az-hub-vnet: 1 of 2 BGP sessions up" */
static void draw_essentials(const struct scene *scene, const struct graph_state *state, size_t at,
			    struct grid *g)
{
	const struct graph_node *node = &scene->graph->nodes.items[at];
	const struct graph_group *group = &scene->graph->groups.items[node->group];
	const struct graph_part_state *is = &state->nodes[at];
	struct graph_rate rate = rate_of(scene->graph, state, at);
	char flows[3 * GRAPH_RATE_TEXT];
	unsigned col = 1, wanted;

	if (is->mark != MARK_NONE)
		col = grid_put(g, 0, col, mark_style(is->mark), "%s ",
			       graph_mark_text(is->mark, g->is_ascii));
	col = grid_put(g, 0, col, STYLE_TITLE, "%s", node->name);
	col = grid_put(g, 0, col, STYLE_DIM, "  %s", node->role);
	if (*node->address)
		col = grid_put(g, 0, col, STYLE_TEXT, "  %s", node->address);
	rate_words(&rate, flows, sizeof(flows));
	wanted = (unsigned)((*flows ? strlen(flows) + 2 : 0) +
			    (is->words ? strlen(is->words) + 2 : 0));
	if (col + wanted >= g->cols) { /* what is wrong comes first */
		*flows = '\0';
		wanted = 0;
	}
	/* the picture says the same, which may have to make room */
	if (strcmp(group->name, node->name) != 0 &&
	    (!*flows || col + strlen(group->name) + 5 + wanted < g->cols))
		col = grid_put(g, 0, col, STYLE_DIM, "  in %s", group->name);
	if (*flows)
		col = grid_put(g, 0, col + 2, rate_style(graph_busier(&rate), 0), "%s", flows);
	if (is->words && col + 2 < g->cols)
		(void)grid_put_field(g, 0, col + 2, g->cols - col - 2, mark_style(is->mark),
				     is->words);
}

/* ", 1.6kb/s out, 980b/s in", of 50 Mb/s as it is seen from the selected node. */
static unsigned draw_link_rate(const struct graph_link *link, const struct graph_state *state,
			       unsigned index, bool is_first, unsigned col, struct grid *g)
{
	struct graph_rate rate;
	char flows[3 * GRAPH_RATE_TEXT], limit[GRAPH_RATE_TEXT];

	if (!state->link_rates)
		return col;
	rate = is_first ? state->link_rates[index]
			: (struct graph_rate){ state->link_rates[index].in,
					       state->link_rates[index].out };
	rate_words(&rate, flows, sizeof(flows));
	if (!*flows)
		return col;
	col = grid_put(g, 1, col, STYLE_DIM, ", ");
	col = grid_put(g, 1, col, rate_style(graph_busier(&rate), link->rate_mbps), "%s", flows);
	if (link->rate_mbps <= 0)
		return col;
	graph_rate_text((int64_t)(link->rate_mbps * 1e6 / 8), limit);
	return grid_put(g, 1, col, STYLE_DIM, " of %s", limit);
}

/* What becomes of the flow that is drawn; without one, the links of the selected node. */
static void draw_links(const struct scene *scene, const struct graph_state *state, size_t at,
		       struct grid *g)
{
	const struct graph *graph = scene->graph;
	unsigned col = 1;

	if (state->flow) {
		enum style style = scene->flow->is_reply ? STYLE_GOOD : STYLE_BAD;
		struct arena *arena;
		struct texts lines;

		if (g->rows == PANE_ROWS) {
			(void)grid_put_field(g, 1, 1, g->cols - 1, style, state->flow);
			return;
		}
		arena = arena_new();
		lines = why_wrap(state->flow, g->cols - 2, g->cols - 4, arena);

		for (unsigned i = 0; i < lines.count && i + 1 < g->rows; i++)
			(void)grid_put(g, i + 1, i ? 3 : 1, style, "%s", lines.items[i]);
		arena_free(arena);
		return;
	}
	for (unsigned i = 0; i < graph->links.count; i++) {
		const struct graph_link *link = &graph->links.items[i];
		const struct graph_part_state *is = &state->links[i];

		if (link->nodes[0] != at && link->nodes[1] != at)
			continue;
		if (is->mark != MARK_NONE)
			col = grid_put(g, 1, col, mark_style(is->mark), "%s ",
				       graph_mark_text(is->mark, g->is_ascii));
		col = grid_put(g, 1, col, STYLE_TEXT, "%s", link->words);
		if (is->mark != MARK_BAD && is->mark != MARK_WAITING)
			col = draw_link_rate(link, state, i, link->nodes[0] == at, col, g);
		if (is->words)
			col = grid_put(g, 1, col, STYLE_DIM, ": %s", is->words);
		if (is->mark == MARK_BAD || is->mark == MARK_WAITING)
			col = draw_link_rate(link, state, i, link->nodes[0] == at, col, g);
		col = grid_put(g, 1, col, STYLE_TEXT, "   ");
	}
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t at = scene->graph ? view_at(&view_map, scene, v, v->selected) : VIEW_NOTHING;
	unsigned pane_rows = PANE_ROWS + (scene->flow && g->rows > 10);
	unsigned rows = g->rows > 2 * PANE_ROWS ? g->rows - pane_rows : g->rows;
	struct grid map = grid_window(g, 0, 0, rows, g->cols);
	struct grid pane = grid_window(g, rows, 0, g->rows - rows, g->cols);
	struct graph_state *state;
	struct picture picture;
	struct layout *layout;

	if (!scene->graph) {
		view_say(g, "");
		return;
	}
	layout = lay_out(scene, g->cols);
	state = graph_state_new(scene->graph, &scene->snapshot, scene->flow, scene->snapshot.path,
				layout->arena);
	picture = picture_new(scene->graph, layout, state, g->is_ascii, layout->arena);
	draw_picture(scene, v, state, layout, &picture, &map);
	if (at != VIEW_NOTHING && pane.rows && g->cols > 4) {
		draw_essentials(scene, state, at, &pane);
		draw_links(scene, state, at, &pane);
	}
	layout_free(layout);
}

const struct view view_map = {
	.digit = '0',
	.name = "map",
	.words = "the lab as a map: links, sessions and tunnels, and where a flow is lost",
	.total = total,
	.passes = passes,
	.name_of = name_of,
	.about = about,
	.machine = machine,
	.draw = draw,
	.step = step,
};
