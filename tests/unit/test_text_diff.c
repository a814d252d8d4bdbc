/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Differences of texts: as diff -u has them, and always those that lead from the one to the other.
 */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/render/text_diff.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *diff_of(const char *before, const char *after)
{
	struct memory_file file = { 0 };
	bool differs = text_diff(before, after, "lab.yaml", memory_open(&file));
	char *text = memory_close(&file);

	assert_int_equal(differs, strcmp(before, after) != 0);
	return text;
}

static void a_line_is_shown_with_three_around_it(void **state)
{
	static const struct {
		const char *before, *after, *diff;
	} cases[] = {
		{ "a\n", "a\n", "" },
		{ "", "a\n", "--- lab.yaml\n+++ lab.yaml\n@@ -0,0 +1 @@\n+a\n" },
		{ "a\n", "", "--- lab.yaml\n+++ lab.yaml\n@@ -1 +0,0 @@\n-a\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n5\n6\n7\n8\n9\n",
		  "--- lab.yaml\n+++ lab.yaml\n@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n" },
		{ "1\n2\n3\n", "1\ny\n3\n",
		  "--- lab.yaml\n+++ lab.yaml\n@@ -1,3 +1,3 @@\n 1\n-2\n+y\n 3\n" },
		/* two that are far from each other, and two that are near */
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
		  "--- lab.yaml\n+++ lab.yaml\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n"
		  "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n" },
		{ "1\n2\n3\n4\n", "x\n2\n3\ny\n",
		  "--- lab.yaml\n+++ lab.yaml\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n-4\n+y\n" },
		{ "a", "a\n",
		  "--- lab.yaml\n+++ lab.yaml\n@@ -1 +1 @@\n-a\n\\ No newline at end of "
		  "file\n+a\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = diff_of(cases[i].before, cases[i].after);

		assert_string_equal(text, cases[i].diff);
		free(text);
	}
}

/* Lines of a difference that has all of them: those with this mark, or kept, make the text. */
static void assert_makes(const char *diff, char mark, const char *text)
{
	const char *at = diff;

	for (int i = 0; i < 2; i++) /* the names */
		at = strchr(at, '\n') + 1;
	for (; *at; at = strchr(at, '\n') + 1) {
		size_t len = strcspn(at, "\n");

		if (*at == '@' || (*at != ' ' && *at != mark))
			continue;
		if (strncmp(text, at + 1, len) != 0)
			fail_msg("not '%s' but: %s", text, diff);
		text += len;
	}
	assert_string_equal(text, "");
}

static void random_texts(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 3000; round++) {
		char before[64] = "", after[64] = "", *diff;

		/* short ones: three lines of context are all there is between two changes */
		for (int i = rand() % 4; i; i--)
			(void)snprintf(before + strlen(before), 3, "%.2s",
				       &"a\nb\nc\n"[rand() % 3 * 2]);
		for (int i = 0; before[i]; i += 2)
			if (rand() % 4)
				(void)snprintf(after + strlen(after), 3, "%.2s", before + i);
		if (rand() % 2)
			(void)strcat(after, "d\n");
		if (!strcmp(before, after))
			continue;
		diff = diff_of(before, after);
		assert_makes(diff, '-', before);
		assert_makes(diff, '+', after);
		free(diff);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_shown_with_three_around_it),
		cmocka_unit_test(random_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
