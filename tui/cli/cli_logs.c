/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logs: what a daemon of the lab writes. */
#include "tui/cli/cli_commands.h"

#include "lab/render/table.h"
#include "lab/snapshot/snapshot_logs.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void print_sources(const struct cli *cli, const void *object)
{
	static const char *const headers[] = { "Log", "Machine", "Program", "State", "Pid" };
	const struct snapshot_log_sources *sources = object;
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < sources->sources.count; i++) {
		const struct snapshot_log_source *source = &sources->sources.items[i];
		char pid[24];
		const char *cells[] = { source->name, source->node, source->program, source->state,
					pid };

		(void)snprintf(pid, sizeof(pid), "%lld", (long long)source->pid);
		table_add(table, cells);
	}
	if (sources->sources.count || cli->output == OUTPUT_TSV)
		cli_print_table(cli, table);
	else
		(void)printf("no daemon runs in this lab\n");
	table_free(table);
}

static void print_line(const struct cli *cli, const struct snapshot_log_line *line)
{
	time_t seconds = (time_t)line->time;
	char stamp[32];
	struct tm tm;

	if (cli->output == OUTPUT_JSON) { /* one object a line, so that it can be followed */
		json_t *json = record_encode(&snapshot_log_line_record, line);

		(void)json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(16));
		(void)putchar('\n');
		json_decref(json);
		return;
	}
	(void)localtime_r(&seconds, &tm);
	(void)strftime(stamp, sizeof(stamp), "%T", &tm);
	(void)printf(cli->output == OUTPUT_TSV ? "%s.%03d\t%s\n" : "%s.%03d  %s\n", stamp,
		     (int)((line->time - (double)seconds) * 1000), line->text);
}

static void print_log(const struct cli *cli, const void *object)
{
	const struct snapshot_log *log = object;

	for (size_t i = 0; i < log->lines.count; i++)
		print_line(cli, &log->lines.items[i]);
	(void)fflush(stdout);
}

/* All of it first, then what comes. */
static int print_message(const struct cli *cli, const json_t *message, struct err *err)
{
	json_t *lines = json_copy(json_object_get(json_object_get(message, "data"), "lines"));
	const char *gone = json_string_value(json_object_get(message, "gone"));
	const json_t *changes = json_object_get(json_object_get(message, "changes"), "lists");
	struct arena *arena = arena_new();
	struct snapshot_log log = { 0 };
	json_t *splice, *one;
	size_t i;

	if (!lines)
		lines = json_array();
	json_array_foreach(json_object_get(changes, "lines"), i, splice) {
		(void)json_array_extend(lines, json_array_get(splice, 2));
	}
	one = json_pack("{s:o}", "lines", lines);
	if (gone)
		err_set(err, -1, "%s", gone);
	else if (record_decode(&snapshot_log_record, one, &log, arena, err))
		print_log(cli, &log);
	json_decref(one);
	arena_free(arena);
	return err->code;
}

static int follow(const struct cli *cli, const char *topic)
{
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;
	json_t *line;

	client = cli_connect(cli, NULL, NULL, &code);
	if (!client)
		return code;
	if (!client_send(client, json_pack("{s:s, s:s}", "request", "subscribe", "topic", topic),
			 &err))
		client_be_patient(client);
	while (!err.code && (line = client_receive(client, &err))) {
		if (json_object_get(line, "topic"))
			(void)print_message(cli, line, &err);
		else
			(void)client_data(line, &err); /* it may be a refusal */
		json_decref(line);
	}
	client_free(client);
	return cli_fail(EXIT_FAILED, "%s", err.text);
}

static int run_logs(const struct cli *cli)
{
	struct snapshot_log_sources sources = { 0 };
	struct snapshot_log log = { 0 };
	char topic[200];

	if (!cli->argc && cli_value(cli, "follow"))
		return cli_usage(cli, "--follow needs the name of a log");
	if (!cli->argc)
		return cli_show_topic(cli, "logs", &snapshot_log_sources_record, &sources,
				      cli->output == OUTPUT_JSON ? NULL : print_sources);
	(void)snprintf(topic, sizeof(topic), "logs/%.150s", cli->argv[0]);
	if (cli_value(cli, "follow"))
		return follow(cli, topic);
	return cli_show_topic(cli, topic, &snapshot_log_record, &log, print_log);
}

const struct command command_logs = {
	.name = "logs",
	.arguments = "[MACHINE|LOG]",
	.words = "what the daemon of a machine or a tunnel writes",
	.more = "BIRD, FRR and charon, their latest 500 lines each, kept in memory. Without a "
		"name, whose logs there are; with -o json, one object a line.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.completes = { ARG_NODE },
	.run = run_logs,
	.options = { { "follow", 'f', NULL, "go on, and print what is written as it is written" } },
};
