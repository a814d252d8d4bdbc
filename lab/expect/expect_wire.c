/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/expect/expect_wire.h"

#include "lab/base/arena.h"
#include "lab/expect/expect_way.h"

#include <stdio.h>

#define NAT_T_PORT 4500
#define UDP_HEADER 8
#define SPI_SIZE   4

/* ---- whose it is ---- */

static bool has_address(const struct wire_addresses *addresses, struct ip ip)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (ip_equal(addresses->items[i], ip))
			return true;
	return false;
}

static bool add_address(struct arena *arena, struct wire_addresses *addresses, struct ip ip)
{
	if (ip.family == IP_NONE || has_address(addresses, ip))
		return false;
	*ARENA_PUSH(arena, addresses->items, addresses->count) = ip;
	return true;
}

bool wire_flow_learn(struct wire_flow *flow, const struct expectation *e,
		     const struct fabric *fabric)
{
	struct ways ways = ways_of(e, fabric);
	bool is_new;

	flow->protocol = ways.packet.protocol;
	flow->destination_port = ways.packet.destination_port;
	is_new = add_address(flow->arena, &flow->sources, ways.packet.source);
	is_new |= add_address(flow->arena, &flow->destinations, ways.packet.to);
	while (ways_next(&ways)) {
		for (unsigned i = 0; i < ways.flow.masquerade_count; i++)
			is_new |= add_address(flow->arena, &flow->sources,
					      ways.flow.masquerades[i].outside);
		is_new |= add_address(flow->arena, &flow->sources, ways.flow.source);
		is_new |= add_address(flow->arena, &flow->destinations, ways.flow.to);
	}
	return is_new;
}

/* In UDP, what is not ESP is told by its first bytes: a byte alone keeps NAT open, zeros are IKE.
 */
static bool is_esp_in_udp(const struct logged_packet *packet, const uint8_t *bytes, size_t size)
{
	size_t at = (bytes[0] & 0xfu) * 4 + UDP_HEADER;
	uint8_t spi = 0;

	if (packet->is_later_fragment || packet->tuple.protocol != PROTOCOL_NUMBER_UDP ||
	    (packet->tuple.source_port != NAT_T_PORT &&
	     packet->tuple.destination_port != NAT_T_PORT) ||
	    packet->length <= at + SPI_SIZE || size < at + SPI_SIZE)
		return false;
	for (size_t i = 0; i < SPI_SIZE; i++)
		spi |= bytes[at + i];
	return spi;
}

bool wire_packet_parse(const uint8_t *bytes, size_t size, struct wire_packet *ret_packet)
{
	struct logged_packet packet;

	if (!logged_packet_parse(bytes, size, &packet))
		return false;
	ret_packet->packet = packet;
	ret_packet->is_esp =
		packet.tuple.protocol == PROTOCOL_NUMBER_ESP ||
		(packet.tuple.source.family == IP_V4 && is_esp_in_udp(&packet, bytes, size));
	return true;
}

bool wire_flow_has(const struct wire_flow *flow, const struct wire_packet *packet)
{
	const struct flow_tuple *tuple = &packet->packet.tuple;

	return !packet->is_esp && tuple->protocol == flow->protocol &&
	       tuple->destination_port == flow->destination_port &&
	       has_address(&flow->sources, tuple->source) &&
	       has_address(&flow->destinations, tuple->destination);
}

/* ---- what it should be ---- */

static bool crosses_a_cable(const struct expectation *e, const struct fabric *fabric)
{
	struct ways ways = ways_of(e, fabric);

	while (ways_next(&ways))
		if (ways.flow.cable_count)
			return true;
	return false;
}

enum outcome expect_wire(const struct expectation *e, const struct fabric *fabric,
			 const struct wire_sight *sight, char *why, size_t size)
{
	bool is_in_clear = sight->clear_on;

	if (!e->encrypted.pos.line)
		return OUTCOME_PASS;
	if (is_in_clear) {
		(void)snprintf(why, size, "seen in clear on %s", sight->clear_on);
		return e->encrypted.value ? OUTCOME_FAIL : OUTCOME_PASS;
	}
	if (sight->why_not) {
		(void)snprintf(why, size, "whether it is encrypted was not seen: %s",
			       sight->why_not);
		return OUTCOME_UNKNOWN;
	}
	if (!crosses_a_cable(e, fabric)) {
		(void)snprintf(why, size, "it crosses no cable, where its packets could be seen");
		return OUTCOME_UNKNOWN;
	}
	if (e->encrypted.value) {
		(void)snprintf(why, size, "no ESP was seen on any cable");
		return sight->esp_on || sight->mac_sec_on ? OUTCOME_PASS : OUTCOME_FAIL;
	}
	(void)snprintf(why, size, "not seen in clear on any cable%s%s",
		       sight->esp_on       ? ", but ESP on "
		       : sight->mac_sec_on ? ", but MACsec on "
					   : "",
		       sight->esp_on       ? sight->esp_on
		       : sight->mac_sec_on ? sight->mac_sec_on
					   : "");
	return OUTCOME_FAIL;
}
