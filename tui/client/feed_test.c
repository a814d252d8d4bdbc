/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/feed_test.h"

#include "lab/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_NS 2000000000ull /* from an answer to the next question */

struct feed_test {
	struct loop_timer *again;
	void (*ask)(void *arg);
	void *arg;
	bool is_wanted, is_asked;
	struct arena *arena;
	struct snapshot_test *seen; /* in the arena; NULL: nothing yet */
	char refusal[240];          /* "": it was not refused */
};

static void ask_again(void *arg, uint64_t now_ns)
{
	struct feed_test *test = arg;

	(void)now_ns;
	if (!test->is_wanted || test->is_asked)
		return;
	test->is_asked = true;
	test->ask(test->arg);
}

struct feed_test *feed_test_new(struct loop *loop, void (*ask)(void *arg), void *arg)
{
	struct feed_test *test = calloc(1, sizeof(*test));

	if (!test)
		abort();
	test->ask = ask;
	test->arg = arg;
	test->again = loop_timer_new(loop, ask_again, test, "test");
	return test;
}

void feed_test_free(struct feed_test *test)
{
	if (!test)
		return;
	loop_timer_free(test->again);
	arena_free(test->arena);
	free(test);
}

void feed_test_want(struct feed_test *test, bool is_wanted)
{
	if (is_wanted && !test->is_wanted && !test->is_asked)
		loop_timer_set(test->again, 0);
	test->is_wanted = is_wanted;
}

/* In the place of what was said of the same expectation before, or behind the others. */
static void take_verdict(struct feed_test *test, const json_t *progress)
{
	const char *text = json_string_value(json_object_get(progress, "text"));
	const char *seen = json_string_value(json_object_get(progress, "seen"));
	const char *verdict = json_string_value(json_object_get(progress, "verdict"));
	int64_t line = json_integer_value(json_object_get(progress, "line"));
	struct snapshot_verdict *out = NULL;

	if (!text || !seen || !verdict)
		return;
	if (!test->arena)
		test->arena = arena_new();
	if (!test->seen)
		test->seen = arena_alloc(test->arena, sizeof(*test->seen));
	for (size_t i = 0; i < test->seen->verdicts.count && !out; i++)
		if (test->seen->verdicts.items[i].line == line &&
		    !strcmp(test->seen->verdicts.items[i].text, text))
			out = &test->seen->verdicts.items[i];
	if (!out)
		out = ARENA_PUSH(test->arena, test->seen->verdicts.items,
				 test->seen->verdicts.count);
	*out = (struct snapshot_verdict){ .line = line,
					  .text = arena_strdup(test->arena, text),
					  .verdict = arena_strdup(test->arena, verdict),
					  .seen = arena_strdup(test->arena, seen) };
}

static void take_answer(struct feed_test *test, const json_t *message)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(message, "error"), "text"));
	struct arena *arena = arena_new();
	struct snapshot_test *seen = arena_alloc(arena, sizeof(*seen));
	struct err err = { 0 };

	(void)snprintf(test->refusal, sizeof(test->refusal), "%s", text ? text : "");
	if (!text && record_decode(&snapshot_test_record, json_object_get(message, "data"), seen,
				   arena, &err)) {
		arena_free(test->arena);
		test->arena = arena;
		test->seen = seen;
	} else {
		arena_free(arena);
	}
	test->is_asked = false;
	if (test->is_wanted)
		loop_timer_set(test->again, AGAIN_NS);
}

bool feed_test_take(struct feed_test *test, const json_t *message)
{
	const json_t *progress = json_object_get(message, "progress");
	const char *id = json_string_value(json_object_get(message, "id"));

	if (progress)
		take_verdict(test, progress);
	else if (id && !strcmp(id, FEED_TEST_ID))
		take_answer(test, message);
	else
		return false;
	return true;
}

const struct snapshot_test *feed_test_seen(const struct feed_test *test, const char **ret_refusal)
{
	*ret_refusal = test && *test->refusal ? test->refusal : NULL;
	return test ? test->seen : NULL;
}
