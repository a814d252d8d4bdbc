/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who answers guests' DHCP, at TAPs in a namespace of the test's own: real frames, both ways. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/packet.h"
#include "netns/kernel/tap.h"
#include "netns/super/dhcp_server.h"
#include "tests/support/fixture.h"
#include "tests/support/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two networks that know nothing of each other, with the same addresses. */
#define NETWORKS                                                                                   \
	"lab: t\n"                                                                                 \
	"virtual_networks:\n"                                                                      \
	"  one: { address_prefixes: [10.0.0.0/24, \"fd00::/64\"], subnets: { s: "                  \
	"{ address_prefix: [10.0.0.0/24, \"fd00::/64\"] } } }\n"                                   \
	"  two: { address_prefixes: [10.0.0.0/24, \"fd00::/64\"], subnets: { s: "                  \
	"{ address_prefix: [10.0.0.0/24, \"fd00::/64\"] } } }\n"
#define GUESTS                                                                                     \
	NETWORKS "vms: { a: { subnet: one/s, kind: libvirt }, b: { subnet: two/s, kind: libvirt "  \
		 "} }\n"
#define NO_GUESTS NETWORKS "vms: { a: one/s, b: two/s }\n"

#define PORTS        2
#define LIMIT_NS     10000000000ull
#define QUESTION_MAX 1024
#define AT_CHADDR    70
#define AT_YIADDR    58

struct state {
	struct fixture lab;
	struct loop *loop;
	struct loop_timer *limit;
	struct journal *journal;
	struct dhcp_server *server;
	const struct interface *ports[PORTS];
	int taps[PORTS];
	size_t asked, changed;
	bool gives, is_over;
	uint8_t answer[2048];
	size_t size;
};

/* ---- frames ---- */

struct question {
	uint8_t tap[TAP_HEADER_BYTES];
	uint8_t frame[QUESTION_MAX];
	size_t size;
};

/* One of those that the fuzzer begins with, of another machine. */
static struct question question_of(const char *name, const uint8_t mac[MAC_SIZE])
{
	struct question q = { 0 };
	char path[100];
	ssize_t got;

	(void)snprintf(path, sizeof(path), "tests/fuzz/corpus/fuzz_dhcp/%s", name);
	CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
	got = read(fd, q.frame, sizeof(q.frame));
	assert_true(got > 0 && got < QUESTION_MAX);
	q.size = (size_t)got;
	memcpy(q.frame + MAC_SIZE, mac, MAC_SIZE);
	if (!strcmp(name, "discover"))
		memcpy(q.frame + AT_CHADDR, mac, MAC_SIZE);
	return q;
}

static void ask(const struct state *st, size_t port, const char *name, const uint8_t mac[MAC_SIZE])
{
	struct question q = question_of(name, mac);

	assert_int_equal(write(st->taps[port], &q, TAP_HEADER_BYTES + q.size),
			 TAP_HEADER_BYTES + q.size);
}

/* The next one of ours; what the kernel says by itself is not. */
static bool read_answer(struct state *st, size_t port)
{
	ssize_t got;

	while ((got = read(st->taps[port], st->answer, sizeof(st->answer))) > TAP_HEADER_BYTES) {
		st->size = (size_t)got - TAP_HEADER_BYTES;
		memmove(st->answer, st->answer + TAP_HEADER_BYTES, st->size);
		if (!memcmp(st->answer + MAC_SIZE, azure_mac, MAC_SIZE))
			return true;
	}
	return false;
}

/* ---- a server ---- */

static void need_socket(void *arg, size_t tag)
{
	struct state *st = arg;
	struct err err = { 0 };
	int fd = -1;

	st->asked++;
	if (!st->gives) {
		(void)err_set(&err, -EMFILE, "no socket for you");
		dhcp_server_socket(st->server, tag, -1, &err);
		return;
	}
	assert_int_equal(packet_open_frames(&fd, &err), 0);
	dhcp_server_socket(st->server, tag, fd, NULL);
}

static void close_socket(void *arg, int fd)
{
	(void)arg;
	fd_close(&fd);
}

static void on_change(void *arg)
{
	((struct state *)arg)->changed++;
}

static void on_event(void *arg, const struct snapshot_event *event)
{
	(void)arg;
	(void)event;
}

static void on_limit(void *arg, uint64_t now_ns)
{
	struct state *st = arg;

	(void)now_ns;
	st->is_over = true;
	loop_stop(st->loop);
}

static void on_tick(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	loop_stop(((struct state *)arg)->loop);
}

static void wait_until(struct state *st, bool (*is_so)(struct state *st))
{
	struct loop_timer *tick = loop_timer_new(st->loop, on_tick, st, "tick");

	loop_timer_set(st->limit, LIMIT_NS);
	while (!is_so(st) && !st->is_over) {
		loop_timer_set(tick, 1000000);
		loop_run(st->loop);
	}
	loop_timer_cancel(st->limit);
	loop_timer_free(tick);
	assert_false(st->is_over);
}

static bool first_is_answered(struct state *st)
{
	return read_answer(st, 0);
}

static bool second_is_answered(struct state *st)
{
	return read_answer(st, 1);
}

static bool is_well(struct state *st)
{
	return !*dhcp_server_problem(st->server);
}

/* What was advertised at the start is read, too. */
static void begin(struct state *st)
{
	st->gives = true;
	dhcp_server_want(st->server, st->lab.topology);
	wait_until(st, first_is_answered);
	wait_until(st, second_is_answered);
	while (read_answer(st, 0) || read_answer(st, 1))
		;
}

