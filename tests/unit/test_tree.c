/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing the tree of a lab file by paths: what is meant changes, and nothing else. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/model/lab.h"
#include "lab/model/tree.h"
#include "tests/support/doc_model.h"
#include "tests/support/golden.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct src_pos place = { "steps.yaml", 7, 3 }; /* of every change here */

/* What "v: TEXT" gives, and the tree of `file` after the change; all is ended by end(). */
struct trial {
	struct doc *doc, *value;
	struct arena *arena;
	struct diags diags;
	const struct doc_node *before, *after;
};

static struct doc *parse(const char *text)
{
	struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, strlen(text), "lab.yaml", &diags);

	if (!doc || diags_error_count(&diags))
		fail_msg("cannot be read: %s", text);
	return doc;
}

static struct doc *parse_value(const char *text)
{
	char line[400];

	(void)snprintf(line, sizeof(line), "v: %s\n", text);
	return parse(line);
}

static struct trial begin(const char *text, const char *path, const char *value)
{
	struct trial t = { .doc = parse(text), .arena = arena_new() };
	struct change change = { .path = path, .pos = place };

	if (value) {
		t.value = parse_value(value);
		change.value = doc_root(t.value)->pairs[0].value;
	}
	t.before = doc_root(t.doc);
	t.after = tree_change(&lab_schema, t.before, &change, t.arena, &t.diags);
	return t;
}

static void end(struct trial *t)
{
	diags_fini(&t->diags);
	arena_free(t->arena);
	doc_free(t->value);
	doc_free(t->doc);
}

/* ---- by hand ---- */

