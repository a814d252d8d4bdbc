/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What messages of rules become: flows, counted, kept and let go. */
#include "tests/support/test.h"

#include "lab/plan/fabric_ids.h"
#include "netns/super/flow_table.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY 100
#define NOON     1542110400.0

static const char lab_text[] =
	"lab: flows\n"
	"virtual_networks:\n"
	"  hub:\n"
	"    address_prefixes: 10.0.0.0/16\n"
	"    subnets:\n"
	"      s1: { address_prefix: 10.0.0.0/24, network_security_group: subnet-nsg }\n"
	"vms:\n"
	"  vm1: hub/s1\n"
	"  vm2:\n"
	"    network_interfaces:\n"
	"      nic2: { subnet: hub/s1, network_security_group: nic-nsg }\n"
	"network_security_groups:\n"
	"  nic-nsg:\n"
	"    security_rules:\n"
	"      web: 100 Inbound Allow Tcp *:* -> *:80\n"
	"      ssh: 110 Inbound Deny Tcp *:* -> *:22\n"
	"  subnet-nsg:\n"
	"    security_rules:\n"
	"      all: 100 Inbound Allow * *:* -> *:*\n";

struct state {
	struct fixture fixture;
	struct flow_table *table;
	struct arena *arena;
	uint32_t vm1, vm2; /* their ports */
	double now;
};

static int set_up(void **state)
{
	static struct state st;

	st = (struct state){ .now = NOON };
	fixture_parse(&st.fixture, lab_text);
	st.arena = arena_new();
	st.table = flow_table_new(CAPACITY);
	flow_table_name(st.table, st.fixture.topology);
	st.vm1 = st.fixture.topology->ports.items[0]->port_ifindex;
	st.vm2 = st.fixture.topology->ports.items[1]->port_ifindex;
	*state = &st;
	return 0;
}

static int tear_down(void **state)
{
	struct state *st = *state;

	flow_table_free(st->table);
	arena_free(st->arena);
	fixture_free(&st->fixture);
	return 0;
}

/* From vm1 to vm2. */
static struct logged_packet packet(uint16_t from, uint16_t to)
{
	return (struct logged_packet){ .tuple = { .source = ip4(0x0a000004),
						  .destination = ip4(0x0a000005),
						  .protocol = 6,
						  .source_port = from,
						  .destination_port = to },
				       .length = 60 };
}

static bool hear(struct state *st, const char *prefix, bool is_subnet, uint16_t from, uint16_t to)
{
	struct flow_message m = { .prefix = prefix,
				  .mark = is_subnet ? MARK_LAYER_SUBNET : 0,
				  .in = st->vm1,
				  .out = st->vm2,
				  .packet = packet(from, to) };

	return flow_table_hear(st->table, &m, st->now);
}

/* What the rules say of one packet to port 80, or, denied by the NIC's NSG, to port 22. */
static void send(struct state *st, uint16_t from, uint16_t to)
{
	assert_true(hear(st, "n O 2 65000 A", true, from, to));
	assert_true(hear(st, "n I 2 100 A", true, from, to));
	assert_true(hear(st, to == 80 ? "n I 1 100 A" : "n I 1 110 D", false, from, to));
}

static void settle(struct state *st)
{
	st->now += 1;
	assert_true(flow_table_settle(st->table, st->now));
}

static struct snapshot_flow *flow(const struct state *st, uint64_t number)
{
	struct snapshot_flow *out = arena_alloc(st->arena, sizeof(*out));

	assert_in_range(number, flow_table_first(st->table), flow_table_last(st->table));
	flow_fill(flow_table_get(st->table, number), out, st->arena);
	return out;
}

static struct conntrack_state counted(uint16_t from, uint16_t to, uint64_t sent, uint64_t received)
{
	struct logged_packet p = packet(from, to);

	return (struct conntrack_state){ .source = p.tuple.source,
					 .destination = p.tuple.destination,
					 .protocol = 6,
					 .source_port = from,
					 .destination_port = to,
					 .zone = 1,
					 .packets = { sent, received },
					 .bytes = { sent * 100, received * 100 } };
}

