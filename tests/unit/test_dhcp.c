/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machines that ask for their addresses are told: their own, whole, and nothing else. */
#include "tests/support/test.h"

#include "lab/plan/fabric_ids.h"
#include "lab/render/dhcp.h"
#include "tests/support/fixture.h"

#include <stdlib.h>
#include <string.h>

#define AT_IP      14
#define AT_BOOTP   42
#define AT_OPTIONS (AT_BOOTP + 240)
#define AT_ICMP6   54
#define AT_DHCP6   62

static const char text[] =
	"lab: t\n"
	"virtual_networks:\n"
	"  v:\n"
	"    address_prefixes: [10.0.0.0/16, \"fd00::/48\"]\n"
	"    subnets:\n"
	"      a: { address_prefix: [10.0.0.0/26, \"fd00:0:0:1::/64\"] }\n"
	"      b: 10.0.1.0/24\n"
	"nvas:\n"
	"  fw:\n"
	"    kind: libvirt\n"
	"    network_interfaces:\n"
	"      out: { subnet: v/b, ip_configurations: [10.0.1.9, 10.0.1.10] }\n"
	"      in: { subnet: v/a, ip_configurations: [10.0.0.9, \"fd00:0:0:1::9\"] }\n";

struct fixed {
	struct fixture f;
	struct dhcp_lease out, in; /* the first NIC has IPv4 alone */
	uint8_t frame[2048];       /* what is asked */
	size_t size;
	struct dhcp_answer answer;
};

static int setup(void **state)
{
	static struct fixed x;

	memset(&x, 0, sizeof(x));
	fixture_parse(&x.f, text);
	x.out = dhcp_lease_of(topology_find_nic(x.f.topology, fixture_nic(&x.f, "out")));
	x.in = dhcp_lease_of(topology_find_nic(x.f.topology, fixture_nic(&x.f, "in")));
	*state = &x;
	return 0;
}

static int teardown(void **state)
{
	struct fixed *x = *state;

	fixture_free(&x->f);
	return 0;
}

/* ---- questions ---- */

static void put(struct fixed *x, const void *bytes, size_t size)
{
	if (size)
		memcpy(x->frame + x->size, bytes, size);
	x->size += size;
}

static void put_number(struct fixed *x, uint64_t value, size_t size)
{
	while (size--) {
		uint8_t byte = (uint8_t)(value >> size * 8);

		put(x, &byte, 1);
	}
}

static void begin(struct fixed *x, const uint8_t mac[MAC_SIZE], unsigned type)
{
	x->size = 0;
	put_number(x, 0xffffffffffff, 6);
	put(x, mac, MAC_SIZE);
	put_number(x, type, 2);
}

/* Lengths of what is around the message, when it is whole. */
static void end4(struct fixed *x)
{
	x->frame[AT_IP + 2] = (uint8_t)((x->size - AT_IP) >> 8);
	x->frame[AT_IP + 3] = (uint8_t)(x->size - AT_IP);
	x->frame[AT_IP + 24] = (uint8_t)((x->size - AT_IP - 20) >> 8);
	x->frame[AT_IP + 25] = (uint8_t)(x->size - AT_IP - 20);
}

static void end6(struct fixed *x)
{
	x->frame[AT_IP + 4] = (uint8_t)((x->size - AT_ICMP6) >> 8);
	x->frame[AT_IP + 5] = (uint8_t)(x->size - AT_ICMP6);
	if (x->frame[AT_IP + 6] == 17)
		memcpy(x->frame + AT_ICMP6 + 4, x->frame + AT_IP + 4, 2);
}

static void option(struct fixed *x, unsigned code, uint64_t value, size_t size)
{
	put_number(x, code, 1);
	put_number(x, size, 1);
	put_number(x, value, size);
}

