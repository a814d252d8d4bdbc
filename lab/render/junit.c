/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/junit.h"

#include <string.h>

static void put(const char *text, FILE *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '<')
			(void)fputs("&lt;", out);
		else if (c == '>')
			(void)fputs("&gt;", out);
		else if (c == '&')
			(void)fputs("&amp;", out);
		else if (c == '"')
			(void)fputs("&quot;", out);
		else if (c < ' ' || c == 0x7f) /* XML has no way to say most of them */
			(void)fputc(' ', out);
		else
			(void)fputc(c, out);
	}
}

static void print_case(const char *suite, const struct snapshot_verdict *v, FILE *out)
{
	bool is_pass = !strcmp(v->verdict, "pass"), is_fail = !strcmp(v->verdict, "fail");

	(void)fputs("    <testcase classname=\"", out);
	put(suite, out);
	(void)fputs("\" name=\"", out);
	put(v->text, out);
	(void)fprintf(out, "\" time=\"%.3f\"", v->took_ms / 1000);
	if (is_pass) {
		(void)fputs("/>\n", out);
		return;
	}
	(void)fprintf(out, ">\n      <%s message=\"line %lld: ", is_fail ? "failure" : "error",
		      (long long)v->line);
	put(v->seen, out);
	(void)fputs("\"/>\n    </testcase>\n", out);
}

static void print_suite(const char *file, const struct snapshot_test *test, FILE *out)
{
	size_t failures = 0, errors = 0;
	double took_s = 0;

	for (size_t i = 0; i < test->verdicts.count; i++) {
		const struct snapshot_verdict *v = &test->verdicts.items[i];
		bool is_pass = !strcmp(v->verdict, "pass"), is_fail = !strcmp(v->verdict, "fail");

		failures += is_fail;
		errors += !is_pass && !is_fail;
		took_s = v->took_ms / 1000 > took_s ? v->took_ms / 1000 : took_s;
	}
	(void)fputs("  <testsuite name=\"", out);
	put(test->step_name ? test->step_name : file, out);
	(void)fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\">\n",
		      test->verdicts.count, failures, errors, took_s);
	for (size_t i = 0; i < test->verdicts.count; i++)
		print_case(test->step_name ? test->step_name : file, &test->verdicts.items[i], out);
	(void)fputs("  </testsuite>\n", out);
}

void junit_print(const char *file, const struct snapshot_test *tests, size_t count, FILE *out)
{
	(void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"", out);
	put(file, out);
	(void)fputs("\">\n", out);
	for (size_t i = 0; i < count; i++)
		print_suite(file, &tests[i], out);
	(void)fputs("</testsuites>\n", out);
}
