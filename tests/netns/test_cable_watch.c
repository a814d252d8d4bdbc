/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cables that are listened to, as TAPs in a namespace of the test's own: real packets, both ways.
 */
#include "tests/support/test.h"

#include "lab/base/arena.h"
#include "lab/base/cleanup.h"
#include "netns/kernel/packet.h"
#include "netns/kernel/tap.h"
#include "netns/super/cable_watch.h"
#include "tests/support/fixture.h"
#include "tests/support/namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LAB                                                                                        \
	"lab: t\n"                                                                                 \
	"virtual_networks: { v: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/27 } } "   \
	"}\n"                                                                                      \
	"vms: { a: v/s, b: v/s }\n"                                                                \
	"providers: { isp: { asn: 65001, links: [ branch: one, branch: two ] } }\n"                \
	"branches: { one: { asn: 65010 }, two: { asn: 65020 } }\n"                                 \
	"expect: [ { from: a, to: b, encrypted: true }, { from: b, to: a, encrypted: true } ]\n"

#define CABLES   2
#define LIMIT_NS 10000000000ull
#define FLOOD    20000

enum { /* flows, by place in the file */
	THERE,
	BACK
};

struct state {
	struct fixture lab;
	struct loop *loop;
	struct loop_timer *limit;
	struct cable_watch *watch;
	int taps[CABLES];
	size_t asked;
	bool is_over;
};

static struct ip a, b, other;

/* ---- packets ---- */

struct frame {
	uint8_t tap[TAP_HEADER_BYTES];
	struct ethhdr ethernet;
	uint8_t ip[20], rest[40];
} __attribute__((packed));

static struct frame frame_of(uint8_t protocol, struct ip from, struct ip to)
{
	struct frame f = { .ethernet.h_proto = htons(ETH_P_IP),
			   .ip = { 0x45, 0, 0, 60, 0, 1, 0, 0, 64, protocol } };

	memset(f.ethernet.h_dest, 0xff, sizeof(f.ethernet.h_dest));
	memcpy(f.ip + 12, from.bytes, 4);
	memcpy(f.ip + 16, to.bytes, 4);
	return f;
}

/* What looks as a packet of a flow, and is encrypted by all that is known of it. */
static struct frame mac_sec_frame(void)
{
	struct frame f = frame_of(PROTOCOL_NUMBER_ICMP, a, b);

	f.ethernet.h_proto = htons(ETH_P_MACSEC);
	return f;
}

/* From the other end of the cable. */
static void arrive(const struct state *st, size_t cable, const struct frame *frame)
{
	assert_int_equal(write(st->taps[cable], frame, sizeof(*frame)), sizeof(*frame));
}

/* To the other end of it. */
static void leave(const struct state *st, size_t cable, const struct frame *frame)
{
	CLEANUP(fd_cleanup) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	uint32_t ifindex = st->lab.topology->cables.items[cable]->ends[0]->ifindex;
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = (int)ifindex };
	size_t size = sizeof(*frame) - sizeof(frame->tap);

	assert_int_equal(sendto(fd, &frame->ethernet, size, 0, (struct sockaddr *)&to, sizeof(to)),
			 size);
}

/* ---- a watch ---- */

static void need_socket(void *arg, const char *ns, size_t cable)
{
	struct state *st = arg;

	assert_string_equal(ns, "isp");
	assert_int_equal(cable, st->asked++);
}

