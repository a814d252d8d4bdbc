/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first bytes of packets, whole, cut off and wrong. */
#include "tests/support/test.h"

#include "lab/expect/expect_wire.h"

#include <stdio.h>
#include <string.h>

struct bytes {
	uint8_t items[128];
	size_t size;
};

static void put(struct bytes *b, const void *bytes, size_t size)
{
	memcpy(b->items + b->size, bytes, size);
	b->size += size;
}

#define PUT(b, ...)                                                                                \
	put((b), (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* From 10.0.0.4 to 10.0.1.4, of 60 bytes; `options` of the header's words. */
static struct bytes v4(uint8_t protocol, unsigned options, uint16_t fragment)
{
	struct bytes b = { 0 };

	PUT(&b, (uint8_t)(0x45 + options), 0, 0, 60, 0, 1, (uint8_t)(fragment >> 8),
	    (uint8_t)fragment, 64, protocol, 0, 0, 10, 0, 0, 4, 10, 0, 1, 4);
	for (unsigned i = 0; i < options; i++)
		PUT(&b, 1, 1, 1, 1);
	return b;
}

static struct bytes v6(uint8_t next)
{
	struct bytes b = { 0 };

	PUT(&b, 0x60, 0, 0, 0, 0, 20, next, 64);
	PUT(&b, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4);
	PUT(&b, 0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4);
	return b;
}

static void assert_packet(const struct bytes *b, const char *wanted)
{
	struct logged_packet p;
	char text[200];

	if (!logged_packet_parse(b->items, b->size, &p)) {
		assert_string_equal(wanted, "none");
		return;
	}
	(void)snprintf(text, sizeof(text), "%u %s:%u %s:%u id %u length %u%s", p.tuple.protocol,
		       ip_print(p.tuple.source).text, p.tuple.source_port,
		       ip_print(p.tuple.destination).text, p.tuple.destination_port, p.id, p.length,
		       p.is_later_fragment ? " later" : "");
	assert_string_equal(text, wanted);
}

static void ports_stand_behind_the_header(void **state)
{
	struct bytes b = v4(6, 0, 0);

	(void)state;
	PUT(&b, 0xc3, 0x50, 0, 80);
	assert_packet(&b, "6 10.0.0.4:50000 10.0.1.4:80 id 0 length 60");
	b = v4(17, 10, 0);
	PUT(&b, 0, 53, 0xff, 0xff);
	assert_packet(&b, "17 10.0.0.4:53 10.0.1.4:65535 id 0 length 60");
	b = v4(50, 0, 0);
	PUT(&b, 1, 2, 3, 4);
	assert_packet(&b, "50 10.0.0.4:0 10.0.1.4:0 id 0 length 60");
}

static void pings_have_an_id(void **state)
{
	struct bytes b = v4(1, 0, 0);

	(void)state;
	PUT(&b, 8, 0, 0, 0, 0x12, 0x34, 0, 1);
	assert_packet(&b, "1 10.0.0.4:0 10.0.1.4:0 id 4660 length 60");
	b = v4(1, 0, 0);
	PUT(&b, 3, 1, 0, 0, 0x12, 0x34, 0, 1); /* of an error these bytes are something else */
	assert_packet(&b, "1 10.0.0.4:0 10.0.1.4:0 id 0 length 60");
	b = v6(58);
	PUT(&b, 128, 0, 0, 0, 0, 7, 0, 1);
	assert_packet(&b, "58 fd00::4:0 fd00:1::4:0 id 7 length 60");
}

static void later_fragments_have_no_ports(void **state) /* NSG-16 */
{
	struct bytes b = v4(17, 0, 0x2000);

	(void)state;
	PUT(&b, 0, 53, 0, 54);
	assert_packet(&b, "17 10.0.0.4:53 10.0.1.4:54 id 0 length 60");
	b = v4(17, 0, 0x00b9);
	PUT(&b, 0, 53, 0, 54);
	assert_packet(&b, "17 10.0.0.4:0 10.0.1.4:0 id 0 length 60 later");
	b = v6(44);
	PUT(&b, 17, 0, 0, 1, 0, 0, 0, 1, 0, 53, 0, 54);
	assert_packet(&b, "17 fd00::4:53 fd00:1::4:54 id 0 length 60");
	b = v6(44);
	PUT(&b, 17, 0, 5, 0xb8, 0, 0, 0, 1, 0, 53, 0, 54);
	assert_packet(&b, "17 fd00::4:0 fd00:1::4:0 id 0 length 60 later");
}

static void headers_before_the_protocol_are_passed(void **state)
{
	struct bytes b = v6(0);

	(void)state;
	PUT(&b, 60, 0, 0, 0, 0, 0, 0, 0);                        /* hop by hop */
	PUT(&b, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0); /* destination options */
	PUT(&b, 0, 22, 0, 23);
	assert_packet(&b, "6 fd00::4:22 fd00:1::4:23 id 0 length 60");
	b = v6(51); /* for NSGs that is the protocol */
	PUT(&b, 6, 1, 0, 0);
	assert_packet(&b, "51 fd00::4:0 fd00:1::4:0 id 0 length 60");
	b = v6(0);
	for (unsigned i = 0; i < 9; i++)
		PUT(&b, 0, 0, 0, 0, 0, 0, 0, 0); /* without an end */
	assert_packet(&b, "0 fd00::4:0 fd00:1::4:0 id 0 length 60");
}

static void what_is_cut_off_is_not_made_up(void **state)
{
	struct bytes b = v4(6, 0, 0);

	(void)state;
	PUT(&b, 0xc3, 0x50, 0);
	assert_packet(&b, "6 10.0.0.4:0 10.0.1.4:0 id 0 length 60");
	b.size = 19;
	assert_packet(&b, "none");
	b.size = 0;
	assert_packet(&b, "none");
	b = v6(6);
	b.size = 39;
	assert_packet(&b, "none");
	b = v6(0);
	PUT(&b, 6, 255, 0);
	assert_packet(&b, "0 fd00::4:0 fd00:1::4:0 id 0 length 60");
	b = v4(6, 0, 0);
	b.items[0] = 0x44; /* a header shorter than any */
	assert_packet(&b, "none");
	b.items[0] = 0x55;
	assert_packet(&b, "none");
}

/* ---- on a cable ---- */

static bool is_esp(const struct bytes *b)
{
	struct wire_packet packet;

	assert_true(wire_packet_parse(b->items, b->size, &packet));
	return packet.is_esp;
}

/* UDP from 4500 to a port, of what follows. */
static struct bytes nat_t(unsigned options, uint16_t fragment, uint16_t to)
{
	struct bytes b = v4(17, options, fragment);

	PUT(&b, 0x11, 0x94, (uint8_t)(to >> 8), (uint8_t)to, 0, 40, 0, 0);
	return b;
}

static void esp_is_known_by_itself_and_in_udp(void **state) /* RFC 3948 */
{
	struct bytes b = v4(50, 0, 0);

	(void)state;
	assert_true(is_esp(&b));
	b = nat_t(0, 0, 4500);
	PUT(&b, 0, 0, 0, 1);
	assert_true(is_esp(&b));
	b = nat_t(3, 0, 50000); /* behind NAT one end has another port */
	PUT(&b, 1, 0, 0, 0);
	assert_true(is_esp(&b));
}

static void what_else_goes_by_those_ports_is_no_esp(void **state)
{
	struct bytes b = nat_t(0, 0, 4500);
	struct wire_packet packet;

	(void)state;
	PUT(&b, 0, 0, 0); /* cut off */
	assert_false(is_esp(&b));
	PUT(&b, 0, 0x12, 0x34); /* IKE */
	assert_false(is_esp(&b));
	b = nat_t(0, 0, 4500);
	PUT(&b, 0xff, 0, 0, 0);
	b.items[3] = 29; /* one byte, and what fills a frame */
	assert_false(is_esp(&b));
	b = nat_t(0, 0x00b9, 4500); /* a later fragment has no ports */
	PUT(&b, 0, 0, 0, 1);
	assert_false(is_esp(&b));
	b = v4(17, 0, 0);
	PUT(&b, 0, 53, 0, 53, 0, 40, 0, 0, 1, 2, 3, 4);
	assert_false(is_esp(&b));
	b = v4(6, 0, 0);
	PUT(&b, 0x11, 0x94, 0x11, 0x94, 1, 2, 3, 4, 5, 6, 7, 8);
	assert_false(is_esp(&b));
	b = v6(17);
	PUT(&b, 0x11, 0x94, 0x11, 0x94, 0, 40, 0, 0, 1, 2, 3, 4);
	assert_false(is_esp(&b));
	assert_false(wire_packet_parse(b.items, 0, &packet));
}

/* From 10.0.0.4 to 10.0.1.4, the other way round, by another protocol and to another port. */
static void a_flow_has_packets_of_its_own_direction_and_protocol(void **state)
{
	struct ip from = ip4(0x0a000004), to = ip4(0x0a000104);
	struct wire_flow fetch = { .sources = { &from, 1 },
				   .destinations = { &to, 1 },
				   .protocol = 6,
				   .destination_port = 80 };
	struct wire_flow back = { .sources = { &to, 1 },
				  .destinations = { &from, 1 },
				  .protocol = 6,
				  .destination_port = 80 };
	struct wire_flow ping = fetch, esp = fetch;
	struct bytes b = v4(6, 0, 0);
	struct wire_packet packet;

	(void)state;
	ping.protocol = 1;
	ping.destination_port = 0;
	PUT(&b, 0xc3, 0x50, 0, 80);
	assert_true(wire_packet_parse(b.items, b.size, &packet));
	assert_true(wire_flow_has(&fetch, &packet));
	assert_false(wire_flow_has(&back, &packet));
	assert_false(wire_flow_has(&ping, &packet));
	fetch.destination_port = 8080;
	assert_false(wire_flow_has(&fetch, &packet));
	b = v4(1, 0, 0);
	PUT(&b, 8, 0, 0, 0, 0, 1, 0, 1);
	assert_true(wire_packet_parse(b.items, b.size, &packet));
	assert_true(wire_flow_has(&ping, &packet));
	b = v4(50, 0, 0);
	esp.protocol = 50;
	esp.destination_port = 0;
	assert_true(wire_packet_parse(b.items, b.size, &packet));
	assert_false(wire_flow_has(&esp, &packet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_stand_behind_the_header),
		cmocka_unit_test(pings_have_an_id),
		cmocka_unit_test(later_fragments_have_no_ports),
		cmocka_unit_test(headers_before_the_protocol_are_passed),
		cmocka_unit_test(what_is_cut_off_is_not_made_up),
		cmocka_unit_test(esp_is_known_by_itself_and_in_udp),
		cmocka_unit_test(what_else_goes_by_those_ports_is_no_esp),
		cmocka_unit_test(a_flow_has_packets_of_its_own_direction_and_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
