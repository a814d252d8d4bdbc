/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/topology.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

const uint8_t azure_mac[MAC_SIZE] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc };

/* The fabric's own bridge and lo come before the ports. */
#define FIRST_PORT_IFINDEX 10
#define FIRST_NODE_IFINDEX 2

struct builder {
	struct topology *t;
	struct port_name {
		char name[IFNAME_SIZE];
		UT_hash_handle hh;
	} * port_names;
};

const char *node_role_name(enum node_role role)
{
	switch (role) {
	case ROLE_VM:
		return "virtual machine";
	case ROLE_ER_GATEWAY:
		return "ExpressRoute gateway";
	case ROLE_MSEE:
		return "MSEE";
	case ROLE_PROVIDER:
		return "provider router";
	}
	return "";
}

static struct node *add_node(struct builder *b, enum node_role role, const char *name,
			     struct src_pos pos)
{
	struct node *node = arena_alloc(b->t->arena, sizeof(*node));

	*ARENA_PUSH(b->t->arena, b->t->nodes.items, b->t->nodes.count) = node;
	node->role = role;
	node->name = name;
	node->pos = pos;
	return node;
}

static struct interface *add_interface(struct builder *b, struct node *node,
				       enum interface_kind kind, struct ip ip, unsigned prefix_len,
				       struct src_pos pos)
{
	struct interface *interface = arena_alloc(b->t->arena, sizeof(*interface));

	interface->kind = kind;
	interface->node = node;
	interface->ifindex = FIRST_NODE_IFINDEX + (uint32_t)node->interfaces.count;
	interface->ip = ip;
	interface->prefix_len = (uint8_t)prefix_len;
	interface->pos = pos;
	*ARENA_PUSH(b->t->arena, node->interfaces.items, node->interfaces.count) = interface;
	return interface;
}

/*
 * "p-" and the machine's name, so that captures and rules can be read. Names are cut to what the
 * kernel takes; where that makes two equal, a number is put in the place of the last letters.
 */
static void name_port(struct builder *b, struct interface *port)
{
	size_t nth = port->ifindex - FIRST_NODE_IFINDEX;
	struct port_name *entry = NULL;
	char full[80], suffix[12] = "";

	if (nth)
		(void)snprintf(full, sizeof(full), "p-%s.%zu", port->node->name, nth);
	else
		(void)snprintf(full, sizeof(full), "p-%s", port->node->name);
	for (unsigned n = 0;; n++) {
		if (n)
			(void)snprintf(suffix, sizeof(suffix), "~%u", n);
		(void)snprintf(port->port_name, sizeof(port->port_name), "%.*s%s",
			       (int)(IFNAME_SIZE - 1 - strlen(suffix)), full, suffix);
		HASH_FIND_STR(b->port_names, port->port_name, entry);
		if (!entry)
			break;
	}
	entry = arena_alloc(b->t->arena, sizeof(*entry));
	memcpy(entry->name, port->port_name, sizeof(entry->name));
	HASH_ADD_STR(b->port_names, name, entry);
}

static struct interface *add_port(struct builder *b, struct node *node, enum interface_kind kind,
				  const struct subnet *subnet, struct ip ip, struct src_pos pos)
{
	struct interface *port = add_interface(b, node, kind, ip, subnet_prefix(subnet).len, pos);
	uint32_t n = (uint32_t)b->t->ports.count;

	(void)snprintf(port->name, sizeof(port->name), "eth%u", port->ifindex - FIRST_NODE_IFINDEX);
	port->subnet = subnet;
	port->port_ifindex = FIRST_PORT_IFINDEX + n;
	/* Microsoft's prefix, as Azure's NICs have */
	memcpy(port->mac,
	       (uint8_t[]){ 0x00, 0x0d, 0x3a, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
	       MAC_SIZE);
	name_port(b, port);
	*ARENA_PUSH(b->t->arena, b->t->ports.items, b->t->ports.count) = port;
	return port;
}

static struct fabric_table *add_table(struct builder *b, const struct subnet *subnet,
				      const struct interface *msee)
{
	struct fabric_table *table = arena_alloc(b->t->arena, sizeof(*table));

	*ARENA_PUSH(b->t->arena, b->t->tables.items, b->t->tables.count) = table;
	table->number = (unsigned)b->t->tables.count;
	table->subnet = subnet;
	table->msee = msee;
	return table;
}

static void add_vms(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->vms.count; i++) {
		const struct vm *vm = &lab->vms.items[i];
		struct node *node = add_node(b, ROLE_VM, vm->object.name, vm->object.pos);

		node->vm = vm;
		for (size_t n = 0; n < vm->network_interfaces.count; n++) {
			const struct nic *nic = &vm->network_interfaces.items[n];

			add_port(b, node, INTERFACE_NIC, nic->subnet, nic->ip, nic->object.pos)
				->nic = nic;
		}
	}
}

static void add_gateways(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++) {
		const struct gateway *gateway = &lab->virtual_network_gateways.items[i];

		for (unsigned n = 0; n < GATEWAY_INSTANCES; n++) {
			struct node *node = add_node(
				b, ROLE_ER_GATEWAY,
				arena_printf(b->t->arena, "%s-%u", gateway->object.name, n),
				gateway->object.pos);

			node->gateway = gateway;
			node->instance = n;
			add_port(b, node, INTERFACE_GATEWAY, gateway->vnet->gateway_subnet,
				 gateway->instance_ip[n], gateway->object.pos);
		}
	}
}

