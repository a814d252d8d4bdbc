/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/why.h"

#include "lab/azure/effective_routes.h"
#include "lab/base/text_file.h"
#include "lab/render/az_routes.h"
#include "lab/snapshot/rows.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH     80
#define FEW       3 /* prefixes that are named; of more the first so many */
#define SENTENCES 8 /* about one rule, when nothing was asked for */
#define PLACES    4 /* lines of the file that are named */

struct texts why_wrap(const char *text, size_t first, size_t others, struct arena *arena)
{
	struct texts lines = { 0 };

	while (*text) {
		size_t width = lines.count ? others : first, end = strlen(text);

		if (end > width) {
			for (end = width; end && text[end] != ' '; end--)
				;
			if (!end) /* a word that is wider */
				end = strcspn(text, " ");
		}
		*ARENA_PUSH(arena, lines.items, lines.count) = arena_strndup(arena, text, end);
		text += end;
		text += strspn(text, " ");
	}
	return lines;
}

/* Behind the first line the others are indented. */
static void print_wrapped(unsigned indent, const char *text, struct arena *arena, FILE *out)
{
	struct texts lines = why_wrap(text, WIDTH, WIDTH - indent, arena);

	for (size_t i = 0; i < lines.count; i++)
		(void)fprintf(out, "%*s%s\n", i ? (int)indent : 0, "", lines.items[i]);
}

static bool is_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool why_is_same(const struct snapshot_reason *a, const struct snapshot_reason *b)
{
	return !strcmp(a->rule, b->rule) && !strcmp(a->words, b->words);
}

const char *why_fate(const struct snapshot_route *row, struct arena *arena)
{
	static const struct {
		enum next_hop_type type;
		const char *words;
	} fates[] = {
		{ NEXT_HOP_VNET_LOCAL, "they are delivered within the virtual network" },
		{ NEXT_HOP_VNET_PEERING, "they are delivered in the peered virtual network" },
		{ NEXT_HOP_VNET_GLOBAL_PEERING,
		  "they are delivered in the peered virtual network" },
		{ NEXT_HOP_INTERNET, "they go to the Internet" },
		{ NEXT_HOP_NONE, "they are dropped, and nobody is told" },
		{ NEXT_HOP_SERVICE_ENDPOINT, "they go to the service, from the private address" },
		{ NEXT_HOP_INTERFACE_ENDPOINT, "TCP goes to the private endpoint" },
		{ NEXT_HOP_VIRTUAL_NETWORK_GATEWAY, "they go to the gateway" },
	};

	if (!row)
		return "they are dropped";
	for (size_t i = 0; i < ARRAY_SIZE(fates) && !row->next_hop_ip.count; i++)
		if (!strcmp(next_hop_type_name(fates[i].type), row->next_hop_type))
			return fates[i].words;
	return arena_printf(arena, "they go to %s", texts_join(&row->next_hop_ip, " ", arena));
}

/* ---- rows ---- */

/* Reasons of one row are beside each other. */
struct span {
	size_t first, count;
};

static struct span reasons_of(const struct snapshot_why *why, size_t row, size_t from)
{
	struct span span = { from, 0 };

	while (span.first < why->reasons.count && why->reasons.items[span.first].row >= 0 &&
	       (size_t)why->reasons.items[span.first].row < row)
		span.first++;
	while (span.first + span.count < why->reasons.count &&
	       why->reasons.items[span.first + span.count].row == (int64_t)row)
		span.count++;
	return span;
}

static bool is_same_span(const struct snapshot_why *why, struct span a, struct span b)
{
	if (a.count != b.count)
		return false;
	for (size_t i = 0; i < a.count; i++) {
		const struct snapshot_reason *x = &why->reasons.items[a.first + i];
		const struct snapshot_reason *y = &why->reasons.items[b.first + i];

		if (!why_is_same(x, y) || !is_equal(x->place, y->place))
			return false;
	}
	return true;
}

static const char *reason_text(const char *rule, const char *words, const char *place,
			       struct arena *arena)
{
	return arena_printf(arena, "%-5s %s%s%s%s", rule, words, place ? " (" : "",
			    place ? place : "", place ? ")" : "");
}

struct texts why_of_row(const struct snapshot_why *why, size_t row, size_t *from,
			struct arena *arena)
{
	struct span span = reasons_of(why, row, *from);
	struct texts out = { 0 };

