/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/nsg_diff.h"

#include "lab/base/ip.h"
#include "lab/snapshot/rule_words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- sets of addresses ---- */

struct set {
	struct prefix *items; /* sorted, none inside another */
	size_t count;
};

static int compare_prefixes(const void *a, const void *b)
{
	return prefix_compare(*(const struct prefix *)a, *(const struct prefix *)b);
}

/* What is no prefix is left out. */
static struct set set_of(const struct texts *texts, struct arena *arena)
{
	struct set out = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < texts->count; i++) {
		struct prefix prefix;

		if (prefix_parse(texts->items[i], &prefix))
			*ARENA_PUSH(arena, out.items, out.count) = prefix;
	}
	if (out.count)
		qsort(out.items, out.count, sizeof(*out.items), compare_prefixes);
	for (size_t i = 0; i < out.count; i++)
		if (!count || !prefix_covers(out.items[count - 1], out.items[i]))
			out.items[count++] = out.items[i];
	out.count = count;
	return out;
}

#define PREFIXES_MAX 1000 /* of a difference; a list with more of them helps nobody */

/* What of a prefix is not in the set, in prefixes. */
static void add_rest(struct set *rest, struct prefix prefix, const struct set *without,
		     struct arena *arena)
{
	struct set inside = { 0 };
	struct prefix half;

	if (rest->count >= PREFIXES_MAX)
		return;
	for (size_t i = 0; i < without->count; i++) {
		if (prefix_covers(without->items[i], prefix))
			return;
		if (prefix_covers(prefix, without->items[i]))
			*ARENA_PUSH(arena, inside.items, inside.count) = without->items[i];
	}
	if (!inside.count) {
		*ARENA_PUSH(arena, rest->items, rest->count) = prefix;
		return;
	}
	half = prefix_of(prefix.addr, prefix.len + 1u);
	add_rest(rest, half, &inside, arena);
	half.addr.bytes[prefix.len / 8] |= (uint8_t)(0x80u >> prefix.len % 8);
	add_rest(rest, half, &inside, arena);
}

#define PREFIXES_TOLD 8

/* "10.9.0.0/16, 10.10.0.0/16 and 3 more"; NULL when nothing of `a` is outside `b`. */
static const char *without(const struct set *a, const struct set *b, struct arena *arena)
{
	struct set rest = { 0 };
	const char *text = NULL;

	for (size_t i = 0; i < a->count; i++)
		add_rest(&rest, a->items[i], b, arena);
	for (size_t i = 0; i < rest.count && i < PREFIXES_TOLD; i++)
		text = arena_printf(arena, "%s%s%s", text ? text : "", text ? ", " : "",
				    prefix_print(rest.items[i]).text);
	if (rest.count >= PREFIXES_MAX)
		text = arena_printf(arena, "%s and many more", text);
	else if (rest.count > PREFIXES_TOLD)
		text = arena_printf(arena, "%s and %zu more", text, rest.count - PREFIXES_TOLD);
	return text;
}

/* ---- one rule beside another ---- */

struct comparison {
	struct nsg_diff *out;
	const struct snapshot_nsg *here;
	struct arena *arena;
};

static struct nsg_detail *add_detail(struct comparison *c, struct nsg_difference *difference,
				     const char *part, const char *here, const char *there)
{
	struct nsg_detail *detail =
		ARENA_PUSH(c->arena, difference->details.items, difference->details.count);

	detail->part = part;
	detail->here = here;
	detail->there = there;
	return detail;
}

static void compare_words(struct comparison *c, struct nsg_difference *difference, const char *part,
			  const char *here, const char *there)
{
	if (strcasecmp(here, there) != 0)
		(void)add_detail(c, difference, part, here, there);
}

static const struct snapshot_expansion *find_expansion(const struct snapshot_nsg *nsg,
						       const char *name)
{
	for (size_t i = 0; i < nsg->expansions.count; i++)
		if (!strcasecmp(nsg->expansions.items[i].name, name))
			return &nsg->expansions.items[i];
	return NULL;
}

/* Whom one side of a rule means. */
struct meant {
	const char *name;  /* "*" or a tag; NULL: prefixes */
	struct texts list; /* what they are, or what the tag is */
	bool is_groups;    /* they are members of ASGs */
};

static struct meant meant_here(const struct comparison *c, const struct texts *addresses)
{
	const struct snapshot_expansion *first =
		addresses->count ? find_expansion(c->here, addresses->items[0]) : NULL;
	struct meant out = { .list = *addresses };

