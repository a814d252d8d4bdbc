/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a form proposes: names that are free, the next address range, the next priority. */
#include "tui/view/build_parts.h"

#include "lab/base/macros.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const build_yes_no[2] = { "yes", "no" };
static const char *const no_yes[] = { "no", "yes" };

static void propose(struct build *build, int id, const char *text)
{
	struct form_field *field = form_find(&build->form, id);

	if (field)
		form_propose(field, text);
}

static void propose_key(struct build *build, const char *key, const char *text)
{
	struct form_field *field = build_field_of(build, key);

	if (field)
		form_propose(field, text);
}

static const char *value_of(const struct build *build, const char *key)
{
	const struct form_field *field = build_field_of(build, key);

	return field ? field->line.text : "";
}

static void propose_name(struct build *build)
{
	const char *parent = form_value(&build->form, BUILD_PARENT);
	struct build_objects objects =
		build_objects_of(build->kind, build->tree.root, build->scratch);
	struct names taken = { 0 };
	const char *name;

	for (size_t i = 0; i < objects.count; i++)
		if (!objects.items[i].parent || !strcasecmp(objects.items[i].parent, parent))
			*ARENA_PUSH(build->scratch, taken.items, taken.count) =
				objects.items[i].name;
	name = build_free_name(build->kind->proposed, &taken, build->scratch);
	if (build->kind->within && !strcmp(build->kind->within, "peerings"))
		name = arena_printf(build->scratch, "to-%s", value_of(build, "remote"));
	propose(build, BUILD_NAME, name);
}

/* The last of its direction, and ten more; 100 is the first that Azure takes. */
static const char *next_priority(const struct build *build)
{
	const char *parent = form_value(&build->form, BUILD_PARENT);
	const struct nsg *nsg = NULL;
	double highest = 90;

	for (size_t i = 0; build->parsed && i < build->parsed->network_security_groups.count; i++)
		if (!strcasecmp(build->parsed->network_security_groups.items[i].object.name,
				parent))
			nsg = &build->parsed->network_security_groups.items[i];
	for (size_t i = 0; nsg && i < nsg->security_rules.count; i++) {
		const struct security_rule *rule = &nsg->security_rules.items[i];
		bool is_in = rule->direction.value == DIRECTION_INBOUND;

		if (is_in == !strcmp(value_of(build, "direction"), "Inbound") &&
		    rule->priority.value > highest)
			highest = rule->priority.value;
	}
	return arena_printf(build->scratch, "%.0f", highest > 4086 ? 4096 : highest + 10);
}

static void propose_rule(struct build *build)
{
	propose_key(build, "priority", next_priority(build));
	propose_key(build, "protocol", "Tcp");
	propose_key(build, "source_address_prefixes", "*");
	propose_key(build, "source_port_ranges", "*");
	propose_key(build, "destination_address_prefixes", "*");
	propose_key(build, "destination_port_ranges", "*");
}

static const struct vm *first_nva(const struct lab *lab)
{
	for (size_t i = 0; lab && i < lab->vms.count; i++)
		if (lab->vms.items[i].is_nva)
			return &lab->vms.items[i];
	return NULL;
}

/* The first NVA forwards what has no better route. */
static void propose_route(struct build *build)
{
	const struct vm *nva = first_nva(build->parsed);
	bool is_by_ip = !strncmp(value_of(build, "next_hop_type"), "VirtualAppliance", 16);

	propose_key(build, "address_prefix", "0.0.0.0/0");
	propose_key(build, "next_hop_ip_address",
		    is_by_ip && nva && nva->network_interfaces.count
			    ? ip_print(nva->network_interfaces.items[0].ip).text
			    : "");
}

