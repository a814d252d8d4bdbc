/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worked cases N1 to N53 of azure-security.md chapter 15: verdicts and the rules that decide
 * them (NSG-10, NSG-23, NSG-24, NSG-45). What the files expect is never changed to fit.
 */
#include "tests/support/test.h"

#include "lab/azure/bgp_solve.h"
#include "lab/azure/endpoint_acl.h"
#include "lab/plan/wanted.h"
#include "lab/render/verdict_text.h"
#include "tests/support/golden.h"
#include "tests/support/tuple.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 8

/* A line of a table; its name is the first column. */
struct line {
	const char *columns[COLUMNS_MAX];
	size_t count;
};

struct lines {
	struct line *items;
	size_t count;
	char *text;
};

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " ");
	len = strlen(text);
	while (len && text[len - 1] == ' ')
		text[--len] = '\0';
	return text;
}

static struct lines read_lines(const char *path, struct arena *arena)
{
	struct lines lines = { .text = read_file(path, NULL) };
	char *rest = lines.text, *row, *cell;

	while ((row = strsep(&rest, "\n"))) {
		struct line *line;

		if (!*row || *row == '#')
			continue;
		line = ARENA_PUSH(arena, lines.items, lines.count);
		while ((cell = strsep(&row, "|"))) {
			assert_true(line->count < COLUMNS_MAX);
			line->columns[line->count++] = trim(cell);
		}
	}
	return lines;
}

/* ---- a lab at a step ---- */

struct state {
	char *text;
	struct as_paths *paths;
	struct wanted *wanted;
	struct arena *arena;
};

static unsigned find_step(const char *text, const char *path, const char *name)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, strlen(text), path, &diags);
	const struct lab_step *step = lab ? lab_find_step(lab, name, NULL) : NULL;
	unsigned number = step ? step->number : 0;

	lab_free(lab);
	diags_fini(&diags);
	if (!number)
		fail_msg("%s has no step '%s'", path, name);
	return number;
}

static void state_init(struct state *s, const char *set, const char *step)
{
	struct lab_state at = { 0 };
	struct diags diags = { 0 };
	struct lab *lab;
	const char *path;

	s->arena = arena_new();
	path = arena_printf(s->arena, "tests/golden/nsg/%s.yaml", set);
	s->text = read_file(path, NULL);
	if (strcmp(step, "-") != 0)
		at.step = find_step(s->text, path, step);
	lab = lab_parse_at(s->text, strlen(s->text), path, &at, &diags);
	if (!lab)
		diags_print(&diags, s->text, strlen(s->text), stderr);
	diags_fini(&diags);
	assert_non_null(lab);
	s->paths = as_paths_new();
	s->wanted = wanted_new(lab, NULL, s->paths);
}

static void state_fini(struct state *s)
{
	wanted_free(s->wanted);
	as_paths_free(s->paths);
	arena_free(s->arena);
	free(s->text);
}

/* ---- a flow ---- */

/* "[PORT ]ADDRESS[:NUMBER]": who is asked, NULL for nobody, and what the packet has. */
static const struct interface *read_side(const struct state *s, const char *text, struct ip *ret_ip,
					 uint16_t *ret_number)
{
	const char *space = strchr(text, ' '), *name;
	const struct nic *nic;

	tuple_read_end(space ? space + 1 : text, ret_ip, ret_number);
	if (!space)
		return NULL;
	name = arena_strndup(s->arena, text, (size_t)(space - text));
	nic = lab_find_nic(s->wanted->lab, name, NULL);
	if (!nic)
		fail_msg("the lab has no NIC '%s'", name);
	return topology_find_nic(s->wanted->topology, nic);
}

/* One of those with " or " between them. */
static bool is_one_of(const char *texts, const char *text)
{
	size_t len = strlen(text);

	for (const char *at = texts; at; at = strstr(at, " or ")) {
		if (at != texts)
			at += strlen(" or ");
		if (!strncmp(at, text, len) && (!at[len] || !strncmp(at + len, " or ", 4)))
			return true;
	}
	return false;
}

