/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VPN gateways and Route Servers: their tunnels, their NVAs, and what they are to each other. */
#include "lab/azure/bgp_parts.h"

#define LIMIT_SITE 4000u /* R5.7 */
#define LIMIT_NVA  1000u /* R7.15 */

/* Of routes that the preference wants; the others have BGP_LOCAL_PREF. */
#define LOCAL_PREF_WANTED 200u

/* Of equal ones under ASPath ExpressRoute stays (R7.12); a lower one wins. */
#define MED_EXPRESS_ROUTE 1u
#define MED_OTHERS        2u

#define BITS_OF_SITES (BGP_CLASS_BIT(BGP_CLASS_SITE) | BGP_CLASS_BIT(BGP_CLASS_LNG))

/* ---- the tunnels of a VPN gateway ---- */

/* Has the site a router that speaks BGP with this connection? */
static bool speaks_bgp(const struct connection *connection)
{
	const struct local_network_gateway *site = connection->local_network_gateway;

	if (!connection->enable_bgp.value)
		return false;
	return !site || (site->bgp_settings.asn.value > 0 &&
			 site->bgp_settings.bgp_peering_address.count > 0);
}

static bool is_of(const struct tunnel_end *end, const struct bgp_speaker *speaker)
{
	return end->node == speaker->node && end->connection;
}

/*
 * A prefix that Azure was told is behind a connection (R5.5). Behind several it is where the weight
 * is highest (R5.12).
 */
static void add_site_prefix(struct bgp_graph *graph, struct bgp_speaker *speaker,
			    const struct tunnel_end *end, struct prefix prefix)
{
	struct bgp_network *network =
		bgp_find_network(speaker, prefix, BGP_CLASS_BIT(BGP_CLASS_LNG));
	double weight = end->connection->routing_weight.value;

	if (!network)
		network = bgp_add_network(graph, speaker, prefix, BGP_CLASS_LNG);
	if (network->tunnels.count) {
		const struct connection *first = network->tunnels.items[0]->tunnel->connection;

		if (first->routing_weight.value > weight)
			return;
		if (first->routing_weight.value < weight)
			network->tunnels.count = 0;
	}
	network->is_static |= !speaks_bgp(end->connection);
	*ARENA_PUSH(graph->arena, network->tunnels.items, network->tunnels.count) = end->interface;
}

/* R5.5: what is behind a tunnel by the lab file; without BGP between two gateways, the ranges. */
static void add_site(struct bgp_graph *graph, struct bgp_speaker *speaker,
		     const struct tunnel_end *end)
{
	const struct connection *connection = end->connection;
	const struct local_network_gateway *site = connection->local_network_gateway;
	const struct vnet *other = connection->gateway2 ? connection->gateway2->vnet : NULL;

	for (size_t i = 0; site && i < site->address_prefixes.count; i++)
		if (site->address_prefixes.items[i].prefix.addr.family == IP_V4)
			add_site_prefix(graph, speaker, end,
					site->address_prefixes.items[i].prefix);
	for (size_t i = 0; other && !speaks_bgp(connection) && i < other->address_prefixes.count;
	     i++)
		if (other->address_prefixes.items[i].prefix.addr.family == IP_V4)
			add_site_prefix(graph, speaker, end,
					other->address_prefixes.items[i].prefix);
	if (speaks_bgp(connection))
		add_site_prefix(graph, speaker, end, prefix_host(end->interface->peer_ip));
}

static void add_site_session(struct bgp_graph *graph, struct bgp_speaker *speaker,
			     const struct tunnel_end *tunnel)
{
	const struct connection *connection = tunnel->connection;
	const struct interface *interface = tunnel->interface;
	const struct vnet *vnet = speaker->node->gateway->vnet;
	struct bgp_side near = { speaker, interface, interface->ip };
	unsigned sends =
		BGP_CLASS_BIT(BGP_CLASS_NETWORK) | BITS_OF_SITES | BGP_CLASS_BIT(BGP_CLASS_TWIN);
	struct bgp_end *end;

	/* R5.13: without it sites hear nothing of ExpressRoute */
	if (vnet->route_server && vnet->route_server->allow_branch_to_branch_traffic.value)
		sends |= BGP_CLASS_BIT(BGP_CLASS_ROUTE_SERVER);
	end = bgp_add_half(
		graph, &near, interface->peer_ip,
		connection->gateway2
			? connection->gateway2->asn
			: (uint32_t)connection->local_network_gateway->bgp_settings.asn.value,
		tunnel->peer ? tunnel->peer->node : NULL, BGP_CLASS_SITE, sends);
	/* R5.12: above what it hears inside, and by the connection's weight */
	end->preference += 1 + (unsigned)connection->routing_weight.value;
	end->own = vnet;
	end->clears = vnet;
	end->tells_next_best = true;
	end->limit = LIMIT_SITE;
	end->has_bfd = graph->topology->lab->timers.value == TIMERS_FAST;
}