static void propose_space(struct build *build)
{
	const char *parent = form_value(&build->form, BUILD_PARENT);
	const char *key = build->kind->within ? "address_prefix" : "address_prefixes";
	struct prefix space = { 0 };

	if (!build->parsed)
		return;
	space = build->kind->within ? build_free_subnet(lab_find_vnet(build->parsed, parent))
				    : build_free_space(build->parsed);
	if (space.addr.family != IP_NONE)
		propose_key(build, key, prefix_print(space).text);
}

/* What must be there, and is one of several. */
static void propose_references(struct build *build)
{
	const struct schema *schema = build_schema(build->kind);

	for (size_t i = 0; i < build->form.count; i++) {
		struct form_field *field = &build->form.fields[i];
		bool is_main = false;

		if (field->id >= (int)schema->field_count || field->kind != FORM_NAME)
			continue;
		is_main = schema->main && !strcmp(schema->main, field->label);
		if (!is_main && !schema->fields[field->id].is_required)
			continue;
		/* a peering leads elsewhere */
		for (size_t n = 0; n < field->word_count; n++)
			if (strcasecmp(field->words[n], form_value(&build->form, BUILD_PARENT)) !=
			    0) {
				form_propose(field, field->words[n]);
				break;
			}
	}
}

/* A gateway for circuits has one, a gateway for VPN a site. */
static void propose_connection(struct build *build)
{
	const struct gateway *gateway =
		build->parsed ? lab_find_gateway(build->parsed, value_of(build, "gateway")) : NULL;
	bool is_vpn = gateway && gateway->gateway_type.value == GATEWAY_VPN;
	const char *key = is_vpn ? "local_network_gateway" : "circuit";
	struct names names = build_names_for(key, build->tree.root, build->scratch);

	propose_key(build, "circuit", "");
	propose_key(build, "local_network_gateway", "");
	if (names.count)
		propose_key(build, key, names.items[0]);
}

/* ---- a spoke ---- */

void build_spoke_fields(struct build *build)
{
	struct arena *arena = build->arena;
	const struct doc_node *root = build->tree.root;
	struct names hubs = build_names_of("virtual_networks", root, arena);
	struct names tables = build_names_of("route_tables", root, arena);
	struct names nsgs = build_names_of("network_security_groups", root, arena);
	struct form *form = &build->form;
	struct form_field *field;

	field = form_add(form, FORM_NAME, BUILD_SPOKE_HUB, "hub",
			 "The virtual network that it is peered with, both ways.");
	form_choose_from(field, hubs.items, hubs.count);
	line_set(&field->line, hubs.count ? hubs.items[0] : "");
	(void)form_add(form, FORM_TEXT, BUILD_SPOKE_SPACE, "address_prefixes",
		       "Its address space: it overlaps none.");
	(void)form_add(form, FORM_TEXT, BUILD_SPOKE_SUBNET, "subnet default",
		       "The prefix of its first subnet.");
	form_choose_from(form_add(form, FORM_NAME, BUILD_SPOKE_TABLE, "route_table",
				  "The route table of that subnet; none if empty."),
			 tables.items, tables.count);
	form_choose_from(form_add(form, FORM_NAME, BUILD_SPOKE_NSG, "network_security_group",
				  "The NSG of that subnet; none if empty."),
			 nsgs.items, nsgs.count);
	form_choose_from(
		form_add(form, FORM_CHOICE, BUILD_SPOKE_GATEWAYS, "use_remote_gateways",
			 "It uses the hub's gateways and Route Server, and the hub lets it."),
		no_yes, 2);
	form_choose_from(form_add(form, FORM_CHOICE, BUILD_SPOKE_FORWARDED,
				  "allow_forwarded_traffic",
				  "It takes what the hub only forwards, as an NVA there does."),
			 no_yes, 2);
	form_choose_from(form_add(form, FORM_CHOICE, BUILD_SPOKE_VM, "a VM",
				  "A virtual machine in its subnet."),
			 build_yes_no, 2);
}

