/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What anybody on the Internet reaches: the verdicts of admin rules and NSGs on such packets. */
#include "lab/lint/lint_parts.h"

#include "lab/azure/rule_set.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A public address that is nobody's in particular: rules that name their clients leave it out. */
#define ANYBODY 0x2d2d2d2du /* 45.45.45.45 */

struct risk {
	uint8_t protocol;
	uint16_t port;
	enum diag_id id;
};

#define TCP(port)                                                                                  \
	{                                                                                          \
		IPPROTO_TCP, (port), DIAG_OPEN_RISK                                                \
	}
#define BOTH(port)                                                                                 \
	TCP(port),                                                                                 \
	{                                                                                          \
		IPPROTO_UDP, (port), DIAG_OPEN_RISK                                                \
	}

static const struct risk risks[] = {
	{ IPPROTO_TCP, 22, DIAG_OPEN_LOGIN },
	{ IPPROTO_TCP, 3389, DIAG_OPEN_LOGIN },
	TCP(5985),
	TCP(5986),
	/* AVNM-06, but for the two above */
	TCP(20),
	TCP(21),
	TCP(23),
	TCP(119),
	TCP(161),
	TCP(445),
	TCP(512),
	TCP(514),
	TCP(873),
	TCP(5800),
	TCP(5900),
	BOTH(111),
	BOTH(135),
	BOTH(162),
	BOTH(593),
	BOTH(2049),
	{ IPPROTO_UDP, 69, DIAG_OPEN_RISK },
	{ IPPROTO_UDP, 11211, DIAG_OPEN_RISK },
};

/* A NIC that accepts a port, and the rule that lets it. */
struct opening {
	const struct security_rule *rule;
	const struct risk *risk;
	const struct nic *nic;
};

struct exposure {
	struct lint *l;
	struct rule_set **sets; /* of NSGs' inbound rules, by place in the lab */
	struct opening *openings;
	size_t count;
};

static const struct security_rule *decide(struct exposure *e, const struct nsg *nsg,
					  const struct packet_facts *facts)
{
	const struct rules *rules = &nsg->rules[DIRECTION_INBOUND];
	struct rule_set **set = &e->sets[nsg - e->l->lab->network_security_groups.items];

	if (!*set)
		*set = rule_set_new(rules->items, rules->count, DIRECTION_INBOUND,
				    facts->semantics);
	return rules->items[rule_set_find(*set, facts)]; /* the last one denies all */
}

/* The admin rule that ends it, or NULL; of those before it Allow leaves it to NSGs (AVNM-03). */
static const struct security_rule *decide_admin(const struct vnet *vnet,
						const struct packet_facts *facts)
{
	for (size_t i = 0; i < vnet->admin_rules[DIRECTION_INBOUND].count; i++) {
		const struct security_rule *rule =
			vnet->admin_rules[DIRECTION_INBOUND].items[i].rule;
		struct rule_match match = rule_match(rule, facts);

		if (rule_match_all(&match))
			return rule->access.value == ACCESS_ALLOW ? NULL : rule;
	}
	return NULL;
}

/* The rule by which the NIC accepts it; NULL when it does not, or no NSG is asked. */
static const struct security_rule *accepts(struct exposure *e, const struct nic *nic,
					   const struct packet_facts *facts)
{
	const struct security_rule *rule = decide_admin(nic->subnet->vnet, facts);
	const struct nsg *nsgs[] = { nic->subnet->network_security_group,
				     nic->network_security_group };

	if (rule)
		return rule->access.value == ACCESS_ALWAYS_ALLOW ? rule : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(nsgs); i++) {
		const struct security_rule *by = nsgs[i] ? decide(e, nsgs[i], facts) : NULL;

		if (by && by->access.value == ACCESS_DENY)
			return NULL;
		/* of two the one that somebody wrote */
		if (by && (!rule || nsg_is_default(rule)))
			rule = by;
	}
	return rule;
}

/* Is everybody VirtualNetwork, by the route table (NSG-29, B-2)? */
static bool is_tag_everybody(const struct lab *lab, const struct nic *nic)
{
	const struct route_table *table = nic->subnet->route_table;

	for (size_t i = 0; table && i < table->routes.count; i++)
		if (lint_is_default(&table->routes.items[i]) &&
		    (lab->semantics.user_routes_in_tag.value == USER_ROUTES_ALL ||
		     table->routes.items[i].type == NEXT_HOP_VIRTUAL_APPLIANCE))
			return true;
	return false;
}

