/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a packet at a port, rule by rule of azure-security.md chapters 1, 2 and 4, where
 * the worked cases (test_golden_nsg) say nothing.
 */
#include "tests/support/test.h"

#include "lab/azure/verdict.h"
#include "lab/render/verdict_text.h"
#include "tests/support/fixture.h"
#include "tests/support/tuple.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct interface *port_of(const struct fixture *f, const char *nic)
{
	return topology_find_nic(f->topology, fixture_nic(f, nic));
}

static void assert_at(const struct fixture *f, const struct interface *port,
		      enum rule_direction direction, const char *packet, const char *expected)
{
	struct flow_tuple tuple = tuple_read(packet);
	struct arena *arena = arena_new();
	struct verdict verdict;

	security_verdict(f->fabric->security, port, direction, &tuple, &verdict);
	assert_string_equal(verdict_text(&verdict, 1, arena), expected);
	assert_true(verdict.is_allowed ==
		    (!verdict.count || verdict.layers[verdict.count - 1].access != ACCESS_DENY));
	arena_free(arena);
}

#define NO_NSG "no NSG on the path"

static void assert_in(const struct fixture *f, const char *nic, const char *packet,
		      const char *expected)
{
	assert_at(f, port_of(f, nic), DIRECTION_INBOUND, packet, expected);
}

static void assert_out(const struct fixture *f, const char *nic, const char *packet,
		       const char *expected)
{
	assert_at(f, port_of(f, nic), DIRECTION_OUTBOUND, packet, expected);
}

/* ---- a lab: VMs behind an NSG with the rules given, more keys at the top level behind ---- */

static void parse_rules(struct fixture *f, const char *rules, const char *more)
{
	char text[4000];

	(void)snprintf(text, sizeof(text),
		       "lab: t\n"
		       "network_security_groups: { n: { security_rules: { %s } } }\n"
		       "virtual_networks:\n"
		       "  v:\n"
		       "    address_prefixes: [10.0.0.0/16, 2001:db8::/48]\n"
		       "    subnets:\n"
		       "      s: { address_prefix: [10.0.1.0/24, 2001:db8:0:1::/64],\n"
		       "           network_security_group: n }\n"
		       "      open: 10.0.2.0/24\n"
		       "vms:\n"
		       "  a: { subnet: v/s, ip_configurations: [10.0.1.4, 10.0.1.40,\n"
		       "       '2001:db8:0:1::4'] }\n"
		       "  b: { subnet: v/s, private_ip_address: 10.0.1.5 }\n"
		       "%s",
		       rules, more);
	fixture_parse(f, text);
}

/* ---- matching (chapter 1.3) ---- */

