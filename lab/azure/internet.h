/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Azure's edge to the Internet (azure-security.md chapter 7): who has which address there, and as
 * what packets leave. From it the kernel's NAT is made, and packets are followed. IPv4 alone.
 */
#include "lab/model/topology.h"

/* OUT-05, the strongest first. */
enum outbound_method {
	OUTBOUND_NAT_GATEWAY,
	OUTBOUND_PUBLIC_IP, /* of the NIC: its primary address alone */
	OUTBOUND_DEFAULT,   /* an address of Azure's own */
	OUTBOUND_NONE       /* OUT-07 */
};

struct outbound {
	enum outbound_method method;
	const struct nat_gateway *nat_gateway; /* OUTBOUND_NAT_GATEWAY */
	struct ip ip;                          /* as which it leaves; of several the first */
};

/*
 * How what a port sends from one of its machine's addresses goes to the Internet: nothing that is
 * not the NIC's own does.
 */
struct outbound internet_outbound(const struct interface *port, struct ip source);
/* Does a NAT gateway take the protocol (OUT-06)? */
bool nat_gateway_takes(uint8_t protocol);
/* By default outbound access: the same for all NICs of a subnet (OUT-07). */
struct ip internet_default_ip(const struct fabric_table *table);

/* The host that has an address; NULL when none has. */
const struct interface *internet_find_host(const struct topology *topology, struct ip ip);
/* What a public address of the file is to the Internet; NULL when it is none. */
const struct public_ip *internet_find_public(const struct topology *topology, struct ip ip);

/* The virtual network whose machines have an address there; NULL when nobody has it. */
const struct network *internet_find_network(const struct topology *topology, struct ip ip);

/*
 * Does neither the virtual network nor one that is peered with it hold all of a prefix? Only then
 * its routes to the Internet lead there, and only else those to the virtual network lead anywhere.
 */
bool internet_is_outside(const struct vnet *vnet, struct prefix prefix);