static const struct {
	const char *name, *before, *path, *value, *after;
} cases[] = {
	{ "a value", "timers: fast\n", "timers", "azure", "{ timers: azure }" },
	{ "letter case does not count", "Timers: fast\n", "TIMERS", "azure", "{ Timers: azure }" },
	{ "a key that is not there", "lab: t\n", "Timers", "azure", "{ lab: t, timers: azure }" },
	{ "an object that is not there", "lab: t\n", "vms/a", "v/s",
	  "{ lab: t, vms: { a: v/s } }" },
	{ "a key of one that is not there", "lab: t\n", "vms/a/nic", "n",
	  "{ lab: t, vms: { a: { nic: n } } }" },
	{ "a section that is empty", "vms:\nlab: t\n", "vms/a", "v/s",
	  "{ vms: { a: v/s }, lab: t }" },
	{ "names keep their spelling", "vms: { One: v/s }\n", "vms/ONE", "v/t",
	  "{ vms: { One: v/t } }" },
	{ "a short form becomes long", "vms: { a: v/s, b: v/s }\n", "vms/a/nic", "n",
	  "{ vms: { a: { subnet: v/s, nic: n }, b: v/s } }" },
	{ "the main key of a short form", "vms: { a: v/s }\n", "vms/a/subnet", "v/t",
	  "{ vms: { a: { subnet: v/t } } }" },
	{ "a short form without its main key", "vms: { a: v/s }\n", "vms/a/subnet", NULL,
	  "{ vms: { a: {} } }" },
	{ "a short form in a list", "providers: { p: { links: [ c, d ] } }\n",
	  "providers/p/links/1/delay_ms", "5",
	  "{ providers: { p: { links: [c, { circuit: d, delay_ms: 5 }] } } }" },
	{ "a short form in quotes", "vms: { a: \"v/s\" }\n", "vms/a/nic", "n",
	  "{ vms: { a: { subnet: \"v/s\", nic: n } } }" },
	{ "a short form below an object", "virtual_networks: { v: { subnets: { s: x } } }\n",
	  "virtual_networks/v/subnets/s/address_prefix", "y",
	  "{ virtual_networks: { v: { subnets: { s: { address_prefix: y } } } } }" },
	{ "an item", "providers: { p: { links: [ a, b ] } }\n", "providers/p/links/0", "c",
	  "{ providers: { p: { links: [c, b] } } }" },
	{ "an item behind the last", "providers: { p: { links: [ a ] } }\n", "providers/p/links/1",
	  "b", "{ providers: { p: { links: [a, b] } } }" },
	{ "a key of an item behind the last", "providers: { p: { links: [ a ] } }\n",
	  "providers/p/links/1/branch", "b",
	  "{ providers: { p: { links: [a, { branch: b }] } } }" },
	{ "the first item", "providers: { p: { asn: 1 } }\n", "providers/p/links/0", "a",
	  "{ providers: { p: { asn: 1, links: [a] } } }" },
	{ "the first item of an empty list", "providers: { p: { links: [] } }\n",
	  "providers/p/links/0", "a", "{ providers: { p: { links: [a] } } }" },
	{ "an item of a list that is a short form", "nat_gateways: { ng: [ a, b ] }\n",
	  "nat_gateways/ng/public_ip_addresses/1", "c",
	  "{ nat_gateways: { ng: { public_ip_addresses: [a, c] } } }" },
	{ "an item of values", "virtual_networks: { v: { address_prefixes: [ a, b ] } }\n",
	  "virtual_networks/v/address_prefixes/1", "c",
	  "{ virtual_networks: { v: { address_prefixes: [a, c] } } }" },
	{ "a second value beside the only one",
	  "virtual_networks: { v: { address_prefixes: a } }\n",
	  "virtual_networks/v/address_prefixes/1", "b",
	  "{ virtual_networks: { v: { address_prefixes: [a, b] } } }" },
	{ "the only value as the first item", "virtual_networks: { v: { address_prefixes: a } }\n",
	  "virtual_networks/v/address_prefixes/0", "b",
	  "{ virtual_networks: { v: { address_prefixes: [b] } } }" },
	{ "the first of several values", "virtual_networks: { v: {} }\n",
	  "virtual_networks/v/address_prefixes/0", "a",
	  "{ virtual_networks: { v: { address_prefixes: [a] } } }" },
	{ "a number of several", "branches: { b: { announce: [ { as_path: 1 } ] } }\n",
	  "branches/b/announce/0/as_path/1", "2",
	  "{ branches: { b: { announce: [{ as_path: [1, 2] }] } } }" },
	{ "a collection as a value", "vms: { a: v/s }\n", "vms", "{ b: { subnet: v/s } }",
	  "{ vms: { b: { subnet: v/s } } }" },
	{ "remove a key", "lab: t\ntimers: fast\n", "timers", NULL, "{ lab: t }" },
	{ "remove the first", "vms: { a: x, b: y, c: z }\n", "vms/a", NULL,
	  "{ vms: { b: y, c: z } }" },
	{ "remove the only one", "vms: { a: x }\n", "vms/a", NULL, "{ vms: {} }" },
	{ "remove an item", "providers: { p: { links: [ a, b, c ] } }\n", "providers/p/links/1",
	  NULL, "{ providers: { p: { links: [a, c] } } }" },
	{ "below an alias", "vms: { a: &x { nic: n }, b: *x }\n", "vms/b/nic", "m",
	  "{ vms: { a: { nic: n }, b: { nic: m } } }" },
	{ "a slash at the end", "vms: { a: x }\n", "vms/a/", "y", "{ vms: { a: y } }" },
};

static void a_path_changes_what_it_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct trial t = begin(cases[i].before, cases[i].path, cases[i].value);

		if (!t.after) {
			fail_msg("%s: %s", cases[i].name, t.diags.items[0].text);
			return; /* does not come here */
		}
		if (strcmp(tree_print(t.after, t.arena), cases[i].after) != 0)
			fail_msg("%s: gives %s", cases[i].name, tree_print(t.after, t.arena));
		assert_int_equal(diags_error_count(&t.diags), 0);
		end(&t);
	}
}