static void a_rule_is_the_product_of_its_lists(void **state) /* NSG-05 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f,
		    "r: '100 Inbound Allow Tcp 203.0.113.0/29,198.51.100.10:1000-2000 -> "
		    "*:80,443,8000-8100'",
		    "");
	assert_in(&f, "a", "Tcp 203.0.113.6:1000 10.0.1.4:8100", "in subnet n r(100) Allow");
	assert_in(&f, "a", "Tcp 198.51.100.10:2000 10.0.1.40:443", "in subnet n r(100) Allow");
	assert_in(&f, "a", "Tcp 203.0.113.6:1000 10.0.1.4:8101",
		  "in subnet n DenyAllInBound(65500) Deny");
	assert_in(&f, "a", "Tcp 203.0.113.6:2001 10.0.1.4:80",
		  "in subnet n DenyAllInBound(65500) Deny");
	assert_in(&f, "a", "Tcp 203.0.113.8:1000 10.0.1.4:80",
		  "in subnet n DenyAllInBound(65500) Deny");
	assert_in(&f, "a", "Udp 203.0.113.6:1000 10.0.1.4:80",
		  "in subnet n DenyAllInBound(65500) Deny");
	fixture_free(&f);
}

static void defaults_know_what_is_private_but_nowhere(void **state) /* NSG-09 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f, "", "");
	assert_out(&f, "a", "Tcp 10.0.1.4:1 172.31.0.100:80",
		   "out subnet n DenyAllOutBound(65500) Deny");
	assert_out(&f, "a", "Tcp 10.0.1.4:1 13.107.21.200:80",
		   "out subnet n AllowInternetOutBound(65001) Allow");
	assert_out(&f, "a", "Tcp [2001:db8:0:1::4]:1 [2600::1]:80",
		   "out subnet n AllowInternetOutBound(65001) Allow");
	assert_out(&f, "a", "Tcp [2001:db8:0:1::4]:1 [fd00::1]:80",
		   "out subnet n DenyAllOutBound(65500) Deny");
	assert_in(&f, "a", "Icmp [2001:db8:0:1::5] [2001:db8:0:1::4]",
		  "in subnet n AllowVnetInBound(65000) Allow");
	fixture_free(&f);
}

static void rules_see_private_addresses(void **state) /* NSG-11 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f, "r: 100 Inbound Allow Tcp * -> 20.1.1.1:443", "");
	assert_in(&f, "a", "Tcp 198.51.100.7:1 10.0.1.4:443",
		  "in subnet n DenyAllInBound(65500) Deny");
	fixture_free(&f);
}

static void rules_with_ports_do_not_mean_ping(void **state) /* NSG-13, B-1 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f, "r: 100 Inbound Deny * * -> *:443, s: 110 Inbound Deny Icmp *:7 -> *", "");
	assert_in(&f, "a", "Icmp 10.0.1.5 10.0.1.4", "in subnet n AllowVnetInBound(65000) Allow");
	assert_in(&f, "a", "Esp 10.0.1.5 10.0.1.4", "in subnet n AllowVnetInBound(65000) Allow");
	assert_in(&f, "a", "Udp 10.0.1.5:9 10.0.1.4:443", "in subnet n r(100) Deny");
	fixture_free(&f);
	parse_rules(&f, "r: 110 Inbound Deny * * -> *:443, s: 100 Inbound Deny Icmp *:7 -> *",
		    "semantics: { icmp_ports: match }\n");
	assert_in(&f, "a", "Icmp 10.0.1.5 10.0.1.4", "in subnet n s(100) Deny");
	assert_in(&f, "a", "Esp 10.0.1.5 10.0.1.4", "in subnet n r(110) Deny");
	fixture_free(&f);
}

static void tcp_rules_never_match_ping(void **state) /* NSG-14 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f,
		    "t: 100 Inbound Allow Tcp * -> *, i: 110 Inbound Allow Icmp 10.0.9.9 -> *,"
		    "j: '120 Inbound Allow Icmp [2001:db8:5::/48] -> *'",
		    "");
	assert_in(&f, "a", "Icmp 198.51.100.7 10.0.1.4", "in subnet n DenyAllInBound(65500) Deny");
	assert_in(&f, "a", "Icmp 10.0.9.9 10.0.1.4", "in subnet n i(110) Allow");
	assert_in(&f, "a", "Icmp [2001:db8:5::1] [2001:db8:0:1::4]", "in subnet n j(120) Allow");
	fixture_free(&f);
}

static void azure_does_not_carry_everything(void **state) /* NSG-15 */
{
	static const char *const dropped[] = {
		"47 10.0.1.4 10.0.1.5", /* GRE */
		"4 10.0.1.4 10.0.1.5",  /* IP in IP */
		"58 10.0.1.4 10.0.1.5", /* the other family's ICMP */
		"Udp 10.0.1.4:65330 10.0.1.5:53",
		"Udp 10.0.1.4:68 10.0.1.5:67",
		"Udp 10.0.1.4:5 224.0.0.251:5353",
		"Udp 10.0.1.4:5 255.255.255.255:9",
		"Udp 10.0.1.4:5 10.0.1.255:9",
		"Udp [2001:db8:0:1::4]:5 [ff02::fb]:5353",
	};
	struct fixture f;

	(void)state;
	parse_rules(&f, "r: 100 Outbound Allow * * -> *, e: 100 Inbound Allow * * -> *", "");
	for (size_t i = 0; i < ARRAY_SIZE(dropped); i++)
		assert_out(&f, "a", dropped[i], "out platform platform-protocol Deny");
	assert_in(&f, "a", "47 10.0.1.5 10.0.1.4", "in platform platform-protocol Deny");
	assert_out(&f, "a", "Udp 10.0.1.4:67 10.0.1.5:68", "out subnet n r(100) Allow");
	assert_out(&f, "a", "Tcp 10.0.1.4:65330 10.0.1.5:53", "out subnet n r(100) Allow");
	assert_out(&f, "a", "Ah 10.0.1.4 10.0.1.5", "out subnet n r(100) Allow");
	assert_out(&f, "a", "Icmp 10.0.1.4 10.0.2.255", "out subnet n r(100) Allow");
	fixture_free(&f);
}

