/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/gateway_ways.h"

#include "lab/azure/fabric.h"

#include <stdlib.h>
#include <string.h>

bool connection_has_prefix(const struct connection *connection, struct prefix prefix)
{
	const struct local_network_gateway *site = connection->local_network_gateway;

	for (size_t i = 0; site && i < site->address_prefixes.count; i++)
		if (prefix_equal(site->address_prefixes.items[i].prefix, prefix))
			return true;
	return false;
}

static int compare(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

/* What is of one list stands there in the order of the file. */
static int pointer_compare(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

/* MSEEs in the order of the file, whatever numbers their ports have. */
static int msee_compare(const struct way *a, const struct way *b)
{
	int order = compare(a->port->node->circuit->index, b->port->node->circuit->index);

	if (!order)
		order = compare(a->port->node->path, b->port->node->path);
	return order ? order
		     : compare(a->connection->index_in_circuit, b->connection->index_in_circuit);
}

/* Of equal ones the shorter path comes first, and then who told it. */
static int teller_compare(const struct way *a, const struct way *b)
{
	int order = compare((unsigned)a->path->count, (unsigned)b->path->count);

	if (!order)
		order = compare(a->from != NULL, b->from != NULL);
	return order || !a->from ? order : ip_compare(a->from->peer_ip, b->from->peer_ip);
}

static int way_compare(const void *a, const void *b)
{
	const struct way *x = a, *y = b;
	int order = prefix_compare(x->prefix, y->prefix);

	if (!order)
		order = compare(x->kind, y->kind);
	if (order)
		return order;
	switch (x->kind) {
	case WAY_EXPRESS_ROUTE:
		return msee_compare(x, y);
	case WAY_VPN:
		order = compare(x->port->node->instance, y->port->node->instance);
		if (!order)
			order = pointer_compare(x->connection, y->connection);
		break;
	case WAY_NVA:
		order = ip_compare(x->next_hop, y->next_hop);
		break;
	case WAY_KIND_COUNT:
		break;
	}
	return order ? order : teller_compare(x, y);
}

struct collector {
	struct gateway_routes *out;
	const struct learned *learned;
	size_t capacity;
	/* next hops of NVAs, found before */
	struct next_hop found[8];
	unsigned found_count;
};

static const struct rib *rib_of(const struct learned *learned, const struct bgp_speaker *speaker)
{
	return speaker ? &learned->ribs[speaker->index] : NULL;
}

static void collect(struct collector *c, struct way way)
{
	struct gateway_routes *out = c->out;

	if (out->ways.count == c->capacity) {
		c->capacity = c->capacity ? c->capacity * 2 : 64;
		out->ways.items = realloc(out->ways.items, c->capacity * sizeof(*out->ways.items));
		if (!out->ways.items)
			abort();
	}
	out->ways.items[out->ways.count++] = way;
}

/* What both instances have heard from MSEEs. */
static void collect_express_route(struct collector *c)
{
	const struct gateway *gateway = c->out->hub->express_route;

	for (unsigned n = 0; gateway && n < GATEWAY_INSTANCES; n++) {
		const struct rib *rib =
			rib_of(c->learned, bgp_find_instance(c->learned->graph, gateway, n));

		for (size_t i = 0; rib && i < rib->count; i++) {
			const struct rib_route *route = &rib->routes[i];
			const struct interface *port;

			if (route->class != BGP_CLASS_MSEE)
				continue;
			port = route->from->peer->interface;
			collect(c,
				(struct way){
					.prefix = route->prefix,
					.kind = WAY_EXPRESS_ROUTE,
					.path = route->path,
					.next_hop = port->node->circuit->msee_ip[port->node->path],
					.port = port,
					.connection = port->connection,
					.from = route->from });
		}
	}
}

/* What is behind a connection by the lab file (R5.5). */
static void set_site(struct way *way, const struct bgp_speaker *speaker)
{
	const struct bgp_network *site =
		bgp_find_network(speaker, way->prefix, BGP_CLASS_BIT(BGP_CLASS_LNG));

	for (size_t i = 0; site && i < site->tunnels.count; i++) {
		const struct interface *inside = site->tunnels.items[i];

		way->connection = inside->tunnel->connection;
		way->is_bgp_address |= prefix_equal(prefix_host(inside->peer_ip), way->prefix);
	}
	if (way->connection && connection_has_prefix(way->connection, way->prefix))
		way->is_bgp_address = false;
}

static void collect_instance(struct collector *c, const struct bgp_speaker *speaker, unsigned n)
{
	const struct rib *rib = rib_of(c->learned, speaker);

	for (size_t i = 0; i < rib->count; i++) {
		const struct rib_route *route = &rib->routes[i];
		struct way way = { .prefix = route->prefix,
				   .kind = WAY_VPN,
				   .path = route->path,
				   .next_hop = c->out->instances[n].ip,
				   .port = c->out->instances[n].port,
				   .from = route->from };

		if (route->class == BGP_CLASS_SITE)
			way.connection = route->from->interface->tunnel->connection;
		else if (route->class == BGP_CLASS_LNG)
			set_site(&way, speaker);
		if (way.connection)
			collect(c, way);
	}
}

/*
 * By which address machines see an instance of a VPN gateway (R1.12): an active-standby one by its
 * public address, where no Route Server teaches.
 */
static struct ip instance_ip(const struct vnet *hub, unsigned n)
{
	bool is_public = hub->vpn->instance_count == 1 && !hub->route_server;

	return is_public ? hub->vpn->public_ip[n] : hub->vpn->bgp_ip[n];
}

/* An instance runs when it knows anything: at least its own prefixes. */
static void collect_vpn(struct collector *c)
{
	const struct gateway *gateway = c->out->hub->vpn;
	const struct bgp_graph *graph = c->learned->graph;

	memset(c->out->instances, 0, sizeof(c->out->instances));
	for (unsigned n = 0; gateway && n < gateway->instance_count; n++) {
		const struct bgp_speaker *speaker = bgp_find_instance(graph, gateway, n);
		const struct rib *rib = rib_of(c->learned, speaker);

		if (!rib || !rib->count)
			continue;
		c->out->instances[n] =
			(struct next_hop){ instance_ip(c->out->hub, n),
					   topology_find_instance(graph->topology, gateway, n) };
		collect_instance(c, speaker, n);
	}
}

/* R3.10, R7.8: whoever has it, in the hub or next door. */
static const struct interface *find_next_hop(struct collector *c, struct ip ip)
{
	struct next_hop *found;

	for (unsigned i = 0; i < ARRAY_SIZE(c->found) && i < c->found_count; i++)
		if (ip_equal(c->found[i].ip, ip))
			return c->found[i].port;
	found = &c->found[c->found_count++ % ARRAY_SIZE(c->found)];
	*found = (struct next_hop){ ip, fabric_find_port(c->learned->graph->topology, c->out->hub,
							 ip) };
	return found->port;
}

static void collect_nvas(struct collector *c)
{
	const struct bgp_graph *graph = c->learned->graph;

	for (size_t i = 0; c->out->hub->route_server && i < graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = graph->speakers.items[i];
		const struct rib *rib = rib_of(c->learned, speaker);

		if (speaker->node->route_server != c->out->hub->route_server)
			continue;
		for (size_t n = 0; n < rib->count; n++) {
			const struct rib_route *route = &rib->routes[n];

			if (route->class == BGP_CLASS_NVA)
				collect(c, (struct way){ .prefix = route->prefix,
							 .kind = WAY_NVA,
							 .path = route->path,
							 .next_hop = route->next_hop,
							 .port = find_next_hop(c, route->next_hop),
							 .from = route->from });
		}
	}
}

void gateway_ways_collect(struct gateway_routes *out, const struct learned *learned)
{
	struct collector c = { .out = out, .learned = learned };

	free(out->ways.items);
	out->ways.items = NULL;
	out->ways.count = 0;
	collect_express_route(&c);
	collect_vpn(&c);
	collect_nvas(&c);
	if (out->ways.count)
		qsort(out->ways.items, out->ways.count, sizeof(*out->ways.items), way_compare);
}
