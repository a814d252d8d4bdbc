/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Acting from the screen: what can be done to what is selected, previews, steps, what is typed. */
#include "tests/support/test.h"

#include "lab/model/lab.h"
#include "lab/model/tree.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"
#include "tests/support/screen.h"
#include "tui/view/actions.h"
#include "tui/view/screen_act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct acting {
	struct screen_test test; /* the first member */
	struct lab *lab;
};

static int set_up(void **state)
{
	struct acting *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	screen_test_init(&f->test);
	f->lab = screen_fixture_model(&f->test.screen);
	f->test.screen.scene.model = f->lab;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct acting *f = *state;

	lab_free(f->lab);
	screen_test_fini(&f->test);
	free(f);
	return 0;
}

static bool shows(struct acting *f, const char *words)
{
	return screen_shows(&f->test.screen, true, words);
}

static struct effect type(struct acting *f, const char *keys)
{
	return screen_press(&f->test.screen, keys);
}

static void assert_runs(struct effect effect, const char *command)
{
	assert_int_equal(effect.kind, EFFECT_RUN);
	assert_string_equal(effect.text, command);
}

/* The app runs what was asked for, and says how it ended. */
static void ran(struct acting *f, const char *last_line, int code)
{
	static const char *lines[1];

	lines[0] = last_line;
	f->test.screen.scene.output = (struct printed){ .lines = lines, .count = 1 };
	screen_show_anew(&f->test.screen, &view_output);
	screen_ended(&f->test.screen, code);
}

/* ---- how it looks ---- */

static void menus_and_steps_at_every_size(void **state)
{
	struct acting *f = *state;

	(void)type(f, "jxspoke");
	assert_golden_screens(&f->test.screen, "menu");
	(void)type(f, "\033\033f");
	assert_golden_screens(&f->test.screen, "faults");
	(void)type(f, "\033t");
	assert_golden_screens(&f->test.screen, "steps");
}

/* ---- what can be done ---- */

static const char *const kind_names[] = {
	[MENU_HEADING] = "#",     [MENU_NOTE] = "  note", [MENU_LOOK] = "look",
	[MENU_CHANGE] = "change", [MENU_TYPE] = "type",
};

static void print_rows(const struct scene *scene, enum subject_kind kind, const char *name,
		       bool only_faults, struct arena *arena, FILE *out)
{
	struct subject subject = { .kind = kind };
	struct menu_rows rows;

	(void)snprintf(subject.name, sizeof(subject.name), "%s", name);
	rows = actions_list(scene, &subject, only_faults, arena);
	(void)fprintf(out, "==== %s%s\n", only_faults ? "faults" : name,
		      scene->is_read_only ? ", read-only" : "");
	for (size_t i = 0; i < rows.count; i++) {
		const struct menu_row *row = &rows.items[i];

		(void)fprintf(out, "%s %s\n", kind_names[row->kind], row->label);
		if (row->command)
			(void)fprintf(out, "\t%s\n", row->command);
		if (row->preview)
			(void)fprintf(out, "\t? %s\n", row->preview);
	}
}

static void each_thing_has_its_actions(void **state)
{
	struct acting *f = *state;
	struct scene *scene = &f->test.screen.scene;
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	print_rows(scene, SUBJECT_NIC, "az-spk1-lxvm-nic", false, f->test.arena, out);
	print_rows(scene, SUBJECT_NODE, "megaport-mcr", false, f->test.arena, out);
	print_rows(scene, SUBJECT_NODE, "az-hub-ergw", false, f->test.arena, out);
	print_rows(scene, SUBJECT_NODE, "azure-er-circuit-primary", false, f->test.arena, out);
	print_rows(scene, SUBJECT_NODE, "az-hub-lxvm", false, f->test.arena, out);
	print_rows(scene, SUBJECT_NODE, "az-hub-ergw-0", false, f->test.arena, out);
	print_rows(scene, SUBJECT_NETWORK, "az-spk1-vnet", false, f->test.arena, out);
	print_rows(scene, SUBJECT_PROBE, "az-hub-lxvm branch-vm1 Icmp", false, f->test.arena, out);
	print_rows(scene, SUBJECT_LAB, "", true, f->test.arena, out);
	scene->is_read_only = true;
	print_rows(scene, SUBJECT_NIC, "az-spk1-lxvm-nic", false, f->test.arena, out);
	print_rows(scene, SUBJECT_LAB, "", true, f->test.arena, out);
	text = memory_close(&file);
	assert_golden("screen/actions.txt", text);
	free(text);
}