/* ---- at which port (chapters 1.5 and 4) ---- */

static void only_appliances_have_foreign_addresses(void **state) /* NSG-28, NSG-27 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f, "", "nvas: { nva: v/s }\n");
	assert_out(&f, "a", "Tcp 10.0.1.5:1 10.0.1.6:80", "out platform anti-spoof Deny");
	assert_in(&f, "a", "Tcp 10.0.1.5:1 10.0.1.7:80", "in platform anti-spoof Deny");
	assert_out(&f, "a", "47 10.0.1.5 10.0.1.6", "out platform anti-spoof Deny");
	assert_out(&f, "nva", "Tcp 10.0.2.5:1 10.0.1.5:80",
		   "out subnet n AllowVnetOutBound(65000) Allow");
	assert_in(&f, "nva", "Tcp 10.0.1.4:1 8.8.8.8:80", "in subnet n DenyAllInBound(65500) Deny");
	fixture_free(&f);
}

static void a_standard_address_is_closed_where_no_nsg_is(void **state) /* NSG-25 */
{
	static const char more[] =
		"  bare: { subnet: v/open, private_ip_address: 10.0.2.4,\n"
		"          public_ip_address: one }\n"
		"  own: { subnet: v/open, private_ip_address: 10.0.2.5,\n"
		"         public_ip_address: two, network_security_group: n }\n"
		"  basic: { subnet: v/open, private_ip_address: 10.0.2.6,\n"
		"           public_ip_address: three }\n"
		"  none: { subnet: v/open, private_ip_address: 10.0.2.7 }\n"
		"public_ip_addresses: { one: 20.1.1.1, two: 20.1.1.2,\n"
		"                       three: { ip_address: 20.1.1.3, sku: Basic } }\n";
	struct fixture f;

	(void)state;
	parse_rules(&f, "r: 100 Inbound Allow * Internet -> *", more);
	assert_in(&f, "bare", "Tcp 8.8.8.8:1 10.0.2.4:80", "in platform standard-pip-closed Deny");
	assert_in(&f, "bare", "Tcp 10.0.1.4:1 10.0.2.4:80", NO_NSG);
	assert_in(&f, "bare", "Tcp 172.31.0.1:1 10.0.2.4:80", NO_NSG);
	assert_out(&f, "bare", "Tcp 10.0.2.4:1 8.8.8.8:80", NO_NSG);
	assert_in(&f, "own", "Tcp 8.8.8.8:1 10.0.2.5:80", "in nic n r(100) Allow");
	assert_in(&f, "basic", "Tcp 8.8.8.8:1 10.0.2.6:80", NO_NSG);
	assert_in(&f, "none", "Tcp 8.8.8.8:1 10.0.2.7:80", NO_NSG);
	fixture_free(&f);
}

static const char admin_rules[] =
	"network_groups: { g: v }\n"
	"security_admin_configurations:\n"
	"  c:\n"
	"    rule_collections:\n"
	"      col:\n"
	"        applies_to_groups: g\n"
	"        rules: { out: 10 Outbound Deny Tcp * -> *:25,\n"
	"                 in: 20 Inbound AlwaysAllow Tcp Internet -> *:443,\n"
	"                 go: 30 Inbound Allow Tcp Internet -> *:80 }\n";

static void admin_rules_come_first(void **state) /* AVNM-01, AVNM-03, AVNM-04 */
{
	char more[2000];
	struct fixture f;

	(void)state;
	(void)snprintf(more, sizeof(more),
		       "  bare: { subnet: v/open, private_ip_address: 10.0.2.4,\n"
		       "          public_ip_address: one }\n"
		       "public_ip_addresses: { one: 20.1.1.1 }\n%s",
		       admin_rules);
	parse_rules(&f, "r: 100 Inbound Deny * * -> *", more);
	assert_out(&f, "a", "Tcp 10.0.1.4:1 8.8.8.8:25", "out avnm col out(10) Deny");
	assert_out(&f, "a", "Tcp 10.0.1.4:1 8.8.8.8:26",
		   "out subnet n AllowInternetOutBound(65001) Allow");
	assert_in(&f, "a", "Tcp 8.8.8.8:1 10.0.1.4:443", "in avnm col in(20) AlwaysAllow");
	assert_in(&f, "a", "Tcp 8.8.8.8:1 10.0.1.4:80",
		  "in avnm col go(30) Allow ; in subnet n r(100) Deny");
	/* without any NSG they hold, too; what they only allow stays closed (NSG-25) */
	assert_in(&f, "bare", "Tcp 8.8.8.8:1 10.0.2.4:443", "in avnm col in(20) AlwaysAllow");
	assert_in(&f, "bare", "Tcp 8.8.8.8:1 10.0.2.4:80",
		  "in avnm col go(30) Allow ; in platform standard-pip-closed Deny");
	assert_in(&f, "bare", "Tcp 10.0.1.4:1 10.0.2.4:80", NO_NSG);
	fixture_free(&f);
}

