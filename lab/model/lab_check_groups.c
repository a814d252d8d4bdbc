/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Application security groups and limits, when it is known which NIC is in which group. */
#include "lab/model/lab_check_parts.h"

#include <string.h>
#include <strings.h>

#define NSGS_MAX           5000 /* of a region, and all that follow: azure-security.md 1.9 */
#define ASGS_MAX           3000
#define RULES_MAX          1000
#define ADDRESSES_MAX      4000
#define GROUPS_OF_NIC_MAX  20
#define GROUPS_OF_NSG_MAX  100
#define NICS_OF_GROUP_MAX  4000
#define GROUPS_OF_SIDE_MAX 10

static struct src_pos place_of(const struct security_rule *rule)
{
	return rule->rule.pos.line ? rule->rule.pos : rule->object.pos;
}

/* NSG-44: limit, actual value, resource. */
static void check_limit(struct check *c, struct src_pos pos, const char *resource, size_t actual,
			size_t limit, const char *what)
{
	if (actual > limit)
		diag_add(c->diags, DIAG_LIMIT, pos, "%s has %zu %s, the limit is %zu (NSG-44)",
			 resource, actual, what, limit);
}

/* ---- groups and their NICs ---- */

/* Rules name groups and tags alike, and whatever else stands for addresses. */
static void check_group_name(struct check *c, const struct asg *group)
{
	const char *name = group->object.name;
	struct ip ip;

	if (tag_find_computed(name) || find_service_tag(c->lab, name))
		diag_add(c->diags, DIAG_ASG, group->object.pos,
			 "application security group '%s': a service tag has that name", name);
	else if (ip_parse(name, &ip) || !strcasecmp(name, "Any"))
		diag_add(c->diags, DIAG_ASG, group->object.pos,
			 "application security group '%s': in a rule that means something else",
			 name);
}

static void join_group(struct check *c, const struct nic *nic, struct asg *group,
		       struct src_pos pos)
{
	const struct vnet *vnet = nic->subnet ? nic->subnet->vnet : NULL;

	*ARENA_PUSH(c->lab->arena, group->members.items, group->members.count) = nic;
	if (!group->vnet)
		group->vnet = vnet ? nic->subnet->vnet : NULL;
	else if (vnet && vnet != group->vnet)
		diag_add(c->diags, DIAG_ASG, pos,
			 "ApplicationSecurityGroupVnetMismatch: NIC '%s' is in virtual network "
			 "'%s', and application security group '%s' in '%s', where the first of "
			 "its NICs is (ASG-03)",
			 nic->object.name, vnet->object.name, group->object.name,
			 group->vnet->object.name);
}

void check_groups_of_nic(struct check *c, struct nic *nic)
{
	const struct text_list *names = &nic->application_security_groups;
	const char *owner;

	if (!names->count)
		return; /* most */
	owner = arena_printf(c->lab->arena, "NIC '%s'", nic->object.name);
	for (size_t i = 0; i < names->count; i++) {
		struct ref ref = { names->items[i].value, names->items[i].pos };
		struct asg *group = lab_name_find(c->lab, NAME_ASG, ref.name);

		if (!group) {
			NAME_LIST(all, c->lab->application_security_groups);
			unknown_name(c, &ref, "application security group", &all);
		} else if (!is_listed_twice(c, names, i, owner)) {
			*ARENA_PUSH(c->lab->arena, nic->groups.items, nic->groups.count) = group;
			join_group(c, nic, group, ref.pos);
		}
	}
	check_limit(c, nic->object.pos, owner, nic->groups.count, GROUPS_OF_NIC_MAX,
		    "application security groups");
}

/* ---- groups in rules ---- */

static void check_side(struct check *c, const struct security_rule *rule,
		       const struct rule_side *side, const char *what)
{
	const char *owner = arena_printf(c->lab->arena, "rule '%s'", rule->object.name);

	check_limit(c, place_of(rule), owner, side->groups.count, GROUPS_OF_SIDE_MAX,
		    arena_printf(c->lab->arena, "application security groups as %s", what));
	if (side->groups.count > 1)
		diag_add(c->diags, DIAG_ASG_USE, place_of(rule),
			 "%s has %zu application security groups as %s: Azure's portal and older "
			 "versions take one (ASG-06)",
			 owner, side->groups.count, what);
	for (size_t i = 0; i < side->groups.count; i++)
		if (!side->groups.items[i]->members.count)
			diag_add(c->diags, DIAG_ASG_USE, place_of(rule),
				 "%s: application security group '%s' is empty: it matches "
				 "nothing, and was seen to disable all of a rule (ASG-07)",
				 owner, side->groups.items[i]->object.name)
				->also = side->groups.items[i]->object.pos;
}