/* The place of the heading that begins with these words; the count of rows when there is none. */
static size_t find_heading(const struct menu_rows *rows, const char *words)
{
	size_t i = 0;

	while (i < rows->count && (rows->items[i].kind != MENU_HEADING ||
				   strncmp(rows->items[i].label, words, strlen(words)) != 0))
		i++;
	return i;
}

/* Of one thing `own` rows stand before those of others; all are there. */
static void assert_own_first(struct acting *f, enum subject_kind kind, const char *name,
			     const char *heading, size_t own)
{
	const struct scene *scene = &f->test.screen.scene;
	struct subject none = { .kind = SUBJECT_LAB }, subject = { .kind = kind };
	struct menu_rows all = actions_list(scene, &none, true, f->test.arena), rows;
	size_t first, rest;

	(void)snprintf(subject.name, sizeof(subject.name), "%s", name);
	rows = actions_list(scene, &subject, true, f->test.arena);
	first = find_heading(&rows, heading);
	rest = find_heading(&rows, "what else can be broken");
	assert_int_equal(rows.count, all.count + 1);
	assert_int_equal(first, find_heading(&all, "what can be broken"));
	assert_int_equal(rest - first - 1, own);
	for (size_t i = first + 1; i < rows.count; i++) {
		size_t n = 0;

		while (n < all.count && (!all.items[n].command || !rows.items[i].command ||
					 strcmp(all.items[n].command, rows.items[i].command) != 0))
			n++;
		assert_true((n < all.count) == (i != rest));
	}
}

static void what_is_selected_can_be_broken_first(void **state)
{
	struct acting *f = *state;
	const struct scene *scene = &f->test.screen.scene;
	struct subject subject = { SUBJECT_NODE, "no-such-node" };
	struct menu_rows rows;

	assert_own_first(f, SUBJECT_NIC, "az-spk2-lxvm-nic", "what can be broken of az-spk2-lxvm",
			 4);
	assert_own_first(f, SUBJECT_NODE, "az-hub-lxvm", "what can be broken of az-hub-lxvm", 4);
	assert_own_first(f, SUBJECT_NODE, "az-hub-ergw", "what can be broken of az-hub-ergw", 15);
	assert_own_first(f, SUBJECT_PROBE, "az-hub-lxvm branch-vm1 Icmp",
			 "what can be broken of az-hub-lxvm and branch-vm1", 4);
	rows = actions_list(scene, &subject, true, f->test.arena);
	assert_int_equal(find_heading(&rows, "what can be broken of"), rows.count);
	assert_int_equal(find_heading(&rows, "what else"), rows.count);
	assert_true(find_heading(&rows, "what can be broken") < rows.count);
}

/* ---- guests ---- */

/* The first two machines; of the second something was saved. */
static void make_guests(struct acting *f)
{
	static struct snapshot_saved saved[] = {
		{ "first", 1752331000.25, 78000000, true },
		{ "second", 1752331060.5, 78000000, false },
	};
	struct snapshot_nodes *nodes = (struct snapshot_nodes *)f->test.screen.scene.snapshot.nodes;

	for (size_t i = 0; i < 2; i++)
		nodes->nodes.items[i].kind = "libvirt";
	nodes->nodes.items[1].snapshots.items = saved;
	nodes->nodes.items[1].snapshots.count = ARRAY_SIZE(saved);
}

