/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edge to the Internet: hosts, public addresses and NAT gateways, before any packet is sent. */
#include "tests/support/test.h"

#include "lab/azure/internet.h"
#include "lab/plan/compile.h"
#include "lab/render/nft_internet.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"
#include "tests/support/tuple.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	static struct fixture f;

	fixture_read(&f, "tests/golden/internet.yaml");
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(*state);
	return 0;
}

static const struct interface *port_of(const struct fixture *f, const char *name)
{
	return topology_find_nic(f->topology, fixture_nic(f, name));
}

/* ---- the model ---- */

static void hosts_stand_in_a_network_that_no_list_has(void **state)
{
	const struct fixture *f = *state;
	const struct lab *lab = f->lab;
	const struct vm *web = lab_find_vm(lab, "web");

	assert_int_equal(lab->virtual_networks.count, 3);
	assert_null(lab_find_vnet(lab, lab->internet_network->object.name));
	assert_true(web->is_internet);
	assert_ptr_equal(web->network_interfaces.items[0].subnet->vnet, lab->internet_network);
	assert_int_equal(lab->internet_network->address_prefixes.count, 0);
	assert_int_equal(f->topology->networks.count, 4);
	assert_ptr_equal(f->topology->networks.items[3].vnet, lab->internet_network);
	assert_int_equal(topology_find_node(f->topology, "web")->role, ROLE_INTERNET);
	assert_string_equal(node_role_name(ROLE_INTERNET), "Internet host");
}

static void a_host_has_its_addresses_alone(void **state)
{
	const struct interface *web = port_of(*state, "web");

	assert_string_equal(prefix_print(interface_prefix(web, web->ip)).text, "93.184.216.34/32");
	assert_int_equal(web->more.count, 1);
	assert_string_equal(ip_print(web->more.items[0]).text, "13.107.21.200");
	assert_false(port_forwards(web));
}

static void only_probes_of_the_file_ask_hosts(void **state)
{
	const struct fixture *f = *state;
	size_t vms = f->lab->vms.count - f->lab->internet.count;

	assert_int_equal(f->lab->probes.count, vms * (vms - 1) * 2);
	for (size_t i = 0; i < f->lab->probes.count; i++) {
		assert_false(f->lab->probes.items[i].from->vm->is_internet);
		assert_false(f->lab->probes.items[i].to->vm->is_internet);
	}
}

static void a_lab_without_hosts_has_no_internet(void **state)
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, "lab: t\npublic_ip_addresses: { p: 20.1.1.1 }\n"
			  "virtual_networks: { v: { address_prefixes: 10.0.0.0/16, "
			  "subnets: { s: 10.0.0.0/24 } } }\n"
			  "vms: { a: { subnet: v/s, public_ip_address: p } }\n");
	assert_null(f.lab->internet_network);
	assert_int_equal(f.topology->networks.count, 1);
	fixture_free(&f);
}

/* What stands keeps its number when the first host comes, and the Internet its when others do. */
static void numbers_stay_when_hosts_come(void **state)
{
#define LAB(rest)                                                                                  \
	"lab: t\nvirtual_networks: { v: { address_prefixes: 10.0.0.0/16, "                         \
	"subnets: { s: 10.0.0.0/24 } }" rest "vms: { a: v/s }\n"
	struct fixture none, one, more;
	struct topology *with, *later;

	(void)state;
	fixture_parse(&none, LAB(" }\n"));
	fixture_parse(&one, LAB(" }\ninternet: { b: 8.8.8.8 }\n"));
	fixture_parse(&more, LAB(", w: { address_prefixes: 10.1.0.0/16 } }\n"
				 "internet: { b: 8.8.8.8, c: 9.9.9.9 }\n"));
	with = topology_new(one.lab, none.topology);
	later = topology_new(more.lab, with);
	assert_int_equal(with->networks.items[0].number, 1);
	assert_int_equal(with->networks.items[1].number, 2);
	assert_ptr_equal(later->networks.items[2].vnet, more.lab->internet_network);
	assert_int_equal(later->networks.items[2].number, 2);
	assert_int_equal(later->networks.items[1].number, 3);
	topology_free(later);
	topology_free(with);
	fixture_free(&more);
	fixture_free(&one);
	fixture_free(&none);
}

/* ---- as what it leaves ---- */

