/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All pairs of a lab, with real packets: its machines are addresses of one namespace, so that each
 * of their sockets hears every answer, and must know which are its own.
 */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "netns/probe/icmp.h"
#include "netns/probe/mesh.h"
#include "tests/support/fixture.h"
#include "tests/support/namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_NS 20000000000ull

/* a1, a2 and a3 reach each other; b1 is in a network of its own */
#define LAB                                                                                        \
	"lab: t\n"                                                                                 \
	"virtual_networks:\n"                                                                      \
	"  a: { address_prefixes: 10.1.0.0/24, subnets: { s: 10.1.0.0/27 } }\n"                    \
	"  b: { address_prefixes: 10.2.0.0/24, subnets: { s: 10.2.0.0/27 } }\n"                    \
	"vms: { a1: a/s, a2: a/s, a3: a/s, b1: b/s }\n"

#define MACHINES 4

enum sockets {
	SOCKETS_OPEN,
	SOCKETS_REFUSED,
	SOCKETS_NEVER
};

struct state {
	struct fixture lab;
	struct loop *loop;
	struct loop_timer *limit;
	struct mesh *mesh;
	const struct nic *nics[MACHINES];
	enum sockets sockets;
	uint32_t last_tag;
	int last_fd; /* the mesh's own */
	bool is_over;
};

static void need_socket(void *arg, const char *ns, enum prober_socket type, uint32_t tag)
{
	struct state *st = arg;

	(void)ns;
	st->last_tag = tag;
	if (st->sockets == SOCKETS_REFUSED)
		mesh_socket(st->mesh, tag, -1, "no such namespace");
	if (st->sockets != SOCKETS_OPEN)
		return;
	st->last_fd =
		type == PROBER_SOCKET_ICMP
			? socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP)
			: socket(AF_INET,
				 (type == PROBER_SOCKET_UDP ? SOCK_DGRAM : SOCK_STREAM) |
					 SOCK_NONBLOCK | SOCK_CLOEXEC,
				 0);
	mesh_socket(st->mesh, tag, st->last_fd, "");
}

static void on_done(void *arg)
{
	struct state *st = arg;

	loop_stop(st->loop);
}

static void on_limit(void *arg, uint64_t now_ns)
{
	struct state *st = arg;

	(void)now_ns;
	st->is_over = true;
	loop_stop(st->loop);
}

static void on_slow(void *arg, const char *what, uint64_t took_ns)
{
	(void)arg;
	print_message("slow: %s took %.1f ms\n", what, (double)took_ns / 1e6);
}

static int set_up(void **state)
{
	static const char *const names[MACHINES] = { "a1", "a2", "a3", "b1" };
	struct state *st = calloc(1, sizeof(*st));

	assert_non_null(st);
	fixture_parse(&st->lab, LAB);
	for (size_t i = 0; i < MACHINES; i++)
		st->nics[i] = fixture_nic(&st->lab, names[i]);
	st->loop = loop_new();
	loop_on_slow(st->loop, on_slow, st);
	st->limit = loop_timer_new(st->loop, on_limit, st, "limit");
	*state = st;
	return 0;
}

static int tear_down(void **state)
{
	struct state *st = *state;

	mesh_free(st->mesh);
	loop_timer_free(st->limit);
	loop_free(st->loop);
	fixture_free(&st->lab);
	free(st);
	return 0;
}

static void begin(struct state *st, enum probe_protocol protocol, unsigned port)
{
	static const struct mesh_ops ops = { NULL, need_socket, on_done };
	struct mesh_spec spec = { .from = st->nics,
				  .to = st->nics,
				  .from_count = MACHINES,
				  .to_count = MACHINES,
				  .flow = { .protocol.value = (int)protocol, .port.value = port },
				  .fabric = st->lab.fabric };

	st->mesh = mesh_new(st->loop, &spec, &ops, st);
}

