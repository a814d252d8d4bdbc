/* SPDX-License-Identifier: GPL-2.0-or-later */
/* View 0: what it shows, how one moves on it, and what it opens. */
#include "tests/support/test.h"

#include "lab/model/lab.h"
#include "tests/support/golden.h"
#include "tests/support/screen.h"
#include "tui/view/screen_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	struct screen_test *f;

	(void)screen_set_up(state);
	f = *state;
	(void)screen_key(&f->screen, '0');
	return 0;
}

static bool shows(struct screen_test *f, const char *words)
{
	return screen_shows(&f->screen, true, words);
}

static void key(struct screen_test *f, uint32_t code)
{
	(void)screen_key(&f->screen, code);
}

static const char *selected(const struct screen_test *f)
{
	return screen_state(&f->screen)->name;
}

static void select_node(struct screen_test *f, const char *name)
{
	(void)snprintf(screen_mutable_state(&f->screen, &view_map)->name, VIEW_NAME, "%s", name);
	screen_settle(&f->screen);
	assert_string_equal(selected(f), name);
}

/* Every node is reached by arrows from the first one, and each arrow goes where it says. */
static void arrows_reach_every_node(void **state)
{
	static const uint32_t arrows[] = { KEY_CODE_UP, KEY_CODE_DOWN, KEY_CODE_LEFT,
					   KEY_CODE_RIGHT };
	struct screen_test *f = *state;
	const struct graph *g = f->screen.scene.graph;
	bool *is_reached = calloc(g->nodes.count, 1);
	unsigned *queue = calloc(g->nodes.count, sizeof(*queue));
	size_t head = 0, tail = 0;

	queue[tail++] = graph_find(g, selected(f));
	is_reached[queue[0]] = true;
	while (head < tail) {
		unsigned at = queue[head++], to;

		for (size_t i = 0; i < ARRAY_SIZE(arrows); i++) {
			select_node(f, g->nodes.items[at].name);
			key(f, arrows[i]);
			to = graph_find(g, selected(f));
			if (!is_reached[to])
				queue[tail++] = to;
			is_reached[to] = true;
		}
	}
	assert_int_equal(tail, g->nodes.count);
	free(is_reached);
	free(queue);
}

static void arrows_go_where_they_point(void **state)
{
	struct screen_test *f = *state;

	select_node(f, "az-spk1-lxvm");
	key(f, KEY_CODE_RIGHT);
	assert_string_equal(selected(f), "az-spk2-lxvm");
	key(f, KEY_CODE_RIGHT); /* there is nothing */
	assert_string_equal(selected(f), "az-spk2-lxvm");
	key(f, KEY_CODE_LEFT);
	assert_string_equal(selected(f), "az-spk1-lxvm");
	key(f, KEY_CODE_UP);
	assert_string_equal(selected(f), "az-spk1-lxvm");
	key(f, KEY_CODE_DOWN);
	assert_string_equal(selected(f), "az-hub-lxvm");
	select_node(f, "azure-er-circuit-primary");
	key(f, KEY_CODE_DOWN);
	assert_string_equal(selected(f), "megaport-mcr");
	assert_true(shows(f, "! megaport-mcr  provider router"));
}

static void enter_opens_what_fits(void **state)
{
	struct screen_test *f = *state;

	select_node(f, "az-spk1-lxvm");
	key(f, KEY_CODE_ENTER);
	assert_ptr_equal(f->screen.view, &view_routes);
	assert_string_equal(screen_nic(&f->screen), "az-spk1-lxvm-nic");
	key(f, '0');
	assert_string_equal(selected(f), "az-spk1-lxvm");
	select_node(f, "megaport-mcr");
	key(f, KEY_CODE_ENTER);
	assert_ptr_equal(f->screen.view, &view_gateways);
	assert_string_equal(screen_gateway(&f->screen), "megaport-mcr");
	key(f, '0');
	select_node(f, "az-hub-ergw");
	key(f, KEY_CODE_ENTER);
	assert_string_equal(screen_gateway(&f->screen), "az-hub-ergw");
	key(f, KEY_CODE_ESCAPE);
	key(f, '0');
	select_node(f, "branch-er-circuit-primary");
	key(f, KEY_CODE_ENTER);
	assert_string_equal(screen_gateway(&f->screen), "branch-er-circuit-primary");
}

