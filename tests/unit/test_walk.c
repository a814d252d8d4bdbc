/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways of packets through a lab: what random packets in random labs showed (tests/property). */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "lab/plan/fabric_ids.h"
#include "lab/render/nft_fabric.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "router router: the end", or "... lost: WORDS". */
static const char *way(const struct fixture *f, const char *from, const char *to, unsigned way)
{
	static char text[600];
	const struct nic *nic = fixture_nic(f, from);
	struct packet packet = { .from = nic, .source = nic->ip, .way = way };
	struct flow flow;
	size_t len = 0;

	assert_true(ip_parse(to, &packet.to));
	fabric_walk_packet(f->fabric, &packet, &flow);
	text[0] = '\0';
	for (unsigned i = 0; i < flow.node_count && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", flow.nodes[i]->name);
	(void)snprintf(text + len, sizeof(text) - len, "%s%s%s", flow.end ? flow.end->name : "lost",
		       *flow.words ? ": " : "", flow.words);
	return text;
}

static unsigned ways(const struct fixture *f, const char *from, const char *to)
{
	const struct nic *nic = fixture_nic(f, from);
	struct flow flow;
	struct ip ip;

	assert_true(ip_parse(to, &ip));
	fabric_walk(f->fabric, nic, ip, &flow);
	return flow.ways;
}

static struct prediction predict(const struct fixture *f, const char *from, const char *to)
{
	struct prediction prediction;

	fabric_predict(
		f->fabric,
		&(struct probe_spec){ .from = fixture_nic(f, from), .to = fixture_nic(f, to) },
		&prediction);
	return prediction;
}

static const char through_nvas[] =
	"lab: t\n"
	"route_tables:\n"
	"  up: { routes: { a: 0.0.0.0/0 VirtualApplianceEcmp 10.0.0.4 10.0.0.5 } }\n"
	"  back: { routes: { a: 10.1.0.0/16 VirtualAppliance 10.0.0.4 } }\n"
	"  own: { routes: { a: 10.9.0.0/16 VirtualAppliance 10.0.1.4 } }\n"
	"virtual_networks:\n"
	"  hub:\n"
	"    address_prefixes: 10.0.0.0/16\n"
	"    subnets: { a: 10.0.0.0/24, b: { address_prefix: 10.0.1.0/24, route_table: own } }\n"
	"    peerings: { one: { remote: one, allow_forwarded_traffic: true },\n"
	"                two: { remote: two, allow_forwarded_traffic: true } }\n"
	"  one:\n"
	"    address_prefixes: 10.1.0.0/16\n"
	"    subnets: { s: { address_prefix: 10.1.0.0/24, route_table: up } }\n"
	"    peerings: { hub: { remote: hub, allow_forwarded_traffic: true } }\n"
	"  two:\n"
	"    address_prefixes: 10.2.0.0/16\n"
	"    subnets: { s: { address_prefix: 10.2.0.0/24, route_table: back } }\n"
	"    peerings: { hub: { remote: hub, allow_forwarded_traffic: true } }\n"
	"vms: { one: one/s, two: two/s }\n"
	"nvas:\n"
	"  left: { subnet: hub/a, private_ip_address: 10.0.0.4 }\n"
	"  right:\n"
	"    network_interfaces:\n"
	"      right-a: { subnet: hub/a, private_ip_address: 10.0.0.5%s }\n"
	"      right-b: { subnet: hub/b, private_ip_address: 10.0.1.4 }\n"
	"    routes: [10.9.0.0/16 10.0.1.1]\n";

static void parse_nvas(struct fixture *f, const char *more)
{
	char text[sizeof(through_nvas) + 100];

	(void)snprintf(text, sizeof(text), through_nvas, more);
	fixture_parse(f, text);
}

static void each_of_equal_next_hops_is_a_way(void **state) /* R3.22 */
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "");
	assert_int_equal(ways(&f, "one", "10.2.0.4"), 2);
	assert_string_equal(way(&f, "one", "10.2.0.4", 0), "left two");
	assert_string_equal(way(&f, "one", "10.2.0.4", 1), "right two");
	assert_int_equal(ways(&f, "two", "10.1.0.4"), 1);
	assert_true(predict(&f, "one", "two").is_reply);
	assert_false(predict(&f, "one", "two").is_by_flow);
	assert_int_equal(predict(&f, "one", "two").ttl, 63);
	fixture_free(&f);
}

