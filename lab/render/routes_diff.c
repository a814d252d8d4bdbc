/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/routes_diff.h"

#include "lab/azure/effective_routes.h"
#include "lab/azure/none_routes.h"
#include "lab/model/lab.h"
#include "lab/render/why.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct entries {
	struct routes_entry *items;
	size_t count;
};

/* ---- both sides in one form ---- */

static bool is_same_row(const struct routes_entry *a, const struct routes_entry *b)
{
	return prefix_equal(a->prefix, b->prefix) && !strcasecmp(a->source, b->source) &&
	       !strcasecmp(a->type, b->type) && !strcasecmp(a->state, b->state);
}

static int entry_compare(const void *a, const void *b)
{
	const struct routes_entry *x = a, *y = b;
	int order = prefix_compare(x->prefix, y->prefix);

	order = order ? order : strcasecmp(x->source, y->source);
	order = order ? order : strcasecmp(x->type, y->type);
	order = order ? order : strcasecmp(x->state, y->state);
	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool has_hop(const struct texts *hops, const char *hop)
{
	for (size_t i = 0; i < hops->count; i++)
		if (!strcmp(hops->items[i], hop))
			return true;
	return false;
}

static void add_hops(struct texts *hops, const struct texts *more, struct arena *arena)
{
	for (size_t i = 0; i < more->count; i++)
		if (!has_hop(hops, more->items[i]))
			*ARENA_PUSH(arena, hops->items, hops->count) = more->items[i];
}

static struct entries take_apart(const struct snapshot_route *rows, size_t count,
				 struct arena *arena)
{
	struct entries all = { 0 }, out = { 0 };

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < rows[i].address_prefix.count; n++) {
			struct routes_entry *entry = ARENA_PUSH(arena, all.items, all.count);

			*entry = (struct routes_entry){ .source = rows[i].source,
							.state = rows[i].state,
							.type = rows[i].next_hop_type,
							.name = rows[i].name,
							.row = i };
			if (prefix_parse(rows[i].address_prefix.items[n], &entry->prefix))
				entry->prefix = prefix_of(entry->prefix.addr, entry->prefix.len);
			else
				all.count--; /* neither side has such */
		}
	if (all.count)
		qsort(all.items, all.count, sizeof(*all.items), entry_compare);
	for (size_t i = 0; i < all.count; i++) {
		if (!out.count || !is_same_row(&out.items[out.count - 1], &all.items[i]))
			*ARENA_PUSH(arena, out.items, out.count) = all.items[i];
		add_hops(&out.items[out.count - 1].next_hops, &rows[all.items[i].row].next_hop_ip,
			 arena);
	}
	return out;
}

/* ---- what differs ---- */

struct absent {
	struct prefix prefix;
	const struct snapshot_reason *reason;
};

struct comparison {
	struct routes_diff *out;
	const struct snapshot_why *here;
	struct arena *arena;
	LIST_OF(struct absent) absent; /* what the lab says is not there */
};

static struct routes_difference *add(struct comparison *c, const struct routes_entry *here,
				     const struct routes_entry *there)
{
	struct routes_difference *difference =
		ARENA_PUSH(c->arena, c->out->items.items, c->out->items.count);

	difference->kind = !there ? ROUTES_ONLY_HERE : !here ? ROUTES_ONLY_THERE : ROUTES_DIFFERENT;
	difference->here = here;
	difference->there = there;
	return difference;
}

static void because(struct comparison *c, struct routes_difference *difference, const char *rule,
		    const char *words, const char *place)
{
	*ARENA_PUSH(c->arena, difference->reasons.items, difference->reasons.count) =
		(struct routes_reason){ rule, words, place };
}

static bool is_equal(const struct routes_entry *a, const struct routes_entry *b)
{
	if (!is_same_row(a, b) || a->next_hops.count != b->next_hops.count)
		return false;
	for (size_t i = 0; i < a->next_hops.count; i++)
		if (!has_hop(&b->next_hops, a->next_hops.items[i]))
			return false;
	return true;
}

/* How alike two rows of one prefix are: the most alike are compared. */
enum likeness {
	LIKE_ANY,
	LIKE_SOURCE,
	LIKE_TYPE,
	LIKE_ROW
};

static enum likeness likeness(const struct routes_entry *a, const struct routes_entry *b)
{
	if (strcasecmp(a->source, b->source) != 0)
		return LIKE_ANY;
	if (strcasecmp(a->type, b->type) != 0)
		return LIKE_SOURCE;
	return strcasecmp(a->state, b->state) != 0 ? LIKE_TYPE : LIKE_ROW;
}