static void a_guest_has_its_console_its_plug_and_snapshots(void **state)
{
	static const char *const states[] = { "stopped", "booting: kernel", "its kernel ended" };
	struct acting *f = *state;
	struct scene *scene = &f->test.screen.scene;
	struct snapshot_node *node;
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	make_guests(f);
	scene->model = NULL; /* the machine alone */
	node = &scene->snapshot.nodes->nodes.items[1];
	print_rows(scene, SUBJECT_NIC, "az-spk1-lxvm-nic", false, f->test.arena, out);
	scene->is_read_only = true;
	print_rows(scene, SUBJECT_NIC, "az-spk1-lxvm-nic", false, f->test.arena, out);
	scene->is_read_only = false;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		node->state = states[i];
		(void)fprintf(out, "==== %s\n", node->state);
		print_rows(scene, SUBJECT_NIC, "az-spk1-lxvm-nic", false, f->test.arena, out);
	}
	text = memory_close(&file);
	assert_golden("screen/actions_guest.txt", text);
	free(text);
}

static void what_cannot_be_saved_has_the_reason(void **state)
{
	struct acting *f = *state;
	struct vm *vm = lab_find_vm(f->lab, "az-spk1-lxvm");

	make_guests(f);
	(void)type(f, "jx");
	assert_true(shows(f, "save what it is now"));
	vm->kind.value = VM_LIBVIRT;
	vm->masquerade = &vm->network_interfaces.items[0];
	assert_false(shows(f, "save what it is now"));
	assert_true(shows(f, "it cannot be saved: it has BGP, tunnels or connections of others"));
	vm->image.value = "/x.qcow2";
	assert_true(shows(f, "it cannot be saved: it boots an image of yours"));
}

static void going_back_is_asked_for_with_what_is_lost(void **state)
{
	struct acting *f = *state;

	make_guests(f);
	(void)type(f, "jx");
	(void)screen_key(&f->test.screen, KEY_CODE_DOWN);
	(void)screen_key(&f->test.screen, KEY_CODE_DOWN);
	assert_golden_screens(&f->test.screen, "guest");
	assert_true(shows(f, "> go back to first (taken "));
	assert_true(shows(f, "what it did since is lost"));
	assert_true(shows(f, "hublab restore -l vpner az-spk1-lxvm first"));
	assert_int_equal(type(f, "\r").kind, EFFECT_NONE);
	assert_int_equal(f->test.screen.mode, MODE_CONFIRM);
	assert_true(shows(f, "restore az-spk1-lxvm first and lose what came since?"));
	assert_int_equal(type(f, "n").kind, EFFECT_NONE);
	(void)type(f, ":res");
	(void)type(f, "tore az-s");
	(void)screen_key(&f->test.screen, KEY_CODE_TAB); /* of the two guests one */
	assert_string_equal(f->test.screen.input.text, "restore az-spk1-lxvm ");
	(void)type(f, "s");
	(void)screen_key(&f->test.screen, KEY_CODE_TAB);
	assert_string_equal(f->test.screen.input.text, "restore az-spk1-lxvm second ");
	assert_int_equal(type(f, "\r").kind, EFFECT_NONE);
	assert_int_equal(f->test.screen.mode, MODE_CONFIRM); /* also when it is typed */
	assert_runs(type(f, "y"), "restore az-spk1-lxvm second ");
	(void)type(f, ":snapshot --delete az-h");
	(void)screen_key(&f->test.screen, KEY_CODE_TAB);
	assert_string_equal(f->test.screen.input.text, "snapshot --delete az-hub-lxvm ");
}

/* The word behind `at`, without its quotes, into `word`; where the next one begins. */
static const char *next_word(const char *at, char word[300])
{
	size_t len;

	at += strspn(at, " ");
	len = *at == '\'' ? strcspn(at + 1, "'") : strcspn(at, " ");
	(void)snprintf(word, 300, "%.*s", (int)len, *at == '\'' ? at + 1 : at);
	return at + len + (*at == '\'' ? 2 : 0);
}

