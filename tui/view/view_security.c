/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What filters at the selected machine: flows as they come, newest first, and below them the rules
 * that hold, what a flow met (w), or the verdict on a packet that is asked about (i). Enter shows
 * the rules on a whole page.
 */
#include "tui/view/view.h"

#include "lab/render/az_flow.h"
#include "lab/render/flow_lines.h"

#include <stdio.h>
#include <string.h>

#define ROWS_WITH_RULES 14 /* from here on there is room for flows and rules */
#define COLS_FEW        60
#define COLS_MANY       110

/* ---- flows ---- */

static size_t total(const struct scene *scene)
{
	return scene->snapshot.flows ? scene->snapshot.flows->flows.count : 0;
}

/* The newest first. */
static const struct snapshot_flow *flow_at(const struct scene *scene, size_t index)
{
	return &scene->snapshot.flows->flows.items[total(scene) - 1 - index];
}

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = &snapshot_flow_record;
	return flow_at(scene, index);
}

static const char *sentence(const struct scene *scene, size_t index, struct arena *arena)
{
	const struct snapshot_flow *flow = flow_at(scene, index);

	return arena_printf(
		arena, "%s from %s to %s, %s at %s: %s, by %s; seen %lld times, %lld packets.",
		flow->protocol, flow_source_print(flow).text, flow_destination_print(flow).text,
		flow->direction, flow->nic, flow->access, flow->rule, (long long)flow->count,
		(long long)flow->packets);
}

/* Whichever row it is. */
static const char *machine(const struct scene *scene, size_t index)
{
	(void)index;
	return scene->snapshot.nsg ? scene->snapshot.nsg->vm : NULL;
}

static const struct snapshot_layer *last_layer(const struct snapshot_flow *flow)
{
	return flow->layers.count ? &flow->layers.items[flow->layers.count - 1] : NULL;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_flow *flow = flow_at(scene, index);
	const struct snapshot_layer *layer = last_layer(flow);
	struct flow_end_text source = flow_source_print(flow);
	struct flow_end_text destination = flow_destination_print(flow);
	const char *const texts[] = { flow->access,
				      flow->direction,
				      flow->protocol,
				      source.text,
				      destination.text,
				      flow->rule,
				      flow->nic,
				      layer ? layer->layer : NULL,
				      layer ? layer->resource : NULL };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%lld", (long long)flow_at(scene, index)->number);
}

const struct snapshot_flow *view_security_flow(const struct scene *scene,
					       const struct view_state *v)
{
	size_t index = view_at(&view_security, scene, v, v->selected);

	return index == VIEW_NOTHING ? NULL : flow_at(scene, index);
}

static bool is_denied(const char *access)
{
	return !strcmp(access, "Deny");
}

static enum style access_style(const char *access)
{
	return is_denied(access) ? STYLE_EXPECTED : STYLE_GOOD;
}

static const char *access_glyph(const struct grid *g, const char *access)
{
	return grid_glyph(g, is_denied(access) ? GLYPH_EXPECTED : GLYPH_GOOD);
}

struct columns {
	unsigned time, direction, protocol, end; /* widths; 0: not there */
};

static struct columns columns_of(unsigned cols)
{
	if (cols >= COLS_MANY)
		return (struct columns){ 9, 4, 5, 24 };
	if (cols >= COLS_FEW)
		return (struct columns){ 9, 4, 5, 19 };
	return (struct columns){ 0, 4, 0, 18 };
}

static void draw_heading(struct grid *g, unsigned row)
{
	struct columns columns = columns_of(g->cols);
	unsigned col = columns.time + 1;

	if (columns.time)
		(void)grid_put_field(g, row, 1, columns.time, STYLE_HEADING, "TIME");
	col = grid_put_field(g, row, col, 8, STYLE_HEADING, "ACCESS");
	col = grid_put_field(g, row, col, columns.direction, STYLE_HEADING, "DIR");
	if (columns.protocol)
		col = grid_put_field(g, row, col, columns.protocol, STYLE_HEADING, "PROT");
	if (columns.time)
		col = grid_put_field(g, row, col, columns.end, STYLE_HEADING, "SOURCE");
	col = grid_put_field(g, row, col, columns.end, STYLE_HEADING,
			     columns.time ? "DESTINATION" : "REMOTE");
	(void)grid_put(g, row, col, STYLE_HEADING, "RULE");
}

