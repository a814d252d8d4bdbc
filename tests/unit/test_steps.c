/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of a lab file: its steps, and changes on top of one. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/model/lab.h"
#include "lab/model/tree.h"

#include <errno.h>
#include <string.h>

#define FILE_NAME "lab.yaml"

/* Four states; the last two start from the second and the first one. */
static const char steps_file[] =
	"lab: t\n"
	"virtual_networks:\n"
	"  v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24, r: 10.0.1.0/24 } }\n"
	"vms: { a: v/s, b: v/s }\n"
	"expect:\n"
	"  - { from: a, to: b }\n"
	"steps:\n"
	"  - name: as it is\n"
	"    expect: [ { from: b, to: a } ]\n"
	"  - name: another machine\n"
	"    set: { vms/c: v/s }\n"
	"    expect: [ { from: a, to: c } ]\n"
	"  - name: b moves\n"
	"    set:\n"
	"      vms/b/subnet: v/r\n"
	"      vms/b/private_ip_address: 10.0.1.9\n"
	"      timers: azure\n"
	"    expect: [ { from: c, to: b }, { from: a, to: c } ]\n"
	"  - name: Aside\n"
	"    after: as it is\n"
	"    set: { vms/d: v/r, virtual_networks/v/subnets/q: 10.0.2.0/24 }\n";

static struct lab *parse_state(const char *text, unsigned step, const struct change_text *changes,
			       size_t count, struct diags *diags)
{
	struct lab_state state = { step, changes, count };

	return lab_parse_at(text, strlen(text), FILE_NAME, &state, diags);
}

/* A state that is valid. */
static struct lab *at_step(unsigned step)
{
	struct diags diags = { 0 };
	struct lab *lab = parse_state(steps_file, step, NULL, 0, &diags);

	if (!lab)
		fail_msg("step %u: %s", step, diags.items[0].text);
	diags_fini(&diags);
	return lab;
}

static void the_state_of_a_step_is_that_of_its_base_and_what_it_sets(void **state)
{
	static const struct {
		unsigned step, at;
		const char *vms; /* with their addresses */
		enum timers timers;
		size_t subnets, expectations;
	} steps[] = {
		{ 0, 1, "a 10.0.0.4 b 10.0.0.5 ", TIMERS_FAST, 2, 2 },
		{ 1, 1, "a 10.0.0.4 b 10.0.0.5 ", TIMERS_FAST, 2, 2 },
		{ 2, 2, "a 10.0.0.4 b 10.0.0.5 c 10.0.0.6 ", TIMERS_FAST, 2, 2 },
		{ 3, 3, "a 10.0.0.4 b 10.0.1.9 c 10.0.0.5 ", TIMERS_AZURE, 2, 3 },
		{ 4, 4, "a 10.0.0.4 b 10.0.0.5 d 10.0.1.4 ", TIMERS_FAST, 3, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct lab *lab = at_step(steps[i].step);
		char vms[200] = "";

		for (size_t n = 0; n < lab->vms.count; n++)
			(void)snprintf(
				vms + strlen(vms), sizeof(vms) - strlen(vms), "%s %s ",
				lab->vms.items[n].object.name,
				ip_print(lab->vms.items[n].network_interfaces.items[0].ip).text);
		assert_int_equal(lab->step, steps[i].at);
		assert_string_equal(vms, steps[i].vms);
		assert_int_equal(lab->timers.value, steps[i].timers);
		assert_int_equal(lab->virtual_networks.items[0].subnets.count, steps[i].subnets);
		assert_int_equal(lab->expectations.count, steps[i].expectations);
		assert_int_equal(lab->steps.count, 4);
		lab_free(lab);
	}
}

static void a_step_goes_on_from_the_one_before_or_the_one_it_names(void **state)
{
	struct lab *lab = at_step(1);
	const struct lab_step *steps = lab->steps.items;

	(void)state;
	assert_null(steps[0].base);
	assert_ptr_equal(steps[1].base, &steps[0]);
	assert_ptr_equal(steps[2].base, &steps[1]);
	assert_ptr_equal(steps[3].base, &steps[0]);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(steps[i].number, i + 1);
	lab_free(lab);
}

static void a_file_without_steps_has_no_step(void **state)
{
	struct diags diags = { 0 };
	struct lab *lab = parse_state("lab: t\n", 0, NULL, 0, &diags);

	(void)state;
	assert_non_null(lab);
	assert_int_equal(lab->step, 0);
	lab_free(lab);
}

/* The top level's hold at every step; a step's own name machines that only it has. */
static void expectations_are_those_of_all_steps_and_of_this_one(void **state)
{
	struct lab *lab = at_step(3);
	struct expectation *const *e = lab->expectations.items;

	(void)state;
	assert_int_equal(e[0]->object.pos.line, 6);
	assert_int_equal(e[1]->object.pos.line, 18);
	assert_string_equal(e[1]->probe.from->vm->object.name, "c");
	assert_string_equal(ip_print(e[1]->probe.to->ip).text, "10.0.1.9");
	assert_string_equal(e[2]->probe.to->vm->object.name, "c");
	lab_free(lab);
}

static void all_steps_of_a_file_are_read_with_it(void **state)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(steps_file, strlen(steps_file), FILE_NAME, &diags);

	(void)state;
	assert_non_null(lab);
	assert_int_equal(lab->step, 1);
	lab_free(lab);
}

