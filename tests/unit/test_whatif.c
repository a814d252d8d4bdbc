/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two states of a lab differ in: tables of NICs, and flows. */
#include "tests/support/test.h"

#include "lab/render/whatif_text.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

struct pair {
	char *text; /* the states borrow it */
	struct arena *arena;
	struct as_paths *paths;
	struct wanted *before, *after;
};

static struct wanted *state_with(const char *text, const struct change_text *change,
				 struct as_paths *paths)
{
	struct lab_state at = { .changes = change, .change_count = change != NULL };
	struct diags diags = { 0 };
	struct lab *lab = lab_parse_at(text, strlen(text), "test.yaml", &at, &diags);

	if (!lab)
		diags_print(&diags, text, strlen(text), stderr);
	diags_fini(&diags);
	assert_non_null(lab);
	return wanted_new(lab, NULL, paths);
}

static void pair_init(struct pair *p, const char *file, const struct change_text *change)
{
	p->text = read_file(file, NULL);
	p->arena = arena_new();
	p->paths = as_paths_new();
	p->before = state_with(p->text, NULL, p->paths);
	p->after = state_with(p->text, change, p->paths);
}

static void pair_fini(struct pair *p)
{
	wanted_free(p->before);
	wanted_free(p->after);
	as_paths_free(p->paths);
	arena_free(p->arena);
	free(p->text);
}

static struct whatif compare(const struct wanted *before, const struct wanted *after,
			     struct arena *arena)
{
	struct outcomes nics_before = outcomes_of_nics(before, arena);
	struct outcomes nics_after = outcomes_of_nics(after, arena);
	struct outcomes flows_before = outcomes_of_flows(before, arena);
	struct outcomes flows_after = outcomes_of_flows(after, arena);

	return (struct whatif){ .nics = outcomes_compare(&nics_before, &nics_after, arena),
				.flows = outcomes_compare(&flows_before, &flows_after, arena) };
}

static void what_differs_is_said(void **state)
{
	static const struct {
		const char *file;
		struct change_text change;
		const char *golden;
	} cases[] = {
		{ "templates/hub-spoke-nva/lab.yaml",
		  { "virtual_networks/hub/peerings/hub-to-spoke1",
		    "{ remote: spoke1, allow_virtual_network_access: false }" },
		  "whatif/peering.txt" },
		{ "tests/golden/hybrid.yaml",
		  { "route_servers/az-hub-rs/hub_routing_preference", "VpnGateway" },
		  "whatif/preference.txt" },
		{ "tests/golden/hub_and_spoke.yaml",
		  { "vms/spoke2-vm2", "null" },
		  "whatif/one_less.txt" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct memory_file file = { 0 };
		struct whatif whatif, back;
		struct pair p;
		char *text;

		pair_init(&p, cases[i].file, &cases[i].change);
		whatif = compare(p.before, p.after, p.arena);
		whatif_print(&whatif, memory_open(&file));
		text = memory_close(&file);
		assert_golden(cases[i].golden, text);
		free(text);
		/* the other way round it is the same, with signs changed */
		back = compare(p.after, p.before, p.arena);
		assert_int_equal(back.nics.count, whatif.nics.count);
		assert_int_equal(back.flows.count, whatif.flows.count);
		for (size_t n = 0; n < back.flows.count; n++)
			assert_int_equal(back.flows.items[n].gone.count,
					 whatif.flows.items[n].come.count);
		assert_true(outcome_changes_equal(&whatif.nics, &whatif.nics));
		assert_int_equal(outcome_changes_equal(&whatif.flows, &back.flows), false);
		pair_fini(&p);
	}
}

static void what_is_equal_differs_in_nothing(void **state)
{
	struct whatif whatif;
	struct pair p;
	json_t *json;
	char *text;

	(void)state;
	pair_init(&p, "tests/golden/express_route.yaml", NULL);
	whatif = compare(p.before, p.after, p.arena);
	json = whatif_json(&whatif);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, "{\"nics\":[],\"flows\":[],\"unchanged\":[]}");
	free(text);
	json_decref(json);
	pair_fini(&p);
}

/* What is known once a fault has been told: that the lab then has these tables, a scenario holds.
 */
static void a_fault_ends_what_needs_its_target(void **state)
{
	static const struct {
		enum fault_kind kind;
		const char *target;
		size_t nics, flows;
	} cases[] = {
		{ FAULT_CUT, "megaport-mcr/azure-er-circuit-primary", 6, 28 },
		{ FAULT_DROP, "megaport-mcr/azure-er-circuit-primary", 6, 28 },
		{ FAULT_CUT, "az-hub-to-branch-conn", 6, 16 },
		{ FAULT_CUT, "az-hub-ergw-0", 0, 12 }, /* the other instance takes over */
		{ FAULT_CUT, "az-spk1-lxvm", 0, 0 },   /* no route is of its link */
		{ FAULT_KILL, "megaport-mcr", 6, 28 },
		{ FAULT_KILL, "az-hub-ergw-1", 0, 0 },
		{ FAULT_DELAY, "azure-er-circuit", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_target *target;
		struct fault_targets targets;
		struct err err = { 0 };
		struct whatif whatif;
		struct pair p;

		pair_init(&p, "tests/golden/hybrid.yaml", NULL);
		targets = fault_list_targets(p.after->graph, p.arena);
		target = fault_find_target(&targets, cases[i].kind, cases[i].target, &err);
		assert_non_null(target);
		wanted_break(p.after, cases[i].kind, target, p.paths);
		whatif = compare(p.before, p.after, p.arena);
		if (whatif.nics.count != cases[i].nics)
			fail_msg("%s: %zu NICs", cases[i].target, whatif.nics.count);
		if (whatif.flows.count != cases[i].flows)
			fail_msg("%s: %zu flows", cases[i].target, whatif.flows.count);
		pair_fini(&p);
	}
}

/* The order of rows is not a difference; how often one is there is. */
static void lines_are_compared_as_sets_with_numbers(void **state)
{
	const char *one[] = { "a", "a", "b" }, *other[] = { "a", "b", "b", "c" };
	struct named_lines before_nics[] = { { "x", { one, 3 } }, { "gone", { one, 1 } } };
	struct named_lines after_nics[] = { { "come", { other, 1 } }, { "x", { other, 4 } } };
	struct outcomes before = { before_nics, 2 }, after = { after_nics, 2 };
	struct arena *arena = arena_new();
	struct outcome_changes changes = outcomes_compare(&before, &after, arena);

	(void)state;
	assert_int_equal(changes.count, 3);
	assert_string_equal(changes.items[0].name, "come");
	assert_int_equal(changes.items[0].come.count, 1);
	assert_string_equal(changes.items[1].name, "gone");
	assert_int_equal(changes.items[1].gone.count, 1);
	assert_int_equal(changes.items[2].gone.count, 1);
	assert_string_equal(changes.items[2].gone.items[0], "a");
	assert_int_equal(changes.items[2].come.count, 2);
	assert_string_equal(changes.items[2].come.items[0], "b");
	assert_string_equal(changes.items[2].come.items[1], "c");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_is_said),
		cmocka_unit_test(what_is_equal_differs_in_nothing),
		cmocka_unit_test(a_fault_ends_what_needs_its_target),
		cmocka_unit_test(lines_are_compared_as_sets_with_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
