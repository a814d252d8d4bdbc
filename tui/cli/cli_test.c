/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test: what a lab's file expects, held against what is seen of the running lab. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/junit.h"
#include "tui/cli/cli_follow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run {
	const struct cli *cli;
	struct client *client;
	struct arena *arena;
	struct snapshot_file file;
	LIST_OF(struct snapshot_test) tests; /* one a step */
	size_t passed, failed, unknown;
};

static bool is_tap(const struct cli *cli)
{
	return cli_value(cli, "tap") != NULL;
}

static size_t number_of(const struct run *r)
{
	return r->passed + r->failed + r->unknown;
}

static void print_verdict(struct run *r, const struct snapshot_verdict *v)
{
	bool is_pass = !strcmp(v->verdict, "pass");

	if (is_pass)
		r->passed++;
	else if (!strcmp(v->verdict, "fail"))
		r->failed++;
	else
		r->unknown++;
	if (is_tap(r->cli)) {
		(void)printf("%sok %zu - %s\n", is_pass ? "" : "not ", number_of(r), v->text);
		if (!is_pass)
			(void)printf("  # %s: %s (line %lld)\n", v->verdict, v->seen,
				     (long long)v->line);
		return;
	}
	if (r->cli->output == OUTPUT_TSV) {
		(void)printf("%s\t%lld\t%s\t%s\n", v->verdict, (long long)v->line, v->text,
			     v->seen);
		return;
	}
	(void)printf("  %-7s  %s\n", v->verdict, v->text);
	if (!is_pass)
		(void)printf("           line %lld: %s\n", (long long)v->line, v->seen);
}

static bool is_printing(const struct run *r)
{
	return r->cli->output != OUTPUT_JSON;
}

static void print_head(const struct run *r, const struct snapshot_test *test)
{
	if (!is_printing(r) || r->cli->output == OUTPUT_TSV || !test->step)
		return;
	(void)printf("%sstep %lld: %s\n", is_tap(r->cli) ? "# " : "", (long long)test->step,
		     test->step_name);
}

