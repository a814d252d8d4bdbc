/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LANs of branches: hosts as machines, the bridge and its ports, and what a change of them is. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A virtual machine, a host of the Internet, and a branch with what `more` says. */
static void parse(struct fixture *f, const char *more)
{
	char text[1000];

	(void)snprintf(text, sizeof(text),
		       "lab: t\n"
		       "virtual_networks: { v: { address_prefixes: 10.0.0.0/24,\n"
		       "                         subnets: { s: 10.0.0.0/24 } } }\n"
		       "vms: { vm: v/s }\n"
		       "internet: { web: 8.8.8.8 }\n"
		       "providers: { isp: { asn: 65001, links: [{ branch: office }] } }\n"
		       "branches: { office: { asn: 65010%s } }\n",
		       more);
	fixture_parse(f, text);
}

#define LAN        ", lan: 192.168.1.0/24"
#define WITH_HOSTS LAN ", hosts: [pc, printer]"

static void hosts_are_machines_with_addresses_of_the_lan(void **state)
{
	const struct nic *pc, *printer;
	struct fixture f;

	(void)state;
	parse(&f, WITH_HOSTS);
	pc = fixture_nic(&f, "pc");
	printer = fixture_nic(&f, "printer-nic");
	assert_string_equal(ip_print(pc->ip).text, "192.168.1.2");
	assert_string_equal(ip_print(printer->ip).text, "192.168.1.3");
	assert_null(pc->subnet);
	assert_ptr_equal(pc->vm->branch, lab_find_branch(f.lab, "office"));
	assert_string_equal(node_role_name(topology_find_node(f.topology, "pc")->role),
			    "branch host");
	/* behind what is Azure's, before the Internet, and counted as neither */
	assert_ptr_equal(pc->vm, &f.lab->vms.items[1]);
	assert_string_equal(f.lab->vms.items[3].object.name, "web");
	assert_int_equal(lab_vm_count(f.lab), 1);
	fixture_free(&f);
}

/* How many findings a lab has whose branch has so many hosts; the first one's rule. */
static size_t findings(unsigned hosts, enum diag_id *ret_rule)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	struct lab *lab;
	size_t count;
	char *text;

	(void)fprintf(out, "lab: t\n"
			   "providers: { isp: { asn: 65001, links: [{ branch: office }] } }\n"
			   "branches: { office: { asn: 65010, lan: 10.0.0.0/16, hosts: [ h");
	for (unsigned i = 1; i < hosts; i++)
		(void)fprintf(out, ", h%u", i);
	(void)fprintf(out, " ] } }\n");
	text = memory_close(&file);
	lab = lab_parse(text, strlen(text), "t.yaml", &diags);
	count = diags.count;
	if (count)
		*ret_rule = diags.items[0].id;
	lab_free(lab);
	free(text);
	return count;
}

static void a_lan_has_no_more_hosts_than_the_kernel_knows_neighbours(void **state)
{
	enum diag_id rule;

	(void)state;
	assert_int_equal(findings(250, &rule), 0);
	assert_int_equal(findings(251, &rule), 1);
	assert_int_equal(rule, DIAG_LAN);
}

static void what_azure_gives_they_have_not(void **state)
{
	struct err err = { 0 };
	struct fixture f;

	(void)state;
	parse(&f, WITH_HOSTS);
	assert_true(nic_is_routed_by_azure(fixture_nic(&f, "vm"), &err));
	assert_true(nic_is_routed_by_azure(fixture_nic(&f, "web"), &err));
	assert_false(nic_is_routed_by_azure(fixture_nic(&f, "pc"), &err));
	assert_int_equal(err.code, -EOPNOTSUPP);
	assert_non_null(strstr(err.text, "pc is in the LAN of branch 'office'"));
	fixture_free(&f);
}

