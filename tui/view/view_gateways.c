/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gateways, Route Servers, MSEEs and routers that speak BGP; of the selected one its peers, tunnels
 * and circuits, what it has learned and what it tells a peer. Where there is no room for both, the
 * list has it. Enter shows all of one on a whole page.
 */
#include "tui/view/gateway_lines.h"

#include <stdio.h>
#include <string.h>

#define SPLIT_COLS 76 /* from here on list and detail stand side by side */

static const struct snapshot_node *node_at(const struct scene *scene, size_t index)
{
	return &scene->snapshot.nodes->nodes.items[index];
}

static size_t total(const struct scene *scene)
{
	return scene->snapshot.nodes ? scene->snapshot.nodes->nodes.count : 0;
}

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = record_of_list(&snapshot_nodes_record);
	return node_at(scene, index);
}

static const char *name_of_node(const struct snapshot_node *node)
{
	return node->part_of ? node->part_of : node->name;
}

static int by_name(const struct scene *scene, size_t a, size_t b)
{
	return view_compare_texts(name_of_node(node_at(scene, a)), name_of_node(node_at(scene, b)));
}

/* Those first that lack most sessions. */
static int by_sessions(const struct scene *scene, size_t a, size_t b)
{
	const struct snapshot_node *x = node_at(scene, a), *y = node_at(scene, b);

	return view_compare_numbers((double)(y->sessions - y->sessions_up),
				    (double)(x->sessions - x->sessions_up));
}

static const struct view_sort sorts[] = { { 'N', "name", by_name },
					  { 'B', "BGP sessions that are down", by_sessions },
					  { 0 } };

static const char *sentence(const struct scene *scene, size_t index, struct arena *arena)
{
	const struct snapshot_node *node = node_at(scene, index);

	return arena_printf(
		arena,
		"%s is %s%s%s; its state is '%s', and %lld of its %lld BGP sessions are "
		"up.",
		node->name, node->role, node->part_of ? " of " : "",
		node->part_of ? node->part_of : "", node->state, (long long)node->sessions_up,
		(long long)node->sessions);
}

/* Instances of one gateway stand together; the first of them is the row. */
static bool is_first(const struct scene *scene, size_t index)
{
	return !index || strcmp(name_of_node(node_at(scene, index)),
				name_of_node(node_at(scene, index - 1))) != 0;
}

/* Gateways also without BGP: they have tunnels. */
static bool is_listed(const struct snapshot_node *node)
{
	return node->daemon || node->part_of;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_node *node = node_at(scene, index);
	const char *const texts[] = { name_of_node(node), node->role };

	return is_listed(node) && is_first(scene, index) && view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%s", name_of_node(node_at(scene, index)));
}

static void about(const struct scene *scene, size_t index, struct subject *ret_subject)
{
	if (index == VIEW_NOTHING)
		return;
	ret_subject->kind = SUBJECT_NODE;
	name_of(scene, index, ret_subject->name);
}

/* The first instance. */
static const char *machine(const struct scene *scene, size_t index)
{
	return index == VIEW_NOTHING ? NULL : node_at(scene, index)->name;
}

/* What is known of the selected one; NULL while that is on its way. */
static const struct snapshot_bgp *selected_bgp(const struct scene *scene,
					       const struct view_state *v)
{
	const struct snapshot_bgp *bgp = scene->snapshot.bgp;

	return bgp && !strcmp(bgp->name, v->name) ? bgp : NULL;
}

/* ---- peers, each address once ---- */

static bool is_repeated(const struct snapshot_bgp *bgp, size_t speaker, size_t peer)
{
	const char *neighbor = bgp->speakers.items[speaker].peers.items[peer].neighbor;

	for (size_t i = 0; i <= speaker; i++)
		for (size_t n = 0; n < bgp->speakers.items[i].peers.count; n++) {
			if (i == speaker && n == peer)
				return false;
			if (!strcmp(bgp->speakers.items[i].peers.items[n].neighbor, neighbor))
				return true;
		}
	return false;
}

/* The one behind `address`; the first when there is none; with `is_up` only with a session. */
static const char *peer_behind(const struct snapshot_bgp *bgp, const char *address, bool is_up)
{
	const char *first = NULL;
	bool is_behind = false;

	for (size_t i = 0; i < bgp->speakers.count; i++)
		for (size_t n = 0; n < bgp->speakers.items[i].peers.count; n++) {
			const struct snapshot_peer *peer = &bgp->speakers.items[i].peers.items[n];

			if (is_repeated(bgp, i, n) || (is_up && peer->connected_at <= 0))
				continue;
			if (is_behind)
				return peer->neighbor;
			if (!first)
				first = peer->neighbor;
			is_behind = !strcmp(peer->neighbor, address);
		}
	return first;
}

static bool has_peer(const struct snapshot_bgp *bgp, const char *address)
{
	for (size_t i = 0; i < bgp->speakers.count; i++)
		for (size_t n = 0; n < bgp->speakers.items[i].peers.count; n++)
			if (!strcmp(bgp->speakers.items[i].peers.items[n].neighbor, address))
				return true;
	return false;
}

const char *view_gateways_peer(const struct scene *scene, const struct view_state *v)
{
	const struct snapshot_bgp *bgp = selected_bgp(scene, v);
	const char *peer;

	if (!bgp)
		return NULL;
	if (*v->peer && has_peer(bgp, v->peer))
		return v->peer;
	peer = peer_behind(bgp, "", true);
	return peer ? peer : peer_behind(bgp, "", false);
}