static void flows_are_answered_or_not_where_next_hops_differ(void **state)
{
	struct prediction there, back;
	struct fixture f;

	(void)state;
	parse_nvas(&f, ", enable_ip_forwarding: false");
	assert_string_equal(way(&f, "one", "10.2.0.4", 1),
			    "lost: right-a of right has no IP forwarding");
	there = predict(&f, "one", "two");
	back = predict(&f, "two", "one");
	assert_true(there.is_by_flow && back.is_by_flow);
	assert_string_equal(there.words,
			    "it is answered or not by its ports: equal next hops differ");
	assert_false(predict(&f, "one", "left").is_by_flow && predict(&f, "one", "left").is_reply);
	fixture_free(&f);
}

/* By IPv4 its kernel takes the source for forged, whatever it would do with the destination. */
static void a_packet_that_comes_back_to_its_sender_ends_there(void **state)
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "");
	assert_string_equal(way(&f, "right:right-b", "10.9.0.4", 0),
			    "right: comes back to right, which sent it");
	fixture_free(&f);
}

/* It comes in by one NIC for the other, and no router took one from its TTL. */
static void a_machine_takes_what_is_for_its_other_nic(void **state)
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "");
	assert_string_equal(way(&f, "one", "10.0.1.4", 0), "right");
	assert_string_equal(way(&f, "right:right-b", "10.0.0.5", 0), "right");
	fixture_free(&f);
}

/* A kernel takes the address of the NIC that a packet leaves by. */
static void predictions_know_the_address_that_a_machine_sends_from(void **state)
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, ", enable_ip_forwarding: false");
	assert_true(predict(&f, "right:right-a", "left").is_reply);
	assert_true(predict(&f, "right:right-b", "left").is_reply);
	assert_string_equal(way(&f, "right:right-b", "10.0.0.4", 0),
			    "lost: right-a of right has no IP forwarding: it cannot send what "
			    "comes from 10.0.1.4");
	fixture_free(&f);
}

static const char two_paths[] =
	"lab: t\n"
	"route_tables: { gt: { routes: { a: 10.0.0.0/16 VirtualAppliance 10.0.0.4,\n"
	"                                b: 10.0.255.8/32 VirtualAppliance 10.0.0.4 } } }\n"
	"virtual_networks:\n"
	"  hub:\n"
	"    address_prefixes: 10.0.0.0/16\n"
	"    subnets:\n"
	"      a: 10.0.0.0/24\n"
	"      GatewaySubnet: { address_prefix: 10.0.255.0/27, route_table: gt }\n"
	"    peerings: { one: { remote: one, allow_gateway_transit: true,\n"
	"                       allow_virtual_network_access: false } }\n"
	"  one:\n"
	"    address_prefixes: 10.1.0.0/16\n"
	"    subnets: { s: 10.1.0.0/24 }\n"
	"    peerings: { hub: { remote: hub, use_remote_gateways: true } }\n"
	"  far: { address_prefixes: 10.7.0.0/16, subnets: { s: 10.7.0.0/24, GatewaySubnet: "
	"10.7.255.0/27 } }\n"
	"vms: { one: one/s, far: far/s, m: hub/a }\n"
	"nvas: { nva: { subnet: hub/a, private_ip_address: 10.0.0.4 } }\n"
	"virtual_network_gateways:\n"
	"  g: { virtual_network: hub, gateway_type: ExpressRoute }\n"
	"  h: { virtual_network: far, gateway_type: ExpressRoute }\n"
	"express_route_circuits: { c: { msee_address: 10.3.129.58 },\n"
	"                          d: { msee_address: 10.3.130.58 } }\n"
	"connections: { x: { gateway: g, circuit: c }, y: { gateway: h, circuit: d } }\n"
	"providers:\n"
	"  p:\n"
	"    asn: 65001\n"
	"    links: [ c, d, { circuit: d, path: secondary }, { branch: b } ]\n"
	"branches: { b: { asn: 65010, announce: [ 0.0.0.0/0 ] } }\n";

