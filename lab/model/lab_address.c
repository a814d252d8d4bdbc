/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which address everything in a virtual network gets. Azure gives a NIC the first free address of
 * its subnet, from .4 up; where gateways and MSEEs stand in a GatewaySubnet is a pattern that was
 * observed, not a documented rule (R6.3): the offsets here are those of the reference lab.
 */
#include "lab/model/lab_check.h"

#include <string.h>

#define OFFSET_FIRST      4  /* R9.1 */
#define OFFSET_MSEE       8  /* primary and secondary of the gateway's first circuit */
#define OFFSET_ER_GATEWAY 12 /* its two instances */
#define OFFSET_VPN_BGP    14 /* of an active-active VPN gateway beside others (R5.2) */

struct taken_key {
	struct ip ip;
	unsigned vnet_index;
};

struct taken {
	struct taken_key key;
	struct src_pos pos;
	const char *owner;
	UT_hash_handle hh;
};

struct giver {
	struct lab *lab;
	struct diags *diags;
	struct taken *taken;
};

static struct taken *find_taken(const struct giver *g, const struct subnet *subnet, struct ip ip)
{
	struct taken *taken = NULL;
	struct taken_key key;

	memset(&key, 0, sizeof(key)); /* its padding is hashed too */
	key.ip = ip;
	key.vnet_index = subnet->vnet->index;
	HASH_FIND(hh, g->taken, &key, sizeof(key), taken);
	return taken;
}

static void take(struct giver *g, const struct subnet *subnet, struct ip ip, struct src_pos pos,
		 const char *owner)
{
	struct taken *taken = arena_alloc(g->lab->arena, sizeof(*taken));

	taken->key.ip = ip;
	taken->key.vnet_index = subnet->vnet->index;
	taken->pos = pos;
	taken->owner = owner;
	HASH_ADD(hh, g->taken, key, sizeof(taken->key), taken);
}

/* May a NIC have the address at `offset` of the subnet's prefix? */
static bool is_usable(const struct giver *g, const struct subnet *subnet, struct prefix prefix,
		      uint64_t offset)
{
	uint64_t last = ip_distance(prefix_first(prefix), prefix_last(prefix));

	return offset >= OFFSET_FIRST && offset < last &&
	       !find_taken(g, subnet, ip_add(prefix_first(prefix), offset));
}

/* An address the file asks for, in a prefix of the subnet. */
static void claim_in(struct giver *g, const struct subnet *subnet, struct prefix prefix,
		     const struct address *address, const char *owner)
{
	const struct taken *taken;

	if (!prefix_has_ip(prefix, address->ip)) {
		diag_add(g->diags, DIAG_NOT_IN_SPACE, address->pos,
			 "'%s': %s is not in subnet '%s' (%s)", owner, ip_print(address->ip).text,
			 subnet->object.name, prefix_print(prefix).text);
		return;
	}
	taken = find_taken(g, subnet, address->ip);
	if (taken) {
		diag_add(g->diags, DIAG_ADDRESS_TAKEN, address->pos, "'%s': %s belongs to '%s'",
			 owner, ip_print(address->ip).text, taken->owner)
			->also = taken->pos;
		return;
	}
	if (!is_usable(g, subnet, prefix, ip_distance(prefix_first(prefix), address->ip))) {
		struct diag *diag = diag_add(g->diags, DIAG_RESERVED_ADDRESS, address->pos,
					     "'%s': Azure keeps %s for itself", owner,
					     ip_print(address->ip).text);

		diag_hint(g->diags, diag, "the first address to use is %s",
			  ip_print(ip_add(prefix_first(prefix), OFFSET_FIRST)).text);
	}
	take(g, subnet, address->ip, address->pos, owner);
}

/* What is Azure's own has IPv4 alone, and so have private endpoints. */
static void claim(struct giver *g, const struct subnet *subnet, const struct address *address,
		  const char *owner)
{
	claim_in(g, subnet, subnet_prefix(subnet), address, owner);
}

static void add_ip(struct giver *g, struct nic *nic, struct ip ip)
{
	if (ip.family == IP_V4 && nic->ip.family == IP_NONE)
		nic->ip = ip;
	else if (ip.family != IP_NONE)
		*ARENA_PUSH(g->lab->arena, nic->more.items, nic->more.count) = ip;
}

static void claim_for_nic(struct giver *g, struct nic *nic, const struct address *address)
{
	struct prefix prefix = subnet_prefix_of(nic->subnet, address->ip.family);

	if (prefix.addr.family == IP_NONE)
		prefix = subnet_prefix(nic->subnet);
	claim_in(g, nic->subnet, prefix, address, nic->vm->object.name);
	add_ip(g, nic, address->ip);
}