/* A message of DHCP without further options; `ciaddr` is where it says that it comes from. */
static void begin_dhcp(struct fixed *x, unsigned type, uint32_t ciaddr)
{
	begin(x, x->out.mac, 0x0800);
	put_number(x, 0x4500, 2);
	put_number(x, 0, 6);
	put_number(x, 0x4011, 2);
	put_number(x, 0, 2);
	put_number(x, ciaddr, 4);
	put_number(x, ciaddr ? 0xa83f8110 : UINT32_MAX, 4);
	put_number(x, 68, 2);
	put_number(x, 67, 2);
	put_number(x, 0, 4);
	put_number(x, 0x01010600, 4);
	put_number(x, 0x12345678, 4);
	put_number(x, 0, 4);
	put_number(x, ciaddr, 4);
	put_number(x, 0, 8);
	put_number(x, 0, 4);
	put(x, x->out.mac, MAC_SIZE);
	memset(x->frame + x->size, 0, 202);
	x->size += 202;
	put_number(x, 0x63825363, 4);
	option(x, 53, type, 1);
}

static void ask4(struct fixed *x)
{
	put_number(x, 255, 1);
	end4(x);
	dhcp_answer(&x->out, x->frame, x->size, &x->answer);
}

static void begin_ip6(struct fixed *x, unsigned protocol, unsigned last_of_group)
{
	const struct ip from = { { 0xfe, 0x80, [15] = 7 }, IP_V6 };

	begin(x, x->in.mac, 0x86dd);
	put_number(x, 0x60000000, 4);
	put_number(x, 0, 2);
	put_number(x, protocol, 1);
	put_number(x, 255, 1);
	put(x, from.bytes, 16);
	put_number(x, 0xff02ull << 48, 8);
	put_number(x, last_of_group, 8);
}

static void option6(struct fixed *x, unsigned code, const void *value, size_t size)
{
	put_number(x, code, 2);
	put_number(x, size, 2);
	put(x, value, size);
}

static const uint8_t client[] = { 0, 3, 0, 1, 1, 2, 3, 4, 5, 6 };
static const uint8_t server[] = { 0, 3, 0, 1, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc };

static void begin_dhcp6(struct fixed *x, unsigned type)
{
	begin_ip6(x, 17, 0x10002);
	put_number(x, 546, 2);
	put_number(x, 547, 2);
	put_number(x, 0, 4);
	put_number(x, type << 24 | 0xabcdef, 4);
	option6(x, 1, client, sizeof(client));
}

/* An association of that number, which names an address or none. */
static void association(struct fixed *x, unsigned code, unsigned number, const struct ip *address)
{
	put_number(x, code, 2);
	put_number(x, address ? 40 : 12, 2);
	put_number(x, number, 4);
	put_number(x, 0, 8);
	if (!address)
		return;
	put_number(x, 5, 2);
	put_number(x, 24, 2);
	put(x, address->bytes, 16);
	put_number(x, 0, 8);
}

static void ask6(struct fixed *x)
{
	end6(x);
	dhcp_answer(&x->in, x->frame, x->size, &x->answer);
}

/* ---- answers ---- */

static uint64_t number_at(const struct fixed *x, size_t at, size_t size)
{
	uint64_t value = 0;

	assert_true(at + size <= x->answer.size);
	while (size--)
		value = value << 8 | x->answer.frame[at++];
	return value;
}

static uint32_t sum(const uint8_t *bytes, size_t size, uint32_t start)
{
	for (size_t i = 0; i < size; i++)
		start += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return start;
}

static void assert_whole4(const struct fixed *x)
{
	const uint8_t *ip = x->answer.frame + AT_IP;
	size_t size = x->answer.size - AT_IP;

	assert_int_equal(x->answer.family, IP_V4);
	assert_memory_equal(x->answer.frame + 6, azure_mac, MAC_SIZE);
	assert_int_equal(number_at(x, AT_IP + 2, 2), size);
	assert_int_equal(number_at(x, AT_IP + 24, 2), size - 20);
	assert_int_equal(sum(ip, 20, 0), 0xffff);
	assert_int_equal(sum(ip + 12, size - 12, 17 + (uint32_t)size - 20), 0xffff);
	assert_int_equal(number_at(x, AT_IP + 12, 4), 0xa83f8110);
	assert_int_equal(number_at(x, AT_IP + 20, 4), 67 << 16 | 68);
	assert_int_equal(number_at(x, AT_BOOTP, 8), 0x0201060012345678);
	assert_memory_equal(x->answer.frame + AT_BOOTP + 28, x->out.mac, MAC_SIZE);
}

