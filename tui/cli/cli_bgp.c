/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

#include "lab/render/az_bgp.h"
#include "lab/render/table.h"

#include <errno.h>
#include <stdio.h>

static void print_bgp(const struct cli *cli, const struct snapshot_bgp *bgp)
{
	bool is_tsv = cli->output == OUTPUT_TSV, is_json = cli->output == OUTPUT_JSON;

	if (cli_value(cli, "learned")) {
		if (is_json)
			cli_print_json(az_bgp_learned_json(bgp));
		else
			az_bgp_learned_print(bgp, is_tsv, stdout);
	} else if (is_json) {
		cli_print_json(az_bgp_peers_json(bgp, cli_now(cli)));
	} else {
		az_bgp_peers_print(bgp, cli_now(cli), is_tsv, stdout);
	}
}

static int show_bgp(const struct cli *cli, struct client *client, struct arena *arena,
		    struct err *err)
{
	const char *topic = arena_printf(arena, "bgp/%.140s", cli->argv[0]);
	struct snapshot_bgp bgp = { 0 };

	if (!client_topic(client, topic, &snapshot_bgp_record, &bgp, arena, err))
		print_bgp(cli, &bgp);
	return err->code;
}

/* What daemons tell is asked of them now, so it comes after a moment. */
static int show_advertised(const struct cli *cli, struct client *client, struct arena *arena,
			   struct err *err)
{
	const char *topic = arena_printf(arena, "advertised/%.140s %.140s", cli->argv[0],
					 cli_value(cli, "advertised"));
	struct snapshot_advertised advertised = { 0 };
	json_t *json;

	json = client_topic_whole(client, topic, err);
	if (json)
		(void)record_decode(&snapshot_advertised_record, json, &advertised, arena, err);
	if (!err->code && cli->output == OUTPUT_JSON)
		cli_print_json(az_bgp_advertised_json(&advertised));
	else if (!err->code)
		az_bgp_advertised_print(&advertised, cli->output == OUTPUT_TSV, stdout);
	if (!err->code && advertised.error)
		err_set(err, -ENOTCONN, "%s", advertised.error);
	json_decref(json);
	return err->code;
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
	struct client *client;
	struct arena *arena;
	struct err err = { 0 };
	int code = EXIT_OK;

	if (!cli->argc && (cli_value(cli, "learned") || cli_value(cli, "advertised")))
		return cli_usage(cli, "of which gateway? 'hublab bgp' lists them");
	if (cli_value(cli, "learned") && cli_value(cli, "advertised"))
		return cli_usage(cli, "--learned and --advertised are two questions");
	if (!cli->argc)
		return list_speakers(cli);
	client = cli_connect(cli, NULL, NULL, &code);
	if (!client)
		return code;
	arena = arena_new();
	if ((cli_value(cli, "advertised") ? show_advertised : show_bgp)(cli, client, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	arena_free(arena);
	return code;
}

const struct command command_bgp = {
	.name = "bgp",
	.arguments = "[GATEWAY]",
	.words = "BGP peers, and routes learned and advertised, in the columns of az",
	.more = "GATEWAY is a gateway, a Route Server, or a machine that speaks BGP. Of a gateway or "
		"Route Server all instances are listed one after the other, as az does, but what "
		"an ExpressRoute gateway has learned and tells is that of one of them; NAME-0 and NAME-1 are "
		"the instances themselves. Of an MSEE it is what az network express-route "
		"list-route-tables prints. Keys and shapes with -o json are those of az. Without a "
		"name: every machine that speaks BGP, and how many of its sessions are up.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.completes = { ARG_SPEAKER },
	.run = run_bgp,
	.options = {
		{ "learned", 0, NULL, "what it has learned, instead" },
		{ "advertised", 0, "PEER",
		  "what it tells a peer, an address or a name, read from its daemon now" },
		CLI_FROM,
	},
};
