/* SPDX-License-Identifier: GPL-2.0-or-later */
/* completion, and __complete: what scripts of shells ask for while someone types. */
#include "tui/cli/cli_commands.h"
#include "tui/cli/cli_completion.h"

#include "lab/base/diag.h"
#include "lab/model/topology.h"
#include "netns/super/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Print a candidate, and with -o tsv what it is. Shells split and expand what they are given, so
 * only plain names pass.
 */
static void offer(const struct cli *cli, const char *name, const char *words)
{
	if (!is_object_name(name))
		return;
	if (cli->output == OUTPUT_TSV && words && *words)
		(void)printf("%s\t%s\n", name, words);
	else
		(void)puts(name);
}

static void print_templates(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct cli_templates templates = cli_templates(arena);

	for (size_t i = 0; i < templates.count; i++)
		offer(cli, templates.items[i].name, templates.items[i].sentence);
	arena_free(arena);
}

static void print_labs(const struct cli *cli)
{
	char **labs = runtime_list(NULL);

	for (char **lab = labs; lab && *lab; lab++) {
		offer(cli, *lab, "lab");
		free(*lab);
	}
	free(labs);
}

/* A topic of the lab that is meant; nothing when that is not clear. */
static void read_topic(const struct cli *cli, const char *topic, const struct record *record,
		       void *object, struct arena *arena)
{
	char **labs = runtime_list(NULL);
	const char *lab = cli->lab && is_object_name(cli->lab) ? cli->lab : NULL;
	struct client *client = NULL;

	if (!cli->lab && labs && labs[0] && !labs[1])
		lab = labs[0];
	if (lab)
		client = client_open(lab, NULL);
	if (client)
		(void)client_topic(client, topic, record, object, arena, &(struct err){ 0 });
	client_free(client);
	for (char **each = labs; each && *each; each++)
		free(*each);
	free(labs);
}

static struct snapshot_nodes read_nodes(const struct cli *cli, struct arena *arena)
{
	struct snapshot_nodes nodes = { 0 };

	read_topic(cli, "nodes", &snapshot_nodes_record, &nodes, arena);
	return nodes;
}

static void print_steps(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_file file = { 0 };

	read_topic(cli, "file", &snapshot_file_record, &file, arena);
	for (size_t i = 0; i < file.steps.count; i++)
		offer(cli, arena_printf(arena, "%lld", (long long)file.steps.items[i].number),
		      file.steps.items[i].name);
	arena_free(arena);
}

static bool is_any(const struct snapshot_node *node)
{
	(void)node;
	return true;
}

static bool is_vm(const struct snapshot_node *node)
{
	return !strcmp(node->role, node_role_name(ROLE_VM)) ||
	       !strcmp(node->role, node_role_name(ROLE_NVA)) ||
	       !strcmp(node->role, node_role_name(ROLE_INTERNET)) ||
	       !strcmp(node->role, node_role_name(ROLE_BRANCH_HOST));
}

static bool is_guest(const struct snapshot_node *node)
{
	return node->kind != NULL;
}

static bool is_speaker(const struct snapshot_node *node)
{
	return node->pid || node->sessions;
}

static void print_nodes_that(const struct cli *cli, bool (*fits)(const struct snapshot_node *node))
{
	struct arena *arena = arena_new();
	struct snapshot_nodes nodes = read_nodes(cli, arena);

	for (size_t i = 0; i < nodes.nodes.count; i++)
		if (fits(&nodes.nodes.items[i]))
			offer(cli, nodes.nodes.items[i].name, nodes.nodes.items[i].role);
	arena_free(arena);
}

static void print_nodes(const struct cli *cli)
{
	print_nodes_that(cli, is_any);
}

static void print_parts(const struct cli *cli)
{
	if (!cli->lab)
		print_labs(cli);
	print_nodes(cli);
}

static void print_vms(const struct cli *cli)
{
	print_nodes_that(cli, is_vm);
}

static void print_guests(const struct cli *cli)
{
	print_nodes_that(cli, is_guest);
}

/* Of all guests: which one is meant is not known here. */
static void print_snapshots(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_nodes nodes = read_nodes(cli, arena);

	for (size_t i = 0; i < nodes.nodes.count; i++)
		for (size_t n = 0; n < nodes.nodes.items[i].snapshots.count; n++)
			offer(cli, nodes.nodes.items[i].snapshots.items[n].name,
			      nodes.nodes.items[i].name);
	arena_free(arena);
}

/* A gateway's name is that of its first instance without the number. */
static void print_gateways(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_nodes nodes = read_nodes(cli, arena);

	for (size_t i = 0; i < nodes.nodes.count; i++) {
		const struct snapshot_node *node = &nodes.nodes.items[i];
		size_t len = strlen(node->name);

		if (strstr(node->role, "gateway") && len > 2 && !strcmp(node->name + len - 2, "-0"))
			offer(cli, arena_strndup(arena, node->name, len - 2), node->role);
	}
	arena_free(arena);
}

static void print_speakers(const struct cli *cli)
{
	print_gateways(cli);
	print_nodes_that(cli, is_speaker);
}

static void print_dashes(const struct cli *cli)
{
	(void)cli;
	(void)puts("--");
}

static void print_formats(const struct cli *cli)
{
	const char *const *forms = cli_forms(cli->argc > 1 ? cli_find_command(cli->argv[1]) : NULL);

	for (size_t i = 0; forms[i]; i++)
		offer(cli, forms[i], NULL);
}

