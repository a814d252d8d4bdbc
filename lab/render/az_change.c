/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table says which objects of a lab file az has commands for, and which keys are which option.
 */
#include "lab/render/az_change.h"

#include "lab/base/shell.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum how {
	HOW_VALUE,  /* --option VALUE */
	HOW_SWITCH, /* --option when it is true, at creation; --option VALUE later */
	HOW_SET,    /* --set PROPERTY=VALUE, which only an update has */
	HOW_FIXED,  /* at creation only: what changes it makes the object anew */
};

struct option {
	const char *key; /* of the lab file, of an object in it "OBJECT/KEY" */
	const char *option;
	enum how how;
	/* In the place of the key's own value, for what has a short form; NULL: that. */
	const char *(*print)(const void *object, struct arena *arena);
};

#define VERB_CREATE 1u
#define VERB_UPDATE 2u
#define VERB_DELETE 4u
#define VERB_ALL    (VERB_CREATE | VERB_UPDATE | VERB_DELETE)

struct kind {
	const char *key;     /* of the list, in its parent */
	const char *command; /* "network nsg rule"; NULL: only what is in it counts */
	unsigned verbs;      /* what the lab file has all words for */
	const char *parent;  /* the option that names the parent, which has the kind's list */
	const char *creation, *deletion;       /* what stands at the end of one; NULL: nothing */
	bool (*is_passed)(const void *object); /* Azure has no such thing; NULL: it has all */
	const struct kind *children;           /* ends with a NULL key */
	const struct option *options;          /* ends with a NULL option */
};

struct list {
	const char *items;
	size_t count;
};

struct writer {
	struct arena *arena;
	const char *group;
	struct texts *lines;
	bool is_deleting; /* that comes behind, the other way round */
};

/* ---- values as words of a shell ---- */

static const char *join(const char *words, const char *word, struct arena *arena)
{
	word = shell_quote(word, arena);
	return arena_printf(arena, "%s%s%s", words, *words ? " " : "", word);
}

static const char *spaces_print(const struct spaces *spaces, struct arena *arena)
{
	const char *out = "";

	for (size_t i = 0; i < spaces->count; i++)
		out = join(out, prefix_print(spaces->items[i].prefix).text, arena);
	return arena_strdup(arena, out);
}

/* "" of what is not there. */
static const char *value_print(const struct field *field, const void *object, struct arena *arena)
{
	const void *value = (const char *)object + field->offset;
	const char *out = "";

	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_NAME:
		return ((const struct text *)value)->value
			       ? shell_quote(((const struct text *)value)->value, arena)
			       : "";
	case FIELD_REF:
		return ((const struct ref *)value)->name
			       ? shell_quote(((const struct ref *)value)->name, arena)
			       : "";
	case FIELD_TEXTS: {
		const struct text_list *texts = value;

		for (size_t i = 0; i < texts->count; i++)
			out = join(out, texts->items[i].value, arena);
		return out;
	}
	case FIELD_FLAG:
		return ((const struct flag *)value)->value ? "true" : "false";
	case FIELD_NUMBER:
		return ((const struct number *)value)->pos.line || field->fallback
			       ? arena_printf(arena, "%.0f", ((const struct number *)value)->value)
			       : "";
	case FIELD_CHOICE:
		return shell_quote(
			choice_name(field->choices, ((const struct choice *)value)->value), arena);
	case FIELD_SPACES:
		return spaces_print(value, arena);
	case FIELD_ADDRESS:
		return ((const struct address *)value)->ip.family == IP_NONE
			       ? ""
			       : arena_strdup(arena,
					      ip_print(((const struct address *)value)->ip).text);
	case FIELD_ADDRESSES: {
		const struct addresses *all = value;

		for (size_t i = 0; i < all->count; i++)
			out = join(out, arena_strdup(arena, ip_print(all->items[i].ip).text),
				   arena);
		return out;
	}
	case FIELD_NUMBERS:
	case FIELD_DECIMAL:
	case FIELD_RANGE:
	case FIELD_DURATION:
	case FIELD_CHANGES:
	case FIELD_OBJECT:
	case FIELD_MAP:
	case FIELD_LIST:
		break;
	}
	return "";
}

