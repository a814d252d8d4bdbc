/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of captures: those of one file with every kind of block, which tshark reads as the
 * scenario tests/root/capture.sh says; where a file may be cut; packets as lines.
 */
#include "tests/support/test.h"

#include "lab/render/packet_line.h"
#include "lab/render/pcapng.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN   "tests/golden/capture/each_block.pcapng"
#define START_NS 1795360000123456789ull
#define BLOCKS   8

/* An echo request in Ethernet, of 10.0.0.4 to 10.0.1.4; from byte 14 on it has no link. */
static const uint8_t echo[] = {
	0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x00, 0x0d, 0x3a, 0x00, 0x00, 0x04, 0x08, 0x00, 0x45,
	0x00, 0x00, 0x1d, 0x00, 0x01, 0x40, 0x00, 0x40, 0x01, 0x25, 0xd8, 10,   0,    0,    4,
	10,   0,    1,    4,    8,    0,    0x73, 0xa5, 0x12, 0x34, 0x00, 0x01, 0x71,
};

static void put_each_block(struct pcapng *f)
{
	static const struct pcapng_interface interfaces[] = {
		{ PCAPNG_LINK_ETHERNET, 262144, "vm1/eth0", "NIC vm1-nic of vm1",
		  "there: out\nback: in", "icmp" },
		{ PCAPNG_LINK_RAW, 28, "gw-0/tun0", NULL, NULL, NULL },
	};
	struct pcapng_packet packet = { 0,
					START_NS + 1,
					echo,
					sizeof(echo),
					sizeof(echo),
					PCAPNG_OUTBOUND,
					PCAPNG_RECEPTION_UNKNOWN };

	pcapng_put_section(f, "hublab test", "lab t: vm1 to vm2, icmp");
	pcapng_put_interface(f, &interfaces[0]);
	pcapng_put_interface(f, &interfaces[1]);
	pcapng_put_packet(f, &packet);
	packet.direction = PCAPNG_INBOUND;
	packet.reception = PCAPNG_UNICAST;
	packet.time_ns += 999;
	pcapng_put_packet(f, &packet);
	packet = (struct pcapng_packet){ 1,
					 START_NS + 2000,
					 echo + 14,
					 28,
					 sizeof(echo) - 14,
					 PCAPNG_INBOUND,
					 PCAPNG_PROMISCUOUS };
	pcapng_put_packet(f, &packet);
	pcapng_put_statistics(f, &(struct pcapng_statistics){ 0, START_NS, START_NS + 3000, 2, 0 });
	pcapng_put_statistics(f, &(struct pcapng_statistics){ 1, START_NS, START_NS + 3000,
							      0x100000001ull, 0x100000000ull });
}

static void each_block_is_as_it_was_when_tshark_read_it(void **state)
{
	struct pcapng f = { 0 };
	size_t len = 0;
	char *golden;
	FILE *out;

	(void)state;
	put_each_block(&f);
	if (getenv("UPDATE_GOLDEN")) {
		out = fopen(GOLDEN, "w");
		assert_non_null(out);
		assert_int_equal(fwrite(f.bytes, 1, f.len, out), f.len);
		assert_int_equal(fclose(out), 0);
	}
	golden = read_file(GOLDEN, &len);
	assert_int_equal(len, f.len);
	assert_memory_equal(golden, f.bytes, len);
	free(golden);
	pcapng_fini(&f);
	assert_null(f.bytes);
}

static void a_file_is_cut_between_blocks(void **state)
{
	size_t whole, last = 0, blocks = 0;
	struct pcapng f = { 0 };

	(void)state;
	put_each_block(&f);
	for (size_t len = 0; len <= f.len; len++) {
		whole = pcapng_whole(f.bytes, len);
		assert_true(whole <= len);
		assert_true(whole >= last);
		blocks += whole > last;
		last = whole;
	}
	assert_int_equal(blocks, BLOCKS);
	assert_int_equal(last, f.len);
	/* what is no block at all is nothing that is whole */
	f.bytes[4] = 4;
	assert_int_equal(pcapng_whole(f.bytes, f.len), 0);
	pcapng_fini(&f);
}

/* Options have a length of 16 bits. */
static void long_texts_are_cut_to_what_an_option_holds(void **state)
{
	struct pcapng_interface interface = { .link = PCAPNG_LINK_ETHERNET };
	struct pcapng f = { 0 };
	char *text = malloc(100001);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 100000);
	text[100000] = '\0';
	interface.comment = interface.filter = text;
	pcapng_put_interface(&f, &interface);
	/* block, fixed part, two options of 65535 and their padding, the resolution, the end */
	assert_int_equal(f.len, 12 + 8 + 2 * (4 + 65536) + 8 + 4);
	assert_int_equal(pcapng_whole(f.bytes, f.len), f.len);
	pcapng_fini(&f);
	free(text);
}

/* ---- lines ---- */

static char *line_of(const struct captured_packet *packet)
{
	struct memory_file file = { 0 };

	packet_line_print(packet, "12:00:00", memory_open(&file));
	return memory_close(&file);
}

