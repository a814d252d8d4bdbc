/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

#include "lab/azure/bgp.h"
#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "lab/plan/compile.h"
#include "netns/guest/disk.h"
#include "netns/guest/disk_image.h"
#include "netns/kernel/program.h"
#include "netns/super/launch.h"
#include "netns/super/runtime.h"
#include "tui/cli/cli_follow.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What up was asked for. */
struct start {
	const char *path, *absolute; /* of the lab file */
	const char *text;
	struct lab *lab;
	double start_s;
};

/* Those that boot images of the user's need more. */
static int check_images(const struct start *start)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	const struct lab *lab = start->lab;
	struct err err = { 0 };
	bool is_uefi = false;
	unsigned count = 0;

	for (size_t i = 0; i < lab->vms.count; i++) {
		count += lab->vms.items[i].image_path != NULL;
		is_uefi |= lab->vms.items[i].image_path &&
			   lab->vms.items[i].firmware.value == FIRMWARE_UEFI;
	}
	if (!count)
		return EXIT_OK;
	disk_images_check(lab, &diags);
	diags_print(&diags, start->text, strlen(start->text), stderr);
	if (diags_error_count(&diags))
		return EXIT_INVALID;
	if (guest_disk_check_tools(is_uefi, &err) || guest_disk_check_room(count, &err))
		return cli_fail(EXIT_UNABLE, "this lab has guests with images: %s", err.text);
	return EXIT_OK;
}

/* What the lab needs of this host, before anything is started; it knows itself about guests. */
static int check_programs(const struct lab *lab)
{
	struct topology *topology = topology_new(lab, NULL);
	struct bgp_graph *graph = bgp_graph_new(topology);
	int code = EXIT_OK;

	for (size_t i = 0; i < graph->speakers.count && !code; i++) {
		const struct bgp_speaker *speaker = graph->speakers.items[i];

		switch (speaker->daemon) {
		case ROUTING_BIRD:
			if (!program_is_there("bird"))
				code = cli_fail(EXIT_UNABLE,
						"this lab has BGP speakers and this host has no "
						"bird: apt install bird2");
			break;
		case ROUTING_FRR:
			if (access(FRR_DIRECTORY "/bgpd", X_OK))
				code = cli_fail(
					EXIT_UNABLE,
					"%s runs FRR and this host has none: apt install frr",
					speaker->node->name);
			break;
		}
	}
	bgp_graph_free(graph);
	topology_free(topology);
	return code;
}

/* ---- a lab that runs ---- */

static int refuse_other_file(const char *name, const char *its_file, const char *path)
{
	return cli_fail(
		EXIT_FAILED,
		"lab '%s' is running, from %s, and %s is another one: --replace makes it that "
		"one, --name gives this one a name of its own, and 'hublab down %s' ends it",
		name, its_file, path, name);
}

static int refuse_changes(const struct snapshot_file *file, const char *name)
{
	for (size_t i = 0; i < file->changes.count; i++) {
		const struct snapshot_change *change = &file->changes.items[i];

		(void)fprintf(stderr, "  %s: %s -> %s\n", change->path,
			      change->old ? change->old : "nothing",
			      change->value ? change->value : "nothing");
	}
	return cli_fail(
		EXIT_FAILED,
		"lab '%s' has %zu changes that are in no file: --keep makes them on top of it, "
		"--discard drops them, and 'hublab save' writes them into its file",
		name, file->changes.count);
}

/* Without --step a lab stays at the step it is at, as long as there is one of that number. */
static unsigned step_of(const struct cli *cli, const struct lab *lab,
			const struct snapshot_file *running)
{
	if (cli_value(cli, "step") || running->step > (int64_t)lab->steps.count)
		return lab->step;
	return running->step ? (unsigned)running->step : lab->step;
}

static const char *changes_option(const struct cli *cli)
{
	return cli_value(cli, "keep") ? "keep" : cli_value(cli, "discard") ? "discard" : NULL;
}

