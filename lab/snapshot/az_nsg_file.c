/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/az_nsg_file.h"

#include "lab/base/ip.h"
#include "lab/snapshot/az_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PORT_LAST 65535

/* What is read, for messages. */
struct place {
	const char *file;
	size_t nsg, rule;
	bool is_rule; /* it is in a rule */
	struct arena *arena;
	struct err *err;
};

static bool refuse(const struct place *place, const char *key, const char *what)
{
	if (place->is_rule)
		err_set(place->err, -EINVAL, "%s: value[%zu].effectiveSecurityRules[%zu].%s %s",
			place->file, place->nsg, place->rule, key, what);
	else
		err_set(place->err, -EINVAL, "%s: value[%zu].%s %s", place->file, place->nsg, key,
			what);
	return false;
}

static bool refuse_value(const struct place *place, const char *key, const char *value,
			 const char *what)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "has '%.50s', which is no %s", value, what);
	return refuse(place, key, text);
}

/* ---- values ---- */

/* Any is "*", an address a prefix; what is neither is a tag. */
static bool read_address(const struct place *place, const char *key, const char *text,
			 struct texts *out)
{
	struct prefix prefix;
	struct ip ip;

	if (!*text)
		return refuse_value(place, key, text, "address");
	if (!strcmp(text, "0.0.0.0/0") || !strcasecmp(text, "Any"))
		text = "*";
	else if (ip_parse(text, &ip))
		text = prefix_print(prefix_host(ip)).text;
	else if (prefix_parse(text, &prefix))
		text = prefix_print(prefix_of(prefix.addr, prefix.len)).text;
	*ARENA_PUSH(place->arena, out->items, out->count) = arena_strdup(place->arena, text);
	return true;
}

static bool read_prefix(const struct place *place, const char *key, const char *text,
			struct texts *out)
{
	struct prefix prefix;
	struct ip ip;

	if (ip_parse(text, &ip))
		prefix = prefix_host(ip);
	else if (!prefix_parse(text, &prefix))
		return refuse_value(place, key, text, "prefix");
	*ARENA_PUSH(place->arena, out->items, out->count) =
		arena_strdup(place->arena, prefix_print(prefix_of(prefix.addr, prefix.len)).text);
	return true;
}

static bool parse_port(const char *text, size_t len, unsigned *ret_port)
{
	char digits[6];

	if (!len || len >= sizeof(digits) || strspn(text, "0123456789") < len)
		return false;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)len, text);
	*ret_port = (unsigned)strtoul(digits, NULL, 10);
	return *ret_port <= PORT_LAST;
}

/* Any is nothing at all, 22-22 is 22. */
static bool read_ports(const struct place *place, const char *key, const char *text,
		       struct texts *out)
{
	const char *end = strchr(text, '-');
	unsigned first, last;

	if (!strcmp(text, "*"))
		return true;
	if (!parse_port(text, end ? (size_t)(end - text) : strlen(text), &first) ||
	    !parse_port(end ? end + 1 : text, strlen(end ? end + 1 : text), &last) || first > last)
		return refuse_value(place, key, text, "range of ports");
	if (first || last != PORT_LAST)
		*ARENA_PUSH(place->arena, out->items, out->count) =
			first == last ? arena_printf(place->arena, "%u", first)
				      : arena_printf(place->arena, "%u-%u", first, last);
	return true;
}

typedef bool read_fn(const struct place *place, const char *key, const char *text,
		     struct texts *out);

/* A list, or one string; nothing is an empty list. */
static bool read_list(const struct place *place, const json_t *rule, const char *key, read_fn *read,
		      struct texts *out, bool *ret_is_there)
{
	const json_t *list = json_object_get(rule, key), *item;
	size_t i;

	*ret_is_there = json_is_string(list) || json_array_size(list);
	if (!list || json_is_null(list))
		return true;
	if (json_is_string(list))
		return read(place, key, json_string_value(list), out);
	if (!json_is_array(list))
		return refuse(place, key, "is no list");
	json_array_foreach(list, i, item) {
		if (!json_is_string(item))
			return refuse(place, key, "has something that is no string");
		if (!read(place, key, json_string_value(item), out))
			return false;
	}
	return true;
}

/* The key of all values, or that of one. */
static bool read_values(const struct place *place, const json_t *rule, const char *all,
			const char *one, bool is_needed, read_fn *read, struct texts *out)
{
	bool is_there;

	if (!read_list(place, rule, all, read, out, &is_there) ||
	    (!is_there && !read_list(place, rule, one, read, out, &is_there)))
		return false;
	return is_there || !is_needed || refuse(place, one, "is missing, or empty");
}

/* One of the words, as we spell it. */
static bool read_choice(const struct place *place, const json_t *json, const char *key,
			const char *const *words, const char **ret_word)
{
	const char *text = json_string_value(json_object_get(json, key));

	if (!text)
		return refuse(place, key, "is missing, or no string");
	for (; *words; words++)
		if (!strcasecmp(*words, text)) {
			*ret_word = *words;
			return true;
		}
	return refuse_value(place, key, text, key);
}

/* ---- rules ---- */

/* NSG-08: how it is spelled where. */
static bool read_name(const struct place *place, const json_t *json, struct snapshot_rule *out)
{
	static const struct {
		const char *before, *kind;
	} spellings[] = {
		{ "securityRules/", "user" },
		{ "UserRule_", "user" },
		{ "defaultSecurityRules/", "default" },
		{ "DefaultRule_", "default" },
		{ "", "user" },
	};
	const char *text = json_string_value(json_object_get(json, "name"));

	if (!text || !*text)
		return refuse(place, "name", "is missing, or no string");
	for (size_t i = 0; i < ARRAY_SIZE(spellings) && !out->name; i++) {
		size_t len = strlen(spellings[i].before);

		if (strncasecmp(text, spellings[i].before, len) != 0)
			continue;
		out->name = arena_strdup(place->arena, text + len);
		out->kind = spellings[i].kind;
	}
	return true;
}

