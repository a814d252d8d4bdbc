/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log and its states of flows, in a namespace of the test's own: real packets. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "lab/plan/fabric_ids.h"
#include "netns/kernel/nflog.h"
#include "netns/kernel/nft.h"
#include "netns/kernel/rtnl_step.h"
#include "netns/kernel/sysctl.h"
#include "netns/super/flows.h"
#include "tests/support/namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_NS   10000000000ull
#define FLOOD      60000
#define PORT_OPEN  8080
#define PORT_DENY  2222
#define PORT_FLOOD 3333

static const char rules[] =
	"\tchain c_output {\n"
	"\t\ttype filter hook output priority 0; policy accept;\n"
	"\t\tct state established accept\n"
	"\t\tudp dport 8080 log prefix \"n I 1 100 A\" group 5 snaplen 64\n"
	"\t\tudp dport 2222 log prefix \"n I 1 110 D\" group 5 snaplen 64 drop\n"
	"\t\tudp dport 3333 log prefix \"n I 1 111 D\" group 5 snaplen 64 drop\n"
	"\t}\n";

struct state {
	struct loop *loop;
	struct journal *journal;
	struct flows *flows;
	struct loop_timer *limit;
	bool is_over;
	bool (*is_there)(const struct state *st);
	uint64_t heard; /* packets, by the flows that are told */
};

static void bring_up_loopback(void)
{
	struct plan *plan = plan_new();
	struct step *step = plan_add_step(plan, STEP_UP, FABRIC_NS, (struct src_pos){ 0 });
	struct err err = { 0 };
	struct nl_sock *sock = rtnl_open(&err);
	struct rtnl_batch batch;
	uint32_t failed;

	assert_non_null(sock);
	step->up.ifindex = 1;
	rtnl_batch_init(&batch);
	rtnl_batch_use(&batch, sock);
	assert_int_equal(rtnl_step_add(&batch, plan, 0, -1, &failed, &err), 0);
	assert_int_equal(rtnl_batch_commit(&batch, &failed, &err), 0);
	rtnl_batch_fini(&batch);
	nl_socket_free(sock);
	plan_free(plan);
}

static uint64_t count_heard(const struct state *st, uint16_t port)
{
	const struct flow_table *table = flows_table(st->flows);
	uint64_t heard = 0;

	for (uint64_t n = flow_table_first(table); n <= flow_table_last(table); n++)
		if (flow_table_get(table, n)->packet.tuple.destination_port == port)
			heard += flow_table_get(table, n)->count;
	return heard;
}

static const struct logged_flow *find_flow(const struct state *st, uint16_t port)
{
	const struct flow_table *table = flows_table(st->flows);

	for (uint64_t n = flow_table_first(table); n <= flow_table_last(table); n++)
		if (flow_table_get(table, n)->packet.tuple.destination_port == port)
			return flow_table_get(table, n);
	return NULL;
}

static void on_change(void *arg)
{
	struct state *st = arg;

	if (st->is_there && st->is_there(st))
		loop_stop(st->loop);
}

static bool is_watched(void *arg)
{
	(void)arg;
	return true;
}

static void on_limit(void *arg, uint64_t now_ns)
{
	struct state *st = arg;

	(void)now_ns;
	st->is_over = true;
	loop_stop(st->loop);
}

static void wait_until(struct state *st, bool (*is_there)(const struct state *st))
{
	if (is_there(st))
		return;
	st->is_there = is_there;
	loop_timer_set(st->limit, LIMIT_NS);
	loop_run(st->loop);
	loop_timer_cancel(st->limit);
	assert_false(st->is_over);
}

static void ignore_event(void *arg, const struct snapshot_event *event)
{
	(void)arg;
	(void)event;
}

