/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/topology_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
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

bool topology_take(struct builder *b, const char *fmt, ...)
{
	char key[KEY_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
	return add_entry(b, &b->taken, key, NULL);
}

void topology_remember(struct builder *b, const void *object, const char *fmt, ...)
{
	char key[KEY_SIZE];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
	(void)add_entry(b, &b->before, key, object);
}

const void *topology_recall(const struct builder *b, const char *fmt, ...)
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

	topology_remember(b, interface, "interface %s %s", node, interface->key);
	(void)topology_take(b, "ifindex %s %u", node, interface->ifindex);
	(void)topology_take(b, "name %s %s", node, interface->name);
	if (interface->bridge) {
		node = interface->bridge->node->name;
		(void)topology_take(b, "ifindex %s %u", node, interface->port_ifindex);
		(void)topology_take(b, "name %s %s", node, interface->port_name);
	}
	if (!interface->subnet)
		return;
	(void)topology_take(b, "port %u", interface->port_ifindex);
	(void)topology_take(b, "port name %s", interface->port_name);
}

static void remember_table(struct builder *b, const struct fabric_table *table)
{
	(void)topology_take(b, "table %u", table->number);
	if (table->msee)
		topology_remember(b, table, "table %s %s", table->msee->node->name,
				  table->msee->key);
	else
		topology_remember(b, table, "table %s/%s", table->subnet->vnet->object.name,
				  table->subnet->object.name);
}

static void remember_tunnel(struct builder *b, const struct tunnel_end *end)
{
	topology_remember(b, end, "tunnel %s %s", end->node->name, end->interface->key);
	(void)topology_take(b, "tunnel name %s", end->name);
	if (end->cable && end->cable->ends[0]->tunnel == end)
		(void)topology_take(b, "cable %u", end->cable->number);
}

static void remember_all(struct builder *b, const struct topology *previous)
{
	for (size_t i = 0; i < previous->networks.count; i++) {
		const struct network *network = &previous->networks.items[i];

		topology_remember(b, network, "network %s", network->vnet->object.name);
		(void)topology_take(b, "network %u", network->number);
	}
	for (size_t i = 0; i < previous->nodes.count; i++) {
		const struct node *node = previous->nodes.items[i];

		for (size_t n = 0; n < node->interfaces.count; n++)
			remember_interface(b, node->interfaces.items[n]);
	}
	for (size_t i = 0; i < previous->filters.count; i++) {
		const struct filter *filter = &previous->filters.items[i];

		topology_remember(b, filter, "filter %s", filter->nsg->object.name);
		(void)topology_take(b, "filter %u", filter->number);
	}
	for (size_t i = 0; i < previous->cables.count; i++)
		(void)topology_take(b, "cable %u", previous->cables.items[i]->number);
	for (size_t i = 0; i < previous->tables.count; i++)
		remember_table(b, previous->tables.items[i]);
	for (size_t i = 0; i < previous->tunnel_ends.count; i++)
		remember_tunnel(b, previous->tunnel_ends.items[i]);
}

/* The lowest number of a kind that is not taken, from *next on, which goes behind it. */
static unsigned next_number(struct builder *b, const char *kind, unsigned *next)
{
	while (!topology_take(b, "%s %u", kind, *next))
		++*next;
	return (*next)++;
}

struct node *topology_add_node(struct builder *b, enum node_role role, const char *name,
			       struct src_pos pos)
{
	struct node *node = arena_alloc(b->t->arena, sizeof(*node));

	*ARENA_PUSH(b->t->arena, b->t->nodes.items, b->t->nodes.count) = node;
	node->role = role;
	node->name = name;
	node->pos = pos;
	return node;
}

static uint32_t next_ifindex(struct builder *b, const char *node)
{
	unsigned n = FIRST_NODE_IFINDEX;

	while (!topology_take(b, "ifindex %s %u", node, n))
		n++;
	return n;
}

/* Its number in the machine, and its name there: WORD and a number. */
static void name_interface(struct builder *b, struct interface *interface, const char *word)
{
	const char *node = interface->node->name;

	if (interface->kind == INTERFACE_LOOPBACK) {
		interface->ifindex = LOOPBACK_IFINDEX;
		(void)snprintf(interface->name, sizeof(interface->name), "%s", word);
		return;
	}
	interface->ifindex = next_ifindex(b, node);
	for (unsigned n = 0;; n++) {
		(void)snprintf(interface->name, sizeof(interface->name), "%s%u", word, n);
		if (topology_take(b, "name %s %s", node, interface->name))
			break;
	}
}

struct interface *topology_add_interface(struct builder *b, struct node *node,
					 enum interface_kind kind, const char *word,
					 const char *key, struct ip ip, unsigned prefix_len,
					 struct src_pos pos)
{
	const struct interface *before = topology_recall(b, "interface %s %s", node->name, key);
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
		if (port->bridge ? topology_take(b, "name %s %s", port->bridge->node->name,
						 port->port_name)
				 : topology_take(b, "port name %s", port->port_name))
			return;
	}
}

