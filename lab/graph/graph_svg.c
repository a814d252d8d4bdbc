/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of the text with other pens: a cell is so many pixels. */
#include "lab/base/arena.h"
#include "lab/graph/picture.h"
#include "lab/render/why.h"

#include <string.h>

#define CELL_COLS 9
#define CELL_ROWS 20
#define BORDER    10

struct svg {
	const struct graph *g;
	const struct layout *l;
	const struct graph_state *state;
	FILE *out;
};

static int x_of(unsigned col)
{
	return BORDER + (int)col * CELL_COLS;
}

static int y_of(unsigned row)
{
	return BORDER + (int)row * CELL_ROWS;
}

static void put_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			(void)fputs("&lt;", out);
			break;
		case '>':
			(void)fputs("&gt;", out);
			break;
		case '&':
			(void)fputs("&amp;", out);
			break;
		case '"':
			(void)fputs("&quot;", out);
			break;
		default:
			(void)fputc(*text, out);
		}
	}
}

static void put_text(const struct svg *s, unsigned row, unsigned col, const char *class,
		     const char *text)
{
	(void)fprintf(s->out, "<text class=\"%s\" x=\"%d\" y=\"%d\" textLength=\"%u\">", class,
		      x_of(col), y_of(row) + CELL_ROWS - 6, layout_text_cols(text) * CELL_COLS);
	put_escaped(text, s->out);
	(void)fputs("</text>\n", s->out);
}

static void put_hover(const struct svg *s, const char *name, const char *words,
		      const struct graph_part_state *state)
{
	(void)fputs("<title>", s->out);
	put_escaped(name, s->out);
	(void)fputs(": ", s->out);
	put_escaped(state && state->words ? state->words : words, s->out);
	(void)fputs("</title>", s->out);
}

static void put_group(const struct svg *s, unsigned i)
{
	const struct graph_group *group = &s->g->groups.items[i];
	const struct layout_box *box = &s->l->boxes[i];
	int half = CELL_ROWS / 2, high = ((int)box->rows - 1) * CELL_ROWS;

	(void)fprintf(s->out,
		      "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%u\" height=\"%d\" "
		      "rx=\"%d\"/>\n",
		      x_of(box->col), box->is_framed ? y_of(box->row) + half : y_of(box->row),
		      box->cols * CELL_COLS, box->is_framed ? high : CELL_ROWS,
		      box->is_framed ? 4 : half);
	if (!box->title)
		return;
	if (box->is_framed) /* which does not run through its name */
		(void)fprintf(s->out,
			      "<rect class=\"name\" x=\"%d\" y=\"%d\" width=\"%u\" "
			      "height=\"2\"/>\n",
			      x_of(box->title), y_of(box->row) + half - 1,
			      (layout_text_cols(group->name) + layout_text_cols(group->address) +
			       (*group->address ? 3 : 2)) *
				      CELL_COLS);
	put_text(s, box->row, box->title + box->is_framed, "title", group->name);
	if (box->is_framed && *group->address)
		put_text(s, box->row, box->title + 2 + layout_text_cols(group->name), "detail",
			 group->address);
}

static void put_node(const struct svg *s, unsigned i)
{
	const struct graph_node *node = &s->g->nodes.items[i];
	const struct layout_label *label = &s->l->labels[i];
	const struct graph_part_state *is = s->state ? &s->state->nodes[i] : NULL;
	unsigned col = label->col;

	(void)fputs("<g>", s->out);
	put_hover(s, node->name, node->role, is);
	(void)fputc('\n', s->out);
	put_text(s, label->row, col, is && is->mark == MARK_BAD ? "bad" : "node",
		 graph_mark_text(is ? is->mark : MARK_NONE, false));
	put_text(s, label->row, col + 2, is && is->is_on_flow ? "flow" : "node", node->label);
	col += 3 + layout_text_cols(node->label);
	if (*node->tag) {
		put_text(s, label->row, col, "detail", node->tag);
		col += 1 + layout_text_cols(node->tag);
	}
	if (*node->address && label->has_address)
		put_text(s, label->row, col, "detail", node->address);
	(void)fputs("</g>\n", s->out);
}

/* The frame of a box runs in the middle of its cells, a line below or above goes so far. */
static int line_end(unsigned row, bool joins, bool is_top)
{
	int middle = y_of(row) + CELL_ROWS / 2;

	return !joins ? middle : is_top ? middle - CELL_ROWS : middle + CELL_ROWS;
}

static bool is_bad(const struct svg *s, unsigned net)
{
	const struct layout_net *of = &s->l->nets.items[net];

	return s->state && of->links.count == 1 &&
	       s->state->links[of->links.items[0]].mark == MARK_BAD;
}

