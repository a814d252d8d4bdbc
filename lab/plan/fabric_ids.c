/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/fabric_ids.h"

#define FIRST_DELIVERY_TABLE 1000
#define FIRST_FABRIC_TABLE   10000

uint32_t fabric_table_id(const struct fabric_table *table)
{
	return FIRST_FABRIC_TABLE + table->number;
}

uint32_t delivery_table_id(const struct network *network)
{
	return FIRST_DELIVERY_TABLE + network->number;
}

uint32_t port_mark(const struct interface *port)
{
	return port->table->number | port->network->number << MARK_VNET_SHIFT;
}
