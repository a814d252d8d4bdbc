/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6 beside IPv4: addresses, effective routes, the ways packets go, and the plan. */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "lab/render/bird_conf.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"
#include "tests/support/tuple.h"

#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	static struct fixture f;

	fixture_read(&f, "tests/golden/dual_stack.yaml");
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(*state);
	return 0;
}

static void assert_addresses(const struct fixture *f, const char *nic, const char *ipv4,
			     const char *ipv6)
{
	assert_string_equal(ip_print(nic_ip(fixture_nic(f, nic), IP_V4)).text, ipv4);
	assert_string_equal(ip_print(nic_ip(fixture_nic(f, nic), IP_V6)).text, ipv6);
}

static void a_nic_has_an_address_of_each_family_of_its_subnet(void **state)
{
	const struct fixture *f = *state;

	assert_addresses(f, "fw:fw-in", "10.0.0.4", "fd00:0:1::4");
	assert_addresses(f, "fw:fw-out", "10.0.1.5", "fd00:0:1:1::4");
	assert_addresses(f, "fw:fw-old", "10.0.2.4", "");
	assert_addresses(f, "plain-1", "10.2.0.4", "");
	/* one that is asked for leaves the other to be given */
	assert_addresses(f, "hub-1", "10.0.1.4", "fd00:0:1:1::9");
	assert_addresses(f, "spoke-1", "10.1.0.9", "fd00:0:2::4");
	/* a list is all of them */
	assert_addresses(f, "spoke-2", "10.1.0.10", "fd00:0:2::10");
	assert_addresses(f, "spoke-4", "10.1.0.4", "");
	assert_int_equal(fixture_nic(f, "spoke-2")->more.count, 2);
}

static void what_is_azures_own_has_ipv4_alone(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < f->topology->ports.count; i++)
		if (!f->topology->ports.items[i]->nic)
			assert_int_equal(interface_ip(f->topology->ports.items[i], IP_V6).family,
					 IP_NONE);
}

static void a_64_gives_its_addresses_from_4_on(void **state)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	struct fixture f;
	char name[16], ipv4[20], ipv6[30], *text;

	(void)state;
	(void)fprintf(out, "lab: t\nvirtual_networks:\n"
			   "  v: { address_prefixes: [10.0.0.0/16, \"fd00::/48\"], subnets: { s: { "
			   "address_prefix: [10.0.0.0/22, \"fd00::/64\"] } } }\nvms:\n");
	for (int i = 0; i < 300; i++)
		(void)fprintf(out, "  m%d: v/s\n", i);
	(void)fprintf(out, "  fixed: { subnet: v/s, private_ip_address: \"fd00::8\" }\n");
	text = memory_close(&file);
	fixture_parse(&f, text);
	assert_addresses(&f, "m3", "10.0.0.7", "fd00::7");
	assert_addresses(&f, "m4", "10.0.0.8", "fd00::9");
	for (int i = 5; i < 300; i += 73) {
		(void)snprintf(name, sizeof(name), "m%d", i);
		(void)snprintf(ipv4, sizeof(ipv4), "10.0.%d.%d", (i + 4) / 256, (i + 4) % 256);
		(void)snprintf(ipv6, sizeof(ipv6), "fd00::%x", i + 5);
		assert_addresses(&f, name, ipv4, ipv6);
	}
	fixture_free(&f);
	free(text);
}

/* Rows of IPv6 as "PREFIX TYPE[=HOP,...]", in their order. */
static const char *rows(const struct fixture *f, const char *vm)
{
	static char text[2048];
	const struct interface *port = topology_find_nic(f->topology, fixture_nic(f, vm));
	const struct effective_routes *routes = fabric_subnet_routes(f->fabric, port->table);
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		if (row->prefix.addr.family != IP_V6)
			continue;
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s%s%s %s", len ? "\n" : "",
			row->state == ROUTE_INVALID ? "(invalid) " : "",
			prefix_print(row->prefix).text, next_hop_type_name(row->type));
		for (size_t n = 0; n < row->next_hops.count; n++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%c%s",
						n ? ',' : '=',
						ip_print(row->next_hops.items[n].ip).text);
	}
	return text;
}

