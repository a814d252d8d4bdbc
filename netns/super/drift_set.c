/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/drift_set.h"

#include "lab/plan/compile.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a kernel has before anyone says anything: tables, and a rule for each. By IPv6 the kernel
 * keeps its own for addresses there: these tables are not looked at.
 */
static const struct fib_rule own_rules[] = {
	{ .family = IP_V4, .action = FR_ACT_TO_TBL, .priority = 0, .table = RT_TABLE_LOCAL },
	{ .family = IP_V4, .action = FR_ACT_TO_TBL, .priority = 32766, .table = RT_TABLE_MAIN },
	{ .family = IP_V4, .action = FR_ACT_TO_TBL, .priority = 32767, .table = RT_TABLE_DEFAULT },
	{ .family = IP_V6, .action = FR_ACT_TO_TBL, .priority = 0, .table = RT_TABLE_LOCAL },
	{ .family = IP_V6, .action = FR_ACT_TO_TBL, .priority = 32766, .table = RT_TABLE_MAIN },
};

void *drift_grow(void *items, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return items;
	*capacity = *capacity ? *capacity * 2 : 8;
	items = realloc(items, *capacity * size);
	if (!items)
		abort();
	return items;
}

static void clear(struct drift_table *table)
{
	for (size_t i = 0; table->routes && i < table->count; i++)
		free(table->routes[i].route.hops);
	table->count = table->sorted_count = 0;
}

static struct drift_table *add_table(struct drift_set *set, uint32_t id)
{
	struct drift_table *table = drift_set_find(set, id);

	if (!table) {
		table = calloc(1, sizeof(*table));
		if (!table)
			abort();
		table->id = id;
		table->epoch = set->epoch;
		HASH_ADD(hh, set->tables, id, sizeof(table->id), table);
	}
	if (table->epoch != set->epoch) { /* what an earlier plan said counts no more */
		clear(table);
		table->epoch = set->epoch;
	}
	return table;
}

static int compare_routes(const void *a, const void *b)
{
	const struct drift_route *x = a, *y = b;

	return prefix_compare(x->route.prefix, y->route.prefix);
}

/* So that what was taken in is found. Plans are nearly in order, so this is seldom any work. */
void drift_table_sort(struct drift_table *table)
{
	if (table->sorted_count == table->count)
		return;
	for (size_t i = 1; i < table->count; i++)
		if (compare_routes(&table->routes[i - 1], &table->routes[i]) > 0) {
			qsort(table->routes, table->count, sizeof(*table->routes), compare_routes);
			break;
		}
	table->sorted_count = table->count;
}

struct drift_route *drift_table_find_route(struct drift_table *table, struct prefix prefix)
{
	struct drift_route key = { .route.prefix = prefix };

	return table->sorted_count ? bsearch(&key, table->routes, table->sorted_count, sizeof(key),
					     compare_routes)
				   : NULL;
}

static uint8_t type_of(enum route_type type)
{
	switch (type) {
	case ROUTE_UNICAST:
		return RTN_UNICAST;
	case ROUTE_THROW:
		return RTN_THROW;
	case ROUTE_BLACKHOLE:
		return RTN_BLACKHOLE;
	}
	return RTN_UNSPEC;
}

static struct fib_hop *hops_new(uint32_t count)
{
	struct fib_hop *hops = calloc(count, sizeof(*hops));

	if (!hops)
		abort();
	return hops;
}

static void remove_route(struct drift_table *table, struct drift_route *route)
{
	size_t at = (size_t)(route - table->routes);

	free(route->route.hops);
	table->count--;
	table->sorted_count--;
	memmove(route, route + 1, (table->count - at) * sizeof(*route));
}

/* The route's hops become the table's. */
static void take_route(struct drift_set *set, enum step_verb verb, const struct fib_route *new)
{
	struct drift_table *table = add_table(set, drift_id(new->prefix.addr.family, new->table));
	struct drift_route *route;

	if (table->sorted_count < table->count && table->unsorted_plan != set->plan_number)
		drift_table_sort(table);
	route = drift_table_find_route(table, new->prefix);
	if (verb == STEP_REMOVE) {
		if (route)
			remove_route(table, route);
		free(new->hops);
		return;
	}
	if (route) {
		free(route->route.hops);
	} else {
		table->routes = drift_grow(table->routes, &table->capacity, table->count,
					   sizeof(*table->routes));
		route = &table->routes[table->count++];
		table->unsorted_plan = set->plan_number;
	}
	route->route = *new;
}

static void take_route_step(struct drift_set *set, const struct plan *plan, const struct step *step)
{
	struct fib_route route = { .table = step->route.table,
				   .prefix = step->route.prefix,
				   .type = type_of(step->route.type),
				   .hop_count = step->route.nexthop_count };

	if (route.hop_count)
		route.hops = hops_new(route.hop_count);
	for (uint32_t i = 0; i < route.hop_count; i++) {
		const struct nexthop *hop = &plan->nexthops[step->route.first_nexthop + i];

		route.hops[i].via = hop->via;
		route.hops[i].ifindex = hop->ifindex;
	}
	take_route(set, step->verb, &route);
}

