/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What VirtualNetwork and Internet are at a subnet (NSG-29 to NSG-31), as lists and as asked. */
#include "tests/support/test.h"

#include "lab/azure/computed_tags.h"
#include "lab/azure/verdict.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With blanks between them; the list is freed. */
static const char *text_of(struct prefixes prefixes)
{
	static char text[4000];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < prefixes.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
					prefix_print(prefixes.items[i]).text);
	free(prefixes.items);
	return text;
}

static struct prefixes prefixes_read(const char *words)
{
	struct prefixes out = { 0 };
	char text[400], *rest = text, *word;

	(void)snprintf(text, sizeof(text), "%s", words);
	while (*text && (word = strsep(&rest, " "))) {
		struct prefix prefix;

		assert_true(prefix_parse(word, &prefix));
		prefixes_add(&out, prefix);
	}
	return out;
}

/* ---- lists of prefixes ---- */

static void lists_hold_each_address_once(void **state)
{
	struct prefixes list = prefixes_read("10.1.0.0/16 2001:db8::/32 10.0.0.0/24 10.1.2.0/24 "
					     "10.0.0.0/24 2001:db8::/33 0.0.0.0/8");
	struct ip ip;

	(void)state;
	prefixes_normalize(&list);
	assert_int_equal(list.count, 4);
	assert_true(ip_parse("10.1.2.3", &ip) && prefixes_have(&list, ip));
	assert_true(ip_parse("0.255.255.255", &ip) && prefixes_have(&list, ip));
	assert_true(ip_parse("1.0.0.0", &ip) && !prefixes_have(&list, ip));
	assert_true(ip_parse("10.0.1.0", &ip) && !prefixes_have(&list, ip));
	assert_true(ip_parse("2001:db8::1", &ip) && prefixes_have(&list, ip));
	assert_true(ip_parse("a00::", &ip) && !prefixes_have(&list, ip));
	assert_string_equal(text_of(list), "0.0.0.0/8 10.0.0.0/24 10.1.0.0/16 2001:db8::/32");
}

