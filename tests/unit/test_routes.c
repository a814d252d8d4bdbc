/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Effective routes as clients have them: which row decides, and how two tables differ. */
#include "tests/support/test.h"

#include "lab/render/az_next_hop.h"
#include "lab/render/az_routes.h"
#include "lab/render/routes_diff.h"
#include "lab/snapshot/az_file.h"
#include "lab/snapshot/fill.h"
#include "lab/snapshot/rows.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill_routes(const struct fixture *f, const char *vm, struct snapshot_routes *out,
			struct arena *arena)
{
	const struct nic *nic = fixture_nic(f, vm);

	snapshot_fill_routes(
		nic, fabric_subnet_routes(f->fabric, topology_find_nic(f->topology, nic)->table),
		out, arena);
}

/* "PREFIX TYPE HOPS TABLE": what decides for an address; borrowed until the next call. */
static const char *next_hop(const struct fixture *f, const char *vm, const char *to)
{
	static char text[400];
	struct arena *arena = arena_new();
	struct snapshot_routes routes = { 0 };
	struct az_next_hop hop;
	struct ip ip;

	assert_true(ip_parse(to, &ip));
	fill_routes(f, vm, &routes, arena);
	hop = az_next_hop_find(&routes, ip, arena);
	(void)snprintf(text, sizeof(text), "%s %s %s %s", hop.prefix, hop.type,
		       *hop.ip ? hop.ip : "-", hop.route_table);
	arena_free(arena);
	return text;
}

static void the_longest_active_row_decides(void **state) /* R3.1 */
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/why/users.yaml");
	assert_string_equal(next_hop(&f, "vm", "10.1.1.9"),
			    "10.1.1.0/24 VirtualAppliance 10.2.1.4 rt-all");
	assert_string_equal(next_hop(&f, "vm", "10.1.9.9"),
			    "10.1.0.0/16 VirtualAppliance 10.2.1.4 rt-all");
	assert_string_equal(next_hop(&f, "vm", "100.64.1.1"), "100.64.0.0/10 None - rt-all");
	assert_string_equal(next_hop(&f, "vm", "8.8.8.8"), "0.0.0.0/0 Internet - rt-all");
	assert_string_equal(next_hop(&f, "vm", "198.51.100.1"),
			    "198.51.100.0/24 VirtualApplianceEcmp 10.2.1.4 10.2.1.5 rt-all");
	assert_string_equal(next_hop(&f, "vm", "192.168.1.1"),
			    "192.168.0.0/16 None - System Route");
	assert_string_equal(next_hop(&f, "plain-vm", "10.2.1.4"),
			    "10.2.0.0/16 VNetPeering - System Route");
	assert_string_equal(next_hop(&f, "vm", "fd00::1"), " None - System Route");
	fixture_free(&f);
}

static void of_equal_prefixes_the_stronger_decides(void **state) /* R2.10, R3.18 */
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/why/services.yaml");
	assert_string_equal(next_hop(&f, "vm", "52.239.1.1"),
			    "52.239.0.0/17 VirtualNetworkServiceEndpoint - System Route");
	assert_string_equal(next_hop(&f, "vm", "52.240.1.1"),
			    "52.240.0.0/17 VirtualNetworkServiceEndpoint - System Route");
	assert_string_equal(next_hop(&f, "vm", "40.68.37.158"), "40.68.37.158/32 Internet - rt");
	fixture_free(&f);
	fixture_parse(&f, "lab: t\n"
			  "virtual_networks:\n"
			  "  v:\n"
			  "    address_prefixes: 10.1.0.0/16\n"
			  "    subnets: { s: { address_prefix: 10.1.1.0/24, route_table: r } }\n"
			  "service_tags:\n"
			  "  AzureCloud: { address_prefixes: 20.0.0.0/16 }\n"
			  "  Storage: { address_prefixes: [20.0.0.0/16, 21.0.0.0/16] }\n"
			  "  Storage.EastUS: { address_prefixes: 21.0.0.0/16 }\n"
			  "route_tables:\n"
			  "  r:\n"
			  "    routes:\n"
			  "      all: AzureCloud VirtualAppliance 10.1.1.4\n"
			  "      storage: Storage VirtualAppliance 10.1.1.5\n"
			  "      east: Storage.EastUS VirtualAppliance 10.1.1.6\n"
			  "vms: { m: v/s }\n");
	assert_string_equal(next_hop(&f, "m", "20.0.1.1"),
			    "20.0.0.0/16 VirtualAppliance 10.1.1.5 r");
	assert_string_equal(next_hop(&f, "m", "21.0.1.1"),
			    "21.0.0.0/16 VirtualAppliance 10.1.1.6 r");
	fixture_free(&f);
}

