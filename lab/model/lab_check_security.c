/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security rules, and the groups they stand in or name. */
#include "lab/model/lab_check_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PORT_LAST 65535

/* A rule that is being read, and how messages call it. */
struct reading {
	struct check *c;
	struct security_rule *rule;
	const char *owner;
	bool is_admin;
	bool has_any[2];      /* the source, the destination: names anyone, */
	bool has_any_port[2]; /* or any port */
	struct src_pos pos;   /* of what is being read */
};

static PRINTF(2, 3) struct diag *complain(struct reading *r, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return diag_add(r->c->diags, DIAG_SECURITY_RULE, r->pos, "%s: %s", r->owner, text);
}

/* ---- one side of a rule ---- */

static bool is_destination(const struct reading *r, const struct rule_side *side)
{
	return side == &r->rule->destination;
}

static const char *side_name(const struct reading *r, const struct rule_side *side)
{
	return is_destination(r, side) ? "destination" : "source";
}

static bool is_any(const char *text)
{
	return !strcmp(text, "*") || !strcasecmp(text, "Any");
}

static bool read_port(const char *text, unsigned len, uint16_t *ret_port)
{
	char digits[8], *end;
	unsigned long port;

	if (!len || len >= sizeof(digits))
		return false;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)len, text);
	port = strtoul(digits, &end, 10);
	*ret_port = (uint16_t)port;
	return *digits >= '0' && *digits <= '9' && !*end && port <= PORT_LAST;
}

/* 80, 8000-8100; none for all of them. */
static void read_ports(struct reading *r, struct rule_side *side, const char *text)
{
	struct port_range range;
	size_t len = strcspn(text, "-");

	if (is_any(text)) {
		r->has_any_port[is_destination(r, side)] = true;
		return;
	}
	if (!read_port(text, (unsigned)len, &range.first) ||
	    !read_port(text[len] ? text + len + 1 : text,
		       (unsigned)strlen(text[len] ? text + len + 1 : text), &range.last) ||
	    range.first > range.last) {
		complain(r, "'%.80s' is no port, and no range of ports", text);
		return;
	}
	if (!range.first && range.last == PORT_LAST)
		r->has_any_port[is_destination(r, side)] = true;
	else
		*ARENA_PUSH(r->c->lab->arena, side->ports.items, side->ports.count) = range;
}

static void add_group(struct reading *r, struct rule_side *side, const struct asg *group)
{
	if (r->is_admin)
		complain(r,
			 "a security admin rule names prefixes or a service tag, and '%s' is an "
			 "ASG (AVNM-02)",
			 group->object.name);
	for (size_t i = 0; i < side->groups.count; i++)
		if (side->groups.items[i] == group) {
			complain(r, "'%s' stands twice on a side", group->object.name);
			return;
		}
	*ARENA_PUSH(r->c->lab->arena, side->groups.items, side->groups.count) = group;
}

static void add_prefix(struct reading *r, struct rule_side *side, struct prefix prefix)
{
	struct space *space;

	if (!prefix_is_network(prefix)) {
		struct diag *diag = diag_add(r->c->diags, DIAG_HOST_BITS, r->pos,
					     "%s: '%s' has bits set behind its length", r->owner,
					     prefix_print(prefix).text);

		diag_hint(r->c->diags, diag, "the network is %s",
			  prefix_print(prefix_of(prefix.addr, prefix.len)).text);
		return;
	}
	space = ARENA_PUSH(r->c->lab->arena, side->prefixes.items, side->prefixes.count);
	*space = (struct space){ prefix, r->pos };
}

static const struct service_tag *find_tag_of_rules(struct lab *lab, const char *name)
{
	const struct service_tag *tag = tag_find_computed(name);

	return tag ? tag : find_service_tag(lab, name);
}

