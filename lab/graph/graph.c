/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/graph/graph.h"

#include "lab/base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const graph_link_names[LINK_KIND_COUNT] = {
	[LINK_PEERING] = "peering",
	[LINK_CONNECTION] = "ExpressRoute connection",
	[LINK_CABLE] = "provider's link",
	[LINK_TUNNEL] = "IPsec tunnel",
	[LINK_LAN] = "LAN",
	[LINK_INTERNET] = "Internet",
};

struct builder {
	struct graph *g;
	const struct topology *t;
	unsigned fold;
	unsigned *node_of;  /* by place of the machine in the topology */
	unsigned *group_of; /* by the virtual network's index */
};

static unsigned add_group(struct builder *b, enum graph_group_kind kind, const char *name,
			  const char *address)
{
	struct graph_group *group = ARENA_PUSH(b->g->arena, b->g->groups.items, b->g->groups.count);

	group->kind = kind;
	group->name = arena_strdup(b->g->arena, name);
	group->address = arena_strdup(b->g->arena, address);
	group->first = (unsigned)b->g->nodes.count;
	return (unsigned)b->g->groups.count - 1;
}

static struct graph_node *add_node(struct builder *b, const char *name, enum node_role kind)
{
	struct graph_node *node = ARENA_PUSH(b->g->arena, b->g->nodes.items, b->g->nodes.count);
	unsigned group = (unsigned)b->g->groups.count - 1;

	node->name = node->label = arena_strdup(b->g->arena, name);
	node->role = node_role_name(kind);
	node->tag = node->address = "";
	node->kind = kind;
	node->group = group;
	b->g->groups.items[group].count++;
	return node;
}

static void add_machine(struct builder *b, size_t machine)
{
	size_t last = b->g->nodes.count - 1;
	struct graph_node *node = &b->g->nodes.items[last];

	*ARENA_PUSH(b->g->arena, node->machines.items, node->machines.count) =
		arena_strdup(b->g->arena, b->t->nodes.items[machine]->name);
	b->node_of[machine] = (unsigned)last;
}

static const char *tag_of(const struct node *node, struct arena *arena)
{
	switch (node->role) {
	case ROLE_NVA:
		return "NVA";
	case ROLE_PRIVATE_ENDPOINT:
		return "endpoint";
	case ROLE_ER_GATEWAY:
		return "ER gateway";
	case ROLE_VPN_GATEWAY:
		return "VPN gateway";
	case ROLE_ROUTE_SERVER:
		return "Route Server";
	case ROLE_PROVIDER:
		return arena_printf(arena, "AS %lld", (long long)node->provider->asn.value);
	case ROLE_BRANCH:
		return node->branch->asn.value
			       ? arena_printf(arena, "AS %lld", (long long)node->branch->asn.value)
			       : "router";
	case ROLE_VM:
	case ROLE_INTERNET:
	case ROLE_MSEE:
	case ROLE_BRANCH_HOST:
		break;
	}
	return "";
}

static const char *name_of(const struct node *node)
{
	return node->gateway        ? node->gateway->object.name
	       : node->route_server ? node->route_server->object.name
				    : node->name;
}

static const char *address_of(const struct node *node, struct arena *arena)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface->ip.family == IP_V4 &&
		    (interface->subnet || interface->kind == INTERFACE_LAN))
			return arena_strdup(arena, ip_print(interface->ip).text);
	}
	return "";
}

static const struct vnet *vnet_of(const struct node *node)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (node->role != ROLE_MSEE && interface->subnet && interface->subnet->vnet)
			return interface->subnet->vnet;
	}
	return NULL;
}

static bool is_one_with(const struct node *a, const struct node *b)
{
	return (a->gateway && a->gateway == b->gateway) ||
	       (a->route_server && a->route_server == b->route_server);
}

