/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen without a terminal: what it shows, at every size, and what keys do to it. */
#include "tests/support/test.h"

#include "tests/support/golden.h"
#include "tests/support/screen.h"
#include "tui/view/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void draw(struct screen_test *f, bool is_ascii)
{
	screen_draw_anew(&f->screen, &f->grid, is_ascii);
}

/* A row of the screen as text; borrowed until the next call. */
static const char *row_text(struct screen_test *f, unsigned row)
{
	static char text[2048];
	struct memory_file file = { 0 };
	struct grid one = grid_window(&f->grid, row, 0, 1, f->grid.cols);
	char *whole;

	grid_print(&one, memory_open(&file));
	whole = memory_close(&file);
	(void)snprintf(text, sizeof(text), "%s", whole);
	free(whole);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static bool shows(struct screen_test *f, const char *words)
{
	return screen_shows(&f->screen, true, words);
}

static struct effect type(struct screen_test *f, const char *keys)
{
	return screen_press(&f->screen, keys);
}

/* ---- golden screens ---- */

static void every_view_at_every_size(void **state)
{
	static const struct view *const all[] = { &view_vms,      &view_routes,  &view_security,
						  &view_gateways, &view_probes,  &view_events,
						  &view_help,     &view_chooser, &view_map };
	struct screen_test *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		screen_show(&f->screen, all[i]);
		assert_golden_screens(&f->screen, all[i]->name);
	}
}

static void open_rows_at_80x24(void **state)
{
	static const struct view *const all[] = { &view_routes, &view_security, &view_gateways,
						  &view_probes, &view_events };
	struct screen_test *f = *state;

	for (size_t v = 0; v < ARRAY_SIZE(all); v++) {
		char name[64];

		screen_show(&f->screen, all[v]);
		(void)screen_key(&f->screen, KEY_CODE_ENTER);
		(void)snprintf(name, sizeof(name), "screen/%s_open.txt", all[v]->name);
		assert_golden_text(&f->screen, false, name);
	}
}

/* The reasons of one row, at the sizes where there is room for them and where there is little. */
static void reasons_of_a_row(void **state)
{
	static const struct {
		unsigned rows, cols;
		const char *name;
	} sizes[] = { { 24, 80, "screen/why_80x24.txt" }, { 10, 40, "screen/why_40x10.txt" } };
	struct screen_test *f = *state;

	(void)type(f, "2/VNetPeering\rw");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		screen_resize(&f->screen, sizes[i].rows, sizes[i].cols);
		assert_golden_text(&f->screen, false, sizes[i].name);
	}
}

static void the_header_says_where_the_lab_stands(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_lab lab = *f->screen.scene.snapshot.lab;

	draw(f, false);
	assert_null(strstr(row_text(f, 0), "step"));
	assert_null(strstr(row_text(f, 0), "change"));
	f->screen.scene.snapshot.lab = &lab;
	lab.step = 2;
	lab.step_count = 5;
	lab.change_count = 1;
	draw(f, false);
	assert_non_null(strstr(row_text(f, 0), "step 2/5 +1 change "));
	lab.change_count = 12;
	draw(f, false);
	assert_non_null(strstr(row_text(f, 0), "+12 changes "));
	assert_non_null(strstr(row_text(f, 0), "live"));
}

/* It stays until it is over, whatever else happens; a message of the screen's own comes before. */
static void drift_is_told_above_the_keys(void **state)
{
	static const char text[] = "drift: delivery of hub, 10.0.1.4/32: wanted dev p, the kernel "
				   "has nothing";
	struct screen_test *f = *state;
	struct snapshot_lab lab = *f->screen.scene.snapshot.lab;
	const char *problems[] = { text, "another" };

	draw(f, false);
	assert_null(strstr(row_text(f, 0), "drift"));
	f->screen.scene.snapshot.lab = &lab;
	lab.problems.items = problems;
	lab.problems.count = lab.problem_count = 2;
	draw(f, false);
	assert_null(strstr(row_text(f, f->grid.rows - 2), "another"));
	lab.drift_count = 1;
	draw(f, false);
	assert_non_null(strstr(row_text(f, 0), " drift 1 "));
	assert_non_null(strstr(row_text(f, f->grid.rows - 2), text));
	(void)snprintf(f->screen.message, sizeof(f->screen.message), "a message");
	draw(f, false);
	assert_non_null(strstr(row_text(f, f->grid.rows - 2), "a message"));
}