void topology_name_port(struct builder *b, struct interface *port, const struct interface *before)
{
	if (before) {
		port->port_ifindex = before->port_ifindex;
		memcpy(port->port_name, before->port_name, sizeof(port->port_name));
		return;
	}
	port->port_ifindex = port->bridge ? next_ifindex(b, port->bridge->node->name)
					  : next_number(b, "port", &b->next_port);
	name_port(b, port);
}

void topology_give_mac(struct interface *interface, uint8_t of, uint32_t n)
{
	memcpy(interface->mac,
	       (uint8_t[]){ 0x02, 0x68, of, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
	       MAC_SIZE);
}

static struct interface *add_port(struct builder *b, struct node *node, enum interface_kind kind,
				  const char *key, const struct subnet *subnet, struct ip ip,
				  struct src_pos pos)
{
	const struct interface *before = topology_recall(b, "interface %s %s", node->name, key);
	unsigned prefix_len = subnet->vnet->is_internet ? ip_bits(ip) : subnet_prefix(subnet).len;
	struct interface *port =
		topology_add_interface(b, node, kind, "eth", key, ip, prefix_len, pos);
	uint32_t n;

	port->subnet = subnet;
	port->network = &b->t->networks.items[subnet->vnet->index];
	topology_name_port(b, port, before);
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
		msee ? topology_recall(b, "table %s %s", msee->node->name, msee->key)
		     : topology_recall(b, "table %s/%s", subnet->vnet->object.name,
				       subnet->object.name);

	table->index = (unsigned)b->t->tables.count;
	table->number = before ? before->number : next_number(b, "table", &b->next_table);
	*ARENA_PUSH(b->t->arena, b->t->tables.items, b->t->tables.count) = table;
	table->subnet = subnet;
	table->msee = msee;
	return table;
}

static enum node_role role_of(const struct vm *vm)
{
	if (vm->is_internet)
		return ROLE_INTERNET;
	return vm->is_nva ? ROLE_NVA : ROLE_VM;
}

static void add_vms(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->vms.count; i++) {
		const struct vm *vm = &lab->vms.items[i];
		struct node *node;

		if (vm->branch)
			continue; /* it comes with its router */
		node = topology_add_node(b, role_of(vm), vm->object.name, vm->object.pos);
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
		struct node *node = topology_add_node(b, ROLE_PRIVATE_ENDPOINT,
						      endpoint->object.name, endpoint->object.pos);

		node->endpoint = endpoint;
		add_port(b, node, INTERFACE_ENDPOINT, "endpoint", endpoint->subnet, endpoint->ip,
			 endpoint->object.pos);
	}
}

static void add_gateway(struct builder *b, const struct gateway *gateway)
{
	bool is_vpn = gateway->gateway_type.value == GATEWAY_VPN;

	for (unsigned n = 0; n < gateway->instance_count; n++) {
		struct node *node = topology_add_node(
			b, is_vpn ? ROLE_VPN_GATEWAY : ROLE_ER_GATEWAY,
			arena_printf(b->t->arena, "%s-%u", gateway->object.name, n),
			gateway->object.pos);
		struct interface *port;

		node->gateway = gateway;
		node->instance = n;
		port = add_port(b, node, INTERFACE_GATEWAY, "gateway",
				gateway->vnet->gateway_subnet, gateway->instance_ip[n],
				gateway->object.pos);
		if (is_vpn && !ip_equal(gateway->bgp_ip[n], gateway->instance_ip[n])) {
			port->more.items = &gateway->bgp_ip[n];
			port->more.count = 1;
		}
	}
}

static void add_route_server(struct builder *b, const struct route_server *server)
{
	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++) {
		struct node *node = topology_add_node(
			b, ROLE_ROUTE_SERVER,
			arena_printf(b->t->arena, "%s-%u", server->object.name, n),
			server->object.pos);

		node->route_server = server;
		node->instance = n;
		add_port(b, node, INTERFACE_GATEWAY, "route server", server->subnet,
			 server->instance_ip[n], server->object.pos);
	}
}

static void add_gateways(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++)
		add_gateway(b, &lab->virtual_network_gateways.items[i]);
	for (size_t i = 0; i < lab->route_servers.count; i++)
		add_route_server(b, &lab->route_servers.items[i]);
}