static void bring_up(struct state *st, size_t port)
{
	struct ifreq request = { .ifr_flags = IFF_UP };
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct err err = { 0 };

	if (tap_open(st->ports[port]->port_name, st->ports[port]->port_ifindex, &st->taps[port],
		     &err) ||
	    tap_set_carrier(st->taps[port], 1, &err))
		fail_msg("%s", err.text);
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s",
		       st->ports[port]->port_name);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
}

static int setup(void **state)
{
	static struct state st;
	static const struct dhcp_server_ops ops = { need_socket, close_socket, on_change };

	st = (struct state){ 0 };
	fixture_parse(&st.lab, GUESTS);
	st.loop = loop_new();
	st.journal = journal_new(STDERR_FILENO, on_event, &st);
	st.limit = loop_timer_new(st.loop, on_limit, &st, "limit");
	st.server = dhcp_server_new(st.loop, st.journal, &ops, &st);
	st.ports[0] = topology_find_nic(st.lab.topology, fixture_nic(&st.lab, "a-nic"));
	st.ports[1] = topology_find_nic(st.lab.topology, fixture_nic(&st.lab, "b-nic"));
	for (size_t i = 0; i < PORTS; i++)
		bring_up(&st, i);
	*state = &st;
	return 0;
}

static int teardown(void **state)
{
	struct state *st = *state;

	dhcp_server_free(st->server);
	for (size_t i = 0; i < PORTS; i++)
		fd_close(&st->taps[i]);
	loop_timer_free(st->limit);
	journal_free(st->journal);
	loop_free(st->loop);
	fixture_free(&st->lab);
	return 0;
}

/* ---- what holds ---- */

static void each_port_gets_its_own_and_no_others(void **state)
{
	struct state *st = *state;

	begin(st);
	for (size_t i = 0; i < PORTS; i++) {
		const uint8_t *mac = st->ports[i]->mac;

		assert_string_equal(ip_print(st->ports[i]->ip).text, "10.0.0.4");
		ask(st, i, "discover", st->ports[!i]->mac); /* who is at the other port */
		ask(st, i, "discover", mac);
		wait_until(st, i ? second_is_answered : first_is_answered);
		assert_memory_equal(st->answer, mac, MAC_SIZE);
		assert_memory_equal(st->answer + AT_CHADDR, mac, MAC_SIZE);
		assert_memory_equal(st->answer + AT_YIADDR, st->ports[i]->ip.bytes, 4);
		assert_false(read_answer(st, i));
		assert_false(read_answer(st, !i));
		ask(st, i, "solicitation", mac);
		wait_until(st, i ? second_is_answered : first_is_answered);
		assert_memory_equal(st->answer, mac, MAC_SIZE);
		assert_int_equal(st->answer[54], 134);
		assert_false(read_answer(st, !i));
	}
}

static void who_asks_too_often_is_answered_so_many_times(void **state)
{
	struct state *st = *state;
	unsigned answers = 1;

	begin(st);
	for (unsigned i = 0; i < 200; i++)
		ask(st, 0, "discover", st->ports[0]->mac);
	ask(st, 1, "discover", st->ports[1]->mac); /* behind all of them */
	wait_until(st, second_is_answered);
	wait_until(st, first_is_answered);
	while (read_answer(st, 0))
		answers++;
	assert_true(answers >= 20 && answers <= 40); /* a second may end meanwhile */
}

static void what_fails_is_told_and_tried_again(void **state)
{
	struct state *st = *state;

	dhcp_server_want(st->server, st->lab.topology);
	assert_int_equal(st->asked, 2);
	assert_string_equal(dhcp_server_problem(st->server), "no socket for you");
	assert_int_equal(st->changed, 1);
	st->gives = true;
	wait_until(st, is_well);
	assert_int_equal(st->asked, 4);
	assert_int_equal(st->changed, 2);
	ask(st, 1, "discover", st->ports[1]->mac);
	wait_until(st, second_is_answered);
}

static void nobody_is_heard_where_there_are_no_guests(void **state)
{
	struct err late = { .code = -EIO, .text = "too late" };
	struct state *st = *state;
	struct fixture none;

	dhcp_server_want(st->server, st->lab.topology); /* and that fails */
	fixture_parse(&none, NO_GUESTS);
	dhcp_server_want(st->server, none.topology);
	assert_string_equal(dhcp_server_problem(st->server), "");
	dhcp_server_socket(st->server, 0, -1, &late);
	assert_string_equal(dhcp_server_problem(st->server), "");
	begin(st);
	dhcp_server_want(st->server, none.topology);
	ask(st, 0, "discover", st->ports[0]->mac);
	dhcp_server_want(st->server, st->lab.topology);
	ask(st, 1, "discover", st->ports[1]->mac); /* behind the other one */
	do
		wait_until(st, second_is_answered);
	while (st->answer[12] != 8); /* a router is advertised to all that are new */
	while (read_answer(st, 0))
		assert_int_not_equal(st->answer[12], 8);
	fixture_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		TEST(each_port_gets_its_own_and_no_others),
		TEST(who_asks_too_often_is_answered_so_many_times),
		TEST(what_fails_is_told_and_tried_again),
		TEST(nobody_is_heard_where_there_are_no_guests),
	};

	if (!enter_user_namespace()) {
		(void)printf("no user namespaces here\n");
		return 77;
	}
	if (access("/dev/net/tun", R_OK | W_OK)) {
		(void)printf("no TAP devices here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
