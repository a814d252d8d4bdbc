/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/bgp_parts.h"

#include <ctype.h>
#include <string.h>

const char *routing_daemon_name(enum routing_daemon daemon)
{
	switch (daemon) {
	case ROUTING_BIRD:
		return "bird";
	case ROUTING_FRR:
		return "frr";
	}
	return "";
}

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
	case BGP_CLASS_SITE:
		return "CLASS_SITE";
	case BGP_CLASS_LNG:
		return "CLASS_LNG";
	case BGP_CLASS_TWIN:
		return "CLASS_TWIN";
	case BGP_CLASS_ROUTE_SERVER:
		return "CLASS_ROUTE_SERVER";
	case BGP_CLASS_ER_GATEWAY:
		return "CLASS_ER_GATEWAY";
	case BGP_CLASS_VPN_GATEWAY:
		return "CLASS_VPN_GATEWAY";
	case BGP_CLASS_NVA:
		return "CLASS_NVA";
	case BGP_CLASS_NEIGHBOR:
		return "CLASS_NEIGHBOR";
	case BGP_CLASS_LOOP:
		return "CLASS_LOOP";
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
	const char *name = node->gateway        ? node->gateway->object.name
			   : node->route_server ? node->route_server->object.name
			   : node->circuit      ? node->circuit->object.name
						: node->name;
	unsigned nth = node->circuit ? (unsigned)node->path : node->instance;
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

/* Customers choose; what is Azure's or a provider's is BIRD. */
static enum routing_daemon node_daemon(const struct node *node)
{
	const struct choice *chosen = node->branch             ? &node->branch->daemon
				      : node->role == ROLE_NVA ? &node->vm->bgp.daemon
							       : NULL;

	return chosen ? (enum routing_daemon)chosen->value : ROUTING_BIRD;
}

static struct bgp_speaker *add_speaker(struct bgp_graph *graph, const struct node *node,
				       uint32_t asn)
{
	struct bgp_speaker *speaker = arena_alloc(graph->arena, sizeof(*speaker));

	speaker->index = (unsigned)graph->speakers.count;
	speaker->node = node;
	speaker->daemon = node_daemon(node);
	speaker->asn = asn;
	speaker->router_id = choose_router_id(graph, node);
	*ARENA_PUSH(graph->arena, graph->speakers.items, graph->speakers.count) = speaker;
	return speaker;
}

struct bgp_network *bgp_add_network(struct bgp_graph *graph, struct bgp_speaker *speaker,
				    struct prefix prefix, enum bgp_class class)
{
	struct bgp_network *network =
		ARENA_PUSH(graph->arena, speaker->networks.items, speaker->networks.count);

	network->prefix = prefix;
	network->class = class;
	return network;
}

void bgp_add_ranges(struct bgp_graph *graph, struct bgp_speaker *speaker, const struct vnet *vnet,
		    enum bgp_class class)
{
	for (size_t i = 0; i < vnet->address_prefixes.count; i++)
		if (vnet->address_prefixes.items[i].prefix.addr.family == IP_V4)
			(void)bgp_add_network(graph, speaker,
					      vnet->address_prefixes.items[i].prefix, class);
}

/*
 * What the daemon takes as a name, from the peer's; where that makes two equal, a number behind it.
 * It does not depend on other sessions, so a change to those leaves this one alone.
 */
static const char *name_end(struct bgp_graph *graph, const struct bgp_speaker *speaker,
			    const char *peer)
{
	char *name = arena_printf(graph->arena, "b_%.48s", peer), *numbered = name;

	for (char *c = name; *c; c++)
		if (*c == '-' || *c == '.')
			*c = '_';
	for (unsigned n = 2; bgp_find_end(speaker, numbered); n++)
		numbered = arena_printf(graph->arena, "%s_%u", name, n);
	return numbered;
}

