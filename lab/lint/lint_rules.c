/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of NSGs, each for itself and where its NSG stands. */
#include "lab/lint/lint_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_CLIENT_PORT 1024 /* clients of no kind send from those below */

/* Where an NSG stands: at subnets, and at NICs of others. */
struct stand {
	const struct nsg *nsg;
	const struct subnet *subnet;
	const struct nic *nic; /* NULL: at all of the subnet */
};

/* Those of one NSG. */
struct stands {
	const struct stand *items;
	size_t count;
	bool has_transit; /* one of its NICs sees packets of others (R9.7) */
};

static int compare_stands(const void *a, const void *b)
{
	const struct stand *one = a, *other = b;

	if (one->nsg != other->nsg)
		return one->nsg < other->nsg ? -1 : 1;
	if (one->subnet->vnet->index != other->subnet->vnet->index)
		return one->subnet->vnet->index < other->subnet->vnet->index ? -1 : 1;
	if (one->subnet != other->subnet)
		return one->subnet < other->subnet ? -1 : 1;
	return (one->nic > other->nic) - (one->nic < other->nic);
}

static struct stand *find_stands(struct lint *l, size_t *ret_count)
{
	struct stand *stands = NULL;
	size_t count = 0;

	for (size_t i = 0; i < l->place_count; i++)
		if (l->places[i].subnet->network_security_group)
			*ARENA_PUSH(l->arena, stands, count) =
				(struct stand){ l->places[i].subnet->network_security_group,
						l->places[i].subnet, NULL };
	for (size_t i = 0; i < l->nic_count; i++)
		if (l->nics[i]->network_security_group)
			*ARENA_PUSH(l->arena, stands, count) =
				(struct stand){ l->nics[i]->network_security_group,
						l->nics[i]->subnet, l->nics[i] };
	if (count)
		qsort(stands, count, sizeof(*stands), compare_stands);
	*ret_count = count;
	return stands;
}

static bool sees_transit(const struct lint *l, const struct stand *stand)
{
	const struct place *place = lint_place(l, stand->subnet);

	if (stand->nic)
		return stand->nic->enable_ip_forwarding.value;
	for (size_t i = 0; i < place->nic_count; i++)
		if (l->nics[place->first_nic + i]->enable_ip_forwarding.value)
			return true;
	return stand->subnet == stand->subnet->vnet->gateway_subnet;
}

static struct stands stands_of(const struct lint *l, const struct stand *all, size_t count,
			       const struct nsg *nsg)
{
	struct stands stands = { 0 };
	size_t first = 0, end = count;

	if (!count)
		return stands;
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (all[middle].nsg < nsg)
			first = middle + 1;
		else
			end = middle;
	}
	stands.items = all + first;
	for (; first < count && all[first].nsg == nsg; first++) {
		stands.count++;
		stands.has_transit = stands.has_transit || sees_transit(l, &all[first]);
	}
	return stands;
}

/* ---- each rule for itself ---- */

static bool is_any(const struct rule_side *side)
{
	return !side->tag && !side->prefixes.count && !side->groups.count;
}

static bool is_internet(const struct rule_side *side)
{
	return side->tag && side->tag->kind == TAG_INTERNET;
}

static void check_all(struct lint *l, const struct security_rule *rule)
{
	bool is_all = is_any(&rule->source) && is_any(&rule->destination) &&
		      rule->protocol.value == PROTOCOL_ANY;

	if (rule->direction.value != DIRECTION_INBOUND || rule->access.value != ACCESS_ALLOW ||
	    rule->destination.ports.count || rule->source.ports.count ||
	    rule->protocol.value == PROTOCOL_ICMP || !(is_all || is_internet(&rule->source)))
		return;
	diag_add(l->diags, DIAG_ALLOW_ALL, lint_rule_pos(rule), "rule '%s' lets in %s",
		 rule->object.name,
		 is_all ? "everything from everywhere" : "the Internet to every port");
}