static void assert_whole6(const struct fixed *x, unsigned protocol)
{
	const uint8_t *ip = x->answer.frame + AT_IP;
	size_t size = x->answer.size - AT_ICMP6;

	assert_int_equal(x->answer.family, IP_V6);
	assert_memory_equal(x->answer.frame + 6, azure_mac, MAC_SIZE);
	assert_int_equal(number_at(x, AT_IP, 8),
			 0x60000000ull << 32 | size << 16 | protocol << 8 | 255);
	assert_int_equal(sum(ip + 8, size + 32, protocol + (uint32_t)size), 0xffff);
	assert_memory_equal(ip + 8, azure_link_local.addr.bytes, 16);
}

/* The place of an option's value; its size must be that. 0 when there is none. */
static size_t find4(const struct fixed *x, unsigned code, size_t size)
{
	size_t at = AT_OPTIONS;

	while (number_at(x, at, 1) != 255) {
		if (number_at(x, at, 1) == code) {
			assert_int_equal(number_at(x, at + 1, 1), size);
			return at + 2;
		}
		at += 2 + number_at(x, at + 1, 1);
	}
	return 0;
}

static void assert_option4(const struct fixed *x, unsigned code, uint64_t value, size_t size)
{
	size_t at = find4(x, code, size);

	assert_int_not_equal(at, 0);
	assert_int_equal(number_at(x, at, size), value);
}

static void assert_nothing(const struct fixed *x)
{
	assert_int_equal(x->answer.told, DHCP_NOTHING);
	assert_int_equal(x->answer.size, 0);
}

static size_t find6(const struct fixed *x, size_t from, size_t to, unsigned code)
{
	for (size_t at = from; at < to; at += 4 + number_at(x, at + 2, 2))
		if (number_at(x, at, 2) == code)
			return at + 4;
	return 0;
}

static size_t find_option6(const struct fixed *x, unsigned code)
{
	return find6(x, AT_DHCP6 + 4, x->answer.size, code);
}

/* ---- IPv4 ---- */

static void who_asks_is_told_all_of_its_network(void **state)
{
	static const uint8_t routes[] = { 0, 10, 0,  1,   1,   32,  168, 63, 129, 16, 10, 0,
					  1, 1,  32, 169, 254, 169, 254, 10, 0,   1,  1 };
	struct fixed *x = *state;

	begin_dhcp(x, 1, 0);
	option(x, 61, 0x0102030405, 5);
	ask4(x);
	assert_int_equal(x->answer.told, DHCP_OFFERED);
	assert_whole4(x);
	assert_memory_equal(x->answer.frame, x->out.mac,
			    MAC_SIZE); /* it did not ask for a broadcast */
	assert_int_equal(number_at(x, AT_IP + 16, 4), 0x0a000109);
	assert_int_equal(number_at(x, AT_BOOTP + 16, 4), 0x0a000109);
	assert_option4(x, 53, 2, 1);
	assert_option4(x, 54, 0xa83f8110, 4);
	assert_option4(x, 51, UINT32_MAX, 4);
	assert_option4(x, 1, 0xffffff00, 4);
	assert_option4(x, 3, 0x0a000101, 4);
	assert_option4(x, 6, 0xa83f8110, 4);
	assert_option4(x, 26, 1500, 2);
	assert_option4(x, 61, 0x0102030405, 5);
	assert_memory_equal(x->answer.frame + find4(x, 121, sizeof(routes)), routes,
			    sizeof(routes));

	begin_dhcp(x, 3, 0);
	x->frame[AT_BOOTP + 10] = 0x80; /* now it does */
	option(x, 50, 0x0a000109, 4);
	option(x, 54, 0xa83f8110, 4);
	ask4(x);
	assert_int_equal(x->answer.told, DHCP_GIVEN);
	assert_whole4(x);
	assert_option4(x, 53, 5, 1);
	assert_int_equal(number_at(x, 0, 6), 0xffffffffffff);
	assert_int_equal(number_at(x, AT_IP + 16, 4), UINT32_MAX);
}

