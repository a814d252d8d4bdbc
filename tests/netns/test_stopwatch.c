/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "netns/probe/flights.h"
#include "netns/super/stopwatch.h"

#include <math.h>
#include <string.h>

#define MS       1000000ull
#define BEGIN    (1000 * MS)
#define AFTER(n) (BEGIN + (n)*MS)

static const struct probe_name ping = { "vm1", "vm2", "Icmp" }, fetch = { "vm1", "vm2", "Http" };

static struct snapshot_stopwatch fill(const struct stopwatch *watch, struct arena *arena)
{
	struct snapshot_stopwatch out = { 0 };

	stopwatch_fill(watch, &out, arena);
	return out;
}

static void only_the_first_event_of_each_kind_counts(void **state)
{
	struct arena *arena = arena_new();
	struct stopwatch watch;
	struct snapshot_stopwatch out;

	(void)state;
	stopwatch_begin(&watch, "set", BEGIN, 12.5);
	out = fill(&watch, arena);
	assert_true(isnan(out.detected_ms) && isnan(out.withdrawn_ms) && isnan(out.rerouted_ms));
	assert_int_equal(stopwatch_event(&watch, "probe", "x", AFTER(1)), STOPWATCH_NOTHING);
	assert_int_equal(stopwatch_event(&watch, "routes", "removed 10.0.0.0/8: 0 NICs", AFTER(2)),
			 STOPWATCH_NOTHING);
	assert_int_equal(
		stopwatch_event(&watch, "routes", "only the tag VirtualNetwork changed", AFTER(2)),
		STOPWATCH_NOTHING);
	assert_int_equal(stopwatch_event(&watch, "bgp", "a: lost", AFTER(3)), STOPWATCH_DETECTED);
	assert_int_equal(stopwatch_event(&watch, "bgp", "b: lost", AFTER(4)), STOPWATCH_NOTHING);
	assert_int_equal(stopwatch_event(&watch, "daemon", "c: ended", AFTER(4)),
			 STOPWATCH_NOTHING);
	assert_int_equal(stopwatch_event(&watch, "routes", "removed 10.0.0.0/8: 3 NICs", AFTER(5)),
			 STOPWATCH_WITHDRAWN);
	assert_int_equal(stopwatch_event(&watch, "routes", "removed 10.0.0.0/9: 3 NICs", AFTER(6)),
			 STOPWATCH_NOTHING);
	out = fill(&watch, arena);
	assert_string_equal(out.of, "set");
	assert_true(out.time == 12.5 && out.detected_ms == 3 && out.withdrawn_ms == 5);
	assert_string_equal(out.detected, "a: lost");
	assert_string_equal(out.withdrawn, "removed 10.0.0.0/8: 3 NICs");
	stopwatch_fini(&watch);
	arena_free(arena);
}

static void a_gap_goes_from_the_first_lost_to_the_next_answered(void **state)
{
	struct arena *arena = arena_new();
	struct stopwatch watch;
	struct snapshot_stopwatch out;

	(void)state;
	stopwatch_begin(&watch, "set", BEGIN, 0);
	(void)stopwatch_packet(&watch, &ping, AFTER(10), AFTER(12));
	(void)stopwatch_packet(&watch, &ping, AFTER(20), 0);
	(void)stopwatch_packet(&watch, &ping, AFTER(30), 0);
	assert_true(fill(&watch, arena).gap_ms == 10); /* so far */
	assert_int_equal(stopwatch_packet(&watch, &ping, AFTER(40), AFTER(43)), STOPWATCH_REROUTED);
	(void)stopwatch_packet(&watch, &ping, AFTER(50), 0);
	assert_int_equal(stopwatch_packet(&watch, &ping, AFTER(60), AFTER(61)), STOPWATCH_NOTHING);
	(void)stopwatch_packet(&watch, &fetch, AFTER(15), 0);
	out = fill(&watch, arena);
	assert_true(out.lost == 4 && out.gap_ms == 20 && out.rerouted_ms == 43);
	assert_int_equal(out.probes.count, 2);
	assert_string_equal(out.probes.items[0].protocol, "Icmp");
	assert_true(out.probes.items[0].lost == 3 && out.probes.items[0].gap_ms == 20 &&
		    out.probes.items[0].rerouted_ms == 43);
	assert_true(out.probes.items[1].lost == 1 && out.probes.items[1].gap_ms == 0 &&
		    isnan(out.probes.items[1].rerouted_ms));
	stopwatch_fini(&watch);
	arena_free(arena);
}

static void a_gap_that_goes_on_is_divided(void **state)
{
	struct arena *arena = arena_new();
	struct stopwatch set, clear;
	struct snapshot_stopwatch out;

	(void)state;
	stopwatch_begin(&set, "set", BEGIN, 0);
	(void)stopwatch_packet(&set, &ping, AFTER(10), 0);
	stopwatch_begin(&clear, "clear", AFTER(100), 0);
	stopwatch_follow(&clear, &set);
	(void)stopwatch_packet(&set, &ping, AFTER(95), 0); /* known only now */
	assert_int_equal(stopwatch_packet(&clear, &ping, AFTER(130), AFTER(131)),
			 STOPWATCH_REROUTED);
	out = fill(&set, arena);
	assert_true(out.lost == 2 && out.gap_ms == 90 && isnan(out.rerouted_ms));
	out = fill(&clear, arena);
	assert_true(out.lost == 0 && out.gap_ms == 30 && out.rerouted_ms == 31);
	stopwatch_fini(&set);
	stopwatch_fini(&clear);
	arena_free(arena);
}

/* ---- packets on their way ---- */

static void packets_leave_in_the_order_in_which_they_were_sent(void **state)
{
	struct flights flights = { 0 };
	struct flight flight;

	(void)state;
	assert_false(flights_take(&flights, &flight));
	assert_null(flights_oldest(&flights));
	for (uint16_t n = 65530; n != 4; n++) /* the numbers begin again, the ring grows */
		flights_add(&flights, n)->sent_ns = n;
	flights_find(&flights, 65531)->is_decided = true;
	assert_null(flights_find(&flights, 65531));
	assert_null(flights_find(&flights, 4));
	assert_false(flights_take(&flights, &flight));
	assert_int_equal(flights_oldest(&flights)->sequence, 65530);
	flights_oldest(&flights)->is_decided = true;
	assert_int_equal(flights_oldest(&flights)->sequence, 65532);
	assert_true(flights_take(&flights, &flight));
	assert_int_equal(flight.sequence, 65530);
	assert_true(flights_take(&flights, &flight));
	assert_int_equal(flight.sequence, 65531);
	assert_false(flights_take(&flights, &flight));
	flights_fini(&flights);
}

static void what_is_under_way_becomes_stale_once(void **state)
{
	struct flights flights = { 0 };

	(void)state;
	(void)flights_add(&flights, 1);
	flights_add(&flights, 2)->is_decided = true;
	(void)flights_add(&flights, 3);
	assert_int_equal(flights_make_stale(&flights), 2);
	(void)flights_add(&flights, 4);
	assert_int_equal(flights_make_stale(&flights), 1);
	assert_true(flights_find(&flights, 1)->is_stale);
	assert_int_equal(flights_make_stale(&flights), 0);
	flights_fini(&flights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_first_event_of_each_kind_counts),
		cmocka_unit_test(a_gap_goes_from_the_first_lost_to_the_next_answered),
		cmocka_unit_test(a_gap_that_goes_on_is_divided),
		cmocka_unit_test(packets_leave_in_the_order_in_which_they_were_sent),
		cmocka_unit_test(what_is_under_way_becomes_stale_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