static void propose_spoke(struct build *build)
{
	struct vnet *hub = build->parsed ? lab_find_vnet(build->parsed,
							 form_value(&build->form, BUILD_SPOKE_HUB))
					 : NULL;
	struct form_field *space = form_find(&build->form, BUILD_SPOKE_SPACE);
	struct prefix prefix;
	bool has_nva = first_nva(build->parsed) != NULL;

	if (build->parsed)
		form_propose(space, prefix_print(build_free_space(build->parsed)).text);
	if (prefix_parse(space->line.text, &prefix) && prefix.addr.family == IP_V4)
		propose(build, BUILD_SPOKE_SUBNET,
			prefix_print(prefix_of(prefix.addr,
					       prefix.len < 28 ? prefix.len + 1 : prefix.len))
				.text);
	propose(build, BUILD_SPOKE_GATEWAYS,
		no_yes[hub && (hub->express_route || hub->vpn || hub->route_server)]);
	propose(build, BUILD_SPOKE_FORWARDED, no_yes[has_nva]);
}

static const char *quoted(const struct build *build, int id)
{
	static const struct field text = { .kind = FIELD_TEXT };

	return build_yaml(&text, form_value(&build->form, id), build->scratch);
}

static bool is_yes(const struct build *build, int id)
{
	return !strcmp(form_value(&build->form, id), "yes");
}

void build_spoke_changes(struct build *build)
{
	struct arena *arena = build->scratch;
	const char *name = form_value(&build->form, BUILD_NAME);
	const char *hub = form_value(&build->form, BUILD_SPOKE_HUB);
	const char *table = form_value(&build->form, BUILD_SPOKE_TABLE);
	const char *nsg = form_value(&build->form, BUILD_SPOKE_NSG);
	const char *subnet = quoted(build, BUILD_SPOKE_SUBNET), *half = hub;
	bool uses = is_yes(build, BUILD_SPOKE_GATEWAYS);

	if (*table || *nsg)
		subnet = arena_printf(arena, "{ address_prefix: %s%s%s%s%s }", subnet,
				      *table ? ", route_table: " : "",
				      *table ? quoted(build, BUILD_SPOKE_TABLE) : "",
				      *nsg ? ", network_security_group: " : "",
				      *nsg ? quoted(build, BUILD_SPOKE_NSG) : "");
	if (uses || is_yes(build, BUILD_SPOKE_FORWARDED))
		half = arena_printf(
			arena, "{ remote: %s%s%s }", hub, uses ? ", use_remote_gateways: true" : "",
			is_yes(build, BUILD_SPOKE_FORWARDED) ? ", allow_forwarded_traffic: true"
							     : "");
	build_add_change(
		build, arena_printf(arena, "virtual_networks/%s/peerings/to-%s", hub, name),
		uses ? arena_printf(arena, "{ remote: %s, allow_gateway_transit: true }", name)
		     : arena_strdup(arena, name));
	build_add_change(build, arena_printf(arena, "virtual_networks/%s", name),
			 arena_printf(arena,
				      "{ address_prefixes: %s, subnets: { default: %s }, "
				      "peerings: { to-%s: %s } }",
				      quoted(build, BUILD_SPOKE_SPACE), subnet, hub, half));
	if (is_yes(build, BUILD_SPOKE_VM))
		build_add_change(build, arena_printf(arena, "vms/%s-vm", name),
				 arena_printf(arena, "%s/default", name));
}

void build_propose(struct build *build)
{
	const char *collection = build->kind->collection, *within = build->kind->within;

	propose_references(build);
	propose_name(build);
	if (build->kind->is_spoke)
		propose_spoke(build);
	else if (!strcmp(collection, "virtual_networks") && (!within || !strcmp(within, "subnets")))
		propose_space(build);
	else if (within && !strcmp(within, "security_rules"))
		propose_rule(build);
	else if (within && !strcmp(within, "routes"))
		propose_route(build);
	else if (!strcmp(collection, "connections"))
		propose_connection(build);
}
