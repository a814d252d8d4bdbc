/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnels: each side's ends as that side is configured, then which of them find each other. What
 * one side says wrongly does not come up, as between real devices.
 */
#include "lab/model/topology_parts.h"

#include <stdio.h>
#include <string.h>

#define LINK_LOCAL      0xa9fe0000u /* 169.254.0.0/16 */
#define UNNUMBERED      0xa9fee000u /* 169.254.224.0: far sides that have no address (R5.5) */
#define UNNUMBERED_MASK 0x1fffu

/* Outer interface of an end whose packets go over the Internet, in its own namespace. */
#define CABLE_IFINDEX 10
#define CABLE_NAME    "wan0"

static bool is_link_local(struct ip ip)
{
	return ip.family == IP_V4 && (ip_v4(ip) & 0xffff0000u) == LINK_LOCAL;
}

/* "NODE-tN": a namespace, so no machine has the name. */
static const char *name_end(struct builder *b, const struct node *node, const char *key)
{
	const struct tunnel_end *before = topology_recall(b, "tunnel %s %s", node->name, key);
	const char *name;
	unsigned n = 0;

	if (before)
		return arena_strdup(b->t->arena, before->name);
	do
		name = arena_printf(b->t->arena, "%s-t%u", node->name, n++);
	while (topology_find_node(b->t, name) || !topology_take(b, "tunnel name %s", name));
	return name;
}

static struct tunnel_end *add_end(struct builder *b, struct node *node, const char *key,
				  struct ip local, struct ip remote, struct ip ip, struct ip peer,
				  struct src_pos pos)
{
	struct tunnel_end *end = arena_alloc(b->t->arena, sizeof(*end));

	end->node = node;
	end->name = name_end(b, node, key);
	end->local = local;
	end->remote = remote;
	end->pos = pos;
	end->interface =
		topology_add_interface(b, node, INTERFACE_TUNNEL, "tun", key, ip, ip_bits(ip), pos);
	end->interface->tunnel = end;
	end->interface->peer_ip = peer;
	if (peer.family == IP_NONE)
		end->interface->peer_ip =
			ip4(UNNUMBERED | (end->interface->ifindex & UNNUMBERED_MASK));
	*ARENA_PUSH(b->t->arena, b->t->tunnel_ends.items, b->t->tunnel_ends.count) = end;
	return end;
}

static struct node *find_instance_node(const struct topology *t, const struct gateway *gateway,
				       unsigned instance)
{
	for (size_t i = 0; i < t->nodes.count; i++)
		if (t->nodes.items[i]->gateway == gateway &&
		    t->nodes.items[i]->instance == instance)
			return t->nodes.items[i];
	return NULL;
}

/* `far` is the instance of the other gateway that is meant. */
static void add_gateway_end(struct builder *b, const struct connection *connection,
			    unsigned instance, unsigned far)
{
	const struct gateway *gateway = connection->gateway, *other = connection->gateway2;
	const struct local_network_gateway *site = connection->local_network_gateway;
	struct ip local = connection->use_local_azure_ip_address.value
				  ? gateway->instance_ip[instance]
				  : gateway->public_ip[instance];
	struct ip ip = gateway->bgp_ip[instance], peer = { 0 }, remote = { 0 };
	struct tunnel_end *end;

	if (site) {
		const struct addresses *peers = &site->bgp_settings.bgp_peering_address;

		remote = site->gateway_ip_address.ip;
		if (connection->enable_bgp.value && peers->count)
			peer = peers->items[0].ip;
		if (is_link_local(peer) && gateway->custom_bgp_ip[instance].family != IP_NONE)
			ip = gateway->custom_bgp_ip[instance];
	} else if (other) {
		remote = connection->use_local_azure_ip_address.value ? other->instance_ip[far]
								      : other->public_ip[far];
		if (connection->enable_bgp.value)
			peer = other->bgp_ip[far];
	}
	end = add_end(b, find_instance_node(b->t, gateway, instance),
		      arena_printf(b->t->arena, "tunnel %s %u", connection->object.name, far),
		      local, remote, ip, peer, connection->object.pos);
	end->connection = connection;
	end->shared_key = connection->shared_key.value ? connection->shared_key.value : "";
	end->policy = connection->ipsec_policy.object.pos.line ? &connection->ipsec_policy : NULL;
}