static void the_verdict_is_azures(void **state)
{
	const struct line *line = *state;
	const struct interface *from, *to;
	struct verdict verdicts[DIRECTION_COUNT];
	struct flow_tuple tuple = { 0 };
	bool is_allowed = true;
	size_t count = 0;
	struct state s;
	const char *text;

	assert_int_equal(line->count, 8);
	state_init(&s, line->columns[1], line->columns[2]);
	tuple.protocol = tuple_read_protocol(line->columns[3], IP_V4);
	from = read_side(&s, line->columns[4], &tuple.source, &tuple.source_port);
	to = read_side(&s, line->columns[5], &tuple.destination, &tuple.destination_port);
	assert_true(from || to);
	if (from) {
		security_verdict(s.wanted->fabric->security, from, DIRECTION_OUTBOUND, &tuple,
				 &verdicts[count]);
		is_allowed = verdicts[count++].is_allowed;
	}
	if (to && is_allowed) {
		security_verdict(s.wanted->fabric->security, to, DIRECTION_INBOUND, &tuple,
				 &verdicts[count]);
		is_allowed = verdicts[count++].is_allowed;
	}
	assert_string_equal(is_allowed ? "Allow" : "Deny", line->columns[6]);
	text = verdict_text(verdicts, count, s.arena);
	if (!is_one_of(line->columns[7], text))
		assert_string_equal(text, line->columns[7]);
	state_fini(&s);
}

/* ---- endpoint ACLs ---- */

static void the_acl_decides(void **state) /* EP-05 */
{
	const struct line *line = *state;
	char list[200], *rest = list, *word;
	struct acl_rule rules[4];
	struct acl_verdict verdict;
	char decided_by[16] = "-";
	size_t count = 0;
	struct ip remote;

	assert_int_equal(line->count, 5);
	(void)snprintf(list, sizeof(list), "%s", line->columns[1]);
	while (*list && (word = strsep(&rest, ","))) {
		char access[8], prefix[PREFIX_TEXT];
		struct acl_rule *rule = &rules[count++];

		assert_true(count <= ARRAY_SIZE(rules));
		assert_int_equal(sscanf(word, "%u %7s %49s", &rule->number, access, prefix), 3);
		rule->permits = !strcmp(access, "permit");
		assert_true(prefix_parse(prefix, &rule->remote));
	}
	assert_true(ip_parse(line->columns[2], &remote));
	verdict = endpoint_acl_verdict(rules, count, remote);
	if (verdict.rule)
		(void)snprintf(decided_by, sizeof(decided_by), "%u", verdict.rule->number);
	assert_string_equal(verdict.is_permitted ? "permit" : "deny", line->columns[3]);
	assert_string_equal(decided_by, line->columns[4]);
}

static void all_of_them_are_there(void **state)
{
	const struct lines *const *tables = *state;
	bool is_there[54] = { false };

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			unsigned long n = strtoul(tables[t]->items[i].columns[0] + 1, NULL, 10);

			assert_true(n && n < ARRAY_SIZE(is_there) && !is_there[n]);
			is_there[n] = true;
		}
	for (size_t n = 1; n < ARRAY_SIZE(is_there); n++)
		if (!is_there[n])
			fail_msg("N%zu is missing", n);
}

static struct CMUnitTest *add_tests(struct CMUnitTest *tests, const struct lines *lines,
				    CMUnitTestFunction function)
{
	for (size_t i = 0; i < lines->count; i++)
		*tests++ = (struct CMUnitTest){ .name = lines->items[i].columns[0],
						.test_func = function,
						.initial_state = &lines->items[i] };
	return tests;
}

int main(void)
{
	struct arena *arena = arena_new();
	struct lines cases = read_lines("tests/golden/nsg/cases.txt", arena);
	struct lines acls = read_lines("tests/golden/nsg/acl.txt", arena);
	const struct lines *tables[] = { &cases, &acls };
	size_t count = cases.count + acls.count + 1;
	struct CMUnitTest *tests = arena_alloc(arena, count * sizeof(*tests)), *end = tests;
	int failed;

	*end++ = (struct CMUnitTest){ .name = "all_of_them_are_there",
				      .test_func = all_of_them_are_there,
				      .initial_state = (void *)tables };
	end = add_tests(end, &cases, the_verdict_is_azures);
	(void)add_tests(end, &acls, the_acl_decides);
	failed = _cmocka_run_group_tests("nsg", tests, count, NULL, NULL);
	free(cases.text);
	free(acls.text);
	arena_free(arena);
	return failed;
}