static void a_second_nic_has_no_router_by_ipv4(void **state)
{
	struct fixed *x = *state;

	x->out = x->in;
	begin_dhcp(x, 1, 0);
	ask4(x);
	assert_whole4(x);
	assert_int_equal(number_at(x, AT_BOOTP + 16, 4), 0x0a000009);
	assert_option4(x, 1, 0xffffffc0, 4);
	assert_int_equal(find4(x, 3, 4), 0);
	assert_int_equal(find4(x, 121, 0), 0);
}

static void an_address_that_is_not_its_own_is_refused(void **state)
{
	struct fixed *x = *state;

	begin_dhcp(x, 3, 0);
	option(x, 50, 0x0a00010a, 4); /* its second one: that is for its owner to configure */
	ask4(x);
	assert_int_equal(x->answer.told, DHCP_REFUSED);
	assert_whole4(x);
	assert_option4(x, 53, 6, 1);
	assert_int_equal(number_at(x, AT_BOOTP + 12, 8), 0);
	assert_int_equal(number_at(x, 0, 6), 0xffffffffffff);
	assert_int_equal(find4(x, 1, 4), 0);

	begin_dhcp(x, 3, 0x0a00010b); /* renewed */
	ask4(x);
	assert_int_equal(x->answer.told, DHCP_REFUSED);
	begin_dhcp(x, 1, 0); /* a wish is none */
	option(x, 50, 0x0a00010b, 4);
	ask4(x);
	assert_int_equal(number_at(x, AT_BOOTP + 16, 4), 0x0a000109);
}

static void a_lease_is_renewed_where_it_is(void **state)
{
	struct fixed *x = *state;

	begin_dhcp(x, 3, 0x0a000109);
	ask4(x);
	assert_int_equal(x->answer.told, DHCP_GIVEN);
	assert_whole4(x);
	assert_memory_equal(x->answer.frame, x->out.mac, MAC_SIZE);
	assert_int_equal(number_at(x, AT_IP + 16, 4), 0x0a000109);
	assert_int_equal(number_at(x, AT_BOOTP + 12, 8), 0x0a0001090a000109);

	begin_dhcp(x, 8, 0x0a000109); /* who has it and asks for the rest */
	ask4(x);
	assert_int_equal(x->answer.told, DHCP_CONFIGURED);
	assert_int_equal(number_at(x, AT_BOOTP + 16, 4), 0);
	assert_int_equal(find4(x, 51, 4), 0);
	assert_option4(x, 6, 0xa83f8110, 4);
}

static void change(struct fixed *x, size_t at, uint8_t value)
{
	uint8_t before;

	begin_dhcp(x, 1, 0);
	put_number(x, 255, 1);
	end4(x);
	before = x->frame[at];
	x->frame[at] = value;
	assert_int_not_equal(before, value);
	dhcp_answer(&x->out, x->frame, x->size, &x->answer);
	assert_nothing(x);
}

