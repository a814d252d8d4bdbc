/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "lab/render/bird_conf.h"
#include "lab/render/frr_conf.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct plan *plan_of(const struct fixture *f)
{
	struct plan *plan = plan_compile(f->topology, f->graph);
	struct plan *tables = plan_compile_tables(f->fabric);

	plan_append(plan, tables);
	plan_sort(plan);
	plan_free(tables);
	return plan;
}

static char *print(const struct plan *plan)
{
	struct memory_file file = { 0 };

	plan_print(plan, memory_open(&file));
	return memory_close(&file);
}

static void the_reference_lab_gives_its_golden_plan(void **state)
{
	struct fixture f;
	struct plan *plan;
	char *text;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	plan = plan_of(&f);
	text = print(plan);
	assert_golden("plan/vpner.txt", text);
	free(text);
	text = fixture_table(plan, "ip hublab");
	assert_golden("plan/vpner_fabric.nft", text);
	free(text);
	plan_free(plan);
	fixture_free(&f);
}

static void check_configuration(const struct fixture *f, const struct bgp_speaker *speaker)
{
	struct memory_file file = { 0 };
	char name[128], *text;

	if (speaker->daemon == ROUTING_FRR)
		frr_conf_print(f->graph, speaker, memory_open(&file));
	else
		bird_conf_print(f->graph, speaker, memory_open(&file));
	text = memory_close(&file);
	(void)snprintf(name, sizeof(name), "%s/%s.conf", routing_daemon_name(speaker->daemon),
		       speaker->node->name);
	assert_golden(name, text);
	free(text);
}

static void each_speaker_gets_its_golden_configuration(void **state)
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	for (size_t i = 0; i < f.graph->speakers.count; i++)
		check_configuration(&f, f.graph->speakers.items[i]);
	fixture_free(&f);
}

static void a_branch_and_its_provider_get_their_golden_configurations(void **state)
{
	static const char *const names[] = { "mcr", "contoso-dc" };
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/contoso.yaml");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_configuration(
			&f, bgp_find_speaker(f.graph, topology_find_node(f.topology, names[i])));
	fixture_free(&f);
}

/* A branch on a line to its provider; an NVA beside a Route Server. */
static void routers_that_run_frr_get_their_golden_configurations(void **state)
{
	static const char *const names[] = { "contoso-dc", "contoso-nva" };
	struct fixture f;
	struct plan *plan;
	char *text;

	(void)state;
	fixture_read(&f, "tests/golden/frr.yaml");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_configuration(
			&f, bgp_find_speaker(f.graph, topology_find_node(f.topology, names[i])));
	plan = plan_of(&f);
	text = print(plan);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		static const char *const programs[] = { "zebra", "staticd", "bfdd", "bgpd" };

		for (size_t n = 0; n < ARRAY_SIZE(programs); n++) {
			char line[128];

			(void)snprintf(line, sizeof(line), "daemon %s /usr/lib/frr/%s -u frr ",
				       names[i], programs[n]);
			assert_non_null(strstr(text, line));
		}
	}
	assert_null(strstr(text, "daemon contoso-dc bird"));
	free(text);
	plan_free(plan);
	fixture_free(&f);
}

/* Its own address is on lo, where the kernel answers; no port of the fabric leads to it. */
static void the_address_of_a_branch_is_a_loopback(void **state)
{
	struct fixture f;
	struct plan *plan;
	char *text;

	(void)state;
	fixture_read(&f, "tests/golden/contoso.yaml");
	plan = plan_of(&f);
	text = print(plan);
	assert_non_null(strstr(text, "address contoso-dc 172.31.255.1/32 dev lo"));
	assert_non_null(strstr(text, "169.254.128.2/30"));
	assert_non_null(strstr(text, "192.0.2.2/30"));
	assert_null(strstr(text, "p-contoso"));
	free(text);
	plan_free(plan);
	fixture_free(&f);
}

