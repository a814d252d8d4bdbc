/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tags and MACsec of circuits' links: what is planned, changed, predicted and said of them. */
#include "tests/support/test.h"

#include "lab/base/arena.h"
#include "lab/expect/expect.h"
#include "lab/plan/compile.h"
#include "lab/plan/wanted.h"
#include "lab/snapshot/fill.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

#define LAB_FILE "tests/golden/er_direct.yaml"
#define EDGE     "providers/edge/links/0/"
#define CAK      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER                                                                                      \
	"{ ckn_secret_identifier: '0101', cak_secret_identifier: "                                 \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddee00 }"

struct state {
	char *text;
	struct as_paths *paths;
	struct wanted *wanted;
	struct arena *arena;
};

static void state_init(struct state *s, const char *path, const char *value)
{
	struct change_text change = { path, value };
	struct lab_state at = { .changes = &change, .change_count = path ? 1 : 0 };
	struct diags diags = { 0 };
	struct lab *lab;
	size_t len;

	s->text = read_file(LAB_FILE, &len);
	lab = lab_parse_at(s->text, len, LAB_FILE, &at, &diags);
	if (!lab)
		diags_print(&diags, s->text, len, stderr);
	assert_non_null(lab);
	diags_fini(&diags);
	s->paths = as_paths_new();
	s->wanted = wanted_new(lab, NULL, s->paths);
	s->arena = arena_new();
}

static void state_fini(struct state *s)
{
	wanted_free(s->wanted);
	as_paths_free(s->paths);
	arena_free(s->arena);
	free(s->text);
}

static struct plan *plan_of(const struct state *s)
{
	return plan_compile(s->wanted->topology, s->wanted->graph);
}

static const struct step *find_frames(const struct plan *plan, unsigned nth)
{
	for (uint32_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_FRAMES && !nth--)
			return &plan->steps[i];
	return NULL;
}

static char *printed(const struct plan *plan)
{
	struct memory_file file = { 0 };

	plan_print(plan, memory_open(&file));
	return memory_close(&file);
}

/* ---- the plan ---- */

static void frames_stand_on_the_cable_under_the_name_that_all_go_by(void **state)
{
	struct state s;
	struct plan *plan;
	const struct step *frames;
	char *text;

	(void)state;
	state_init(&s, NULL, NULL);
	plan = plan_of(&s);
	text = printed(plan);
	assert_non_null(strstr(text, "+ cable edge/link0-wire -- hub-er-primary/link0-wire delay"));
	assert_non_null(strstr(text, "+ frames edge/link0 QinQ 200.10 MACsec GCM-AES-256 -- "
				     "hub-er-primary/link0 QinQ 200.10 MACsec GCM-AES-256\n"));
	assert_non_null(strstr(text, "+ address edge 169.254.64.1/30 dev link0\n"));
	assert_null(strstr(text, "1122334455")); /* a key is nobody's to read */
	frames = find_frames(plan, 0);
	assert_true(frames->frames.fits);
	assert_int_equal(cable_ifindex(s.wanted->topology->cables.items[0]->ends[0]),
			 frames_below(&frames->frames.a.end, LAYER_WIRE).ifindex);
	free(text);
	plan_free(plan);
	state_fini(&s);
}

/* Of the first link, at the provider's end. */
static char *key_with(const char *path, const char *value)
{
	struct state s;
	struct plan *plan;
	char *key;

	state_init(&s, path, value);
	plan = plan_of(&s);
	key = strdup(plan_text(plan, find_frames(plan, 0)->frames.a.mac_sec));
	plan_free(plan);
	state_fini(&s);
	return key;
}

static void a_key_follows_from_the_cak_and_its_name(void **state)
{
	char *same = key_with(NULL, NULL), *again = key_with(NULL, NULL);
	char *other_cak = key_with(EDGE "mac_sec_config", OTHER);
	char *other_ckn =
		key_with(EDGE "mac_sec_config",
			 "{ ckn_secret_identifier: '0102', cak_secret_identifier: " CAK " }");

	(void)state;
	assert_string_equal(same, again);
	assert_string_not_equal(same, other_cak);
	assert_string_not_equal(same, other_ckn);
	assert_int_equal(strcspn(same, " "), 64);
	assert_int_equal(strlen(same), 64 + 1 + 32);
	free(same);
	free(again);
	free(other_cak);
	free(other_ckn);
}

