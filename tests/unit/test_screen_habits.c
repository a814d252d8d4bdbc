/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the screen does alike in every view, and the views of commands and logs. */
#include "tests/support/test.h"

#include "lab/snapshot/snapshot_copy.h"
#include "tests/support/golden.h"
#include "tests/support/screen.h"
#include "tui/view/config.h"
#include "tui/view/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct effect type(struct screen_test *f, const char *keys)
{
	return screen_press(&f->screen, keys);
}

static bool shows(struct screen_test *f, const char *words)
{
	return screen_shows(&f->screen, true, words);
}

/* A line that begins so, behind the mark of what is selected. */
static bool is_selected(struct screen_test *f, const char *words)
{
	char line[100];

	(void)snprintf(line, sizeof(line), "\n>%s", words);
	return shows(f, line);
}

/* ---- golden screens ---- */

static void commands_and_logs_at_every_size(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "8");
	assert_golden_screens(&f->screen, "history");
	(void)type(f, "9");
	assert_golden_screens(&f->screen, "logs");
	(void)type(f, "8kkk\r");
	assert_golden_screens(&f->screen, "history_open");
	(void)type(f, "\0338G9\r");
	assert_golden_screens(&f->screen, "logs_open");
}

/* ---- commands ---- */

static void the_newest_command_is_selected_and_followed(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_history more = *f->screen.scene.snapshot.history;
	struct snapshot_command *commands =
		arena_alloc(f->arena, (more.commands.count + 1) * sizeof(*commands));

	(void)type(f, "8");
	assert_true(shows(f, "fault -l branch-frr clear"));
	memcpy(commands, more.commands.items, more.commands.count * sizeof(*commands));
	commands[more.commands.count] = (struct snapshot_command){
		.number = 99, .time = 1, .by = "x", .command = "hublab mend", .state = "running"
	};
	more.commands.items = commands;
	more.commands.count++;
	f->screen.scene.snapshot.history = &more;
	screen_settle(&f->screen);
	assert_true(shows(f, "? hublab mend") || shows(f, "hublab mend"));
	assert_int_equal(screen_state(&f->screen)->selected, more.commands.count - 1);
	commands[more.commands.count - 1].state = "failed";
	commands[more.commands.count - 1].error = "no such thing";
	(void)type(f, "\r");
	assert_true(shows(f, "! failed"));
	assert_true(shows(f, "no such thing"));
}

static void a_log_is_followed_until_one_moves(void **state)
{
	struct screen_test *f = *state;
	const struct snapshot_log *log = f->screen.scene.snapshot.log;
	char last[40];

	(void)type(f, "9");
	assert_string_equal(screen_log(&f->screen), log->name);
	assert_false(screen_history(&f->screen));
	(void)type(f, "\r");
	assert_true(shows(f, "followed"));
	(void)snprintf(last, sizeof(last), "%.30s",
		       log->lines.items[log->lines.count - 1].text + 24);
	assert_true(shows(f, last));
	(void)type(f, "k");
	assert_false(shows(f, "followed"));
	(void)type(f, "G");
	assert_true(shows(f, "followed"));
	(void)type(f, "/UPDATE\r");
	assert_true(shows(f, "only rows with 'UPDATE', "));
	(void)type(f, "\033\033");
	assert_true(shows(f, "PROGRAM")); /* the list, whose filter that was not */
	(void)type(f, "j");
	assert_string_not_equal(screen_log(&f->screen), log->name);
}

/* Its machine, when it is one: ends of tunnels are none that has a shell. */
static void x_is_about_the_machine_of_a_log(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_log_source *source =
		(struct snapshot_log_source *)f->screen.scene.snapshot.log_sources->sources.items;

	source->node = "az-hub-ergw-0"; /* the logs are of another lab */
	(void)type(f, "9xshell");
	assert_true(shows(f, "> a shell on az-hub-ergw-0"));
	(void)type(f, "\033kill");
	assert_true(shows(f, "> kill the daemon of az-hub-ergw-0"));
	source->node = "az-to-branch"; /* the end of a tunnel */
	(void)type(f, "\033\033xshell");
	assert_true(shows(f, "nothing has these letters"));
}