static void a_packed_plan_is_the_same_plan(void **state)
{
	struct fixture f;
	struct plan *plan, *copy, *difference;
	struct err err = { 0 };
	size_t size;
	void *bytes;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	plan = plan_of(&f);
	bytes = plan_pack(plan, &size);
	copy = plan_unpack(bytes, size, &err);
	assert_non_null(copy);
	difference = plan_diff(plan, copy);
	assert_int_equal(difference->step_count, 0);
	assert_null(plan_unpack(bytes, size - 1, &err));
	assert_int_equal(err.code, -EPROTO);
	assert_null(plan_unpack(bytes, 3, NULL));
	plan_free(difference);
	plan_free(copy);
	plan_free(plan);
	free(bytes);
	fixture_free(&f);
}

/* ---- laws of the difference, over many pairs of labs ---- */

/* A lab with a choice of networks, machines, peerings and delays. */
static void random_lab(unsigned *seed, char *text, size_t size)
{
	int vnets = 1 + rand_r(seed) % 4, machine = 0;
	size_t len = (size_t)snprintf(text, size, "lab: t\ntimers: %s\nvirtual_networks:\n",
				      rand_r(seed) % 2 ? "fast" : "azure");

	for (int v = 0; v < vnets; v++) {
		bool has_ipv6 = rand_r(seed) % 3 == 0;
		char space[40] = "", subnet[40] = "";

		if (has_ipv6) {
			(void)snprintf(space, sizeof(space), ", \"fd00:%d::/48\"", v);
			(void)snprintf(subnet, sizeof(subnet), ", \"fd00:%d:0:%d::/64\"", v,
				       rand_r(seed) % 2);
		}
		len += (size_t)snprintf(
			text + len, size - len,
			"  v%d: { address_prefixes: [ 10.%d.0.0/16%s ], subnets: { s: { "
			"address_prefix: [ 10.%d.%d.0/24%s ], route_table: %s }, GatewaySubnet: "
			"10.%d.255.0/27 }%s }\n",
			v, v, space, v, rand_r(seed) % 3, subnet, has_ipv6 ? "six" : "four", v,
			v && rand_r(seed) % 2 ? ", peerings: { p: v0 }"
			: !v && vnets > 1     ? ", peerings: { p: v1 }"
					      : "");
	}
	len += (size_t)snprintf(
		text + len, size - len,
		"route_tables:\n"
		"  six: { routes: { r: \"fd09::/48 VirtualAppliance fd00:%d::%d\" } }\n"
		"  four: { routes: { r: 10.9.0.0/16 VirtualAppliance 10.%d.0.%d } }\n",
		rand_r(seed) % 2, 4 + rand_r(seed) % 2, rand_r(seed) % 2, 4 + rand_r(seed) % 2);
	len += (size_t)snprintf(text + len, size - len, "vms:\n");
	for (int v = 0; v < vnets; v++)
		for (int n = rand_r(seed) % 4; n > 0; n--)
			len += (size_t)snprintf(
				text + len, size - len,
				"  m%d: { subnet: v%d/s, enable_ip_forwarding: %s }\n", machine++,
				v, rand_r(seed) % 2 ? "true" : "false");
	if (rand_r(seed) % 2)
		(void)snprintf(
			text + len, size - len,
			"virtual_network_gateways: { g: { virtual_network: v0, gateway_type: "
			"ExpressRoute } }\n"
			"express_route_circuits: { c: { msee_address: 100.127.0.%d } }\n"
			"connections: { x: { gateway: g, circuit: c } }\n"
			"providers: { p: { asn: 65001, links: [ { circuit: c, delay_ms: %d }, { "
			"branch: b } ] } }\n"
			"branches: { b: { asn: 65010, announce: [ { prefix: 192.168.%d.0/24, "
			"as_path: %d } ]%s } }\n",
			1 + rand_r(seed) % 3, rand_r(seed) % 3, rand_r(seed) % 2,
			65020 + rand_r(seed) % 2, rand_r(seed) % 2 ? ", address: 172.31.0.1" : "");
}

/* The state of a machine: which objects are there, as lines of text. */
struct machine {
	char **lines;
	size_t count;
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What a step makes, without its verb, and all of it. */
static char *line_of(const struct plan *plan, const struct step *step)
{
	char text[600], *line;
	const char *content = step->kind == STEP_NFT    ? plan_text(plan, step->nft.text)
			      : step->kind == STEP_FILE ? plan_text(plan, step->file.content)
							: "";

	step_print(plan, step, text, sizeof(text));
	assert_true(asprintf(&line, "%s|%s", text, content) > 0);
	return line;
}

static struct machine machine_of(const struct plan *plan)
{
	struct machine m = { .lines = calloc(plan->step_count + 1, sizeof(char *)) };