static void withhold(struct bgp_graph *graph, struct bgp_end *end, struct prefix prefix)
{
	*ARENA_PUSH(graph->arena, end->withheld.items, end->withheld.count) = prefix;
}

/*
 * R5.6: no site is told what Azure was told is behind that very one, nor by which addresses the
 * gateway speaks with those of other virtual networks: in G31 and G25 a far gateway that has
 * several such neighbours tells its ranges alone.
 */
static void withhold_sites(struct bgp_graph *graph, struct bgp_end *end)
{
	const struct tunnel_end *tunnel = end->interface->tunnel;
	const struct local_network_gateway *site = tunnel->connection->local_network_gateway;

	withhold(graph, end, prefix_host(end->peer_ip));
	for (size_t i = 0; site && i < site->address_prefixes.count; i++)
		withhold(graph, end, site->address_prefixes.items[i].prefix);
	for (size_t i = 0; i < end->speaker->ends.count; i++) {
		const struct bgp_end *other = end->speaker->ends.items[i];

		if (other != end && other->interface->tunnel->connection->gateway2)
			withhold(graph, end, prefix_host(other->peer_ip));
	}
}

void bgp_add_vpn_gateway(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	const struct topology *topology = graph->topology;

	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = topology->tunnel_ends.items[i];

		if (!is_of(end, speaker))
			continue;
		add_site(graph, speaker, end);
		if (speaks_bgp(end->connection))
			add_site_session(graph, speaker, end);
	}
	for (size_t i = 0; i < speaker->ends.count; i++)
		withhold_sites(graph, speaker->ends.items[i]);
}

/* ---- inside a virtual network: sessions that Azure makes by itself ---- */

/* Both ends of an iBGP session through the fabric. */
static struct bgp_end *join_inside(struct bgp_graph *graph, struct bgp_speaker *a,
				   enum bgp_class a_learns, unsigned a_sends, struct bgp_speaker *b,
				   enum bgp_class b_learns, unsigned b_sends)
{
	struct bgp_side near = bgp_side_of(a), far = bgp_side_of(b);
	struct bgp_end *end = bgp_add_end(graph, &near, &far, a_learns, a_sends);
	struct bgp_end *other = bgp_add_end(graph, &far, &near, b_learns, b_sends);

	end->is_multihop = true;
	other->is_multihop = true;
	bgp_join(end, other);
	return end;
}

static void join_twins(struct bgp_graph *graph, struct bgp_speaker *a, struct bgp_speaker *b)
{
	struct bgp_end *end = join_inside(graph, a, BGP_CLASS_TWIN, BITS_OF_SITES, b,
					  BGP_CLASS_TWIN, BITS_OF_SITES);

	end->own = a->node->gateway->vnet;
	end->peer->own = end->own;
}

/* R5.13: without a Route Server. What the VPN gateway hears of ExpressRoute it tells no site. */
static void join_gateways(struct bgp_graph *graph, struct bgp_speaker *er, struct bgp_speaker *vpn)
{
	struct bgp_end *end =
		join_inside(graph, er, BGP_CLASS_VPN_GATEWAY, BGP_CLASS_BIT(BGP_CLASS_MSEE), vpn,
			    BGP_CLASS_ER_GATEWAY, BITS_OF_SITES);

	end->keeps_next_hop = true;
	end->own = er->node->gateway->vnet;
	end->peer->own = end->own;
}

/*
 * The peers' own addresses stay with the VPN gateway (R7.19). Of its own instances the gateway
 * hears what the Route Server chose, an ExpressRoute gateway does not.
 */