static char *changes_by(const char *path, const char *value)
{
	struct state from, to;
	struct plan *a, *b, *changes;
	char *text;

	state_init(&from, NULL, NULL);
	state_init(&to, path, value);
	a = plan_of(&from);
	b = plan_of(&to);
	changes = plan_diff(a, b);
	text = printed(changes);
	plan_free(changes);
	plan_free(a);
	plan_free(b);
	state_fini(&from);
	state_fini(&to);
	return text;
}

static void assert_changes(const char *path, const char *value, const char *wanted)
{
	char *text = changes_by(path, value);

	assert_string_equal(text, wanted);
	free(text);
}

#define FRAMES(near, far) "frames edge/link0 " near " -- hub-er-primary/link0 " far
#define SEALED            "QinQ 200.10 MACsec GCM-AES-256"

static void another_key_or_tag_makes_the_frames_anew_and_what_stands_on_them(void **state)
{
	(void)state;
	assert_changes(
		EDGE "mac_sec_config", OTHER,
		"- " FRAMES(SEALED,
			    SEALED) "\n"
				    "+ " FRAMES(
					    SEALED,
					    SEALED) ", which do not fit\n"
						    "+ address hub-er-primary 169.254.64.2/30 dev "
						    "link0\n"
						    "+ address edge 169.254.64.1/30 dev link0\n");
	assert_changes(
		EDGE "vlan_id", "11",
		"- " FRAMES(SEALED,
			    SEALED) "\n"
				    "+ " FRAMES(
					    "QinQ 200.11 MACsec GCM-AES-256",
					    SEALED) ", which do not fit\n"
						    "+ address hub-er-primary 169.254.64.2/30 dev "
						    "link0\n"
						    "+ address edge 169.254.64.1/30 dev link0\n");
}

static void a_cable_below_changes_by_itself_and_ends_with_all_on_it(void **state)
{
	char *text;

	(void)state;
	assert_changes(EDGE "delay_ms", "9",
		       "~ cable edge/link0-wire -- hub-er-primary/link0-wire delay 9.000 ms\n");
	text = changes_by("providers/edge/links/3", NULL);
	assert_non_null(strstr(text, "- frames edge/link3 "));
	assert_non_null(strstr(text, "- cable edge/link3-wire -- "));
	assert_true(strstr(text, "- frames edge/link3 ") < strstr(text, "- cable edge/link3-wire"));
	assert_null(strstr(text, "edge/link0"));
	free(text);
}

/* Of a fault the cable is cut, and what goes by the interface on it goes. */
static void a_cut_is_of_the_cable(void **state)
{
	struct fault fault = { .kind = FAULT_CUT, .target = "edge/hub-er-primary" };
	struct state s;
	struct plan *plan;
	char *text;

	(void)state;
	state_init(&s, NULL, NULL);
	plan = plan_of(&s);
	plan_apply_faults(plan, s.wanted->graph, &fault, 1);
	text = printed(plan);
	assert_non_null(strstr(text, "edge/link0-wire -- hub-er-primary/link0-wire delay 2.000 ms "
				     "cut\n"));
	assert_null(strstr(strstr(text, " cut\n") + 1, " cut\n"));
	free(text);
	plan_free(plan);
	state_fini(&s);
}

/* ---- what is predicted ---- */

static unsigned sessions_with(const char *path, const char *value)
{
	struct state s;
	unsigned count;

	state_init(&s, path, value);
	count = bgp_session_count(s.wanted->graph);
	state_fini(&s);
	return count;
}

static void no_session_is_expected_where_nothing_passes(void **state)
{
	(void)state;
	assert_int_equal(sessions_with(NULL, NULL), 12);
	assert_int_equal(sessions_with(EDGE "mac_sec_config", OTHER), 11);
	assert_int_equal(sessions_with(EDGE "vlan_id", "11"), 11);
	assert_int_equal(sessions_with("express_route_ports/ports/links/link1/mac_sec_config/"
				       "cipher",
				       "GcmAesXpn256"),
			 12); /* at both ends */
}

