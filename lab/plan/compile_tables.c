/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fabric's tables: effective routes as the kernel takes them. */
#include "lab/plan/compile.h"

#include "lab/azure/internet.h"
#include "lab/plan/fabric_ids.h"

#include <stdio.h>
#include <stdlib.h>

static const struct prefix any = { .addr.family = IP_V4 };
static const struct prefix any6 = { .addr.family = IP_V6 };

static void add(struct plan *plan, const struct fabric_table *table, enum route_type type,
		struct prefix prefix)
{
	plan_add_route(plan, FABRIC_NS, fabric_table_id(table), type, prefix,
		       table->subnet->object.pos);
}

/* The fabric knows an instance of a VPN gateway by its port's address, whatever is shown (R1.12).
 */
static struct ip hop_ip(const struct next_hop *hop)
{
	return hop->port && hop->port->kind == INTERFACE_GATEWAY ? hop->port->ip : hop->ip;
}

static void add_hop(struct plan *plan, const struct next_hop *hop)
{
	plan_add_nexthop(plan, hop_ip(hop), hop->port ? hop->port->port_ifindex : STAND_IN_IFINDEX,
			 hop->port ? hop->port->port_name : STAND_IN);
}

static bool has_port(const struct next_hop *hops, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hops[i].port)
			return true;
	return false;
}

/* Of several next hops some may be nobody's: what is spread to them is lost. */
static void add_hops(struct plan *plan, const struct fabric_table *table, struct prefix prefix,
		     const struct next_hop *hops, size_t count)
{
	if (!has_port(hops, count)) {
		add(plan, table, ROUTE_BLACKHOLE, prefix);
		return;
	}
	add(plan, table, ROUTE_UNICAST, prefix);
	for (size_t i = 0; i < count; i++)
		add_hop(plan, &hops[i]);
}

static void add_gateway_row(struct plan *plan, const struct fabric_table *table,
			    const struct effective_route *row)
{
	size_t count;
	const struct next_hop *hops = gateway_route_hops(row->learned, table->subnet, &count);

	if (row->next_hops.items == row->learned->next_hops.items) /* else R1.10: it is one route */
		add_hops(plan, table, row->prefix, hops, count);
}

/* R3.12, R5.17: to the VPN gateway that the virtual network uses. */
static void add_vpn_row(struct plan *plan, const struct fabric *fabric,
			const struct fabric_table *table, struct prefix prefix)
{
	struct next_hop hops[GATEWAY_INSTANCES];
	size_t count = fabric_vpn_hops(fabric, table->subnet->vnet, hops);

	add_hops(plan, table, prefix, hops, count);
}

/* R3.10: to the port of whoever has the address; of several next hops also to nobody's. */
static void add_appliance_row(struct plan *plan, const struct fabric *fabric,
			      const struct fabric_table *table, const struct effective_route *row,
			      struct prefix prefix)
{
	struct next_hop *hops = calloc(row->next_hops.count, sizeof(*hops));

	if (!hops)
		abort();
	for (size_t i = 0; i < row->next_hops.count; i++) {
		hops[i].ip = row->next_hops.items[i].ip;
		hops[i].port = fabric_find_port(fabric->topology, table->subnet->vnet, hops[i].ip);
	}
	add_hops(plan, table, prefix, hops, row->next_hops.count);
	free(hops);
}

/*
 * Delivery tables have the virtual network's machines and hosts of the Internet: the row says which
 * of them are meant. Where both are in a prefix, there are longer rows for the machines.
 */
static enum route_type delivery_type(const struct fabric *fabric, const struct fabric_table *table,
				     enum next_hop_type type, struct prefix prefix)
{
	bool has_hosts = fabric->topology->lab->internet_network && prefix.addr.family == IP_V4;
	bool is_outside = internet_is_outside(table->subnet->vnet, prefix);

	if (type == NEXT_HOP_INTERNET)
		return has_hosts && is_outside ? ROUTE_THROW : ROUTE_BLACKHOLE;
	return has_hosts && is_outside ? ROUTE_BLACKHOLE : ROUTE_THROW;
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
	case NEXT_HOP_INTERNET:
		add(plan, table, delivery_type(fabric, table, row->type, prefix), prefix);
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		if (row->source == SOURCE_GATEWAY)
			add_gateway_row(plan, table, row);
		else
			add_vpn_row(plan, fabric, table, prefix);
		return;
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		add_appliance_row(plan, fabric, table, row, prefix);
		return;
	case NEXT_HOP_SERVICE_ENDPOINT: /* there is nothing behind these in a lab yet */
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

static void compile_tag(struct plan *plan, const char *block, const struct prefixes *prefixes,
			struct src_pos pos)
{
	char text[120];

	(void)snprintf(text, sizeof(text), "\t%s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t}\n",
		       block);
	plan_add_blocks(plan, FABRIC_NS, FABRIC_NFT, text, pos);
	for (size_t i = 0; i < prefixes->count; i++)
		plan_add_element(plan, FABRIC_NS, FABRIC_NFT, block, prefixes->items[i], pos);
}

/* What VirtualNetwork is by it; gateways teach ranges of IPv4 only. */
static void compile_tags(struct plan *plan, const struct fabric *fabric, const struct vnet *hub)
{
	const struct taught_tags *tags = fabric_tags(fabric, hub);
	unsigned number = taught_set_number(fabric->topology, hub);
	char block[40];

	if (!tags->is_asked)
		return;
	(void)snprintf(block, sizeof(block), "set " TAUGHT_SET, number);
	compile_tag(plan, block, &tags->prefixes, hub->object.pos);
	(void)snprintf(block, sizeof(block), "set " DEFAULT_SET, number);
	compile_tag(plan, block, &tags->defaults, hub->object.pos);
}

struct plan *plan_compile_tables(const struct fabric *fabric)
{
	const struct topology *topology = fabric->topology;
	struct plan *plan = plan_new();

	for (size_t i = 0; i < topology->tables.count; i++)
		plan_compile_table(plan, fabric, topology->tables.items[i]);
	for (size_t i = 0; i < topology->lab->virtual_networks.count; i++)
		compile_tags(plan, fabric, &topology->lab->virtual_networks.items[i]);
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

		if (!touch->table) {
			compile_tags(plan, fabric, touch->hub);
			continue;
		}
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
