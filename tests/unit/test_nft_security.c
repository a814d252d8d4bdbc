/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of NSGs and admin rules reaches the kernel, before it does. */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *table_of(const struct fixture *f, const char *table)
{
	struct plan *plan = plan_compile(f->topology, f->graph);
	char *text = fixture_table(plan, table);

	plan_free(plan);
	return text;
}

#define LAB                                                                                        \
	"lab: t\n"                                                                                 \
	"semantics: { %s }\n"                                                                      \
	"virtual_networks:\n"                                                                      \
	"  v:\n"                                                                                   \
	"    address_prefixes: [10.0.0.0/16, \"fd00:0:1::/48\"]\n"                                 \
	"    subnets:\n"                                                                           \
	"      s: { address_prefix: [10.0.1.0/24, \"fd00:0:1:1::/64\"],\n"                         \
	"        network_security_group: n, route_table: rt }\n"                                   \
	"      pe: { address_prefix: 10.0.2.0/24, network_security_group: n,\n"                    \
	"        private_endpoint_network_policies: %s }\n"                                        \
	"      GatewaySubnet: 10.0.255.0/27\n"                                                     \
	"    peerings: { w: w }\n"                                                                 \
	"  w: { address_prefixes: 10.9.0.0/16, subnets: { s: 10.9.0.0/24 }, peerings: { v: v } "   \
	"}\n"                                                                                      \
	"route_tables: { rt: { routes: { r: 172.16.0.0/12 None } } }\n"                            \
	"application_security_groups: { one, two, empty }\n"                                       \
	"network_security_groups:\n"                                                               \
	"  n: { security_rules: { r: { rule: \"%s\" } } }\n"                                       \
	"  m: { security_rules: { r: 200 Inbound Deny * Internet -> * } }\n"                       \
	"vms:\n"                                                                                   \
	"  a: { subnet: v/s, application_security_groups: [one], network_security_group: m }\n"    \
	"  b: { subnet: v/s, application_security_groups: [one, two] }\n"                          \
	"  c: w/s\n"                                                                               \
	"private_endpoints: { p: { subnet: v/pe } }\n"                                             \
	"virtual_network_gateways: { gw: { virtual_network: v, gateway_type: ExpressRoute } }\n"

static void parse(struct fixture *f, const char *semantics, const char *policies, const char *rule)
{
	char text[4000];

	(void)snprintf(text, sizeof(text), LAB, semantics, policies, rule);
	fixture_parse(f, text);
}

static void what_filters_is_as_its_golden_file(void **state)
{
	struct fixture f;
	char *text, *from;

	(void)state;
	parse(&f, "", "Disabled", "100 Inbound Allow Tcp one -> two:80,8000-8100,8050-8200");
	text = table_of(&f, FABRIC_NFT);
	from = strstr(text, "\tset s_with_ports");
	assert_non_null(from);
	assert_golden("plan/nsg_fabric.nft", from);
	free(text);
	fixture_free(&f);
}