/* ---- meaning without colour ---- */

/* The first mark that has the style. */
static const struct view_mark *mark_of(enum style style)
{
	size_t i = 0;

	while (i + 1 < view_mark_count && view_marks[i].style != style)
		i++;
	assert_int_equal(view_marks[i].style, style);
	return &view_marks[i];
}

static void no_meaning_rests_on_colour_alone(void **state)
{
	static const enum style states[] = { STYLE_GOOD, STYLE_BAD, STYLE_WAITING, STYLE_EXPECTED };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		for (size_t n = 0; n < i; n++) {
			const struct view_mark *a = mark_of(states[i]), *b = mark_of(states[n]);

			assert_string_not_equal(a->ascii, b->ascii);
			assert_string_not_equal(a->name, b->name);
		}
	for (int style = 0; style < STYLE_COUNT; style++) {
		struct look look = theme_look((enum style)style, false, THEME_MONO);

		assert_int_equal(look.foreground, -1);
		assert_int_equal(look.background, -1);
	}
}

static void marks_are_the_glyphs(void **state)
{
	struct grid ascii = { .is_ascii = true }, utf8 = { .is_ascii = false };

	(void)state;
	for (size_t i = 0; i < view_mark_count; i++) {
		assert_string_equal(grid_glyph(&ascii, view_marks[i].glyph), view_marks[i].ascii);
		assert_string_equal(grid_glyph(&utf8, view_marks[i].glyph), view_marks[i].name);
	}
}

/* ---- the grid ---- */

static void text_is_clipped_and_made_harmless(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g, 2, 5, false);
	assert_int_equal(grid_put(&g, 0, 3, STYLE_TEXT, "abcdef"), 5);
	assert_int_equal(g.cells[4].ch, 'b');
	assert_int_equal(g.cells[5].ch, ' ');
	assert_int_equal(grid_put(&g, 7, 0, STYLE_TEXT, "x"), 0); /* no such row */
	(void)grid_put(&g, 1, 0, STYLE_TEXT, "%s", "\033\xc3\xa9\xff\xe4\xbd\xa0z");
	assert_int_equal(g.cells[5].ch, '?');  /* no escape sequence leaves us */
	assert_int_equal(g.cells[6].ch, 0xe9); /* é */
	assert_int_equal(g.cells[7].ch, '?');  /* not UTF-8 */
	assert_int_equal(g.cells[8].ch, '?');  /* two columns wide */
	assert_int_equal(g.cells[9].ch, 'z');
	(void)grid_put_field(&g, 0, 0, 3, STYLE_TEXT, "abcdef");
	assert_int_equal(g.cells[1].ch, 'b');
	assert_int_equal(g.cells[2].ch, 0x2026); /* … */
	grid_fini(&g);
}

/* ---- keys ---- */

static void digits_tab_and_escape_go_between_views(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "5");
	assert_ptr_equal(f->screen.view, &view_probes);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_why);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_events);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_history);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_logs);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_map);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_vms);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_routes);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_security);
	(void)type(f, "\t");
	assert_ptr_equal(f->screen.view, &view_gateways);
	(void)type(f, "2");
	(void)screen_key(&f->screen, KEY_CODE_BACK_TAB);
	(void)screen_key(&f->screen, KEY_CODE_BACK_TAB);
	assert_ptr_equal(f->screen.view, &view_map);
	(void)screen_key(&f->screen, KEY_CODE_BACK_TAB);
	assert_ptr_equal(f->screen.view, &view_logs);
	(void)type(f, "7?");
	assert_ptr_equal(f->screen.view, &view_help);
	(void)type(f, "\033");
	assert_ptr_equal(f->screen.view, &view_events);
	(void)type(f, "98");
	assert_ptr_equal(f->screen.view, &view_history);
}

