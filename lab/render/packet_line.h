/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Captured packets as lines for people: which flow it is of, its TTL, its length. */
#include "lab/base/macros.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct captured_packet {
	const char *place; /* "hub-nva/eth0" */
	uint64_t time_ns;  /* Unix time */
	bool is_out;       /* out of that machine */
	uint16_t protocol; /* what is behind the link's header, as Ethernet numbers it */
	const uint8_t *bytes;
	size_t captured, header; /* of those bytes, and of the link's header before IP's */
	uint32_t length;         /* of the whole packet, with the link's header */
};

/* `stamp` is the time of day, to the second; what is behind it is added. */
void packet_line_print(const struct captured_packet *packet, const char *stamp, FILE *out);
/* Tabs between Unix time, place, in or out, source, destination, what it is, TTL and length. */
void packet_line_print_tsv(const struct captured_packet *packet, FILE *out);
json_t *packet_line_json(const struct captured_packet *packet) NODISCARD;
