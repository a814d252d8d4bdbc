/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graph for programs that make their own layout: Graphviz and Mermaid. */
#include "lab/graph/picture.h"

static const struct graph_part_state nothing;

static const struct graph_part_state *node_state(const struct graph_state *state, unsigned node)
{
	return state ? &state->nodes[node] : &nothing;
}

static const struct graph_part_state *link_state(const struct graph_state *state, unsigned link)
{
	return state ? &state->links[link] : &nothing;
}

/* In a string of dot's, or of Mermaid's, which has names for what it takes for its own. */
static void put_quoted(const char *text, bool is_mermaid, FILE *out)
{
	for (; *text; text++) {
		if (is_mermaid && (*text == '"' || *text == '#' || *text == '<' || *text == '>'))
			(void)fprintf(out, "#%d;", *text);
		else if (*text == '"' || *text == '\\')
			(void)fprintf(out, "\\%c", *text);
		else
			(void)fputc(*text, out);
	}
}

/* "✗ name", its role and address, and what is not well, line by line. */
static void put_label(const struct graph_node *node, const struct graph_part_state *state,
		      bool is_mermaid, FILE *out)
{
	const char *line = is_mermaid ? "<br/>" : "\\n";

	if (state->mark != MARK_NONE)
		(void)fprintf(out, "%s ", graph_mark_text(state->mark, false));
	put_quoted(node->label, is_mermaid, out);
	if (*node->tag) {
		(void)fputs(line, out);
		put_quoted(node->tag, is_mermaid, out);
	}
	if (*node->address) {
		(void)fputs(line, out);
		put_quoted(node->address, is_mermaid, out);
	}
	if (state->words && state->mark != MARK_GOOD) {
		(void)fputs(line, out);
		put_quoted(state->words, is_mermaid, out);
	}
}

static void put_title(const struct graph_group *group, bool is_mermaid, FILE *out)
{
	put_quoted(group->name, is_mermaid, out);
	if (*group->address) {
		(void)fputc(' ', out);
		put_quoted(group->address, is_mermaid, out);
	}
}

/* Circuits and what has several machines; a router alone is a node of its own. */
static bool is_cluster(const struct graph_group *group)
{
	return group->kind == GROUP_NETWORK || group->kind == GROUP_CIRCUIT ||
	       group->kind == GROUP_INTERNET || group->count > 1;
}

/* What is worth saying of a link; NULL: nothing. */
static const char *link_words(const struct graph_link *link, const struct graph_part_state *state)
{
	if (state->words && state->mark != MARK_GOOD)
		return state->words;
	return link->is_partial || link->kind == LINK_CONNECTION || link->kind == LINK_CABLE
		       ? link->words
		       : NULL;
}

/* ---- dot ---- */

static const char *dot_shape(const struct graph_node *node)
{
	switch (node->kind) {
	case ROLE_VM:
	case ROLE_INTERNET:
	case ROLE_BRANCH_HOST:
	case ROLE_PRIVATE_ENDPOINT:
		return "box";
	case ROLE_NVA:
		return "hexagon";
	case ROLE_ER_GATEWAY:
	case ROLE_VPN_GATEWAY:
		return "diamond";
	case ROLE_ROUTE_SERVER:
	case ROLE_MSEE:
	case ROLE_PROVIDER:
	case ROLE_BRANCH:
		break;
	}
	return "ellipse";
}

static void dot_node(const struct graph *graph, const struct graph_state *state, unsigned i,
		     FILE *out)
{
	const struct graph_node *node = &graph->nodes.items[i];
	const struct graph_part_state *is = node_state(state, i);

	(void)fprintf(out, "    n%u [shape=%s%s, label=\"", i, dot_shape(node),
		      is->mark == MARK_BAD ? ", color=red, penwidth=2" : "");
	put_label(node, is, false, out);
	(void)fputs("\"];\n", out);
}

