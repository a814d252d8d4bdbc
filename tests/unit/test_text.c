/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records and tables: what crosses the socket and what is printed. */
#include "tests/support/test.h"

#include "lab/render/table.h"
#include "lab/snapshot/snapshot.h"
#include "tests/support/golden.h"

#include <stdlib.h>

static void a_table_is_laid_out_as_az_does(void **state) /* the example of R1.2 */
{
	static const char *const headers[] = { "Source", "State", "Address Prefix", "Next Hop Type",
					       "Next Hop IP" };
	static const char *const cells[] = { "Default", "Active", "10.1.0.0/16", "VnetLocal",
					     NULL };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	struct memory_file file = { 0 };
	char *text;

	(void)state;
	table_add(table, cells);
	table_print(table, memory_open(&file));
	text = memory_close(&file);
	assert_string_equal(text,
			    "Source    State    Address Prefix    Next Hop Type    Next Hop IP\n"
			    "--------  -------  ----------------  ---------------  -------------\n"
			    "Default   Active   10.1.0.0/16       VnetLocal\n");
	free(text);
	file = (struct memory_file){ 0 };
	table_print_tsv(table, memory_open(&file));
	text = memory_close(&file);
	assert_string_equal(text, "Default\tActive\t10.1.0.0/16\tVnetLocal\t\n");
	free(text);
	table_free(table);
}

static void a_record_comes_back_as_it_went(void **state)
{
	const char *problems[] = { "one", "two \xc3\xa4", "bad \xff byte" };
	struct snapshot_stage stages[] = { { "links", 3, 1.5 }, { "routes", 0, 0 } };
	struct snapshot_lab in = {
		.name = "l", .up_since = 1.25, .vm_count = -4, .is_rootless = true
	};
	struct snapshot_lab out = { 0 };
	struct arena *arena = arena_new();
	struct err err = { 0 };
	json_t *json;

	(void)state;
	in.stages.items = stages;
	in.stages.count = 2;
	in.problems = (struct texts){ problems, 3 };
	json = record_encode(&snapshot_lab_record, &in);
	assert_true(record_decode(&snapshot_lab_record, json, &out, arena, &err));
	assert_string_equal(out.name, "l");
	assert_null(out.file); /* left out, and so it stays */
	assert_true(out.is_rootless);
	assert_int_equal(out.vm_count, -4);
	assert_true(out.up_since == 1.25);
	assert_int_equal(out.stages.count, 2);
	assert_string_equal(out.stages.items[0].name, "links");
	assert_true(out.stages.items[0].took_ms == 1.5);
	assert_string_equal(out.problems.items[1], "two \xc3\xa4");
	assert_string_equal(out.problems.items[2], "bad ? byte");
	json_decref(json);
	arena_free(arena);
}

static void a_value_of_the_wrong_type_is_refused(void **state)
{
	static const char *const texts[] = {
		"[]",
		"{\"name\": 1}",
		"{\"vm_count\": \"1\"}",
		"{\"is_rootless\": 0}",
		"{\"problems\": [1]}",
		"{\"problems\": \"x\"}",
		"{\"stages\": {}}",
		"{\"stages\": [1]}",
		"{\"up_since\": true}",
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		json_t *json = json_loads(texts[i], 0, NULL);
		struct snapshot_lab lab = { 0 };
		struct err err = { 0 };

		assert_non_null(json);
		assert_false(record_decode(&snapshot_lab_record, json, &lab, arena, &err));
		assert_int_not_equal(err.code, 0);
		json_decref(json);
	}
	arena_free(arena);
}

static void keys_of_a_newer_lab_are_passed_over(void **state)
{
	json_t *json = json_loads("{\"name\": \"l\", \"colour_of_the_sky\": [1]}", 0, NULL);
	struct arena *arena = arena_new();
	struct snapshot_lab lab = { 0 };

	(void)state;
	assert_true(record_decode(&snapshot_lab_record, json, &lab, arena, NULL));
	assert_string_equal(lab.name, "l");
	json_decref(json);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_laid_out_as_az_does),
		cmocka_unit_test(a_record_comes_back_as_it_went),
		cmocka_unit_test(a_value_of_the_wrong_type_is_refused),
		cmocka_unit_test(keys_of_a_newer_lab_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
