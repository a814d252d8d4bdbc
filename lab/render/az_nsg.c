/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/az_nsg.h"

#include "lab/render/table.h"
#include "lab/snapshot/rule_words.h"

#include <stdlib.h>
#include <string.h>

#define ANY_ADDRESS "0.0.0.0/0"
#define ANY_PORT    "0-65535"

static bool is_nsg(const struct snapshot_filter *filter)
{
	return !strcmp(filter->layer, "subnet") || !strcmp(filter->layer, "nic");
}

bool az_nsg_is_any(const struct snapshot_nsg *nsg)
{
	for (size_t i = 0; i < nsg->filters.count; i++)
		if (is_nsg(&nsg->filters.items[i]))
			return true;
	return false;
}

static const struct snapshot_expansion *find_expansion(const struct snapshot_nsg *nsg,
						       const char *name)
{
	for (size_t i = 0; i < nsg->expansions.count; i++)
		if (!strcmp(nsg->expansions.items[i].name, name))
			return &nsg->expansions.items[i];
	return NULL;
}

/* ---- as az ---- */

const char *az_id(const char *lab, const char *kind, const char *name, struct arena *arena)
{
	return arena_printf(arena, "/lab/%s/%s/%s", lab, kind, name);
}

const char *az_subnet_id(const char *lab, const char *subnet, struct arena *arena)
{
	size_t len = strcspn(subnet, "/");

	return arena_printf(arena, "/lab/%s/virtualNetworks/%.*s/subnets/%s", lab, (int)len, subnet,
			    subnet[len] ? subnet + len + 1 : "");
}

static json_t *list_of(const struct texts *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->count; i++)
		(void)json_array_append_new(list, json_string(texts->items[i]));
	return list;
}

/* NW-07: "*" is 0.0.0.0/0. */
static json_t *addresses_of(const struct texts *addresses)
{
	json_t *list = json_array();

	for (size_t i = 0; i < addresses->count; i++)
		(void)json_array_append_new(list, json_string(strcmp(addresses->items[i], "*") != 0
								      ? addresses->items[i]
								      : ANY_ADDRESS));
	return list;
}

/* NW-07: any port is 0-65535, one is 22-22. */
static json_t *ports_of(const struct texts *ports)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ports->count; i++)
		(void)json_array_append_new(
			list, strchr(ports->items[i], '-')
				      ? json_string(ports->items[i])
				      : json_sprintf("%s-%s", ports->items[i], ports->items[i]));
	if (!ports->count)
		(void)json_array_append_new(list, json_string(ANY_PORT));
	return list;
}

/* What tags and ASGs stand for; null of what is written out (NW-07). */
static json_t *expanded(const struct snapshot_nsg *nsg, const struct texts *addresses)
{
	json_t *list = NULL;

	for (size_t i = 0; i < addresses->count; i++) {
		const struct snapshot_expansion *expansion =
			find_expansion(nsg, addresses->items[i]);
		json_t *prefixes;

		if (!expansion)
			continue;
		list = list ? list : json_array();
		prefixes = list_of(&expansion->prefixes);
		(void)json_array_extend(list, prefixes);
		json_decref(prefixes);
	}
	return list ? list : json_null();
}

/* The key that has one value only, beside the one that has all. */
static void set_both(json_t *json, const char *one, const char *all, json_t *list)
{
	(void)json_object_set_new(json, one,
				  json_array_size(list) == 1 ? json_incref(json_array_get(list, 0))
							     : json_null());
	(void)json_object_set_new(json, all, list);
}

static json_t *rule_json(const struct snapshot_nsg *nsg, const struct snapshot_rule *rule)
{
	json_t *json = json_object();

	(void)json_object_set_new(json, "access", json_string(rule->access));
	set_both(json, "destinationAddressPrefix", "destinationAddressPrefixes",
		 addresses_of(&rule->destination));
	set_both(json, "destinationPortRange", "destinationPortRanges",
		 ports_of(&rule->destination_ports));
	(void)json_object_set_new(json, "direction", json_string(rule->direction));
	(void)json_object_set_new(json, "expandedDestinationAddressPrefix",
				  expanded(nsg, &rule->destination));
	(void)json_object_set_new(json, "expandedSourceAddressPrefix",
				  expanded(nsg, &rule->source));
	(void)json_object_set_new(json, "name",
				  json_sprintf("%s/%s",
					       !strcmp(rule->kind, "default")
						       ? "defaultSecurityRules"
						       : "securityRules",
					       rule->name));
	(void)json_object_set_new(json, "priority", json_integer(rule->priority));
	(void)json_object_set_new(
		json, "protocol",
		json_string(strcmp(rule->protocol, "*") != 0 ? rule->protocol : "All"));
	set_both(json, "sourceAddressPrefix", "sourceAddressPrefixes", addresses_of(&rule->source));
	set_both(json, "sourcePortRange", "sourcePortRanges", ports_of(&rule->source_ports));
	return json;
}

