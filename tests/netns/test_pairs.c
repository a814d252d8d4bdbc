/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pair is next, and what became of each: lost, late, twice, and never sent. */
#include "tests/support/test.h"

#include "netns/probe/pairs.h"

#define COUNT  8
#define WINDOW 4
#define TRIES  3
#define MS     1000000ull

/* Sends the next one, whose answer is predicted or not; returns which. */
static size_t send_next(struct pairs *p, bool is_predicted, uint64_t deadline_ns)
{
	size_t index;

	assert_true(pairs_next(p, &index));
	pairs_get(p, index)->is_answer_predicted = is_predicted;
	pairs_sent(p, index, deadline_ns);
	return index;
}

static enum pair_state state_of(struct pairs *p, size_t index)
{
	return (enum pair_state)pairs_get(p, index)->state;
}

static void so_many_are_on_their_way_and_no_more(void **state)
{
	struct pairs *p = pairs_new(COUNT, WINDOW, TRIES);
	size_t index;

	(void)state;
	for (size_t i = 0; i < WINDOW; i++)
		assert_int_equal(send_next(p, true, (10 + i) * MS), i);
	assert_false(pairs_next(p, &index));
	assert_int_equal(pairs_expire(p, 9 * MS), 10 * MS); /* when the first one's time is over */
	assert_false(pairs_next(p, &index));
	pairs_answered(p, 0, 1.5f);
	assert_int_equal(pairs_expire(p, 9 * MS), 11 * MS);
	assert_int_equal(send_next(p, true, 20 * MS), 4);
	assert_int_equal(pairs_decided(p), 1);
	assert_int_equal(pairs_asked(p), COUNT);
	pairs_free(p);
}

static void what_is_lost_is_sent_again_only_where_an_answer_is_predicted(void **state)
{
	struct pairs *p = pairs_new(2, WINDOW, TRIES);
	uint64_t now_ns = 0;

	(void)state;
	assert_int_equal(send_next(p, true, MS), 0);
	assert_int_equal(send_next(p, false, MS), 1);
	assert_int_equal(pairs_expire(p, MS), 0);
	assert_int_equal(state_of(p, 1), PAIR_SILENT);
	assert_int_equal(pairs_decided(p), 1);
	for (unsigned round = 2; round <= TRIES; round++) {
		now_ns += 10 * MS;
		assert_int_equal(state_of(p, 0), PAIR_WAITING);
		assert_int_equal(send_next(p, true, now_ns), 0);
		assert_int_equal(pairs_round(p), round);
		assert_int_equal(pairs_expire(p, now_ns), 0);
	}
	assert_int_equal(state_of(p, 0), PAIR_SILENT);
	assert_int_equal(pairs_get(p, 0)->tries, TRIES);
	assert_int_equal(pairs_get(p, 0)->error, 0);
	assert_int_equal(pairs_decided(p), 2);
	assert_false(pairs_next(p, &(size_t){ 0 }));
	pairs_free(p);
}

/* While others are on their way, what is lost waits: nothing is sent twice at once. */
static void another_round_begins_when_nothing_is_on_its_way(void **state)
{
	struct pairs *p = pairs_new(2, WINDOW, TRIES);
	size_t index;

	(void)state;
	(void)send_next(p, true, MS);
	(void)send_next(p, true, 2 * MS);
	assert_int_equal(pairs_expire(p, MS), 2 * MS);
	assert_int_equal(state_of(p, 0), PAIR_WAITING);
	assert_false(pairs_next(p, &index));
	pairs_answered(p, 1, 0);
	assert_int_equal(pairs_expire(p, MS), 0);
	assert_true(pairs_next(p, &index));
	assert_int_equal(index, 0);
	assert_int_equal(pairs_round(p), 2);
	pairs_free(p);
}

static void a_late_answer_is_one_and_a_second_one_is_none(void **state)
{
	struct pairs *p = pairs_new(3, WINDOW, 1);
	size_t index;

	(void)state;
	(void)send_next(p, false, MS);
	(void)send_next(p, true, MS);
	(void)send_next(p, true, 9 * MS);
	assert_int_equal(pairs_expire(p, MS), 9 * MS);
	assert_int_equal(state_of(p, 0), PAIR_SILENT);
	assert_int_equal(pairs_decided(p), 2);
	pairs_answered(p, 0, 7); /* late: silence was predicted, and is not what came */
	pairs_answered(p, 1, 8);
	assert_int_equal(state_of(p, 0), PAIR_ANSWERED);
	assert_int_equal(state_of(p, 1), PAIR_ANSWERED);
	assert_int_equal(pairs_decided(p), 2);
	pairs_answered(p, 0, 99);
	assert_true(pairs_get(p, 0)->rtt_ms == 7);
	pairs_lost(p, 0);
	assert_int_equal(state_of(p, 0), PAIR_ANSWERED);
	pairs_answered(p, 2, 1);
	assert_int_equal(pairs_decided(p), 3);
	assert_int_equal(pairs_expire(p, MS), 0);
	assert_false(pairs_next(p, &index));
	pairs_free(p);
}

