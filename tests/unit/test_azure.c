/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Azure's rules on the reference lab and on small ones. Rule and case ids: azure-routing.md. */
#include "tests/support/test.h"

#include "lab/render/az_routes.h"
#include "lab/snapshot/fill.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

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

static const struct effective_routes *routes_of(const struct fixture *f, const char *vm)
{
	const struct interface *port = topology_find_nic(f->topology, fixture_nic(f, vm));

	return fabric_subnet_routes(f->fabric, port->table);
}

/* Rows of one type as "PREFIX HOP[,HOP] ...", in their order. */
static const char *rows(const struct fixture *f, const char *vm, enum next_hop_type type)
{
	static char text[2048];
	const struct effective_routes *routes = routes_of(f, vm);
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		if (row->type != type)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? " " : "",
					prefix_print(row->prefix).text);
		for (size_t n = 0; n < row->next_hops.count; n++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%c%s",
						n ? ',' : '=',
						ip_print(row->next_hops.items[n].ip).text);
	}
	return text;
}

static void peering_is_not_transitive(void **state) /* R4.5 */
{
	const struct fixture *f = *state;

	assert_string_equal(rows(f, "az-hub-lxvm", NEXT_HOP_VNET_PEERING),
			    "10.0.1.0/24 10.0.2.0/24");
	assert_string_equal(rows(f, "az-spk1-lxvm", NEXT_HOP_VNET_PEERING), "10.0.0.0/24");
	assert_string_equal(rows(f, "branch-vm1", NEXT_HOP_VNET_PEERING), "");
	assert_string_equal(rows(f, "branch-vm1", NEXT_HOP_VNET_LOCAL), "10.100.0.0/24");
	assert_string_equal(rows(f, "branch-vm1", NEXT_HOP_INTERNET), "0.0.0.0/0");
}

static void learned_paths_are_those_of_section_8(void **state) /* vpner-lab.md section 8 */
{
	const struct fixture *f = *state;
	const struct bgp_speaker *hub =
		bgp_find_instance(f->graph, lab_find_gateway(f->lab, "az-hub-ergw"), 0);
	const struct bgp_speaker *branch =
		bgp_find_instance(f->graph, lab_find_gateway(f->lab, "branch-ergw"), 1);
	const struct {
		const struct bgp_speaker *speaker;
		const char *prefix, *path;
	} expected[] = {
		{ hub, "10.100.0.0/24", "12076-65001-12076" },
		{ hub, "10.100.0.4/32", "12076-65001" },
		{ hub, "10.0.2.0/24", "" },
		{ branch, "10.0.0.0/24", "12076-65001-12076" },
		{ branch, "10.0.1.0/24", "12076-65001-12076" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct rib_route *route;
		struct prefix prefix;
		char path[100];
		size_t count;

		assert_true(prefix_parse(expected[i].prefix, &prefix));
		route = rib_find(&f->ribs[expected[i].speaker->index], prefix, &count);
		assert_int_equal(count, 1);
		as_path_print(route->path, path, sizeof(path));
		assert_string_equal(path, expected[i].path);
	}
}

/* A static route is not announced on the link it points to, so the /32 never comes back. */
static void the_branch_does_not_hear_its_own_host_route(void **state)
{
	const struct fixture *f = *state;
	const struct node *msee = topology_find_node(f->topology, "branch-er-circuit-primary");
	struct prefix prefix;
	size_t count;

	assert_true(prefix_parse("10.100.0.4/32", &prefix));
	(void)rib_find(&f->ribs[bgp_find_speaker(f->graph, msee)->index], prefix, &count);
	assert_int_equal(count, 0);
}

static void ten_sessions_join_nine_speakers(void **state)
{
	const struct fixture *f = *state;

	assert_int_equal(bgp_session_count(f->graph), 10);
	assert_int_equal(f->graph->speakers.count, 9);
}

static void the_table_is_printed_as_az_prints_it(void **state) /* R1.2, R1.3, R1.9 */
{
	const struct fixture *f = *state;
	struct snapshot_routes out = { 0 };
	struct arena *arena = arena_new();
	struct memory_file file = { 0 };
	char *text;

	snapshot_fill_routes(fixture_nic(f, "az-spk1-lxvm"), routes_of(f, "az-spk1-lxvm"), &out,
			     arena);
	az_routes_print(&out, false, memory_open(&file));
	text = memory_close(&file);
	assert_golden("routes_az-spk1-lxvm.txt", text);
	free(text);
	arena_free(arena);
}

static void a_lonely_network_has_its_range_the_internet_and_the_drops(void **state) /* R2.4 */
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, "lab: t\n"
			  "virtual_networks:\n"
			  "  v: { address_prefixes: 10.1.0.0/16, subnets: { a: 10.1.1.0/24 } }\n"
			  "vms: { m: v/a }\n");
	assert_int_equal(routes_of(&f, "m")->routes.count, 23);
	fixture_free(&f);
}