static void add_tags(const struct snapshot_nsg *nsg, const struct texts *addresses, json_t *map)
{
	for (size_t i = 0; i < addresses->count; i++) {
		const struct snapshot_expansion *expansion =
			find_expansion(nsg, addresses->items[i]);

		if (expansion && !strcmp(expansion->kind, "tag"))
			(void)json_object_set_new(map, expansion->name,
						  list_of(&expansion->prefixes));
	}
}

static json_t *filter_json(const struct snapshot_nsg *nsg, const struct snapshot_filter *filter,
			   struct arena *arena)
{
	bool is_nic = !strcmp(filter->layer, "nic");
	json_t *rules = json_array(), *tags = json_object();
	json_t *at = json_pack("{s:s}", "id",
			       is_nic ? az_id(nsg->lab, "networkInterfaces", nsg->nic, arena)
				      : az_subnet_id(nsg->lab, filter->applied_to, arena));

	for (size_t i = 0; i < filter->rules.count; i++) {
		const struct snapshot_rule *rule = &filter->rules.items[i];

		(void)json_array_append_new(rules, rule_json(nsg, rule));
		add_tags(nsg, &rule->source, tags);
		add_tags(nsg, &rule->destination, tags);
	}
	return json_pack("{s:{s:o, s:o}, s:o, s:{s:s}, s:o}", "association", "networkInterface",
			 is_nic ? at : json_null(), "subnet", is_nic ? json_null() : at,
			 "effectiveSecurityRules", rules, "networkSecurityGroup", "id",
			 az_id(nsg->lab, "networkSecurityGroups", filter->resource, arena),
			 "tagMap", tags);
}

json_t *az_nsg_json(const struct snapshot_nsg *nsg)
{
	struct arena *arena = arena_new();
	json_t *value = json_array();

	for (size_t i = 0; i < nsg->filters.count; i++)
		if (is_nsg(&nsg->filters.items[i]))
			(void)json_array_append_new(
				value, filter_json(nsg, &nsg->filters.items[i], arena));
	arena_free(arena);
	return json_pack("{s:o}", "value", value);
}

void az_nsg_print_tsv(const struct snapshot_nsg *nsg, FILE *out)
{
	static const char *const headers[] = { "Layer", "Nsg",         "Direction", "Priority",
					       "Name",  "Access",      "Protocol",  "Source",
					       "Ports", "Destination", "Ports" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	static const struct texts nothing;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < nsg->filters.count; i++)
		for (size_t n = 0; n < nsg->filters.items[i].rules.count; n++) {
			const struct snapshot_filter *filter = &nsg->filters.items[i];
			const struct snapshot_rule *rule = &filter->rules.items[n];
			const char *cells[] = {
				filter->layer,
				filter->resource,
				rule->direction,
				arena_printf(arena, "%lld", (long long)rule->priority),
				rule->name,
				rule->access,
				rule->protocol,
				rule_side_words(&rule->source, &nothing, arena),
				rule->source_ports.count
					? rule_side_words(&rule->source_ports, &nothing, arena)
					: "*",
				rule_side_words(&rule->destination, &nothing, arena),
				rule->destination_ports.count
					? rule_side_words(&rule->destination_ports, &nothing, arena)
					: "*",
			};

			table_add(table, cells);
		}
	table_print_tsv(table, out);
	arena_free(arena);
	table_free(table);
}

/* ---- for people ---- */

static void add_line(struct security_lines *lines, enum security_line_kind kind, const char *text,
		     struct arena *arena)
{
	*ARENA_PUSH(arena, lines->items, lines->count) = (struct security_line){ kind, text };
}

/* So much of a text as fits, up to a blank or behind a comma; of a wider word all. */
static size_t fitting(const char *text, size_t width)
{
	size_t best = 0;

	for (size_t end = 1; *text && text[end - 1]; end++) {
		if (text[end] && text[end] != ' ' && text[end - 1] != ',')
			continue;
		if (best && end > width)
			break;
		best = end;
	}
	return best;
}

void security_lines_wrap(struct security_lines *lines, enum security_line_kind kind,
			 const char *before, const char *text, unsigned cols, struct arena *arena)
{
	size_t begin = strlen(before), width = cols > begin + 12 ? cols - begin : 12, len;
	bool is_first = true;

	do {
		len = fitting(text, width);
		add_line(lines, is_first ? kind : SECURITY_MORE,
			 arena_printf(arena, "%*s%.*s", is_first ? 0 : (int)begin,
				      is_first ? before : "", (int)len, text),
			 arena);
		text += len;
		text += strspn(text, " ");
		is_first = false;
	} while (*text);
}

