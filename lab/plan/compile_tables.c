/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fabric's tables: effective routes as the kernel takes them. */
#include "lab/plan/compile.h"

#include "lab/plan/fabric_ids.h"

#include <stdlib.h>

static const struct prefix any = { .addr.family = IP_V4 };
static const struct prefix any6 = { .addr.family = IP_V6 };

static void add(struct plan *plan, const struct fabric_table *table, enum route_type type,
		struct prefix prefix)
{
	plan_add_route(plan, FABRIC_NS, fabric_table_id(table), type, prefix,
		       table->subnet->object.pos);
}

static void add_gateway_row(struct plan *plan, const struct fabric_table *table,
			    const struct effective_route *row)
{
	const struct gateway_route *learned = row->learned;

	if (row->next_hops.items != learned->next_hops.items)
		return; /* shown as several rows (R1.10), it is one route */
	add(plan, table, ROUTE_UNICAST, row->prefix);
	for (size_t i = 0; i < learned->next_hops.count; i++) {
		const struct next_hop *hop = &learned->next_hops.items[i];

		plan_add_nexthop(plan, hop->ip, hop->port->port_ifindex, hop->port->port_name);
	}
}

/* R3.10: to the port of whoever has the address; of several next hops also to nobody's. */
static void add_appliance_row(struct plan *plan, const struct fabric *fabric,
			      const struct fabric_table *table, const struct effective_route *row,
			      struct prefix prefix)
{
	const struct topology *topology = fabric->topology;
	const struct vnet *vnet = table->subnet->vnet;
	const struct interface *port;

	port = fabric_find_port(topology, vnet, row->next_hops.items[0].ip);
	if (row->next_hops.count == 1 && !port) {
		add(plan, table, ROUTE_BLACKHOLE, prefix);
		return;
	}
	add(plan, table, ROUTE_UNICAST, prefix);
	for (size_t i = 0; i < row->next_hops.count; i++) {
		struct ip hop = row->next_hops.items[i].ip;

		port = fabric_find_port(topology, vnet, hop);
		plan_add_nexthop(plan, hop, port ? port->port_ifindex : STAND_IN_IFINDEX,
				 port ? port->port_name : STAND_IN);
	}
}

static void add_row(struct plan *plan, const struct fabric *fabric,
		    const struct fabric_table *table, const struct effective_route *row,
		    struct prefix prefix)
{
	if (!fabric_table_has(table, prefix.addr.family))
		return; /* shown, and without packets that it could be for */
	if (prefix.len == ip_bits(prefix.addr) &&
	    fabric_is_own_msee(fabric->topology, table->subnet, prefix.addr))
		return; /* see add_own_msees */
	switch (row->type) {
	case NEXT_HOP_VNET_LOCAL:
	case NEXT_HOP_VNET_PEERING:
	case NEXT_HOP_VNET_GLOBAL_PEERING:
	case NEXT_HOP_INTERFACE_ENDPOINT:
		add(plan, table, ROUTE_THROW, prefix); /* to the delivery table */
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		if (row->source == SOURCE_GATEWAY)
			add_gateway_row(plan, table, row);
		else
			add(plan, table, ROUTE_BLACKHOLE, prefix); /* R3.12: no VPN gateway */
		return;
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		add_appliance_row(plan, fabric, table, row, prefix);
		return;
	case NEXT_HOP_INTERNET: /* there is nothing behind these in a lab yet */
	case NEXT_HOP_SERVICE_ENDPOINT:
	case NEXT_HOP_NONE:
		add(plan, table, ROUTE_BLACKHOLE, prefix);
		return;
	}
}

/* What fabric_is_own_msee says, for all of them. */
static void add_own_msees(struct plan *plan, const struct topology *topology,
			  const struct fabric_table *table)
{
	for (size_t i = 0; table->subnet->route_table && i < topology->ports.count; i++) {
		const struct interface *port = topology->ports.items[i];

		if (port->kind == INTERFACE_MSEE && port->subnet == table->subnet)
			add(plan, table, ROUTE_THROW, prefix_host(port->ip));
	}
}

/* A prefix of a row of several, which another active row may have, too. */
struct part {
	struct prefix prefix;
	const struct effective_route *row;
};

