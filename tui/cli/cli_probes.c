/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probes and events: what is seen, and what happened. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/table.h"

#include <stdio.h>
#include <time.h>

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
	time_t seconds = (time_t)event->time;
	struct tm tm;
	char stamp[32];

	if (cli->output == OUTPUT_JSON) { /* one object a line, so that it can be followed */
		json_t *json = record_encode(&snapshot_event_record, event);

		(void)json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(16));
		(void)putchar('\n');
		json_decref(json);
		return;
	}
	(void)localtime_r(&seconds, &tm);
	(void)strftime(stamp, sizeof(stamp), "%T", &tm);
	(void)printf(cli->output == OUTPUT_TSV ? "%s.%03d\t%s\t%s\n" : "%s.%03d  %-7s %s\n", stamp,
		     (int)((event->time - (double)seconds) * 1000), event->kind, event->text);
}

static void print_events(const struct cli *cli, const struct snapshot_events *events)
{
	for (size_t i = 0; i < events->events.count; i++)
		print_event(cli, &events->events.items[i]);
	(void)fflush(stdout);
}

/* What a message of the topic brings: all of it first, then what came since. */
static void print_message(const struct cli *cli, const json_t *message, struct err *err)
{
	const json_t *data = json_object_get(message, "data");
	json_t *events = json_array(), *splice, *one;
	struct snapshot_events decoded = { 0 };
	struct arena *arena = arena_new();
	size_t i;

	if (json_object_get(data, "events"))
		(void)json_array_extend(events, json_object_get(data, "events"));
	json_array_foreach(
		json_object_get(json_object_get(json_object_get(message, "changes"), "lists"),
				"events"),
		i, splice) {
		(void)json_array_extend(events, json_array_get(splice, 2));
	}
	one = json_pack("{s:o}", "events", events);
	if (record_decode(&snapshot_events_record, one, &decoded, arena, err))
		print_events(cli, &decoded);
	json_decref(one);
	arena_free(arena);
}

static int follow(const struct cli *cli, struct client *client)
{
	struct err err = { 0 };
	json_t *line;

	client_be_patient(client);
	if (client_send(client, json_pack("{s:s, s:s}", "request", "subscribe", "topic", "events"),
			&err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	while (!err.code && (line = client_receive(client, &err))) {
		print_message(cli, line, &err);
		json_decref(line);
	}
	return cli_fail(EXIT_FAILED, "%s", err.text);
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
		code = follow(cli, client);
	else if (client &&
		 client_topic(client, "events", &snapshot_events_record, &events, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	else if (client)
		print_events(cli, &events);
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
