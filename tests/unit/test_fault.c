/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "lab/plan/fault.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Two links between the same two machines, a circuit with both paths, a machine with two NICs. */
static const char text[] =
	"lab: test\n"
	"virtual_networks:\n"
	"  hub: { address_prefixes: 10.0.0.0/24,\n"
	"    subnets: { servers: 10.0.0.0/27, GatewaySubnet: 10.0.0.32/27 } }\n"
	"vms: { vm1: hub/servers }\n"
	"nvas:\n"
	"  fw: { network_interfaces: { outside: hub/servers, inside: hub/servers } }\n"
	"virtual_network_gateways:\n"
	"  ergw: { virtual_network: hub, gateway_type: ExpressRoute }\n"
	"express_route_circuits: { er: {} }\n"
	"connections: { conn: { gateway: ergw, circuit: er } }\n"
	"providers:\n"
	"  isp:\n"
	"    asn: 65001\n"
	"    links:\n"
	"      - { circuit: er, path: primary, delay_ms: 5 }\n"
	"      - { circuit: er, path: secondary, delay_ms: 5 }\n"
	"      - { branch: office, peer_address_prefix: 192.0.2.0/30 }\n"
	"      - { branch: office, peer_address_prefix: 192.0.2.4/30 }\n"
	"branches: { office: { asn: 65010, announce: [172.16.0.0/16] } }\n";

struct faults_fixture {
	struct fixture f;
	struct arena *arena;
	struct fault_targets targets;
	struct err err;
};

static int setup(void **state)
{
	static struct faults_fixture fixture;

	fixture = (struct faults_fixture){ .arena = arena_new() };
	fixture_parse(&fixture.f, text);
	fixture.targets = fault_list_targets(fixture.f.graph, fixture.arena);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct faults_fixture *fixture = *state;

	fixture_free(&fixture->f);
	arena_free(fixture->arena);
	return 0;
}

static const struct fault_target *find(struct faults_fixture *f, enum fault_kind kind,
				       const char *name)
{
	f->err = (struct err){ 0 };
	return fault_find_target(&f->targets, kind, name, &f->err);
}

static void assert_refused(struct faults_fixture *f, enum fault_kind kind, const char *name,
			   int code, const char *words)
{
	assert_null(find(f, kind, name));
	assert_int_equal(f->err.code, code);
	assert_string_equal(f->err.text, words);
}

static void all_that_can_break_is_listed_once(void **state)
{
	struct faults_fixture *f = *state;
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *list;

	for (size_t i = 0; i < f->targets.targets.count; i++) {
		const struct fault_target *target = &f->targets.targets.items[i];

		(void)fprintf(out, "%s, %s:", target->name, target->what);
		for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
			if (fault_can_break(target, (enum fault_kind)kind))
				(void)fprintf(out, " %s", fault_kind_names[kind]);
		(void)fprintf(out, "; %zu cables, %zu ports, %zu daemons\n", target->cables.count,
			      target->ports.count, target->daemons.count);
	}
	list = memory_close(&file);
	assert_string_equal(
		list,
		"vm1, virtual machine: cut drop; 0 cables, 1 ports, 0 daemons\n"
		"fw, NVA: cut drop; 0 cables, 2 ports, 0 daemons\n"
		"ergw-0, ExpressRoute gateway: cut drop kill; 0 cables, 1 ports, 1 daemons\n"
		"ergw-1, ExpressRoute gateway: cut drop kill; 0 cables, 1 ports, 1 daemons\n"
		"er-primary, MSEE: cut drop delay kill; 1 cables, 1 ports, 1 daemons\n"
		"er-secondary, MSEE: cut drop delay kill; 1 cables, 1 ports, 1 daemons\n"
		"isp, provider router: cut drop delay kill; 4 cables, 0 ports, 1 daemons\n"
		"office, branch router: cut drop delay kill; 2 cables, 0 ports, 1 daemons\n"
		"isp/er-primary, cable: cut drop delay; 1 cables, 0 ports, 0 daemons\n"
		"isp/er-secondary, cable: cut drop delay; 1 cables, 0 ports, 0 daemons\n"
		"isp/office/1, cable: cut drop delay; 1 cables, 0 ports, 0 daemons\n"
		"isp/office/2, cable: cut drop delay; 1 cables, 0 ports, 0 daemons\n"
		"er, circuit: cut drop delay; 2 cables, 0 ports, 0 daemons\n"
		"er/primary, one path of the circuit: cut drop delay; 1 cables, 0 ports, 0 "
		"daemons\n"
		"isp/er, a provider's links to the circuit: cut drop delay; 2 cables, 0 ports, 0 "
		"daemons\n"
		"er/secondary, one path of the circuit: cut drop delay; 1 cables, 0 ports, 0 "
		"daemons\n"
		"ergw, all its instances: cut drop kill; 0 cables, 2 ports, 2 daemons\n"
		"vm1-nic, NIC: cut drop; 0 cables, 1 ports, 0 daemons\n"
		"outside, NIC: cut drop; 0 cables, 1 ports, 0 daemons\n"
		"inside, NIC: cut drop; 0 cables, 1 ports, 0 daemons\n");
	free(list);
}

