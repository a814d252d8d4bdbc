/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/fabric_ids.h"

#define FIRST_DELIVERY_TABLE 1000
#define FIRST_FABRIC_TABLE   10000
#define FIRST_EDGE_ZONE      0x4000u /* networks have fewer bits in marks */

const struct prefix azure_link_local = {
	.addr = { .family = IP_V6,
		  .bytes = { 0xfe, 0x80, [10] = 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc } },
	.len = 64,
};

uint32_t fabric_table_id(const struct fabric_table *table)
{
	return FIRST_FABRIC_TABLE + table->number;
}

bool fabric_table_has(const struct fabric_table *table, enum ip_family family)
{
	return family != IP_V6 || (!table->msee && vnet_has_ipv6(table->subnet->vnet));
}

uint32_t delivery_table_id(const struct network *network)
{
	return FIRST_DELIVERY_TABLE + network->number;
}

unsigned edge_zone_id(const struct network *network)
{
	return FIRST_EDGE_ZONE + network->number;
}

uint32_t port_mark(const struct interface *port)
{
	return port->table->number | port->network->number << MARK_VNET_SHIFT;
}

unsigned taught_set_number(const struct topology *topology, const struct vnet *hub)
{
	return topology_network(topology, hub)->number;
}