static void s_is_a_shell_on_what_is_selected(void **state)
{
	struct screen_test *f = *state;
	struct effect effect;

	select_node(f, "az-hub-ergw");
	effect = screen_key(&f->screen, 's');
	assert_int_equal(effect.kind, EFFECT_SHELL);
	assert_string_equal(effect.text, "az-hub-ergw-0");
}

/* ---- x ---- */

static void open_menu_of(struct screen_test *f, const char *name)
{
	key(f, KEY_CODE_ESCAPE);
	key(f, KEY_CODE_ESCAPE);
	if (!screen_map(&f->screen))
		key(f, '0');
	select_node(f, name);
	key(f, 'x');
	assert_int_equal(f->screen.mode, MODE_MENU);
}

/* The menu has such a row: narrowed to it, so that it is seen wherever it stands. */
static void assert_offers(struct screen_test *f, const char *letters, const char *row)
{
	(void)screen_press(&f->screen, letters);
	if (!shows(f, row))
		fail_msg("'%s' is not offered", row);
	key(f, KEY_CODE_ESCAPE); /* the filter, not the menu */
}

static void x_is_about_the_selected_node(void **state)
{
	struct screen_test *f = *state;
	struct lab *lab = screen_fixture_model(&f->screen);

	f->screen.scene.model = lab;
	open_menu_of(f, "az-spk1-lxvm");
	assert_true(shows(f, "- az-spk1-lxvm -"));
	assert_offers(f, "cut", "> cut az-spk1-lxvm (virtual machine)");
	assert_offers(f, "nic", "> cut az-spk1-lxvm-nic (NIC)");
	assert_offers(f, "shell", "> a shell on az-spk1-lxvm");
	assert_offers(f, "ping", "> ping from it");
	assert_offers(f, "forwarding", "> enable_ip_forwarding: on");
	assert_offers(f, "spoke1-to-hub", "> Spoke1-to-Hub: ");
	(void)screen_press(&f->screen, "peers");
	assert_false(shows(f, "its peers")); /* it speaks no BGP */
	open_menu_of(f, "az-hub-ergw");
	assert_offers(f, "shell", "> a shell on az-hub-ergw-0");
	assert_offers(f, "kill", "> kill the daemon of az-hub-ergw-0");
	assert_offers(f, "instances", "> cut az-hub-ergw (all its instances)");
	assert_offers(f, "peers", "> its peers");
	open_menu_of(f, "azure-er-circuit-primary");
	assert_offers(f, "path", "> cut azure-er-circuit/primary (one path of the circuit)");
	open_menu_of(f, "megaport-mcr");
	assert_offers(f, "cable", "> lose all packets of megaport-mcr/azure-er-circuit-primary");
	key(f, KEY_CODE_ESCAPE);
	lab_free(lab);
}

/* What the nodes of a lab file's map are about, each row NODE: KIND NAME. */
static void print_subjects(const char *path, unsigned fold, FILE *out)
{
	static const char *const kinds[] = {
		[SUBJECT_LAB] = "lab",         [SUBJECT_NIC] = "NIC",     [SUBJECT_NODE] = "node",
		[SUBJECT_NETWORK] = "network", [SUBJECT_PROBE] = "probe",
	};
	char *text = read_file(path, NULL);
	struct snapshot_file file = { .file = path, .text = text };
	struct err err = { 0 };
	struct graph *graph = graph_of_file(&file, fold, &err);
	struct scene scene = { .graph = graph };

	assert_non_null(graph);
	for (unsigned i = 0; i < graph->nodes.count; i++) {
		struct subject subject = { .kind = SUBJECT_LAB };

		view_map.about(&scene, i, &subject);
		(void)fprintf(out, "%s: %s %s\n", graph->nodes.items[i].name, kinds[subject.kind],
			      subject.name);
	}
	graph_free(graph);
	free(text);
}

/* Many machines are about their network, a far end outside about the connection to it. */
static void x_is_about_what_stands_for_others(void **state)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	(void)state;
	print_subjects("tests/golden/coexist.yaml", GRAPH_FOLD, out);
	print_subjects("tests/golden/frr.yaml", 1, out);
	print_subjects("templates/three-tier/lab.yaml", 1, out);
	text = memory_close(&file);
	assert_golden("screen/map_subjects.txt", text);
	free(text);
}