/* Every place that is set is one of the language, and what stands there can be read. */
static void assert_sets_what_there_is(const struct scene *scene, enum subject_kind kind,
				      const char *name, size_t *count)
{
	struct subject subject = { .kind = kind };
	struct arena *arena = arena_new();
	struct menu_rows rows;

	(void)snprintf(subject.name, sizeof(subject.name), "%s", name);
	rows = actions_list(scene, &subject, false, arena);
	for (size_t i = 0; i < rows.count; i++) {
		const char *at = rows.items[i].command;

		if (!at || strncmp(at, "set ", 4) != 0)
			continue;
		for (at += 3; *at;) {
			char path[300], value[300];
			struct tree_place place;

			at = next_word(at, path);
			at = next_word(at, value);
			if (!tree_find_place(&lab_schema, path, &place) || !*value)
				fail_msg("%s: no such place: %s", rows.items[i].command, path);
			++*count;
		}
	}
	arena_free(arena);
}

static void every_set_is_of_the_language(void **state)
{
	static const char *const files[] = { "templates/vpner/lab.yaml", "tests/golden/hybrid.yaml",
					     "templates/three-tier/lab.yaml",
					     "templates/route-server-nvas/lab.yaml" };
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct fixture f = { 0 };
		struct scene scene = { 0 };

		fixture_read(&f, files[i]);
		scene.model = f.lab;
		for (size_t n = 0; n < f.lab->vms.count; n++) {
			const struct vm *vm = &f.lab->vms.items[n];

			assert_sets_what_there_is(&scene, SUBJECT_NODE, vm->object.name, &count);
			for (size_t k = 0; k < vm->network_interfaces.count; k++)
				assert_sets_what_there_is(
					&scene, SUBJECT_NIC,
					vm->network_interfaces.items[k].object.name, &count);
		}
		for (size_t n = 0; n < f.lab->route_servers.count; n++)
			assert_sets_what_there_is(&scene, SUBJECT_NODE,
						  f.lab->route_servers.items[n].object.name,
						  &count);
		for (size_t n = 0; n < f.lab->virtual_network_gateways.count; n++)
			assert_sets_what_there_is(
				&scene, SUBJECT_NODE,
				f.lab->virtual_network_gateways.items[n].object.name, &count);
		for (size_t n = 0; n < f.lab->providers.count; n++)
			assert_sets_what_there_is(&scene, SUBJECT_NODE,
						  f.lab->providers.items[n].object.name, &count);
		fixture_free(&f);
	}
	assert_true(count > 100);
}

/* What Azure would refuse for one half of a peering alone is set on both. */
static void gateways_of_peers_are_used_by_both_halves(void **state)
{
	struct acting *f = *state;

	assert_runs(type(f, "xhub-to-spoke1 transit\r"),
		    "whatif virtual_networks/az-hub-vnet/peerings/Hub-to-Spoke1/"
		    "allow_gateway_transit false virtual_networks/az-spk1-vnet/peerings/"
		    "Spoke1-to-Hub/use_remote_gateways false");
}

/* ---- the menu ---- */

static void the_menu_is_narrowed_by_typing(void **state)
{
	struct acting *f = *state;

	(void)type(f, "jxforward");
	assert_true(shows(f, "> enable_ip_forwarding: on"));
	assert_true(shows(f, "allow_forwarded_traffic"));
	assert_false(shows(f, "a shell on"));
	assert_true(shows(f, "hublab set -l vpner vms/az-spk1-lxvm/enable_ip_forwarding true"));
	(void)screen_key(&f->test.screen, KEY_CODE_DOWN);
	assert_true(shows(f, "> Spoke1-to-Hub: allow_forwarded_traffic on"));
	(void)screen_key(&f->test.screen, KEY_CODE_END);
	assert_true(shows(f, "> take back vms/az-spk2-lxvm/enable_ip_forwarding"));
	(void)screen_key(&f->test.screen, KEY_CODE_DOWN); /* there is no other */
	assert_true(shows(f, "> take back vms/az-spk2-lxvm/enable_ip_forwarding"));
	(void)type(f, "zzz");
	assert_true(shows(f, "nothing has these letters"));
	assert_int_equal(type(f, "\r").kind, EFFECT_NONE);
	(void)type(f, "\033"); /* the filter, then the menu */
	assert_true(shows(f, "a shell on az-spk1-lxvm"));
	(void)type(f, "\033");
	assert_int_equal(f->test.screen.mode, MODE_VIEW);
	assert_true(shows(f, ">az-spk1-lxvm"));
}

