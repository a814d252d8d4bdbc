/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Numbers by which the fabric's rules, tables and marks know each other. */
#include "lab/model/topology.h"

/* Every port has this address: the next hop of all that guests send by IPv6. */
extern const struct prefix azure_link_local;

uint32_t fabric_table_id(const struct fabric_table *table); /* of a subnet or an MSEE's port */
uint32_t delivery_table_id(const struct network *network);  /* every port a network can reach */

/* An empty bridge: makes proxy ARP answer for every address, and swallows what is for nobody. */
#define STAND_IN         "any0"
#define STAND_IN_IFINDEX 2

/* Do packets of the family come by it? Of IPv6 from NICs in virtual networks of dual stack. */
bool fabric_table_has(const struct fabric_table *table, enum ip_family family);

/*
 * Sets of what a gateway teaches: prefixes, and defaults. They are asked where something filters,
 * and only their elements change when something is learned.
 */
#define TAUGHT_SET  "s_taught_%u"
#define DEFAULT_SET "s_default_%u"
unsigned taught_set_number(const struct topology *topology, const struct vnet *hub);

/* A packet's mark says from which port's table and from which virtual network it comes. */
uint32_t port_mark(const struct interface *port);

#define MARK_TABLE_MASK 0x0000ffffu /* number of the fabric table */
#define MARK_VNET_MASK  0x1fff0000u /* number of the virtual network */
#define MARK_VNET_SHIFT 16
/*
 * Behind the routing, in the forward chain, the mark's lower bits say other things: to which of the
 * tags that are computed the addresses belong at the port that is looked at, and which layer an NSG
 * is looked at for.
 */
#define MARK_SOURCE_VNET          0x01u
#define MARK_DESTINATION_VNET     0x02u
#define MARK_SOURCE_INTERNET      0x04u
#define MARK_DESTINATION_INTERNET 0x08u
#define MARK_LAYER_SUBNET         0x10u
#define MARK_ALWAYS_ALLOWED       0x20u /* by an admin rule: NSGs are not asked (AVNM-03) */
#define FLOW_LOG_GROUP            5     /* of nflog */
#define FLOW_LOG_BYTES            64

/*
 * What crosses the edge to the Internet has conntrack zones of its own, one a virtual network. So
 * its state is not that of packets inside: an answer that a route sends to an appliance keeps its
 * private source (OUT-08).
 */
unsigned edge_zone_id(const struct network *network);

#define MARK_TTL_255 0x80000000u /* arrived with a TTL that cannot be raised */
