/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "tests/support/az_rows.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- reading ---- */

/* R2.4 */
static const struct {
	const char *name, *prefixes;
} none_lists[] = {
	{ "@NONE2020", "10.0.0.0/8 100.64.0.0/10 192.168.0.0/16 25.33.80.0/20 25.41.3.0/25" },
	{ "@NONE2023", "10.0.0.0/8 127.0.0.0/8 100.64.0.0/10 172.16.0.0/12 25.48.0.0/12 "
		       "25.4.0.0/14 198.18.0.0/15 157.59.0.0/16 192.168.0.0/16 25.33.0.0/16 "
		       "40.109.0.0/16 104.147.0.0/16 104.146.0.0/17 40.108.0.0/17 23.103.0.0/18 "
		       "25.41.0.0/20 20.35.252.0/22" },
	{ "@NONE2026", "10.0.0.0/8 127.0.0.0/8 100.64.0.0/10 172.16.0.0/12 25.176.0.0/13 "
		       "25.152.0.0/14 25.184.0.0/14 25.4.0.0/14 25.148.0.0/15 198.18.0.0/15 "
		       "25.150.0.0/16 25.156.0.0/16 25.159.0.0/16 40.109.0.0/16 192.168.0.0/16 "
		       "104.147.0.0/16 157.59.0.0/16 40.108.0.0/17 104.146.0.0/17 23.103.0.0/18 "
		       "20.35.252.0/22" },
};

struct words {
	const char **items;
	size_t count;
};

static void add_word(struct words *words, struct arena *arena, const char *text, size_t len)
{
	*ARENA_PUSH(arena, words->items, words->count) = arena_strndup(arena, text, len);
}

/* At one character; what stands in <> is one word. */
static struct words split(struct arena *arena, const char *text, char at)
{
	struct words words = { 0 };

	while (*text) {
		const char *end = *text == '<' ? strchr(text, '>') : NULL;

		end = strchr(end ? end : text, at);
		if (!end)
			end = text + strlen(text);
		if (end > text)
			add_word(&words, arena, text, (size_t)(end - text));
		text = *end ? end + 1 : end;
	}
	return words;
}

static int word_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *join_sorted(struct arena *arena, struct words words, char with)
{
	const char *text = "";

	if (words.count)
		qsort(words.items, words.count, sizeof(*words.items), word_compare);
	for (size_t i = 0; i < words.count; i++)
		if (!i || !is(words.items[i], words.items[i - 1]))
			text = arena_printf(arena, "%s%.*s%s", text, i ? 1 : 0, &with,
					    words.items[i]);
	return *text ? text : "-";
}

/* nic=A,B complete=no(None) case=1 ...; a word without '=' goes on with the value before it. */
static void read_head(struct az_block *block, const struct words *words, struct arena *arena)
{
	const char *value = NULL, **last = NULL;

	for (size_t i = 1; i < words->count; i++) {
		const char *word = words->items[i], *equals = strchr(word, '=');

		if (!equals) {
			assert_non_null(value);
			if (last)
				*last = arena_printf(arena, "%s %s", *last, word);
			continue;
		}
		value = equals + 1;
		last = NULL;
		if (strncmp(word, "nic=", 4) == 0) {
			struct words nics = split(arena, value, ',');

			block->nics.items = nics.items;
			block->nics.count = nics.count;
		} else if (strncmp(word, "complete=", 9) == 0) {
			block->complete = value;
			last = &block->complete;
		} else if (strncmp(word, "case=", 5) == 0 || strncmp(word, "phase=", 6) == 0) {
			block->step = value;
			last = &block->step;
		} else if (is(word, "order=doc")) {
			block->is_doc = true;
		}
	}
	assert_true(block->nics.count && block->complete);
}

static const char *none_list(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(none_lists); i++)
		if (is(none_lists[i].name, name))
			return none_lists[i].prefixes;
	fail_msg("there is no list %s", name);
	return "";
}

/* @NONE2026 -PREFIX ...: all of the list but these */
static void add_none_rows(struct az_block *block, const struct words *words, struct arena *arena)
{
	struct words prefixes = split(arena, none_list(words->items[0]), ' ');
	size_t left_out = 0;

	for (size_t i = 0; i < prefixes.count; i++) {
		bool is_out = false;

		for (size_t w = 1; w < words->count; w++)
			is_out |= is(words->items[w] + 1, prefixes.items[i]);
		left_out += is_out;
		if (!is_out)
			*ARENA_PUSH(arena, block->rows.items, block->rows.count) =
				(struct az_row){ "Default", "Active", prefixes.items[i],
						 "None",    "-",      NULL };
	}
	assert_int_equal(left_out, words->count - 1);
}

static void add_row(struct az_block *block, const struct words *words, struct arena *arena)
{
	struct az_row *row = ARENA_PUSH(arena, block->rows.items, block->rows.count);

	if (words->count < 5 || words->count > 6)
		fail_msg("a row has five words and a name, not %zu: %s ...", words->count,
			 words->items[0]);
	*row = (struct az_row){ .source = words->items[0],
				.state = words->items[1],
				.prefix = words->items[2],
				.type = words->items[3],
				.hops = join_sorted(arena, split(arena, words->items[4], ','),
						    ',') };
	if (words->count == 6) {
		assert_true(strncmp(words->items[5], "name=", 5) == 0);
		row->name = words->items[5] + 5;
	}
}

