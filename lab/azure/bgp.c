/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/bgp.h"

#include <ctype.h>
#include <string.h>

#define PREFERENCE_LEARNED 100 /* BIRD's own for BGP */

const char *bgp_class_name(enum bgp_class class)
{
	switch (class) {
	case BGP_CLASS_NETWORK:
		return "CLASS_NETWORK";
	case BGP_CLASS_STATIC:
		return "CLASS_STATIC";
	case BGP_CLASS_GATEWAY:
		return "CLASS_GATEWAY";
	case BGP_CLASS_MSEE:
		return "CLASS_MSEE";
	case BGP_CLASS_PROVIDER:
		return "CLASS_PROVIDER";
	case BGP_CLASS_BRANCH:
		return "CLASS_BRANCH";
	}
	return "";
}

bool asn_is_private(uint32_t asn)
{
	return (asn >= 64512 && asn <= 65534) || (asn >= 4200000000u && asn <= 4294967294u);
}

/*
 * Of the speaker's name, so that it is the same whatever else the lab has or had: ties between
 * equal paths end on it. Of the instances of a gateway and the MSEEs of a circuit the first one has
 * the lower. All are of 10.0.0.0/8 and different, whatever addresses unconnected networks share.
 */
static struct ip choose_router_id(const struct bgp_graph *graph, const struct node *node)
{
	const char *name = node->gateway   ? node->gateway->object.name
			   : node->circuit ? node->circuit->object.name
					   : node->name;
	unsigned nth = node->gateway ? node->instance : node->circuit ? (unsigned)node->path : 0;
	uint32_t hash = 2166136261u; /* FNV-1a */
	bool is_taken = true;
	struct ip id = { 0 };

	for (const char *c = name; *c; c++)
		hash = (hash ^ (uint32_t)tolower((unsigned char)*c)) * 16777619u;
	for (; is_taken; hash++) {
		id = ip4(0x0a000000u | (hash & 0x3fffff) << 2 | (nth + 1));
		is_taken = false;
		for (size_t i = 0; i < graph->speakers.count; i++)
			is_taken |= ip_equal(graph->speakers.items[i]->router_id, id);
	}
	return id;
}

static struct bgp_speaker *add_speaker(struct bgp_graph *graph, const struct node *node,
				       uint32_t asn)
{
	struct bgp_speaker *speaker = arena_alloc(graph->arena, sizeof(*speaker));

	speaker->index = (unsigned)graph->speakers.count;
	speaker->node = node;
	speaker->asn = asn;
	speaker->router_id = choose_router_id(graph, node);
	*ARENA_PUSH(graph->arena, graph->speakers.items, graph->speakers.count) = speaker;
	return speaker;
}

static struct bgp_network *add_network(struct bgp_graph *graph, struct bgp_speaker *speaker,
				       struct prefix prefix, enum bgp_class class)
{
	struct bgp_network *network =
		ARENA_PUSH(graph->arena, speaker->networks.items, speaker->networks.count);

	network->prefix = prefix;
	network->class = class;
	return network;
}

/*
 * What the daemon takes as a name, from the peer's; where that makes two equal, a number behind it.
 * It does not depend on other sessions, so a change to those leaves this one alone.
 */
static const char *name_end(struct bgp_graph *graph, const struct bgp_speaker *speaker,
			    const struct bgp_speaker *peer)
{
	char *name = arena_printf(graph->arena, "b_%.48s", peer->node->name), *numbered = name;

	for (char *c = name; *c; c++)
		if (*c == '-' || *c == '.')
			*c = '_';
	for (unsigned n = 2; bgp_find_end(speaker, numbered); n++)
		numbered = arena_printf(graph->arena, "%s_%u", name, n);
	return numbered;
}

static struct bgp_end *add_end(struct bgp_graph *graph, struct bgp_speaker *speaker,
			       const struct interface *interface, const struct bgp_speaker *peer,
			       enum bgp_class learns, unsigned sends)
{
	struct bgp_end *end = arena_alloc(graph->arena, sizeof(*end));

	end->speaker = speaker;
	end->name = name_end(graph, speaker, peer);
	end->interface = interface;
	end->learns = learns;
	end->sends = sends;
	end->preference = PREFERENCE_LEARNED;
	*ARENA_PUSH(graph->arena, speaker->ends.items, speaker->ends.count) = end;
	return end;
}

