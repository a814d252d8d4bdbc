/* SPDX-License-Identifier: GPL-2.0-or-later */
/* View 4: what it shows of who speaks BGP, and what it asks for. */
#include "tests/support/test.h"

#include "tests/support/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct screen_test test; /* the first member */
	json_t *topics;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->topics = json_load_file("tests/golden/screen/gateways.json", 0, NULL);
	assert_non_null(f->topics);
	screen_test_init(&f->test);
	(void)screen_key(&f->test.screen, '4');
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	json_decref(f->topics);
	screen_test_fini(&f->test);
	free(f);
	return 0;
}

static bool shows(struct fixture *f, const char *words)
{
	return screen_shows(&f->test.screen, true, words);
}

/* The style of the first cell of these words, which the screen shows. */
static enum style style_of(struct fixture *f, const char *words)
{
	char *text = screen_text(&f->test.screen, true), *at = strstr(text, words), *line;
	size_t row = 0, col;

	assert_non_null(at);
	for (line = text; strchr(line, '\n') && strchr(line, '\n') < at;
	     line = strchr(line, '\n') + 1)
		row++;
	col = (size_t)(at - line);
	free(text);
	screen_draw_anew(&f->test.screen, &f->test.grid, true);
	return f->test.grid.cells[row * f->test.grid.stride + col].style;
}

static void keys(struct fixture *f, const char *text)
{
	(void)screen_press(&f->test.screen, text);
}

static void *topic(struct fixture *f, const char *name, const struct record *record)
{
	void *object = arena_alloc(f->test.arena, record->size);
	struct err err = { 0 };

	assert_true(record_decode(record, json_object_get(f->topics, name), object, f->test.arena,
				  &err));
	return object;
}

static void the_selected_one_is_asked_for_and_no_other(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(screen_gateway(&f->test.screen), "az-hub-ergw");
	assert_string_equal(screen_advertised(&f->test.screen), "az-hub-ergw 10.0.0.40");
	keys(f, "j");
	assert_string_equal(screen_gateway(&f->test.screen), "branch-ergw");
	assert_null(screen_advertised(&f->test.screen)); /* its peers are not known yet */
	assert_false(shows(f, "TOLD TO"));
	keys(f, "5");
	assert_null(screen_gateway(&f->test.screen));
	assert_null(screen_advertised(&f->test.screen));
	keys(f, "1a");
	assert_true(shows(f, "a is about gateways"));
}

static void a_goes_round_the_peers(void **state)
{
	struct fixture *f = *state;

	assert_true(shows(f, "TOLD TO azure-er-circuit-primary"));
	keys(f, "a");
	assert_string_equal(screen_advertised(&f->test.screen), "az-hub-ergw 10.0.0.41");
	assert_true(shows(f, "TOLD TO azure-er-circuit-secondary"));
	assert_true(shows(f, "its daemon is asked")); /* what is there is about another one */
	keys(f, "a");
	assert_string_equal(screen_advertised(&f->test.screen), "az-hub-ergw 10.0.0.40");
	assert_false(shows(f, "its daemon is asked"));
}

static void what_is_told_may_be_nothing_or_refused(void **state)
{
	struct fixture *f = *state;
	struct snapshot_advertised told = *f->test.screen.scene.snapshot.advertised;

	f->test.screen.scene.snapshot.advertised = &told;
	told.routes.count = 0;
	told.is_whole = true;
	assert_true(shows(f, "  nothing"));
	told.error = "az-hub-ergw-0: it does not say";
	assert_int_equal(style_of(f, "az-hub-ergw-0: it does not say"), STYLE_BAD);
}

static void a_lost_session_has_its_last_words(void **state)
{
	struct fixture *f = *state;

	keys(f, "G");
	assert_string_equal(screen_gateway(&f->test.screen), "megaport-mcr");
	f->test.screen.scene.snapshot.bgp = topic(f, "bgp_down", &snapshot_bgp_record);
	assert_true(shows(f, "! branch-er-circuit-primary"));
	assert_int_equal(style_of(f, "lost: Neighbor lost"), STYLE_BAD);
	assert_int_equal(style_of(f, "1/2"), STYLE_BAD);
	/* what it is told is that of one with a session, as long as none was chosen */
	assert_string_equal(screen_advertised(&f->test.screen), "megaport-mcr 169.254.98.62");
	keys(f, "a");
	assert_string_equal(screen_advertised(&f->test.screen), "megaport-mcr 169.254.98.66");
}

static void a_daemon_that_does_not_run_says_so(void **state)
{
	struct fixture *f = *state;
	struct snapshot_bgp bgp = *f->test.screen.scene.snapshot.bgp;

	f->test.screen.scene.snapshot.bgp = &bgp;
	bgp.speakers.items[1].state = "started again in 4 s";
	assert_int_equal(style_of(f, "started again in 4 s"), STYLE_BAD);
}