static void assert_outbound(const struct fixture *f, const char *machine, const char *source,
			    enum outbound_method method, const char *as)
{
	struct outbound outbound = internet_outbound(port_of(f, machine), ip_of(source));

	assert_int_equal(outbound.method, method);
	assert_string_equal(ip_print(outbound.ip).text, as);
}

/* OUT-05, OUT-07; of Azure's load balancers there are none in labs */
static void the_nat_gateway_comes_first_then_the_nic_then_what_is_lent(void **state)
{
	const struct fixture *f = *state;
	char lent[IP_TEXT];

	(void)snprintf(lent, sizeof(lent), "20.255.0.%u", port_of(f, "lent")->table->number);
	assert_outbound(f, "both", "10.0.0.4", OUTBOUND_NAT_GATEWAY, "20.2.2.2");
	assert_outbound(f, "both", "10.0.0.5", OUTBOUND_NAT_GATEWAY, "20.2.2.2");
	assert_outbound(f, "other", "10.0.1.4", OUTBOUND_PUBLIC_IP, "20.4.4.4");
	assert_outbound(f, "lent", "10.0.2.4", OUTBOUND_DEFAULT, lent);
	assert_outbound(f, "private", "10.0.1.4", OUTBOUND_NONE, "");
	assert_outbound(f, "other", "10.0.1.9", OUTBOUND_NONE, "");
	assert_outbound(f, "natted", "10.0.0.4", OUTBOUND_NONE, "");
	assert_true(nat_gateway_takes(IPPROTO_TCP) && nat_gateway_takes(IPPROTO_UDP));
	assert_false(nat_gateway_takes(IPPROTO_ICMP) || nat_gateway_takes(IPPROTO_ESP));
}

static void assert_network(const struct fixture *f, const char *address, const char *vnet)
{
	const struct network *network = internet_find_network(f->topology, ip_of(address));

	if (vnet)
		assert_string_equal(network->vnet->object.name, vnet);
	else
		assert_null(network);
}

static void every_address_is_one_networks(void **state)
{
	const struct fixture *f = *state;
	char lent[IP_TEXT];

	(void)snprintf(lent, sizeof(lent), "20.255.0.%u", port_of(f, "lent")->table->number);
	assert_network(f, "20.1.1.1", "hub");
	assert_network(f, "20.2.2.3", "hub");
	assert_network(f, "20.4.4.4", "other");
	assert_network(f, lent, "hub");
	assert_network(f, "20.9.9.9", NULL); /* nobody has it */
	assert_network(f, "20.255.255.1", NULL);
	assert_network(f, "198.51.100.7", NULL);
	assert_ptr_equal(internet_find_host(f->topology, ip_of("13.107.21.200")),
			 port_of(f, "web"));
	assert_null(internet_find_host(f->topology, ip_of("20.1.1.1")));
	assert_null(internet_find_host(f->topology, ip_of("10.0.0.4")));
}

/* Lines of a text that hold a word; the caller frees them. */
static char *lines_with(const char *text, const char *word)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n") + 1;
		const char *found = strstr(line, word);

		if (found && found < line + len)
			(void)fwrite(line, len, 1, out);
		line += len;
	}
	return memory_close(&file);
}

static void routes_are_those_of_the_golden_file(void **state)
{
	const struct fixture *f = *state;
	struct plan *plan = plan_compile(f->topology, f->graph);
	struct plan *tables = plan_compile_tables(f->fabric);
	struct memory_file file = { 0 };
	char *text, *routes;

	plan_append(plan, tables);
	plan_sort(plan);
	plan_print(plan, memory_open(&file));
	text = memory_close(&file);
	routes = lines_with(text, " route ");
	assert_golden("plan/internet_routes.txt", routes);
	free(routes);
	free(text);
	plan_free(tables);
	plan_free(plan);
}

static void rules_are_those_of_the_golden_file(void **state)
{
	const struct fixture *f = *state;
	struct memory_file file = { 0 };
	char *text;

	assert_true(nft_internet_is_used(f->topology));
	nft_internet_print(f->topology, memory_open(&file));
	text = memory_close(&file);
	assert_golden("plan/internet.nft", text);
	free(text);
}