static void the_machine_of_a_log_gets_the_shell(void **state)
{
	struct screen_test *f = *state;
	struct snapshot_log_source sources[] = {
		{ "zebra@branch-ergw-1", "branch-ergw-1", "zebra", "up", 7 },
		{ "hub-t0", "hub-t0", "charon", "up", 8 },
	};
	struct snapshot_log_sources all = { .sources = { sources, ARRAY_SIZE(sources) } };
	struct effect effect;

	f->screen.scene.snapshot.log_sources = &all;
	(void)type(f, "9");
	effect = type(f, "s");
	assert_int_equal(effect.kind, EFFECT_SHELL);
	assert_string_equal(effect.text, "branch-ergw-1");
	effect = type(f, "js");
	assert_int_equal(effect.kind, EFFECT_NONE);
	assert_true(shows(f, "no machine is selected"));
}

/* ---- filter ---- */

static void a_filter_counts_and_can_be_the_other_way_round(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "/spk");
	assert_true(shows(f, "2 of 4\n"));
	(void)type(f, "\r");
	assert_true(shows(f, "only rows with 'spk', 2 of 4: Esc"));
	(void)type(f, "\033/!spk\r");
	assert_true(shows(f, "only rows without 'spk', 2 of 4: Esc"));
	assert_true(shows(f, ">az-hub-lxvm") && shows(f, " branch-vm1"));
	assert_false(shows(f, " az-spk1-lxvm    10"));
	(void)type(f, "\033/!\r");
	assert_true(shows(f, "4 of 4"));
	(void)type(f, "\033"
		      "4/!gateway\r"); /* what is no row of the view stays none */
	assert_false(shows(f, "az-hub-ergw-1  "));
	(void)type(f, "\033/zzz");
	assert_true(shows(f, "0 of "));
}

/* ---- sort ---- */

static void shift_letter_sorts_and_marks_the_column(void **state)
{
	struct screen_test *f = *state;

	assert_true(is_selected(f, "az-hub-lxvm"));
	(void)type(f, "N");
	assert_true(shows(f, " VM^"));
	assert_true(shows(f, "sorted by name"));
	assert_true(is_selected(f, "az-hub-lxvm")); /* the row is followed */
	(void)type(f, "N");
	assert_true(shows(f, " VMv"));
	(void)screen_key(&f->screen, 'g');
	assert_true(is_selected(f, "branch-vm1"));
	(void)type(f, "N");
	assert_false(shows(f, " VMv") || shows(f, " VM^"));
	(void)type(f, "A");
	assert_true(shows(f, "ADDRESS^"));
	(void)screen_key(&f->screen, 'g');
	assert_true(is_selected(f, "az-hub-lxvm")); /* 10.0.0.4 before 10.100.0.2 */
	(void)type(f, "X");
	assert_true(shows(f, "rows are sorted by Shift and N name, A address"));
	(void)type(f, "7N");
	assert_true(shows(f, "one order only"));
	(void)type(f, "5R");
	assert_true(shows(f, "RTT^"));
	assert_true(view_at(&view_probes, &f->screen.scene, screen_state(&f->screen), 0) !=
		    VIEW_NOTHING);
	assert_int_equal(view_at(&view_probes, &f->screen.scene, screen_state(&f->screen), 1000000),
			 VIEW_NOTHING);
}

static void slow_probes_come_first(void **state)
{
	struct screen_test *f = *state;
	double before = 1e9;
	size_t *rows, count;

	(void)type(f, "5R");
	count = view_order(&view_probes, &f->screen.scene, screen_state(&f->screen), &rows);
	assert_int_equal(count, f->screen.scene.snapshot.probes->probes.count);
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_probe *probe =
			&f->screen.scene.snapshot.probes->probes.items[rows[i]];
		double rtt = probe->is_reply ? probe->rtt_ms : -1;

		assert_true(rtt <= before);
		before = rtt;
	}
	free(rows);
}