static const char *option_print(const struct schema *schema, const struct option *option,
				const void *object, struct arena *arena)
{
	const char *key = option->key, *slash = strchr(key, '/');
	const struct field *field;

	if (option->print)
		return option->print(object, arena);
	if (slash) {
		field = schema_find(schema, arena_strndup(arena, key, (size_t)(slash - key)));
		object = (const char *)object + field->offset;
		schema = field->object;
		key = slash + 1;
	}
	return value_print(schema_find(schema, key), object, arena);
}

/* ---- what has short forms, as the check has read it ---- */

static const char *route_prefix_print(const void *object, struct arena *arena)
{
	const struct user_route *route = object;

	return route->tag ? shell_quote(route->tag->object.name, arena)
			  : spaces_print(route->prefixes, arena);
}

static const char *route_type_print(const void *object, struct arena *arena)
{
	(void)arena;
	return choice_name(user_next_hop_type_names, ((const struct user_route *)object)->type);
}

static const char *route_hop_print(const void *object, struct arena *arena)
{
	const struct user_route *route = object;

	return route->next_hops.count
		       ? arena_strdup(arena, ip_print(route->next_hops.items[0]).text)
		       : "";
}

/* Next hops of that type have no option of az. */
static bool is_passed_route(const void *object)
{
	return ((const struct user_route *)object)->type == NEXT_HOP_VIRTUAL_APPLIANCE_ECMP;
}

static const char *side_print(const struct rule_side *side, struct arena *arena)
{
	if (side->groups.count)
		return "";
	if (side->tag)
		return shell_quote(side->tag->object.name, arena);
	return side->prefixes.count ? spaces_print(&side->prefixes, arena) : "'*'";
}

static const char *groups_print(const struct rule_side *side, struct arena *arena)
{
	const char *out = "";

	for (size_t i = 0; i < side->groups.count; i++)
		out = join(out, side->groups.items[i]->object.name, arena);
	return out;
}

static const char *ports_print(const struct rule_side *side, struct arena *arena)
{
	const char *out = "";

	for (size_t i = 0; i < side->ports.count; i++) {
		const struct port_range *range = &side->ports.items[i];

		out = join(out,
			   range->first == range->last
				   ? arena_printf(arena, "%u", range->first)
				   : arena_printf(arena, "%u-%u", range->first, range->last),
			   arena);
	}
	return *out ? out : "'*'";
}

static const char *source_print(const void *object, struct arena *arena)
{
	return side_print(&((const struct security_rule *)object)->source, arena);
}

static const char *source_groups_print(const void *object, struct arena *arena)
{
	return groups_print(&((const struct security_rule *)object)->source, arena);
}

static const char *source_ports_print(const void *object, struct arena *arena)
{
	return ports_print(&((const struct security_rule *)object)->source, arena);
}

static const char *destination_print(const void *object, struct arena *arena)
{
	return side_print(&((const struct security_rule *)object)->destination, arena);
}

static const char *destination_groups_print(const void *object, struct arena *arena)
{
	return groups_print(&((const struct security_rule *)object)->destination, arena);
}

static const char *destination_ports_print(const void *object, struct arena *arena)
{
	return ports_print(&((const struct security_rule *)object)->destination, arena);
}

static const char *rule_priority_print(const void *object, struct arena *arena)
{
	return arena_printf(arena, "%.0f", ((const struct security_rule *)object)->priority.value);
}

/* Said always: what az does by itself was another one in other years. */
static const char *sku_print(const void *object, struct arena *arena)
{
	(void)arena;
	return choice_name(public_ip_sku_names, ((const struct public_ip *)object)->sku.value);
}

/* Hosts of branches and of the Internet are no machines of Azure. */
static bool is_passed_vm(const void *object)
{
	const struct vm *vm = object;

	return vm->is_internet || vm->branch;
}

/* ---- the table ---- */

static const struct option no_options[] = { { 0 } };