static void holes_are_cut_out_of_lists(void **state)
{
	static const struct {
		const char *whole, *holes, *rest;
	} cases[] = {
		{ "10.0.0.0/24", "", "10.0.0.0/24" },
		{ "10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/24" },
		{ "10.0.0.0/24", "10.0.0.0/16", "" },
		{ "10.0.0.0/24", "10.0.0.0/24", "" },
		{ "10.0.0.0/24", "10.0.0.0/26", "10.0.0.64/26 10.0.0.128/25" },
		{ "10.0.0.0/30", "10.0.0.3/32", "10.0.0.0/31 10.0.0.2/32" },
		{ "10.0.0.0/30 10.0.0.8/30", "10.0.0.0/31 10.0.0.9/32 10.0.0.10/31",
		  "10.0.0.2/31 10.0.0.8/32" },
		{ "255.255.255.254/31", "255.255.255.255/32", "255.255.255.254/32" },
		{ "2001:db8::/32", "2001:db8:8000::/33 10.0.0.0/8", "2001:db8::/33" },
		{ "::/0", "8000::/1 ::/2", "4000::/2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct prefixes whole = prefixes_read(cases[i].whole);
		struct prefixes holes = prefixes_read(cases[i].holes);

		prefixes_normalize(&holes);
		assert_string_equal(text_of(prefixes_without(&whole, &holes)), cases[i].rest);
		free(whole.items);
		free(holes.items);
	}
}

/* ---- labs ---- */

static const struct subnet *subnet_of(const struct fixture *f, const char *nic)
{
	return fixture_nic(f, nic)->subnet;
}

static const char *expansion(const struct fixture *f, const char *nic,
			     const struct service_tag *tag)
{
	return text_of(security_expand_tag(
		f->fabric->security, topology_find_nic(f->topology, fixture_nic(f, nic)), tag));
}

static void assert_tags(const struct fixture *f, const char *nic, const char *address,
			bool is_virtual_network, bool is_internet)
{
	struct computed_tags *tags = computed_tags_new(f->fabric);
	struct tag_membership is;
	struct ip ip;

	assert_true(ip_parse(address, &ip));
	is = computed_tags_look_up(tags, subnet_of(f, nic), ip);
	computed_tags_free(tags);
	if (is.is_virtual_network != is_virtual_network || is.is_internet != is_internet)
		fail_msg("%s at %s: VirtualNetwork %d, Internet %d", address, nic,
			 is.is_virtual_network, is.is_internet);
}

/* A hub with two spokes; keys of subnet one/s, flags of one's peering, and more at the top. */
static void parse_hub(struct fixture *f, const char *subnet, const char *peering, const char *more)
{
	char text[3000];

	(void)snprintf(text, sizeof(text),
		       "lab: t\n"
		       "virtual_networks:\n"
		       "  hub:\n"
		       "    address_prefixes: [10.1.0.0/24, 10.2.0.0/24, 2001:db8::/48]\n"
		       "    subnets: { s: 10.1.0.0/25 }\n"
		       "    peerings: { one: { remote: one }, two: { remote: two } }\n"
		       "  one:\n"
		       "    address_prefixes: 10.9.0.0/16\n"
		       "    subnets: { s: { address_prefix: 10.9.0.0/24%s } }\n"
		       "    peerings: { hub: { remote: hub%s } }\n"
		       "  two:\n"
		       "    address_prefixes: 10.0.0.0/24\n"
		       "    subnets: { s: 10.0.0.0/25 }\n"
		       "    peerings: { hub: { remote: hub } }\n"
		       "vms: { h: hub/s, a: one/s, b: two/s }\n"
		       "%s",
		       subnet, peering, more);
	fixture_parse(f, text);
}

static void virtual_network_is_peers_but_not_theirs(void **state) /* NSG-29 */
{
	struct fixture f;

	(void)state;
	parse_hub(&f, "", "", "");
	assert_string_equal(expansion(&f, "a", &tag_virtual_network),
			    "10.9.0.0/16 168.63.129.16/32 10.1.0.0/24 10.2.0.0/24 2001:db8::/48");
	assert_string_equal(expansion(&f, "h", &tag_virtual_network),
			    "10.1.0.0/24 10.2.0.0/24 2001:db8::/48 168.63.129.16/32 10.9.0.0/16 "
			    "10.0.0.0/24");
	assert_tags(&f, "a", "10.9.200.1", true, false);
	assert_tags(&f, "a", "10.2.0.255", true, false);
	assert_tags(&f, "a", "2001:db8::1", true, false);
	assert_tags(&f, "a", "10.0.0.4", false, false);
	assert_tags(&f, "a", "168.63.129.16", true, false);
	fixture_free(&f);
}

static void a_half_without_access_keeps_the_peer_out(void **state) /* NSG-29, R4.2, R4.9 */
{
	struct fixture f;

	(void)state;
	parse_hub(&f, "", ", allow_virtual_network_access: false", "");
	assert_string_equal(expansion(&f, "a", &tag_virtual_network),
			    "10.9.0.0/16 168.63.129.16/32");
	assert_tags(&f, "a", "10.1.0.4", false, false);
	assert_tags(&f, "h", "10.9.0.4", true, false);
	fixture_free(&f);
}

static void user_routes_belong_to_the_tag(void **state) /* NSG-29, B-2 */
{
	static const char routes[] =
		"route_tables:\n"
		"  r: { routes: { a: 10.0.0.0/24 VirtualAppliance 10.1.0.4, b: 172.20.0.0/16 "
		"None,\n"
		"                 c: 198.51.100.0/24 Internet, d: 10.9.1.0/24 None } }\n";
	char more[1000];
	struct fixture f;

	(void)state;
	parse_hub(&f, ", route_table: r", "", routes);
	assert_string_equal(expansion(&f, "a", &tag_virtual_network),
			    "10.9.0.0/16 168.63.129.16/32 10.1.0.0/24 10.2.0.0/24 2001:db8::/48 "
			    "10.0.0.0/24 172.20.0.0/16 198.51.100.0/24");
	assert_tags(&f, "a", "10.0.0.4", true, false);
	assert_tags(&f, "a", "198.51.100.7", true, true);
	assert_tags(&f, "h", "198.51.100.7", false, true);
	fixture_free(&f);
	(void)snprintf(more, sizeof(more), "%ssemantics: { user_routes_in_tag: appliance }\n",
		       routes);
	parse_hub(&f, ", route_table: r", "", more);
	assert_tags(&f, "a", "10.0.0.4", true, false);
	assert_tags(&f, "a", "172.20.0.1", false, false);
	assert_tags(&f, "a", "198.51.100.7", false, true);
	fixture_free(&f);
}

static void routes_to_services_belong_to_it(void **state) /* NSG-29 */
{
	struct fixture f;

	(void)state;
	parse_hub(&f, ", route_table: r", "",
		  "service_tags: { Mine: [20.60.0.0/16, 20.61.0.0/24] }\n"
		  "route_tables: { r: { routes: { a: Mine Internet } } }\n");
	assert_tags(&f, "a", "20.60.1.1", true, true);
	assert_tags(&f, "a", "20.61.0.1", true, true);
	assert_tags(&f, "a", "20.61.1.1", false, true);
	assert_string_equal(text_of(tag_of_route_table(f.lab, &f.lab->route_tables.items[0])),
			    "20.60.0.0/16 20.61.0.0/24");
	fixture_free(&f);
}

static void a_default_route_makes_it_everything(void **state) /* NSG-29, NSG-30, B-3 */
{
	static const char routes[] =
		"route_tables: { r: { routes: { a: 0.0.0.0/0 VirtualAppliance 10.1.0.4 } } }\n";
	char more[1000];
	struct fixture f;

	(void)state;
	parse_hub(&f, ", route_table: r", "", routes);
	assert_string_equal(expansion(&f, "a", &tag_virtual_network), "2001:db8::/48 0.0.0.0/0");
	assert_tags(&f, "a", "8.8.8.8", true, true);
	assert_tags(&f, "a", "172.31.0.1", true, false);
	assert_tags(&f, "h", "8.8.8.8", false, true);
	fixture_free(&f);
	(void)snprintf(more, sizeof(more), "%ssemantics: { internet_tag: rest }\n", routes);
	parse_hub(&f, ", route_table: r", "", more);
	assert_tags(&f, "a", "8.8.8.8", true, false);
	assert_tags(&f, "a", "2600::1", false, true);
	assert_string_equal(expansion(&f, "a", &tag_internet),
			    "2000::/16 2001::/21 2001:800::/22 2001:c00::/24 2001:d00::/25 "
			    "2001:d80::/27 2001:da0::/28 2001:db0::/29 2001:db8:1::/48 "
			    "2001:db8:2::/47 2001:db8:4::/46 2001:db8:8::/45 2001:db8:10::/44 "
			    "2001:db8:20::/43 2001:db8:40::/42 2001:db8:80::/41 "
			    "2001:db8:100::/40 2001:db8:200::/39 2001:db8:400::/38 "
			    "2001:db8:800::/37 2001:db8:1000::/36 2001:db8:2000::/35 "
			    "2001:db8:4000::/34 2001:db8:8000::/33 2001:db9::/32 2001:dba::/31 "
			    "2001:dbc::/30 2001:dc0::/26 2001:e00::/23 2001:1000::/20 "
			    "2001:2000::/19 2001:4000::/18 2001:8000::/17 2002::/15 2004::/14 "
			    "2008::/13 2010::/12 2020::/11 2040::/10 2080::/9 2100::/8 2200::/7 "
			    "2400::/6 2800::/5 3000::/4");
	assert_tags(&f, "h", "8.8.8.8", false, true);
	fixture_free(&f);
}

static void internet_is_the_public_space(void **state) /* NSG-30 */
{
	static const char *const no[] = {
		"0.1.2.3",     "10.200.0.1",      "100.64.0.5",  "127.0.0.1",
		"169.254.1.1", "172.31.0.100",    "192.168.1.1", "168.63.129.16",
		"224.0.0.1",   "255.255.255.255", "fe80::1",     "fd00::1",
		"::1"
	};
	static const char *const yes[] = { "1.0.0.0",    "100.63.255.255", "100.128.0.0",
					   "172.32.0.0", "168.63.129.17",  "223.255.255.255",
					   "20.60.0.1",  "2600::1" };
	struct fixture f;
	const char *text;

	(void)state;
	parse_hub(&f, "", "", "");
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_tags(&f, "b", no[i], strcmp(no[i], "168.63.129.16") == 0, false);
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_tags(&f, "b", yes[i], false, true);
	text = expansion(&f, "b", &tag_internet);
	assert_non_null(strstr(text, "1.0.0.0/8 2.0.0.0/7 4.0.0.0/6 8.0.0.0/7 11.0.0.0/8 "
				     "12.0.0.0/6 16.0.0.0/4 32.0.0.0/3 64.0.0.0/3 96.0.0.0/6 "
				     "100.0.0.0/10 100.128.0.0/9 "));
	assert_true(!strncmp(text, "1.0.0.0/8 ", 10));
	assert_non_null(strstr(text_of(computed_tags_public()), " 2000::/3"));
	fixture_free(&f);
}

static void load_balancer_is_one_address(void **state) /* NSG-31 */
{
	struct fixture f;

	(void)state;
	parse_hub(&f, "", "", "");
	assert_string_equal(expansion(&f, "a", &tag_load_balancer), "168.63.129.16/32");
	fixture_free(&f);
}

/* ---- what gateways teach ---- */

static void forget(struct fixture *f, const char *text)
{
	struct fabric_touches touches;
	struct prefix prefix;

	assert_true(prefix_parse(text, &prefix));
	for (size_t i = 0; i < f->graph->speakers.count; i++)
		rib_replace(&f->ribs[i], prefix, NULL, 0);
	touches = fabric_learn(f->fabric);
	fabric_settle(f->fabric, &touches);
	free(touches.items);
}

static void what_is_learned_belongs_to_the_tag(void **state) /* NSG-29 */
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/nsg/set_c.yaml");
	assert_string_equal(expansion(&f, "branch-vm1", &tag_virtual_network),
			    "10.100.0.0/24 168.63.129.16/32 10.0.0.0/24 10.0.1.0/24 10.0.2.0/24 "
			    "8.8.8.8/32");
	/* over the hub's gateway; the other spoke is not learned, and not peered */
	assert_string_equal(expansion(&f, "spoke1-vm", &tag_virtual_network),
			    "10.0.1.0/24 168.63.129.16/32 10.0.0.0/24 10.100.0.0/24");
	assert_tags(&f, "branch-vm1", "10.0.1.4", true, false);
	forget(&f, "10.0.1.0/24");
	assert_string_equal(expansion(&f, "branch-vm1", &tag_virtual_network),
			    "10.100.0.0/24 168.63.129.16/32 10.0.0.0/24 10.0.2.0/24 8.8.8.8/32");
	assert_tags(&f, "branch-vm1", "10.0.1.4", false, false);
	fixture_free(&f);
}