static void assert_line(const struct captured_packet *packet, const char *wanted)
{
	char *text = line_of(packet);

	assert_string_equal(text, wanted);
	free(text);
}

/* What stands in the IP header's protocol, and behind that header. */
static void assert_ip_line(uint8_t protocol, const uint8_t *rest, size_t len, const char *wanted)
{
	uint8_t bytes[sizeof(echo) + 20];
	struct captured_packet packet = { "vm1/eth0", START_NS, false, 0x0800,
					  bytes,      34 + len, 14,    (uint32_t)(34 + len) };

	memcpy(bytes, echo, 34);
	bytes[23] = protocol;
	memcpy(bytes + 34, rest, len);
	assert_line(&packet, wanted);
}

#define IP_LINE(protocol, wanted, ...)                                                             \
	assert_ip_line((protocol), (const uint8_t[]){ __VA_ARGS__ },                               \
		       sizeof((const uint8_t[]){ __VA_ARGS__ }), (wanted))
#define HEAD "12:00:00.123456 vm1/eth0 in  "

static void lines_say_what_passes(void **state)
{
	struct captured_packet packet = { "vm1/eth0", START_NS,     true, 0x0800,
					  echo,       sizeof(echo), 14,   98 };

	(void)state;
	assert_line(&packet, "12:00:00.123456 vm1/eth0 out 10.0.0.4 > 10.0.1.4 "
			     "icmp echo request id 4660 ttl 64 length 98\n");
	/* a tunnel's inside has no header of a link */
	packet.bytes += packet.header;
	packet.captured -= packet.header;
	packet.header = 0;
	assert_line(&packet, "12:00:00.123456 vm1/eth0 out 10.0.0.4 > 10.0.1.4 "
			     "icmp echo request id 4660 ttl 64 length 98\n");
	IP_LINE(6, HEAD "10.0.0.4:443 > 10.0.1.4:49152 tcp [S.] ttl 64 length 54\n", 1, 187, 192, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x12, 0, 0, 0, 0, 0, 0);
	IP_LINE(6, HEAD "10.0.0.4:443 > 10.0.1.4:49152 tcp [none] ttl 64 length 38\n", 1, 187, 192,
		0);
	IP_LINE(17, HEAD "10.0.0.4:53 > 10.0.1.4:49152 udp ttl 64 length 42\n", 0, 53, 192, 0, 0, 8,
		0, 0);
	IP_LINE(1, HEAD "10.0.0.4 > 10.0.1.4 icmp time exceeded ttl 64 length 42\n", 11, 0, 0, 0, 0,
		0, 0, 0);
	IP_LINE(1, HEAD "10.0.0.4 > 10.0.1.4 icmp type 13 ttl 64 length 42\n", 13, 0, 0, 0, 0, 0, 0,
		0);
	IP_LINE(50, HEAD "10.0.0.4 > 10.0.1.4 esp ttl 64 length 42\n", 0, 0, 0, 1, 0, 0, 0, 1);
	IP_LINE(89, HEAD "10.0.0.4 > 10.0.1.4 protocol 89 ttl 64 length 35\n", 2);
}

static void what_is_no_ip_is_told_by_its_ethertype(void **state)
{
	struct captured_packet packet = { "vm1/eth0", START_NS, false, 0x0806, echo, 42, 42, 42 };

	(void)state;
	assert_line(&packet, HEAD "arp length 42\n");
	packet.protocol = 0x88cc;
	assert_line(&packet, HEAD "ethertype 0x88cc length 42\n");
	packet.protocol = 0x0800; /* it ends in its link's header */
	packet.captured = 10;
	assert_line(&packet, HEAD "ethertype 0x0800 length 42\n");
}

static void rows_and_objects_say_the_same(void **state)
{
	struct captured_packet packet = { "vm1/eth0", START_NS,     true, 0x0800,
					  echo,       sizeof(echo), 14,   98 };
	struct memory_file file = { 0 };
	json_t *json = packet_line_json(&packet);
	char *text;

	(void)state;
	packet_line_print_tsv(&packet, memory_open(&file));
	text = memory_close(&file);
	assert_string_equal(text, "1795360000.123456\tvm1/eth0\tout\t10.0.0.4\t10.0.1.4\t"
				  "icmp echo request id 4660\t64\t98\n");
	free(text);
	assert_true(json_is_true(json_object_get(json, "is_out")));
	assert_string_equal(json_string_value(json_object_get(json, "source")), "10.0.0.4");
	assert_int_equal(json_integer_value(json_object_get(json, "ttl")), 64);
	json_decref(json);
	packet.protocol = 0x0806;
	packet.header = sizeof(echo);
	json = packet_line_json(&packet);
	assert_null(json_object_get(json, "source"));
	assert_string_equal(json_string_value(json_object_get(json, "words")), "arp");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_block_is_as_it_was_when_tshark_read_it),
		cmocka_unit_test(a_file_is_cut_between_blocks),
		cmocka_unit_test(long_texts_are_cut_to_what_an_option_holds),
		cmocka_unit_test(lines_say_what_passes),
		cmocka_unit_test(what_is_no_ip_is_told_by_its_ethertype),
		cmocka_unit_test(rows_and_objects_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
