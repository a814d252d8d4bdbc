/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_follow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void show_progress(void *arg, const json_t *progress)
{
	const char *stage = json_string_value(json_object_get(progress, "stage"));
	json_int_t count = json_integer_value(json_object_get(progress, "step_count"));
	double took_ms = json_real_value(json_object_get(progress, "took_ms"));

	(void)arg;
	if (stage && isatty(STDERR_FILENO))
		(void)fprintf(stderr, "  %-22s %6lld  %8.1f ms\n", stage, (long long)count,
			      took_ms);
}

double cli_now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* `took_s` is all the time from the command's start; 0 when the lab was up before. */
static void print_timings(const struct snapshot_lab *lab, double took_s)
{
	double sum = 0;

	(void)printf("%-22s %6s  %8s\n", "STAGE", "COUNT", "MS");
	for (size_t i = 0; i < lab->stages.count; i++) {
		const struct snapshot_stage *stage = &lab->stages.items[i];

		sum += stage->took_ms;
		(void)printf("%-22s %6lld  %8.1f\n", stage->name, (long long)stage->step_count,
			     stage->took_ms);
	}
	if (took_s > 0)
		(void)printf("%-22s %6s  %8.1f\n%-22s %6s  %8.1f\n", "start and other", "",
			     took_s * 1000 - sum, "all", "", took_s * 1000);
}

int cli_report(const struct cli *cli, const struct snapshot_lab *lab, double took_s)
{
	if (strcmp(lab->state, "running") != 0)
		return cli_fail(EXIT_FAILED, "lab '%s' is %s", lab->name, lab->state);
	if (cli_value(cli, "timings"))
		print_timings(lab, took_s);
	for (size_t i = 0; i < lab->warnings.count; i++)
		(void)fprintf(stderr, "warning: %s\n", lab->warnings.items[i]);
	if (!lab->problems.count) {
		(void)printf("%s is up", lab->name);
		if (lab->step)
			(void)printf(" at step %lld of %lld (%s)", (long long)lab->step,
				     (long long)lab->step_count, lab->step_name);
		if (lab->change_count)
			(void)printf(" with %lld %s", (long long)lab->change_count,
				     lab->change_count == 1 ? "change" : "changes");
		(void)printf(": %lld VMs, %lld BGP sessions, %lld probes green",
			     (long long)lab->vm_count, (long long)lab->session_count,
			     (long long)lab->probe_count);
		if (took_s > 0)
			(void)printf(", in %.2f s", took_s);
		(void)putchar('\n');
		return EXIT_OK;
	}
	(void)fflush(stdout);
	for (size_t i = 0; i < lab->problems.count; i++)
		(void)fprintf(stderr, "%s\n", lab->problems.items[i]);
	if (lab->problem_count > (int64_t)lab->problems.count)
		(void)fprintf(stderr, "and %lld more\n",
			      (long long)lab->problem_count - (long long)lab->problems.count);
	return cli_fail(EXIT_DIFFERENT, "%s runs, but %lld things are not as they should be",
			lab->name, (long long)lab->problem_count);
}

static int say_failure(const struct err *err, const char *path)
{
	int code = err->code == -EOPNOTSUPP ? EXIT_UNABLE
		   : err->code == -EINVAL   ? EXIT_INVALID
					    : EXIT_FAILED;

	if (!err->pos.line)
		return cli_fail(code, "%s", err->text);
	(void)fprintf(stderr, "%s:%u:%u: %s\n", path, err->pos.line, err->pos.col, err->text);
	return code;
}

json_t *cli_await(struct client *client, void (*show)(void *arg, const json_t *progress), void *arg,
		  struct err *err)
{
	json_t *line;

	while ((line = client_receive(client, err)) && json_object_get(line, "progress")) {
		show(arg, json_object_get(line, "progress"));
		json_decref(line);
	}
	return line;
}

/* Read progress until the answer comes. */
int cli_follow(const struct cli *cli, struct client *client, const char *path, double start_s)
{
	struct arena *arena = arena_new();
	struct snapshot_lab lab = { 0 };
	const json_t *data = NULL;
	struct err err = { 0 };
	int code = EXIT_FAILED;
	json_t *line;

	client_be_patient(client); /* the lab knows how long to wait */
	line = cli_await(client, show_progress, NULL, &err);
	if (line)
		data = client_data(line, &err);
	if (data && record_decode(&snapshot_lab_record, data, &lab, arena, &err))
		code = cli_report(cli, &lab, cli_now_s() - start_s);
	else
		code = say_failure(&err, path);
	json_decref(line);
	arena_free(arena);
	return code;
}

int cli_change(const struct cli *cli, json_t *request)
{
	double start_s = cli_now_s();
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, NULL, &code);
	if (!client) {
		json_decref(request);
		return code;
	}
	if (client_send(client, request, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else
		code = cli_follow(cli, client, "lab file", start_s);
	client_free(client);
	return code;
}