static const struct option rule_options[] = {
	{ "priority", "--priority", HOW_VALUE, rule_priority_print },
	{ "direction", "--direction", HOW_VALUE, NULL },
	{ "access", "--access", HOW_VALUE, NULL },
	{ "protocol", "--protocol", HOW_VALUE, NULL },
	{ "source", "--source-address-prefixes", HOW_VALUE, source_print },
	{ "source", "--source-asgs", HOW_VALUE, source_groups_print },
	{ "source", "--source-port-ranges", HOW_VALUE, source_ports_print },
	{ "destination", "--destination-address-prefixes", HOW_VALUE, destination_print },
	{ "destination", "--destination-asgs", HOW_VALUE, destination_groups_print },
	{ "destination", "--destination-port-ranges", HOW_VALUE, destination_ports_print },
	{ "description", "--description", HOW_VALUE, NULL },
	{ 0 },
};
static const struct kind rule_kinds[] = {
	{ .key = "security_rules",
	  .command = "network nsg rule",
	  .verbs = VERB_ALL,
	  .parent = "--nsg-name",
	  .options = rule_options },
	{ 0 },
};

static const struct option route_options[] = {
	{ "address_prefix", "--address-prefix", HOW_VALUE, route_prefix_print },
	{ "next_hop_type", "--next-hop-type", HOW_VALUE, route_type_print },
	{ "next_hop_ip_address", "--next-hop-ip-address", HOW_VALUE, route_hop_print },
	{ 0 },
};
static const struct kind route_kinds[] = {
	{ .key = "routes",
	  .command = "network route-table route",
	  .verbs = VERB_ALL,
	  .parent = "--route-table-name",
	  .is_passed = is_passed_route,
	  .options = route_options },
	{ 0 },
};
static const struct option route_table_options[] = {
	{ "disable_bgp_route_propagation", "--disable-bgp-route-propagation", HOW_VALUE, NULL },
	{ 0 },
};

static const struct option public_ip_options[] = {
	{ "sku", "--sku", HOW_FIXED, sku_print },
	{ 0 },
};
static const struct option nat_gateway_options[] = {
	{ "public_ip_addresses", "--public-ip-addresses", HOW_VALUE, NULL },
	{ 0 },
};

static const struct option vnet_options[] = {
	{ "location", "--location", HOW_FIXED, NULL },
	{ "address_prefixes", "--address-prefixes", HOW_VALUE, NULL },
	{ 0 },
};
static const struct option subnet_options[] = {
	{ "address_prefix", "--address-prefixes", HOW_VALUE, NULL },
	{ "route_table", "--route-table", HOW_VALUE, NULL },
	{ "network_security_group", "--network-security-group", HOW_VALUE, NULL },
	{ "nat_gateway", "--nat-gateway", HOW_VALUE, NULL },
	{ "default_outbound_access", "--default-outbound", HOW_VALUE, NULL },
	{ 0 },
};
static const struct kind subnet_kinds[] = {
	{ .key = "subnets",
	  .command = "network vnet subnet",
	  .verbs = VERB_ALL,
	  .parent = "--vnet-name",
	  .options = subnet_options },
	{ 0 },
};
static const struct option peering_options[] = {
	{ "remote", "--remote-vnet", HOW_FIXED, NULL },
	{ "allow_virtual_network_access", "allowVirtualNetworkAccess", HOW_SET, NULL },
	{ "allow_forwarded_traffic", "allowForwardedTraffic", HOW_SET, NULL },
	{ "allow_gateway_transit", "allowGatewayTransit", HOW_SET, NULL },
	{ "use_remote_gateways", "useRemoteGateways", HOW_SET, NULL },
	{ 0 },
};
static const struct kind peering_kinds[] = {
	{ .key = "peerings",
	  .command = "network vnet peering",
	  .verbs = VERB_ALL,
	  .parent = "--vnet-name",
	  .creation = " --allow-vnet-access", /* else az closes it */
	  .options = peering_options },
	{ 0 },
};

static const struct option nic_options[] = {
	{ "enable_ip_forwarding", "--ip-forwarding", HOW_VALUE, NULL },
	{ "network_security_group", "--network-security-group", HOW_VALUE, NULL },
	{ 0 },
};
static const struct kind nic_kinds[] = {
	{ .key = "network_interfaces",
	  .command = "network nic",
	  .verbs = VERB_UPDATE,
	  .options = nic_options },
	{ 0 },
};

