/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in an arena is whole, however long it is. */
#include "tests/support/test.h"

#include "lab/base/arena.h"

#include <string.h>

static void text_of_any_length_is_printed_whole(void **state)
{
	static const size_t lens[] = { 0, 1, 254, 255, 256, 257, 600, 20000 };
	struct arena *arena = arena_new();
	static char text[20001];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		const char *printed, *behind;

		memset(text, 'x', lens[i]);
		text[lens[i]] = '\0';
		printed = arena_printf(arena, "%s", text);
		behind = arena_printf(arena, "%d", 12);
		assert_string_equal(printed, text);
		assert_string_equal(behind, "12");
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_any_length_is_printed_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
