/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why routes are what they are, as transcripts: each lab of tests/golden/why begins with the
 * commands whose output stands beside it. Together they show every rule that makes a row or keeps
 * one out. Rule ids: azure-routing.md.
 */
#include "tests/support/test.h"

#include "lab/render/why.h"
#include "lab/snapshot/fill.h"
#include "lab/snapshot/rows.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const lab_names[] = { "peering", "gateways", "forced", "users", "services" };

/* "routes VM --why [--prefix P]" */
static void run(const struct fixture *f, char *command, FILE *out)
{
	struct arena *arena = arena_new();
	struct snapshot_why why = { 0 };
	char vm[64], about[64];
	struct prefix prefix;
	int words;

	words = sscanf(command, "routes %63s --why --prefix %63s", vm, about);
	assert_true(words >= 1);
	(void)fprintf(out, "$ hublab %s\n", command);
	fixture_why(f, vm, &why, arena);
	if (words == 2)
		assert_true(rows_parse(about, &prefix));
	why_print(&why, words == 2 ? &prefix : NULL, out);
	(void)fputc('\n', out);
	arena_free(arena);
}

/* To be freed. */
static char *transcript(const char *lab)
{
	static const char begin[] = "# $ ";
	struct memory_file file = { 0 };
	struct fixture f;
	char path[128], *text, *rest, *line;
	FILE *out = memory_open(&file);

	(void)snprintf(path, sizeof(path), "tests/golden/why/%s.yaml", lab);
	fixture_read(&f, path);
	text = rest = read_file(path, NULL);
	while ((line = strsep(&rest, "\n")))
		if (!strncmp(line, begin, strlen(begin)))
			run(&f, line + strlen(begin), out);
	free(text);
	fixture_free(&f);
	return memory_close(&file);
}

static void every_lab_has_its_transcript(void **state)
{
	char name[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lab_names); i++) {
		char *text = transcript(lab_names[i]);

		(void)snprintf(name, sizeof(name), "why/%s.txt", lab_names[i]);
		assert_golden(name, text);
		free(text);
	}
}

/* The rule itself, not one whose id begins with it. */
static bool names_rule(const char *text, const char *rule)
{
	size_t len = strlen(rule);

	for (const char *at = strstr(text, rule); at; at = strstr(at + 1, rule))
		if (!(at[len] >= '0' && at[len] <= '9'))
			return true;
	return false;
}

/* All transcripts together; to be freed. */
static char *all_transcripts(void)
{
	struct memory_file all = { 0 };
	FILE *out = memory_open(&all);

	for (size_t i = 0; i < ARRAY_SIZE(lab_names); i++) {
		char *text = transcript(lab_names[i]);

		(void)fputs(text, out);
		free(text);
	}
	return memory_close(&all);
}

/* rules.txt: "ID", which a transcript must name, or "ID | why none does". */
static void every_rule_has_a_transcript(void **state)
{
	char *text = all_transcripts(), *rules, *rest, *line;
	bool is_wrong = false;
	size_t count = 0;

	(void)state;
	rules = rest = read_file("tests/golden/why/rules.txt", NULL);
	while ((line = strsep(&rest, "\n"))) {
		bool is_exempt = strchr(line, '|'), is_named;

		if (!*line || *line == '#')
			continue;
		line[strcspn(line, " ")] = '\0';
		is_named = names_rule(text, line);
		count++;
		if (is_named != is_exempt)
			continue;
		is_wrong = true;
		print_error("%s is in %s transcript\n", line, is_named ? "a" : "no");
	}
	free(rules);
	free(text);
	assert_int_equal(count, 59); /* 13, 14, 22 and 10 */
	assert_false(is_wrong);
}

/* A row without a reason would be one that nobody can explain. */
static void every_row_has_a_reason_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lab_names); i++) {
		struct arena *arena = arena_new();
		struct fixture f;
		char path[128];

		(void)snprintf(path, sizeof(path), "tests/golden/why/%s.yaml", lab_names[i]);
		fixture_read(&f, path);
		for (size_t vm = 0; vm < f.lab->vms.count; vm++) {
			struct snapshot_why why = { 0 };
			int64_t row = -1;

			fixture_why(&f, f.lab->vms.items[vm].object.name, &why, arena);
			for (size_t n = 0; n < why.reasons.count; n++) {
				if (why.reasons.items[n].row < 0)
					break;
				assert_in_range(why.reasons.items[n].row, row < 0 ? 0 : row,
						row + 1);
				row = why.reasons.items[n].row;
				assert_string_equal(why.reasons.items[n].prefix,
						    why.routes.items[row].address_prefix.items[0]);
			}
			assert_int_equal(row + 1, why.routes.count);
		}
		fixture_free(&f);
		arena_free(arena);
	}
}

