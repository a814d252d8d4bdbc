/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lint finds: each tests/golden/lint/RULE.yaml and RULE-MORE.yaml shows that rule in its first
 * step, printed as it stands beside it, and not in its second, where it is mended.
 */
#include "tests/support/test.h"

#include "lab/lint/lint.h"
#include "lab/render/lab_file.h"
#include "tests/support/golden.h"
#include "tests/support/rules.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool is_seen[DIAG_COUNT], is_example_seen[DIAG_COUNT];

/* How many findings of a rule has the lab at that step? They are printed to `out`, or NULL. */
static unsigned findings_at(unsigned step, enum diag_id rule, const char *name, const char *text,
			    size_t len, FILE *out)
{
	struct diags diags = { 0 };
	struct lab_state state = { .step = step };
	struct lab *lab = lab_parse_at(text, len, name, &state, &diags);
	unsigned count = 0;

	if (!lab)
		diags_print(&diags, text, len, stderr);
	assert_non_null(lab);
	lint_lab(lab, &diags);
	diags_sort(&diags);
	for (size_t i = 0; i < diags.count; i++) {
		assert_true(diags.items[i].pos.line && diags.items[i].pos.col);
		count += diags.items[i].id == rule;
	}
	if (out)
		diags_print(&diags, text, len, out);
	lab_free(lab);
	diags_fini(&diags);
	return count;
}

static void check_file(const char *name)
{
	enum diag_id rule = rule_of_file(name);
	struct memory_file file = { 0 };
	char path[300], golden[300], *text, *printed;
	size_t len;

	assert_true(rule >= DIAG_FIRST_LINT);
	(void)snprintf(path, sizeof(path), "tests/golden/lint/%s", name);
	(void)snprintf(golden, sizeof(golden), "lint/%.*s.txt", (int)(strlen(name) - 5), name);
	text = read_file(path, &len);
	if (!findings_at(1, rule, name, text, len, memory_open(&file)))
		fail_msg("%s does not show '%s'", name, diag_table[rule].name);
	if (findings_at(2, rule, name, text, len, NULL))
		fail_msg("%s shows '%s' when it is mended", name, diag_table[rule].name);
	is_seen[rule] = true;
	if (has_line(text, diag_table[rule].example))
		is_example_seen[rule] = true;
	printed = memory_close(&file);
	assert_golden(golden, printed);
	free(printed);
	free(text);
}

static void each_file_shows_its_rule_until_it_is_mended(void **state)
{
	(void)state;
	assert_true(each_yaml("tests/golden/lint", check_file) >= 50);
}

static void every_rule_has_a_file_with_its_example(void **state)
{
	(void)state;
	for (int id = DIAG_FIRST_LINT; id < DIAG_COUNT; id++) {
		if (id == DIAG_IGNORE)
			continue; /* of comments: below */
		if (!is_seen[id])
			fail_msg("no file shows '%s'", diag_table[id].name);
		if (!is_example_seen[id])
			fail_msg("no file of '%s' has the line: %s", diag_table[id].name,
				 diag_table[id].example);
		assert_int_not_equal(diag_table[id].severity, SEVERITY_ERROR);
	}
}

/* ---- files of several states, and their comments ---- */

/* All findings of a file, one a line; to be freed. */
static char *findings(const char *text, struct diags *diags)
{
	struct lab *lab = lab_parse(text, strlen(text), "t.yaml", diags);
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);

	if (!lab)
		diags_print(diags, text, strlen(text), stderr);
	assert_non_null(lab);
	lint_file(lab, text, strlen(text), "t.yaml", diags);
	for (size_t i = 0; i < diags->count; i++)
		(void)fprintf(out, "%u:%u %s: %s%s%s\n", diags->items[i].pos.line,
			      diags->items[i].pos.col, diag_table[diags->items[i].id].name,
			      diags->items[i].text, diags->items[i].hint ? " = " : "",
			      diags->items[i].hint ? diags->items[i].hint : "");
	lab_free(lab);
	return memory_close(&file);
}

static void assert_findings(const char *text, const char *wanted)
{
	struct diags diags = { 0 };
	char *found = findings(text, &diags);

	assert_string_equal(found, wanted);
	free(found);
	diags_fini(&diags);
}

#define NETWORK                                                                                    \
	"lab: t\n"                                                                                 \
	"virtual_networks:\n"                                                                      \
	"  v: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/26 } }\n"
#define UNUSED_TABLE "5:3 unused: nothing uses route table 'rt'\n"

