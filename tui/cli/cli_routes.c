/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

#include "lab/render/az_routes.h"

#include <stdio.h>

static void print_routes(const struct cli *cli, const void *object)
{
	const struct snapshot_routes *routes = object;

	if (cli->output == OUTPUT_JSON)
		cli_print_json(az_routes_json(routes));
	else
		az_routes_print(routes, cli->output == OUTPUT_TSV, stdout);
}

static int run_routes(const struct cli *cli)
{
	struct snapshot_routes routes = { 0 };
	char topic[160];

	(void)snprintf(topic, sizeof(topic), "routes/%.140s", cli->argv[0]);
	return cli_show_topic(cli, topic, &snapshot_routes_record, &routes, print_routes);
}

const struct command command_routes = {
	.name = "routes",
	.arguments = "VM",
	.words = "effective routes of a NIC, in the columns of az",
	.more = "VM is a virtual machine, a NIC, or VM:NIC where the machine has several. "
		"The rows are those of az network nic show-effective-route-table, and so are "
		"the keys with -o json.",
	.group = GROUP_LOOK,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_VM },
	.run = run_routes,
};
