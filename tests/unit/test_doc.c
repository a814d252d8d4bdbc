/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "lab/yaml/doc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The id of the first finding; DIAG_COUNT when there is none. */
static enum diag_id first_finding(const char *text, size_t len, struct src_pos *ret_pos)
{
	struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, len, "t.yaml", &diags);
	enum diag_id id = diags.count ? diags.items[0].id : DIAG_COUNT;

	if (diags.count && ret_pos)
		*ret_pos = diags.items[0].pos;
	assert_true(doc || diags.count); /* a refusal says why */
	doc_free(doc);
	diags_fini(&diags);
	return id;
}

#define FINDING(text, pos) first_finding(text, sizeof(text) - 1, pos)

static void nodes_know_their_place(void **state)
{
	static const char text[] = "# \xc3\xa4\n"
				   "a: 1\n"
				   "b\xc3\xa4:\n"
				   "  - { x: y }\n"
				   "  - 'q \xc3\xa4'\n"
				   "\n"
				   "c: end\n";
	struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, sizeof(text) - 1, "t.yaml", &diags);
	const struct doc_node *list, *item;

	(void)state;
	assert_non_null(doc);
	list = doc_find(doc_root(doc), "b\xc3\xa4");
	assert_non_null(list);
	assert_int_equal(list->kind, DOC_LIST);
	assert_int_equal(list->count, 2);
	item = list->items[1];
	assert_int_equal(item->pos.line, 5);
	assert_int_equal(item->pos.col, 5);
	assert_memory_equal(text + item->start, "'q \xc3\xa4'", item->end - item->start);
	assert_false(item->is_plain);
	assert_memory_equal(text + list->items[0]->start, "{ x: y }",
			    list->items[0]->end - list->items[0]->start);
	/* a block collection ends with its last child, not where the next key begins */
	assert_int_equal(list->end, item->end);
	doc_free(doc);
	diags_fini(&diags);
}

static void a_byte_order_mark_moves_nothing(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "a: \xc3\xa4 b\n";
	struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, sizeof(text) - 1, "t.yaml", &diags);
	const struct doc_node *node = doc_find(doc_root(doc), "a");

	(void)state;
	assert_int_equal(node->pos.col, 4);
	assert_memory_equal(text + node->start, "\xc3\xa4 b", node->end - node->start);
	doc_free(doc);
}

static void an_alias_is_its_anchors_node_with_its_own_bytes(void **state)
{
	static const char text[] = "a: &x { k: v }\nb: *x\n";
	struct diags diags = { 0 };
	struct doc *doc = doc_parse(text, sizeof(text) - 1, "t.yaml", &diags);
	const struct doc_node *alias = doc_find(doc_root(doc), "b");

	(void)state;
	assert_string_equal(doc_find(alias, "k")->value, "v");
	assert_int_equal(alias->pos.line, 1);
	assert_memory_equal(text + alias->start, "*x", alias->end - alias->start);
	doc_free(doc);
}

static void keys_compare_without_case(void **state)
{
	struct src_pos pos = { 0 };

	(void)state;
	assert_int_equal(FINDING("Hub: 1\nx: 2\nhub: 3\n", &pos), DIAG_DUPLICATE_KEY);
	assert_int_equal(pos.line, 3);
}

static void what_the_language_does_not_have_is_found(void **state)
{
	(void)state;
	assert_int_equal(FINDING("", NULL), DIAG_EMPTY);
	assert_int_equal(FINDING("# only a comment\n", NULL), DIAG_EMPTY);
	assert_int_equal(FINDING("- a\n", NULL), DIAG_EMPTY);
	assert_int_equal(FINDING("text\n", NULL), DIAG_EMPTY);
	assert_int_equal(FINDING("a: 1\n---\nb: 2\n", NULL), DIAG_SECOND_DOCUMENT);
	assert_int_equal(FINDING("a: !!str 1\n", NULL), DIAG_NOT_ALLOWED);
	assert_int_equal(FINDING("a: &x {}\nb: { <<: *x }\n", NULL), DIAG_NOT_ALLOWED);
	assert_int_equal(FINDING("a: *x\n", NULL), DIAG_UNKNOWN_ALIAS);
	assert_int_equal(FINDING("a: &x [ *x ]\n", NULL), DIAG_UNKNOWN_ALIAS);
	assert_int_equal(FINDING("{ [a]: 1 }\n", NULL), DIAG_WRONG_SHAPE);
	assert_int_equal(FINDING("a: \"\\0\"\n", NULL), DIAG_ENCODING);
	assert_int_equal(FINDING("a: \xff\n", NULL), DIAG_ENCODING);
	assert_int_equal(FINDING("a:\n\tb: 1\n", NULL), DIAG_SYNTAX);
	assert_int_equal(FINDING("a: [ 1, 2\nb: 3\n", NULL), DIAG_SYNTAX);
}

static void a_place_of_bad_bytes_is_named(void **state)
{
	struct src_pos pos = { 0 };

	(void)state;
	assert_int_equal(FINDING("a: 1\nb: x\xffy\n", &pos), DIAG_ENCODING);
	assert_int_equal(pos.line, 2);
	assert_int_equal(pos.col, 5);
}

static void huge_files_are_refused_at_once(void **state)
{
	size_t len = 3u << 20;
	char *text = malloc(len + 3);
	clock_t start = clock();

	(void)state;
	memset(text, '[', len);
	assert_int_equal(first_finding(text, 100000, NULL), DIAG_TOO_DEEP);
	memset(text, 'x', len + 3);
	text[0] = 'a';
	text[1] = ':';
	text[2] = ' ';
	assert_int_equal(first_finding(text, len + 3, NULL), DIAG_COUNT);
	free(text);
	text = calloc(1, 5u << 20);
	assert_int_equal(first_finding(text, 5u << 20, NULL), DIAG_TOO_LARGE);
	free(text);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC <
		    5.0); /* an order above the usual */
}

static void an_alias_bomb_is_refused(void **state)
{
	char text[2000] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";

	(void)state;
	for (int i = 1; i < 12; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
			       i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_int_equal(first_finding(text, strlen(text), NULL), DIAG_TOO_LARGE);
}

static void any_bytes_give_a_tree_or_a_finding(void **state)
{
	static const char base[] = "lab: x\nvms: { a: { subnet: v/s, l: [1, 'b', \"c\"] } }\n"
				   "p: &q { r: *s }\nt: |\n  block\n  text\nu: >-\n  folded\n";
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[sizeof(base)];
		size_t len = sizeof(base) - 1;

		memcpy(text, base, sizeof(base));
		for (int edit = 0; edit < 1 + round % 4; edit++)
			text[(size_t)rand_r(&seed) % len] = (char)(rand_r(&seed) % 256);
		(void)first_finding(text, 1 + (size_t)rand_r(&seed) % len, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_know_their_place),
		cmocka_unit_test(a_byte_order_mark_moves_nothing),
		cmocka_unit_test(an_alias_is_its_anchors_node_with_its_own_bytes),
		cmocka_unit_test(keys_compare_without_case),
		cmocka_unit_test(what_the_language_does_not_have_is_found),
		cmocka_unit_test(a_place_of_bad_bytes_is_named),
		cmocka_unit_test(huge_files_are_refused_at_once),
		cmocka_unit_test(an_alias_bomb_is_refused),
		cmocka_unit_test(any_bytes_give_a_tree_or_a_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