static void dot_group(const struct graph *graph, const struct graph_state *state, unsigned g,
		      FILE *out)
{
	const struct graph_group *group = &graph->groups.items[g];

	if (is_cluster(group)) {
		(void)fprintf(out, "  subgraph cluster_%u {\n    label=\"", g);
		put_title(group, false, out);
		(void)fprintf(out, "\";\n    style=\"rounded%s\";\n",
			      group->kind == GROUP_INTERNET ? ",dashed" : "");
	}
	if (!group->count) /* links need something to end at */
		(void)fprintf(out, "    g%u [shape=point, style=invis];\n", g);
	for (unsigned i = group->first; i < group->first + group->count; i++)
		dot_node(graph, state, i, out);
	if (is_cluster(group))
		(void)fputs("  }\n", out);
}

static void dot_end(const struct graph *graph, const struct graph_link *link, int end, FILE *out)
{
	const struct graph_group *group = &graph->groups.items[link->groups[end]];

	if (link->nodes[end] != GRAPH_NONE)
		(void)fprintf(out, "n%u", link->nodes[end]);
	else if (group->count)
		(void)fprintf(out, "n%u", group->first);
	else
		(void)fprintf(out, "g%u", link->groups[end]);
}

static void dot_link(const struct graph *graph, const struct graph_state *state, unsigned i,
		     FILE *out)
{
	static const char *const styles[LINK_KIND_COUNT] = {
		[LINK_PEERING] = "solid", [LINK_CONNECTION] = "bold",
		[LINK_CABLE] = "bold",    [LINK_TUNNEL] = "solid\", color=\"black:invis:black",
		[LINK_LAN] = "solid",     [LINK_INTERNET] = "dotted",
	};
	const struct graph_link *link = &graph->links.items[i];
	const struct graph_part_state *is = link_state(state, i);
	const char *words = link_words(link, is);

	(void)fputs("  ", out);
	dot_end(graph, link, 0, out);
	(void)fputs(" -- ", out);
	dot_end(graph, link, 1, out);
	(void)fprintf(out, " [style=\"%s\"",
		      is->mark == MARK_BAD ? "dashed\", color=\"red" : styles[link->kind]);
	for (int e = 0; e < 2; e++)
		if (link->nodes[e] == GRAPH_NONE)
			(void)fprintf(out, ", %s=cluster_%u", e ? "lhead" : "ltail",
				      link->groups[e]);
	if (words) {
		(void)fprintf(out, ", label=\"%s",
			      is->mark == MARK_NONE ? "" : graph_mark_text(is->mark, false));
		(void)fputs(is->mark == MARK_NONE ? "" : " ", out);
		put_quoted(words, false, out);
		(void)fputc('"', out);
	}
	(void)fputs("];\n", out);
}

void graph_print_dot(const struct graph *graph, const struct graph_state *state, FILE *out)
{
	(void)fputs("graph \"", out);
	put_quoted(graph->lab, false, out);
	(void)fputs("\" {\n  compound=true;\n  node [fontname=\"sans-serif\"];\n"
		    "  edge [fontname=\"sans-serif\", fontsize=10];\n",
		    out);
	if (state && state->flow) {
		(void)fputs("  label=\"", out);
		put_quoted(state->flow, false, out);
		(void)fputs("\";\n", out);
	}
	for (unsigned i = 0; i < graph->groups.count; i++)
		dot_group(graph, state, i, out);
	for (unsigned i = 0; i < graph->links.count; i++)
		dot_link(graph, state, i, out);
	(void)fputs("}\n", out);
}

/* ---- Mermaid ---- */