static bool read_priority(const struct place *place, const json_t *json, int64_t *ret_priority)
{
	const json_t *number = json_object_get(json, "priority");

	if (!json_is_integer(number))
		return refuse(place, "priority", "is missing, or no whole number");
	*ret_priority = json_integer_value(number);
	return true;
}

static bool read_rule(const struct place *place, const json_t *json, struct az_nsg_rule *out)
{
	static const char *const directions[] = { "Inbound", "Outbound", NULL };
	static const char *const accesses[] = { "Allow", "Deny", NULL };
	static const char *const protocols[] = {
		"*", "All", "Tcp", "Udp", "Icmp", "Esp", "Ah", NULL
	};
	struct snapshot_rule *rule = &out->rule;
	bool is_there;

	if (!json_is_object(json))
		return refuse(place, "name", "is missing: the rule is no object");
	if (!read_name(place, json, rule) || !read_priority(place, json, &rule->priority) ||
	    !read_choice(place, json, "direction", directions, &rule->direction) ||
	    !read_choice(place, json, "access", accesses, &rule->access) ||
	    !read_choice(place, json, "protocol", protocols, &rule->protocol) ||
	    !read_list(place, json, "expandedSourceAddressPrefix", read_prefix,
		       &out->source_expanded, &is_there) ||
	    !read_values(place, json, "sourceAddressPrefixes", "sourceAddressPrefix", !is_there,
			 read_address, &rule->source) ||
	    !read_list(place, json, "expandedDestinationAddressPrefix", read_prefix,
		       &out->destination_expanded, &is_there) ||
	    !read_values(place, json, "destinationAddressPrefixes", "destinationAddressPrefix",
			 !is_there, read_address, &rule->destination) ||
	    !read_values(place, json, "sourcePortRanges", "sourcePortRange", false, read_ports,
			 &rule->source_ports) ||
	    !read_values(place, json, "destinationPortRanges", "destinationPortRange", false,
			 read_ports, &rule->destination_ports))
		return false;
	if (!strcmp(rule->protocol, "All"))
		rule->protocol = "*";
	return true;
}

static bool read_rules(struct place *place, const json_t *nsg, struct az_nsg_filter *out)
{
	const json_t *rules = json_object_get(nsg, "effectiveSecurityRules"), *rule;

	if (!json_is_array(rules))
		return refuse(place, "effectiveSecurityRules", "is missing, or no list");
	place->is_rule = true;
	json_array_foreach(rules, place->rule, rule) {
		if (!read_rule(place, rule,
			       ARENA_PUSH(place->arena, out->rules.items, out->rules.count)))
			return false;
	}
	place->is_rule = false;
	return true;
}

/* ---- NSGs ---- */

/* Where it stands; those of a network manager are no NSGs. */
static bool read_layer(const struct place *place, const json_t *nsg, const char **ret_layer)
{
	const json_t *at = json_object_get(nsg, "association");

	*ret_layer = json_is_object(json_object_get(at, "networkInterface")) ? "nic"
		     : json_is_object(json_object_get(at, "subnet"))         ? "subnet"
									     : NULL;
	if (*ret_layer || json_is_object(json_object_get(at, "networkManager")))
		return true;
	return refuse(place, "association", "has neither 'networkInterface' nor 'subnet'");
}

static bool read_nsg(struct place *place, const json_t *nsg, struct az_nsg_file *out)
{
	const char *id = json_string_value(
		json_object_get(json_object_get(nsg, "networkSecurityGroup"), "id"));
	struct az_nsg_filter *filter;
	const char *layer, *slash;

	if (!json_is_object(nsg))
		return refuse(place, "association", "is missing: the row is no object");
	if (!read_layer(place, nsg, &layer))
		return false;
	if (!layer)
		return true;
	for (size_t i = 0; i < out->filters.count; i++)
		if (!strcmp(out->filters.items[i].layer, layer))
			return refuse(place, "association", "is that of one before");
	filter = ARENA_PUSH(place->arena, out->filters.items, out->filters.count);
	filter->layer = layer;
	slash = id ? strrchr(id, '/') : NULL;
	filter->nsg = arena_strdup(place->arena, slash ? slash + 1 : id ? id : "");
	return read_rules(place, nsg, filter);
}

static bool read_nsgs(const json_t *root, struct place *place, struct az_nsg_file *out)
{
	const json_t *nsgs = json_is_object(root) ? json_object_get(root, "value") : root, *nsg;

	if (!json_is_array(nsgs)) {
		err_set(place->err, -EINVAL,
			"%s: there is no list 'value', as az network nic list-effective-nsg -o "
			"json writes it",
			place->file);
		return false;
	}
	json_array_foreach(nsgs, place->nsg, nsg) {
		if (!read_nsg(place, nsg, out))
			return false;
	}
	return true;
}

bool az_nsg_file_read(const char *text, size_t len, const char *file, struct az_nsg_file *ret_nsgs,
		      struct arena *arena, struct err *err)
{
	struct place place = { .file = file, .arena = arena, .err = err };
	struct az_nsg_file out = { 0 };
	json_t *root = az_json_load(text, len, file, err);
	bool is_ok;

	if (!root)
		return false;
	is_ok = read_nsgs(root, &place, &out);
	json_decref(root);
	if (is_ok)
		*ret_nsgs = out;
	return is_ok;
}