static int set_up(void **state)
{
	static const struct flows_ops ops = { on_change, is_watched };
	static struct state st;
	struct err err = { 0 };
	int fds[3] = { -1, -1, -1 };

	st = (struct state){ .loop = loop_new() };
	conntrack_load();
	if (unshare(CLONE_NEWNET))
		return 1;
	bring_up_loopback();
	if (sysctl_write("net/netfilter/nf_conntrack_acct", "1", &err) ||
	    nft_add("ip hublab", rules, &err) || nflog_open(FLOW_LOG_GROUP, &fds[0], &err) ||
	    conntrack_open(&fds[1], &err) || conntrack_open_events(&fds[2], &err))
		fail_msg("%s", err.text);
	st.journal = journal_new(open("/dev/null", O_WRONLY | O_CLOEXEC), ignore_event, NULL);
	st.limit = loop_timer_new(st.loop, on_limit, &st, "limit");
	st.flows = flows_new(st.loop, st.journal, 1000, 0, &ops, &st);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		flows_socket(st.flows, i, fds[i], NULL);
	*state = &st;
	return 0;
}

static int tear_down(void **state)
{
	struct state *st = *state;

	flows_free(st->flows);
	loop_timer_free(st->limit);
	journal_free(st->journal);
	loop_free(st->loop);
	return 0;
}

