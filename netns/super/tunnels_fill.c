/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others ask of tunnels: how many are up, what is wrong, and all that is seen of them. */
#include "netns/super/tunnels_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

static const char *const state_names[] = {
	[TUNNEL_OFF] = "not running",         [TUNNEL_STARTING] = "starting",
	[TUNNEL_REFUSED] = "refused",         [TUNNEL_CONNECTING] = "connecting",
	[TUNNEL_ESTABLISHED] = "established",
};

size_t tunnels_count(const struct tunnels *tunnels, size_t *ret_up)
{
	const struct tunnel *tunnel;
	size_t count = 0;

	*ret_up = 0;
	LL_FOREACH(tunnels->all, tunnel) {
		const struct tunnel_end *end = tunnel->end;
		const struct tunnel *other =
			end && end->peer ? tunnels_find(tunnels, end->peer->name) : NULL;

		if (!end || (other && strcmp(tunnel->name, other->name) > 0))
			continue;
		count++;
		*ret_up += tunnel->state == TUNNEL_ESTABLISHED &&
			   (!other || other->state == TUNNEL_ESTABLISHED);
	}
	return count;
}

bool tunnels_are_settled(const struct tunnels *tunnels)
{
	const struct tunnel *tunnel;

	LL_FOREACH(tunnels->all, tunnel)
		if (tunnel->end && tunnel->state != TUNNEL_ESTABLISHED && tunnel->end->is_expected)
			return false;
	return true;
}

void tunnels_tell_problems(const struct tunnels *tunnels, tunnels_problem_fn *fn, void *arg)
{
	const struct tunnel *tunnel;

	LL_FOREACH(tunnels->all, tunnel) {
		char text[700], ends[320];

		if (!tunnel->end || tunnel->state == TUNNEL_ESTABLISHED)
			continue;
		(void)snprintf(text, sizeof(text), "no tunnel between %s%s%s",
			       tunnel_both_ends(tunnel, ends), *tunnel->error ? ": " : "",
			       tunnel->error);
		fn(arg, text);
	}
}

static void fill_one(const struct tunnel *tunnel, struct snapshot_tunnel *out, struct arena *arena)
{
	const struct tunnel_end *end = tunnel->end;

	*out = (struct snapshot_tunnel){
		.name = end->name,
		.node = end->node->name,
		.interface = end->interface->name,
		.connection = end->connection ? end->connection->object.name : NULL,
		.peer_node = end->peer ? end->peer->node->name : NULL,
		.local_address = arena_strdup(arena, ip_print(end->local).text),
		.remote_address = arena_strdup(arena, ip_print(end->remote).text),
		.tunnel_address = arena_strdup(arena, ip_print(end->interface->ip).text),
		.peer_tunnel_address = arena_strdup(arena, ip_print(end->interface->peer_ip).text),
		.state = state_names[tunnel->state],
		.since = tunnel->tunnels->unix_offset + (double)tunnel->since_ns / 1e9,
		.is_initiator = end->is_initiator,
		.bytes_in = (int64_t)tunnel->total.bytes_in,
		.packets_in = (int64_t)tunnel->total.packets_in,
		.bytes_out = (int64_t)tunnel->total.bytes_out,
		.packets_out = (int64_t)tunnel->total.packets_out,
	};
	if (*tunnel->error)
		out->error = arena_strdup(arena, tunnel->error);
	if (tunnel->state != TUNNEL_ESTABLISHED)
		return;
	out->ike_proposal = arena_strdup(arena, tunnel->sa.proposal);
	out->esp_proposal = arena_strdup(arena, tunnel->child.proposal);
	out->spi_in = arena_strdup(arena, tunnel->child.spi_in);
	out->spi_out = arena_strdup(arena, tunnel->child.spi_out);
}

/* A gateway stands for its instances. */
static bool is_of(const struct tunnel_end *end, const char *node)
{
	return !*node || !strcasecmp(end->node->name, node) ||
	       (end->node->gateway && !strcasecmp(end->node->gateway->object.name, node));
}

size_t tunnels_fill(const struct tunnels *tunnels, const char *node, struct snapshot_tunnels *out,
		    struct arena *arena)
{
	const struct tunnel *tunnel;

	LL_FOREACH(tunnels->all, tunnel)
		if (tunnel->end && is_of(tunnel->end, node))
			fill_one(tunnel, ARENA_PUSH(arena, out->tunnels.items, out->tunnels.count),
				 arena);
	return out->tunnels.count;
}