static void problems_of_its_instances_come_first(void **state)
{
	const char *texts[] = { "az-hub-ergw-1: routes to 10.1.0.0/16 are not those predicted",
				"az-hub-ergw-1: no BGP session with m (10.0.0.40)",
				"az-hub-ergw-10: something else", "drift: az-hub-ergw-1: no" };
	struct fixture *f = *state;
	struct snapshot_lab lab = *f->test.screen.scene.snapshot.lab;

	assert_false(shows(f, "PROBLEMS"));
	lab.problems = (struct texts){ texts, ARRAY_SIZE(texts) };
	f->test.screen.scene.snapshot.lab = &lab;
	assert_true(shows(f, "PROBLEMS"));
	assert_int_equal(style_of(f, "az-hub-ergw-1: routes to 10.1"), STYLE_BAD);
	assert_false(shows(f, "az-hub-ergw-1: no BGP"));
	assert_false(shows(f, "az-hub-ergw-10"));
}

static void both_links_of_a_circuit_are_there(void **state)
{
	struct fixture *f = *state;
	struct snapshot_bgp bgp = *f->test.screen.scene.snapshot.bgp;

	f->test.screen.scene.snapshot.bgp = &bgp;
	assert_true(shows(f, "+ azure-er-circuit primary   megaport-mcr"));
	assert_true(shows(f, "- azure-er-circuit secondary no provider"));
	bgp.links.items[0].state = "Connecting";
	assert_true(shows(f, "! azure-er-circuit primary   no session"));
	screen_resize(&f->test.screen, 24, 120);
	assert_int_equal(style_of(f, "megaport-mcr: no session"), STYLE_BAD);
}

/* Two instances: what both know stands once, the best way is marked, and where they differ is told.
 */
static void ways_that_win_and_lose(void **state)
{
	struct snapshot_learned first[] = {
		{ "10.100.0.0/24", "169.254.0.1", "EBgp", "169.254.0.1", "65510", 32768, true,
		  "nva" },
		{ "10.100.0.0/24", "10.0.0.40", "IBgp", "10.0.0.132", "12076-65001", 32768, false,
		  "rs-0" },
		{ "10.200.0.0/24", "10.0.0.40", "IBgp", "10.0.0.132", "", 32768, true, "rs-0" },
	};
	struct snapshot_learned second[] = {
		{ "10.100.0.0/24", "10.0.0.40", "IBgp", "10.0.0.132", "12076-65001", 32768, false,
		  "rs-0" },
		{ "10.100.0.0/24", "169.254.0.1", "EBgp", "169.254.0.1", "65510", 32768, true,
		  "nva" },
		{ "10.250.0.0/24", "10.0.0.40", "IBgp", "10.0.0.132", "65020", 32768, true,
		  "rs-0" },
	};
	struct snapshot_speaker speakers[] = {
		{ .node = "gw-0",
		  .local_address = "10.0.0.46",
		  .state = "up",
		  .asn = 65515,
		  .learned = { first, ARRAY_SIZE(first) } },
		{ .node = "gw-1",
		  .local_address = "10.0.0.47",
		  .state = "up",
		  .asn = 65515,
		  .learned = { second, ARRAY_SIZE(second) } },
	};
	struct snapshot_bgp bgp = { "az-hub-ergw", "VPN gateway", { 0 }, { speakers, 2 } };
	struct fixture *f = *state;
	char *text;

	f->test.screen.scene.snapshot.bgp = &bgp;
	text = screen_text(&f->test.screen, true);
	assert_non_null(strstr(text, "|= 10.100.0.0/24 169.254.0.1 65510\n"));
	assert_non_null(strstr(text, "|  10.100.0.0/24 10.0.0.40   12076-65001\n"));
	assert_non_null(strstr(text, "|= 10.200.0.0/24 10.0.0.40   -  only gw-0\n"));
	assert_non_null(strstr(text, "|= 10.250.0.0/24 10.0.0.40   65020  only gw-1\n"));
	free(text);
	assert_int_equal(style_of(f, "12076-65001"), STYLE_DIM);
	assert_int_equal(style_of(f, "65510"), STYLE_TEXT);
}

/* The longest part is cut and says so; on a page of its own all of it is there. */
static void much_is_cut_and_is_all_there_when_opened(void **state)
{
	struct fixture *f = *state;
	struct snapshot_bgp bgp = *f->test.screen.scene.snapshot.bgp;
	struct snapshot_learned *rows = arena_alloc(f->test.arena, 300 * sizeof(*rows));

	for (int i = 0; i < 300; i++)
		rows[i] = (struct snapshot_learned){ arena_printf(f->test.arena, "10.%d.%d.0/24",
								  100 + i / 100, i % 100),
						     "10.0.0.40",
						     "EBgp",
						     "10.0.0.40",
						     "12076",
						     32769,
						     true,
						     "m" };
	bgp.speakers.items[0].learned.items = bgp.speakers.items[1].learned.items = rows;
	bgp.speakers.items[0].learned.count = bgp.speakers.items[1].learned.count = 300;
	f->test.screen.scene.snapshot.bgp = &bgp;
	assert_true(shows(f, "LEARNED 4/300"));
	assert_true(shows(f, "TOLD TO azure-er-circuit-primary"));
	assert_false(shows(f, "10.102.99.0/24"));
	keys(f, "\r");
	assert_true(shows(f, "10.100.6.0/24"));
	keys(f, "G");
	assert_true(shows(f, "10.102.99.0/24"));
	assert_false(shows(f, "LEARNED"));
	keys(f, "\033");
	assert_true(shows(f, "LEARNED 4/300"));
}

