/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filters of flows, as the kernel runs them: what of sample packets they let pass. */
#include "tests/support/test.h"

#include "lab/azure/logged_packet.h"
#include "lab/render/pcapng.h"
#include "lab/snapshot/fill_capture.h"
#include "netns/kernel/packet_filter.h"
#include "tests/support/fixture.h"
#include "tests/support/tuple.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPLEN 4096

struct frame {
	uint8_t bytes[200];
	uint32_t len;
};

static void put(struct frame *f, const void *bytes, size_t len)
{
	memcpy(f->bytes + f->len, bytes, len);
	f->len += (uint32_t)len;
}

#define PUT(f, ...)                                                                                \
	put((f), (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void put_ip(struct frame *f, uint8_t protocol, const char *from, const char *to,
		   uint16_t fragment)
{
	struct ip source = ip_of(from), destination = ip_of(to);

	if (source.family == IP_V6) {
		PUT(f, 0x60, 0, 0, 0, 0, 40, protocol, 64);
		put(f, source.bytes, 16);
		put(f, destination.bytes, 16);
		return;
	}
	PUT(f, 0x45, 0, 0, 60, 0, 1, (uint8_t)(fragment >> 8), (uint8_t)fragment, 64, protocol, 0,
	    0);
	put(f, source.bytes, 4);
	put(f, destination.bytes, 4);
}

static void put_ethernet(struct frame *f, bool is_v6)
{
	PUT(f, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, is_v6 ? 0x86 : 0x08, is_v6 ? 0xdd : 0);
}

/* Behind it, eight bytes of a protocol: ports, or a type of ICMP. */
static struct frame packet(uint8_t protocol, const char *from, const char *to, uint16_t fragment,
			   uint16_t first, uint16_t second)
{
	struct frame f = { 0 };

	put_ethernet(&f, strchr(from, ':') != NULL);
	put_ip(&f, protocol, from, to, fragment);
	PUT(&f, (uint8_t)(first >> 8), (uint8_t)first, (uint8_t)(second >> 8), (uint8_t)second, 0,
	    0, 0, 0);
	PUT(&f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0); /* as long as TCP's header is */
	return f;
}

/* A router's error of that type about a packet from one to the other. */
static struct frame error(uint8_t type, const char *router, const char *from, const char *to)
{
	bool is_v6 = strchr(from, ':') != NULL;
	struct frame f = { 0 };

	put_ethernet(&f, is_v6);
	put_ip(&f, is_v6 ? PROTOCOL_NUMBER_ICMPV6 : PROTOCOL_NUMBER_ICMP, router, from, 0);
	PUT(&f, type, 0, 0, 0, 0, 0, 0, 0);
	put_ip(&f, PROTOCOL_NUMBER_TCP, from, to, 0);
	PUT(&f, 0, 0, 0, 0, 0, 0, 0, 0);
	return f;
}

/* The filter of a flow at its first place. */
static void compile(const struct fixture *lab, const char *from, const char *to,
		    const char *protocol, const char *place, unsigned link,
		    struct sock_fprog *program)
{
	struct snapshot_capture capture = { 0 };
	struct arena *arena = arena_new();
	struct path_question question;
	struct err err = { 0 };
	const char *filter = NULL;

	assert_int_equal(path_question_read(lab->lab, from, to, protocol, &question, &err), 0);
	snapshot_fill_capture_flow(lab->fabric, "test.yaml", &question, &capture, arena);
	for (size_t i = 0; i < capture.places.count; i++)
		if (!strcmp(capture.places.items[i].name, place))
			filter = capture.places.items[i].filter;
	assert_non_null(filter);
	if (packet_filter_compile(filter, link, SNAPLEN, program, &err))
		fail_msg("%s", err.text);
	arena_free(arena);
}

static bool is_taken_from(const struct sock_fprog *program, const struct frame *f, uint32_t header)
{
	unsigned got = bpf_filter((const struct bpf_insn *)program->filter, f->bytes + header,
				  f->len - header, f->len - header);

	assert_true(got == 0 || got == SNAPLEN);
	return got;
}

static bool is_taken(const struct sock_fprog *program, struct frame f)
{
	return is_taken_from(program, &f, 0);
}

#define VM     "10.0.1.4"
#define BRANCH "10.100.0.100"
#define OTHER  "10.100.0.101"

static void a_flow_of_icmp_is_pings_both_ways_and_errors_about_them(void **state)
{
	struct sock_fprog program;
	struct fixture lab;

	(void)state;
	fixture_read(&lab, "tests/golden/express_route.yaml");
	compile(&lab, "az-spk1-lxvm", "branch-vm1", "icmp", "az-spk1-lxvm/eth0",
		PCAPNG_LINK_ETHERNET, &program);
	assert_true(is_taken(&program, packet(1, VM, BRANCH, 0, 0x0800, 0)));
	assert_true(is_taken(&program, packet(1, BRANCH, VM, 0, 0, 0)));
	assert_true(is_taken(&program, packet(1, VM, BRANCH, 0x2000, 0x0800, 0)));
	assert_true(is_taken(&program, packet(1, VM, BRANCH, 185, 0x6161, 0)));
	assert_false(is_taken(&program, packet(1, VM, OTHER, 0, 0x0800, 0)));
	assert_false(is_taken(&program, packet(1, OTHER, BRANCH, 0, 0x0800, 0)));
	assert_false(is_taken(&program, packet(6, VM, BRANCH, 0, 50000, 80)));
	assert_false(is_taken(&program, packet(17, VM, BRANCH, 0, 50000, 53)));
	/* the probes of a traceroute, and who does not let them pass */
	assert_true(is_taken(&program, error(11, "10.3.129.58", VM, BRANCH)));
	assert_true(is_taken(&program, error(3, "10.3.129.58", BRANCH, VM)));
	assert_false(is_taken(&program, error(11, "10.3.129.58", VM, OTHER)));
	free(program.filter);
	fixture_free(&lab);
}

static void a_flow_of_tcp_is_that_port_with_fragments_and_errors(void **state)
{
	struct sock_fprog program;
	struct fixture lab;

	(void)state;
	fixture_read(&lab, "tests/golden/express_route.yaml");
	compile(&lab, "az-spk1-lxvm", "branch-vm1", "tcp:22", "az-spk1-lxvm/eth0",
		PCAPNG_LINK_ETHERNET, &program);
	assert_true(is_taken(&program, packet(6, VM, BRANCH, 0, 50000, 22)));
	assert_true(is_taken(&program, packet(6, BRANCH, VM, 0, 22, 50000)));
	assert_true(is_taken(&program, packet(6, VM, BRANCH, 185, 1, 2)));
	assert_false(is_taken(&program, packet(6, VM, BRANCH, 0, 50000, 80)));
	assert_false(is_taken(&program, packet(17, VM, BRANCH, 0, 50000, 22)));
	assert_false(is_taken(&program, packet(1, VM, BRANCH, 0, 0x0800, 0)));
	assert_true(is_taken(&program, error(3, "10.3.129.58", VM, BRANCH)));
	/* an echo is no error, whatever its data are */
	assert_false(is_taken(&program, error(8, "10.3.129.58", VM, BRANCH)));
	assert_false(is_taken(&program, error(0, "10.3.129.58", VM, BRANCH)));
	free(program.filter);
	fixture_free(&lab);
}

/* Inside there is no header of a link; outside, ESP as it is or in UDP. */
static void a_tunnel_has_one_inside_and_another_outside(void **state)
{
	static const char gateway[] = "20.254.22.234", peer[] = "20.254.19.196";
	struct frame ping = packet(1, "10.1.0.4", "10.5.0.4", 0, 0x0800, 0);
	struct sock_fprog program;
	struct fixture lab;

	(void)state;
	fixture_read(&lab, "tests/golden/vnet_to_vnet.yaml");
	compile(&lab, "m1", "m5", "icmp", "gw4-0/tun0", PCAPNG_LINK_RAW, &program);
	assert_true(is_taken_from(&program, &ping, 14));
	free(program.filter);
	compile(&lab, "m1", "m5", "icmp", "gw4-0-t0/wan0", PCAPNG_LINK_ETHERNET, &program);
	assert_false(is_taken(&program, ping));
	assert_true(is_taken(&program, packet(50, gateway, peer, 0, 0, 1)));
	assert_true(is_taken(&program, packet(50, peer, gateway, 185, 0, 1)));
	assert_true(is_taken(&program, packet(17, gateway, peer, 0, 4500, 4500)));
	assert_true(is_taken(&program, packet(17, gateway, peer, 185, 1, 2)));
	assert_false(is_taken(&program, packet(17, gateway, peer, 0, 53, 53)));
	assert_false(is_taken(&program, packet(50, gateway, "20.254.19.197", 0, 0, 1)));
	free(program.filter);
	fixture_free(&lab);
}

static void ipv6_has_the_same(void **state)
{
	static const char vm[] = "fd00:0:2::10", hub[] = "fd00:0:1:1::9", router[] = "fd00:0:1::4";
	struct sock_fprog program;
	struct fixture lab;

	(void)state;
	fixture_read(&lab, "tests/golden/dual_stack.yaml");
	compile(&lab, "spoke-2", hub, "http", "spoke-2/eth0", PCAPNG_LINK_ETHERNET, &program);
	assert_true(is_taken(&program, packet(6, vm, hub, 0, 50000, 80)));
	assert_true(is_taken(&program, packet(6, hub, vm, 0, 80, 50000)));
	assert_true(is_taken(&program, packet(44, hub, vm, 0, 0x0600, 8)));
	assert_false(is_taken(&program, packet(6, vm, hub, 0, 50000, 81)));
	assert_false(is_taken(&program, packet(6, vm, router, 0, 50000, 80)));
	assert_true(is_taken(&program, error(1, router, vm, hub)));
	assert_false(is_taken(&program, error(1, router, vm, router)));
	assert_false(is_taken(&program, error(128, router, vm, hub)));
	free(program.filter);
	compile(&lab, "spoke-2", hub, "icmp", "spoke-2/eth0", PCAPNG_LINK_ETHERNET, &program);
	assert_true(is_taken(&program, packet(58, vm, hub, 0, 0x8000, 0)));
	assert_false(is_taken(&program, packet(6, vm, hub, 0, 50000, 80)));
	free(program.filter);
	fixture_free(&lab);
}

static void what_is_no_filter_is_refused(void **state)
{
	static const char *const texts[] = { "nonsense and", "host", "port 99999", "(",
					     "ip and ip6" };
	struct sock_fprog program = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct err err = { 0 };

		assert_int_equal(packet_filter_compile(texts[i], PCAPNG_LINK_ETHERNET, SNAPLEN,
						       &program, &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, texts[i]));
		assert_null(program.filter);
	}
}

/* A tunnel carries no ARP, and a machine that has one is captured by that filter, too. */
static void what_a_link_cannot_carry_is_not_seen_there(void **state)
{
	struct frame ping = packet(1, VM, BRANCH, 0, 0x0800, 0);
	struct sock_fprog program;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(packet_filter_compile("arp", PCAPNG_LINK_RAW, SNAPLEN, &program, &err), 0);
	assert_false(is_taken_from(&program, &ping, 14));
	free(program.filter);
	assert_int_equal(
		packet_filter_compile("arp or icmp", PCAPNG_LINK_RAW, SNAPLEN, &program, &err), 0);
	assert_true(is_taken_from(&program, &ping, 14));
	free(program.filter);
}

/* No filter is one, too: it cuts packets. */
static void none_takes_all(void **state)
{
	struct sock_fprog program;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(packet_filter_compile("", PCAPNG_LINK_ETHERNET, SNAPLEN, &program, &err),
			 0);
	assert_true(is_taken(&program, packet(89, VM, OTHER, 0, 0, 0)));
	free(program.filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_of_icmp_is_pings_both_ways_and_errors_about_them),
		cmocka_unit_test(a_flow_of_tcp_is_that_port_with_fragments_and_errors),
		cmocka_unit_test(a_tunnel_has_one_inside_and_another_outside),
		cmocka_unit_test(ipv6_has_the_same),
		cmocka_unit_test(what_is_no_filter_is_refused),
		cmocka_unit_test(what_a_link_cannot_carry_is_not_seen_there),
		cmocka_unit_test(none_takes_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
