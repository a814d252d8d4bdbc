/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/graph/picture.h"

#include "lab/base/arena.h"

#include <string.h>

enum {
	UP = 1,
	DOWN = 2,
	LEFT = 4,
	RIGHT = 8
};

/* By which sides of a cell a line leaves: characters of each kind of line. */
static const char *const crossings[][16] = {
	[LINK_PEERING] = { " ", "│", "│", "│", "─", "┘", "┐", "┤", "─", "└", "┌", "├", "─", "┴",
			   "┬", "┼" },
	[LINK_CABLE] = { " ", "┃", "┃", "┃", "━", "┛", "┓", "┫", "━", "┗", "┏", "┣", "━", "┻", "┳",
			 "╋" },
	[LINK_TUNNEL] = { " ", "║", "║", "║", "═", "╝", "╗", "╣", "═", "╚", "╔", "╠", "═", "╩", "╦",
			  "╬" },
	[LINK_INTERNET] = { " ", "┆", "┆", "┆", "┄", "┘", "┐", "┤", "┄", "└", "┌", "├", "┄", "┴",
			    "┬", "┼" },
};

static const char ascii_lines[LINK_KIND_COUNT][3] = {
	[LINK_PEERING] = "-|", [LINK_CONNECTION] = "-|", [LINK_CABLE] = "-|",
	[LINK_TUNNEL] = "=\"", [LINK_LAN] = "-|",        [LINK_INTERNET] = ".:",
};

struct painter {
	struct picture out;
	const struct graph *g;
	const struct layout *l;
	const struct graph_state *state;
	bool is_ascii;
	uint8_t *sides;  /* by cell */
	unsigned *nets;  /* likewise, of the line that shows there */
	unsigned *links; /* by net: the link that it shows */
};

static struct picture_cell *cell_at(struct painter *p, unsigned row, unsigned col)
{
	return &p->out.cells[(size_t)row * p->out.cols + col];
}

static uint32_t read_character(const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	unsigned len = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	uint32_t ch = len == 1 ? *at : *at & (0x7fu >> len);

	for (unsigned i = 1; i < len && at[i]; i++)
		ch = ch << 6 | (at[i] & 0x3fu);
	*text += len;
	return ch;
}

static unsigned put(struct painter *p, unsigned row, unsigned col, enum picture_part part,
		    unsigned index, const char *text)
{
	while (*text && row < p->out.rows && col < p->out.cols)
		*cell_at(p, row, col++) =
			(struct picture_cell){ read_character(&text), (uint8_t)part, index };
	return col;
}

/* ---- boxes ---- */

static void paint_frame(struct painter *p, unsigned index)
{
	static const char *const glyphs[2][6] = { { "┌", "┐", "└", "┘", "─", "│" },
						  { "+", "+", "+", "+", "-", "|" } };
	const char *const *is = glyphs[p->is_ascii];
	const struct layout_box *b = &p->l->boxes[index];
	unsigned right = b->col + b->cols - 1, bottom = b->row + b->rows - 1;

	for (unsigned col = b->col + 1; col < right; col++) {
		(void)put(p, b->row, col, PART_FRAME, index, is[4]);
		(void)put(p, bottom, col, PART_FRAME, index, is[4]);
	}
	for (unsigned row = b->row + 1; row < bottom; row++) {
		(void)put(p, row, b->col, PART_FRAME, index, is[5]);
		(void)put(p, row, right, PART_FRAME, index, is[5]);
	}
	(void)put(p, b->row, b->col, PART_FRAME, index, is[0]);
	(void)put(p, b->row, right, PART_FRAME, index, is[1]);
	(void)put(p, bottom, b->col, PART_FRAME, index, is[2]);
	(void)put(p, bottom, right, PART_FRAME, index, is[3]);
}

/* In the line at its bottom, where that is long enough. */
static void paint_group_rate(struct painter *p, unsigned index)
{
	const struct layout_box *b = &p->l->boxes[index];
	int64_t bytes =
		p->state && p->state->group_rates ? graph_busier(&p->state->group_rates[index]) : 0;
	char text[GRAPH_RATE_TEXT];
	unsigned cols, col;

	if (!bytes)
		return;
	graph_rate_text(bytes, text);
	cols = (unsigned)strlen(text);
	if (b->cols < cols + 6)
		return;
	col = b->col + b->cols - cols - 4;
	col = put(p, b->row + b->rows - 1, col, PART_GROUP_RATE, index, " ");
	col = put(p, b->row + b->rows - 1, col, PART_GROUP_RATE, index, text);
	(void)put(p, b->row + b->rows - 1, col, PART_GROUP_RATE, index, " ");
}