static const struct {
	const char *path, *value;
	enum diag_id id;
	const char *words;
} wrong[] = {
	{ "vmss/a", "v/s", DIAG_UNKNOWN_KEY, "lab: unknown key 'vmss'" },
	{ "vms/a/subnt", "v/s", DIAG_UNKNOWN_KEY, "virtual machine: unknown key 'subnt'" },
	{ "timers/fast", "1", DIAG_UNKNOWN_KEY,
	  "'timers/fast': 'timers' is a value, and nothing stands in it" },
	{ "virtual_networks/v/address_prefixes/0/1", "1", DIAG_UNKNOWN_KEY,
	  "'virtual_networks/v/address_prefixes/0/1': 'address_prefixes' is a value, and nothing "
	  "stands in it" },
	{ "vms/c", NULL, DIAG_UNKNOWN_NAME, "there is no 'vms/c'" },
	{ "vms/c/nic", NULL, DIAG_UNKNOWN_NAME, "there is no 'vms/c'" },
	{ "vms/a/nic", NULL, DIAG_UNKNOWN_NAME, "there is no 'vms/a/nic'" },
	{ "branches/b", NULL, DIAG_UNKNOWN_NAME, "there is no 'branches'" },
	{ "providers/p/links/1", NULL, DIAG_UNKNOWN_NAME, "there is no 'providers/p/links/1'" },
	{ "providers/p/links/2", "c", DIAG_UNKNOWN_NAME, "there is no 'providers/p/links/2'" },
	{ "providers/p/links/x", "c", DIAG_UNKNOWN_NAME, "there is no 'providers/p/links/x'" },
	{ "providers/p/links/1x/delay_ms", "1", DIAG_UNKNOWN_NAME,
	  "there is no 'providers/p/links/1x'" },
	{ "providers/p/links/99999999999999999999", "c", DIAG_UNKNOWN_NAME,
	  "there is no 'providers/p/links/99999999999999999999'" },
	{ "providers/none/links/x", "c", DIAG_UNKNOWN_NAME,
	  "there is no 'providers/none/links/x'" },
	{ "providers/none/links/1", "c", DIAG_UNKNOWN_NAME,
	  "there is no 'providers/none/links/1'" },
	{ "", "c", DIAG_UNKNOWN_KEY,
	  "'' is no path: keys and names with '/' between, such as "
	  "virtual_networks/hub/address_prefixes" },
	{ "/vms/a", "c", DIAG_UNKNOWN_KEY,
	  "'/vms/a' is no path: keys and names with '/' between, such as "
	  "virtual_networks/hub/address_prefixes" },
};

static void a_path_that_leads_nowhere_is_a_finding_at_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct trial t = begin("timers: fast\n"
				       "virtual_networks: { v: { address_prefixes: 10.0.0.0/8 } }\n"
				       "vms: { a: v/s, b: v/s }\n"
				       "providers: { p: { links: [ c ] } }\n",
				       wrong[i].path, wrong[i].value);

		if (t.after)
			fail_msg("%s gives %s", wrong[i].path, tree_print(t.after, t.arena));
		assert_int_equal(t.diags.count, 1);
		assert_string_equal(t.diags.items[0].text, wrong[i].words);
		assert_int_equal(t.diags.items[0].id, wrong[i].id);
		assert_string_equal(t.diags.items[0].pos.file, "steps.yaml");
		assert_int_equal(t.diags.items[0].pos.line, 7);
		assert_int_equal(t.diags.items[0].pos.col, 3);
		end(&t);
	}
}

static void an_unknown_key_comes_with_what_was_meant(void **state)
{
	struct trial t = begin("vms: { a: v/s }\n", "vms/a/subnt", "v/s");

	(void)state;
	assert_string_equal(t.diags.items[0].hint, "did you mean 'subnet'?");
	end(&t);
}

