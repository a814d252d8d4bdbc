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

/* A packet's mark says from which port's table and from which virtual network it comes. */
uint32_t port_mark(const struct interface *port);

#define MARK_TABLE_MASK 0x0000ffffu /* number of the fabric table */
#define MARK_VNET_MASK  0x1fff0000u /* number of the virtual network */
#define MARK_VNET_SHIFT 16
#define MARK_TTL_255    0x80000000u /* arrived with a TTL that cannot be raised */