/* One of several ways to say whom the rule means. */
static void read_address(struct reading *r, struct rule_side *side, const char *text)
{
	const struct asg *group = lab_name_find(r->c->lab, NAME_ASG, text);
	const struct service_tag *tag;
	struct prefix prefix;
	struct ip ip;

	if (ip_parse(text, &ip)) {
		add_prefix(r, side, prefix_host(ip));
	} else if (prefix_parse(text, &prefix)) {
		if (prefix.len || prefix.addr.family == IP_V6)
			add_prefix(r, side, prefix);
		else
			r->has_any[is_destination(r, side)] = true;
	} else if (group) {
		add_group(r, side, group);
	} else if (is_any(text)) {
		r->has_any[is_destination(r, side)] = true;
	} else {
		tag = find_tag_of_rules(r->c->lab, text);
		if (!tag)
			unknown_tag(r->c, r->pos, r->owner, text);
		else if (side->tag)
			complain(r, "one service tag at most on a side (NSG-06)");
		else
			side->tag = tag;
	}
}

/* NSG-06, NSG-07: what a side means is of one kind. */
static void check_side(struct reading *r, const struct rule_side *side)
{
	bool is_one = side->tag || side->prefixes.count || side->groups.count;
	bool is_any = r->has_any[is_destination(r, side)];
	bool is_any_port = r->has_any_port[is_destination(r, side)];

	if ((is_any && is_one) || (is_any_port && side->ports.count))
		complain(r,
			 "SecurityRuleParameterContainsUnsupportedValue: %s: '*' is anyone, or "
			 "any port, and stands alone (NSG-05)",
			 side_name(r, side));
	if ((side->tag != NULL) + (side->prefixes.count > 0) + (side->groups.count > 0) > 1)
		complain(r,
			 "SecurityRuleParameterContainsUnsupportedValue: %s: a side names "
			 "prefixes, or a service tag, or ASGs (NSG-06, NSG-07)",
			 side_name(r, side));
}

/* A list with commas. */
static void read_list(struct reading *r, struct rule_side *side, char *text,
		      void (*read)(struct reading *r, struct rule_side *side, const char *text))
{
	char *rest = text, *word;

	while ((word = strsep(&rest, ",")))
		read(r, side, word);
}

/* ADDRESSES[:PORTS], where IPv6 stands in brackets. */
static void read_side(struct reading *r, struct rule_side *side, char *text)
{
	char *colon = NULL, *out = text;
	bool is_inside = false;

	for (const char *at = text; *at; at++) {
		if (*at == '[' || *at == ']') {
			is_inside = *at == '[';
			continue;
		}
		if (*at == ':' && !is_inside) {
			if (colon) {
				diag_hint(r->c->diags, complain(r, "two ':' in one side"),
					  "IPv6 stands in brackets: [2001:db8::/32]:443");
				return;
			}
			colon = out;
		}
		*out++ = *at;
	}
	*out = '\0';
	if (colon)
		*colon++ = '\0';
	read_list(r, side, text, read_address);
	if (colon)
		read_list(r, side, colon, read_ports);
}

/* ---- a rule ---- */

static void choose(struct reading *r, struct choice *choice, const struct choice_name *names,
		   const char *what, const char *text)
{
	const char *all[8], *near;
	struct diag *diag;
	size_t count = 0;

	for (; names->name; names++) {
		all[count++] = names->name;
		if (strcasecmp(names->name, text) != 0)
			continue;
		*choice = (struct choice){ .value = names->value, .pos = r->pos };
		return;
	}
	diag = complain(r, "'%.40s' is no %s", text, what);
	near = nearest_word(text, all, count);
	if (near)
		diag_hint(r->c->diags, diag, "did you mean '%s'?", near);
}

#define LINE_WORDS 7

/* PRIORITY DIRECTION ACCESS PROTOCOL SOURCE -> DESTINATION */
static void read_line(struct reading *r, const struct choice_name *accesses)
{
	struct security_rule *rule = r->rule;
	char *copy = arena_strdup(r->c->lab->arena, rule->rule.value), *rest = copy, *word, *end;
	char *words[LINE_WORDS + 1];
	size_t count = 0;

	r->pos = rule->rule.pos;
	while (count < ARRAY_SIZE(words) && (word = strtok_r(rest, " \t\n", &rest)))
		words[count++] = word;
	if (count != LINE_WORDS || strcmp(words[5], "->") != 0) {
		diag_hint(r->c->diags,
			  complain(r, "a rule in one line is PRIORITY DIRECTION ACCESS PROTOCOL "
				      "SOURCE[:PORTS] -> DESTINATION[:PORTS]"),
			  "for example: 300 Inbound Allow Tcp 203.0.113.7 -> *:22");
		return;
	}
	rule->priority = (struct number){ .value = strtod(words[0], &end), .pos = r->pos };
	if (strspn(words[0], "0123456789.") != strlen(words[0]) || *end) {
		complain(r, "'%.40s' is no priority", words[0]);
		rule->priority = (struct number){ .is_refused = true };
	}
	choose(r, &rule->direction, rule_direction_names, "direction", words[1]);
	choose(r, &rule->access, accesses, "access", words[2]);
	choose(r, &rule->protocol, rule_protocol_names, "protocol", words[3]);
	read_side(r, &rule->source, words[4]);
	read_side(r, &rule->destination, words[6]);
}