/* R1.10: a row with all next hops, or a row for each. */
static void all_next_hops_are_named(void **state)
{
	static const char wanted[] =
		"10.9.0.0/16 VirtualNetworkGateway 10.3.129.58 10.2.146.56 System Route";
	static const char years[] = "none_routes: 2023";
	char *list = read_file("tests/golden/why/gateways.yaml", NULL), *at, *rows;
	struct arena *arena = arena_new();
	struct fixture f;

	(void)state;
	fixture_parse(&f, list);
	assert_string_equal(next_hop(&f, "hub-vm", "10.9.9.9"), wanted);
	fixture_free(&f);
	at = strstr(list, years);
	assert_non_null(at);
	rows = arena_printf(arena, "%.*snext_hops: rows%s", (int)(at - list), list,
			    at + strlen(years));
	fixture_parse(&f, rows);
	assert_string_equal(next_hop(&f, "hub-vm", "10.9.9.9"), wanted);
	fixture_free(&f);
	arena_free(arena);
	free(list);
}

static void addresses_and_prefixes_are_read(void **state)
{
	static const struct {
		const char *text, *prefix;
	} cases[] = {
		{ "10.0.2.4", "10.0.2.4/32" }, { "10.0.2.4/24", "10.0.2.0/24" },
		{ "0.0.0.0/0", "0.0.0.0/0" },  { "fd00::1", "fd00::1/128" },
		{ "fd00::1/64", "fd00::/64" }, { "10.0.2", NULL },
		{ "10.0.2.0/33", NULL },       { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct prefix prefix;
		bool is_ok = rows_parse(cases[i].text, &prefix);

		assert_int_equal(is_ok, cases[i].prefix != NULL);
		if (is_ok)
			assert_string_equal(prefix_print(prefix).text, cases[i].prefix);
	}
}

/* ---- beside real Azure ---- */

/* What --compare prints for a machine beside a file of az; to be freed. */
static char *compare(const struct fixture *f, const char *vm, const char *az)
{
	struct arena *arena = arena_new();
	struct memory_file file = { 0 };
	struct snapshot_routes there = { 0 };
	struct snapshot_why why = { 0 };
	struct routes_diff diff;
	struct err err = { 0 };

	fixture_why(f, vm, &why, arena);
	if (!az_file_read(az, strlen(az), "az.json", &there, arena, &err))
		fail_msg("%s", err.text);
	diff = routes_diff_find(&why, &there, arena);
	routes_diff_print(&diff, memory_open(&file));
	json_decref(routes_diff_json(&diff));
	arena_free(arena);
	return memory_close(&file);
}

/* What az would print for a machine of this lab; to be freed. */
static char *az_of(const struct fixture *f, const char *vm)
{
	struct arena *arena = arena_new();
	struct snapshot_routes routes = { 0 };
	json_t *json;
	char *text;

	fill_routes(f, vm, &routes, arena);
	json = az_routes_json(&routes);
	text = json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	arena_free(arena);
	return text;
}

static void a_table_is_equal_to_itself(void **state)
{
	static const char *const files[] = { "peering", "gateways", "forced", "users", "services" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];
		struct fixture f;

		(void)snprintf(path, sizeof(path), "tests/golden/why/%s.yaml", files[i]);
		fixture_read(&f, path);
		for (size_t vm = 0; vm < f.lab->vms.count; vm++) {
			const char *name = f.lab->vms.items[vm].object.name;
			char *az = az_of(&f, name), *diff = compare(&f, name, az);

			assert_string_equal(diff, "");
			free(az);
			free(diff);
		}
		fixture_free(&f);
	}
}

static void lists_and_rows_are_the_same(void **state) /* R1.10 */
{
	static const char lab[] =
		"lab: t\n"
		"semantics: { none_routes: 2020, next_hops: %s }\n"
		"virtual_networks:\n"
		"  v: { address_prefixes: 10.1.0.0/16, subnets: { s: 10.1.1.0/24, "
		"GatewaySubnet: 10.1.0.0/24 } }\n"
		"vms: { m: v/s }\n"
		"virtual_network_gateways:\n"
		"  g: { virtual_network: v, gateway_type: ExpressRoute }\n"
		"express_route_circuits: { c: {}, d: {} }\n"
		"connections:\n"
		"  gc: { gateway: g, circuit: c }\n"
		"  gd: { gateway: g, circuit: d }\n"
		"providers: { p: { asn: 65001, links: [c, d, { branch: b }] } }\n"
		"branches: { b: { asn: 65010, announce: [10.9.0.0/16] } }\n";
	char text[sizeof(lab) + 16], *az, *diff;
	struct fixture list, rows;

	(void)state;
	(void)snprintf(text, sizeof(text), lab, "list");
	fixture_parse(&list, text);
	(void)snprintf(text, sizeof(text), lab, "rows");
	fixture_parse(&rows, text);
	az = az_of(&rows, "m");
	diff = compare(&list, "m", az);
	assert_string_equal(diff, "");
	free(diff);
	diff = compare(&rows, "m", az);
	assert_string_equal(diff, "");
	free(diff);
	free(az);
	az = az_of(&list, "m");
	diff = compare(&rows, "m", az);
	assert_string_equal(diff, "");
	free(diff);
	free(az);
	fixture_free(&list);
	fixture_free(&rows);
}

