/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/frr_reply.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_ASNS 256

/* ---- tables ---- */

static const struct bgp_end *find_peer(const struct bgp_speaker *speaker, const char *address)
{
	struct ip ip;

	if (!ip_parse(address, &ip))
		return NULL;
	for (size_t i = 0; i < speaker->ends.count; i++)
		if (ip_equal(speaker->ends.items[i]->peer_ip, ip))
			return speaker->ends.items[i];
	return NULL;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static unsigned number_of(const json_t *object, const char *key, unsigned otherwise)
{
	const json_t *number = json_object_get(object, key);

	return json_is_integer(number) ? (unsigned)json_integer_value(number) : otherwise;
}

static const struct as_path *read_path(struct as_paths *paths, const char *text)
{
	uint32_t asns[PATH_MAX_ASNS];
	size_t count = 0;

	for (text += strcspn(text, "0123456789"); *text && count < PATH_MAX_ASNS;
	     text += strcspn(text, "0123456789")) {
		char *end;

		asns[count++] = (uint32_t)strtoul(text, &end, 10);
		text = end;
	}
	return as_path_get(paths, asns, count);
}

/* False for one that is not used or of no session of the speaker. */
static bool read_route(const json_t *from, const struct bgp_speaker *speaker,
		       struct as_paths *paths, struct rib_route *route)
{
	const json_t *hop = json_array_get(json_object_get(from, "nexthops"), 0);

	route->path = read_path(paths, string_of(from, "path"));
	route->is_best = is_true(from, "bestpath");
	route->local_pref = number_of(from, "locPrf", BGP_LOCAL_PREF);
	route->med = number_of(from, "metric", 0);
	if (!is_true(from, "valid") || is_true(from, "removed"))
		return false;
	if (!strcmp(string_of(from, "peerId"), "(unspec)")) {
		route->class = BGP_CLASS_NETWORK;
		return true;
	}
	route->from = find_peer(speaker, string_of(from, "peerId"));
	if (!route->from)
		return false;
	route->class = route->from->learns;
	return ip_parse(string_of(hop, "ip"), &route->next_hop);
}

/* The object of all prefixes, or NULL; *ret_root is the caller's, and goes with json_decref. */
static const json_t *load_prefixes(const char *json, const char *key, json_t **ret_root)
{
	const json_t *prefixes;

	*ret_root = json_loads(json, 0, NULL);
	prefixes = json_object_get(*ret_root, key);
	return json_is_object(prefixes) ? prefixes : NULL;
}

static struct rib_route *room_for(size_t count)
{
	struct rib_route *routes = calloc(count + 1, sizeof(*routes));

	if (!routes)
		abort();
	return routes;
}

static size_t count_routes(const json_t *prefixes)
{
	const char *key;
	json_t *value;
	size_t count = 0;

	json_object_foreach((json_t *)prefixes, key, value)
		count += json_array_size(value);
	return count;
}

bool frr_routes_read(const char *json, const struct bgp_speaker *speaker, struct as_paths *paths,
		     struct frr_routes *ret_routes)
{
	json_t *root;
	const json_t *prefixes = load_prefixes(json, "routes", &root);
	struct frr_routes routes = { 0 };
	const char *key;
	json_t *value;

	if (!prefixes) {
		json_decref(root);
		return false;
	}
	routes.items = room_for(count_routes(prefixes));
	json_object_foreach((json_t *)prefixes, key, value) {
		struct prefix prefix;

		for (size_t i = 0; prefix_parse(key, &prefix) && i < json_array_size(value); i++) {
			struct rib_route *route = &routes.items[routes.count];

			*route = (struct rib_route){ .prefix = prefix };
			routes.count += read_route(json_array_get(value, i), speaker, paths, route);
		}
	}
	json_decref(root);
	*ret_routes = routes;
	return true;
}

bool frr_told_read(const char *json, struct as_paths *paths, struct frr_routes *ret_routes)
{
	json_t *root;
	const json_t *prefixes = load_prefixes(json, "advertisedRoutes", &root);
	struct frr_routes routes = { 0 };
	const char *key;
	json_t *value;

	if (!prefixes) {
		json_decref(root);
		return false;
	}
	routes.items = room_for(json_object_size(prefixes));
	json_object_foreach((json_t *)prefixes, key, value) {
		struct rib_route *route = &routes.items[routes.count];

		*route = (struct rib_route){ .path = read_path(paths, string_of(value, "path")) };
		routes.count += prefix_parse(key, &route->prefix);
	}
	json_decref(root);
	*ret_routes = routes;
	return true;
}

void frr_counts_read(const char *json, const struct bgp_speaker *speaker, struct frr_counts *counts)
{
	json_t *root = json_loads(json, 0, NULL);
	const json_t *peers = json_object_get(root, "peers");

	for (size_t i = 0; i < speaker->ends.count; i++) {
		const json_t *peer =
			json_object_get(peers, ip_print(speaker->ends.items[i]->peer_ip).text);

		if (!json_is_object(peer))
			continue;
		counts[i].messages_sent =
			(uint64_t)json_integer_value(json_object_get(peer, "msgSent"));
		counts[i].messages_received =
			(uint64_t)json_integer_value(json_object_get(peer, "msgRcvd"));
	}
	json_decref(root);
}

/* ---- logs ---- */

/* The text behind `label` when the line begins with it. */
static const char *after(const char *text, const char *label)
{
	size_t len = strlen(label);

	return strncmp(text, label, len) ? NULL : text + len;
}

/* Behind "2026/11/22 19:12:24.065 ", if that is how it begins. */
static const char *skip_date(const char *line)
{
	size_t date = strspn(line, "0123456789/");
	size_t time = line[date] == ' ' ? strspn(line + date + 1, "0123456789:.") : 0;

	return date && time && line[date + 1 + time] == ' ' ? line + date + time + 2 : line;
}

/* Behind "warnings: ", which comes only where record-priority is configured. */
static const char *skip_level(const char *text, enum frr_log_kind *ret_kind)
{
	static const char *const levels[] = { "emergencies: ",   "alerts: ",   "critical: ",
					      "errors: ",        "warnings: ", "notifications: ",
					      "informational: ", "debugging: " };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		const char *rest = after(text, levels[i]);

		if (!rest)
			continue;
		*ret_kind = i < 5 ? FRR_LOG_PROBLEM : i == 7 ? FRR_LOG_DETAIL : FRR_LOG_OTHER;
		return rest;
	}
	*ret_kind = FRR_LOG_OTHER;
	return text;
}

