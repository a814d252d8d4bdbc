/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What users read when a lab file is wrong: each tests/golden/diag/RULE.yaml and RULE-MORE.yaml
 * breaks that rule and prints exactly what stands beside it, and every rule has such a file.
 */
#include "tests/support/test.h"

#include "lab/model/foreign_keys.h"
#include "lab/model/lab.h"
#include "tests/support/golden.h"
#include "tests/support/rules.h"

#include <stdlib.h>
#include <string.h>

static bool is_seen[DIAG_COUNT], is_example_seen[DIAG_COUNT];

static void check_file(const char *name)
{
	enum diag_id rule = rule_of_file(name);
	size_t errors = 0;
	bool is_broken = false;
	struct memory_file file = { 0 };
	struct diags diags = { 0 };
	char path[300], golden[300], *text, *printed;
	struct lab *lab;
	size_t len;

	(void)snprintf(path, sizeof(path), "tests/golden/diag/%s", name);
	(void)snprintf(golden, sizeof(golden), "diag/%.*s.txt", (int)(strlen(name) - 5), name);
	text = read_file(path, &len);
	lab = lab_parse(text, len, name, &diags);
	for (size_t i = 0; i < diags.count; i++) {
		is_seen[diags.items[i].id] = true;
		is_broken = is_broken || diags.items[i].id == rule;
		errors += diag_table[diags.items[i].id].severity == SEVERITY_ERROR;
		assert_true(diags.items[i].pos.line && diags.items[i].pos.col);
	}
	if (!is_broken)
		fail_msg("%s does not break '%s'", name, diag_table[rule].name);
	if (!lab != !!errors)
		fail_msg("%s is %s", name, lab ? "not refused" : "refused without an error");
	if (has_line(text, diag_table[rule].example))
		is_example_seen[rule] = true;
	diags_print(&diags, text, len, memory_open(&file));
	printed = memory_close(&file);
	assert_golden(golden, printed);
	free(printed);
	lab_free(lab);
	diags_fini(&diags);
	free(text);
}

static void each_malformed_file_is_answered_as_its_golden_file_says(void **state)
{
	(void)state;
	assert_true(each_yaml("tests/golden/diag", check_file) >= 110);
}

/* Those that are broken by large files alone: the tests below and those of doc make them. */
static bool is_too_long_for_a_file(int id)
{
	return id == DIAG_TOO_LARGE || id == DIAG_SCALE;
}

static void every_rule_has_a_file_that_breaks_it(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_FIRST_LINT; id++) /* the others: test_lint */
		if (!is_seen[id] && !is_too_long_for_a_file(id))
			fail_msg("no file breaks '%s'", diag_table[id].name);
}

static void every_rule_has_words_and_an_example_that_breaks_it(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_COUNT; id++) {
		assert_non_null(diag_table[id].name);
		assert_non_null(diag_table[id].words);
		assert_non_null(diag_table[id].example);
		assert_ptr_equal(diag_find_rule(diag_table[id].name), &diag_table[id]);
		if (id < DIAG_FIRST_LINT && !is_example_seen[id] && !is_too_long_for_a_file(id))
			fail_msg("no file of '%s' has the line: %s", diag_table[id].name,
				 diag_table[id].example);
		for (int other = 0; other < id; other++)
			assert_string_not_equal(diag_table[id].name, diag_table[other].name);
	}
}

static void the_nearest_word_is_what_was_meant(void **state)
{
	static const char *const words[] = { "subnets", "peerings", "address_prefixes",
					     "location" };

	(void)state;
	assert_string_equal(nearest_word("subent", words, 4), "subnets");
	assert_string_equal(nearest_word("Peering", words, 4), "peerings");
	assert_string_equal(nearest_word("adress_prefix", words, 4), "address_prefixes");
	assert_null(nearest_word("timers", words, 4));
	assert_null(nearest_word("x", words, 4));
}

/* The schema of that noun at `schema` or below. */
static const struct schema *find_schema(const struct schema *schema, const char *noun)
{
	const struct schema *found = strcmp(schema->noun, noun) ? NULL : schema;

	for (size_t i = 0; !found && i < schema->field_count; i++)
		if (schema->fields[i].object)
			found = find_schema(schema->fields[i].object, noun);
	return found;
}

