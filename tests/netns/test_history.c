/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of commands and of logs, and no more. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/base/shell.h"
#include "netns/super/history.h"
#include "netns/super/logs.h"

#include <stdio.h>
#include <string.h>

static struct snapshot_history fill(const struct history *history, struct arena *arena)
{
	struct snapshot_history out = { 0 };

	history_fill(history, &out, arena);
	return out;
}

static void a_command_is_begun_and_ends(void **state)
{
	struct history *history = history_new();
	struct arena *arena = arena_new();
	struct snapshot_history out;
	int64_t first, second;

	(void)state;
	assert_int_equal(fill(history, arena).commands.count, 0);
	first = history_add(history, "maria", "hublab set -l x a b", 100);
	second = history_add(history, "ali", "hublab mend -l x", 101);
	assert_int_equal(first, 1);
	assert_int_equal(second, 2);
	history_end(history, first, NULL, 100.25);
	history_end(history, second, "no way", 102);
	out = fill(history, arena);
	assert_int_equal(out.commands.count, 2);
	assert_string_equal(out.commands.items[0].by, "maria");
	assert_string_equal(out.commands.items[0].command, "hublab set -l x a b");
	assert_string_equal(out.commands.items[0].state, "done");
	assert_null(out.commands.items[0].error);
	assert_true(out.commands.items[0].took_ms == 250);
	assert_string_equal(out.commands.items[1].state, "failed");
	assert_string_equal(out.commands.items[1].error, "no way");
	history_free(history);
	arena_free(arena);
}

static void what_is_refused_is_not_kept(void **state)
{
	struct history *history = history_new();
	struct arena *arena = arena_new();
	uint64_t version;
	int64_t number;

	(void)state;
	(void)history_add(history, "maria", "hublab mend", 1);
	version = history_version(history);
	number = history_add(history, "maria", "hublab set no/such/path 1", 2);
	history_drop(history, number);
	assert_true(history_version(history) > version);
	history_drop(history, number); /* and what is not there changes nothing */
	history_end(history, number, NULL, 3);
	history_drop(history, 0);
	assert_int_equal(fill(history, arena).commands.count, 1);
	assert_int_equal(history_add(history, "maria", "hublab mend", 4), number);
	assert_string_equal(fill(history, arena).commands.items[1].state, "running");
	history_free(history);
	arena_free(arena);
}

static void only_the_latest_are_kept(void **state)
{
	struct history *history = history_new();
	struct arena *arena = arena_new();
	struct plan *plan = plan_new();
	struct snapshot_history out;
	int64_t number = 0;

	(void)state;
	for (int i = 0; i < HISTORY_COMMANDS + 50; i++)
		number = history_add(history, "x", "hublab mend", i);
	history_end(history, 1, "of one that is gone", 1);
	for (int i = 0; i < 3 * HISTORY_LINES; i++)
		(void)plan_add_step(plan, STEP_NAMESPACE, "n", (struct src_pos){ 0 });
	history_add_plan(history, number, plan);
	history_add_plan(history, number, plan);
	out = fill(history, arena);
	assert_int_equal(out.commands.count, HISTORY_COMMANDS);
	assert_int_equal(out.commands.items[0].number, 51);
	assert_int_equal(out.commands.items[HISTORY_COMMANDS - 1].machine.count, HISTORY_LINES);
	assert_string_equal(out.commands.items[HISTORY_COMMANDS - 1].machine.items[0],
			    "ip netns add n");
	assert_int_equal(out.commands.items[HISTORY_COMMANDS - 1].step_count, 6 * HISTORY_LINES);
	assert_int_equal(out.commands.items[HISTORY_COMMANDS - 1].steps_left, 5 * HISTORY_LINES);
	plan_free(plan);
	history_free(history);
	arena_free(arena);
}

static void a_log_keeps_its_latest_lines(void **state)
{
	struct logs *logs = logs_new();
	struct arena *arena = arena_new();
	struct snapshot_log out = { 0 };
	char line[2 * LOG_LINE_BYTES];

	(void)state;
	logs_fill(logs, "nobody", 0, &out, arena);
	assert_int_equal(out.lines.count, 0);
	for (int i = 1; i <= LOG_LINES + 10; i++) {
		(void)snprintf(line, sizeof(line), "line %d", i);
		logs_add(logs, "bird", line, i);
	}
	logs_add(logs, "other", "\ttab \x1b[2J \xff", 7);
	assert_int_equal(logs_version(logs), LOG_LINES + 11);
	logs_fill(logs, "bird", 0, &out, arena);
	assert_int_equal(out.lines.count, LOG_LINES);
	assert_int_equal(out.lines.items[0].number, 11);
	assert_string_equal(out.lines.items[0].text, "line 11");
	out = (struct snapshot_log){ 0 };
	logs_fill(logs, "bird", LOG_LINES + 9, &out, arena);
	assert_int_equal(out.lines.count, 1);
	assert_true(out.lines.items[0].time == LOG_LINES + 10);
	out = (struct snapshot_log){ 0 };
	logs_fill(logs, "other", 0, &out, arena);
	assert_string_equal(out.lines.items[0].text, " tab ?[2J ?"); /* no terminal is told */
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	logs_add(logs, "long", line, 1);
	out = (struct snapshot_log){ 0 };
	logs_fill(logs, "long", 0, &out, arena);
	assert_int_equal(strlen(out.lines.items[0].text), LOG_LINE_BYTES);
	logs_drop(logs, "bird");
	logs_drop(logs, "bird");
	out = (struct snapshot_log){ 0 };
	logs_fill(logs, "bird", 0, &out, arena);
	assert_int_equal(out.lines.count, 0);
	logs_free(logs);
	arena_free(arena);
}

static void words_are_quoted_for_a_shell(void **state)
{
	static const char *const cases[][2] = {
		{ "plain/10.0.0.0/8,x=1", "plain/10.0.0.0/8,x=1" },
		{ "", "''" },
		{ "two words", "'two words'" },
		{ "*", "'*'" },
		{ "it's", "'it'\\''s'" },
		{ "'", "''\\'''" },
		{ "$(rm x)", "'$(rm x)'" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(shell_quote(cases[i][0], arena), cases[i][1]);
	arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_begun_and_ends),
		cmocka_unit_test(what_is_refused_is_not_kept),
		cmocka_unit_test(only_the_latest_are_kept),
		cmocka_unit_test(a_log_keeps_its_latest_lines),
		cmocka_unit_test(words_are_quoted_for_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