static void what_stands_at_a_path_is_found(void **state)
{
	static const struct {
		const char *path, *text;
	} places[] = {
		{ "lab", "t" },
		{ "LAB", "t" },
		{ "vms", "{ a: v/s, B: { subnet: v/s } }" },
		{ "vms/a", "v/s" },
		{ "vms/a/subnet", "v/s" }, /* the value of the short form */
		{ "vms/a/nic", NULL },
		{ "vms/b/subnet", "v/s" },
		{ "vms/b/nic", NULL },
		{ "vms/c/subnet", NULL },
		{ "vms/a/none", NULL },
		{ "providers/p/links/0/circuit", "c" },
		{ "providers/p/links/1/circuit", "d" },
		{ "providers/p/links/1/delay_ms", "5" },
		{ "providers/p/links/2", NULL },
		{ "providers/p/links/x", NULL },
		{ "virtual_networks/v/address_prefixes/1", "y" },
		{ "virtual_networks/v/address_prefixes/1/0", NULL },
		{ "virtual_networks/w/address_prefixes/0", "x" }, /* one value stands for a list */
		{ "virtual_networks/w/address_prefixes/1", NULL },
		{ "none", NULL },
	};
	struct doc *doc =
		parse("lab: t\n"
		      "virtual_networks: { v: { address_prefixes: [ x, y ] }, "
		      "w: { address_prefixes: x } }\n"
		      "vms: { a: v/s, B: { subnet: v/s } }\n"
		      "providers: { p: { links: [ c, { circuit: d, delay_ms: 5 } ] } }\n");
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct doc_node *node = tree_find(&lab_schema, doc_root(doc), places[i].path);
		const char *text = node ? tree_print(node, arena) : NULL;

		if (!node != !places[i].text || (node && strcmp(text, places[i].text) != 0))
			fail_msg("%s: %s", places[i].path, node ? text : "nothing");
	}
	arena_free(arena);
	doc_free(doc);
}

static void a_short_form_on_the_way_is_named(void **state)
{
	static const struct {
		const char *path, *object, *main;
	} places[] = {
		{ "vms/a/nic", "vms/a", "subnet" },
		{ "vms/a/subnet", "vms/a", "subnet" },
		{ "vms/a", "", NULL },
		{ "vms/b/nic", "", NULL },
		{ "vms/c/nic", "", NULL },
		{ "providers/p/links/0/delay_ms", "providers/p/links/0", "circuit" },
		{ "none/x", "", NULL },
	};
	struct doc *doc = parse("vms: { a: v/s, b: { subnet: v/s } }\n"
				"providers: { p: { links: [ c ] } }\n");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *main = NULL;
		size_t len = tree_short_form(&lab_schema, doc_root(doc), places[i].path, &main);

		assert_int_equal(len, strlen(places[i].object));
		assert_memory_equal(places[i].path, places[i].object, len);
		if (places[i].main)
			assert_string_equal(main, places[i].main);
	}
	doc_free(doc);
}

/* ---- printing ---- */

static void a_value_prints_on_one_line_and_reads_the_same(void **state)
{
	static const struct {
		const char *before, *after;
	} values[] = {
		{ "x", "x" },
		{ "", "~" },
		{ "null", "null" },
		{ "'null'", "\"null\"" },
		{ "''", "\"\"" },
		{ "\"a, b\"", "\"a, b\"" },
		{ "a, b", "\"a, b\"" },
		{ "'say \"no\" \\ #1'", "\"say \\\"no\\\" \\\\ #1\"" },
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ "-5", "\"-5\"" },
		{ "{}", "{}" },
		{ "[]", "[]" },
		{ "{ a: { b: [x, '', ~] }, 'c: d': [{}] }",
		  "{ a: { b: [x, \"\", ~] }, \"c: d\": [{}] }" },
		{ "\"tab\\tline\\nend\"", "\"tab\\x09line\\x0aend\"" },
		{ "\xc3\xa4\xc3\xb6", "\xc3\xa4\xc3\xb6" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct doc *doc = parse_value(values[i].before), *again;
		const char *text = tree_print(doc_root(doc)->pairs[0].value, arena);

		assert_string_equal(text, values[i].after);
		again = parse_value(text);
		assert_string_equal(tree_print(doc_root(again)->pairs[0].value, arena), text);
		doc_free(again);
		doc_free(doc);
	}
	arena_free(arena);
}