static void assert_keys_are_ours(const struct foreign_key *rows)
{
	for (const struct foreign_key *row = rows; row->spelling; row++) {
		const struct schema *schema =
			row->noun ? find_schema(&lab_schema, row->noun) : &lab_schema;
		bool is_ours = !row->key;

		assert_true(row->key || row->words);
		if (!schema) {
			fail_msg("there is no '%s'", row->noun);
			return; /* does not come here */
		}
		for (size_t i = 0; i < schema->field_count; i++)
			is_ours = is_ours || !strcmp(schema->fields[i].key, row->key);
		if (!is_ours)
			fail_msg("%s: there is no '%s'", row->noun, row->key);
		assert_non_null(foreign_key_find(row->noun ? row->noun : "", row->spelling));
	}
}

static void foreign_keys_name_keys_of_ours(void **state)
{
	(void)state;
	assert_keys_are_ours(foreign_keys);
	assert_keys_are_ours(foreign_keys_hybrid);
	assert_true(is_same_word("addressPrefixes", "address_prefixes"));
	assert_true(is_same_word("--address-prefixes", "address_prefixes"));
	assert_false(is_same_word("address_prefix", "address_prefixes"));
	assert_false(is_same_word("", "x"));
}

static void a_caret_stands_below_its_column(void **state)
{
	static const char text[] = "first\n  \xc3\xa4\xc3\xb6 bad\nlast";
	struct memory_file file = { 0 };
	struct diags diags = { 0 };
	struct src_pos pos = { "f.yaml", 2, 6 };
	char *printed;

	(void)state;
	diag_add(&diags, DIAG_SYNTAX, pos, "wrong");
	diags_print(&diags, text, sizeof(text) - 1, memory_open(&file));
	printed = memory_close(&file);
	assert_string_equal(printed, "f.yaml:2:6: error: wrong [syntax]\n"
				     "    2 |   \xc3\xa4\xc3\xb6 bad\n"
				     "      |      ^\n");
	free(printed);
	diags_fini(&diags);
}

/* What two findings print, the second with another place. */
static char *print_two(struct diags *diags, const char *text)
{
	struct memory_file file = { 0 };

	diags_print(diags, text, strlen(text), memory_open(&file));
	diags_fini(diags);
	return memory_close(&file);
}

static void another_place_is_shown_with_its_line(void **state)
{
	static const char text[] = "one: 1\r\ntwo: [2, 1]\rthree: 3\n";
	struct diags diags = { 0 };
	char *printed;

	(void)state;
	diag_add(&diags, DIAG_OVERLAP, (struct src_pos){ "f.yaml", 2, 10 }, "same line")->also =
		(struct src_pos){ "f.yaml", 2, 7 };
	diag_add(&diags, DIAG_OVERLAP, (struct src_pos){ "f.yaml", 3, 8 }, "another")->also =
		(struct src_pos){ "f.yaml", 1, 6 };
	printed = print_two(&diags, text);
	assert_string_equal(printed, "f.yaml:2:10: error: same line [overlap]\n"
				     "    2 | two: [2, 1]\n"
				     "      |       -  ^\n"
				     "f.yaml:3:8: error: another [overlap]\n"
				     "    3 | three: 3\n"
				     "      |        ^\n"
				     "f.yaml:1:6: note: the other place\n"
				     "    1 | one: 1\n"
				     "      |      ^\n");
	free(printed);
}

static void nothing_that_a_terminal_obeys_is_printed(void **state)
{
	static const char text[] = "\xef\xbb\xbfx: \x1b[31m \xc2\x9b"
				   "1m y\n\xff\x9b[2J z\n";
	struct diags diags = { 0 };
	char *printed;

	(void)state;
	diag_add(&diags, DIAG_BAD_VALUE, (struct src_pos){ "f.yaml", 1, 14 }, "'%.6s' '%s'",
		 "\xc3\xa4\xc3\xb6\x61\xe2\x82\xac", "\x1b[2J\xc2\x9b\n");
	diag_add(&diags, DIAG_BAD_VALUE, (struct src_pos){ "f.yaml", 2, 7 }, "bytes");
	printed = print_two(&diags, text);
	assert_string_equal(printed, "f.yaml:1:14: error: '\xc3\xa4\xc3\xb6\x61?' '?[2J??"
				     "?' "
				     "[bad-value]\n"
				     "    1 | x:  [31m  1m y\n"
				     "      |              ^\n"
				     "f.yaml:2:7: error: bytes [bad-value]\n"
				     "    2 | ??[2J z\n"
				     "      |       ^\n");
	free(printed);
}