static unsigned put_end(struct grid *g, unsigned row, unsigned col, unsigned width,
			const char *text)
{
	col = grid_put_field(g, row, col, width - 1, STYLE_TEXT, text);
	return grid_put(g, row, col, STYLE_TEXT, " ");
}

static void draw_rule(const struct snapshot_flow *flow, struct grid *g, unsigned row, unsigned col)
{
	const struct snapshot_layer *layer = last_layer(flow);
	char text[200] = "";

	if (g->cols >= COLS_MANY)
		flow_decider_print(flow, text, sizeof(text));
	else if (layer)
		(void)snprintf(text, sizeof(text), "%s", *layer->rule ? layer->rule : "gone");
	(void)grid_put_field(g, row, col, g->cols - col, access_style(flow->access), text);
}

static void draw_flow(const struct scene *scene, const struct snapshot_flow *flow, bool is_selected,
		      struct grid *g, unsigned row)
{
	struct columns columns = columns_of(g->cols);
	bool is_new = view_is_new(scene, flow->last_at);
	bool is_in = !strcmp(flow->direction, "Inbound");
	enum style style = is_new ? STYLE_NEW : STYLE_TEXT;
	unsigned col;
	char at[16];

	view_clock(scene, flow->last_at, at);
	col = grid_put(g, row, 0, style, "%s",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR)
		       : is_new    ? grid_glyph(g, GLYPH_NEW)
				   : " ");
	if (columns.time)
		col = grid_put(g, row, col, STYLE_DIM, "%.8s ", at);
	col = grid_put(g, row, col, access_style(flow->access), "%s %-6s",
		       access_glyph(g, flow->access), is_denied(flow->access) ? "Deny" : "Allow");
	col = grid_put_field(g, row, col, columns.direction, STYLE_TEXT, is_in ? "In" : "Out");
	if (columns.protocol)
		col = grid_put_field(g, row, col, columns.protocol, STYLE_TEXT, flow->protocol);
	if (columns.time || is_in)
		col = put_end(g, row, col, columns.end, flow_source_print(flow).text);
	if (columns.time || !is_in)
		col = put_end(g, row, col, columns.end, flow_destination_print(flow).text);
	draw_rule(flow, g, row, col);
	if (is_selected)
		grid_select(g, row);
}

/* ---- what stands below them ---- */

static void add(struct security_lines *lines, enum security_line_kind kind, const char *text,
		unsigned cols, struct arena *arena)
{
	security_lines_wrap(lines, kind, "", text, cols, arena);
}

static struct security_lines flow_lines(const struct snapshot_flow *flow, unsigned cols,
					struct arena *arena)
{
	struct security_lines lines = { 0 };

	add(&lines, SECURITY_TITLE,
	    arena_printf(arena, "%s %s %s -> %s at %s", flow->direction, flow->protocol,
			 flow_source_print(flow).text, flow_destination_print(flow).text,
			 flow->nic),
	    cols, arena);
	for (size_t i = 0; i < flow->layers.count; i++) {
		const struct snapshot_layer *layer = &flow->layers.items[i];

		security_lines_wrap(
			&lines, is_denied(layer->access) ? SECURITY_DENY : SECURITY_ALLOW,
			arena_printf(arena, "%-6s  ", layer->access),
			!layer->priority
				? arena_printf(arena, "%s %s", layer->layer, layer->rule)
				: arena_printf(arena, "%s %s: %s (%lld)", layer->layer,
					       layer->resource,
					       *layer->rule ? layer->rule : "a rule that is gone",
					       (long long)layer->priority),
			cols, arena);
	}
	add(&lines, SECURITY_MORE,
	    arena_printf(arena, "decided %lld %s, %lld packets, %lld bytes", (long long)flow->count,
			 flow->count == 1 ? "time" : "times", (long long)flow->packets,
			 (long long)flow->bytes),
	    cols, arena);
	return lines;
}

