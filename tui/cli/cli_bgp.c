/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/table.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* "00:02:56.0967494", as az prints a duration (R5.11). */
static void print_duration(double seconds, char *text, size_t size)
{
	long whole = (long)seconds;

	(void)snprintf(text, size, "%02ld:%02ld:%02ld.%07ld", whole / 3600, whole / 60 % 60,
		       whole % 60, (long)((seconds - (double)whole) * 1e7));
}

static void print_peers(const struct cli *cli, const struct snapshot_bgp *bgp)
{
	static const char *const headers[] = { "Neighbor",        "ASN",
					       "State",           "ConnectedDuration",
					       "RoutesReceived",  "MessagesSent",
					       "MessagesReceived" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	struct timespec now;
	double now_s;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	now_s = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	for (size_t i = 0; i < bgp->peers.count; i++) {
		const struct snapshot_peer *peer = &bgp->peers.items[i];
		char asn[24], duration[40] = "", routes[24], sent[24], received[24];
		const char *cells[] = { peer->neighbor, asn,  peer->state, duration,
					routes,         sent, received };

		(void)snprintf(asn, sizeof(asn), "%lld", (long long)peer->asn);
		(void)snprintf(routes, sizeof(routes), "%lld", (long long)peer->routes_received);
		(void)snprintf(sent, sizeof(sent), "%lld", (long long)peer->messages_sent);
		(void)snprintf(received, sizeof(received), "%lld",
			       (long long)peer->messages_received);
		if (peer->connected_at > 0)
			print_duration(now_s - peer->connected_at, duration, sizeof(duration));
		table_add(table, cells);
	}
	cli_print_table(cli, table);
	table_free(table);
}

/*
 * az puts columns in the order in which rows first have them and drops those that none has: next
 * hop and path stand last when the first row is the gateway's own network (R5.9).
 */
static size_t order_columns(const struct snapshot_bgp *bgp, size_t order[6])
{
	bool is_seen[6] = { false };
	size_t count = 0;

	for (size_t i = 0; i < bgp->learned.count; i++) {
		const struct snapshot_learned *row = &bgp->learned.items[i];
		bool is_there[] = { true, row->next_hop != NULL, true,
				    true, row->as_path != NULL,  true };

		for (size_t column = 0; column < ARRAY_SIZE(is_there); column++) {
			if (is_there[column] && !is_seen[column])
				order[count++] = column;
			is_seen[column] |= is_there[column];
		}
	}
	return count;
}

static void print_learned(const struct cli *cli, const struct snapshot_bgp *bgp)
{
	static const char *const all_headers[] = { "Network",    "NextHop", "Origin",
						   "SourcePeer", "AsPath",  "Weight" };
	const char *headers[6], *cells[6];
	size_t order[6], count = order_columns(bgp, order);
	struct table *table;

	for (size_t i = 0; i < count; i++)
		headers[i] = all_headers[order[i]];
	table = table_new(headers, count);
	for (size_t i = 0; i < bgp->learned.count; i++) {
		const struct snapshot_learned *row = &bgp->learned.items[i];
		char weight[24];
		const char *all[] = { row->network,     row->next_hop, row->origin,
				      row->source_peer, row->as_path,  weight };

		(void)snprintf(weight, sizeof(weight), "%lld", (long long)row->weight);
		for (size_t n = 0; n < count; n++)
			cells[n] = all[order[n]];
		table_add(table, cells);
	}
	cli_print_table(cli, table);
	table_free(table);
}

static void print_bgp(const struct cli *cli, const void *object)
{
	const struct snapshot_bgp *bgp = object;

	if (cli->output == OUTPUT_JSON)
		cli_print_json(record_encode(&snapshot_bgp_record, bgp));
	else if (cli_value(cli, "learned"))
		print_learned(cli, bgp);
	else
		print_peers(cli, bgp);
}

/* Without a name: every speaker, and how many of its sessions are up. */
static int list_speakers(const struct cli *cli)
{
	static const char *const headers[] = { "Node", "Role", "Sessions", "State" };
	struct table *table;
	struct arena *arena = arena_new();
	struct snapshot_nodes nodes = { 0 };
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, NULL, &code);
	if (client && client_topic(client, "nodes", &snapshot_nodes_record, &nodes, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	table = table_new(headers, ARRAY_SIZE(headers));
	for (size_t i = 0; i < nodes.nodes.count; i++) {
		const struct snapshot_node *node = &nodes.nodes.items[i];
		char sessions[48];
		const char *cells[] = { node->name, node->role, sessions, node->state };

		(void)snprintf(sessions, sizeof(sessions), "%lld/%lld",
			       (long long)node->sessions_up, (long long)node->sessions);
		if (node->pid || node->sessions)
			table_add(table, cells);
	}
	if (!code && cli->output == OUTPUT_JSON)
		cli_print_json(record_encode(&snapshot_nodes_record, &nodes));
	else if (!code)
		cli_print_table(cli, table);
	table_free(table);
	client_free(client);
	arena_free(arena);
	return code;
}

static int run_bgp(const struct cli *cli)
{
	struct snapshot_bgp bgp = { 0 };
	char topic[160];

	if (!cli->argc)
		return list_speakers(cli);
	(void)snprintf(topic, sizeof(topic), "bgp/%.140s", cli->argv[0]);
	return cli_show_topic(cli, topic, &snapshot_bgp_record, &bgp, print_bgp);
}

const struct command command_bgp = {
	.name = "bgp",
	.arguments = "[GATEWAY]",
	.words = "BGP peers and learned routes, in the columns of az",
	.more = "A gateway's name stands for its first instance that runs. Without a name: "
		"every machine that speaks BGP, and how many of its sessions are up.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.completes = { ARG_SPEAKER },
	.run = run_bgp,
	.options = { { "learned", 0, NULL, "what it has learned, instead" } },
};
