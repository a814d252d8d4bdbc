/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What filters at a NIC: its rules, and what becomes of one packet. */
#include "lab/snapshot/fill.h"

#include "lab/snapshot/rule_words.h"

#include <stdlib.h>
#include <string.h>

/* Whose words are filled in. */
struct filling {
	const struct security *security;
	const struct lab *lab;
	const char *file;
	const struct nic *nic;
	const struct interface *port;
	struct arena *arena;
};

static void add_text(struct arena *arena, struct texts *texts, const char *text)
{
	*ARENA_PUSH(arena, texts->items, texts->count) = text;
}

static const char *subnet_name(const struct filling *f)
{
	return arena_printf(f->arena, "%s/%s", f->nic->subnet->vnet->object.name,
			    f->nic->subnet->object.name);
}

/* ---- rules ---- */

static const char *kind_of(const struct security_rule *rule, enum verdict_layer layer)
{
	return layer == LAYER_ADMIN ? "admin" : nsg_is_default(rule) ? "default" : "user";
}

static struct snapshot_rule rule_of(const struct filling *f, const struct security_rule *rule,
				    enum verdict_layer layer)
{
	struct snapshot_rule out = {
		.name = rule->object.name,
		.kind = kind_of(rule, layer),
		.direction = choice_name(rule_direction_names, rule->direction.value),
		.access = choice_name(admin_access_names, rule->access.value),
		.protocol = choice_name(rule_protocol_names, rule->protocol.value),
		.priority = (int64_t)rule->priority.value,
		.place = snapshot_place(rule->object.pos, f->file, f->arena),
	};

	rule_side_fill(&rule->source, &out.source, &out.source_ports, f->arena);
	rule_side_fill(&rule->destination, &out.destination, &out.destination_ports, f->arena);
	return out;
}

/* ---- what names in rules stand for ---- */

static bool is_expanded(const struct snapshot_nsg *out, const char *name)
{
	for (size_t i = 0; i < out->expansions.count; i++)
		if (!strcmp(out->expansions.items[i].name, name))
			return true;
	return false;
}

static struct snapshot_expansion *new_expansion(const struct filling *f, struct snapshot_nsg *out,
						const char *name, const char *kind)
{
	struct snapshot_expansion *expansion =
		ARENA_PUSH(f->arena, out->expansions.items, out->expansions.count);

	expansion->name = name;
	expansion->kind = kind;
	return expansion;
}

static void add_prefix(const struct filling *f, struct snapshot_expansion *to, struct prefix prefix)
{
	add_text(f->arena, &to->prefixes, arena_strdup(f->arena, prefix_print(prefix).text));
}

static void expand_tag(const struct filling *f, const struct service_tag *tag,
		       struct snapshot_nsg *out)
{
	struct prefixes prefixes = security_expand_tag(f->security, f->port, tag);
	struct snapshot_expansion *expansion = new_expansion(f, out, tag->object.name, "tag");

	for (size_t i = 0; i < prefixes.count; i++)
		add_prefix(f, expansion, prefixes.items[i]);
	free(prefixes.items);
}

/* ASG-01: the addresses of its members. */
static void expand_group(const struct filling *f, const struct asg *group, struct snapshot_nsg *out)
{
	struct snapshot_expansion *expansion = new_expansion(f, out, group->object.name, "asg");

	for (size_t i = 0; i < group->members.count; i++) {
		const struct nic *member = group->members.items[i];

		add_prefix(f, expansion, prefix_host(member->ip));
		for (size_t n = 0; n < member->more.count; n++)
			add_prefix(f, expansion, prefix_host(member->more.items[n]));
	}
}

static void expand_side(const struct filling *f, const struct rule_side *side,
			struct snapshot_nsg *out)
{
	if (side->tag && !is_expanded(out, side->tag->object.name))
		expand_tag(f, side->tag, out);
	for (size_t i = 0; i < side->groups.count; i++)
		if (!is_expanded(out, side->groups.items[i]->object.name))
			expand_group(f, side->groups.items[i], out);
}

/* ---- effective rules ---- */

