/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An NVA with a kernel of its own that does more than to forward: what it is told, and when. */
#include "tests/support/test.h"

#include "lab/base/text_file.h"
#include "lab/plan/compile.h"
#include "lab/plan/plan_script.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                       \
	"lab: t\n"                                                                                 \
	"virtual_networks:\n"                                                                      \
	"  hub:\n"                                                                                 \
	"    address_prefixes: 10.0.0.0/16\n"                                                      \
	"    subnets: { a: 10.0.0.0/24, b: 10.0.1.0/24 }\n"                                        \
	"nvas:\n"                                                                                  \
	"  fw:\n"                                                                                  \
	"    network_interfaces: { out: hub/a, in: hub/b }\n"                                      \
	"    kind: libvirt\n"
#define ROUTE "    routes: [10.9.0.0/16 10.0.1.1]\n"
#define MASQ  "    masquerade: out\n"
#define TUNNEL                                                                                     \
	"    tunnels:\n"                                                                           \
	"      t: { local_address: 10.0.0.4, remote_address: 10.0.0.9, shared_key: abc123,\n"      \
	"           tunnel_address: 169.254.0.1, peer_tunnel_address: 169.254.21.1 }\n"
#define BGP(more)                                                                                  \
	"    bgp:\n"                                                                               \
	"      asn: 65010\n"                                                                       \
	"      networks: 10.9.0.0/16\n"                                                            \
	"      neighbors: { far: { address: 169.254.21.1, asn: 65515" more " } }\n"

static struct plan *inside(const struct fixture *f)
{
	return plan_compile_inside(f->topology, f->graph, topology_find_node(f->topology, "fw"));
}

/* What it is told when it was made by `before` (NULL: when it has booted) and is to be `after`. */
static char *script(const char *before, const char *after)
{
	struct fixture old = { 0 }, new = { 0 };
	struct plan *from, *to, *changes;
	struct text_file file;

	if (before)
		fixture_parse(&old, before);
	fixture_parse(&new, after);
	from = before ? inside(&old) : plan_new();
	to = inside(&new);
	changes = plan_diff(from, to);
	plan_script(changes, "fw", text_open(&file));
	(void)text_close(&file);
	plan_free(changes);
	plan_free(from);
	plan_free(to);
	if (before)
		fixture_free(&old);
	fixture_free(&new);
	return file.text;
}

static void the_host_makes_its_ports_alone(void **state)
{
	struct fixture f;
	struct plan *plan;
	unsigned taps = 0;

	(void)state;
	fixture_parse(&f, HEAD ROUTE MASQ TUNNEL BGP(""));
	plan = plan_compile(f.topology, f.graph);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		const char *ns = plan_text(plan, step->ns);

		taps += step->kind == STEP_TAP;
		if (step->kind == STEP_FILE)
			assert_null(strstr(plan_text(plan, step->file.path), "/fw"));
		if (strncmp(ns, "fw", 2) != 0)
			continue;
		assert_int_equal(step->kind, STEP_GUEST);
		assert_true(step->guest.is_router);
		assert_int_equal(step->guest.memory_mb, GUEST_ROUTER_MEMORY_MB);
		assert_null(strstr(plan_text(plan, step->guest.command_line), "10.9.0.0"));
		assert_null(strstr(plan_text(plan, step->guest.command_line), "tun0"));
	}
	assert_int_equal(taps, 2);
	plan_free(plan);
	fixture_free(&f);
}

static void one_that_forwards_only_has_the_small_image(void **state)
{
	struct fixture f;
	struct plan *plan;
	unsigned guests = 0;

	(void)state;
	fixture_parse(&f, HEAD ROUTE);
	plan = plan_compile(f.topology, f.graph);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		if (plan->steps[i].kind != STEP_GUEST)
			continue;
		guests++;
		assert_false(plan->steps[i].guest.is_router);
		assert_non_null(strstr(plan_text(plan, plan->steps[i].guest.command_line),
				       "hublab.route=eth1,10.9.0.0/16,10.0.1.1"));
	}
	assert_int_equal(guests, 1);
	plan_free(plan);
	fixture_free(&f);
}

static void a_router_is_told_all_that_a_namespace_would_have(void **state)
{
	char *text = script(NULL, HEAD ROUTE MASQ "    firewall: Stateful\n" TUNNEL BGP(""));

	(void)state;
	assert_golden("plan/guest_router.txt", text);
	free(text);
}

static void a_change_is_told_as_that_and_no_more(void **state)
{
	char *text = script(HEAD ROUTE MASQ BGP(""), HEAD ROUTE MASQ BGP(", prepend: 4"));

	(void)state;
	assert_non_null(strstr(text, "mv /run/hublab/node/fw/bird/bird.conf.new "));
	assert_null(strstr(text, "nft -f"));
	assert_null(strstr(text, "ip -n"));
	free(text);
	text = script(HEAD ROUTE MASQ, HEAD MASQ);
	assert_non_null(strstr(text, "}\n"
				     "gone ip -n fw -force -batch - <<'END'\n"
				     "route delete 10.9.0.0/16 table 254\n"
				     "END\n"));
	assert_null(strstr(text, "ip -n fw -batch"));
	free(text);
	text = script(HEAD MASQ "    firewall: Stateful\n", HEAD MASQ);
	assert_non_null(strstr(text, "nft -f - <<'END'\n"
				     "table ip hublab_guest\n"
				     "delete table ip hublab_guest\n"
				     "table ip hublab_guest {\n"));
	assert_non_null(strstr(text, "snat to 10.0.0.4"));
	assert_null(strstr(text, "invalid"));
	free(text);
}

static void what_goes_with_a_tunnel_is_taken_away(void **state)
{
	char *text = script(HEAD MASQ TUNNEL, HEAD MASQ);

	(void)state;
	assert_non_null(strstr(text, "gone ip -n fw link delete tun0\n"
				     "ip -n fw-t0 xfrm state flush\n"));
	assert_non_null(strstr(text, "gone ip netns delete fw-t0\n"));
	/* its own addresses are found again before those of the tunnel are not */
	assert_non_null(strstr(text, "rule add priority 0 lookup 255\n"
				     "rule delete priority 10000 lookup 255\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_host_makes_its_ports_alone),
		cmocka_unit_test(one_that_forwards_only_has_the_small_image),
		cmocka_unit_test(a_router_is_told_all_that_a_namespace_would_have),
		cmocka_unit_test(a_change_is_told_as_that_and_no_more),
		cmocka_unit_test(what_goes_with_a_tunnel_is_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
