/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of gateways, and tunnels whose two ends are not of one mind. */
#include "lab/mend/mend_parts.h"

#include <string.h>

static const char *connection_path(struct mending *m, const struct connection *c)
{
	return arena_printf(m->arena, "connections/%s", c->object.name);
}

static const char *end_path(struct mending *m, const struct tunnel_end *end)
{
	if (end->connection)
		return connection_path(m, end->connection);
	return arena_printf(m->arena, "%s/tunnels/%s", router_path(m, end->node),
			    end->device->object.name);
}

static bool is_up(const struct mending *m, size_t at)
{
	return m->wanted->tunnels[at].outlook == TUNNEL_UP;
}

/* ---- the two ends ---- */

static unsigned count_key(const struct mending *m, const char *key)
{
	unsigned count = 0;

	for (size_t i = 0; i < m->wanted->topology->tunnel_ends.count; i++)
		count += !strcmp(m->wanted->topology->tunnel_ends.items[i]->shared_key, key);
	return count;
}

/* Which of two keys is the wrong one nobody knows; the one that more ends have is not. */
static void propose_key(struct mending *m, const struct tunnel_end *end)
{
	const struct tunnel_end *wrong = end, *right = end->peer;
	struct mend *mend;

	if (!strcmp(end->shared_key, end->peer->shared_key))
		return;
	if (count_key(m, right->shared_key) < count_key(m, wrong->shared_key)) {
		wrong = end->peer;
		right = end;
	}
	mend = mend_add(m, arena_printf(m->arena, "%s/shared_key", end_path(m, wrong)),
			arena_printf(m->arena, "'%s'", right->shared_key),
			"the two sides have different shared keys");
	mend->other = arena_printf(m->arena, "%s/shared_key", end_path(m, right));
}

static void propose_policy(struct mending *m, const struct tunnel_end *end)
{
	struct mend *mend;

	if (!end->policy)
		return;
	mend = mend_add(m, arena_printf(m->arena, "%s/ipsec_policy", end_path(m, end)), NULL,
			"the two sides have no IPsec policy in common");
	mend->other = arena_printf(m->arena, "%s/ipsec_policy", end_path(m, end->peer));
}

/* ---- nobody is where an end looks for the other ---- */

static void propose_site_addresses(struct mending *m, const struct tunnel_end *end)
{
	const struct topology *topology = m->wanted->topology;
	const struct local_network_gateway *site = end->connection->local_network_gateway;

	if (!site)
		return;
	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *device = topology->tunnel_ends.items[i];

		if (device->device && ip_equal(device->remote, end->local))
			mend_add(m,
				 arena_printf(m->arena,
					      "local_network_gateways/%s/gateway_ip_address",
					      site->object.name),
				 arena_strdup(m->arena, ip_print(device->local).text),
				 "%s is not at %s", device->node->name, ip_print(end->remote).text);
	}
}

static void propose_private_addresses(struct mending *m, const struct tunnel_end *end)
{
	bool is_private = end->connection->use_local_azure_ip_address.value;

	mend_add(m,
		 arena_printf(m->arena, "%s/use_local_azure_ip_address",
			      connection_path(m, end->connection)),
		 is_private ? "false" : "true",
		 "the site's tunnels end at the gateway's %s addresses",
		 is_private ? "public" : "private");
}

/* All tunnels of a device, to the instances of a gateway, in their order. */
static void propose_gateway_addresses(struct mending *m, const struct tunnel_end *end,
				      const struct connection *c)
{
	const struct topology *topology = m->wanted->topology;
	const char *path = arena_printf(m->arena, "%s/tunnels", router_path(m, end->node));
	struct mend *mend = NULL;
	unsigned instance = 0;

	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *device = topology->tunnel_ends.items[i];
		const char *own = NULL, *address;

		if (!device->device || device->node != end->node ||
		    instance >= c->gateway->instance_count)
			continue;
		address = arena_printf(m->arena, "%s",
				       ip_print(c->use_local_azure_ip_address.value
							? c->gateway->instance_ip[instance]
							: c->gateway->public_ip[instance])
					       .text);
		own = arena_printf(m->arena, "%s/%s/remote_address", path,
				   device->device->object.name);
		if (mend)
			mend_also(m, mend, own, address);
		else
			mend = mend_add(m, own, address, "%s is not at %s", c->gateway->object.name,
					ip_print(device->remote).text);
		mend->at = path;
		instance++;
	}
}

static void propose_peers(struct mending *m, const struct tunnel_end *end)
{
	if (end->connection) {
		propose_site_addresses(m, end);
		propose_private_addresses(m, end);
		return;
	}
	for (size_t i = 0; i < m->lab->connections.count; i++)
		if (m->lab->connections.items[i].local_network_gateway &&
		    m->lab->connections.items[i].gateway)
			propose_gateway_addresses(m, end, &m->lab->connections.items[i]);
}

/* ---- outer packets ---- */

static const struct nic *nic_at(const struct vm *vm, struct ip ip)
{
	for (size_t i = 0; vm && i < vm->network_interfaces.count; i++)
		if (nic_has_ip(&vm->network_interfaces.items[i], ip))
			return &vm->network_interfaces.items[i];
	return NULL;
}