static struct snapshot_filter *new_filter(const struct filling *f, struct snapshot_nsg *out,
					  enum verdict_layer layer, const char *resource,
					  const char *applied_to)
{
	struct snapshot_filter *filter =
		ARENA_PUSH(f->arena, out->filters.items, out->filters.count);

	filter->layer = verdict_layer_name(layer);
	filter->resource = resource;
	filter->applied_to = applied_to;
	return filter;
}

static void add_rule(const struct filling *f, const struct security_rule *rule,
		     enum verdict_layer layer, struct snapshot_filter *filter,
		     struct snapshot_nsg *out)
{
	*ARENA_PUSH(f->arena, filter->rules.items, filter->rules.count) = rule_of(f, rule, layer);
	expand_side(f, &rule->source, out);
	expand_side(f, &rule->destination, out);
}

static void fill_nsg(const struct filling *f, const struct nsg *nsg, enum verdict_layer layer,
		     const char *applied_to, struct snapshot_nsg *out)
{
	struct snapshot_filter *filter;

	if (!nsg)
		return;
	filter = new_filter(f, out, layer, nsg->object.name, applied_to);
	for (int direction = 0; direction < DIRECTION_COUNT; direction++)
		for (size_t i = 0; i < nsg->rules[direction].count; i++)
			add_rule(f, nsg->rules[direction].items[i], layer, filter, out);
}

/* AVNM-01: those of its virtual network, by collection. */
static void fill_admin(const struct filling *f, struct snapshot_nsg *out)
{
	const struct vnet *vnet = f->nic->subnet->vnet;

	for (int direction = 0; direction < DIRECTION_COUNT; direction++)
		for (size_t i = 0; i < vnet->admin_rules[direction].count; i++) {
			const struct admin_rule *rule = &vnet->admin_rules[direction].items[i];
			const char *name = rule->collection->object.name;
			struct snapshot_filter *filter = NULL;

			for (size_t n = 0; n < out->filters.count && !filter; n++)
				if (!strcmp(out->filters.items[n].resource, name))
					filter = &out->filters.items[n];
			if (!filter)
				filter = new_filter(f, out, LAYER_ADMIN, name, vnet->object.name);
			add_rule(f, rule->rule, LAYER_ADMIN, filter, out);
		}
}

void snapshot_fill_nsg(const struct security *security, const struct lab *lab, const char *file,
		       const struct nic *nic, const struct interface *port,
		       struct snapshot_nsg *out, struct arena *arena)
{
	struct filling f = { security, lab, file, nic, port, arena };

	out->lab = lab->name.value;
	out->nic = nic->object.name;
	out->vm = nic->vm->object.name;
	out->subnet = subnet_name(&f);
	add_text(arena, &out->addresses, arena_strdup(arena, ip_print(nic->ip).text));
	for (size_t i = 0; i < nic->more.count; i++)
		add_text(arena, &out->addresses,
			 arena_strdup(arena, ip_print(nic->more.items[i]).text));
	fill_admin(&f, out);
	fill_nsg(&f, nic->subnet->network_security_group, LAYER_SUBNET, out->subnet, out);
	fill_nsg(&f, nic->network_security_group, LAYER_NIC, nic->object.name, out);
}

/* ---- one packet ---- */

static void because(const struct filling *f, struct snapshot_verdict_layer *out, struct ip ip,
		    const char *name, const char *what)
{
	add_text(f->arena, &out->expansions,
		 arena_printf(f->arena, "%s is in %s: %s", ip_print(ip).text, name, what));
	out->expanded_from = name;
}

static void explain_tag(const struct filling *f, struct snapshot_verdict_layer *out,
			const struct service_tag *tag, struct ip ip)
{
	struct prefixes prefixes = security_expand_tag(f->security, f->port, tag);

	for (size_t i = 0; i < prefixes.count; i++)
		if (prefix_has_ip(prefixes.items[i], ip)) {
			because(f, out, ip, tag->object.name, prefix_print(prefixes.items[i]).text);
			break;
		}
	free(prefixes.items);
}

