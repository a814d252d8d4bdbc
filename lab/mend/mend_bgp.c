/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who speaks BGP with whom, what is announced, and which of several ways wins. */
#include "lab/mend/mend_parts.h"

#include <string.h>

/* The BGP of an NVA or a branch; NULL: it is neither. */
static const struct router_bgp *router_bgp(const struct node *node)
{
	if (node->vm && node->vm->is_nva)
		return &node->vm->bgp;
	return node->role == ROLE_BRANCH ? &node->branch->bgp : NULL;
}

typedef void router_fn(struct mending *m, const struct bgp_speaker *speaker,
		       const struct router_bgp *bgp, const char *path);

static void for_routers(struct mending *m, router_fn *fn)
{
	for (size_t i = 0; i < m->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = m->wanted->graph->speakers.items[i];
		const struct router_bgp *bgp = router_bgp(speaker->node);

		if (bgp)
			fn(m, speaker, bgp, router_path(m, speaker->node));
	}
}

/* One change of each neighbour that `value` says something of. */
static void propose_neighbors(struct mending *m, const struct router_bgp *bgp, const char *path,
			      const char *key, const char *words,
			      bool (*value)(struct mending *m, const struct bgp_neighbor *neighbor,
					    size_t at, const char **ret_value))
{
	const char *at = arena_printf(m->arena, "%s/bgp/neighbors", path), *text;
	struct mend *mend = NULL;

	for (size_t i = 0; i < bgp->neighbors.count; i++) {
		const struct bgp_neighbor *neighbor = &bgp->neighbors.items[i];
		const char *own;

		if (!value(m, neighbor, i, &text))
			continue;
		own = neighbor->object.name
			      ? arena_printf(m->arena, "%s/%s/%s", at, neighbor->object.name, key)
			      : arena_printf(m->arena, "%s/%zu/%s", at, i, key);
		if (mend)
			mend_also(m, mend, own, text);
		else
			mend = mend_add(m, own, text, "%s", words);
		mend->at = at;
	}
}

/* ---- sessions that do not come up ---- */

static const struct bgp_speaker *speaker_at(const struct mending *m, struct ip ip)
{
	for (size_t i = 0; i < m->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = m->wanted->graph->speakers.items[i];

		if (node_has_ip(speaker->node, ip) || ip_equal(bgp_speaker_ip(speaker), ip))
			return speaker;
	}
	return NULL;
}

static bool asn_of_neighbor(struct mending *m, const struct bgp_neighbor *neighbor, size_t at,
			    const char **ret_value)
{
	const struct bgp_speaker *speaker = speaker_at(m, neighbor->address.ip);

	(void)at;
	if (!speaker || speaker->asn == (uint32_t)neighbor->asn.value)
		return false;
	*ret_value = arena_printf(m->arena, "%u", speaker->asn);
	return true;
}

/* The instances of the first Route Server, in the order of neighbours that nobody is. */
static bool instance_for_neighbor(struct mending *m, const struct bgp_neighbor *neighbor, size_t at,
				  const char **ret_value)
{
	if (!m->lab->route_servers.count || at >= GATEWAY_INSTANCES ||
	    speaker_at(m, neighbor->address.ip))
		return false;
	*ret_value = arena_strdup(m->arena,
				  ip_print(m->lab->route_servers.items[0].instance_ip[at]).text);
	return true;
}

static void propose_sessions(struct mending *m, const struct bgp_speaker *speaker,
			     const struct router_bgp *bgp, const char *path)
{
	propose_neighbors(m, bgp, path, "asn",
			  arena_printf(m->arena,
				       "%s expects other AS numbers than its neighbours have",
				       speaker->node->name),
			  asn_of_neighbor);
	propose_neighbors(m, bgp, path, "address",
			  arena_printf(m->arena, "%s speaks to addresses that nobody has",
				       speaker->node->name),
			  instance_for_neighbor);
}

static void propose_route_server_peers(struct mending *m, const struct route_server *rs)
{
	for (size_t i = 0; i < rs->bgp_connections.count; i++) {
		const struct route_server_peering *peering = &rs->bgp_connections.items[i];
		const struct bgp_speaker *speaker = speaker_at(m, peering->peer_ip.ip);
		const char *path = arena_printf(m->arena, "route_servers/%s/bgp_connections/%s",
						rs->object.name, peering->object.name);

		if (speaker && speaker->asn != (uint32_t)peering->peer_asn.value)
			mend_add(m, arena_printf(m->arena, "%s/peer_asn", path),
				 arena_printf(m->arena, "%u", speaker->asn),
				 "%s has another AS number", speaker->node->name);
		for (size_t n = 0; !speaker && n < m->wanted->graph->speakers.count; n++) {
			const struct bgp_speaker *other = m->wanted->graph->speakers.items[n];

			if (other->node->vm && other->node->vm->is_nva)
				mend_add(m, arena_printf(m->arena, "%s/peer_ip", path),
					 arena_printf(m->arena, "%s",
						      ip_print(other->node->vm->network_interfaces
								       .items[0]
								       .ip)
							      .text),
					 "nobody is at %s", ip_print(peering->peer_ip.ip).text);
		}
	}
}

