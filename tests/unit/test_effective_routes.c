/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of azure-routing.md that no printed table shows, and tables brought up to date step by step
 * against tables made anew.
 */
#include "tests/support/test.h"

#include "lab/azure/route_reasons.h"
#include "lab/plan/compile.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows as text ---- */

static void print_row(const struct effective_route *row, FILE *out)
{
	(void)fprintf(out, "%s %s", route_source_name(row->source), route_state_name(row->state));
	for (size_t i = 0; i < effective_route_count(row); i++)
		(void)fprintf(out, " %s", prefix_print(effective_route_prefix(row, i)).text);
	(void)fprintf(out, " %s", next_hop_type_name(row->type));
	for (size_t i = 0; i < row->next_hops.count; i++)
		(void)fprintf(out, " %s", ip_print(row->next_hops.items[i].ip).text);
	(void)fputc('\n', out);
}

static char *rows_text(const struct effective_routes *routes)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (size_t i = 0; i < routes->routes.count; i++)
		print_row(&routes->routes.items[i], out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static const struct effective_routes *routes_of(const struct fixture *f, const char *vm)
{
	return fabric_subnet_routes(f->fabric,
				    topology_find_nic(f->topology, fixture_nic(f, vm))->table);
}

static void assert_row(const struct fixture *f, const char *vm, const char *line, bool is_there)
{
	char *text = rows_text(routes_of(f, vm));
	char with_end[200];

	(void)snprintf(with_end, sizeof(with_end), "%s\n", line);
	if (!strstr(text, with_end) == is_there)
		fail_msg("%s: %s row '%s' in:\n%s", vm, is_there ? "no" : "there is a", line, text);
	free(text);
}

static const char *next_hop_of(const struct fixture *f, const char *vm, const char *to)
{
	static struct ip_text text;
	const struct effective_route *row;
	struct ip ip;

	assert_true(ip_parse(to, &ip));
	row = effective_routes_lookup(routes_of(f, vm), ip);
	assert_non_null(row);
	if (!row->next_hops.count)
		return next_hop_type_name(row->type);
	text = ip_print(row->next_hops.items[0].ip);
	return text.text;
}

#define HUB                                                                                        \
	"lab: t\n"                                                                                 \
	"service_tags:\n"                                                                          \
	"  Storage: { address_prefixes: [20.38.0.0/17, 52.239.0.0/17] }\n"                         \
	"  Storage.EastUS: 20.38.0.0/17\n"                                                         \
	"  AzureCloud: { address_prefixes: [20.38.0.0/17, 20.40.0.0/16] }\n"                       \
	"  AzureCloud.EastUS: { address_prefixes: [20.38.0.0/17, 20.40.0.0/16] }\n"

#define NETWORK(keys, routes)                                                                      \
	HUB "virtual_networks:\n"                                                                  \
	    "  v: { address_prefixes: 10.0.0.0/16, subnets: { s: { address_prefix: "               \
	    "10.0.0.0/24" keys " } } }\n"                                                          \
	    "vms: { a: v/s }\n"                                                                    \
	    "route_tables: { rt: { routes: { " routes " } } }\n"

/* R3.18 */
static void of_routes_with_tags_the_one_that_says_most_decides(void **state)
{
	static const struct {
		const char *routes, *hop;
	} cases[] = {
		{ "all: Storage VirtualAppliance 10.0.0.5, east: Storage.EastUS VirtualAppliance "
		  "10.0.0.6",
		  "10.0.0.6" },
		{ "east: Storage.EastUS VirtualAppliance 10.0.0.6, written: 20.38.0.0/17 "
		  "VirtualAppliance 10.0.0.7",
		  "10.0.0.7" },
		{ "cloud: AzureCloud VirtualAppliance 10.0.0.8, region: AzureCloud.EastUS "
		  "VirtualAppliance 10.0.0.9",
		  "10.0.0.9" },
		{ "region: AzureCloud.EastUS VirtualAppliance 10.0.0.9, all: Storage "
		  "VirtualAppliance 10.0.0.5",
		  "10.0.0.5" },
	};
	struct fixture f;
	char text[2000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(text, sizeof(text), NETWORK(", route_table: rt", "%s"),
			       cases[i].routes);
		fixture_parse(&f, text);
		assert_string_equal(next_hop_of(&f, "a", "20.38.1.1"), cases[i].hop);
		fixture_free(&f);
	}
}

/* R2.10: of one prefix the endpoint's row decides, and all stay active. */
static void a_service_endpoint_comes_before_a_user_route(void **state)
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, NETWORK(", route_table: rt, service_endpoints: [Microsoft.Storage]",
				  "all: 0.0.0.0/0 VirtualAppliance 10.0.0.5, same: 20.38.0.0/17 "
				  "VirtualAppliance 10.0.0.6"));
	assert_string_equal(next_hop_of(&f, "a", "20.38.1.1"), "VirtualNetworkServiceEndpoint");
	assert_string_equal(next_hop_of(&f, "a", "52.239.1.1"), "VirtualNetworkServiceEndpoint");
	assert_string_equal(next_hop_of(&f, "a", "52.240.1.1"), "10.0.0.5");
	assert_row(&f, "a",
		   "Default Active 20.38.0.0/17 52.239.0.0/17 VirtualNetworkServiceEndpoint", true);
	assert_row(&f, "a", "User Active 20.38.0.0/17 VirtualAppliance 10.0.0.6", true);
	fixture_free(&f);
}

