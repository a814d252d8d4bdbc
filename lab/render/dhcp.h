/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What Azure answers to a machine that asks for its addresses: DHCP (RFC 2131), DHCPv6 (RFC 8415)
 * and router advertisements (RFC 4861). Frames in, frames out, and nothing is kept between two:
 * who asks gets what the lab file gives its NIC, for ever, and nothing else.
 */
#include "lab/model/topology.h"

/* What a NIC is told: of its first IP configuration, and of the first with IPv6. */
struct dhcp_lease {
	uint8_t mac[MAC_SIZE]; /* whose it is: nobody else is answered */
	struct prefix ip4;     /* its address, with the length of its subnet */
	struct ip router4;     /* IP_NONE: routes come by another NIC */
	struct ip ip6;         /* IP_NONE: it has none, and hears nothing of IPv6 */
	bool has_router6;
};

#define DHCP_FRAME_MAX 1514u /* Ethernet's, with its head */

enum dhcp_told {
	DHCP_NOTHING,
	DHCP_OFFERED,
	DHCP_GIVEN,
	DHCP_REFUSED,    /* it asked for an address that is not its own */
	DHCP_CONFIGURED, /* anything else: who the router is, a status */
};

struct dhcp_answer {
	enum dhcp_told told;
	enum ip_family family;
	size_t size; /* 0 with DHCP_NOTHING */
	uint8_t frame[DHCP_FRAME_MAX];
};

/* Of a port of the fabric. */
struct dhcp_lease dhcp_lease_of(const struct interface *port);
bool dhcp_lease_equal(const struct dhcp_lease *a, const struct dhcp_lease *b);

/* To a frame that came in at the port, of any bytes. */
void dhcp_answer(const struct dhcp_lease *lease, const uint8_t *frame, size_t size,
		 struct dhcp_answer *ret_answer);
/* What a router says unasked, from time to time; DHCP_NOTHING without IPv6. */
void dhcp_advertise(const struct dhcp_lease *lease, struct dhcp_answer *ret_answer);
#define DHCP_ADVERTISE_S 600u /* how often: well within the lifetime that is told */
