/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nexthop: where a machine's packets to an address go, as Network Watcher says it. */
#include "tui/cli/cli_commands.h"

#include "lab/base/ip.h"
#include "lab/render/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
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

/* The active row of the longest prefix that has the address (R3.1); NULL when there is none. */
static const struct snapshot_route *find_row(const struct snapshot_routes *routes, struct ip to,
					     struct prefix *ret_prefix)
{
	const struct snapshot_route *best = NULL;

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct snapshot_route *row = &routes->routes.items[i];

		for (size_t n = 0; !strcmp(row->state, "Active") && n < row->address_prefix.count;
		     n++) {
			struct prefix prefix;

			if (!prefix_parse(row->address_prefix.items[n], &prefix) ||
			    !prefix_has_ip(prefix, to) || (best && prefix.len <= ret_prefix->len))
				continue;
			best = row;
			*ret_prefix = prefix;
		}
	}
	return best;
}

/* As az: the route table when a user's route decides. */
static const char *deciding_table(const struct snapshot_routes *routes,
				  const struct snapshot_route *row)
{
	bool is_users = row && !strcmp(row->source, "User") && routes->route_table;

	return is_users ? routes->route_table : "System Route";
}

static void print(const struct cli *cli, const struct snapshot_routes *routes,
		  const struct snapshot_route *row, struct prefix prefix)
{
	static const char *const headers[] = { "NextHopIpAddress", "NextHopType", "RouteTableId",
					       "AddressPrefix", "Source" };
	const char *route_table = deciding_table(routes, row);
	char hops[400] = "";

	for (size_t i = 0; row && i < row->next_hop_ip.count; i++) {
		size_t len = strlen(hops);

		(void)snprintf(hops + len, sizeof(hops) - len, "%s%s", i ? " " : "",
			       row->next_hop_ip.items[i]);
	}
	if (cli->output == OUTPUT_JSON) {
		cli_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s}", "nextHopIpAddress", hops,
					 "nextHopType", row ? row->next_hop_type : "None",
					 "routeTableId", route_table, "addressPrefix",
					 row ? prefix_print(prefix).text : "", "source",
					 row ? row->source : ""));
	} else {
		struct table *table = table_new(headers, ARRAY_SIZE(headers));
		const char *cells[] = { hops, row ? row->next_hop_type : "None", route_table,
					row ? prefix_print(prefix).text : "",
					row ? row->source : "" };

		table_add(table, cells);
		cli_print_table(cli, table);
		table_free(table);
	}
}

static int run_nexthop(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_routes routes = { 0 };
	const struct snapshot_route *row;
	struct snapshot_vms vms = { 0 };
	struct prefix prefix = { 0 };
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
		row = find_row(&routes, to, &prefix);
		print(cli, &routes, row, prefix);
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
		"active one of the longest prefix. DST is an address or a virtual machine.",
	.group = GROUP_LOOK,
	.min_arguments = 2,
	.max_arguments = 2,
	.completes = { ARG_VM, ARG_VM },
	.run = run_nexthop,
};
