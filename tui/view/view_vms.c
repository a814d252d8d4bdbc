/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machines; of the selected one its effective routes and the probes it sends. Where
 * there is no room for all, the list has it. Enter opens the view of its routes.
 */
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SPLIT_COLS  76 /* from here on list and routes stand side by side */
#define PROBES_ROWS 14 /* from here on the probes have their pane */

static size_t total(const struct scene *scene)
{
	return scene->snapshot.vms ? scene->snapshot.vms->vms.count : 0;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_vm *vm = &scene->snapshot.vms->vms.items[index];
	const char *const texts[] = { vm->vm, vm->nic, vm->address, vm->subnet };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static const struct snapshot_vm *vm_at(const struct scene *scene, size_t index)
{
	return &scene->snapshot.vms->vms.items[index];
}

static int by_name(const struct scene *scene, size_t a, size_t b)
{
	return view_compare_texts(vm_at(scene, a)->vm, vm_at(scene, b)->vm);
}

static int by_address(const struct scene *scene, size_t a, size_t b)
{
	return view_compare_texts(vm_at(scene, a)->address, vm_at(scene, b)->address);
}

/* Those first of whose probes most are wrong. */
static int by_probes(const struct scene *scene, size_t a, size_t b)
{
	const struct snapshot_vm *x = vm_at(scene, a), *y = vm_at(scene, b);

	return view_compare_numbers((double)(y->probes - y->probes_green),
				    (double)(x->probes - x->probes_green));
}

static const struct view_sort sorts[] = {
	{ 'N', "name", by_name },
	{ 'A', "address", by_address },
	{ 'P', "probes that are wrong", by_probes },
	{ 0 },
};

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = record_of_list(&snapshot_vms_record);
	return vm_at(scene, index);
}

static const char *sentence(const struct scene *scene, size_t index, struct arena *arena)
{
	const struct snapshot_vm *vm = vm_at(scene, index);

	return arena_printf(arena,
			    "%s has the address %s on its NIC %s in %s; of the %lld probes that it "
			    "sends, %lld are as predicted.",
			    vm->vm, vm->address, vm->nic, vm->subnet, (long long)vm->probes,
			    (long long)vm->probes_green);
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%s", scene->snapshot.vms->vms.items[index].nic);
}

static void about(const struct scene *scene, size_t index, struct subject *ret_subject)
{
	if (index == VIEW_NOTHING)
		return;
	ret_subject->kind = SUBJECT_NIC;
	name_of(scene, index, ret_subject->name);
}

static const char *machine(const struct scene *scene, size_t index)
{
	return index == VIEW_NOTHING ? NULL : vm_at(scene, index)->vm;
}

static const struct snapshot_vm *get(const struct scene *scene, const struct view_state *v,
				     size_t row)
{
	size_t index = view_at(&view_vms, scene, v, row);

	return index == VIEW_NOTHING ? NULL : &scene->snapshot.vms->vms.items[index];
}