/* A fault that is over goes from the list while it is open: the selection stays on its row. */
static void the_selection_follows_its_row(void **state)
{
	struct acting *f = *state;
	struct snapshot_faults none = { 0 };

	(void)type(f, "f");
	assert_true(shows(f, "> clear: cut megaport-mcr/azure-er-circuit-primary"));
	assert_true(shows(f, "set: detected 1."));
	(void)type(f, "\033");
	(void)type(f, "flose az-spk1-lxvm (");
	assert_true(shows(f, "> lose all packets of az-spk1-lxvm (virtual machine)"));
	f->test.screen.scene.snapshot.faults = &none;
	assert_true(shows(f, "> lose all packets of az-spk1-lxvm (virtual machine)"));
	assert_runs(type(f, "\r"), "whatif --cut az-spk1-lxvm");
	assert_true(shows(f, "fault drop az-spk1-lxvm would change ..."));
	ran(f, "It would change the routes of 0 NICs and 8 flows.", 0);
	assert_true(shows(f, "fault drop az-spk1-lxvm do it?"));
}

static void a_line_is_begun_for_who_completes_it(void **state)
{
	struct acting *f = *state;

	(void)type(f, "xping from\r");
	assert_int_equal(f->test.screen.mode, MODE_COMMAND);
	assert_string_equal(f->test.screen.input.text, "ping az-hub-lxvm ");
	(void)type(f, "\033");
	assert_runs(type(f, "5xother way\r"), "why az-spk1-lxvm az-hub-lxvm Icmp");
}

static void without_a_lab_there_is_nothing_to_act_on(void **state)
{
	struct acting *f = *state;

	f->test.screen.lab = NULL;
	f->test.screen.scene.snapshot = (struct snapshot){ 0 };
	f->test.screen.scene.model = NULL;
	(void)type(f, "x");
	assert_int_equal(f->test.screen.mode, MODE_VIEW);
	assert_true(shows(f, "no lab is shown: o lists"));
	(void)type(f, "tu\r");
	screen_draw_anew(&f->test.screen, &f->test.grid, true);
}

/* ---- previews ---- */

static void a_change_is_seen_before_it_is_made(void **state)
{
	struct acting *f = *state;

	(void)type(f, "j");
	assert_runs(type(f, "xenable_ip\r"), "whatif vms/az-spk1-lxvm/enable_ip_forwarding true");
	ran(f, "It would change nothing.", 0);
	assert_true(shows(f, "It would change nothing."));
	assert_true(shows(f, "do it?"));
	assert_int_equal(type(f, "jk").kind, EFFECT_NONE); /* it can be read meanwhile */
	assert_int_equal(f->test.screen.mode, MODE_CONFIRM);
	assert_runs(type(f, "y"), "set vms/az-spk1-lxvm/enable_ip_forwarding true");
	ran(f, "is up", 0);
	assert_ptr_equal(f->test.screen.view, &view_vms);
	assert_true(shows(f, "done, u takes it back: set vms/az-spk1-lxvm/enable_ip_forwarding"));
	(void)type(f, ":");
	(void)screen_key(&f->test.screen, KEY_CODE_UP); /* people learn the command */
	assert_string_equal(f->test.screen.input.text,
			    "set vms/az-spk1-lxvm/enable_ip_forwarding true");
}

