/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sa: IPsec tunnels, each end with its security associations and what they counted. */
#include "tui/cli/cli_commands.h"

#include "lab/render/table.h"

#include <stdio.h>

static void add_end(const struct cli *cli, struct table *table, const struct snapshot_tunnel *end)
{
	char in[32], out[32], age[32];
	const char *cells[] = {
		end->node,
		end->interface,
		end->local_address,
		end->remote_address,
		end->peer_node ? end->peer_node : "",
		end->state,
		cli_print_age(cli, end->since, age),
		in,
		out,
		end->esp_proposal ? end->esp_proposal
		: end->error      ? end->error
				  : "",
	};

	(void)snprintf(in, sizeof(in), "%lld", (long long)end->bytes_in);
	(void)snprintf(out, sizeof(out), "%lld", (long long)end->bytes_out);
	table_add(table, cells);
}

static void print_tunnels(const struct cli *cli, const void *object)
{
	static const char *const headers[] = { "Node",  "Interface", "Local",   "Remote",   "Peer",
					       "State", "Since",     "BytesIn", "BytesOut", "ESP" };
	const struct snapshot_tunnels *tunnels = object;
	struct table *table;

	if (cli->output == OUTPUT_JSON) {
		cli_print_json(record_encode(&snapshot_tunnels_record, tunnels));
		return;
	}
	table = table_new(headers, ARRAY_SIZE(headers));
	for (size_t i = 0; i < tunnels->tunnels.count; i++)
		add_end(cli, table, &tunnels->tunnels.items[i]);
	cli_print_table(cli, table);
	table_free(table);
}

static int run_sa(const struct cli *cli)
{
	struct snapshot_tunnels tunnels = { 0 };
	char topic[160] = "tunnels";

	if (cli->argc)
		(void)snprintf(topic, sizeof(topic), "tunnels/%.140s", cli->argv[0]);
	return cli_show_topic(cli, topic, &snapshot_tunnels_record, &tunnels, print_tunnels);
}

const struct command command_sa = {
	.name = "sa",
	.arguments = "[NODE]",
	.words = "IPsec tunnels: state, bytes, and what was agreed on",
	.more = "Each end of each tunnel, or those of a machine; a gateway's name stands for its "
		"instances. What is counted is what is inside, since the lab is up. Of a tunnel "
		"that "
		"is down the last column says why.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.completes = { ARG_NODE },
	.run = run_sa,
	.options = { CLI_FROM },
};