#define COLS_NARROW 70 /* below, a rule has two lines */
#define NAME_WIDTH  29 /* AllowAzureLoadBalancerInBound */

static size_t widest(const struct snapshot_filter *filter, bool is_name, size_t least, size_t most)
{
	size_t width = least;

	for (size_t i = 0; i < filter->rules.count; i++) {
		size_t len = strlen(is_name ? filter->rules.items[i].name
					    : filter->rules.items[i].access);

		width = len > width && len <= most ? len : width;
	}
	return width;
}

static void add_rule(struct security_lines *lines, const struct snapshot_filter *filter,
		     const struct snapshot_rule *rule, unsigned cols, struct arena *arena)
{
	enum security_line_kind kind =
		strcmp(rule->access, "Deny") != 0 ? SECURITY_ALLOW : SECURITY_DENY;
	const char *words = rule_words(rule, arena);

	if (cols < COLS_NARROW) {
		add_line(lines, kind,
			 arena_printf(arena, "%5lld %s %s", (long long)rule->priority, rule->name,
				      rule->access),
			 arena);
		security_lines_wrap(lines, SECURITY_MORE, "      ", words, cols, arena);
		return;
	}
	security_lines_wrap(lines, kind,
			    arena_printf(arena, "%5lld %-*s %-*s ", (long long)rule->priority,
					 (int)widest(filter, true, 8, NAME_WIDTH), rule->name,
					 (int)widest(filter, false, 6, 20), rule->access),
			    words, cols, arena);
}

static void add_filter(struct security_lines *lines, const struct snapshot_filter *filter,
		       unsigned cols, struct arena *arena)
{
	const char *direction = "";

	security_lines_wrap(lines, SECURITY_TITLE, "",
			    arena_printf(arena, "%s at %s %s", filter->resource,
					 !strcmp(filter->layer, "nic")      ? "the NIC"
					 : !strcmp(filter->layer, "subnet") ? "the subnet"
									    : "the virtual network",
					 filter->applied_to),
			    cols, arena);
	for (size_t i = 0; i < filter->rules.count; i++) {
		const struct snapshot_rule *rule = &filter->rules.items[i];

		if (strcmp(direction, rule->direction) != 0 && cols < COLS_NARROW)
			add_line(lines, SECURITY_HEADING,
				 arena_printf(arena, " PRIO %s",
					      !strcmp(rule->direction, "Inbound") ? "INBOUND"
										  : "OUTBOUND"),
				 arena);
		else if (strcmp(direction, rule->direction) != 0)
			add_line(lines, SECURITY_HEADING,
				 arena_printf(arena, " PRIO %-*s %-*s RULE",
					      (int)widest(filter, true, 8, NAME_WIDTH),
					      !strcmp(rule->direction, "Inbound") ? "INBOUND"
										  : "OUTBOUND",
					      (int)widest(filter, false, 6, 20), "ACCESS"),
				 arena);
		direction = rule->direction;
		add_rule(lines, filter, rule, cols, arena);
	}
}

#define PREFIXES_TOLD 12

static void add_expansion(struct security_lines *lines, const struct snapshot_expansion *expansion,
			  unsigned cols, struct arena *arena)
{
	struct texts some = expansion->prefixes;
	static const struct texts nothing;
	const char *more = "";

	if (some.count > PREFIXES_TOLD) {
		some.count = PREFIXES_TOLD;
		more = arena_printf(arena, " and %zu more: -o json has all",
				    expansion->prefixes.count - PREFIXES_TOLD);
	}
	security_lines_wrap(lines, SECURITY_MORE, arena_printf(arena, "%s is ", expansion->name),
			    some.count ? arena_printf(arena, "%s%s",
						      rule_side_words(&some, &nothing, arena), more)
				       : "nobody",
			    cols, arena);
}

struct security_lines az_nsg_lines(const struct snapshot_nsg *nsg, unsigned cols,
				   struct arena *arena)
{
	struct security_lines lines = { 0 };

	for (size_t i = 0; i < nsg->filters.count; i++) {
		if (i)
			add_line(&lines, SECURITY_MORE, "", arena);
		add_filter(&lines, &nsg->filters.items[i], cols, arena);
	}
	if (nsg->expansions.count)
		add_line(&lines, SECURITY_MORE, "", arena);
	for (size_t i = 0; i < nsg->expansions.count; i++)
		add_expansion(&lines, &nsg->expansions.items[i], cols, arena);
	return lines;
}

void security_lines_print(const struct security_lines *lines, FILE *out)
{
	for (size_t i = 0; i < lines->count; i++) {
		size_t len = strlen(lines->items[i].text);

		while (len && lines->items[i].text[len - 1] == ' ')
			len--;
		(void)fprintf(out, "%.*s\n", (int)len, lines->items[i].text);
	}
}
