/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/rows.h"

#include "lab/azure/effective_routes.h"

#include <string.h>

bool rows_parse(const char *text, struct prefix *ret_prefix)
{
	struct ip ip;

	if (ip_parse(text, &ip)) {
		*ret_prefix = prefix_host(ip);
		return true;
	}
	if (!prefix_parse(text, ret_prefix))
		return false;
	*ret_prefix = prefix_of(ret_prefix->addr, ret_prefix->len);
	return true;
}

bool rows_concern(struct prefix prefix, struct prefix about)
{
	if (!about.len)
		return prefix_equal(prefix, about);
	return prefix_covers(prefix, about) || prefix_covers(about, prefix);
}

bool row_concerns(const struct snapshot_route *row, struct prefix about)
{
	struct prefix prefix;

	for (size_t i = 0; i < row->address_prefix.count; i++)
		if (prefix_parse(row->address_prefix.items[i], &prefix) &&
		    rows_concern(prefix, about))
			return true;
	return false;
}

static bool is_stronger(const struct snapshot_route *a, const struct snapshot_route *b)
{
	const char *service = next_hop_type_name(NEXT_HOP_SERVICE_ENDPOINT);
	bool a_is_service = !strcmp(a->next_hop_type, service);
	bool b_is_service = !strcmp(b->next_hop_type, service);

	if (a_is_service != b_is_service)
		return a_is_service;
	return a->name && b->name &&
	       service_tag_rank(a->service_tag) < service_tag_rank(b->service_tag);
}

const struct snapshot_route *rows_lookup(const struct snapshot_route *rows, size_t count,
					 struct prefix to, struct prefix *ret_prefix)
{
	const char *active = route_state_name(ROUTE_ACTIVE);
	const struct snapshot_route *best = NULL;

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < rows[i].address_prefix.count; n++) {
			struct prefix prefix;

			if (strcmp(rows[i].state, active) != 0 ||
			    !prefix_parse(rows[i].address_prefix.items[n], &prefix) ||
			    !prefix_covers(prefix, to))
				continue;
			if (best &&
			    (prefix.len < ret_prefix->len ||
			     (prefix.len == ret_prefix->len && !is_stronger(&rows[i], best))))
				continue;
			best = &rows[i];
			*ret_prefix = prefix;
		}
	return best;
}

static bool has_prefix(const struct snapshot_route *row, struct prefix prefix)
{
	struct prefix each;

	for (size_t i = 0; i < row->address_prefix.count; i++)
		if (prefix_parse(row->address_prefix.items[i], &each) && prefix_equal(each, prefix))
			return true;
	return false;
}

struct texts rows_next_hops(const struct snapshot_route *rows, size_t count,
			    const struct snapshot_route *row, struct prefix prefix,
			    struct arena *arena)
{
	bool is_learned = !strcmp(row->source, route_source_name(SOURCE_GATEWAY));
	struct texts out = { 0 };

	for (size_t i = 0; i < count; i++) {
		/* R1.10; of users' routes one decides */
		if (&rows[i] != row &&
		    (!is_learned || strcmp(rows[i].source, row->source) != 0 ||
		     strcmp(rows[i].state, row->state) != 0 || !has_prefix(&rows[i], prefix)))
			continue;
		for (size_t n = 0; n < rows[i].next_hop_ip.count; n++)
			*ARENA_PUSH(arena, out.items, out.count) = rows[i].next_hop_ip.items[n];
	}
	return out;
}