static void a_range_equal_to_or_around_a_drop_removes_it(void **state) /* R2.3, R2.14 */
{
	struct fixture f;

	(void)state;
	fixture_parse(&f,
		      "lab: t\n"
		      "virtual_networks:\n"
		      "  a: { address_prefixes: [10.0.0.0/8, 192.168.0.0/15], subnets: { s: "
		      "10.1.1.0/24 }, peerings: { ab: b } }\n"
		      "  b: { address_prefixes: 172.16.0.0/12, peerings: { ba: a } }\n"
		      "  c: { address_prefixes: 172.16.0.0/16, subnets: { s: 172.16.0.0/24 } }\n"
		      "vms: { m: a/s, n: c/s }\n");
	assert_null(strstr(rows(&f, "m", NEXT_HOP_NONE), "10.0.0.0/8"));
	assert_null(strstr(rows(&f, "m", NEXT_HOP_NONE), "192.168.0.0/16"));
	assert_null(strstr(rows(&f, "m", NEXT_HOP_NONE), "172.16.0.0/12"));
	assert_non_null(strstr(rows(&f, "n", NEXT_HOP_NONE), "172.16.0.0/12"));
	fixture_free(&f);
}

static void a_peer_in_another_region_is_global_and_stands_last(void **state) /* R1.6, R1.9 */
{
	struct fixture f;
	const struct effective_routes *routes;

	(void)state;
	fixture_parse(
		&f,
		"lab: t\n"
		"location: westus3\n"
		"virtual_networks:\n"
		"  a: { address_prefixes: 10.1.0.0/16, subnets: { s: 10.1.1.0/24 }, peerings: { "
		"ab: b, ac: c } }\n"
		"  b: { address_prefixes: 10.2.0.0/16, location: WestUS3, peerings: { ba: a } }\n"
		"  c: { address_prefixes: 10.3.0.0/16, location: eastus, peerings: { ca: a } }\n"
		"vms: { m: a/s }\n");
	routes = routes_of(&f, "m");
	assert_string_equal(rows(&f, "m", NEXT_HOP_VNET_PEERING), "10.2.0.0/16");
	assert_string_equal(rows(&f, "m", NEXT_HOP_VNET_GLOBAL_PEERING), "10.3.0.0/16");
	assert_int_equal(routes->routes.items[routes->routes.count - 1].type,
			 NEXT_HOP_VNET_GLOBAL_PEERING);
	fixture_free(&f);
}