static void print_topics(const struct cli *cli)
{
	for (int i = 0; commands[i]; i++)
		if (!commands[i]->is_hidden)
			offer(cli, commands[i]->name, commands[i]->words);
	for (int i = 0; i < DIAG_COUNT; i++)
		offer(cli, diag_table[i].name, diag_table[i].words);
}

static void print_shells(const struct cli *cli)
{
	for (int i = 0; completion_shells[i].name; i++)
		offer(cli, completion_shells[i].name, NULL);
}

static void print_directions(const struct cli *cli)
{
	offer(cli, "in", "flows that come to the machine");
	offer(cli, "out", "flows that it starts");
}

static void print_protocols(const struct cli *cli)
{
	static const char *const names[] = { "tcp", "udp", "icmp", "esp", "ah" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		offer(cli, names[i], NULL);
}

static void print_faults(const struct cli *cli)
{
	static const char *const words[][2] = {
		{ "cut", "no carrier, as when a cable is pulled" },
		{ "drop", "packets are lost silently" },
		{ "delay", "so many milliseconds more each way" },
		{ "kill", "end a routing daemon" },
		{ "clear", "repair it" },
		{ "ls", "what is and was broken, with times" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		offer(cli, words[i][0], words[i][1]);
}

/* Names with '/' between: of names that are plain. */
static void print_targets(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_targets targets = { 0 };

	read_topic(cli, "targets", &snapshot_targets_record, &targets, arena);
	for (size_t i = 0; i < targets.targets.count; i++) {
		const struct snapshot_target *target = &targets.targets.items[i];

		if (cli->output == OUTPUT_TSV)
			(void)printf("%s\t%s\n", target->name, target->what);
		else
			(void)puts(target->name);
	}
	arena_free(arena);
}

/* Files of a kind that shells find by their names. */
static void print_nothing(const struct cli *cli)
{
	(void)cli;
}

const struct arg_kind arg_kinds[ARG_COUNT] = {
	[ARG_FILE] = { "file", "FILE", print_templates },
	[ARG_LAB] = { "lab", "LAB", print_labs },
	[ARG_NODE] = { "node", "NODE", print_nodes },
	[ARG_PART] = { "part", NULL, print_parts },
	[ARG_VM] = { "vm", "VM", print_vms },
	[ARG_GUEST] = { "guest", "GUEST", print_guests },
	[ARG_SPEAKER] = { "speaker", "GATEWAY", print_speakers },
	[ARG_DASHES] = { "dashes", NULL, print_dashes },
	[ARG_FORMAT] = { "format", "FORMAT", print_formats },
	[ARG_TOPIC] = { "topic", NULL, print_topics },
	[ARG_STEP] = { "step", "STEP", print_steps },
	[ARG_SHELL] = { "shell", NULL, print_shells },
	[ARG_DIRECTION] = { "direction", NULL, print_directions },
	[ARG_PROTOCOL] = { "protocol", NULL, print_protocols },
	[ARG_FAULT] = { "fault", NULL, print_faults },
	[ARG_BUNDLE] = { "bundle", "BUNDLE", print_nothing },
	[ARG_TARGET] = { "target", "TARGET", print_targets },
	[ARG_SNAPSHOT] = { "snapshot", "SNAPSHOT", print_snapshots },
};

enum arg option_arg(const struct cli_option *option)
{
	for (int arg = ARG_NONE + 1; option->argument && arg < ARG_COUNT; arg++)
		if (arg_kinds[arg].word && !strcmp(arg_kinds[arg].word, option->argument))
			return (enum arg)arg;
	return ARG_NONE;
}

/* A script may be older or newer than the program: a kind that is not known has no candidates. */
static int run_complete(const struct cli *cli)
{
	for (int arg = ARG_NONE + 1; arg < ARG_COUNT; arg++)
		if (!strcmp(arg_kinds[arg].name, cli->argv[0]))
			arg_kinds[arg].print(cli);
	return EXIT_OK;
}

const struct command command_complete = {
	.name = "__complete",
	.arguments = "KIND [COMMAND]",
	.words = "print what may stand in the place of an argument, one a line",
	.group = GROUP_ABOUT,
	.is_hidden = true,
	.min_arguments = 1,
	.max_arguments = 2,
	.run = run_complete,
};

const struct completion_shell completion_shells[] = {
	{ "bash", completion_write_bash },
	{ "zsh", completion_write_zsh },
	{ "fish", completion_write_fish },
	{ 0 },
};

static int run_completion(const struct cli *cli)
{
	for (int i = 0; completion_shells[i].name; i++) {
		if (strcmp(completion_shells[i].name, cli->argv[0]) != 0)
			continue;
		completion_shells[i].write(stdout);
		return EXIT_OK;
	}
	return cli_usage(cli, "there is no script for '%s'", cli->argv[0]);
}

const struct command command_completion = {
	.name = "completion",
	.has_no_lab = true,
	.arguments = "bash|zsh|fish",
	.words = "print a script that completes command lines",
	.more = "In bash and zsh: source <(hublab completion bash); in fish: hublab completion "
		"fish "
		"| source. Installed scripts are found by the shells themselves.",
	.group = GROUP_ABOUT,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_SHELL },
	.run = run_completion,
};