static void join_route_server(struct bgp_graph *graph, struct bgp_speaker *server,
			      struct bgp_speaker *gateway)
{
	const struct route_server *rs = server->node->route_server;
	bool is_vpn = gateway->node->role == ROLE_VPN_GATEWAY;
	unsigned sends = BGP_CLASS_BIT(BGP_CLASS_NVA) | BGP_CLASS_BIT(BGP_CLASS_VPN_GATEWAY) |
			 (is_vpn ? BGP_CLASS_BIT(BGP_CLASS_ER_GATEWAY) : 0);
	struct bgp_end *end = join_inside(
		graph, server, is_vpn ? BGP_CLASS_VPN_GATEWAY : BGP_CLASS_ER_GATEWAY,
		rs->allow_branch_to_branch_traffic.value ? sends : 0, gateway,
		BGP_CLASS_ROUTE_SERVER, is_vpn ? BITS_OF_SITES : BGP_CLASS_BIT(BGP_CLASS_MSEE));
	bool is_wanted = rs->hub_routing_preference.value ==
			 (is_vpn ? PREFER_VPN_GATEWAY : PREFER_EXPRESS_ROUTE);

	end->is_client = bgp_end_is_internal(end);
	end->keeps_next_hop = true;
	end->refuses_networks = true;
	end->local_pref = is_wanted ? LOCAL_PREF_WANTED : BGP_LOCAL_PREF;
	end->med = is_vpn ? MED_OTHERS : MED_EXPRESS_ROUTE;
	end->peer->own = gateway->node->gateway->vnet;
	end->peer->keeps_next_hop = !is_vpn;
	for (size_t i = 0; is_vpn && i < gateway->ends.count; i++)
		if (gateway->ends.items[i]->learns == BGP_CLASS_SITE)
			*ARENA_PUSH(graph->arena, end->peer->withheld.items,
				    end->peer->withheld.count) =
				prefix_host(gateway->ends.items[i]->peer_ip);
}

static bool is_instance_of(const struct bgp_speaker *speaker, const struct vnet *vnet)
{
	return (speaker->node->gateway && speaker->node->gateway->vnet == vnet) ||
	       (speaker->node->route_server && speaker->node->route_server->vnet == vnet);
}

static void join_instances(struct bgp_graph *graph, struct bgp_speaker *a, struct bgp_speaker *b)
{
	enum node_role x = a->node->role, y = b->node->role;
	bool has_server = a->node->gateway && a->node->gateway->vnet->route_server;

	if (x == ROLE_VPN_GATEWAY && y == ROLE_VPN_GATEWAY && a->index < b->index)
		join_twins(graph, a, b);
	else if (x == ROLE_ER_GATEWAY && y == ROLE_VPN_GATEWAY && !has_server)
		join_gateways(graph, a, b);
	else if (x == ROLE_ROUTE_SERVER && (y == ROLE_ER_GATEWAY || y == ROLE_VPN_GATEWAY))
		join_route_server(graph, a, b);
}

void bgp_add_inside(struct bgp_graph *graph, const struct vnet *vnet)
{
	for (size_t i = 0; i < graph->speakers.count; i++)
		for (size_t n = 0; n < graph->speakers.count; n++)
			if (n != i && is_instance_of(graph->speakers.items[i], vnet) &&
			    is_instance_of(graph->speakers.items[n], vnet))
				join_instances(graph, graph->speakers.items[i],
					       graph->speakers.items[n]);
}

/* ---- a Route Server and its NVAs ---- */

void bgp_add_route_server(struct bgp_graph *graph, struct bgp_speaker *speaker)
{
	const struct route_server *rs = speaker->node->route_server;
	unsigned sends = BGP_CLASS_BIT(BGP_CLASS_NETWORK);

	if (rs->allow_branch_to_branch_traffic.value) /* R7.3, R7.10 */
		sends |= BGP_CLASS_BIT(BGP_CLASS_ER_GATEWAY) | BGP_CLASS_BIT(BGP_CLASS_VPN_GATEWAY);
	for (size_t i = 0; i < rs->bgp_connections.count; i++) {
		const struct route_server_peering *peering = &rs->bgp_connections.items[i];
		struct bgp_side near = bgp_side_of(speaker);
		struct bgp_end *end = bgp_add_half(
			graph, &near, peering->peer_ip.ip, (uint32_t)peering->peer_asn.value,
			bgp_find_host(graph, near.interface, peering->peer_ip.ip), BGP_CLASS_NVA,
			sends);

		end->is_multihop = true;
		end->refuses_networks = true;
		end->limit = LIMIT_NVA;
		end->local_pref = rs->hub_routing_preference.value == PREFER_VPN_GATEWAY
					  ? LOCAL_PREF_WANTED
					  : BGP_LOCAL_PREF;
		end->med = MED_OTHERS;
	}
}