static void a_change_that_is_not_wanted_is_not_made(void **state)
{
	struct acting *f = *state;

	(void)type(f, "jxenable_ip\r");
	ran(f, "It would change nothing.", 0);
	assert_int_equal(type(f, "n").kind, EFFECT_NONE);
	assert_ptr_equal(f->test.screen.view, &view_vms);
	assert_int_equal(type(f, "y").kind, EFFECT_NONE); /* too late */
}

static void nobody_says_yes_to_what_was_not_seen(void **state)
{
	struct acting *f = *state;

	(void)type(f, "jxenable_ip\r");
	assert_int_equal(type(f, "y").kind, EFFECT_NONE);
	assert_true(shows(f, "still being found out"));
	ran(f, "It would change nothing.", 0);
	assert_int_equal(type(f, "y").kind, EFFECT_RUN);
}

static void what_would_be_cut_is_not_run(void **state)
{
	struct acting *f = *state;
	char command[LINE_SIZE + 10];

	memset(command, 'x', sizeof(command) - 1);
	command[sizeof(command) - 1] = '\0';
	assert_int_equal(screen_propose(&f->test.screen, command, "changes").kind, EFFECT_NONE);
	assert_int_equal(screen_propose(&f->test.screen, "undo", command).kind, EFFECT_NONE);
	assert_int_equal(f->test.screen.mode, MODE_VIEW);
	assert_true(shows(f, "too long for this screen"));
}

static void what_cannot_be_is_not_asked_for(void **state)
{
	struct acting *f = *state;

	(void)type(f, "jxenable_ip\r");
	ran(f, "hublab: no such thing", 3);
	assert_int_equal(f->test.screen.mode, MODE_VIEW);
	assert_ptr_equal(f->test.screen.view, &view_output);
	assert_true(shows(f, "it cannot be done: nothing is changed"));
	assert_int_equal(type(f, "y").kind, EFFECT_NONE);
}

static void what_fails_stays_to_be_read(void **state)
{
	struct acting *f = *state;

	(void)type(f, "jxenable_ip\r");
	ran(f, "It would change nothing.", 0);
	(void)type(f, "y");
	ran(f, "hublab: lab 'vpner' is being changed", 1);
	assert_ptr_equal(f->test.screen.view, &view_output);
	assert_false(shows(f, "done"));
	(void)type(f, "fclear\r");
	assert_runs(type(f, "y"), "fault clear 3"); /* without a preview: asked at once */
	ran(f, "fault 3 is cleared", 4);
	assert_true(shows(f, "done, but not all is as it should be: fault clear 3"));
}

static void u_takes_back_the_newest_change(void **state)
{
	struct acting *f = *state;
	struct snapshot_file file = *f->test.screen.scene.snapshot.file;

	assert_runs(type(f, "u"), "whatif --undo 1");
	ran(f, "It would change nothing.", 0);
	assert_runs(type(f, "y"), "undo");
	ran(f, "is up", 0);
	file.changes.count = 0;
	f->test.screen.scene.snapshot.file = &file;
	assert_int_equal(type(f, "u").kind, EFFECT_NONE);
	assert_true(shows(f, "nothing to take back"));
}

static void who_only_looks_changes_nothing(void **state)
{
	struct acting *f = *state;

	f->test.screen.scene.is_read_only = true;
	assert_true(shows(f, " vpner  read-only "));
	assert_int_equal(type(f, "u").kind, EFFECT_NONE);
	assert_true(shows(f, "this screen only looks (--read-only)"));
	(void)type(f, "tj\r");
	assert_true(shows(f, "this screen only looks (--read-only)"));
	(void)type(f, "\033jx");
	assert_false(shows(f, "a shell on"));
	assert_false(shows(f, "cut az-"));
	assert_true(shows(f, "ping from it"));
}

/* ---- steps ---- */