static void w_asks_why_of_a_row_of_all_and_no_more(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "4w");
	assert_true(shows(f, "no flow is selected"));
	assert_null(screen_why(&f->screen));
	(void)type(f, "1j2");
	assert_null(screen_why(&f->screen));
	(void)type(f, "w");
	assert_string_equal(screen_why(&f->screen), "az-spk1-lxvm-nic");
	assert_true(shows(f, "why 10.0.1.0/24"));
	assert_true(shows(f, "  the address space of az-spk1-vnet itself"));
	assert_false(shows(f, "the system's own"));
	(void)type(f, "w");
	assert_true(shows(f, "the system's own"));
	assert_false(shows(f, "is not here"));
	(void)type(f, "G");
	assert_true(shows(f, "10.0.2.0/24 is not here: az-spk2-vnet is not peered"));
	(void)type(f, "w");
	assert_false(shows(f, "the system's own"));
	assert_null(screen_why(&f->screen));
	(void)type(f, "\rw\r"); /* Enter is all, too */
	(void)type(f, "\033");
	assert_null(screen_why(&f->screen));
	(void)type(f, "w1"); /* nobody looks */
	assert_null(screen_why(&f->screen));
	(void)type(f, "2");
	f->screen.scene.snapshot.why = NULL;
	assert_true(shows(f, "the lab is asked"));
	(void)type(f, "w");
	assert_true(shows(f, "the lab is asked"));
}

/* What was asked about another NIC is no answer about this one. */
static void reasons_of_another_nic_are_not_shown(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_why why = *f->screen.scene.snapshot.why;

	(void)type(f, "2w");
	why.nic = "az-spk2-lxvm-nic";
	f->screen.scene.snapshot.why = &why;
	assert_true(shows(f, "the lab is asked"));
	assert_false(shows(f, "the address space"));
}

static void a_machines_routes_are_one_key_away(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "j\r");
	assert_ptr_equal(f->screen.view, &view_routes);
	assert_string_equal(screen_nic(&f->screen), "az-spk1-lxvm-nic");
	assert_string_equal(type(f, "s").text, "az-spk1-lxvm");
	(void)type(f, "l");
	assert_string_equal(screen_nic(&f->screen), "az-spk2-lxvm-nic");
	(void)type(f, "hhhh");
	assert_string_equal(screen_nic(&f->screen), "az-hub-lxvm-nic");
	(void)type(f, "\033");
	assert_ptr_equal(f->screen.view, &view_vms);
	assert_true(shows(f, ">az-hub-lxvm"));
	f->screen.scene.snapshot.routes = NULL; /* not there yet */
	(void)type(f, "\rwwG\r");
	draw(f, false);
}

static void an_invalid_route_is_dim_and_says_so(void **state)
{
	static const unsigned widths[] = { 40, 50, 80, 120 };
	struct screen_test *f = *state;
	struct snapshot_routes *routes = (struct snapshot_routes *)f->screen.scene.snapshot.routes;

	routes->routes.items[2].state = "Invalid";
	(void)type(f, "2");
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		screen_resize(&f->screen, 24, widths[i]);
		draw(f, true);
		assert_non_null(strstr(row_text(f, 5), "Invalid"));
		assert_int_equal(f->grid.cells[5 * f->grid.stride + 1].style, STYLE_DIM);
		assert_null(strstr(row_text(f, 6), "Invalid"));
	}
	(void)type(f, "/invalid\r");
	assert_int_equal(view_count(&view_routes, &f->screen.scene, screen_state(&f->screen)), 1);
}

/* ---- security ---- */