/* The address at `offset` if it is free, else the first free one; IP_NONE when all are taken. */
static struct ip give_in(struct giver *g, struct subnet *subnet, struct prefix prefix,
			 uint64_t offset, struct src_pos pos, const char *owner)
{
	uint64_t end = ip_distance(prefix_first(prefix), prefix_last(prefix));
	uint64_t *next_free = &subnet->next_free[prefix.addr.family];
	struct ip ip;

	if (!is_usable(g, subnet, prefix, offset)) {
		if (*next_free < OFFSET_FIRST)
			*next_free = OFFSET_FIRST;
		while (*next_free < end && !is_usable(g, subnet, prefix, *next_free))
			++*next_free;
		offset = *next_free;
	}
	if (offset >= end) {
		diag_add(g->diags, DIAG_SUBNET_FULL, pos,
			 "'%s': subnet '%s' (%s) has no free address", owner, subnet->object.name,
			 prefix_print(prefix).text)
			->also = subnet->object.pos;
		return (struct ip){ 0 };
	}
	ip = ip_add(prefix_first(prefix), offset);
	take(g, subnet, ip, pos, owner);
	return ip;
}

static struct ip give(struct giver *g, struct subnet *subnet, uint64_t offset, struct src_pos pos,
		      const char *owner)
{
	return give_in(g, subnet, subnet_prefix(subnet), offset, pos, owner);
}

static void claim_nics(struct giver *g)
{
	for (size_t i = 0; i < g->lab->vms.count; i++) {
		struct vm *vm = &g->lab->vms.items[i];

		for (size_t n = 0; n < vm->network_interfaces.count; n++) {
			struct nic *nic = &vm->network_interfaces.items[n];

			if (nic->private_ip_address.ip.family != IP_NONE)
				claim_for_nic(g, nic, &nic->private_ip_address);
			for (size_t a = 0; a < nic->ip_configurations.count; a++)
				claim_for_nic(g, nic, &nic->ip_configurations.items[a]);
		}
	}
}

static void claim_endpoints(struct giver *g)
{
	for (size_t i = 0; i < g->lab->private_endpoints.count; i++) {
		struct private_endpoint *endpoint = &g->lab->private_endpoints.items[i];

		endpoint->ip = endpoint->private_ip_address.ip;
		if (endpoint->ip.family != IP_NONE)
			claim(g, endpoint->subnet, &endpoint->private_ip_address,
			      endpoint->object.name);
	}
}

static void give_endpoints(struct giver *g)
{
	for (size_t i = 0; i < g->lab->private_endpoints.count; i++) {
		struct private_endpoint *endpoint = &g->lab->private_endpoints.items[i];

		if (endpoint->ip.family == IP_NONE)
			endpoint->ip = give(g, endpoint->subnet, OFFSET_FIRST, endpoint->object.pos,
					    endpoint->object.name);
	}
}

/* A list of addresses is all of them; else a NIC has one of each family of its subnet. */
static void give_ipv6(struct giver *g, struct nic *nic)
{
	struct prefix prefix = subnet_prefix_of(nic->subnet, IP_V6);

	if (prefix.addr.family != IP_NONE && !nic->ip_configurations.count &&
	    nic_ip(nic, IP_V6).family == IP_NONE)
		add_ip(g, nic,
		       give_in(g, nic->subnet, prefix, OFFSET_FIRST, nic->object.pos,
			       nic->vm->object.name));
}

static void give_nics(struct giver *g)
{
	for (size_t i = 0; i < g->lab->vms.count; i++) {
		struct vm *vm = &g->lab->vms.items[i];

		for (size_t n = 0; !vm->branch && n < vm->network_interfaces.count; n++) {
			struct nic *nic = &vm->network_interfaces.items[n];

			if (nic->ip.family == IP_NONE)
				nic->ip = give(g, nic->subnet, OFFSET_FIRST, nic->object.pos,
					       vm->object.name);
			give_ipv6(g, nic);
		}
	}
}

static void claim_gateway(struct giver *g, struct gateway *gateway)
{
	const struct bgp_settings *bgp = &gateway->bgp_settings;

	for (size_t n = 0; n < gateway->ip_configurations.count; n++) {
		gateway->instance_ip[n] = gateway->ip_configurations.items[n].ip;
		claim(g, gateway->vnet->gateway_subnet, &gateway->ip_configurations.items[n],
		      gateway->object.name);
	}
	if (gateway->gateway_type.value != GATEWAY_VPN)
		return;
	for (size_t n = 0; n < bgp->bgp_peering_address.count; n++) {
		gateway->bgp_ip[n] = bgp->bgp_peering_address.items[n].ip;
		claim(g, gateway->vnet->gateway_subnet, &bgp->bgp_peering_address.items[n],
		      gateway->object.name);
	}
	for (size_t n = 0; n < bgp->custom_bgp_ip_addresses.count; n++)
		gateway->custom_bgp_ip[n] = bgp->custom_bgp_ip_addresses.items[n].ip;
}