static void a_comment_with_a_reason_ignores_a_finding(void **state)
{
	(void)state;
	assert_findings(NETWORK "route_tables:\n  rt: {}\n", UNUSED_TABLE);
	/* behind the line; in whatever case; above it, also above other comments */
	assert_findings(NETWORK "route_tables:\n  rt: {} # ignore: unused for later\n", "");
	assert_findings(NETWORK "route_tables:\n  rt: {} #ignore:\tUNUSED\tlater\n", "");
	assert_findings(NETWORK "route_tables: # tables\n  rt: {} # ignore: unused later\r\n", "");
	assert_findings(
		NETWORK "# ignore: unused for later\n# of which more\nroute_tables: { rt: }\n", "");
	assert_findings("lab: t # \xc3\xa9\n# ignore: unused later\nroute_tables: { rt: }\n", "");
	/* two of one line */
	assert_findings(NETWORK "# ignore: unused a\nroute_tables: { rt: } # ignore: unused b\n",
			"");
	/* what the checker finds, too */
	assert_findings(
		"lab: t\nvirtual_networks:\n"
		"  v: { address_prefixes: 20.0.0.0/24 } # ignore: public-space as they have\n",
		"");
}

static void a_comment_that_ignores_nothing_is_a_finding(void **state)
{
	(void)state;
	assert_findings(
		NETWORK "route_tables:\n  rt: {} # ignore: unused\n", UNUSED_TABLE
		"5:10 ignore: 'unused' is ignored without a reason, and so is not = say why: "
		"# ignore: unused it is meant to be so, since ...\n");
	assert_findings(NETWORK "# ignore: unusd later\nroute_tables: { rt: }\n",
			"4:1 ignore: there is no rule 'unusd' to ignore = did you mean 'unused'?\n"
			"5:17 unused: nothing uses route table 'rt'\n");
	assert_findings(NETWORK "# ignore:\nroute_tables: { rt: }\n",
			"4:1 ignore: there is no rule '' to ignore\n"
			"5:17 unused: nothing uses route table 'rt'\n");
	assert_findings(NETWORK "# ignore: LINT-28 no reason to\n",
			"4:1 ignore: line 5 has no finding 'LINT-28' to ignore\n");
	assert_findings("lab: t # ignore: unused nothing here\n",
			"1:8 ignore: line 1 has no finding 'unused' to ignore\n");
	assert_findings("lab: t # ignore: overlap I like it\n",
			"1:8 ignore: 'overlap' is an error: those are not ignored\n");
	/* nor does one ignore that */
	assert_findings("lab: t # ignore: ignore I like it\n",
			"1:8 ignore: line 1 has no finding 'ignore' to ignore\n");
}

static void only_comments_are_comments(void **state)
{
	(void)state;
	assert_findings(NETWORK "location: \"# ignore: unused a\"\nroute_tables: { rt: }\n",
			"5:17 unused: nothing uses route table 'rt'\n");
	assert_findings(NETWORK "location: a#b # not # ignore: unused a\n", "");
	assert_findings(NETWORK "location: |\n  # ignore: unused a\nroute_tables: { rt: }\n",
			"6:17 unused: nothing uses route table 'rt'\n");
	assert_findings(NETWORK "location: ' # a' # ignore: unused later\n",
			"4:18 ignore: line 4 has no finding 'unused' to ignore\n");
}

static void many_comments_are_read_in_time(void **state)
{
	enum {
		LINES = 100000
	};
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	struct diags diags = { 0 };
	clock_t start = clock();
	struct lab *lab;
	char *text;

	(void)state;
	(void)fputs("lab: t\n", out);
	for (int i = 0; i < LINES; i++)
		(void)fputs("# ignore: unused a\n", out);
	text = memory_close(&file);
	lab = lab_parse(text, strlen(text), "t.yaml", &diags);
	assert_non_null(lab);
	lint_file(lab, text, strlen(text), "t.yaml", &diags);
	assert_int_equal(diags.warnings, LINES);
	assert_int_equal(diags.count, DIAG_MAX);
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	lab_free(lab);
	diags_fini(&diags);
	free(text);
}

static void what_a_step_brings_is_said_with_its_number(void **state)
{
	(void)state;
	assert_findings(NETWORK "nvas: { fw: v/s }\n"
				"steps:\n"
				"  - name: one\n"
				"  - name: two\n"
				"    set:\n"
				"      nvas/fw: { subnet: v/s, enable_ip_forwarding: false }\n"
				"  - name: three\n",
			"9:53 nva-forwarding: in step 2: NIC 'fw-nic' of NVA 'fw' has no IP "
			"forwarding: what it forwards is dropped\n");
	assert_findings(NETWORK "nvas: { fw: v/s }\n"
				"steps:\n"
				"  - name: one\n"
				"  - name: two\n"
				"    set:\n"
				"      # ignore: nva-forwarding to be seen\n"
				"      nvas/fw: { subnet: v/s, enable_ip_forwarding: false }\n",
			"");
}

static void what_one_step_uses_is_in_use(void **state)
{
	(void)state;
	assert_findings("lab: t\n"
			"virtual_networks:\n"
			"  v: { address_prefixes: 10.0.0.0/24, subnets: { s: { address_prefix: "
			"10.0.0.0/26 } } }\n"
			"route_tables: { rt: , other: }\n"
			"steps:\n"
			"  - name: one\n"
			"  - name: two\n"
			"    set: { virtual_networks/v/subnets/s/route_table: rt }\n"
			"  - name: three\n"
			"    set: { virtual_networks/v/subnets/s/route_table: null }\n",
			"4:23 unused: nothing uses route table 'other'\n");
}

