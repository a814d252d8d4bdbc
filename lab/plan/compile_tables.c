/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fabric's tables: effective routes as the kernel takes them. */
#include "lab/plan/compile.h"

#include "lab/plan/fabric_ids.h"

static const struct prefix any = { { IP_V4, { 0 } }, 0 };

static void add(struct plan *plan, const struct fabric_table *table, enum route_type type,
		struct prefix prefix)
{
	plan_add_route(plan, FABRIC_NS, fabric_table_id(table), type, prefix,
		       table->subnet->object.pos);
}

static void add_gateway_row(struct plan *plan, const struct fabric *fabric,
			    const struct fabric_table *table, const struct effective_route *row)
{
	add(plan, table, ROUTE_UNICAST, row->prefix);
	for (size_t i = 0; i < row->next_hops.count; i++) {
		const struct next_hop *hop = &row->next_hops.items[i];
		const struct interface *msee =
			topology_find_msee(fabric->topology, hop->connection, hop->path);

		plan_add_nexthop(plan, hop->ip, msee->port_ifindex, msee->port_name);
	}
}

static void compile_subnet(struct plan *plan, const struct fabric *fabric,
			   const struct fabric_table *table)
{
	const struct effective_routes *routes = fabric_subnet_routes(fabric, table);
	bool has_default = false;

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		if (row->state != ROUTE_ACTIVE)
			continue;
		has_default |= !row->prefix.len;
		switch (row->type) {
		case NEXT_HOP_VNET_LOCAL:
		case NEXT_HOP_VNET_PEERING:
		case NEXT_HOP_VNET_GLOBAL_PEERING:
			add(plan, table, ROUTE_THROW, row->prefix); /* to the delivery table */
			break;
		case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
			add_gateway_row(plan, fabric, table, row);
			break;
		case NEXT_HOP_INTERNET: /* there is nothing behind it in a lab yet */
		case NEXT_HOP_NONE:
			add(plan, table, ROUTE_BLACKHOLE, row->prefix);
			break;
		}
	}
	if (!has_default) /* else what the table does not name would fall through to other rules */
		add(plan, table, ROUTE_BLACKHOLE, any);
}

/*
 * All ports have one MAC, so the fabric cannot see which gateway instance the MSEE's kernel chose:
 * it chooses itself, among those that announced the prefix to this MSEE.
 */
static void compile_msee(struct plan *plan, const struct fabric *fabric,
			 const struct fabric_table *table)
{
	const struct fabric_content *content = &fabric->tables[table->index];
	const struct gateway *gateway = table->msee->connection->gateway;

	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
		add(plan, table, ROUTE_THROW, prefix_host(gateway->instance_ip[n]));
	for (size_t i = 0; i < content->msee.count; i++) {
		const struct msee_route *route = &content->msee.items[i];

		add(plan, table, ROUTE_UNICAST, route->prefix);
		for (size_t n = 0; n < route->instances.count; n++) {
			const struct interface *instance = route->instances.items[n];

			plan_add_nexthop(plan, instance->ip, instance->port_ifindex,
					 instance->port_name);
		}
	}
	add(plan, table, ROUTE_BLACKHOLE, any);
}

struct plan *plan_compile_tables(const struct fabric *fabric)
{
	const struct topology *topology = fabric->topology;
	struct plan *plan = plan_new();

	for (size_t i = 0; i < topology->tables.count; i++) {
		const struct fabric_table *table = topology->tables.items[i];

		if (table->msee)
			compile_msee(plan, fabric, table);
		else
			compile_subnet(plan, fabric, table);
	}
	plan_sort(plan);
	return plan;
}