/* ---- describe, JSON, copy ---- */

static void what_is_selected_is_described(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "d");
	assert_ptr_equal(f->screen.view, &view_page);
	assert_true(shows(f, "az-hub-lxvm has the address 10.0.0.4 on its NIC az-hub-lxvm-nic in"));
	assert_true(shows(f, "probes green         4"));
	(void)type(f, "\033");
	assert_ptr_equal(f->screen.view, &view_vms);
	(void)type(f, "y");
	assert_true(shows(f, "vms az-hub-lxvm-nic, as JSON"));
	assert_true(shows(f, "\"address\": \"10.0.0.4\","));
	(void)type(f, "\033o");
	(void)type(f, "d"); /* of labs and templates nothing more is known */
	assert_true(shows(f, "nothing is selected"));
}

static void every_view_describes_its_rows(void **state)
{
	static const char digits[] = "12345789";
	struct screen_test *f = *state;

	for (const char *digit = digits; *digit; digit++) {
		char *text;
		json_t *json;
		struct effect effect;

		(void)screen_key(&f->screen, (uint32_t)*digit);
		(void)type(f, "y");
		assert_ptr_equal(f->screen.view, &view_page);
		effect = type(f, "c");
		assert_int_equal(effect.kind, EFFECT_COPY);
		text = strchr(f->screen.copied, '{'); /* behind the title */
		assert_non_null(text);
		json = json_loads(text, 0, NULL);
		assert_non_null(json);
		json_decref(json);
		(void)type(f, "\033d");
		assert_ptr_equal(f->screen.view, &view_page);
		(void)type(f, "\033");
	}
}

static void the_row_or_its_command_is_copied(void **state)
{
	struct screen_test *f = *state;
	const struct snapshot_history *history = f->screen.scene.snapshot.history;
	struct effect effect = type(f, "c");

	assert_int_equal(effect.kind, EFFECT_COPY);
	assert_true(!strncmp(f->screen.copied, "az-hub-lxvm ", 12));
	assert_null(strchr(f->screen.copied, '\n'));
	assert_null(strstr(f->screen.copied, "VnetLocal")); /* nothing of the other pane */
	(void)type(f, "8c");
	assert_string_equal(f->screen.copied,
			    history->commands.items[history->commands.count - 1].command);
	(void)type(f, "g\rc"); /* all of it, and no line broken */
	assert_non_null(strstr(f->screen.copied, history->commands.items[0].az.items[0]));
	assert_non_null(strstr(f->screen.copied, "\nin Azure\n"));
	f->screen.scene.snapshot.history = NULL;
	(void)type(f, "\0338");
	effect = type(f, "c");
	assert_int_equal(effect.kind, EFFECT_NONE);
	assert_true(shows(f, "nothing is selected that could be copied"));
}

/* ---- freeze and zoom ---- */

static void frozen_has_a_badge_and_ends_with_the_view(void **state)
{
	struct screen_test *f = *state;

	assert_true(shows(f, "live"));
	(void)type(f, " ");
	assert_true(f->screen.is_frozen);
	assert_true(shows(f, "FROZEN at "));
	assert_true(shows(f, ": Space goes on"));
	(void)type(f, "j");
	assert_true(is_selected(f, "az-spk1-lxvm")); /* one can look around in it */
	(void)type(f, "d\033");
	assert_ptr_equal(f->screen.view, &view_vms);
	assert_true(f->screen.is_frozen); /* also after a look at all that is known */
	(void)type(f, " 5 z");
	assert_true(shows(f, "FROZEN at "));
	assert_false(shows(f, "q quit"));
	(void)type(f, "z ");
	assert_false(f->screen.is_frozen);
	assert_true(shows(f, "live"));
	(void)type(f, " 1");
	assert_false(f->screen.is_frozen);
	screen_resize(&f->screen, 10, 40);
	(void)type(f, " ");
	assert_true(shows(f, " FROZEN\n"));
	f->screen.is_frozen = false;
	f->screen.lab = NULL; /* of no lab there is nothing to freeze */
	(void)type(f, " ");
	assert_false(f->screen.is_frozen);
}

