/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pings of several owners in one namespace: each hears of its own, and of nobody else's. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "netns/probe/icmp.h"
#include "tests/support/namespace.h"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define LIMIT_MS 10000

static struct ip loopback;

static void bring_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);

	assert_true(fd >= 0);
	return fd;
}

static bool is_readable(int fd, int limit_ms)
{
	struct pollfd watched = { .fd = fd, .events = POLLIN };

	return poll(&watched, 1, limit_ms) == 1;
}

static void each_owner_hears_its_own(void **state)
{
	uint32_t owners[] = { icmp_new_owner(), icmp_new_owner() };
	CLEANUP(fd_cleanup) int first = open_socket();
	CLEANUP(fd_cleanup) int second = open_socket();
	int fds[] = { first, second };

	(void)state;
	assert_int_not_equal(owners[0], owners[1]);
	for (int i = 0; i < 2; i++)
		assert_int_equal(icmp_prepare(fds[i], owners[i]), 0);
	for (uint32_t i = 0; i < 2; i++) { /* the same numbers, on purpose */
		struct icmp_echo echo = {
			.owner = owners[i], .probe = 7, .flow = icmp_new_flow(), .sequence = 9
		};

		assert_true(icmp_send(fds[i], loopback, &echo) > 0);
	}
	for (int i = 0; i < 2; i++) {
		struct icmp_reply reply = { 0 };
		bool more;

		assert_true(is_readable(fds[i], LIMIT_MS));
		assert_true(icmp_receive(fds[i], owners[i], &reply, &more));
		assert_int_equal(reply.probe, 7);
		assert_int_equal(reply.sequence, 9);
		assert_int_equal(reply.ttl, 64);
		assert_true(reply.sent_ns > 0 && reply.received_ns >= reply.sent_ns);
		assert_false(icmp_receive(fds[i], owners[i], &reply, &more));
		assert_false(more);
	}
}

/* What came before the filter did is in the socket, and is not taken for one's own. */
static void what_was_there_before_is_not_taken(void **state)
{
	CLEANUP(fd_cleanup) int sender = open_socket();
	CLEANUP(fd_cleanup) int late = open_socket();
	uint32_t owner = icmp_new_owner(), other = icmp_new_owner();
	struct icmp_echo echo = {
		.owner = owner, .probe = 1, .flow = icmp_new_flow(), .sequence = 1
	};
	struct icmp_reply reply;
	bool more = true;
	int count = 0;

	(void)state;
	assert_int_equal(icmp_prepare(sender, owner), 0);
	assert_true(icmp_send(sender, loopback, &echo) > 0);
	assert_true(is_readable(sender, LIMIT_MS));
	assert_true(is_readable(late, LIMIT_MS));
	assert_int_equal(icmp_prepare(late, other), 0);
	for (; more; count++)
		assert_false(icmp_receive(late, other, &reply, &more));
	assert_true(count > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_owner_hears_its_own),
		cmocka_unit_test(what_was_there_before_is_not_taken),
	};

	if (!enter_user_namespace()) {
		(void)printf("no user namespaces here\n");
		return 77;
	}
	bring_up_loopback();
	loopback = ip4(INADDR_LOOPBACK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