/* A new flow from anybody to the NIC. */
static struct packet_facts facts_of(const struct lint *l, const struct nic *nic,
				    const struct flow_tuple *tuple)
{
	bool is_everybody = is_tag_everybody(l->lab, nic);

	return (struct packet_facts){
		.semantics = &l->lab->semantics,
		.tuple = tuple,
		.direction = DIRECTION_INBOUND,
		.nic = nic,
		.source = { .is_virtual_network = is_everybody,
			    .is_internet = !is_everybody || l->lab->semantics.internet_tag.value ==
								    INTERNET_TAG_WHOLE },
		.destination = { .is_virtual_network = true },
	};
}

static void check_ports(struct exposure *e, const struct nic *nic)
{
	for (size_t i = 0; i < ARRAY_SIZE(risks); i++) {
		const struct flow_tuple tuple = { .source = ip4(ANYBODY),
						  .destination = nic->ip,
						  .protocol = risks[i].protocol,
						  .source_port = 50000,
						  .destination_port = risks[i].port };
		const struct packet_facts facts = facts_of(e->l, nic, &tuple);
		const struct security_rule *rule = accepts(e, nic, &facts);

		if (rule && !nsg_is_default(rule))
			*ARENA_PUSH(e->l->arena, e->openings, e->count) =
				(struct opening){ rule, &risks[i], nic };
	}
}

/* A port that no rule names: what is allowed there is allowed by chance (NSG-29). */
static void check_tag(struct exposure *e, const struct nic *nic)
{
	const struct flow_tuple tuple = { .source = ip4(ANYBODY),
					  .destination = nic->ip,
					  .protocol = IPPROTO_TCP,
					  .source_port = 50000,
					  .destination_port = 1 };
	const struct packet_facts facts = facts_of(e->l, nic, &tuple);
	const struct security_rule *rule;
	struct diag *diag;

	if (!facts.source.is_virtual_network)
		return;
	rule = accepts(e, nic, &facts);
	if (!rule || !nsg_is_default(rule))
		return;
	diag = diag_add(e->l->diags, DIAG_DEFAULT_ROUTE_TAG, nic->public_ip_address_ref.pos,
			"'%s' has public address '%s', and its route for 0.0.0.0/0 makes the "
			"Internet VirtualNetwork: %s lets all of it in",
			nic->vm->object.name, nic->public_ip_address->object.name,
			rule->object.name);
	diag->also = nic->subnet->route_table_ref.pos;
	diag_hint(e->l->diags, diag, "allow what is wanted, and deny * -> * behind it");
}

static void check_unguarded(struct lint *l, const struct nic *nic)
{
	bool is_basic = nic->public_ip_address->sku.value == PUBLIC_IP_BASIC;
	struct diag *diag;

	if (nic->network_security_group || nic->subnet->network_security_group)
		return;
	if (!is_basic && nic->vm->is_nva)
		return; /* its own connections, tunnels too, begin at it */
	diag = diag_add(l->diags, DIAG_PUBLIC_WITHOUT_NSG, nic->public_ip_address_ref.pos,
			"'%s' has public address '%s' and no NSG: of the %s SKU, all its ports are "
			"%s",
			nic->vm->object.name, nic->public_ip_address->object.name,
			is_basic ? "Basic" : "Standard", is_basic ? "open" : "closed");
	diag_hint(l->diags, diag, "give its subnet a network_security_group");
}

/* ---- what is open, a finding a rule ---- */

static int compare_openings(const void *a, const void *b)
{
	const struct opening *one = a, *other = b;

	if (one->rule != other->rule)
		return one->rule < other->rule ? -1 : 1;
	if (one->risk->id != other->risk->id)
		return one->risk->id < other->risk->id ? -1 : 1;
	if (one->risk != other->risk)
		return one->risk < other->risk ? -1 : 1;
	return (one->nic > other->nic) - (one->nic < other->nic);
}

/* "tcp/22, tcp/3389 and 3 more" */
static void print_ports(const struct opening *openings, size_t count, char *text, size_t size)
{
	const struct risk *last = NULL;
	size_t used = 0, shown = 0;

	for (size_t i = 0; i < count; i++) {
		if (openings[i].risk == last)
			continue;
		last = openings[i].risk;
		if (++shown > 4 || used >= size)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s/%u", used ? ", " : "",
					 last->protocol == IPPROTO_TCP ? "tcp" : "udp", last->port);
	}
	if (shown > 4 && used < size)
		(void)snprintf(text + used, size - used, " and %zu more", shown - 4);
}

static size_t count_nics(const struct opening *openings, size_t count)
{
	size_t nics = 0;

	for (size_t i = 0; i < count && openings[i].risk == openings->risk; i++)
		nics++;
	return nics;
}