	*from = span.first;
	for (size_t i = span.first; i < span.first + span.count; i++)
		*ARENA_PUSH(arena, out.items, out.count) =
			reason_text(why->reasons.items[i].rule, why->reasons.items[i].words,
				    why->reasons.items[i].place, arena);
	return out;
}

void why_print_reason(const char *rule, const char *words, const char *place, struct arena *arena,
		      FILE *out)
{
	print_wrapped(10, arena_printf(arena, "    %s", reason_text(rule, words, place, arena)),
		      arena, out);
}

static void print_reasons(const struct snapshot_why *why, struct span span, struct arena *arena,
			  FILE *out)
{
	for (size_t i = span.first; i < span.first + span.count; i++) {
		const struct snapshot_reason *reason = &why->reasons.items[i];

		why_print_reason(reason->rule, reason->words, reason->place, arena, out);
	}
}

/* Of a list the first and how many more there are, as the portal shows it (R1.4). */
static struct snapshot_route shortened(const struct snapshot_route *row, struct arena *arena)
{
	struct snapshot_route out = *row;

	if (row->address_prefix.count < FEW)
		return out;
	out.address_prefix = (struct texts){ 0 };
	*ARENA_PUSH(arena, out.address_prefix.items, out.address_prefix.count) = arena_printf(
		arena, "%s, %zu more", row->address_prefix.items[0], row->address_prefix.count - 1);
	return out;
}

/* The rows as az prints them, a line each behind two of headers; to be freed. */
static char *table_text(const struct snapshot_route *rows, size_t count)
{
	struct snapshot_routes routes = { 0 };
	struct text_file file;

	routes.routes.items = (struct snapshot_route *)rows;
	routes.routes.count = count;
	az_routes_print(&routes, false, text_open(&file));
	return text_close(&file);
}

/* Those that are asked for, by index. */
struct chosen {
	size_t *rows;
	size_t count;
};

static struct chosen choose(const struct snapshot_why *why, const struct prefix *about,
			    struct arena *arena)
{
	struct chosen out = { 0 };

	for (size_t i = 0; i < why->routes.count; i++)
		if (!about || row_concerns(&why->routes.items[i], *about))
			*ARENA_PUSH(arena, out.rows, out.count) = i;
	return out;
}

static void print_rows(const struct snapshot_why *why, const struct chosen *chosen,
		       struct arena *arena, FILE *out)
{
	struct snapshot_route *rows = arena_alloc(arena, chosen->count * sizeof(*rows));
	struct span span = { 0 };
	char *text, *rest, *line;

	for (size_t i = 0; i < chosen->count; i++)
		rows[i] = shortened(&why->routes.items[chosen->rows[i]], arena);
	text = rest = table_text(rows, chosen->count);
	for (int header = 0; header < 2; header++)
		(void)fprintf(out, "%s\n", strsep(&rest, "\n"));
	for (size_t i = 0; i < chosen->count; i++) {
		struct span next;

		line = strsep(&rest, "\n");
		(void)fprintf(out, "%s\n", line ? line : "");
		span = reasons_of(why, chosen->rows[i], span.first);
		next = i + 1 < chosen->count ? reasons_of(why, chosen->rows[i + 1], span.first)
					     : (struct span){ 0 };
		if (!next.count || !is_same_span(why, span, next))
			print_reasons(why, span, arena, out);
	}
	free(text);
}

/* ---- what is not there ---- */

/* Absences with one reason. */
struct group {
	const struct snapshot_reason *reason; /* the first of them */
	const char *kind;                     /* their type, or their source */
	struct texts prefixes;                /* each once */
	struct texts places;                  /* the lab file's, each once */
};

#define NEAR 8 /* places from each other within which equal ones stand */

static void add_once(struct texts *texts, const char *text, struct arena *arena)
{
	for (size_t i = texts->count; i-- > 0 && i + NEAR > texts->count;)
		if (!strcmp(texts->items[i], text))
			return;
	*ARENA_PUSH(arena, texts->items, texts->count) = text;
}

struct groups {
	struct group *items;
	size_t count;
};

static bool is_absence_about(const struct snapshot_reason *reason, const struct prefix *about)
{
	struct prefix prefix;

	if (reason->row >= 0)
		return false;
	return !about || (prefix_parse(reason->prefix, &prefix) && rows_concern(prefix, *about));
}

