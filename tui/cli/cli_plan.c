/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check and plan: what can be said of a lab file without running anything. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "lab/plan/compile.h"
#include "netns/super/runtime.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_check(const struct cli *cli)
{
	CLEANUP(free_cleanup) char *text = NULL;
	char path[PATH_MAX];
	struct lab *lab;
	int code = EXIT_OK;

	lab = cli_read_lab(cli->argv[0], path, sizeof(path), &text, &code);
	if (!lab)
		return code;
	(void)printf("%s: lab '%s' is valid: %zu virtual networks, %zu VMs\n", path,
		     lab->name.value, lab->virtual_networks.count, lab->vms.count);
	lab_free(lab);
	return EXIT_OK;
}

const struct command command_check = {
	.name = "check",
	.has_no_lab = true,
	.arguments = "FILE",
	.words = "say all that is wrong with a lab file",
	.more = "Each finding names its place in the file and, in brackets, its rule.",
	.group = GROUP_LABS,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.run = run_check,
};

/* Everything a lab makes before its routers have learned anything. */
static struct plan *plan_of(const struct lab *lab)
{
	struct topology *topology = topology_new(lab);
	struct bgp_graph *graph = bgp_graph_new(topology);
	struct rib *ribs = calloc(graph->speakers.count + 1, sizeof(*ribs));
	struct learned nothing = { graph, ribs };
	struct fabric *fabric;
	struct plan *plan, *tables;

	if (!ribs)
		abort();
	fabric = fabric_new(topology, &nothing);
	plan = plan_compile(topology, graph);
	tables = plan_compile_tables(fabric);
	plan_append(plan, tables);
	plan_sort(plan);
	plan_free(tables);
	fabric_free(fabric);
	free(ribs);
	bgp_graph_free(graph);
	topology_free(topology);
	return plan;
}

/* The plan of the running lab of that name, or one of nothing. */
static struct plan *running_plan(const char *name)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct client *client = client_open(name, NULL);
	json_t *json = client ? client_topic_json(client, "file", NULL) : NULL;
	const char *text = json_string_value(json_object_get(json, "text"));
	struct lab *lab = text ? lab_parse(text, strlen(text), "running lab", &diags) : NULL;
	struct plan *plan = lab ? plan_of(lab) : plan_new();

	lab_free(lab);
	json_decref(json);
	client_free(client);
	return plan;
}

static void print_json(const struct plan *changes)
{
	static const char *const verbs[] = {
		[STEP_ADD] = "add", [STEP_CHANGE] = "change", [STEP_REMOVE] = "remove"
	};
	json_t *steps = json_array();
	char text[512];

	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];

		step_print(changes, step, text, sizeof(text));
		(void)json_array_append_new(
			steps, json_pack("{s:s, s:s, s:s, s:i}", "verb", verbs[step->verb], "stage",
					 step_stage_name(step_stage(step->kind)), "text", text,
					 "line", (int)step->line));
	}
	cli_print_json(json_pack("{s:o}", "steps", steps));
}

static int run_plan(const struct cli *cli)
{
	CLEANUP(free_cleanup) char *text = NULL;
	const char *name = cli_value(cli, "name");
	struct plan *running, *wanted, *changes;
	char path[PATH_MAX];
	struct lab *lab;
	int code = EXIT_OK;

	lab = cli_read_lab(cli->argv[0], path, sizeof(path), &text, &code);
	if (!lab)
		return code;
	running = running_plan(name ? name : lab->name.value);
	wanted = plan_of(lab);
	changes = plan_diff(running, wanted);
	if (cli->output == OUTPUT_JSON)
		print_json(changes);
	else
		plan_print(changes, stdout);
	if (changes->step_count && cli_value(cli, "exit-code"))
		code = EXIT_DIFFERENT;
	plan_free(running);
	plan_free(wanted);
	plan_free(changes);
	lab_free(lab);
	return code;
}

const struct command command_plan = {
	.name = "plan",
	.has_no_lab = true,
	.arguments = "FILE",
	.words = "say what up would do",
	.more = "Against nothing, or against the lab of that name when it runs. Nothing is "
		"started and nothing changes.",
	.group = GROUP_LABS,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.run = run_plan,
	.options = {
		{ "name", 0, "LAB", "compare with the running lab of this name" },
		{ "exit-code", 0, NULL, "end with 4 when there is something to do" },
	},
};