struct bgp_end *bgp_add_half(struct bgp_graph *graph, const struct bgp_side *near,
			     struct ip peer_ip, uint32_t peer_asn, const struct node *far,
			     enum bgp_class learns, unsigned sends)
{
	struct bgp_end *end = arena_alloc(graph->arena, sizeof(*end));

	end->speaker = near->speaker;
	end->interface = near->interface;
	end->ip = near->ip;
	end->peer_ip = peer_ip;
	end->peer_asn = peer_asn;
	end->peer_node = far;
	end->peer_name = far ? far->name : arena_strdup(graph->arena, ip_print(peer_ip).text);
	end->name = name_end(graph, near->speaker, end->peer_name);
	end->learns = learns;
	end->sends = sends;
	end->preference = BGP_PREFERENCE_LEARNED;
	*ARENA_PUSH(graph->arena, near->speaker->ends.items, near->speaker->ends.count) = end;
	return end;
}

struct bgp_end *bgp_add_end(struct bgp_graph *graph, const struct bgp_side *near,
			    const struct bgp_side *far, enum bgp_class learns, unsigned sends)
{
	return bgp_add_half(graph, near, far->ip, far->speaker->asn, far->speaker->node, learns,
			    sends);
}

void bgp_join(struct bgp_end *a, struct bgp_end *b)
{
	a->peer = b;
	b->peer = a;
	a->is_expected = true;
	b->is_expected = true;
}

/* Does what each is told to speak with the other? */
static bool is_mutual(const struct bgp_end *a, const struct bgp_end *b)
{
	return ip_equal(a->ip, b->peer_ip) && ip_equal(a->peer_ip, b->ip) &&
	       a->peer_asn == b->speaker->asn && b->peer_asn == a->speaker->asn;
}

/* Do packets get from one interface to the other: in a tunnel, or through the fabric? */
static bool is_linked(const struct interface *a, const struct interface *b)
{
	if (a->tunnel || b->tunnel)
		return a->tunnel && a->tunnel->peer == b->tunnel;
	return a->network && b->network && a->network->zone == b->network->zone;
}

static void match(const struct bgp_graph *graph, struct bgp_end *end)
{
	for (size_t i = 0; i < graph->speakers.count && !end->peer; i++) {
		const struct bgp_speaker *speaker = graph->speakers.items[i];

		for (size_t n = 0; n < speaker->ends.count && !end->peer; n++) {
			struct bgp_end *other = speaker->ends.items[n];

			if (!other->peer && other != end && is_mutual(end, other) &&
			    is_linked(end->interface, other->interface))
				bgp_join(end, other);
		}
	}
}

void bgp_match(struct bgp_graph *graph)
{
	for (size_t i = 0; i < graph->speakers.count; i++)
		for (size_t n = 0; n < graph->speakers.items[i]->ends.count; n++)
			match(graph, graph->speakers.items[i]->ends.items[n]);
}

const struct node *bgp_find_host(const struct bgp_graph *graph, const struct interface *port,
				 struct ip ip)
{
	const struct topology *topology = graph->topology;

	for (size_t i = 0; port->network && i < topology->ports.count; i++) {
		const struct interface *other = topology->ports.items[i];

		if (other->network->zone == port->network->zone && interface_has_ip(other, ip))
			return other->node;
	}
	return NULL;
}

struct ip bgp_speaker_ip(const struct bgp_speaker *speaker)
{
	const struct node *node = speaker->node;

	if (node->role == ROLE_VPN_GATEWAY)
		return node->gateway->bgp_ip[node->instance];
	return node->interfaces.count ? node->interfaces.items[0]->ip : (struct ip){ 0 };
}

struct bgp_side bgp_side_of(struct bgp_speaker *speaker)
{
	return (struct bgp_side){ speaker, speaker->node->interfaces.items[0],
				  bgp_speaker_ip(speaker) };
}