	for (uint32_t i = 0; i < plan->step_count; i++)
		m.lines[m.count++] = line_of(plan, &plan->steps[i]);
	qsort(m.lines, m.count, sizeof(*m.lines), compare_lines);
	return m;
}

static void machine_free(struct machine *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->lines[i]);
	free(m->lines);
}

/* Does the step use this interface, or this namespace? */
static bool stands_on(const struct plan *plan, const struct step *step, const char *ns,
		      uint32_t ifindex)
{
	bool is_inside = !strcmp(plan_text(plan, step->ns), ns);

	if (step->kind == STEP_VETH || step->kind == STEP_CABLE) {
		const struct link_end *b = step->kind == STEP_VETH ? &step->veth.b : &step->cable.b;

		return !ifindex && (is_inside || !strcmp(plan_text(plan, b->ns), ns));
	}
	if (!is_inside || step->kind == STEP_NAMESPACE || step->kind >= STEP_FILE)
		return false;
	if (!ifindex)
		return true;
	for (uint32_t i = 0; step->kind == STEP_ROUTE && i < step->route.nexthop_count; i++)
		if (plan->nexthops[step->route.first_nexthop + i].ifindex == ifindex)
			return true;
	return (step->kind == STEP_UP && step->up.ifindex == ifindex) ||
	       (step->kind == STEP_ADDRESS && step->address.ifindex == ifindex) ||
	       (step->kind == STEP_NEIGHBOUR && step->neighbour.ifindex == ifindex);
}

static void remove_line(struct machine *m, char *line, bool must_be_there)
{
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->lines[i], line) != 0)
			continue;
		free(m->lines[i]);
		m->lines[i] = m->lines[--m->count];
		free(line);
		return;
	}
	if (must_be_there)
		fail_msg("removes what is not there: %s", line);
	free(line);
}

/* Is the step about a part of a table that goes? */
static bool is_of_table(const struct plan *plan, const struct step *step,
			const struct plan *changes, const struct step *table)
{
	plan_text_id its = step->kind == STEP_NFT ? step->nft.table : step->element.table;

	return table->kind == STEP_NFT && !*plan_text(changes, table->nft.block) &&
	       (step->kind == STEP_NFT || step->kind == STEP_ELEMENT) &&
	       !strcmp(plan_text(plan, step->ns), plan_text(changes, table->ns)) &&
	       !strcmp(plan_text(plan, its), plan_text(changes, table->nft.table));
}

/* A route by a neighbour, in the network of an address that goes. */
static bool needs_address(const struct plan *plan, const struct step *step,
			  const struct plan *changes, const struct step *address)
{
	if (step->kind != STEP_ROUTE || address->address.prefix.addr.family != IP_V4 ||
	    strcmp(plan_text(plan, step->ns), plan_text(changes, address->ns)) != 0)
		return false;
	for (uint32_t i = 0; i < step->route.nexthop_count; i++) {
		const struct nexthop *hop = &plan->nexthops[step->route.first_nexthop + i];

		if (hop->ifindex == address->address.ifindex && hop->via.family == IP_V4)
			return true;
	}
	return false;
}

static bool has_line(const struct machine *m, char *line)
{
	bool is_there = false;

	for (size_t i = 0; i < m->count; i++)
		is_there |= !strcmp(m->lines[i], line);
	free(line);
	return is_there;
}

/* A neighbour, of an interface that has no address of IPv4 any more: the kernel forgets them all.
 */
static bool is_forgotten(const struct machine *m, const struct plan *plan, const struct step *step,
			 const struct plan *changes, const struct step *address)
{
	const char *ns = plan_text(changes, address->ns);

	if (step->kind != STEP_NEIGHBOUR || step->neighbour.ip.family != IP_V4 ||
	    address->address.prefix.addr.family != IP_V4 ||
	    step->neighbour.ifindex != address->address.ifindex ||
	    strcmp(plan_text(plan, step->ns), ns) != 0)
		return false;
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *other = &plan->steps[i];

		if (other->kind == STEP_ADDRESS && !strcmp(plan_text(plan, other->ns), ns) &&
		    other->address.ifindex == step->neighbour.ifindex &&
		    other->address.prefix.addr.family == IP_V4 && has_line(m, line_of(plan, other)))
			return false;
	}
	return true;
}