static struct src_pos pos_of(const struct text_list *list)
{
	return list->count ? list->items[0].pos : (struct src_pos){ 0 };
}

/* What the line says stands nowhere else. */
static void refuse_keys(struct reading *r)
{
	const struct security_rule *rule = r->rule;
	const struct {
		const char *key;
		struct src_pos pos;
	} keys[] = {
		{ "priority", rule->priority.pos },
		{ "direction", rule->direction.pos },
		{ "access", rule->access.pos },
		{ "protocol", rule->protocol.pos },
		{ "source_address_prefixes", pos_of(&rule->source_address_prefixes) },
		{ "source_port_ranges", pos_of(&rule->source_port_ranges) },
		{ "source_application_security_groups",
		  pos_of(&rule->source_application_security_groups) },
		{ "destination_address_prefixes", pos_of(&rule->destination_address_prefixes) },
		{ "destination_port_ranges", pos_of(&rule->destination_port_ranges) },
		{ "destination_application_security_groups",
		  pos_of(&rule->destination_application_security_groups) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		r->pos = keys[i].pos;
		if (r->pos.line)
			complain(r, "'%s' stands in the line of 'rule'", keys[i].key)->also =
				rule->rule.pos;
	}
}

static void read_texts(struct reading *r, struct rule_side *side, const struct text_list *texts,
		       void (*read)(struct reading *r, struct rule_side *side, const char *text))
{
	for (size_t i = 0; i < texts->count; i++) {
		r->pos = texts->items[i].pos;
		read(r, side, texts->items[i].value);
	}
}

static void read_group(struct reading *r, struct rule_side *side, const char *text)
{
	const struct asg *group = lab_name_find(r->c->lab, NAME_ASG, text);
	struct ref ref = { text, r->pos };

	if (group) {
		add_group(r, side, group);
	} else {
		NAME_LIST(names, r->c->lab->application_security_groups);
		unknown_name(r->c, &ref, "application security group", &names);
	}
}

static void lacks(struct reading *r, const char *key)
{
	diag_add(r->c->diags, DIAG_MISSING_KEY, r->rule->object.pos, "%s: '%s' is missing",
		 r->owner, key);
}

static void read_keys(struct reading *r)
{
	struct security_rule *rule = r->rule;

	read_texts(r, &rule->source, &rule->source_address_prefixes, read_address);
	read_texts(r, &rule->source, &rule->source_application_security_groups, read_group);
	read_texts(r, &rule->source, &rule->source_port_ranges, read_ports);
	read_texts(r, &rule->destination, &rule->destination_address_prefixes, read_address);
	read_texts(r, &rule->destination, &rule->destination_application_security_groups,
		   read_group);
	read_texts(r, &rule->destination, &rule->destination_port_ranges, read_ports);
	if (!rule->priority.pos.line)
		lacks(r, "priority");
	if (!rule->direction.pos.line && !rule->direction.is_refused)
		lacks(r, "direction");
	if (!rule->access.pos.line && !rule->access.is_refused)
		lacks(r, "access");
	if (!rule->protocol.pos.line && !rule->protocol.is_refused)
		lacks(r, "protocol");
}

void check_security_rule(struct check *c, struct security_rule *rule, bool is_admin)
{
	unsigned first = is_admin ? ADMIN_PRIORITY_FIRST : PRIORITY_FIRST;
	struct reading r = {
		.c = c,
		.rule = rule,
		.owner = arena_printf(c->lab->arena, "rule '%s'", rule->object.name),
		.is_admin = is_admin,
		.pos = rule->object.pos,
	};

	if (rule->rule.value) {
		refuse_keys(&r);
		read_line(&r, is_admin ? admin_access_names : rule_access_names);
	} else {
		read_keys(&r);
	}
	r.pos = rule->rule.value ? rule->rule.pos : rule->object.pos;
	check_side(&r, &rule->source);
	check_side(&r, &rule->destination);
	if (rule->priority.pos.line && !rule->priority.is_refused &&
	    (rule->priority.value < first || rule->priority.value > PRIORITY_LAST ||
	     rule->priority.value != (double)(unsigned)rule->priority.value))
		diag_add(c->diags, DIAG_SECURITY_RULE, rule->priority.pos,
			 "SecurityRuleInvalidPriority: Security rule has invalid Priority. Value "
			 "provided: %.15g Allowed range %u-%d. (%s)",
			 rule->priority.value, first, PRIORITY_LAST,
			 is_admin ? "AVNM-02" : "NSG-02");
}

/* ---- network security groups ---- */

static int by_priority(const void *a, const void *b)
{
	const struct security_rule *const *x = a, *const *y = b;
	double by = (*x)->priority.value - (*y)->priority.value;

	return by ? (by > 0) - (by < 0) : (*x > *y) - (*x < *y); /* ties are findings */
}

static void sort_rules(struct check *c, struct nsg *nsg, enum rule_direction direction)
{
	struct rules *rules = &nsg->rules[direction];

	for (size_t i = 0; i < nsg->security_rules.count; i++)
		if (nsg->security_rules.items[i].direction.value == (int)direction)
			*ARENA_PUSH(c->lab->arena, rules->items, rules->count) =
				&nsg->security_rules.items[i];
	if (rules->count)
		qsort((void *)rules->items, rules->count, sizeof(*rules->items), by_priority);
	for (size_t i = 1; i < rules->count; i++)
		if (rules->items[i]->priority.value == rules->items[i - 1]->priority.value &&
		    !rules->items[i]->priority.is_refused && rules->items[i]->priority.pos.line)
			diag_add(c->diags, DIAG_RULE_CONFLICT, rules->items[i]->object.pos,
				 "SecurityRuleConflict: Security rule %s conflicts with rule %s. "
				 "Rules cannot have the same Priority and Direction. (NSG-03)",
				 rules->items[i]->object.name, rules->items[i - 1]->object.name)
				->also = rules->items[i - 1]->object.pos;
	for (size_t i = 0; i < NSG_DEFAULT_RULES; i++)
		if (nsg_default_rules[i].direction.value == (int)direction)
			*ARENA_PUSH(c->lab->arena, rules->items, rules->count) =
				&nsg_default_rules[i];
}

struct nsg *resolve_nsg(struct check *c, const struct ref *ref)
{
	struct nsg *nsg = ref->name ? lab_name_find(c->lab, NAME_NSG, ref->name) : NULL;

	if (ref->name && !nsg) {
		NAME_LIST(names, c->lab->network_security_groups);
		unknown_name(c, ref, "network security group", &names);
	}
	return nsg;
}

static void check_nsg(struct check *c, struct nsg *nsg)
{
	for (size_t i = 0; i < nsg->security_rules.count; i++)
		check_security_rule(c, &nsg->security_rules.items[i], false);
	for (int direction = 0; direction < DIRECTION_COUNT; direction++)
		sort_rules(c, nsg, (enum rule_direction)direction);
}

void check_security(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->application_security_groups.count; i++)
		lab_name_add(lab, NAME_ASG, lab->application_security_groups.items[i].object.name,
			     &lab->application_security_groups.items[i]);
	for (size_t i = 0; i < lab->network_security_groups.count; i++) {
		struct nsg *nsg = &lab->network_security_groups.items[i];

		lab_name_add(lab, NAME_NSG, nsg->object.name, nsg);
		check_nsg(c, nsg);
	}
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		for (size_t n = 0; n < vnet->subnets.count; n++) {
			struct subnet *subnet = &vnet->subnets.items[n];

			subnet->network_security_group =
				resolve_nsg(c, &subnet->network_security_group_ref);
			check_nsg_of_subnet(c, subnet);
		}
	}
}

void check_security_of_nic(struct check *c, struct nic *nic)
{
	nic->network_security_group = resolve_nsg(c, &nic->network_security_group_ref);
	check_groups_of_nic(c, nic);
}
