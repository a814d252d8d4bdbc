/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ExpressRoute: gateways, MSEEs, and the providers and branches behind them. */
#include "lab/azure/bgp_parts.h"

/* R6.15 */
#define LIMIT_STANDARD   4000u
#define LIMIT_PREMIUM    10000u
#define LIMIT_CONNECTION 1000u

/* R6.22: in place of the hub's ranges whatever they are, and of others' that they cover. */
static void add_summarized(struct bgp_graph *graph, struct bgp_speaker *speaker,
			   const struct vnet *hub, const struct vnet *vnet)
{
	const struct spaces *summaries = &hub->summarized_gateway_prefixes;

	for (size_t i = 0; vnet == hub && i < summaries->count; i++)
		if (!bgp_find_network(speaker, summaries->items[i].prefix,
				      BGP_CLASS_BIT(BGP_CLASS_NETWORK)))
			(void)bgp_add_network(graph, speaker, summaries->items[i].prefix,
					      BGP_CLASS_NETWORK);
	for (size_t i = 0; vnet != hub && i < vnet->address_prefixes.count; i++) {
		struct prefix range = vnet->address_prefixes.items[i].prefix;

		if (range.addr.family == IP_V4 && !spaces_cover(summaries, range))
			(void)bgp_add_network(graph, speaker, range, BGP_CLASS_NETWORK);
	}
}

/*
 * R4.7, R7.4: the own IPv4 ranges of a gateway or Route Server and those of the networks that use
 * it, each by itself.
 */
void bgp_add_gateway_networks(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	const struct lab *lab = graph->topology->lab;
	const struct node *node = speaker->node;
	const struct vnet *hub = node->gateway ? node->gateway->vnet : node->route_server->vnet;
	bool is_summarized =
		node->role == ROLE_ER_GATEWAY && hub->summarized_gateway_prefixes.count;

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];

		if (vnet->hub != hub)
			continue;
		if (is_summarized)
			add_summarized(graph, speaker, hub, vnet);
		else
			bgp_add_ranges(graph, speaker, vnet, BGP_CLASS_NETWORK);
	}
}

/* What a gateway tells an MSEE: with branch-to-branch also what its Route Server knows (R7.10). */
static unsigned gateway_sends(const struct vnet *vnet)
{
	unsigned sends = BGP_CLASS_BIT(BGP_CLASS_NETWORK);

	if (vnet->route_server && vnet->route_server->allow_branch_to_branch_traffic.value)
		sends |= BGP_CLASS_BIT(BGP_CLASS_ROUTE_SERVER);
	return sends;
}

/* An MSEE and a gateway instance meet in the GatewaySubnet (R6.3). */
static void join_msee_and_gateway(struct bgp_graph *graph, struct bgp_speaker *msee,
				  const struct interface *port, struct bgp_speaker *gateway)
{
	const struct vnet *vnet = gateway->node->gateway->vnet;
	struct bgp_side near = { msee, port, port->ip }, far = bgp_side_of(gateway);
	struct bgp_end *a = bgp_add_end(graph, &near, &far, BGP_CLASS_GATEWAY,
					BGP_CLASS_BIT(BGP_CLASS_PROVIDER));
	struct bgp_end *b = bgp_add_end(graph, &far, &near, BGP_CLASS_MSEE, gateway_sends(vnet));

	a->limit = LIMIT_CONNECTION;
	a->has_bfd = true;
	b->has_bfd = true;
	b->own = vnet;
	/*
	 * What the gateway tells of a VPN is shorter than what the provider says of it. The gateway
	 * hears of that all the same, and prefers it: else it would depend on who came first.
	 */
	a->tells_next_best = b->sends & BGP_CLASS_BIT(BGP_CLASS_ROUTE_SERVER);
	/*
	 * But not of what the gateway itself said, and a provider brings back on another link: it
	 * would take that for the provider's, stop saying it, and begin again.
	 */
	a->gateway_mark = ip_v4(bgp_find_instance(graph, gateway->node->gateway, 0)->router_id);
	/* R6.4, R6.12: above what it hears inside, and by the connection's weight */
	b->preference += 1 + (unsigned)port->connection->routing_weight.value;
	bgp_join(a, b);
}

void bgp_add_msee(struct bgp_graph *graph, struct bgp_speaker *msee)
{
	for (size_t i = 0; i < msee->node->interfaces.count; i++) {
		const struct interface *port = msee->node->interfaces.items[i];

		for (unsigned n = 0; port->connection && n < GATEWAY_INSTANCES; n++)
			join_msee_and_gateway(
				graph, msee, port,
				bgp_find_instance(graph, port->connection->gateway, n));
	}
}

/* ---- between gateways on one circuit ---- */