static void expect_encrypted(const struct state *s, struct wire_sight wire, enum outcome outcome,
			     const char *words)
{
	struct flow_sight reply = {
		.sent = 1, .answered = 1, .is_reply = true, .why = "", .wire = wire
	};
	struct judgement seen;

	expect_flow(s->wanted->lab->expectations.items[2], &reply, s->wanted->fabric, &seen);
	assert_int_equal(seen.outcome, outcome);
	assert_non_null(strstr(seen.seen, words));
}

static void what_is_encrypted_is_so_only_where_the_kernel_has_macsec(void **state)
{
	struct wire_sight sealed = { .mac_sec_on = "edge/hub-er-primary" };
	struct wire_sight clear = { .clear_on = "edge/hub-er-primary", .mac_sec_on = "another" };
	struct state s;

	(void)state;
	state_init(&s, NULL, NULL);
	expect_encrypted(&s, sealed, OUTCOME_PASS, "a reply");
	expect_encrypted(&s, clear, OUTCOME_FAIL, "seen in clear on edge/hub-er-primary");
	expect_encrypted(&s, (struct wire_sight){ 0 }, OUTCOME_FAIL, "no ESP was seen");
	s.wanted->topology->lacks.mac_sec = true;
	expect_encrypted(&s, sealed, OUTCOME_FAIL, "in clear on the way via ");
	state_fini(&s);
}

/* ---- what is said ---- */

static void assert_link(const char *path, const char *value, struct kernel_lacks lacks,
			const char *link, const char *warning)
{
	struct snapshot_lab lab = { 0 };
	struct state s;

	state_init(&s, path, value);
	s.wanted->topology->lacks = lacks;
	snapshot_fill_links(s.wanted->topology, &lab, s.arena);
	assert_int_equal(lab.links.count, 4);
	assert_string_equal(lab.links.items[0], link);
	assert_int_equal(lab.warnings.count, (lacks.vlan ? 1u : 0u) + (lacks.mac_sec ? 1u : 0u));
	if (warning)
		assert_string_equal(lab.warnings.items[0], warning);
	state_fini(&s);
}

#define LINK "edge/hub-er-primary: "

static void what_is_said_of_a_link_is_what_is_there(void **state)
{
	struct kernel_lacks none = { 0 }, vlan = { .vlan = true }, mac_sec = { .mac_sec = true };
	struct kernel_lacks both = { true, true };

	(void)state;
	assert_link(NULL, NULL, none, LINK "QinQ 200.10, MACsec GCM-AES-256", NULL);
	assert_link(NULL, NULL, vlan, LINK "untagged, instead of QinQ 200.10, MACsec GCM-AES-256",
		    "this kernel has no VLANs (802.1Q): 4 links are untagged");
	assert_link(NULL, NULL, mac_sec,
		    LINK "NOT encrypted, instead of QinQ 200.10, MACsec GCM-AES-256",
		    "this kernel has no MACsec, or not for this user: 4 links are NOT encrypted");
	assert_link(NULL, NULL, both,
		    LINK "untagged and NOT encrypted, instead of QinQ 200.10, MACsec GCM-AES-256",
		    NULL);
	assert_link(EDGE "mac_sec_config", OTHER, mac_sec,
		    LINK "carries nothing: MACsec has other keys, or another cipher, at its two "
			 "ends",
		    "this kernel has no MACsec, or not for this user: 3 links are NOT encrypted");
	assert_link(EDGE "stag", "201", none,
		    LINK "carries nothing: QinQ 201.10, MACsec GCM-AES-256 at edge, QinQ 200.10, "
			 "MACsec GCM-AES-256 at hub-er-primary",
		    NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_stand_on_the_cable_under_the_name_that_all_go_by),
		cmocka_unit_test(a_key_follows_from_the_cak_and_its_name),
		cmocka_unit_test(another_key_or_tag_makes_the_frames_anew_and_what_stands_on_them),
		cmocka_unit_test(a_cable_below_changes_by_itself_and_ends_with_all_on_it),
		cmocka_unit_test(a_cut_is_of_the_cable),
		cmocka_unit_test(no_session_is_expected_where_nothing_passes),
		cmocka_unit_test(what_is_encrypted_is_so_only_where_the_kernel_has_macsec),
		cmocka_unit_test(what_is_said_of_a_link_is_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