/* A machine, or one more instance of the one before. */
static void add_topology_node(struct builder *b, size_t machine)
{
	const struct node *node = b->t->nodes.items[machine];
	struct graph_node *out;

	for (size_t i = 0; i < machine; i++) {
		unsigned at = b->node_of[i];

		if (at != GRAPH_NONE && is_one_with(b->t->nodes.items[i], node)) {
			out = &b->g->nodes.items[at];
			*ARENA_PUSH(b->g->arena, out->machines.items, out->machines.count) =
				arena_strdup(b->g->arena, node->name);
			b->node_of[machine] = at;
			return;
		}
	}
	out = add_node(b, name_of(node), node->role);
	out->tag = tag_of(node, b->g->arena);
	if (!node->gateway && !node->route_server && !node->circuit) /* those have several */
		out->address = address_of(node, b->g->arena);
	add_machine(b, machine);
}

/* ---- groups ---- */

/* Those that many may be of, and that no link goes to: their count may stand for them. */
static const enum node_role plain_roles[] = { ROLE_VM, ROLE_PRIVATE_ENDPOINT, ROLE_INTERNET,
					      ROLE_BRANCH_HOST };

static bool is_plain(const struct node *node)
{
	for (size_t r = 0; r < ARRAY_SIZE(plain_roles); r++)
		if (node->role == plain_roles[r])
			return true;
	return false;
}

static const char *plural_of(enum node_role role)
{
	return role == ROLE_VM                 ? "VMs"
	       : role == ROLE_PRIVATE_ENDPOINT ? "private endpoints"
					       : "hosts";
}

typedef bool member_fn(const struct node *node, const void *of);

static bool is_in_vnet(const struct node *node, const void *of)
{
	return vnet_of(node) == of;
}

static bool is_of_branch(const struct node *node, const void *of)
{
	return node->role == ROLE_BRANCH_HOST && node->branch == of;
}

static void add_fold(struct builder *b, enum node_role role, size_t count)
{
	const char *group = b->g->groups.items[b->g->groups.count - 1].name;
	struct graph_node *node;

	node = add_node(b, arena_printf(b->g->arena, "%s: %zu %s", group, count, plural_of(role)),
			role);
	node->label = arena_printf(b->g->arena, "%zu %s", count, plural_of(role));
	node->is_fold = true;
}

static void add_members_of_role(struct builder *b, member_fn *is_member, const void *of,
				enum node_role role)
{
	size_t count = 0;
	bool is_fold;

	for (size_t i = 0; i < b->t->nodes.count; i++)
		count += b->t->nodes.items[i]->role == role && is_member(b->t->nodes.items[i], of);
	is_fold = b->fold && count > b->fold;
	if (is_fold)
		add_fold(b, role, count);
	for (size_t i = 0; i < b->t->nodes.count; i++) {
		const struct node *node = b->t->nodes.items[i];

		if (node->role != role || !is_member(node, of))
			continue;
		if (is_fold)
			add_machine(b, i);
		else
			add_topology_node(b, i);
	}
}

/* Those that can be folded by role, then the others in the order of the file. */
static void add_members(struct builder *b, member_fn *is_member, const void *of)
{
	for (size_t r = 0; r < ARRAY_SIZE(plain_roles); r++)
		add_members_of_role(b, is_member, of, plain_roles[r]);
	for (size_t i = 0; i < b->t->nodes.count; i++)
		if (!is_plain(b->t->nodes.items[i]) && is_member(b->t->nodes.items[i], of))
			add_topology_node(b, i);
}

static const char *spaces_text(const struct spaces *spaces, struct arena *arena)
{
	struct prefix_text first;

	if (!spaces->count)
		return "";
	first = prefix_print(spaces->items[0].prefix);
	return spaces->count > 1 ? arena_printf(arena, "%s +%zu", first.text, spaces->count - 1)
				 : arena_strdup(arena, first.text);
}

static void add_networks(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	b->group_of =
		arena_alloc(b->g->arena, (lab->virtual_networks.count + 1) * sizeof(*b->group_of));
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];

		b->group_of[vnet->index] =
			add_group(b, GROUP_NETWORK, vnet->object.name,
				  spaces_text(&vnet->address_prefixes, b->g->arena));
		add_members(b, is_in_vnet, vnet);
	}
}

static void add_circuits(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t c = 0; c < lab->express_route_circuits.count; c++) {
		const struct circuit *circuit = &lab->express_route_circuits.items[c];

		(void)add_group(b, GROUP_CIRCUIT, circuit->object.name, "");
		for (size_t i = 0; i < b->t->nodes.count; i++) {
			const struct node *node = b->t->nodes.items[i];

			if (node->circuit != circuit)
				continue;
			add_topology_node(b, i);
			b->g->nodes.items[b->g->nodes.count - 1].label =
				choice_name(path_names, node->path);
		}
	}
}

