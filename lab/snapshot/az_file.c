/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/az_file.h"

#include "lab/base/ip.h"
#include "lab/snapshot/az_json.h"

#include <errno.h>
#include <stdio.h>

/* The row that is read, for messages. */
struct place {
	const char *file;
	size_t row;
	struct arena *arena;
	struct err *err;
};

static bool refuse(const struct place *place, const char *key, const char *what)
{
	err_set(place->err, -EINVAL, "%s: value[%zu].%s %s", place->file, place->row, key, what);
	return false;
}

static bool read_text(const struct place *place, const json_t *row, const char *key,
		      const char **ret_text)
{
	const char *text = json_string_value(json_object_get(row, key));

	if (!text)
		return refuse(place, key, "is missing, or no string");
	*ret_text = arena_strdup(place->arena, text);
	return true;
}

static bool is_prefix(const char *text)
{
	struct prefix prefix;

	return prefix_parse(text, &prefix);
}

static bool is_address(const char *text)
{
	struct ip ip;

	return ip_parse(text, &ip);
}

static bool add_text(const struct place *place, const char *key, const json_t *item,
		     bool (*is_valid)(const char *text), struct texts *out)
{
	const char *text = json_string_value(item);
	char what[120];

	if (!text)
		return refuse(place, key, "has something that is no string");
	if (!is_valid(text)) {
		(void)snprintf(what, sizeof(what), "has '%.50s', which is no %s", text,
			       is_valid == is_prefix ? "prefix" : "address");
		return refuse(place, key, what);
	}
	*ARENA_PUSH(place->arena, out->items, out->count) = arena_strdup(place->arena, text);
	return true;
}

/* A list, or one string; nothing is an empty list. */
static bool read_list(const struct place *place, const json_t *row, const char *key,
		      bool (*is_valid)(const char *text), struct texts *out)
{
	const json_t *list = json_object_get(row, key);

	if (!list || json_is_null(list))
		return true;
	if (json_is_string(list))
		return add_text(place, key, list, is_valid, out);
	if (!json_is_array(list))
		return refuse(place, key, "is no list");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!add_text(place, key, json_array_get(list, i), is_valid, out))
			return false;
	return true;
}

static bool read_row(const struct place *place, const json_t *row, struct snapshot_route *out)
{
	const char *name = json_string_value(json_object_get(row, "name"));

	if (!json_is_object(row))
		return refuse(place, "addressPrefix", "is missing: the row is no object");
	if (!read_list(place, row, "addressPrefix", is_prefix, &out->address_prefix) ||
	    !read_list(place, row, "nextHopIpAddress", is_address, &out->next_hop_ip) ||
	    !read_text(place, row, "nextHopType", &out->next_hop_type) ||
	    !read_text(place, row, "source", &out->source) ||
	    !read_text(place, row, "state", &out->state))
		return false;
	if (!out->address_prefix.count)
		return refuse(place, "addressPrefix", "is missing, or empty");
	out->name = name ? arena_strdup(place->arena, name) : NULL;
	return true;
}

static bool read_rows(const json_t *root, const char *file, struct snapshot_routes *out,
		      struct arena *arena, struct err *err)
{
	const json_t *rows = json_is_object(root) ? json_object_get(root, "value") : root;
	struct place place = { file, 0, arena, err };

	if (!json_is_array(rows)) {
		err_set(err, -EINVAL,
			"%s: there is no list 'value', as az network nic "
			"show-effective-route-table -o json writes it",
			file);
		return false;
	}
	for (; place.row < json_array_size(rows); place.row++)
		if (!read_row(&place, json_array_get(rows, place.row),
			      ARENA_PUSH(arena, out->routes.items, out->routes.count)))
			return false;
	return true;
}

bool az_file_read(const char *text, size_t len, const char *file,
		  struct snapshot_routes *ret_routes, struct arena *arena, struct err *err)
{
	struct snapshot_routes out = { 0 };
	json_t *root = az_json_load(text, len, file, err);
	bool is_ok;

	if (!root)
		return false;
	is_ok = read_rows(root, file, &out, arena, err);
	json_decref(root);
	if (is_ok)
		*ret_routes = out;
	return is_ok;
}
