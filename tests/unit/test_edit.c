/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing a lab file: what is wanted is there afterwards, and not a byte more is changed. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/yaml/doc.h"
#include "lab/yaml/edit.h"
#include "tests/support/doc_model.h"
#include "tests/support/golden.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- by hand ---- */

static const struct {
	const char *name, *before, *path, *value, *after; /* after NULL: refused */
} cases[] = {
	{ "a scalar", "a: 1 # one\nb: 2\n", "a", "3", "a: 3 # one\nb: 2\n" },
	{ "quotes go", "a: \"1\"\n", "a", "x", "a: x\n" },
	{ "in braces", "m: { a: 1, b: 2 } # m\n", "m/b", "5", "m: { a: 1, b: 5 } # m\n" },
	{ "into braces", "m: { a: 1 }\n", "m/b", "2", "m: { a: 1, b: 2 }\n" },
	{ "into empty braces", "m: {}\n", "m/b", "2", "m: { b: 2 }\n" },
	{ "into nothing", "m:\nn: 1\n", "m/b", "2", "m: { b: 2 }\nn: 1\n" },
	{ "a line of its own", "m:\n  a: 1 # one\n\n# n\nn: 1\n", "m/b", "2",
	  "m:\n  a: 1 # one\n  b: 2\n\n# n\nn: 1\n" },
	{ "at the end without a newline", "m:\n    a: 1", "m/b", "2", "m:\n    a: 1\n    b: 2" },
	{ "as the file ends its lines", "m:\r\n  a: 1\r\nn: 1\r\n", "m/b", "2",
	  "m:\r\n  a: 1\r\n  b: 2\r\nn: 1\r\n" },
	{ "what is missing on the way", "m: 1\n", "a/b/c", "[x, y]",
	  "m: 1\na:\n  b:\n    c: [x, y]\n" },
	{ "what is missing, deeper, as the file ends its lines", "m:\r\n    a: 1\r\nn: 1\r\n",
	  "m/b/c", "2", "m:\r\n    a: 1\r\n    b:\r\n      c: 2\r\nn: 1\r\n" },
	{ "what is missing in braces", "m: { a: 1 }\n", "m/b/c", "2",
	  "m: { a: 1, b: { c: 2 } }\n" },
	{ "letter case does not count", "Hub: { A: 1 }\n", "hub/a", "2", "Hub: { A: 2 }\n" },
	{ "a collection in lines", "m:\n  # inside\n  a: 1\n  b: 2\nn: 1\n", "m", "{ c: 3 }",
	  "m: { c: 3 }\nn: 1\n" },
	{ "a list item", "l:\n  - a\n  - b # b\n", "l/1", "c", "l:\n  - a\n  - c # b\n" },
	{ "in a list item", "l:\n  - { a: 1 }\n", "l/0/b", "2", "l:\n  - { a: 1, b: 2 }\n" },
	{ "in a list item of lines", "l:\n  - a: 1\n  - b: 1\n", "l/0/c", "2",
	  "l:\n  - a: 1\n    c: 2\n  - b: 1\n" },
	{ "another language's letters", "n: äöü # ß\nm: 1\n", "m", "2", "n: äöü # ß\nm: 2\n" },
	{ "an item behind the last", "l:\n  - a # a\n\nn: 1\n", "l/1", "{ b: c }",
	  "l:\n  - a # a\n  - { b: c }\n\nn: 1\n" },
	{ "an item behind the last in brackets", "l: [a, b] # l\n", "l/2", "c",
	  "l: [a, b, c] # l\n" },
	{ "an item in empty brackets", "l: []\n", "l/0", "a", "l: [a]\n" },
	{ "in an item behind the last", "l:\n- a: 1\n  b: 2\n", "l/1/a/c", "3",
	  "l:\n- a: 1\n  b: 2\n- { a: { c: 3 } }\n" },
	{ "an item behind one in a list of lists", "l:\n  - - a\n  - - b\n", "l/0/1", "c",
	  "l:\n  - - a\n    - c\n  - - b\n" },
	{ "an item without a newline", "l:\n  - a", "l/1", "b", "l:\n  - a\n  - b" },
	{ "a key with a slash", "m: { a/b: 1, a: { b: 2 } }\n", "m/a~1b", "3",
	  "m: { a/b: 3, a: { b: 2 } }\n" },
	{ "a new key with a slash", "m:\n  a: 1\n", "m/a~1b~0c~1d", "2",
	  "m:\n  a: 1\n  a/b~c/d: 2\n" },
	{ "a key with what looks like an escape", "m: { a~1b: 1 }\n", "m/a~01b", "3",
	  "m: { a~1b: 3 }\n" },
	{ "a lone tilde", "m: { a~b: 1, a~: 2 }\n", "m/a~b", "3", "m: { a~b: 3, a~: 2 }\n" },
	{ "remove a key with a slash", "m: { a/b: 1, c: 2 }\n", "m/a~1b", NULL, "m: { c: 2 }\n" },
	{ "remove a line", "a: 1\nb: 2 # two\nc: 3\n", "b", NULL, "a: 1\nc: 3\n" },
	{ "remove from braces", "m: { a: 1, b: 2, c: 3 }\n", "m/b", NULL, "m: { a: 1, c: 3 }\n" },
	{ "remove the last in braces", "m: { a: 1, b: 2 }\n", "m/b", NULL, "m: { a: 1 }\n" },
	{ "remove the only one in braces", "m: { a: 1 }\n", "m/a", NULL, "m: {}\n" },
	{ "remove the only line", "m:\n  a: 1\nn: 2\n", "m/a", NULL, "m: {}\nn: 2\n" },
	{ "remove a tree", "m:\n  a:\n    b: 1\n\n    c: 2\n  d: 3\n", "m/a", NULL,
	  "m:\n  d: 3\n" },
	{ "remove an item", "l:\n  - a\n  - b\n", "l/0", NULL, "l:\n  - b\n" },
	{ "remove an item in brackets", "l: [a, b, c]\n", "l/1", NULL, "l: [a, c]\n" },
	{ "the first behind a dash", "l:\n  - a: 1\n    b: 2\n", "l/0/a", NULL, "l:\n  - b: 2\n" },
	{ "not there", "a: 1\n", "b", NULL, NULL },
	{ "a short form", "s: 10.0.0.0/24\n", "s/address_prefix", "x", NULL },
	{ "no such item", "l: [a]\n", "l/3", "x", NULL },
	{ "an item that is no number", "l: [a]\n", "l/x", "x", NULL },
	{ "an item that is nearly a number", "l: [a]\n", "l/01", "x", NULL },
	{ "an item behind an alias", "l: &x [a]\nm: *x\n", "m/1", "x", NULL },
	{ "an item behind what an alias needs", "l: &x [a]\nm: *x\n", "l/1", "x", NULL },
	{ "an alias", "a: &x 1\nb: *x\n", "b", "2", "a: &x 1\nb: 2\n" },
	{ "what an alias needs", "a: &x 1\nb: *x\n", "a", "2", NULL },
	{ "below an alias", "a: &x { c: 1 }\nb: *x\n", "b/c", "2", NULL },
	{ "a value that is more than one", "m: { a: 1 }\n", "m/a", "2, b: 3", NULL },
	{ "a value that is none", "a: 1\n", "a", "{ x", NULL },
	{ "a value of two lines", "a: 1\n", "a", "x\nb: 2", NULL },
	{ "the whole file", "a: 1\n", "a", NULL, NULL },
	{ "no path", "a: 1\n", "", "1", NULL },
	{ "a file that is not valid", "a: [\n", "a", "1", NULL },
};

