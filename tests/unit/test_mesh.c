/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who reaches whom, as people read it: small labs whole, large ones folded or cut. */
#include "tests/support/test.h"

#include "lab/render/mesh.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- meshes to look at ---- */

struct made {
	struct arena *arena;
	struct snapshot_mesh mesh;
};

typedef char cell_fn(size_t from, size_t to);

static void make(struct made *made, size_t rows, size_t columns, const char *name, cell_fn *cell)
{
	struct snapshot_mesh *m = &made->mesh;

	*made = (struct made){ .arena = arena_new(), .mesh = { .lab = "t", .protocol = "icmp" } };
	m->took_ms = 1234;
	for (size_t i = 0; i < columns; i++)
		*ARENA_PUSH(made->arena, m->to.items, m->to.count) =
			arena_printf(made->arena, "%s%zu", name, i + 1);
	for (size_t i = 0; i < rows; i++) {
		struct snapshot_mesh_row *row =
			ARENA_PUSH(made->arena, m->rows.items, m->rows.count);
		char *cells = arena_alloc(made->arena, columns + 1);

		row->from = arena_printf(made->arena, "%s%zu", name, i + 1);
		row->cells = cells;
		row->rtt_ms.count = columns;
		row->rtt_ms.items = arena_alloc(made->arena, columns * sizeof(double));
		for (size_t n = 0; n < columns; n++) {
			cells[n] = cell(i, n);
			row->rtt_ms.items[n] = cells[n] == '+' ? 0.125 : (double)NAN;
			m->pairs += cells[n] != ' ';
			if (mesh_cell_is_finding(cells[n]))
				*ARENA_PUSH(made->arena, row->findings.items, row->findings.count) =
					(struct snapshot_mesh_finding){ row->from, m->to.items[n],
									mesh_cell_name(cells[n]),
									"what was seen",
									"what is predicted" };
		}
	}
}

static void unmake(struct made *made)
{
	arena_free(made->arena);
}

static char *text_of(const struct snapshot_mesh *mesh,
		     void (*print)(const struct snapshot_mesh *mesh, FILE *out))
{
	struct memory_file file = { 0 };

	print(mesh, memory_open(&file));
	return memory_close(&file);
}

static void assert_fits(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		assert_true(strcspn(text, "\n") <= 80);
}

static void assert_printed(struct made *made, const char *golden)
{
	char *text = text_of(&made->mesh, mesh_print);

	assert_golden(golden, text);
	assert_fits(text);
	free(text);
}

/* ---- cells ---- */

static char all_reply(size_t from, size_t to)
{
	return from == to ? ' ' : '+';
}

/* The first is a hub, of the others only neighbours reach each other: six in each spoke. */
static char spokes_of_six(size_t from, size_t to)
{
	if (from == to)
		return ' ';
	return !from || !to || (from - 1) / 6 == (to - 1) / 6 ? '+' : '-';
}

static char of_each_kind(size_t from, size_t to)
{
	static const char *const rows[] = { " +-+", "+ !x", "?+ +", "+-+ " };

	return rows[from][to];
}

/* Each is like no other: it does not answer those of whose number it is a multiple. */
static char multiples(size_t from, size_t to)
{
	return from == to ? ' ' : (to + 2) % (from + 2) ? '+' : '-';
}

static char multiples_with_faults(size_t from, size_t to)
{
	if (from == 7 && (to == 90 || to == 3))
		return 'x';
	return from == 99 && to == 90 ? '!' : multiples(from, to);
}

static char multiples_unknown(size_t from, size_t to)
{
	return from == to ? ' ' : '?';
}

/* ---- what holds ---- */

static void a_small_one_is_whole_and_says_what_is_found(void **state)
{
	struct made made;
	char *text;

	(void)state;
	make(&made, 4, 4, "vm", of_each_kind);
	assert_printed(&made, "mesh/each_kind.txt");
	assert_false(mesh_is_good(&made.mesh));
	text = text_of(&made.mesh, mesh_print_tsv);
	assert_golden("mesh/each_kind.tsv", text);
	free(text);
	unmake(&made);
}