/* What the kernel takes away by itself when this step's object goes. */
static void lose(struct machine *m, const struct plan *from, const struct plan *changes,
		 const struct step *gone)
{
	for (uint32_t i = 0; i < from->step_count; i++) {
		const struct step *step = &from->steps[i];
		const struct link_end *ends[2] = { NULL, NULL };
		bool is_lost = is_of_table(from, step, changes, gone);

		if (gone->kind == STEP_VETH) {
			ends[0] = &gone->veth.a;
			ends[1] = &gone->veth.b;
		} else if (gone->kind == STEP_CABLE) {
			ends[0] = &gone->cable.a;
			ends[1] = &gone->cable.b;
		} else if (gone->kind == STEP_NAMESPACE) {
			is_lost = stands_on(from, step, plan_text(changes, gone->ns), 0);
		} else if (gone->kind == STEP_ADDRESS) {
			is_lost = needs_address(from, step, changes, gone) ||
				  is_forgotten(m, from, step, changes, gone);
		}
		for (int n = 0; n < 2 && ends[n]; n++)
			is_lost |= stands_on(from, step, plan_text(changes, ends[n]->ns),
					     ends[n]->ifindex);
		if (is_lost)
			remove_line(m, line_of(from, step), false);
	}
}

static void change_line(struct machine *m, const struct plan *from, const struct plan *changes,
			const struct step *step)
{
	/* the old object of the same key: the line of `from` that differs only in content */
	for (uint32_t i = 0; i < from->step_count; i++) {
		struct plan *a = plan_new(), *b = plan_new(), *d;
		bool is_same_key;

		(void)plan_copy_step(a, from, &from->steps[i], STEP_ADD);
		(void)plan_copy_step(b, changes, step, STEP_ADD);
		d = plan_diff(a, b);
		is_same_key = d->step_count == 1 && d->steps[0].verb == STEP_CHANGE;
		plan_free(d);
		plan_free(a);
		plan_free(b);
		if (is_same_key) /* it may have gone with its link: then the change makes it */
			remove_line(m, line_of(from, &from->steps[i]), false);
	}
	m->lines[m->count++] = line_of(changes, step);
}

static void assert_leads_to(const struct plan *from, const struct plan *to)
{
	struct plan *changes = plan_diff(from, to);
	struct machine m = machine_of(from), wanted = machine_of(to);

	m.lines = realloc(m.lines, (m.count + changes->step_count + 1) * sizeof(*m.lines));
	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];

		if (step->verb == STEP_REMOVE) {
			remove_line(&m, line_of(changes, step), true);
			lose(&m, from, changes, step);
		} else if (step->verb == STEP_ADD) {
			m.lines[m.count++] = line_of(changes, step);
		} else {
			change_line(&m, from, changes, step);
		}
	}
	qsort(m.lines, m.count, sizeof(*m.lines), compare_lines);
	assert_int_equal(m.count, wanted.count);
	for (size_t i = 0; i < m.count; i++)
		assert_string_equal(m.lines[i], wanted.lines[i]);
	machine_free(&m);
	machine_free(&wanted);
	plan_free(changes);
}

static void a_difference_leads_from_one_state_to_the_other(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct fixture a, b;
		char text[4096];
		struct plan *from, *to, *again;

		random_lab(&seed, text, sizeof(text));
		fixture_parse(&a, text);
		random_lab(&seed, text, sizeof(text));
		fixture_parse(&b, text);
		from = plan_of(&a);
		to = plan_of(&b);
		assert_leads_to(from, to);
		again = plan_diff(to, to);
		assert_int_equal(again->step_count, 0); /* applying twice changes nothing */
		plan_free(again);
		plan_free(from);
		plan_free(to);
		fixture_free(&a);
		fixture_free(&b);
	}
}