static void when_there_are_too_many_errors_and_those_at_the_top_are_kept(void **state)
{
	struct diags diags = { 0 };

	(void)state;
	for (unsigned line = 300; line; line--)
		diag_add(&diags, line % 2 ? DIAG_INITIATED : DIAG_BAD_VALUE,
			 (struct src_pos){ "f.yaml", line, 1 }, "line %u", line);
	diags_sort(&diags);
	assert_int_equal(diags_error_count(&diags), 150);
	assert_int_equal(diags.warnings, 150);
	assert_int_equal(diags.count, DIAG_MAX);
	for (unsigned i = 0; i < DIAG_MAX; i++) {
		assert_int_equal(diags.items[i].pos.line, 2 * (i + 1));
		assert_int_equal(diags.items[i].id, DIAG_BAD_VALUE);
	}
	diags_fini(&diags);
}

/* The severity decides first, in what another collection brings as well. */
static void what_steps_bring_is_added_once_and_errors_at_the_top_are_kept(void **state)
{
	struct diags diags = { 0 }, of_step = { 0 };
	const struct src_pos also = { "f.yaml", 7, 7 };

	(void)state;
	diag_add(&diags, DIAG_INITIATED, (struct src_pos){ "f.yaml", 1, 1 }, "half");
	diag_add(&of_step, DIAG_INITIATED, (struct src_pos){ "f.yaml", 1, 1 }, "half");
	diag_add(&of_step, DIAG_INITIATED, (struct src_pos){ "f.yaml", 2, 1 }, "other")->also =
		also;
	diags_add_all(&diags, &of_step, "in step 2: ");
	diags_add_all(&diags, &of_step, "in step 3: ");
	assert_int_equal(diags.count, 2);
	assert_int_equal(diags.warnings, 2);
	assert_int_equal(diags_error_count(&diags), 0);
	assert_null(diags_first_error(&diags));
	assert_string_equal(diags.items[1].text, "in step 2: other");
	assert_int_equal(diags.items[1].also.line, 7);

	for (unsigned line = 300; line > 100; line--)
		diag_add(&of_step, DIAG_BAD_VALUE, (struct src_pos){ "f.yaml", line, 1 }, "wrong");
	diags_add_all(&diags, &of_step, "in step 4: ");
	diags_add_all(&diags, &of_step, "in step 5: ");
	diags_sort(&diags);
	assert_int_equal(diags_error_count(&diags), 200);
	assert_int_equal(diags.warnings, 2);
	assert_int_equal(diags.count, DIAG_MAX);
	assert_ptr_equal(diags_first_error(&diags), &diags.items[0]);
	for (unsigned i = 0; i < DIAG_MAX; i++) {
		assert_int_equal(diags.items[i].pos.line, 101 + i);
		assert_string_equal(diags.items[i].text, "in step 4: wrong");
	}
	diags_fini(&of_step);
	diags_fini(&diags);
}

static void files_to_start_from_have_no_findings(void **state)
{
	static const char *const files[] = {
		"templates/vpner/lab.yaml",        "tests/golden/new/two_spokes.yaml",
		"tests/golden/new/hub_only.yaml",  "tests/golden/new/express_route.yaml",
		"tests/golden/new/branch.yaml",    "tests/golden/new/own_prefixes.yaml",
		"tests/golden/hub_and_spoke.yaml", "tests/golden/hub_and_spoke_prefixes.yaml",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct diags diags = { 0 };
		size_t len;
		char *text = read_file(files[i], &len);

		lab_free(lab_parse(text, len, files[i], &diags));
		diags_print(&diags, text, len, stderr);
		assert_int_equal(diags.count, 0); /* no warnings, either */
		diags_fini(&diags);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_malformed_file_is_answered_as_its_golden_file_says),
		cmocka_unit_test(every_rule_has_a_file_that_breaks_it),
		cmocka_unit_test(files_to_start_from_have_no_findings),
		cmocka_unit_test(every_rule_has_words_and_an_example_that_breaks_it),
		cmocka_unit_test(the_nearest_word_is_what_was_meant),
		cmocka_unit_test(foreign_keys_name_keys_of_ours),
		cmocka_unit_test(a_caret_stands_below_its_column),
		cmocka_unit_test(another_place_is_shown_with_its_line),
		cmocka_unit_test(nothing_that_a_terminal_obeys_is_printed),
		cmocka_unit_test(when_there_are_too_many_errors_and_those_at_the_top_are_kept),
		cmocka_unit_test(what_steps_bring_is_added_once_and_errors_at_the_top_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
