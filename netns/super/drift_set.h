/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The routes and rules of the fabric as they are wanted, table by table, and what is found when a
 * table of the kernel is held against it. Plans are taken in a part at a time.
 */
#include "lab/plan/plan.h"
#include "netns/kernel/fib.h"

#include <uthash.h>

struct drift_route {
	struct fib_route route;
	bool is_seen;
};

struct drift_rule {
	struct fib_rule rule;
	bool is_seen;
};

/* One route or rule of which the kernel has something else than what is wanted. */
struct drift_item {
	struct prefix prefix; /* of a route */
	struct fib_rule rule; /* the foreign one, or the one that is missing */
	bool is_foreign;      /* there is something in the kernel */
	char wanted[200], has[200];
};

/* What was found in one table; in order when the comparison is over. */
struct drift_found {
	struct drift_item *items;
	size_t count, capacity;
};

/* A table of one family, or (table 0) its rules. */
struct drift_table {
	uint32_t id;    /* as drift_id says */
	uint64_t epoch; /* of the whole plan that named it last */
	struct drift_route *routes;
	struct drift_rule *rules; /* of table 0 */
	size_t count, capacity;
	size_t sorted_count; /* those behind came with the plan `unsorted_plan` */
	uint64_t unsorted_plan;
	size_t next_rule;                   /* behind the one that was found last */
	struct drift_found found, standing; /* by the comparison that goes on, and the last one */
	bool is_due;
	struct drift_table *prev, *next; /* of those that are due */
	UT_hash_handle hh;
};

struct drift_set {
	struct drift_table *tables; /* in the order in which they came */
	uint64_t epoch, plan_number;
};

#define DRIFT_RULES 0           /* the table under which the rules are */
#define DRIFT_IPV6  0x80000000u /* in the id of a table of IPv6; no table has such a number */

static inline uint32_t drift_id(enum ip_family family, uint32_t table)
{
	return family == IP_V6 ? table | DRIFT_IPV6 : table;
}

static inline enum ip_family drift_family(uint32_t id)
{
	return id & DRIFT_IPV6 ? IP_V6 : IP_V4;
}

static inline uint32_t drift_number(uint32_t id)
{
	return id & ~DRIFT_IPV6;
}

static inline bool drift_is_rules(uint32_t id)
{
	return drift_number(id) == DRIFT_RULES;
}

void drift_set_init(struct drift_set *set); /* with what every kernel has by itself */
void drift_set_fini(struct drift_set *set);

/* Several plans one after the other, each from its first step to its last. */
void drift_set_begin(struct drift_set *set, bool is_whole);
void drift_set_take(struct drift_set *set, const struct plan *plan, const struct step *step);
void drift_set_end(struct drift_set *set, bool is_whole);

struct drift_table *drift_set_find(const struct drift_set *set, uint32_t id);
/* The one by which the table decides about an address; NULL when none does. */
const struct fib_route *drift_table_lookup(struct drift_table *table, struct ip to);

/* Is the message about something that is as it is wanted? */
bool drift_table_wants_route(struct drift_table *table, const struct fib_route *route);
bool drift_table_wants_rule(struct drift_table *table, const struct fib_rule *rule);

/* Of what is wanted; borrowed until more is taken in. NULL when there is none. */
struct drift_route *drift_table_find_route(struct drift_table *table, struct prefix prefix);
struct drift_rule *drift_table_find_rule(struct drift_table *table, const struct fib_rule *rule);
/* What was taken in is found only then. */
void drift_table_sort(struct drift_table *table);
/* Room for one more item of the size; the array may move. */
void *drift_grow(void *items, size_t *capacity, size_t count, size_t size);

/* By what they are about and then by what they say. */
int drift_item_compare(const void *a, const void *b);

/* Is something wanted there that the kernel does not have, or not so? */
bool drift_found_lacks(const struct drift_found *found, struct prefix prefix, uint32_t priority);

/* A comparison: all that the kernel has, then the end of it. */
void drift_table_begin(struct drift_table *table);
void drift_table_see_route(struct drift_table *table, const struct fib_route *route,
			   fib_name_fn *name, const void *arg);
void drift_table_see_rule(struct drift_table *table, const struct fib_rule *rule);
void drift_table_end(struct drift_table *table, fib_name_fn *name, const void *arg);