/* Behind "BGP: [T83RR-8SM5G][EC 33554451] ". */
static const char *skip_program(const char *text)
{
	size_t len = 0;

	while (isupper((unsigned char)text[len]))
		len++;
	if (!len || text[len] != ':' || text[len + 1] != ' ')
		return text;
	text += len + 2;
	while (*text == '[' && strchr(text, ']') &&
	       strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789- ") ==
		       (size_t)(strchr(text, ']') - text - 1))
		text = strchr(text, ']') + 1;
	return text + strspn(text, " ");
}

/* "10.9.0.2(Unknown) in vrf default Down BFD down received" */
static const struct bgp_end *read_neighbor(const struct bgp_speaker *speaker, const char *text)
{
	size_t len = strcspn(text, "( ");
	char address[IP_TEXT];

	if (len >= sizeof(address))
		return NULL;
	memcpy(address, text, len);
	address[len] = '\0';
	return find_peer(speaker, address);
}

/* Said at every start, of what is as it should be. */
static bool is_harmless(const char *text)
{
	return strstr(text, "Disabling MPLS support") ||
	       strstr(text, "Failure handling event BGP_Start in state Idle");
}

static enum frr_log_kind kind_of(const char *text)
{
	const char *starting = strstr(text, " starting: ");

	if (starting && strcspn(text, " ") < (size_t)(starting - text))
		return FRR_LOG_STARTED;
	if (after(text, "group_announce_route_walkcb: ") || strstr(text, ") rcvd "))
		return FRR_LOG_ROUTES;
	return FRR_LOG_OTHER;
}

struct frr_log frr_log_read(const struct bgp_speaker *speaker, const char *line)
{
	enum frr_log_kind level;
	const char *text = skip_program(skip_level(skip_date(line), &level));
	const char *neighbor = after(text, "%ADJCHANGE: neighbor ");
	struct frr_log log = { .kind = kind_of(text), .text = text };

	if (neighbor)
		log.end = read_neighbor(speaker, neighbor);
	if (log.end && strstr(neighbor, " Up"))
		log.kind = FRR_LOG_ESTABLISHED;
	else if (log.end && strstr(neighbor, " Down"))
		log.kind = FRR_LOG_CLOSED;
	else if (log.kind == FRR_LOG_OTHER && !is_harmless(text))
		log.kind = level;
	return log;
}
