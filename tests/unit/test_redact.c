/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pre-shared keys, out of lab files however they are written, and out of what was said of them. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/snapshot/redact.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *before, *after;
} files[] = {
	{ "nothing", "lab: t # no key\n", "lab: t # no key\n" },
	{ "block and flow, equal keys",
	  "a:\n  shared_key: k3y   # here\n  b: 1\nc: { shared_key: k3y, d: [1, 2] }\n",
	  "a:\n  shared_key: REDACTED-1   # here\n  b: 1\nc: { shared_key: REDACTED-1, d: [1, 2] "
	  "}\n" },
	{ "different keys", "a: { shared_key: one }\nb: { shared_key: two }\n",
	  "a: { shared_key: REDACTED-1 }\nb: { shared_key: REDACTED-2 }\n" },
	{ "quotes", "a: { shared_key: \"k # 1\" }\nb: { \"shared_key\":'it''s' }\n",
	  "a: { shared_key: \"REDACTED-1\" }\nb: { \"shared_key\":'REDACTED-2' }\n" },
	{ "letter case", "a: { Shared_Key: k }\n", "a: { Shared_Key: REDACTED-1 }\n" },
	{ "a path of set", "steps:\n  - set: { connections/c/shared_key: k3y, timers: fast }\n",
	  "steps:\n  - set: { connections/c/shared_key: REDACTED-1, timers: fast }\n" },
	{ "an anchor and its alias", "a: { shared_key: &k  k3y }\nb: { shared_key: *k }\n",
	  "a: { shared_key: &k  REDACTED-1 }\nb: { shared_key: REDACTED-1 }\n" },
	{ "an alias of the whole", "a: &a { shared_key: k3y }\nb: *a\n",
	  "a: &a { shared_key: REDACTED-1 }\nb: *a\n" },
	{ "literal text", "a:\n  shared_key: |\n    k3y\n    more\nb: 1\n",
	  "a:\n  shared_key: REDACTED-1\nb: 1\n" },
	{ "text on two lines", "a:\n  shared_key: k3y\n    more\nb: 1\n",
	  "a:\n  shared_key: REDACTED-1\nb: 1\n" },
	{ "no key", "a: { shared_key: }\nb: { shared_key: \"\" }\nc: { shared_key: ~ }\n",
	  "a: { shared_key: }\nb: { shared_key: \"\" }\nc: { shared_key: ~ }\n" },
	{ "only as a key", "k3y: { shared_key: k3y }\nb: k3y\n",
	  "k3y: { shared_key: REDACTED-1 }\nb: k3y\n" },
	{ "comments",
	  "# k3y, not xk3y or k3y-2\na: { shared_key: k3y } # was k3y\n"
	  "# shared_key: 0ld # shared_key = 'o l d'\n#a: { shared_key: 0ld, b: 1 }\n"
	  "# hublab set connections/a/shared_key 0ld; the shared_key is long\n"
	  "b: 'no # shared_key: comment'\n",
	  "# REDACTED-1, not xk3y or k3y-2\na: { shared_key: REDACTED-1 } # was REDACTED-1\n"
	  "# shared_key: REDACTED # shared_key = 'REDACTED'\n#a: { shared_key: REDACTED, b: 1 }\n"
	  "# hublab set connections/a/shared_key REDACTED the shared_key is long\n"
	  "b: 'no # shared_key: comment'\n" },
	{ "MACsec: the key, and not its name",
	  "m: { ckn_secret_identifier: 01ab, cak_secret_identifier: 0011aa } # was 0011aa\n"
	  "# cak_secret_identifier: 77\n",
	  "m: { ckn_secret_identifier: 01ab, cak_secret_identifier: REDACTED-1 } # was "
	  "REDACTED-1\n# cak_secret_identifier: REDACTED\n" },
	{ "no YAML of ours", "a: { shared_key: k3y\n", NULL },
	{ "nothing at all", "", NULL },
};

static void a_lab_file_says_the_same_without_its_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct err err = { 0 };
		const char *before = files[i].before;
		char *after = redact_lab_file(before, strlen(before), "lab.yaml", &err);

		if (!after != !files[i].after || (after && strcmp(after, files[i].after) != 0))
			fail_msg("%s: %s%s", files[i].name, err.text, after ? after : "");
		if (!after)
			assert_string_equal(err.text,
					    "lab.yaml: its pre-shared keys cannot be taken "
					    "out without changing the rest");
		free(after);
	}
}

