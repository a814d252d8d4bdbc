/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of the kernel is held against what is wanted of it. */
#include "netns/super/drift_set.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's own, of a loopback interface that is up. */
static const struct prefix loopback = { { .family = IP_V4, .bytes = { 127 } }, 8 };

#define FOUND_MAX 10000 /* in one table; of more there is nothing to be learned */

static struct drift_item *find(struct drift_table *table)
{
	struct drift_found *found = &table->found;

	if (found->count == FOUND_MAX)
		return NULL;
	found->items =
		drift_grow(found->items, &found->capacity, found->count, sizeof(*found->items));
	found->items[found->count] = (struct drift_item){ 0 };
	return &found->items[found->count++];
}

void drift_table_begin(struct drift_table *table)
{
	if (!drift_is_rules(table->id))
		drift_table_sort(table);
	table->next_rule = 0;
	table->found.count = 0;
	for (size_t i = 0; i < table->count; i++)
		if (drift_is_rules(table->id))
			table->rules[i].is_seen = false;
		else
			table->routes[i].is_seen = false;
}

void drift_table_see_route(struct drift_table *table, const struct fib_route *route,
			   fib_name_fn *name, const void *arg)
{
	struct drift_route *wanted = drift_table_find_route(table, route->prefix);
	struct drift_item *item;

	if (drift_id(route->prefix.addr.family, route->table) != table->id ||
	    (table->id == RT_TABLE_LOCAL && prefix_covers(loopback, route->prefix)))
		return;
	if (wanted && fib_route_equal(&wanted->route, route)) {
		wanted->is_seen = true;
		return;
	}
	item = find(table);
	if (!item)
		return;
	item->prefix = route->prefix;
	item->is_foreign = true;
	fib_route_print(route, name, arg, item->has, sizeof(item->has));
}

void drift_table_see_rule(struct drift_table *table, const struct fib_rule *rule)
{
	struct drift_rule *wanted = drift_table_find_rule(table, rule);
	struct drift_item *item;

	if (rule->family != drift_family(table->id))
		return;
	if (wanted && !wanted->is_seen) {
		wanted->is_seen = true;
		return;
	}
	item = find(table);
	if (!item)
		return;
	item->rule = *rule;
	item->is_foreign = true;
	fib_rule_print(rule, item->has, sizeof(item->has));
}

static int compare_keys(const struct drift_item *a, const struct drift_item *b)
{
	int order = prefix_compare(a->prefix, b->prefix);

	return order ? order
		     : (a->rule.priority > b->rule.priority) -
			       (a->rule.priority < b->rule.priority);
}

int drift_item_compare(const void *a, const void *b)
{
	const struct drift_item *x = a, *y = b;
	int order = compare_keys(x, y);

	if (!order)
		order = strcmp(x->wanted, y->wanted);
	return order ? order : strcmp(x->has, y->has);
}

static void sort_items(struct drift_found *found)
{
	if (found->count)
		qsort(found->items, found->count, sizeof(*found->items), drift_item_compare);
}

static struct drift_item *first_of(struct drift_item *items, size_t count,
				   const struct drift_item *key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_keys(&items[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && !compare_keys(&items[low], key) ? &items[low] : NULL;
}

bool drift_found_lacks(const struct drift_found *found, struct prefix prefix, uint32_t priority)
{
	struct drift_item key = { .prefix = prefix, .rule.priority = priority };
	const struct drift_item *item = first_of(found->items, found->count, &key);

	for (; item && item < found->items + found->count && !compare_keys(item, &key); item++)
		if (*item->wanted)
			return true;
	return false;
}

/* For what is wanted and was not seen: with a foreign one that stands in its place, if any does. */
static struct drift_item *miss(struct drift_table *table, size_t foreign_count,
			       struct prefix prefix, const struct fib_rule *rule)
{
	struct drift_item key = { .prefix = prefix }, *item;

	if (rule)
		key.rule = *rule;
	item = first_of(table->found.items, foreign_count, &key);
	if (item && !*item->wanted)
		return item;
	item = find(table);
	if (item)
		*item = key;
	return item;
}

static void end_routes(struct drift_table *table, fib_name_fn *name, const void *arg)
{
	size_t foreign_count = table->found.count;

	for (size_t i = 0; i < table->count; i++) {
		const struct drift_route *wanted = &table->routes[i];
		struct drift_item *item;

		if (wanted->is_seen)
			continue;
		item = miss(table, foreign_count, wanted->route.prefix, NULL);
		if (!item)
			return;
		fib_route_print(&wanted->route, name, arg, item->wanted, sizeof(item->wanted));
	}
}

static void end_rules(struct drift_table *table)
{
	size_t foreign_count = table->found.count;

	for (size_t i = 0; i < table->count; i++) {
		const struct drift_rule *wanted = &table->rules[i];
		struct drift_item *item;

		if (wanted->is_seen)
			continue;
		item = miss(table, foreign_count, (struct prefix){ 0 }, &wanted->rule);
		if (!item)
			return;
		fib_rule_print(&wanted->rule, item->wanted, sizeof(item->wanted));
	}
}

/* What else stands beside a wanted route: both are told. */
static void tell_beside(struct drift_table *table, fib_name_fn *name, const void *arg)
{
	for (size_t i = 0; i < table->found.count; i++) {
		struct drift_item *item = &table->found.items[i];
		const struct drift_route *wanted = drift_table_find_route(table, item->prefix);
		char has[sizeof(item->has)];

		if (*item->wanted || !wanted)
			continue;
		fib_route_print(&wanted->route, name, arg, item->wanted, sizeof(item->wanted));
		memcpy(has, item->has, sizeof(has));
		(void)snprintf(item->has, sizeof(item->has), "also %.190s", has);
	}
}

void drift_table_end(struct drift_table *table, fib_name_fn *name, const void *arg)
{
	sort_items(&table->found);
	if (drift_is_rules(table->id)) {
		end_rules(table);
	} else {
		end_routes(table, name, arg);
		tell_beside(table, name, arg);
	}
	sort_items(&table->found);
}