static void close_socket(void *arg, int fd)
{
	(void)arg;
	fd_close(&fd);
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

static struct wire_sight look(const struct state *st, size_t flow)
{
	return cable_watch_look(st->watch, flow, 1);
}

/* Until that is seen. */
static void wait_until(struct state *st, bool (*is_seen)(const struct state *st))
{
	struct loop_timer *tick = loop_timer_new(st->loop, on_tick, st, "tick");

	loop_timer_set(st->limit, LIMIT_NS);
	while (!is_seen(st) && !st->is_over) {
		loop_timer_set(tick, 1000000);
		loop_run(st->loop);
	}
	loop_timer_cancel(st->limit);
	loop_timer_free(tick);
	assert_false(st->is_over);
}

static void make_tap(struct state *st, size_t cable)
{
	const struct interface *end = st->lab.topology->cables.items[cable]->ends[0];
	struct ifreq request = { .ifr_flags = IFF_UP };
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct err err = { 0 };

	if (tap_open(end->name, end->ifindex, &st->taps[cable], &err) ||
	    tap_set_carrier(st->taps[cable], 1, &err))
		fail_msg("%s", err.text);
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", end->name);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
}

static void open_socket(struct state *st, size_t cable)
{
	struct err err = { 0 };
	int fd;

	assert_int_equal(packet_open(&fd, &err), 0);
	cable_watch_socket(st->watch, cable, fd, NULL);
}

static int set_up(void **state)
{
	static const struct cable_watch_ops ops = { need_socket, close_socket };
	static struct state st;

	st = (struct state){ .loop = loop_new() };
	st.limit = loop_timer_new(st.loop, on_limit, &st, "limit");
	fixture_parse(&st.lab, LAB);
	assert_int_equal(st.lab.topology->cables.count, CABLES);
	a = topology_find_nic(st.lab.topology, fixture_nic(&st.lab, "a"))->ip;
	b = topology_find_nic(st.lab.topology, fixture_nic(&st.lab, "b"))->ip;
	other = ip_add(b, 1);
	for (size_t i = 0; i < CABLES; i++)
		make_tap(&st, i);
	st.watch = cable_watch_new(st.loop, st.lab.topology, 2, &ops, &st);
	for (size_t i = 0; i < 2; i++)
		cable_watch_learn(st.watch, i, st.lab.lab->expectations.items[i], st.lab.fabric);
	cable_watch_start(st.watch);
	assert_int_equal(st.asked, CABLES);
	*state = &st;
	return 0;
}

static int tear_down(void **state)
{
	struct state *st = *state;

	cable_watch_free(st->watch);
	for (size_t i = 0; i < CABLES; i++)
		fd_close(&st->taps[i]);
	loop_timer_free(st->limit);
	loop_free(st->loop);
	fixture_free(&st->lab);
	return 0;
}

/* ---- what is seen ---- */

static void nothing_is_known_before_all_cables_are_listened_to(void **state)
{
	struct state *st = *state;

	assert_string_equal(look(st, THERE).why_not, "not all cables are listened to yet");
	open_socket(st, 0);
	assert_string_equal(look(st, THERE).why_not, "not all cables are listened to yet");
	open_socket(st, 1);
	assert_null(look(st, THERE).why_not);
	assert_null(look(st, THERE).clear_on);
	assert_null(look(st, THERE).esp_on);
}

static bool is_there_in_clear(const struct state *st)
{
	return look(st, THERE).clear_on;
}

static bool is_back_in_clear(const struct state *st)
{
	return look(st, BACK).clear_on;
}

static bool is_esp_seen(const struct state *st)
{
	return look(st, THERE).esp_on;
}

static void packets_are_seen_in_either_direction_of_a_cable(void **state)
{
	struct frame there = frame_of(PROTOCOL_NUMBER_ICMP, a, b);
	struct frame back = frame_of(PROTOCOL_NUMBER_ICMP, b, a);
	struct frame esp = frame_of(PROTOCOL_NUMBER_ESP, other, a);
	struct state *st = *state;

	open_socket(st, 0);
	open_socket(st, 1);
	arrive(st, 0, &there);
	wait_until(st, is_there_in_clear);
	assert_string_equal(look(st, THERE).clear_on, "isp/one");
	assert_null(look(st, BACK).clear_on);
	leave(st, 1, &back);
	wait_until(st, is_back_in_clear);
	assert_string_equal(look(st, BACK).clear_on, "isp/two");
	assert_null(look(st, THERE).esp_on);
	arrive(st, 1, &esp);
	wait_until(st, is_esp_seen);
	assert_string_equal(look(st, THERE).esp_on, "isp/two");
	assert_null(look(st, THERE).why_not);
}

static void what_was_seen_before_is_seen_no_more(void **state)
{
	struct frame there = frame_of(PROTOCOL_NUMBER_ICMP, a, b);
	struct frame esp = frame_of(PROTOCOL_NUMBER_ESP, a, b);
	struct state *st = *state;
	struct wire_sight sight;

	open_socket(st, 0);
	open_socket(st, 1);
	arrive(st, 0, &there);
	wait_until(st, is_there_in_clear);
	arrive(st, 0, &esp);
	wait_until(st, is_esp_seen);
	sight = cable_watch_look(st->watch, THERE, loop_clock_ns());
	assert_null(sight.clear_on);
	assert_null(sight.esp_on);
}

static bool is_mac_sec_seen(const struct state *st)
{
	return look(st, THERE).mac_sec_on;
}

static void a_frame_of_macsec_is_nobodys_packet(void **state)
{
	struct frame sealed = mac_sec_frame();
	struct state *st = *state;

	open_socket(st, 0);
	open_socket(st, 1);
	arrive(st, 1, &sealed);
	wait_until(st, is_mac_sec_seen);
	assert_string_equal(look(st, THERE).mac_sec_on, "isp/two");
	assert_null(look(st, THERE).clear_on);
	assert_null(look(st, THERE).esp_on);
}

static void only_what_may_matter_reaches_us(void **state)
{
	struct frame to_other = frame_of(PROTOCOL_NUMBER_TCP, a, other);
	struct frame to_b = frame_of(PROTOCOL_NUMBER_TCP, a, b);
	struct frame esp = frame_of(PROTOCOL_NUMBER_ESP, a, other);
	struct frame sealed = mac_sec_frame();
	struct state *st = *state;
	uint32_t ifindex = st->lab.topology->cables.items[0]->ends[0]->ifindex;
	uint8_t bytes[PACKET_BYTES];
	struct err err = { 0 };
	bool is_mac_sec = true;
	CLEANUP(fd_cleanup) int fd = -1;

	assert_int_equal(packet_open(&fd, &err), 0);
	assert_int_equal(packet_filter(fd, &b, 1, &err), 0);
	assert_int_equal(packet_read(fd, bytes, &is_mac_sec), -EAGAIN);
	assert_int_equal(packet_hear(fd, ifindex, &err), 0);
	arrive(st, 0, &to_other);
	arrive(st, 0, &to_b);
	arrive(st, 0, &esp);
	assert_int_equal(packet_read(fd, bytes, &is_mac_sec), sizeof(to_b.ip) + sizeof(to_b.rest));
	assert_memory_equal(bytes, to_b.ip, sizeof(to_b.ip));
	assert_int_equal(packet_read(fd, bytes, &is_mac_sec), sizeof(esp.ip) + sizeof(esp.rest));
	assert_memory_equal(bytes, esp.ip, sizeof(esp.ip));
	assert_false(is_mac_sec);
	arrive(st, 0, &sealed);
	assert_true(packet_read(fd, bytes, &is_mac_sec) > 0);
	assert_true(is_mac_sec);
	assert_int_equal(packet_read(fd, bytes, &is_mac_sec), -EAGAIN);
	assert_int_equal(packet_filter(fd, &other, 1, &err), 0);
	arrive(st, 0, &to_b);
	arrive(st, 0, &to_other);
	assert_int_equal(packet_read(fd, bytes, &is_mac_sec), sizeof(to_b.ip) + sizeof(to_b.rest));
	assert_memory_equal(bytes, to_other.ip, sizeof(to_other.ip));
}

/* ---- what is not ---- */

static bool is_unseen(const struct state *st)
{
	return look(st, THERE).why_not;
}

static void what_went_by_unseen_is_told(void **state)
{
	struct frame there = frame_of(PROTOCOL_NUMBER_ICMP, a, b);
	struct state *st = *state;

	open_socket(st, 0);
	open_socket(st, 1);
	for (unsigned i = 0; i < FLOOD; i++)
		arrive(st, 1, &there);
	wait_until(st, is_unseen);
	assert_string_equal(look(st, THERE).why_not, "isp/two: more packets than can be looked at");
	assert_null(cable_watch_look(st->watch, THERE, loop_clock_ns()).why_not);
}

static void a_cable_that_goes_is_told(void **state)
{
	struct state *st = *state;

	open_socket(st, 0);
	open_socket(st, 1);
	fd_close(&st->taps[0]);
	wait_until(st, is_unseen);
	assert_string_equal(look(st, THERE).why_not, "isp/one: No such device");
}

/* That ends what was there, and not the watch. */
static void a_cable_that_is_down_is_heard_again(void **state)
{
	struct frame there = frame_of(PROTOCOL_NUMBER_ICMP, a, b);
	const struct interface *end;
	struct ifreq request = { 0 };
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct state *st = *state;

	end = st->lab.topology->cables.items[0]->ends[0];
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", end->name);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	open_socket(st, 0);
	open_socket(st, 1);
	request.ifr_flags = IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	arrive(st, 0, &there);
	wait_until(st, is_there_in_clear);
	assert_null(look(st, THERE).why_not);
}

static void a_socket_that_does_not_come_is_told(void **state)
{
	struct err refused = { .code = -EPERM, .text = "not allowed" };
	struct state *st = *state;

	open_socket(st, 0);
	cable_watch_socket(st->watch, 1, -1, &refused);
	assert_string_equal(look(st, THERE).why_not, "isp/two: not allowed");
}

static void an_interface_that_is_not_there_is_told(void **state)
{
	struct state *st = *state;

	fd_close(&st->taps[1]);
	open_socket(st, 1);
	assert_string_equal(look(st, THERE).why_not, "isp/two: hear packets: No such device");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_known_before_all_cables_are_listened_to),
		TEST(packets_are_seen_in_either_direction_of_a_cable),
		TEST(what_was_seen_before_is_seen_no_more),
		TEST(a_frame_of_macsec_is_nobodys_packet),
		TEST(only_what_may_matter_reaches_us),
		TEST(what_went_by_unseen_is_told),
		TEST(a_cable_that_goes_is_told),
		TEST(a_cable_that_is_down_is_heard_again),
		TEST(a_socket_that_does_not_come_is_told),
		TEST(an_interface_that_is_not_there_is_told),
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
