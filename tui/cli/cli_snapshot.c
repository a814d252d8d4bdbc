/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot and restore: what a guest is at one moment, kept, and gone back to. */
#include "tui/cli/cli_commands.h"

#include "lab/render/table.h"

#include <stdio.h>
#include <string.h>

/* ---- list ---- */

static void add_row(struct table *table, const char *guest, const struct snapshot_saved *saved)
{
	char clock[32], size_mb[32];
	const char *cells[] = { guest, saved->name, cli_print_clock(saved->taken_at, clock),
				size_mb, saved->fits ? "" : "the guest was changed since" };

	(void)snprintf(size_mb, sizeof(size_mb), "%.1f", (double)saved->size_bytes / 1e6);
	table_add(table, cells);
}

static void print_snapshots(const struct cli *cli, const void *object)
{
	static const char *const headers[] = { "Guest", "Snapshot", "Taken", "MB", "Note" };
	const struct snapshot_nodes *nodes = object;
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	size_t count = 0;

	for (size_t i = 0; i < nodes->nodes.count; i++) {
		const struct snapshot_node *node = &nodes->nodes.items[i];

		count += node->snapshots.count;
		for (size_t n = 0; n < node->snapshots.count; n++)
			add_row(table, node->name, &node->snapshots.items[n]);
	}
	if (count || cli->output == OUTPUT_TSV)
		cli_print_table(cli, table);
	else
		(void)printf("there are no snapshots\n");
	table_free(table);
}

static void print_json(const struct cli *cli, const void *object)
{
	const struct snapshot_nodes *nodes = object;
	json_t *list = json_array();

	(void)cli;
	for (size_t i = 0; i < nodes->nodes.count; i++) {
		const struct snapshot_node *node = &nodes->nodes.items[i];

		for (size_t n = 0; n < node->snapshots.count; n++) {
			const struct snapshot_saved *saved = &node->snapshots.items[n];

			(void)json_array_append_new(
				list,
				json_pack("{s:s, s:s, s:f, s:I, s:b}", "guest", node->name, "name",
					  saved->name, "taken_at", saved->taken_at, "size_bytes",
					  (json_int_t)saved->size_bytes, "fits", saved->fits));
		}
	}
	cli_print_json(json_pack("{s:o}", "snapshots", list));
}

static int list_snapshots(const struct cli *cli)
{
	struct snapshot_nodes nodes = { 0 };

	return cli_show_topic(cli, "nodes", &snapshot_nodes_record, &nodes,
			      cli->output == OUTPUT_JSON ? print_json : print_snapshots);
}

/* ---- take, go back, remove ---- */

/* What was done is told as "GUEST words 'SNAPSHOT'". */
static int ask(const struct cli *cli, const char *action, const char *words)
{
	json_t *request, *line = NULL;
	const json_t *data = NULL;
	struct err err = { 0 };
	struct client *client;
	const char *name;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, NULL, &code);
	if (!client)
		return code;
	request = json_pack("{s:s, s:s, s:s}", "request", "guest", "guest", cli->argv[0], "action",
			    action);
	if (cli->argc > 1)
		(void)json_object_set_new(request, "snapshot", json_string(cli->argv[1]));
	client_be_patient(client); /* a large guest takes its time */
	if (!client_send(client, request, &err) && (line = client_receive(client, &err)))
		data = client_data(line, &err);
	name = json_string_value(json_object_get(data, "name"));
	if (err.code)
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else
		(void)printf("%s %s '%s'\n", cli->argv[0], words, name ? name : cli->argv[1]);
	json_decref(line);
	client_free(client);
	return code;
}

static int run_snapshot(const struct cli *cli)
{
	if (cli_value(cli, "delete") && cli->argc < 2)
		return cli_usage(cli, "--delete takes a guest and the name of its snapshot");
	if (!cli->argc)
		return list_snapshots(cli);
	if (cli_value(cli, "delete"))
		return ask(cli, "forget", "has no more a snapshot");
	return ask(cli, "save", "is saved as");
}

const struct command command_snapshot = {
	.name = "snapshot",
	.arguments = "[GUEST [NAME]]",
	.words = "save what a guest is now, and list what was saved",
	.more = "Its memory and devices go into a file of the lab's own, and it goes on, after a "
		"moment in which it answers nobody; who is at its console is disconnected. Without "
		"NAME snapshots are numbered; without GUEST they are listed. They are lost with "
		"the guest, and with the lab.",
	.group = GROUP_CHANGE,
	.max_arguments = 2,
	.completes = { ARG_GUEST, ARG_SNAPSHOT },
	.changes = cli_with_arguments,
	.run = run_snapshot,
	.options = { { "delete", 0, NULL, "remove that one" } },
};

static int run_restore(const struct cli *cli)
{
	return ask(cli, "restore", "goes on from");
}

const struct command command_restore = {
	.name = "restore",
	.arguments = "GUEST [NAME]",
	.words = "let a guest go on from a snapshot",
	.more = "What it did since is lost, whether it runs or not. Without NAME it is the latest "
		"snapshot. Its clock is behind then by the time between: 'hwclock -s' on its "
		"console sets it. A guest whose memory, NICs, addresses or routes were changed "
		"since is refused.",
	.group = GROUP_CHANGE,
	.min_arguments = 1,
	.max_arguments = 2,
	.completes = { ARG_GUEST, ARG_SNAPSHOT },
	.changes = cli_always,
	.run = run_restore,
};
