/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logs: what a daemon of the lab writes. */
#include "tui/cli/cli_commands.h"

#include "lab/render/table.h"
#include "lab/snapshot/snapshot_logs.h"
#include "tui/cli/cli_stream.h"

#include <stdio.h>

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
	char clock[32];

	if (cli->output == OUTPUT_JSON) {
		cli_print_json_line(record_encode(&snapshot_log_line_record, line));
		return;
	}
	(void)printf(cli->output == OUTPUT_TSV ? "%s.%03d\t%s\n" : "%s.%03d  %s\n",
		     cli_print_clock(line->time, clock), cli_ms_of(line->time), line->text);
}

static void print_log(const struct cli *cli, const void *object)
{
	const struct snapshot_log *log = object;

	for (size_t i = 0; i < log->lines.count; i++)
		print_line(cli, &log->lines.items[i]);
	(void)fflush(stdout);
}

static void print_more(void *arg, const void *object, struct err *err)
{
	(void)err;
	print_log(arg, object);
}

static int follow(const struct cli *cli, const char *topic)
{
	struct err err = { 0 };
	int code = EXIT_OK;
	struct client *client = cli_connect(cli, NULL, NULL, &code);

	if (client &&
	    cli_stream(client, topic, "lines", &snapshot_log_record, print_more, (void *)cli, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	return code;
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