static void private_endpoints_obey_where_they_are_told_to(void **state) /* NSG-43, PE-08 */
{
	static const struct {
		const char *policies, *expected;
	} cases[] = {
		{ "Disabled", NO_NSG },
		{ "RouteTableEnabled", NO_NSG },
		{ "NetworkSecurityGroupEnabled", "in subnet n r(100) Deny" },
		{ "Enabled", "in subnet n r(100) Deny" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct node *node;
		char text[2000];
		struct fixture f;

		(void)snprintf(
			text, sizeof(text),
			"lab: t\n"
			"network_security_groups:\n"
			"  n: { security_rules: { r: 100 Inbound Deny * * -> *:80 } }\n"
			"virtual_networks:\n"
			"  v:\n"
			"    address_prefixes: 10.0.0.0/16\n"
			"    subnets:\n"
			"      s: { address_prefix: 10.0.1.0/24, network_security_group: n,\n"
			"           private_endpoint_network_policies: %s }\n"
			"private_endpoints: { e: v/s }\n"
			"vms: { a: v/s }\n"
			"network_groups: { g: v }\n"
			"security_admin_configurations:\n"
			"  c: { rule_collections: { col: { applies_to_groups: g,\n"
			"       rules: { x: 1 Inbound Deny * * -> * } } } }\n",
			cases[i].policies);
		fixture_parse(&f, text);
		node = topology_find_node(f.topology, "e");
		assert_non_null(node);
		assert_at(&f, node->interfaces.items[0], DIRECTION_INBOUND,
			  "Tcp 10.0.1.9:1 10.0.1.5:80", cases[i].expected);
		fixture_free(&f);
	}
}

static void what_is_no_nic_filters_nothing(void **state)
{
	const struct node *gateway;
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/nsg/set_c.yaml");
	gateway = topology_find_node(f.topology, "branch-ergw-0");
	assert_non_null(gateway);
	for (size_t i = 0; i < gateway->interfaces.count; i++)
		if (gateway->interfaces.items[i]->kind == INTERFACE_GATEWAY)
			assert_at(&f, gateway->interfaces.items[i], DIRECTION_OUTBOUND,
				  "47 1.2.3.4 5.6.7.8", NO_NSG);
	assert_out(&f, "dns", "Tcp 8.8.8.8:1 9.9.9.9:80", NO_NSG);
	assert_in(&f, "dns", "47 9.9.9.9 1.1.1.1", NO_NSG);
	fixture_free(&f);
}

/* ---- platform services (chapter 1.7) ---- */

static void services_of_the_platform_are_exempt(void **state) /* NSG-36 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f, "r: 100 Outbound Deny * * -> *, i: 100 Inbound Deny * * -> *", "");
	assert_out(&f, "a", "Udp 10.0.1.4:1 168.63.129.16:53", NO_NSG);
	assert_out(&f, "a", "Tcp 10.0.1.4:1 168.63.129.16:53", NO_NSG);
	assert_out(&f, "a", "Tcp 10.0.1.4:1 168.63.129.16:80", NO_NSG);
	assert_out(&f, "a", "Tcp 10.0.1.4:1 168.63.129.16:443", NO_NSG);
	assert_out(&f, "a", "Tcp 10.0.1.4:1 168.63.129.16:32526", NO_NSG);
	assert_out(&f, "a", "Tcp 10.0.1.4:1 169.254.169.254:80", NO_NSG);
	assert_out(&f, "a", "Udp 10.0.1.4:1 168.63.129.16:80", "out subnet n r(100) Deny");
	assert_out(&f, "a", "Tcp 10.0.1.4:1 168.63.129.17:80", "out subnet n r(100) Deny");
	assert_out(&f, "a", "Tcp 10.0.1.4:1 169.254.169.254:443", "out subnet n r(100) Deny");
	/* probes are not (NSG-37) */
	assert_in(&f, "a", "Tcp 168.63.129.16:1 10.0.1.4:80", "in subnet n i(100) Deny");
	fixture_free(&f);
	parse_rules(&f,
		    "r: 100 Outbound Deny * * -> *, d: 110 Outbound Deny * * -> AzurePlatformDNS,"
		    "i: 120 Outbound Allow Tcp * -> AzurePlatformIMDS:80,"
		    "j: 130 Outbound Deny * * -> AzurePlatformIMDS",
		    "");
	assert_out(&f, "a", "Udp 10.0.1.4:1 168.63.129.16:53", "out subnet n d(110) Deny");
	assert_out(&f, "a", "Tcp 10.0.1.4:1 168.63.129.16:80", NO_NSG);
	assert_out(&f, "a", "Tcp 10.0.1.4:1 169.254.169.254:80", "out subnet n i(120) Allow");
	fixture_free(&f);
}

