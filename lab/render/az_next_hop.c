/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/az_next_hop.h"

#include "lab/render/table.h"
#include "lab/snapshot/rows.h"

#define NO_ROUTE_TABLE "System Route"

struct az_next_hop az_next_hop_find(const struct snapshot_routes *routes, struct ip to,
				    struct arena *arena)
{
	struct az_next_hop out = {
		.ip = "", .type = "None", .route_table = NO_ROUTE_TABLE, .prefix = "", .source = ""
	};
	const struct snapshot_route *row;
	struct prefix prefix;
	struct texts hops;

	row = rows_lookup(routes->routes.items, routes->routes.count, prefix_host(to), &prefix);
	if (!row)
		return out;
	hops = rows_next_hops(routes->routes.items, routes->routes.count, row, prefix, arena);
	out.ip = texts_join(&hops, " ", arena);
	out.type = row->next_hop_type;
	out.source = row->source;
	out.prefix = arena_strdup(arena, prefix_print(prefix).text);
	if (row->name && routes->route_table) /* only users' rows have a name */
		out.route_table = routes->route_table;
	return out;
}

void az_next_hop_print(const struct az_next_hop *hop, bool is_tsv, FILE *out)
{
	static const char *const headers[] = { "NextHopIpAddress", "NextHopType", "RouteTableId",
					       "AddressPrefix", "Source" };
	const char *cells[] = { hop->ip, hop->type, hop->route_table, hop->prefix, hop->source };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	table_add(table, cells);
	table_print_as(table, is_tsv, out);
	table_free(table);
}

json_t *az_next_hop_json(const struct az_next_hop *hop)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "nextHopIpAddress", hop->ip, "nextHopType",
			 hop->type, "routeTableId", hop->route_table, "addressPrefix", hop->prefix,
			 "source", hop->source);
}
