/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines with kernels of their own: what is made for them, what they are told, what faults do. */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "lab/plan/fault.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

static const char text[] = "lab: t\n"
			   "virtual_networks:\n"
			   "  v:\n"
			   "    address_prefixes: [10.0.0.0/16, \"fd00::/48\"]\n"
			   "    subnets:\n"
			   "      a: { address_prefix: [10.0.0.0/24, \"fd00:0:0:1::/64\"] }\n"
			   "      b: 10.0.1.0/24\n"
			   "vms:\n"
			   "  guest: { subnet: v/a, ip_configurations: [10.0.0.9, "
			   "\"fd00:0:0:1::9\"], kind: libvirt }\n"
			   "  other: v/a\n"
			   "nvas:\n"
			   "  fw:\n"
			   "    network_interfaces: { out: v/a, in: v/b }\n"
			   "    kind: libvirt\n"
			   "    memory_mb: 256\n"
			   "    routes: [10.9.0.0/16 10.0.1.1]\n";

static int setup(void **state)
{
	static struct fixture f;

	fixture_parse(&f, text);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static const struct step *find_guest(const struct plan *plan, const char *name)
{
	for (uint32_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_GUEST &&
		    !strcmp(plan_text(plan, plan->steps[i].ns), name))
			return &plan->steps[i];
	fail_msg("no guest '%s'", name);
	return NULL;
}

/* All of a plan that is in a namespace of that name, or is one. */
static unsigned count_in(const struct plan *plan, const char *ns)
{
	unsigned count = 0;

	for (uint32_t i = 0; i < plan->step_count; i++)
		count += !strcmp(plan_text(plan, plan->steps[i].ns), ns);
	return count;
}

static void a_guest_has_ports_and_no_namespace(void **state)
{
	const struct fixture *f = *state;
	struct plan *plan = plan_compile(f->topology, f->graph);
	const struct interface *port = topology_find_nic(f->topology, fixture_nic(f, "guest-nic"));
	const struct step *guest = find_guest(plan, "guest"), *fw = find_guest(plan, "fw");
	unsigned taps = 0;

	assert_int_equal(count_in(plan, "guest"), 1);
	assert_int_equal(count_in(plan, "fw"), 1);
	assert_true(count_in(plan, "other") > 1);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];

		if (step->kind != STEP_TAP)
			continue;
		taps++;
		assert_string_equal(plan_text(plan, step->ns), FABRIC_NS);
		assert_memory_equal(step->tap.end.mac, azure_mac, MAC_SIZE);
		if (step->tap.end.ifindex == port->port_ifindex)
			assert_string_equal(step->tap.end.name, port->port_name);
	}
	assert_int_equal(taps, 3);
	assert_int_equal(guest->guest.memory_mb, 96);
	assert_int_equal(fw->guest.memory_mb, 256);
	plan_free(plan);
}

static void a_guest_is_told_its_addresses_and_routes(void **state)
{
	const struct fixture *f = *state;
	struct plan *plan = plan_compile(f->topology, f->graph);

	assert_string_equal(plan_text(plan, find_guest(plan, "guest")->guest.command_line),
			    "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on "
			    "hublab.name=guest hublab.address=eth0,10.0.0.9/24 "
			    "hublab.address=eth0,fd00:0:0:1::9/128 "
			    "hublab.route=eth0,default,10.0.0.1 "
			    "hublab.route=eth0,default,fe80::1234:5678:9abc");
	assert_string_equal(plan_text(plan, find_guest(plan, "fw")->guest.command_line),
			    "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on "
			    "hublab.name=fw hublab.forward hublab.address=eth0,10.0.0.5/24 "
			    "hublab.address=eth0,fd00:0:0:1::5/128 "
			    "hublab.address=eth1,10.0.1.4/24 hublab.route=eth0,default,10.0.0.1 "
			    "hublab.route=eth0,default,fe80::1234:5678:9abc "
			    "hublab.route=eth1,10.9.0.0/16,10.0.1.1");
	plan_free(plan);
}

static void probes_start_at_guests_as_at_others(void **state)
{
	const struct lab *lab = ((const struct fixture *)*state)->lab;
	unsigned of_guest = 0;

	assert_int_equal(lab->probes.count, 12); /* each of three to both others, ICMP and HTTP */
	for (size_t i = 0; i < lab->probes.count; i++)
		of_guest += !strcmp(lab->probes.items[i].from->vm->object.name, "guest");
	assert_int_equal(of_guest, 4);
}

/* What setting a fault changes. */
static void assert_sets(const struct fixture *f, struct fault fault, const char *wanted)
{
	struct plan *plain = plan_compile(f->topology, f->graph);
	struct plan *faulty = plan_compile(f->topology, f->graph), *changes;
	struct memory_file file = { 0 };
	char *printed;

	plan_apply_faults(faulty, f->graph, &fault, 1);
	changes = plan_diff(plain, faulty);
	plan_print(changes, memory_open(&file));
	printed = memory_close(&file);
	assert_string_equal(printed, wanted);
	free(printed);
	plan_free(changes);
	plan_free(faulty);
	plan_free(plain);
}

static void a_guest_that_is_cut_goes_on(void **state)
{
	assert_sets(*state, (struct fault){ FAULT_CUT, "guest", 0 }, "~ guest guest 96 MB cut\n");
}

static void only_the_nic_that_is_cut_is(void **state)
{
	const struct fixture *f = *state;
	struct plan *plan = plan_compile(f->topology, f->graph);

	plan_apply_faults(plan, f->graph, &(struct fault){ FAULT_CUT, "in", 0 }, 1);
	assert_int_equal(find_guest(plan, "fw")->guest.cut, 1 << 1);
	assert_int_equal(find_guest(plan, "guest")->guest.cut, 0);
	plan_free(plan);
}

static void a_guest_that_is_silent_loses_what_crosses_its_port(void **state)
{
	const struct fixture *f = *state;
	unsigned port = topology_find_nic(f->topology, fixture_nic(f, "guest-nic"))->port_ifindex;
	char wanted[200];

	(void)snprintf(wanted, sizeof(wanted),
		       "+ nft fabric table netdev hublab_fault_%u (3 lines)\n"
		       "+ nft fabric table netdev hublab_deaf_%u (3 lines)\n",
		       port, port);
	assert_sets(f, (struct fault){ FAULT_DROP, "guest", 0 }, wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_has_ports_and_no_namespace),
		cmocka_unit_test(a_guest_is_told_its_addresses_and_routes),
		cmocka_unit_test(probes_start_at_guests_as_at_others),
		cmocka_unit_test(a_guest_that_is_cut_goes_on),
		cmocka_unit_test(only_the_nic_that_is_cut_is),
		cmocka_unit_test(a_guest_that_is_silent_loses_what_crosses_its_port),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