/* R2.5, R2.6, R1.8 */
static void what_a_user_route_to_all_does_to_the_drops(void **state)
{
	static const struct {
		const char *routes;
		bool has_drop;
	} cases[] = {
		{ "all: 0.0.0.0/0 Internet", true },
		{ "all: 0.0.0.0/0 None", true },
		{ "all: 0.0.0.0/0 VirtualNetworkGateway", false },
		{ "all: 0.0.0.0/0 VirtualAppliance 10.0.0.5", false },
		{ "all: 0.0.0.0/0 VirtualApplianceEcmp 10.0.0.5 10.0.0.6", false },
		{ "same: 192.168.0.0/16 VnetLocal", false },
		{ "within: 192.168.1.0/24 VnetLocal", true },
	};
	struct fixture f;
	char text[2000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(text, sizeof(text), NETWORK(", route_table: rt", "%s"),
			       cases[i].routes);
		fixture_parse(&f, text);
		assert_row(&f, "a", "Default Active 192.168.0.0/16 None", cases[i].has_drop);
		fixture_free(&f);
	}
}

/* R1.1: two subnets of a network, one with a route table. */
static void each_nic_has_the_table_of_its_own_subnet(void **state)
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, HUB
		      "virtual_networks:\n"
		      "  v: { address_prefixes: 10.1.0.0/16, subnets: { a: 10.1.0.0/24, b: { "
		      "address_prefix: 10.1.1.0/24, route_table: rt } } }\n"
		      "vms: { x: { network_interfaces: { in-a: v/a, in-b: v/b } } }\n"
		      "route_tables: { rt: { routes: { d: 0.0.0.0/0 VirtualAppliance 10.4.2.101 "
		      "} } }\n");
	assert_row(&f, "in-a", "Default Active 0.0.0.0/0 Internet", true);
	assert_row(&f, "in-b", "Default Invalid 0.0.0.0/0 Internet", true);
	assert_row(&f, "in-b", "User Active 0.0.0.0/0 VirtualAppliance 10.4.2.101", true);
	fixture_free(&f);
}

/* R3.19 */
static void a_route_table_has_no_more_than_400_routes(void **state)
{
	(void)state;
	for (unsigned count = 400; count <= 401; count++) {
		struct diags diags = { 0 };
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		struct lab *lab;

		assert_non_null(out);
		(void)fprintf(out, "lab: t\nroute_tables:\n  rt:\n    routes:\n");
		for (unsigned i = 0; i < count; i++)
			(void)fprintf(out, "      r%u: 10.%u.%u.0/24 None\n", i, i / 256, i % 256);
		assert_int_equal(fclose(out), 0);
		lab = lab_parse(text, size, "test.yaml", &diags);
		assert_int_equal(lab != NULL, count == 400);
		if (!lab)
			assert_int_equal(diags.items[0].id, DIAG_LIMIT);
		lab_free(lab);
		diags_fini(&diags);
		free(text);
	}
}

/*
 * R3.21: a next hop is resolved once: the appliance's own table decides about the next leg, and
 * where that leads back to it the packet goes round (the loop of G15).
 */