/* The first group of the rule that is in another virtual network than `first`; NULL: none is. */
static const struct asg *find_stranger(const struct security_rule *rule, const struct vnet **first)
{
	const struct rule_side *sides[] = { &rule->source, &rule->destination };

	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		for (size_t n = 0; n < sides[i]->groups.count; n++) {
			const struct asg *group = sides[i]->groups.items[n];

			if (!*first)
				*first = group->vnet;
			else if (group->vnet && group->vnet != *first)
				return group;
		}
	return NULL;
}

static void check_groups_of_rule(struct check *c, const struct nsg *nsg,
				 const struct security_rule *rule)
{
	const struct vnet *first = NULL;
	const struct asg *stranger = find_stranger(rule, &first);

	check_side(c, rule, &rule->source, "source");
	check_side(c, rule, &rule->destination, "destination");
	if (stranger)
		diag_add(c->diags, DIAG_ASG, place_of(rule),
			 "AllApplicationSecurityGroupsInSecurityRuleMustBeFromSameVnet: Security "
			 "Rule %s/%s has Application Security Groups (ASGs) from multiple virtual "
			 "networks (%s, %s). All ASGs on the Security Rule must be from the same "
			 "virtual network. (ASG-04)",
			 nsg->object.name, rule->object.name, first->object.name,
			 stranger->vnet->object.name);
}

/* ---- network security groups ---- */

/* How many that are new to `seen`, which is by their places in the lab. */
static size_t count_groups(const struct lab *lab, const struct rule_side *side, bool *seen)
{
	size_t count = 0;

	for (size_t i = 0; i < side->groups.count; i++) {
		size_t at =
			(size_t)(side->groups.items[i] - lab->application_security_groups.items);

		count += !seen[at];
		seen[at] = true;
	}
	return count;
}

static void check_limits_of_nsg(struct check *c, const struct nsg *nsg, bool *seen)
{
	const char *owner =
		arena_printf(c->lab->arena, "network security group '%s'", nsg->object.name);
	size_t sources = 0, destinations = 0, groups = 0;

	memset(seen, 0, c->lab->application_security_groups.count * sizeof(*seen));
	for (size_t i = 0; i < nsg->security_rules.count; i++) {
		const struct security_rule *rule = &nsg->security_rules.items[i];

		sources += rule->source.prefixes.count;
		destinations += rule->destination.prefixes.count;
		groups += count_groups(c->lab, &rule->source, seen) +
			  count_groups(c->lab, &rule->destination, seen);
		check_groups_of_rule(c, nsg, rule);
	}
	check_limit(c, nsg->object.pos, owner, nsg->security_rules.count, RULES_MAX,
		    "security rules");
	check_limit(c, nsg->object.pos, owner, sources, ADDRESSES_MAX,
		    "addresses and ranges as source");
	check_limit(c, nsg->object.pos, owner, destinations, ADDRESSES_MAX,
		    "addresses and ranges as destination");
	check_limit(c, nsg->object.pos, owner, groups, GROUPS_OF_NSG_MAX,
		    "application security groups in its rules");
}

void check_groups(struct check *c)
{
	const struct lab *lab = c->lab;
	bool *seen = arena_alloc(lab->arena, lab->application_security_groups.count + 1);

	for (size_t i = 0; i < lab->application_security_groups.count; i++) {
		const struct asg *group = &lab->application_security_groups.items[i];

		check_group_name(c, group);
		check_limit(c, group->object.pos,
			    arena_printf(lab->arena, "application security group '%s'",
					 group->object.name),
			    group->members.count, NICS_OF_GROUP_MAX, "NICs");
	}
	for (size_t i = 0; i < lab->network_security_groups.count; i++)
		check_limits_of_nsg(c, &lab->network_security_groups.items[i], seen);
	if (lab->network_security_groups.count > NSGS_MAX)
		check_limit(c, lab->network_security_groups.items[NSGS_MAX].object.pos, "the lab",
			    lab->network_security_groups.count, NSGS_MAX,
			    "network security groups");
	if (lab->application_security_groups.count > ASGS_MAX)
		check_limit(c, lab->application_security_groups.items[ASGS_MAX].object.pos,
			    "the lab", lab->application_security_groups.count, ASGS_MAX,
			    "application security groups");
}