static void mermaid_node(const struct graph *graph, const struct graph_state *state, unsigned i,
			 FILE *out)
{
	static const char *const shapes[][2] = {
		[ROLE_VM] = { "[", "]" },
		[ROLE_NVA] = { "{{", "}}" },
		[ROLE_INTERNET] = { "[", "]" },
		[ROLE_PRIVATE_ENDPOINT] = { "[", "]" },
		[ROLE_ER_GATEWAY] = { "{", "}" },
		[ROLE_VPN_GATEWAY] = { "{", "}" },
		[ROLE_ROUTE_SERVER] = { "([", "])" },
		[ROLE_MSEE] = { "([", "])" },
		[ROLE_PROVIDER] = { "([", "])" },
		[ROLE_BRANCH] = { "([", "])" },
		[ROLE_BRANCH_HOST] = { "[", "]" },
	};
	const struct graph_node *node = &graph->nodes.items[i];
	const struct graph_part_state *is = node_state(state, i);

	(void)fprintf(out, "    n%u%s\"", i, shapes[node->kind][0]);
	put_label(node, is, true, out);
	(void)fprintf(out, "\"%s%s\n", shapes[node->kind][1], is->mark == MARK_BAD ? ":::bad" : "");
}

static void mermaid_group(const struct graph *graph, const struct graph_state *state, unsigned g,
			  FILE *out)
{
	const struct graph_group *group = &graph->groups.items[g];
	bool is_subgraph = is_cluster(group) && group->count;

	if (is_subgraph || !group->count) { /* an empty one would be lost */
		(void)fprintf(out, "  %sg%u[\"", is_subgraph ? "subgraph " : "", g);
		put_title(group, true, out);
		(void)fputs("\"]\n", out);
	}
	for (unsigned i = group->first; i < group->first + group->count; i++)
		mermaid_node(graph, state, i, out);
	if (is_subgraph)
		(void)fputs("  end\n", out);
}

static void mermaid_end(const struct graph *graph, const struct graph_link *link, int end,
			FILE *out)
{
	const struct graph_group *group = &graph->groups.items[link->groups[end]];

	if (link->nodes[end] != GRAPH_NONE)
		(void)fprintf(out, "n%u", link->nodes[end]);
	else if (is_cluster(group) || !group->count)
		(void)fprintf(out, "g%u", link->groups[end]);
	else
		(void)fprintf(out, "n%u", group->first);
}

static void mermaid_link(const struct graph *graph, const struct graph_state *state, unsigned i,
			 FILE *out)
{
	const struct graph_link *link = &graph->links.items[i];
	const struct graph_part_state *is = link_state(state, i);
	const char *words = link_words(link, is);
	bool is_thick = link->kind == LINK_CONNECTION || link->kind == LINK_CABLE ||
			link->kind == LINK_TUNNEL;

	if (!words && link->kind == LINK_TUNNEL)
		words = link->words;
	(void)fputs("  ", out);
	mermaid_end(graph, link, 0, out);
	(void)fputs(is->mark == MARK_BAD || link->kind == LINK_INTERNET ? " -.-"
		    : is_thick                                          ? " ==="
									: " ---",
		    out);
	if (words) {
		(void)fputs("|\"", out);
		if (is->mark != MARK_NONE)
			(void)fprintf(out, "%s ", graph_mark_text(is->mark, false));
		put_quoted(words, true, out);
		(void)fputs("\"|", out);
	}
	(void)fputc(' ', out);
	mermaid_end(graph, link, 1, out);
	(void)fputc('\n', out);
}

void graph_print_mermaid(const struct graph *graph, const struct graph_state *state, FILE *out)
{
	(void)fputs("flowchart TB\n", out);
	if (state)
		(void)fputs("  classDef bad stroke:#c00,stroke-width:3px\n", out);
	if (state && state->flow) {
		(void)fputs("  flow[\"", out);
		put_quoted(state->flow, true, out);
		(void)fputs("\"]\n", out);
	}
	for (unsigned i = 0; i < graph->groups.count; i++)
		mermaid_group(graph, state, i, out);
	for (unsigned i = 0; i < graph->links.count; i++)
		mermaid_link(graph, state, i, out);
}