static void an_appliance_whose_own_route_leads_to_it_is_a_loop(void **state)
{
	static const char lab[] =
		HUB "virtual_networks:\n"
		    "  v:\n"
		    "    address_prefixes: 10.0.0.0/16\n"
		    "    subnets: { s: { address_prefix: 10.0.0.0/24, route_table: rt },\n"
		    "      n: { address_prefix: 10.0.1.0/24, route_table: %s } }\n"
		    "    peerings: { w: w }\n"
		    "  w: { address_prefixes: 10.1.0.0/16, subnets: { s: 10.1.0.0/24 },\n"
		    "    peerings: { v: { remote: v, allow_forwarded_traffic: true } } }\n"
		    "vms: { a: v/s, b: w/s }\n"
		    "nvas: { nva: v/n }\n"
		    "route_tables:\n"
		    "  rt: { routes: { w: 10.1.0.0/16 VirtualAppliance 10.0.1.4 } }\n"
		    "  none: {}\n";
	static const struct {
		const char *table;
		enum flow_reason reason;
	} cases[] = { { "none", REASON_NONE }, { "rt", REASON_LOOP } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f;
		struct flow flow;
		char text[1500];

		(void)snprintf(text, sizeof(text), lab, cases[i].table);
		fixture_parse(&f, text);
		fabric_walk(f.fabric, fixture_nic(&f, "a"), fixture_nic(&f, "b")->ip, &flow);
		assert_int_equal(flow.reason, cases[i].reason);
		assert_int_equal(flow.is_delivered, cases[i].reason == REASON_NONE);
		fixture_free(&f);
	}
}

/* ---- what is learned ---- */

/* A hub with two circuits, and spokes of all kinds. */
#define LEARNING                                                                                   \
	HUB "virtual_networks:\n"                                                                  \
	    "  hub:\n"                                                                             \
	    "    address_prefixes: 10.0.0.0/24\n"                                                  \
	    "    subnets: { GatewaySubnet: 10.0.0.0/27, s: 10.0.0.32/27,\n"                        \
	    "      t: { address_prefix: 10.0.0.64/27, route_table: rt } }\n"                       \
	    "    peerings: { one: { remote: one, allow_gateway_transit: true },\n"                 \
	    "      two: { remote: two, allow_gateway_transit: true }, three: three }\n"            \
	    "  one:\n"                                                                             \
	    "    address_prefixes: 10.1.0.0/16\n"                                                  \
	    "    subnets: { s: 10.1.0.0/24, u: { address_prefix: 10.1.1.0/24, route_table: rt "    \
	    "},\n"                                                                                 \
	    "      off: { address_prefix: 10.1.2.0/24, route_table: off,\n"                        \
	    "        network_security_group: n },\n"                                               \
	    "      se: { address_prefix: 10.1.3.0/24, service_endpoints: [Microsoft.Storage] },\n" \
	    "      tag: { address_prefix: 10.1.4.0/24, route_table: tags } }\n"                    \
	    "    peerings: { hub: { remote: hub, use_remote_gateways: true } }\n"                  \
	    "  two:\n"                                                                             \
	    "    address_prefixes: 10.2.0.0/16\n"                                                  \
	    "    subnets: { s: 10.2.0.0/24, v: { address_prefix: 10.2.1.0/24, route_table: all } " \
	    "}\n"                                                                                  \
	    "    peerings: { hub: { remote: hub, use_remote_gateways: true } }\n"                  \
	    "  three: { address_prefixes: 10.3.0.0/16, subnets: { s: 10.3.0.0/24 },\n"             \
	    "    peerings: { hub: hub } }\n"                                                       \
	    "route_tables:\n"                                                                      \
	    "  rt: { routes: { a: 172.16.1.0/24 VirtualAppliance 10.0.0.36, b: 10.0.0.0/8 None } " \
	    "}\n"                                                                                  \
	    "  all: { routes: { d: 0.0.0.0/0 VirtualAppliance 10.0.0.36 } }\n"                     \
	    "  off: { disable_bgp_route_propagation: true }\n"                                     \
	    "  tags: { routes: { t: Storage VirtualAppliance 10.0.0.36 } }\n"                      \
	    "network_security_groups: { n: { security_rules: { r: 100 Inbound Deny * * -> * } } "  \
	    "}\n"                                                                                  \
	    "vms: { h: hub/s, i: hub/t, a: one/s, b: one/u, c: one/off, d: one/se, e: one/tag,\n"  \
	    "  f: two/s, g: two/v, k: three/s }\n"                                                 \
	    "virtual_network_gateways: { gw: { virtual_network: hub, gateway_type: ExpressRoute "  \
	    "} }\n"                                                                                \
	    "express_route_circuits: { er1: { msee_address: 10.255.0.1 }, er2: { msee_address: "   \
	    "10.255.0.5 } }\n"                                                                     \
	    "connections: { c1: { gateway: gw, circuit: er1 }, c2: { gateway: gw, circuit: er2 } " \
	    "}\n"                                                                                  \
	    "providers:\n"                                                                         \
	    "  p: { asn: 65001, links: [ er1, { circuit: er1, path: secondary }, er2, { branch: "  \
	    "site } ] }\n"                                                                         \
	    "branches: { site: { asn: 65010, announce: [%s] } }\n"