static void probes_run_from_and_to_them(void **state)
{
	unsigned from = 0, to = 0;
	struct fixture f;

	(void)state;
	parse(&f, WITH_HOSTS);
	assert_int_equal(f.lab->probes.count, 3 * 2 * 2); /* pairs, by ping and by HTTP */
	for (size_t i = 0; i < f.lab->probes.count; i++) {
		from += f.lab->probes.items[i].from->vm->branch != NULL;
		to += f.lab->probes.items[i].to->vm->branch != NULL;
	}
	assert_int_equal(from, 8);
	assert_int_equal(to, 8);
	fixture_free(&f);
}

/* Where there are too many for all pairs, a LAN is a network of which the first host is asked. */
static void a_lan_is_one_of_the_networks_that_are_sampled(void **state)
{
	struct fixture f;

	(void)state;
	parse(&f, LAN ", hosts: [a, b, c, d, e, f, g, h, i, j, k, l]");
	assert_int_equal(f.lab->probes.count, 13);
	assert_string_equal(f.lab->probes.items[0].to->vm->object.name, "a");
	for (size_t i = 1; i < f.lab->probes.count; i++)
		assert_string_equal(f.lab->probes.items[i].to->vm->object.name, "vm");
	fixture_free(&f);
}

static void the_bridge_and_its_ports_are_in_the_router(void **state)
{
	const struct interface *bridge, *link;
	const struct node *office;
	struct fixture f;

	(void)state;
	parse(&f, LAN ", hosts: [a-host-with-a-long-name-1, a-host-with-a-long-name-2]");
	office = topology_find_node(f.topology, "office");
	bridge = office->interfaces.items[0];
	assert_int_equal(bridge->kind, INTERFACE_LAN);
	assert_string_equal(bridge->name, "lan0");
	assert_string_equal(prefix_print(interface_prefix(bridge, bridge->ip)).text,
			    "192.168.1.1/24");
	for (size_t i = 1; i < 3; i++) {
		link = topology_find_nic(f.topology, f.lab->vms.items[i].network_interfaces.items);
		assert_ptr_equal(link->bridge, bridge);
		assert_string_equal(link->name, "eth0");
		assert_true(strlen(link->port_name) < IFNAME_SIZE);
		assert_memory_not_equal(link->mac, bridge->mac, MAC_SIZE);
		for (size_t n = 0; n < office->interfaces.count; n++)
			assert_int_not_equal(link->port_ifindex,
					     office->interfaces.items[n]->ifindex);
	}
	assert_string_equal(link->port_name, "p-a-host-with~1");
	assert_int_equal(f.topology->ports.count, 2); /* in the fabric: vm's and web's */
	fixture_free(&f);
}

static void the_router_announces_its_lan(void **state)
{
	const struct bgp_speaker *isp;
	const struct rib_route *route;
	struct prefix lan;
	struct fixture f;
	size_t count;

	(void)state;
	parse(&f, LAN);
	isp = bgp_find_speaker(f.graph, topology_find_node(f.topology, "isp"));
	assert_true(prefix_parse("192.168.1.0/24", &lan));
	route = rib_find(&f.ribs[isp->index], lan, &count);
	assert_int_equal(count, 1);
	assert_string_equal(route->from->peer->speaker->node->name, "office");
	fixture_free(&f);
}

/* The steps of a plan that are of the LAN; the caller frees the text. */
static char *print_lan(const struct plan *plan)
{
	static const char *const words[] = { "lan0", "office/p-", " pc", "printer" };
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char line[512];

	for (uint32_t i = 0; i < plan->step_count; i++) {
		static const char signs[] = {
			[STEP_ADD] = '+', [STEP_CHANGE] = '~', [STEP_REMOVE] = '-'
		};
		bool is_of_lan = false;

		step_print(plan, &plan->steps[i], line, sizeof(line));
		for (size_t n = 0; n < ARRAY_SIZE(words); n++)
			is_of_lan |= strstr(line, words[n]) != NULL;
		if (is_of_lan)
			(void)fprintf(out, "%c %s\n", signs[plan->steps[i].verb], line);
	}
	return memory_close(&file);
}

