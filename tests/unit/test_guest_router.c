/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An NVA with a kernel of its own that does more than to forward: what it is told, and when. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "lab/base/diag.h"
#include "lab/base/text_file.h"
#include "lab/plan/compile.h"
#include "lab/plan/fault.h"
#include "lab/plan/plan_script.h"
#include "lab/plan/wanted.h"
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
	assert_non_null(strstr(text, "\nat=1\n"
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
				     "gone ip -n fw-t0 xfrm state flush\n"));
	assert_non_null(strstr(text, "gone ip netns delete fw-t0\n"));
	/* its own addresses are found again before those of the tunnel are not */
	assert_non_null(strstr(text, "rule add priority 0 lookup 255\n"
				     "rule delete priority 10000 lookup 255\n"));
	free(text);
}

static void note_inside(void *arg, const char *guest, const struct plan *changes)
{
	plan_print_inside(changes, guest, arg);
}

static struct wanted *wanted_of(const char *text, struct as_paths *paths)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, strlen(text), "fw.yaml", &diags);

	assert_non_null(lab);
	return wanted_new(lab, NULL, paths);
}

static void what_changes_inside_is_said_of_the_guest(void **state)
{
	struct as_paths *paths = as_paths_new();
	struct wanted *before = wanted_of(HEAD MASQ ROUTE, paths);
	struct wanted *after = wanted_of(HEAD MASQ, paths);
	struct text_file file;

	(void)state;
	wanted_inside(before, after, note_inside, text_open(&file));
	(void)text_close(&file);
	assert_string_equal(file.text,
			    "- fw: route fw table 254 10.9.0.0/16 via 10.0.1.1 dev eth1\n");
	free(file.text);
	wanted_inside(after, after, note_inside, text_open(&file));
	assert_string_equal(text_close(&file), "");
	free(file.text);
	wanted_inside(NULL, after, note_inside, text_open(&file));
	assert_non_null(strstr(text_close(&file), "+ fw: nft fw table ip hublab_guest"));
	free(file.text);
	wanted_free(before);
	wanted_free(after);
	as_paths_free(paths);
}

/* What is of its NICs breaks outside; of its tunnels' own links it is told. */
static char *script_of_fault(enum fault_kind kind, const char *target, bool is_cleared)
{
	struct fixture f = { 0 };
	const struct fault fault = { kind, target, 0 };
	struct plan *plain, *broken, *changes;
	struct text_file file;

	fixture_parse(&f, HEAD ROUTE TUNNEL);
	plain = inside(&f);
	broken = inside(&f);
	plan_apply_faults_inside(broken, f.graph, &fault, 1);
	changes = is_cleared ? plan_diff(broken, plain) : plan_diff(plain, broken);
	plan_script(changes, "fw", text_open(&file));
	(void)text_close(&file);
	plan_free(changes);
	plan_free(broken);
	plan_free(plain);
	fixture_free(&f);
	return file.text;
}

static void a_tunnel_of_a_guest_breaks_inside(void **state)
{
	char *text = script_of_fault(FAULT_CUT, "fw-t0", false);

	(void)state;
	assert_non_null(strstr(text, "link set o-tun0 down\n"));
	free(text);
	text = script_of_fault(FAULT_CUT, "fw-t0", true);
	assert_non_null(strstr(text, "link set o-tun0 up\n"));
	assert_non_null(strstr(text, "neighbour add 10.0.0.4 dev o-tun0"));
	free(text);
	text = script_of_fault(FAULT_DROP, "fw-t0", false);
	assert_non_null(strstr(text, "\nnft -f - <<'END'\ntable netdev hublab_fault_"));
	assert_non_null(strstr(text, "\nip netns exec fw-t0 nft -f - <<'END'\n"
				     "table netdev hublab_fault_2\n"
				     "delete table netdev hublab_fault_2\n"
				     "table netdev hublab_fault_2 {\n"));
	free(text);
	text = script_of_fault(FAULT_DROP, "fw-t0", true);
	assert_non_null(strstr(text, "\ngone ip netns exec fw-t0 nft -f - <<'END'\n"
				     "table netdev hublab_fault_2\n"
				     "delete table netdev hublab_fault_2\nEND\n"));
	free(text);
	text = script_of_fault(FAULT_CUT, "fw", false);
	assert_null(strstr(text, "at="));
	free(text);
	text = script_of_fault(FAULT_DROP, "out", false);
	assert_null(strstr(text, "at="));
	free(text);
}

/* ---- when it is not known how far a change came ---- */

static bool is_equal(const struct plan *a, const struct step *x, const struct plan *b,
		     const struct step *y)
{
	char one[600], other[600];

	step_print(a, x, one, sizeof(one));
	step_print(b, y, other, sizeof(other));
	return x->kind == y->kind && !strcmp(one, other);
}