static void parse_learning(struct fixture *f, const char *announced)
{
	char text[6000];

	(void)snprintf(text, sizeof(text), LEARNING, announced);
	fixture_parse(f, text);
}

/* The gateway's instances' own tables, changed as if MSEEs had told it; the class decides. */
static void tell(struct fixture *f, struct prefix prefix, unsigned sessions)
{
	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++) {
		const struct bgp_speaker *speaker =
			bgp_find_instance(f->graph, &f->lab->virtual_network_gateways.items[0], n);
		struct rib_route routes[8];
		size_t count = 0;

		for (size_t i = 0; i < speaker->ends.count && count < ARRAY_SIZE(routes); i++) {
			static const uint32_t asns[] = { 12076, 65001, 65010, 65010 };

			if (!(sessions & 1u << i) ||
			    speaker->ends.items[i]->learns != BGP_CLASS_MSEE)
				continue;
			routes[count++] = (struct rib_route){
				.prefix = prefix,
				.from = speaker->ends.items[i],
				.class = BGP_CLASS_MSEE,
				.next_hop = speaker->ends.items[i]->peer->ip,
				.path = as_path_get(f->paths, asns, 3 + (sessions >> (4 + i) & 1)),
			};
		}
		rib_replace(&f->ribs[speaker->index], prefix, routes, count);
	}
}

static struct prefix parse_prefix(const char *text)
{
	struct prefix prefix;

	assert_true(prefix_parse(text, &prefix));
	return prefix;
}

static void learn(struct fixture *f)
{
	plan_free(plan_learn(f->fabric));
}

/* R7.20: what the gateway announces itself is not taken from anybody; what is longer is (R3.5). */
static void a_gateway_does_not_learn_its_own_prefixes(void **state)
{
	struct fixture f;

	(void)state;
	parse_learning(&f, "172.16.0.0/16");
	tell(&f, parse_prefix("10.2.0.0/16"), 0xf);
	tell(&f, parse_prefix("10.0.0.0/24"), 0xf);
	tell(&f, parse_prefix("10.3.0.0/16"),
	     0xf); /* peered, but does not use the gateway (R7.4) */
	tell(&f, parse_prefix("10.2.7.0/24"), 0xf);
	learn(&f);
	assert_string_equal(next_hop_of(&f, "a", "10.2.0.4"), "None");
	assert_string_equal(next_hop_of(&f, "a", "10.2.7.4"), "10.255.0.1");
	assert_string_equal(next_hop_of(&f, "a", "10.3.0.4"), "10.255.0.1");
	assert_string_equal(next_hop_of(&f, "h", "10.3.0.4"), "VNetPeering"); /* R3.4, R4.8 */
	assert_string_equal(next_hop_of(&f, "f", "10.2.7.4"), "VnetLocal");
	assert_row(&f, "k",
		   "VirtualNetworkGateway Active 10.2.7.0/24 VirtualNetworkGateway 10.255.0.1",
		   false); /* R4.4 */
	fixture_free(&f);
}

/* R3.3: a learned prefix within a service endpoint's is not used. */
static void a_service_endpoint_is_preferred_to_what_is_learned_within_it(void **state)
{
	struct fixture f;

	(void)state;
	parse_learning(&f, "20.38.4.0/24");
	assert_string_equal(next_hop_of(&f, "a", "20.38.4.1"), "10.255.0.1");
	assert_string_equal(next_hop_of(&f, "d", "20.38.4.1"), "VirtualNetworkServiceEndpoint");
	fixture_free(&f);
}

