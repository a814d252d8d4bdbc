/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sent of a topic that changed makes, at the other end, the topic as it is now. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/snapshot/changes.h"

#include <stdlib.h>

#define ROUNDS 3000

static json_t *random_item(void)
{
	return rand() % 3 ? json_pack("{s:i, s:s}", "n", rand() % 4, "text", "x")
			  : json_integer(rand() % 4);
}

static json_t *random_topic(void)
{
	static const char *const keys[] = { "a", "b", "c" };
	json_t *topic = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		json_t *list;

		if (rand() % 4 == 0)
			continue;
		if (rand() % 4 == 0) {
			(void)json_object_set_new(topic, keys[i], json_integer(rand() % 3));
			continue;
		}
		list = json_array();
		for (int n = rand() % 6; n > 0; n--)
			(void)json_array_append_new(list, random_item());
		(void)json_object_set_new(topic, keys[i], list);
	}
	return topic;
}

static void changes_make_the_new_from_the_old(void **state)
{
	(void)state;
	srand(7);
	for (int i = 0; i < ROUNDS; i++) {
		json_t *before = random_topic(), *after = random_topic();
		json_t *here = json_deep_copy(before), *wanted = json_deep_copy(after);
		json_t *changes = changes_between(before, after);
		struct err err = { 0 };

		assert_int_equal(json_equal(before, after), changes == NULL);
		if (changes)
			assert_true(changes_apply(here, changes, &err));
		assert_true(json_equal(here, wanted));
		assert_true(json_equal(after, wanted)); /* neither input was touched */
		json_decref(before);
		json_decref(after);
		json_decref(here);
		json_decref(wanted);
		json_decref(changes);
	}
}

static void only_what_changed_is_sent(void **state)
{
	json_t *before = json_pack("{s:[i,i,i,i], s:s}", "list", 1, 2, 3, 4, "same", "x");
	json_t *after = json_pack("{s:[i,i,i,i], s:s}", "list", 1, 9, 3, 8, "same", "x");
	json_t *longer = json_pack("{s:[i,i,i,i,i], s:s}", "list", 1, 2, 7, 3, 4, "same", "x");
	json_t *changes = changes_between(before, after);
	json_t *wanted =
		json_pack("{s:{s:[[i,i,[i]],[i,i,[i]]]}}", "lists", "list", 1, 1, 9, 3, 1, 8);

	(void)state;
	assert_true(json_equal(changes, wanted));
	json_decref(changes);
	json_decref(wanted);
	changes = changes_between(before, longer);
	wanted = json_pack("{s:{s:[[i,i,[i]]]}}", "lists", "list", 2, 0, 7);
	assert_true(json_equal(changes, wanted));
	json_decref(changes);
	json_decref(wanted);
	json_decref(before);
	json_decref(after);
	json_decref(longer);
}

static void changes_that_do_not_fit_are_refused(void **state)
{
	static const char *const wrong[] = {
		"{\"lists\":{\"none\":[]}}",
		"{\"lists\":{\"same\":[]}}",
		"{\"lists\":{\"list\":{}}}",
		"{\"lists\":{\"list\":[[3,0,[1]]]}}",
		"{\"lists\":{\"list\":[[-1,0,[1]]]}}",
		"{\"lists\":{\"list\":[[1,2,[1]]]}}",
		"{\"lists\":{\"list\":[[1,-1,[1]]]}}",
		"{\"lists\":{\"list\":[[9223372036854775807,1,[]]]}}",
		"{\"lists\":{\"list\":[[0,9223372036854775807,[]]]}}",
		"{\"lists\":{\"list\":[[0,0]]}}",
		"{\"lists\":{\"list\":[\"x\"]}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		json_t *topic = json_pack("{s:[i,i], s:s}", "list", 1, 2, "same", "x");
		json_t *changes = json_loads(wrong[i], 0, NULL);
		struct err err = { 0 };

		assert_non_null(changes);
		assert_false(changes_apply(topic, changes, &err));
		assert_true(err.code < 0);
		json_decref(topic);
		json_decref(changes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_make_the_new_from_the_old),
		cmocka_unit_test(only_what_changed_is_sent),
		cmocka_unit_test(changes_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