/* The same thing, however it is: what a kernel has one of. */
static bool is_same_thing(const struct plan *a, const struct step *x, const struct plan *b,
			  const struct step *y)
{
	if (x->kind != y->kind || strcmp(plan_text(a, x->ns), plan_text(b, y->ns)) != 0)
		return false;
	if (x->kind == STEP_NFT)
		return !strcmp(plan_text(a, x->nft.table), plan_text(b, y->nft.table));
	if (x->kind == STEP_FILE)
		return !strcmp(plan_text(a, x->file.path), plan_text(b, y->file.path));
	if (x->kind == STEP_SYSCTL)
		return !strcmp(plan_text(a, x->sysctl.path), plan_text(b, y->sysctl.path));
	if (x->kind == STEP_TUNNEL)
		return !strcmp(x->tunnel.end.name, y->tunnel.end.name);
	if (x->kind == STEP_DAEMON)
		return !strcmp(plan_text(a, x->daemon.name), plan_text(b, y->daemon.name));
	if (x->kind == STEP_ROUTE)
		return x->route.table == y->route.table &&
		       prefix_equal(x->route.prefix, y->route.prefix);
	return is_equal(a, x, b, y);
}

static bool goes_with(const struct plan *kernel, const struct step *step, const struct step *gone)
{
	const struct link_end *ends[] = { &gone->veth.a, &gone->veth.b };
	uint32_t ifindex = 0;

	if (gone->kind == STEP_NAMESPACE)
		return step->ns == gone->ns && step->kind != STEP_FILE && step->kind != STEP_DAEMON;
	if (gone->kind != STEP_VETH)
		return false;
	if (step->kind == STEP_UP)
		ifindex = step->up.ifindex;
	else if (step->kind == STEP_ADDRESS)
		ifindex = step->address.ifindex;
	else if (step->kind == STEP_NEIGHBOUR)
		ifindex = step->neighbour.ifindex;
	else if (step->kind == STEP_ROUTE && step->route.nexthop_count)
		ifindex = kernel->nexthops[step->route.first_nexthop].ifindex;
	for (int i = 0; ifindex && i < 2; i++)
		if (ends[i]->ifindex == ifindex && ends[i]->ns == step->ns)
			return true;
	return false;
}

static void take(struct plan *kernel, uint32_t place)
{
	memmove(&kernel->steps[place], &kernel->steps[place + 1],
		(--kernel->step_count - place) * sizeof(*kernel->steps));
}

/* What a script of it would be refused for when it is there. */
static bool is_made_once(const struct step *step)
{
	return step->kind == STEP_NAMESPACE || step->kind == STEP_VETH ||
	       step->kind == STEP_ADDRESS || step->kind == STEP_NEIGHBOUR ||
	       step->kind == STEP_RULE;
}

/* What is removed need not be there. */
static void make_step(struct plan *kernel, const struct plan *changes, const struct step *step)
{
	struct step gone;
	uint32_t at = 0;

	while (at < kernel->step_count && !is_same_thing(kernel, &kernel->steps[at], changes, step))
		at++;
	if (at < kernel->step_count) {
		assert_false(step->verb == STEP_ADD && is_made_once(step));
		memcpy(&gone, &kernel->steps[at], sizeof(gone));
		take(kernel, at);
		for (uint32_t i = 0; step->verb == STEP_REMOVE && i < kernel->step_count; i++)
			if (goes_with(kernel, &kernel->steps[i], &gone))
				take(kernel, i--);
	}
	if (step->verb != STEP_REMOVE)
		(void)plan_copy_step(kernel, changes, step, STEP_ADD);
}

static void make(struct plan *kernel, const struct plan *changes, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < changes->step_count; i++)
		make_step(kernel, changes, &changes->steps[i]);
}

static void assert_made(const struct plan *kernel, const struct plan *wanted, uint32_t first)
{
	for (uint32_t i = 0; i < wanted->step_count; i++) {
		uint32_t n = 0;

		while (n < kernel->step_count &&
		       !is_equal(wanted, &wanted->steps[i], kernel, &kernel->steps[n]))
			n++;
		if (n == kernel->step_count) {
			char text[600];

			step_print(wanted, &wanted->steps[i], text, sizeof(text));
			fail_msg("after %u steps it lacks: %s", first, text);
		}
	}
}

static struct plan *plan_of(const char *text)
{
	struct fixture f = { 0 };
	struct plan *plan;

	fixture_parse(&f, text);
	plan = inside(&f);
	fixture_free(&f);
	return plan;
}