static void compare_prefix(struct comparison *c, const struct routes_entry *here, size_t here_count,
			   const struct routes_entry *there, size_t there_count)
{
	bool *is_here_done = arena_alloc(c->arena, here_count + 1);
	bool *is_there_done = arena_alloc(c->arena, there_count + 1);

	for (int least = LIKE_ROW; least >= LIKE_ANY; least--)
		for (size_t i = 0; i < here_count; i++)
			for (size_t n = 0; n < there_count && !is_here_done[i]; n++) {
				if (is_there_done[n] || (int)likeness(&here[i], &there[n]) < least)
					continue;
				is_here_done[i] = is_there_done[n] = true;
				if (!is_equal(&here[i], &there[n]))
					(void)add(c, &here[i], &there[n]);
			}
	for (size_t i = 0; i < here_count; i++)
		if (!is_here_done[i])
			(void)add(c, &here[i], NULL);
	for (size_t n = 0; n < there_count; n++)
		if (!is_there_done[n])
			(void)add(c, NULL, &there[n]);
}

/* Entries from one on that have its prefix. */
static size_t run_of(const struct entries *entries, size_t from)
{
	size_t end = from;

	while (end < entries->count &&
	       prefix_equal(entries->items[end].prefix, entries->items[from].prefix))
		end++;
	return end - from;
}

static void compare_all(struct comparison *c, const struct entries *here,
			const struct entries *there)
{
	size_t i = 0, n = 0;

	while (i < here->count || n < there->count) {
		int order = i == here->count ? 1
			    : n == there->count
				    ? -1
				    : prefix_compare(here->items[i].prefix, there->items[n].prefix);
		size_t ours = order <= 0 ? run_of(here, i) : 0;
		size_t theirs = order >= 0 ? run_of(there, n) : 0;

		compare_prefix(c, ours ? &here->items[i] : NULL, ours,
			       theirs ? &there->items[n] : NULL, theirs);
		i += ours;
		n += theirs;
	}
}

/* ---- why ---- */

/* Reasons are in the order of rows. */
static void explain_row(struct comparison *c, struct routes_difference *difference)
{
	for (size_t i = 0; i < c->here->reasons.count; i++) {
		const struct snapshot_reason *reason = &c->here->reasons.items[i];

		if (reason->row == (int64_t)difference->here->row)
			because(c, difference, reason->rule, reason->words, reason->place);
	}
	if (difference->there &&
	    strcasecmp(difference->there->state, difference->here->state) != 0 &&
	    !strcasecmp(difference->here->state, route_state_name(ROUTE_ACTIVE)))
		because(c, difference, "R3.2",
			"Invalid there: a user's route comes first, and here none does", NULL);
}

/* Which absences speak of a prefix, from the best on. */
enum absence {
	ABSENCE_SAME,   /* of that prefix and source */
	ABSENCE_PREFIX, /* of that prefix */
	ABSENCE_AROUND, /* of one that holds it */
	ABSENCE_COUNT
};

static bool is_absence(const struct absent *absent, const struct routes_entry *there,
		       enum absence kind)
{
	switch (kind) {
	case ABSENCE_SAME:
		return prefix_equal(absent->prefix, there->prefix) &&
		       !strcasecmp(absent->reason->source, there->source);
	case ABSENCE_PREFIX:
		return prefix_equal(absent->prefix, there->prefix);
	case ABSENCE_AROUND:
		return absent->prefix.len && prefix_covers(absent->prefix, there->prefix) &&
		       !strcasecmp(absent->reason->next_hop_type, there->type);
	case ABSENCE_COUNT:
		break;
	}
	return false;
}

