/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of its table of neighbours, in any namespace the same. */
#include "tests/support/test.h"

#include "netns/kernel/neighbours.h"
#include "tests/support/namespace.h"

#include <stdio.h>

static void assert_read(struct neighbour_table *table)
{
	struct err err = { 0 };

	if (neighbour_table_read(table, &err))
		fail_msg("%s", err.text);
	assert_true(table->limit > 0);
}

static void the_table_is_the_machines(void **state)
{
	struct neighbour_table outside = { 0 }, inside = { 0 };

	(void)state;
	assert_read(&outside);
	if (!enter_user_namespace()) {
		(void)printf("no user namespaces here\n");
		skip();
	}
	assert_read(&inside);
	assert_int_equal(inside.limit, outside.limit);
	assert_true(inside.refusals >= outside.refusals);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_table_is_the_machines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