/* The reasons of a rule that a machine's row to the Internet has; "" when there are none. */
static const char *reason_of(const struct fixture *f, const char *machine, const char *rule)
{
	static char text[300];
	struct arena *arena = arena_new();
	struct snapshot_why why = { 0 };

	text[0] = '\0';
	fixture_why(f, machine, &why, arena);
	for (size_t i = 0; i < why.reasons.count; i++)
		if (!strcmp(why.reasons.items[i].rule, rule)) {
			assert_string_equal(why.reasons.items[i].next_hop_type, "Internet");
			(void)snprintf(text, sizeof(text), "%s", why.reasons.items[i].words);
		}
	arena_free(arena);
	return text;
}

static void the_row_to_the_internet_says_as_what_packets_leave(void **state)
{
	assert_string_equal(reason_of(*state, "natted", "OUT-05"),
			    "packets leave by NAT gateway 'ng', as 20.2.2.2 or another of its "
			    "addresses");
	assert_string_equal(reason_of(*state, "lent", "OUT-05"),
			    "packets leave as the NIC's public address, or without one as Azure's "
			    "own, by default outbound access");
	assert_string_equal(reason_of(*state, "private", "OUT-07"),
			    "packets leave as the NIC's public address; without one they are "
			    "dropped, since subnet 'private' is private");
	assert_string_equal(reason_of(*state, "private", "OUT-05"), "");
	assert_string_equal(reason_of(*state, "steered", "OUT-07"), ""); /* its row is overridden */
	assert_string_equal(reason_of(*state, "client", "OUT-07"), "");
}

/* ---- what becomes of packets ---- */

static void assert_prediction(const struct fixture *f, const char *from, const char *to,
			      enum probe_protocol protocol, const char *words)
{
	struct probe_spec probe = { .from = (struct nic *)fixture_nic(f, from),
				    .to = (struct nic *)fixture_nic(f, to),
				    .protocol.value = protocol };
	struct prediction prediction;

	fabric_predict(f->fabric, &probe, &prediction);
	assert_string_equal(prediction.words, words);
	assert_int_equal(prediction.is_reply, !*words);
	if (!*words)
		assert_int_equal(prediction.ttl, 64);
}

static void what_has_an_address_reaches_hosts_and_is_answered(void **state)
{
	static const char *const machines[] = { "both", "natted", "lent", "other" };

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		assert_prediction(*state, machines[i], "web", PROBE_HTTP, "");
	assert_prediction(*state, "lent", "web", PROBE_ICMP, "");
	assert_prediction(*state, "client", "web", PROBE_ICMP, "");
	assert_prediction(*state, "odd", "client", PROBE_ICMP, "");
}

static void what_has_none_does_not(void **state)
{
	assert_prediction(*state, "natted", "web", PROBE_ICMP,
			  "NAT gateway 'ng' takes TCP and UDP alone (OUT-06)");
	assert_prediction(*state, "both", "web", PROBE_ICMP,
			  "NAT gateway 'ng' takes TCP and UDP alone (OUT-06)");
	assert_prediction(*state, "private", "web", PROBE_HTTP,
			  "private has no address on the Internet: hub/private is private "
			  "(OUT-07)");
	assert_prediction(*state, "steered", "web", PROBE_HTTP,
			  "10.0.3.4 is not of fw: it has no address on the Internet (OUT-07)");
}

static void what_is_denied_at_the_edge_is_the_platforms_to_say(void **state)
{
	const struct fixture *f = *state;
	struct packet packet = { .from = fixture_nic(f, "private"),
				 .source = fixture_nic(f, "private")->ip,
				 .to = ip_of("93.184.216.34") };
	struct flow flow;

	fabric_walk_packet(f->fabric, &packet, &flow);
	assert_int_equal(flow.reason, REASON_PLATFORM);
	assert_ptr_equal(flow.denial.port, port_of(f, "private"));
	assert_int_equal(flow.denial.layer.layer, LAYER_PLATFORM);
	assert_int_equal(flow.denial.layer.drop, DROP_NO_OUTBOUND);
	assert_int_equal(flow.denial.layer.direction, DIRECTION_OUTBOUND);
}

static void a_route_inside_does_not_lead_out_nor_one_outside_in(void **state)
{
	assert_prediction(*state, "odd", "private", PROBE_ICMP,
			  "hub has no route: 10.0.1.4 matches 10.0.1.0/25 Internet");
	assert_prediction(*state, "odd", "spoke", PROBE_ICMP,
			  "hub has no route: 10.1.0.4 matches 10.1.0.0/24 Internet");
	assert_prediction(*state, "odd", "web", PROBE_ICMP,
			  "no machine has the address 93.184.216.34");
}