static void check_source_port(struct lint *l, const struct security_rule *rule)
{
	const struct rule_side *source = &rule->source;
	struct diag *diag;

	if (rule->access.value != ACCESS_ALLOW || !source->ports.count ||
	    rule->destination.ports.count)
		return;
	for (size_t i = 0; i < source->ports.count; i++)
		if (source->ports.items[i].last >= FIRST_CLIENT_PORT)
			return;
	diag = diag_add(l->diags, DIAG_SOURCE_PORT, lint_rule_pos(rule),
			"rule '%s' asks for source port %u, from which no client sends",
			rule->object.name, source->ports.items[0].first);
	diag_hint(l->diags, diag, "write it behind the destination: -> *:%u",
		  source->ports.items[0].first);
}

/* Is it the tag of that name, or its share in a region? */
static bool is_tag(const struct rule_side *side, const char *name)
{
	size_t len = strlen(name);

	return side->tag && side->tag->kind == TAG_PREFIXES &&
	       !strncasecmp(side->tag->object.name, name, len) &&
	       (!side->tag->object.name[len] || side->tag->object.name[len] == '.');
}

static void check_tag(struct lint *l, const struct security_rule *rule)
{
	static const char *const called[] = {
		"Storage",      "Sql",        "AzureKeyVault",
		"AzureMonitor", "AzureCloud", "AzureActiveDirectory"
	};
	static const char *const calling[] = { "GatewayManager", "AzureTrafficManager",
					       "ActionGroup", "ApiManagement", "HDInsight" };
	bool is_inbound = rule->direction.value == DIRECTION_INBOUND;
	const struct rule_side *far = is_inbound ? &rule->source : &rule->destination;
	const char *const *names = is_inbound ? called : calling;
	size_t count = is_inbound ? ARRAY_SIZE(called) : ARRAY_SIZE(calling);

	for (size_t i = 0; rule->access.value == ACCESS_ALLOW && i < count; i++)
		if (is_tag(far, names[i]))
			diag_add(l->diags, DIAG_TAG_DIRECTION, lint_rule_pos(rule),
				 "rule '%s': '%s' is meant for %sbound rules", rule->object.name,
				 far->tag->object.name, is_inbound ? "out" : "in");
}

/* ---- its own side: what its machines are called there ---- */

static const struct public_ip *find_public(const struct lint *l, const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++) {
		struct prefix prefix = spaces->items[i].prefix;

		if (prefix.len != ip_bits(prefix.addr) || lint_is_private(prefix))
			continue;
		for (size_t n = 0; n < l->lab->public_ip_addresses.count; n++)
			if (ip_equal(l->lab->public_ip_addresses.items[n].ip_address.ip,
				     prefix.addr))
				return &l->lab->public_ip_addresses.items[n];
	}
	return NULL;
}

/* True with a finding. */
static bool check_public(struct lint *l, const struct security_rule *rule,
			 const struct rule_side *own, const char *what)
{
	const struct public_ip *ip = NULL;

	if (own->prefixes.count &&
	    lint_may_work(l, own->prefixes.count * (1 + l->lab->public_ip_addresses.count)))
		ip = find_public(l, &own->prefixes);
	if (!ip)
		return false;
	diag_add(l->diags, DIAG_PUBLIC_SIDE, lint_rule_pos(rule),
		 "rule '%s' has public address '%s' as its %s: an NSG sees the private one",
		 rule->object.name, ip->object.name, what)
		->also = ip->object.pos;
	return true;
}

static bool stands_in(const struct stands *stands, const struct spaces *spaces)
{
	for (size_t i = 0; i < stands->count; i++) {
		const struct spaces *here = &stands->items[i].subnet->address_prefix;

		for (size_t n = 0; n < here->count; n++)
			for (size_t p = 0; p < spaces->count; p++)
				if (prefix_overlaps(here->items[n].prefix, spaces->items[p].prefix))
					return true;
	}
	return false;
}