static void probes_are_rules_matter(void **state) /* NSG-31, NSG-32, NSG-37 */
{
	static const struct {
		const char *rules, *expected;
	} cases[] = {
		{ "d: 4096 Inbound Deny * * -> *", "in subnet n d(4096) Deny" },
		{ "d: 4096 Inbound Deny * * -> *, l: 4000 Inbound Allow * AzureLoadBalancer -> *",
		  "in subnet n l(4000) Allow" },
		{ "d: 4096 Inbound Deny * VirtualNetwork -> *", "in subnet n d(4096) Deny" },
		{ "d: 4096 Inbound Deny * Internet -> *",
		  "in subnet n AllowVnetInBound(65000) Allow" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f;

		parse_rules(&f, cases[i].rules, "");
		assert_in(&f, "a", "Tcp 168.63.129.16:1 10.0.1.4:80", cases[i].expected);
		fixture_free(&f);
	}
}

/* ---- application security groups (chapter 2) ---- */

static const char groups[] = "  m: { subnet: v/s, private_ip_address: 10.0.1.6,\n"
			     "       application_security_groups: [web, db] }\n"
			     "  o: { subnet: v/open, private_ip_address: 10.0.2.6,\n"
			     "       application_security_groups: web }\n"
			     "nvas:\n"
			     "  in: { subnet: v/s, private_ip_address: 10.0.1.7,\n"
			     "        application_security_groups: web }\n"
			     "  out: { subnet: v/s, private_ip_address: 10.0.1.8 }\n"
			     "application_security_groups: { web: {}, db: {}, empty: {} }\n";

static void groups_are_members_and_their_addresses(void **state) /* ASG-01, ASG-02 */
{
	struct fixture f;

	(void)state;
	parse_rules(&f,
		    "r: 100 Inbound Deny * web -> *:1, l: 110 Inbound Deny * * -> web:2,"
		    "t: '120 Inbound Deny * web -> db,web:3', o: 100 Outbound Deny * web -> db",
		    groups);
	/* remote: addresses */
	assert_in(&f, "a", "Tcp 10.0.2.6:1 10.0.1.4:1", "in subnet n r(100) Deny");
	assert_in(&f, "a", "Tcp 10.0.2.7:1 10.0.1.4:1",
		  "in subnet n AllowVnetInBound(65000) Allow");
	/* local: the NIC is in it, too */
	assert_in(&f, "m", "Tcp 10.0.2.6:1 10.0.1.6:2", "in subnet n l(110) Deny");
	assert_in(&f, "a", "Tcp 10.0.2.6:1 10.0.1.4:2",
		  "in subnet n AllowVnetInBound(65000) Allow");
	assert_in(&f, "in", "Tcp 10.0.2.6:1 10.0.1.6:2", "in subnet n l(110) Deny");
	assert_in(&f, "out", "Tcp 10.0.2.6:1 10.0.1.6:2",
		  "in subnet n AllowVnetInBound(65000) Allow");
	assert_in(&f, "in", "Tcp 10.0.2.6:1 10.0.1.4:2",
		  "in subnet n AllowVnetInBound(65000) Allow");
	assert_in(&f, "m", "Tcp 10.0.2.6:1 10.0.1.6:3", "in subnet n t(120) Deny");
	assert_out(&f, "m", "Tcp 10.0.1.6:1 10.0.1.6:9", "out subnet n o(100) Deny");
	assert_out(&f, "a", "Tcp 10.0.1.4:1 10.0.1.6:9",
		   "out subnet n AllowVnetOutBound(65000) Allow");
	fixture_free(&f);
}

static void an_empty_group_adds_nothing(void **state) /* ASG-07, B-6 */
{
	static const char rules[] = "r: '100 Inbound Deny * * -> web,empty:1',"
				    "e: 110 Inbound Deny * empty -> *:2,"
				    "x: '120 Inbound Deny * empty,web -> *:3'";
	char more[2000];
	struct fixture f;

	(void)state;
	parse_rules(&f, rules, groups);
	assert_in(&f, "m", "Tcp 10.0.2.6:1 10.0.1.6:1", "in subnet n r(100) Deny");
	assert_in(&f, "m", "Tcp 10.0.2.6:1 10.0.1.6:2",
		  "in subnet n AllowVnetInBound(65000) Allow");
	assert_in(&f, "m", "Tcp 10.0.2.6:1 10.0.1.6:3", "in subnet n x(120) Deny");
	fixture_free(&f);
	(void)snprintf(more, sizeof(more), "%ssemantics: { empty_group: rule }\n", groups);
	parse_rules(&f, rules, more);
	for (unsigned port = 1; port <= 3; port++) {
		char packet[80];

		(void)snprintf(packet, sizeof(packet), "Tcp 10.0.2.6:1 10.0.1.6:%u", port);
		assert_in(&f, "m", packet, "in subnet n AllowVnetInBound(65000) Allow");
	}
	fixture_free(&f);
}

/* ---- parts of rules, and names ---- */

static void which_parts_of_a_rule_match_is_told(void **state) /* NW-10 */
{
	struct flow_tuple tuple = tuple_read("Udp 10.0.2.6:9 10.0.1.6:1");
	const struct security_rule *rule;
	struct rule_match match;
	struct fixture f;

	(void)state;
	parse_rules(&f, "r: '100 Inbound Deny Tcp Internet:9 -> web:2'", groups);
	rule = f.lab->network_security_groups.items[0].rules[DIRECTION_INBOUND].items[0];
	match = security_match(f.fabric->security, port_of(&f, "m"), DIRECTION_INBOUND, rule,
			       &tuple);
	assert_false(match.protocol);
	assert_false(match.source);
	assert_true(match.source_port);
	assert_true(match.destination);
	assert_false(match.destination_port);
	match = security_match(f.fabric->security, port_of(&f, "a"), DIRECTION_INBOUND, rule,
			       &tuple);
	assert_false(match.destination);
	fixture_free(&f);
}

static void everything_has_a_name(void **state)
{
	static const char *const layers[] = { "platform", "avnm", "subnet", "nic" };
	static const char *const drops[DROP_COUNT] = {
		"none",        "anti-spoof", "platform-protocol", "standard-pip-closed",
		"no-outbound", "flow-limit",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		assert_string_equal(verdict_layer_name((enum verdict_layer)i), layers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(drops); i++)
		assert_string_equal(platform_drop_name((enum platform_drop)i), drops[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_the_product_of_its_lists),
		cmocka_unit_test(defaults_know_what_is_private_but_nowhere),
		cmocka_unit_test(rules_see_private_addresses),
		cmocka_unit_test(rules_with_ports_do_not_mean_ping),
		cmocka_unit_test(tcp_rules_never_match_ping),
		cmocka_unit_test(azure_does_not_carry_everything),
		cmocka_unit_test(only_appliances_have_foreign_addresses),
		cmocka_unit_test(a_standard_address_is_closed_where_no_nsg_is),
		cmocka_unit_test(admin_rules_come_first),
		cmocka_unit_test(private_endpoints_obey_where_they_are_told_to),
		cmocka_unit_test(what_is_no_nic_filters_nothing),
		cmocka_unit_test(services_of_the_platform_are_exempt),
		cmocka_unit_test(probes_are_rules_matter),
		cmocka_unit_test(groups_are_members_and_their_addresses),
		cmocka_unit_test(an_empty_group_adds_nothing),
		cmocka_unit_test(which_parts_of_a_rule_match_is_told),
		cmocka_unit_test(everything_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
