/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnels and BGP whose two sides do not fit: what comes up, and with whom, is decided where the
 * daemons' configurations are made, and asked for there.
 */
#include "lab/lint/lint_parts.h"

#include "lab/azure/bgp.h"
#include "lab/azure/tunnels.h"

#include <stdio.h>
#include <string.h>

struct sessions {
	struct lint *l;
	struct topology *topology;
	struct bgp_graph *graph;
};

/* ---- tunnels ---- */

/* How many instances of the gateway have a tunnel of this connection that is answered? */
static unsigned answered(const struct sessions *s, const struct connection *connection,
			 const struct tunnel_end **ret_silent)
{
	unsigned count = 0;

	for (size_t i = 0; i < s->topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = s->topology->tunnel_ends.items[i];

		if (end->connection != connection)
			continue;
		if (end->peer)
			count++;
		else
			*ret_silent = end;
	}
	return count;
}

/* Two gateways are looked at by the checker: one-sided. */
static void check_site(struct sessions *s, const struct connection *connection)
{
	const struct local_network_gateway *site = connection->local_network_gateway;
	const struct tunnel_end *silent = NULL;
	unsigned count = answered(s, connection, &silent);
	struct diag *diag;

	if (!silent)
		return;
	if (count) {
		diag = diag_add(s->l->diags, DIAG_SECOND_TUNNEL, connection->object.pos,
				"connection '%s': the device of '%s' has no tunnel to %s of '%s', "
				"which is active-active",
				connection->object.name, site->object.name, silent->node->name,
				connection->gateway->object.name);
		diag_hint(s->l->diags, diag, "give the device one with remote_address: %s",
			  ip_print(silent->local).text);
	} else {
		diag_add(s->l->diags, DIAG_TUNNEL_UNANSWERED, connection->object.pos,
			 "connection '%s': no device of the lab has %s and a tunnel to %s",
			 connection->object.name, ip_print(silent->remote).text,
			 ip_print(silent->local).text)
			->also = site->object.pos;
	}
}

static void check_agreement(struct sessions *s, const struct tunnel_end *end)
{
	const struct connection *connection = end->connection;
	char words[200];

	/* one side speaks for both; two gateways' keys are looked at by the checker: one-sided */
	if (!connection ||
	    (connection->gateway2 && (end->peer->connection < connection ||
				      strcmp(end->shared_key, end->peer->shared_key) != 0)))
		return;
	if (!tunnel_agrees(end, words, sizeof(words)) &&
	    !lint_is_said(s->l, connection, end->connection->gateway))
		diag_add(s->l->diags, DIAG_TUNNEL_DIFFERS, connection->object.pos,
			 "connection '%s': %s", connection->object.name, words)
			->also = end->peer->pos;
}

static void check_tunnels(struct sessions *s)
{
	const struct lab *lab = s->l->lab;

	for (size_t i = 0; i < lab->connections.count; i++)
		if (lab->connections.items[i].local_network_gateway)
			check_site(s, &lab->connections.items[i]);
	for (size_t i = 0; i < s->topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = s->topology->tunnel_ends.items[i];

		if (end->peer)
			check_agreement(s, end);
		else if (end->device)
			diag_add(s->l->diags, DIAG_TUNNEL_UNANSWERED, end->pos,
				 "tunnel '%s' of '%s': nobody at %s has a tunnel to %s",
				 end->device->object.name, end->node->name,
				 ip_print(end->remote).text, ip_print(end->local).text);
	}
}

/* ---- BGP ---- */

/* A Route Server's connection that an end of one of its instances is for. */
static const struct route_server_peering *peering_of(const struct bgp_end *end)
{
	const struct route_server *server = end->speaker->node->route_server;

	for (size_t i = 0; server && i < server->bgp_connections.count; i++)
		if (ip_equal(server->bgp_connections.items[i].peer_ip.ip, end->peer_ip))
			return &server->bgp_connections.items[i];
	return NULL;
}

/* Where an end is configured; line 0 when the checker looks at it, or nobody wrote it. */
static struct src_pos place_of(const struct bgp_end *end)
{
	const struct route_server_peering *peering = peering_of(end);
	const struct tunnel_end *tunnel = end->interface->tunnel;

	if (end->neighbor)
		return end->neighbor->object.pos;
	if (peering)
		return peering->object.pos;
	if (tunnel && tunnel->connection && tunnel->connection->local_network_gateway)
		return tunnel->connection->local_network_gateway->bgp_settings.asn.pos;
	return (struct src_pos){ 0 };
}

/* The far side's end for this one; NULL when it has none. */
static const struct bgp_end *find_back(const struct bgp_speaker *far, const struct bgp_end *end)
{
	const struct tunnel_end *tunnel = end->interface->tunnel;

	for (size_t i = 0; i < far->ends.count; i++) {
		const struct bgp_end *back = far->ends.items[i];

		if (tunnel ? back->interface->tunnel == tunnel->peer
			   : ip_equal(back->peer_ip, end->ip))
			return back;
	}
	return NULL;
}