/* NW-08: az would refuse. */
static struct security_lines rule_lines(const struct snapshot_nsg *nsg, unsigned cols,
					struct arena *arena)
{
	struct security_lines lines = { 0 };

	if (nsg->filters.count)
		return az_nsg_lines(nsg, cols, arena);
	add(&lines, SECURITY_MORE,
	    arena_printf(arena, "no NSG stands at %s or at its subnet %s", nsg->nic, nsg->subnet),
	    cols, arena);
	return lines;
}

/* Where there is little room: what each layer says, and no more. */
static struct security_lines shortened(const struct security_lines *lines)
{
	struct security_lines out = { .items = lines->items };

	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i].kind != SECURITY_MORE)
			out.items[out.count++] = lines->items[i];
	return out;
}

static struct security_lines verdict_lines(const struct scene *scene, unsigned cols,
					   struct arena *arena)
{
	const struct snapshot *snapshot = &scene->snapshot;
	struct security_lines lines = { 0 };

	if (snapshot->verdict) { /* what is asked stands in the form */
		lines = az_flow_layer_lines(snapshot->verdict, true, cols, arena);
		return cols < COLS_FEW ? shortened(&lines) : lines;
	}
	if (snapshot->verdict_refusal)
		add(&lines, SECURITY_MORE, snapshot->verdict_refusal, cols, arena);
	else if (!*form_value(&scene->what_if.form, WHAT_IF_REMOTE))
		add(&lines, SECURITY_MORE, "type a remote address, or a virtual machine's name",
		    cols, arena);
	return lines;
}

enum pane {
	PANE_NONE,
	PANE_RULES,
	PANE_FLOW,
	PANE_FORM
};

static enum pane pane_of(const struct scene *scene, const struct view_state *v, unsigned rows)
{
	if (scene->what_if.is_open)
		return PANE_FORM;
	if (v->why == WHY_OF_ROW && view_security_flow(scene, v))
		return PANE_FLOW;
	return rows >= ROWS_WITH_RULES ? PANE_RULES : PANE_NONE;
}

static struct security_lines pane_lines(const struct scene *scene, const struct view_state *v,
					enum pane pane, unsigned cols, struct arena *arena)
{
	static const struct security_lines nothing;

	cols = cols > 2 ? cols - 2 : cols; /* a mark before each */
	switch (pane) {
	case PANE_RULES:
		return rule_lines(scene->snapshot.nsg, cols, arena);
	case PANE_FLOW:
		return flow_lines(view_security_flow(scene, v), cols, arena);
	case PANE_FORM:
		return verdict_lines(scene, cols, arena);
	case PANE_NONE:
		break;
	}
	return nothing;
}

/* Lines of the form itself. */
static unsigned form_rows(unsigned cols)
{
	return cols >= COLS_FEW ? 1 : 2;
}

/* With the rule above it; 0: none. */
static unsigned pane_rows(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols)
{
	enum pane pane = scene->snapshot.nsg ? pane_of(scene, v, rows) : PANE_NONE;
	struct arena *arena;
	unsigned wanted, most;

	if (pane == PANE_NONE || rows < 4)
		return 0;
	arena = arena_new();
	wanted = 1 + (unsigned)pane_lines(scene, v, pane, cols, arena).count;
	arena_free(arena);
	most = rows / 2;
	if (pane == PANE_FLOW && rows < 12)
		most = rows - 3;
	if (pane == PANE_RULES && total(scene) < most - 2) /* few flows need no more room */
		most = rows - 3 - (unsigned)total(scene);
	if (pane == PANE_FORM)
		most = rows - 1;
	if (pane == PANE_FORM) {
		wanted += form_rows(cols);
		if (rows >= ROWS_WITH_RULES) /* one place, whatever the verdict */
			wanted = most = rows - rows / 4;
	}
	return wanted < most ? wanted : most;
}