/* Two circuits to the same provider: four ways, unless a weight prefers one connection (R6.12). */
static const char two_circuits[] = "lab: t\n"
				   "virtual_networks:\n"
				   "  hub: { address_prefixes: 10.0.0.0/24, subnets: { s: "
				   "10.0.0.0/27, GatewaySubnet: 10.0.0.32/27 } }\n"
				   "  dc: { address_prefixes: 10.9.0.0/24, subnets: { s: "
				   "10.9.0.0/27, GatewaySubnet: 10.9.0.32/27 } }\n"
				   "vms: { m: hub/s, n: dc/s }\n"
				   "virtual_network_gateways:\n"
				   "  g: { virtual_network: hub, gateway_type: ExpressRoute }\n"
				   "  h: { virtual_network: dc, gateway_type: ExpressRoute }\n"
				   "express_route_circuits:\n"
				   "  one: { msee_address: 10.20.78.137 }\n"
				   "  two: { msee_address: 10.2.146.56 }\n"
				   "  far: {}\n"
				   "connections:\n"
				   "  c1: { gateway: g, circuit: one }\n"
				   "  c2: { gateway: g, circuit: two, routing_weight: %d }\n"
				   "  c3: { gateway: h, circuit: far }\n"
				   "providers:\n"
				   "  p:\n"
				   "    asn: 65001\n"
				   "    links: [ one, { circuit: one, path: secondary }, two, { "
				   "circuit: two, path: secondary }, far ]\n";

static void equal_circuits_share_and_a_weight_decides(void **state)
{
	struct fixture f;
	char text[sizeof(two_circuits) + 16];

	(void)state;
	(void)snprintf(text, sizeof(text), two_circuits, 0);
	fixture_parse(&f, text);
	assert_string_equal(rows(&f, "m", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY),
			    "10.9.0.0/24=10.20.78.137,10.20.78.138,10.2.146.56,10.2.146.57");
	fixture_free(&f);
	(void)snprintf(text, sizeof(text), two_circuits, 10);
	fixture_parse(&f, text);
	assert_string_equal(rows(&f, "m", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY),
			    "10.9.0.0/24=10.2.146.56,10.2.146.57");
	fixture_free(&f);
}

static void predictions_are_what_the_seed_printed(void **state)
{
	const struct fixture *f = *state;
	struct prediction p;

	fabric_predict(f->fabric,
		       &(struct probe_spec){ .from = fixture_nic(f, "az-spk1-lxvm"),
					     .to = fixture_nic(f, "branch-vm1") },
		       &p);
	assert_true(p.is_reply);
	assert_int_equal(p.ttl, 60); /* R6.10 */
	assert_true(p.rtt_ms > 71.9 && p.rtt_ms < 72.1);
	fabric_predict(f->fabric,
		       &(struct probe_spec){ .from = fixture_nic(f, "az-hub-lxvm"),
					     .to = fixture_nic(f, "az-spk1-lxvm") },
		       &p);
	assert_true(p.is_reply);
	assert_int_equal(p.ttl, 64); /* R9.5 */
	fabric_predict(f->fabric,
		       &(struct probe_spec){ .from = fixture_nic(f, "az-spk1-lxvm"),
					     .to = fixture_nic(f, "az-spk2-lxvm") },
		       &p);
	assert_false(p.is_reply);
	assert_string_equal(p.words, "az-spk1-vnet has no route: 10.0.2.4 matches 10.0.0.0/8 None");
}

