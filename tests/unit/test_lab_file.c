/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated lab files: they are valid, are what was asked for, and have limits that hold. */
#include "tests/support/test.h"

#include "lab/render/lab_file.h"
#include "lab/yaml/doc.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char *generate(const char *name, struct lab_file_size size)
{
	struct memory_file file = { 0 };

	lab_file_write(name, size, memory_open(&file));
	return memory_close(&file);
}

static void check_golden(const char *golden, struct lab_file_size size)
{
	char *text = generate("hub-and-spoke", size);

	assert_golden(golden, text);
	free(text);
}

static void what_is_generated_reads_well(void **state)
{
	(void)state;
	check_golden("hub_and_spoke.yaml", (struct lab_file_size){ 2, 2, 0, 0, 0 });
	check_golden("hub_and_spoke_prefixes.yaml", (struct lab_file_size){ 2, 1, 3, 0, 0 });
	check_golden("hub_and_spoke_nsgs.yaml", (struct lab_file_size){ 3, 2, 0, 2, 9 });
}

static void check_lab(unsigned spokes, unsigned vms, unsigned prefixes)
{
	char *text = generate("a-name", (struct lab_file_size){ spokes, vms, prefixes, 0, 0 });
	const struct vnet *hub, *last;
	struct fixture f = { 0 };
	char name[32];

	fixture_parse(&f, text); /* fails the test when there are findings */
	assert_string_equal(f.lab->name.value, "a-name");
	assert_int_equal(f.lab->virtual_networks.count, 1 + spokes);
	assert_int_equal(f.lab->vms.count, 1 + spokes * vms);
	hub = lab_find_vnet(f.lab, "hub");
	(void)snprintf(name, sizeof(name), "spoke%u", spokes);
	last = lab_find_vnet(f.lab, name);
	assert_non_null(hub);
	assert_non_null(last);
	assert_int_equal(hub->peerings.count, spokes);
	for (size_t i = 0; i < hub->peerings.count; i++)
		assert_int_equal(hub->peerings.items[i].state, PEERING_CONNECTED);
	assert_ptr_equal(last->peerings.items[0].remote_vnet, hub);
	fixture_free(&f);
	free(text);
}

static void labs_of_all_sizes_are_valid(void **state)
{
	(void)state;
	check_lab(1, 1, 0);
	check_lab(2, 3, 0);
	check_lab(1, LAB_FILE_VMS_MAX, 0);
	check_lab(10, 10, 0);
	check_lab(300, 1, 0); /* past 10.0.255.0/24 */
	check_lab(1, 1, 1);
	check_lab(3, 2, LAB_FILE_PREFIXES_MAX);
}

/* Valid, without a warning, and each NSG is of a subnet or a NIC. */
static void check_nsgs(struct lab_file_size size)
{
	char *text = generate("t", size);
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, strlen(text), "t.yaml", &diags);
	size_t nics = 0;

	diags_print(&diags, text, strlen(text), stderr);
	assert_non_null(lab);
	assert_int_equal(diags.warnings, 0);
	assert_int_equal(lab->network_security_groups.count, size.nsgs);
	for (size_t i = 0; i < size.nsgs; i++)
		assert_int_equal(lab->network_security_groups.items[i].security_rules.count,
				 size.rules);
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		assert_non_null(
			lab->virtual_networks.items[i].subnets.items[0].network_security_group);
	for (size_t i = 0; i < lab->vms.count; i++)
		nics += lab->vms.items[i].network_interfaces.items[0].network_security_group !=
			NULL;
	assert_true(nics <= (lab->vms.count + 3) / 4);
	assert_true(nics || lab->vms.count < 5);
	lab_free(lab);
	diags_fini(&diags);
	free(text);
}

static void labs_with_nsgs_are_valid(void **state)
{
	(void)state;
	check_nsgs((struct lab_file_size){ 1, 1, 0, 1, 1 });
	check_nsgs((struct lab_file_size){ 1, 1, 0, 5, 8 });
	check_nsgs((struct lab_file_size){ 30, 10, 0, 3, 200 });
	check_nsgs((struct lab_file_size){ 300, 5, 10, 7, LAB_FILE_RULES_MAX });
}

static void each_spoke_has_the_next_addresses(void **state)
{
	struct fixture f = { 0 };
	char *text = generate("t", (struct lab_file_size){ 256, 2, 0, 0, 0 });

	(void)state;
	fixture_parse(&f, text);
	assert_string_equal(ip_print(fixture_nic(&f, "hub-vm")->ip).text, "10.0.0.4");
	assert_string_equal(ip_print(fixture_nic(&f, "spoke1-vm1")->ip).text, "10.0.1.4");
	assert_string_equal(ip_print(fixture_nic(&f, "spoke255-vm2")->ip).text, "10.0.255.5");
	assert_string_equal(ip_print(fixture_nic(&f, "spoke256-vm1")->ip).text, "10.1.0.4");
	fixture_free(&f);
	free(text);
}

static bool is_reached(const struct fixture *f, const char *from, const char *to)
{
	struct prediction prediction = { 0 };

	fabric_predict(
		f->fabric,
		&(struct probe_spec){ .from = fixture_nic(f, from), .to = fixture_nic(f, to) },
		&prediction);
	return prediction.is_reply;
}

static void spokes_reach_the_hub_but_not_each_other(void **state)
{
	struct fixture f = { 0 };
	char *text = generate("t", (struct lab_file_size){ 2, 2, 0, 0, 0 });

	(void)state;
	fixture_parse(&f, text);
	assert_true(is_reached(&f, "spoke1-vm1", "spoke1-vm2"));
	assert_true(is_reached(&f, "spoke2-vm2", "hub-vm"));
	assert_false(is_reached(&f, "spoke1-vm1", "spoke2-vm1"));
	fixture_free(&f);
	free(text);
}

