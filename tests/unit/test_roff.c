/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of the manual: what is written reads as it was given. */
#include "tests/support/test.h"

#include "lab/render/roff.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

struct written {
	struct memory_file file;
	struct roff page;
};

static int begin(void **state)
{
	struct written *written = calloc(1, sizeof(*written));

	assert_non_null(written);
	written->page.out = memory_open(&written->file);
	*state = written;
	return 0;
}

static int end(void **state)
{
	free(*state);
	return 0;
}

/* What was written is this. */
static void assert_written(struct written *written, const char *wanted)
{
	char *text = memory_close(&written->file);

	assert_string_equal(text, wanted);
	free(text);
}

static void nothing_in_a_text_is_taken_for_roff(void **state)
{
	struct written *written = *state;

	roff_text(&written->page, ".TH is a macro, \\fB an escape, 'x' a quoted x");
	roff_example(&written->page, ".SH\n\n'a' \"b\" `c` ^ ~ \\n\n");
	assert_written(written, "\\&.TH is a macro, \\efB an escape, \\(aqx\\(aq a quoted x\n"
				".PP\n.RS 4\n.EX\n"
				"\\&.SH\n\n"
				"\\(aqa\\(aq \\(dqb\\(dq \\(gac\\(ga \\(ha \\(ti \\en\n"
				".EE\n.RE\n");
}

static void dashes_of_options_stay_dashes_and_others_are_hyphens(void **state)
{
	struct written *written = *state;

	roff_text(&written->page, "a hub-and-spoke lab; '--exit-code' or (-l)");
	roff_named_entry(&written->page, "too-deep", "(at-most)");
	assert_written(written, "a hub-and-spoke lab; \\(aq\\-\\-exit\\-code\\(aq or (\\-l)\n"
				".TP\n\\fBtoo\\-deep\\fR (at-most)\n");
}

static void a_synopsis_tells_what_is_typed_from_what_is_put_in(void **state)
{
	struct written *written = *state;

	roff_entry(&written->page, "hublab exec NODE -- PROGRAM [ARGUMENT ...]");
	roff_entry(&written->page, "-o, --output FORMAT");
	roff_entry(&written->page, "bash|zsh");
	assert_written(written, ".TP\n\\fBhublab\\fR \\fBexec\\fR \\fINODE\\fR \\fB\\-\\-\\fR "
				"\\fIPROGRAM\\fR [\\fIARGUMENT\\fR ...]\n"
				".TP\n\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIFORMAT\\fR\n"
				".TP\n\\fBbash\\fR|\\fBzsh\\fR\n");
}

static void sentences_begin_lines_and_lines_are_short(void **state)
{
	struct written *written = *state;
	char text[400] = "One. Two.";

	for (int i = 0; i < 20; i++)
		(void)strcat(text, " 1234567");
	roff_paragraph(&written->page, text);
	assert_written(written,
		       ".PP\nOne.\nTwo.\n"
		       "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567\n"
		       "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567\n"
		       "1234567 1234567\n");
}

static void words_become_a_sentence(void **state)
{
	struct written *written = *state;

	roff_sentence(&written->page, "its prefix");
	roff_sentence(&written->page, "It is one.");
	roff_sentence(&written->page, "");
	assert_written(written, "Its prefix.\nIt is one.\n");
}

static void a_heading_begins_the_first_paragraph(void **state)
{
	struct written *written = *state;

	roff_section(&written->page, "KEYS OF \"x\"");
	roff_paragraph(&written->page, "a");
	roff_paragraph(&written->page, "b");
	roff_subsection(&written->page, "s");
	roff_named_entry(&written->page, "c", NULL);
	roff_paragraph(&written->page, "d");
	assert_written(written, ".SH \"KEYS OF \\(dqx\\(dq\"\na\n.PP\nb\n"
				".SS \"s\"\n.TP\n\\fBc\\fR\n.PP\nd\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_in_a_text_is_taken_for_roff),
		TEST(dashes_of_options_stay_dashes_and_others_are_hyphens),
		TEST(a_synopsis_tells_what_is_typed_from_what_is_put_in),
		TEST(sentences_begin_lines_and_lines_are_short),
		TEST(words_become_a_sentence),
		TEST(a_heading_begins_the_first_paragraph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