static void a_flow_names_the_routers_it_crosses(void **state) /* R6.11 */
{
	static const char *const expected[] = { "azure-er-circuit-primary", "megaport-mcr",
						"branch-er-circuit-primary", "branch-ergw-0" };
	const struct fixture *f = *state;
	struct flow flow;

	fabric_walk(f->fabric, fixture_nic(f, "az-spk1-lxvm"), fixture_nic(f, "branch-vm1")->ip,
		    &flow);
	assert_true(flow.is_delivered);
	assert_int_equal(flow.hop_count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(flow.nodes[i]->name, expected[i]);
}

static void an_address_nobody_has_is_said_so(void **state)
{
	const struct fixture *f = *state;
	struct flow flow;
	struct ip ip;

	assert_true(ip_parse("10.100.0.77", &ip));
	fabric_walk(f->fabric, fixture_nic(f, "az-spk1-lxvm"), ip, &flow);
	assert_false(flow.is_delivered);
	assert_string_equal(flow.words, "no machine has the address 10.100.0.77");
	assert_true(ip_parse("10.0.0.44", &ip));
	fabric_walk(f->fabric, fixture_nic(f, "az-hub-lxvm"), ip, &flow);
	assert_string_equal(flow.words, "10.0.0.44 is az-hub-ergw-0, not a virtual machine");
}

static void without_a_provider_nothing_is_learned(void **state)
{
	struct fixture f;
	struct prediction p;

	(void)state;
	fixture_parse(&f,
		      "lab: t\n"
		      "virtual_networks:\n"
		      "  a: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/27, "
		      "GatewaySubnet: 10.0.0.32/27 } }\n"
		      "  b: { address_prefixes: 172.20.0.0/24, subnets: { s: 172.20.0.0/27 } }\n"
		      "vms: { m: a/s, n: b/s }\n"
		      "virtual_network_gateways: { g: { virtual_network: a, gateway_type: "
		      "ExpressRoute } }\n"
		      "express_route_circuits: { c: {} }\n"
		      "connections: { x: { gateway: g, circuit: c } }\n");
	assert_string_equal(rows(&f, "m", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY), "");
	fabric_predict(
		f.fabric,
		&(struct probe_spec){ .from = fixture_nic(&f, "m"), .to = fixture_nic(&f, "n") },
		&p);
	assert_string_equal(p.words, "a has no route: 172.20.0.4 matches 172.16.0.0/12 None");
	fixture_free(&f);
}

/* ---- branches ---- */

static const struct rib *rib_of(const struct fixture *f, const char *node)
{
	const struct bgp_speaker *speaker =
		bgp_find_speaker(f->graph, topology_find_node(f->topology, node));

	assert_non_null(speaker);
	return &f->ribs[speaker->index];
}

/* "PREFIX=PATH ..." of what a node has heard, the best of each prefix. */
static const char *heard(const struct fixture *f, const char *node)
{
	static char text[4096];
	const struct rib *rib = rib_of(f, node);
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < rib->count; i++) {
		char path[256];

		if (!rib->routes[i].from || !rib->routes[i].is_best)
			continue;
		as_path_print(rib->routes[i].path, path, sizeof(path));
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s=%s", len ? " " : "",
					prefix_print(rib->routes[i].prefix).text, path);
	}
	return text;
}

/* R6.4, R6.24: private numbers stay in the path. Loops end where the number stands: R5.7, R6.21. */
static void what_a_branch_announces_is_heard_with_its_path(void **state)
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/contoso.yaml");
	assert_string_equal(heard(&f, "mcr"),
			    "10.0.0.0/8=65010 10.0.0.0/24=12076 10.0.0.0/25=65010 "
			    "10.0.1.0/24=12076 10.8.0.0/16=65010-65010-65010 "
			    "10.9.0.0/16=65010-65010-65010 10.20.0.0/16=65010-12076 "
			    "10.21.0.0/16=65010-12076-12076 10.22.0.0/16=65010-65515 "
			    "172.16.0.0/12=65010-65020-65030 172.31.255.1/32=65010 "
			    "192.168.0.0/16=65010 192.168.7.0/24=65011");
	assert_string_equal(heard(&f, "circuit-primary"),
			    "10.0.0.0/8=65001-65010 10.0.0.0/24=65515 10.0.0.0/25=65001-65010 "
			    "10.0.1.0/24=65515 10.8.0.0/16=65001-65010-65010-65010 "
			    "10.9.0.0/16=65001-65010-65010-65010 10.20.0.0/16=65001-65010-12076 "
			    "10.22.0.0/16=65001-65010-65515 "
			    "172.16.0.0/12=65001-65010-65020-65030 172.20.0.0/16=65001 "
			    "172.31.255.1/32=65001-65010 192.168.0.0/16=65001-65010 "
			    "192.168.7.0/24=65001-65011");
	assert_string_equal(heard(&f, "hub-ergw-0"),
			    "10.0.0.0/8=12076-65001-65010 "
			    "10.8.0.0/16=12076-65001-65010-65010-65010 "
			    "10.9.0.0/16=12076-65001-65010-65010-65010 "
			    "10.20.0.0/16=12076-65001-65010-12076 "
			    "172.16.0.0/12=12076-65001-65010-65020-65030 "
			    "172.20.0.0/16=12076-65001 172.31.255.1/32=12076-65001-65010 "
			    "192.168.0.0/16=12076-65001-65010 192.168.7.0/24=12076-65001-65011");
	assert_string_equal(rows(&f, "spoke-vm", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY),
			    "10.0.0.0/8=10.3.129.58 10.8.0.0/16=10.3.129.58 "
			    "10.9.0.0/16=10.3.129.58 10.20.0.0/16=10.3.129.58 "
			    "172.16.0.0/12=10.3.129.58 172.20.0.0/16=10.3.129.58 "
			    "172.31.255.1/32=10.3.129.58 192.168.0.0/16=10.3.129.58 "
			    "192.168.7.0/24=10.3.129.58");
	fixture_free(&f);
}