static void join(struct bgp_graph *graph, struct bgp_end *a, struct bgp_end *b)
{
	a->peer = b;
	b->peer = a;
	graph->session_count++;
}

/* R4.7: the gateway's own IPv4 ranges and those of the networks that use it, each by itself. */
static void add_gateway_networks(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	const struct lab *lab = graph->topology->lab;
	const struct gateway *gateway = speaker->node->gateway;

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];

		if (vnet->used_express_route != gateway)
			continue;
		for (size_t n = 0; n < vnet->address_prefixes.count; n++)
			if (vnet->address_prefixes.items[n].prefix.addr.family == IP_V4)
				add_network(graph, speaker, vnet->address_prefixes.items[n].prefix,
					    BGP_CLASS_NETWORK);
	}
}

/* An MSEE and a gateway instance meet in the GatewaySubnet (R6.3). */
static void join_msee_and_gateway(struct bgp_graph *graph, struct bgp_speaker *msee,
				  const struct interface *port, struct bgp_speaker *gateway)
{
	/* what one gateway says is no other gateway's business: circuits do not hairpin here */
	struct bgp_end *a = add_end(graph, msee, port, gateway, BGP_CLASS_GATEWAY,
				    BGP_CLASS_BIT(BGP_CLASS_PROVIDER));
	struct bgp_end *b = add_end(graph, gateway, gateway->node->interfaces.items[0], msee,
				    BGP_CLASS_MSEE, BGP_CLASS_BIT(BGP_CLASS_NETWORK));

	b->own = gateway->node->gateway->vnet;
	join(graph, a, b);
}

static void add_msee_sessions(struct bgp_graph *graph, struct bgp_speaker *msee)
{
	for (size_t i = 0; i < msee->node->interfaces.count; i++) {
		const struct interface *port = msee->node->interfaces.items[i];

		for (unsigned n = 0; port->connection && n < GATEWAY_INSTANCES; n++)
			join_msee_and_gateway(
				graph, msee, port,
				bgp_find_instance(graph, port->connection->gateway, n));
	}
}

/* What a provider tells on each of its links: what it heard on all others. */
#define PROVIDER_SENDS                                                                             \
	(BGP_CLASS_BIT(BGP_CLASS_MSEE) | BGP_CLASS_BIT(BGP_CLASS_STATIC) |                         \
	 BGP_CLASS_BIT(BGP_CLASS_BRANCH))

static struct bgp_end *join_provider_and_msee(struct bgp_graph *graph, struct bgp_speaker *provider,
					      const struct interface *near,
					      struct bgp_speaker *msee, const struct interface *far)
{
	struct bgp_end *a = add_end(graph, provider, near, msee, BGP_CLASS_MSEE, PROVIDER_SENDS);
	struct bgp_end *b = add_end(graph, msee, far, provider, BGP_CLASS_PROVIDER,
				    BGP_CLASS_BIT(BGP_CLASS_GATEWAY));

	b->strips_private_asns = true;
	b->accepts_own_asn = true; /* the other circuit's MSEE has the same number */
	join(graph, a, b);
	return a;
}

/* A branch tells what is its own: a customer's site carries nothing between two providers. */
static struct bgp_end *join_provider_and_branch(struct bgp_graph *graph,
						struct bgp_speaker *provider,
						const struct interface *near,
						struct bgp_speaker *branch,
						const struct interface *far)
{
	struct bgp_end *a =
		add_end(graph, provider, near, branch, BGP_CLASS_BRANCH, PROVIDER_SENDS);
	struct bgp_end *b = add_end(graph, branch, far, provider, BGP_CLASS_PROVIDER,
				    BGP_CLASS_BIT(BGP_CLASS_NETWORK));

	join(graph, a, b);
	return a;
}

static void add_provider_sessions(struct bgp_graph *graph, struct bgp_speaker *provider)
{
	const struct provider *from = provider->node->provider;

	for (size_t i = 0; i < provider->node->interfaces.count; i++) {
		const struct interface *near = provider->node->interfaces.items[i];
		const struct interface *far = near->cable->ends[near->cable->ends[0] == near];
		const struct provider_link *link = &from->links.items[i];
		struct bgp_speaker *peer = bgp_find_speaker(graph, far->node);
		struct bgp_end *end =
			link->branch ? join_provider_and_branch(graph, provider, near, peer, far)
				     : join_provider_and_msee(graph, provider, near, peer, far);

		for (size_t n = 0; n < link->static_routes.count; n++)
			add_network(graph, provider, link->static_routes.items[n].prefix,
				    BGP_CLASS_STATIC)
				->via = end;
	}
}

