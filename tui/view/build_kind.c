/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/build_kind.h"

#include "lab/base/macros.h"
#include "lab/model/tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct build_kind build_kinds[] = {
	{ "spoke", "virtual_networks", NULL, "spoke", true },
	{ "virtual network", "virtual_networks", NULL, "vnet", false },
	{ "subnet", "virtual_networks", "subnets", "subnet", false },
	{ "peering", "virtual_networks", "peerings", "to-", false },
	{ "VM", "vms", NULL, "vm", false },
	{ "NVA", "nvas", NULL, "nva", false },
	{ "route table", "route_tables", NULL, "table", false },
	{ "route", "route_tables", "routes", "route", false },
	{ "NSG", "network_security_groups", NULL, "nsg", false },
	{ "NSG rule", "network_security_groups", "security_rules", "rule", false },
	{ "gateway", "virtual_network_gateways", NULL, "gateway", false },
	{ "site", "local_network_gateways", NULL, "site", false },
	{ "connection", "connections", NULL, "connection", false },
	{ "circuit", "express_route_circuits", NULL, "circuit", false },
	{ "provider", "providers", NULL, "provider", false },
	{ "branch", "branches", NULL, "branch", false },
	{ "Route Server", "route_servers", NULL, "route-server", false },
	{ "public address", "public_ip_addresses", NULL, "pip", false },
};
const size_t build_kind_count = ARRAY_SIZE(build_kinds);

/* ---- objects ---- */

static const struct doc_node *find(const struct doc_node *node, const char *key)
{
	return node && node->kind == DOC_MAP ? doc_find(node, key) : NULL;
}

static void add_objects(struct build_objects *out, const struct doc_node *map, const char *path,
			const char *parent, struct arena *arena)
{
	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->count; i++) {
		struct build_object *object = ARENA_PUSH(arena, out->items, out->count);

		object->name = map->pairs[i].key->value;
		object->parent = parent;
		object->node = map->pairs[i].value;
		object->path = arena_printf(arena, "%s/%s", path, object->name);
	}
}

struct build_objects build_objects_of(const struct build_kind *kind, const struct doc_node *root,
				      struct arena *arena)
{
	const struct doc_node *map = find(root, kind->collection);
	struct build_objects objects = { 0 };

	if (!kind->within)
		add_objects(&objects, map, kind->collection, NULL, arena);
	for (size_t i = 0; kind->within && map && map->kind == DOC_MAP && i < map->count; i++) {
		const char *parent = map->pairs[i].key->value;

		add_objects(&objects, find(map->pairs[i].value, kind->within),
			    arena_printf(arena, "%s/%s/%s", kind->collection, parent, kind->within),
			    parent, arena);
	}
	return objects;
}

const struct schema *build_schema(const struct build_kind *kind)
{
	const struct schema *schema = schema_find(&lab_schema, kind->collection)->object;

	return kind->within ? schema_find(schema, kind->within)->object : schema;
}

bool build_is_within(const struct build_kind *kind, const char *key)
{
	for (size_t i = 0; i < build_kind_count && !kind->within; i++)
		if (build_kinds[i].within && !strcmp(build_kinds[i].within, key) &&
		    !strcmp(build_kinds[i].collection, kind->collection))
			return true;
	return false;
}

/* ---- names ---- */

struct names build_names_of(const char *collection, const struct doc_node *root,
			    struct arena *arena)
{
	const struct doc_node *map = find(root, collection);
	struct names names = { 0 };

	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->count; i++)
		*ARENA_PUSH(arena, names.items, names.count) = map->pairs[i].key->value;
	return names;
}

/* VIRTUAL-NETWORK/SUBNET, but for those in which no machine stands. */
static struct names subnets_of(const struct doc_node *root, struct arena *arena)
{
	static const struct build_kind subnets = { .collection = "virtual_networks",
						   .within = "subnets" };
	struct build_objects objects = build_objects_of(&subnets, root, arena);
	struct names names = { 0 };