static int udp(uint16_t port, struct sockaddr_in *ret_address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	*ret_address = (struct sockaddr_in){ .sin_family = AF_INET,
					     .sin_port = htons(port),
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return fd;
}

/* Some packets of 100 bytes with their headers. */
static void send_to(uint16_t port, unsigned count)
{
	struct sockaddr_in to;
	CLEANUP(fd_cleanup) int fd = udp(port, &to);
	char bytes[72] = { 0 };

	for (unsigned i = 0; i < count; i++)
		(void)sendto(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&to, sizeof(to));
}

static bool is_denied_told(const struct state *st)
{
	return count_heard(st, PORT_DENY) == 3;
}

static void what_a_rule_drops_is_told(void **state)
{
	const struct logged_flow *flow;
	struct state *st = *state;

	send_to(PORT_DENY, 3);
	wait_until(st, is_denied_told);
	flow = find_flow(st, PORT_DENY);
	assert_int_equal(flow->layer_count, 1);
	assert_int_equal(flow->live[0].bytes, 300);
	assert_string_equal(ip_print(flow->packet.tuple.source).text, "127.0.0.1");
	assert_int_equal(flows_lost(st->flows), 0);
}

static bool is_answer_counted(const struct state *st)
{
	const struct logged_flow *flow = find_flow(st, PORT_OPEN);

	return flow && flow->live[0].packets == 2 && flow->live[1].packets == 1;
}

static bool is_ended(const struct state *st)
{
	const struct logged_flow *flow = find_flow(st, PORT_OPEN);

	return flow && flow->ended > 0;
}

static void what_passes_is_counted_both_ways_until_it_ends(void **state)
{
	struct sockaddr_in here, from;
	socklen_t size = sizeof(from);
	CLEANUP(fd_cleanup) int server = udp(PORT_OPEN, &here), client = udp(PORT_OPEN, &here);
	struct state *st = *state;
	const struct logged_flow *flow;
	struct err err = { 0 };
	char bytes[100];

	assert_int_equal(sysctl_write("net/netfilter/nf_conntrack_udp_timeout", "2", &err), 0);
	assert_int_equal(bind(server, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(send(client, "one", 3, 0), 3);
	assert_int_equal(recvfrom(server, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size),
			 3);
	assert_int_equal(sendto(server, "back", 4, 0, (struct sockaddr *)&from, size), 4);
	assert_int_equal(send(client, "two", 3, 0), 3);
	wait_until(st, is_answer_counted);
	flow = find_flow(st, PORT_OPEN);
	assert_int_equal(flow->count, 1); /* the second was established: no rule was asked */
	assert_int_equal(flow->live[0].bytes, 62);
	assert_int_equal(flow->live[1].bytes, 32);
	wait_until(st, is_ended);
	assert_int_equal(flow->past[0].packets, 2);
	assert_int_equal(flow->past[1].packets, 1);
}

/* More than the socket has room for, before anything is read: each message is told or missed. */
static void what_is_lost_is_counted_to_the_last_message(void **state)
{
	struct state *st = *state;
	uint64_t sent = 0;

	for (; sent < FLOOD; sent += 1000)
		send_to(PORT_FLOOD, 1000);
	while (!find_flow(st, PORT_DENY)) { /* what comes after a hole shows how large it is */
		send_to(PORT_DENY, 1);
		sent++;
		loop_timer_set(st->limit, 100000000);
		loop_run(st->loop);
	}
	assert_true(flows_lost(st->flows) > 0);
	assert_true(count_heard(st, PORT_FLOOD) > 0);
	assert_int_equal(count_heard(st, PORT_FLOOD) + count_heard(st, PORT_DENY) +
				 flows_lost(st->flows),
			 sent);
}

static void one_program_reads_the_log(void **state)
{
	struct err err = { 0 };
	int fd = -1;

	(void)state;
	assert_int_equal(nflog_open(FLOW_LOG_GROUP, &fd, &err), -EPERM);
	assert_string_equal(err.text, "flow log, group 5: another program reads it, or we may not");
}

/* ---- what the kernel would never send ---- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Of its own size, so that a sanitizer sees the first byte behind it. */
static void parse_changed(const void *message, size_t size, unsigned *seed)
{
	struct conntrack_state flow_state;
	struct nflog_message logged;
	struct nlmsghdr *h;
	char *copy;

	size = sizeof(*h) + next_random(seed) % (size - sizeof(*h) + 1);
	copy = malloc(size);
	assert_non_null(copy);
	memcpy(copy, message, size);
	for (unsigned i = next_random(seed) % 4; i-- > 0 && size > sizeof(*h);)
		copy[sizeof(*h) + next_random(seed) % (size - sizeof(*h))] =
			(char)next_random(seed);
	h = (struct nlmsghdr *)copy;
	h->nlmsg_len = (uint32_t)size;
	if (nflog_parse(h, &logged)) {
		struct logged_packet packet;

		assert_true(strlen(logged.prefix) < NFLOG_PREFIX);
		if (logged_packet_parse(logged.packet, logged.packet_size, &packet))
			assert_true(packet.tuple.source.family != IP_NONE);
	}
	h->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8;
	if (conntrack_parse(h, &flow_state))
		assert_true(flow_state.source.family != IP_NONE);
	free(copy);
}

static void wrong_messages_are_read_as_far_as_they_go(void **state)
{
	static char bytes[64 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct err err = { 0 };
	unsigned seed = 1, seen = 0;
	int fd = -1;
	ssize_t got;

	(void)state;
	if (unshare(CLONE_NEWNET))
		fail_msg("no namespace");
	bring_up_loopback();
	assert_int_equal(nft_add("ip hublab", rules, &err), 0);
	assert_int_equal(nflog_open(FLOW_LOG_GROUP, &fd, &err), 0);
	send_to(PORT_DENY, 64);
	while (!seen) {
		struct nlmsghdr *h = (struct nlmsghdr *)bytes;

		got = recv(fd, bytes, sizeof(bytes), 0);
		for (int left = (int)got; got > 0 && nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			struct nflog_message logged;

			if (!nflog_parse(h, &logged))
				continue;
			assert_string_equal(logged.prefix, "n I 1 110 D");
			assert_int_equal(logged.out, 1);
			assert_int_equal(logged.packet_size, 64);
			for (unsigned i = 0; i < 1000; i++)
				parse_changed(h, h->nlmsg_len, &seed);
			seen++;
		}
	}
	(void)close(fd);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_rule_drops_is_told),
		TEST(what_passes_is_counted_both_ways_until_it_ends),
		TEST(what_is_lost_is_counted_to_the_last_message),
		TEST(one_program_reads_the_log),
		cmocka_unit_test(wrong_messages_are_read_as_far_as_they_go),
	};

	if (!enter_user_namespace()) {
		(void)printf("no user namespaces here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