/* ---- large labs ---- */

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* What why_print writes of a machine; to be freed. */
static char *print_why(const struct fixture *f, const char *vm, const char *about)
{
	struct arena *arena = arena_new();
	struct memory_file file = { 0 };
	struct snapshot_why why = { 0 };
	struct prefix prefix;

	fixture_why(f, vm, &why, arena);
	if (about)
		assert_true(rows_parse(about, &prefix));
	why_print(&why, about ? &prefix : NULL, memory_open(&file));
	arena_free(arena);
	return memory_close(&file);
}

static void a_thousand_prefixes_kept_out_are_one_sentence(void **state)
{
	struct memory_file lab = { 0 };
	FILE *out = memory_open(&lab);
	struct fixture f;
	char *text, *file;

	(void)state;
	(void)fputs("lab: t\n"
		    "virtual_networks:\n"
		    "  v:\n"
		    "    address_prefixes: 10.0.0.0/24\n"
		    "    subnets:\n"
		    "      s: { address_prefix: 10.0.0.0/27, route_table: r }\n"
		    "      GatewaySubnet: 10.0.0.32/27\n"
		    "route_tables: { r: { disable_bgp_route_propagation: true } }\n"
		    "vms: { m: v/s }\n"
		    "virtual_network_gateways:\n"
		    "  g: { virtual_network: v, gateway_type: ExpressRoute }\n"
		    "express_route_circuits: { c: {} }\n"
		    "connections: { gc: { gateway: g, circuit: c } }\n"
		    "providers: { p: { asn: 65001, links: [c, { branch: b }] } }\n"
		    "branches:\n"
		    "  b:\n"
		    "    asn: 65010\n"
		    "    announce:\n",
		    out);
	for (int i = 0; i < 1000; i++)
		(void)fprintf(out, "      - 10.%d.%d.0/24\n", 100 + i / 250, i % 250);
	file = memory_close(&lab);
	fixture_parse(&f, file);
	text = print_why(&f, "m", NULL);
	assert_non_null(strstr(text, "\n1000 VirtualNetworkGateway rows are not here "
				     "(10.100.0.0/24, 10.100.1.0/24,\n    10.100.2.0/24, ...): "));
	assert_in_range(count_lines(text), 20, 40);
	free(text);
	text = print_why(&f, "m", "10.103.7.9");
	assert_non_null(strstr(text, "\n10.103.7.0/24 is not here: route table 'r' keeps what"));
	free(text);
	free(file);
	fixture_free(&f);
}

static void sentences_of_one_kind_are_few(void **state)
{
	struct memory_file lab = { 0 };
	FILE *out = memory_open(&lab);
	struct fixture f;
	char *text, *file;

	(void)state;
	(void)fputs("lab: t\nvirtual_networks:\n", out);
	for (int i = 0; i < 100; i++)
		(void)fprintf(
			out,
			"  v%d: { address_prefixes: 10.%d.0.0/16, subnets: { s: 10.%d.0.0/24 } }"
			"\n",
			i, i, i);
	(void)fputs("vms: { m: v0/s }\n", out);
	file = memory_close(&lab);
	fixture_parse(&f, file);
	text = print_why(&f, "m", NULL);
	assert_non_null(strstr(text, "\n10.8.0.0/16 is not here: v8 is not peered with v0"));
	assert_null(strstr(text, "\n10.9.0.0/16"));
	assert_non_null(strstr(text, "\n91 more of this kind "));
	free(text);
	text = print_why(&f, "m", "10.99.1.1");
	assert_non_null(strstr(text, "\n10.99.0.0/16 is not here: v99 is not peered with v0"));
	free(text);
	free(file);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_lab_has_its_transcript),
		cmocka_unit_test(every_rule_has_a_transcript),
		cmocka_unit_test(every_row_has_a_reason_of_its_own),
		cmocka_unit_test(a_thousand_prefixes_kept_out_are_one_sentence),
		cmocka_unit_test(sentences_of_one_kind_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