static void what_a_step_takes_away_is_gone(void **state)
{
	static const char text[] =
		"lab: t\n"
		"timers: azure\n"
		"virtual_networks: { v: { address_prefixes: 10.0.0.0/16, "
		"subnets: { s: 10.0.0.0/24 } } }\n"
		"vms: { a: v/s, b: { subnet: v/s, nic: bnic } }\n"
		"steps:\n"
		"  - name: one\n"
		"  - { name: two, set: { vms/a: null, vms/b/nic: ~, timers: } }\n"
		"  - { name: three, set: { vms/a: v/s } }\n";
	struct diags diags = { 0 };
	struct lab *lab = parse_state(text, 2, NULL, 0, &diags);

	(void)state;
	assert_non_null(lab);
	assert_int_equal(lab->vms.count, 1);
	assert_string_equal(lab->vms.items[0].network_interfaces.items[0].object.name, "b-nic");
	assert_int_equal(lab->timers.value, TIMERS_FAST);
	lab_free(lab);
	lab = parse_state(text, 3, NULL, 0, &diags); /* and may come back, behind the others */
	assert_non_null(lab);
	assert_string_equal(lab->vms.items[1].object.name, "a");
	lab_free(lab);
}

static void a_step_is_found_by_its_name_or_number(void **state)
{
	struct lab *lab = at_step(1), *none;
	struct diags diags = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(lab_find_step(lab, "3", &err)->number, 3);
	assert_int_equal(lab_find_step(lab, "b moves", &err)->number, 3);
	assert_int_equal(lab_find_step(lab, "aside", &err)->number, 4);
	assert_int_equal(err.code, 0);
	assert_null(lab_find_step(lab, "5", &err));
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "lab 't' has no step '5': it has 1 (as it is), 2 (another "
				      "machine), 3 (b moves), 4 (Aside)");
	assert_null(lab_find_step(lab, "03", NULL));
	assert_null(lab_find_step(lab, "", NULL));
	lab_free(lab);
	none = parse_state("lab: t\n", 0, NULL, 0, &diags);
	err = (struct err){ 0 };
	assert_null(lab_find_step(none, "1", &err));
	assert_string_equal(err.text, "lab 't' has no steps");
	lab_free(none);
}

static void a_number_is_a_place_before_it_is_a_name(void **state)
{
	struct diags diags = { 0 };
	struct lab *lab =
		parse_state("lab: t\nsteps: [ { name: '2' }, { name: b } ]\n", 0, NULL, 0, &diags);

	(void)state;
	assert_non_null(lab);
	assert_int_equal(lab_find_step(lab, "2", NULL)->number, 2);
	lab_free(lab);
}