static int part_compare(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int order = prefix_compare(x->prefix, y->prefix);

	if (!order)
		order = effective_route_is_stronger(y->row, x->row) -
			effective_route_is_stronger(x->row, y->row);
	return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* With rows of several prefixes: of each prefix the strongest (R2.10, R3.18). */
static void compile_parts(struct plan *plan, const struct fabric *fabric,
			  const struct fabric_table *table, const struct effective_routes *routes)
{
	struct part *parts = NULL;
	size_t count = 0;

	for (size_t i = 0; i < routes->routes.count; i++)
		count += effective_route_count(&routes->routes.items[i]);
	parts = calloc(count + 1, sizeof(*parts));
	if (!parts)
		abort();
	count = 0;
	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		for (size_t n = 0; row->state == ROUTE_ACTIVE && n < effective_route_count(row);
		     n++)
			parts[count++] = (struct part){ effective_route_prefix(row, n), row };
	}
	qsort(parts, count, sizeof(*parts), part_compare);
	for (size_t i = 0; i < count; i++)
		if (!i || !prefix_equal(parts[i].prefix, parts[i - 1].prefix))
			add_row(plan, fabric, table, parts[i].row, parts[i].prefix);
	free(parts);
}

static void compile_subnet(struct plan *plan, const struct fabric *fabric,
			   const struct fabric_table *table)
{
	const struct effective_routes *routes = fabric_subnet_routes(fabric, table);
	bool has_default = false, has_default6 = false;

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		has_default |= row->state == ROUTE_ACTIVE && prefix_equal(row->prefix, any);
		has_default6 |= row->state == ROUTE_ACTIVE && prefix_equal(row->prefix, any6);
	}
	for (size_t i = 0; i < routes->routes.count && !routes->has_lists; i++)
		if (routes->routes.items[i].state == ROUTE_ACTIVE)
			add_row(plan, fabric, table, &routes->routes.items[i],
				routes->routes.items[i].prefix);
	if (routes->has_lists)
		compile_parts(plan, fabric, table, routes);
	add_own_msees(plan, fabric->topology, table);
	if (!has_default) /* else what the table does not name would fall through to other rules */
		add(plan, table, ROUTE_BLACKHOLE, any);
	if (!has_default6 && fabric_table_has(table, IP_V6))
		add(plan, table, ROUTE_BLACKHOLE, any6);
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
	for (size_t i = 0; i < content->msee->routes.count; i++) {
		const struct msee_route *route = &content->msee->routes.items[i];

		add(plan, table, ROUTE_UNICAST, route->prefix);
		for (size_t n = 0; n < route->instances.count; n++) {
			const struct interface *instance = route->instances.items[n];

			plan_add_nexthop(plan, instance->ip, instance->port_ifindex,
					 instance->port_name);
		}
	}
	add(plan, table, ROUTE_BLACKHOLE, any);
}

void plan_compile_table(struct plan *plan, const struct fabric *fabric,
			const struct fabric_table *table)
{
	if (table->msee)
		compile_msee(plan, fabric, table);
	else
		compile_subnet(plan, fabric, table);
}

struct plan *plan_compile_tables(const struct fabric *fabric)
{
	const struct topology *topology = fabric->topology;
	struct plan *plan = plan_new();

	for (size_t i = 0; i < topology->tables.count; i++)
		plan_compile_table(plan, fabric, topology->tables.items[i]);
	plan_sort(plan);
	return plan;
}

/* What is touched, as it is in the fabric now. */
static struct plan *compile_touches(const struct fabric *fabric,
				    const struct fabric_touches *touches)
{
	struct plan *plan = plan_new();

	for (size_t i = 0; i < touches->count; i++) {
		const struct fabric_touch *touch = &touches->items[i];
		const struct effective_route *row;

		if (touch->is_whole) {
			plan_compile_table(plan, fabric, touch->table);
			continue;
		}
		row = effective_routes_find(fabric_subnet_routes(fabric, touch->table),
					    touch->prefix);
		if (row)
			add_row(plan, fabric, touch->table, row, touch->prefix);
	}
	plan_sort(plan);
	return plan;
}

struct plan *plan_settle(struct fabric *fabric, const struct fabric_touches *touches)
{
	struct plan *before = compile_touches(fabric, touches), *after, *changes;

	fabric_settle(fabric, touches);
	after = compile_touches(fabric, touches);
	changes = plan_diff(before, after);
	plan_free(before);
	plan_free(after);
	return changes;
}

struct plan *plan_learn(struct fabric *fabric)
{
	struct fabric_touches touches = fabric_learn(fabric);
	struct plan *changes = plan_settle(fabric, &touches);

	free(touches.items);
	return changes;
}