/* ---- what flows ---- */

static struct snapshot_carried busy_interfaces[] = {
	{ "az-hub-lxvm", "eth0", 1300, 12, 1400, 13 },
	{ "az-spk1-lxvm", "eth0", 52000, 410, 2600000, 1900 },
	{ "az-hub-ergw-0", "eth0", 2100, 21, 2000, 20 },
	{ "azure-er-circuit-primary", "eth0", 2610000, 1940, 61000, 520 },
	{ "megaport-mcr", "link0", 62000, 530, 2900000, 2100 },
};

static struct snapshot_traffic busy = { true, { busy_interfaces, ARRAY_SIZE(busy_interfaces) } };

/* The style of the first cell of a text; it is there. */
static enum style style_of(struct screen_test *f, const char *text)
{
	const struct grid *g = &f->grid;

	screen_draw_anew(&f->screen, &f->grid, true);
	for (unsigned i = 0; i + strlen(text) <= g->rows * g->cols; i++) {
		size_t len = 0;

		while (text[len] && g->cells[i + len].ch == (unsigned char)text[len])
			len++;
		if (!text[len])
			return (enum style)g->cells[i].style;
	}
	fail_msg("no '%s'", text);
	return STYLE_COUNT;
}

static void what_flows_stands_at_its_links(void **state)
{
	struct screen_test *f = *state;

	assert_false(shows(f, "b/s"));
	f->screen.scene.snapshot.traffic = &busy;
	assert_golden_screens(&f->screen, "map_traffic");
	assert_true(shows(f, "| 23Mb/s")); /* the cable */
	assert_int_equal(style_of(f, "21Mb/s -+"), STYLE_TITLE);
	assert_int_equal(style_of(f, "11kb/s -+"), STYLE_DIM);
	f->screen.scene.flow = NULL;
	f->screen.scene.snapshot.probes = NULL; /* none that fails: the pane is for the links */
	select_node(f, "az-spk1-lxvm"); /* where there is little room, what is wrong comes first */
	assert_true(shows(f, "2 of 6 probes"));
	assert_false(shows(f, "21Mb/s out"));
	screen_resize(&f->screen, 40, 120);
	assert_true(shows(f, "21Mb/s out, 416kb/s in"));
	select_node(f, "megaport-mcr"); /* of a router that of its links */
	assert_true(shows(f, "provider router  "));
	assert_true(shows(f, "23Mb/s out, 496kb/s in"));
	busy.is_whole = false; /* it takes two looks */
	assert_false(shows(f, "b/s"));
	busy.is_whole = true;
}

/* Where the lab file says what a cable can carry, what is nearly full is a warning. */
static void a_full_link_stands_out(void **state)
{
	struct screen_test *f = *state;
	struct graph_link *link = NULL;

	f->screen.scene.snapshot.traffic = &busy;
	f->screen.scene.snapshot.probes = NULL;
	select_node(f, "megaport-mcr");
	for (size_t i = 0; i < f->screen.scene.graph->links.count; i++)
		if (!strncmp(f->screen.scene.graph->links.items[i].words, "megaport-mcr/azure", 18))
			link = &f->screen.scene.graph->links.items[i];
	assert_non_null(link);
	if (!link)
		return;
	assert_int_equal(style_of(f, "23Mb/s "), STYLE_TITLE);
	link->rate_mbps = 25;
	assert_int_equal(style_of(f, "23Mb/s "), STYLE_WAITING);
	screen_resize(&f->screen, 40, 120);
	assert_true(shows(f, "23Mb/s out, 496kb/s in of 25Mb/s"));
	link->rate_mbps = 0;
}

/* What the map is made of is followed while it is seen, and no longer. */
static void it_asks_for_what_it_shows(void **state)
{
	struct screen_test *f = *state;

	assert_true(screen_map(&f->screen));
	assert_string_equal(screen_map_path(&f->screen), "az-hub-lxvm branch-vm1 Icmp");
	select_node(f, "az-spk2-lxvm"); /* its own flows are nearer */
	assert_string_equal(screen_map_path(&f->screen), "az-spk2-lxvm branch-vm1 Icmp");
	key(f, '1');
	assert_false(screen_map(&f->screen));
	assert_null(screen_map_path(&f->screen));
}