static void steps_have_their_text_and_verdicts(void **state)
{
	struct acting *f = *state;

	assert_false(screen_wants_test(&f->test.screen));
	(void)type(f, "t");
	assert_true(screen_wants_test(&f->test.screen) && screen_wants_model(&f->test.screen));
	assert_true(shows(f, ">= 1 ExpressRoute only"));
	assert_true(shows(f, "4 pass 8 fail 3 unknown"));
	(void)screen_key(&f->test.screen, KEY_CODE_RIGHT); /* all of it, to be read */
	assert_false(shows(f, "ExpressRoute only"));
	assert_true(shows(f, "! az-hub-lxvm -> branch-vm1 Http works"));
	assert_true(shows(f, "fail (line 79): no reply"));
	(void)type(f, "\033j");
	assert_true(shows(f, "virtual_networks/az-spk1-vnet/peerings/Spoke1-to-Hub/"));
	assert_true(shows(f, "expects { routes: az-spk1-lxvm, prefix: 10.100.0.0/24, absent"));
	assert_runs(type(f, "\r"), "whatif --step 2");
	ran(f, "It would change the routes of 2 NICs.", 0);
	assert_runs(type(f, "y"), "step 2");
	ran(f, "is up at step 2", 0);
	assert_ptr_equal(f->test.screen.view, &view_steps);
	assert_true(shows(f, "done, t has all steps: step 2"));
	(void)type(f, "t\r"); /* the lab's own step is opened */
	assert_true(screen_state(&f->test.screen)->is_open);
}

static void verdicts_of_another_time_are_none(void **state)
{
	struct acting *f = *state;
	struct snapshot_test test = { 0 };

	f->test.screen.scene.snapshot.test = &test;
	(void)type(f, "t");
	assert_true(shows(f, " 15 looked at"));
	f->test.screen.scene.snapshot.test = NULL;
	f->test.screen.scene.snapshot.test_refusal = "lab 'vpner' is being changed";
	assert_true(shows(f, "lab 'vpner' is being changed"));
}

static void keys_are_not_for_who_looks_on(void **state)
{
	struct acting *f = *state;
	struct snapshot_file file = *f->test.screen.scene.snapshot.file;

	file.text = "lab: vpner\nsteps:\n- name: one\n- name: two\n"
		    "  set: { connections/a: { shared_key: very-secret, gateway: b } }\n";
	file.changes.count = 0;
	f->test.screen.scene.snapshot.file = &file;
	lab_free(f->lab);
	f->lab = screen_fixture_model(&f->test.screen);
	f->test.screen.scene.model = f->lab;
	(void)type(f, "tj");
	assert_false(shows(f, "very-secret"));
	assert_true(shows(f, "gateway: b"));
}

/* ---- the last news ---- */

static void what_somebody_did_is_told_before_what_follows(void **state)
{
	struct acting *f = *state;
	struct snapshot_event events[] = {
		{ 1, f->test.screen.scene.now - 3, "change",
		  "vms/a/enable_ip_forwarding: false -> true" },
		{ 2, f->test.screen.scene.now - 1, "routes", "changed 10.0.0.0/8: 2 NICs" },
	};
	struct snapshot_events all = { .events = { events, 2 } };

	f->test.screen.scene.snapshot.events = &all;
	assert_true(shows(f, "vms/a/enable_ip_forwarding: false -> true"));
	events[0].time -= 60;
	assert_true(shows(f, "changed 10.0.0.0/8: 2 NICs"));
}

/* ---- what is typed ---- */

static void assert_completes(struct acting *f, const char *keys, const char *line)
{
	(void)type(f, keys);
	assert_string_equal(f->test.screen.input.text, line);
	(void)type(f, "\033");
}