/* Each instance has a tunnel to each site, and to each instance of another gateway (R5.1). */
static void add_connection(struct builder *b, const struct connection *connection)
{
	unsigned near = connection->gateway->instance_count;
	unsigned far = connection->gateway2 ? connection->gateway2->instance_count : 1;

	for (unsigned n = 0; n < near; n++)
		for (unsigned m = 0; m < far; m++)
			add_gateway_end(b, connection, n, m);
}

static void add_device_end(struct builder *b, struct node *node, const struct device_tunnel *tunnel)
{
	struct tunnel_end *end = add_end(
		b, node, arena_printf(b->t->arena, "tunnel %s", tunnel->object.name),
		tunnel->local_address.ip, tunnel->remote_address.ip, tunnel->tunnel_address.ip,
		tunnel->peer_tunnel_address.ip, tunnel->object.pos);

	end->device = tunnel;
	end->shared_key = tunnel->shared_key.value ? tunnel->shared_key.value : "";
	end->policy = tunnel->ipsec_policy.object.pos.line ? &tunnel->ipsec_policy : NULL;
	end->is_initiator = true;
}

static void add_device_ends(struct builder *b, struct node *node)
{
	if (node->vm)
		for (size_t i = 0; i < node->vm->tunnels.count; i++)
			add_device_end(b, node, &node->vm->tunnels.items[i]);
	if (node->role == ROLE_BRANCH)
		for (size_t i = 0; i < node->branch->tunnels.count; i++)
			add_device_end(b, node, &node->branch->tunnels.items[i]);
}

/* Do packets between them leave by addresses that their machines have? */
static bool is_private(const struct tunnel_end *end)
{
	return node_has_ip(end->node, end->local);
}

static void add_cable_end(struct builder *b, struct cable *cable, int end,
			  struct tunnel_end *tunnel)
{
	struct interface *interface = arena_alloc(b->t->arena, sizeof(*interface));

	interface->kind = INTERFACE_CABLE;
	interface->node = tunnel->node;
	interface->key = "tunnel cable";
	(void)snprintf(interface->name, sizeof(interface->name), CABLE_NAME);
	interface->ifindex = CABLE_IFINDEX;
	interface->ip = tunnel->local;
	interface->prefix_len = (uint8_t)ip_bits(tunnel->local);
	interface->pos = tunnel->pos;
	interface->tunnel = tunnel;
	interface->cable = cable;
	topology_give_cable_mac(interface, cable->number, end);
	cable->ends[end] = interface;
	tunnel->cable = cable;
}

/* The Internet between them. */
static void add_cable(struct builder *b, struct tunnel_end *one, struct tunnel_end *other)
{
	const struct tunnel_end *before =
		topology_recall(b, "tunnel %s %s", one->node->name, one->interface->key);
	struct cable *cable = arena_alloc(b->t->arena, sizeof(*cable));

	cable->number = before && before->cable && before->cable->ends[0]->tunnel == before
				? before->cable->number
				: topology_next_cable(b);
	cable->pos = one->pos;
	add_cable_end(b, cable, 0, one);
	add_cable_end(b, cable, 1, other);
}

static bool is_mirrored(const struct tunnel_end *one, const struct tunnel_end *other)
{
	return ip_equal(one->local, other->remote) && ip_equal(one->remote, other->local);
}

/* Of two that nobody starts, or both, the first one does. */
static void join_ends(struct builder *b, struct tunnel_end *one, struct tunnel_end *other)
{
	one->peer = other;
	other->peer = one;
	if (one->is_initiator == other->is_initiator) {
		one->is_initiator = true;
		other->is_initiator = false;
	}
	if (!is_private(one) || !is_private(other))
		add_cable(b, one, other);
}

void topology_add_tunnels(struct builder *b)
{
	struct topology *t = b->t;
	const struct lab *lab = t->lab;

	for (size_t i = 0; i < lab->connections.count; i++)
		if (lab->connections.items[i].type != CONNECTION_EXPRESS_ROUTE)
			add_connection(b, &lab->connections.items[i]);
	for (size_t i = 0; i < t->nodes.count; i++)
		add_device_ends(b, t->nodes.items[i]);
	for (size_t i = 0; i < t->tunnel_ends.count; i++)
		for (size_t n = i + 1; n < t->tunnel_ends.count && !t->tunnel_ends.items[i]->peer;
		     n++)
			if (!t->tunnel_ends.items[n]->peer &&
			    is_mirrored(t->tunnel_ends.items[i], t->tunnel_ends.items[n]))
				join_ends(b, t->tunnel_ends.items[i], t->tunnel_ends.items[n]);
}