	if (addresses->count && !strcmp(addresses->items[0], "*"))
		return (struct meant){ .name = "*" };
	if (!first)
		return out;
	if (!strcmp(first->kind, "tag"))
		return (struct meant){ .name = first->name, .list = first->prefixes };
	out.is_groups = true;
	out.list = (struct texts){ 0 }; /* ASGs: their members */
	for (size_t i = 0; i < addresses->count; i++) {
		const struct snapshot_expansion *group =
			find_expansion(c->here, addresses->items[i]);

		for (size_t n = 0; group && n < group->prefixes.count; n++)
			*ARENA_PUSH(c->arena, out.list.items, out.list.count) =
				group->prefixes.items[n];
	}
	return out;
}

/* Names of ASGs are none of a tag: who they are is what is compared. */
static struct meant meant_there(const struct meant *here, const struct texts *addresses,
				const struct texts *expanded)
{
	struct prefix prefix;
	bool is_named = false;

	for (size_t i = 0; i < addresses->count; i++) {
		if (!strcmp(addresses->items[i], "*"))
			return (struct meant){ .name = "*" };
		is_named |= !prefix_parse(addresses->items[i], &prefix);
	}
	if (is_named && !here->is_groups)
		return (struct meant){ .name = addresses->items[0], .list = *expanded };
	return (struct meant){ .list = expanded->count ? *expanded : *addresses };
}

static const char *words_of(const struct texts *addresses, struct arena *arena)
{
	static const struct texts none;

	return addresses->count ? rule_side_words(addresses, &none, arena) : "nobody";
}