static void put_line(const struct svg *s, const struct layout_line *line)
{
	static const char *const classes[LINK_KIND_COUNT] = {
		[LINK_PEERING] = "peering", [LINK_CONNECTION] = "circuit",
		[LINK_CABLE] = "circuit",   [LINK_TUNNEL] = "tunnel",
		[LINK_LAN] = "peering",     [LINK_INTERNET] = "internet",
	};
	enum graph_link_kind kind = s->l->nets.items[line->net].kind;
	int half = CELL_COLS / 2;

	for (int pass = 0; pass < (kind == LINK_TUNNEL ? 2 : 1); pass++) /* a tunnel is hollow */
		(void)fprintf(
			s->out, "<line class=\"%s%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
			pass ? "hollow" : classes[kind],
			!pass && is_bad(s, line->net) ? " down" : "", x_of(line->col) + half,
			line_end(line->row, line->joins_above, true), x_of(line->to_col) + half,
			line_end(line->to_row, line->joins_below, false));
}

static void put_mark(const struct svg *s, unsigned i)
{
	const struct graph_link *link = &s->g->links.items[i];
	const struct graph_part_state *is = s->state ? &s->state->links[i] : NULL;
	enum graph_mark mark = is ? is->mark : MARK_NONE;

	if (mark == MARK_NONE && link->is_partial)
		mark = MARK_WAITING;
	if (!layout_draws(link) || mark == MARK_NONE || mark == MARK_GOOD)
		return;
	(void)fputs("<g>", s->out);
	put_hover(s, link->words, graph_link_names[link->kind], is);
	(void)fprintf(s->out, "<circle class=\"mark\" cx=\"%d\" cy=\"%d\" r=\"8\"/>\n",
		      x_of(s->l->marks[i].col) + CELL_COLS / 2,
		      y_of(s->l->marks[i].row) + CELL_ROWS / 2);
	put_text(s, s->l->marks[i].row, s->l->marks[i].col, "bad", graph_mark_text(mark, false));
	(void)fputs("</g>\n", s->out);
}

static const char style[] = "<style>\n"
			    "text { font: 14px monospace; fill: #222; white-space: pre }\n"
			    ".title { font-weight: bold }\n"
			    ".detail { fill: #666 }\n"
			    ".bad, .flow { fill: #b00; font-weight: bold }\n"
			    ".box { fill: #f8f8f8; stroke: #666 }\n"
			    ".name { fill: #fff }\n"
			    ".mark { fill: #fff; stroke: #b00 }\n"
			    "line { stroke-linecap: square }\n"
			    ".peering { stroke: #666; stroke-width: 1.5 }\n"
			    ".circuit { stroke: #06c; stroke-width: 3 }\n"
			    ".tunnel { stroke: #282; stroke-width: 5 }\n"
			    ".hollow { stroke: #fff; stroke-width: 2 }\n"
			    ".internet { stroke: #666; stroke-dasharray: 2 5 }\n"
			    ".down { stroke: #b00; stroke-dasharray: 6 6 }\n"
			    "</style>\n";

void graph_print_svg(const struct graph *graph, const struct graph_state *state, unsigned cols,
		     FILE *out)
{
	struct layout *layout = layout_new(graph, cols);
	struct svg s = { graph, layout, state, out };
	struct texts flow = { 0 };
	int width = 2 * BORDER + (int)layout->cols * CELL_COLS, height;

	if (state && state->flow)
		flow = why_wrap(state->flow, layout->cols, layout->cols, layout->arena);
	height = 2 * BORDER + (int)(layout->rows + flow.count + (flow.count > 0)) * CELL_ROWS;
	(void)fprintf(out,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		      "viewBox=\"0 0 %d %d\">\n<title>",
		      width, height, width, height);
	put_escaped(graph->lab, out);
	(void)fprintf(out, "</title>\n%s<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		      style);
	for (size_t i = 0; i < layout->lines.count; i++)
		put_line(&s, &layout->lines.items[i]);
	for (unsigned i = 0; i < graph->groups.count; i++)
		put_group(&s, i);
	for (unsigned i = 0; i < graph->nodes.count; i++)
		put_node(&s, i);
	for (unsigned i = 0; i < graph->links.count; i++)
		put_mark(&s, i);
	for (unsigned i = 0; i < flow.count; i++)
		put_text(&s, layout->rows + 1 + i, 0, "flow", flow.items[i]);
	(void)fputs("</svg>\n", out);
	layout_free(layout);
}
