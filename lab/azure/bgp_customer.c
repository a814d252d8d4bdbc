/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routers of customers: branches and NVAs, as their own part of the lab file configures them. */
#include "lab/azure/bgp_parts.h"

#define NEIGHBOR_SENDS (BGP_CLASS_BIT(BGP_CLASS_NETWORK) | BGP_CLASS_BIT(BGP_CLASS_NEIGHBOR))

/* ---- what it announces ---- */

static void add_announcement(struct bgp_graph *graph, struct bgp_speaker *speaker,
			     const struct announcement *announcement)
{
	size_t count = announcement->as_path.count;
	uint32_t *asns = arena_alloc(graph->arena, count * sizeof(*asns));

	for (size_t i = 0; i < count; i++)
		asns[i] = (uint32_t)announcement->as_path.items[i].value;
	for (size_t i = 0; i < announcement->prefix.count; i++) {
		struct bgp_network *network = bgp_add_network(
			graph, speaker, announcement->prefix.items[i].prefix, BGP_CLASS_NETWORK);

		network->path.items = asns;
		network->path.count = count;
	}
}

/* Does one of its interfaces stand in exactly this network? */
static bool is_connected(const struct node *node, struct prefix prefix)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface->kind == INTERFACE_TUNNEL
			    ? prefix_equal(prefix_host(interface->peer_ip), prefix)
			    : prefix_equal(interface_network(interface, IP_V4), prefix))
			return true;
	}
	return false;
}

static bool is_static(const struct node *node, struct prefix prefix)
{
	size_t count;
	const struct guest_route *routes = node_guest_routes(node, &count);

	for (size_t i = 0; i < count; i++)
		if (prefix_equal(routes[i].prefix, prefix))
			return true;
	return node->vm && !prefix.len; /* by the router of its subnet, as every machine has it */
}

/*
 * The import check: a network is announced if the router's own table has it, and not by BGP (FRR
 * 8.4 looks past what it has learned, so it would not announce it either).
 */
static void add_networks(struct bgp_graph *graph, struct bgp_speaker *speaker,
			 const struct router_bgp *bgp)
{
	for (size_t i = 0; i < bgp->networks.count; i++) {
		struct prefix prefix = bgp->networks.items[i].prefix;
		bool is_there = !bgp->network_import_check.value ||
				is_connected(speaker->node, prefix) ||
				is_static(speaker->node, prefix);

		if (is_there && !bgp_find_network(speaker, prefix, BGP_ANY_CLASS))
			(void)bgp_add_network(graph, speaker, prefix, BGP_CLASS_NETWORK);
	}
}

/* ---- whom it speaks with ---- */

static const struct interface *find_tunnel(const struct node *node, struct ip peer_ip)
{
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (node->interfaces.items[i]->kind == INTERFACE_TUNNEL &&
		    ip_equal(node->interfaces.items[i]->peer_ip, peer_ip))
			return node->interfaces.items[i];
	return NULL;
}

/* The port by whose own network, else by whose router, an address is reached. */
static const struct interface *find_port(const struct node *node, struct ip ip)
{
	const struct interface *first = NULL;

	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface->kind == INTERFACE_TUNNEL || interface->kind == INTERFACE_LOOPBACK)
			continue;
		if (prefix_has_ip(interface_network(interface, IP_V4), ip))
			return interface;
		if (!first && interface->kind != INTERFACE_LAN) /* there is no router in it */
			first = interface;
	}
	return first;
}

static void add_neighbor(struct bgp_graph *graph, struct bgp_speaker *speaker,
			 const struct bgp_neighbor *neighbor)
{
	const struct node *node = speaker->node, *far = NULL;
	const struct interface *interface = find_tunnel(node, neighbor->address.ip);
	bool is_tunnel = interface;
	struct bgp_side near;
	struct bgp_end *end;

	if (!is_tunnel)
		interface = find_port(node, neighbor->address.ip);
	if (!interface)
		return; /* a router on no network */
	if (!is_tunnel)
		far = bgp_find_host(graph, interface, neighbor->address.ip);
	else if (interface->tunnel->peer)
		far = interface->tunnel->peer->node;
	near = (struct bgp_side){ speaker, interface, interface->ip };
	end = bgp_add_half(graph, &near, neighbor->address.ip, (uint32_t)neighbor->asn.value, far,
			   BGP_CLASS_NEIGHBOR, NEIGHBOR_SENDS);
	end->neighbor = neighbor;
	end->prepend = (unsigned)neighbor->prepend.value;
	end->is_multihop = !is_tunnel;
	end->has_bfd = is_tunnel && graph->topology->lab->timers.value == TIMERS_FAST;
}

static void add_neighbors(struct bgp_graph *graph, struct bgp_speaker *speaker,
			  const struct router_bgp *bgp)
{
	for (size_t i = 0; i < bgp->neighbors.count; i++)
		add_neighbor(graph, speaker, &bgp->neighbors.items[i]);
}

void bgp_add_branch(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	const struct branch *branch = speaker->node->branch;

	speaker->refuses_own = true;
	if (branch->address.ip.family != IP_NONE)
		(void)bgp_add_network(graph, speaker, prefix_host(branch->address.ip),
				      BGP_CLASS_NETWORK);
	for (size_t i = 0; i < branch->lan.count; i++)
		(void)bgp_add_network(graph, speaker, branch->lan.items[i].prefix,
				      BGP_CLASS_NETWORK);
	for (size_t i = 0; i < branch->announce.count; i++)
		add_announcement(graph, speaker, &branch->announce.items[i]);
	add_networks(graph, speaker, &branch->bgp);
	add_neighbors(graph, speaker, &branch->bgp);
}

void bgp_add_nva(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	add_networks(graph, speaker, &speaker->node->vm->bgp);
	add_neighbors(graph, speaker, &speaker->node->vm->bgp);
}
