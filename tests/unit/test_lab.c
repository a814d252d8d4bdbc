/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reference lab as it is read: addresses of vpner-lab.md sections 3 to 5, groups. */
#include "tests/support/test.h"

#include "tests/support/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	static struct fixture f;

	fixture_read(&f, "tests/golden/express_route.yaml");
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(*state);
	return 0;
}

static void assert_ip(struct ip ip, const char *text)
{
	assert_string_equal(ip_print(ip).text, text);
}

static void addresses_are_those_of_the_reference_lab(void **state)
{
	const struct fixture *f = *state;
	const struct gateway *hub = lab_find_gateway(f->lab, "az-hub-ergw");
	const struct gateway *branch = lab_find_gateway(f->lab, "branch-ergw");
	const struct connection *connection = &f->lab->connections.items[0];

	assert_ip(fixture_nic(f, "az-hub-lxvm")->ip, "10.0.0.4");
	assert_ip(fixture_nic(f, "az-spk1-lxvm")->ip, "10.0.1.4");
	assert_ip(fixture_nic(f, "az-spk2-lxvm")->ip, "10.0.2.4");
	assert_ip(fixture_nic(f, "branch-vm1")->ip, "10.100.0.100");
	assert_ip(hub->instance_ip[0], "10.0.0.44");
	assert_ip(hub->instance_ip[1], "10.0.0.45");
	assert_ip(branch->instance_ip[0], "10.100.0.44");
	assert_ip(branch->instance_ip[1], "10.100.0.45");
	assert_ip(connection->msee_ip[PATH_PRIMARY], "10.0.0.40");
	assert_ip(connection->msee_ip[PATH_SECONDARY], "10.0.0.41");
	assert_ip(connection->circuit->msee_ip[PATH_PRIMARY], "10.3.129.58");
	assert_ip(connection->circuit->msee_ip[PATH_SECONDARY], "10.3.129.59");
}

static void a_nic_is_found_by_each_of_its_names(void **state)
{
	const struct fixture *f = *state;
	const struct nic *nic = fixture_nic(f, "branch-vm1");

	assert_string_equal(nic->object.name, "branch-vm1VMNic");
	assert_ptr_equal(fixture_nic(f, "branch-vm1VMNic"), nic);
	assert_ptr_equal(fixture_nic(f, "BRANCH-VM1:branch-vm1vmnic"), nic);
	assert_string_equal(fixture_nic(f, "az-hub-lxvm")->object.name, "az-hub-lxvm-nic");
}

static void what_is_no_nic_is_refused_with_words(void **state)
{
	const struct fixture *f = *state;
	struct err err = { 0 };

	assert_null(lab_find_nic(f->lab, "az-hub-vm", &err));
	assert_string_equal(err.text, "lab 'vpner' has no virtual machine or NIC 'az-hub-vm'");
	err = (struct err){ 0 };
	assert_null(lab_find_nic(f->lab, "branch-vm1:eth0", &err));
	assert_string_equal(err.text, "branch-vm1 has no NIC 'eth0': it has branch-vm1VMNic");
}

static void several_nics_must_be_chosen_from(void **state)
{
	struct fixture f;
	struct err err = { 0 };

	(void)state;
	fixture_parse(&f, "lab: t\n"
			  "virtual_networks:\n"
			  "  v: { address_prefixes: 10.0.0.0/16, subnets: { a: 10.0.0.0/24, b: "
			  "10.0.1.0/24 } }\n"
			  "vms:\n"
			  "  nva: { network_interfaces: { lan: v/a, wan: v/b } }\n");
	assert_null(lab_find_nic(f.lab, "nva", &err));
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, "nva has several NICs: name one of lan or wan");
	assert_ip(fixture_nic(&f, "nva:wan")->ip, "10.0.1.4");
	fixture_free(&f);
}