static unsigned list_rows(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols)
{
	unsigned pane = pane_rows(scene, v, rows, cols);

	return rows > pane + 2 ? rows - pane - 2 : 0;
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	struct arena *arena;
	size_t count;

	if (!v->is_open || !scene->snapshot.nsg)
		return 1;
	arena = arena_new();
	count = pane_lines(scene, v, PANE_RULES, cols, arena).count + 1; /* the title */
	arena_free(arena);
	return count;
}

/* ---- drawing ---- */

static void draw_lines(const struct security_lines *lines, size_t first, struct grid *g)
{
	for (size_t i = first; i < lines->count && i - first < g->rows; i++) {
		const struct security_line *line = &lines->items[i];
		unsigned row = (unsigned)(i - first);

		switch (line->kind) {
		case SECURITY_TITLE:
			(void)grid_put(g, row, 1, STYLE_TITLE, "%s", line->text);
			break;
		case SECURITY_HEADING:
			(void)grid_put(g, row, 2, STYLE_HEADING, "%s", line->text);
			break;
		case SECURITY_ALLOW:
		case SECURITY_DENY:
			(void)grid_put(g, row, 0,
				       line->kind == SECURITY_DENY ? STYLE_EXPECTED : STYLE_GOOD,
				       "%s",
				       grid_glyph(g, line->kind == SECURITY_DENY ? GLYPH_EXPECTED
										 : GLYPH_GOOD));
			(void)grid_put(g, row, 2, STYLE_TEXT, "%s", line->text);
			break;
		case SECURITY_MORE:
			(void)grid_put(g, row, 2, STYLE_DIM, "%s", line->text);
			break;
		}
	}
}

/* Where a field of the form stands. */
struct field_place {
	unsigned row, col, width;
};

static struct field_place place_of(size_t field, unsigned cols)
{
	static const struct field_place wide[] = {
		{ 0, 11, 8 }, { 0, 30, 4 }, { 0, 42, 13 }, { 0, 64, 15 }
	};
	static const struct field_place narrow[] = {
		{ 0, 11, 8 }, { 0, 30, 4 }, { 1, 7, 11 }, { 1, 27, 12 }
	};
	static const struct field_place many[] = {
		{ 0, 11, 8 }, { 0, 30, 4 }, { 0, 42, 28 }, { 0, 79, 30 }
	};

	return cols >= COLS_MANY ? many[field] : cols >= COLS_FEW ? wide[field] : narrow[field];
}

static void draw_field(const struct form *form, size_t at, struct grid *g)
{
	const struct form_field *field = &form->fields[at];
	struct field_place place = place_of(at, g->cols);
	bool is_here = form->at == at;

	(void)grid_put(g, place.row, place.col - 1 - text_width(field->label), STYLE_DIM, "%s",
		       field->label);
	(void)grid_put(g, place.row, place.col - 1, STYLE_KEY, "%s", is_here ? ">" : " ");
	(void)form_draw_value(form, field, g, place.row, place.col, place.width);
}

static void draw_pane(const struct scene *scene, const struct view_state *v, unsigned at,
		      struct grid *g)
{
	static const char *const titles[] = { "", " rules ", " what the flow met ", " what if " };
	struct grid body = grid_window(g, at + 1, 0, g->rows - at - 1, g->cols);
	enum pane pane = pane_of(scene, v, g->rows);
	struct arena *arena = arena_new();
	struct security_lines lines = pane_lines(scene, v, pane, g->cols, arena);

	grid_rule(g, at);
	(void)grid_put(g, at, 2, STYLE_TITLE, "%s", titles[pane]);
	if (pane == PANE_RULES && lines.count > body.rows)
		grid_put_right(g, at, STYLE_DIM, " Enter: all %zu lines ", lines.count);
	for (size_t i = 0; pane == PANE_FORM && i < scene->what_if.form.count; i++)
		draw_field(&scene->what_if.form, i, &body);
	if (pane == PANE_FORM)
		body = grid_window(g, at + 1 + form_rows(g->cols), 0,
				   g->rows - at - 1 - form_rows(g->cols), g->cols);
	draw_lines(&lines, 0, &body);
	arena_free(arena);
}