static uint32_t node_asn(const struct node *node)
{
	switch (node->role) {
	case ROLE_VM:
	case ROLE_INTERNET:
	case ROLE_PRIVATE_ENDPOINT:
	case ROLE_BRANCH_HOST:
		return 0;
	case ROLE_NVA:
		return (uint32_t)node->vm->bgp.asn.value;
	case ROLE_VPN_GATEWAY:
		return node->gateway->asn;
	case ROLE_ER_GATEWAY:
	case ROLE_ROUTE_SERVER:
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

/* Those that only say who goes where, and forward nothing, have no use for it. */
static bool fills_kernel(const struct node *node)
{
	return node->role != ROLE_ER_GATEWAY && node->role != ROLE_ROUTE_SERVER;
}

/* Its networks, and the sessions that are added from its side. */
static void add_speaker_parts(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	switch (speaker->node->role) {
	case ROLE_ER_GATEWAY:
		bgp_add_gateway_networks(graph, speaker);
		break;
	case ROLE_VPN_GATEWAY:
		bgp_add_gateway_networks(graph, speaker);
		bgp_add_vpn_gateway(graph, speaker);
		break;
	case ROLE_ROUTE_SERVER:
		bgp_add_gateway_networks(graph, speaker);
		bgp_add_route_server(graph, speaker);
		break;
	case ROLE_MSEE:
		bgp_add_msee(graph, speaker);
		break;
	case ROLE_PROVIDER:
		bgp_add_provider(graph, speaker);
		break;
	case ROLE_BRANCH:
		bgp_add_branch(graph, speaker);
		break;
	case ROLE_NVA:
		bgp_add_nva(graph, speaker);
		break;
	case ROLE_VM:
	case ROLE_INTERNET:
	case ROLE_PRIVATE_ENDPOINT:
	case ROLE_BRANCH_HOST:
		break;
	}
}

struct bgp_graph *bgp_graph_new(const struct topology *topology)
{
	struct arena *arena = arena_new();
	struct bgp_graph *graph = arena_alloc(arena, sizeof(*graph));
	const struct lab *lab = topology->lab;

	graph->arena = arena;
	graph->topology = topology;
	/* R6.18 for Azure's own; the fast ones are no load even on small machines */
	graph->timers = lab->timers.value == TIMERS_AZURE ? (struct bgp_timers){ 60, 180, 300, 3 }
							  : (struct bgp_timers){ 3, 9, 100, 3 };
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];
		struct bgp_speaker *speaker;

		if (!node_asn(node))
			continue;
		speaker = add_speaker(graph, node, node_asn(node));
		speaker->fills_kernel = fills_kernel(node);
		speaker->ranks_routes = node->role == ROLE_ROUTE_SERVER;
	}
	for (size_t i = 0; i < graph->speakers.count; i++)
		add_speaker_parts(graph, graph->speakers.items[i]);
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		bgp_add_inside(graph, &lab->virtual_networks.items[i]);
	bgp_add_hairpins(graph);
	bgp_match(graph);
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

struct bgp_network *bgp_find_network(const struct bgp_speaker *speaker, struct prefix prefix,
				     unsigned classes)
{
	for (size_t i = 0; i < speaker->networks.count; i++) {
		struct bgp_network *network = &speaker->networks.items[i];

		if (classes & BGP_CLASS_BIT(network->class) &&
		    prefix_equal(network->prefix, prefix))
			return network;
	}
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

bool bgp_end_is_internal(const struct bgp_end *end)
{
	return end->peer_asn == end->speaker->asn;
}

bool bgp_end_lasts(const struct bgp_end *end)
{
	return end->peer && end->is_expected && end->peer->is_expected && !end->is_over_limit;
}

unsigned bgp_session_count(const struct bgp_graph *graph)
{
	unsigned ends = 0;

	for (size_t i = 0; i < graph->speakers.count; i++)
		for (size_t n = 0; n < graph->speakers.items[i]->ends.count; n++)
			ends += bgp_end_lasts(graph->speakers.items[i]->ends.items[n]);
	return ends / 2;
}