static void static_addresses_are_given_before_dynamic_ones(void **state)
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, "lab: t\n"
			  "virtual_networks:\n"
			  "  v: { address_prefixes: 10.0.0.0/24, subnets: { a: 10.0.0.0/24 } }\n"
			  "vms:\n"
			  "  one: v/a\n"
			  "  two: { subnet: v/a, private_ip_address: 10.0.0.4 }\n"
			  "  three: v/a\n");
	assert_ip(fixture_nic(&f, "one")->ip, "10.0.0.5");
	assert_ip(fixture_nic(&f, "two")->ip, "10.0.0.4");
	assert_ip(fixture_nic(&f, "three")->ip, "10.0.0.6");
	fixture_free(&f);
}

static void peerings_join_groups_and_gateways_are_shared(void **state)
{
	const struct fixture *f = *state;
	const struct vnet *hub = lab_find_vnet(f->lab, "az-hub-vnet");
	const struct vnet *spoke = lab_find_vnet(f->lab, "az-spk1-vnet");
	const struct vnet *branch = lab_find_vnet(f->lab, "branch-vnet");

	assert_int_equal(hub->group, spoke->group);
	assert_int_not_equal(hub->group, branch->group);
	assert_ptr_equal(spoke->hub, hub);
	assert_null(spoke->express_route);
	assert_int_equal(spoke->peerings.items[0].state, PEERING_CONNECTED);
	assert_ptr_equal(spoke->peerings.items[0].reverse, &hub->peerings.items[0]);
}

static void half_a_peering_is_not_connected(void **state)
{
	struct fixture f;
	const struct vnet *a;

	(void)state;
	fixture_parse(&f, "lab: t\n"
			  "virtual_networks:\n"
			  "  a: { address_prefixes: 10.0.0.0/24, peerings: { ab: b } }\n"
			  "  b: { address_prefixes: 10.0.1.0/24 }\n");
	a = lab_find_vnet(f.lab, "a");
	assert_int_equal(a->peerings.items[0].state, PEERING_INITIATED);
	assert_int_not_equal(a->group, lab_find_vnet(f.lab, "b")->group);
	fixture_free(&f);
}

static void all_pairs_are_probed_in_a_small_lab(void **state)
{
	const struct fixture *f = *state;

	assert_int_equal(f->lab->probes.count, 4 * 3 * 2); /* pairs, by ping and by HTTP */
}

static void a_large_lab_probes_one_machine_of_each_other_network(void **state)
{
	struct fixture f;
	char text[4096];
	size_t len;

	(void)state;
	len = (size_t)snprintf(
		text, sizeof(text),
		"lab: t\nvirtual_networks:\n"
		"  a: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/24 } }\n"
		"  b: { address_prefixes: 10.0.1.0/24, subnets: { s: 10.0.1.0/24 } }\n"
		"vms:\n");
	for (int i = 0; i < 13; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "  vm%d: %c/s\n", i,
					i < 10 ? 'a' : 'b');
	fixture_parse(&f, text);
	assert_int_equal(f.lab->probes.count, 13); /* one ping from each: there are two networks */
	for (int i = 0; i < 13; i++)
		assert_int_equal(f.lab->probes.items[i].protocol.value, PROBE_ICMP);
	assert_string_equal(f.lab->probes.items[0].to->vm->object.name, "vm10");
	assert_string_equal(f.lab->probes.items[12].to->vm->object.name, "vm0");
	fixture_free(&f);
}

static void port_names_are_unique_and_fit_the_kernel(void **state)
{
	struct fixture f;
	const struct topology *t;

	(void)state;
	fixture_parse(&f, "lab: t\n"
			  "virtual_networks:\n"
			  "  v: { address_prefixes: 10.0.0.0/24, subnets: { a: 10.0.0.0/24 } }\n"
			  "vms:\n"
			  "  a-machine-with-a-long-name-1: v/a\n"
			  "  a-machine-with-a-long-name-2: v/a\n"
			  "  a-machine-with-a-long-name-3: v/a\n");
	t = f.topology;
	for (size_t i = 0; i < t->ports.count; i++) {
		assert_true(strlen(t->ports.items[i]->port_name) < IFNAME_SIZE);
		assert_memory_equal(t->ports.items[i]->port_name, "p-", 2);
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(t->ports.items[i]->port_name,
						t->ports.items[n]->port_name);
	}
	fixture_free(&f);
}