/* Nothing of the lab is even a candidate for it. */
static void explain_unknown(struct comparison *c, struct routes_difference *difference)
{
	static const struct {
		enum next_hop_type type;
		const char *rule, *words;
	} unknown[] = {
		{ NEXT_HOP_VNET_LOCAL, "R2.1", "the virtual network has no such range" },
		{ NEXT_HOP_VNET_PEERING, "R2.7", "no virtual network of the lab has such a range" },
		{ NEXT_HOP_VNET_GLOBAL_PEERING, "R2.7",
		  "no virtual network of the lab has such a range" },
		{ NEXT_HOP_INTERNET, "R2.2", "of all prefixes only 0.0.0.0/0 is the Internet's" },
		{ NEXT_HOP_NONE, "R2.4", "in Azure's list of no year that we know" },
		{ NEXT_HOP_SERVICE_ENDPOINT, "R2.9",
		  "no service endpoint of the subnet has such a prefix" },
		{ NEXT_HOP_INTERFACE_ENDPOINT, "R2.11",
		  "no private endpoint of the lab has this address" },
	};
	const struct routes_entry *there = difference->there;

	if (!strcasecmp(there->source, route_source_name(SOURCE_USER))) {
		because(c, difference, "R3.9",
			c->here->route_table
				? arena_printf(c->arena, "route table '%s' has no such route",
					       c->here->route_table)
				: "the subnet has no route table",
			NULL);
		return;
	}
	if (!strcasecmp(there->source, route_source_name(SOURCE_GATEWAY))) {
		because(c, difference, "R2.8",
			"no gateway that the virtual network uses has learned it", NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		if (!strcasecmp(next_hop_type_name(unknown[i].type), there->type)) {
			because(c, difference, unknown[i].rule, unknown[i].words, NULL);
			return;
		}
	because(c, difference, "R1.6", "labs have no rows of this type", NULL);
}

static void explain_absence(struct comparison *c, struct routes_difference *difference)
{
	for (int kind = ABSENCE_SAME; kind < ABSENCE_COUNT; kind++) {
		for (size_t i = 0; i < c->absent.count; i++) {
			const struct snapshot_reason *reason = c->absent.items[i].reason;

			if (is_absence(&c->absent.items[i], difference->there, (enum absence)kind))
				because(c, difference, reason->rule, reason->words, reason->place);
		}
		if (difference->reasons.count)
			return;
	}
	explain_unknown(c, difference);
}

/* ---- None rows of other years ---- */

static bool is_none(const struct routes_difference *difference)
{
	const struct routes_entry *entry = difference->here ? difference->here : difference->there;

	return difference->kind != ROUTES_DIFFERENT &&
	       !strcasecmp(entry->type, next_hop_type_name(NEXT_HOP_NONE)) &&
	       !strcasecmp(entry->source, route_source_name(SOURCE_DEFAULT));
}

/* Do all None rows that differ follow from that year's list? */
static bool is_of_year(const struct routes_diff *diff, enum none_routes year)
{
	size_t count = 0;

	for (size_t i = 0; i < diff->items.count; i++) {
		const struct routes_difference *difference = &diff->items.items[i];

		if (!is_none(difference))
			continue;
		count++;
		if (difference->there ? !none_routes_has(year, difference->there->prefix)
				      : none_routes_has(year, difference->here->prefix))
			return false;
	}
	return count > 0;
}

/* As Azure lists them (R1.9). */
static int difference_compare(const void *a, const void *b)
{
	const struct routes_difference *x = a, *y = b;
	const struct routes_entry *p = x->here ? x->here : x->there;
	const struct routes_entry *q = y->here ? y->here : y->there;

	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	return p->row != q->row ? (p->row > q->row) - (p->row < q->row)
				: prefix_compare(p->prefix, q->prefix);
}

static void list_absent(struct comparison *c)
{
	for (size_t i = 0; i < c->here->reasons.count; i++) {
		const struct snapshot_reason *reason = &c->here->reasons.items[i];
		struct absent absent = { .reason = reason };

		if (reason->row < 0 && prefix_parse(reason->prefix, &absent.prefix))
			*ARENA_PUSH(c->arena, c->absent.items, c->absent.count) = absent;
	}
}

struct routes_diff routes_diff_find(const struct snapshot_why *here,
				    const struct snapshot_routes *there, struct arena *arena)
{
	struct routes_diff out = { 0 };
	struct comparison c = { .out = &out, .here = here, .arena = arena };
	struct entries ours = take_apart(here->routes.items, here->routes.count, arena);
	struct entries theirs = take_apart(there->routes.items, there->routes.count, arena);

	list_absent(&c);
	compare_all(&c, &ours, &theirs);
	if (out.items.count)
		qsort(out.items.items, out.items.count, sizeof(*out.items.items),
		      difference_compare);
	for (size_t i = 0; i < out.items.count; i++) {
		if (out.items.items[i].here)
			explain_row(&c, &out.items.items[i]);
		else
			explain_absence(&c, &out.items.items[i]);
	}
	for (int year = NONE_ROUTES_2020; year <= NONE_ROUTES_2026 && !out.years; year++)
		if (is_of_year(&out, (enum none_routes)year))
			out.years = choice_name(none_routes_names, year);
	return out;
}

/* ---- for people, and as JSON ---- */

static const char *const kind_names[] = {
	[ROUTES_ONLY_HERE] = "only here",
	[ROUTES_ONLY_THERE] = "only there",
	[ROUTES_DIFFERENT] = "different",
};

static bool is_text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool has_same_reasons(const struct routes_difference *a, const struct routes_difference *b)
{
	if (a->kind != b->kind || a->kind == ROUTES_DIFFERENT ||
	    a->reasons.count != b->reasons.count)
		return false;
	for (size_t i = 0; i < a->reasons.count; i++)
		if (strcmp(a->reasons.items[i].rule, b->reasons.items[i].rule) != 0 ||
		    strcmp(a->reasons.items[i].words, b->reasons.items[i].words) != 0 ||
		    !is_text_equal(a->reasons.items[i].place, b->reasons.items[i].place))
			return false;
	return true;
}

static void print_entry(const char *before, const struct routes_entry *entry, FILE *out)
{
	(void)fprintf(out, "%s%s %s %s %s", before, entry->source, entry->state,
		      prefix_print(entry->prefix).text, entry->type);
	for (size_t i = 0; i < entry->next_hops.count; i++)
		(void)fprintf(out, " %s", entry->next_hops.items[i]);
	if (entry->name)
		(void)fprintf(out, " '%s'", entry->name);
	(void)fputc('\n', out);
}

static void print_difference(const struct routes_difference *difference, FILE *out)
{
	switch (difference->kind) {
	case ROUTES_ONLY_HERE:
		print_entry("  ", difference->here, out);
		break;
	case ROUTES_ONLY_THERE:
		print_entry("  ", difference->there, out);
		break;
	case ROUTES_DIFFERENT:
		print_entry("  here:  ", difference->here, out);
		print_entry("  there: ", difference->there, out);
		break;
	}
}

static void print_reasons(const struct routes_difference *difference, FILE *out)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < difference->reasons.count; i++) {
		const struct routes_reason *reason = &difference->reasons.items[i];

		why_print_reason(reason->rule, reason->words, reason->place, arena, out);
	}
	arena_free(arena);
}