static void claim_route_server(struct giver *g, struct route_server *server)
{
	for (size_t n = 0; n < server->ip_configurations.count; n++) {
		server->instance_ip[n] = server->ip_configurations.items[n].ip;
		claim(g, server->subnet, &server->ip_configurations.items[n], server->object.name);
	}
}

static void claim_managed(struct giver *g)
{
	for (size_t i = 0; i < g->lab->virtual_network_gateways.count; i++)
		claim_gateway(g, &g->lab->virtual_network_gateways.items[i]);
	for (size_t i = 0; i < g->lab->route_servers.count; i++)
		claim_route_server(g, &g->lab->route_servers.items[i]);
	for (size_t i = 0; i < g->lab->connections.count; i++) {
		struct connection *connection = &g->lab->connections.items[i];

		for (size_t n = 0; connection->circuit && n < connection->msee_ip_addresses.count &&
				   n < PATH_COUNT;
		     n++) {
			connection->msee_ip[n] = connection->msee_ip_addresses.items[n].ip;
			claim(g, connection->gateway->vnet->gateway_subnet,
			      &connection->msee_ip_addresses.items[n],
			      connection->circuit->object.name);
		}
	}
}

/*
 * The address that a VPN gateway speaks BGP with (R5.2): the last one of the subnet when it is
 * active-standby; else the first ones, unless its tunnels or an ExpressRoute gateway come before.
 */
static uint64_t bgp_offset(const struct gateway *gateway)
{
	struct prefix prefix = subnet_prefix(gateway->vnet->gateway_subnet);

	if (gateway->instance_count == 1)
		return ip_distance(prefix_first(prefix), prefix_last(prefix)) - 1;
	return gateway->enable_private_ip_address.value || gateway->vnet->express_route
		       ? OFFSET_VPN_BGP
		       : OFFSET_FIRST;
}

static void give_bgp(struct giver *g, struct gateway *gateway)
{
	for (unsigned n = 0; n < gateway->instance_count; n++)
		if (gateway->bgp_ip[n].family == IP_NONE)
			gateway->bgp_ip[n] =
				give(g, gateway->vnet->gateway_subnet, bgp_offset(gateway) + n,
				     gateway->object.pos, gateway->object.name);
}

static void give_gateway(struct giver *g, struct gateway *gateway)
{
	bool is_vpn = gateway->gateway_type.value == GATEWAY_VPN;

	if (is_vpn)
		give_bgp(g, gateway);
	for (unsigned n = 0; n < gateway->instance_count; n++)
		if (gateway->instance_ip[n].family == IP_NONE)
			gateway->instance_ip[n] =
				give(g, gateway->vnet->gateway_subnet,
				     (is_vpn ? OFFSET_FIRST : OFFSET_ER_GATEWAY) + n,
				     gateway->object.pos, gateway->object.name);
}

static void give_managed(struct giver *g)
{
	for (size_t i = 0; i < g->lab->virtual_network_gateways.count; i++)
		give_gateway(g, &g->lab->virtual_network_gateways.items[i]);
	for (size_t i = 0; i < g->lab->route_servers.count; i++) {
		struct route_server *server = &g->lab->route_servers.items[i];

		for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
			if (server->instance_ip[n].family == IP_NONE)
				server->instance_ip[n] =
					give(g, server->subnet, OFFSET_FIRST + n,
					     server->object.pos, server->object.name);
	}
	for (size_t i = 0; i < g->lab->connections.count; i++) {
		struct connection *connection = &g->lab->connections.items[i];

		for (unsigned n = 0; connection->circuit && n < PATH_COUNT; n++)
			if (connection->msee_ip[n].family == IP_NONE)
				connection->msee_ip[n] =
					give(g, connection->gateway->vnet->gateway_subnet,
					     OFFSET_MSEE + n, connection->object.pos,
					     connection->circuit->object.name);
	}
}

void lab_assign_addresses(struct lab *lab, struct diags *diags)
{
	struct giver g = { .lab = lab, .diags = diags };

	claim_nics(&g);
	claim_endpoints(&g);
	claim_managed(&g);
	give_managed(&g);
	give_nics(&g);
	give_endpoints(&g);
	HASH_CLEAR(hh, g.taken);
}