/*
 * Of Azure they see 12076 alone (R6.7). The provider passes between its links; what it sends to a
 * branch by hand it does not tell it.
 */
static void branches_hear_azure_and_each_other(void **state)
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/contoso.yaml");
	assert_string_equal(heard(&f, "contoso-shop"),
			    "10.0.0.0/8=65001-65010 10.0.0.0/24=65001-12076 "
			    "10.0.0.0/25=65001-65010 10.0.1.0/24=65001-12076 "
			    "10.8.0.0/16=65001-65010-65010-65010 "
			    "10.9.0.0/16=65001-65010-65010-65010 10.20.0.0/16=65001-65010-12076 "
			    "10.21.0.0/16=65001-65010-12076-12076 "
			    "10.22.0.0/16=65001-65010-65515 "
			    "172.16.0.0/12=65001-65010-65020-65030 172.31.255.1/32=65001-65010 "
			    "192.168.0.0/16=65001-65010");
	assert_string_equal(heard(&f, "contoso-dc"),
			    "10.0.0.0/24=65001-12076 10.0.1.0/24=65001-12076 "
			    "172.20.0.0/16=65001 192.168.7.0/24=65001-65011");
	fixture_free(&f);
}

static void a_packet_to_an_announced_network_ends_at_the_branch(void **state)
{
	struct fixture f;
	struct flow flow;
	struct ip ip;

	(void)state;
	fixture_read(&f, "tests/golden/contoso.yaml");
	assert_true(ip_parse("192.168.3.4", &ip));
	fabric_walk(f.fabric, fixture_nic(&f, "spoke-vm"), ip, &flow);
	assert_false(flow.is_delivered);
	assert_int_equal(flow.hop_count, 3);
	assert_string_equal(flow.nodes[2]->name, "contoso-dc");
	assert_true(flow.delay_ms > 20.9 && flow.delay_ms < 21.1);
	assert_string_equal(flow.words, "contoso-dc announces 192.168.0.0/16, and no machine of "
					"the lab is behind it");
	assert_true(ip_parse("172.31.255.1", &ip));
	fabric_walk(f.fabric, fixture_nic(&f, "hub-vm"), ip, &flow);
	assert_string_equal(flow.words, "172.31.255.1 is contoso-dc, not a virtual machine");
	fixture_free(&f);
}

static const char two_providers[] =
	"lab: t\n"
	"virtual_networks:\n"
	"  hub: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/27, GatewaySubnet: "
	"10.0.0.32/27 } }\n"
	"  dc: { address_prefixes: 10.9.0.0/24, subnets: { s: 10.9.0.0/27, GatewaySubnet: "
	"10.9.0.32/27 } }\n"
	"vms: { m: hub/s, n: dc/s }\n"
	"virtual_network_gateways:\n"
	"  g: { virtual_network: hub, gateway_type: ExpressRoute }\n"
	"  h: { virtual_network: dc, gateway_type: ExpressRoute }\n"
	"express_route_circuits: { one: { msee_address: 10.20.78.137 }, two: { msee_address: "
	"10.2.146.56 } }\n"
	"connections: { c1: { gateway: g, circuit: one }, c2: { gateway: h, circuit: two } }\n"
	"providers:\n"
	"  p: { asn: 65001, links: [ one, { branch: b }, { branch: b } ] }\n"
	"  q: { asn: 65002, links: [ { branch: b }, two ] }\n"
	"branches: { b: { asn: 65010, announce: [ 0.0.0.0/0 ] } }\n";