static void rows_follow_the_same_rules_by_family(void **state)
{
	const struct fixture *f = *state;

	assert_string_equal(rows(f, "hub-1"), "fd00:0:1::/48 VnetLocal\n"
					      "fd00:0:2::/48 VNetPeering\n"
					      "::/0 Internet");
	assert_string_equal(rows(f, "spoke-1"),
			    "fd00:0:2::/48 VnetLocal\n"
			    "fd00:0:1::/48 VNetPeering\n"
			    "(invalid) ::/0 Internet\n"
			    "fd08::/48 None\n"
			    "::/0 VirtualAppliance=fd00:0:1::4\n"
			    "2603:1020::/47 VirtualAppliance=fd00:0:1::4\n"
			    "fd09::/48 VirtualApplianceEcmp=fd00:0:1::4,fd00:0:1::77");
	/* no Internet row where there is no IPv6 */
	assert_null(strstr(rows(f, "plain-1"), "::/0 Internet"));
}

/* The drops of IPv4 stay, whatever a user does with ::/0. */
static void a_default_of_ipv6_leaves_ipv4_alone(void **state)
{
	const struct fixture *f = *state;
	const struct interface *port = topology_find_nic(f->topology, fixture_nic(f, "spoke-1"));
	const struct effective_route *row = effective_routes_lookup(
		fabric_subnet_routes(f->fabric, port->table), ip_of("10.77.0.1"));

	assert_non_null(row);
	assert_int_equal(row->type, NEXT_HOP_NONE);
}

static void check_walk(const struct fixture *f, const char *from, const char *to,
		       const char *target, const char *words, unsigned hops)
{
	struct flow flow;

	fabric_walk(f->fabric, fixture_nic(f, from), ip_of(to), &flow);
	assert_string_equal(flow.words, words);
	assert_int_equal(flow.is_delivered, target != NULL);
	assert_int_equal(flow.hop_count, hops);
	if (target)
		assert_ptr_equal(flow.target, fixture_nic(f, target));
}

static void packets_go_by_the_rows_of_their_family(void **state)
{
	const struct fixture *f = *state;

	check_walk(f, "spoke-1", "fd00:0:2::10", "spoke-2", "", 0);
	check_walk(f, "spoke-1", "fd00:0:1:1::9", "hub-1", "", 0);
	check_walk(f, "hub-1", "fd00:0:2::4", "spoke-1", "", 0);
	check_walk(f, "spoke-1", "fd00:0:2::99", NULL, "no machine has the address fd00:0:2::99",
		   0);
	check_walk(f, "spoke-1", "fd08::1", NULL,
		   "spoke has no route: fd08::1 matches fd08::/48 None", 0);
	/* through the NVA, out of whose guest by its own route to the other subnet */
	check_walk(f, "spoke-1", "fd09::1", NULL, "hub has no route: fd09::1 matches ::/0 Internet",
		   1);
	check_walk(f, "spoke-4", "fd00:0:2::4", NULL, "spoke-4-nic has no IPv6 address", 0);
	check_walk(f, "plain-1", "fd00:0:1::4", NULL, "plain-1-nic has no IPv6 address", 0);
}

static char *print(const struct plan *plan)
{
	struct memory_file file = { 0 };

	plan_print(plan, memory_open(&file));
	return memory_close(&file);
}

static struct plan *plan_of(const struct fixture *f)
{
	struct plan *plan = plan_compile(f->topology, f->graph);
	struct plan *tables = plan_compile_tables(f->fabric);

	plan_append(plan, tables);
	plan_sort(plan);
	plan_free(tables);
	return plan;
}