static void a_copy_of_a_snapshot_is_equal_and_its_own(void **state)
{
	struct screen_test *f = *state;
	struct arena *arena = arena_new();
	struct snapshot copy = snapshot_copy(&f->screen.scene.snapshot, arena);
	char *before, *after;

	for (const char *digit = "12345789"; *digit; digit++) {
		(void)screen_key(&f->screen, (uint32_t)*digit);
		before = screen_text(&f->screen, false);
		arena_free(f->arena); /* all that the first one borrowed is gone */
		f->arena = arena_new();
		f->screen.scene.snapshot = copy;
		f->screen.lab = copy.lab->name;
		f->screen.scene.choice_count = 0;
		after = screen_text(&f->screen, false);
		assert_string_equal(before, after);
		free(before);
		free(after);
	}
	arena_free(arena);
	f->screen.scene.snapshot = (struct snapshot){ 0 };
}

static void zoom_gives_the_detail_all_lines(void **state)
{
	struct screen_test *f = *state;

	(void)type(f, "8z");
	assert_true(f->screen.is_zoomed);
	assert_false(shows(f, "q quit"));
	assert_false(shows(f, "live"));
	assert_true(shows(f, "after "));
	(void)type(f, "c"); /* what is said is still seen */
	(void)type(f, "X");
	assert_true(shows(f, "one order only"));
	(void)type(f, "z");
	assert_true(shows(f, "q quit"));
	assert_true(shows(f, "COMMAND"));
	(void)type(f, "\rz\033"); /* what was open before stays so */
	assert_true(shows(f, "after ") && shows(f, "q quit"));
	(void)type(f, "\0331z");
	assert_ptr_equal(f->screen.view, &view_routes);
	(void)type(f, "z");
	assert_ptr_equal(f->screen.view, &view_vms);
	(void)type(f, "z7");
	assert_true(f->screen.is_zoomed); /* so does the next view, */
	(void)type(f, "z");
	assert_ptr_equal(f->screen.view, &view_events); /* of which nothing was opened */
	(void)type(f, "?z");
	assert_true(shows(f, "KEYS"));
	assert_false(shows(f, "q quit  "));
}

/* ---- the mouse ---- */

static void a_click_selects_and_the_wheel_moves(void **state)
{
	struct screen_test *f = *state;

	(void)screen_key(&f->screen, KEY_CODE_CLICK + 4); /* header, heading, three machines */
	assert_true(is_selected(f, "az-spk2-lxvm"));
	(void)screen_key(&f->screen, KEY_CODE_CLICK + 0);
	assert_true(is_selected(f, "az-spk2-lxvm"));
	(void)screen_key(&f->screen, KEY_CODE_WHEEL_UP);
	assert_true(is_selected(f, "az-hub-lxvm"));
	(void)screen_key(&f->screen, KEY_CODE_WHEEL_DOWN);
	assert_true(is_selected(f, "branch-vm1"));
	assert_int_equal(type(f, ":mouse on\r").kind, EFFECT_MOUSE);
	assert_true(f->screen.has_mouse);
	assert_int_equal(type(f, ":mouse off\r").kind, EFFECT_MOUSE);
	assert_false(f->screen.has_mouse);
}

/* ---- the file of keys and colours ---- */

static bool read_config(struct screen_config *config, const char *text, char *error, size_t size)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct memory_file file = { 0 };
	bool is_read;
	char *out;

	screen_config_init(config);
	is_read = screen_config_read(config, text, strlen(text), "screen.yaml", &diags);
	diags_print(&diags, text, strlen(text), memory_open(&file));
	out = memory_close(&file);
	(void)snprintf(error, size, "%s", out);
	free(out);
	return is_read;
}

