/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the kinds of values are read: ranges, durations and changes. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/model/schema.h"

#include <string.h>

struct sample {
	struct object object;
	struct range range;
	struct number duration, fallback;
	struct changes changes;
};

static const struct field fields[] = {
	{ .key = "range",
	  .kind = FIELD_RANGE,
	  .offset = offsetof(struct sample, range),
	  .max = 100 },
	{ .key = "duration",
	  .kind = FIELD_DURATION,
	  .offset = offsetof(struct sample, duration),
	  .min = 10,
	  .max = 600000 },
	{ .key = "fallback",
	  .kind = FIELD_DURATION,
	  .offset = offsetof(struct sample, fallback),
	  .fallback = "10s",
	  .max = 600000 },
	{ .key = "changes", .kind = FIELD_CHANGES, .offset = offsetof(struct sample, changes) },
};
static const struct schema sample_schema = { .noun = "sample",
					     .size = sizeof(struct sample),
					     .fields = fields,
					     .field_count = ARRAY_SIZE(fields) };

/* A sample as it was read, with what it borrows from. */
struct reading {
	struct doc *doc;
	struct arena *arena;
	struct diags diags;
	struct sample sample;
};

static void read_sample(struct reading *r, const char *text)
{
	memset(r, 0, sizeof(*r));
	r->arena = arena_new();
	r->doc = doc_parse(text, strlen(text), "sample.yaml", &r->diags);
	assert_non_null(r->doc);
	schema_read(&sample_schema, doc_root(r->doc), &r->sample, r->arena, &r->diags);
}

static void end(struct reading *r)
{
	diags_fini(&r->diags);
	arena_free(r->arena);
	doc_free(r->doc);
}

/* The sample of one key, which is valid when `words` is NULL. */
static void read_key(struct reading *r, const char *key, const char *value, const char *words)
{
	char text[200];

	(void)snprintf(text, sizeof(text), "%s: %s\n", key, value);
	read_sample(r, text);
	if (!words && r->diags.count)
		fail_msg("%s: %s", text, r->diags.items[0].text);
	if (words && !r->diags.count)
		fail_msg("%s is not refused", text);
	if (!words)
		return;
	assert_string_equal(r->diags.items[0].text, words);
	assert_int_equal(r->diags.count, 1);
	assert_int_equal(r->diags.items[0].pos.line, 1);
	assert_true(r->diags.items[0].pos.col > strlen(key));
}