static void add_routers(struct builder *b)
{
	for (size_t i = 0; i < b->t->nodes.count; i++) {
		const struct node *node = b->t->nodes.items[i];

		if (node->role == ROLE_PROVIDER) {
			(void)add_group(b, GROUP_PROVIDER, node->name, "");
			add_topology_node(b, i);
		} else if (node->role == ROLE_BRANCH) {
			(void)add_group(b, GROUP_BRANCH, node->name,
					spaces_text(&node->branch->lan, b->g->arena));
			add_topology_node(b, i);
			add_members(b, is_of_branch, node->branch);
		}
	}
}

/* ---- links ---- */

static unsigned node_place(const struct builder *b, const struct node *node)
{
	for (size_t i = 0; i < b->t->nodes.count; i++)
		if (b->t->nodes.items[i] == node)
			return b->node_of[i];
	return GRAPH_NONE;
}

static struct graph_link *add_link(struct builder *b, enum graph_link_kind kind, unsigned group_a,
				   unsigned node_a, unsigned group_b, unsigned node_b)
{
	struct graph_link *link = ARENA_PUSH(b->g->arena, b->g->links.items, b->g->links.count);

	*link = (struct graph_link){ .kind = kind,
				     .groups = { group_a, group_b },
				     .nodes = { node_a, node_b },
				     .words = graph_link_names[kind] };
	return link;
}

static struct graph_link *link_nodes(struct builder *b, enum graph_link_kind kind, unsigned a,
				     unsigned z)
{
	return add_link(b, kind, b->g->nodes.items[a].group, a, b->g->nodes.items[z].group, z);
}

static void add_text(struct builder *b, struct texts *texts, const char *text)
{
	*ARENA_PUSH(b->g->arena, texts->items, texts->count) = arena_strdup(b->g->arena, text);
}

/* The link is the latest, or a tunnel. */
static void add_device(struct builder *b, const struct graph_link *link,
		       const struct interface *interface, unsigned end)
{
	*ARENA_PUSH(b->g->arena, b->g->devices.items, b->g->devices.count) = (struct graph_device){
		.machine = arena_strdup(b->g->arena, interface->node->name),
		.interface = arena_strdup(b->g->arena, interface->name),
		.link = (unsigned)(link - b->g->links.items),
		.end = end,
	};
}

/* Of two halves the first in the file makes the link. */
static void add_peerings(struct builder *b)
{
	const struct lab *lab = b->t->lab;

	for (size_t v = 0; v < lab->virtual_networks.count; v++) {
		const struct vnet *vnet = &lab->virtual_networks.items[v];

		for (size_t i = 0; i < vnet->peerings.count; i++) {
			const struct peering *peering = &vnet->peerings.items[i];
			struct graph_link *link;

			if (peering->reverse && peering->remote_vnet->index < vnet->index)
				continue;
			link = add_link(b, LINK_PEERING, b->group_of[vnet->index], GRAPH_NONE,
					b->group_of[peering->remote_vnet->index], GRAPH_NONE);
			link->is_partial = peering->state != PEERING_CONNECTED;
			if (link->is_partial)
				link->words = "peering, Initiated from one side";
		}
	}
}

static unsigned circuit_group(const struct builder *b, const struct circuit *circuit)
{
	for (unsigned i = 0; i < b->g->groups.count; i++)
		if (b->g->groups.items[i].kind == GROUP_CIRCUIT &&
		    !strcmp(b->g->groups.items[i].name, circuit->object.name))
			return i;
	return GRAPH_NONE;
}

static unsigned gateway_node(const struct builder *b, const struct gateway *gateway)
{
	for (size_t i = 0; i < b->t->nodes.count; i++)
		if (b->t->nodes.items[i]->gateway == gateway)
			return b->node_of[i];
	return GRAPH_NONE;
}

/* MSEEs have a port for each connection. */
static void add_ports(struct builder *b, const struct graph_link *link,
		      const struct connection *connection)
{
	for (size_t i = 0; i < b->t->ports.count; i++)
		if (b->t->ports.items[i]->connection == connection)
			add_device(b, link, b->t->ports.items[i], 1);
}