static void keys_are_bound_anew(void **state)
{
	struct screen_test *f = *state;
	struct screen_config config;
	char error[2000];

	assert_true(read_config(&config,
				"theme: light\ncolours: 8\nmouse: true\n"
				"keys:\n  quit: [b, Ctrl-C]\n  describe: F\n  suspend: []\n"
				"  freeze: Page Down\n  page_down: \xc3\xa9\n",
				error, sizeof(error)));
	assert_string_equal(error, "");
	assert_int_equal(config.theme, CONFIG_THEME_LIGHT);
	assert_int_equal(config.colours, 8);
	assert_true(config.has_mouse);
	assert_false(config.is_ascii);
	f->screen.scene.keys = &config.keys;
	assert_int_equal(type(f, "q").kind, EFFECT_NONE);
	assert_int_equal(type(f, "b").kind, EFFECT_QUIT);
	assert_int_equal(type(f, "\003").kind, EFFECT_QUIT);
	assert_int_equal(type(f, "\032").kind, EFFECT_NONE);
	(void)type(f, "F");
	assert_ptr_equal(f->screen.view, &view_page);
	(void)type(f, "\033d");
	assert_ptr_equal(f->screen.view, &view_vms);
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	assert_true(shows(f, ": Page Down goes on"));
	(void)screen_key(&f->screen, KEY_CODE_PAGE_DOWN);
	(void)screen_key(&f->screen, 0xe9);
	assert_true(is_selected(f, "branch-vm1"));
	(void)type(f, "?");
	screen_resize(&f->screen, 50, 80);
	assert_true(shows(f, " b, Ctrl-C          leave the screen"));
	assert_true(shows(f, " no key             suspend"));
	screen_resize(&f->screen, 40, 200);
	assert_true(shows(f, "F describe"));
	assert_true(shows(f, "b quit"));
}

static void what_a_file_of_keys_has_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "keys:\n  quitt: b\n", "screen.yaml:2:3: error: " },
		{ "keys:\n  quitt: b\n", "quit" },
		{ "keys:\n  quit: Hyper-Q\n",
		  "screen.yaml:2:9: error: 'quit': 'Hyper-Q' is no key: a character, Ctrl-LETTER" },
		{ "keys:\n  quit: xy\n", "'xy' is no key" },
		{ "keys:\n  quit: 5\n", "screen.yaml:2:9: error: 'quit': digits are the views'" },
		{ "keys:\n  quit: [a, b, e, f, i]\n", "at most 4 keys" },
		{ "keys:\n  quit: d\n",
		  "screen.yaml:2:9: error: 'quit': d is a key of 'describe' already" },
		{ "keys:\n  quit: [b, j]\n", "'quit': j is a key of 'down' already" },
		{ "keys:\n  dump: b\n  quit: b\n", "'quit': b is a key of 'dump' already" },
		{ "keys:\n  up: b\n  view: 5\n", "screen.yaml:3:3: error: " },
		{ "keys: [a]\n", "screen.yaml:1:7: error: " },
		{ "theme: pink\n", "screen.yaml:1:8: error: " },
		{ "mouse: perhaps\n", "screen.yaml:1:8: error: " },
		{ "keys: {\n", "screen.yaml:" },
	};
	struct screen_config config;
	char error[4000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(read_config(&config, cases[i].text, error, sizeof(error)));
		if (!strstr(error, cases[i].error))
			fail_msg("%s: %s", cases[i].text, error);
		assert_int_equal(keymap_action(&config.keys, 'q'), ACTION_QUIT);
	}
}