/* The kernel adds a route to itself; the address is a host's, so no network comes with it. */
static void take_address(struct drift_set *set, const struct step *step)
{
	struct fib_route route = { .table = RT_TABLE_LOCAL,
				   .prefix = prefix_host(step->address.prefix.addr),
				   .type = RTN_LOCAL,
				   .has_more = true, /* itself as the source */
				   .hop_count = 1,
				   .hops = hops_new(1) };

	route.hops->ifindex = step->address.ifindex;
	take_route(set, step->verb, &route);
}

static void push_rule(struct drift_table *table, const struct fib_rule *rule)
{
	table->rules =
		drift_grow(table->rules, &table->capacity, table->count, sizeof(*table->rules));
	table->rules[table->count].rule = *rule;
	table->rules[table->count++].rule.from.addr.family = rule->family;
	table->rules[table->count - 1].rule.to.addr.family = rule->family;
}

/* The kernel's own stand in no plan, and are wanted all the same. */
static struct drift_table *rules_of(struct drift_set *set, enum ip_family family)
{
	struct drift_table *table = add_table(set, drift_id(family, DRIFT_RULES));

	for (size_t i = 0, count = table->count; !count && i < ARRAY_SIZE(own_rules); i++)
		if (own_rules[i].family == family)
			push_rule(table, &own_rules[i]);
	return table;
}

static void remove_rule(struct drift_table *table, uint32_t priority)
{

	for (size_t i = 0; i < table->count; i++)
		if (table->rules[i].rule.priority == priority) {
			memmove(&table->rules[i], &table->rules[i + 1],
				(--table->count - i) * sizeof(*table->rules));
			return;
		}
}

static void take_rule(struct drift_set *set, const struct step *step)
{
	enum ip_family family = step->rule.family == IP_V6 ? IP_V6 : IP_V4;
	struct drift_table *table = rules_of(set, family);
	struct fib_rule rule = { .family = (uint8_t)family,
				 .action = FR_ACT_TO_TBL,
				 .priority = step->rule.priority,
				 .mark = step->rule.mark,
				 .mask = step->rule.mask,
				 .table = step->rule.table };

	if (step->verb != STEP_ADD)
		remove_rule(table, rule.priority);
	if (step->verb != STEP_REMOVE)
		push_rule(table, &rule);
}

/* Of IPv6 once it was wanted: else nothing is asked about it. */
static void add_own(struct drift_set *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_rules); i++)
		if (own_rules[i].family == IP_V4)
			(void)add_table(set, own_rules[i].table);
	(void)rules_of(set, IP_V4);
	if (drift_set_find(set, drift_id(IP_V6, DRIFT_RULES)))
		(void)rules_of(set, IP_V6);
}

void drift_set_init(struct drift_set *set)
{
	*set = (struct drift_set){ 0 };
	add_own(set);
}

static void table_free(struct drift_set *set, struct drift_table *table)
{
	HASH_DEL(set->tables, table);
	clear(table);
	free(table->routes);
	free(table->rules);
	free(table->found.items);
	free(table->standing.items);
	free(table);
}

void drift_set_fini(struct drift_set *set)
{
	struct drift_table *table, *next;

	HASH_ITER(hh, set->tables, table, next)
		table_free(set, table);
}

void drift_set_begin(struct drift_set *set, bool is_whole)
{
	set->plan_number++;
	if (!is_whole)
		return;
	set->epoch++;
	add_own(set);
}

void drift_set_take(struct drift_set *set, const struct plan *plan, const struct step *step)
{
	if (strcmp(plan_text(plan, step->ns), FABRIC_NS) != 0)
		return;
	if (step->kind == STEP_ROUTE)
		take_route_step(set, plan, step);
	else if (step->kind == STEP_RULE)
		take_rule(set, step);
	else if (step->kind == STEP_ADDRESS && step->address.prefix.addr.family == IP_V4)
		take_address(set, step);
}

/* Tables that the plan does not name any more are those that nothing leads to. */
void drift_set_end(struct drift_set *set, bool is_whole)
{
	struct drift_table *table, *next;

	HASH_ITER(hh, set->tables, table, next)
		if (is_whole && table->epoch != set->epoch)
			clear(table);
}

struct drift_table *drift_set_find(const struct drift_set *set, uint32_t id)
{
	struct drift_table *table = NULL;

	HASH_FIND(hh, set->tables, &id, sizeof(id), table);
	return table;
}

const struct fib_route *drift_table_lookup(struct drift_table *table, struct ip to)
{
	const struct fib_route *best = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct fib_route *route = &table->routes[i].route;

		if (prefix_has_ip(route->prefix, to) &&
		    (!best || route->prefix.len > best->prefix.len))
			best = route;
	}
	return best;
}

bool drift_table_wants_route(struct drift_table *table, const struct fib_route *route)
{
	const struct drift_route *wanted;

	drift_table_sort(table);
	wanted = drift_table_find_route(table, route->prefix);
	return wanted && fib_route_equal(&wanted->route, route);
}

/* The kernel tells them in order, and the plan has them nearly so: the next is mostly the one. */
struct drift_rule *drift_table_find_rule(struct drift_table *table, const struct fib_rule *rule)
{
	for (size_t i = 0; i < table->count; i++) {
		size_t at = (table->next_rule + i) % table->count;

		if (!fib_rule_equal(&table->rules[at].rule, rule))
			continue;
		table->next_rule = at + 1;
		return &table->rules[at];
	}
	return NULL;
}

bool drift_table_wants_rule(struct drift_table *table, const struct fib_rule *rule)
{
	return drift_table_find_rule(table, rule) != NULL;
}
