/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets are named ones, since anonymous ones make loading quadratic, and a value that stands alone
 * needs none. The sets of what gateways teach belong to the tables that follow them.
 */
#include "lab/render/nft_security.h"

#include "lab/azure/computed_tags.h"
#include "lab/azure/filtering.h"
#include "lab/azure/hit.h"
#include "lab/azure/platform.h"
#include "lab/plan/fabric_ids.h"
#include "lab/render/nft_list.h"
#include "lab/render/nft_rules.h"

#include <stdlib.h>
#include <string.h>

/* A combination of what filters, and whose ports it is. */
struct profile {
	struct filtering filtering;
	enum rule_direction direction;
};

struct profiles {
	struct profile *items;
	size_t count;
	size_t *of_ports[DIRECTION_COUNT]; /* by place of the port; from 1, 0 is none */
};

static bool is_filtered(const struct interface *port, enum ip_family family,
			enum rule_direction direction, struct filtering *ret_filtering)
{
	return interface_ip(port, family).family != IP_NONE &&
	       filtering_of(port, direction, ret_filtering);
}

bool nft_security_is_used(const struct topology *topology, enum ip_family family)
{
	struct filtering filtering;

	for (size_t i = 0; i < topology->ports.count; i++)
		for (int direction = 0; direction < DIRECTION_COUNT; direction++)
			if (is_filtered(topology->ports.items[i], family,
					(enum rule_direction)direction, &filtering))
				return true;
	return false;
}

/* From 1. */
static size_t find_profile(struct profiles *profiles, const struct profile *wanted)
{
	for (size_t i = profiles->count; i > 0; i--) /* ports of one kind stand side by side */
		if (profiles->items[i - 1].direction == wanted->direction &&
		    filtering_equal(&profiles->items[i - 1].filtering, &wanted->filtering))
			return i;
	profiles->items[profiles->count++] = *wanted;
	return profiles->count;
}

static struct profiles profiles_new(const struct topology *t, enum ip_family family)
{
	struct profiles profiles = { 0 };

	profiles.items = calloc(t->ports.count * DIRECTION_COUNT + 1, sizeof(*profiles.items));
	if (!profiles.items)
		abort();
	for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
		profiles.of_ports[direction] = calloc(t->ports.count + 1, sizeof(size_t));
		if (!profiles.of_ports[direction])
			abort();
		for (size_t i = 0; i < t->ports.count; i++) {
			struct profile profile = { .direction = (enum rule_direction)direction };

			if (is_filtered(t->ports.items[i], family, profile.direction,
					&profile.filtering))
				profiles.of_ports[direction][i] = find_profile(&profiles, &profile);
		}
	}
	return profiles;
}

static void profiles_free(struct profiles *profiles)
{
	for (int direction = 0; direction < DIRECTION_COUNT; direction++)
		free(profiles->of_ports[direction]);
	free(profiles->items);
}

static const char *way(enum rule_direction direction)
{
	return direction == DIRECTION_INBOUND ? "in" : "out";
}

/* ---- which computed tags the addresses belong to (NSG-29, NSG-30) ---- */

/* Of a virtual network and a route table. */
struct context {
	unsigned network, route_table; /* 0: none */
};

static struct context context_of(const struct nft_words *w, const struct filtering *f)
{
	return (struct context){
		topology_network(w->topology, f->vnet)->number,
		f->route_table
			? (unsigned)(f->route_table - w->topology->lab->route_tables.items) + 1
			: 0,
	};
}

static void print_mark(const struct nft_words *w, const char *side, const char *set, uint32_t bit)
{
	(void)fprintf(w->out, "\t\t%s %s @%s meta mark set meta mark or 0x%02x\n", w->name, side,
		      set, bit);
}

/* What is public and not near; with B-3 also not by a route. */
static void print_internet(const struct nft_words *w, const char *side, uint32_t is_vnet,
			   uint32_t is_internet)
{
	(void)fprintf(w->out,
		      "\t\tmeta mark and 0x%02x == 0 %s %s @s_internet meta mark set meta mark or "
		      "0x%02x\n",
		      is_vnet, w->name, side, is_internet);
}

