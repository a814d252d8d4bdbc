/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change of a lab as lines of az, and of the machine as those of ip, nft and birdc. */
#include "tests/support/test.h"

#include "lab/plan/plan_shell.h"
#include "lab/plan/wanted.h"
#include "lab/render/az_change.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

static struct lab *parse(const char *path, unsigned step, const struct change_text *changes,
			 size_t count, char **ret_text)
{
	struct lab_state state = { .step = step, .changes = changes, .change_count = count };
	struct diags diags = { 0 };
	struct lab *lab;
	size_t len;

	*ret_text = read_file(path, &len);
	lab = lab_parse_at(*ret_text, len, path, &state, &diags);
	if (!lab)
		diags_print(&diags, *ret_text, len, stderr);
	diags_fini(&diags);
	assert_non_null(lab);
	return lab;
}

/* The lines of az between the file and the file with these changes, one a line. */
static char *az_of(const char *path, const struct change_text *changes, size_t count)
{
	char *text_before, *text_after;
	struct lab *before = parse(path, 0, NULL, 0, &text_before);
	struct lab *after = parse(path, 0, changes, count, &text_after);
	struct arena *arena = arena_new();
	struct texts lines = az_change(before, after, arena);
	char *out = strdup(texts_join(&lines, "\n", arena));

	assert_non_null(out);
	arena_free(arena);
	lab_free(before);
	lab_free(after);
	free(text_before);
	free(text_after);
	return out;
}

#define VPNER "templates/vpner/lab.yaml"

static void assert_az(const char *path, const struct change_text *changes, size_t count,
		      const char *expected)
{
	char *out = az_of(path, changes, count);

	assert_string_equal(out, expected);
	free(out);
}

static void a_route_is_created_changed_and_deleted(void **state)
{
	static const char file[] = "templates/hub-spoke-nva/lab.yaml";
	char *text, *out;
	struct lab *lab = parse(file, 0, NULL, 0, &text);
	const struct route_table *table = &lab->route_tables.items[0];
	char path[200], removed[200], expected[600];
	struct change_text changes[] = {
		{ path, "10.9.0.0/16 VirtualAppliance 10.0.0.99" },
		{ removed, NULL },
	};

	(void)state;
	assert_true(table->routes.count);
	(void)snprintf(path, sizeof(path), "route_tables/%s/routes/extra", table->object.name);
	(void)snprintf(removed, sizeof(removed), "route_tables/%s/routes/%s", table->object.name,
		       table->routes.items[0].object.name);
	(void)snprintf(expected, sizeof(expected),
		       "az network route-table route create --resource-group %s "
		       "--route-table-name %s --name extra --address-prefix 10.9.0.0/16 "
		       "--next-hop-type VirtualAppliance --next-hop-ip-address 10.0.0.99\n"
		       "az network route-table route delete --resource-group %s "
		       "--route-table-name %s --name %s",
		       lab->name.value, table->object.name, lab->name.value, table->object.name,
		       table->routes.items[0].object.name);
	assert_az(file, changes, 2, expected);
	(void)snprintf(path, sizeof(path), "route_tables/%s/routes/%s", table->object.name,
		       table->routes.items[0].object.name);
	changes[0].value = "10.8.0.0/16 None";
	out = az_of(file, changes, 1);
	assert_non_null(strstr(out, "az network route-table route update --resource-group"));
	assert_non_null(strstr(out, "--address-prefix 10.8.0.0/16 --next-hop-type None"));
	free(out);
	(void)snprintf(path, sizeof(path), "route_tables/%s/disable_bgp_route_propagation",
		       table->object.name);
	changes[0].value = table->disable_bgp_route_propagation.value ? "false" : "true";
	out = az_of(file, changes, 1);
	assert_non_null(strstr(out, "az network route-table update --resource-group"));
	assert_non_null(strstr(out, "--disable-bgp-route-propagation "));
	assert_null(strchr(out, '\n'));
	free(out);
	lab_free(lab);
	free(text);
}

static const char small[] = "tests/golden/az_change/small.yaml";