static void what_is_not_a_question_of_its_own_has_no_answer(void **state)
{
	static const unsigned others[] = { 0, 2, 4, 5, 6, 7, 9, 13, 255 };
	struct fixed *x = *state;

	change(x, 11, 0x77);            /* another machine's frame */
	change(x, AT_BOOTP + 33, 0x77); /* asks for another machine */
	change(x, AT_BOOTP, 2);         /* a reply */
	change(x, AT_BOOTP + 2, 5);     /* no MAC address */
	change(x, AT_BOOTP + 24, 10);   /* by a relay */
	change(x, AT_BOOTP + 236, 0);   /* not DHCP */
	change(x, AT_OPTIONS + 1, 200); /* an option that is longer than all */
	change(x, AT_OPTIONS, 54);      /* without a kind */
	change(x, AT_IP, 0x46);         /* an IP header of another length */
	change(x, AT_IP, 0x44);         /* and of none */
	change(x, AT_IP + 6, 0x20);     /* a fragment */
	change(x, AT_IP + 9, 6);        /* TCP */
	change(x, AT_IP + 16, 10);      /* to somebody */
	change(x, AT_IP + 21, 69);      /* from another port */
	change(x, AT_IP + 25, 0xff);    /* longer than the packet */
	change(x, 13, 6);               /* ARP */
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		begin_dhcp(x, others[i], 0);
		option(x, 50, 0x0a000109, 4);
		ask4(x);
		assert_nothing(x);
	}
	begin_dhcp(x, 3, 0); /* it chose another server */
	option(x, 50, 0x0a000109, 4);
	option(x, 54, 0x0a000109, 4);
	ask4(x);
	assert_nothing(x);
	begin_dhcp(x, 3, 0); /* and this is for nothing at all */
	ask4(x);
	assert_nothing(x);
	begin_dhcp(x, 8, 0x0a00010a);
	ask4(x);
	assert_nothing(x);
}

/* A frame that is cut anywhere; what is behind it is not to be read. */
static void assert_bounded(struct fixed *x, const struct dhcp_lease *lease)
{
	for (size_t size = 0; size < x->size; size++) {
		uint8_t *frame = malloc(size ? size : 1);

		assert_non_null(frame);
		memcpy(frame, x->frame, size);
		dhcp_answer(lease, frame, size, &x->answer);
		assert_nothing(x);
		free(frame);
	}
}

static void what_is_cut_has_no_answer(void **state)
{
	struct fixed *x = *state;

	begin_dhcp(x, 3, 0);
	option(x, 50, 0x0a000109, 4);
	ask4(x);
	assert_int_equal(x->answer.told, DHCP_GIVEN);
	assert_bounded(x, &x->out);
	begin_dhcp6(x, 1);
	association(x, 3, 7, &x->in.ip6);
	ask6(x);
	assert_int_equal(x->answer.told, DHCP_OFFERED);
	assert_bounded(x, &x->in);
}

/* ---- IPv6 ---- */

/* It gave its own address, for ever, in the first association of that number. */
static void assert_given6(const struct fixed *x, unsigned type, unsigned number)
{
	size_t ia, address;

	assert_whole6(x, 17);
	assert_memory_equal(x->answer.frame, x->in.mac, MAC_SIZE);
	assert_int_equal(number_at(x, AT_ICMP6, 4), 547 << 16 | 546);
	assert_int_equal(number_at(x, AT_DHCP6, 4), type << 24 | 0xabcdef);
	assert_memory_equal(x->answer.frame + find_option6(x, 1), client, sizeof(client));
	assert_memory_equal(x->answer.frame + find_option6(x, 2), server, sizeof(server));
	ia = find_option6(x, 3);
	assert_int_not_equal(ia, 0);
	assert_int_equal(number_at(x, ia, 4), number);
	address = find6(x, ia + 12, ia + number_at(x, ia - 2, 2), 5);
	assert_int_not_equal(address, 0);
	assert_memory_equal(x->answer.frame + address, x->in.ip6.bytes, 16);
	assert_int_equal(number_at(x, address + 16, 8), UINT64_MAX);
}

static void who_asks_by_ipv6_is_given_its_address(void **state)
{
	const struct ip other = { { 0xfd, [7] = 1, [15] = 10 }, IP_V6 };
	struct fixed *x = *state;

	begin_dhcp6(x, 1);
	association(x, 3, 7, NULL);
	ask6(x);
	assert_int_equal(x->answer.told, DHCP_OFFERED);
	assert_given6(x, 2, 7);
	begin_dhcp6(x, 3);
	option6(x, 2, server, sizeof(server));
	association(x, 3, 7, &other); /* another's it may wish for */
	ask6(x);
	assert_int_equal(x->answer.told, DHCP_GIVEN);
	assert_given6(x, 7, 7);
	assert_null(memmem(x->answer.frame, x->answer.size, other.bytes, 16));
	begin_dhcp6(x, 1); /* in two messages */
	option6(x, 14, NULL, 0);
	association(x, 3, 7, NULL);
	ask6(x);
	assert_int_equal(x->answer.told, DHCP_GIVEN);
	assert_given6(x, 7, 7);
	assert_int_not_equal(find_option6(x, 14), 0);
}