static void draw_vm(const struct snapshot_vm *vm, bool is_selected, struct grid *g, unsigned row,
		    unsigned name_width)
{
	bool is_good = vm->probes && vm->probes_green == vm->probes;
	enum style style = !vm->probes      ? STYLE_DIM
			   : is_good        ? STYLE_GOOD
			   : vm->probes_red ? STYLE_BAD
					    : STYLE_WAITING;
	enum glyph glyph = is_good ? GLYPH_GOOD : vm->probes_red ? GLYPH_BAD : GLYPH_WAITING;
	unsigned col;

	col = grid_put(g, row, 0, STYLE_TEXT, "%s",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
	col = grid_put_field(g, row, col, name_width, STYLE_TEXT, vm->vm);
	col = grid_put(g, row, col, STYLE_TEXT, " ");
	col = grid_put_field(g, row, col, 15, STYLE_TEXT, vm->address);
	if (vm->probes)
		(void)grid_put(g, row, col, style, " %s %lld/%lld", grid_glyph(g, glyph),
			       (long long)vm->probes_green, (long long)vm->probes);
	else
		(void)grid_put(g, row, col, style, " no probes");
	if (is_selected)
		grid_select(g, row);
}

static void draw_list(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows = view_rows(&view_vms, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);
	unsigned name_width = g->cols > 27 ? g->cols - 27 : 8;
	unsigned col;

	if (name_width > 30)
		name_width = 30;
	col = view_heading(g, 0, 0, name_width + 2, v, 'N', " VM");
	col = view_heading(g, 0, col, 16, v, 'A', "ADDRESS");
	(void)view_heading(g, 0, col, 7, v, 'P', "PROBES");
	for (unsigned row = 0; row < rows; row++)
		draw_vm(&scene->snapshot.vms->vms.items[indices[row]], first + row == v->selected,
			g, row + 1, name_width);
	if (!rows)
		view_say(g, scene->snapshot.vms ? *v->filter ? "no VM matches" : "no VMs" : "");
}

static void draw_routes(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_routes *routes = scene->snapshot.routes;
	unsigned col;

	col = grid_put(g, 0, 0, STYLE_TITLE, " %s", routes ? routes->nic : v->name);
	if (routes && g->cols > col + 11)
		grid_put_right(g, 0, STYLE_DIM, "%zu rows ", routes->routes.count);
	if (g->cols > col + 30)
		(void)grid_put(g, 0, col, STYLE_DIM, "  effective routes");
	if (!routes && scene->snapshot.nic_refusal) {
		view_say_no_nic(scene, g);
		return;
	}
	view_route_heading(g, 1);
	for (size_t i = 0; routes && i < routes->routes.count && i + 2 < g->rows; i++)
		view_route(scene, i, false, g, (unsigned)i + 2);
}

static void draw_probe(const struct scene *scene, const struct snapshot_probe *probe,
		       struct grid *g, unsigned row, bool is_named)
{
	enum style style = probe_style(probe);
	unsigned spark = g->cols >= 110 ? 30 : g->cols >= 70 ? 16 : g->cols >= 60 ? 8 : 0;
	unsigned name_width = g->cols >= 60 ? 18 : 12;
	bool is_expected = probe_glyph(probe) == GLYPH_EXPECTED;
	unsigned lost = view_lost(probe);
	char rtt[16] = "";
	unsigned col;

	if (probe->is_reply)
		view_rtt(probe->rtt_ms, rtt);
	col = grid_put(g, row, 0, view_is_new(scene, probe->coloured_at) ? STYLE_NEW : STYLE_TEXT,
		       "%s",
		       view_is_new(scene, probe->coloured_at) ? grid_glyph(g, GLYPH_NEW) : " ");
	col = grid_put_field(g, row, col, name_width, STYLE_TEXT, is_named ? probe->to : "");
	col = grid_put(g, row, col, style, "%s ", grid_glyph(g, probe_glyph(probe)));
	col = grid_put_field(g, row, col, 5, STYLE_TEXT, probe_word(probe));
	col = grid_put_field(g, row, col, 9, STYLE_TEXT, rtt);
	if (spark) {
		col = view_sparkline(g, row, col, spark, probe);
		col = grid_put(g, row, col, STYLE_TEXT, "  ");
	}
	if (probe->is_reply && probe->ttl)
		col = grid_put(g, row, col, STYLE_DIM, "ttl %lld  ", (long long)probe->ttl);
	if (is_expected)
		(void)grid_put(g, row, col, style, "fails as predicted: %s", probe->prediction);
	else if (!probe->is_reply)
		(void)grid_put(g, row, col, style, "%s",
			       *probe->why ? probe->why : probe->observation);
	else if (!probe->is_reply_predicted)
		(void)grid_put(g, row, col, style, "a reply, predicted: %s", probe->prediction);
	else if (lost)
		(void)grid_put(g, row, col, STYLE_WAITING, "%u of %zu lost", lost,
			       probe->recent.count);
}

/* Those that are not as predicted come first. */
static void draw_probes(const struct scene *scene, const char *vm, struct grid *g)
{
	const struct snapshot_probes *probes = scene->snapshot.probes;
	const char *before = NULL;
	unsigned row = 0;
	size_t left = 0;

	for (int pass = 0; probes && pass < 2; pass++)
		for (size_t i = 0; i < probes->probes.count; i++) {
			const struct snapshot_probe *probe = &probes->probes.items[i];
			bool is_green = !strcmp(probe->colour, "green");

			if (strcmp(probe->from, vm) != 0 || is_green != pass)
				continue;
			if (row == g->rows) {
				left++;
				continue;
			}
			draw_probe(scene, probe, g, row++,
				   !before || strcmp(before, probe->to) != 0);
			before = probe->to;
		}
	if (left && g->rows)
		grid_put_right(g, g->rows - 1, STYLE_DIM, " %zu more: 5 ", left);
}

/* Rows of the upper panes: the probes have theirs below when there is room. */
static unsigned upper_rows(const struct snapshot_vm *vm, unsigned rows)
{
	unsigned most = rows / 2 - 1;

	if (!vm || rows < PROBES_ROWS)
		return rows;
	return rows - 1 - (vm->probes < most ? (unsigned)vm->probes : most);
}

static unsigned list_rows(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols)
{
	unsigned upper = upper_rows(get(scene, v, v->selected), rows);

	(void)cols;
	return upper ? upper - 1 : 0;
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_vm *vm = get(scene, v, v->selected);
	unsigned upper = upper_rows(vm, g->rows), left = g->cols;
	struct grid pane;

	if (g->cols >= SPLIT_COLS) {
		left = g->cols >= 110 ? 56 : 42;
		pane = grid_window(g, 0, left + 1, upper, g->cols - left - 1);
		draw_routes(scene, v, &pane);
		pane = grid_window(g, 0, 0, upper, g->cols);
		grid_column_rule(&pane, left);
	}
	pane = grid_window(g, 0, 0, upper, left);
	draw_list(scene, v, &pane);
	if (!vm || upper == g->rows)
		return;
	grid_rule(g, upper);
	(void)grid_put(g, upper, 2, STYLE_TITLE, " probes from %s ", vm->vm);
	pane = grid_window(g, upper + 1, 0, g->rows - upper - 1, g->cols);
	draw_probes(scene, vm->vm, &pane);
}

const struct view view_vms = {
	.digit = '1',
	.name = "vms",
	.words = "virtual machines, their effective routes and probes",
	.total = total,
	.passes = passes,
	.name_of = name_of,
	.about = about,
	.machine = machine,
	.list_rows = list_rows,
	.sorts = sorts,
	.thing = thing,
	.sentence = sentence,
	.draw = draw,
};
