/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that are never reached: another one before them matches all that they could. */
#include "lab/lint/lint_parts.h"

#include "lab/azure/rule_match.h"

#include <string.h>

static bool covers_ports(const struct rule_side *outer, const struct rule_side *inner)
{
	if (!outer->ports.count)
		return true;
	for (size_t i = 0; i < inner->ports.count; i++) {
		struct port_range range = inner->ports.items[i];
		bool is_inside = false;

		for (size_t n = 0; n < outer->ports.count && !is_inside; n++)
			is_inside = outer->ports.items[n].first <= range.first &&
				    outer->ports.items[n].last >= range.last;
		if (!is_inside)
			return false;
	}
	return inner->ports.count;
}

static bool covers_groups(const struct rule_side *outer, const struct rule_side *inner)
{
	for (size_t i = 0; i < inner->groups.count; i++) {
		bool is_there = false;

		for (size_t n = 0; n < outer->groups.count && !is_there; n++)
			is_there = outer->groups.items[n] == inner->groups.items[i];
		if (!is_there)
			return false;
	}
	return inner->groups.count;
}

/* Addresses as written; NULL when a side has none of its own. */
static const struct spaces *spaces_of(const struct rule_side *side)
{
	if (side->prefixes.count)
		return &side->prefixes;
	return side->tag && side->tag->kind == TAG_PREFIXES ? &side->tag->address_prefixes : NULL;
}

static size_t pairs_of(const struct rule_side *outer, const struct rule_side *inner)
{
	const struct spaces *outside = spaces_of(outer), *inside = spaces_of(inner);

	return outside && inside ? outside->count * inside->count
				 : outer->groups.count * inner->groups.count;
}

static bool covers_side(const struct rule_side *outer, const struct rule_side *inner)
{
	const struct spaces *outside = spaces_of(outer), *inside = spaces_of(inner);

	if (!outer->tag && !outer->prefixes.count && !outer->groups.count)
		return true;
	if (outer->groups.count)
		return covers_groups(outer, inner);
	if (inner->groups.count)
		return false;
	if (outer->tag && outer->tag == inner->tag)
		return true;
	if (!outside || !inside)
		return false; /* what a computed tag holds differs from subnet to subnet */
	for (size_t i = 0; i < inside->count; i++)
		if (!spaces_cover(outside, inside->items[i].prefix))
			return false;
	return inside->count;
}

/* Does the outer one match whatever the inner one does? Never true when that is unknown. */
static bool covers(struct lint *l, const struct security_rule *outer,
		   const struct security_rule *inner)
{
	if ((outer->protocol.value != PROTOCOL_ANY &&
	     outer->protocol.value != inner->protocol.value) ||
	    !lint_may_work(l, 1) || !covers_ports(&outer->destination, &inner->destination) ||
	    !covers_ports(&outer->source, &inner->source) ||
	    side_is_disabled(&outer->source, &l->lab->semantics) ||
	    side_is_disabled(&outer->destination, &l->lab->semantics) ||
	    !lint_may_work(l, pairs_of(&outer->source, &inner->source) +
				      pairs_of(&outer->destination, &inner->destination)))
		return false;
	return covers_side(&outer->source, &inner->source) &&
	       covers_side(&outer->destination, &inner->destination);
}

static void say_shadowed(struct lint *l, const struct security_rule *rule,
			 const struct security_rule *by)
{
	bool is_same = rule->access.value == by->access.value;
	struct diag *diag =
		diag_add(l->diags, DIAG_SHADOWED, lint_rule_pos(rule),
			 "rule '%s' never decides: '%s', %u, matches all that it could%s",
			 rule->object.name, by->object.name, (unsigned)by->priority.value,
			 is_same ? ", and does the same" : ", and does the opposite");

	diag->also = lint_rule_pos(by);
	diag_hint(l->diags, diag, "%s",
		  is_same ? "take it away" : "give it a priority with a lower number");
}

void lint_shadows(struct lint *l, const struct rules *rules)
{
	for (size_t i = 1; i < rules->count && !nsg_is_default(rules->items[i]); i++)
		for (size_t n = 0; n < i; n++) {
			if (!covers(l, rules->items[n], rules->items[i]))
				continue;
			say_shadowed(l, rules->items[i], rules->items[n]);
			break;
		}
}

/* ---- admin rules ---- */

/* The admin rule of a virtual network that denies all that the rule allows; NULL for none. */
static const struct security_rule *find_denying(struct lint *l, const struct vnet *vnet,
						const struct security_rule *rule)
{
	enum rule_direction direction = (enum rule_direction)rule->direction.value;

	for (size_t i = 0; i < vnet->admin_rules[direction].count; i++) {
		const struct security_rule *admin = vnet->admin_rules[direction].items[i].rule;

		if (admin->access.value == ACCESS_ALWAYS_ALLOW)
			return NULL; /* it may be for some of it */
		if (admin->access.value == ACCESS_DENY && covers(l, admin, rule))
			return admin;
	}
	return NULL;
}

void lint_admin_denies(struct lint *l, const struct security_rule *rule,
		       const struct vnet *const *at, size_t count)
{
	const struct security_rule *admin = NULL;

	if (rule->access.value != ACCESS_ALLOW)
		return;
	for (size_t i = 0; i < count; i++) {
		admin = find_denying(l, at[i], rule);
		if (!admin)
			return;
	}
	if (admin)
		diag_add(l->diags, DIAG_ADMIN_DENIES, lint_rule_pos(rule),
			 "rule '%s' allows nothing: admin rule '%s' denies it first",
			 rule->object.name, admin->object.name)
			->also = lint_rule_pos(admin);
}
