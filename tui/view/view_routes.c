/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The effective routes of one NIC: of the machine that is selected among all. w shows why the
 * selected route is there, and then why all of them are and others are not.
 */
#include "tui/view/view.h"

#include "lab/render/why.h"

#include <stdio.h>
#include <string.h>

static const char *short_source(const char *source)
{
	return !strcmp(source, "VirtualNetworkGateway") ? "VNG" : source;
}

/* "10.0.0.46 .47": what later addresses share with the first is left out. */
static void next_hops(const struct snapshot_route *route, char *text, size_t size)
{
	size_t len = 0;

	if (!route->next_hop_ip.count) {
		(void)snprintf(text, size, "%s", route->next_hop_type);
		return;
	}
	for (size_t i = 0; i < route->next_hop_ip.count && len < size; i++) {
		const char *ip = route->next_hop_ip.items[i], *last = strrchr(ip, '.');
		const char *before = route->next_hop_ip.items[0];

		if (i && last && !strncmp(ip, before, (size_t)(last - ip) + 1))
			ip = last;
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? " " : "", ip);
	}
}

struct route_columns {
	unsigned source, state, prefix, type;
};

static struct route_columns route_columns(unsigned cols)
{
	if (cols >= 90)
		return (struct route_columns){ 22, 8, 19, 22 };
	if (cols >= 60)
		return (struct route_columns){ 8, 8, 19, 0 };
	return (struct route_columns){ 8, cols >= 44 ? 8 : 0, 17, 0 };
}

void view_route_heading(struct grid *g, unsigned row)
{
	struct route_columns columns = route_columns(g->cols);
	unsigned col = grid_put_field(g, row, 0, columns.source + 1, STYLE_HEADING, " SOURCE");

	if (columns.state)
		col = grid_put_field(g, row, col, columns.state, STYLE_HEADING, "STATE");
	col = grid_put_field(g, row, col, columns.prefix, STYLE_HEADING, "PREFIX");
	if (columns.type)
		col = grid_put_field(g, row, col, columns.type, STYLE_HEADING, "NEXT HOP TYPE");
	(void)grid_put(g, row, col, STYLE_HEADING, "NEXT HOP");
}

/* "20.38.0.0/17 +2" */
static void prefix_text(const struct snapshot_route *route, char text[64])
{
	size_t count = route->address_prefix.count;

	if (count > 1)
		(void)snprintf(text, 64, "%.40s +%zu", route->address_prefix.items[0], count - 1);
	else
		(void)snprintf(text, 64, "%.60s", count ? route->address_prefix.items[0] : "");
}

void view_route(const struct scene *scene, size_t index, bool is_selected, struct grid *g,
		unsigned row)
{
	const struct snapshot_route *route = &scene->snapshot.routes->routes.items[index];
	const double *changed_at = scene->snapshot.routes_changed_at;
	bool is_new = changed_at && view_is_new(scene, changed_at[index]);
	struct route_columns columns = route_columns(g->cols);
	bool is_active = !strcmp(route->state, "Active");
	enum style style = is_new ? STYLE_NEW : is_active ? STYLE_TEXT : STYLE_DIM;
	char hops[256], prefix[64];
	unsigned col;

	col = grid_put(g, row, 0, style, "%s",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR)
		       : is_new    ? grid_glyph(g, GLYPH_NEW)
				   : " ");
	col = grid_put_field(g, row, col, columns.source, style,
			     columns.type ? route->source : short_source(route->source));
	if (columns.state)
		col = grid_put_field(g, row, col, columns.state, style, route->state);
	prefix_text(route, prefix);
	col = grid_put_field(g, row, col, columns.prefix, style, prefix);
	if (columns.type)
		col = grid_put_field(g, row, col, columns.type, style, route->next_hop_type);
	next_hops(route, hops, sizeof(hops));
	if (!is_active && !columns.state) /* no meaning rests on how dim it is */
		col = grid_put(g, row, col, style, "%s: ", route->state);
	if (col < g->cols && (!columns.type || route->next_hop_ip.count))
		(void)grid_put_field(g, row, col, g->cols - col, style, hops);
	if (is_selected)
		grid_select(g, row);
}

/* ---- the list ---- */

static size_t total(const struct scene *scene)
{
	return scene->snapshot.routes ? scene->snapshot.routes->routes.count : 0;
}

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = record_of_list(&snapshot_routes_record);
	return &scene->snapshot.routes->routes.items[index];
}

