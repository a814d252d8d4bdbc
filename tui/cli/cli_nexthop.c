/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nexthop: where a machine's packets to an address go, as Network Watcher says it. */
#include "tui/cli/cli_commands.h"

#include "lab/base/ip.h"
#include "lab/render/az_next_hop.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

/* An address, or the one of a virtual machine by its name. */
static bool find_address(const char *name, const struct snapshot_vms *vms, struct ip *ret_ip)
{
	if (ip_parse(name, ret_ip))
		return true;
	for (size_t i = 0; i < vms->vms.count; i++)
		if (!strcasecmp(vms->vms.items[i].vm, name) ||
		    !strcasecmp(vms->vms.items[i].nic, name))
			return ip_parse(vms->vms.items[i].address, ret_ip);
	return false;
}

static void print(const struct cli *cli, const struct az_next_hop *hop)
{
	if (cli->output == OUTPUT_JSON)
		cli_print_json(az_next_hop_json(hop));
	else
		az_next_hop_print(hop, cli->output == OUTPUT_TSV, stdout);
}

static int run_nexthop(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_routes routes = { 0 };
	struct az_next_hop hop;
	struct snapshot_vms vms = { 0 };
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;
	struct ip to;

	client = cli_connect(cli, NULL, NULL, &code);
	if (client && (client_topic(client, arena_printf(arena, "routes/%.140s", cli->argv[0]),
				    &snapshot_routes_record, &routes, arena, &err) ||
		       client_topic(client, "vms", &snapshot_vms_record, &vms, arena, &err)))
		code = cli_fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", err.text);
	if (client && !code && !find_address(cli->argv[1], &vms, &to))
		code = cli_usage(cli, "'%s' is no address and no virtual machine", cli->argv[1]);
	if (client && !code) {
		hop = az_next_hop_find(&routes, to, arena);
		print(cli, &hop);
	}
	client_free(client);
	arena_free(arena);
	return code;
}

const struct command command_nexthop = {
	.name = "nexthop",
	.arguments = "VM DST",
	.words = "where a virtual machine's packets to an address go",
	.more = "As az network watcher show-next-hop, with the effective route that decides: the "
		"active one of the longest prefix, of equal ones a service endpoint's (R2.10) or "
		"the "
		"tag's that says more (R3.18). RouteTableId names the route table of a user's "
		"route. DST is an address or a virtual machine.",
	.group = GROUP_LOOK,
	.min_arguments = 2,
	.max_arguments = 2,
	.completes = { ARG_VM, ARG_VM },
	.run = run_nexthop,
	.options = { CLI_FROM },
};