static void paths_and_values_are_completed(void **state)
{
	struct acting *f = *state;

	assert_completes(f, ":set route_t\t", "set route_tables/");
	assert_completes(f, ":set route_tables/\t", "set route_tables/to-branch/");
	assert_completes(f, ":set virtual_networks/az-spk1\t\tpee\t\tuse\t",
			 "set virtual_networks/az-spk1-vnet/peerings/Spoke1-to-Hub/"
			 "use_remote_gateways ");
	assert_completes(f, ":set vms/branch-vm1/enable_ip\tt\t",
			 "set vms/branch-vm1/enable_ip_forwarding true ");
	assert_completes(
		f, ":set virtual_networks/az-spk2-vnet/subnets/subnet1/route_table t\t",
		"set virtual_networks/az-spk2-vnet/subnets/subnet1/route_table to-branch ");
	assert_completes(f, ":set vms/az-spk1-lxvm/subnet az-spk2\t",
			 "set vms/az-spk1-lxvm/subnet az-spk2-vnet/subnet1 ");
	assert_completes(f, ":whatif a b providers/mega\tlinks/\t",
			 "whatif a b providers/megaport-mcr/links/");
	assert_completes(f, ":set nowhere/a\t", "set nowhere/a");
	assert_completes(f, ":step n\t", "step next ");
	assert_completes(f, ":bgp az-hub-e\t", "bgp az-hub-ergw");
	assert_completes(f, ":fault cut azure-er-circuit/p\t",
			 "fault cut azure-er-circuit/primary ");
	assert_completes(f, ":routes branch\t", "routes branch-");
	f->test.screen.scene.model = NULL; /* not there yet */
	assert_completes(f, ":set route_t\t", "set route_t");
}

/* ---- anything at all ---- */

static void random_keys_end_nowhere_else(void **state)
{
	static const char keys[] = "xftujk\r\033yn\t:acdefr \b";
	struct acting *f = *state;

	srand(7);
	for (int i = 0; i < 30000; i++) {
		uint32_t key = rand() % 12
				       ? (unsigned char)keys[(size_t)rand() % (sizeof(keys) - 1)]
				       : KEY_BASE + (uint32_t)(rand() % 14);
		struct effect effect = screen_key(&f->test.screen, key);

		if (effect.kind == EFFECT_RUN)
			ran(f, "done", rand() % 5);
		if (rand() % 90 == 0)
			screen_resize(&f->test.screen, 1 + (unsigned)rand() % 50,
				      1 + (unsigned)rand() % 150);
		if (rand() % 150 == 0)
			f->test.screen.scene.is_read_only = rand() % 2;
		if (i % 5 == 0)
			screen_draw_anew(&f->test.screen, &f->test.grid, rand() % 2);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(menus_and_steps_at_every_size),
		TEST(each_thing_has_its_actions),
		TEST(what_is_selected_can_be_broken_first),
		TEST(a_guest_has_its_console_its_plug_and_snapshots),
		TEST(what_cannot_be_saved_has_the_reason),
		TEST(going_back_is_asked_for_with_what_is_lost),
		TEST(every_set_is_of_the_language),
		TEST(gateways_of_peers_are_used_by_both_halves),
		TEST(the_menu_is_narrowed_by_typing),
		TEST(the_selection_follows_its_row),
		TEST(a_line_is_begun_for_who_completes_it),
		TEST(without_a_lab_there_is_nothing_to_act_on),
		TEST(a_change_is_seen_before_it_is_made),
		TEST(a_change_that_is_not_wanted_is_not_made),
		TEST(nobody_says_yes_to_what_was_not_seen),
		TEST(what_would_be_cut_is_not_run),
		TEST(what_cannot_be_is_not_asked_for),
		TEST(what_fails_stays_to_be_read),
		TEST(u_takes_back_the_newest_change),
		TEST(who_only_looks_changes_nothing),
		TEST(steps_have_their_text_and_verdicts),
		TEST(verdicts_of_another_time_are_none),
		TEST(keys_are_not_for_who_looks_on),
		TEST(what_somebody_did_is_told_before_what_follows),
		TEST(paths_and_values_are_completed),
		TEST(random_keys_end_nowhere_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