static const struct option gateway_options[] = {
	{ "bgp_settings/asn", "--asn", HOW_VALUE, NULL },
	{ "enable_private_ip_address", "enablePrivateIpAddress", HOW_SET, NULL },
	{ 0 },
};
static const struct option local_gateway_options[] = {
	{ "gateway_ip_address", "--gateway-ip-address", HOW_VALUE, NULL },
	{ "address_prefixes", "--local-address-prefixes", HOW_VALUE, NULL },
	{ "bgp_settings/asn", "--asn", HOW_VALUE, NULL },
	{ "bgp_settings/bgp_peering_address", "--bgp-peering-address", HOW_VALUE, NULL },
	{ 0 },
};
static const struct option bgp_connection_options[] = {
	{ "peer_ip", "--peer-ip", HOW_FIXED, NULL },
	{ "peer_asn", "--peer-asn", HOW_FIXED, NULL },
	{ 0 },
};
static const struct kind bgp_connection_kinds[] = {
	{ .key = "bgp_connections",
	  .command = "network routeserver peering",
	  .verbs = VERB_CREATE | VERB_DELETE,
	  .parent = "--routeserver",
	  .deletion = " --yes",
	  .options = bgp_connection_options },
	{ 0 },
};
static const struct option route_server_options[] = {
	{ "hub_routing_preference", "--hub-routing-preference", HOW_VALUE, NULL },
	{ "allow_branch_to_branch_traffic", "--allow-b2b-traffic", HOW_VALUE, NULL },
	{ 0 },
};
static const struct option circuit_options[] = {
	{ "bandwidth_in_mbps", "--bandwidth", HOW_VALUE, NULL },
	{ "sku_tier", "--sku-tier", HOW_VALUE, NULL },
	{ 0 },
};
static const struct option connection_options[] = {
	{ "gateway", "--vnet-gateway1", HOW_FIXED, NULL },
	{ "circuit", "--express-route-circuit2", HOW_FIXED, NULL },
	{ "local_network_gateway", "--local-gateway2", HOW_FIXED, NULL },
	{ "virtual_network_gateway2", "--vnet-gateway2", HOW_FIXED, NULL },
	{ "routing_weight", "--routing-weight", HOW_VALUE, NULL },
	{ "shared_key", "--shared-key", HOW_VALUE, NULL },
	{ "enable_bgp", "--enable-bgp", HOW_SWITCH, NULL },
	{ "use_local_azure_ip_address", "useLocalAzureIpAddress", HOW_SET, NULL },
	{ 0 },
};

/* Each behind what it names. */
static const struct kind kinds[] = {
	{ .key = "application_security_groups",
	  .command = "network asg",
	  .verbs = VERB_CREATE | VERB_DELETE,
	  .options = no_options },
	{ .key = "network_security_groups",
	  .command = "network nsg",
	  .verbs = VERB_CREATE | VERB_DELETE,
	  .options = no_options,
	  .children = rule_kinds },
	{ .key = "route_tables",
	  .command = "network route-table",
	  .verbs = VERB_ALL,
	  .options = route_table_options,
	  .children = route_kinds },
	{ .key = "public_ip_addresses",
	  .command = "network public-ip",
	  .verbs = VERB_CREATE | VERB_DELETE,
	  .options = public_ip_options },
	{ .key = "nat_gateways",
	  .command = "network nat gateway",
	  .verbs = VERB_ALL,
	  .options = nat_gateway_options },
	{ .key = "virtual_networks",
	  .command = "network vnet",
	  .verbs = VERB_ALL,
	  .options = vnet_options,
	  .children = subnet_kinds },
	{ .key = "virtual_networks", .options = no_options, .children = peering_kinds },
	{ .key = "vms",
	  .command = "vm",
	  .verbs = VERB_DELETE,
	  .deletion = " --yes",
	  .is_passed = is_passed_vm,
	  .options = no_options,
	  .children = nic_kinds },
	{ .key = "virtual_network_gateways",
	  .command = "network vnet-gateway",
	  .verbs = VERB_UPDATE | VERB_DELETE,
	  .options = gateway_options },
	{ .key = "local_network_gateways",
	  .command = "network local-gateway",
	  .verbs = VERB_ALL,
	  .options = local_gateway_options },
	{ .key = "route_servers",
	  .command = "network routeserver",
	  .verbs = VERB_UPDATE | VERB_DELETE,
	  .deletion = " --yes",
	  .options = route_server_options,
	  .children = bgp_connection_kinds },
	{ .key = "express_route_circuits",
	  .command = "network express-route",
	  .verbs = VERB_UPDATE | VERB_DELETE,
	  .options = circuit_options },
	{ .key = "connections",
	  .command = "network vpn-connection",
	  .verbs = VERB_ALL,
	  .options = connection_options },
	{ 0 },
};