static int show_running(const struct cli *cli, struct client *client)
{
	struct arena *arena = arena_new();
	struct snapshot_lab lab = { 0 };
	struct err err = { 0 };
	int code;

	if (client_topic(client, "lab", &snapshot_lab_record, &lab, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else
		code = cli_report(cli, &lab, 0);
	arena_free(arena);
	return code;
}

static int change_running(const struct cli *cli, struct client *client, const char *name,
			  const struct snapshot_file *running, const struct start *start)
{
	const char *changes = changes_option(cli);
	unsigned step = step_of(cli, start->lab, running);
	bool is_same = !strcmp(running->text, start->text) && (int64_t)step == running->step;
	struct err err = { 0 };
	json_t *request;

	if (strcmp(running->file, start->absolute) != 0 && !cli_value(cli, "replace"))
		return refuse_other_file(name, running->file, start->absolute);
	if (is_same && (!running->changes.count || !changes || !strcmp(changes, "keep")))
		return show_running(cli, client);
	if (running->changes.count && !changes)
		return refuse_changes(running, name);
	request = json_pack("{s:s, s:s, s:s, s:i}", "request", "up", "file", start->absolute,
			    "text", start->text, "step", (int)step);
	if (cli_value(cli, "replace"))
		(void)json_object_set_new(request, "replace", json_true());
	if (changes)
		(void)json_object_set_new(request, "changes", json_string(changes));
	if (client_send(client, request, &err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	return cli_follow(cli, client, start->path, start->start_s);
}

static int already_running(const struct cli *cli, const char *name, const struct start *start)
{
	struct arena *arena = arena_new();
	struct snapshot_file running = { 0 };
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;

	client = cli_connect(cli, name, NULL, &code);
	if (client && client_topic(client, "file", &snapshot_file_record, &running, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else if (client)
		code = change_running(cli, client, name, &running, start);
	client_free(client);
	arena_free(arena);
	return code;
}

/* ---- a new one ---- */

static int start_lab(const struct cli *cli, const char *name, const struct start *start)
{
	CLEANUP(fd_cleanup) int directory = -1;
	struct client *client;
	struct err err = { 0 };
	int control, code;
	pid_t pid;

	if (runtime_create(name, &directory, &err)) {
		if (err.code == -EEXIST)
			return already_running(cli, name, start);
		return cli_fail(EXIT_FAILED, "%s", err.text);
	}
	if (lab_launch(name, directory, &control, &pid, &err)) {
		runtime_remove(directory, name);
		return cli_fail(err.code == -EPERM ? EXIT_UNABLE : EXIT_FAILED, "%s", err.text);
	}
	fd_close(&directory); /* the lock is the lab's now */
	client = client_adopt(control, pid);
	if (client_send(client,
			json_pack("{s:s, s:s, s:s, s:i}", "request", "up", "file", start->absolute,
				  "text", start->text, "step", (int)start->lab->step),
			&err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else
		code = cli_follow(cli, client, start->path, start->start_s);
	if (code == EXIT_FAILED || code == EXIT_UNABLE) { /* it is on its way out: see it gone */
		(void)client_wait_gone(client, NULL);
		runtime_sweep();
	}
	client_free(client);
	return code;
}

static int run_up(const struct cli *cli)
{
	CLEANUP(free_cleanup) char *text = NULL;
	const char *name = cli_value(cli, "name");
	char path[PATH_MAX], absolute[PATH_MAX];
	struct start start = { .path = path, .start_s = cli_now_s() };
	int code = EXIT_OK;

	start.lab = cli_read_lab(cli->argv[0], cli_value(cli, "step"), path, sizeof(path), &text,
				 &code);
	if (!start.lab)
		return code;
	start.text = text;
	start.absolute = realpath(path, absolute) ? absolute : path;
	code = check_programs(start.lab);
	if (!code)
		code = check_images(&start);
	if (name && !is_object_name(name))
		code = cli_usage(cli, "'%s' cannot be a name: %s", name,
				 diag_table[DIAG_BAD_NAME].words);
	if (cli_value(cli, "keep") && cli_value(cli, "discard"))
		code = cli_usage(cli, "--keep and --discard say the opposite of each other");
	if (!code)
		code = start_lab(cli, name ? name : start.lab->name.value, &start);
	lab_free(start.lab);
	return code;
}

const struct command command_up = {
	.name = "up",
	.has_no_lab = true,
	.arguments = "FILE",
	.words = "build a lab from a file or a template",
	.more = "FILE is a path, or the name of a template. The command ends when every BGP "
		"session is up and every probe sees what was predicted; until then the lab "
		"belongs to it, and ends with it. When the lab runs already, it is changed into "
		"what the file says now: only what differs is touched, and a lab that cannot be "
		"changed is left as it was.",
	.group = GROUP_LABS,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.changes = cli_always,
	.run = run_up,
	.options = {
		{ "step", 0, "STEP", "go to a step of the file: its name or number" },
		{ "keep", 0, NULL, "of a running lab: keep the changes made with set" },
		{ "discard", 0, NULL, "of a running lab: drop them" },
		{ "replace", 0, NULL, "of a lab running from another file: make it this one" },
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
	.changes = cli_always,
	.run = run_down_command,
	.options = { { "all", 0, NULL, "end every lab of this user" } },
};