/* By which tag or ASG an address is meant. */
static void explain_side(const struct filling *f, struct snapshot_verdict_layer *out,
			 const struct rule_side *side, struct ip ip)
{
	if (side->tag)
		explain_tag(f, out, side->tag, ip);
	for (size_t i = 0; i < side->groups.count; i++) {
		const struct asg *group = side->groups.items[i];

		for (size_t n = 0; n < group->members.count; n++)
			if (nic_has_ip(group->members.items[n], ip)) {
				because(f, out, ip, group->object.name,
					group->members.items[n]->object.name);
				return;
			}
	}
}

/* The rules of a layer that come before one, and it. */
struct looked_at {
	const struct security_rule **items;
	size_t count;
};

static struct looked_at rules_to(const struct filling *f, const struct layer_verdict *verdict)
{
	const struct vnet *vnet = f->nic->subnet->vnet;
	struct looked_at out = { 0 };
	size_t count = verdict->nsg ? verdict->nsg->rules[verdict->direction].count
				    : vnet->admin_rules[verdict->direction].count;

	for (size_t i = 0; i < count; i++) {
		const struct security_rule *rule =
			verdict->nsg ? verdict->nsg->rules[verdict->direction].items[i]
				     : vnet->admin_rules[verdict->direction].items[i].rule;

		*ARENA_PUSH(f->arena, out.items, out.count) = rule;
		if (rule == verdict->rule)
			break;
	}
	return out;
}

/* With "any port" one was taken; a rule that asks for it might decide otherwise. */
static void note_port(const struct filling *f, const struct security_rule *rule,
		      const struct rule_match *match, const struct flow_question *question,
		      struct snapshot_flow_verdict *out)
{
	if (question->is_any_source_port && rule->source.ports.count && match->protocol &&
	    match->source && match->destination && match->destination_port)
		add_text(f->arena, &out->notes,
			 arena_printf(f->arena,
				      "rule %s is for some source ports only: %u was looked at",
				      rule->object.name, question->tuple.source_port));
}

static void fill_looks(const struct filling *f, const struct layer_verdict *verdict,
		       const struct flow_question *question, struct snapshot_verdict_layer *layer,
		       struct snapshot_flow_verdict *out)
{
	struct looked_at rules = rules_to(f, verdict);

	for (size_t i = 0; i < rules.count; i++) {
		const struct security_rule *rule = rules.items[i];
		struct rule_match match = security_match(f->security, f->port, verdict->direction,
							 rule, &question->tuple);

		*ARENA_PUSH(f->arena, layer->looks.items, layer->looks.count) =
			(struct snapshot_look){
				.name = rule->object.name,
				.kind = kind_of(rule, verdict->layer),
				.access = choice_name(admin_access_names, rule->access.value),
				.priority = (int64_t)rule->priority.value,
				.protocol = match.protocol,
				.source = match.source,
				.source_port = match.source_port,
				.destination = match.destination,
				.destination_port = match.destination_port,
			};
		note_port(f, rule, &match, question, out);
	}
}

static const char *applied_to(const struct filling *f, enum verdict_layer layer)
{
	switch (layer) {
	case LAYER_ADMIN:
		return f->nic->subnet->vnet->object.name;
	case LAYER_SUBNET:
		return subnet_name(f);
	case LAYER_PLATFORM:
	case LAYER_NIC:
		break;
	}
	return f->nic->object.name;
}

static void fill_layer(const struct filling *f, const struct layer_verdict *verdict,
		       const struct flow_question *question, struct snapshot_verdict_layer *layer,
		       struct snapshot_flow_verdict *out)
{
	const struct security_rule *rule = verdict->rule;
	bool is_in = verdict->direction == DIRECTION_INBOUND;
	const struct flow_tuple *tuple = &question->tuple;
	struct snapshot_rule words;