static void a_range_is_two_ends_or_the_highest(void **state)
{
	static const struct {
		const char *value;
		double min, max;
	} ranges[] = {
		{ "5", 0, 5 },
		{ "[5]", 0, 5 },
		{ "[2, 5]", 2, 5 },
		{ "[0, 0]", 0, 0 },
		{ "[0.5, 99.75]", .5, 99.75 },
		{ "'7'", 0, 7 },
		{ "[100, 100]", 100, 100 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct reading r;

		read_key(&r, "range", ranges[i].value, NULL);
		assert_true(r.sample.range.min == ranges[i].min);
		assert_true(r.sample.range.max == ranges[i].max);
		assert_int_equal(r.sample.range.pos.line, 1);
		assert_int_equal(r.sample.range.pos.col, 8);
		end(&r);
	}
}

static void what_is_no_range_is_a_finding(void **state)
{
	static const struct {
		const char *value, *words;
	} ranges[] = {
		{ "[5, 2]", "sample: 'range' takes the lowest value first, then the highest" },
		{ "101", "sample: 'range' is 101, must be 0 to 100" },
		{ "[2, 101]", "sample: 'range' is 101, must be 0 to 100" },
		{ "-1", "sample: 'range' takes a number, not '-1'" },
		{ "x", "sample: 'range' takes a number, not 'x'" },
		{ "[x, 5]", "sample: 'range' takes a number, not 'x'" },
		{ "5-7", "sample: 'range' takes a number, not '5-7'" },
		{ "[1, 2, 3]",
		  "sample: 'range' takes [LOWEST, HIGHEST] or the highest, not a list" },
		{ "[]", "sample: 'range' takes [LOWEST, HIGHEST] or the highest, not a list" },
		{ "{ min: 1 }",
		  "sample: 'range' takes [LOWEST, HIGHEST] or the highest, not a mapping" },
		{ "[[1], 2]",
		  "sample: 'range' takes [LOWEST, HIGHEST] or the highest, not a list" },
		{ "", "sample: 'range' takes [LOWEST, HIGHEST] or the highest, not nothing" },
		{ "[~, 2]", "sample: 'range' takes [LOWEST, HIGHEST] or the highest, not nothing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct reading r;

		read_key(&r, "range", ranges[i].value, ranges[i].words);
		end(&r);
	}
}

static void a_duration_has_a_unit(void **state)
{
	static const struct {
		const char *value;
		double ms;
	} durations[] = {
		{ "500ms", 500 },   { "5s", 5000 },   { "2m", 120000 }, { "0.5s", 500 },
		{ "1.s", 1000 },    { "'5s'", 5000 }, { "10ms", 10 },   { "10m", 600000 },
		{ "600s", 600000 }, { "007s", 7000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(durations); i++) {
		struct reading r;

		read_key(&r, "duration", durations[i].value, NULL);
		assert_true(r.sample.duration.value == durations[i].ms);
		assert_int_equal(r.sample.duration.pos.col, 11);
		end(&r);
	}
}

static void what_is_no_duration_is_a_finding(void **state)
{
	static const char *const not_one[] = { "5",   "s",    "5 s",    "5h",    "5S",  "-5s",
					       "+5s", "1e3s", "0x5s",   "5ms s", "5mm", "5ss",
					       ".5s", "inf",  "1.2.3s", "infs",  "5sm" };
	static const struct {
		const char *value, *words;
	} others[] = {
		{ "9ms", "sample: 'duration' is 9ms, must be 10ms to 600s" },
		{ "601s", "sample: 'duration' is 601s, must be 10ms to 600s" },
		{ "11m", "sample: 'duration' is 11m, must be 10ms to 600s" },
		{ "[5s]", "sample: 'duration' takes a single value, not a list" },
		{ "", "sample: 'duration' takes a single value, not nothing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(not_one); i++) {
		struct reading r;
		char words[100];

		(void)snprintf(words, sizeof(words),
			       "sample: 'duration' takes a time such as 500ms, 5s or 2m, not '%s'",
			       not_one[i]);
		read_key(&r, "duration", not_one[i], words);
		end(&r);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct reading r;

		read_key(&r, "duration", others[i].value, others[i].words);
		end(&r);
	}
}

static void what_is_absent_is_in_no_place(void **state)
{
	struct reading r;

	(void)state;
	read_sample(&r, "changes:\n");
	assert_int_equal(r.diags.count, 0);
	assert_int_equal(r.sample.range.pos.line, 0);
	assert_int_equal(r.sample.duration.pos.line, 0);
	assert_int_equal(r.sample.changes.count, 0);
	assert_true(r.sample.fallback.value == 10000);
	assert_int_equal(r.sample.fallback.pos.line, 0);
	end(&r);
}

static void changes_keep_their_order_and_places(void **state)
{
	struct reading r;
	const struct change *c;

	(void)state;
	read_sample(&r, "changes:\n"
			"  vms/b: v/s\n"
			"  vms/a: { subnet: v/s }\n"
			"  vms/c: null\n"
			"  vms/d:\n"
			"  vms/e: ''\n");
	assert_int_equal(r.diags.count, 0);
	assert_int_equal(r.sample.changes.count, 5);
	c = r.sample.changes.items;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(c[i].pos.line, 2 + i);
	assert_string_equal(c[0].path, "vms/b");
	assert_string_equal(c[0].value->value, "v/s");
	assert_int_equal(c[0].value->pos.col, 10);
	assert_int_equal(c[1].value->kind, DOC_MAP);
	assert_null(c[2].value);
	assert_null(c[3].value);
	assert_non_null(c[4].value); /* an empty text is something */
	end(&r);
}

static void changes_are_a_mapping_of_different_paths(void **state)
{
	struct reading r;

	(void)state;
	read_key(&r, "changes", "[ vms/a ]", "sample: 'changes' takes a mapping, not a list");
	end(&r);
	read_key(&r, "changes", "vms/a", "sample: 'changes' takes a mapping, not a single value");
	end(&r);
	read_key(&r, "changes", "{ vms/a: 1, VMS/A: 2 }", "key 'VMS/A' stands here twice");
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_two_ends_or_the_highest),
		cmocka_unit_test(what_is_no_range_is_a_finding),
		cmocka_unit_test(a_duration_has_a_unit),
		cmocka_unit_test(what_is_no_duration_is_a_finding),
		cmocka_unit_test(what_is_absent_is_in_no_place),
		cmocka_unit_test(changes_keep_their_order_and_places),
		cmocka_unit_test(changes_are_a_mapping_of_different_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