static void files_are_edited_as_a_person_would(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };
		size_t len = 0;
		char *after = edit_set(cases[i].before, strlen(cases[i].before), "lab.yaml",
				       cases[i].path, cases[i].value, &len, &err);

		if (cases[i].after && !after) {
			fail_msg("%s: %s", cases[i].name, err.text);
			continue; /* does not come here */
		}
		if (!cases[i].after && after)
			fail_msg("%s: is not refused, but gives:\n%s", cases[i].name, after);
		if (cases[i].after && strcmp(after, cases[i].after) != 0)
			fail_msg("%s:\n%s---- but is:\n%s", cases[i].name, cases[i].after, after);
		if (!after)
			assert_true(err.code < 0 && *err.text);
		else
			assert_int_equal(len, strlen(after));
		free(after);
	}
}

/* ---- at random, against a model of its own ---- */

static json_t *model_of_text(const char *text, size_t len)
{
	struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, len, "edited", &diags);
	json_t *model = NULL;

	if (doc && !diags_error_count(&diags))
		model = doc_model(doc_root(doc), false);
	doc_free(doc);
	diags_fini(&diags);
	return model;
}

/* One value of the tree at random: its path, and the lines it stands on. */
struct target {
	char path[512];
	const struct doc_node *begin, *end;
	bool is_only; /* of its collection: then the collection is written anew */
};