/* Routes to the other ends past the tunnels themselves (R5.15). */
static void propose_outer_routes(struct mending *m, const struct node *node)
{
	const struct topology *topology = m->wanted->topology;
	size_t count = node->vm ? node->vm->routes.count : 0;
	const char *path = arena_printf(m->arena, "%s/routes", router_path(m, node));
	struct mend *mend = NULL;

	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = topology->tunnel_ends.items[i];
		const struct nic *nic = end->node == node ? nic_at(node->vm, end->local) : NULL;
		const char *at, *value;

		if (!nic)
			continue;
		at = arena_printf(m->arena, "%s/%zu", path, count++);
		value = arena_printf(m->arena, "%s %s", prefix_print(prefix_host(end->remote)).text,
				     ip_print(subnet_router_ip(nic->subnet)).text);
		if (mend)
			mend_also(m, mend, at, value);
		else
			mend = mend_add(m, at, value,
					"%s sends the tunnels' own packets into the tunnels",
					node->name);
		mend->at = path;
	}
}

/* The way to a tunnel's end has to be known whatever the tunnels bring. */
static void propose_static_routes(struct mending *m, const struct tunnel_end *end)
{
	for (size_t i = 0; i < m->lab->providers.count; i++) {
		const struct provider *provider = &m->lab->providers.items[i];

		for (size_t n = 0; n < provider->links.count; n++) {
			const struct provider_link *link = &provider->links.items[n];

			mend_add(m,
				 arena_printf(m->arena, "providers/%s/links/%zu/static_routes/%zu",
					      provider->object.name, n, link->static_routes.count),
				 arena_strdup(m->arena, prefix_print(prefix_host(end->local)).text),
				 "%s does not announce the address of %s, where the tunnels end",
				 provider->object.name, end->node->name);
		}
	}
}

static void propose_ends(struct mending *m)
{
	const struct topology *topology = m->wanted->topology;
	const struct node *routed = NULL;

	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = topology->tunnel_ends.items[i];

		if (is_up(m, i))
			continue;
		if (!end->peer) {
			propose_peers(m, end);
			continue;
		}
		if (end->connection || !end->peer->connection) {
			propose_key(m, end);
			propose_policy(m, end);
			propose_policy(m, end->peer);
		}
		if (end->device && end->node != routed) {
			propose_outer_routes(m, end->node);
			propose_static_routes(m, end);
			routed = end->node;
		}
	}
}

/* ---- connections ---- */

static bool is_connected(const struct mending *m, const struct gateway *gateway,
			 const struct circuit *circuit)
{
	for (size_t i = 0; i < m->lab->connections.count; i++)
		if ((gateway && m->lab->connections.items[i].gateway == gateway) ||
		    (circuit && m->lab->connections.items[i].circuit == circuit))
			return true;
	return false;
}

static void propose_circuits(struct mending *m)
{
	for (size_t i = 0; i < m->lab->virtual_network_gateways.count; i++) {
		const struct gateway *gateway = &m->lab->virtual_network_gateways.items[i];

		if (gateway->vnet->express_route != gateway)
			continue;
		for (size_t n = 0; n < m->lab->express_route_circuits.count; n++) {
			const struct circuit *circuit = &m->lab->express_route_circuits.items[n];

			if (is_connected(m, gateway, NULL) && is_connected(m, NULL, circuit))
				continue;
			mend_add(m,
				 arena_printf(m->arena, "connections/%s-%s", gateway->object.name,
					      circuit->object.name),
				 arena_printf(m->arena, "{ gateway: %s, circuit: %s }",
					      gateway->object.name, circuit->object.name),
				 "%s is not connected with %s", gateway->object.name,
				 circuit->object.name);
		}
	}
}

static bool has_other_side(const struct mending *m, const struct connection *c)
{
	for (size_t i = 0; i < m->lab->connections.count; i++)
		if (m->lab->connections.items[i].gateway == c->gateway2 &&
		    m->lab->connections.items[i].gateway2 == c->gateway)
			return true;
	return false;
}

static void propose_other_connection(struct mending *m, const struct connection *c)
{
	struct mend *mend;

	if (!c->gateway2 || has_other_side(m, c))
		return;
	mend = mend_add(
		m,
		arena_printf(m->arena, "connections/%s-%s", c->gateway2->object.name,
			     c->gateway->object.name),
		arena_printf(m->arena,
			     "{ gateway: %s, virtual_network_gateway2: %s, shared_key: '%s', "
			     "enable_bgp: %s }",
			     c->gateway2->object.name, c->gateway->object.name,
			     c->shared_key.value ? c->shared_key.value : "",
			     c->enable_bgp.value ? "true" : "false"),
		"%s has no connection back to %s", c->gateway2->object.name,
		c->gateway->object.name);
	mend->other = connection_path(m, c);
}

static void propose_connection_bgp(struct mending *m, const struct connection *c)
{
	bool has_asn =
		c->local_network_gateway && c->local_network_gateway->bgp_settings.asn.pos.line;

	if (!c->enable_bgp.value && (has_asn || c->gateway2))
		mend_add(m, arena_printf(m->arena, "%s/enable_bgp", connection_path(m, c)), "true",
			 "BGP is not enabled on the connection %s", c->object.name);
}

static void propose_site_prefixes(struct mending *m, const struct connection *c)
{
	if (c->local_network_gateway && !c->enable_bgp.value)
		mend_add(m,
			 arena_printf(m->arena, "local_network_gateways/%s/address_prefixes",
				      c->local_network_gateway->object.name),
			 arena_strdup(m->arena, prefix_print(mend_target_prefix(m)).text),
			 "%s does not have the site's prefixes",
			 c->local_network_gateway->object.name);
}

void propose_tunnels(struct mending *m)
{
	propose_ends(m);
	for (size_t i = 0; i < m->lab->connections.count; i++) {
		propose_other_connection(m, &m->lab->connections.items[i]);
		propose_connection_bgp(m, &m->lab->connections.items[i]);
		propose_site_prefixes(m, &m->lab->connections.items[i]);
	}
	propose_circuits(m);
}