static struct snapshot_flows *flows_of(struct screen_test *f)
{
	return (struct snapshot_flows *)f->screen.scene.snapshot.flows;
}

/* What a flow met, and the form with its verdict, where there is room and where there is little. */
static void panes_of_security(void **state)
{
	static const struct {
		unsigned rows, cols;
	} sizes[] = { { 24, 80 }, { 10, 40 }, { 40, 120 } };
	static const struct {
		const char *keys, *name;
	} panes[] = { { "w", "flow" }, { "wwwi", "what_if" } };
	struct screen_test *f = *state;

	(void)type(f, "3");
	for (size_t n = 0; n < ARRAY_SIZE(panes); n++) {
		(void)type(f, panes[n].keys);
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			char name[64];

			screen_resize(&f->screen, sizes[i].rows, sizes[i].cols);
			(void)snprintf(name, sizeof(name), "screen/security_%s_%ux%u.txt",
				       panes[n].name, sizes[i].cols, sizes[i].rows);
			assert_golden_text(&f->screen, i == 1, name);
		}
		screen_resize(&f->screen, 24, 80);
	}
}

static void security_is_asked_for_only_where_it_is_seen(void **state)
{
	struct screen_test *f = *state;

	assert_null(screen_security(&f->screen));
	assert_null(screen_question(&f->screen));
	(void)type(f, "j3");
	assert_string_equal(screen_security(&f->screen), "az-spk1-lxvm-nic");
	assert_null(screen_question(&f->screen));
	(void)type(f, "l");
	assert_string_equal(screen_security(&f->screen), "az-spk2-lxvm-nic");
	(void)type(f, "h");
	assert_string_equal(type(f, "s").text, "az-spk1-lxvm");
	(void)type(f, "\033");
	assert_ptr_equal(f->screen.view, &view_vms);
	assert_null(screen_security(&f->screen));
}

/* The form begins with the selected flow; each key asks anew. */
static void what_if_is_asked_key_by_key(void **state)
{
	struct screen_test *f = *state;
	unsigned row, col;

	(void)type(f, "ji"); /* first to the view, then the form */
	assert_ptr_equal(f->screen.view, &view_security);
	(void)type(f, "i");
	assert_string_equal(screen_question(&f->screen),
			    "az-spk1-lxvm-nic Inbound Tcp 10.0.1.4:80 10.100.0.100:*");
	assert_true(shows(f, ">10.100.0.100:*"));
	assert_true(shows(f, "no-branch-web (200)"));
	assert_true(screen_cursor(&f->screen, &row, &col));
	draw(f, true);
	assert_int_equal(f->grid.cells[row * f->grid.stride + col - 1].ch, '*');
	(void)type(f, "\025" /* Ctrl-U */);
	assert_null(screen_question(&f->screen));
	f->screen.scene.snapshot.verdict = NULL;
	assert_true(shows(f, "type a remote address"));
	(void)type(f, "10.0.0.4");
	assert_string_equal(screen_question(&f->screen),
			    "az-spk1-lxvm-nic Inbound Tcp 10.0.1.4:80 10.0.0.4");
	(void)type(f, "\tou\025:x"); /* the direction: its letter; others mean nothing there */
	assert_string_equal(screen_question(&f->screen),
			    "az-spk1-lxvm-nic Outbound Tcp 10.0.1.4:80 10.0.0.4");
	(void)type(f, "\r ");
	assert_string_equal(screen_question(&f->screen),
			    "az-spk1-lxvm-nic Outbound Udp 10.0.1.4:80 10.0.0.4");
	(void)screen_key(&f->screen, KEY_CODE_LEFT);
	(void)screen_key(&f->screen, KEY_CODE_LEFT);
	(void)type(f, "\t\025");
	assert_string_equal(screen_question(&f->screen), "az-spk1-lxvm-nic Outbound Ah * 10.0.0.4");
	(void)type(f, "a b"); /* no blanks: the question is made of words */
	assert_string_equal(screen_question(&f->screen),
			    "az-spk1-lxvm-nic Outbound Ah ab 10.0.0.4");
	f->screen.scene.snapshot.verdict_refusal = "'ab' is no address";
	assert_true(shows(f, "'ab' is no address"));
	for (int i = 0; i < 300; i++)
		(void)type(f, "x");
	assert_true(strlen(screen_question(&f->screen)) < 140);
	assert_true(screen_cursor(&f->screen, &row, &col));
	assert_true(col < 80);
	(void)type(f, "\033");
	assert_null(screen_question(&f->screen));
	assert_false(screen_cursor(&f->screen, &row, &col));
	(void)type(f, "5");
	assert_ptr_equal(f->screen.view, &view_probes);
}