/* The platform's address, a default that was learned, user routes. */
static void print_by_route(const struct nft_words *w, const struct filtering *f, const char *side,
			   uint32_t is_vnet)
{
	const struct vnet *hub = f->vnet->hub;
	char set[40];

	if (w->family == IP_V4)
		(void)fprintf(w->out, "\t\tip %s 168.63.129.16 meta mark set meta mark or 0x%02x\n",
			      side, is_vnet);
	if (w->family == IP_V4 && hub) {
		(void)snprintf(set, sizeof(set), DEFAULT_SET, taught_set_number(w->topology, hub));
		print_mark(w, side, set, is_vnet);
	}
	if (f->route_table) {
		(void)snprintf(set, sizeof(set), "s_users_%u", context_of(w, f).route_table);
		print_mark(w, side, set, is_vnet);
	}
}

static void print_tags_of_side(const struct nft_words *w, const struct filtering *f,
			       const char *side, uint32_t is_vnet, uint32_t is_internet)
{
	bool is_rest = w->topology->lab->semantics.internet_tag.value == INTERNET_TAG_REST;
	const struct vnet *hub = f->vnet->hub;
	char set[40];

	(void)snprintf(set, sizeof(set), "s_near_%u", context_of(w, f).network);
	print_mark(w, side, set, is_vnet);
	if (w->family == IP_V4 && hub) {
		(void)snprintf(set, sizeof(set), TAUGHT_SET, taught_set_number(w->topology, hub));
		print_mark(w, side, set, is_vnet);
	}
	if (!is_rest)
		print_internet(w, side, is_vnet, is_internet);
	print_by_route(w, f, side, is_vnet);
	if (is_rest)
		print_internet(w, side, is_vnet, is_internet);
}

/* Takes the prefixes. */
static void print_prefixes(struct nft_words *w, const char *name, struct prefixes prefixes)
{
	if (nft_is_first(w, "%s", name))
		nft_print_prefixes(w, name, &prefixes);
	free(prefixes.items);
}

static void print_tags(struct nft_words *w, const struct filtering *f)
{
	const struct lab *lab = w->topology->lab;
	struct context context = context_of(w, f);
	char name[40];

	(void)snprintf(name, sizeof(name), "s_near_%u", context.network);
	print_prefixes(w, name, tag_of_vnet(f->vnet));
	(void)snprintf(name, sizeof(name), "s_users_%u", context.route_table);
	if (f->route_table)
		print_prefixes(w, name, tag_of_route_table(lab, f->route_table));
	if (!nft_is_first(w, "c_tags_%u_%u", context.network, context.route_table))
		return;
	(void)fprintf(w->out, "\tchain c_tags_%u_%u {\n", context.network, context.route_table);
	(void)fprintf(w->out, "\t\tmeta mark set meta mark and 0x%08x\n", ~MARK_TABLE_MASK);
	print_tags_of_side(w, f, "saddr", MARK_SOURCE_VNET, MARK_SOURCE_INTERNET);
	print_tags_of_side(w, f, "daddr", MARK_DESTINATION_VNET, MARK_DESTINATION_INTERNET);
	(void)fprintf(w->out, "\t}\n");
}

/* ---- rules ---- */

/*
 * To services of the platform only rules apply that name their tag (NSG-36): those stand once more
 * in chains of their own, whose names end with "_s".
 */
static bool is_of_service(const struct security_rule *rule)
{
	for (size_t i = 0; i < PLATFORM_SERVICES; i++)
		if (platform_service_obeys(&platform_services[i], rule))
			return true;
	return false;
}

static bool is_asked(const struct security_rule *rule, bool of_services)
{
	return !of_services || is_of_service(rule);
}

static const char *suffix(bool of_services)
{
	return of_services ? "_s" : "";
}

static bool nsg_knows_services(const struct nsg *nsg)
{
	const struct rules *rules = nsg ? &nsg->rules[DIRECTION_OUTBOUND] : NULL;

	for (size_t i = 0; rules && i < rules->count; i++)
		if (is_of_service(rules->items[i]))
			return true;
	return false;
}

static bool admin_knows_services(const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->admin_rules[DIRECTION_OUTBOUND].count; i++)
		if (is_of_service(vnet->admin_rules[DIRECTION_OUTBOUND].items[i].rule))
			return true;
	return false;
}