static void say_open(struct lint *l, const struct opening *openings, size_t count)
{
	const struct opening *first = openings;
	size_t others = count_nics(openings, count) - 1;
	char ports[120] = "", more[40] = "";
	struct diag *diag;

	print_ports(openings, count, ports, sizeof(ports));
	if (others)
		(void)snprintf(more, sizeof(more), " and %zu other%s", others,
			       others == 1 ? "" : "s");
	diag = diag_add(l->diags, first->risk->id, lint_rule_pos(first->rule),
			"rule '%s': '%s'%s accept%s %s from all of the Internet",
			first->rule->object.name, first->nic->vm->object.name, more,
			others ? "" : "s", ports);
	diag->also = first->nic->public_ip_address_ref.pos;
	diag_hint(l->diags, diag, "name who may come as its source, or come by a VPN");
}

static void say_openings(struct exposure *e)
{
	if (e->count)
		qsort(e->openings, e->count, sizeof(*e->openings), compare_openings);
	for (size_t first = 0, end; first < e->count; first = end) {
		for (end = first; end < e->count &&
				  e->openings[end].rule == e->openings[first].rule &&
				  e->openings[end].risk->id == e->openings[first].risk->id;)
			end++;
		say_open(e->l, &e->openings[first], end - first);
	}
}

/* ---- what one of two NSGs opens, and the other does not ---- */

/* Two NSGs in the way of a NIC, and whether the Internet is. */
struct pair {
	const struct nsg *nsgs[2];
	bool is_public;
	const struct nic *nic;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *one = a, *other = b;

	for (size_t i = 0; i < ARRAY_SIZE(one->nsgs); i++)
		if (one->nsgs[i] != other->nsgs[i])
			return one->nsgs[i] < other->nsgs[i] ? -1 : 1;
	if (one->is_public != other->is_public)
		return one->is_public ? 1 : -1;
	return (one->nic > other->nic) - (one->nic < other->nic);
}

static struct pair *find_pairs(struct lint *l, size_t *ret_count)
{
	struct pair *pairs = NULL;
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < l->nic_count; i++) {
		const struct nic *nic = l->nics[i];
		const struct nsg *of_subnet = nic->subnet->network_security_group;

		if (of_subnet && nic->network_security_group &&
		    of_subnet != nic->network_security_group)
			*ARENA_PUSH(l->arena, pairs, count) =
				(struct pair){ { of_subnet, nic->network_security_group },
					       nic->public_ip_address,
					       nic };
	}
	if (count)
		qsort(pairs, count, sizeof(*pairs), compare_pairs);
	for (size_t i = 0; i < count; i++)
		if (!kept ||
		    memcmp(pairs[i].nsgs, pairs[kept - 1].nsgs, sizeof(pairs->nsgs)) != 0 ||
		    pairs[i].is_public != pairs[kept - 1].is_public)
			pairs[kept++] = pairs[i];
	*ret_count = kept;
	return pairs;
}

/* A packet that a rule opens the way for; false when no one packet stands for it. */
static bool packet_of(const struct security_rule *rule, const struct pair *pair,
		      struct flow_tuple *ret_tuple, bool *ret_is_internet)
{
	const struct rule_side *source = &rule->source, *destination = &rule->destination;
	static const uint8_t protocols[] = {
		[PROTOCOL_ANY] = IPPROTO_TCP, [PROTOCOL_TCP] = IPPROTO_TCP,
		[PROTOCOL_UDP] = IPPROTO_UDP, [PROTOCOL_ICMP] = IPPROTO_ICMP,
		[PROTOCOL_ESP] = IPPROTO_ESP, [PROTOCOL_AH] = IPPROTO_AH
	};
	bool is_tag = source->tag && source->tag->kind != TAG_PREFIXES;

	if (source->prefixes.count || source->groups.count || source->ports.count ||
	    (source->tag && !is_tag) || destination->prefixes.count || destination->groups.count ||
	    destination->tag)
		return false;
	*ret_is_internet = source->tag ? source->tag->kind == TAG_INTERNET : pair->is_public;
	*ret_tuple = (struct flow_tuple){
		.source = *ret_is_internet ? ip4(ANYBODY) : subnet_router_ip(pair->nic->subnet),
		.destination = pair->nic->ip,
		.protocol = protocols[rule->protocol.value],
		.source_port = 50000,
		.destination_port =
			destination->ports.count ? destination->ports.items[0].first : 1,
	};
	return !*ret_is_internet || pair->is_public;
}