static void each_kind_has_its_line(void **state)
{
	static const struct {
		struct change_text change;
		const char *expected;
	} cases[] = {
		{ { "network_security_groups/web/security_rules/https",
		    "110 Inbound Allow Tcp Internet -> *:443" },
		  "az network nsg rule create --resource-group small --nsg-name web --name https "
		  "--priority 110 --direction Inbound --access Allow --protocol Tcp "
		  "--source-address-prefixes Internet --source-port-ranges '*' "
		  "--destination-address-prefixes '*' --destination-port-ranges 443" },
		{ { "network_security_groups/web/security_rules/ssh",
		    "100 Inbound Deny Tcp 10.0.0.0/8 -> *:22,8000-8100" },
		  "az network nsg rule update --resource-group small --nsg-name web --name ssh "
		  "--access Deny --destination-port-ranges 22 8000-8100" },
		{ { "network_security_groups/web/security_rules/ssh", NULL },
		  "az network nsg rule delete --resource-group small --nsg-name web --name ssh" },
		{ { "virtual_networks/hub/peerings/to-spoke/allow_forwarded_traffic", "true" },
		  "az network vnet peering update --resource-group small --vnet-name hub --name "
		  "to-spoke --set allowForwardedTraffic=true" },
		{ { "virtual_networks/hub/subnets/main/route_table", NULL },
		  "az network vnet subnet update --resource-group small --vnet-name hub --name "
		  "main --route-table null" },
		{ { "vms/hub-vm/enable_ip_forwarding", "true" },
		  "az network nic update --resource-group small --name hub-vm-nic "
		  "--ip-forwarding true" },
		{ { "route_servers/rs/hub_routing_preference", "ASPath" },
		  "az network routeserver update --resource-group small --name rs "
		  "--hub-routing-preference ASPath" },
		{ { "route_servers/rs/bgp_connections/nva",
		    "{ peer_ip: 10.0.0.5, peer_asn: 65020 }" },
		  "az network routeserver peering create --resource-group small --routeserver rs "
		  "--name nva --peer-ip 10.0.0.5 --peer-asn 65020" },
		{ { "network_security_groups/web/security_rules/any",
		    "120 Outbound Deny * VirtualNetwork -> 10.9.0.0/16,10.8.0.0/16" },
		  "az network nsg rule create --resource-group small --nsg-name web --name any "
		  "--priority 120 --direction Outbound --access Deny --protocol '*' "
		  "--source-address-prefixes VirtualNetwork --source-port-ranges '*' "
		  "--destination-address-prefixes 10.9.0.0/16 10.8.0.0/16 "
		  "--destination-port-ranges '*'" },
		{ { "public_ip_addresses/pip", "203.0.113.9" },
		  "az network public-ip create --resource-group small --name pip --sku Standard" },
		{ { "virtual_networks/hub/subnets/more", "{ address_prefix: 10.0.2.0/24 }" },
		  "az network vnet subnet create --resource-group small --vnet-name hub --name "
		  "more --address-prefixes 10.0.2.0/24" },
		{ { "virtual_networks/hub/peerings/to-spoke", NULL },
		  "az network vnet peering delete --resource-group small --vnet-name hub --name "
		  "to-spoke" },
		{ { "local_network_gateways/site",
		    "{ gateway_ip_address: 203.0.113.7, address_prefixes: [10.50.0.0/16, "
		    "10.51.0.0/16] }" },
		  "az network local-gateway create --resource-group small --name site "
		  "--gateway-ip-address 203.0.113.7 --local-address-prefixes 10.50.0.0/16 "
		  "10.51.0.0/16" },
		{ { "application_security_groups/app", "{}" },
		  "az network asg create --resource-group small --name app" },
		{ { "probes", "[{ from: hub-vm, to: spoke-vm }]" }, "" }, /* Azure has none */
		{ { "route_tables/rt/routes/all",
		    "0.0.0.0/0 VirtualApplianceEcmp 10.0.0.5 10.0.0.6" },
		  "" }, /* nothing rather than something wrong */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_az(small, &cases[i].change, 1, cases[i].expected);
}

/* A lab from nothing: what is named stands before what names it. */
static void a_whole_lab(void **state)
{
	struct arena *arena = arena_new();
	struct texts lines;
	struct lab *lab;
	char *text;

	(void)state;
	lab = parse(small, 0, NULL, 0, &text);
	lines = az_change(NULL, lab, arena);
	*ARENA_PUSH(arena, lines.items, lines.count) = "";
	assert_golden("az_change/small.txt", texts_join(&lines, "\n", arena));
	assert_int_equal(az_change(lab, lab, arena).count, 0);
	lab_free(lab);
	free(text);
	arena_free(arena);
}

static struct plan *plan_of(const struct wanted *wanted)
{
	struct plan *tables = wanted_tables(wanted, NULL), *plan = wanted_plan(wanted, tables);

	plan_free(tables);
	return plan;
}

static void the_machine_s_lines(void **state)
{
	static const struct change_text change = { "virtual_networks/hub/peerings/to-spoke", NULL };
	struct as_paths *paths = as_paths_new();
	struct arena *arena = arena_new();
	char *text_before, *text_after;
	struct wanted *before = wanted_new(parse(small, 0, NULL, 0, &text_before), NULL, paths);
	struct wanted *after = wanted_new(parse(small, 0, &change, 1, &text_after), before, paths);
	struct plan *from = plan_of(before), *to = plan_of(after), *changes = plan_diff(from, to);
	struct texts lines, few;
	uint32_t left;

	(void)state;
	lines = plan_shell(changes, 1000, &left, arena);
	assert_int_equal(left, 0);
	*ARENA_PUSH(arena, lines.items, lines.count) = "";
	assert_golden("az_change/small_machine.txt", texts_join(&lines, "\n", arena));
	few = plan_shell(changes, 2, &left, arena);
	assert_true(few.count <= 2);
	assert_true(left > 0 && left <= changes->step_count);
	plan_free(from);
	plan_free(to);
	plan_free(changes);
	wanted_free(after);
	wanted_free(before);
	free(text_before);
	free(text_after);
	as_paths_free(paths);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_is_created_changed_and_deleted),
		cmocka_unit_test(each_kind_has_its_line),
		cmocka_unit_test(a_whole_lab),
		cmocka_unit_test(the_machine_s_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