/* NSG-30: public addresses that a gateway teaches are not Internet; a default is no matter of it.
 */
static void what_is_learned_is_not_internet(void **state)
{
	for (int is_rest = 0; is_rest <= 1; is_rest++) {
		const struct gateway_routes *routes;
		char text[2000];
		struct fixture f;

		(void)state;
		(void)snprintf(
			text, sizeof(text),
			"lab: t\n"
			"virtual_networks:\n"
			"  v: { address_prefixes: 10.0.0.0/16,\n"
			"       subnets: { s: 10.0.1.0/24, GatewaySubnet: 10.0.0.0/24 } }\n"
			"vms: { a: v/s }\n"
			"virtual_network_gateways:\n"
			"  g: { virtual_network: v, gateway_type: ExpressRoute }\n"
			"express_route_circuits:\n"
			"  c: { msee_address: 10.3.129.58, primary_peer_address_prefix: "
			"169.254.98.60/30 }\n"
			"connections: { x: { gateway: g, circuit: c } }\n"
			"providers:\n"
			"  p: { asn: 65001, links: [ { circuit: c }, { branch: site } ] }\n"
			"branches: { site: { asn: 65010, announce: [0.0.0.0/0, 198.51.100.0/24] "
			"} }\n"
			"semantics: { internet_tag: %s }\n",
			is_rest ? "rest" : "whole");
		fixture_parse(&f, text);
		routes = fabric_taught(f.fabric, f.lab->virtual_network_gateways.items[0].vnet);
		assert_string_equal(text_of(tag_of_gateway(routes)), "198.51.100.0/24");
		assert_string_equal(text_of(tag_of_defaults(routes)), "0.0.0.0/0");
		assert_tags(&f, "a", "198.51.100.7", true, false);
		assert_tags(&f, "a", "8.8.8.8", true, !is_rest);
		assert_string_equal(expansion(&f, "a", &tag_virtual_network), "0.0.0.0/0");
		forget(&f, "0.0.0.0/0");
		assert_tags(&f, "a", "8.8.8.8", false, true);
		fixture_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_hold_each_address_once),
		cmocka_unit_test(holes_are_cut_out_of_lists),
		cmocka_unit_test(virtual_network_is_peers_but_not_theirs),
		cmocka_unit_test(a_half_without_access_keeps_the_peer_out),
		cmocka_unit_test(user_routes_belong_to_the_tag),
		cmocka_unit_test(routes_to_services_belong_to_it),
		cmocka_unit_test(a_default_route_makes_it_everything),
		cmocka_unit_test(internet_is_the_public_space),
		cmocka_unit_test(load_balancer_is_one_address),
		cmocka_unit_test(what_is_learned_belongs_to_the_tag),
		cmocka_unit_test(what_is_learned_is_not_internet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
