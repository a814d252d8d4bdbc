/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Whether packets are encrypted where they cross cables, by the packets themselves: a part of
 * expect.h. Only those from the one machine to the other are a flow's; what answers them is not.
 */
#include "lab/azure/logged_packet.h"
#include "lab/expect/expect.h"

struct wire_addresses {
	struct ip *items;
	size_t count;
};

/* How a flow's own packets look on a cable: on their way they may be given other addresses. */
struct wire_flow {
	struct arena *arena; /* where its addresses are */
	struct wire_addresses sources, destinations;
	uint8_t protocol;
	uint16_t destination_port; /* 0 of ICMP */
};

/*
 * Add the addresses that it has by what is learned now; those that it had before stay, since its
 * packets may still be on their way. True when there were new ones.
 */
bool wire_flow_learn(struct wire_flow *flow, const struct expectation *expectation,
		     const struct fabric *fabric);

/* What one packet on a cable is, from its IP header on. */
struct wire_packet {
	bool is_esp; /* by itself or in UDP; IKE is not */
	struct logged_packet packet;
};
/* False when it is no packet of IP. */
bool wire_packet_parse(const uint8_t *bytes, size_t size, struct wire_packet *ret_packet) NODISCARD;
bool wire_flow_has(const struct wire_flow *flow, const struct wire_packet *packet);

/*
 * Is what was seen as the expectation says, if it says anything? Else `why` says what it is.
 * Without a cable on the way by what is learned there is nothing to be seen, and so it is unknown.
 */
enum outcome expect_wire(const struct expectation *expectation, const struct fabric *fabric,
			 const struct wire_sight *sight, char *why, size_t size);