/* ---- at random, against a model of its own: trees of JSON, and the language's tables ---- */

static bool is_list_of_values(const struct field *field)
{
	return field->kind == FIELD_SPACES || field->kind == FIELD_ADDRESSES ||
	       field->kind == FIELD_NUMBERS || field->kind == FIELD_TEXTS;
}

static json_t *change_object(json_t *old, const struct schema *schema, char **names, json_t *value);

/* The new value of what a key takes; NULL when the path is wrong. Takes and gives references. */
static json_t *change_value(json_t *old, const struct field *field, char **names, json_t *value)
{
	bool is_list = field->kind == FIELD_LIST || is_list_of_values(field);
	json_t *item, *now;
	size_t at;

	if (field->kind == FIELD_OBJECT)
		return change_object(old, field->object, names, value);
	if (!*names)
		return json_incref(value);
	if (!is_list && field->kind != FIELD_MAP)
		return NULL;
	if (json_is_array(old) || json_is_object(old)) /* what is there, if the wrong way, stays */
		is_list = json_is_array(old);
	if (json_is_array(old) || json_is_object(old))
		now = json_copy(old);
	else if (json_is_string(old) && is_list_of_values(field))
		now = json_pack("[O]", old);
	else
		now = is_list ? json_array() : json_object();
	at = is_list ? strtoul(names[0], NULL, 10) : 0;
	item = is_list ? json_array_get(now, at) : json_object_get(now, names[0]);
	if ((!item && !value) ||
	    (is_list && (at > json_array_size(now) || !strchr("0123456789", names[0][0])))) {
		json_decref(now);
		return NULL;
	}
	if (!value && !names[1]) {
		(void)(is_list ? json_array_remove(now, at) : json_object_del(now, names[0]));
		return now;
	}
	item = field->object ? change_object(item, field->object, names + 1, value)
	       : names[1]    ? NULL
			     : json_incref(value);
	if (!item) {
		json_decref(now);
		return NULL;
	}
	if (!is_list)
		(void)json_object_set_new(now, names[0], item);
	else if (at < json_array_size(now))
		(void)json_array_set_new(now, at, item);
	else
		(void)json_array_append_new(now, item);
	return now;
}

static json_t *change_object(json_t *old, const struct schema *schema, char **names, json_t *value)
{
	const struct field *field;
	json_t *now, *below;

	if (!*names)
		return json_incref(value);
	field = schema_find(schema, names[0]);
	if (!field || json_is_array(old))
		return NULL;
	if (json_is_string(old) && *json_string_value(old) && schema->main)
		now = json_pack("{s:O}", schema->main, old);
	else
		now = json_is_object(old) ? json_copy(old) : json_object();
	below = json_object_get(now, names[0]);
	if (!below && !value) {
		json_decref(now);
		return NULL;
	}
	if (!value && !names[1]) {
		(void)json_object_del(now, names[0]);
		return now;
	}
	below = change_value(below, field, names + 1, value);
	if (below)
		(void)json_object_set_new(now, names[0], below);
	else
		json_decref(now);
	return below ? now : NULL;
}

/* Some value of the tree, or what could stand in one. */
static void choose_path(const struct doc_node *node, char *path, size_t size)
{
	static const char *const more[] = {
		"nic", "location", "delay_ms", "asn",     "x",     "subnets/s",           "0",
		"1",   "7",        "remote",   "links/0", "vms/x", "announce/0/as_path/0"
	};
	size_t len = 0, at;

	path[0] = '\0';
	while (node->count) {
		at = (size_t)rand() % node->count;
		if (node->kind == DOC_MAP)
			len += (size_t)snprintf(path + len, size - len, "%s%s", len ? "/" : "",
						node->pairs[at].key->value);
		else
			len += (size_t)snprintf(path + len, size - len, "/%zu", at);
		node = node->kind == DOC_MAP ? node->pairs[at].value : node->items[at];
		if (rand() % 4 == 0)
			break;
	}
	if (rand() % 2)
		(void)snprintf(path + len, size - len, "%s%s", len ? "/" : "",
			       more[(size_t)rand() % ARRAY_SIZE(more)]);
}

