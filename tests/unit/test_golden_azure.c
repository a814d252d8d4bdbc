/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worked cases of azure-routing.md chapter 10: a lab of each, and the rows that real Azure
 * printed for it (R1.13). A case's rows are never changed to fit: what cannot be said yet is named
 * in tests/conformance/cases.txt.
 */
#include "tests/support/test.h"

#include "lab/azure/bgp_solve.h"
#include "lab/plan/wanted.h"
#include "lab/render/az_routes.h"
#include "lab/snapshot/fill.h"
#include "tests/support/az_rows.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

struct golden_case {
	const char *name; /* its rows are NAME.rows */
	const char *lab;  /* default NAME.yaml */
	const char *step; /* of blocks that name none; NULL: the first */
};

/* A lab in one of its states, with what its gateways will have learned. */
struct state {
	char *text;
	struct as_paths *paths;
	struct wanted *wanted;
	struct arena *arena;
};

static unsigned find_step(const char *text, const char *lab, const char *name)
{
	struct diags diags = { 0 };
	struct lab *parsed = lab_parse(text, strlen(text), lab, &diags);
	const struct lab_step *step = parsed ? lab_find_step(parsed, name, NULL) : NULL;
	unsigned number = step ? step->number : 0;

	lab_free(parsed);
	diags_fini(&diags);
	if (!number)
		fail_msg("%s has no step '%s'", lab, name);
	return number;
}

static void state_init(struct state *s, const char *lab, const char *step,
		       const struct change_text *change)
{
	struct lab_state at = { .changes = change, .change_count = change != NULL };
	struct diags diags = { 0 };
	struct lab *parsed;

	s->text = read_file(lab, NULL);
	if (step)
		at.step = find_step(s->text, lab, step);
	parsed = lab_parse_at(s->text, strlen(s->text), lab, &at, &diags);
	if (!parsed)
		diags_print(&diags, s->text, strlen(s->text), stderr);
	diags_fini(&diags);
	assert_non_null(parsed);
	s->paths = as_paths_new();
	s->wanted = wanted_new(parsed, NULL, s->paths);
	s->arena = arena_new();
}

static void state_fini(struct state *s)
{
	arena_free(s->arena);
	wanted_free(s->wanted);
	as_paths_free(s->paths);
	free(s->text);
}

static void state_routes(const struct state *s, const char *name, struct snapshot_routes *out)
{
	const struct nic *nic = lab_find_nic(s->wanted->lab, name, NULL);
	const struct interface *port;

	if (!nic)
		fail_msg("the lab has no NIC '%s'", name);
	port = topology_find_nic(s->wanted->topology, nic);
	snapshot_fill_routes(nic, fabric_subnet_routes(s->wanted->fabric, port->table), out,
			     s->arena);
}

static const char *case_lab(const struct golden_case *c, struct arena *arena)
{
	if (c->lab && strchr(c->lab, '/'))
		return c->lab;
	return arena_printf(arena, "tests/golden/azure/%s.yaml", c->lab ? c->lab : c->name);
}

/* ---- a comparison that cannot fail says nothing ---- */

/* A row in another state, or in the place of its neighbour, is seen. */
static void assert_differences_are_seen(const struct az_block *block, const struct az_rows *rows,
					struct arena *arena)
{
	for (size_t i = 0; i < block->rows.count; i++) {
		struct az_row *row = &block->rows.items[i], saved = *row;

		row->state = strcmp(row->state, "Active") == 0 ? "Invalid" : "Active";
		assert_non_null(az_rows_difference(block, rows, false, arena));
		*row = saved;
		if (block->is_doc || i + 1 == block->rows.count ||
		    strcmp(row[0].type, row[1].type) == 0)
			continue;
		row[0] = row[1];
		row[1] = saved;
		assert_non_null(az_rows_difference(block, rows, false, arena));
		row[1] = row[0];
		row[0] = saved;
	}
}

/* ---- the cases ---- */

static void assert_block(const char *lab, const char *step, const struct az_block *block,
			 const struct change_text *change)
{
	struct state s;

	state_init(&s, lab, step, change);
	for (size_t i = 0; i < block->nics.count; i++) {
		struct snapshot_routes routes = { 0 };
		const char *difference;
		struct az_rows rows;
		json_t *json;

		state_routes(&s, block->nics.items[i], &routes);
		json = az_routes_json(&routes);
		rows = az_rows_of_json(json, s.arena);
		difference = az_rows_difference(block, &rows, change != NULL, s.arena);
		if (difference) {
			(void)fprintf(stderr, "%s", difference);
			fail_msg("%s, step %s, %s", lab, step ? step : "1", block->nics.items[i]);
		}
		if (!change)
			assert_differences_are_seen(block, &rows, s.arena);
		json_decref(json);
	}
	state_fini(&s);
}