static void spokes_learn_every_prefix_of_the_provider(void **state)
{
	char *text = generate("t", (struct lab_file_size){ 2, 1, 300, 0, 0 });
	struct effective_routes *routes;
	struct gateway_routes *taught;
	const struct subnet *subnet;
	struct learned known;
	struct fixture f = { 0 };
	unsigned learned = 0;

	(void)state;
	fixture_parse(&f, text);
	known = (struct learned){ f.graph, f.ribs };
	subnet = fixture_nic(&f, "spoke2-vm1")->subnet;
	taught = gateway_routes_new(subnet->vnet->hub, &known);
	routes = effective_routes_new(f.lab, subnet, taught, NULL);
	for (size_t i = 0; i < routes->routes.count; i++)
		learned += routes->routes.items[i].source == SOURCE_GATEWAY;
	assert_int_equal(learned, 300);
	effective_routes_free(routes);
	gateway_routes_free(taught);
	fixture_free(&f);
	free(text);
}

static int check_size(unsigned spokes, unsigned vms, struct err *err)
{
	*err = (struct err){ 0 };
	return lab_file_check((struct lab_file_size){ spokes, vms, 0, 0, 0 }, err);
}

static int check_nsg_size(unsigned nsgs, unsigned rules, struct err *err)
{
	*err = (struct err){ 0 };
	return lab_file_check((struct lab_file_size){ 1, 1, 0, nsgs, rules }, err);
}

static void what_has_no_room_is_refused_with_words(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(check_size(0, 1, &err), -ERANGE);
	assert_int_equal(check_size(LAB_FILE_SPOKES_MAX + 1, 1, &err), -ERANGE);
	assert_string_equal(err.text, "there can be 1 to 65535 spokes: in 10.0.0.0/8 each takes a "
				      "/24, and so does the hub");
	assert_int_equal(check_size(1, 0, &err), -ERANGE);
	assert_int_equal(check_size(1, LAB_FILE_VMS_MAX + 1, &err), -ERANGE);
	assert_string_equal(err.text, "there can be 1 to 123 VMs in a spoke: its subnet is a /25, "
				      "of which Azure keeps five addresses");
	assert_int_equal(check_size(LAB_FILE_SPOKES_MAX, LAB_FILE_VMS_MAX, &err), -E2BIG);
	assert_int_equal(check_size(12499, 1, &err), -E2BIG);
	assert_string_equal(err.text,
			    "a lab file holds at most 200000 values, and this one would have "
			    "200003: with as many VMs there can be 12498 spokes");
	assert_int_equal(check_nsg_size(90, 1000, &err), -E2BIG);
	assert_string_equal(err.text, "a lab file holds at most 4 MiB, and this one could have 7");
	assert_int_equal(check_size(1, 1, &err), 0);
	assert_int_equal(check_nsg_size(0, 0, &err), 0);
	assert_int_equal(check_nsg_size(LAB_FILE_NSGS_MAX + 1, 1, &err), -ERANGE);
	assert_string_equal(err.text, "there can be 0 to 5000 NSGs: Azure has no more in a region");
	assert_int_equal(check_nsg_size(1, 0, &err), -ERANGE);
	assert_int_equal(check_nsg_size(1, LAB_FILE_RULES_MAX + 1, &err), -ERANGE);
	assert_string_equal(err.text,
			    "there can be 1 to 1000 rules in an NSG: Azure takes no more");
	assert_int_equal(check_nsg_size(100, 1000, &err), -E2BIG);
	assert_string_equal(err.text, "a lab file holds at most 200000 values, and this one would "
				      "have 200453");
}

/* Is the text read as a document, whatever it means? */
static bool is_read(struct lab_file_size size)
{
	struct diags diags = { 0 };
	char *text = generate("t", size);
	struct doc *doc = doc_parse(text, strlen(text), "t.yaml", &diags);
	bool is_ok = doc && !diags_error_count(&diags);

	doc_free(doc);
	diags_fini(&diags);
	free(text);
	return is_ok;
}

static void the_largest_files_are_read_and_no_larger_ones(void **state)
{
	/* with prefixes: so many that no value is left over */
	static const struct lab_file_size largest[] = { { 12498, 1, 0, 0, 0 },
							{ 769, 123, 0, 0, 0 },
							{ 8200, 1, 3143, 0, 0 },
							{ 732, 123, 3767, 0, 0 },
							{ 6800, 1, 2487, 9, 9 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(largest); i++) {
		struct lab_file_size size = largest[i], more = size;
		struct err err = { 0 };

		more.spokes += !size.prefixes;
		more.prefixes += size.prefixes > 0;
		assert_int_equal(lab_file_check(size, &err), 0);
		assert_true(is_read(size));
		assert_int_equal(lab_file_check(more, &err), -E2BIG);
		assert_false(is_read(more));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_generated_reads_well),
		cmocka_unit_test(labs_of_all_sizes_are_valid),
		cmocka_unit_test(labs_with_nsgs_are_valid),
		cmocka_unit_test(each_spoke_has_the_next_addresses),
		cmocka_unit_test(spokes_reach_the_hub_but_not_each_other),
		cmocka_unit_test(spokes_learn_every_prefix_of_the_provider),
		cmocka_unit_test(what_has_no_room_is_refused_with_words),
		cmocka_unit_test(the_largest_files_are_read_and_no_larger_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