static void a_target_may_be_spelled_in_several_ways(void **state)
{
	static const char *const names[][2] = {
		{ "isp/er-primary", "isp/er-primary" },
		{ "isp:er-primary", "isp/er-primary" },
		{ "er-primary:isp", "isp/er-primary" },
		{ "ISP/ER-Primary", "isp/er-primary" },
		{ "office/isp/2", "isp/office/2" },
		{ "isp:office:2", "isp/office/2" },
		{ "er/primary", "er/primary" },
		{ "er:secondary", "er/secondary" },
		{ "isp:er", "isp/er" },
		{ "er/isp", "isp/er" },
		{ "ERGW-0", "ergw-0" },
		{ "fw", "fw" },
	};
	struct faults_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct fault_target *target = find(f, FAULT_CUT, names[i][0]);

		assert_non_null(target);
		assert_string_equal(target->name, names[i][1]);
	}
	assert_string_equal(find(f, FAULT_KILL, "bird@ergw-1")->name, "ergw-1");
	assert_string_equal(find(f, FAULT_KILL, "ergw-1")->name, "ergw-1");
}

static void what_is_not_there_is_refused_with_what_there_is(void **state)
{
	struct faults_fixture *f = *state;

	assert_refused(f, FAULT_CUT, "isp/er-primry", -ENOENT,
		       "there is nothing called 'isp/er-primry' in the lab: did you mean "
		       "'isp/er-primary'?");
	assert_refused(f, FAULT_KILL, "bird@nobody-at-all", -ENOENT,
		       "there is nothing called 'bird@nobody-at-all' in the lab; 'kill' takes "
		       "ergw-0, ergw-1, er-primary, er-secondary, isp, office, ergw");
	assert_refused(f, FAULT_CUT, "", -ENOENT,
		       "there is nothing called '' in the lab; 'cut' takes vm1, fw, ergw-0, "
		       "ergw-1, er-primary, er-secondary, isp, office, ...");
	assert_refused(f, FAULT_CUT, "isp/office", -ENOENT,
		       "there are several cables 'isp/office': 'isp/office/1' is the first of "
		       "them");
	assert_refused(f, FAULT_DELAY, "vm1", -EINVAL,
		       "'vm1' has no cable: only cables can be given a delay, and ports of the "
		       "fabric are none");
	assert_refused(f, FAULT_KILL, "vm1", -EINVAL, "'vm1' has no daemon that could be killed");
	assert_refused(f, FAULT_KILL, "isp/er", -EINVAL,
		       "'isp/er' has no daemon that could be killed");
}

static struct plan *plan_with(const struct fixture *f, const struct fault *faults, size_t count)
{
	struct plan *plan = plan_compile(f->topology, f->graph);
	struct plan *tables = plan_compile_tables(f->fabric);

	plan_append(plan, tables);
	plan_sort(plan);
	plan_free(tables);
	plan_apply_faults(plan, f->graph, faults, count);
	return plan;
}

/* What setting the faults changes, and that clearing them changes the same back. */
static void assert_changes(const struct fixture *f, const struct fault *faults, size_t count,
			   const char *there, const char *back)
{
	struct plan *plain = plan_with(f, NULL, 0), *faulty = plan_with(f, faults, count);
	struct plan *set = plan_diff(plain, faulty), *clear = plan_diff(faulty, plain);
	struct memory_file file = { 0 };
	char *printed;

	plan_print(set, memory_open(&file));
	printed = memory_close(&file);
	assert_string_equal(printed, there);
	free(printed);
	file = (struct memory_file){ 0 };
	plan_print(clear, memory_open(&file));
	printed = memory_close(&file);
	assert_string_equal(printed, back);
	free(printed);
	plan_free(set);
	plan_free(clear);
	plan_free(plain);
	plan_free(faulty);
}