static void check_elsewhere(struct lint *l, const struct security_rule *rule,
			    const struct rule_side *own, const char *what,
			    const struct stands *stands)
{
	const struct spaces *spaces = own->tag ? &own->tag->address_prefixes : &own->prefixes;

	if (!stands->count || stands->has_transit ||
	    (!own->prefixes.count && !(own->tag && own->tag->kind != TAG_VIRTUAL_NETWORK)) ||
	    !lint_may_work(l, 1 + stands->count * spaces->count) || stands_in(stands, spaces))
		return;
	diag_add(l->diags, DIAG_ELSEWHERE, lint_rule_pos(rule),
		 "rule '%s' has as its %s nothing of '%s', where its NSG stands", rule->object.name,
		 what, stands->items[0].subnet->object.name)
		->also = stands->items[0].nic
				 ? stands->items[0].nic->network_security_group_ref.pos
				 : stands->items[0].subnet->network_security_group_ref.pos;
}

/* ---- addresses in the place of groups ---- */

/* Are these, each one address, all NICs of the group and nobody else? */
static bool is_all_of(const struct spaces *spaces, const struct asg *group)
{
	if (spaces->count != group->members.count)
		return false;
	for (size_t i = 0; i < group->members.count; i++)
		if (!spaces_cover(spaces, prefix_host(group->members.items[i]->ip)))
			return false;
	return true;
}

static void check_literals(struct lint *l, const struct security_rule *rule,
			   const struct rule_side *side, const struct vnet *vnet)
{
	const struct holder *holder;

	if (side->prefixes.count < 2)
		return;
	for (size_t i = 0; i < side->prefixes.count; i++)
		if (side->prefixes.items[i].prefix.len !=
		    ip_bits(side->prefixes.items[i].prefix.addr))
			return;
	holder = lint_find_holder(l, vnet, side->prefixes.items[0].prefix.addr);
	for (size_t i = 0; holder && holder->nic && i < holder->nic->groups.count; i++) {
		const struct asg *group = holder->nic->groups.items[i];

		if (!lint_may_work(l, side->prefixes.count * group->members.count) ||
		    !is_all_of(&side->prefixes, group))
			continue;
		diag_add(l->diags, DIAG_LITERAL_GROUP, lint_rule_pos(rule),
			 "rule '%s' names the addresses of all in application security group '%s'",
			 rule->object.name, group->object.name)
			->also = group->object.pos;
		return;
	}
}

/* ---- all rules ---- */

static const struct vnet **vnets_of(struct lint *l, const struct stands *stands, size_t *ret_count)
{
	const struct vnet **vnets = NULL;
	size_t count = 0;

	for (size_t i = 0; i < stands->count; i++)
		if (!count || vnets[count - 1] != stands->items[i].subnet->vnet)
			*ARENA_PUSH(l->arena, vnets, count) = stands->items[i].subnet->vnet;
	*ret_count = count;
	return vnets;
}

static void check_nsg(struct lint *l, const struct nsg *nsg, const struct stands *stands)
{
	size_t vnet_count;
	const struct vnet *const *vnets = vnets_of(l, stands, &vnet_count);

	for (size_t i = 0; i < nsg->security_rules.count; i++) {
		const struct security_rule *rule = &nsg->security_rules.items[i];
		bool is_inbound = rule->direction.value == DIRECTION_INBOUND;
		const struct rule_side *own = is_inbound ? &rule->destination : &rule->source;
		const char *what = is_inbound ? "destination" : "source";

		check_all(l, rule);
		check_source_port(l, rule);
		check_tag(l, rule);
		if (!check_public(l, rule, own, what))
			check_elsewhere(l, rule, own, what, stands);
		if (vnet_count)
			check_literals(l, rule, &rule->source, vnets[0]);
		if (vnet_count)
			check_literals(l, rule, &rule->destination, vnets[0]);
		lint_admin_denies(l, rule, vnets, vnet_count);
	}
	for (int direction = 0; direction < DIRECTION_COUNT; direction++)
		lint_shadows(l, &nsg->rules[direction]);
}

void lint_rules(struct lint *l)
{
	size_t count;
	const struct stand *all = find_stands(l, &count);

	for (size_t i = 0; i < l->lab->network_security_groups.count; i++) {
		const struct nsg *nsg = &l->lab->network_security_groups.items[i];
		const struct stands stands = stands_of(l, all, count, nsg);

		check_nsg(l, nsg, &stands);
	}
}