/* Every key has a name and a row of its own, and the names say which keys they are. */
static void the_keymap_holds_together(void **state)
{
	struct keys keys;

	(void)state;
	keys_init(&keys);
	assert_true(keymap_count <= KEYMAP_MAX);
	for (size_t i = 0; i < keymap_count; i++) {
		if (!keymap[i].name)
			fail_msg("'%s' has no name", keymap[i].words);
		for (size_t n = 0; n < KEYS_MAX && keymap[i].keys[n]; n++) {
			char name[KEY_NAME_SIZE];

			if (keys_find(&keys, keymap[i].keys[n]) != i)
				fail_msg("two keys of '%s'", keymap[i].name);
			key_print(keymap[i].keys[n], name);
			assert_int_equal(key_named(name) == keymap[i].keys[n] ||
						 keymap[i].keys[n] == '\n',
					 1);
		}
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(keymap[i].name, keymap[n].name);
	}
}

/* Of one byte to four; what is none has no key. */
static void any_character_can_be_a_key(void **state)
{
	static const uint32_t keys[] = { 'q', 0xe9, 0x2713, 0x1f600 };
	static const char *const none[] = { "", "qq", "\xe9", "\xe2\x9c", "\xc3\xa9q", "\x7f" };
	char name[KEY_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		key_print(keys[i], name);
		assert_int_equal(strlen(name), i + 1);
		assert_int_equal(key_named(name), keys[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_int_equal(key_named(none[i]), 0);
}

/* ---- themes ---- */

static void themes_have_names_and_grounds(void **state)
{
	static const struct {
		const char *name;
		enum theme theme;
		int colours;
		enum theme shown;
	} cases[] = {
		{ "mono", THEME_MONO, 256, THEME_MONO },
		{ "dark", THEME_DARK, 8, THEME_DARK },
		{ "light-256", THEME_LIGHT_256, 8, THEME_LIGHT },
		{ "dark-256", THEME_DARK_256, 88, THEME_DARK },
		{ "dark-256", THEME_DARK_256, 256, THEME_DARK_256 },
		{ "light", THEME_LIGHT, 2, THEME_MONO },
	};
	struct screen_test *f = *state;
	char names[THEME_NAMES_SIZE];
	enum theme theme;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(theme_find(cases[i].name, &theme));
		assert_int_equal(theme, cases[i].theme);
		assert_int_equal(theme_for(theme, cases[i].colours), cases[i].shown);
	}
	theme_names(names);
	assert_string_equal(names, "mono, dark, light, dark-256, light-256");
	assert_false(theme_find("pink", &theme));
	assert_int_equal(type(f, ":theme light\r").kind, EFFECT_THEME);
	assert_int_equal(type(f, ":theme pink\r").kind, EFFECT_NONE);
	assert_true(shows(f, "there is no theme 'pink': mono, dark"));
	for (int t = 0; t < THEME_COUNT; t++) /* what is bad stands out without its colour, too */
		assert_true(theme_look(STYLE_BAD, false, (enum theme)t).is_bold);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, screen_set_up, screen_tear_down)
		TEST(commands_and_logs_at_every_size),
		TEST(the_newest_command_is_selected_and_followed),
		TEST(a_log_is_followed_until_one_moves),
		TEST(x_is_about_the_machine_of_a_log),
		TEST(the_machine_of_a_log_gets_the_shell),
		TEST(a_filter_counts_and_can_be_the_other_way_round),
		TEST(shift_letter_sorts_and_marks_the_column),
		TEST(slow_probes_come_first),
		TEST(what_is_selected_is_described),
		TEST(every_view_describes_its_rows),
		TEST(the_row_or_its_command_is_copied),
		TEST(frozen_has_a_badge_and_ends_with_the_view),
		TEST(a_copy_of_a_snapshot_is_equal_and_its_own),
		TEST(zoom_gives_the_detail_all_lines),
		TEST(a_click_selects_and_the_wheel_moves),
		TEST(keys_are_bound_anew),
		TEST(what_a_file_of_keys_has_wrong_is_said),
		TEST(the_keymap_holds_together),
		TEST(any_character_can_be_a_key),
		TEST(themes_have_names_and_grounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