static void a_cable_that_is_cut_stays_the_same_cable(void **state)
{
	struct faults_fixture *f = *state;

	assert_changes(&f->f, &(struct fault){ FAULT_CUT, "isp/er-primary", 0 }, 1,
		       "~ cable isp/link0 -- er-primary/link0 delay 5.000 ms cut\n",
		       "~ cable isp/link0 -- er-primary/link0 delay 5.000 ms\n");
}

static void faults_on_one_cable_add_up(void **state)
{
	static const struct fault faults[] = {
		{ FAULT_DROP, "isp/er-primary", 0 },
		{ FAULT_DELAY, "er", 20 },
		{ FAULT_DELAY, "er/primary", 0.5 },
	};
	struct faults_fixture *f = *state;

	assert_changes(&f->f, faults, ARRAY_SIZE(faults),
		       "~ cable isp/link0 -- er-primary/link0 delay 25.500 ms loss 100 %\n"
		       "~ cable isp/link1 -- er-secondary/link0 delay 25.000 ms\n",
		       "~ cable isp/link0 -- er-primary/link0 delay 5.000 ms\n"
		       "~ cable isp/link1 -- er-secondary/link0 delay 5.000 ms\n");
}

/* The machine's end is down, and with it what the kernel would drop by itself. */
static void a_port_that_is_cut_takes_its_routes_with_it(void **state)
{
	struct faults_fixture *f = *state;

	assert_changes(&f->f, &(struct fault){ FAULT_CUT, "vm1", 0 }, 1,
		       "- route vm1 table 254 0.0.0.0/0 via 10.0.0.1 dev eth0\n"
		       "- neighbour vm1 10.0.0.1 dev eth0 lladdr 12:34:56:78:9a:bc\n"
		       "- up vm1 eth0\n",
		       "+ up vm1 eth0\n"
		       "+ neighbour vm1 10.0.0.1 dev eth0 lladdr 12:34:56:78:9a:bc\n"
		       "+ route vm1 table 254 0.0.0.0/0 via 10.0.0.1 dev eth0\n");
}

static void a_port_that_is_silent_drops_at_both_ends(void **state)
{
	struct faults_fixture *f = *state;

	assert_changes(&f->f, &(struct fault){ FAULT_DROP, "inside", 0 }, 1,
		       "+ nft fabric table netdev hublab_fault_12 (3 lines)\n"
		       "+ nft fw table netdev hublab_fault_3 (3 lines)\n",
		       "- nft fw table netdev hublab_fault_3 (3 lines)\n"
		       "- nft fabric table netdev hublab_fault_12 (3 lines)\n");
}

/* Of a host the link to the bridge, of its router the bridge and the cables. */
static void links_of_a_lan_are_cut_and_silent(void **state)
{
	struct faults_fixture f = { .arena = arena_new() };

	(void)state;
	fixture_parse(&f.f,
		      "lab: t\n"
		      "providers: { isp: { asn: 65001, links: [{ branch: office }] } }\n"
		      "branches: { office: { asn: 65010, lan: 192.168.1.0/24, hosts: pc } }\n");
	f.targets = fault_list_targets(f.f.graph, f.arena);
	assert_int_equal(find(&f, FAULT_CUT, "office")->ports.count, 1);
	assert_ptr_equal(find(&f, FAULT_CUT, "pc")->ports.items[0],
			 find(&f, FAULT_CUT, "pc-nic")->ports.items[0]);
	assert_refused(&f, FAULT_KILL, "pc", -EINVAL, "'pc' has no daemon that could be killed");
	assert_changes(&f.f, &(struct fault){ FAULT_CUT, "pc", 0 }, 1,
		       "- route pc table 254 0.0.0.0/0 via 192.168.1.1 dev eth0\n"
		       "- up pc eth0\n",
		       "+ up pc eth0\n"
		       "+ route pc table 254 0.0.0.0/0 via 192.168.1.1 dev eth0\n");
	assert_changes(&f.f, &(struct fault){ FAULT_DROP, "pc-nic", 0 }, 1,
		       "+ nft office table netdev hublab_fault_3 (3 lines)\n"
		       "+ nft pc table netdev hublab_fault_2 (3 lines)\n",
		       "- nft pc table netdev hublab_fault_2 (3 lines)\n"
		       "- nft office table netdev hublab_fault_3 (3 lines)\n");
	assert_changes(&f.f, &(struct fault){ FAULT_CUT, "office", 0 }, 1,
		       "- up office lan0\n"
		       "~ cable isp/link0 -- office/link0 delay 0.000 ms cut\n",
		       "~ cable isp/link0 -- office/link0 delay 0.000 ms\n"
		       "+ up office lan0\n");
	assert_changes(&f.f, &(struct fault){ FAULT_DROP, "office", 0 }, 1,
		       "~ cable isp/link0 -- office/link0 delay 0.000 ms loss 100 %\n"
		       "+ nft office table netdev hublab_fault_2 (3 lines)\n",
		       "- nft office table netdev hublab_fault_2 (3 lines)\n"
		       "~ cable isp/link0 -- office/link0 delay 0.000 ms\n");
	fixture_free(&f.f);
	arena_free(f.arena);
}

