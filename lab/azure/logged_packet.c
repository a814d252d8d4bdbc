/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/logged_packet.h"

#include "lab/azure/rule_match.h"

#define V4_HEADER        20
#define V6_HEADER        40
#define FRAGMENT_OFFSET  0x1fff /* of IPv4, in units of eight bytes */
#define FRAGMENT_OFFSET6 0xfff8
#define TCP_FLAGS        13
#define OPTIONS_MAX      8 /* headers before that of the protocol */

enum { /* headers of IPv6 that stand before the protocol's; AH is a protocol for NSGs (NSG-04) */
	HEADER_HOP_BY_HOP = 0,
	HEADER_ROUTING = 43,
	HEADER_FRAGMENT = 44,
	HEADER_DESTINATION = 60,
};

enum { /* types of ICMP that have an id, by family */
	ECHO_REPLY = 0,
	ECHO_REQUEST = 8,
	ECHO6_REQUEST = 128,
	ECHO6_REPLY = 129,
};

static uint16_t read16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static struct ip address(const uint8_t *bytes, enum ip_family family)
{
	struct ip ip = { .family = (uint8_t)family };

	memcpy(ip.bytes, bytes, family == IP_V6 ? 16 : 4);
	return ip;
}

const char *protocol_name(uint8_t protocol)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = { { PROTOCOL_NUMBER_TCP, "Tcp" },   { PROTOCOL_NUMBER_UDP, "Udp" },
		      { PROTOCOL_NUMBER_ICMP, "Icmp" }, { PROTOCOL_NUMBER_ICMPV6, "Icmp" },
		      { PROTOCOL_NUMBER_ESP, "Esp" },   { 51, "Ah" } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	return NULL;
}

static bool has_id(const struct logged_packet *packet, uint8_t type)
{
	if (packet->tuple.protocol == PROTOCOL_NUMBER_ICMP)
		return type == ECHO_REQUEST || type == ECHO_REPLY;
	return packet->tuple.protocol == PROTOCOL_NUMBER_ICMPV6 &&
	       (type == ECHO6_REQUEST || type == ECHO6_REPLY);
}

/* What stands behind the headers of IP; where it is cut off, nothing is known of it. */
static void parse_protocol(const uint8_t *bytes, size_t size, struct logged_packet *packet)
{
	if (packet->is_later_fragment)
		return;
	if (packet->tuple.protocol == PROTOCOL_NUMBER_ICMP ||
	    packet->tuple.protocol == PROTOCOL_NUMBER_ICMPV6)
		packet->type = *bytes;
	if (protocol_has_ports(packet->tuple.protocol) && size >= 4) {
		packet->tuple.source_port = read16(bytes);
		packet->tuple.destination_port = read16(bytes + 2);
		if (packet->tuple.protocol == PROTOCOL_NUMBER_TCP && size > TCP_FLAGS)
			packet->tcp_flags = bytes[TCP_FLAGS];
	} else if (size >= 6 && has_id(packet, *bytes)) {
		packet->id = read16(bytes + 4);
	}
}

static bool parse_v4(const uint8_t *bytes, size_t size, struct logged_packet *packet)
{
	size_t header = (bytes[0] & 0xfu) * 4;

	if (size < V4_HEADER || header < V4_HEADER)
		return false;
	packet->length = read16(bytes + 2);
	packet->is_later_fragment = (read16(bytes + 6) & FRAGMENT_OFFSET) != 0;
	packet->ttl = bytes[8];
	packet->tuple.protocol = bytes[9];
	packet->tuple.source = address(bytes + 12, IP_V4);
	packet->tuple.destination = address(bytes + 16, IP_V4);
	if (header < size)
		parse_protocol(bytes + header, size - header, packet);
	return true;
}

/* Where the protocol's header begins; `size` when that is cut off. */
static size_t skip_options(const uint8_t *bytes, size_t size, struct logged_packet *packet)
{
	uint8_t next = bytes[6];
	size_t at = V6_HEADER;

	for (unsigned i = 0; i < OPTIONS_MAX; i++) {
		packet->tuple.protocol = next;
		if (next != HEADER_HOP_BY_HOP && next != HEADER_ROUTING &&
		    next != HEADER_FRAGMENT && next != HEADER_DESTINATION)
			return at;
		if (size < 8 || at > size - 8)
			return size;
		if (next == HEADER_FRAGMENT)
			packet->is_later_fragment |=
				(read16(bytes + at + 2) & FRAGMENT_OFFSET6) != 0;
		next = bytes[at];
		at += bytes[at + 1] && packet->tuple.protocol != HEADER_FRAGMENT
			      ? 8 + (size_t)bytes[at + 1] * 8
			      : 8;
	}
	return size;
}

static bool parse_v6(const uint8_t *bytes, size_t size, struct logged_packet *packet)
{
	size_t at;

	if (size < V6_HEADER)
		return false;
	packet->length = V6_HEADER + read16(bytes + 4);
	packet->ttl = bytes[7];
	packet->tuple.source = address(bytes + 8, IP_V6);
	packet->tuple.destination = address(bytes + 24, IP_V6);
	at = skip_options(bytes, size, packet);
	if (at < size)
		parse_protocol(bytes + at, size - at, packet);
	return true;
}

bool logged_packet_parse(const uint8_t *bytes, size_t size, struct logged_packet *ret_packet)
{
	struct logged_packet packet = { 0 };
	unsigned version = size ? bytes[0] >> 4 : 0;

	if (!(version == 4 && parse_v4(bytes, size, &packet)) &&
	    !(version == 6 && parse_v6(bytes, size, &packet)))
		return false;
	*ret_packet = packet;
	return true;
}