/* Once is enough: there is nothing more to take out. */
static void twice_is_as_once(void **state)
{
	size_t len;
	char *text = read_file("templates/vpner/lab.yaml", &len);
	char *once = redact_lab_file(text, len, "lab.yaml", NULL), *twice;

	(void)state;
	assert_non_null(strstr(text, "shared_key: abc123"));
	assert_non_null(once);
	assert_null(strstr(once, "abc123"));
	twice = redact_lab_file(once, strlen(once), "lab.yaml", NULL);
	assert_string_equal(once, twice);
	free(text);
	free(once);
	free(twice);
}

static json_t *json_of(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (!json)
		fail_msg("%d:%d: %s", error.line, error.column, error.text);
	return json;
}

static void topics_lose_what_the_file_and_changes_have(void **state)
{
	json_t *topics = json_of(
		"{\"file\":{\"file\":\"l.yaml\",\"text\":\"a: { shared_key: one } # two\\n\","
		" \"changes\":[{\"path\":\"c/a/shared_key\",\"value\":\"two\",\"old\":\"one\"},"
		"  {\"path\":\"c/b\",\"value\":\"{ shared_key: three, x: one }\"},"
		"  {\"path\":\"c/d\",\"old\":\"two\"}]},"
		" \"events\":{\"events\":[{\"text\":\"not one, but one-two or (two)\"},"
		"  {\"text\":\"shared_key: f0ur is too short\"}]},"
		" \"nodes\":{\"nodes\":[{\"name\":\"one\",\"n\":1,\"list\":[\"no two\"]}]}}");
	json_t *want =
		json_of("{\"file\":{\"file\":\"l.yaml\",\"text\":\"a: { shared_key: REDACTED-2 } # "
			"REDACTED-1\\n\","
			" \"changes\":[{\"path\":\"c/a/shared_key\",\"value\":\"REDACTED-1\","
			"   \"old\":\"REDACTED-2\"},"
			"  {\"path\":\"c/b\",\"value\":\"{ shared_key: REDACTED-3, x: one }\"},"
			"  {\"path\":\"c/d\",\"old\":\"two\"}]},"
			" \"events\":{\"events\":[{\"text\":\"not REDACTED-2, but one-two or "
			"(REDACTED-1)\"},"
			"  {\"text\":\"shared_key: REDACTED is too short\"}]},"
			" \"nodes\":{\"nodes\":[{\"name\":\"one\",\"n\":1,\"list\":[\"no "
			"REDACTED-1\"]}]}}");
	struct err err = { 0 };
	size_t count = 0;

	(void)state;
	assert_int_equal(redact_topics(topics, &count, &err), 0);
	assert_int_equal(count, 3);
	if (!json_equal(topics, want))
		fail_msg("%s", json_dumps(topics, JSON_INDENT(1)));
	json_decref(topics);
	json_decref(want);
}

static void topics_that_cannot_be_are_refused(void **state)
{
	static const char *const texts[] = {
		"{\"file\":{\"text\":\"a: {\"}}",
		"{\"file\":{\"text\":\"a: 1\",\"changes\":[{\"path\":\"a\",\"value\":\"{ "
		"shared_key: "
		"\"}]}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		json_t *topics = json_of(texts[i]);
		struct err err = { 0 };
		size_t count;

		assert_int_equal(redact_topics(topics, &count, &err), -EINVAL);
		assert_non_null(strstr(err.text, "cannot be taken out"));
		json_decref(topics);
	}
}

/* A lab that has no file yet has a bundle, too. */
static void without_a_file_there_is_nothing_to_take_out(void **state)
{
	json_t *topics = json_of("{\"lab\":{\"name\":\"t\"}}");
	struct err err = { 0 };
	size_t count = 7;

	(void)state;
	assert_int_equal(redact_topics(topics, &count, &err), 0);
	assert_int_equal(count, 0);
	json_decref(topics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lab_file_says_the_same_without_its_keys),
		cmocka_unit_test(twice_is_as_once),
		cmocka_unit_test(topics_lose_what_the_file_and_changes_have),
		cmocka_unit_test(topics_that_cannot_be_are_refused),
		cmocka_unit_test(without_a_file_there_is_nothing_to_take_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
