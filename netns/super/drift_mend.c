/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what differs to the changes that put it right. */
#include "netns/super/drift_parts.h"

#include "lab/plan/compile.h"

#include <linux/rtnetlink.h>
#include <string.h>

static bool lacks_route(const struct drift *d, uint32_t id, struct prefix prefix)
{
	const struct drift_table *table = drift_set_find(&d->set, drift_id(prefix.addr.family, id));

	return table && drift_found_lacks(&table->standing, prefix, 0);
}

static bool lacks_rule(const struct drift *d, enum ip_family family, uint32_t priority)
{
	const struct drift_table *table = drift_set_find(&d->set, drift_id(family, DRIFT_RULES));
	const struct prefix none = { 0 };

	return table && drift_found_lacks(&table->standing, none, priority);
}

/* Whatever stands at the place; `rule` says which of several rules. */
static void remove_item(struct plan *plan, uint32_t id, const struct drift_item *item)
{
	struct step *step = plan_add_step(plan, drift_is_rules(id) ? STEP_RULE : STEP_ROUTE,
					  FABRIC_NS, (struct src_pos){ 0 });

	step->verb = STEP_REMOVE;
	if (drift_is_rules(id)) {
		step->rule.family = drift_family(id);
		step->rule.priority = item->rule.priority;
		step->rule.mark = item->rule.mark;
		step->rule.mask = item->rule.mask;
		step->rule.table = item->rule.table;
	} else {
		step->route.table = drift_number(id);
		step->route.prefix = item->prefix;
	}
}

static void mend_own_rules(const struct drift *d, enum ip_family family, struct plan *additions)
{
	const struct drift_table *rules = drift_set_find(&d->set, drift_id(family, DRIFT_RULES));

	for (size_t i = 0; rules && i < rules->standing.count; i++) {
		const struct drift_item *item = &rules->standing.items[i];
		struct step *step;

		if (!*item->wanted || item->rule.mask || item->is_foreign)
			continue; /* it stands in the plan */
		step = plan_add_step(additions, STEP_RULE, FABRIC_NS, (struct src_pos){ 0 });
		step->rule.family = family;
		step->rule.priority = item->rule.priority;
		step->rule.table = item->rule.table;
	}
}

static void remove_foreign(const struct drift_table *table, struct plan *removals)
{
	for (size_t i = 0; i < table->standing.count; i++) {
		const struct drift_item *item = &table->standing.items[i];

		if (!item->is_foreign)
			continue;
		remove_item(removals, table->id, item);
		if (*item->wanted && !drift_is_rules(table->id)) /* it may be the first to go */
			remove_item(removals, table->id, item);
	}
}

static void add_missing(const struct drift *d, const struct plan *wanted, const struct step *step,
			struct plan *removals, struct plan *additions)
{
	if ((step->kind == STEP_ROUTE && lacks_route(d, step->route.table, step->route.prefix)) ||
	    (step->kind == STEP_RULE && lacks_rule(d, step->rule.family, step->rule.priority))) {
		(void)plan_copy_step(additions, wanted, step, STEP_ADD);
	} else if (step->kind == STEP_ADDRESS &&
		   lacks_route(d, RT_TABLE_LOCAL, prefix_host(step->address.prefix.addr))) {
		(void)plan_copy_step(removals, wanted, step, STEP_REMOVE);
		(void)plan_copy_step(additions, wanted, step, STEP_ADD);
	} else if ((step->kind == STEP_NFT || step->kind == STEP_ELEMENT) && *d->nft) {
		/* whole tables: what else is in them goes */
		(void)plan_copy_step(additions, wanted, step, STEP_CHANGE);
	}
}

void drift_mend(const struct drift *d, const struct plan *wanted, struct plan **ret_removals,
		struct plan **ret_additions)
{
	struct plan *removals = plan_new(), *additions = plan_new();
	const struct drift_table *table;

	for (table = d->set.tables; table; table = table->hh.next)
		remove_foreign(table, removals);
	mend_own_rules(d, IP_V4, additions);
	mend_own_rules(d, IP_V6, additions);
	for (uint32_t i = 0; i < wanted->step_count; i++)
		if (!strcmp(plan_text(wanted, wanted->steps[i].ns), FABRIC_NS))
			add_missing(d, wanted, &wanted->steps[i], removals, additions);
	plan_sort(additions);
	*ret_removals = removals;
	*ret_additions = additions;
}
