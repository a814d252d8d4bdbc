/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Effective routes as clients have them: which row decides, and how two tables differ. */
#include "tests/support/test.h"

#include "lab/render/az_next_hop.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_active_row_decides),
		cmocka_unit_test(of_equal_prefixes_the_stronger_decides),
		cmocka_unit_test(all_next_hops_are_named),
		cmocka_unit_test(addresses_and_prefixes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