/* ---- findings ---- */

static void assert_finding(const struct diags *diags, size_t i, unsigned line, unsigned col,
			   const char *text)
{
	assert_true(i < diags->count);
	assert_string_equal(diags->items[i].text, text);
	assert_int_equal(diags->items[i].pos.line, line);
	assert_int_equal(diags->items[i].pos.col, col);
}

static void a_step_beyond_the_last_is_a_finding(void **state)
{
	struct diags diags = { 0 };

	(void)state;
	assert_null(parse_state(steps_file, 5, NULL, 0, &diags));
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.items[0].text, "there is no step 5: the file has 4");
	assert_int_equal(diags.items[0].id, DIAG_STEP);
	diags_fini(&diags);
	assert_null(parse_state("lab: t\n", 1, NULL, 0, &diags));
	assert_string_equal(diags.items[0].text, "there is no step 1: the file has 0");
	diags_fini(&diags);
}

static void a_finding_in_what_a_step_sets_is_at_its_own_line(void **state)
{
	static const char text[] = "lab: t\n"
				   "virtual_networks: { v: { address_prefixes: 10.0.0.0/16, "
				   "subnets: { s: 10.0.0.0/24 } "
				   "} }\n"
				   "vms: { a: v/s }\n"
				   "steps:\n"
				   "  - name: one\n"
				   "  - name: two\n"
				   "    set:\n"
				   "      vms/b: v/none\n"
				   "      vms/a/private_ip_address: 10.0.0.999\n"
				   "      vms/c: { subnet: v/s,\n"
				   "               nic: '' }\n"
				   "    expect: [ { from: a, to: z } ]\n";
	struct diags diags = { 0 };

	(void)state;
	assert_null(lab_parse(text, strlen(text), FILE_NAME, &diags));
	assert_int_equal(diags.count, 4);
	assert_finding(&diags, 0, 8, 14, "in step 2: there is no subnet of 'v' named 'none'");
	assert_finding(&diags, 1, 9, 33,
		       "in step 2: virtual machine 'a': 'private_ip_address' takes an IP address, "
		       "not '10.0.0.999'");
	assert_finding(&diags, 2, 11, 21, "in step 2: '' cannot be a name");
	assert_finding(&diags, 3, 12, 30, "in step 2: lab 't' has no virtual machine or NIC 'z'");
	diags_fini(&diags);
}

/* What is wrong at the top level is wrong in every step, and what is in one in all behind it. */
static void a_finding_is_told_once(void **state)
{
	static const char text[] = "lab: t\n"
				   "location: a\n"
				   "vms: { a: x/y }\n"
				   "expect: [ { from: a, to: a } ]\n"
				   "steps:\n"
				   "  - name: one\n"
				   "  - { name: two, set: { vms/b: y/z } }\n"
				   "  - { name: three, set: { timers: slow } }\n"
				   "  - { name: four, set: { vms/c: w/w } }\n"
				   "  - { name: five, set: { vms/a: null, vms/b: null } }\n";
	struct diags diags = { 0 };

	(void)state;
	assert_null(lab_parse(text, strlen(text), FILE_NAME, &diags));
	assert_finding(&diags, 0, 3, 11, "there is no virtual network 'x'");
	/* in the fifth alone there is no 'a' */
	assert_finding(&diags, 1, 4, 19, "in step 5: lab 't' has no virtual machine or NIC 'a'");
	assert_finding(&diags, 2, 4, 26, "the flow goes from 'a' to itself");
	assert_finding(&diags, 3, 4, 26, "in step 5: lab 't' has no virtual machine or NIC 'a'");
	assert_finding(&diags, 4, 7, 32, "in step 2: there is no virtual network 'y'");
	assert_finding(&diags, 5, 8, 35,
		       "in step 3: lab: 'timers' takes fast or azure, not 'slow'");
	assert_finding(&diags, 6, 9, 33, "in step 4: there is no virtual network 'w'");
	assert_int_equal(diags.count, 7);
	diags_fini(&diags);
}