	for (size_t i = 0; i < objects.count; i++)
		if (strcasecmp(objects.items[i].name, "GatewaySubnet") != 0 &&
		    strcasecmp(objects.items[i].name, "RouteServerSubnet") != 0)
			*ARENA_PUSH(arena, names.items, names.count) = arena_printf(
				arena, "%s/%s", objects.items[i].parent, objects.items[i].name);
	return names;
}

struct names build_names_for(const char *key, const struct doc_node *root, struct arena *arena)
{
	static const struct {
		const char *key, *collection;
	} refs[] = {
		{ "virtual_network", "virtual_networks" },
		{ "remote", "virtual_networks" },
		{ "route_table", "route_tables" },
		{ "network_security_group", "network_security_groups" },
		{ "application_security_groups", "application_security_groups" },
		{ "nat_gateway", "nat_gateways" },
		{ "public_ip_address", "public_ip_addresses" },
		{ "public_ip_addresses", "public_ip_addresses" },
		{ "gateway", "virtual_network_gateways" },
		{ "virtual_network_gateway2", "virtual_network_gateways" },
		{ "local_network_gateway", "local_network_gateways" },
		{ "circuit", "express_route_circuits" },
		{ "express_route_port", "express_route_ports" },
		{ "branch", "branches" },
	};

	if (!strcmp(key, "subnet"))
		return subnets_of(root, arena);
	for (size_t i = 0; i < ARRAY_SIZE(refs); i++)
		if (!strcmp(refs[i].key, key))
			return build_names_of(refs[i].collection, root, arena);
	return (struct names){ 0 };
}

const char *build_free_name(const char *prefix, const struct names *taken, struct arena *arena)
{
	for (unsigned number = 1;; number++) {
		const char *name = arena_printf(arena, "%s%u", prefix, number);
		size_t i = 0;

		while (i < taken->count && strcasecmp(taken->items[i], name) != 0)
			i++;
		if (i == taken->count)
			return name;
	}
}

/* ---- address ranges ---- */

static struct prefix first_of(const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family == IP_V4)
			return spaces->items[i].prefix;
	return (struct prefix){ 0 };
}

/* The one of the same size behind a prefix; IP_NONE at the end of all addresses. */
static struct prefix next_to(struct prefix prefix)
{
	struct ip next = ip_add(prefix_last(prefix), 1);

	if (ip_compare(next, prefix.addr) <= 0)
		return (struct prefix){ 0 };
	return prefix_of(next, prefix.len);
}

static bool is_space_free(const struct lab *lab, struct prefix space, struct prefix *ret_other)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct spaces *spaces = &lab->virtual_networks.items[i].address_prefixes;

		for (size_t n = 0; n < spaces->count; n++)
			if (prefix_overlaps(spaces->items[n].prefix, space)) {
				*ret_other = spaces->items[n].prefix;
				return false;
			}
	}
	return true;
}

/* As large as that of the second network: the first one may be a larger hub. */
struct prefix build_free_space(const struct lab *lab)
{
	size_t count = lab ? lab->virtual_networks.count : 0;
	struct prefix space = prefix_of(ip4(10u << 24), 24), other;

	if (count)
		space = first_of(&lab->virtual_networks.items[count > 1].address_prefixes);
	while (space.addr.family != IP_NONE && lab && !is_space_free(lab, space, &other)) {
		struct prefix next = next_to(space);

		/* past the other one at once when that is larger */
		if (other.len < space.len && next.addr.family != IP_NONE) {
			next = next_to(other);
			next = next.addr.family == IP_NONE ? next : prefix_of(next.addr, space.len);
		}
		space = next;
	}
	return space;
}

#define SUBNET_LEN 27u

