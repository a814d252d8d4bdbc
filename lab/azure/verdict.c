/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/verdict.h"

#include "lab/azure/filtering.h"
#include "lab/azure/platform.h"
#include "lab/azure/rule_set.h"

#include <stdlib.h>

/* What stands in one place of the order, made ready when the first packet meets it. */
struct layer_rules {
	struct rule_set *set; /* NULL: not yet */
	const struct security_rule **admin_rules;
};

struct security {
	const struct topology *topology;
	struct computed_tags *tags;
	struct layer_rules (*of_nsgs)[DIRECTION_COUNT];  /* in the order of the lab */
	struct layer_rules (*of_vnets)[DIRECTION_COUNT]; /* likewise: admin rules */
};

static void *allocate(size_t count, size_t size)
{
	void *items = calloc(count + 1, size);

	if (!items)
		abort();
	return items;
}

struct security *security_new(const struct fabric *fabric)
{
	struct security *security = allocate(1, sizeof(*security));
	const struct lab *lab = fabric->topology->lab;

	security->topology = fabric->topology;
	security->tags = computed_tags_new(fabric);
	security->of_nsgs =
		allocate(lab->network_security_groups.count, sizeof(*security->of_nsgs));
	security->of_vnets = allocate(lab->virtual_networks.count, sizeof(*security->of_vnets));
	return security;
}

static void layer_rules_fini(struct layer_rules *rules)
{
	rule_set_free(rules->set);
	free(rules->admin_rules);
}

void security_free(struct security *security)
{
	const struct lab *lab;

	if (!security)
		return;
	lab = security->topology->lab;
	for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
		for (size_t i = 0; i < lab->network_security_groups.count; i++)
			layer_rules_fini(&security->of_nsgs[i][direction]);
		for (size_t i = 0; i < lab->virtual_networks.count; i++)
			layer_rules_fini(&security->of_vnets[i][direction]);
	}
	free(security->of_nsgs);
	free(security->of_vnets);
	computed_tags_free(security->tags);
	free(security);
}

void security_learn(struct security *security)
{
	computed_tags_learn(security->tags);
}

/* ---- layers ---- */

/* One question, and the answer so far. */
struct asking {
	const struct security *security;
	struct filtering filtering;
	const struct platform_service *service; /* NULL: all rules count */
	struct packet_facts facts;
	struct verdict *verdict;
};

/* The place of the first rule that matches, among `count`; the count when none does. */
static size_t find_rule(const struct asking *a, struct layer_rules *layer,
			const struct security_rule *const *rules, size_t count)
{
	size_t at = 0;

	if (!a->service) {
		if (!layer->set)
			layer->set =
				rule_set_new(rules, count, a->facts.direction, a->facts.semantics);
		return rule_set_find(layer->set, &a->facts);
	}
	for (; at < count; at++) {
		struct rule_match match = rule_match(rules[at], &a->facts);

		if (platform_service_obeys(a->service, rules[at]) && rule_match_all(&match))
			break;
	}
	return at;
}

/* Does it go on behind this layer? */
static bool add_layer(struct asking *a, const struct layer_verdict *layer)
{
	struct layer_verdict *new = &a->verdict->layers[a->verdict->count++];

	*new = *layer;
	new->direction = a->facts.direction;
	a->verdict->is_allowed = layer->access != ACCESS_DENY;
	return layer->access == ACCESS_ALLOW;
}

static bool ask_admin_rules(struct asking *a)
{
	const struct vnet *vnet = a->filtering.vnet;
	struct layer_rules *layer = &a->security->of_vnets[vnet->index][a->facts.direction];
	const struct admin_rule *rules = vnet->admin_rules[a->facts.direction].items;
	size_t count = vnet->admin_rules[a->facts.direction].count, at;

	if (!a->filtering.has_admin_rules)
		return true;
	if (!layer->admin_rules) {
		layer->admin_rules = allocate(count, sizeof(*layer->admin_rules));
		for (size_t i = 0; i < count; i++)
			layer->admin_rules[i] = rules[i].rule;
	}
	at = find_rule(a, layer, layer->admin_rules, count);
	return at == count ||
	       add_layer(a, &(struct layer_verdict){
				    .layer = LAYER_ADMIN,
				    .access = (enum rule_access)rules[at].rule->access.value,
				    .collection = rules[at].collection,
				    .rule = rules[at].rule });
}