static void from_nothing_a_difference_is_the_plan_itself(void **state)
{
	struct fixture f;
	struct plan *nothing = plan_new(), *plan, *changes;
	char *a, *b;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	plan = plan_of(&f);
	changes = plan_diff(nothing, plan);
	a = print(plan);
	b = print(changes);
	assert_string_equal(a, b);
	free(a);
	free(b);
	plan_free(changes);
	plan_free(plan);
	plan_free(nothing);
	fixture_free(&f);
}

/* ---- tables of nftables, part by part ---- */

static struct plan *plan_of_parts(const char *fixed, const char *parts, const char *element)
{
	struct plan *plan = plan_new();
	char *copy = strdup(parts);
	struct prefix prefix;

	assert_non_null(copy);
	plan_add_table(plan, "n", "ip t", fixed, (struct src_pos){ 0 });
	plan_add_blocks(plan, "n", "ip t", copy, (struct src_pos){ 0 });
	assert_string_equal(copy, parts);
	free(copy);
	assert_true(prefix_parse(element, &prefix));
	plan_add_element(plan, "n", "ip t", "set s_a", prefix, (struct src_pos){ 0 });
	plan_sort(plan);
	return plan;
}

static void assert_changes(struct plan *from, struct plan *to, const char *changes)
{
	struct plan *diff = plan_diff(from, to);
	char *text = print(diff);

	assert_string_equal(text, changes);
	free(text);
	plan_free(diff);
	plan_free(to);
}

#define SET_A       "\tset s_a {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t}\n"
#define CHAIN(rule) "\tchain c_b {\n\t\t" rule "\n\t}\n"
#define MAP_C       "\tmap m_c {\n\t\ttypeof iifname : verdict\n\t}\n"

static void only_parts_of_a_table_that_differ_are_changed(void **state)
{
	struct plan *from =
		plan_of_parts("\tchain c {\n\t}\n", SET_A CHAIN("drop") MAP_C, "10.0.0.0/8");
	struct plan *nothing = plan_new();

	(void)state;
	assert_changes(nothing,
		       plan_of_parts("", CHAIN("drop") CHAIN("accept") SET_A, "10.0.0.0/8"),
		       "+ nft n table ip t (0 lines)\n"
		       "+ nft n table ip t chain c_b (6 lines)\n" /* said in two */
		       "+ nft n table ip t set s_a (4 lines)\n"
		       "+ nft n table ip t set s_a 10.0.0.0/8\n");
	assert_changes(from,
		       plan_of_parts("\tchain c {\n\t}\n", SET_A CHAIN("drop") MAP_C, "10.0.0.0/8"),
		       "");
	/* what goes comes with what changes, and not before other namespaces' parts */
	assert_changes(from,
		       plan_of_parts("\tchain c {\n\t}\n", SET_A CHAIN("accept"), "10.0.0.0/9"),
		       "- nft n table ip t set s_a 10.0.0.0/8\n"
		       "- nft n table ip t map m_c (3 lines)\n"
		       "~ nft n table ip t chain c_b (3 lines)\n"
		       "+ nft n table ip t set s_a 10.0.0.0/9\n");
	/* with a table all goes that is in it */
	assert_changes(from, plan_of_parts("\tchain d {\n\t}\n", SET_A MAP_C, "10.0.0.0/8"),
		       "- nft n table ip t (2 lines)\n"
		       "+ nft n table ip t (2 lines)\n"
		       "+ nft n table ip t set s_a (4 lines)\n"
		       "+ nft n table ip t map m_c (3 lines)\n"
		       "+ nft n table ip t set s_a 10.0.0.0/8\n");
	assert_changes(from, plan_new(), "- nft n table ip t (2 lines)\n");
	plan_free(from);
	plan_free(nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_lab_gives_its_golden_plan),
		cmocka_unit_test(each_speaker_gets_its_golden_configuration),
		cmocka_unit_test(a_branch_and_its_provider_get_their_golden_configurations),
		cmocka_unit_test(routers_that_run_frr_get_their_golden_configurations),
		cmocka_unit_test(the_address_of_a_branch_is_a_loopback),
		cmocka_unit_test(a_packed_plan_is_the_same_plan),
		cmocka_unit_test(a_difference_leads_from_one_state_to_the_other),
		cmocka_unit_test(from_nothing_a_difference_is_the_plan_itself),
		cmocka_unit_test(only_parts_of_a_table_that_differ_are_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