/* ---- one object ---- */

static const char *name_of(const char *object)
{
	return ((const struct object *)(const void *)object)->name;
}

static void add(struct writer *w, const char *line)
{
	*ARENA_PUSH(w->arena, w->lines->items, w->lines->count) = line;
}

/* "az network nsg rule create --resource-group LAB --nsg-name NSG --name RULE" */
static const char *begin(const struct writer *w, const struct kind *kind, const char *verb,
			 const char *parent, const char *name)
{
	const char *of = kind->parent ? arena_printf(w->arena, " %s %s", kind->parent,
						     shell_quote(parent, w->arena))
				      : "";

	return arena_printf(w->arena, "az %s %s --resource-group %s%s --name %s", kind->command,
			    verb, shell_quote(w->group, w->arena), of, shell_quote(name, w->arena));
}

static void write_set(struct writer *w, const struct kind *kind, const struct option *option,
		      const char *parent, const char *name, const char *value)
{
	add(w, arena_printf(w->arena, "%s --set %s=%s", begin(w, kind, "update", parent, name),
			    option->option, value));
}

/* What is set as what nobody said is what az does by itself; but of a peering it is not. */
static bool is_said(const struct schema *schema, const struct option *option, const char *value)
{
	const struct field *field =
		strchr(option->key, '/') || option->print ? NULL : schema_find(schema, option->key);

	return *value && (!field || !field->fallback || strcmp(field->fallback, value) != 0);
}

static void write_creation(struct writer *w, const struct kind *kind, const struct schema *schema,
			   const char *parent, const char *object)
{
	const char *line = begin(w, kind, "create", parent, name_of(object));

	for (const struct option *o = kind->options; o->option; o++) {
		const char *value;

		if (o->how == HOW_SET)
			continue;
		value = option_print(schema, o, object, w->arena);
		if (!is_said(schema, o, value))
			continue;
		line = o->how == HOW_SWITCH
			       ? arena_printf(w->arena, "%s %s", line, o->option)
			       : arena_printf(w->arena, "%s %s %s", line, o->option, value);
	}
	add(w, kind->creation ? arena_printf(w->arena, "%s%s", line, kind->creation) : line);
	for (const struct option *o = kind->options; o->option; o++) {
		const char *value;

		if (o->how != HOW_SET)
			continue;
		value = option_print(schema, o, object, w->arena);
		if (is_said(schema, o, value))
			write_set(w, kind, o, parent, name_of(object), value);
	}
}

static void write_deletion(struct writer *w, const struct kind *kind, const char *parent,
			   const char *object)
{
	add(w, arena_printf(w->arena, "%s%s", begin(w, kind, "delete", parent, name_of(object)),
			    kind->deletion ? kind->deletion : ""));
}

static bool differs(const struct writer *w, const struct schema *schema,
		    const struct option *option, const char *before, const char *after)
{
	return strcmp(option_print(schema, option, before, w->arena),
		      option_print(schema, option, after, w->arena)) != 0;
}

static bool must_be_made_anew(const struct writer *w, const struct kind *kind,
			      const struct schema *schema, const char *before, const char *after)
{
	for (const struct option *o = kind->options; o->option; o++)
		if (o->how == HOW_FIXED && differs(w, schema, o, before, after))
			return true;
	return false;
}

/* Only those are taken away by a word of their own. */
static bool is_reference(const struct schema *schema, const struct option *option)
{
	const struct field *field = option->print ? NULL : schema_find(schema, option->key);

	return field && field->kind == FIELD_REF;
}