/* Each kind of difference, and why the lab has what it has. */
static void differences_are_told_with_their_reasons(void **state)
{
	static const char az[] =
		"{ \"value\": [\n"
		"{ \"addressPrefix\": [\"10.1.0.0/16\"], \"nextHopType\": \"VnetLocal\", "
		"\"nextHopIpAddress\": [], \"source\": \"Default\", \"state\": \"Active\" },\n"
		"{ \"addressPrefix\": [\"10.2.0.0/16\"], \"nextHopType\": \"VNetPeering\", "
		"\"source\": \"Default\", \"state\": \"Active\" },\n"
		"{ \"addressPrefix\": [\"0.0.0.0/0\"], \"nextHopType\": \"Internet\", "
		"\"source\": \"Default\", \"state\": \"Invalid\" },\n"
		"{ \"addressPrefix\": [\"0.0.0.0/0\"], \"nextHopType\": \"VirtualAppliance\", "
		"\"nextHopIpAddress\": [\"10.2.1.5\"], \"name\": \"out\", "
		"\"source\": \"User\", \"state\": \"Active\" },\n"
		"{ \"addressPrefix\": [\"10.3.0.0/16\", \"10.4.0.0/16\"], "
		"\"nextHopType\": \"VNetPeering\", \"source\": \"Default\", "
		"\"state\": \"Active\" },\n"
		"{ \"addressPrefix\": [\"10.9.0.0/16\"], "
		"\"nextHopType\": \"VirtualNetworkGateway\", "
		"\"nextHopIpAddress\": [\"10.2.0.4\", \"10.2.0.5\"], "
		"\"source\": \"VirtualNetworkGateway\", \"state\": \"Active\" },\n"
		"{ \"addressPrefix\": [\"192.0.2.0/24\"], \"nextHopType\": \"None\", "
		"\"source\": \"User\", \"state\": \"Active\" },\n"
		"{ \"addressPrefix\": [\"10.1.1.9/32\"], \"nextHopType\": \"InterfaceEndpoint\", "
		"\"source\": \"Default\", \"state\": \"Active\" },\n"
		"{ \"addressPrefix\": [\"10.7.0.0/16\"], \"nextHopType\": \"ConnectedGroup\", "
		"\"source\": \"Default\", \"state\": \"Active\" } ] }";
	struct fixture f;
	char *text;

	(void)state;
	fixture_read(&f, "tests/golden/why/users.yaml");
	text = compare(&f, "vm", az);
	assert_golden("why/compare.txt", text);
	free(text);
	fixture_free(&f);
}

static void none_rows_of_another_year_are_one_sentence(void **state) /* R2.4 */
{
	static const char lab[] = "lab: t\n"
				  "semantics: { none_routes: %d }\n"
				  "virtual_networks:\n"
				  "  v: { address_prefixes: %s, subnets: { s: %s } }\n"
				  "vms: { m: v/s }\n";
	static const int years[] = { 2020, 2023, 2026 };
	char text[sizeof(lab) + 100], wanted[100], *az, *diff;
	struct fixture here, there;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(years); i++)
		for (size_t n = 0; n < ARRAY_SIZE(years); n++) {
			(void)snprintf(text, sizeof(text), lab, years[i], "10.1.0.0/16",
				       "10.1.1.0/24");
			fixture_parse(&here, text);
			(void)snprintf(text, sizeof(text), lab, years[n], "10.1.0.0/16",
				       "10.1.1.0/24");
			fixture_parse(&there, text);
			az = az_of(&there, "m");
			diff = compare(&here, "m", az);
			(void)snprintf(wanted, sizeof(wanted),
				       "their None rows are those of %d: semantics: "
				       "{ none_routes: %d } (R2.4)\n",
				       years[n], years[n]);
			assert_string_equal(diff, i == n ? "" : wanted);
			free(az);
			free(diff);
			fixture_free(&here);
			fixture_free(&there);
		}
	/* a range where a None row was is no other year */
	(void)snprintf(text, sizeof(text), lab, 2026, "10.1.0.0/16", "10.1.1.0/24");
	fixture_parse(&here, text);
	(void)snprintf(text, sizeof(text), lab, 2026, "10.0.0.0/8", "10.1.1.0/24");
	fixture_parse(&there, text);
	az = az_of(&there, "m");
	diff = compare(&here, "m", az);
	assert_null(strstr(diff, "semantics"));
	assert_non_null(strstr(diff, "  here:  Default Active 10.0.0.0/8 None\n"
				     "  there: Default Active 10.0.0.0/8 VnetLocal\n"));
	free(az);
	free(diff);
	fixture_free(&here);
	fixture_free(&there);
}