static bool is_subnet_free(const struct vnet *vnet, struct prefix prefix)
{
	for (size_t i = 0; i < vnet->subnets.count; i++)
		for (size_t n = 0; n < vnet->subnets.items[i].address_prefix.count; n++)
			if (prefix_overlaps(vnet->subnets.items[i].address_prefix.items[n].prefix,
					    prefix))
				return false;
	return true;
}

struct prefix build_free_subnet(const struct vnet *vnet)
{
	struct prefix space = vnet ? first_of(&vnet->address_prefixes) : (struct prefix){ 0 };
	struct prefix subnet;

	if (space.addr.family == IP_NONE)
		return space;
	subnet = prefix_of(space.addr, space.len > SUBNET_LEN ? space.len : SUBNET_LEN);
	while (subnet.addr.family != IP_NONE && prefix_covers(space, subnet)) {
		if (is_subnet_free(vnet, subnet))
			return subnet;
		subnet = next_to(subnet);
	}
	return (struct prefix){ 0 };
}

/* ---- values ---- */

/* A scalar, in quotes when YAML would read something else. */
static const char *yaml_scalar(const char *text, size_t len, struct arena *arena)
{
	char *out = arena_alloc(arena, len * 2 + 3), *to = out;
	bool is_plain = len && (isalnum((unsigned char)*text) || *text == '/');

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._-/:+@ *>[]", text[i]))
			is_plain = false;
	if (memchr(text, '[', len) || (len && text[len - 1] == ':') || memmem(text, len, ": ", 2) ||
	    memmem(text, len, " #", 2))
		is_plain = false;
	if (is_plain)
		return arena_strndup(arena, text, len);
	*to++ = '\'';
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'')
			*to++ = '\'';
		*to++ = text[i];
	}
	*to++ = '\'';
	*to = '\0';
	return out;
}

static const char *yaml_list(const char *typed, struct arena *arena)
{
	const char *list = "";
	size_t count = 0;

	for (const char *at = typed; *at;) {
		size_t len = strcspn(at, ","), next = len + (at[len] == ',');

		while (len && *at == ' ')
			at++, len--, next--;
		while (len && at[len - 1] == ' ')
			len--;
		if (len)
			list = arena_printf(arena, "%s%s%s", list, count++ ? ", " : "",
					    yaml_scalar(at, len, arena));
		at += next;
	}
	return count > 1 ? arena_printf(arena, "[%s]", list) : list;
}

const char *build_yaml(const struct field *field, const char *typed, struct arena *arena)
{
	switch (field->kind) {
	case FIELD_TEXTS:
	case FIELD_NUMBERS:
	case FIELD_ADDRESSES:
	case FIELD_SPACES:
		return *typed == '[' ? arena_strdup(arena, typed) : yaml_list(typed, arena);
	case FIELD_RANGE:
	case FIELD_CHANGES:
	case FIELD_OBJECT:
	case FIELD_MAP:
	case FIELD_LIST:
		return arena_strdup(arena, typed);
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_FLAG:
	case FIELD_NUMBER:
	case FIELD_DECIMAL:
	case FIELD_CHOICE:
	case FIELD_ADDRESS:
	case FIELD_REF:
	case FIELD_DURATION:
		break;
	}
	return yaml_scalar(typed, strlen(typed), arena);
}

const char *build_shown(const struct field *field, const struct doc_node *node, struct arena *arena)
{
	const char *text = "";

	if (!node || doc_is_empty(node))
		return text;
	if (node->kind == DOC_SCALAR)
		return arena_strdup(arena, node->value);
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind != DOC_LIST || !field_takes_values(field) ||
		    node->items[i]->kind != DOC_SCALAR)
			return tree_print(node, arena);
		text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", node->items[i]->value);
	}
	return text;
}

const char *build_shown_whole(const struct doc_node *node, struct arena *arena)
{
	return !node || doc_is_empty(node) ? ""
	       : node->kind == DOC_SCALAR  ? node->value
					   : tree_print(node, arena);
}