/* Outer packets by the node: its end of the link to the daemon is down. */
static void a_tunnel_is_cut_and_silent_between_its_daemon_and_its_node(void **state)
{
	static const struct fault cut = { FAULT_CUT, "az-hub-vpngw-0-t0", 0 };
	static const struct fault drop = { FAULT_DROP, "az-hub-vpngw-0-t0", 0 };
	struct faults_fixture f = { .arena = arena_new() };
	const struct fault_target *target;

	(void)state;
	fixture_read(&f.f, "tests/golden/hybrid.yaml");
	f.targets = fault_list_targets(f.f.graph, f.arena);
	target = find(&f, FAULT_KILL, "charon@az-hub-vpngw-0-t0");
	assert_string_equal(target->daemons.items[0], "az-hub-vpngw-0-t0");
	assert_int_equal(find(&f, FAULT_CUT, "az-hub-to-branch-conn")->tunnels.count, 2);
	assert_refused(&f, FAULT_KILL, "bird@az-hub-vpngw-0-t0", -EINVAL,
		       "the daemon of 'az-hub-vpngw-0-t0' is charon");
	assert_refused(&f, FAULT_KILL, "frr@az-hub-vpngw-0", -EINVAL,
		       "the daemon of 'az-hub-vpngw-0' is bird");
	assert_changes(&f.f, &cut, 1,
		       "- route az-hub-vpngw-0 table 20003 10.0.0.36/32 dev o-tun0\n"
		       "- neighbour az-hub-vpngw-0 10.0.0.36 dev o-tun0 lladdr 02:68:6d:00:00:01\n"
		       "- up az-hub-vpngw-0 o-tun0\n",
		       "+ up az-hub-vpngw-0 o-tun0\n"
		       "+ neighbour az-hub-vpngw-0 10.0.0.36 dev o-tun0 lladdr 02:68:6d:00:00:01\n"
		       "+ route az-hub-vpngw-0 table 20003 10.0.0.36/32 dev o-tun0\n");
	assert_changes(&f.f, &drop, 1,
		       "+ nft az-hub-vpngw-0 table netdev hublab_fault_100003 (3 lines)\n"
		       "+ nft az-hub-vpngw-0-t0 table netdev hublab_fault_2 (3 lines)\n",
		       "- nft az-hub-vpngw-0-t0 table netdev hublab_fault_2 (3 lines)\n"
		       "- nft az-hub-vpngw-0 table netdev hublab_fault_100003 (3 lines)\n");
	fixture_free(&f.f);
	arena_free(f.arena);
}

static void faults_without_a_target_and_killed_daemons_change_no_plan(void **state)
{
	static const struct fault faults[] = {
		{ FAULT_CUT, "gone", 0 },
		{ FAULT_KILL, "isp", 0 },
	};
	struct faults_fixture *f = *state;

	assert_changes(&f->f, faults, ARRAY_SIZE(faults), "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_can_break_is_listed_once),
		cmocka_unit_test(a_target_may_be_spelled_in_several_ways),
		cmocka_unit_test(what_is_not_there_is_refused_with_what_there_is),
		cmocka_unit_test(a_cable_that_is_cut_stays_the_same_cable),
		cmocka_unit_test(faults_on_one_cable_add_up),
		cmocka_unit_test(a_port_that_is_cut_takes_its_routes_with_it),
		cmocka_unit_test(a_port_that_is_silent_drops_at_both_ends),
		cmocka_unit_test(links_of_a_lan_are_cut_and_silent),
		cmocka_unit_test(a_tunnel_is_cut_and_silent_between_its_daemon_and_its_node),
		cmocka_unit_test(faults_without_a_target_and_killed_daemons_change_no_plan),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
