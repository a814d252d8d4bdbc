/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security admin rules: the virtual networks they are for, and their order there. */
#include "lab/model/lab_check_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- network groups ---- */

static void check_network_group(struct check *c, struct network_group *group)
{
	const char *owner = arena_printf(c->lab->arena, "network group '%s'", group->object.name);

	for (size_t i = 0; i < group->members.count; i++) {
		struct ref ref = { group->members.items[i].value, group->members.items[i].pos };
		struct vnet *vnet;

		if (is_listed_twice(c, &group->members, i, owner))
			continue;
		vnet = resolve_vnet(c, &ref);
		if (vnet)
			*ARENA_PUSH(c->lab->arena, group->vnets.items, group->vnets.count) = vnet;
	}
}

/* ---- rule collections ---- */

static int by_priority(const void *a, const void *b)
{
	const struct security_rule *const *x = a, *const *y = b;
	double by = (*x)->priority.value - (*y)->priority.value;

	return by ? (by > 0) - (by < 0) : (*x > *y) - (*x < *y);
}

/* AVNM-02: whatever their directions, and unlike the rules of an NSG. */
static void check_priorities(struct check *c, const struct rule_collection *collection)
{
	const struct security_rule **sorted = NULL;
	size_t count = 0;

	for (size_t i = 0; i < collection->rules.count; i++)
		if (collection->rules.items[i].priority.pos.line &&
		    !collection->rules.items[i].priority.is_refused)
			*ARENA_PUSH(c->lab->arena, sorted, count) = &collection->rules.items[i];
	if (count)
		qsort((void *)sorted, count, sizeof(*sorted), by_priority);
	for (size_t i = 1; i < count; i++)
		if (sorted[i]->priority.value == sorted[i - 1]->priority.value)
			diag_add(c->diags, DIAG_RULE_CONFLICT, sorted[i]->object.pos,
				 "rule '%s' has the priority %g of rule '%s': priorities are "
				 "unique in a rule collection, also of two directions (AVNM-02)",
				 sorted[i]->object.name, sorted[i]->priority.value,
				 sorted[i - 1]->object.name)
				->also = sorted[i - 1]->object.pos;
}

/* The rules of one more collection hold in the virtual network. */
static void deploy_to(struct check *c, const struct rule_collection *collection, struct vnet *vnet)
{
	for (size_t i = 0; i < collection->rules.count; i++) {
		const struct security_rule *rule = &collection->rules.items[i];
		int direction = rule->direction.value;

		*ARENA_PUSH(c->lab->arena, vnet->admin_rules[direction].items,
			    vnet->admin_rules[direction].count) =
			(struct admin_rule){ rule, collection };
	}
}

/* To each virtual network once, also when it is in several of the groups. */
static void deploy(struct check *c, const struct rule_collection *collection, bool *has)
{
	memset(has, 0, c->lab->virtual_networks.count * sizeof(*has));
	for (size_t i = 0; i < collection->applies_to_groups.count; i++) {
		const struct network_group *group = lab_name_find(
			c->lab, NAME_NETWORK_GROUP, collection->applies_to_groups.items[i].value);

		for (size_t n = 0; group && n < group->vnets.count; n++) {
			size_t at =
				(size_t)(group->vnets.items[n] - c->lab->virtual_networks.items);

			if (!has[at])
				deploy_to(c, collection, group->vnets.items[n]);
			has[at] = true;
		}
	}
}

static void check_collection(struct check *c, struct rule_collection *collection)
{
	const struct text_list *groups = &collection->applies_to_groups;
	const char *owner =
		arena_printf(c->lab->arena, "rule collection '%s'", collection->object.name);

	for (size_t i = 0; i < groups->count; i++) {
		struct ref ref = { groups->items[i].value, groups->items[i].pos };

		if (is_listed_twice(c, groups, i, owner) ||
		    lab_name_find(c->lab, NAME_NETWORK_GROUP, ref.name))
			continue;
		NAME_LIST(names, c->lab->network_groups);
		unknown_name(c, &ref, "network group", &names);
	}
	for (size_t i = 0; i < collection->rules.count; i++)
		check_security_rule(c, &collection->rules.items[i], true);
	check_priorities(c, collection);
}

/* ---- of the lab ---- */

/* Of several collections rules may share a priority: that of the first one goes first. */
static int by_priority_and_number(const void *a, const void *b)
{
	const struct admin_rule *x = a, *y = b;
	double by = x->rule->priority.value - y->rule->priority.value;

	if (by)
		return (by > 0) - (by < 0);
	return (x->collection->number > y->collection->number) -
	       (x->collection->number < y->collection->number);
}

static void sort_rules(struct vnet *vnet)
{
	for (int direction = 0; direction < DIRECTION_COUNT; direction++)
		if (vnet->admin_rules[direction].count)
			qsort(vnet->admin_rules[direction].items,
			      vnet->admin_rules[direction].count,
			      sizeof(*vnet->admin_rules[direction].items), by_priority_and_number);
}

void check_admin_rules(struct check *c)
{
	struct lab *lab = c->lab;
	bool *has = arena_alloc(lab->arena, (lab->virtual_networks.count + 1) * sizeof(*has));
	unsigned number = 0;

	for (size_t i = 0; i < lab->network_groups.count; i++) {
		lab_name_add(lab, NAME_NETWORK_GROUP, lab->network_groups.items[i].object.name,
			     &lab->network_groups.items[i]);
		check_network_group(c, &lab->network_groups.items[i]);
	}
	for (size_t i = 0; i < lab->security_admin_configurations.count; i++) {
		struct admin_configuration *all = &lab->security_admin_configurations.items[i];

		for (size_t n = 0; n < all->rule_collections.count; n++) {
			struct rule_collection *collection = &all->rule_collections.items[n];

			collection->number = ++number;
			check_collection(c, collection);
			deploy(c, collection, has);
		}
	}
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		sort_rules(&lab->virtual_networks.items[i]);
}