static void what_it_has_and_is_not_its_own_ends(void **state)
{
	const struct ip other = { { 0xfd, [7] = 1, [15] = 10 }, IP_V6 };
	struct fixed *x = *state;
	const uint8_t *at;

	begin_dhcp6(x, 5);
	option6(x, 2, server, sizeof(server));
	association(x, 3, 7, &other);
	ask6(x);
	assert_given6(x, 7, 7);
	at = memmem(x->answer.frame, x->answer.size, other.bytes, 16);
	assert_non_null(at);
	assert_int_equal(number_at(x, (size_t)(at - x->answer.frame) + 16, 8), 0);
	begin_dhcp6(x, 6);
	association(x, 3, 7, &x->in.ip6);
	ask6(x);
	assert_given6(x, 7, 7);

	begin_dhcp6(x, 4); /* is it still where it was? */
	association(x, 3, 7, &other);
	ask6(x);
	assert_int_equal(x->answer.told, DHCP_REFUSED);
	assert_int_equal(number_at(x, find_option6(x, 13), 2), 4);
	begin_dhcp6(x, 4);
	association(x, 3, 7, &x->in.ip6);
	ask6(x);
	assert_int_equal(number_at(x, find_option6(x, 13), 2), 0);
	begin_dhcp6(x, 4);
	ask6(x);
	assert_nothing(x);
}

static void there_is_one_address_and_no_prefix(void **state)
{
	struct fixed *x = *state;
	size_t ia;

	begin_dhcp6(x, 1);
	association(x, 25, 5, NULL);
	association(x, 3, 7, NULL);
	association(x, 3, 8, NULL);
	ask6(x);
	assert_given6(x, 2, 7);
	ia = find_option6(x, 25);
	assert_int_equal(number_at(x, find6(x, ia + 12, ia + 18, 13), 2), 6);
	ia = find6(x, find_option6(x, 3) + number_at(x, find_option6(x, 3) - 2, 2), x->answer.size,
		   3);
	assert_int_equal(number_at(x, ia, 4), 8);
	assert_int_equal(number_at(x, find6(x, ia + 12, ia + 18, 13), 2), 2);

	begin_dhcp6(x, 1); /* more than an answer has room for */
	for (unsigned i = 0; i < 90; i++)
		association(x, 3, i, NULL);
	ask6(x);
	assert_nothing(x);
}

static void messages_must_name_who_they_are_for(void **state)
{
	static const unsigned without[] = { 1, 4, 6 }, with[] = { 3, 5, 8, 9 };
	static const unsigned others[] = { 0, 2, 7, 10, 12, 13, 255 };
	struct fixed *x = *state;

	for (size_t i = 0; i < ARRAY_SIZE(without); i++) {
		begin_dhcp6(x, without[i]);
		option6(x, 2, server, sizeof(server));
		association(x, 3, 7, &x->in.ip6);
		ask6(x);
		assert_nothing(x);
	}
	for (size_t i = 0; i < ARRAY_SIZE(with); i++) {
		begin_dhcp6(x, with[i]);
		association(x, 3, 7, NULL);
		ask6(x);
		assert_nothing(x);
		begin_dhcp6(x, with[i]);
		option6(x, 2, client, sizeof(client));
		association(x, 3, 7, NULL);
		ask6(x);
		assert_nothing(x);
		begin_dhcp6(x, with[i]);
		option6(x, 2, server, sizeof(server));
		association(x, 3, 7, NULL);
		ask6(x);
		assert_int_not_equal(x->answer.told, DHCP_NOTHING);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		begin_dhcp6(x, others[i]);
		ask6(x);
		assert_nothing(x);
	}
	begin_dhcp6(x, 11);
	ask6(x);
	assert_int_equal(x->answer.told, DHCP_CONFIGURED);
	assert_whole6(x, 17);
}