/* What a gateway believes of a site, beside what the site's router is. */
static void propose_site(struct mending *m, const struct tunnel_end *end)
{
	const struct local_network_gateway *site = end->connection->local_network_gateway;
	const struct router_bgp *bgp = end->peer ? router_bgp(end->peer->node) : NULL;
	const char *path;

	if (!site || !bgp)
		return;
	path = arena_printf(m->arena, "local_network_gateways/%s/bgp_settings", site->object.name);
	if (bgp->asn.pos.line && site->bgp_settings.asn.value != bgp->asn.value)
		mend_add(m, arena_printf(m->arena, "%s/asn", path),
			 arena_printf(m->arena, "%.0f", bgp->asn.value),
			 "the gateway expects another AS number than %s has",
			 end->peer->node->name);
	if (end->peer->device && (!site->bgp_settings.bgp_peering_address.count ||
				  !ip_equal(site->bgp_settings.bgp_peering_address.items[0].ip,
					    end->peer->device->tunnel_address.ip)))
		mend_add(
			m, arena_printf(m->arena, "%s/bgp_peering_address", path),
			arena_strdup(m->arena, ip_print(end->peer->device->tunnel_address.ip).text),
			"the gateway speaks to another address than %s has", end->peer->node->name);
}

/* The addresses inside tunnels as the site has them for the gateway. */
static void propose_custom_addresses(struct mending *m, const struct gateway *gateway)
{
	const struct topology *topology = m->wanted->topology;
	const char *list = "";
	unsigned count = 0;

	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = topology->tunnel_ends.items[i];

		if (!end->connection || end->connection->gateway != gateway || !end->peer ||
		    !end->peer->device || count >= gateway->instance_count)
			continue;
		list = arena_printf(m->arena, "%s%s%s", list, count++ ? ", " : "",
				    ip_print(end->peer->device->peer_tunnel_address.ip).text);
	}
	if (count == gateway->instance_count && count)
		mend_add(m,
			 arena_printf(m->arena,
				      "virtual_network_gateways/%s/bgp_settings/"
				      "custom_bgp_ip_addresses",
				      gateway->object.name),
			 arena_printf(m->arena, "[%s]", list),
			 "the gateway has other addresses in the tunnels than the site expects");
}

void propose_bgp(struct mending *m)
{
	const struct topology *topology = m->wanted->topology;

	for (size_t i = 0; i < topology->tunnel_ends.count; i++)
		if (topology->tunnel_ends.items[i]->connection)
			propose_site(m, topology->tunnel_ends.items[i]);
	for (size_t i = 0; i < m->lab->virtual_network_gateways.count; i++)
		propose_custom_addresses(m, &m->lab->virtual_network_gateways.items[i]);
	for (size_t i = 0; i < m->lab->route_servers.count; i++)
		propose_route_server_peers(m, &m->lab->route_servers.items[i]);
	for_routers(m, propose_sessions);
}

/* ---- what is announced ---- */

static bool has_network(const struct router_bgp *bgp, struct prefix prefix)
{
	for (size_t i = 0; i < bgp->networks.count; i++)
		if (prefix_equal(bgp->networks.items[i].prefix, prefix))
			return true;
	return false;
}

static void propose_network(struct mending *m, const struct router_bgp *bgp, const char *path,
			    const struct node *node, struct prefix prefix)
{
	if (!has_network(bgp, prefix))
		mend_add(m,
			 arena_printf(m->arena, "%s/bgp/networks/%zu", path, bgp->networks.count),
			 arena_strdup(m->arena, prefix_print(prefix).text),
			 "%s does not announce %s", node->name, prefix_print(prefix).text);
}

/* What it has a route for, and does not announce. */
static void propose_networks(struct mending *m, const struct bgp_speaker *speaker,
			     const struct router_bgp *bgp, const char *path)
{
	size_t count;
	const struct guest_route *routes = node_guest_routes(speaker->node, &count);

	for (size_t i = 0; bgp->asn.pos.line && i < count; i++)
		if (prefix_has_ip(routes[i].prefix, m->to))
			propose_network(m, bgp, path, speaker->node, routes[i].prefix);
	if (bgp->asn.pos.line)
		propose_network(m, bgp, path, speaker->node, mend_target_prefix(m));
}

/* What it is to announce, and has no route for: network_import_check. */
static void propose_own_routes(struct mending *m, const struct bgp_speaker *speaker,
			       const struct router_bgp *bgp, const char *path)
{
	const struct vm *vm = speaker->node->vm;
	size_t count;
	const struct guest_route *routes = node_guest_routes(speaker->node, &count);

	for (size_t i = 0; vm && i < bgp->networks.count; i++) {
		struct prefix network = bgp->networks.items[i].prefix;
		bool is_known = false;

		for (size_t n = 0; n < count; n++)
			is_known |= prefix_equal(routes[n].prefix, network);
		for (size_t n = vm->network_interfaces.count; !is_known && n-- > 0;) {
			const struct nic *nic = &vm->network_interfaces.items[n];

			mend_add(m, arena_printf(m->arena, "%s/routes/%zu", path, count),
				 arena_printf(m->arena, "%s %s", prefix_print(network).text,
					      ip_print(subnet_router_ip(nic->subnet)).text),
				 "%s has no route for %s, which it is to announce", vm->object.name,
				 prefix_print(network).text)
				->at = arena_printf(m->arena, "%s/routes", path);
		}
	}
}