static void machines_that_are_alike_are_one_row(void **state)
{
	struct made made;

	(void)state;
	make(&made, 301, 301, "vm", spokes_of_six);
	assert_true(mesh_is_good(&made.mesh));
	assert_printed(&made, "mesh/folded.txt");
	unmake(&made);
	make(&made, 300, 300, "a-machine-with-a-very-long-name-", all_reply);
	assert_printed(&made, "mesh/all_alike.txt");
	unmake(&made);
}

/* Two that see the rest alike are no group when they see each other differently. */
static char one_way(size_t from, size_t to)
{
	return from == to ? ' ' : from == 59 && to == 58 ? '-' : '+';
}

static void a_group_hides_nothing_within(void **state)
{
	struct made made;

	(void)state;
	make(&made, 60, 60, "vm", one_way);
	assert_printed(&made, "mesh/one_way.txt");
	unmake(&made);
}

static void of_what_does_not_fold_findings_alone_are_shown(void **state)
{
	struct made made;

	(void)state;
	make(&made, 120, 120, "vm", multiples);
	assert_printed(&made, "mesh/nothing_found.txt");
	unmake(&made);
	make(&made, 120, 120, "vm", multiples_with_faults);
	assert_printed(&made, "mesh/some_found.txt");
	unmake(&made);
	make(&made, 250, 120, "vm", multiples_unknown);
	assert_printed(&made, "mesh/cut.txt");
	unmake(&made);
}

static void columns_have_names_when_they_are_no_rows(void **state)
{
	struct made made;

	(void)state;
	make(&made, 3, 14, "machine-", all_reply);
	assert_printed(&made, "mesh/some_columns.txt");
	unmake(&made);
}

static void it_survives_the_way_to_a_client(void **state)
{
	struct snapshot_mesh copy = { 0 };
	struct err err = { 0 };
	struct made made;
	json_t *json;

	(void)state;
	make(&made, 4, 4, "vm", of_each_kind);
	json = mesh_json(&made.mesh);
	assert_true(record_decode(&snapshot_mesh_record, json, &copy, made.arena, &err));
	assert_int_equal(mesh_check(&copy, &err), 0);
	assert_string_equal(copy.rows.items[1].cells, "+ !x");
	assert_true(isnan(copy.rows.items[0].rtt_ms.items[0]));
	assert_true(copy.rows.items[0].rtt_ms.items[1] == 0.125);
	assert_string_equal(copy.rows.items[1].findings.items[0].to, "vm3");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "counts"),
							    "unexpected_silence")),
			 1);
	json_decref(json);
	unmake(&made);
}

/* What is not whole is never taken for what was seen. */
static void what_is_not_whole_is_refused(void **state)
{
	struct made made;

	(void)state;
	for (int i = 0; i < 7; i++) {
		struct snapshot_mesh_row *row;
		struct err err = { 0 };

		make(&made, 4, 4, "vm", of_each_kind);
		row = &made.mesh.rows.items[1];
		assert_int_equal(mesh_check(&made.mesh, &err), 0);
		if (i == 0)
			row->cells = NULL;
		else if (i == 1)
			row->cells = "+++";
		else if (i == 2)
			row->cells = "+ =+";
		else if (i == 3)
			row->rtt_ms.count = 3;
		else if (i == 4)
			made.mesh.rows.count--;
		else if (i == 5)
			row->findings.items[0].seen = NULL;
		else
			row->cells = "+  +";
		assert_int_equal(mesh_check(&made.mesh, &err), -EPROTO);
		unmake(&made);
	}
	make(&made, 0, 0, "vm", all_reply);
	assert_false(mesh_is_good(&made.mesh)); /* nothing asked is not everything well */
	unmake(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_one_is_whole_and_says_what_is_found),
		cmocka_unit_test(machines_that_are_alike_are_one_row),
		cmocka_unit_test(a_group_hides_nothing_within),
		cmocka_unit_test(of_what_does_not_fold_findings_alone_are_shown),
		cmocka_unit_test(columns_have_names_when_they_are_no_rows),
		cmocka_unit_test(it_survives_the_way_to_a_client),
		cmocka_unit_test(what_is_not_whole_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