static void add_announcement(struct bgp_graph *graph, struct bgp_speaker *speaker,
			     const struct announcement *announcement)
{
	size_t count = announcement->as_path.count;
	uint32_t *asns = arena_alloc(graph->arena, count * sizeof(*asns));

	for (size_t i = 0; i < count; i++)
		asns[i] = (uint32_t)announcement->as_path.items[i].value;
	for (size_t i = 0; i < announcement->prefix.count; i++) {
		struct bgp_network *network = add_network(
			graph, speaker, announcement->prefix.items[i].prefix, BGP_CLASS_NETWORK);

		network->path.items = asns;
		network->path.count = count;
	}
}

static void add_branch_networks(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	const struct branch *branch = speaker->node->branch;

	speaker->refuses_own = true;
	if (branch->address.ip.family != IP_NONE)
		add_network(graph, speaker, prefix_host(branch->address.ip), BGP_CLASS_NETWORK);
	for (size_t i = 0; i < branch->announce.count; i++)
		add_announcement(graph, speaker, &branch->announce.items[i]);
}

static uint32_t node_asn(const struct node *node)
{
	switch (node->role) {
	case ROLE_VM:
	case ROLE_NVA:
	case ROLE_PRIVATE_ENDPOINT:
		return 0;
	case ROLE_ER_GATEWAY:
		return ASN_AZURE;
	case ROLE_MSEE:
		return ASN_MSEE;
	case ROLE_PROVIDER:
		return (uint32_t)node->provider->asn.value;
	case ROLE_BRANCH:
		return (uint32_t)node->branch->asn.value;
	}
	return 0;
}

struct bgp_graph *bgp_graph_new(const struct topology *topology)
{
	struct arena *arena = arena_new();
	struct bgp_graph *graph = arena_alloc(arena, sizeof(*graph));

	graph->arena = arena;
	graph->topology = topology;
	/* R6.18 for Azure's own; the fast ones are no load even on small machines */
	graph->timers = topology->lab->timers.value == TIMERS_AZURE
				? (struct bgp_timers){ 60, 180, 300, 3 }
				: (struct bgp_timers){ 3, 9, 100, 3 };
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];

		if (node_asn(node))
			add_speaker(graph, node, node_asn(node))->fills_kernel =
				node->role != ROLE_ER_GATEWAY;
	}
	for (size_t i = 0; i < graph->speakers.count; i++) {
		struct bgp_speaker *speaker = graph->speakers.items[i];

		if (speaker->node->role == ROLE_ER_GATEWAY)
			add_gateway_networks(graph, speaker);
		else if (speaker->node->role == ROLE_MSEE)
			add_msee_sessions(graph, speaker);
		else if (speaker->node->role == ROLE_PROVIDER)
			add_provider_sessions(graph, speaker);
		else if (speaker->node->role == ROLE_BRANCH)
			add_branch_networks(graph, speaker);
	}
	return graph;
}

void bgp_graph_free(struct bgp_graph *graph)
{
	if (graph)
		arena_free(graph->arena);
}

struct bgp_speaker *bgp_find_speaker(const struct bgp_graph *graph, const struct node *node)
{
	for (size_t i = 0; i < graph->speakers.count; i++)
		if (graph->speakers.items[i]->node == node)
			return graph->speakers.items[i];
	return NULL;
}

struct bgp_speaker *bgp_find_instance(const struct bgp_graph *graph, const struct gateway *gateway,
				      unsigned instance)
{
	for (size_t i = 0; i < graph->speakers.count; i++) {
		struct bgp_speaker *speaker = graph->speakers.items[i];

		if (speaker->node->gateway == gateway && speaker->node->instance == instance)
			return speaker;
	}
	return NULL;
}

const struct bgp_end *bgp_find_end(const struct bgp_speaker *speaker, const char *name)
{
	for (size_t i = 0; i < speaker->ends.count; i++)
		if (!strcmp(speaker->ends.items[i]->name, name))
			return speaker->ends.items[i];
	return NULL;
}