/* Daemons merge what differs by the neighbour's number alone. */
static void a_router_with_two_equal_paths_uses_both(void **state)
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, two_paths);
	assert_int_equal(ways(&f, "m", "10.7.0.4"), 4);
	assert_string_equal(way(&f, "m", "10.7.0.4", 0), "c-primary p d-primary h-0 far");
	assert_string_equal(way(&f, "m", "10.7.0.4", 1), "c-primary p d-secondary h-0 far");
	assert_string_equal(way(&f, "m", "10.7.0.4", 2), "c-primary p d-primary h-1 far");
	fixture_free(&f);
}

static void a_router_knows_the_other_end_of_its_cable(void **state)
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, two_paths);
	assert_string_equal(way(&f, "m", "169.254.64.14", 0),
			    "c-primary p d-secondary: 169.254.64.14 is d-secondary, not a virtual "
			    "machine");
	fixture_free(&f);
}

/* R4.2 is about the peer's ranges: what goes to the gateways behind it is not the peering's. */
static void peering_flags_do_not_keep_out_what_gateways_carry(void **state)
{
	struct memory_file file = { 0 };
	struct fixture f;
	char *text;

	(void)state;
	fixture_parse(&f, two_paths);
	assert_string_equal(way(&f, "one", "10.7.0.4", 0), "c-primary p d-primary h-0 far");
	assert_string_equal(way(&f, "one", "10.0.0.5", 0),
			    "lost: the peering of one with hub does not have "
			    "allow_virtual_network_access");
	nft_fabric_print(f.topology, IP_V4, memory_open(&file));
	text = memory_close(&file);
	assert_non_null(strstr(text, "\t\"p-nva\" : jump c_enter_1,"));
	assert_null(strstr(text, "\t\"p-c-primary\" : jump"));
	assert_null(strstr(text, "\t\"p-g-0\" : jump"));
	free(text);
	fixture_free(&f);
}

static unsigned count_routes(const struct plan *plan, uint32_t table, const char *to,
			     enum route_type type)
{
	struct prefix prefix;
	unsigned count = 0;

	assert_true(prefix_parse(to, &prefix));
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];

		if (step->kind == STEP_ROUTE && step->route.table == table &&
		    prefix_equal(step->route.prefix, prefix)) {
			assert_int_equal(step->route.type, type);
			count++;
		}
	}
	return count;
}

/* R3.16: it may cover the hub's own range, and the circuit stays up. */
static void a_route_table_of_the_gateway_subnet_leaves_its_sessions_alone(void **state)
{
	const struct interface *gateway;
	struct plan *plan;
	struct fixture f;
	uint32_t table;

	(void)state;
	fixture_parse(&f, two_paths);
	plan = plan_compile_tables(f.fabric);
	gateway = topology_find_node(f.topology, "g-0")->interfaces.items[0];
	table = fabric_table_id(gateway->table);
	assert_int_equal(count_routes(plan, table, "10.0.0.0/16", ROUTE_UNICAST), 1);
	assert_int_equal(count_routes(plan, table, "10.0.255.8/32", ROUTE_THROW), 1);
	assert_int_equal(count_routes(plan, table, "10.0.255.9/32", ROUTE_THROW), 1);
	assert_int_equal(count_routes(plan, table, "10.0.255.12/32", ROUTE_THROW), 0);
	assert_string_equal(way(&f, "far", "10.0.0.5", 0), "d-primary p c-primary g-0 nva m");
	plan_free(plan);
	fixture_free(&f);
}

/* ---- NSGs on the way ---- */