/* As the file says, and with next hops in the form of the other era (R1.10). */
static void the_rows_are_azures(void **state)
{
	static const struct change_text as_list = { "semantics/next_hops", "list" };
	static const struct change_text as_rows = { "semantics/next_hops", "rows" };
	const struct golden_case *c = *state;
	struct arena *arena = arena_new();
	const char *lab = case_lab(c, arena);
	struct az_blocks blocks =
		az_blocks_read(arena_printf(arena, "tests/golden/azure/%s.rows", c->name), arena);

	for (size_t i = 0; i < blocks.count; i++) {
		const struct az_block *block = &blocks.items[i];
		const char *step = block->step ? block->step : c->step;

		assert_block(lab, step, block, NULL);
		assert_block(lab, step, block, &as_list);
		assert_block(lab, step, block, &as_rows);
	}
	arena_free(arena);
}

static const struct golden_case cases[] = {
	{ "G1", "templates/vpner/lab.yaml", NULL },
	{ "G2", NULL, NULL },
	{ "G3", NULL, NULL },
	{ "G4", NULL, "1" },
	{ "G5", NULL, NULL },
	{ "G6", "G6-G9", "1" },
	{ "G7", "G6-G9", "2" },
	{ "G8", "G6-G9", "2" },
	{ "G9", "G6-G9", "3" },
	{ "G11", NULL, NULL },
	{ "G12", "G12-G14", "1" },
	{ "G13", "G12-G14", "2" },
	{ "G14", "G12-G14", "3" },
	{ "G15", NULL, NULL },
	{ "G16", NULL, NULL },
	{ "G17", NULL, NULL },
	{ "G18", NULL, NULL },
	{ "G19", NULL, NULL },
	{ "G20", NULL, NULL },
	{ "G21", NULL, NULL },
	{ "G24", NULL, NULL },
	{ "G25", NULL, "1" },
	{ "G26", NULL, NULL },
	{ "G27", NULL, NULL },
	{ "G30", NULL, NULL },
	{ "G34", NULL, "1" },
};

/* ---- what is printed ---- */

static int line_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The rows of gateways are in the order of their arrival: sorted (R1.9). */
static const char *sort_gateway_lines(char *text, struct arena *arena)
{
	const char *lines[64], *out = "";
	size_t count = 0, first = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(count < ARRAY_SIZE(lines));
		lines[count++] = line;
	}
	while (first < count && strncmp(lines[first], "VirtualNetworkGateway", 21) != 0)
		first++;
	for (size_t end = first; end <= count; end++)
		if (end == count || strncmp(lines[end], "VirtualNetworkGateway", 21) != 0) {
			qsort(lines + first, end - first, sizeof(*lines), line_compare);
			break;
		}
	for (size_t i = 0; i < count; i++)
		out = arena_printf(arena, "%s%s\n", out, lines[i]);
	return out;
}

/* R1.2: to the character. Those of 2020 and 2023 are captures; in 2026 only JSON was captured. */
static void tables_are_printed_to_the_character(void **state)
{
	static const struct {
		const char *lab, *nic, *table, *step;
	} tables[] = {
		{ "G12-G14", "testvm1", "G12-testvm1", "1" },
		{ "G12-G14", "testvm2", "G12-testvm2", "1" },
		{ "G12-G14", "testvm1", "G13-testvm1", "2" },
		{ "G2", "myVnet1-vm1-nic", "G2-myVnet1-vm1-nic", NULL },
		{ "G3", "myVnet1-vm1-nic", "G3-myVnet1-vm1-nic", NULL },
		{ "G25", "c1-ep", "G25-c1-ep", "1" },
		{ "G34", "test1", "G34-test1", "1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		struct snapshot_routes routes = { 0 };
		struct memory_file file = { 0 };
		char path[256], *expected, *text;
		struct state s;

		(void)snprintf(path, sizeof(path), "tests/golden/azure/%s.yaml", tables[i].lab);
		state_init(&s, path, tables[i].step, NULL);
		state_routes(&s, tables[i].nic, &routes);
		az_routes_print(&routes, false, memory_open(&file));
		text = memory_close(&file);
		(void)snprintf(path, sizeof(path), "tests/golden/azure/%s.txt", tables[i].table);
		expected = read_file(path, NULL);
		assert_string_equal(sort_gateway_lines(text, s.arena),
				    sort_gateway_lines(expected, s.arena));
		free(expected);
		free(text);
		state_fini(&s);
	}
}

/* R1.3: what the subnet's table says about propagation is on every row of the NIC. */
static void propagation_is_that_of_the_table(void **state)
{
	(void)state;
	for (int is_off = 0; is_off <= 1; is_off++) {
		struct snapshot_routes routes = { 0 };
		const json_t *row;
		json_t *json;
		struct state s;
		size_t i;

		state_init(&s, "tests/golden/azure/G6-G9.yaml", is_off ? "3" : "2", NULL);
		state_routes(&s, "myVnet1-vm1-nic", &routes);
		json = az_routes_json(&routes);
		json_array_foreach(json_object_get(json, "value"), i, row)
			assert_true(json_boolean_value(json_object_get(
					    row, "disableBgpRoutePropagation")) == is_off);
		assert_true(i > 10);
		json_decref(json);
		state_fini(&s);
	}
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(cases) + 2] = {
		cmocka_unit_test(tables_are_printed_to_the_character),
		cmocka_unit_test(propagation_is_that_of_the_table),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[i + 2] = (struct CMUnitTest){ .name = cases[i].name,
						    .test_func = the_rows_are_azures,
						    .initial_state = (void *)&cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
