/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows: what NSGs let through and dropped. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/flow_lines.h"
#include "lab/render/flow_log.h"
#include "tui/cli/cli_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned columns_of(FILE *out)
{
	struct winsize size = { 0 };

	if (!isatty(fileno(out)))
		return FLOW_LINE_WIDE;
	return ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

static bool is_wanted(const struct cli *cli, const struct snapshot_flow *flow)
{
	return !cli_value(cli, "denied") || !strcmp(flow->access, "Deny");
}

static void print_flow(const struct cli *cli, const struct snapshot_flow *flow)
{
	char clock[32];

	switch (cli->output) {
	case OUTPUT_TABLE:
		flow_lines_print(flow, cli_print_clock(flow->time, clock), columns_of(stdout),
				 stdout);
		break;
	case OUTPUT_TSV:
		flow_lines_print_tsv(flow, stdout);
		break;
	case OUTPUT_JSON:
		cli_print_json_line(record_encode(&snapshot_flow_record, flow));
		break;
	case OUTPUT_COUNT:
		break;
	}
}

/* Only those that are asked for. */
static void keep_wanted(const struct cli *cli, struct snapshot_flows *flows)
{
	size_t kept = 0;

	for (size_t i = 0; i < flows->flows.count; i++)
		if (is_wanted(cli, &flows->flows.items[i]))
			flows->flows.items[kept++] = flows->flows.items[i];
	flows->flows.count = kept;
}

static const char *const log_names[] = { [FLOW_LOG_NSG] = "nsg", [FLOW_LOG_VNET] = "vnet" };

/* In the shape of a log of Azure: without the members that our own JSON has. */
static int print_log(const struct snapshot_flows *flows, const char *name, const char *lab)
{
	size_t format = strcmp(name, log_names[FLOW_LOG_NSG]) == 0 ? FLOW_LOG_NSG : FLOW_LOG_VNET;
	json_t *json = flow_log_json(flows, (enum flow_log_format)format, lab);

	(void)json_dumpf(json, stdout, JSON_INDENT(2));
	(void)putchar('\n');
	json_decref(json);
	return EXIT_OK;
}

static int print_flows(const struct cli *cli, struct snapshot_flows *flows, const char *lab)
{
	keep_wanted(cli, flows);
	if (cli_value(cli, "log") && !flows->error)
		return print_log(flows, cli_value(cli, "log"), lab);
	if (cli->output == OUTPUT_JSON) {
		cli_print_json(record_encode(&snapshot_flows_record, flows));
		return EXIT_OK;
	}
	if (cli->output == OUTPUT_TABLE && flows->flows.count)
		flow_lines_head(columns_of(stdout), stdout);
	for (size_t i = 0; i < flows->flows.count; i++)
		print_flow(cli, &flows->flows.items[i]);
	(void)fflush(stdout);
	flow_lines_note(flows, stderr);
	if (flows->error)
		return cli_fail(EXIT_UNABLE, "flows cannot be seen: %s", flows->error);
	return EXIT_OK;
}

/* ---- as they come ---- */

struct follower {
	const struct cli *cli;
	int64_t last; /* the number of the newest that was printed */
};

/* Also what comes again, as when the lab was changed, is printed once. */
static void print_new(struct follower *f, const struct snapshot_flows *flows)
{
	for (size_t i = 0; i < flows->flows.count; i++) {
		const struct snapshot_flow *flow = &flows->flows.items[i];

		if (flow->number <= f->last)
			continue;
		f->last = flow->number;
		if (is_wanted(f->cli, flow))
			print_flow(f->cli, flow);
	}
	(void)fflush(stdout);
	if (flows->lost)
		flow_lines_note(&(struct snapshot_flows){ .lost = flows->lost }, stderr);
}

static void take_flows(void *arg, const void *object, struct err *err)
{
	const struct snapshot_flows *flows = object;

	print_new(arg, flows);
	if (flows->error)
		err_set(err, -EOPNOTSUPP, "flows cannot be seen: %s", flows->error);
}

static int follow(const struct cli *cli, struct client *client, const char *topic)
{
	struct follower f = { .cli = cli };
	struct err err = { 0 };

	(void)cli_stream(client, topic, "flows", &snapshot_flows_record, take_flows, &f, &err);
	return cli_fail(err.code == -EOPNOTSUPP ? EXIT_UNABLE : EXIT_FAILED, "%s", err.text);
}

static int run_flows(const struct cli *cli)
{
	CLEANUP(free_cleanup) char *topic = NULL, *lab = NULL;
	const char *log = cli_value(cli, "log");
	struct snapshot_flows flows = { 0 };
	struct arena *arena;
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;

	if (log && strcmp(log, log_names[FLOW_LOG_NSG]) != 0 &&
	    strcmp(log, log_names[FLOW_LOG_VNET]) != 0)
		return cli_usage(cli, "--log takes nsg or vnet, not '%s'", log);
	if (log && cli_value(cli, "follow"))
		return cli_usage(cli, "--log and --follow exclude each other");
	if (asprintf(&topic, "flows%s%s", cli->argc ? "/" : "", cli->argc ? cli->argv[0] : "") < 0)
		abort();
	if (cli_value(cli, "follow") && cli_needs_lab(cli, "--follow"))
		return EXIT_USAGE;
	arena = arena_new();
	client = cli_connect(cli, NULL, &lab, &code);
	if (client && cli_value(cli, "follow"))
		code = follow(cli, client, topic);
	else if (client && client_topic(client, topic, &snapshot_flows_record, &flows, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else if (client)
		code = print_flows(cli, &flows, lab);
	client_free(client);
	arena_free(arena);
	return code;
}

const struct command command_flows = {
	.name = "flows",
	.arguments = "[VM]",
	.words = "what was allowed and denied, by which rule",
	.more = "Each flow that a rule of an NSG, an admin rule or the platform decided, at each "
		"NIC it met, with its packets and bytes both ways. VM may be a NIC or VM:NIC. With "
		"-f and -o json, one object a line.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.completes = { ARG_VM },
	.run = run_flows,
	.options = { { "follow", 'f', NULL, "go on, and print flows as they begin" },
		     { "denied", 0, NULL, "only those that were denied" },
		     { "log", 0, "nsg|vnet", "as JSON, in the shape of Azure's flow logs" },
		     CLI_FROM },
};