static void add_msee(struct builder *b, const struct circuit *circuit, enum path path)
{
	const struct lab *lab = b->t->lab;
	struct node *node = add_node(b, ROLE_MSEE,
				     arena_printf(b->t->arena, "%s-%s", circuit->object.name,
						  choice_name(path_names, path)),
				     circuit->object.pos);

	node->circuit = circuit;
	node->path = path;
	for (size_t i = 0; i < lab->connections.count; i++) {
		const struct connection *connection = &lab->connections.items[i];

		if (connection->circuit == circuit)
			add_port(b, node, INTERFACE_MSEE, connection->gateway->vnet->gateway_subnet,
				 connection->msee_ip[path], connection->object.pos)
				->connection = connection;
	}
}

static void add_cable_end(struct builder *b, struct cable *cable, int end, struct node *node,
			  struct prefix prefix, unsigned name, unsigned host)
{
	struct interface *interface =
		add_interface(b, node, INTERFACE_CABLE, ip_add(prefix_first(prefix), host),
			      prefix.len, cable->pos);
	uint32_t n = (uint32_t)b->t->cables.count * 2 + (uint32_t)end;

	(void)snprintf(interface->name, sizeof(interface->name), "link%u", name);
	/* locally administered */
	memcpy(interface->mac,
	       (uint8_t[]){ 0x02, 0x68, 0x6c, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
	       MAC_SIZE);
	interface->cable = cable;
	cable->ends[end] = interface;
}

static struct node *find_msee_node(const struct topology *t, const struct circuit *circuit,
				   enum path path)
{
	for (size_t i = 0; i < t->nodes.count; i++) {
		struct node *node = t->nodes.items[i];

		if (node->role == ROLE_MSEE && node->circuit == circuit && node->path == path)
			return node;
	}
	return NULL;
}

static void add_providers(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->providers.count; i++) {
		const struct provider *provider = &lab->providers.items[i];
		struct node *node =
			add_node(b, ROLE_PROVIDER, provider->object.name, provider->object.pos);

		node->provider = provider;
		for (size_t n = 0; n < provider->links.count; n++) {
			const struct provider_link *link = &provider->links.items[n];
			enum path path = (enum path)link->path.value;
			struct prefix prefix = link->circuit->peer_prefix[path];
			struct cable *cable = arena_alloc(b->t->arena, sizeof(*cable));

			cable->delay_ms = link->delay_ms.value;
			cable->loss_percent = link->loss_percent.value;
			cable->rate_mbps = link->rate_mbps.value;
			cable->pos = link->object.pos;
			/* R6.1: the provider has the first address, the MSEE the second */
			add_cable_end(b, cable, 0, node, prefix, link->index, 1);
			add_cable_end(b, cable, 1, find_msee_node(b->t, link->circuit, path),
				      prefix, 0, 2);
			*ARENA_PUSH(b->t->arena, b->t->cables.items, b->t->cables.count) = cable;
		}
	}
}

static void add_tables(struct builder *b)
{
	struct topology *t = b->t;

	for (size_t i = 0; i < t->ports.count; i++) {
		struct interface *port = t->ports.items[i];
		const struct fabric_table *table = NULL;

		for (size_t n = 0; n < t->tables.count && port->kind != INTERFACE_MSEE; n++)
			if (!t->tables.items[n]->msee && t->tables.items[n]->subnet == port->subnet)
				table = t->tables.items[n];
		port->table = table ? table
				    : add_table(b, port->subnet,
						port->kind == INTERFACE_MSEE ? port : NULL);
	}
}

struct topology *topology_new(const struct lab *lab)
{
	struct arena *arena = arena_new();
	struct topology *t = arena_alloc(arena, sizeof(*t));
	struct builder b = { .t = t };

	t->arena = arena;
	t->lab = lab;
	add_vms(&b);
	add_gateways(&b);
	for (size_t i = 0; i < lab->express_route_circuits.count; i++)
		for (int path = 0; path < PATH_COUNT; path++)
			add_msee(&b, &lab->express_route_circuits.items[i], (enum path)path);
	add_providers(&b);
	add_tables(&b);
	HASH_CLEAR(hh, b.port_names);
	return t;
}

void topology_free(struct topology *topology)
{
	if (topology)
		arena_free(topology->arena);
}

struct node *topology_find_node(const struct topology *topology, const char *name)
{
	for (size_t i = 0; i < topology->nodes.count; i++)
		if (!strcasecmp(topology->nodes.items[i]->name, name))
			return topology->nodes.items[i];
	return NULL;
}

const struct interface *topology_find_nic(const struct topology *topology, const struct nic *nic)
{
	for (size_t i = 0; i < topology->ports.count; i++)
		if (topology->ports.items[i]->nic == nic)
			return topology->ports.items[i];
	return NULL;
}

const struct interface *topology_find_msee(const struct topology *topology,
					   const struct connection *connection, enum path path)
{
	for (size_t i = 0; i < topology->ports.count; i++) {
		const struct interface *port = topology->ports.items[i];

		if (port->connection == connection && port->node->path == path)
			return port;
	}
	return NULL;
}

const struct interface *topology_find_instance(const struct topology *topology,
					       const struct gateway *gateway, unsigned instance)
{
	for (size_t i = 0; i < topology->ports.count; i++) {
		const struct interface *port = topology->ports.items[i];

		if (port->kind == INTERFACE_GATEWAY && port->node->gateway == gateway &&
		    port->node->instance == instance)
			return port;
	}
	return NULL;
}
