/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two JSON texts, with a NUL between: as topics the first changes into the second; as changes the
 * second fits the first, or is refused.
 */
#include "lab/snapshot/changes.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void change_into(const json_t *before, const json_t *after)
{
	json_t *changes = changes_between(before, after), *here = json_deep_copy(before);
	struct err err = { 0 };

	if (changes)
		assert(changes_apply(here, changes, &err));
	assert(json_equal(here, after));
	json_decref(changes);
	json_decref(here);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	size_t first = strnlen(text, size), second = first < size ? size - first - 1 : 0;
	json_t *a = json_loadb(text, first, 0, NULL);
	json_t *b = second ? json_loadb(text + first + 1, second, 0, NULL) : NULL;
	struct err err = { 0 };

	if (json_is_object(a) && json_is_object(b)) {
		char *words = json_dumps(b, 0);

		/* null stands for what is gone, so a topic has none of its own */
		if (words && !strstr(words, "null"))
			change_into(a, b);
		free(words);
		if (!changes_apply(a, b, &err))
			assert(err.code < 0);
	}
	json_decref(a);
	json_decref(b);
	return 0;
}