static bool has_next_hop(struct mending *m, const struct bgp_neighbor *neighbor, size_t at,
			 const char **ret_value)
{
	(void)m;
	(void)at;
	*ret_value = NULL;
	return neighbor->next_hop.ip.family != IP_NONE;
}

static void propose_next_hop_of(struct mending *m, const struct bgp_speaker *speaker,
				const struct router_bgp *bgp, const char *path)
{
	propose_neighbors(m, bgp, path, "next_hop",
			  arena_printf(m->arena, "%s announces a next hop that is not its own",
				       speaker->node->name),
			  has_next_hop);
}

/* A branch that announces what is not behind it. */
static void propose_withdrawals(struct mending *m)
{
	for (size_t i = 0; i < m->lab->branches.count; i++) {
		const struct branch *branch = &m->lab->branches.items[i];

		for (size_t n = 0; n < branch->announce.count; n++) {
			const struct spaces *spaces = &branch->announce.items[n].prefix;

			if (!spaces->count || !prefix_has_ip(spaces->items[0].prefix, m->to))
				continue;
			mend_add(m,
				 branch->announce.count == 1
					 ? arena_printf(m->arena, "branches/%s/announce",
							branch->object.name)
					 : arena_printf(m->arena, "branches/%s/announce/%zu",
							branch->object.name, n),
				 NULL, "%s announces %s, and it is not there", branch->object.name,
				 prefix_print(spaces->items[0].prefix).text);
		}
	}
}

/* A path of a circuit that no provider is plugged into. */
static void propose_links(struct mending *m)
{
	for (size_t i = 0; i < m->lab->express_route_circuits.count; i++) {
		const struct circuit *circuit = &m->lab->express_route_circuits.items[i];

		for (size_t p = 0; p < m->lab->providers.count; p++) {
			const struct provider *provider = &m->lab->providers.items[p];

			if (circuit->link[PATH_PRIMARY])
				continue;
			mend_add(m,
				 arena_printf(m->arena, "providers/%s/links/%zu",
					      provider->object.name, provider->links.count),
				 arena_printf(m->arena, "{ circuit: %s }", circuit->object.name),
				 "%s has no link to %s", provider->object.name,
				 circuit->object.name)
				->at =
				arena_printf(m->arena, "providers/%s/links", provider->object.name);
		}
	}
}

void propose_announcements(struct mending *m)
{
	propose_links(m);
	propose_withdrawals(m);
	for_routers(m, propose_own_routes);
	for_routers(m, propose_networks);
	for_routers(m, propose_next_hop_of);
	for (size_t i = 0; i < m->lab->virtual_network_gateways.count; i++) {
		const struct gateway *gateway = &m->lab->virtual_network_gateways.items[i];

		if (gateway->vnet->express_route == gateway &&
		    !gateway->allow_remote_vnet_traffic.value)
			mend_add(m,
				 arena_printf(
					 m->arena,
					 "virtual_network_gateways/%s/allow_remote_vnet_traffic",
					 gateway->object.name),
				 "true", "%s does not take other virtual networks' traffic",
				 gateway->object.name);
	}
}

/* ---- which way wins ---- */

static bool has_prepend(struct mending *m, const struct bgp_neighbor *neighbor, size_t at,
			const char **ret_value)
{
	(void)m;
	(void)at;
	*ret_value = "0";
	return neighbor->prepend.value > 0;
}

static void propose_no_prepend(struct mending *m, const struct bgp_speaker *speaker,
			       const struct router_bgp *bgp, const char *path)
{
	propose_neighbors(m, bgp, path, "prepend",
			  arena_printf(m->arena, "%s prepends, so that another way wins",
				       speaker->node->name),
			  has_prepend);
}

void propose_preferences(struct mending *m)
{
	for_routers(m, propose_no_prepend);
	for (size_t i = 0; i < m->lab->route_servers.count; i++) {
		const struct route_server *rs = &m->lab->route_servers.items[i];

		for (const struct choice_name *c = hub_routing_preference_names; c->name; c++)
			if (c->value != (int)rs->hub_routing_preference.value)
				mend_add(m,
					 arena_printf(m->arena,
						      "route_servers/%s/hub_routing_preference",
						      rs->object.name),
					 c->name, "%s prefers another way", rs->object.name);
		if (!rs->allow_branch_to_branch_traffic.value)
			mend_add(m,
				 arena_printf(m->arena,
					      "route_servers/%s/allow_branch_to_branch_traffic",
					      rs->object.name),
				 "true", "%s does not tell gateways of each other",
				 rs->object.name);
	}
}
