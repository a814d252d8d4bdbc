/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The first bytes of a packet, as the kernel logs them: which flow it is of. */
#include "lab/azure/verdict.h"

struct logged_packet {
	struct flow_tuple tuple;
	uint16_t id;                  /* of a ping and its answers */
	uint8_t ttl, type, tcp_flags; /* the second of ICMP; 0 where they are cut off */
	uint32_t length;              /* of the whole packet */
	bool is_later_fragment;
};

/* From the IP header on. False when it is none, or is cut off before its addresses end. */
bool logged_packet_parse(const uint8_t *bytes, size_t size, struct logged_packet *ret_packet)
	NODISCARD;

#define PROTOCOL_NUMBER_ICMP   1
#define PROTOCOL_NUMBER_TCP    6
#define PROTOCOL_NUMBER_UDP    17
#define PROTOCOL_NUMBER_ESP    50
#define PROTOCOL_NUMBER_ICMPV6 58

/* "Tcp"; NULL of one that rules have no word for. */
const char *protocol_name(uint8_t protocol);