static void paint_group(struct painter *p, unsigned index)
{
	const struct graph_group *group = &p->g->groups.items[index];
	const struct layout_box *b = &p->l->boxes[index];
	unsigned col = b->col + 2;

	if (b->is_framed) {
		paint_frame(p, index);
		paint_group_rate(p, index);
		(void)put(p, b->row, col++, PART_TITLE, index, " ");
	} else {
		(void)put(p, b->row, b->col, PART_FRAME, index, "[");
		(void)put(p, b->row, b->col + b->cols - 1, PART_FRAME, index, "]");
	}
	if (b->title)
		col = put(p, b->row, col, PART_TITLE, index, group->name);
	if (b->is_framed) {
		if (*group->address) {
			col = put(p, b->row, col, PART_ADDRESS, index, " ");
			col = put(p, b->row, col, PART_ADDRESS, index, group->address);
		}
		(void)put(p, b->row, col, PART_TITLE, index, " ");
	}
}

/* Where a flow is lost. */
static const char *drop_text(bool is_ascii)
{
	return is_ascii ? "x" : "×";
}

static void paint_node(struct painter *p, unsigned index)
{
	const struct graph_node *node = &p->g->nodes.items[index];
	const struct layout_label *label = &p->l->labels[index];
	enum graph_mark is = p->state ? p->state->nodes[index].mark : MARK_NONE;
	bool is_drop = p->state && p->state->drop_node == index;
	unsigned col = label->col;

	if (p->state && p->state->nodes[index].is_on_flow)
		(void)put(p, label->row, col - 1, PART_MARK, index, p->is_ascii ? "~" : "→");
	col = put(p, label->row, col, PART_MARK, index,
		  is_drop ? drop_text(p->is_ascii) : graph_mark_text(is, p->is_ascii));
	col = put(p, label->row, col + 1, PART_NODE, index, node->label);
	if (*node->tag)
		col = put(p, label->row, col + 1, PART_DETAIL, index, node->tag);
	if (*node->address && label->has_address)
		(void)put(p, label->row, col + 1, PART_DETAIL, index, node->address);
}

/* ---- lines ---- */

/* Where two cross, the one that goes down is in front. */
static void paint_step(struct painter *p, unsigned net, unsigned row, unsigned col, uint8_t sides)
{
	size_t at = (size_t)row * p->out.cols + col;

	if (p->sides[at] && p->nets[at] != net) {
		if (!(sides & (UP | DOWN)))
			return;
		p->sides[at] = 0;
	}
	p->sides[at] |= sides;
	p->nets[at] = net;
}

static void note_line(struct painter *p, const struct layout_line *line)
{
	for (unsigned row = line->row; row <= line->to_row; row++)
		for (unsigned col = line->col; col <= line->to_col; col++) {
			bool is_down = line->col == line->to_col;
			uint8_t sides =
				is_down ? (uint8_t)((row > line->row || line->joins_above ? UP
											  : 0) |
						    (row < line->to_row || line->joins_below ? DOWN
											     : 0))
					: (uint8_t)((col > line->col ? LEFT : 0) |
						    (col < line->to_col ? RIGHT : 0));

			paint_step(p, line->net, row, col, sides);
		}
}

/* Of those that share a line the one that is worst. */
static unsigned link_of(const struct painter *p, unsigned net)
{
	const struct layout_net *of = &p->l->nets.items[net];

	for (size_t i = 0; p->state && i < of->links.count; i++)
		if (p->state->links[of->links.items[i]].mark == MARK_BAD)
			return of->links.items[i];
	for (size_t i = 0; p->state && i < of->links.count; i++)
		if (p->state->links[of->links.items[i]].is_on_flow)
			return of->links.items[i];
	return of->links.items[0];
}

static const char *line_glyph(const struct painter *p, enum graph_link_kind kind, uint8_t sides)
{
	static char text[2];

	if (!p->is_ascii)
		return crossings[kind == LINK_CONNECTION ? LINK_CABLE
				 : kind == LINK_LAN      ? LINK_PEERING
							 : kind][sides];
	text[0] = !(sides & (UP | DOWN))      ? ascii_lines[kind][0]
		  : !(sides & (LEFT | RIGHT)) ? ascii_lines[kind][1]
					      : '+';
	return text;
}