/* Of what stands in a branch's LAN, as of a NIC that is gone meanwhile. */
static void a_nic_without_routes_and_rules_says_why(void **state)
{
	static const struct view *const all[] = { &view_vms, &view_routes, &view_security };
	struct screen_test *f = *state;
	struct snapshot *snapshot = &f->screen.scene.snapshot;

	snapshot->routes = NULL;
	snapshot->why = NULL;
	snapshot->nsg = NULL;
	for (size_t v = 0; v < ARRAY_SIZE(all); v++) {
		screen_show(&f->screen, all[v]);
		snapshot->nic_refusal = NULL;
		assert_false(shows(f, "is in a LAN"));
		snapshot->nic_refusal = "pc is in a LAN: it has none of these, nor of those, "
					"as it stands far beyond the edge";
		assert_true(shows(f, "pc is in a LAN: it has"));
		assert_true(shows(f, "edge")); /* what is too long for a line goes on in the next */
	}
}

/* The form goes with the view, when the lab goes. */
static void the_form_ends_with_its_view(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "j3i");
	assert_int_equal(f->screen.mode, MODE_FORM);
	screen_show(&f->screen, &view_chooser);
	assert_null(screen_question(&f->screen));
	(void)type(f, "5");
	assert_int_equal(f->screen.mode, MODE_VIEW);
	assert_ptr_equal(f->screen.view, &view_probes);
}

static void the_newest_flow_is_first(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_flows *flows = flows_of(f);
	size_t all = flows->flows.count;
	struct snapshot_flow *longer;

	flows->flows.count = all - 1;
	screen_settle(&f->screen);
	(void)type(f, "3");
	assert_int_equal(view_security_flow(&f->screen.scene, screen_state(&f->screen))->number,
			 all - 1);
	flows->flows.count = all; /* at the top the selection stays there */
	screen_settle(&f->screen);
	assert_int_equal(view_security_flow(&f->screen.scene, screen_state(&f->screen))->number,
			 all);
	flows->flows.count = all - 1;
	screen_settle(&f->screen);
	(void)type(f, "j"); /* else it is followed */
	flows->flows.count = all;
	screen_settle(&f->screen);
	assert_int_equal(view_security_flow(&f->screen.scene, screen_state(&f->screen))->number,
			 all - 2);
	(void)type(f, "gw"); /* also one whose layers are read */
	longer = calloc(all + 1, sizeof(*longer));
	assert_non_null(longer);
	memcpy(longer, flows->flows.items, all * sizeof(*longer));
	longer[all] = longer[all - 1];
	longer[all].number = (int64_t)all + 1;
	flows->flows.items = longer;
	flows->flows.count = all + 1;
	screen_settle(&f->screen);
	assert_int_equal(view_security_flow(&f->screen.scene, screen_state(&f->screen))->number,
			 all);
	free(longer);
}