static void add_connections(struct builder *b)
{
	const struct lab *lab = b->t->lab;
	struct graph_link *link;

	for (size_t i = 0; i < lab->connections.count; i++) {
		const struct connection *connection = &lab->connections.items[i];
		unsigned gateway;

		if (connection->type != CONNECTION_EXPRESS_ROUTE)
			continue;
		gateway = gateway_node(b, connection->gateway);
		if (gateway == GRAPH_NONE)
			continue;
		link = add_link(b, LINK_CONNECTION, b->g->nodes.items[gateway].group, gateway,
				circuit_group(b, connection->circuit), GRAPH_NONE);
		link->words = arena_strdup(b->g->arena, connection->object.name);
		add_ports(b, link, connection);
	}
}

static void add_cables(struct builder *b)
{
	for (size_t i = 0; i < b->t->cables.count; i++) {
		const struct cable *cable = b->t->cables.items[i];
		unsigned ends[2] = { node_place(b, cable->ends[0]->node),
				     node_place(b, cable->ends[1]->node) };
		struct graph_link *link;
		const char *name;

		if (cable->ends[0]->tunnel || ends[0] == GRAPH_NONE || ends[1] == GRAPH_NONE)
			continue;
		name = cable_name(b->t, cable, b->g->arena);
		link = link_nodes(b, LINK_CABLE, ends[0], ends[1]);
		link->words = cable->delay_ms > 0 ? arena_printf(b->g->arena, "%s, %g ms", name,
								 cable->delay_ms)
						  : arena_strdup(b->g->arena, name);
		link->rate_mbps = cable->rate_mbps;
		add_text(b, &link->targets, name);
		add_device(b, link, cable_counted(cable), cable_counted(cable) == cable->ends[1]);
		for (int e = 0; e < 2; e++) { /* a circuit, or one path of it, is cut as a whole */
			const struct node *msee = cable->ends[e]->node;

			if (msee->role != ROLE_MSEE)
				continue;
			add_text(b, &link->targets, msee->circuit->object.name);
			add_text(b, &link->targets,
				 arena_printf(b->g->arena, "%s/%s", msee->circuit->object.name,
					      choice_name(path_names, msee->path)));
			add_text(b, &link->targets,
				 arena_printf(b->g->arena, "%s/%s", cable->ends[!e]->node->name,
					      msee->circuit->object.name));
		}
	}
}

/* Several between the same two nodes are one. */
static struct graph_link *tunnel_link(struct builder *b, unsigned a, unsigned z)
{
	for (size_t i = 0; i < b->g->links.count; i++) {
		struct graph_link *link = &b->g->links.items[i];

		if (link->kind == LINK_TUNNEL && ((link->nodes[0] == a && link->nodes[1] == z) ||
						  (link->nodes[0] == z && link->nodes[1] == a)))
			return link;
	}
	return link_nodes(b, LINK_TUNNEL, a, z);
}

static unsigned site_of(struct builder *b, const struct tunnel_end *end)
{
	const struct connection *connection = end->connection;
	const char *address = arena_strdup(b->g->arena, ip_print(end->remote).text);
	const char *name = connection && connection->local_network_gateway
				   ? connection->local_network_gateway->object.name
				   : address;
	struct graph_node *node;

	for (unsigned i = 0; i < b->g->nodes.count; i++)
		if (b->g->nodes.items[i].is_site && !strcmp(b->g->nodes.items[i].name, name))
			return i;
	(void)add_group(b, GROUP_SITE, name, "");
	node = add_node(b, name, ROLE_BRANCH);
	node->role = "site outside of the lab";
	node->tag = "outside";
	node->address = name == address ? "" : address;
	node->is_site = true;
	return (unsigned)b->g->nodes.count - 1;
}