/* What leads from one branch to another; the second is made beside the first, as in a lab. */
static void assert_changes(const char *before, const char *after, const char *wanted)
{
	struct plan *from, *to, *changes;
	struct topology *topology;
	struct bgp_graph *graph;
	struct fixture a, b;
	char *text;

	parse(&a, before);
	parse(&b, after);
	topology = topology_new(b.lab, a.topology);
	graph = bgp_graph_new(topology);
	from = plan_compile(a.topology, a.graph);
	to = plan_compile(topology, graph);
	changes = plan_diff(from, to);
	text = print_lan(changes);
	assert_string_equal(text, wanted);
	free(text);
	plan_free(changes);
	plan_free(to);
	plan_free(from);
	bgp_graph_free(graph);
	topology_free(topology);
	fixture_free(&b);
	fixture_free(&a);
}

#define PC                                                                                         \
	"+ namespace pc\n"                                                                         \
	"+ sysctl pc net/ipv4/icmp_ratemask=0\n"                                                   \
	"+ bridge office/lan0\n"                                                                   \
	"+ veth office/p-pc -- pc/eth0 02:68:6e:00:00:04 on its bridge\n"                          \
	"+ up office lan0\n"                                                                       \
	"+ address office 192.168.1.1/24 dev lan0\n"                                               \
	"+ up pc eth0\n"                                                                           \
	"+ address pc 192.168.1.2/24 dev eth0\n"                                                   \
	"+ route pc table 254 0.0.0.0/0 via 192.168.1.1 dev eth0\n"                                \
	"+ responder pc TCP 80\n"

static void a_change_of_a_lan_leaves_what_stays(void **state)
{
	(void)state;
	assert_changes("", LAN ", hosts: pc", PC);
	assert_changes(LAN ", hosts: pc", WITH_HOSTS,
		       "+ namespace printer\n"
		       "+ sysctl printer net/ipv4/icmp_ratemask=0\n"
		       "+ veth office/p-printer -- printer/eth0 02:68:6e:00:00:05 on its bridge\n"
		       "+ up printer eth0\n"
		       "+ address printer 192.168.1.3/24 dev eth0\n"
		       "+ route printer table 254 0.0.0.0/0 via 192.168.1.1 dev eth0\n"
		       "+ responder printer TCP 80\n");
	/* the next one moves up: its link stays, its address is another */
	assert_changes(WITH_HOSTS, LAN ", hosts: printer",
		       "- responder pc TCP 80\n"
		       "- address printer 192.168.1.3/24 dev eth0\n"
		       "- veth office/p-pc -- pc/eth0 02:68:6e:00:00:03 on its bridge\n"
		       "- namespace pc\n"
		       "+ address printer 192.168.1.2/24 dev eth0\n"
		       "+ route printer table 254 0.0.0.0/0 via 192.168.1.1 dev eth0\n");
	assert_changes(LAN ", hosts: pc", "",
		       "- responder pc TCP 80\n"
		       "- veth office/p-pc -- pc/eth0 02:68:6e:00:00:03 on its bridge\n"
		       "- bridge office/lan0\n"
		       "- namespace pc\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_machines_with_addresses_of_the_lan),
		cmocka_unit_test(a_lan_has_no_more_hosts_than_the_kernel_knows_neighbours),
		cmocka_unit_test(what_azure_gives_they_have_not),
		cmocka_unit_test(probes_run_from_and_to_them),
		cmocka_unit_test(a_lan_is_one_of_the_networks_that_are_sampled),
		cmocka_unit_test(the_bridge_and_its_ports_are_in_the_router),
		cmocka_unit_test(the_router_announces_its_lan),
		cmocka_unit_test(a_change_of_a_lan_leaves_what_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