/* What is wrong with this side's view; false when it is the other side that is mistaken. */
static bool why_unanswered(const struct bgp_end *end, const struct bgp_speaker *far,
			   const struct bgp_end *back, char *words, size_t size)
{
	if (!end->peer_node)
		(void)snprintf(words, size, "nobody has %s", ip_print(end->peer_ip).text);
	else if (!far)
		(void)snprintf(words, size, "'%s' does not speak BGP", end->peer_name);
	else if (far->asn != end->peer_asn)
		(void)snprintf(words, size, "'%s' has AS number %u, not %u", end->peer_name,
			       far->asn, end->peer_asn);
	else if (!back)
		(void)snprintf(words, size, "'%s' has no neighbor %s", end->peer_name,
			       ip_print(end->ip).text);
	else if (!ip_equal(back->ip, end->peer_ip))
		(void)snprintf(words, size, "'%s' speaks by %s, not by %s", end->peer_name,
			       ip_print(back->ip).text, ip_print(end->peer_ip).text);
	else
		return false;
	return true;
}

/* Does the Route Server's other instance have a session with that machine? */
static bool is_met_by_twin(const struct sessions *s, const struct bgp_end *end)
{
	for (size_t i = 0; i < s->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = s->graph->speakers.items[i];

		if (speaker == end->speaker ||
		    speaker->node->route_server != end->speaker->node->route_server)
			continue;
		for (size_t n = 0; n < speaker->ends.count; n++)
			if (speaker->ends.items[n]->peer &&
			    speaker->ends.items[n]->peer_node == end->peer_node)
				return true;
	}
	return false;
}

static void check_end(struct sessions *s, const struct bgp_end *end)
{
	const struct tunnel_end *tunnel = end->interface->tunnel;
	const struct bgp_speaker *far =
		end->peer_node ? bgp_find_speaker(s->graph, end->peer_node) : NULL;
	const struct bgp_end *back = far ? find_back(far, end) : NULL;
	struct src_pos pos = place_of(end);
	char words[160];

	if (end->peer || !pos.line || (tunnel && !tunnel->peer) ||
	    !why_unanswered(end, far, back, words, sizeof(words)))
		return;
	/* both instances of a gateway say the same, and so do those of a Route Server */
	if (tunnel && tunnel->connection && lint_is_said(s->l, tunnel->connection, s->graph))
		return;
	if (far && !back && end->speaker->node->route_server && is_met_by_twin(s, end)) {
		struct diag *diag = diag_add(
			s->l->diags, DIAG_ROUTE_SERVER_INSTANCE, pos,
			"'%s' speaks with one instance of Route Server '%s', and not with %s",
			end->peer_name, end->speaker->node->route_server->object.name,
			ip_print(end->ip).text);

		diag->also = end->peer_node->pos;
		diag_hint(s->l->diags, diag, "add to its neighbors: { address: %s, asn: %u }",
			  ip_print(end->ip).text, end->speaker->asn);
		return;
	}
	if (peering_of(end) && (!far || far->asn != end->peer_asn) &&
	    lint_is_said(s->l, peering_of(end), s->graph))
		return;
	diag_add(s->l->diags, DIAG_BGP_UNANSWERED, pos,
		 "'%s' speaks BGP with %s, AS %u, and does not connect: %s",
		 end->speaker->node->name, ip_print(end->peer_ip).text, end->peer_asn, words);
}

static void check_networks(struct sessions *s, const struct bgp_speaker *speaker,
			   const struct router_bgp *bgp)
{
	for (size_t i = 0; i < bgp->networks.count; i++) {
		const struct space *space = &bgp->networks.items[i];
		struct diag *diag;

		if (bgp_find_network(speaker, space->prefix, BGP_ANY_CLASS))
			continue;
		diag = diag_add(s->l->diags, DIAG_NETWORK_STATEMENT, space->pos,
				"'%s' has no route %s in its own table, and does not announce it",
				speaker->node->name, prefix_print(space->prefix).text);
		diag_hint(s->l->diags, diag, "add it to 'routes', or network_import_check: false");
	}
}

static void check_speaker(struct sessions *s, const struct bgp_speaker *speaker)
{
	for (size_t i = 0; i < speaker->ends.count; i++)
		check_end(s, speaker->ends.items[i]);
	if (speaker->node->role == ROLE_BRANCH)
		check_networks(s, speaker, &speaker->node->branch->bgp);
	else if (speaker->node->vm)
		check_networks(s, speaker, &speaker->node->vm->bgp);
}

/* Is there anything to ask the solver for, which costs more than all else? */
static bool has_sessions(const struct lab *lab)
{
	for (size_t i = 0; i < lab->vms.count; i++)
		if (lab->vms.items[i].tunnels.count || lab->vms.items[i].bgp.object.pos.line)
			return true;
	for (size_t i = 0; i < lab->branches.count; i++)
		if (lab->branches.items[i].tunnels.count ||
		    lab->branches.items[i].bgp.object.pos.line)
			return true;
	return lab->connections.count || lab->route_servers.count;
}

void lint_sessions(struct lint *l)
{
	struct sessions s = { .l = l };
	const struct lab *lab = l->lab;

	if (!has_sessions(lab) && !lab->expectations.count)
		return;
	s.topology = topology_new(lab, NULL);
	s.graph = bgp_graph_new(s.topology);
	check_tunnels(&s);
	for (size_t i = 0; i < s.graph->speakers.count; i++)
		check_speaker(&s, s.graph->speakers.items[i]);
	if (s.topology->tunnel_ends.count || lab->expectations.count)
		lint_outlook(l, s.topology, s.graph);
	bgp_graph_free(s.graph);
	topology_free(s.topology);
}
