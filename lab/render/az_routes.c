/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/az_routes.h"

#include "lab/render/table.h"

#include <stdlib.h>

/* Joined by one blank, as az does with lists. */
static char *join(struct arena *arena, const struct texts *texts)
{
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; i < texts->count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", texts->items[i]);
	return text;
}

void az_routes_print(const struct snapshot_routes *routes, bool is_tsv, FILE *out)
{
	static const char *const headers[] = { "Source", "State", "Address Prefix", "Next Hop Type",
					       "Next Hop IP" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	struct arena *arena = arena_new();

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct snapshot_route *route = &routes->routes.items[i];
		const char *cells[] = { route->source, route->state,
					join(arena, &route->address_prefix), route->next_hop_type,
					join(arena, &route->next_hop_ip) };

		table_add(table, cells);
	}
	if (is_tsv)
		table_print_tsv(table, out);
	else
		table_print(table, out);
	arena_free(arena);
	table_free(table);
}

static json_t *list(const struct texts *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < texts->count; i++)
		(void)json_array_append_new(array, json_string(texts->items[i]));
	return array;
}

json_t *az_routes_json(const struct snapshot_routes *routes)
{
	json_t *value = json_array();

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct snapshot_route *route = &routes->routes.items[i];

		(void)json_array_append_new(
			value, json_pack("{s:o, s:b, s:o, s:s, s:s, s:s}", "addressPrefix",
					 list(&route->address_prefix), "disableBgpRoutePropagation",
					 0, "nextHopIpAddress", list(&route->next_hop_ip),
					 "nextHopType", route->next_hop_type, "source",
					 route->source, "state", route->state));
	}
	return json_pack("{s:n, s:o}", "nextLink", "value", value);
}