static void run(struct state *st)
{
	loop_timer_set(st->limit, LIMIT_NS);
	loop_run(st->loop);
	assert_false(st->is_over);
	assert_int_equal(mesh_decided(st->mesh), mesh_asked(st->mesh));
	assert_int_equal(mesh_asked(st->mesh), MACHINES * (MACHINES - 1));
}

static void ignore_echo(bool is_ignored)
{
	CLEANUP(fd_cleanup)
	int fd = open("/proc/sys/net/ipv4/icmp_echo_ignore_all", O_WRONLY | O_CLOEXEC);

	assert_int_equal(write(fd, is_ignored ? "1" : "0", 1), 1);
}

static void assert_all(const struct state *st, enum pair_state expected)
{
	for (size_t i = 0; i < MACHINES; i++)
		for (size_t n = 0; n < MACHINES; n++) {
			const struct pair *pair = mesh_pair(st->mesh, i, n);

			assert_int_equal(pair->state, i == n ? PAIR_LEFT_OUT : expected);
			if (i != n)
				assert_int_equal(pair->is_answer_predicted, i < 3 && n < 3);
		}
}

static void all_pairs_are_asked_and_heard(void **state)
{
	struct state *st = *state;

	begin(st, PROBE_ICMP, 0);
	run(st);
	assert_all(st, PAIR_ANSWERED);
	for (size_t i = 0; i < MACHINES; i++)
		for (size_t n = 0; n < MACHINES; n++) {
			const struct pair *pair = mesh_pair(st->mesh, i, n);

			assert_int_equal(pair->tries, i != n);
			assert_true(i == n || (pair->rtt_ms >= 0 && pair->rtt_ms < 10000));
			assert_string_equal(mesh_why_not(st->mesh, i, n), "");
		}
}

static void silence_is_asked_again_where_an_answer_is_predicted(void **state)
{
	struct state *st = *state;

	ignore_echo(true);
	begin(st, PROBE_ICMP, 0);
	run(st);
	ignore_echo(false);
	assert_all(st, PAIR_SILENT);
	assert_int_equal(mesh_pair(st->mesh, 0, 1)->tries, 3);
	assert_int_equal(mesh_pair(st->mesh, 0, 3)->tries, 1);
	assert_string_equal(mesh_why_not(st->mesh, 0, 1), "");
}

/* Answers with the mesh's own mark that answer nothing of it: beyond its pairs, and to no packet.
 */
static void answers_that_are_none_of_its_own_count_nothing(void **state)
{
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	uint32_t owner = icmp_new_owner() + 1; /* the next one is the mesh's */
	struct pollfd heard = { .events = POLLIN };
	struct state *st = *state;

	st->sockets = SOCKETS_NEVER;
	begin(st, PROBE_ICMP, 0);
	loop_timer_set(st->limit, 50000000);
	loop_run(st->loop); /* until it has asked for its sockets */
	assert_true(st->is_over);
	st->is_over = false;
	ignore_echo(true); /* nothing it sends is answered: what it hears is what is sent here */
	st->sockets = SOCKETS_OPEN;
	for (uint32_t i = 0; i < MACHINES; i++)
		need_socket(st, "", PROBER_SOCKET_ICMP, i);
	ignore_echo(false);
	heard.fd = st->last_fd;
	for (uint32_t i = 0; i < MACHINES * 8; i++) {
		struct icmp_echo echo = { .owner = owner,
					  .probe = MACHINES * MACHINES + i,
					  .flow = icmp_new_flow(),
					  .sequence = 1 };

		assert_true(icmp_send(fd, ip4(INADDR_LOOPBACK), &echo) > 0);
	}
	assert_int_equal(poll(&heard, 1, 10000), 1);
	ignore_echo(true);
	run(st);
	ignore_echo(false);
	assert_all(st, PAIR_SILENT);
}

static void a_socket_that_is_refused_is_no_observation(void **state)
{
	struct state *st = *state;

	st->sockets = SOCKETS_REFUSED;
	begin(st, PROBE_ICMP, 0);
	run(st);
	assert_all(st, PAIR_UNOBSERVED);
	assert_string_equal(mesh_why_not(st->mesh, 0, 1), "no such namespace");
}