/* One rule, and the line that the kernel gets; "" when nothing can match it. */
static void a_rule_becomes_the_line_that_matches_the_same(void **state)
{
	static const struct {
		const char *rule, *semantics, *table, *line;
	} cases[] = {
		{ "100 Inbound Deny Icmp * -> *", "", FABRIC_NFT, "meta l4proto 1 log" },
		{ "100 Inbound Deny Icmp * -> *", "", FABRIC_NFT6, "meta l4proto 58 log" },
		{ "100 Inbound Deny Esp * -> *", "", FABRIC_NFT, "meta l4proto 50 log" },
		/* NSG-13, B-1 */
		{ "100 Inbound Deny Icmp * -> *:80", "", FABRIC_NFT, "" },
		{ "100 Inbound Deny * * -> *:80", "", FABRIC_NFT,
		  "meta l4proto @s_with_ports th dport 80 log" },
		{ "100 Inbound Deny Icmp * -> *:80", "icmp_ports: match", FABRIC_NFT,
		  "meta l4proto 1 log" },
		{ "100 Inbound Deny * * -> *:80", "icmp_ports: match", FABRIC_NFT,
		  "meta l4proto != @s_with_ports log" },
		{ "100 Inbound Deny * *:53 -> *", "", FABRIC_NFT,
		  "meta l4proto @s_with_ports th sport 53 log" },
		/* of the other family there is nothing to match */
		{ "100 Inbound Deny * 10.0.0.0/8 -> *", "", FABRIC_NFT, "ip saddr 10.0.0.0/8 log" },
		{ "100 Inbound Deny * 10.0.0.0/8 -> *", "", FABRIC_NFT6, "" },
		/* what lies in another adds nothing */
		{ "100 Inbound Deny * 10.0.0.0/8,10.1.0.0/16 -> *", "", FABRIC_NFT,
		  "ip saddr 10.0.0.0/8 log" },
		{ "100 Inbound Deny * 10.0.0.0/8,11.0.0.0/8 -> *", "", FABRIC_NFT,
		  "ip saddr @s_nsg_1_in_100_sa log" },
		{ "100 Inbound Deny * AzureLoadBalancer -> *", "", FABRIC_NFT,
		  "ip saddr 168.63.129.16/32 log" },
		{ "100 Inbound Deny * VirtualNetwork -> *", "", FABRIC_NFT,
		  "meta mark and 0x01 != 0 log" },
		{ "100 Inbound Deny * * -> Internet", "", FABRIC_NFT,
		  "meta mark and 0x08 != 0 log" },
		/* ASG-02: at the local side the NIC is a member itself; ASG-07, B-6 */
		{ "100 Inbound Deny * one -> two", "", FABRIC_NFT,
		  "ip saddr @s_asg_1_a oifname @s_asg_2_p ip daddr @s_asg_2_a log" },
		{ "100 Inbound Deny * empty -> *", "", FABRIC_NFT, "" },
		{ "100 Inbound Deny * one -> *", "", FABRIC_NFT6, "ip6 saddr @s_asg_1_a log" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[200], *text;
		struct fixture f;

		parse(&f, cases[i].semantics, "Disabled", cases[i].rule);
		text = table_of(&f, cases[i].table);
		(void)snprintf(line, sizeof(line),
			       "\t\t%s prefix \"n I 1 100 D\" group 5 snaplen 64 drop\n",
			       cases[i].line);
		if (*cases[i].line ? !strstr(text, line) : !!strstr(text, "\"n I 1 100 D\""))
			fail_msg("%s, %s: not '%s' in\n%s", cases[i].rule, cases[i].table,
				 cases[i].line, text);
		free(text);
		fixture_free(&f);
	}
}

/* NSG-43 */
static void private_endpoints_obey_nsgs_where_that_is_enabled(void **state)
{
	static const struct {
		const char *policies;
		bool obeys;
	} cases[] = { { "Disabled", false },
		      { "RouteTableEnabled", false },
		      { "NetworkSecurityGroupEnabled", true },
		      { "Enabled", true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f;
		char *text;

		parse(&f, "", cases[i].policies, "100 Inbound Deny * * -> *");
		text = table_of(&f, FABRIC_NFT);
		assert_int_equal(strstr(text, "\"p-p\" : jump c_in_1_0_1_0") != NULL,
				 cases[i].obeys);
		free(text);
		fixture_free(&f);
	}
}

/* B-3: what is Internet is decided before, or after, what VirtualNetwork has by routes. */
static void internet_loses_what_routes_add_where_that_is_chosen(void **state)
{
	static const char *const semantics[] = { "", "internet_tag: rest" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(semantics); i++) {
		const char *chain, *users, *internet;
		struct fixture f;
		char *text;

		parse(&f, semantics[i], "Disabled", "100 Inbound Deny * * -> *");
		text = table_of(&f, FABRIC_NFT);
		chain = strstr(text, "\tchain c_tags_1_1 {");
		assert_non_null(chain);
		users = strstr(chain, "saddr @s_users_1");
		internet = strstr(chain, "saddr @s_internet");
		assert_true(users && internet);
		assert_int_equal(internet > users, i);
		free(text);
		fixture_free(&f);
	}
}

/* Sets of what is learned are there before anything is, and only where they are asked. */
static void sets_of_what_is_learned_belong_to_the_tables(void **state)
{
	struct fixture f;
	struct plan *plan;
	char *text;

	(void)state;
	parse(&f, "", "Disabled", "100 Inbound Deny * * -> *");
	plan = plan_compile_tables(f.fabric);
	text = fixture_table(plan, FABRIC_NFT);
	assert_non_null(strstr(text, "\tset s_taught_1 {"));
	assert_non_null(strstr(text, "\tset s_default_1 {"));
	free(text);
	plan_free(plan);
	fixture_free(&f);
	fixture_read(&f, "tests/golden/express_route.yaml"); /* without NSGs */
	plan = plan_compile_tables(f.fabric);
	text = fixture_table(plan, FABRIC_NFT);
	assert_string_equal(text, "");
	free(text);
	plan_free(plan);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_filters_is_as_its_golden_file),
		cmocka_unit_test(a_rule_becomes_the_line_that_matches_the_same),
		cmocka_unit_test(private_endpoints_obey_nsgs_where_that_is_enabled),
		cmocka_unit_test(internet_loses_what_routes_add_where_that_is_chosen),
		cmocka_unit_test(sets_of_what_is_learned_belong_to_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