static void print_nsg(struct nft_words *w, const struct nsg *nsg, enum rule_direction direction,
		      bool of_services)
{
	const struct rules *rules = &nsg->rules[direction];
	unsigned number = topology_filter(w->topology, nsg);
	struct nft_rules list = { .number = number, .direction = direction, .layer = LAYER_NIC };

	(void)snprintf(list.chain, sizeof(list.chain), "c_nsg_%u_%s%s", number, way(direction),
		       suffix(of_services));
	if (!nft_is_first(w, "%s", list.chain))
		return;
	for (size_t i = 0; i < rules->count; i++)
		nft_print_sets_of_rule(w, &list, rules->items[i]);
	nft_begin_rules(w, &list);
	for (size_t i = 0; i < rules->count; i++)
		if (is_asked(rules->items[i], of_services))
			nft_print_rule(w, &list, rules->items[i]);
	nft_end_rules(w, &list);
}

static void print_admin_rules(struct nft_words *w, const struct vnet *vnet,
			      enum rule_direction direction, bool of_services)
{
	unsigned number = topology_network(w->topology, vnet)->number;
	struct nft_rules list = { .direction = direction, .layer = LAYER_ADMIN };

	(void)snprintf(list.chain, sizeof(list.chain), "c_admin_%u_%s%s", number, way(direction),
		       suffix(of_services));
	if (!nft_is_first(w, "%s", list.chain))
		return;
	for (size_t i = 0; i < vnet->admin_rules[direction].count; i++) {
		list.number = vnet->admin_rules[direction].items[i].collection->number;
		nft_print_sets_of_rule(w, &list, vnet->admin_rules[direction].items[i].rule);
	}
	nft_begin_rules(w, &list);
	for (size_t i = 0; i < vnet->admin_rules[direction].count; i++) {
		list.number = vnet->admin_rules[direction].items[i].collection->number;
		if (is_asked(vnet->admin_rules[direction].items[i].rule, of_services))
			nft_print_rule(w, &list, vnet->admin_rules[direction].items[i].rule);
	}
	nft_end_rules(w, &list);
}

/* ---- profiles ---- */

static unsigned number_of(const struct nft_words *w, const struct nsg *nsg)
{
	return nsg ? topology_filter(w->topology, nsg) : 0;
}

/* Named by what it consists of, so that it stays the same whatever else there is. */
static void print_profile_name(const struct nft_words *w, const struct profile *profile,
			       bool of_services)
{
	const struct filtering *f = &profile->filtering;
	struct context context = context_of(w, f);

	(void)fprintf(w->out, "c_%s_%u_%u_%u_%u%s%s%s", way(profile->direction), context.network,
		      context.route_table, number_of(w, f->of_subnet), number_of(w, f->of_nic),
		      f->has_admin_rules ? "_a" : "", f->is_closed ? "_c" : "",
		      suffix(of_services));
}

static void print_layer(const struct nft_words *w, enum verdict_layer layer, const struct nsg *nsg,
			enum rule_direction direction, bool of_services)
{
	if (!nsg || (of_services && !nsg_knows_services(nsg)))
		return;
	if (layer == LAYER_SUBNET)
		(void)fprintf(w->out, "\t\tmeta mark set meta mark or 0x%02x\n", MARK_LAYER_SUBNET);
	else
		(void)fprintf(w->out, "\t\tmeta mark set meta mark and 0x%08x\n",
			      ~MARK_LAYER_SUBNET);
	(void)fprintf(w->out, "\t\tjump c_nsg_%u_%s%s\n", number_of(w, nsg), way(direction),
		      suffix(of_services));
}