static void paint_lines(struct painter *p)
{
	for (size_t i = 0; i < p->l->lines.count; i++) {
		const struct layout_line *line = &p->l->lines.items[i];

		if (line->row == line->to_row && line->col != line->to_col)
			note_line(p, line);
	}
	for (size_t i = 0; i < p->l->lines.count; i++) {
		const struct layout_line *line = &p->l->lines.items[i];

		if (line->row != line->to_row || line->col == line->to_col)
			note_line(p, line);
	}
	for (unsigned net = 0; net < p->l->nets.count; net++)
		p->links[net] = link_of(p, net);
	for (unsigned row = 0; row < p->out.rows; row++)
		for (unsigned col = 0; col < p->out.cols; col++) {
			size_t at = (size_t)row * p->out.cols + col;

			if (p->sides[at])
				(void)put(p, row, col, PART_LINE, p->links[p->nets[at]],
					  line_glyph(p, p->l->nets.items[p->nets[at]].kind,
						     p->sides[at]));
		}
}

/* Links that are well need no mark. */
static void paint_marks(struct painter *p)
{
	for (unsigned i = 0; i < p->g->links.count; i++) {
		enum graph_mark is = p->state ? p->state->links[i].mark : MARK_NONE;

		if (p->g->links.items[i].is_partial && is == MARK_NONE)
			is = MARK_WAITING;
		if (layout_draws(&p->g->links.items[i]) && is != MARK_NONE && is != MARK_GOOD)
			(void)put(p, p->l->marks[i].row, p->l->marks[i].col, PART_LINK_MARK, i,
				  p->state && p->state->drop_link == i
					  ? drop_text(p->is_ascii)
					  : graph_mark_text(is, p->is_ascii));
	}
}

static bool is_blank(struct painter *p, unsigned row, unsigned col, unsigned cols)
{
	if (row >= p->out.rows || col + cols > p->out.cols)
		return false;
	for (unsigned i = 0; i < cols; i++)
		if (cell_at(p, row, col + i)->part != PART_BLANK)
			return false;
	return true;
}

/* Right of a cell of its line, else left of it, where it touches nothing else. */
static bool put_beside(struct painter *p, unsigned row, unsigned col, unsigned link,
		       const char *text)
{
	unsigned cols = (unsigned)strlen(text), to_end = p->out.cols - col - 1;
	unsigned wanted = to_end == cols + 1 ? cols + 1 : cols + 2;

	if (is_blank(p, row, col + 1, wanted)) {
		(void)put(p, row, col + 2, PART_RATE, link, text);
		return true;
	}
	if (col < cols + 2 || !is_blank(p, row, col - cols - 2, cols + 2))
		return false;
	(void)put(p, row, col - cols - 1, PART_RATE, link, text);
	return true;
}

/* Beside a part of the line that goes down and that no other link has. */
static bool put_along(struct painter *p, unsigned link, const char *text)
{
	for (size_t i = 0; i < p->l->lines.count; i++) {
		const struct layout_line *line = &p->l->lines.items[i];
		const struct layout_net *net = &p->l->nets.items[line->net];

		if (net->links.count != 1 || net->links.items[0] != link ||
		    line->col != line->to_col)
			continue;
		for (unsigned row = line->row; row <= line->to_row; row++)
			if (put_beside(p, row, line->col, link, text))
				return true;
	}
	return false;
}

/* What flows; where there is no room the picture does without. */
static void paint_rates(struct painter *p)
{
	char text[GRAPH_RATE_TEXT];

	for (unsigned i = 0; p->state && p->state->link_rates && i < p->g->links.count; i++) {
		int64_t bytes = graph_busier(&p->state->link_rates[i]);

		if (!bytes || !layout_draws(&p->g->links.items[i]))
			continue;
		graph_rate_text(bytes, text);
		if (!put_beside(p, p->l->marks[i].row, p->l->marks[i].col, i, text))
			(void)put_along(p, i, text);
	}
}

struct picture picture_new(const struct graph *graph, const struct layout *layout,
			   const struct graph_state *state, bool is_ascii, struct arena *arena)
{
	struct painter p = { .g = graph, .l = layout, .state = state, .is_ascii = is_ascii };
	size_t count = (size_t)layout->rows * layout->cols;

	p.out = (struct picture){ layout->rows, layout->cols,
				  arena_alloc(arena, (count + 1) * sizeof(*p.out.cells)) };
	p.sides = arena_alloc(arena, count + 1);
	p.nets = arena_alloc(arena, (count + 1) * sizeof(*p.nets));
	p.links = arena_alloc(arena, (layout->nets.count + 1) * sizeof(*p.links));
	for (size_t i = 0; i < count; i++)
		p.out.cells[i].ch = ' ';
	for (unsigned i = 0; i < graph->groups.count; i++)
		paint_group(&p, i);
	for (unsigned i = 0; i < graph->nodes.count; i++)
		paint_node(&p, i);
	paint_lines(&p);
	paint_marks(&p);
	paint_rates(&p);
	return p.out;
}