static void a_fetch_without_a_socket_is_no_observation(void **state)
{
	struct state *st = *state;

	st->sockets = SOCKETS_REFUSED;
	begin(st, PROBE_HTTP, 0);
	run(st);
	assert_all(st, PAIR_UNOBSERVED);
	assert_string_equal(mesh_why_not(st->mesh, 2, 1), "no such namespace");
}

static void a_socket_that_never_comes_is_not_waited_for_without_end(void **state)
{
	struct state *st = *state;
	int late;

	st->sockets = SOCKETS_NEVER;
	begin(st, PROBE_TCP, 22);
	run(st);
	assert_all(st, PAIR_UNOBSERVED);
	assert_string_equal(mesh_why_not(st->mesh, 0, 1), "the engine opens no socket");
	late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mesh_socket(st->mesh, st->last_tag, late, ""); /* it is closed */
	assert_int_equal(fcntl(late, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
}

/* Nobody listens, and the machine says so: it was reached. */
static void a_refused_connection_is_an_answer(void **state)
{
	struct state *st = *state;

	begin(st, PROBE_TCP, 22);
	run(st);
	assert_all(st, PAIR_ANSWERED);
}

/* Likewise of datagrams: the kernel says that the port is closed. */
static void a_closed_port_is_an_answer(void **state)
{
	struct state *st = *state;

	begin(st, PROBE_UDP, 53);
	run(st);
	assert_all(st, PAIR_ANSWERED);
}

static void a_refused_fetch_is_none(void **state)
{
	struct state *st = *state;

	begin(st, PROBE_HTTP, 0);
	run(st);
	assert_all(st, PAIR_SILENT);
}

static void one_that_is_freed_while_it_runs_leaves_nothing(void **state)
{
	static const enum probe_protocol protocols[] = { PROBE_ICMP, PROBE_TCP, PROBE_UDP,
							 PROBE_HTTP };
	struct state *st = *state;

	ignore_echo(true);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		begin(st, protocols[i], 22);
		loop_timer_set(st->limit, 1000000);
		loop_run(st->loop);
		mesh_free(st->mesh);
		st->mesh = NULL;
	}
	ignore_echo(false);
}

static void set_loopback(int fd, unsigned long what, const char *name, uint32_t address)
{
	struct ifreq request = { 0 };
	struct sockaddr_in value = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(address) };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (what == SIOCSIFFLAGS)
		request.ifr_flags = IFF_UP;
	else
		memcpy(&request.ifr_addr, &value, sizeof(value));
	assert_int_equal(ioctl(fd, what, &request), 0);
}

/* All of 10.0.0.0/8 is this machine. */
static void bring_up_loopback(void)
{
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	set_loopback(fd, SIOCSIFFLAGS, "lo", 0);
	set_loopback(fd, SIOCSIFADDR, "lo:1", 0x0a000001);
	set_loopback(fd, SIOCSIFNETMASK, "lo:1", 0xff000000);
}

#define MESH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MESH_TEST(all_pairs_are_asked_and_heard),
		MESH_TEST(silence_is_asked_again_where_an_answer_is_predicted),
		MESH_TEST(answers_that_are_none_of_its_own_count_nothing),
		MESH_TEST(a_socket_that_is_refused_is_no_observation),
		MESH_TEST(a_fetch_without_a_socket_is_no_observation),
		MESH_TEST(a_socket_that_never_comes_is_not_waited_for_without_end),
		MESH_TEST(a_refused_connection_is_an_answer),
		MESH_TEST(a_closed_port_is_an_answer),
		MESH_TEST(a_refused_fetch_is_none),
		MESH_TEST(one_that_is_freed_while_it_runs_leaves_nothing),
	};

	if (!enter_user_namespace()) {
		(void)printf("no user namespaces here\n");
		return 77;
	}
	bring_up_loopback();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