static json_t *change_model(json_t *model, const char *path, json_t *value)
{
	char copy[400], *names[32] = { 0 }, *rest;
	size_t count = 0;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (char *name = strtok_r(copy, "/", &rest); name && count < ARRAY_SIZE(names) - 1;
	     name = strtok_r(NULL, "/", &rest))
		names[count++] = name;
	return change_object(model, &lab_schema, names, value);
}

static void assert_same_model(json_t *a, const struct doc_node *root, const char *path)
{
	json_t *b = doc_model(root, false);
	char *x = json_dumps(a, 0), *y = json_dumps(b, 0); /* in order, unlike json_equal */

	if (strcmp(x, y) != 0)
		fail_msg("%s:\n%s\n---- but is:\n%s", path, x, y);
	free(x);
	free(y);
	json_decref(b);
}

/* So many changes on top of each other. */
static void change_at_random(const struct doc_node *root, unsigned *done, unsigned *refused)
{
	static const char *const values[] = { "x", "10.9.0.0/16", "{ subnet: v/s }", "[f, g]",
					      "5" };
	struct arena *arena = arena_new();
	json_t *original = doc_model(root, false), *model = json_incref(original);
	struct doc *docs[8] = { 0 };
	const struct doc_node *now = root;

	for (size_t i = 0; i < ARRAY_SIZE(docs); i++) {
		struct diags diags = { 0 };
		char path[400];
		struct change change = { .path = path, .pos = place };
		const struct doc_node *next;
		json_t *value = NULL, *wanted;

		choose_path(now, path, sizeof(path));
		if (rand() % 4) {
			docs[i] = parse_value(values[(size_t)rand() % ARRAY_SIZE(values)]);
			change.value = doc_root(docs[i])->pairs[0].value;
			value = doc_model(change.value, false);
		}
		next = tree_change(&lab_schema, now, &change, arena, &diags);
		wanted = change_model(model, path, value);
		if (!next != !wanted)
			fail_msg("%s is %s", path, next ? "not refused" : diags.items[0].text);
		assert_int_equal(diags.count, !next);
		if (next && wanted) {
			assert_same_model(wanted, next, path);
			json_decref(model);
			model = wanted;
			now = next;
			++*done;
		} else {
			++*refused;
		}
		json_decref(value);
		diags_fini(&diags);
	}
	assert_same_model(original, root, "the original");
	json_decref(model);
	json_decref(original);
	for (size_t i = 0; i < ARRAY_SIZE(docs); i++)
		doc_free(docs[i]);
	arena_free(arena);
}

static void random_changes_do_what_a_model_does_and_leave_the_original(void **state)
{
	static const char *const files[] = { "templates/vpner/lab.yaml",
					     "tests/golden/contoso.yaml" };
	unsigned done = 0, refused = 0;

	(void)state;
	srand(11);
	for (size_t i = 0; i < 600; i++) {
		char *text = read_file(files[i % ARRAY_SIZE(files)], NULL);
		struct doc *doc = parse(text);

		change_at_random(doc_root(doc), &done, &refused);
		doc_free(doc);
		free(text);
	}
	assert_true(done > 1000);
	assert_true(refused > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_changes_what_it_names),
		cmocka_unit_test(a_path_that_leads_nowhere_is_a_finding_at_its_place),
		cmocka_unit_test(an_unknown_key_comes_with_what_was_meant),
		cmocka_unit_test(what_stands_at_a_path_is_found),
		cmocka_unit_test(a_short_form_on_the_way_is_named),
		cmocka_unit_test(a_value_prints_on_one_line_and_reads_the_same),
		cmocka_unit_test(random_changes_do_what_a_model_does_and_leave_the_original),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
