/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nftables says of one flow's packets, in a namespace of the test's own. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/nft.h"
#include "netns/kernel/nft_events.h"
#include "netns/kernel/nft_trace.h"
#include "tests/support/namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define NEW_TABLE (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE)
#define TRACE     (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE)

static const char rules[] = "\tchain c_input {\n"
			    "\t\ttype filter hook input priority 0; policy accept;\n"
			    "\t\tudp dport 7 log prefix \"n I 1 100 D\" group 7 drop\n"
			    "\t\tudp dport 8 accept\n"
			    "\t}\n";

static void bring_up_loopback(void)
{
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &lo), 0);
}

/* From a port of its own, to one of loopback. */
static int open_sender(struct nft_traced_flow *ret_flow)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&name, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	*ret_flow = (struct nft_traced_flow){ IPPROTO_UDP, ntohs(name.sin_port) };
	return fd;
}

static void send_to(int fd, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
}

/* The rule of `chain` that a packet of the flow met; false: none. */
static bool find_traced(int fd, const struct nft_traced_flow *flow, const char *chain,
			struct nft_traced *ret_traced)
{
	static char bytes[32 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nft_trace_reader reader = { 0 };
	struct nft_traced traced;
	bool is_found = false;
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), 0)) >= 0) {
		struct nlmsghdr *h = (struct nlmsghdr *)bytes;

		for (int left = (int)got; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			if (!nft_trace_parse(&reader, flow, h, &traced) ||
			    strcmp(traced.chain, chain) != 0 || !traced.rule)
				continue;
			*ret_traced = traced;
			is_found = true;
		}
	}
	assert_int_equal(errno, EAGAIN);
	return is_found;
}

static void the_rule_that_decides_is_named(void **state)
{
	CLEANUP(fd_cleanup) int trace = -1, other = -1;
	CLEANUP(fd_cleanup) int sender = -1, stranger = -1;
	struct nft_traced_flow flow, strange;
	struct nft_traced traced = { 0 };
	struct err err = { 0 };
	char prefix[80];

	(void)state;
	sender = open_sender(&flow);
	stranger = open_sender(&strange);
	if (nft_trace_open(&flow, &trace, &err) || nft_trace_open(&strange, &other, &err))
		fail_msg("%s", err.text);
	send_to(sender, 7);
	send_to(stranger, 8);
	assert_true(find_traced(trace, &flow, "c_input", &traced));
	assert_string_equal(traced.table, "t");
	assert_int_equal(traced.family, AF_INET);
	assert_true(traced.is_drop);
	assert_false(traced.is_back);
	assert_int_equal(traced.iif, 1);
	assert_int_equal(nft_trace_rule(&traced, prefix, sizeof(prefix), &err), 0);
	assert_string_equal(prefix, "n I 1 100 D");
	/* each has heard of both, and takes its own */
	assert_true(find_traced(other, &strange, "c_input", &traced));
	assert_false(traced.is_drop);
	assert_int_equal(nft_trace_rule(&traced, prefix, sizeof(prefix), &err), 0);
	assert_string_equal(prefix, "");
	traced.rule += 1000;
	assert_int_equal(nft_trace_rule(&traced, prefix, sizeof(prefix), &err), -ENOENT);
}

/* Who asks what it is that changed: is it ours, and is there more to come? */
static unsigned read_events(int fd, bool *ret_is_own)
{
	static char bytes[32 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	struct nft_generation generation;
	unsigned generations = 0;
	ssize_t got;

	*ret_is_own = false;
	while (poll(&readable, 1, 0) == 1 && (got = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		struct nlmsghdr *h = (struct nlmsghdr *)bytes;

		for (int left = (int)got; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			*ret_is_own |= nft_trace_is_own(h);
			generations += nft_events_parse(h, &generation);
		}
	}
	return generations;
}

static void nothing_stays_behind(void **state)
{
	CLEANUP(fd_cleanup) int events = -1, trace = -1;
	struct nft_traced_flow flow = { IPPROTO_ICMP, 7 };
	struct err err = { 0 };
	bool is_own;

	(void)state;
	assert_int_equal(nft_events_open(&events, &err), 0);
	if (nft_trace_open(&flow, &trace, &err))
		fail_msg("%s", err.text);
	assert_int_equal(read_events(events, &is_own), 1);
	assert_true(is_own);
	/* whoever closes it last: the kernel takes the table, and says nothing */
	fd_close(&trace);
	assert_int_equal(read_events(events, &is_own), 0);
	assert_int_equal(nft_add("ip " NFT_TRACE_TABLE, "", &err), 0);
	assert_int_equal(read_events(events, &is_own), 1);
	assert_false(is_own); /* that it is called so is not enough */
}

/* What is cut off, of another kind or of others is passed over. */
static void what_is_none_of_the_flow_s_is_passed_over(void **state)
{
	static const uint16_t types[] = { TRACE, NEW_TABLE, NLMSG_ERROR, 0 };
	const struct nft_traced_flow flow = { IPPROTO_TCP, 80 };
	struct nft_trace_reader reader = { 0 };
	struct nft_traced traced;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		for (unsigned size = NLMSG_HDRLEN; size < 64; size++) {
			union {
				struct nlmsghdr head;
				uint8_t bytes[64];
			} message;

			memset(&message, 0xff, sizeof(message));
			message.head =
				(struct nlmsghdr){ .nlmsg_len = size, .nlmsg_type = types[i] };
			assert_false(nft_trace_parse(&reader, &flow, &message.head, &traced));
			assert_false(nft_trace_is_own(&message.head));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_that_decides_is_named),
		cmocka_unit_test(nothing_stays_behind),
		cmocka_unit_test(what_is_none_of_the_flow_s_is_passed_over),
	};
	struct err err = { 0 };

	if (!enter_user_namespace()) {
		(void)fprintf(stderr, "no namespaces\n");
		return 77;
	}
	if (nft_add("ip t", rules, &err)) {
		(void)fprintf(stderr, "no nftables: %s\n", err.text);
		return 77;
	}
	bring_up_loopback();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