static void check_opened(struct exposure *e, const struct pair *pair,
			 const struct security_rule *rule, size_t other)
{
	const struct security_rule *by;
	struct packet_facts facts;
	struct flow_tuple tuple;
	struct diag *diag;
	bool is_internet;

	if (rule->direction.value != DIRECTION_INBOUND || rule->access.value != ACCESS_ALLOW ||
	    !packet_of(rule, pair, &tuple, &is_internet) || !lint_may_work(e->l, 20))
		return;
	facts = facts_of(e->l, pair->nic, &tuple);
	facts.source.is_internet = is_internet;
	facts.source.is_virtual_network = facts.source.is_virtual_network || !is_internet;
	by = decide(e, pair->nsgs[other], &facts);
	/* what somebody denies there is meant; what nobody opened may be forgotten */
	if (decide(e, pair->nsgs[!other], &facts) != rule || !nsg_is_default(by) ||
	    by->access.value != ACCESS_DENY || lint_is_said(e->l, rule, pair->nsgs[other]))
		return;
	diag = diag_add(e->l->diags, DIAG_TWO_NSGS, lint_rule_pos(rule),
			"rule '%s' opens what NSG '%s' of the %s of '%s' does not: both are asked",
			rule->object.name, pair->nsgs[other]->object.name, other ? "NIC" : "subnet",
			pair->nic->vm->object.name);
	diag->also = other ? pair->nic->network_security_group_ref.pos
			   : pair->nic->subnet->network_security_group_ref.pos;
	diag_hint(e->l->diags, diag, "add the rule there, or leave the machine one NSG");
}

static void check_pairs(struct exposure *e)
{
	size_t count;
	const struct pair *pairs = find_pairs(e->l, &count);

	for (size_t i = 0; i < count; i++)
		for (size_t own = 0; own < ARRAY_SIZE(pairs->nsgs); own++) {
			const struct nsg *nsg = pairs[i].nsgs[own];

			for (size_t n = 0; n < nsg->security_rules.count; n++)
				check_opened(e, &pairs[i], &nsg->security_rules.items[n], !own);
		}
}

/* ---- what will be open with the first public address ---- */

static bool is_login_port(const struct rule_side *side)
{
	static const uint16_t ports[] = { 22, 3389, 5985, 5986 };

	for (size_t i = 0; i < side->ports.count; i++)
		for (size_t n = 0; n < ARRAY_SIZE(ports); n++)
			if (side->ports.items[i].first <= ports[n] &&
			    side->ports.items[i].last >= ports[n])
				return true;
	return false;
}

static bool is_anybody(const struct rule_side *side)
{
	if (side->groups.count)
		return false;
	for (size_t i = 0; i < side->prefixes.count; i++)
		if (!side->prefixes.items[i].prefix.len)
			return true;
	return !side->prefixes.count && (!side->tag || side->tag->kind == TAG_INTERNET);
}

static bool is_open_now(const struct exposure *e, const struct security_rule *rule)
{
	size_t first = 0, end = e->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (e->openings[middle].rule < rule)
			first = middle + 1;
		else
			end = middle;
	}
	return first < e->count && e->openings[first].rule == rule;
}

static void check_rule(struct exposure *e, const struct security_rule *rule)
{
	struct diag *diag;

	if (rule->direction.value != DIRECTION_INBOUND || rule->access.value != ACCESS_ALLOW ||
	    (rule->protocol.value != PROTOCOL_TCP && rule->protocol.value != PROTOCOL_ANY) ||
	    !is_anybody(&rule->source) || !is_login_port(&rule->destination) ||
	    is_open_now(e, rule))
		return;
	diag = diag_add(e->l->diags, DIAG_OPEN_SOON, lint_rule_pos(rule),
			"rule '%s' lets anybody in to log in", rule->object.name);
	diag_hint(e->l->diags, diag, "name who may come as its source");
}

void lint_exposure(struct lint *l)
{
	struct exposure e = { .l = l };
	size_t count = l->lab->network_security_groups.count;

	e.sets = arena_alloc(l->arena, (count + 1) * sizeof(struct rule_set *));
	for (size_t i = 0; i < l->nic_count; i++) {
		if (!l->nics[i]->public_ip_address)
			continue;
		check_unguarded(l, l->nics[i]);
		check_ports(&e, l->nics[i]);
		check_tag(&e, l->nics[i]);
	}
	say_openings(&e);
	check_pairs(&e);
	for (size_t i = 0; i < count; i++) {
		const struct nsg *nsg = &l->lab->network_security_groups.items[i];

		for (size_t n = 0; n < nsg->security_rules.count; n++)
			check_rule(&e, &nsg->security_rules.items[n]);
		rule_set_free(e.sets[i]);
	}
}
