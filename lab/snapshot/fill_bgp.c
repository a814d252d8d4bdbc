/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/fill_bgp.h"

#include "lab/azure/bgp_solve.h"

#include <stdio.h>

#define WEIGHT_OWN  32768 /* R5.9; of what is heard by iBGP and by a VPN gateway, too */
#define WEIGHT_MSEE 32769 /* R6.4 */
/* Of a VPN connection; nothing was ever seen added for it (G13). */
#define WEIGHT_VPN_DEFAULT 10

#define PATH_TEXT 2048

const char *snapshot_name_of(const struct node *node)
{
	return node->gateway        ? node->gateway->object.name
	       : node->route_server ? node->route_server->object.name
				    : node->name;
}

const char *snapshot_speaker_address(const struct bgp_speaker *speaker, struct arena *arena)
{
	struct ip ip = bgp_speaker_ip(speaker);

	return ip.family == IP_NONE ? "" : arena_strdup(arena, ip_print(ip).text);
}

static size_t count_from(const struct rib *rib, const struct bgp_end *end)
{
	size_t count = 0;

	for (size_t i = 0; i < rib->count; i++)
		count += rib->routes[i].from == end;
	return count;
}

static void fill_peer(const struct bgp_end *end, const struct rib *rib,
		      const struct session_seen *session, struct snapshot_peer *out,
		      struct arena *arena)
{
	const struct node *node = end->peer_node;

	out->neighbor = arena_strdup(arena, ip_print(end->peer_ip).text);
	out->asn = end->peer_asn;
	out->state = session && session->is_up ? "Connected" : "Connecting";
	out->is_expected = bgp_end_lasts(end);
	out->routes_received = (int64_t)count_from(rib, end);
	out->peer_node = end->peer_name;
	out->peer_name = node ? snapshot_name_of(node) : end->peer_name;
	out->peer_role = node ? node_role_name(node->role) : "";
	if (!session)
		return;
	if (session->is_up)
		out->connected_at = session->changed_at;
	else
		out->lost_at = session->changed_at;
	if (!session->is_up && session->last_words && *session->last_words)
		out->last_words = arena_strdup(arena, session->last_words);
	out->messages_sent = (int64_t)session->messages_sent;
	out->messages_received = (int64_t)session->messages_received;
}

/* Of the connection over which it was heard; 0: it names none. */
static int64_t routing_weight(const struct bgp_end *end)
{
	const struct connection *connection = end->peer ? end->peer->interface->connection : NULL;

	if (end->interface->tunnel)
		connection = end->interface->tunnel->connection;
	if (!connection)
		return 0;
	if (end->interface->tunnel && connection->routing_weight.value == WEIGHT_VPN_DEFAULT)
		return 0;
	return (int64_t)connection->routing_weight.value;
}

/* R6.4 of ExpressRoute gateways, R5.12 of VPN gateways, R7.18; others do as customers' routers. */
static int64_t weight_of(const struct rib_route *route, const struct bgp_speaker *speaker,
			 bool is_internal)
{
	enum node_role role = speaker->node->role;
	bool is_gateway = role == ROLE_ER_GATEWAY || role == ROLE_VPN_GATEWAY;

	if (!is_gateway && role != ROLE_ROUTE_SERVER)
		return 0;
	if (is_internal || !is_gateway)
		return WEIGHT_OWN;
	return (role == ROLE_ER_GATEWAY ? WEIGHT_MSEE : WEIGHT_OWN) + routing_weight(route->from);
}

static void fill_learned(const struct rib_route *route, const struct bgp_speaker *speaker,
			 const char *local_address, struct snapshot_learned *out,
			 struct arena *arena)
{
	char path[PATH_TEXT];
	bool is_internal;

	as_path_print(route->path, path, sizeof(path));
	out->network = arena_strdup(arena, prefix_print(route->prefix).text);
	out->as_path = arena_strdup(arena, path);
	out->is_best = route->is_best;
	if (route->next_hop.family != IP_NONE)
		out->next_hop = arena_strdup(arena, ip_print(route->next_hop).text);
	if (!route->from) {
		out->origin = "Network";
		out->source_peer = local_address;
		out->weight = WEIGHT_OWN;
		return;
	}
	is_internal = bgp_end_is_internal(route->from);
	out->source_peer = arena_strdup(arena, ip_print(route->from->peer_ip).text);
	out->origin = is_internal ? "IBgp" : "EBgp";
	out->weight = weight_of(route, speaker, is_internal);
	out->peer_node = route->from->peer_name;
}

void snapshot_fill_speaker(const struct bgp_speaker *speaker, const struct rib *rib,
			   const struct session_seen *sessions, const char *state,
			   struct snapshot_speaker *out, struct arena *arena)
{
	out->node = speaker->node->name;
	out->local_address = snapshot_speaker_address(speaker, arena);
	out->state = state;
	out->asn = speaker->asn;
	for (size_t i = 0; i < speaker->ends.count; i++)
		fill_peer(speaker->ends.items[i], rib, sessions ? &sessions[i] : NULL,
			  ARENA_PUSH(arena, out->peers.items, out->peers.count), arena);
	for (size_t i = 0; i < rib->count; i++)
		fill_learned(&rib->routes[i], speaker, out->local_address,
			     ARENA_PUSH(arena, out->learned.items, out->learned.count), arena);
}

void snapshot_fill_told(const struct bgp_end *end, const struct rib_route *route,
			struct snapshot_told *out, struct arena *arena)
{
	bool is_internal = bgp_end_is_internal(end);
	char path[PATH_TEXT];

	as_path_print(route->path, path, sizeof(path));
	out->network = arena_strdup(arena, prefix_print(route->prefix).text);
	out->next_hop = arena_strdup(arena, ip_print(bgp_told_next_hop(end, route)).text);
	out->as_path = is_internal ? arena_strdup(arena, path)
				   : arena_printf(arena, "%u%s%s", end->speaker->asn,
						  *path ? "-" : "", path);
	out->local_address = snapshot_speaker_address(end->speaker, arena);
	out->node = end->speaker->node->name;
}