static void add_msee(struct builder *b, const struct circuit *circuit, enum path path)
{
	const struct lab *lab = b->t->lab;
	struct node *node =
		topology_add_node(b, ROLE_MSEE,
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

unsigned topology_next_cable(struct builder *b)
{
	return next_number(b, "cable", &b->next_cable);
}

#define MAC_OF_CABLES 0x6c

void topology_give_cable_mac(struct interface *interface, unsigned number, int end)
{
	topology_give_mac(interface, MAC_OF_CABLES, (number - 1) * 2 + (uint32_t)end);
}

/* `host` is its address in the prefix that the cable is. */
static void add_cable_end(struct builder *b, struct cable *cable, int end, struct node *node,
			  const char *key, struct prefix prefix, unsigned host)
{
	const struct interface *before = topology_recall(b, "interface %s %s", node->name, key);
	struct interface *interface =
		topology_add_interface(b, node, INTERFACE_CABLE, "link", key,
				       ip_add(prefix_first(prefix), host), prefix.len, cable->pos);

	if (!end)
		cable->number = before ? before->cable->number : topology_next_cable(b);
	topology_give_cable_mac(interface, cable->number, end);
	interface->cable = cable;
	cable->ends[end] = interface;
}

/* Its own address comes first, else that in its LAN: by it others know the machine. */
static void add_branch(struct builder *b, const struct branch *branch)
{
	struct node *node =
		topology_add_node(b, ROLE_BRANCH, branch->object.name, branch->object.pos);

	node->branch = branch;
	if (branch->address.ip.family != IP_NONE)
		(void)topology_add_interface(b, node, INTERFACE_LOOPBACK, "lo", "loopback",
					     branch->address.ip, ip_bits(branch->address.ip),
					     branch->address.pos);
	if (branch->lan.count)
		topology_add_lan(b, node);
}

static struct node *find_branch_node(const struct topology *t, const struct branch *branch)
{
	for (size_t i = 0; i < t->nodes.count; i++)
		if (t->nodes.items[i]->branch == branch && t->nodes.items[i]->role == ROLE_BRANCH)
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
	cable->link = link;
	cable->pos = link->object.pos;
	nth = nth_cable(provider, far);
	add_cable_end(b, cable, 0, provider,
		      arena_printf(b->t->arena, "cable %s %u", far->name, nth), prefix, 1);
	add_cable_end(b, cable, 1, far,
		      arena_printf(b->t->arena, "cable %s %u", provider->name, nth), prefix, 2);
	cable->ends[0]->frames = link_frames_of_provider(link);
	cable->ends[1]->frames = link_frames_of_azure(link);
	*ARENA_PUSH(b->t->arena, b->t->cables.items, b->t->cables.count) = cable;
}

static void add_providers_and_branches(struct builder *b)
{
	const struct lab *lab = b->t->lab;
	size_t first = b->t->nodes.count;

	for (size_t i = 0; i < lab->providers.count; i++) {
		const struct object *object = &lab->providers.items[i].object;

		topology_add_node(b, ROLE_PROVIDER, object->name, object->pos)->provider =
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

static void add_network(struct builder *b, const struct vnet *vnet)
{
	const struct network *before = topology_recall(b, "network %s", vnet->object.name);
	struct network *network =
		ARENA_PUSH(b->t->arena, b->t->networks.items, b->t->networks.count);

	network->vnet = vnet;
	network->number = before ? before->number : next_number(b, "network", &b->next_network);
}

/* Networks that peerings join have one zone, whatever became of others. */
static void add_networks(struct builder *b)
{
	const struct lab *lab = b->t->lab;
	unsigned *zones = /* by group, from 1; none joins the Internet */
		arena_alloc(b->t->arena, (lab->virtual_networks.count + 1) * sizeof(*zones));

	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		add_network(b, &lab->virtual_networks.items[i]);
	if (lab->internet_network)
		add_network(b, lab->internet_network);
	for (size_t i = 0; i < b->t->networks.count; i++) {
		const struct network *network = &b->t->networks.items[i];
		unsigned *zone = &zones[network->vnet->group];

		if (!*zone || network->number < *zone)
			*zone = network->number;
	}
	for (size_t i = 0; i < b->t->networks.count; i++) {
		struct network *network = &b->t->networks.items[i];

		network->zone = zones[network->vnet->group];
	}
}

static void add_filters(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t i = 0; i < lab->network_security_groups.count; i++) {
		const struct nsg *nsg = &lab->network_security_groups.items[i];
		const struct filter *before = topology_recall(b, "filter %s", nsg->object.name);
		struct filter *filter =
			ARENA_PUSH(b->t->arena, b->t->filters.items, b->t->filters.count);

		filter->nsg = nsg;
		filter->number =
			before ? before->number : next_number(b, "filter", &b->next_filter);
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
			     .next_network = 1,
			     .next_filter = 1 };

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
	topology_add_tunnels(&b);
	add_tables(&b);
	add_filters(&b);
	HASH_CLEAR(hh, b.before);
	HASH_CLEAR(hh, b.taken);
	return t;
}