static void a_late_answer_to_what_waits_is_not_waited_for(void **state)
{
	struct pairs *p = pairs_new(1, WINDOW, TRIES);
	size_t index;

	(void)state;
	(void)send_next(p, true, MS);
	assert_int_equal(pairs_expire(p, MS), 0);
	assert_int_equal(state_of(p, 0), PAIR_WAITING);
	pairs_answered(p, 0, 3);
	assert_false(pairs_next(p, &index));
	assert_int_equal(pairs_decided(p), 1);
	pairs_free(p);
}

static void an_answer_to_what_was_never_sent_is_none(void **state)
{
	struct pairs *p = pairs_new(3, WINDOW, TRIES);
	size_t index;

	(void)state;
	pairs_leave_out(p, 1);
	assert_int_equal(pairs_asked(p), 2);
	pairs_answered(p, 0, 1);
	pairs_answered(p, 1, 1);
	assert_int_equal(state_of(p, 0), PAIR_WAITING);
	assert_int_equal(state_of(p, 1), PAIR_LEFT_OUT);
	assert_int_equal(send_next(p, true, MS), 0);
	assert_int_equal(send_next(p, true, MS), 2); /* the one between is nobody's question */
	pairs_answered(p, 0, 1);
	pairs_answered(p, 2, 1);
	assert_int_equal(pairs_decided(p), pairs_asked(p));
	assert_false(pairs_next(p, &index));
	pairs_free(p);
}

static void what_was_not_sent_is_not_observed(void **state)
{
	struct pairs *p = pairs_new(2, WINDOW, TRIES);
	size_t index;

	(void)state;
	assert_true(pairs_next(p, &index));
	pairs_not_sent(p, index, 101, false);
	assert_true(pairs_next(p, &index));
	assert_int_equal(index, 1);
	pairs_not_sent(p, index, 101, true);
	assert_int_equal(state_of(p, 0), PAIR_UNOBSERVED);
	assert_int_equal(state_of(p, 1), PAIR_SILENT);
	assert_int_equal(pairs_get(p, 1)->error, 101);
	assert_int_equal(pairs_decided(p), 2);
	assert_int_equal(pairs_expire(p, MS), 0);
	pairs_free(p);
}

/* Deadlines that do not grow are as the latest before them, so that one queue is enough. */
static void a_short_wait_behind_a_long_one_is_as_long(void **state)
{
	struct pairs *p = pairs_new(2, WINDOW, 1);

	(void)state;
	(void)send_next(p, false, 5 * MS);
	(void)send_next(p, false, 2 * MS);
	assert_int_equal(pairs_expire(p, 3 * MS), 5 * MS);
	assert_int_equal(pairs_decided(p), 0);
	assert_int_equal(pairs_expire(p, 5 * MS), 0);
	assert_int_equal(pairs_decided(p), 2);
	pairs_free(p);
}

/* Through the ring many times over, with every fate there is. */
static void all_are_decided_in_the_end(void **state)
{
	struct pairs *p = pairs_new(10000, 7, TRIES);
	uint64_t now_ns = MS, sent = 0;
	size_t index;

	(void)state;
	while (pairs_decided(p) < pairs_asked(p)) {
		while (pairs_next(p, &index)) {
			(void)send_next(p, index % 3 != 0, now_ns + 10 * MS);
			sent++;
			if (index % 5 == 0)
				pairs_answered(p, index, 1);
		}
		now_ns += MS;
		(void)pairs_expire(p, now_ns);
	}
	for (size_t i = 0; i < 10000; i++) {
		assert_int_equal(state_of(p, i), i % 5 ? PAIR_SILENT : PAIR_ANSWERED);
		assert_int_equal(pairs_get(p, i)->tries, i % 5 && i % 3 ? TRIES : 1);
	}
	assert_int_equal(pairs_round(p), TRIES);
	assert_true(sent < 10000 * TRIES);
	pairs_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_are_on_their_way_and_no_more),
		cmocka_unit_test(what_is_lost_is_sent_again_only_where_an_answer_is_predicted),
		cmocka_unit_test(another_round_begins_when_nothing_is_on_its_way),
		cmocka_unit_test(a_late_answer_is_one_and_a_second_one_is_none),
		cmocka_unit_test(a_late_answer_to_what_waits_is_not_waited_for),
		cmocka_unit_test(an_answer_to_what_was_never_sent_is_none),
		cmocka_unit_test(what_was_not_sent_is_not_observed),
		cmocka_unit_test(a_short_wait_behind_a_long_one_is_as_long),
		cmocka_unit_test(all_are_decided_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