static void the_list_is_filtered_and_its_machine_gets_the_shell(void **state)
{
	struct fixture *f = *state;
	struct effect effect = screen_key(&f->test.screen, 's');

	assert_int_equal(effect.kind, EFFECT_SHELL);
	assert_string_equal(effect.text, "az-hub-ergw-0");
	keys(f, "/provider\r");
	assert_true(shows(f, ">megaport-mcr"));
	assert_false(shows(f, "branch-ergw"));
	keys(f, "/no such\r");
	assert_true(shows(f, "none matches"));
	f->test.screen.scene.snapshot = (struct snapshot){ 0 };
	screen_settle(&f->test.screen);
	assert_false(shows(f, "none matches"));
}

/* ---- a VPN gateway: step 2 of the reference lab, recorded ---- */

static void show_vpn_gateway(struct fixture *f)
{
	struct snapshot *snapshot = &f->test.screen.scene.snapshot;

	json_decref(f->topics);
	f->topics = json_load_file("tests/golden/screen/gateways_vpn.json", 0, NULL);
	assert_non_null(f->topics);
	snapshot->lab = topic(f, "lab", &snapshot_lab_record);
	snapshot->nodes = topic(f, "nodes", &snapshot_nodes_record);
	snapshot->bgp = topic(f, "bgp", &snapshot_bgp_record);
	snapshot->advertised = topic(f, "advertised", &snapshot_advertised_record);
	snapshot->tunnels = topic(f, "tunnels", &snapshot_tunnels_record);
	screen_settle(&f->test.screen);
	keys(f, "gjj");
	assert_string_equal(screen_gateway(&f->test.screen), "az-hub-vpngw");
	while (strcmp(screen_advertised(&f->test.screen), "az-hub-vpngw 169.254.0.1") != 0)
		keys(f, "a");
}

static void a_vpn_gateway_at_every_size(void **state)
{
	static const struct {
		unsigned rows, cols;
		const char *keys, *name;
	} sizes[] = {
		{ 24, 80, "", "80x24" },
		{ 40, 120, "", "120x40" },
		{ 10, 40, "\r", "40x10_open" },
		{ 60, 120, "\r", "120x60_open" },
	};
	struct fixture *f = *state;

	show_vpn_gateway(f);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char name[64];

		screen_resize(&f->test.screen, sizes[i].rows, sizes[i].cols);
		keys(f, sizes[i].keys);
		(void)snprintf(name, sizeof(name), "screen/gateways_vpn_%s.txt", sizes[i].name);
		assert_golden_text(&f->test.screen, true, name);
		if (*sizes[i].keys)
			keys(f, "\033");
	}
}

static void tunnels_are_counted_and_say_why_they_are_down(void **state)
{
	struct fixture *f = *state;
	struct snapshot_tunnels tunnels;

	show_vpn_gateway(f);
	assert_true(shows(f, "21/21 BGP  2/2 tunnels  40/40 probes"));
	assert_true(shows(f, "+ branch-opnnva"));
	tunnels = *f->test.screen.scene.snapshot.tunnels;
	f->test.screen.scene.snapshot.tunnels = &tunnels;
	for (size_t i = 0; i < tunnels.tunnels.count; i++)
		if (!strcmp(tunnels.tunnels.items[i].node, "az-hub-vpngw-1")) {
			tunnels.tunnels.items[i].state = "connecting";
			tunnels.tunnels.items[i].error = "AUTHENTICATION_FAILED";
		}
	assert_int_equal(style_of(f, "connecting"), STYLE_BAD);
	assert_int_equal(style_of(f, "AUTHENTICATION_FAILED"), STYLE_BAD);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_selected_one_is_asked_for_and_no_other),
		TEST(a_goes_round_the_peers),
		TEST(what_is_told_may_be_nothing_or_refused),
		TEST(a_lost_session_has_its_last_words),
		TEST(a_daemon_that_does_not_run_says_so),
		TEST(problems_of_its_instances_come_first),
		TEST(both_links_of_a_circuit_are_there),
		TEST(ways_that_win_and_lose),
		TEST(much_is_cut_and_is_all_there_when_opened),
		TEST(a_vpn_gateway_at_every_size),
		TEST(tunnels_are_counted_and_say_why_they_are_down),
		TEST(the_list_is_filtered_and_its_machine_gets_the_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