static void layers_of_one_packet_at_one_nic_are_one_flow(void **state)
{
	struct state *st = *state;
	const struct snapshot_flow *f;

	send(st, 1000, 22);
	settle(st);
	assert_int_equal(flow_table_last(st->table), 2);
	f = flow(st, 1);
	assert_string_equal(f->nic, "vm1-nic");
	assert_string_equal(f->direction, "Outbound");
	assert_string_equal(f->access, "Allow");
	assert_int_equal(f->layers.count, 1);
	assert_string_equal(f->rule, "DefaultRule_AllowVnetOutBound");
	f = flow(st, 2);
	assert_string_equal(f->vm, "vm2");
	assert_string_equal(f->nic, "nic2");
	assert_string_equal(f->virtual_network, "hub");
	assert_string_equal(f->direction, "Inbound");
	assert_string_equal(f->access, "Deny");
	assert_string_equal(f->source, "10.0.0.4");
	assert_int_equal(f->source_port, 1000);
	assert_int_equal(f->layers.count, 2);
	assert_string_equal(f->layers.items[0].layer, "subnet");
	assert_string_equal(f->layers.items[0].resource, "subnet-nsg");
	assert_string_equal(f->layers.items[1].layer, "nic");
	assert_string_equal(f->layers.items[1].rule, "ssh");
	assert_string_equal(f->rule, "UserRule_ssh");
	assert_int_equal(f->bytes, 60);
}

static void what_repeats_is_counted(void **state)
{
	struct state *st = *state;

	for (unsigned i = 0; i < 5; i++) {
		send(st, 1000, 22);
		st->now += 1;
	}
	settle(st);
	assert_int_equal(flow_table_last(st->table), 2);
	assert_int_equal(flow(st, 1)->count, 5);
	assert_int_equal(flow(st, 2)->count, 5);
	assert_int_equal(flow(st, 2)->packets, 5);
	assert_int_equal(flow(st, 2)->layers.count, 2);
	assert_true(flow(st, 2)->last_at > flow(st, 2)->time);
	st->now += FLOW_IDLE_S;
	send(st, 1000, 22); /* it is another flow by now */
	settle(st);
	assert_int_equal(flow_table_last(st->table), 4);
	assert_int_equal(flow(st, 4)->count, 1);
}

static void another_verdict_is_another_flow(void **state)
{
	struct state *st = *state;

	send(st, 1000, 80);
	send(st, 1000, 80);
	assert_true(hear(st, "n O 2 65000 A", true, 1000, 80));
	assert_true(hear(st, "n I 2 100 A", true, 1000, 80));
	assert_true(hear(st, "n I 1 65500 D", false, 1000, 80));
	settle(st);
	assert_int_equal(flow_table_last(st->table), 3);
	assert_int_equal(flow(st, 1)->count, 3);
	assert_int_equal(flow(st, 2)->count, 2);
	assert_string_equal(flow(st, 2)->access, "Allow");
	assert_int_equal(flow(st, 3)->count, 1);
	assert_string_equal(flow(st, 3)->access, "Deny");
	assert_int_equal(flow(st, 3)->layers.count, 2);
	assert_string_equal(flow(st, 3)->layers.items[0].rule, "all");
}

static void a_layer_more_or_less_is_another_flow(void **state)
{
	struct state *st = *state;

	for (unsigned i = 0; i < 2; i++)
		assert_true(hear(st, "n I 2 100 A", true, 1, 80));
	assert_true(hear(st, "n I 2 100 A", true, 1, 80));
	assert_true(hear(st, "n I 1 100 A", false, 1, 80));
	for (unsigned i = 0; i < 2; i++)
		assert_true(hear(st, "n I 1 100 A", false, 1, 80));
	settle(st);
	assert_int_equal(flow_table_last(st->table), 3);
	assert_int_equal(flow(st, 1)->count, 2);
	assert_int_equal(flow(st, 1)->layers.count, 1);
	assert_int_equal(flow(st, 2)->count, 1);
	assert_int_equal(flow(st, 2)->layers.count, 2);
	assert_int_equal(flow(st, 3)->count, 2);
	assert_string_equal(flow(st, 3)->layers.items[0].layer, "nic");
}