/* 4001 prefixes: one too many (R6.15), unless the circuit is a premium one. */
static void a_circuit_takes_so_many_prefixes(void **state)
{
	static const char *const tiers[] = { "Standard", "Premium" };

	(void)state;
	for (int is_premium = 0; is_premium < 2; is_premium++) {
		struct diags diags = { 0 };
		size_t size = 0;
		char *text = NULL;
		FILE *out = open_memstream(&text, &size);
		struct lab *lab;

		assert_non_null(out);
		(void)fprintf(out,
			      "lab: t\n"
			      "express_route_circuits: { c: { sku_tier: %s } }\n"
			      "providers: { p: { asn: 65001, links: [ { circuit: c, "
			      "static_routes: 10.9.0.0/16 }, { branch: a, static_routes: "
			      "10.0.0.0/24 }, { branch: b } ] } }\n"
			      "branches:\n"
			      "  a: { asn: 65010, announce: [ 10.0.0.0/24 ] }\n"
			      "  b: { asn: 65011, announce: [ { prefix: [ 10.0.0.0/24",
			      tiers[is_premium]);
		for (int i = 0; i < 4000; i++)
			(void)fprintf(out, ", 172.%d.%d.0/24", 16 + i / 256, i % 256);
		(void)fprintf(out, " ] } ] }\n");
		assert_int_equal(fclose(out), 0);
		lab = lab_parse(text, size, "t.yaml", &diags);
		assert_int_equal(lab != NULL, is_premium);
		assert_int_equal(diags_error_count(&diags), !is_premium);
		if (!is_premium)
			assert_string_equal(diags_first_error(&diags)->text,
					    "provider 'p' would tell circuit 'c' 4001 prefixes: it "
					    "takes 4000, and then the session goes down");
		lab_free(lab);
		diags_fini(&diags);
		free(text);
	}
}

static void links_to_branches_have_a_30_that_no_other_link_has(void **state)
{
	struct fixture f;
	const struct provider_link *links;

	(void)state;
	fixture_parse(&f, "lab: t\n"
			  "express_route_circuits: { c: { primary_peer_address_prefix: "
			  "169.254.128.0/30 } }\n"
			  "providers: { p: { asn: 65001, links: [ { branch: b }, { branch: b }, c, "
			  "{ branch: b, peer_address_prefix: 169.254.128.4/30 } ] } }\n"
			  "branches: { b: { asn: 65010 } }\n");
	links = f.lab->providers.items[0].links.items;
	assert_string_equal(prefix_print(links[0].peer_prefix).text, "169.254.128.8/30");
	assert_string_equal(prefix_print(links[1].peer_prefix).text, "169.254.128.12/30");
	assert_string_equal(prefix_print(links[3].peer_prefix).text, "169.254.128.4/30");
	assert_ptr_equal(links[0].branch, lab_find_branch(f.lab, "B"));
	assert_null(links[2].branch);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_those_of_the_reference_lab),
		cmocka_unit_test(a_nic_is_found_by_each_of_its_names),
		cmocka_unit_test(what_is_no_nic_is_refused_with_words),
		cmocka_unit_test(several_nics_must_be_chosen_from),
		cmocka_unit_test(static_addresses_are_given_before_dynamic_ones),
		cmocka_unit_test(peerings_join_groups_and_gateways_are_shared),
		cmocka_unit_test(half_a_peering_is_not_connected),
		cmocka_unit_test(all_pairs_are_probed_in_a_small_lab),
		cmocka_unit_test(a_large_lab_probes_one_machine_of_each_other_network),
		cmocka_unit_test(port_names_are_unique_and_fit_the_kernel),
		cmocka_unit_test(a_circuit_takes_so_many_prefixes),
		cmocka_unit_test(links_to_branches_have_a_30_that_no_other_link_has),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