static void the_lab_gives_its_golden_plan(void **state)
{
	const struct fixture *f = *state;
	struct plan *plan = plan_of(f);
	char *text = print(plan);

	assert_golden("plan/dual_stack.txt", text);
	free(text);
	text = fixture_table(plan, "ip6 hublab");
	assert_golden("plan/dual_stack_fabric.nft", text);
	free(text);
	plan_free(plan);
}

/* nft takes no empty list of elements: what nothing can enter has no guard. */
static void only_ports_are_guarded(void **state)
{
	static const char *const labs[] = {
		/* by IPv4, nothing stands in w; by IPv6, nothing of w has an address */
		"vms: {}\n",
		"vms: { b: w/s }\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(labs); i++) {
		struct fixture f;
		char text[700];
		struct plan *plan;

		(void)snprintf(
			text, sizeof(text),
			"lab: t\nvirtual_networks:\n"
			"  v: { address_prefixes: [10.0.0.0/16, \"fd00::/48\"], subnets: { s: "
			"{ address_prefix: [10.0.0.0/24, \"fd00::/64\"] } }, peerings: { vw: "
			"w } }\n"
			"  w: { address_prefixes: [10.1.0.0/16, \"fd01::/48\"], subnets: { s: "
			"10.1.0.0/24 }, peerings: { wv: v } }\n"
			"nvas: { fw: v/s }\n%s",
			labs[i]);
		fixture_parse(&f, text);
		plan = plan_compile(f.topology, f.graph);
		for (uint32_t n = 0; n < plan->step_count; n++)
			if (plan->steps[n].kind == STEP_NFT)
				assert_null(strstr(plan_text(plan, plan->steps[n].nft.text),
						   "elements = {\n\t\t}"));
		plan_free(plan);
		fixture_free(&f);
	}
}

/* Gateways announce, and refuse, ranges of IPv4 only. */
static void no_speaker_hears_of_ipv6(void **state)
{
	const struct fixture *f = *state;

	for (size_t i = 0; i < f->graph->speakers.count; i++) {
		const struct rib *rib = &f->ribs[f->graph->speakers.items[i]->index];
		struct memory_file file = { 0 };
		char *text;

		for (size_t n = 0; n < rib->count; n++)
			assert_int_equal(rib->routes[n].prefix.addr.family, IP_V4);
		bird_conf_print(f->graph, f->graph->speakers.items[i], memory_open(&file));
		text = memory_close(&file);
		assert_null(strstr(text, "fd00"));
		free(text);
	}
}

/* Where nothing has IPv6 nothing of it is made, but that it is switched off. */
static void a_lab_without_ipv6_has_no_step_of_it(void **state)
{
	struct fixture f;
	struct plan *plan;
	char *text;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	plan = plan_of(&f);
	text = print(plan);
	assert_null(strstr(text, "IPv6"));
	assert_null(strstr(text, "::"));
	assert_null(strstr(text, "ip6 "));
	free(text);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];

		if (step->kind == STEP_SYSCTL &&
		    strstr(plan_text(plan, step->sysctl.path), "ipv6/"))
			assert_non_null(
				strstr(plan_text(plan, step->sysctl.path), "/disable_ipv6"));
	}
	plan_free(plan);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nic_has_an_address_of_each_family_of_its_subnet),
		cmocka_unit_test(what_is_azures_own_has_ipv4_alone),
		cmocka_unit_test(a_64_gives_its_addresses_from_4_on),
		cmocka_unit_test(rows_follow_the_same_rules_by_family),
		cmocka_unit_test(a_default_of_ipv6_leaves_ipv4_alone),
		cmocka_unit_test(packets_go_by_the_rows_of_their_family),
		cmocka_unit_test(the_lab_gives_its_golden_plan),
		cmocka_unit_test(only_ports_are_guarded),
		cmocka_unit_test(no_speaker_hears_of_ipv6),
		cmocka_unit_test(a_lab_without_ipv6_has_no_step_of_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