static void flows_are_filtered_and_named(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_flows *flows = flows_of(f);

	(void)type(f, "3/deny\r");
	assert_int_equal(view_count(&view_security, &f->screen.scene, screen_state(&f->screen)), 4);
	assert_true(shows(f, "- Deny"));
	assert_false(shows(f, "+ Allow"));
	(void)type(f, "\033/no such thing\r");
	assert_true(shows(f, "no flow matches"));
	(void)type(f, "\033");
	flows->lost = 12;
	assert_true(shows(f, "7 flows, 12 messages lost"));
	flows->error = "the kernel has no nflog";
	flows->flows.count = 0;
	screen_settle(&f->screen);
	assert_true(shows(f, "no flow log: the kernel has no nflog"));
	assert_true(shows(f, "no flows yet"));
	(void)type(f, "\r"); /* rules are there without flows */
	assert_true(screen_state(&f->screen)->is_open);
	assert_true(shows(f, "no-branch-web"));
	(void)type(f, "G");
	assert_true(shows(f, "VirtualNetwork is 10.0.1.0/24"));
	(void)type(f, "\033");
	assert_false(screen_state(&f->screen)->is_open);
}

/* Neither az nor anybody else can tell rules that are not there. */
static void a_machine_without_nsg_says_so(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_nsg nsg = *f->screen.scene.snapshot.nsg;

	f->screen.scene.snapshot.nsg = &nsg;
	nsg.filters.count = 0;
	(void)type(f, "3");
	assert_true(shows(f, "no NSG stands at az-spk1-lxvm-nic or at its subnet az-spk1-vnet/"));
	f->screen.scene.snapshot.nsg = NULL; /* not there yet */
	(void)type(f, "wi\033\rG");
	draw(f, true);
}

static void the_selection_follows_its_row(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_vms *vms = (struct snapshot_vms *)f->screen.scene.snapshot.vms;

	(void)type(f, "jj");
	assert_string_equal(screen_nic(&f->screen), "az-spk2-lxvm-nic");
	vms->vms.items++; /* the first one goes */
	vms->vms.count--;
	screen_settle(&f->screen);
	assert_string_equal(screen_nic(&f->screen), "az-spk2-lxvm-nic");
	assert_int_equal(f->screen.states[0].selected, 1);
	(void)type(f, "G");
	assert_string_equal(screen_nic(&f->screen), "branch-vm1VMNic");
	(void)type(f, "gk");
	assert_string_equal(screen_nic(&f->screen), "az-spk1-lxvm-nic");
}

static void events_stay_at_their_end(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_events *events = (struct snapshot_events *)f->screen.scene.snapshot.events;
	size_t all = events->events.count;

	events->events.count = all - 3;
	screen_settle(&f->screen);
	(void)type(f, "7");
	assert_int_equal(f->screen.states[2].selected, all - 4);
	events->events.count = all;
	screen_settle(&f->screen);
	assert_int_equal(f->screen.states[2].selected, all - 1);
	(void)type(f, "k"); /* somebody reads an older one: it stays */
	events->events.count = all - 1;
	screen_settle(&f->screen);
	events->events.count = all;
	screen_settle(&f->screen);
	assert_int_equal(f->screen.states[2].selected, all - 2);
}

static void a_filter_shows_what_matches(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "/SPK");
	assert_true(shows(f, "/SPK"));
	(void)type(f, "\r");
	assert_true(shows(f, "az-spk1-lxvm  "));
	assert_false(shows(f, " az-hub-lxvm     10"));
	assert_true(shows(f, "only rows with 'SPK'"));
	(void)type(f, "\033");
	assert_true(shows(f, "az-hub-lxvm     10"));
	(void)type(f, "/nothing\r");
	assert_true(shows(f, "no VM matches"));
	assert_non_null(screen_nic(&f->screen)); /* what was selected comes back with its row */
	(void)type(f, "\033");
	assert_true(shows(f, "az-hub-lxvm     10"));
}

