/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/fabric.h"

#include "lab/azure/computed_tags.h"
#include "lab/azure/filtering.h"
#include "lab/azure/verdict.h"

#include <stdlib.h>

/* Every prefix the MSEE heard on this port, with the instances that said it. */
static struct msee_routes *msee_routes_new(const struct learned *learned,
					   const struct interface *port)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(learned->graph, port->node);
	const struct rib *rib = &learned->ribs[speaker->index];
	struct arena *arena = arena_new();
	struct msee_routes *out = arena_alloc(arena, sizeof(*out));

	out->arena = arena;
	for (size_t i = 0; i < rib->count; i++) {
		const struct rib_route *route = &rib->routes[i];
		struct msee_route *last =
			out->routes.count ? &out->routes.items[out->routes.count - 1] : NULL;

		if (route->class != BGP_CLASS_GATEWAY || route->from->interface != port)
			continue;
		if (!last || !prefix_equal(last->prefix, route->prefix)) {
			last = ARENA_PUSH(arena, out->routes.items, out->routes.count);
			last->prefix = route->prefix;
		}
		*ARENA_PUSH(arena, last->instances.items, last->instances.count) =
			route->from->peer->interface;
	}
	return out;
}

static void msee_routes_free(struct msee_routes *routes)
{
	if (routes)
		arena_free(routes->arena);
}

static bool msee_routes_equal(const struct msee_routes *a, const struct msee_routes *b)
{
	if (a->routes.count != b->routes.count)
		return false;
	for (size_t i = 0; i < a->routes.count; i++) {
		const struct msee_route *x = &a->routes.items[i], *y = &b->routes.items[i];

		if (!prefix_equal(x->prefix, y->prefix) || x->instances.count != y->instances.count)
			return false;
		for (size_t n = 0; n < x->instances.count; n++)
			if (x->instances.items[n] != y->instances.items[n])
				return false;
	}
	return true;
}

static struct effective_routes *subnet_routes_new(const struct fabric *fabric,
						  const struct subnet *subnet,
						  const struct effective_routes *sibling)
{
	return effective_routes_new(fabric->topology->lab, subnet,
				    fabric_taught(fabric, subnet->vnet->hub), sibling);
}

static void add_subnet(struct fabric *fabric, const struct fabric_table *table,
		       const struct effective_routes **sibling)
{
	struct effective_routes *routes = subnet_routes_new(fabric, table->subnet, *sibling);

	fabric->tables[table->index].subnet = routes;
	if (routes->has_all_learned)
		*sibling = routes;
}

static void tags_fini(struct taught_tags *tags)
{
	free(tags->prefixes.items);
	free(tags->defaults.items);
}

static void tags_learn(struct taught_tags *tags, const struct gateway_routes *routes)
{
	if (!tags->is_asked)
		return;
	tags_fini(tags);
	tags->prefixes = tag_of_gateway(routes);
	tags->defaults = tag_of_defaults(routes);
}

struct fabric *fabric_new(const struct topology *topology, const struct learned *learned)
{
	const struct lab *lab = topology->lab;
	struct arena *arena = arena_new();
	struct fabric *fabric = arena_alloc(arena, sizeof(*fabric));
	/* by virtual network: a table to copy from */
	const struct effective_routes **siblings =
		arena_alloc(arena, (lab->virtual_networks.count + 1) * sizeof(*siblings));

	fabric->arena = arena;
	fabric->topology = topology;
	fabric->learned = *learned;
	fabric->taught = arena_alloc(arena, (lab->virtual_networks.count + 1) *
						    sizeof(struct gateway_routes *));
	fabric->tags =
		arena_alloc(arena, (lab->virtual_networks.count + 1) * sizeof(*fabric->tags));
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *hub = &lab->virtual_networks.items[i];

		if (!vnet_has_gateways(hub))
			continue;
		fabric->taught[i] = gateway_routes_new(hub, learned);
		fabric->tags[i].is_asked = filtering_asks(topology, hub);
		tags_learn(&fabric->tags[i], fabric->taught[i]);
	}
	fabric->tables = arena_alloc(arena, topology->tables.count * sizeof(*fabric->tables));
	for (size_t i = 0; i < topology->tables.count; i++) {
		const struct fabric_table *table = topology->tables.items[i];

		if (table->msee)
			fabric->tables[i].msee = msee_routes_new(learned, table->msee);
		else
			add_subnet(fabric, table, &siblings[table->subnet->vnet->index]);
	}
	fabric->security = security_new(fabric);
	return fabric;
}

void fabric_free(struct fabric *fabric)
{
	if (!fabric)
		return;
	security_free(fabric->security);
	for (size_t i = 0; i < fabric->topology->tables.count; i++) {
		effective_routes_free(fabric->tables[i].subnet);
		msee_routes_free(fabric->tables[i].msee);
	}
	for (size_t i = 0; i < fabric->topology->lab->virtual_networks.count; i++) {
		gateway_routes_free(fabric->taught[i]);
		tags_fini(&fabric->tags[i]);
	}
	arena_free(fabric->arena);
}

/* ---- changes ---- */

static struct fabric_touch *add_touch(struct fabric_touches *touches, size_t *capacity)
{
	if (touches->count == *capacity) {
		*capacity = *capacity ? *capacity * 2 : 64;
		touches->items = realloc(touches->items, *capacity * sizeof(*touches->items));
		if (!touches->items)
			abort();
	}
	return &touches->items[touches->count++];
}

static void touch(struct fabric_touches *touches, size_t *capacity,
		  const struct fabric_table *table, const struct prefix *prefix)
{
	struct fabric_touch *new = add_touch(touches, capacity);

	*new = (struct fabric_touch){ .table = table, .is_whole = !prefix };
	if (prefix)
		new->prefix = *prefix;
}