bool view_security_cursor(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols, unsigned *ret_row, unsigned *ret_col)
{
	const struct form *form = &scene->what_if.form;
	struct field_place place = place_of(form->at, cols);
	unsigned pane = pane_rows(scene, v, rows, cols);

	if (!scene->what_if.is_open || pane < 2 + place.row)
		return false;
	*ret_row = rows - pane + 1 + place.row;
	*ret_col = place.col + form_value_cursor(&form->fields[form->at], place.width);
	*ret_col = *ret_col < cols ? *ret_col : cols - 1;
	return true;
}

static void draw_title(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_flows *flows = scene->snapshot.flows;
	const struct snapshot_nsg *nsg = scene->snapshot.nsg;
	unsigned col = grid_put(g, 0, 0, STYLE_TITLE, " %s", nsg->nic), needed;
	const char *keys = v->is_open ? "w flows" : "w why, i what if";
	char text[80] = "";

	if (flows && flows->error)
		(void)snprintf(text, sizeof(text), "no flow log: %.60s", flows->error);
	else if (flows && flows->lost)
		(void)snprintf(text, sizeof(text), "%zu flows, %lld messages lost",
			       flows->flows.count, (long long)flows->lost);
	else if (flows)
		(void)snprintf(text, sizeof(text), "%zu flows", flows->flows.count);
	needed = text_width(text) + text_width(keys) + 5;
	for (size_t i = 0; i < nsg->filters.count && !v->is_open; i++) {
		const struct snapshot_filter *filter = &nsg->filters.items[i];

		if (col + text_width(filter->layer) + text_width(filter->resource) + 3 + needed <=
		    g->cols)
			col = grid_put(g, 0, col, STYLE_DIM, "  %s %s", filter->layer,
				       filter->resource);
	}
	if (col + needed <= g->cols)
		grid_put_right(g, 0, flows && (flows->error || flows->lost) ? STYLE_BAD : STYLE_DIM,
			       "%s, %s ", text, keys);
}

static void draw_rules(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	struct grid body = grid_window(g, 1, 0, g->rows ? g->rows - 1 : 0, g->cols);
	struct arena *arena = arena_new();
	struct security_lines lines = pane_lines(scene, v, PANE_RULES, g->cols, arena);

	draw_lines(&lines, v->detail_top, &body);
	arena_free(arena);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned pane, rows, list;
	struct grid body;

	if (!scene->snapshot.nsg) {
		view_say_no_nic(scene, g);
		return;
	}
	draw_title(scene, v, g);
	if (v->is_open) {
		draw_rules(scene, v, g);
		return;
	}
	pane = pane_rows(scene, v, g->rows, g->cols);
	list = g->rows > pane + 2 ? g->rows - pane - 2 : 0;
	rows = view_rows(&view_security, scene, v, list, indices, &first);
	if (g->rows > pane + 1)
		draw_heading(g, 1);
	for (unsigned row = 0; row < rows; row++)
		draw_flow(scene, flow_at(scene, indices[row]), first + row == v->selected, g,
			  row + 2);
	body = grid_window(g, 2, 0, list, g->cols);
	if (!rows && list)
		view_say(&body, *v->filter ? "no flow matches" : "no flows yet");
	if (pane)
		draw_pane(scene, v, g->rows - pane, g);
}

const struct view view_security = {
	.digit = '3',
	.name = "security",
	.words = "flows of the selected machine, its rules, and what if",
	.follows_top = true,
	.opens_empty = true,
	.total = total,
	.thing = thing,
	.sentence = sentence,
	.machine = machine,
	.passes = passes,
	.name_of = name_of,
	.list_rows = list_rows,
	.detail_count = detail_count,
	.draw = draw,
};
