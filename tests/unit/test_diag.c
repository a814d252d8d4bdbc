/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What users read when a lab file is wrong: each tests/golden/diag/NAME.yaml is refused with
 * exactly NAME.txt, and every rule of the table is broken by at least one of them.
 */
#include "tests/support/test.h"

#include "lab/model/lab.h"
#include "tests/support/golden.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static bool is_seen[DIAG_COUNT];

static void check_file(const char *name)
{
	struct memory_file file = { 0 };
	struct diags diags = { 0 };
	char path[300], golden[300], *text, *printed;
	struct lab *lab;
	size_t len;

	(void)snprintf(path, sizeof(path), "tests/golden/diag/%s", name);
	(void)snprintf(golden, sizeof(golden), "diag/%.*s.txt", (int)(strlen(name) - 5), name);
	text = read_file(path, &len);
	lab = lab_parse(text, len, name, &diags);
	if (lab)
		fail_msg("%s is not refused", name);
	for (size_t i = 0; i < diags.count; i++) {
		is_seen[diags.items[i].id] = true;
		assert_true(diags.items[i].pos.line && diags.items[i].pos.col);
	}
	diags_print(&diags, text, len, memory_open(&file));
	printed = memory_close(&file);
	assert_golden(golden, printed);
	free(printed);
	diags_fini(&diags);
	free(text);
}

static void each_malformed_file_is_refused_as_its_golden_file_says(void **state)
{
	DIR *dir = opendir("tests/golden/diag");
	const struct dirent *entry;
	unsigned count = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		const char *end = strstr(entry->d_name, ".yaml");

		if (!end || end[5])
			continue;
		check_file(entry->d_name);
		count++;
	}
	(void)closedir(dir);
	assert_true(count > 40);
}

static void every_rule_has_a_file_that_breaks_it(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_COUNT; id++)
		if (!is_seen[id] &&
		    id != DIAG_TOO_LARGE) /* test_doc has it: the file would be 4 MiB */
			fail_msg("no file breaks '%s'", diag_table[id].name);
}

static void every_rule_has_words(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_COUNT; id++) {
		assert_non_null(diag_table[id].name);
		assert_non_null(diag_table[id].words);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_malformed_file_is_refused_as_its_golden_file_says),
		cmocka_unit_test(every_rule_has_a_file_that_breaks_it),
		cmocka_unit_test(every_rule_has_words),
		cmocka_unit_test(the_nearest_word_is_what_was_meant),
		cmocka_unit_test(a_caret_stands_below_its_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
