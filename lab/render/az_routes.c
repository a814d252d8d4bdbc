/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/az_routes.h"

#include "lab/render/table.h"

#include <stdlib.h>

void az_routes_print(const struct snapshot_routes *routes, bool is_tsv, FILE *out)
{
	static const char *const headers[] = { "Source", "State", "Address Prefix", "Next Hop Type",
					       "Next Hop IP" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	struct arena *arena = arena_new();

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct snapshot_route *route = &routes->routes.items[i];
		const char *cells[] = { route->source, route->state,
					texts_join(&route->address_prefix, " ", arena),
					route->next_hop_type,
					texts_join(&route->next_hop_ip, " ", arena) };

		table_add(table, cells);
	}
	table_print_as(table, is_tsv, out);
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

/* R1.3: only users' routes have a name. */
json_t *az_route_json(const struct snapshot_route *route, bool disables_propagation)
{
	json_t *out = json_pack("{s:o, s:b}", "addressPrefix", list(&route->address_prefix),
				"disableBgpRoutePropagation", disables_propagation);

	if (route->name)
		(void)json_object_set_new(out, "name", json_string(route->name));
	(void)json_object_set_new(out, "nextHopIpAddress", list(&route->next_hop_ip));
	(void)json_object_set_new(out, "nextHopType", json_string(route->next_hop_type));
	(void)json_object_set_new(out, "source", json_string(route->source));
	(void)json_object_set_new(out, "state", json_string(route->state));
	return out;
}

json_t *az_routes_json(const struct snapshot_routes *routes)
{
	json_t *value = json_array();

	for (size_t i = 0; i < routes->routes.count; i++)
		(void)json_array_append_new(value,
					    az_route_json(&routes->routes.items[i],
							  routes->disable_bgp_route_propagation));
	return json_pack("{s:n, s:o}", "nextLink", "value", value);
}