void view_gateways_next_peer(const struct scene *scene, struct view_state *v)
{
	const char *now = view_gateways_peer(scene, v), *next;

	if (!now)
		return;
	next = peer_behind(selected_bgp(scene, v), now, false);
	(void)snprintf(v->peer, sizeof(v->peer), "%s", next);
}

/* ---- drawing ---- */

/* Of a list of so many columns: the cursor, a name, a mark and a count. */
static unsigned name_width(unsigned cols)
{
	return cols > 13 ? cols - 9 : 4;
}

static void draw_row(const struct scene *scene, size_t index, bool is_selected, struct grid *g,
		     unsigned row)
{
	const struct snapshot_node *first = node_at(scene, index);
	const char *name = name_of_node(first);
	long long up = 0, all = 0;
	unsigned width = name_width(g->cols);
	bool is_broken = false;
	char sessions[48];

	for (size_t i = index; i < total(scene); i++) {
		const struct snapshot_node *node = node_at(scene, i);

		if (strcmp(name_of_node(node), name) != 0)
			break;
		up += node->sessions_up;
		all += node->sessions;
		is_broken |= strcmp(node->state, "up") != 0;
	}
	is_broken |= up < all;
	(void)snprintf(sessions, sizeof(sessions), "%lld/%lld", up, all);
	(void)grid_put(g, row, 0, STYLE_TEXT, "%s",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
	(void)grid_put_field(g, row, 1, width, STYLE_TEXT, name);
	(void)grid_put(g, row, width + 2, is_broken ? STYLE_BAD : STYLE_GOOD, "%s",
		       grid_glyph(g, is_broken ? GLYPH_BAD : GLYPH_GOOD));
	(void)grid_put(g, row, width + 4, is_broken ? STYLE_BAD : STYLE_TEXT, "%s",
		       all ? sessions : "no BGP");
	if (is_selected)
		grid_select(g, row);
}

static void draw_list(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows =
		view_rows(&view_gateways, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);
	unsigned width = name_width(g->cols);

	(void)view_heading(g, 0, 1, width + 3, v, 'N', "GATEWAY");
	(void)view_heading(g, 0, width + 4, 4, v, 'B', "BGP");
	for (unsigned row = 0; row < rows; row++)
		draw_row(scene, indices[row], first + row == v->selected, g, row + 1);
	if (!rows)
		view_say(g, !scene->snapshot.nodes ? ""
			    : *v->filter           ? "none matches"
						   : "no gateways");
}

static void draw_title(const struct snapshot_bgp *bgp, struct grid *g)
{
	unsigned col = grid_put(g, 0, 1, STYLE_TITLE, "%s", bgp->name);
	char as[32] = "";

	if (bgp->speakers.count)
		(void)snprintf(as, sizeof(as), "  AS %lld", (long long)bgp->speakers.items[0].asn);
	col = grid_put(g, 0, col, STYLE_DIM, "  %s", bgp->role);
	(void)grid_put_field(g, 0, col, g->cols - col, STYLE_DIM, as);
}

static void draw_detail(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_bgp *bgp = selected_bgp(scene, v);
	const char *peer = view_gateways_peer(scene, v);
	struct gateway_lines lines;
	struct arena *arena;
	size_t first = v->is_open ? v->detail_top : 0;

	if (!bgp || g->rows < 2)
		return;
	draw_title(bgp, g);
	arena = arena_new();
	lines = gateway_lines(scene, peer, g->cols, v->is_open ? 0 : g->rows - 1, arena);
	for (size_t i = first; i < lines.count && i - first + 1 < g->rows; i++)
		gateway_line_draw(&lines.items[i], g, (unsigned)(i - first) + 1);
	arena_free(arena);
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	struct arena *arena;
	size_t count;

	if (!v->is_open || !selected_bgp(scene, v))
		return 1;
	arena = arena_new();
	count = gateway_lines(scene, view_gateways_peer(scene, v), cols, 0, arena).count + 1;
	arena_free(arena);
	return count;
}

/* Columns of the list beside the detail: names are seen whole as far as there is room. */
static unsigned left_cols(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	unsigned most = cols / 2 - 5, left = 20;

	for (size_t i = 0; i < total(scene); i++) {
		unsigned wanted = text_width(name_of_node(node_at(scene, i))) + 9;

		if (wanted > left && passes(scene, v, i))
			left = wanted;
	}
	return left < most ? left : most;
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	unsigned left = left_cols(scene, v, g->cols);
	struct grid pane;

	if (v->is_open) {
		draw_detail(scene, v, g);
		return;
	}
	if (g->cols < SPLIT_COLS) {
		draw_list(scene, v, g);
		return;
	}
	pane = grid_window(g, 0, 0, g->rows, left);
	draw_list(scene, v, &pane);
	grid_column_rule(g, left);
	pane = grid_window(g, 0, left + 1, g->rows, g->cols - left - 1);
	draw_detail(scene, v, &pane);
}

const struct view view_gateways = {
	.digit = '4',
	.name = "gateways",
	.words = "peers, tunnels and circuits; routes learned and told",
	.total = total,
	.sorts = sorts,
	.thing = thing,
	.sentence = sentence,
	.passes = passes,
	.name_of = name_of,
	.about = about,
	.machine = machine,
	.detail_count = detail_count,
	.draw = draw,
};
