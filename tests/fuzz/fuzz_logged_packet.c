/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are said to be a packet's first: it is none, or has two addresses of one family. */
#include "lab/azure/rule_match.h"
#include "lab/expect/expect_wire.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_packet on_wire;
	struct logged_packet packet;

	if (!wire_packet_parse(data, size, &on_wire))
		return 0;
	packet = on_wire.packet;
	assert(packet.tuple.source.family == packet.tuple.destination.family);
	assert(packet.tuple.source.family == IP_V4 || packet.tuple.source.family == IP_V6);
	assert(protocol_has_ports(packet.tuple.protocol) ||
	       (!packet.tuple.source_port && !packet.tuple.destination_port));
	assert(!packet.is_later_fragment || (!packet.tuple.destination_port && !packet.id));
	assert(!on_wire.is_esp || !packet.is_later_fragment ||
	       packet.tuple.protocol == PROTOCOL_NUMBER_ESP);
	return 0;
}