	layer->layer = verdict_layer_name(verdict->layer);
	layer->resource = layer_verdict_resource(verdict);
	layer->applied_to = applied_to(f, verdict->layer);
	layer->rule = layer_verdict_rule(verdict);
	layer->access = choice_name(admin_access_names, (int)verdict->access);
	layer->kind = "platform";
	if (!rule)
		return;
	words = rule_of(f, rule, verdict->layer);
	layer->kind = words.kind;
	layer->priority = words.priority;
	layer->words = rule_words(&words, f->arena);
	layer->place = words.place;
	/* the other side last: it is what the rule is about */
	if (is_in) {
		explain_side(f, layer, &rule->destination, tuple->destination);
		explain_side(f, layer, &rule->source, tuple->source);
	} else {
		explain_side(f, layer, &rule->source, tuple->source);
		explain_side(f, layer, &rule->destination, tuple->destination);
	}
	fill_looks(f, verdict, question, layer, out);
}

/* NSG-08, NW-02 */
static const char *deciding_rule(const struct snapshot_verdict_layer *layer, struct arena *arena)
{
	const char *before = !strcmp(layer->kind, "user")       ? "securityRules/"
			     : !strcmp(layer->kind, "default")  ? "defaultSecurityRules/"
			     : !strcmp(layer->kind, "platform") ? "platform/"
								: "";

	return arena_printf(arena, "%s%s", before, layer->rule);
}

static bool has_layer(const struct verdict *verdict, enum verdict_layer layer)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->layers[i].layer == layer)
			return true;
	return false;
}

static void note_layer(const struct filling *f, const struct verdict *verdict,
		       enum verdict_layer layer, const struct nsg *nsg,
		       struct snapshot_flow_verdict *out)
{
	const char *where = layer == LAYER_NIC ? "the NIC" : "the subnet";

	if (!nsg)
		add_text(f->arena, &out->notes, arena_printf(f->arena, "%s has no NSG", where));
	else if (!has_layer(verdict, layer))
		add_text(f->arena, &out->notes,
			 arena_printf(f->arena, "%s of %s is not asked any more", nsg->object.name,
				      where));
}

static void fill_packet(const struct flow_question *question, struct snapshot_flow_verdict *out,
			struct arena *arena)
{
	const struct flow_tuple *tuple = &question->tuple;
	const char *protocol = flow_protocol_name(tuple->protocol);

	out->direction = choice_name(rule_direction_names, (int)question->direction);
	out->protocol = protocol ? protocol : arena_printf(arena, "%u", tuple->protocol);
	out->source = arena_strdup(arena, ip_print(tuple->source).text);
	out->destination = arena_strdup(arena, ip_print(tuple->destination).text);
	if (!question->has_ports)
		return;
	out->source_port =
		question->is_any_source_port ? "*" : arena_printf(arena, "%u", tuple->source_port);
	out->destination_port = arena_printf(arena, "%u", tuple->destination_port);
}

void snapshot_fill_flow_verdict(const struct security *security, const struct lab *lab,
				const char *file, const struct nic *nic,
				const struct interface *port, const struct flow_question *question,
				struct snapshot_flow_verdict *out, struct arena *arena)
{
	struct filling f = { security, lab, file, nic, port, arena };
	bool is_in = question->direction == DIRECTION_INBOUND;
	struct verdict verdict = { 0 };

	security_verdict(security, port, question->direction, &question->tuple, &verdict);
	out->lab = lab->name.value;
	out->nic = nic->object.name;
	out->vm = nic->vm->object.name;
	fill_packet(question, out, arena);
	out->access =
		choice_name(rule_access_names, verdict.is_allowed ? ACCESS_ALLOW : ACCESS_DENY);
	for (size_t i = 0; i < verdict.count; i++) {
		struct snapshot_verdict_layer *layer =
			ARENA_PUSH(arena, out->layers.items, out->layers.count);

		fill_layer(&f, &verdict.layers[i], question, layer, out);
		out->rule = deciding_rule(layer, arena);
	}
	for (int i = 0; i < 2; i++) {
		bool is_nic = is_in == (i == 1); /* NSG-23 */

		note_layer(&f, &verdict, is_nic ? LAYER_NIC : LAYER_SUBNET,
			   is_nic ? nic->network_security_group
				  : nic->subnet->network_security_group,
			   out);
	}
}