/* Where it is written what a tag is. */
static const char *rule_of_tag(const char *name)
{
	static const struct {
		const char *name, *rule;
	} rules[] = {
		{ "VirtualNetwork", "NSG-29" },
		{ "Internet", "NSG-30" },
		{ "AzureLoadBalancer", "NSG-31" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcasecmp(rules[i].name, name))
			return rules[i].rule;
	return "NSG-33";
}

/* What is not told there is taken for equal. */
static void compare_expansions(struct comparison *c, struct nsg_difference *difference,
			       const char *part, const struct meant *here,
			       const struct meant *there)
{
	struct set ours = set_of(&here->list, c->arena), theirs = set_of(&there->list, c->arena);
	const char *only_here, *only_there;
	struct nsg_detail *detail;

	if (!there->list.count && here->name)
		return;
	only_here = without(&ours, &theirs, c->arena);
	only_there = without(&theirs, &ours, c->arena);
	if (!only_here && !only_there)
		return;
	detail = add_detail(c, difference,
			    here->name ? arena_printf(c->arena, "%s, as %s", here->name, part)
				       : part,
			    only_here, only_there);
	detail->is_expansion = true;
	detail->rule = here->name ? rule_of_tag(here->name) : NULL;
}

static void compare_addresses(struct comparison *c, struct nsg_difference *difference,
			      const char *part, const struct texts *ours,
			      const struct texts *theirs, const struct texts *expanded)
{
	struct meant here = meant_here(c, ours), there = meant_there(&here, theirs, expanded);
	bool is_named_alike = here.name && there.name ? !strcasecmp(here.name, there.name)
						      : here.name == there.name;

	if (is_named_alike)
		compare_expansions(c, difference, part, &here, &there);
	else
		(void)add_detail(c, difference, part, words_of(ours, c->arena),
				 words_of(theirs->count ? theirs : expanded, c->arena));
}

#define PORTS 65536

static bool *ports_of(const struct texts *ports, struct arena *arena)
{
	bool *out = arena_alloc(arena, PORTS * sizeof(*out));

	for (size_t i = 0; i < ports->count; i++) {
		const char *dash = strchr(ports->items[i], '-');
		unsigned long first = strtoul(ports->items[i], NULL, 10);
		unsigned long last = dash ? strtoul(dash + 1, NULL, 10) : first;

		for (unsigned long port = first; port <= last && port < PORTS; port++)
			out[port] = true;
	}
	return out;
}

static void compare_ports(struct comparison *c, struct nsg_difference *difference, const char *part,
			  const struct texts *ours, const struct texts *theirs)
{
	struct arena *arena;
	bool is_equal = ours->count == theirs->count;

	for (size_t i = 0; i < ours->count && is_equal; i++)
		is_equal = !strcmp(ours->items[i], theirs->items[i]);
	if (!is_equal && ours->count && theirs->count) {
		arena = arena_new();
		is_equal = !memcmp(ports_of(ours, arena), ports_of(theirs, arena),
				   PORTS * sizeof(bool));
		arena_free(arena);
	}
	if (!is_equal)
		(void)add_detail(c, difference, part, ours->count ? words_of(ours, c->arena) : "*",
				 theirs->count ? words_of(theirs, c->arena) : "*");
}

static void compare_rule(struct comparison *c, const char *layer, const char *nsg,
			 const struct snapshot_rule *here, const struct az_nsg_rule *there)
{
	struct nsg_difference difference = { .kind = NSG_DIFFERENT,
					     .layer = layer,
					     .nsg = nsg,
					     .here = here,
					     .there = &there->rule };
	const struct snapshot_rule *rule = &there->rule;

	if (here->priority != rule->priority)
		(void)add_detail(c, &difference, "priority",
				 arena_printf(c->arena, "%lld", (long long)here->priority),
				 arena_printf(c->arena, "%lld", (long long)rule->priority));
	compare_words(c, &difference, "access", here->access, rule->access);
	compare_words(c, &difference, "protocol", here->protocol, rule->protocol);
	compare_addresses(c, &difference, "source", &here->source, &rule->source,
			  &there->source_expanded);
	compare_ports(c, &difference, "source ports", &here->source_ports, &rule->source_ports);
	compare_addresses(c, &difference, "destination", &here->destination, &rule->destination,
			  &there->destination_expanded);
	compare_ports(c, &difference, "destination ports", &here->destination_ports,
		      &rule->destination_ports);
	if (difference.details.count)
		*ARENA_PUSH(c->arena, c->out->items.items, c->out->items.count) = difference;
}

/* ---- one layer beside another ---- */

static struct nsg_difference *add(struct comparison *c, enum nsg_difference_kind kind,
				  const char *layer, const char *nsg)
{
	struct nsg_difference *difference =
		ARENA_PUSH(c->arena, c->out->items.items, c->out->items.count);

	difference->kind = kind;
	difference->layer = layer;
	difference->nsg = nsg;
	return difference;
}

/* Rules are the same by name: what is different of them is told. */
static bool is_same_rule(const struct snapshot_rule *a, const struct snapshot_rule *b)
{
	return !strcasecmp(a->name, b->name) && !strcasecmp(a->direction, b->direction);
}

static void compare_filters(struct comparison *c, const struct snapshot_filter *here,
			    const struct az_nsg_filter *there)
{
	bool *is_done = arena_alloc(c->arena, there->rules.count + 1);

	for (size_t i = 0; i < here->rules.count; i++) {
		const struct snapshot_rule *rule = &here->rules.items[i];
		size_t n = 0;

		while (n < there->rules.count &&
		       (is_done[n] || !is_same_rule(rule, &there->rules.items[n].rule)))
			n++;
		if (n == there->rules.count) {
			add(c, NSG_ONLY_HERE, here->layer, here->resource)->here = rule;
			continue;
		}
		is_done[n] = true;
		compare_rule(c, here->layer, here->resource, rule, &there->rules.items[n]);
	}
	for (size_t n = 0; n < there->rules.count; n++)
		if (!is_done[n])
			add(c, NSG_ONLY_THERE, here->layer, there->nsg)->there =
				&there->rules.items[n].rule;
}

static int compare_kinds(const void *a, const void *b)
{
	const struct nsg_difference *const *x = a, *const *y = b;

	if ((*x)->kind != (*y)->kind)
		return (int)(*x)->kind - (int)(*y)->kind;
	return (*x > *y) - (*x < *y); /* as they were found */
}

static void sort(struct nsg_diff *diff, struct arena *arena)
{
	const struct nsg_difference **order;
	struct nsg_difference *items;

	if (!diff->items.count)
		return;
	order = arena_alloc(arena, diff->items.count * sizeof(*order));
	items = arena_alloc(arena, diff->items.count * sizeof(*items));
	for (size_t i = 0; i < diff->items.count; i++)
		order[i] = &diff->items.items[i];
	qsort((void *)order, diff->items.count, sizeof(*order), compare_kinds);
	for (size_t i = 0; i < diff->items.count; i++)
		items[i] = *order[i];
	diff->items.items = items;
}

struct nsg_diff nsg_diff_find(const struct snapshot_nsg *here, const struct az_nsg_file *there,
			      struct arena *arena)
{
	static const char *const layers[] = { "subnet", "nic" };
	struct nsg_diff out = { 0 };
	struct comparison c = { &out, here, arena };

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		const struct snapshot_filter *ours = NULL;
		const struct az_nsg_filter *theirs = NULL;

		for (size_t n = 0; n < here->filters.count; n++)
			if (!strcmp(here->filters.items[n].layer, layers[i]))
				ours = &here->filters.items[n];
		for (size_t n = 0; n < there->filters.count; n++)
			if (!strcmp(there->filters.items[n].layer, layers[i]))
				theirs = &there->filters.items[n];
		if (ours && theirs)
			compare_filters(&c, ours, theirs);
		else if (ours)
			(void)add(&c, NSG_ONLY_HERE, layers[i], ours->resource);
		else if (theirs)
			(void)add(&c, NSG_ONLY_THERE, layers[i], theirs->nsg);
	}
	sort(&out, arena);
	return out;
}