static struct groups group_absences(const struct snapshot_why *why, const struct prefix *about,
				    struct arena *arena)
{
	struct groups out = { 0 };

	for (size_t i = 0; i < why->reasons.count; i++) {
		const struct snapshot_reason *reason = &why->reasons.items[i];
		struct group *group = NULL;

		if (!is_absence_about(reason, about))
			continue;
		for (size_t n = out.count; n-- > 0 && !group;)
			if (why_is_same(out.items[n].reason, reason))
				group = &out.items[n];
		if (!group) {
			group = ARENA_PUSH(arena, out.items, out.count);
			group->reason = reason;
			group->kind = reason->next_hop_type;
		}
		if (strcmp(group->kind, reason->next_hop_type) != 0)
			group->kind = reason->source;
		add_once(&group->prefixes, reason->prefix, arena);
		if (reason->place && group->places.count <= PLACES)
			add_once(&group->places, reason->place, arena);
	}
	return out;
}

/* Is a row of that prefix there, of that source and type if one is given? */
static bool has_row(const struct snapshot_why *why, const char *prefix,
		    const struct snapshot_reason *like)
{
	for (size_t i = 0; i < why->routes.count; i++) {
		const struct snapshot_route *row = &why->routes.items[i];

		if (like && (strcmp(row->source, like->source) != 0 ||
			     strcmp(row->next_hop_type, like->next_hop_type) != 0))
			continue;
		for (size_t n = 0; n < row->address_prefix.count; n++)
			if (!strcmp(row->address_prefix.items[n], prefix))
				return true;
	}
	return false;
}

/* "A", "A and B", "A, B and C", or the first of more. */
static const char *names(const struct texts *prefixes, struct arena *arena)
{
	const char *text = prefixes->items[0];
	bool is_all = prefixes->count <= FEW;

	for (size_t i = 1; i < prefixes->count && i < FEW; i++)
		text = arena_printf(arena, "%s%s%s", text,
				    is_all && i + 1 == prefixes->count ? " and " : ", ",
				    prefixes->items[i]);
	return text;
}

/* Where a row of that prefix is there, it is said which one is not. */
static const char *subject(const struct snapshot_why *why, const struct group *group,
			   struct arena *arena)
{
	const struct texts *prefixes = &group->prefixes;
	const struct snapshot_reason *reason = group->reason;
	const char *first = prefixes->items[0], *list = names(prefixes, arena);
	bool is_here = has_row(why, first, reason);
	const char *are = is_here ? "go another way" : "are not here";

	if (prefixes->count > 1)
		return arena_printf(arena, "%zu %s rows %s (%s%s)", prefixes->count, group->kind,
				    are, list, prefixes->count > FEW ? ", ..." : "");
	if (is_here)
		return arena_printf(arena, "%s goes another way", first);
	if (has_row(why, first, NULL))
		return arena_printf(arena, "%s %s %s is not here", reason->source, first,
				    reason->next_hop_type);
	return arena_printf(arena, "%s is not here", first);
}

static const char *places_text(const struct group *group, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < group->places.count && i < PLACES; i++)
		text = arena_printf(arena, "%s %s", text, group->places.items[i]);
	return group->places.count > PLACES ? arena_printf(arena, "%s ...", text) : text;
}

static size_t count_rule(const struct groups *groups, size_t end, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < end; i++)
		count += !strcmp(groups->items[i].reason->rule, rule);
	return count;
}

struct texts why_absences(const struct snapshot_why *why, const struct prefix *about,
			  struct arena *arena)
{
	struct groups groups = group_absences(why, about, arena);
	struct texts out = { 0 };

	for (size_t i = 0; i < groups.count; i++) {
		const struct group *group = &groups.items[i];
		const char *rule = group->reason->rule;
		size_t before = count_rule(&groups, i, rule);
		size_t left =
			before < SENTENCES ? 0 : count_rule(&groups, groups.count, rule) - before;

		if (about || !left)
			*ARENA_PUSH(arena, out.items, out.count) =
				arena_printf(arena, "%s: %s (%s)%s", subject(why, group, arena),
					     group->reason->words, rule, places_text(group, arena));
		else if (before == SENTENCES)
			*ARENA_PUSH(arena, out.items, out.count) = arena_printf(
				arena,
				"%zu more of this kind (%s); ask for one with --prefix, or for "
				"all with -o json",
				left, rule);
	}
	return out;
}

