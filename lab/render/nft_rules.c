/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/nft_rules.h"

#include "lab/azure/hit.h"
#include "lab/azure/rule_match.h"
#include "lab/plan/fabric_ids.h"
#include "lab/render/nft_list.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct nft_name {
	UT_hash_handle hh;
	char text[];
};

#define NAME_SIZE 120

struct nft_words nft_words_of(const struct topology *topology, enum ip_family family, FILE *out)
{
	return (struct nft_words){ .topology = topology,
				   .family = family,
				   .name = family == IP_V6 ? "ip6" : "ip",
				   .out = out };
}

void nft_words_fini(struct nft_words *w)
{
	struct nft_name *name, *next;

	HASH_ITER(hh, w->names, name, next) {
		HASH_DEL(w->names, name);
		free(name);
	}
}

bool nft_is_first(struct nft_words *w, const char *format, ...)
{
	struct nft_name *name = NULL;
	char text[NAME_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	HASH_FIND_STR(w->names, text, name);
	if (name)
		return false;
	name = calloc(1, sizeof(*name) + strlen(text) + 1);
	if (!name)
		abort();
	strcpy(name->text, text); /* the size was taken from it */
	HASH_ADD_STR(w->names, text, name);
	return true;
}

/* ---- sets ---- */

static struct nft_list begin_set(const struct nft_words *w, const char *name, const char *type)
{
	char head[NAME_SIZE + 10];

	(void)snprintf(head, sizeof(head), "set %s", name);
	return nft_list_begin(w->out, head, type, false);
}

void nft_print_prefixes(const struct nft_words *w, const char *name,
			const struct prefixes *prefixes)
{
	struct nft_list set = begin_set(w, name,
					w->family == IP_V6 ? "type ipv6_addr\n\t\tflags interval"
							   : "type ipv4_addr\n\t\tflags interval");

	for (size_t i = 0; i < prefixes->count; i++)
		if (prefixes->items[i].addr.family == w->family)
			nft_list_add(&set, "%s", prefix_print(prefixes->items[i]).text);
	nft_list_end(&set);
}

/* Those of the family, normalized; the caller frees the items. */
static struct prefixes prefixes_of(const struct nft_words *w, const struct spaces *spaces)
{
	struct prefixes out = { 0 };

	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family == w->family)
			prefixes_add(&out, spaces->items[i].prefix);
	prefixes_normalize(&out);
	return out;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct port_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Ranges that overlap or touch are one. */
static void print_ports(const struct nft_words *w, const char *name, const struct rule_side *side)
{
	struct nft_list set = begin_set(w, name, "type inet_service\n\t\tflags interval");
	struct port_range *ranges = calloc(side->ports.count, sizeof(*ranges));

	if (!ranges)
		abort();
	memcpy(ranges, side->ports.items, side->ports.count * sizeof(*ranges));
	qsort(ranges, side->ports.count, sizeof(*ranges), compare_ranges);
	for (size_t i = 0, next; i < side->ports.count; i = next) {
		unsigned last = ranges[i].last;
		char text[20];

		for (next = i + 1; next < side->ports.count && ranges[next].first <= last + 1;
		     next++)
			last = ranges[next].last > last ? ranges[next].last : last;
		(void)snprintf(text, sizeof(text), last == ranges[i].first ? "%u" : "%u-%u",
			       ranges[i].first, last);
		nft_list_add(&set, "%s", text);
	}
	nft_list_end(&set);
	free(ranges);
}

/* ---- names of sets ---- */

struct name {
	char text[NAME_SIZE];
};

/* What a rule alone has: "s_nsg_3_in_100_sa". */
static struct name name_of_rule(const struct nft_rules *list, const struct security_rule *rule,
				const char *what)
{
	struct name name;

	(void)snprintf(name.text, sizeof(name.text), "s_%s_%u_%s_%u_%s",
		       list->layer == LAYER_ADMIN ? "admin" : "nsg", list->number,
		       list->direction == DIRECTION_INBOUND ? "in" : "out",
		       (unsigned)rule->priority.value, what);
	return name;
}

/* One group's sets are all rules' that name it. */
static struct name name_of_groups(const struct nft_words *w, const struct nft_rules *list,
				  const struct security_rule *rule, const struct rule_side *side,
				  const char *what)
{
	const struct asg *first = w->topology->lab->application_security_groups.items;
	struct name name;

	if (side->groups.count > 1)
		return name_of_rule(list, rule, what);
	(void)snprintf(name.text, sizeof(name.text), "s_asg_%u_%c",
		       (unsigned)(side->groups.items[0] - first) + 1, what[1]);
	return name;
}

static bool is_source(const struct security_rule *rule, const struct rule_side *side)
{
	return side == &rule->source;
}

/* The side of the port itself (ASG-02). */
static bool is_local(const struct nft_rules *list, const struct security_rule *rule,
		     const struct rule_side *side)
{
	return is_source(rule, side) == (list->direction == DIRECTION_OUTBOUND);
}

static const struct spaces *spaces_of(const struct rule_side *side)
{
	if (side->tag && side->tag->kind == TAG_PREFIXES)
		return &side->tag->address_prefixes;
	return side->prefixes.count ? &side->prefixes : NULL;
}

/* A tag's set is all rules' that name it. */
static struct name name_of_spaces(const struct nft_words *w, const struct nft_rules *list,
				  const struct security_rule *rule, const struct rule_side *side)
{
	const struct lab *lab = w->topology->lab;
	struct name name;

	if (!side->tag || side->tag == &tag_load_balancer)
		return name_of_rule(list, rule, is_source(rule, side) ? "sa" : "da");
	(void)snprintf(name.text, sizeof(name.text), "s_tag_%u",
		       (unsigned)(side->tag - lab->service_tags.items) + 1);
	return name;
}

/* ---- who is in groups ---- */

static void print_members(struct nft_words *w, const char *name, const struct rule_side *side,
			  bool is_of_ports)
{
	struct nft_list set = begin_set(w, name,
					is_of_ports          ? "type ifname"
					: w->family == IP_V6 ? "type ipv6_addr"
							     : "type ipv4_addr");
	struct nft_words members = { 0 }; /* each once, whatever groups it is in */

	for (size_t i = 0; i < side->groups.count; i++)
		for (size_t n = 0; n < side->groups.items[i]->members.count; n++) {
			const struct nic *nic = side->groups.items[i]->members.items[n];
			const struct interface *port = topology_find_nic(w->topology, nic);
			char element[IFNAME_SIZE + 2];

			if (!nft_is_first(&members, "%p", (const void *)nic))
				continue;
			(void)snprintf(element, sizeof(element), "\"%s\"", port->port_name);
			if (is_of_ports)
				nft_list_add(&set, "%s", element);
			if (!is_of_ports && nic->ip.family == w->family)
				nft_list_add(&set, "%s", ip_print(nic->ip).text);
			for (size_t k = 0; !is_of_ports && k < nic->more.count; k++)
				if (nic->more.items[k].family == w->family &&
				    !ip_equal(nic->more.items[k], nic->ip))
					nft_list_add(&set, "%s", ip_print(nic->more.items[k]).text);
		}
	nft_list_end(&set);
	nft_words_fini(&members);
}

static void print_groups(struct nft_words *w, const struct nft_rules *list,
			 const struct security_rule *rule, const struct rule_side *side)
{
	const char *what = is_source(rule, side) ? "sa" : "da";
	struct name name = name_of_groups(w, list, rule, side, what);

	if (nft_is_first(w, "%s", name.text))
		print_members(w, name.text, side, false);
	if (!is_local(list, rule, side))
		return;
	name = name_of_groups(w, list, rule, side, is_source(rule, side) ? "sp" : "dp");
	if (nft_is_first(w, "%s", name.text))
		print_members(w, name.text, side, true);
}

/* ---- sides ---- */

static bool has_members(const struct rule_side *side)
{
	for (size_t i = 0; i < side->groups.count; i++)
		if (side->groups.items[i]->members.count)
			return true;
	return false;
}

/* Can an address of the family be meant? */
static bool can_match_side(const struct nft_words *w, const struct rule_side *side)
{
	const struct spaces *spaces = spaces_of(side);
	struct prefixes prefixes;
	bool is_any;

	if (side->groups.count)
		return has_members(side) && !side_is_disabled(side, &w->topology->lab->semantics);
	if (!spaces)
		return true;
	prefixes = prefixes_of(w, spaces);
	is_any = prefixes.count > 0;
	free(prefixes.items);
	return is_any;
}

static bool has_ports(const struct security_rule *rule)
{
	return rule->source.ports.count || rule->destination.ports.count;
}

static bool is_with_ports(const struct security_rule *rule)
{
	return rule->protocol.value == PROTOCOL_TCP || rule->protocol.value == PROTOCOL_UDP;
}

/* NSG-13, B-1 */
static bool means_portless(const struct nft_words *w, const struct security_rule *rule)
{
	return !is_with_ports(rule) &&
	       (!has_ports(rule) ||
		w->topology->lab->semantics.icmp_ports.value == ICMP_PORTS_MATCH);
}

static bool can_match(const struct nft_words *w, const struct security_rule *rule)
{
	bool is_portless_only = !is_with_ports(rule) && rule->protocol.value != PROTOCOL_ANY;

	return can_match_side(w, &rule->source) && can_match_side(w, &rule->destination) &&
	       (!is_portless_only || means_portless(w, rule));
}

static void print_sets_of_side(struct nft_words *w, const struct nft_rules *list,
			       const struct security_rule *rule, const struct rule_side *side)
{
	const struct spaces *spaces = spaces_of(side);

	if (side->groups.count)
		print_groups(w, list, rule, side);
	if (spaces) {
		struct name name = name_of_spaces(w, list, rule, side);
		struct prefixes prefixes = prefixes_of(w, spaces);

		if (prefixes.count > 1 && nft_is_first(w, "%s", name.text))
			nft_print_prefixes(w, name.text, &prefixes);
		free(prefixes.items);
	}
	if (side->ports.count > 1)
		print_ports(
			w, name_of_rule(list, rule, is_source(rule, side) ? "sport" : "dport").text,
			side);
}

void nft_print_sets_of_rule(struct nft_words *w, const struct nft_rules *list,
			    const struct security_rule *rule)
{
	if (!can_match(w, rule))
		return;
	print_sets_of_side(w, list, rule, &rule->source);
	print_sets_of_side(w, list, rule, &rule->destination);
}

/* ---- rules ---- */

static void print_computed(const struct nft_words *w, uint32_t bit)
{
	(void)fprintf(w->out, "meta mark and 0x%02x != 0 ", bit);
}

static void print_address(const struct nft_words *w, const struct nft_rules *list,
			  const struct security_rule *rule, const struct rule_side *side)
{
	const char *word = is_source(rule, side) ? "saddr" : "daddr";
	const struct spaces *spaces = spaces_of(side);
	struct prefixes prefixes;

	if (side->tag && side->tag->kind == TAG_VIRTUAL_NETWORK)
		print_computed(w, is_source(rule, side) ? MARK_SOURCE_VNET : MARK_DESTINATION_VNET);
	if (side->tag && side->tag->kind == TAG_INTERNET)
		print_computed(w, is_source(rule, side) ? MARK_SOURCE_INTERNET
							: MARK_DESTINATION_INTERNET);
	if (side->groups.count && is_local(list, rule, side))
		(void)fprintf(
			w->out, "%s @%s ", is_source(rule, side) ? "iifname" : "oifname",
			name_of_groups(w, list, rule, side, is_source(rule, side) ? "sp" : "dp")
				.text);
	if (side->groups.count)
		(void)fprintf(
			w->out, "%s %s @%s ", w->name, word,
			name_of_groups(w, list, rule, side, is_source(rule, side) ? "sa" : "da")
				.text);
	if (!spaces)
		return;
	prefixes = prefixes_of(w, spaces);
	if (prefixes.count > 1)
		(void)fprintf(w->out, "%s %s @%s ", w->name, word,
			      name_of_spaces(w, list, rule, side).text);
	else if (prefixes.items[0].len)
		(void)fprintf(w->out, "%s %s %s ", w->name, word,
			      prefix_print(prefixes.items[0]).text);
	free(prefixes.items);
}

static void print_port(const struct nft_words *w, const struct nft_rules *list,
		       const struct security_rule *rule, const struct rule_side *side)
{
	const char *word = is_source(rule, side) ? "sport" : "dport";
	const struct port_range *range = side->ports.items;

	if (side->ports.count > 1)
		(void)fprintf(w->out, "th %s @%s ", word, name_of_rule(list, rule, word).text);
	else if (side->ports.count && range->first == range->last)
		(void)fprintf(w->out, "th %s %u ", word, range->first);
	else if (side->ports.count)
		(void)fprintf(w->out, "th %s %u-%u ", word, range->first, range->last);
}

/* The verdict, and the word about it in the log. */
static void print_end(const struct nft_words *w, const struct nft_rules *list,
		      const struct security_rule *rule)
{
	struct hit hit = { .layer = list->layer,
			   .direction = list->direction,
			   .access = (enum rule_access)rule->access.value,
			   .number = list->number,
			   .priority = (unsigned)rule->priority.value };

	(void)fprintf(w->out, "log prefix \"%s\" group %d snaplen %d ", hit_print(&hit).text,
		      FLOW_LOG_GROUP, FLOW_LOG_BYTES);
	if (hit.access == ACCESS_ALWAYS_ALLOW)
		(void)fprintf(w->out, "meta mark set meta mark or 0x%02x ", MARK_ALWAYS_ALLOWED);
	(void)fprintf(w->out, "%s\n", hit.access == ACCESS_DENY ? "drop" : "return");
}

#define RULES_AT_ONCE 100 /* so that a part of the chain is not too long for one transaction */

void nft_begin_rules(const struct nft_words *w, const struct nft_rules *list)
{
	(void)fprintf(w->out, "\tchain %s {\n", list->chain);
}

void nft_end_rules(const struct nft_words *w, const struct nft_rules *list)
{
	(void)list;
	(void)fprintf(w->out, "\t}\n");
}

static void begin_rule(const struct nft_words *w, struct nft_rules *list)
{
	if (list->count && list->count % RULES_AT_ONCE == 0) {
		nft_end_rules(w, list);
		nft_begin_rules(w, list);
	}
	list->count++;
	(void)fprintf(w->out, "\t\t");
}

static void print_sides(const struct nft_words *w, const struct nft_rules *list,
			const struct security_rule *rule, bool with_ports)
{
	print_address(w, list, rule, &rule->source);
	print_address(w, list, rule, &rule->destination);
	if (with_ports) {
		print_port(w, list, rule, &rule->source);
		print_port(w, list, rule, &rule->destination);
	}
	print_end(w, list, rule);
}

void nft_print_rule(const struct nft_words *w, struct nft_rules *list,
		    const struct security_rule *rule)
{
	uint8_t number = protocol_number((enum rule_protocol)rule->protocol.value, w->family);

	if (!can_match(w, rule))
		return;
	begin_rule(w, list);
	if (number)
		(void)fprintf(w->out, "meta l4proto %u ", number);
	else if (has_ports(rule))
		(void)fprintf(w->out, "meta l4proto @s_with_ports ");
	print_sides(w, list, rule, !number || is_with_ports(rule));
	if (number || !has_ports(rule) || !means_portless(w, rule))
		return;
	begin_rule(w, list);
	(void)fprintf(w->out, "meta l4proto != @s_with_ports ");
	print_sides(w, list, rule, false);
}
