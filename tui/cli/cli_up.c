/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

#include "lab/azure/bgp.h"
#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "netns/super/launch.h"
#include "netns/super/runtime.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What the lab needs of this host, before anything is started. */
static int check_programs(const struct lab *lab)
{
	struct topology *topology = topology_new(lab);
	struct bgp_graph *graph = bgp_graph_new(topology);
	int code = EXIT_OK;

	if (graph->speakers.count && !cli_has_program("bird"))
		code = cli_fail(EXIT_UNABLE, "this lab has BGP speakers and this host has no bird: "
					     "apt install bird2");
	bgp_graph_free(graph);
	topology_free(topology);
	return code;
}

static void show_progress(const json_t *progress)
{
	const char *stage = json_string_value(json_object_get(progress, "stage"));
	json_int_t count = json_integer_value(json_object_get(progress, "step_count"));
	double took_ms = json_real_value(json_object_get(progress, "took_ms"));

	if (stage && isatty(STDERR_FILENO))
		(void)fprintf(stderr, "  %-22s %6lld  %8.1f ms\n", stage, (long long)count,
			      took_ms);
}

static double now_s(void)
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

static int report(const struct cli *cli, const struct snapshot_lab *lab, double took_s)
{
	if (strcmp(lab->state, "running") != 0)
		return cli_fail(EXIT_FAILED, "lab '%s' is %s", lab->name, lab->state);
	if (cli_value(cli, "timings"))
		print_timings(lab, took_s);
	if (!lab->problems.count) {
		(void)printf("%s is up: %lld VMs, %lld BGP sessions, %lld probes green", lab->name,
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
	return cli_fail(EXIT_DIFFERENT, "%s runs, but %zu things are not as they should be",
			lab->name, lab->problems.count);
}

static int say_failure(const struct err *err, const char *path)
{
	int code = err->code == -EOPNOTSUPP ? EXIT_UNABLE : EXIT_FAILED;

	if (!err->pos.line)
		return cli_fail(code, "%s", err->text);
	(void)fprintf(stderr, "%s:%u:%u: %s\n", path, err->pos.line, err->pos.col, err->text);
	return code;
}

/* Read progress until the answer comes. */
static int follow(const struct cli *cli, struct client *client, const char *path, double start_s)
{
	struct arena *arena = arena_new();
	struct snapshot_lab lab = { 0 };
	const json_t *data = NULL;
	struct err err = { 0 };
	int code = EXIT_FAILED;
	json_t *line;

	while ((line = client_receive(client, &err))) {
		const json_t *progress = json_object_get(line, "progress");

		if (!progress && json_object_get(line, "ok"))
			break;
		show_progress(progress);
		json_decref(line);
	}
	if (line)
		data = client_data(line, &err);
	if (data && record_decode(&snapshot_lab_record, data, &lab, arena, &err))
		code = report(cli, &lab, now_s() - start_s);
	else
		code = say_failure(&err, path);
	json_decref(line);
	if (code == EXIT_FAILED || code == EXIT_UNABLE) { /* it is on its way out: see it gone */
		(void)client_wait_gone(client, NULL);
		runtime_sweep();
	}
	arena_free(arena);
	return code;
}

/* A lab of that name is there: the same one is fine, another one is not replaced by accident. */
static int already_running(const struct cli *cli, const char *name, const char *path,
			   const char *text)
{
	const char *its_file, *its_text;
	struct arena *arena = arena_new();
	struct snapshot_lab lab = { 0 };
	struct err err = { 0 };
	struct client *client;
	json_t *json = NULL;
	int code = EXIT_OK;

	client = cli_connect(cli, name, NULL, &code);
	if (client)
		json = client_topic_json(client, "file", &err);
	its_file = json_string_value(json_object_get(json, "file"));
	its_text = json_string_value(json_object_get(json, "text"));
	if (its_text && !strcmp(its_text, text) &&
	    !client_topic(client, "lab", &snapshot_lab_record, &lab, arena, &err))
		code = report(cli, &lab, 0);
	else if (its_text)
		code = cli_fail(EXIT_FAILED,
				"lab '%s' is running, from %s, and %s is another one: end it with "
				"'hublab down %s', or give this one a name of its own with --name",
				name, its_file, path, name);
	else if (client)
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	json_decref(json);
	client_free(client);
	arena_free(arena);
	return code;
}

static int start(const struct cli *cli, const char *name, const char *path, const char *text)
{
	double start_s = now_s();
	CLEANUP(fd_cleanup) int directory = -1;
	char absolute[PATH_MAX];
	struct client *client;
	struct err err = { 0 };
	int control, code;
	pid_t pid;

	if (runtime_create(name, &directory, &err)) {
		if (err.code == -EEXIST)
			return already_running(cli, name, path, text);
		return cli_fail(EXIT_FAILED, "%s", err.text);
	}
	if (lab_launch(name, directory, &control, &pid, &err)) {
		runtime_remove(directory, name);
		return cli_fail(err.code == -EPERM ? EXIT_UNABLE : EXIT_FAILED, "%s", err.text);
	}
	fd_close(&directory); /* the lock is the lab's now */
	client = client_adopt(control, pid);
	if (client_send(client,
			json_pack("{s:s, s:s, s:s}", "request", "up", "file",
				  realpath(path, absolute) ? absolute : path, "text", text),
			&err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else
		code = follow(cli, client, path, start_s);
	client_free(client);
	return code;
}

static int run_up(const struct cli *cli)
{
	CLEANUP(free_cleanup) char *text = NULL;
	const char *name = cli_value(cli, "name");
	char path[PATH_MAX];
	struct lab *lab;
	int code = EXIT_OK;

	lab = cli_read_lab(cli->argv[0], path, sizeof(path), &text, &code);
	if (!lab)
		return code;
	code = check_programs(lab);
	if (name && !is_object_name(name))
		code = cli_usage(cli, "'%s' cannot be a name: %s", name,
				 diag_table[DIAG_BAD_NAME].words);
	if (!code)
		code = start(cli, name ? name : lab->name.value, path, text);
	lab_free(lab);
	return code;
}

const struct command command_up = {
	.name = "up",
	.has_no_lab = true,
	.arguments = "FILE",
	.words = "build a lab from a file or a template",
	.more = "FILE is a path, or the name of a template. The command ends when every BGP "
		"session is up and every probe sees what was predicted; until then the lab "
		"belongs to it, and ends with it.",
	.group = GROUP_LABS,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.run = run_up,
	.options = {
		{ "name", 0, "NAME", "call the lab so, instead of what its file says" },
		{ "timings", 0, NULL, "print how long each stage took" },
	},
};

static int run_down(const struct cli *cli)
{
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;

	client = cli_connect(cli, cli->argc ? cli->argv[0] : NULL, NULL, &code);
	if (!client)
		return code;
	if (client_send(client, json_pack("{s:s}", "request", "down"), &err) ||
	    client_wait_gone(client, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	return code;
}

static int run_down_all(const struct cli *cli)
{
	struct err err = { 0 };
	char **labs = runtime_list(&err);
	int code = EXIT_OK;

	if (!labs)
		return cli_fail(EXIT_FAILED, "%s", err.text);
	for (char **lab = labs; *lab; lab++) {
		struct cli one = *cli;

		one.argc = 1;
		one.argv = lab;
		if (run_down(&one))
			code = EXIT_FAILED;
		free(*lab);
	}
	free(labs);
	return code;
}

static int run_down_command(const struct cli *cli)
{
	int code = cli_value(cli, "all") ? run_down_all(cli) : run_down(cli);

	runtime_sweep(); /* the directory of the last one, too */
	return code;
}

const struct command command_down = {
	.name = "down",
	.arguments = "[LAB]",
	.words = "end a lab and remove all of it",
	.more = "A lab is one tree of processes: when its first one ends, the kernel removes "
		"the rest.",
	.group = GROUP_LABS,
	.max_arguments = 1,
	.completes = { ARG_LAB },
	.run = run_down_command,
	.options = { { "all", 0, NULL, "end every lab of this user" } },
};