static void write_update(struct writer *w, const struct kind *kind, const struct schema *schema,
			 const char *parent, const char *before, const char *after)
{
	const char *line = NULL; /* nearly all objects stay as they are */

	for (const struct option *o = kind->options; o->option; o++) {
		const char *value;

		if (o->how == HOW_SET || !differs(w, schema, o, before, after))
			continue;
		value = option_print(schema, o, after, w->arena);
		if (!*value && !is_reference(schema, o))
			continue;
		if (!line)
			line = begin(w, kind, "update", parent, name_of(after));
		line = arena_printf(w->arena, "%s %s %s", line, o->option, *value ? value : "null");
	}
	if (line)
		add(w, line);
	for (const struct option *o = kind->options; o->option; o++)
		if (o->how == HOW_SET && differs(w, schema, o, before, after))
			write_set(w, kind, o, parent, name_of(after),
				  option_print(schema, o, after, w->arena));
}

/* ---- lists of them ---- */

static struct list list_of(const struct schema *schema, const char *object, const char *key)
{
	struct list list = { 0 };

	/* each LIST_OF() is a pointer and a count */
	if (object)
		memcpy(&list, object + schema_find(schema, key)->offset, sizeof(list));
	return list;
}

/* It is near the place that it has in the other list, as nearly all are. */
static const char *find(const struct list *list, size_t size, size_t near, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *item = list->items + (near + i) % list->count * size;

		if (!strcasecmp(name_of(item), name))
			return item;
	}
	return NULL;
}

static void write_kinds(struct writer *w, const struct kind *first, const struct schema *schema,
			const char *before, const char *after);

static void write_one(struct writer *w, const struct kind *kind, const struct schema *schema,
		      const char *parent, const char *before, const char *after)
{
	bool is_anew = before && after && kind->command &&
		       must_be_made_anew(w, kind, schema, before, after);
	unsigned verbs = kind->command ? kind->verbs : 0;

	if (w->is_deleting && before && (!after || (is_anew && verbs & VERB_CREATE))) {
		if (verbs & VERB_DELETE)
			write_deletion(w, kind, parent, before);
	} else if (!w->is_deleting && after && (!before || is_anew)) {
		if (verbs & VERB_CREATE)
			write_creation(w, kind, schema, parent, after);
	} else if (!w->is_deleting && before && after && verbs & VERB_UPDATE) {
		write_update(w, kind, schema, parent, before, after);
	}
}

/* What goes with its parent is not said once more. */
static bool is_with_parent(const struct writer *w, const struct kind *kind, const char *after)
{
	return w->is_deleting && kind->command && !after;
}

static void write_kind(struct writer *w, const struct kind *kind, const struct schema *owner,
		       const char *owner_before, const char *owner_after)
{
	const struct schema *schema = schema_find(owner, kind->key)->object;
	struct list before = list_of(owner, owner_before, kind->key);
	struct list after = list_of(owner, owner_after, kind->key);
	const char *parent = owner_after ? name_of(owner_after) : name_of(owner_before);

	for (size_t i = 0; i < after.count + before.count; i++) {
		bool is_old = i >= after.count;
		const char *object = is_old ? before.items + (i - after.count) * schema->size
					    : after.items + i * schema->size;
		const char *was = is_old ? object : find(&before, schema->size, i, name_of(object));

		if (is_old && find(&after, schema->size, i - after.count, name_of(object)))
			continue;
		if (kind->is_passed && kind->is_passed(object))
			continue;
		if (!w->is_deleting)
			write_one(w, kind, schema, parent, was, is_old ? NULL : object);
		if (kind->children && !is_with_parent(w, kind, is_old ? NULL : object))
			write_kinds(w, kind->children, schema, was, is_old ? NULL : object);
		if (w->is_deleting)
			write_one(w, kind, schema, parent, was, is_old ? NULL : object);
	}
}

/* What is taken away goes the other way round. */
static void write_kinds(struct writer *w, const struct kind *first, const struct schema *schema,
			const char *before, const char *after)
{
	size_t count = 0;

	while (first[count].key)
		count++;
	for (size_t i = 0; i < count; i++)
		write_kind(w, &first[w->is_deleting ? count - 1 - i : i], schema, before, after);
}

struct texts az_change(const struct lab *before, const struct lab *after, struct arena *arena)
{
	struct texts lines = { 0 };
	struct writer w = { .arena = arena, .group = after->name.value, .lines = &lines };

	write_kinds(&w, kinds, &lab_schema, (const char *)before, (const char *)after);
	w.is_deleting = true;
	write_kinds(&w, kinds, &lab_schema, (const char *)before, (const char *)after);
	return lines;
}