static void a_base_that_does_not_hold_is_found_with_its_rest(void **state)
{
	static const char text[] =
		"lab: t\n"
		"vms: { a: x/y }\n"
		"steps: [ { name: one }, { name: one }, { name: two, after: thre } ]\n";
	struct diags diags = { 0 };

	(void)state;
	assert_null(lab_parse(text, strlen(text), FILE_NAME, &diags));
	assert_int_equal(diags.count, 3); /* no state of a step is looked at, but the first is */
	assert_finding(&diags, 0, 2, 11, "there is no virtual network 'x'");
	assert_finding(&diags, 1, 3, 33, "another step is named 'one'");
	assert_int_equal(diags.items[1].also.col, 18);
	assert_finding(&diags, 2, 3, 60, "no step before this one is named 'thre'");
	diags_fini(&diags);
}

/* ---- changes ---- */

/* One change at a step: what the lab's tree is then, or its first finding. */
static void check_change(unsigned step, const char *path, const char *value, const char *at,
			 const char *wanted)
{
	struct change_text change = { path, value };
	struct diags diags = { 0 };
	struct lab *lab = parse_state(steps_file, step, &change, 1, &diags);
	struct arena *arena = arena_new();
	const struct doc_node *node = lab ? tree_find(&lab_schema, lab->root, at) : NULL;
	const char *now = !lab ? diags.items[0].text : node ? tree_print(node, arena) : "nothing";

	if (strcmp(now, wanted) != 0)
		fail_msg("%s = %s: %s", path, value ? value : "(nothing)", now);
	if (!lab) {
		assert_string_equal(diags.items[0].pos.file, path);
		assert_int_equal(diags.items[0].pos.line, 1);
	}
	lab_free(lab);
	diags_fini(&diags);
	arena_free(arena);
}

static void changes_stand_on_top_of_a_step(void **state)
{
	(void)state;
	check_change(1, "timers", "azure", "timers", "azure");
	check_change(3, "timers", "fast", "timers", "fast");
	check_change(3, "vms/b/private_ip_address", "10.0.1.77", "vms/b",
		     "{ subnet: v/r, private_ip_address: 10.0.1.77 }");
	check_change(1, "vms/c", "{ subnet: v/s, nic: 'n' } # here", "vms/c",
		     "{ subnet: v/s, nic: \"n\" }");
	check_change(1, "vms/c", "v/s", "vms/b", "v/s");
	check_change(1, "virtual_networks/v/address_prefixes", "[10.0.0.0/16, 10.9.0.0/16]",
		     "virtual_networks/v/address_prefixes", "[10.0.0.0/16, 10.9.0.0/16]");
	check_change(1, "virtual_networks/v/address_prefixes/1", "10.9.0.0/16",
		     "virtual_networks/v/address_prefixes", "[10.0.0.0/16, 10.9.0.0/16]");
	check_change(4, "vms/d", NULL, "vms/d", "nothing");
	check_change(3, "vms/b/private_ip_address", NULL, "vms/b", "{ subnet: v/r }");
}

static void a_change_to_nothing_takes_away(void **state)
{
	static const char *const nothings[] = { "", " ", "~", "null", "# a comment" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nothings); i++)
		check_change(4, "vms/d", nothings[i], "vms/d", "nothing");
}

static void a_value_that_is_not_one_is_a_finding_at_its_path(void **state)
{
	(void)state;
	check_change(1, "timers", "azure\nlab: x", "", "a value is one line");
	check_change(1, "timers", "azure\r", "", "a value is one line");
	/* a line's end for YAML, too */
	check_change(1, "timers", "azure\xc2\x85lab: x", "",
		     "'azure??lab: x' is more than one value");
	check_change(1, "timers", "azure\xe2\x80\xa8lab: x", "",
		     "'azure\xe2\x80\xa8lab: x' is more than one value");
	check_change(1, "vms/c", "{ subnet: v/s, subnet: v/r }", "",
		     "key 'subnet' stands here twice");
	check_change(1, "vms/c", "v/none", "", "there is no subnet of 'v' named 'none'");
	check_change(1, "timers", "slow", "", "lab: 'timers' takes fast or azure, not 'slow'");
	check_change(1, "vms/none", NULL, "", "there is no 'vms/none'");
	check_change(1, "vms/a/subnt", "v/s", "", "virtual machine: unknown key 'subnt'");
}

