/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/topology.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

const uint8_t azure_mac[MAC_SIZE] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc };

/* The fabric's own bridge and lo come before the ports. */
#define FIRST_PORT_IFINDEX 10
#define FIRST_NODE_IFINDEX 2
#define LOOPBACK_IFINDEX   1

/* An object of the previous topology by what it is for, or a number or name that is taken. */
struct entry {
	UT_hash_handle hh;
	const void *object;
	char key[];
};

struct builder {
	struct topology *t;
	struct entry *before, *taken;
	/* those below are taken */
	unsigned next_port, next_cable, next_table, next_network;
};

#define KEY_SIZE 200

static bool add_entry(struct builder *b, struct entry **entries, const char *key,
		      const void *object)
{
	struct entry *entry = NULL;

	HASH_FIND_STR(*entries, key, entry);
	if (entry)
		return false;
	entry = arena_alloc(b->t->arena, sizeof(*entry) + strlen(key) + 1);
	strcpy(entry->key, key); /* the size was taken from it */
	entry->object = object;
	HASH_ADD_STR(*entries, key, entry);
	return true;
}

/* Take a number or a name; false when it is taken. */
static PRINTF(2, 3) bool take(struct builder *b, const char *fmt, ...)
{
	char key[KEY_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
	return add_entry(b, &b->taken, key, NULL);
}

static PRINTF(3, 4) void remember(struct builder *b, const void *object, const char *fmt, ...)
{
	char key[KEY_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
	(void)add_entry(b, &b->before, key, object);
}

/* What it was in the previous topology; NULL when it was not there. */
static PRINTF(2, 3) const void *recall(const struct builder *b, const char *fmt, ...)
{
	struct entry *entry = NULL;
	char key[KEY_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
	HASH_FIND_STR(b->before, key, entry);
	return entry ? entry->object : NULL;
}

static void remember_interface(struct builder *b, const struct interface *interface)
{
	const char *node = interface->node->name;

	remember(b, interface, "interface %s %s", node, interface->key);
	(void)take(b, "ifindex %s %u", node, interface->ifindex);
	(void)take(b, "name %s %s", node, interface->name);
	if (!interface->subnet)
		return;
	(void)take(b, "port %u", interface->port_ifindex);
	(void)take(b, "port name %s", interface->port_name);
}

static void remember_table(struct builder *b, const struct fabric_table *table)
{
	(void)take(b, "table %u", table->number);
	if (table->msee)
		remember(b, table, "table %s %s", table->msee->node->name, table->msee->key);
	else
		remember(b, table, "table %s/%s", table->subnet->vnet->object.name,
			 table->subnet->object.name);
}

static void remember_all(struct builder *b, const struct topology *previous)
{
	for (size_t i = 0; i < previous->networks.count; i++) {
		const struct network *network = &previous->networks.items[i];

		remember(b, network, "network %s", network->vnet->object.name);
		(void)take(b, "network %u", network->number);
	}
	for (size_t i = 0; i < previous->nodes.count; i++) {
		const struct node *node = previous->nodes.items[i];

		for (size_t n = 0; n < node->interfaces.count; n++)
			remember_interface(b, node->interfaces.items[n]);
	}
	for (size_t i = 0; i < previous->cables.count; i++)
		(void)take(b, "cable %u", previous->cables.items[i]->number);
	for (size_t i = 0; i < previous->tables.count; i++)
		remember_table(b, previous->tables.items[i]);
}

/* The lowest number of a kind that is not taken, from *next on, which goes behind it. */
static unsigned next_number(struct builder *b, const char *kind, unsigned *next)
{
	while (!take(b, "%s %u", kind, *next))
		++*next;
	return (*next)++;
}

const char *node_role_name(enum node_role role)
{
	switch (role) {
	case ROLE_VM:
		return "virtual machine";
	case ROLE_NVA:
		return "NVA";
	case ROLE_PRIVATE_ENDPOINT:
		return "private endpoint";
	case ROLE_ER_GATEWAY:
		return "ExpressRoute gateway";
	case ROLE_MSEE:
		return "MSEE";
	case ROLE_PROVIDER:
		return "provider router";
	case ROLE_BRANCH:
		return "branch router";
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

/* Its number in the machine, and its name there: WORD and a number. */
static void name_interface(struct builder *b, struct interface *interface, const char *word)
{
	const char *node = interface->node->name;
	unsigned n = 0;

	if (interface->kind == INTERFACE_LOOPBACK) {
		interface->ifindex = LOOPBACK_IFINDEX;
		(void)snprintf(interface->name, sizeof(interface->name), "%s", word);
		return;
	}
	while (!take(b, "ifindex %s %u", node, FIRST_NODE_IFINDEX + n))
		n++;
	interface->ifindex = FIRST_NODE_IFINDEX + n;
	for (n = 0;; n++) {
		(void)snprintf(interface->name, sizeof(interface->name), "%s%u", word, n);
		if (take(b, "name %s %s", node, interface->name))
			break;
	}
}

/* `key` says what it is for, so that it is known again in the next version of the lab. */
static struct interface *add_interface(struct builder *b, struct node *node,
				       enum interface_kind kind, const char *word, const char *key,
				       struct ip ip, unsigned prefix_len, struct src_pos pos)
{
	const struct interface *before = recall(b, "interface %s %s", node->name, key);
	struct interface *interface = arena_alloc(b->t->arena, sizeof(*interface));

	interface->kind = kind;
	interface->node = node;
	interface->key = key;
	interface->ip = ip;
	interface->prefix_len = (uint8_t)prefix_len;
	interface->pos = pos;
	if (before) {
		interface->ifindex = before->ifindex;
		memcpy(interface->name, before->name, sizeof(interface->name));
	} else {
		name_interface(b, interface, word);
	}
	*ARENA_PUSH(b->t->arena, node->interfaces.items, node->interfaces.count) = interface;
	return interface;
}

/*
 * "p-" and the machine's name, so that captures and rules can be read. Names are cut to what the
 * kernel takes; where that makes two equal, a number is put in the place of the last letters.
 */
static void name_port(struct builder *b, struct interface *port)
{
	unsigned nth = port->ifindex - FIRST_NODE_IFINDEX;
	char full[80], suffix[12] = "";

	if (nth)
		(void)snprintf(full, sizeof(full), "p-%s.%u", port->node->name, nth);
	else
		(void)snprintf(full, sizeof(full), "p-%s", port->node->name);
	for (unsigned n = 0;; n++) {
		if (n)
			(void)snprintf(suffix, sizeof(suffix), "~%u", n);
		(void)snprintf(port->port_name, sizeof(port->port_name), "%.*s%s",
			       (int)(IFNAME_SIZE - 1 - strlen(suffix)), full, suffix);
		if (take(b, "port name %s", port->port_name))
			return;
	}
}

static struct interface *add_port(struct builder *b, struct node *node, enum interface_kind kind,
				  const char *key, const struct subnet *subnet, struct ip ip,
				  struct src_pos pos)
{
	const struct interface *before = recall(b, "interface %s %s", node->name, key);
	struct interface *port =
		add_interface(b, node, kind, "eth", key, ip, subnet_prefix(subnet).len, pos);
	uint32_t n;

	port->subnet = subnet;
	port->network = &b->t->networks.items[subnet->vnet->index];
	if (before) {
		port->port_ifindex = before->port_ifindex;
		memcpy(port->port_name, before->port_name, sizeof(port->port_name));
	} else {
		port->port_ifindex = next_number(b, "port", &b->next_port);
		name_port(b, port);
	}
	n = port->port_ifindex - FIRST_PORT_IFINDEX;
	/* Microsoft's prefix, as Azure's NICs have */
	memcpy(port->mac,
	       (uint8_t[]){ 0x00, 0x0d, 0x3a, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
	       MAC_SIZE);
	*ARENA_PUSH(b->t->arena, b->t->ports.items, b->t->ports.count) = port;
	return port;
}

static struct fabric_table *add_table(struct builder *b, const struct subnet *subnet,
				      const struct interface *msee)
{
	struct fabric_table *table = arena_alloc(b->t->arena, sizeof(*table));
	const struct fabric_table *before =
		msee ? recall(b, "table %s %s", msee->node->name, msee->key)
		     : recall(b, "table %s/%s", subnet->vnet->object.name, subnet->object.name);

	table->index = (unsigned)b->t->tables.count;
	table->number = before ? before->number : next_number(b, "table", &b->next_table);
	*ARENA_PUSH(b->t->arena, b->t->tables.items, b->t->tables.count) = table;
	table->subnet = subnet;
	table->msee = msee;
	return table;
}

static void add_vms(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->vms.count; i++) {
		const struct vm *vm = &lab->vms.items[i];
		struct node *node = add_node(b, vm->is_nva ? ROLE_NVA : ROLE_VM, vm->object.name,
					     vm->object.pos);

		node->vm = vm;
		for (size_t n = 0; n < vm->network_interfaces.count; n++) {
			const struct nic *nic = &vm->network_interfaces.items[n];
			struct interface *port =
				add_port(b, node, INTERFACE_NIC,
					 arena_printf(b->t->arena, "nic %s", nic->object.name),
					 nic->subnet, nic->ip, nic->object.pos);

			port->nic = nic;
			port->more.items = nic->more.items;
			port->more.count = nic->more.count;
		}
	}
}

static void add_endpoints(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->private_endpoints.count; i++) {
		const struct private_endpoint *endpoint = &lab->private_endpoints.items[i];
		struct node *node = add_node(b, ROLE_PRIVATE_ENDPOINT, endpoint->object.name,
					     endpoint->object.pos);

		node->endpoint = endpoint;
		add_port(b, node, INTERFACE_ENDPOINT, "endpoint", endpoint->subnet, endpoint->ip,
			 endpoint->object.pos);
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
			add_port(b, node, INTERFACE_GATEWAY, "gateway",
				 gateway->vnet->gateway_subnet, gateway->instance_ip[n],
				 gateway->object.pos);
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
			add_port(b, node, INTERFACE_MSEE,
				 arena_printf(b->t->arena, "msee %s", connection->object.name),
				 connection->gateway->vnet->gateway_subnet,
				 connection->msee_ip[path], connection->object.pos)
				->connection = connection;
	}
}

/* `host` is its address in the prefix that the cable is. */
static void add_cable_end(struct builder *b, struct cable *cable, int end, struct node *node,
			  const char *key, struct prefix prefix, unsigned host)
{
	const struct interface *before = recall(b, "interface %s %s", node->name, key);
	struct interface *interface =
		add_interface(b, node, INTERFACE_CABLE, "link", key,
			      ip_add(prefix_first(prefix), host), prefix.len, cable->pos);
	uint32_t n;

	if (!end)
		cable->number =
			before ? before->cable->number : next_number(b, "cable", &b->next_cable);
	n = (cable->number - 1) * 2 + (uint32_t)end;
	/* locally administered */
	memcpy(interface->mac,
	       (uint8_t[]){ 0x02, 0x68, 0x6c, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
	       MAC_SIZE);
	interface->cable = cable;
	cable->ends[end] = interface;
}

/* Its own address comes first: by it others know the machine. */
static void add_branch(struct builder *b, const struct branch *branch)
{
	struct node *node = add_node(b, ROLE_BRANCH, branch->object.name, branch->object.pos);

	node->branch = branch;
	if (branch->address.ip.family == IP_NONE)
		return;
	(void)add_interface(b, node, INTERFACE_LOOPBACK, "lo", "loopback", branch->address.ip,
			    ip_bits(branch->address.ip), branch->address.pos);
}

static struct node *find_branch_node(const struct topology *t, const struct branch *branch)
{
	for (size_t i = 0; i < t->nodes.count; i++)
		if (t->nodes.items[i]->branch == branch)
			return t->nodes.items[i];
	return NULL;
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

/* Which of the links between two machines it is, from 0: there may be several. */
static unsigned nth_cable(const struct node *from, const struct node *to)
{
	unsigned count = 0;

	for (size_t i = 0; i < from->interfaces.count; i++) {
		const struct cable *cable = from->interfaces.items[i]->cable;

		count += cable && (cable->ends[0]->node == to || cable->ends[1]->node == to);
	}
	return count;
}

/* R6.1: of each /30 the provider has the first address, the MSEE the second; so does a branch. */
static void add_cable(struct builder *b, struct node *provider, const struct provider_link *link)
{
	struct cable *cable = arena_alloc(b->t->arena, sizeof(*cable));
	enum path path = (enum path)link->path.value;
	struct prefix prefix;
	struct node *far;
	unsigned nth;

	if (link->branch) {
		prefix = link->peer_prefix;
		far = find_branch_node(b->t, link->branch);
	} else {
		prefix = link->circuit->peer_prefix[path];
		far = find_msee_node(b->t, link->circuit, path);
	}
	cable->delay_ms = link->delay_ms.value;
	cable->loss_percent = link->loss_percent.value;
	cable->rate_mbps = link->rate_mbps.value;
	cable->pos = link->object.pos;
	nth = nth_cable(provider, far);
	add_cable_end(b, cable, 0, provider,
		      arena_printf(b->t->arena, "cable %s %u", far->name, nth), prefix, 1);
	add_cable_end(b, cable, 1, far,
		      arena_printf(b->t->arena, "cable %s %u", provider->name, nth), prefix, 2);
	*ARENA_PUSH(b->t->arena, b->t->cables.items, b->t->cables.count) = cable;
}

static void add_providers_and_branches(struct builder *b)
{
	const struct lab *lab = b->t->lab;
	size_t first = b->t->nodes.count;

	for (size_t i = 0; i < lab->providers.count; i++) {
		const struct object *object = &lab->providers.items[i].object;

		add_node(b, ROLE_PROVIDER, object->name, object->pos)->provider =
			&lab->providers.items[i];
	}
	for (size_t i = 0; i < lab->branches.count; i++)
		add_branch(b, &lab->branches.items[i]);
	for (size_t i = 0; i < lab->providers.count; i++)
		for (size_t n = 0; n < lab->providers.items[i].links.count; n++)
			add_cable(b, b->t->nodes.items[first + i],
				  &lab->providers.items[i].links.items[n]);
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

/* Networks that peerings join have one zone, whatever became of others. */
static void add_networks(struct builder *b)
{
	const struct lab *lab = b->t->lab;
	unsigned *zones =
		arena_alloc(b->t->arena, (lab->virtual_networks.count + 1) * sizeof(*zones));

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];
		const struct network *before = recall(b, "network %s", vnet->object.name);
		struct network *network =
			ARENA_PUSH(b->t->arena, b->t->networks.items, b->t->networks.count);

		network->vnet = vnet;
		network->number =
			before ? before->number : next_number(b, "network", &b->next_network);
		if (!zones[vnet->group] || network->number < zones[vnet->group])
			zones[vnet->group] = network->number;
	}
	for (size_t i = 0; i < b->t->networks.count; i++) {
		struct network *network = &b->t->networks.items[i];

		network->zone = zones[network->vnet->group];
	}
}

struct topology *topology_new(const struct lab *lab, const struct topology *previous)
{
	struct arena *arena = arena_new();
	struct topology *t = arena_alloc(arena, sizeof(*t));
	struct builder b = { .t = t,
			     .next_port = FIRST_PORT_IFINDEX,
			     .next_cable = 1,
			     .next_table = 1,
			     .next_network = 1 };

	t->arena = arena;
	t->lab = lab;
	if (previous)
		remember_all(&b, previous);
	add_networks(&b);
	add_vms(&b);
	add_endpoints(&b);
	add_gateways(&b);
	for (size_t i = 0; i < lab->express_route_circuits.count; i++)
		for (int path = 0; path < PATH_COUNT; path++)
			add_msee(&b, &lab->express_route_circuits.items[i], (enum path)path);
	add_providers_and_branches(&b);
	add_tables(&b);
	HASH_CLEAR(hh, b.before);
	HASH_CLEAR(hh, b.taken);
	return t;
}

void topology_free(struct topology *topology)
{
	if (topology)
		arena_free(topology->arena);
}

const struct network *topology_network(const struct topology *topology, const struct vnet *vnet)
{
	return &topology->networks.items[vnet->index];
}

struct node *topology_find_node(const struct topology *topology, const char *name)
{
	for (size_t i = 0; i < topology->nodes.count; i++)
		if (!strcasecmp(topology->nodes.items[i]->name, name))
			return topology->nodes.items[i];
	return NULL;
}

bool node_has_ip(const struct node *node, struct ip ip)
{
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (interface_has_ip(node->interfaces.items[i], ip))
			return true;
	return false;
}

bool interface_has_ip(const struct interface *interface, struct ip ip)
{
	if (ip_equal(interface->ip, ip))
		return true;
	for (size_t i = 0; i < interface->more.count; i++)
		if (ip_equal(interface->more.items[i], ip))
			return true;
	return false;
}

struct ip interface_ip(const struct interface *interface, enum ip_family family)
{
	if (interface->ip.family == family)
		return interface->ip;
	for (size_t i = 0; i < interface->more.count; i++)
		if (interface->more.items[i].family == family)
			return interface->more.items[i];
	return (struct ip){ 0 };
}

struct prefix interface_prefix(const struct interface *interface, struct ip ip)
{
	if (ip.family == IP_V6)
		return prefix_host(ip);
	return (struct prefix){ ip, interface->prefix_len };
}

struct prefix interface_network(const struct interface *interface, enum ip_family family)
{
	if (interface->ip.family == family)
		return prefix_of(interface->ip, interface->prefix_len);
	if (interface_ip(interface, family).family == IP_NONE)
		return (struct prefix){ 0 };
	return subnet_prefix_of(interface->subnet, family);
}

bool port_forwards(const struct interface *port)
{
	return port->kind == INTERFACE_NIC ? port->nic->enable_ip_forwarding.value
					   : port->kind != INTERFACE_ENDPOINT;
}

const struct interface *topology_find_nic(const struct topology *topology, const struct nic *nic)
{
	for (size_t i = 0; i < topology->ports.count; i++)
		if (topology->ports.items[i]->nic == nic)
			return topology->ports.items[i];
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
