/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/arena.h"
#include "lab/base/utf8.h"
#include "lab/graph/picture.h"

#include <string.h>

static void put_character(uint32_t ch, FILE *out)
{
	char text[UTF8_SIZE];
	size_t len = utf8_put(ch, text);

	(void)fwrite(text, 1, len, out);
}

static void print_picture(const struct picture *picture, FILE *out)
{
	for (unsigned row = 0; row < picture->rows; row++) {
		const struct picture_cell *cells = &picture->cells[(size_t)row * picture->cols];
		unsigned cols = picture->cols;

		while (cols && cells[cols - 1].ch == ' ')
			cols--;
		for (unsigned col = 0; col < cols; col++)
			put_character(cells[col].ch, out);
		(void)fputc('\n', out);
	}
}

/* Of the kinds of lines that there are. */
static void print_legend(const struct graph *graph, bool is_ascii, FILE *out)
{
	static const struct {
		enum graph_link_kind kind;
		const char *text, *ascii, *words;
	} rows[] = {
		{ LINK_PEERING, "──", "--", "peering" },
		{ LINK_CONNECTION, "━━", NULL, "ExpressRoute" },
		{ LINK_CABLE, "━━", "--", "provider's link" },
		{ LINK_TUNNEL, "══", "==", "IPsec tunnel" },
		{ LINK_INTERNET, "┄┄", "..", "Internet" },
	};
	const char *before = "";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool is_there = false;

		for (size_t n = 0; n < graph->links.count; n++)
			is_there |= graph->links.items[n].kind == rows[i].kind;
		if (!is_there)
			continue;
		(void)fprintf(out, "%s%s %s", before,
			      is_ascii ? rows[i].ascii ? rows[i].ascii : "--" : rows[i].text,
			      rows[i].words);
		before = "   ";
	}
	if (*before)
		(void)fputc('\n', out);
}

static void print_part(const struct graph_part_state *part, const char *name, bool is_ascii,
		       FILE *out)
{
	if (part->mark == MARK_BAD || part->mark == MARK_WAITING)
		(void)fprintf(out, "%s %s: %s\n", graph_mark_text(part->mark, is_ascii), name,
			      part->words ? part->words : "not well");
}

/* Each way, of what the picture may have had no room for. */
static void print_rate(const struct graph_link *link, const struct graph_rate *rate, FILE *out)
{
	char there[GRAPH_RATE_TEXT], back[GRAPH_RATE_TEXT];

	if (!graph_busier(rate))
		return;
	graph_rate_text(rate->out, there);
	graph_rate_text(rate->in, back);
	(void)fprintf(out, "%s: %s, back %s\n", link->words, there, back);
}

static void print_state(const struct graph *graph, const struct graph_state *state, bool is_ascii,
			FILE *out)
{
	for (unsigned i = 0; i < graph->nodes.count; i++)
		print_part(&state->nodes[i], graph->nodes.items[i].name, is_ascii, out);
	for (unsigned i = 0; i < graph->links.count; i++)
		print_part(&state->links[i], graph->links.items[i].words, is_ascii, out);
	for (unsigned i = 0; state->link_rates && i < graph->links.count; i++)
		print_rate(&graph->links.items[i], &state->link_rates[i], out);
	if (state->flow)
		(void)fprintf(out, "%s\n", state->flow);
}

void graph_print_text(const struct graph *graph, const struct graph_state *state, unsigned cols,
		      bool is_ascii, FILE *out)
{
	struct layout *layout = layout_new(graph, cols);
	struct picture picture = picture_new(graph, layout, state, is_ascii, layout->arena);

	print_picture(&picture, out);
	print_legend(graph, is_ascii, out);
	if (state)
		print_state(graph, state, is_ascii, out);
	layout_free(layout);
}