/* Cut off after each of its steps, on its way from one to the next, and again on the way on. */
static void assert_comes_through(const char *first, const char *second, const char *third)
{
	struct plan *from = first ? plan_of(first) : plan_new(), *half = plan_of(second);
	struct plan *to = plan_of(third), *begun = plan_diff(from, half);

	for (uint32_t n = 0; n <= begun->step_count; n++) {
		struct plan *kernel = plan_new(), *certain = plan_new(), *doubtful = plan_new();
		struct plan *again, *last;

		plan_append(kernel, from);
		plan_append(certain, from);
		make(kernel, begun, n);
		plan_doubt(&certain, doubtful, half);
		again = plan_diff_doubtful(certain, doubtful, to);
		make(kernel, again, n);
		plan_doubt(&certain, doubtful, to);
		last = plan_diff_doubtful(certain, doubtful, to);
		make(kernel, last, last->step_count);
		assert_made(kernel, to, n);
		assert_int_equal(kernel->step_count, to->step_count);
		plan_free(kernel);
		plan_free(certain);
		plan_free(doubtful);
		plan_free(again);
		plan_free(last);
	}
	plan_free(from);
	plan_free(half);
	plan_free(to);
	plan_free(begun);
}

static void what_was_cut_off_anywhere_is_made_whole(void **state)
{
	static const char small[] = HEAD MASQ;
	static const char other[] = HEAD ROUTE "    firewall: Stateful\n" BGP(", prepend: 4");
	static const char large[] = HEAD ROUTE MASQ TUNNEL BGP("");

	(void)state;
	assert_comes_through(NULL, large, large);
	assert_comes_through(NULL, large, small);
	assert_comes_through(small, large, large);
	assert_comes_through(small, large, small); /* taken back, as what was refused is */
	assert_comes_through(small, large, other);
	assert_comes_through(large, small, large);
	assert_comes_through(large, other, small);
	assert_comes_through(other, HEAD ROUTE BGP(""), other);
}

static void what_no_change_touched_stays_in_no_doubt(void **state)
{
	struct plan *told = plan_of(HEAD ROUTE MASQ BGP("")), *doubtful = plan_new();
	struct plan *to = plan_of(HEAD ROUTE MASQ BGP(", prepend: 4")), *changes;

	(void)state;
	plan_doubt(&told, doubtful, to);
	assert_int_equal(doubtful->step_count, 0); /* files are written over */
	changes = plan_diff_doubtful(told, doubtful, to);
	assert_int_equal(changes->step_count, 1);
	assert_int_equal(changes->steps[0].kind, STEP_FILE);
	assert_int_equal(changes->steps[0].verb, STEP_CHANGE); /* BIRD is told to read it */
	plan_free(changes);
	plan_free(told);
	plan_free(doubtful);
	plan_free(to);
}

static void what_is_refused_is_named(void **state)
{
	static const struct {
		const char *output, *words;
	} cases[] = {
		{ "RTNETLINK answers: Network is down\nCommand failed -:2\nat 2\n",
		  "ip -n fw route replace 10.9.0.0/16 dev eth1: RTNETLINK answers: Network is "
		  "down" },
		{ "sh: nft: not found\nat 3\n", "nft -f -: sh: nft: not found" },
		{ "sysctl: no such file\nat 1\n", "sysctl -w a=1: sysctl: no such file" },
		{ "RTNETLINK answers: No\nCommand failed -:9\nat 2\n",
		  "ip -n fw -batch -: RTNETLINK answers: No" },
		{ "at 3\n", "nft -f -: it says nothing" },
		{ "what at 7 is\nat 12\n", "what at 7 is" },
		{ "killed\n", "killed" },
		{ "\033[2Jred\n", "?[2Jred" },
		{ "", "it says nothing" },
	};
	static const char script[] = "ip() { /sbin/ip \"$@\"; }\nat=1\nsysctl -w a=1\n"
				     "at=2\nip -n fw -batch - <<'END'\nlink set lo up\n"
				     "route replace 10.9.0.0/16 dev eth1\nEND\n"
				     "at=3\nnft -f - <<'END'\ntable ip t\nEND\n";
	char text[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		plan_script_refused(script, cases[i].output, text, sizeof(text));
		assert_string_equal(text, cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_host_makes_its_ports_alone),
		cmocka_unit_test(one_that_forwards_only_has_the_small_image),
		cmocka_unit_test(a_router_is_told_all_that_a_namespace_would_have),
		cmocka_unit_test(a_change_is_told_as_that_and_no_more),
		cmocka_unit_test(what_goes_with_a_tunnel_is_taken_away),
		cmocka_unit_test(what_changes_inside_is_said_of_the_guest),
		cmocka_unit_test(a_tunnel_of_a_guest_breaks_inside),
		cmocka_unit_test(what_was_cut_off_anywhere_is_made_whole),
		cmocka_unit_test(what_no_change_touched_stays_in_no_doubt),
		cmocka_unit_test(what_is_refused_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