static void add_tunnels(struct builder *b)
{
	for (size_t i = 0; i < b->t->tunnel_ends.count; i++) {
		const struct tunnel_end *end = b->t->tunnel_ends.items[i];
		unsigned a = node_place(b, end->node);
		unsigned z = end->peer ? node_place(b, end->peer->node) : site_of(b, end);
		struct graph_link *link = tunnel_link(b, a, z);

		link->is_partial |= !end->peer;
		link->words = link->is_partial ? "IPsec tunnel, nobody answers"
					       : graph_link_names[LINK_TUNNEL];
		add_text(b, &link->targets, end->name);
		add_text(b, &link->tunnels, end->name);
		if (tunnel_is_counted(end))
			add_device(b, link, end->interface, link->nodes[0] != a);
		if (end->connection)
			add_text(b, &link->targets, end->connection->object.name);
	}
}

static void add_lans(struct builder *b)
{
	for (unsigned i = 0; i < b->g->nodes.count; i++)
		if (b->g->nodes.items[i].kind == ROLE_BRANCH_HOST)
			(void)link_nodes(b, LINK_LAN,
					 b->g->groups.items[b->g->nodes.items[i].group].first, i);
}

static void add_internet(struct builder *b)
{
	const struct lab *lab = b->t->lab;
	unsigned internet;

	if (!lab->internet_network)
		return;
	internet = add_group(b, GROUP_INTERNET, "Internet", "");
	add_members(b, is_in_vnet, lab->internet_network);
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		(void)add_link(b, LINK_INTERNET, b->group_of[lab->virtual_networks.items[i].index],
			       GRAPH_NONE, internet, GRAPH_NONE);
}

/* ---- names ---- */

static int compare_names(const void *a, const void *b)
{
	const struct graph_name *x = a, *y = b;

	return strcasecmp(x->name, y->name);
}

static void add_name(struct graph *g, const char *name, unsigned node)
{
	*ARENA_PUSH(g->arena, g->names.items, g->names.count) = (struct graph_name){ name, node };
}

static void index_names(struct graph *g)
{
	for (unsigned i = 0; i < g->nodes.count; i++) {
		const struct graph_node *node = &g->nodes.items[i];

		add_name(g, node->name, i);
		for (size_t n = 0; n < node->machines.count; n++)
			if (strcasecmp(node->machines.items[n], node->name) != 0)
				add_name(g, node->machines.items[n], i);
	}
	if (g->names.count)
		qsort(g->names.items, g->names.count, sizeof(*g->names.items), compare_names);
}

static int compare_devices(const void *a, const void *b)
{
	const struct graph_device *x = a, *y = b;
	int order = strcmp(x->machine, y->machine);

	return order ? order : strcmp(x->interface, y->interface);
}

struct graph *graph_new(const struct topology *topology, unsigned fold)
{
	struct arena *arena = arena_new();
	struct graph *graph = arena_alloc(arena, sizeof(*graph));
	struct builder b = { .g = graph, .t = topology, .fold = fold };

	graph->arena = arena;
	graph->lab = arena_strdup(arena, topology->lab->name.value);
	b.node_of = arena_alloc(arena, (topology->nodes.count + 1) * sizeof(*b.node_of));
	for (size_t i = 0; i < topology->nodes.count; i++)
		b.node_of[i] = GRAPH_NONE;
	add_networks(&b);
	add_circuits(&b);
	add_routers(&b);
	add_peerings(&b);
	add_connections(&b);
	add_cables(&b);
	add_lans(&b);
	add_tunnels(&b);
	add_internet(&b);
	index_names(graph);
	if (graph->devices.count)
		qsort(graph->devices.items, graph->devices.count, sizeof(*graph->devices.items),
		      compare_devices);
	return graph;
}

void graph_free(struct graph *graph)
{
	if (graph)
		arena_free(graph->arena);
}

const struct graph_device *graph_find_device(const struct graph *graph, const char *machine,
					     const char *interface)
{
	const struct graph_device wanted = { .machine = machine, .interface = interface };

	if (!graph->devices.count)
		return NULL;
	return bsearch(&wanted, graph->devices.items, graph->devices.count, sizeof(wanted),
		       compare_devices);
}

unsigned graph_find(const struct graph *graph, const char *name)
{
	const struct graph_name wanted = { .name = name }, *found = NULL;

	if (graph->names.count)
		found = bsearch(&wanted, graph->names.items, graph->names.count, sizeof(wanted),
				compare_names);
	return found ? found->node : GRAPH_NONE;
}