static void commands_are_typed_completed_and_remembered(void **state)
{
	struct screen_test *f = *state;
	struct effect effect;

	effect = type(f, ":rou\taz-spk1\t\r");
	assert_int_equal(effect.kind, EFFECT_RUN);
	assert_string_equal(effect.text, "routes az-spk1-lxvm ");
	(void)type(f, ":az-\t\x15prob\t"); /* Ctrl-U; one word: the command, not the view */
	assert_string_equal(f->screen.input.text, "probes ");
	(void)type(f, "\033:");
	(void)screen_key(&f->screen, KEY_CODE_UP);
	effect = type(f, "\r");
	assert_string_equal(effect.text, "routes az-spk1-lxvm ");
	(void)type(f, ":routes az-spk\t");
	assert_true(shows(f, "az-spk1-lxvm  az-spk2-lxvm"));
	(void)type(f, "\033:events\r");
	assert_ptr_equal(f->screen.view, &view_events);
	assert_int_equal(type(f, ":q\r").kind, EFFECT_QUIT);
	assert_int_equal(type(f, "q").kind, EFFECT_QUIT);
}

static void only_a_confirmed_down_is_run(void **state)
{
	struct screen_test *f = *state;
	struct effect effect;

	assert_int_equal(type(f, ":down\r").kind, EFFECT_NONE);
	assert_true(shows(f, "end the lab, for all who use it?"));
	assert_int_equal(type(f, "n").kind, EFFECT_NONE);
	(void)type(f, ":down\r");
	assert_int_equal(type(f, "\r").kind, EFFECT_NONE); /* Enter is not yes */
	(void)type(f, ":down\r");
	effect = type(f, "y");
	assert_int_equal(effect.kind, EFFECT_RUN);
	assert_string_equal(effect.text, "down");
}

static void the_line_is_edited(void **state)
{
	struct screen_test *f = *state;
	unsigned row, col;

	assert_false(screen_cursor(&f->screen, &row, &col));
	(void)type(f, ":abc");
	(void)screen_key(&f->screen, KEY_CODE_LEFT);
	(void)screen_key(&f->screen, 0xe9);
	assert_true(screen_cursor(&f->screen, &row, &col));
	assert_int_equal(row, 23);
	assert_int_equal(col, 4);
	assert_string_equal(f->screen.input.text, "ab\xc3\xa9"
						  "c");
	(void)screen_key(&f->screen, KEY_CODE_BACKSPACE);
	(void)screen_key(&f->screen, KEY_CODE_DELETE);
	assert_string_equal(f->screen.input.text, "ab");
	(void)screen_key(&f->screen, KEY_CTRL('w'));
	assert_string_equal(f->screen.input.text, "");
	(void)screen_key(&f->screen, KEY_CODE_BACKSPACE); /* in an empty line: leave it */
	assert_int_equal(f->screen.mode, MODE_VIEW);
	for (int i = 0; i < 1000; i++)
		(void)type(f, i ? "x" : ":");
	assert_true(screen_cursor(&f->screen, &row, &col));
	assert_true(col < 80);
}

static void the_probe_of_the_row_is_explained(void **state)
{
	const struct snapshot_probe *probe;
	struct screen_test *f = *state;
	char text[LINE_SIZE];

	(void)type(f, "5/no such machine\nw");
	assert_ptr_equal(f->screen.view, &view_probes);
	assert_null(screen_path(&f->screen));
	(void)type(f, "\033gw");
	probe = &f->screen.scene.snapshot.probes->probes.items[0];
	assert_string_equal(probe->protocol, "Icmp");
	(void)snprintf(text, sizeof(text), "%s %s icmp", probe->from, probe->to);
	assert_string_equal(screen_path(&f->screen), text);
}

static void the_machine_of_the_row_gets_the_shell(void **state)
{
	struct screen_test *f = *state;
	struct effect effect = type(f, "js");

	assert_int_equal(effect.kind, EFFECT_SHELL);
	assert_string_equal(effect.text, "az-spk1-lxvm");
	effect = type(f, "5Gs");
	assert_string_equal(effect.text, "branch-vm1");
	assert_int_equal(type(f, "7s").kind, EFFECT_NONE);
}