static void after_a_change_of_the_lab_names_are_others_and_flows_too(void **state)
{
	struct state *st = *state;

	send(st, 1000, 22);
	flow_table_name(st->table, NULL);
	send(st, 1000, 22);
	settle(st);
	assert_int_equal(flow_table_last(st->table), 4);
	assert_string_equal(flow(st, 2)->rule, "UserRule_ssh");
	assert_string_equal(flow(st, 4)->rule, "");
	assert_string_equal(flow(st, 4)->vm, "");
	assert_int_equal(flow(st, 4)->layers.items[1].priority, 110);
}

static void words_of_others_are_not_ours(void **state)
{
	static const char *const foreign[] = { "",
					       "n",
					       "n I",
					       "dropped: ",
					       "n I 1 100 X",
					       "n I 1 100 A and so on",
					       "n I 1 00000000000000000000000000000000000100 A" };
	struct state *st = *state;

	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		assert_false(hear(st, foreign[i], false, 1, 2));
	assert_true(flow_table_settle(st->table, st->now));
	assert_int_equal(flow_table_last(st->table), 0);
}

static void a_flow_is_not_told_before_all_layers_had_time_to_speak(void **state)
{
	struct state *st = *state;

	send(st, 1000, 80);
	assert_false(flow_table_settle(st->table, st->now));
	assert_int_equal(flow_table_last(st->table), 0);
	settle(st);
	assert_int_equal(flow_table_last(st->table), 2);
}

static void states_count_what_passes_and_end(void **state)
{
	struct conntrack_state s = counted(1000, 80, 7, 5), ends;
	struct state *st = *state;
	uint64_t number;

	send(st, 1000, 80);
	send(st, 1000, 22);
	settle(st);
	flow_table_count(st->table, &s, st->now);
	assert_int_equal(flow(st, 1)->packets_sent, 7);
	assert_int_equal(flow(st, 2)->bytes_received, 500);
	assert_true(flow_table_next_live(st->table, 0, &number, &ends));
	assert_int_equal(number, 1);
	assert_true(flow_table_next_live(st->table, 2, &number, &ends));
	assert_int_equal(number, 3); /* not 2, which is of the same state, and not 4, denied */
	flow_table_no_state(st->table, &ends, st->now);
	assert_false(flow_table_next_live(st->table, 2, &number, &ends));
	assert_true(flow(st, 3)->ended_at == 0); /* it never had one */
	s.zone = 9;
	s.is_gone = true;
	flow_table_count(st->table, &s, st->now); /* of another network */
	assert_true(flow(st, 1)->ended_at == 0);
	s = counted(1000, 80, 9, 8);
	s.is_gone = true;
	flow_table_count(st->table, &s, st->now);
	assert_true(flow(st, 1)->ended_at == st->now);
	assert_int_equal(flow(st, 2)->packets, 17);
	send(st, 1000, 80); /* the same ports again */
	settle(st);
	assert_int_equal(flow(st, 1)->count, 1);
	assert_int_equal(flow_table_last(st->table), 6);
}

static void a_state_that_went_unheard_has_ended(void **state)
{
	struct conntrack_state s = counted(1000, 80, 7, 5);
	struct state *st = *state;

	send(st, 1000, 80);
	settle(st);
	flow_table_count(st->table, &s, st->now);
	flow_table_no_state(st->table, &s, st->now);
	assert_true(flow(st, 1)->ended_at == st->now);
	assert_int_equal(flow(st, 1)->packets, 12);
}