static void choose(const struct doc_node *node, struct target *target)
{
	size_t at;

	target->is_only = false;
	while (node->count) {
		size_t len = strlen(target->path);

		at = (size_t)rand() % node->count;
		if (node->kind == DOC_MAP)
			(void)snprintf(target->path + len, sizeof(target->path) - len, "%s%s",
				       len ? "/" : "", node->pairs[at].key->value);
		else
			(void)snprintf(target->path + len, sizeof(target->path) - len, "%s%zu",
				       len ? "/" : "", at);
		if (!(target->is_only && node->count == 1))
			target->begin =
				node->kind == DOC_MAP ? node->pairs[at].key : node->items[at];
		target->is_only = node->count == 1;
		node = node->kind == DOC_MAP ? node->pairs[at].value : node->items[at];
		target->end = node;
		if (rand() % 3 == 0)
			return;
	}
}

/* The same edit of the model; false when it has no place for it. */
static bool edit_model(json_t *model, char *path, const json_t *value)
{
	char *rest, *step = strtok_r(path, "/", &rest), *next;

	for (; step; step = next) {
		json_t *below;

		next = strtok_r(NULL, "/", &rest);
		if (json_is_array(model)) {
			size_t at = strtoul(step, NULL, 10);

			if (at >= json_array_size(model))
				return false;
			if (!next)
				return !(value ? json_array_set(model, at, (json_t *)value)
					       : json_array_remove(model, at));
			model = json_array_get(model, at);
			continue;
		}
		if (!json_is_object(model))
			return false;
		if (!next)
			return !(value ? json_object_set(model, step, (json_t *)value)
				       : json_object_del(model, step));
		below = json_object_get(model, step);
		if (!below || (json_is_string(below) && !*json_string_value(below))) {
			below = json_object();
			(void)json_object_set_new(model, step, below);
		}
		model = below;
	}
	return false;
}

static bool is_same_model(const json_t *a, const json_t *b)
{
	char *x = json_dumps(a, 0), *y = json_dumps(b, 0); /* in order, unlike json_equal */
	bool is_same = !strcmp(x, y);

	free(x);
	free(y);
	return is_same;
}

/* What stands before and behind the lines of the value is as it was; of a new one, all is. */
static void assert_only_there(const char *before, size_t len, const char *after, size_t after_len,
			      const struct target *target, bool is_new)
{
	size_t from = target->begin->start, to = target->end->end, same = 0, behind = 0;

	while (same < len && same < after_len && before[same] == after[same])
		same++;
	while (behind < len && behind < after_len &&
	       before[len - behind - 1] == after[after_len - behind - 1])
		behind++;
	while (from && before[from - 1] != '\n')
		from--;
	while (to < len && before[to] != '\n')
		to++;
	while (to < len && (before[to] == '\n' || before[to] == ' ')) /* the next may move up */
		to++;
	if (is_new ? same + behind < len : same < from || (to < len && behind < len - to))
		fail_msg("%s: more than it was changed:\n%s", target->path, after);
}

