/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row of the table that a NIC has: its words, which of two is the stronger, and the one that
 * wins. */
#include "lab/azure/effective_routes.h"

#include <string.h>
#include <strings.h>

const char *route_source_name(enum route_source source)
{
	switch (source) {
	case SOURCE_DEFAULT:
		return "Default";
	case SOURCE_GATEWAY:
		return "VirtualNetworkGateway";
	case SOURCE_USER:
		return "User";
	}
	return "";
}

const char *route_state_name(enum route_state state)
{
	switch (state) {
	case ROUTE_ACTIVE:
		return "Active";
	case ROUTE_INVALID:
		return "Invalid";
	}
	return "";
}

const char *next_hop_type_name(enum next_hop_type type)
{
	return choice_name(next_hop_type_names, type);
}

/* ---- the stronger of two ---- */

int service_tag_rank(const char *tag)
{
	static const char all[] = "AzureCloud";

	if (!tag)
		return 0;
	if (!strncasecmp(tag, all, strlen(all)))
		return tag[strlen(all)] ? 3 : 4;
	return strchr(tag, '.') ? 1 : 2;
}

int user_route_rank(const struct user_route *route)
{
	return service_tag_rank(route->tag ? route->tag->object.name : NULL);
}

const struct effective_route *effective_routes_find(const struct effective_routes *routes,
						    struct prefix prefix)
{
	for (size_t i = 0; i < routes->routes.count; i++)
		if (routes->routes.items[i].state == ROUTE_ACTIVE &&
		    prefix_equal(routes->routes.items[i].prefix, prefix))
			return &routes->routes.items[i];
	return NULL;
}

size_t effective_route_count(const struct effective_route *row)
{
	return row->prefixes ? row->prefixes->count : 1;
}

struct prefix effective_route_prefix(const struct effective_route *row, size_t at)
{
	return row->prefixes ? row->prefixes->items[at].prefix : row->prefix;
}

bool effective_route_is_stronger(const struct effective_route *a, const struct effective_route *b)
{
	bool a_is_service = a->type == NEXT_HOP_SERVICE_ENDPOINT;
	bool b_is_service = b->type == NEXT_HOP_SERVICE_ENDPOINT;

	if (a_is_service != b_is_service)
		return a_is_service;
	return a->source == SOURCE_USER && b->source == SOURCE_USER &&
	       user_route_rank(a->user) < user_route_rank(b->user);
}

const struct effective_route *effective_routes_lookup(const struct effective_routes *routes,
						      struct ip ip)
{
	const struct effective_route *best = NULL;
	unsigned best_len = 0;

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		for (size_t n = 0; row->state == ROUTE_ACTIVE && n < effective_route_count(row);
		     n++) {
			struct prefix prefix = effective_route_prefix(row, n);

			if (!prefix_has_ip(prefix, ip) ||
			    (best &&
			     (prefix.len < best_len ||
			      (prefix.len == best_len && !effective_route_is_stronger(row, best)))))
				continue;
			best = row;
			best_len = prefix.len;
		}
	}
	return best;
}
