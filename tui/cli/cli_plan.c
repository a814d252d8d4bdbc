/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: what up would do, without running anything. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "lab/plan/wanted.h"
#include "lab/snapshot/fill.h"
#include "netns/super/runtime.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* The running lab of that name as it was wanted last; NULL when none runs. */
static struct wanted *running_lab(const char *name, struct as_paths *paths, struct arena *arena)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct client *client = client_open(name, NULL);
	json_t *json = client ? client_topic_json(client, "file", NULL) : NULL;
	struct snapshot_file file = { 0 };
	struct lab *lab = NULL;

	if (json && record_decode(&snapshot_file_record, json, &file, arena, NULL))
		lab = snapshot_file_lab(&file, &diags);
	json_decref(json);
	client_free(client);
	return lab ? wanted_new(lab, NULL, paths) : NULL;
}

/* What is printed, of the host and of guests. */
struct printed {
	json_t *steps; /* NULL: lines of text */
	bool is_any;
};

static void add_json(json_t *steps, const char *guest, const struct plan *changes)
{
	static const char *const verbs[] = {
		[STEP_ADD] = "add", [STEP_CHANGE] = "change", [STEP_REMOVE] = "remove"
	};
	char text[512];

	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];
		json_t *json;

		step_print(changes, step, text, sizeof(text));
		json = json_pack("{s:s, s:s, s:s, s:i}", "verb", verbs[step->verb], "stage",
				 step_stage_name(step_stage(step->kind)), "text", text, "line",
				 (int)step->line);
		if (*guest)
			(void)json_object_set_new(json, "guest", json_string(guest));
		(void)json_array_append_new(steps, json);
	}
}

static void print_changes(void *arg, const char *guest, const struct plan *changes)
{
	struct printed *printed = arg;

	printed->is_any |= changes->step_count;
	if (printed->steps)
		add_json(printed->steps, guest, changes);
	else
		plan_print_inside(changes, guest, stdout);
}

static int run_plan(const struct cli *cli)
{
	CLEANUP(free_cleanup) char *text = NULL;
	const char *name = cli_value(cli, "name");
	struct as_paths *paths = as_paths_new();
	struct arena *arena = arena_new();
	struct wanted *running, *wanted;
	struct plan *from, *to, *changes;
	struct printed printed = { 0 };
	char path[PATH_MAX];
	struct lab *lab;
	int code = EXIT_OK;

	lab = cli_read_lab(cli->argv[0], cli_value(cli, "step"), path, sizeof(path), &text, &code);
	if (!lab) {
		as_paths_free(paths);
		arena_free(arena);
		return code;
	}
	running = running_lab(name ? name : lab->name.value, paths, arena);
	wanted = wanted_new(lab, running, paths);
	from = wanted_start(running);
	to = wanted_start(wanted);
	changes = plan_diff(from, to);
	printed.steps = cli->output == OUTPUT_JSON ? json_array() : NULL;
	print_changes(&printed, "", changes);
	wanted_inside(running, wanted, print_changes, &printed);
	if (printed.steps)
		cli_print_json(json_pack("{s:o}", "steps", printed.steps));
	if (printed.is_any && cli_value(cli, "exit-code"))
		code = EXIT_DIFFERENT;
	plan_free(from);
	plan_free(to);
	plan_free(changes);
	wanted_free(wanted);
	wanted_free(running);
	arena_free(arena);
	as_paths_free(paths);
	return code;
}

const struct command command_plan = {
	.name = "plan",
	.has_no_lab = true,
	.arguments = "FILE",
	.words = "say what up would do",
	.more = "Against nothing, or against the lab of that name when it runs. Nothing is "
		"started and nothing changes. What is told to the kernel of a guest has its name "
		"before it.",
	.group = GROUP_LABS,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.run = run_plan,
	.options = {
		{ "step", 0, "STEP", "at a step of the file: its name or number" },
		{ "name", 0, "LAB", "compare with the running lab of this name" },
		{ "exit-code", 0, NULL, "end with 4 when there is something to do" },
	},
};