static const char nsg_on_the_way[] =
	"lab: t\n"
	"route_tables: { up: { routes: { a: 10.1.0.0/16 VirtualAppliance 10.0.0.10 } } }\n"
	"network_security_groups:\n"
	"  web:\n"
	"    security_rules:\n"
	"      http: 100 Inbound Allow Tcp * -> *:80\n"
	"      rest: 200 Inbound Deny * * -> *\n"
	"  strict: { security_rules: { none: 100 Outbound Deny * * -> * } }\n"
	"  nva: { security_rules: { no: 100 Inbound Deny Udp * -> * } }\n"
	"virtual_networks:\n"
	"  hub:\n"
	"    address_prefixes: 10.0.0.0/16\n"
	"    subnets:\n"
	"      s: { address_prefix: 10.0.2.0/24, route_table: up }\n"
	"      nva: { address_prefix: 10.0.0.0/24, network_security_group: nva }\n"
	"      strict: { address_prefix: 10.0.1.0/24, network_security_group: strict }\n"
	"    peerings: { p: spoke }\n"
	"  spoke:\n"
	"    address_prefixes: 10.1.0.0/16\n"
	"    subnets: { s: { address_prefix: 10.1.0.0/24, network_security_group: web } }\n"
	"    peerings: { p: { remote: hub, allow_forwarded_traffic: true } }\n"
	"nvas: { fw: { subnet: hub/nva, private_ip_address: 10.0.0.10 } }\n"
	"vms: { a: hub/s, b: spoke/s, c: hub/strict }\n";

static struct prediction predict_as(const struct fixture *f, enum probe_protocol protocol,
				    unsigned port, const char *from, const char *to)
{
	struct prediction prediction;

	fabric_predict(f->fabric,
		       &(struct probe_spec){ .from = fixture_nic(f, from),
					     .to = fixture_nic(f, to),
					     .protocol.value = protocol,
					     .port.value = port },
		       &prediction);
	return prediction;
}

static void assert_denied(const struct prediction *prediction, const char *node, const char *rule)
{
	assert_false(prediction->is_reply);
	assert_int_equal(prediction->reason, REASON_NSG);
	assert_non_null(prediction->denial.port);
	assert_string_equal(prediction->denial.port->node->name, node);
	assert_string_equal(layer_verdict_rule(&prediction->denial.layer), rule);
	assert_non_null(strstr(prediction->words, rule));
}

/* NSG-17, NSG-23, NSG-26 */
static void nsgs_filter_at_each_port_and_their_state_lets_answers_pass(void **state)
{
	struct prediction p;
	struct fixture f;

	(void)state;
	fixture_parse(&f, nsg_on_the_way);
	/* through the NVA, whose NSG is asked on its way in and out */
	p = predict_as(&f, PROBE_HTTP, 0, "a", "b");
	assert_true(p.is_reply);
	p = predict_as(&f, PROBE_ICMP, 0, "a", "b");
	assert_denied(&p, "b", "rest");
	p = predict_as(&f, PROBE_TCP, 22, "a", "b");
	assert_denied(&p, "b", "rest");
	/* what b opens a and fw let in, and its own NSG does not filter the answers */
	p = predict_as(&f, PROBE_ICMP, 0, "b", "a");
	assert_true(p.is_reply);
	/* outbound at c; its answers to others are no new flows */
	p = predict_as(&f, PROBE_ICMP, 0, "c", "a");
	assert_denied(&p, "c", "none");
	p = predict_as(&f, PROBE_ICMP, 0, "a", "c");
	assert_true(p.is_reply);
	fixture_free(&f);
}

/* NSG-26 */
static void a_walk_tells_each_port_that_it_crosses(void **state)
{
	static const struct {
		const char *node;
		enum rule_direction direction;
	} told[] = { { "a", DIRECTION_OUTBOUND },
		     { "fw", DIRECTION_INBOUND },
		     { "fw", DIRECTION_OUTBOUND },
		     { "b", DIRECTION_INBOUND } };
	struct packet packet = { .protocol = 1 }; /* ICMP, which b does not let in */
	struct fixture f;
	struct flow flow;

	(void)state;
	fixture_parse(&f, nsg_on_the_way);
	packet.from = fixture_nic(&f, "a");
	packet.source = packet.from->ip;
	packet.to = fixture_nic(&f, "b")->ip;
	fabric_walk_packet(f.fabric, &packet, &flow);
	assert_int_equal(flow.reason, REASON_NSG);
	assert_int_equal(flow.crossing_count, ARRAY_SIZE(told));
	for (unsigned i = 0; i < ARRAY_SIZE(told); i++) {
		assert_string_equal(flow.crossings[i].port->node->name, told[i].node);
		assert_int_equal(flow.crossings[i].direction, told[i].direction);
	}
	fixture_free(&f);
}