static const char *const values[] = { "x", "10.9.0.0/16", "{ a: b, c: [d, e] }", "[f, g]", "''" };

static void random_edits_change_what_is_meant(void **state)
{
	static const char *const files[] = { "tests/golden/hybrid.yaml",
					     "tests/golden/edit/mixed.yaml" };
	unsigned done = 0, refused = 0;

	(void)state;
	srand(9);
	while (done < 2000) {
		const char *file = files[(size_t)rand() % ARRAY_SIZE(files)];
		const char *value = rand() % 3 ? values[(size_t)rand() % ARRAY_SIZE(values)] : NULL;
		bool is_new = value && rand() % 2;
		struct diags diags = { 0 };
		struct err err = { 0 };
		size_t len, after_len = 0;
		char *text = read_file(file, &len), *after, line[256], path[600];
		struct doc *doc = doc_parse(text, len, file, &diags);
		struct target target = { .path = "" };
		json_t *model = model_of_text(text, len), *now, *wanted = NULL;

		assert_non_null(doc);
		choose(doc_root(doc), &target);
		(void)snprintf(path, sizeof(path), "%s%s", target.path, is_new ? "/new" : "");
		after = edit_set(text, len, file, path, value, &after_len, &err);
		(void)snprintf(line, sizeof(line), "v: %s\n", value ? value : "x");
		wanted = model_of_text(line, strlen(line));
		if (after) {
			char steps[600];

			(void)snprintf(steps, sizeof(steps), "%s", path);
			assert_true(edit_model(model, steps,
					       value ? json_object_get(wanted, "v") : NULL));
			now = model_of_text(after, after_len);
			assert_non_null(now);
			if (!is_same_model(model, now))
				fail_msg("%s: %s = %s gives\n%s", file, path,
					 value ? value : "nothing", after);
			if (!target.is_only || value)
				assert_only_there(text, len, after, after_len, &target,
						  is_new && target.end->count);
			json_decref(now);
			done++;
		} else {
			assert_true(err.code < 0);
			refused++;
		}
		free(after);
		free(text);
		doc_free(doc);
		diags_fini(&diags);
		json_decref(model);
		json_decref(wanted);
	}
	/* new keys below scalars and list items that are none are rightly refused, and aliases */
	assert_true(refused < done);
}

/* Whatever the bytes are, the editor holds, and never gives what is not YAML. */
static void random_bytes_do_no_harm(void **state)
{
	static const char *const paths[] = { "a", "a/b", "lab", "vms/x/y", "l/0", "l/1/k" };
	size_t len, after_len;
	char *text = read_file("tests/golden/edit/mixed.yaml", &len);

	(void)state;
	srand(10);
	for (int i = 0; i < 3000; i++) {
		char *copy = malloc(len + 1), *after;
		size_t cut = rand() % 2 ? len : (size_t)rand() % len;
		struct err err = { 0 };
		json_t *model;

		assert_non_null(copy);
		memcpy(copy, text, len + 1);
		for (int n = rand() % 6; n > 0; n--)
			copy[(size_t)rand() % len] = "{}[]:,-#&*!|>'\"% \n\ta\xc3"[rand() % 21];
		after = edit_set(copy, cut, "f", paths[(size_t)rand() % ARRAY_SIZE(paths)],
				 rand() % 2 ? values[(size_t)rand() % ARRAY_SIZE(values)] : NULL,
				 &after_len, &err);
		if (after) {
			model = model_of_text(after, after_len);
			assert_non_null(model);
			json_decref(model);
		}
		free(after);
		free(copy);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_edited_as_a_person_would),
		cmocka_unit_test(random_edits_change_what_is_meant),
		cmocka_unit_test(random_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