/* R6.19: its default route takes the Internet and the drops away. */
static void a_branch_on_two_providers_carries_nothing_between_them(void **state)
{
	struct fixture f;
	size_t count;
	struct prefix prefix;

	(void)state;
	fixture_parse(&f, two_providers);
	assert_string_equal(rows(&f, "m", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY),
			    "0.0.0.0/0=10.20.78.137");
	assert_string_equal(rows(&f, "n", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY),
			    "0.0.0.0/0=10.2.146.56");
	assert_string_equal(rows(&f, "m", NEXT_HOP_INTERNET), "");
	assert_string_equal(rows(&f, "m", NEXT_HOP_NONE), "");
	assert_string_equal(heard(&f, "b"), "10.0.0.0/24=65001-12076 10.9.0.0/24=65002-12076");
	assert_true(prefix_parse("0.0.0.0/0", &prefix));
	(void)rib_find(rib_of(&f, "p"), prefix, &count);
	assert_int_equal(count, 2); /* over each of its two links */
	(void)rib_find(rib_of(&f, "q"), prefix, &count);
	assert_int_equal(count, 1);
	fixture_free(&f);
}

static void tables_differ_at_the_first_prefix_of_which_they_differ(void **state)
{
	const struct fixture *f = *state;
	const struct rib *mcr = rib_of(f, "megaport-mcr");
	struct rib other = { 0 };
	struct prefix prefix;

	rib_assign(&other, mcr->routes, mcr->count);
	assert_false(rib_find_difference(mcr, &other, &prefix));
	assert_true(rib_equal(mcr, &other));
	other.count--;
	assert_true(rib_find_difference(mcr, &other, &prefix));
	assert_true(prefix_equal(prefix, mcr->routes[mcr->count - 1].prefix));
	other.count++;
	rib_replace(&other, mcr->routes[0].prefix, NULL, 0);
	assert_true(rib_find_difference(&other, mcr, &prefix));
	assert_true(prefix_equal(prefix, mcr->routes[0].prefix));
	assert_false(rib_equal(mcr, &other));
	rib_fini(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peering_is_not_transitive),
		cmocka_unit_test(learned_paths_are_those_of_section_8),
		cmocka_unit_test(the_branch_does_not_hear_its_own_host_route),
		cmocka_unit_test(ten_sessions_join_nine_speakers),
		cmocka_unit_test(the_table_is_printed_as_az_prints_it),
		cmocka_unit_test(a_lonely_network_has_its_range_the_internet_and_the_drops),
		cmocka_unit_test(a_range_equal_to_or_around_a_drop_removes_it),
		cmocka_unit_test(a_peer_in_another_region_is_global_and_stands_last),
		cmocka_unit_test(equal_circuits_share_and_a_weight_decides),
		cmocka_unit_test(predictions_are_what_the_seed_printed),
		cmocka_unit_test(a_flow_names_the_routers_it_crosses),
		cmocka_unit_test(an_address_nobody_has_is_said_so),
		cmocka_unit_test(without_a_provider_nothing_is_learned),
		cmocka_unit_test(what_a_branch_announces_is_heard_with_its_path),
		cmocka_unit_test(branches_hear_azure_and_each_other),
		cmocka_unit_test(a_packet_to_an_announced_network_ends_at_the_branch),
		cmocka_unit_test(a_branch_on_two_providers_carries_nothing_between_them),
		cmocka_unit_test(tables_differ_at_the_first_prefix_of_which_they_differ),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