struct az_blocks az_blocks_read(const char *path, struct arena *arena)
{
	char *text = read_file(path, NULL);
	struct words lines = split(arena, text, '\n');
	struct az_blocks blocks = { 0 };
	struct az_block *block = NULL;

	free(text);
	for (size_t i = 0; i < lines.count; i++) {
		struct words words = split(arena, lines.items[i], ' ');

		if (!words.items || words.items[0][0] == '#')
			continue;
		if (is(words.items[0], "rows")) {
			block = ARENA_PUSH(arena, blocks.items, blocks.count);
			read_head(block, &words, arena);
		} else if (!block) {
			fail_msg("%s: rows of no block", path);
		} else if (words.items[0][0] == '@') {
			add_none_rows(block, &words, arena);
		} else {
			add_row(block, &words, arena);
		}
	}
	assert_true(blocks.count);
	for (size_t i = 0; i < blocks.count; i++)
		assert_true(blocks.items[i].rows.count);
	return blocks;
}

static struct words words_of_json(const json_t *list, struct arena *arena)
{
	struct words words = { 0 };
	const json_t *item;
	size_t i;

	assert_true(json_is_array(list));
	json_array_foreach(list, i, item) {
		const char *text = json_string_value(item);

		assert_non_null(text);
		add_word(&words, arena, text, strlen(text));
	}
	return words;
}

struct az_rows az_rows_of_json(const json_t *json, struct arena *arena)
{
	const json_t *value = json_object_get(json, "value"), *item;
	const json_t *flag =
		json_object_get(json_array_get(value, 0), "disableBgpRoutePropagation");
	struct az_rows rows = { 0 };
	size_t i;

	json_array_foreach(value, i, item) {
		struct az_row *row = ARENA_PUSH(arena, rows.items, rows.count);
		bool is_user;

		row->source = json_string_value(json_object_get(item, "source"));
		row->state = json_string_value(json_object_get(item, "state"));
		row->type = json_string_value(json_object_get(item, "nextHopType"));
		row->name = json_string_value(json_object_get(item, "name"));
		row->prefix = join_sorted(
			arena, words_of_json(json_object_get(item, "addressPrefix"), arena), ' ');
		row->hops = join_sorted(
			arena, words_of_json(json_object_get(item, "nextHopIpAddress"), arena),
			',');
		assert_true(row->source && row->state && row->type);
		/* R1.3: a name on User rows only, and the flag of the table on each */
		is_user = is(row->source, "User");
		assert_int_equal(json_object_size(item), is_user ? 7 : 6);
		assert_true(is_user == (row->name != NULL));
		assert_true(json_is_boolean(flag));
		assert_true(json_equal(flag, json_object_get(item, "disableBgpRoutePropagation")));
	}
	return rows;
}

/* ---- holding against each other ---- */

static bool is_default(const struct az_row *row, const char *type)
{
	return is(row->source, "Default") && is(row->type, type);
}

static bool is_same(const struct az_row *a, const struct az_row *b)
{
	return is(a->source, b->source) && is(a->state, b->state) && is(a->prefix, b->prefix) &&
	       is(a->type, b->type);
}

static bool has_row(const struct az_rows *rows, const struct az_row *row)
{
	for (size_t i = 0; i < rows->count; i++)
		if (is_same(&rows->items[i], row))
			return true;
	return false;
}

/* Does a source that shows so much of a table show this row? */
static bool is_shown(const struct az_block *block, const struct az_row *row)
{
	if (is(block->complete, "no(VNG only)"))
		return is(row->source, "VirtualNetworkGateway");
	if (is(block->complete, "no(0/0 only)"))
		return is(row->prefix, "0.0.0.0/0");
	if (is(block->complete, "no(None)"))
		return !is_default(row, "None");
	if (is(block->complete, "no"))
		return !is_default(row, "None") && !is_default(row, "Internet");
	if (!is(block->complete, "yes") && !strstr(block->complete, "cut after 10/8 None"))
		fail_msg("complete=%s?", block->complete);
	/* the documentation lists some of the prefixes that are dropped */
	if (block->is_doc && is_default(row, "None")) {
		for (size_t i = 0; i < block->rows.count; i++)
			if (is_default(&block->rows.items[i], "None"))
				return has_row(&block->rows, row);
	}
	return true;
}

static struct az_rows shown_rows(const struct az_block *block, const struct az_rows *rows,
				 struct arena *arena)
{
	const struct az_row *last = &block->rows.items[block->rows.count - 1];
	struct az_rows out = { 0 };

	for (size_t i = 0; i < rows->count; i++) {
		if (is_shown(block, &rows->items[i]))
			*ARENA_PUSH(arena, out.items, out.count) = rows->items[i];
		if (strstr(block->complete, "cut after") && is_same(&rows->items[i], last))
			break;
	}
	return out;
}