static void a_router_says_that_addresses_come_by_dhcpv6(void **state)
{
	const uint8_t options[] = { 1, 1, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
				    5, 1, 0,    0,    0,    0,    5,    220 };
	struct fixed *x = *state;

	begin_ip6(x, 58, 2);
	put_number(x, 133ull << 56, 8);
	ask6(x);
	assert_int_equal(x->answer.told, DHCP_CONFIGURED);
	assert_whole6(x, 58);
	assert_memory_equal(x->answer.frame, x->in.mac, MAC_SIZE);
	assert_memory_equal(x->answer.frame + AT_IP + 24, x->frame + AT_IP + 8, 16);
	assert_int_equal(number_at(x, AT_ICMP6, 2), 134 << 8);
	assert_int_equal(number_at(x, AT_ICMP6 + 4, 4), 0x40802328); /* 64 hops, managed, 9000 s */
	assert_int_equal(x->answer.size, AT_ICMP6 + 16 + sizeof(options));
	assert_memory_equal(x->answer.frame + AT_ICMP6 + 16, options, sizeof(options));

	memset(x->frame + AT_IP + 8, 0, 16); /* it has no address yet: to all */
	ask6(x);
	assert_whole6(x, 58);
	assert_int_equal(number_at(x, 0, 6), 0x333300000001);
	x->frame[AT_IP + 7] = 64; /* from somewhere else */
	ask6(x);
	assert_nothing(x);

	dhcp_advertise(&x->in, &x->answer);
	assert_whole6(x, 58);
	assert_int_equal(number_at(x, AT_IP + 24, 8), 0xff02ull << 48);
	x->in.has_router6 = false; /* the default route is another NIC's */
	dhcp_advertise(&x->in, &x->answer);
	assert_int_equal(number_at(x, AT_ICMP6 + 4, 4), 0x40800000);
}

static void a_nic_without_ipv6_hears_nothing_of_it(void **state)
{
	struct fixed *x = *state;

	x->in.ip6 = (struct ip){ 0 };
	begin_ip6(x, 58, 2);
	put_number(x, 133ull << 56, 8);
	ask6(x);
	assert_nothing(x);
	begin_dhcp6(x, 1);
	association(x, 3, 7, NULL);
	ask6(x);
	assert_nothing(x);
	dhcp_advertise(&x->in, &x->answer);
	assert_nothing(x);
}

static void leases_are_what_the_file_says(void **state)
{
	struct fixed *x = *state;

	assert_string_equal(prefix_print(x->out.ip4).text, "10.0.1.9/24");
	assert_string_equal(ip_print(x->out.router4).text, "10.0.1.1");
	assert_int_equal(x->out.ip6.family, IP_NONE);
	assert_string_equal(prefix_print(x->in.ip4).text, "10.0.0.9/26");
	assert_int_equal(x->in.router4.family, IP_NONE);
	assert_string_equal(ip_print(x->in.ip6).text, "fd00:0:0:1::9");
	assert_true(x->in.has_router6);
	assert_true(dhcp_lease_equal(&x->in, &x->in));
	assert_false(dhcp_lease_equal(&x->in, &x->out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		TEST(leases_are_what_the_file_says),
		TEST(who_asks_is_told_all_of_its_network),
		TEST(a_second_nic_has_no_router_by_ipv4),
		TEST(an_address_that_is_not_its_own_is_refused),
		TEST(a_lease_is_renewed_where_it_is),
		TEST(what_is_not_a_question_of_its_own_has_no_answer),
		TEST(what_is_cut_has_no_answer),
		TEST(who_asks_by_ipv6_is_given_its_address),
		TEST(what_it_has_and_is_not_its_own_ends),
		TEST(there_is_one_address_and_no_prefix),
		TEST(messages_must_name_who_they_are_for),
		TEST(a_router_says_that_addresses_come_by_dhcpv6),
		TEST(a_nic_without_ipv6_hears_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