/* One that was opened among the probes is drawn instead. */
static void a_flow_can_be_chosen(void **state)
{
	struct screen_test *f = *state;

	key(f, '5');
	(void)screen_key(&f->screen, KEY_CODE_ENTER);
	key(f, '0');
	assert_string_equal(screen_map_path(&f->screen), "az-hub-lxvm az-spk1-lxvm Icmp");
	assert_true(shows(f, "Icmp az-hub-lxvm -> az-spk1-lxvm: reply"));
}

static void a_flow_says_where_it_ends(void **state)
{
	struct screen_test *f = *state;

	assert_true(shows(f, "Icmp az-hub-lxvm -> branch-vm1: no reply; ends at az-hub-lxvm"));
	assert_true(shows(f, ">x az-hub-lxvm")); /* the cursor, and where it ends */
	assert_true(shows(f, "~! branch-vm1"));  /* where it should go */
}

static void a_filter_takes_the_selection_along(void **state)
{
	struct screen_test *f = *state;

	for (const char *c = "/provider\r"; *c; c++)
		key(f, (unsigned char)*c);
	assert_string_equal(selected(f), "megaport-mcr");
	key(f, KEY_CODE_DOWN);
	assert_string_equal(selected(f), "megaport-mcr");
}

/* One that begins with '!' is also what arrows and colours go by. */
static void a_filter_that_leaves_out_is_obeyed(void **state)
{
	struct screen_test *f = *state;
	unsigned seen = 0;

	for (const char *c = "/!gateway\r"; *c; c++)
		key(f, (unsigned char)*c);
	select_node(f, "az-spk1-lxvm");
	key(f, KEY_CODE_RIGHT);
	assert_string_equal(selected(f), "az-spk2-lxvm");
	screen_draw_anew(&f->screen, &f->grid, true);
	for (size_t i = 0; i < (size_t)f->grid.rows * f->grid.cols; i++)
		if (f->grid.cells[i].is_selected && f->grid.cells[i].ch == 'z') {
			assert_int_equal(f->grid.cells[i].style, STYLE_TEXT);
			seen++;
		}
	assert_int_equal(seen, 1);
}

/* The selected node is seen at any size. */
static void it_scrolls_to_what_is_selected(void **state)
{
	static const unsigned sizes[][2] = { { 24, 80 }, { 10, 40 }, { 8, 20 }, { 5, 10 } };
	struct screen_test *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		screen_resize(&f->screen, sizes[i][0], sizes[i][1]);
		for (unsigned n = 0; n < f->screen.scene.graph->nodes.count; n++) {
			select_node(f, f->screen.scene.graph->nodes.items[n].name);
			if (sizes[i][0] >= 8)
				assert_true(shows(f, ">"));
			else
				free(screen_text(&f->screen, true));
		}
	}
}

static void without_a_lab_there_is_no_map(void **state)
{
	struct screen_test *f = *state;

	f->screen.scene.graph = NULL;
	screen_settle(&f->screen);
	key(f, KEY_CODE_DOWN);
	key(f, KEY_CODE_RIGHT);
	key(f, KEY_CODE_ENTER);
	assert_ptr_equal(f->screen.view, &view_map);
	assert_false(shows(f, "az-hub-ergw"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(arrows_reach_every_node, set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(arrows_go_where_they_point, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(enter_opens_what_fits, set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(s_is_a_shell_on_what_is_selected, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(x_is_about_the_selected_node, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(x_is_about_what_stands_for_others, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(what_flows_stands_at_its_links, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_full_link_stands_out, set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(it_asks_for_what_it_shows, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_flow_can_be_chosen, set_up, screen_tear_down),
		cmocka_unit_test_setup_teardown(a_flow_says_where_it_ends, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_filter_takes_the_selection_along, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(a_filter_that_leaves_out_is_obeyed, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(it_scrolls_to_what_is_selected, set_up,
						screen_tear_down),
		cmocka_unit_test_setup_teardown(without_a_lab_there_is_no_map, set_up,
						screen_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