static void what_takes_long_is_told_in_parts(void **state) /* NW-19 */
{
	struct state *st = *state;
	const struct snapshot_flow *f;
	int64_t sum = 0;

	send(st, 1000, 80);
	settle(st);
	for (unsigned i = 1; i <= FLOW_PARTS + 3; i++) {
		struct conntrack_state s = counted(1000, 80, i * 10, i);

		st->now += FLOW_PART_S;
		flow_table_count(st->table, &s, st->now);
		flow_table_divide(st->table, st->now);
		flow_table_divide(st->table, st->now + 1);
	}
	f = flow(st, 1);
	assert_int_equal(f->continued.count, FLOW_PARTS);
	assert_int_equal(f->continued.items[FLOW_PARTS - 1].packets_sent, 10);
	assert_int_equal(f->continued.items[0].packets_sent, 40);
	for (size_t i = 0; i < f->continued.count; i++)
		sum += f->continued.items[i].packets_sent;
	assert_int_equal(sum, f->packets_sent);
}

static void the_oldest_go_and_are_counted(void **state)
{
	struct state *st = *state;

	for (uint16_t i = 0; i < CAPACITY; i++)
		assert_true(hear(st, "n O 2 65000 A", true, 1, (uint16_t)(i + 1)));
	settle(st);
	assert_int_equal(flow_table_evicted(st->table), 0);
	for (uint16_t i = 0; i < 50; i++)
		assert_true(hear(st, "n O 2 65000 A", true, 2, (uint16_t)(i + 1)));
	settle(st);
	assert_int_equal(flow_table_last(st->table), CAPACITY + 50);
	assert_int_equal(flow_table_last(st->table) - flow_table_first(st->table) + 1, CAPACITY);
	assert_int_equal(flow_table_evicted(st->table), 50);
	assert_int_equal(flow(st, CAPACITY + 1)->source_port, 2);
}

static void a_flood_drives_nothing_out(void **state)
{
	struct state *st = *state;
	const struct snapshot_flow *f;
	uint64_t last, sums = 0, packets = 0;

	send(st, 7, 80);
	for (unsigned i = 0; i < 60000; i++)
		send(st, (uint16_t)(i + 100), 22);
	settle(st);
	last = flow_table_last(st->table);
	assert_int_equal(flow_table_first(st->table), 1);
	assert_int_equal(flow(st, 1)->source_port, 7);
	for (uint64_t n = 1; n <= last; n++) {
		f = flow(st, n);
		sums += f->has_any_source_port;
		packets += f->destination_port == 22 ? (uint64_t)f->packets : 0;
		assert_true(!f->has_any_source_port || !f->source_port);
	}
	assert_int_equal(sums, 2); /* what the sender may send, and what the receiver refuses */
	assert_int_equal(packets, 2 * 60000);
	assert_true(last < 60);
}

static void changes_are_found_by_their_version(void **state)
{
	struct state *st = *state;
	uint64_t version;

	send(st, 1, 80);
	send(st, 2, 80);
	settle(st);
	version = flow_table_version(st->table);
	assert_null(flow_table_changed(st->table, version));
	assert_int_equal(flow_table_changed(st->table, 0)->number, 1);
	send(st, 1, 80);
	assert_int_equal(flow_table_changed(st->table, version)->number, 1);
	assert_int_equal(flow_table_changed(st->table, version)->next->number, 2);
	assert_null(flow_table_changed(st->table, version)->next->next);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(layers_of_one_packet_at_one_nic_are_one_flow),
		TEST(what_repeats_is_counted),
		TEST(another_verdict_is_another_flow),
		TEST(a_layer_more_or_less_is_another_flow),
		TEST(after_a_change_of_the_lab_names_are_others_and_flows_too),
		TEST(words_of_others_are_not_ours),
		TEST(a_flow_is_not_told_before_all_layers_had_time_to_speak),
		TEST(states_count_what_passes_and_end),
		TEST(a_state_that_went_unheard_has_ended),
		TEST(what_takes_long_is_told_in_parts),
		TEST(the_oldest_go_and_are_counted),
		TEST(a_flood_drives_nothing_out),
		TEST(changes_are_found_by_their_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