/* 23.X.X.X is any address that begins so, <words> is any list. */
static bool fits_mask(const char *mask, const char *text)
{
	if (*mask == '<')
		return true;
	while (*mask && *text) {
		if (*mask == 'X') {
			text += strspn(text, "0123456789");
			mask++;
		} else if (*mask++ != *text++) {
			return false;
		}
	}
	return !*mask && !*text;
}

static bool is_mask(const char *text)
{
	return strchr(text, 'X') || *text == '<';
}

/* One mask is one value, wherever it stands. */
static void resolve_masks(struct az_rows *expected, const struct az_rows *rows)
{
	const char *mask = NULL, *value = NULL;

	for (size_t i = 0; i < expected->count; i++) {
		struct az_row *row = &expected->items[i];

		for (size_t n = 0; is_mask(row->prefix) && n < rows->count; n++)
			if (is(row->type, rows->items[n].type) && !is(rows->items[n].prefix, "-"))
				row->prefix = rows->items[n].prefix;
		if (!is_mask(row->hops))
			continue;
		for (size_t n = 0; !value && n < rows->count; n++)
			if (is(row->prefix, rows->items[n].prefix) &&
			    fits_mask(row->hops, rows->items[n].hops))
				value = rows->items[n].hops;
		if (!mask)
			mask = row->hops;
		assert_string_equal(row->hops, mask);
		if (value)
			row->hops = value;
	}
}

static struct az_rows merge_next_hops(const struct az_rows *rows, struct arena *arena)
{
	struct az_rows out = { 0 };

	for (size_t i = 0; i < rows->count; i++) {
		struct az_row row = rows->items[i];

		if (has_row(&out, &row))
			continue;
		for (size_t n = i + 1; n < rows->count; n++)
			if (is_same(&rows->items[n], &row))
				row.hops =
					arena_printf(arena, "%s,%s", row.hops, rows->items[n].hops);
		row.hops = join_sorted(arena, split(arena, row.hops, ','), ',');
		*ARENA_PUSH(arena, out.items, out.count) = row;
	}
	return out;
}

static bool has_names(const struct az_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->items[i].name)
			return true;
	return false;
}

static const char *print_row(const struct az_row *row, bool with_name, struct arena *arena)
{
	return arena_printf(arena, "%s %s %s %s %s%s%s", row->source, row->state, row->prefix,
			    row->type, row->hops, with_name && row->name ? " name=" : "",
			    with_name && row->name ? row->name : "");
}

/* R1.9: rows of gateways and peerings are in no order, among those of one state and source. */
static bool is_unordered(const struct az_row *a, const struct az_row *b)
{
	bool is_free = is(a->type, "VirtualNetworkGateway") || is(a->type, "VNetPeering") ||
		       is(a->type, "VNetGlobalPeering");

	return is_free && is(a->type, b->type) && is(a->source, b->source) &&
	       is(a->state, b->state);
}

/* A row a line; those without an order are sorted. */
static const char *print_rows(const struct az_rows *rows, bool is_doc, bool with_names,
			      struct arena *arena)
{
	struct words lines = { 0 };
	const char *text = "";

	for (size_t i = 0; i < rows->count; i++)
		*ARENA_PUSH(arena, lines.items, lines.count) =
			print_row(&rows->items[i], with_names, arena);
	for (size_t first = 0, end; first < rows->count; first = end) {
		for (end = first + 1; end < rows->count; end++)
			if (!is_doc && !is_unordered(&rows->items[first], &rows->items[end]))
				break;
		qsort(lines.items + first, end - first, sizeof(*lines.items), word_compare);
	}
	for (size_t i = 0; i < lines.count; i++)
		text = arena_printf(arena, "%s%s\n", text, lines.items[i]);
	return text;
}

/* The documentation prints a gateway's row as one of the system's; captures do not. */
static void correct_sources(struct az_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (is_default(&rows->items[i], "VirtualNetworkGateway"))
			rows->items[i].source = "VirtualNetworkGateway";
}

const char *az_rows_difference(const struct az_block *block, const struct az_rows *rows,
			       bool merges_next_hops, struct arena *arena)
{
	struct az_rows expected = { 0 }, shown = shown_rows(block, rows, arena);
	bool with_names = has_names(&block->rows);
	const char *expected_text, *shown_text;

	for (size_t i = 0; i < block->rows.count; i++)
		*ARENA_PUSH(arena, expected.items, expected.count) = block->rows.items[i];
	if (block->is_doc)
		correct_sources(&expected);
	resolve_masks(&expected, &shown);
	if (merges_next_hops) {
		expected = merge_next_hops(&expected, arena);
		shown = merge_next_hops(&shown, arena);
	}
	expected_text = print_rows(&expected, block->is_doc, with_names, arena);
	shown_text = print_rows(&shown, block->is_doc, with_names, arena);
	if (is(expected_text, shown_text))
		return NULL;
	return arena_printf(arena, "---- Azure prints\n%s---- but it is\n%s----\n", expected_text,
			    shown_text);
}