/* More prefixes of a table than this are quicker made anew. */
#define PREFIXES_ONE_BY_ONE 64

static void touch_subnet(const struct fabric *fabric, const struct fabric_table *table,
			 const struct prefixes *changed, struct fabric_touches *touches,
			 size_t *capacity)
{
	const struct effective_routes *routes = fabric_subnet_routes(fabric, table);
	bool is_whole = changed->count > PREFIXES_ONE_BY_ONE;

	if (routes->disables_propagation || !changed->count)
		return;
	for (size_t i = 0; i < changed->count && !is_whole; i++)
		is_whole = !effective_routes_is_alone(routes, fabric->topology->lab,
						      changed->items[i]);
	if (is_whole)
		touch(touches, capacity, table, NULL);
	for (size_t i = 0; i < changed->count && !is_whole; i++)
		touch(touches, capacity, table, &changed->items[i]);
}

/* What one table holds of an MSEE is short: it is made anew and compared. */
static void touch_msee(const struct fabric *fabric, const struct fabric_table *table,
		       struct fabric_touches *touches, size_t *capacity)
{
	struct msee_routes *now = msee_routes_new(&fabric->learned, table->msee);

	if (!msee_routes_equal(fabric->tables[table->index].msee, now))
		touch(touches, capacity, table, NULL);
	msee_routes_free(now);
}

struct fabric_touches fabric_learn(struct fabric *fabric)
{
	const struct topology *topology = fabric->topology;
	const struct lab *lab = topology->lab;
	struct prefixes *changed = calloc(lab->virtual_networks.count + 1, sizeof(*changed));
	struct fabric_touches touches = { 0 };
	size_t capacity = 0;

	if (!changed)
		abort();
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		if (!fabric->taught[i])
			continue;
		gateway_routes_learn(fabric->taught[i], &fabric->learned, &changed[i]);
		if (changed[i].count && fabric->tags[i].is_asked)
			*add_touch(&touches, &capacity) =
				(struct fabric_touch){ .hub = &lab->virtual_networks.items[i],
						       .is_whole = true };
	}
	for (size_t i = 0; i < topology->tables.count; i++) {
		const struct fabric_table *table = topology->tables.items[i];
		const struct vnet *hub = table->subnet->vnet->hub;

		if (table->msee)
			touch_msee(fabric, table, &touches, &capacity);
		else if (hub)
			touch_subnet(fabric, table, &changed[hub->index], &touches, &capacity);
	}
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		free(changed[i].items);
	free(changed);
	security_learn(fabric->security);
	return touches;
}

void fabric_settle(struct fabric *fabric, const struct fabric_touches *touches)
{
	const struct lab *lab = fabric->topology->lab;

	for (size_t i = 0; i < touches->count; i++) {
		const struct fabric_touch *t = &touches->items[i];
		struct fabric_content *content;
		const struct subnet *subnet;

		if (!t->table) {
			tags_learn(&fabric->tags[t->hub->index], fabric_taught(fabric, t->hub));
			continue;
		}
		content = &fabric->tables[t->table->index];
		subnet = t->table->subnet;
		if (t->table->msee) {
			msee_routes_free(content->msee);
			content->msee = msee_routes_new(&fabric->learned, t->table->msee);
		} else if (t->is_whole) {
			effective_routes_free(content->subnet);
			content->subnet = subnet_routes_new(fabric, subnet, NULL);
		} else {
			effective_routes_update(content->subnet, lab, subnet,
						fabric_taught(fabric, subnet->vnet->hub),
						t->prefix);
		}
	}
}

const struct effective_routes *fabric_subnet_routes(const struct fabric *fabric,
						    const struct fabric_table *table)
{
	return fabric->tables[table->index].subnet;
}

const struct taught_tags *fabric_tags(const struct fabric *fabric, const struct vnet *hub)
{
	return &fabric->tags[hub->index];
}

const struct gateway_routes *fabric_taught(const struct fabric *fabric, const struct vnet *hub)
{
	return hub ? fabric->taught[hub->index] : NULL;
}

size_t fabric_vpn_hops(const struct fabric *fabric, const struct vnet *vnet,
		       struct next_hop ret_hops[static GATEWAY_INSTANCES])
{
	const struct gateway_routes *taught = fabric_taught(fabric, vnet->hub);
	size_t count = 0;

	for (unsigned n = 0; taught && n < GATEWAY_INSTANCES; n++)
		if (taught->instances[n].port)
			ret_hops[count++] = taught->instances[n];
	return count;
}

size_t fabric_table_size(const struct fabric *fabric, const struct fabric_table *table)
{
	const struct fabric_content *content = &fabric->tables[table->index];
	const struct gateway_routes *taught = fabric_taught(fabric, table->subnet->vnet->hub);

	if (table->msee)
		return content->msee->routes.count;
	return content->subnet->routes.count + (taught ? taught->routes.count : 0);
}

const struct interface *fabric_find_port(const struct topology *topology, const struct vnet *from,
					 struct ip ip)
{
	for (size_t i = 0; i < topology->ports.count; i++) {
		const struct interface *port = topology->ports.items[i];

		if (interface_has_ip(port, ip) &&
		    (port->subnet->vnet == from || vnet_find_connected(from, port->subnet->vnet)))
			return port;
	}
	return NULL;
}

bool fabric_is_own_msee(const struct topology *topology, const struct subnet *subnet, struct ip ip)
{
	const struct interface *port;

	if (subnet != subnet->vnet->gateway_subnet || !subnet->route_table)
		return false;
	port = fabric_find_port(topology, subnet->vnet, ip);
	return port && port->kind == INTERFACE_MSEE && port->subnet == subnet;
}