static void print_absences(const struct snapshot_why *why, const struct prefix *about,
			   struct arena *arena, FILE *out)
{
	struct texts sentences = why_absences(why, about, arena);

	if (sentences.count)
		(void)fputc('\n', out);
	for (size_t i = 0; i < sentences.count; i++)
		print_wrapped(4, sentences.items[i], arena, out);
}

/* R3.1 */
static void print_verdict(const struct snapshot_why *why, const struct chosen *chosen,
			  struct prefix about, struct arena *arena, FILE *out)
{
	const char *name = about.len == ip_bits(about.addr) ? ip_print(about.addr).text
							    : prefix_print(about).text;
	const struct snapshot_route *row;
	bool has_longer = false;
	struct prefix by, each;

	name = arena_strdup(arena, name);
	row = rows_lookup(why->routes.items, why->routes.count, about, &by);
	for (size_t i = 0; i < chosen->count; i++) {
		const struct snapshot_route *other = &why->routes.items[chosen->rows[i]];

		for (size_t n = 0; n < other->address_prefix.count; n++)
			has_longer |= prefix_parse(other->address_prefix.items[n], &each) &&
				      prefix_covers(about, each) && !prefix_equal(about, each);
	}
	(void)fputc('\n', out);
	if (row)
		name = arena_printf(arena,
				    "packets to %s follow %s %s, the longest active prefix that "
				    "holds it (R3.1)%s: %s",
				    name, prefix_print(by).text, row->next_hop_type,
				    has_longer ? ", but for the longer ones above" : "",
				    why_fate(row, arena));
	else
		name = arena_printf(arena, "packets to %s find no active row (R3.1): %s", name,
				    why_fate(row, arena));
	print_wrapped(4, name, arena, out);
}

void why_print(const struct snapshot_why *why, const struct prefix *about, FILE *out)
{
	struct arena *arena = arena_new();
	struct chosen chosen = choose(why, about, arena);

	print_rows(why, &chosen, arena, out);
	print_absences(why, about, arena, out);
	if (about)
		print_verdict(why, &chosen, *about, arena, out);
	arena_free(arena);
}

/* ---- JSON ---- */

static void set(json_t *object, const char *key, const char *text)
{
	if (text)
		(void)json_object_set_new(object, key, json_string(text));
}

static json_t *reason_json(const struct snapshot_reason *reason)
{
	json_t *out = json_object();

	set(out, "rule", reason->rule);
	set(out, "words", reason->words);
	set(out, "place", reason->place);
	set(out, "peer", reason->peer);
	return out;
}

static json_t *absence_json(const struct snapshot_reason *reason)
{
	json_t *out = json_pack("{s:s, s:[s], s:s}", "source", reason->source, "addressPrefix",
				reason->prefix, "nextHopType", reason->next_hop_type);
	json_t *hops = json_array(), *why = reason_json(reason);

	for (size_t i = 0; i < reason->next_hop_ip.count; i++)
		(void)json_array_append_new(hops, json_string(reason->next_hop_ip.items[i]));
	(void)json_object_set_new(out, "nextHopIpAddress", hops);
	(void)json_object_update(out, why);
	json_decref(why);
	return out;
}

json_t *why_json(const struct snapshot_why *why, const struct prefix *about)
{
	struct arena *arena = arena_new();
	struct chosen chosen = choose(why, about, arena);
	json_t *value = json_array(), *absent = json_array();
	struct span span = { 0 };

	for (size_t i = 0; i < chosen.count; i++) {
		json_t *row = az_route_json(&why->routes.items[chosen.rows[i]],
					    why->disable_bgp_route_propagation);
		json_t *reasons = json_array();

		span = reasons_of(why, chosen.rows[i], span.first);
		for (size_t n = span.first; n < span.first + span.count; n++)
			(void)json_array_append_new(reasons, reason_json(&why->reasons.items[n]));
		(void)json_object_set_new(row, "reasons", reasons);
		(void)json_array_append_new(value, row);
	}
	for (size_t i = 0; i < why->reasons.count; i++)
		if (is_absence_about(&why->reasons.items[i], about))
			(void)json_array_append_new(absent, absence_json(&why->reasons.items[i]));
	arena_free(arena);
	return json_pack("{s:s, s:s, s:o, s:o}", "nic", why->nic, "vm", why->vm, "value", value,
			 "absent", absent);
}