/* ---- for people, and as JSON ---- */

static const char *const kind_names[] = {
	[NSG_ONLY_HERE] = "only here",
	[NSG_ONLY_THERE] = "only there",
	[NSG_DIFFERENT] = "different",
};

static void print_detail(const struct nsg_detail *detail, FILE *out)
{
	(void)fprintf(out, "    %s: ", detail->part);
	if (!detail->is_expansion)
		(void)fprintf(out, "%s here, %s there\n", detail->here, detail->there);
	else
		(void)fprintf(out, "%s%s%s%s%s%s%s%s\n", detail->here ? detail->here : "",
			      detail->here ? " only here" : "",
			      detail->here && detail->there ? "; " : "",
			      detail->there ? detail->there : "",
			      detail->there ? " only there" : "", detail->rule ? " (" : "",
			      detail->rule ? detail->rule : "", detail->rule ? ")" : "");
}

static void print_difference(const struct nsg_difference *difference, struct arena *arena,
			     FILE *out)
{
	const struct snapshot_rule *rule = difference->here ? difference->here : difference->there;

	if (!rule) {
		(void)fprintf(out, "  %s: an NSG, %s\n", difference->layer, difference->nsg);
		return;
	}
	(void)fprintf(out, "  %s %s: %s %s", difference->layer, difference->nsg, rule->direction,
		      rule->name);
	if (difference->kind == NSG_DIFFERENT)
		(void)fprintf(out, " %lld", (long long)rule->priority);
	else
		(void)fprintf(out, " %lld %s %s", (long long)rule->priority, rule->access,
			      rule_words(rule, arena));
	if (rule->place)
		(void)fprintf(out, " (%s)", rule->place);
	(void)fputc('\n', out);
	for (size_t i = 0; i < difference->details.count; i++)
		print_detail(&difference->details.items[i], out);
}

void nsg_diff_print(const struct nsg_diff *diff, FILE *out)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < diff->items.count; i++) {
		const struct nsg_difference *difference = &diff->items.items[i];

		if (!i || difference[-1].kind != difference->kind)
			(void)fprintf(out, "%s%s:\n", i ? "\n" : "", kind_names[difference->kind]);
		print_difference(difference, arena, out);
	}
	arena_free(arena);
}

static json_t *rule_json(const struct snapshot_rule *rule, struct arena *arena)
{
	if (!rule)
		return json_null();
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s?}", "name", rule->name, "direction",
			 rule->direction, "priority", (json_int_t)rule->priority, "access",
			 rule->access, "rule", rule_words(rule, arena), "place", rule->place);
}

json_t *nsg_diff_json(const struct nsg_diff *diff)
{
	struct arena *arena = arena_new();
	json_t *items = json_array();

	for (size_t i = 0; i < diff->items.count; i++) {
		const struct nsg_difference *difference = &diff->items.items[i];
		json_t *details = json_array();

		for (size_t n = 0; n < difference->details.count; n++) {
			const struct nsg_detail *detail = &difference->details.items[n];

			(void)json_array_append_new(
				details, json_pack("{s:s, s:s?, s:s?, s:b, s:s?}", "part",
						   detail->part, "here", detail->here, "there",
						   detail->there, "isExpansion",
						   detail->is_expansion, "rule", detail->rule));
		}
		(void)json_array_append_new(
			items, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "difference",
					 kind_names[difference->kind], "layer", difference->layer,
					 "networkSecurityGroup", difference->nsg, "here",
					 rule_json(difference->here, arena), "there",
					 rule_json(difference->there, arena), "details", details));
	}
	arena_free(arena);
	return json_pack("{s:o}", "differences", items);
}