static void a_value_that_is_no_yaml_is_a_finding(void **state)
{
	static const char *const values[] = { "{ a",        "[",     "a: b",   "'",
					      "\"\\q\"",    "*none", "!tag x", "\xff",
					      "{ a: 1 } }", "- a",   "%",      "@" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct change_text change = { "location", values[i] };
		struct diags diags = { 0 };
		struct lab *lab = parse_state(steps_file, 1, &change, 1, &diags);

		if (lab)
			fail_msg("'%s' is not refused", values[i]);
		assert_true(diags.count > 0);
		assert_string_equal(diags.items[0].pos.file, "location");
		diags_fini(&diags);
	}
}

static void what_is_the_same_in_every_state_is_not_changed(void **state)
{
	static const char *const paths[] = { "lab",     "LAB",    "steps",   "steps/0/name",
					     "Steps/1", "expect", "expect/0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char wanted[100];

		(void)snprintf(wanted, sizeof(wanted), "'%s' is the same in every state of a lab",
			       paths[i]);
		check_change(2, paths[i], "x", "", wanted);
		check_change(2, paths[i], NULL, "", wanted);
	}
}

static void changes_are_made_one_after_the_other(void **state)
{
	static const struct change_text changes[] = {
		{ "vms/b", NULL },
		{ "vms/b", "v/r" },
		{ "vms/b/nic", "bnic" },
		{ "expectations", NULL },
	};
	struct diags diags = { 0 };
	struct lab *lab = parse_state(steps_file, 2, changes, 3, &diags);
	struct vm *vm;

	(void)state;
	assert_non_null(lab);
	vm = lab_find_vm(lab, "b");
	assert_ptr_equal(vm, &lab->vms.items[2]);
	assert_string_equal(vm->network_interfaces.items[0].object.name, "bnic");
	assert_string_equal(ip_print(vm->network_interfaces.items[0].ip).text, "10.0.1.4");
	lab_free(lab);
	assert_null(parse_state(steps_file, 2, changes, 4, &diags));
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.items[0].text, "lab: the key is 'expect', not 'expectations'");
	diags_fini(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_state_of_a_step_is_that_of_its_base_and_what_it_sets),
		cmocka_unit_test(a_step_goes_on_from_the_one_before_or_the_one_it_names),
		cmocka_unit_test(a_file_without_steps_has_no_step),
		cmocka_unit_test(expectations_are_those_of_all_steps_and_of_this_one),
		cmocka_unit_test(all_steps_of_a_file_are_read_with_it),
		cmocka_unit_test(what_a_step_takes_away_is_gone),
		cmocka_unit_test(a_step_is_found_by_its_name_or_number),
		cmocka_unit_test(a_number_is_a_place_before_it_is_a_name),
		cmocka_unit_test(a_step_beyond_the_last_is_a_finding),
		cmocka_unit_test(a_finding_in_what_a_step_sets_is_at_its_own_line),
		cmocka_unit_test(a_finding_is_told_once),
		cmocka_unit_test(a_base_that_does_not_hold_is_found_with_its_rest),
		cmocka_unit_test(changes_stand_on_top_of_a_step),
		cmocka_unit_test(a_change_to_nothing_takes_away),
		cmocka_unit_test(a_value_that_is_not_one_is_a_finding_at_its_path),
		cmocka_unit_test(a_value_that_is_no_yaml_is_a_finding),
		cmocka_unit_test(what_is_the_same_in_every_state_is_not_changed),
		cmocka_unit_test(changes_are_made_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