/* One line of standard error that says what was decided last; `arg` counts. */
static void show_progress(void *arg, const json_t *progress)
{
	const char *text = json_string_value(json_object_get(progress, "text"));
	size_t *count = arg;

	if (text && isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r\033[K%zu decided: %.60s", ++*count, text);
}

/* The answer to a request, after what is told before it; NULL when none came. */
static json_t *ask(struct run *r, json_t *request, struct err *err)
{
	size_t count = 0;
	json_t *line;

	if (client_send(r->client, request, err))
		return NULL;
	line = cli_await(r->client, show_progress, &count, err);
	if (count) /* wipe the last one */
		(void)fprintf(stderr, "\r\033[K");
	return line;
}

/* Look at the expectations of the step the lab is at. */
static int test_step(struct run *r)
{
	struct snapshot_test *test = ARENA_PUSH(r->arena, r->tests.items, r->tests.count);
	const json_t *data = NULL;
	struct err err = { 0 };
	json_t *line = ask(r, json_pack("{s:s}", "request", "test"), &err);

	if (line)
		data = client_data(line, &err);
	if (!data || !record_decode(&snapshot_test_record, data, test, r->arena, &err)) {
		json_decref(line);
		return cli_fail(EXIT_FAILED, "nothing is known: %s", err.text);
	}
	print_head(r, test);
	for (size_t i = 0; i < test->verdicts.count; i++)
		if (is_printing(r))
			print_verdict(r, &test->verdicts.items[i]);
	json_decref(line);
	return EXIT_OK;
}

/* A lab that was not brought to the step is not one whose expectations can be looked at. */
static int go_to(struct run *r, int64_t step)
{
	struct snapshot_lab lab = { 0 };
	const json_t *data = NULL;
	struct err err = { 0 };
	json_t *line =
		ask(r, json_pack("{s:s, s:I}", "request", "step", "step", (json_int_t)step), &err);
	int code = EXIT_OK;

	if (line)
		data = client_data(line, &err);
	if (!data || !record_decode(&snapshot_lab_record, data, &lab, r->arena, &err))
		code = cli_fail(EXIT_FAILED, "step %lld: %s", (long long)step, err.text);
	json_decref(line);
	return code;
}

static int test_all_steps(struct run *r)
{
	int code = EXIT_OK, back;

	for (size_t i = 0; i < r->file.steps.count && !code; i++) {
		code = go_to(r, r->file.steps.items[i].number);
		if (!code)
			code = test_step(r);
	}
	back = go_to(r, r->file.step);
	return code ? code : back;
}

static int write_junit(const struct run *r, const char *path)
{
	CLEANUP(file_cleanup) FILE *out = fopen(path, "we");

	if (out)
		junit_print(r->file.file, r->tests.items, r->tests.count, out);
	if (!out || fflush(out))
		return cli_fail(EXIT_FAILED, "%s: %s", path, strerror(errno));
	return EXIT_OK;
}

static void print_all_json(const struct run *r)
{
	json_t *tests = json_array();

	for (size_t i = 0; i < r->tests.count; i++)
		(void)json_array_append_new(
			tests, record_encode(&snapshot_test_record, &r->tests.items[i]));
	cli_print_json(json_pack("{s:s, s:o}", "file", r->file.file, "tests", tests));
}

static void count_all(struct run *r)
{
	r->passed = r->failed = r->unknown = 0;
	for (size_t i = 0; i < r->tests.count; i++) {
		for (size_t n = 0; n < r->tests.items[i].verdicts.count; n++) {
			const char *verdict = r->tests.items[i].verdicts.items[n].verdict;

			r->passed += !strcmp(verdict, "pass");
			r->failed += !strcmp(verdict, "fail");
			r->unknown += strcmp(verdict, "pass") != 0 && strcmp(verdict, "fail") != 0;
		}
	}
}

static int conclude(struct run *r)
{
	const char *junit = cli_value(r->cli, "junit");
	int code = EXIT_OK;

	count_all(r);
	if (is_tap(r->cli))
		(void)printf("1..%zu\n", number_of(r));
	else if (r->cli->output == OUTPUT_JSON)
		print_all_json(r);
	else if (r->cli->output == OUTPUT_TABLE && number_of(r))
		(void)printf("%zu passed, %zu failed, %zu unknown\n", r->passed, r->failed,
			     r->unknown);
	if (junit)
		code = write_junit(r, junit);
	if (!number_of(r)) /* nothing expected is not everything met */
		return cli_fail(EXIT_DIFFERENT,
				"%s expects nothing: see 'expect' in hublab.yaml(5)", r->file.file);
	return code ? code : r->failed || r->unknown ? EXIT_DIFFERENT : EXIT_OK;
}

static int run_test(const struct cli *cli)
{
	struct run r = { .cli = cli, .arena = arena_new() };
	struct err err = { 0 };
	int code = EXIT_OK;

	if (cli_value(cli, "all-steps") && cli_needs_lab(cli, "--all-steps"))
		code = EXIT_USAGE;
	else if (is_tap(cli) && cli->output != OUTPUT_TABLE)
		code = cli_usage(cli, "--tap is a form of output itself: without -o");
	else
		r.client = cli_connect(cli, NULL, NULL, &code);
	if (r.client &&
	    client_topic(r.client, "file", &snapshot_file_record, &r.file, r.arena, &err))
		code = cli_fail(EXIT_FAILED, "nothing is known: %s", err.text);
	if (!code) {
		client_wait_at_most(r.client, CLI_TEST_SILENT_S);
		code = cli_value(cli, "all-steps") && r.file.steps.count ? test_all_steps(&r)
									 : test_step(&r);
	}
	if (!code)
		code = conclude(&r);
	client_free(r.client);
	arena_free(r.arena);
	return code;
}

static bool goes_through_steps(const struct cli *cli)
{
	return cli_value(cli, "all-steps") != NULL;
}

const struct command command_test = {
	.name = "test",
	.arguments = "",
	.words = "hold what the lab file expects against the running lab",
	.more = "Each expectation of the file and of the step the lab is at passes, fails, or is "
		"unknown because nothing could be seen that tells. What must not be there has to "
		"stay away for a while in a lab that has settled. Ends with 4 unless all pass.",
	.group = GROUP_PROBE,
	.changes = goes_through_steps,
	.run = run_test,
	.options = {
		{ "all-steps", 0, NULL, "go through all steps of the file, and back" },
		{ "tap", 0, NULL, "print as the Test Anything Protocol" },
		{ "junit", 0, "PATH", "write a JUnit report there, too" },
		CLI_FROM,
	},
};