static void what_goes_wrong_is_in_the_header(void **state)
{
	struct screen_test *f = *state;

	draw(f, true);
	assert_non_null(strstr(row_text(f, 0), "9/10 BGP"));
	assert_int_equal(f->grid.cells[strstr(row_text(f, 0), "9/10") - row_text(f, 0)].style,
			 STYLE_BAR_BAD);
	f->screen.heard_at -= 4;
	assert_true(shows(f, "silent for 4 s"));
	f->screen.lab = NULL;
	f->screen.scene.snapshot = (struct snapshot){ 0 };
	screen_settle(&f->screen);
	assert_true(shows(f, "no lab is shown"));
}

/* Whatever is pressed and however the window changes, the screen holds together. */
static void random_keys_and_sizes(void **state)
{
	struct screen_test *f = *state;
	struct snapshot whole = f->screen.scene.snapshot;
	unsigned row, col;

	srand(5);
	for (int i = 0; i < 40000; i++) {
		uint32_t key =
			(uint32_t)(rand() % 3 == 0   ? KEY_BASE + 1 + rand() % 12
				   : rand() % 3 == 0 ? "\r\t\033:/?123457gGjkwhlia"[rand() % 22]
						     : rand() % 256);

		(void)screen_key(&f->screen, key ? key : 1);
		if (rand() % 80 == 0)
			screen_resize(&f->screen, 1 + (unsigned)rand() % 60,
				      1 + (unsigned)rand() % 200);
		if (rand() % 200 == 0) { /* the lab goes, and comes back */
			f->screen.scene.snapshot = rand() % 2 ? whole : (struct snapshot){ 0 };
			f->screen.lab = f->screen.scene.snapshot.lab ? "vpner" : NULL;
			screen_settle(&f->screen);
		}
		if (i % 4)
			continue;
		draw(f, rand() % 2);
		if (screen_cursor(&f->screen, &row, &col))
			assert_true(row < f->screen.rows && col <= f->screen.cols);
		assert_true(strlen(f->screen.input.text) < LINE_SIZE &&
			    f->screen.input.cursor <= strlen(f->screen.input.text));
	}
	f->screen.scene.snapshot = whole;
	f->screen.lab = "vpner";
	screen_resize(&f->screen, 24, 80);
	f->screen.states[0].sort = '\0'; /* the machines, in the order of the lab */
	(void)type(f, "\033\033\033\033"
		      "1\033\033gG");
	assert_true(shows(f, ">branch-vm1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_view_at_every_size, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(open_rows_at_80x24, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(drift_is_told_above_the_keys, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(reasons_of_a_row, screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(w_asks_why_of_a_row_of_all_and_no_more,
						screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(reasons_of_another_nic_are_not_shown, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_machines_routes_are_one_key_away, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(an_invalid_route_is_dim_and_says_so, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(the_header_says_where_the_lab_stands, screen_set_up,
						screen_tear_down),
		cmocka_unit_test(no_meaning_rests_on_colour_alone),
		cmocka_unit_test(marks_are_the_glyphs),
		cmocka_unit_test(text_is_clipped_and_made_harmless),
		cmocka_unit_test_setup_teardown(digits_tab_and_escape_go_between_views,
						screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(panes_of_security, screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(security_is_asked_for_only_where_it_is_seen,
						screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(what_if_is_asked_key_by_key, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_nic_without_routes_and_rules_says_why,
						screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(the_form_ends_with_its_view, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(the_newest_flow_is_first, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(flows_are_filtered_and_named, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_machine_without_nsg_says_so, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(the_selection_follows_its_row, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(events_stay_at_their_end, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_filter_shows_what_matches, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(commands_are_typed_completed_and_remembered,
						screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(only_a_confirmed_down_is_run, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(the_line_is_edited, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(the_probe_of_the_row_is_explained, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(the_machine_of_the_row_gets_the_shell,
						screen_set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(what_goes_wrong_is_in_the_header, screen_set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(random_keys_and_sizes, screen_set_up,
						screen_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
