/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probes and events: what is seen, and what happened. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/table.h"
#include "tui/cli/cli_stream.h"

#include <stdio.h>

static void add_probe(struct table *table, const struct snapshot_probe *probe)
{
	/* a flow that fails as it should has a mark of its own, never that of success */
	const char *mark = !probe->is_reply_predicted &&
					   probe->is_reply_predicted == probe->is_reply &&
					   probe->observed_at > 0
				   ? "fails as predicted"
				   : probe->observation;
	char rtt[32] = "", ttl[16] = "";
	const char *cells[] = { probe->from,
				probe->to,
				probe->protocol,
				probe->colour,
				mark,
				rtt,
				ttl,
				probe->is_reply             ? ""
				: probe->is_reply_predicted ? probe->why
							    : probe->prediction };

	if (probe->is_reply)
		(void)snprintf(rtt, sizeof(rtt), "%.2f ms", probe->rtt_ms);
	if (probe->is_reply && probe->ttl)
		(void)snprintf(ttl, sizeof(ttl), "%lld", (long long)probe->ttl);
	table_add(table, cells);
}

static void print_probes(const struct cli *cli, const void *object)
{
	static const char *const headers[] = { "From", "To",  "Protocol", "Colour",
					       "Seen", "RTT", "TTL",      "Why" };
	const struct snapshot_probes *probes = object;
	struct table *table;

	if (cli->output == OUTPUT_JSON) {
		cli_print_json(record_encode(&snapshot_probes_record, probes));
		return;
	}
	table = table_new(headers, ARRAY_SIZE(headers));
	for (size_t i = 0; i < probes->probes.count; i++)
		add_probe(table, &probes->probes.items[i]);
	cli_print_table(cli, table);
	table_free(table);
}

static int run_probes(const struct cli *cli)
{
	struct snapshot_probes probes = { 0 };

	return cli_show_topic(cli, "probes", &snapshot_probes_record, &probes, print_probes);
}

const struct command command_probes = {
	.name = "probes",
	.arguments = "",
	.words = "the pings and fetches that run all the time",
	.more = "Each with what was predicted and what is seen. A probe is green when both "
		"agree: a flow that must fail and fails is green too.",
	.group = GROUP_PROBE,
	.run = run_probes,
	.options = { CLI_FROM },
};

static void print_event(const struct cli *cli, const struct snapshot_event *event)
{
	char clock[32];

	if (cli->output == OUTPUT_JSON) {
		cli_print_json_line(record_encode(&snapshot_event_record, event));
		return;
	}
	(void)printf(cli->output == OUTPUT_TSV ? "%s.%03d\t%s\t%s\n" : "%s.%03d  %-7s %s\n",
		     cli_print_clock(event->time, clock), cli_ms_of(event->time), event->kind,
		     event->text);
}

static void print_events(const struct cli *cli, const struct snapshot_events *events)
{
	for (size_t i = 0; i < events->events.count; i++)
		print_event(cli, &events->events.items[i]);
	(void)fflush(stdout);
}

static void print_more(void *arg, const void *object, struct err *err)
{
	(void)err;
	print_events(arg, object);
}

static int run_events(const struct cli *cli)
{
	struct snapshot_events events = { 0 };
	struct err err = { 0 };
	struct client *client;
	struct arena *arena;
	int code = EXIT_OK;

	if (cli_value(cli, "follow") && cli_needs_lab(cli, "--follow"))
		return EXIT_USAGE;
	arena = arena_new();
	client = cli_connect(cli, NULL, NULL, &code);
	if (client && cli_value(cli, "follow"))
		(void)cli_stream(client, "events", "events", &snapshot_events_record, print_more,
				 (void *)cli, &err);
	else if (client &&
		 !client_topic(client, "events", &snapshot_events_record, &events, arena, &err))
		print_events(cli, &events);
	if (err.code)
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	arena_free(arena);
	return code;
}

const struct command command_events = {
	.name = "events",
	.arguments = "",
	.words = "what changed, and when",
	.more = "With -o json, one object a line.",
	.group = GROUP_LOOK,
	.run = run_events,
	.options = { { "follow", 'f', NULL, "go on, and print what happens as it happens" },
		     CLI_FROM },
};