void routes_diff_print(const struct routes_diff *diff, FILE *out)
{
	const struct routes_difference *before = NULL, *next;

	for (size_t i = 0; i < diff->items.count; i++) {
		const struct routes_difference *difference = &diff->items.items[i];

		if (diff->years && is_none(difference))
			continue;
		if (!before || before->kind != difference->kind)
			(void)fprintf(out, "%s%s:\n", before ? "\n" : "",
				      kind_names[difference->kind]);
		before = difference;
		print_difference(difference, out);
		next = i + 1 < diff->items.count ? difference + 1 : NULL;
		if (!next || (diff->years && is_none(next)) || !has_same_reasons(difference, next))
			print_reasons(difference, out);
	}
	if (diff->years)
		(void)fprintf(out,
			      "%stheir None rows are those of %s: semantics: "
			      "{ none_routes: %s } (R2.4)\n",
			      before ? "\n" : "", diff->years, diff->years);
}

static json_t *entry_json(const struct routes_entry *entry)
{
	json_t *hops, *out;

	if (!entry)
		return json_null();
	hops = json_array();
	for (size_t i = 0; i < entry->next_hops.count; i++)
		(void)json_array_append_new(hops, json_string(entry->next_hops.items[i]));
	out = json_pack("{s:s, s:o, s:s, s:s, s:s}", "addressPrefix",
			prefix_print(entry->prefix).text, "nextHopIpAddress", hops, "nextHopType",
			entry->type, "source", entry->source, "state", entry->state);
	if (entry->name)
		(void)json_object_set_new(out, "name", json_string(entry->name));
	return out;
}

json_t *routes_diff_json(const struct routes_diff *diff)
{
	json_t *items = json_array();

	for (size_t i = 0; i < diff->items.count; i++) {
		const struct routes_difference *difference = &diff->items.items[i];
		json_t *reasons = json_array();

		for (size_t n = 0; n < difference->reasons.count; n++) {
			const struct routes_reason *reason = &difference->reasons.items[n];

			(void)json_array_append_new(
				reasons, json_pack("{s:s, s:s, s:s?}", "rule", reason->rule,
						   "words", reason->words, "place", reason->place));
		}
		(void)json_array_append_new(items, json_pack("{s:s, s:o, s:o, s:o}", "difference",
							     kind_names[difference->kind], "here",
							     entry_json(difference->here), "there",
							     entry_json(difference->there),
							     "reasons", reasons));
	}
	return json_pack("{s:o, s:s?}", "differences", items, "noneRoutes", diff->years);
}