static const char *sentence(const struct scene *scene, size_t index, struct arena *arena)
{
	const struct snapshot_routes *routes = scene->snapshot.routes;
	const struct snapshot_route *route = &routes->routes.items[index];

	return arena_printf(
		arena,
		"What %s sends to %s goes to %s%s%s. The row is of source %s%s%s and %s; w "
		"says why it is there.",
		routes->nic, texts_join(&route->address_prefix, ", ", arena), route->next_hop_type,
		route->next_hop_ip.count ? " at " : "",
		texts_join(&route->next_hop_ip, ", ", arena), route->source,
		route->name ? ", named " : "", route->name ? route->name : "", route->state);
}

/* Whichever row it is. */
static const char *machine(const struct scene *scene, size_t index)
{
	(void)index;
	return scene->snapshot.routes ? scene->snapshot.routes->vm : NULL;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_route *route = &scene->snapshot.routes->routes.items[index];
	const char *const texts[] = { route->source, route->state, route->next_hop_type,
				      route->name };

	return view_has(v, texts, ARRAY_SIZE(texts)) ||
	       view_has(v, route->address_prefix.items, route->address_prefix.count) ||
	       view_has(v, route->next_hop_ip.items, route->next_hop_ip.count);
}

/* The reasons are of the rows that are shown, and not of those of a moment before. */
static bool is_why_there(const struct scene *scene)
{
	const struct snapshot_routes *routes = scene->snapshot.routes;
	const struct snapshot_why *why = scene->snapshot.why;

	return why && routes && !strcmp(why->nic, routes->nic) &&
	       why->routes.count == routes->routes.count;
}

/* ---- reasons ---- */

/* A line of what is open: a row of the routes, or text below it. */
struct why_line {
	size_t row; /* VIEW_NOTHING: text */
	const char *text;
};

struct why_lines {
	struct why_line *items;
	size_t count;
};

#define REASON_INDENT 6 /* behind "R3.10 " */

/* In so many columns; all but the first line are indented. */
static void add_text(struct why_lines *lines, const char *text, unsigned indent, unsigned begin,
		     unsigned cols, struct arena *arena)
{
	size_t width = cols > indent + begin + 10 ? cols - begin - 1 : 10 + indent;
	struct texts wrapped = why_wrap(text, width, width - indent, arena);

	for (size_t i = 0; i < wrapped.count; i++)
		*ARENA_PUSH(arena, lines->items, lines->count) = (struct why_line){
			VIEW_NOTHING, arena_printf(arena, "%*s%s", (int)(begin + (i ? indent : 0)),
						   "", wrapped.items[i])
		};
}

static bool are_same(const struct texts *a, const struct texts *b)
{
	bool is_same = a->count == b->count;

	for (size_t i = 0; i < a->count && is_same; i++)
		is_same = !strcmp(a->items[i], b->items[i]);
	return is_same;
}

/* Of rows beside each other with the same reasons once, then what is not there. */
static struct why_lines all_lines(const struct scene *scene, const struct view_state *v,
				  unsigned cols, struct arena *arena)
{
	const struct snapshot_why *why = scene->snapshot.why;
	struct texts reasons = { 0 }, next;
	struct why_lines lines = { 0 };
	size_t from = 0;

	if (!is_why_there(scene))
		return lines;
	for (size_t i = 0; i < why->routes.count; i++) {
		if (!passes(scene, v, i))
			continue;
		next = why_of_row(why, i, &from, arena);
		if (!are_same(&reasons, &next))
			for (size_t n = 0; n < reasons.count; n++)
				add_text(&lines, reasons.items[n], REASON_INDENT, 4, cols, arena);
		*ARENA_PUSH(arena, lines.items, lines.count) = (struct why_line){ i, NULL };
		reasons = next;
	}
	for (size_t n = 0; n < reasons.count; n++)
		add_text(&lines, reasons.items[n], REASON_INDENT, 4, cols, arena);
	if (*v->filter)
		return lines;
	next = why_absences(why, NULL, arena);
	for (size_t i = 0; i < next.count; i++) {
		if (!i)
			*ARENA_PUSH(arena, lines.items, lines.count) =
				(struct why_line){ VIEW_NOTHING, "" };
		add_text(&lines, next.items[i], 4, 1, cols, arena);
	}
	return lines;
}

/* Of the selected row. */
static struct why_lines row_lines(const struct scene *scene, const struct view_state *v,
				  unsigned cols, struct arena *arena)
{
	size_t row = view_at(&view_routes, scene, v, v->selected), from = 0;
	struct why_lines lines = { 0 };
	struct texts reasons;

	if (v->why != WHY_OF_ROW || row == VIEW_NOTHING)
		return lines;
	if (!is_why_there(scene)) {
		add_text(&lines, "the lab is asked", 0, 1, cols, arena);
		return lines;
	}
	reasons = why_of_row(scene->snapshot.why, row, &from, arena);
	for (size_t i = 0; i < reasons.count; i++)
		add_text(&lines, reasons.items[i], REASON_INDENT, 1, cols, arena);
	return lines;
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	struct arena *arena;
	size_t count;

	if (!v->is_open)
		return 1;
	arena = arena_new();
	count = all_lines(scene, v, cols, arena).count + 2; /* as many as stand above them */
	arena_free(arena);
	return count;
}