static void what_is_no_file_of_az_is_refused_with_its_place(void **state)
{
#define ROW "\"nextHopType\": \"None\", \"source\": \"User\", \"state\": \"Active\""
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "az.json:1:1: no JSON: " },
		{ "{\n  \"value\": [\n", "az.json:3:1: no JSON: " },
		{ "{\n  \"value\": [ }\n}", "az.json:2:14: no JSON: " },
		{ "{ \"a\": 1, \"a\": 2 }", "az.json:1:13: no JSON: duplicate object key" },
		{ "{ \"value\": [] } x", "az.json:1:17: no JSON: end of file expected" },
		{ "\"text\"", "az.json:1:6: no JSON: '[' or '{' expected" },
		{ "{ \"routes\": [] }", "az.json: there is no list 'value'" },
		{ "{ \"value\": 1 }", "az.json: there is no list 'value'" },
		{ "[ 1 ]", "az.json: value[0].addressPrefix is missing: the row is no object" },
		{ "[ {} ]", "az.json: value[0].nextHopType is missing, or no string" },
		{ "[ { " ROW " } ]", "az.json: value[0].addressPrefix is missing, or empty" },
		{ "[ { \"addressPrefix\": {}, " ROW " } ]",
		  "az.json: value[0].addressPrefix is no list" },
		{ "[ { \"addressPrefix\": [1], " ROW " } ]",
		  "az.json: value[0].addressPrefix has something that is no string" },
		{ "[ { \"addressPrefix\": [\"X.X.X.X\"], " ROW " } ]",
		  "az.json: value[0].addressPrefix has 'X.X.X.X', which is no prefix" },
		{ "[ { \"addressPrefix\": [\"10.0.0.0/8\"], " ROW " }, { \"addressPrefix\": "
		  "[\"10.0.0.0/8\"], \"nextHopIpAddress\": [\"here\"], " ROW " } ]",
		  "az.json: value[1].nextHopIpAddress has 'here', which is no address" },
		{ "[ { \"addressPrefix\": \"10.0.0.0/8\", \"nextHopType\": \"None\", "
		  "\"source\": null, \"state\": \"Active\" } ]",
		  "az.json: value[0].source is missing, or no string" },
		{ "[ { \"addressPrefix\": \"10.0.0.0/8\", \"nextHopType\": \"None\", "
		  "\"source\": \"User\" } ]",
		  "az.json: value[0].state is missing, or no string" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *arena = arena_new();
		struct snapshot_routes there = { 0 };
		struct err err = { 0 };

		assert_false(az_file_read(cases[i].text, strlen(cases[i].text), "az.json", &there,
					  arena, &err));
		if (strncmp(err.text, cases[i].words, strlen(cases[i].words)) != 0)
			fail_msg("case %zu: '%s', not '%s'", i, err.text, cases[i].words);
		assert_int_equal(there.routes.count, 0);
		arena_free(arena);
	}
}

static void a_bare_list_and_one_prefix_are_read(void **state)
{
	static const char text[] = "[ { \"addressPrefix\": \"10.0.0.0/8\", " ROW " } ]";
	struct arena *arena = arena_new();
	struct snapshot_routes there = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(az_file_read(text, strlen(text), "az.json", &there, arena, &err));
	assert_int_equal(there.routes.count, 1);
	assert_string_equal(there.routes.items[0].address_prefix.items[0], "10.0.0.0/8");
	assert_null(there.routes.items[0].name);
	assert_true(az_file_read("{\"value\":[]}", 12, "az.json", &there, arena, &err));
	assert_int_equal(there.routes.count, 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_active_row_decides),
		cmocka_unit_test(of_equal_prefixes_the_stronger_decides),
		cmocka_unit_test(all_next_hops_are_named),
		cmocka_unit_test(addresses_and_prefixes_are_read),
		cmocka_unit_test(a_table_is_equal_to_itself),
		cmocka_unit_test(lists_and_rows_are_the_same),
		cmocka_unit_test(differences_are_told_with_their_reasons),
		cmocka_unit_test(none_rows_of_another_year_are_one_sentence),
		cmocka_unit_test(what_is_no_file_of_az_is_refused_with_its_place),
		cmocka_unit_test(a_bare_list_and_one_prefix_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