static void what_comes_in_is_for_whoever_has_the_public_address(void **state)
{
	assert_prediction(*state, "client", "both", PROBE_HTTP, "");
	assert_prediction(*state, "client", "both", PROBE_ICMP, "");
	assert_prediction(*state, "client", "other", PROBE_ICMP, "");
	assert_prediction(*state, "client", "private", PROBE_HTTP,
			  "the Internet has no route: 10.0.1.4 matches 10.0.0.0/8 None");
}

/* OUT-08 */
static void answers_by_an_appliance_are_lost(void **state)
{
	assert_prediction(*state, "client", "steered", PROBE_HTTP,
			  "on the way back, fw cannot answer for 10.0.3.4: what came to 20.5.5.5 "
			  "is answered by steered (OUT-08)");
}

static void assert_lost(const struct fixture *f, const char *from, const char *to,
			const char *words)
{
	struct flow flow;

	fabric_walk(f->fabric, fixture_nic(f, from), ip_of(to), &flow);
	assert_false(flow.is_delivered);
	assert_string_equal(flow.words, words);
}

static void what_is_for_nobody_is_lost(void **state)
{
	assert_lost(*state, "client", "20.2.2.3",
		    "20.2.2.3 is of NAT gateway 'ng', by which nothing comes in (OUT-06)");
	assert_lost(*state, "client", "20.9.9.9",
		    "nobody on the Internet has the address 20.9.9.9");
	assert_lost(*state, "client", "20.255.0.3",
		    "nobody on the Internet has the address 20.255.0.3");
	assert_lost(*state, "lent", "8.8.8.8", "nobody on the Internet has the address 8.8.8.8");
	assert_lost(*state, "lent", "20.1.1.1",
		    "20.1.1.1 is of Azure itself, and in labs only hosts of the Internet reach it");
}

/* By each flow as it is at its end: what a host sees, and what a machine does. */
static void addresses_change_at_the_edge(void **state)
{
	const struct fixture *f = *state;
	struct packet packet = { .from = fixture_nic(f, "other"),
				 .source = fixture_nic(f, "other")->ip,
				 .to = ip_of("93.184.216.34") };
	struct flow out, in;

	fabric_walk_packet(f->fabric, &packet, &out);
	assert_string_equal(ip_print(out.source).text, "20.4.4.4");
	assert_string_equal(ip_print(out.to).text, "93.184.216.34");
	assert_false(out.edge.is_inbound);
	packet = (struct packet){ .from = fixture_nic(f, "client"),
				  .source = fixture_nic(f, "client")->ip,
				  .to = ip_of("20.1.1.1") };
	fabric_walk_packet(f->fabric, &packet, &in);
	assert_string_equal(ip_print(in.source).text, "198.51.100.7");
	assert_string_equal(ip_print(in.to).text, "10.0.0.4");
	assert_true(in.edge.is_inbound);
	assert_ptr_equal(in.edge.port, port_of(f, "both"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_stand_in_a_network_that_no_list_has),
		cmocka_unit_test(a_host_has_its_addresses_alone),
		cmocka_unit_test(only_probes_of_the_file_ask_hosts),
		cmocka_unit_test(a_lab_without_hosts_has_no_internet),
		cmocka_unit_test(numbers_stay_when_hosts_come),
		cmocka_unit_test(the_nat_gateway_comes_first_then_the_nic_then_what_is_lent),
		cmocka_unit_test(every_address_is_one_networks),
		cmocka_unit_test(routes_are_those_of_the_golden_file),
		cmocka_unit_test(rules_are_those_of_the_golden_file),
		cmocka_unit_test(the_row_to_the_internet_says_as_what_packets_leave),
		cmocka_unit_test(what_has_an_address_reaches_hosts_and_is_answered),
		cmocka_unit_test(what_has_none_does_not),
		cmocka_unit_test(what_is_denied_at_the_edge_is_the_platforms_to_say),
		cmocka_unit_test(a_route_inside_does_not_lead_out_nor_one_outside_in),
		cmocka_unit_test(what_comes_in_is_for_whoever_has_the_public_address),
		cmocka_unit_test(answers_by_an_appliance_are_lost),
		cmocka_unit_test(what_is_for_nobody_is_lost),
		cmocka_unit_test(addresses_change_at_the_edge),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