static void information_can_be_left_out(void **state)
{
	struct diags diags = { 0 };
	char *found =
		findings(NETWORK "nvas: { fw: { subnet: v/s, enable_ip_forwarding: false } }\n"
				 "route_tables: { rt: }\n",
			 &diags);

	(void)state;
	assert_int_equal(diags.warnings, 1);
	assert_int_equal(diags.infos, 1);
	assert_int_equal(diags_count(&diags), 2);
	diags_drop_infos(&diags);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags_count(&diags), 1);
	assert_int_equal(diags.items[0].id, DIAG_NVA_FORWARDING);
	free(found);
	diags_fini(&diags);
}

static void a_rule_says_where_it_comes_from(void **state)
{
	(void)state;
	assert_string_equal(diag_rule_source(&diag_table[DIAG_HOP_NOBODY]).text,
			    "LINT-28, R3.10, R9.7");
	assert_string_equal(diag_rule_source(&diag_table[DIAG_SECURITY_RULE]).text,
			    "NSG-01 to NSG-07");
	assert_string_equal(diag_rule_source(&diag_table[DIAG_SHARED_KEY]).text, "RFC 7296");
	assert_string_equal(diag_rule_source(&diag_table[DIAG_RESERVED_ASN]).text, "");
	assert_string_equal(diag_rule_source(&diag_table[DIAG_SYNTAX]).text, "");
	for (int id = DIAG_FIRST_LINT; id < DIAG_COUNT; id++)
		if (!strncmp(diag_table[id].name, "LINT-", 5))
			assert_int_equal(strncmp(diag_rule_source(&diag_table[id]).text,
						 diag_table[id].name, strlen(diag_table[id].name)),
					 0);
}

/* ---- labs that are meant to be as they are ---- */

static void assert_nothing_found(const char *path)
{
	struct diags diags = { 0 };
	size_t len;
	char *text = read_file(path, &len);
	struct lab *lab = lab_parse(text, len, path, &diags);

	assert_non_null(lab);
	lint_file(lab, text, len, path, &diags);
	if (diags.count)
		diags_print(&diags, text, len, stderr);
	assert_int_equal(diags_count(&diags), 0);
	lab_free(lab);
	diags_fini(&diags);
	free(text);
}

static void templates_and_new_labs_have_no_findings(void **state)
{
	static const char *const folders[] = { "templates", "tests/golden/new" };
	unsigned count = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		DIR *dir = opendir(folders[i]);
		const struct dirent *entry;
		char path[600];

		assert_non_null(dir);
		while ((entry = readdir(dir))) {
			const char *end = strstr(entry->d_name, ".yaml");

			if (*entry->d_name == '.' || (i && !end))
				continue;
			(void)snprintf(path, sizeof(path), "%s/%s%s", folders[i], entry->d_name,
				       i ? "" : "/lab.yaml");
			assert_nothing_found(path);
			count++;
		}
		(void)closedir(dir);
	}
	assert_true(count >= 20);
}

/* A thousand machines, 10,000 rules; of which nothing is forgotten for want of time. */
static void a_large_lab_is_looked_at_in_time(void **state)
{
	static const struct lab_file_size size = { 100, 10, 100, 10, 1000 };
	struct memory_file file = { 0 };
	struct diags diags = { 0 };
	struct lab *lab;
	clock_t start;
	char *text;

	(void)state;
	lab_file_write("large", size, memory_open(&file));
	text = memory_close(&file);
	lab = lab_parse(text, strlen(text), "t.yaml", &diags);
	assert_non_null(lab);
	start = clock();
	lint_lab(lab, &diags);
	start = clock() - start;
	print_message("%ld ms\n", (long)(start * 1000 / CLOCKS_PER_SEC));
	assert_int_equal(diags_count(&diags), 0);
	assert_true(start < 2 * CLOCKS_PER_SEC); /* also with sanitizers */
	lab_free(lab);
	diags_fini(&diags);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_file_shows_its_rule_until_it_is_mended),
		cmocka_unit_test(every_rule_has_a_file_with_its_example),
		cmocka_unit_test(a_comment_with_a_reason_ignores_a_finding),
		cmocka_unit_test(a_comment_that_ignores_nothing_is_a_finding),
		cmocka_unit_test(only_comments_are_comments),
		cmocka_unit_test(many_comments_are_read_in_time),
		cmocka_unit_test(what_a_step_brings_is_said_with_its_number),
		cmocka_unit_test(what_one_step_uses_is_in_use),
		cmocka_unit_test(information_can_be_left_out),
		cmocka_unit_test(a_rule_says_where_it_comes_from),
		cmocka_unit_test(templates_and_new_labs_have_no_findings),
		cmocka_unit_test(a_large_lab_is_looked_at_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