static bool is_hairpin(const struct bgp_end *from, const struct bgp_end *to)
{
	const struct connection *a = from->interface->connection, *b = to->interface->connection;

	return a && b && a->gateway != b->gateway && a->gateway->allow_remote_vnet_traffic.value &&
	       b->gateway->allow_remote_vnet_traffic.value;
}

/* R6.16: what one gateway says is another's business only when both allow it. */
static void add_hairpin(struct bgp_graph *graph, struct bgp_end *end)
{
	const struct bgp_speaker *msee = end->speaker;

	for (size_t i = 0; i < msee->ends.count; i++)
		if (is_hairpin(msee->ends.items[i], end))
			*ARENA_PUSH(graph->arena, end->reflects.items, end->reflects.count) =
				msee->ends.items[i];
}

void bgp_add_hairpins(struct bgp_graph *graph)
{
	for (size_t i = 0; i < graph->speakers.count; i++) {
		struct bgp_speaker *speaker = graph->speakers.items[i];

		for (size_t n = 0; speaker->node->circuit && n < speaker->ends.count; n++)
			add_hairpin(graph, speaker->ends.items[n]);
	}
}

/* ---- providers ---- */

/* What a provider tells on each of its links: what it heard on all others, and what is its own. */
static unsigned provider_sends(const struct bgp_speaker *provider)
{
	unsigned sends = BGP_CLASS_BIT(BGP_CLASS_MSEE) | BGP_CLASS_BIT(BGP_CLASS_STATIC) |
			 BGP_CLASS_BIT(BGP_CLASS_BRANCH);

	if (provider->node->provider->announce_links.value)
		sends |= BGP_CLASS_BIT(BGP_CLASS_NETWORK);
	return sends;
}

/* A circuit's: of its first MSEE, so that it is no other's and stays when others change. */
static uint32_t loop_mark(const struct bgp_graph *graph, const struct circuit *circuit)
{
	for (size_t i = 0; i < graph->speakers.count; i++)
		if (graph->speakers.items[i]->node->circuit == circuit)
			return ip_v4(graph->speakers.items[i]->router_id);
	return 0;
}

static struct bgp_end *join_provider_and_msee(struct bgp_graph *graph, const struct bgp_side *near,
					      const struct bgp_side *far)
{
	const struct circuit *circuit = far->speaker->node->circuit;
	struct bgp_end *a =
		bgp_add_end(graph, near, far, BGP_CLASS_MSEE, provider_sends(near->speaker));
	struct bgp_end *b =
		bgp_add_end(graph, far, near, BGP_CLASS_PROVIDER, BGP_CLASS_BIT(BGP_CLASS_GATEWAY));

	b->strips_private_asns = true;
	b->accepts_own_asn = true; /* the other circuit's MSEE has the same number */
	b->ignores_communities = true;
	b->loop_mark = loop_mark(graph, circuit);
	b->limit = circuit->sku_tier.value == SKU_PREMIUM ? LIMIT_PREMIUM : LIMIT_STANDARD;
	bgp_join(a, b);
	return a;
}

/* A branch tells what is its own: a customer's site carries nothing between two providers. */
static struct bgp_end *join_provider_and_branch(struct bgp_graph *graph,
						const struct bgp_side *near,
						const struct bgp_side *far)
{
	struct bgp_end *a =
		bgp_add_end(graph, near, far, BGP_CLASS_BRANCH, provider_sends(near->speaker));
	struct bgp_end *b =
		bgp_add_end(graph, far, near, BGP_CLASS_PROVIDER, BGP_CLASS_BIT(BGP_CLASS_NETWORK));

	bgp_join(a, b);
	return a;
}

void bgp_add_provider(struct bgp_graph *graph, struct bgp_speaker *provider)
{
	const struct provider *from = provider->node->provider;

	for (size_t i = 0; i < provider->node->interfaces.count; i++) {
		const struct interface *near = provider->node->interfaces.items[i];
		const struct interface *far = cable_other_end(near);
		const struct provider_link *link = &from->links.items[i];
		struct bgp_side here = { provider, near, near->ip };
		struct bgp_side there = { bgp_find_speaker(graph, far->node), far, far->ip };
		struct bgp_end *end = link->branch ? join_provider_and_branch(graph, &here, &there)
						   : join_provider_and_msee(graph, &here, &there);

		end->has_bfd = true;
		end->peer->has_bfd = true;
		end->is_expected = end->peer->is_expected = cable_frames_fit(near->cable);
		if (from->announce_links.value)
			(void)bgp_add_network(graph, provider, interface_network(near, IP_V4),
					      BGP_CLASS_NETWORK);
		for (size_t n = 0; n < link->static_routes.count; n++)
			bgp_add_network(graph, provider, link->static_routes.items[n].prefix,
					BGP_CLASS_STATIC)
				->via = end;
	}
}