/* NSG-23, AVNM-03 */
static void print_profile(struct nft_words *w, const struct profile *profile, bool of_services)
{
	const struct filtering *f = &profile->filtering;
	struct context context = context_of(w, f);
	enum rule_direction direction = profile->direction;

	(void)fprintf(w->out, "\tchain ");
	print_profile_name(w, profile, of_services);
	(void)fprintf(w->out, " {\n\t\tjump c_tags_%u_%u\n", context.network, context.route_table);
	if (f->has_admin_rules && (!of_services || admin_knows_services(f->vnet)))
		(void)fprintf(
			w->out, "\t\tjump c_admin_%u_%s%s\n\t\tmeta mark and 0x%02x != 0 return\n",
			context.network, way(direction), suffix(of_services), MARK_ALWAYS_ALLOWED);
	if (direction == DIRECTION_INBOUND) {
		print_layer(w, LAYER_SUBNET, f->of_subnet, direction, of_services);
		print_layer(w, LAYER_NIC, f->of_nic, direction, of_services);
	} else {
		print_layer(w, LAYER_NIC, f->of_nic, direction, of_services);
		print_layer(w, LAYER_SUBNET, f->of_subnet, direction, of_services);
	}
	if (f->is_closed) {
		(void)fprintf(w->out, "\t\tmeta mark and 0x%02x != 0 ", MARK_SOURCE_INTERNET);
		nft_security_print_drop(direction, DROP_STANDARD_PIP_CLOSED, w->out);
	}
	(void)fprintf(w->out, "\t}\n");
}

/* Do rules say anything about services of the platform? Their addresses are of IPv4. */
static bool knows_services(const struct nft_words *w, const struct profile *profile)
{
	const struct filtering *f = &profile->filtering;

	return w->family == IP_V4 && profile->direction == DIRECTION_OUTBOUND &&
	       ((f->has_admin_rules && admin_knows_services(f->vnet)) ||
		nsg_knows_services(f->of_subnet) || nsg_knows_services(f->of_nic));
}

/* With the chains that it jumps to. */
static void print_all_of_profile(struct nft_words *w, const struct profile *profile,
				 bool of_services)
{
	const struct filtering *f = &profile->filtering;

	if (f->has_admin_rules)
		print_admin_rules(w, f->vnet, profile->direction, of_services);
	if (f->of_subnet)
		print_nsg(w, f->of_subnet, profile->direction, of_services);
	if (f->of_nic)
		print_nsg(w, f->of_nic, profile->direction, of_services);
	print_profile(w, profile, of_services);
}

static void print_map(const struct nft_words *w, const struct profiles *profiles,
		      enum rule_direction direction, bool of_services)
{
	const struct topology *t = w->topology;
	struct nft_list map;
	char name[40];

	(void)snprintf(name, sizeof(name), "map m_%s%s", way(direction), suffix(of_services));
	map = nft_list_begin(w->out, name,
			     direction == DIRECTION_INBOUND ? "typeof oifname : verdict"
							    : "typeof iifname : verdict",
			     true);
	for (size_t i = 0; i < t->ports.count; i++) {
		size_t profile = profiles->of_ports[direction][i];

		if (!profile || (of_services && !knows_services(w, &profiles->items[profile - 1])))
			continue;
		nft_list_add(&map, "\"%s\" : jump ", t->ports.items[i]->port_name);
		print_profile_name(w, &profiles->items[profile - 1], of_services);
	}
	nft_list_end(&map);
}

void nft_security_print_drop(enum rule_direction direction, int platform_drop, FILE *out)
{
	struct hit hit = { .layer = LAYER_PLATFORM,
			   .direction = direction,
			   .drop = (enum platform_drop)platform_drop };

	(void)fprintf(out, "log prefix \"%s\" group %d snaplen %d drop\n", hit_print(&hit).text,
		      FLOW_LOG_GROUP, FLOW_LOG_BYTES);
}

void nft_security_print(const struct topology *topology, enum ip_family family, FILE *out)
{
	struct nft_words w = nft_words_of(topology, family, out);
	struct profiles profiles = profiles_new(topology, family);

	(void)fprintf(out, "\tset s_with_ports {\n\t\ttype inet_proto\n"
			   "\t\telements = { tcp, udp }\n\t}\n");
	print_prefixes(&w, "s_internet", computed_tags_public());
	for (size_t i = 0; i < profiles.count; i++) {
		print_tags(&w, &profiles.items[i].filtering);
		print_all_of_profile(&w, &profiles.items[i], false);
		if (knows_services(&w, &profiles.items[i]))
			print_all_of_profile(&w, &profiles.items[i], true);
	}
	print_map(&w, &profiles, DIRECTION_OUTBOUND, false);
	if (family == IP_V4)
		print_map(&w, &profiles, DIRECTION_OUTBOUND, true);
	print_map(&w, &profiles, DIRECTION_INBOUND, false);
	profiles_free(&profiles);
	nft_words_fini(&w);
}