static bool ask_nsg(struct asking *a, enum verdict_layer layer, const struct nsg *nsg)
{
	const struct lab *lab = a->security->topology->lab;
	const struct rules *rules;
	size_t at;

	if (!nsg)
		return true;
	rules = &nsg->rules[a->facts.direction];
	at = find_rule(
		a,
		&a->security->of_nsgs[nsg - lab->network_security_groups.items][a->facts.direction],
		rules->items, rules->count);
	return at == rules->count ||
	       add_layer(a, &(struct layer_verdict){
				    .layer = layer,
				    .access = (enum rule_access)rules->items[at]->access.value,
				    .nsg = nsg,
				    .rule = rules->items[at] });
}

static bool drop(struct asking *a, enum platform_drop why)
{
	return add_layer(a, &(struct layer_verdict){
				    .layer = LAYER_PLATFORM, .access = ACCESS_DENY, .drop = why });
}

/* NSG-23 */
static bool ask_nsgs(struct asking *a)
{
	const struct filtering *f = &a->filtering;

	if (a->facts.direction == DIRECTION_INBOUND)
		return ask_nsg(a, LAYER_SUBNET, f->of_subnet) && ask_nsg(a, LAYER_NIC, f->of_nic);
	return ask_nsg(a, LAYER_NIC, f->of_nic) && ask_nsg(a, LAYER_SUBNET, f->of_subnet);
}

static struct packet_facts facts_of(const struct security *security, const struct interface *port,
				    enum rule_direction direction, const struct flow_tuple *tuple)
{
	return (struct packet_facts){
		.semantics = &security->topology->lab->semantics,
		.tuple = tuple,
		.direction = direction,
		.nic = port->nic,
		.source = computed_tags_look_up(security->tags, port->subnet, tuple->source),
		.destination =
			computed_tags_look_up(security->tags, port->subnet, tuple->destination),
	};
}

void security_verdict(const struct security *security, const struct interface *port,
		      enum rule_direction direction, const struct flow_tuple *tuple,
		      struct verdict *ret_verdict)
{
	struct asking a = { .security = security, .verdict = ret_verdict };
	enum platform_drop why = platform_find_drop(port, direction, tuple);

	*ret_verdict = (struct verdict){ .is_allowed = true };
	a.facts.direction = direction;
	if (why) {
		(void)drop(&a, why);
		return;
	}
	if (!filtering_of(port, direction, &a.filtering))
		return;
	a.facts = facts_of(security, port, direction, tuple);
	a.service = platform_find_service(direction, tuple);
	/* a Standard address opens nothing by itself (NSG-25) */
	if (ask_admin_rules(&a) && ask_nsgs(&a) && a.filtering.is_closed &&
	    a.facts.source.is_internet)
		(void)drop(&a, DROP_STANDARD_PIP_CLOSED);
}

struct rule_match security_match(const struct security *security, const struct interface *port,
				 enum rule_direction direction, const struct security_rule *rule,
				 const struct flow_tuple *tuple)
{
	struct packet_facts facts = facts_of(security, port, direction, tuple);

	return rule_match(rule, &facts);
}

struct prefixes security_expand_tag(const struct security *security, const struct interface *port,
				    const struct service_tag *tag)
{
	struct prefixes out = { 0 };

	if (tag->kind != TAG_PREFIXES)
		return computed_tags_expand(security->tags, port->subnet, tag->kind);
	for (size_t i = 0; i < tag->address_prefixes.count; i++)
		prefixes_add(&out, tag->address_prefixes.items[i].prefix);
	return out;
}