/* A LAN is no hop, its router is one. */
static void hosts_of_branches_are_behind_their_routers(void **state)
{
	struct prediction there, back;
	struct fixture f;

	(void)state;
	fixture_parse(&f,
		      "lab: t\n"
		      "virtual_networks:\n"
		      "  hub: { address_prefixes: 10.0.0.0/24,\n"
		      "    subnets: { servers: 10.0.0.0/27, GatewaySubnet: 10.0.0.32/27 } }\n"
		      "vms: { vm: hub/servers }\n"
		      "virtual_network_gateways:\n"
		      "  ergw: { virtual_network: hub, gateway_type: ExpressRoute }\n"
		      "express_route_circuits: { er: {} }\n"
		      "connections: { conn: { gateway: ergw, circuit: er } }\n"
		      "providers: { isp: { asn: 65001, links: [er, { branch: east, delay_ms: 3 },\n"
		      "                                        { branch: west }] } }\n"
		      "branches:\n"
		      "  east: { asn: 65010, lan: 192.168.1.0/24, hosts: [pc, printer],\n"
		      "          announce: [172.16.0.0/16] }\n"
		      "  west: { asn: 65020, lan: 192.168.2.0/24, hosts: till }\n");
	assert_string_equal(way(&f, "pc", "192.168.1.3", 0), "printer");
	assert_string_equal(way(&f, "pc", "192.168.2.2", 0), "east isp west till");
	assert_string_equal(way(&f, "vm", "192.168.1.2", 0), "er-primary isp east pc");
	assert_string_equal(way(&f, "pc", "10.0.0.4", 0), "east isp er-primary ergw-0 vm");
	/* nobody is there, or no machine that answers */
	assert_string_equal(way(&f, "pc", "192.168.1.9", 0),
			    "lost: no machine has the address 192.168.1.9");
	assert_string_equal(way(&f, "vm", "192.168.1.9", 0),
			    "er-primary isp east lost: no machine has the address 192.168.1.9");
	assert_string_equal(way(&f, "till", "192.168.1.1", 0),
			    "west isp east: 192.168.1.1 is east, not a virtual machine");
	assert_string_equal(way(&f, "pc", "9.9.9.9", 0), "east lost: east has no route to 9.9.9.9");
	assert_string_equal(
		way(&f, "till", "172.16.0.1", 0),
		"west isp east lost: east announces 172.16.0.0/16, and no machine of the "
		"lab is behind it");
	there = predict(&f, "vm", "pc");
	back = predict(&f, "pc", "vm");
	assert_true(there.is_reply);
	assert_true(back.is_reply);
	assert_int_equal(there.ttl, 60); /* of the answer, which the gateway is a hop of */
	assert_int_equal(back.ttl, 61);
	assert_true(there.rtt_ms == 6);
	assert_int_equal(predict(&f, "pc", "printer").ttl, 64);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_equal_next_hops_is_a_way),
		cmocka_unit_test(flows_are_answered_or_not_where_next_hops_differ),
		cmocka_unit_test(a_packet_that_comes_back_to_its_sender_ends_there),
		cmocka_unit_test(a_machine_takes_what_is_for_its_other_nic),
		cmocka_unit_test(predictions_know_the_address_that_a_machine_sends_from),
		cmocka_unit_test(a_router_with_two_equal_paths_uses_both),
		cmocka_unit_test(a_router_knows_the_other_end_of_its_cable),
		cmocka_unit_test(peering_flags_do_not_keep_out_what_gateways_carry),
		cmocka_unit_test(a_route_table_of_the_gateway_subnet_leaves_its_sessions_alone),
		cmocka_unit_test(nsgs_filter_at_each_port_and_their_state_lets_answers_pass),
		cmocka_unit_test(a_walk_tells_each_port_that_it_crosses),
		cmocka_unit_test(hosts_of_branches_are_behind_their_routers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