/* ---- step by step ---- */

static const char *const pool[] = {
	"0.0.0.0/0",     "10.0.0.0/8",     "172.16.0.0/12",  "172.16.1.0/24",  "172.16.2.0/24",
	"172.16.3.0/24", "10.1.7.0/24",    "10.2.0.0/16",    "10.3.0.0/16",    "20.38.4.0/24",
	"192.0.2.0/24",  "192.168.0.0/16", "203.0.113.0/24", "169.254.3.0/30", "100.64.0.0/10",
};

static void assert_as_made_anew(const struct fixture *f)
{
	struct learned learned = { f->graph, f->ribs };
	struct fabric *anew = fabric_new(f->topology, &learned);

	for (size_t i = 0; i < f->topology->tables.count; i++) {
		const struct fabric_table *table = f->topology->tables.items[i];
		char *a, *b;

		if (table->msee)
			continue;
		a = rows_text(fabric_subnet_routes(f->fabric, table));
		b = rows_text(fabric_subnet_routes(anew, table));
		if (strcmp(a, b) != 0)
			fail_msg("%s/%s is\n%sand made anew\n%s", table->subnet->vnet->object.name,
				 table->subnet->object.name, a, b);
		free(a);
		free(b);
	}
	fabric_free(anew);
}

static int line_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The steps of a plan in any order. */
static char *plan_text_sorted(const struct plan *plan)
{
	char **lines = calloc(plan->step_count + 1, sizeof(*lines));
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(lines);
	assert_non_null(out);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		char line[600];

		step_print(plan, &plan->steps[i], line, sizeof(line));
		assert_true(asprintf(&lines[i], "%d %s", plan->steps[i].verb, line) > 0);
	}
	qsort(lines, plan->step_count, sizeof(*lines), line_compare);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		(void)fprintf(out, "%s\n", lines[i]);
		free(lines[i]);
	}
	assert_int_equal(fclose(out), 0);
	free(lines);
	return text;
}

/* What is told to the kernel is the difference of all tables, made from what is touched alone. */
static void a_change_is_the_difference_of_the_whole_tables(void **state)
{
	unsigned of_tags = 0; /* elements of sets: an NSG asks for VirtualNetwork */
	struct fixture f;

	(void)state;
	srandom(20261122);
	parse_learning(&f, "172.16.0.0/16, 203.0.113.0/24");
	for (unsigned round = 0; round < 600; round++) {
		struct plan *before = plan_compile_tables(f.fabric), *after, *changes, *whole;
		unsigned count = 1 + (unsigned)random() % (round % 50 ? 3 : ARRAY_SIZE(pool));
		char *a, *b;

		for (unsigned n = 0; n < count; n++)
			tell(&f, parse_prefix(pool[(unsigned)random() % ARRAY_SIZE(pool)]),
			     (unsigned)random() % 3 ? (unsigned)random() : 0);
		changes = plan_learn(f.fabric);
		after = plan_compile_tables(f.fabric);
		whole = plan_diff(before, after);
		for (uint32_t i = 0; i < changes->step_count; i++)
			of_tags += changes->steps[i].kind == STEP_ELEMENT;
		a = plan_text_sorted(changes);
		b = plan_text_sorted(whole);
		if (strcmp(a, b) != 0)
			fail_msg("round %u: changed\n%sand is different in\n%s", round, a, b);
		assert_as_made_anew(&f);
		free(a);
		free(b);
		plan_free(before);
		plan_free(after);
		plan_free(changes);
		plan_free(whole);
	}
	assert_true(of_tags > 100);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_routes_with_tags_the_one_that_says_most_decides),
		cmocka_unit_test(a_service_endpoint_comes_before_a_user_route),
		cmocka_unit_test(what_a_user_route_to_all_does_to_the_drops),
		cmocka_unit_test(each_nic_has_the_table_of_its_own_subnet),
		cmocka_unit_test(a_route_table_has_no_more_than_400_routes),
		cmocka_unit_test(an_appliance_whose_own_route_leads_to_it_is_a_loop),
		cmocka_unit_test(a_gateway_does_not_learn_its_own_prefixes),
		cmocka_unit_test(a_service_endpoint_is_preferred_to_what_is_learned_within_it),
		cmocka_unit_test(a_change_is_the_difference_of_the_whole_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