/* Lines for the reasons of the selected row, with the rule above them. */
static unsigned pane_rows(size_t lines, unsigned rows)
{
	unsigned most = rows / 2;

	if (!lines || rows < 6)
		return 0;
	return lines + 1 < most ? (unsigned)lines + 1 : most;
}

static unsigned list_rows(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols)
{
	struct arena *arena = arena_new();
	unsigned pane = pane_rows(row_lines(scene, v, cols, arena).count, rows);

	arena_free(arena);
	return rows > pane + 2 ? rows - pane - 2 : 0;
}

/* ---- drawing ---- */

static void draw_title(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_routes *routes = scene->snapshot.routes;
	unsigned col = grid_put(g, 0, 0, STYLE_TITLE, " %s", routes->nic);

	if (g->cols > col + 40)
		col = grid_put(g, 0, col, STYLE_DIM, "  effective routes");
	if (routes->route_table && g->cols > col + 36)
		(void)grid_put(g, 0, col, STYLE_DIM, ", route table %.40s", routes->route_table);
	if (g->cols > col + 22)
		grid_put_right(g, 0, STYLE_DIM, "%zu rows, w %s ", routes->routes.count,
			       v->why == WHY_NONE     ? "why"
			       : v->why == WHY_OF_ROW ? "why all"
						      : "rows");
	view_route_heading(g, 1);
}

static void draw_lines(const struct scene *scene, const struct why_lines *lines, size_t first,
		       enum style style, struct grid *g)
{
	for (size_t i = first; i < lines->count && i - first < g->rows; i++) {
		const struct why_line *line = &lines->items[i];
		unsigned row = (unsigned)(i - first);

		if (line->row == VIEW_NOTHING)
			(void)grid_put(g, row, 0, style, "%s", line->text);
		else
			view_route(scene, line->row, false, g, row);
	}
}

static void draw_all(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	struct grid body = grid_window(g, 2, 0, g->rows > 2 ? g->rows - 2 : 0, g->cols);
	struct arena *arena = arena_new();
	struct why_lines lines = all_lines(scene, v, g->cols, arena);

	draw_lines(scene, &lines, v->detail_top, STYLE_DIM, &body);
	if (!lines.count)
		view_say(&body, "the lab is asked");
	arena_free(arena);
}

static void draw_pane(const struct scene *scene, const struct view_state *v, unsigned at,
		      const struct why_lines *lines, struct grid *g)
{
	size_t row = view_at(&view_routes, scene, v, v->selected);
	struct grid body = grid_window(g, at + 1, 0, g->rows - at - 1, g->cols);
	char prefix[64];

	prefix_text(&scene->snapshot.routes->routes.items[row], prefix);
	grid_rule(g, at);
	(void)grid_put(g, at, 2, STYLE_TITLE, " why %s ", prefix);
	draw_lines(scene, lines, 0, STYLE_TEXT, &body);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first;
	struct arena *arena;
	struct why_lines lines;
	unsigned pane, rows;

	if (!scene->snapshot.routes) {
		view_say_no_nic(scene, g);
		return;
	}
	draw_title(scene, v, g);
	if (v->is_open) {
		draw_all(scene, v, g);
		return;
	}
	arena = arena_new();
	lines = row_lines(scene, v, g->cols, arena);
	pane = pane_rows(lines.count, g->rows);
	rows = view_rows(&view_routes, scene, v, g->rows > pane + 2 ? g->rows - pane - 2 : 0,
			 indices, &first);
	for (unsigned row = 0; row < rows; row++)
		view_route(scene, indices[row], first + row == v->selected, g, row + 2);
	if (!rows)
		view_say(g, *v->filter ? "no route matches" : "no routes");
	if (rows && pane)
		draw_pane(scene, v, g->rows - pane, &lines, g);
	arena_free(arena);
}

const struct view view_routes = {
	.digit = '2',
	.name = "routes",
	.words = "effective routes of the selected machine, and why they are there",
	.total = total,
	.thing = thing,
	.sentence = sentence,
	.machine = machine,
	.passes = passes,
	.list_rows = list_rows,
	.detail_count = detail_count,
	.draw = draw,
};
