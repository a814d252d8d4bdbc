/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual network gateways and Route Servers: where they stand, and what their instances are. */
#include "lab/model/lab_check_parts.h"

#include <strings.h>

/* What its instances may have beside their own (R5.4). */
#define FIRST_CUSTOM "169.254.21.0"
#define LAST_CUSTOM  "169.254.22.255"

#define ROUTE_SERVER_PEERS_MAX 8 /* R7.15 */
#define SHORT_ASN_MAX          65535

#define STAND_INS 32768u /* pairs in GATEWAY_PUBLIC_SPACE */

#define NAME_HASH_START 2166136261u /* FNV-1a */
#define NAME_HASH_PRIME 16777619u

static void hint_gateway_subnet(struct check *c, struct diag *diag, const struct vnet *vnet,
				const char *wanted)
{
	NAME_LIST(names, vnet->subnets);
	const char *near = nearest_word(wanted, names.names, names.count);

	if (near)
		diag_hint(c->diags, diag, "'%s' must be called %s to be it", near, wanted);
}

/* A list of what each instance has is of all of them, or there is none. */
static void check_instances(struct check *c, const struct gateway *gateway, const char *key,
			    size_t count, struct src_pos pos)
{
	if (!count || count == gateway->instance_count)
		return;
	if (gateway->instance_count == 1)
		diag_hint(c->diags,
			  diag_add(c->diags, DIAG_BAD_VALUE, pos,
				   "gateway '%s' is not active_active: '%s' lists one, not %zu",
				   gateway->object.name, key, count),
			  "with active_active: true it lists two");
	else
		diag_add(c->diags, DIAG_BAD_VALUE, pos,
			 "gateway '%s' has %d instances: '%s' must list as many addresses, not %zu",
			 gateway->object.name, GATEWAY_INSTANCES, key, count);
}

static void check_lists(struct check *c, const struct gateway *gateway)
{
	const struct addresses *addresses[] = {
		&gateway->ip_configurations,
		&gateway->bgp_settings.bgp_peering_address,
		&gateway->bgp_settings.custom_bgp_ip_addresses,
	};
	static const char *const keys[] = { "ip_configurations", "bgp_peering_address",
					    "custom_bgp_ip_addresses" };

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		if (addresses[i]->count)
			check_instances(c, gateway, keys[i], addresses[i]->count,
					addresses[i]->items[0].pos);
}

/* Azure refuses numbers that are reserved, but its own (R5.3). */
static void check_gateway_asn(struct check *c, const struct gateway *gateway)
{
	if (gateway->bgp_settings.asn.value != ASN_AZURE)
		check_told_asn(c, "gateway", gateway->object.name, &gateway->bgp_settings.asn);
}

/* R5.4 */
static void check_custom_addresses(struct check *c, const struct gateway *gateway)
{
	const struct addresses *given = &gateway->bgp_settings.custom_bgp_ip_addresses;
	struct ip first = { 0 }, last = { 0 };

	if (!ip_parse(FIRST_CUSTOM, &first) || !ip_parse(LAST_CUSTOM, &last))
		return;
	for (size_t i = 0; i < given->count; i++) {
		struct ip ip = given->items[i].ip;

		if (ip.family != IP_NONE &&
		    (ip.family != IP_V4 || ip_compare(ip, first) < 0 || ip_compare(ip, last) > 0))
			diag_add(c->diags, DIAG_VPN_GATEWAY, given->items[i].pos,
				 "gateway '%s': %s is not one of " FIRST_CUSTOM " to " LAST_CUSTOM
				 " (R5.4)",
				 gateway->object.name, ip_print(ip).text);
	}
	if (given->count == GATEWAY_INSTANCES && ip_equal(given->items[0].ip, given->items[1].ip))
		diag_add(c->diags, DIAG_VPN_GATEWAY, given->items[1].pos,
			 "gateway '%s': both instances have the address %s", gateway->object.name,
			 ip_print(given->items[1].ip).text)
			->also = given->items[0].pos;
}

/* What the other type of gateway has. */
static void check_keys_of_type(struct check *c, const struct gateway *gateway)
{
	const struct {
		const char *key;
		struct src_pos pos;
		enum gateway_type type;
		const char *words;
	} keys[] = {
		{ "active_active", gateway->active_active.pos, GATEWAY_VPN,
		  "both instances of an ExpressRoute gateway are always active" },
		{ "enable_private_ip_address", gateway->enable_private_ip_address.pos, GATEWAY_VPN,
		  "an ExpressRoute gateway has no tunnels" },
		{ "bgp_settings", gateway->bgp_settings.object.pos, GATEWAY_VPN,
		  "an ExpressRoute gateway has AS number 65515, and BGP by its own addresses" },
		{ "allow_remote_vnet_traffic", gateway->allow_remote_vnet_traffic.pos,
		  GATEWAY_EXPRESS_ROUTE, "a VPN gateway has no circuits" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].pos.line && !gateway->gateway_type.is_refused &&
		    (int)keys[i].type != gateway->gateway_type.value)
			diag_hint(c->diags,
				  diag_add(c->diags, DIAG_VPN_GATEWAY, keys[i].pos,
					   "gateway '%s': only %s gateways have '%s'",
					   gateway->object.name,
					   keys[i].type == GATEWAY_VPN ? "VPN" : "ExpressRoute",
					   keys[i].key),
				  "%s", keys[i].words);
}

static void check_gateway(struct check *c, struct gateway *gateway)
{
	struct vnet *vnet = resolve_vnet(c, &gateway->virtual_network);
	bool is_vpn = gateway->gateway_type.value == GATEWAY_VPN;
	struct gateway **place;

	gateway->vnet = vnet;
	gateway->instance_count = gateway_instance_count(gateway);
	gateway->asn = gateway->bgp_settings.asn.value ? (uint32_t)gateway->bgp_settings.asn.value
						       : ASN_AZURE;
	check_keys_of_type(c, gateway);
	check_gateway_asn(c, gateway);
	check_custom_addresses(c, gateway);
	check_lists(c, gateway);
	if (!vnet)
		return;
	place = is_vpn ? &vnet->vpn : &vnet->express_route;
	if (*place) {
		diag_add(c->diags, DIAG_GATEWAY_TAKEN, gateway->virtual_network.pos,
			 "gateway '%s': '%s' already has %s gateway", gateway->object.name,
			 vnet->object.name, is_vpn ? "a VPN" : "an ExpressRoute")
			->also = (*place)->object.pos;
		return;
	}
	*place = gateway;
	if (!vnet->gateway_subnet) {
		struct diag *diag =
			diag_add(c->diags, DIAG_NO_GATEWAY_SUBNET, gateway->virtual_network.pos,
				 "gateway '%s': '%s' has no subnet named GatewaySubnet",
				 gateway->object.name, vnet->object.name);

		diag->also = vnet->object.pos;
		hint_gateway_subnet(c, diag, vnet, "GatewaySubnet");
	}
}

static void check_route_server(struct check *c, struct route_server *server)
{
	struct vnet *vnet = resolve_vnet(c, &server->virtual_network);
	const struct addresses *given = &server->ip_configurations;
	struct diag *diag;

	server->vnet = vnet;
	if (given->count && given->count != GATEWAY_INSTANCES)
		diag_add(c->diags, DIAG_BAD_VALUE, given->items[0].pos,
			 "Route Server '%s' has %d instances: 'ip_configurations' must list as "
			 "many addresses, not %zu",
			 server->object.name, GATEWAY_INSTANCES, given->count);
	if (!vnet)
		return;
	if (vnet->route_server) {
		diag_add(c->diags, DIAG_GATEWAY_TAKEN, server->virtual_network.pos,
			 "Route Server '%s': '%s' already has one", server->object.name,
			 vnet->object.name)
			->also = vnet->route_server->object.pos;
		return;
	}
	vnet->route_server = server;
	server->subnet = vnet_find_subnet(vnet, "RouteServerSubnet");
	if (server->subnet)
		return;
	diag = diag_add(c->diags, DIAG_NO_GATEWAY_SUBNET, server->virtual_network.pos,
			"Route Server '%s': '%s' has no subnet named RouteServerSubnet",
			server->object.name, vnet->object.name);
	diag->also = vnet->object.pos;
	hint_gateway_subnet(c, diag, vnet, "RouteServerSubnet");
}

void check_gateways(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++)
		check_gateway(c, &lab->virtual_network_gateways.items[i]);
	for (size_t i = 0; i < lab->route_servers.count; i++)
		check_route_server(c, &lab->route_servers.items[i]);
}

/* ---- public addresses ---- */

/*
 * Stands in where the file names none. It is of the gateway's name, so that it is the same whatever
 * else the lab has.
 */
static struct ip stand_in(struct check *c, struct gateway *gateway, unsigned instance)
{
	uint32_t hash = NAME_HASH_START;
	struct prefix space;
	struct ip ip = { 0 };

	if (!prefix_parse(GATEWAY_PUBLIC_SPACE, &space))
		return ip;
	for (const char *at = gateway->object.name; *at; at++)
		hash = (hash ^ (uint32_t)(*at | 0x20)) * NAME_HASH_PRIME;
	for (unsigned n = 0; n < STAND_INS; n++, hash++) {
		ip = ip_add(space.addr, hash % STAND_INS * GATEWAY_INSTANCES + instance);
		if (!note_address(c, "a gateway", ip, gateway))
			return ip;
	}
	return ip;
}

void check_public_ips_of_gateways(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++) {
		struct gateway *gateway = &lab->virtual_network_gateways.items[i];
		const struct text_list *names = &gateway->public_ip_addresses;

		if (names->count)
			check_instances(c, gateway, "public_ip_addresses", names->count,
					names->items[0].pos);
		for (unsigned n = 0; n < gateway->instance_count; n++)
			gateway->public_ip[n] = n < names->count
							? public_ip_of_gateway(c, gateway, n)
							: stand_in(c, gateway, n);
	}
}

/* ---- Route Servers ---- */

/* Its own virtual network, or one that is peered with it: R7.16. */
static bool is_reached(const struct route_server *server, struct ip ip)
{
	return !server->vnet || vnet_has_ip(server->vnet, ip) ||
	       vnet_find_peered(server->vnet, prefix_host(ip));
}

static void check_peer(struct check *c, const struct route_server *server,
		       struct route_server_peering *peer)
{
	const struct route_server_peering *other;
	struct ip ip = peer->peer_ip.ip;

	check_told_asn(c, "BGP connection", peer->object.name, &peer->peer_asn);
	if (peer->peer_asn.value > SHORT_ASN_MAX)
		diag_add(c->diags, DIAG_LONG_ASN, peer->peer_asn.pos,
			 "BGP connection '%s': AS number %.0f has 32 bits, and a Route Server is "
			 "documented to take those of 16",
			 peer->object.name, peer->peer_asn.value);
	other = ip.family == IP_NONE
			? NULL
			: note_address(c, arena_printf(c->lab->arena, "of %s", server->object.name),
				       ip, peer);
	if (other)
		diag_add(c->diags, DIAG_ROUTE_SERVER, peer->peer_ip.pos,
			 "Route Server '%s': '%s' and '%s' are with the same peer, %s",
			 server->object.name, other->object.name, peer->object.name,
			 ip_print(ip).text)
			->also = other->peer_ip.pos;
	if (ip.family == IP_V6)
		diag_add(c->diags, DIAG_ROUTE_SERVER, peer->peer_ip.pos,
			 "Route Server '%s': 'peer_ip' is an address of IPv4", server->object.name);
	else if (ip.family == IP_V4 && !is_reached(server, ip))
		diag_add(c->diags, DIAG_ROUTE_SERVER, peer->peer_ip.pos,
			 "Route Server '%s': %s is neither in '%s' nor in a virtual network that "
			 "is peered "
			 "with it",
			 server->object.name, ip_print(ip).text, server->vnet->object.name);
}

/* R7.13 */
static void warn_vpn_beside(struct check *c, const struct route_server *server)
{
	const struct gateway *vpn = server->vnet ? server->vnet->vpn : NULL;

	if (vpn && vpn->instance_count != GATEWAY_INSTANCES)
		diag_hint(c->diags,
			  diag_add(c->diags, DIAG_ROUTE_SERVER_VPN, vpn->object.pos,
				   "gateway '%s' is not active_active: beside Route Server '%s' "
				   "it is not supported",
				   vpn->object.name, server->object.name),
			  "give it active_active: true");
	if (vpn && vpn->asn != ASN_AZURE)
		diag_add(c->diags, DIAG_ROUTE_SERVER_VPN, vpn->bgp_settings.asn.pos,
			 "gateway '%s' has AS number %u: beside Route Server '%s' it has to be "
			 "65515",
			 vpn->object.name, vpn->asn, server->object.name)
			->also = server->object.pos;
}

void check_route_servers(struct check *c)
{
	for (size_t i = 0; i < c->lab->route_servers.count; i++) {
		const struct route_server *server = &c->lab->route_servers.items[i];
		size_t count = server->bgp_connections.count;

		for (size_t n = 0; n < count; n++)
			check_peer(c, server, &server->bgp_connections.items[n]);
		if (count > ROUTE_SERVER_PEERS_MAX)
			diag_add(c->diags, DIAG_LIMIT,
				 server->bgp_connections.items[ROUTE_SERVER_PEERS_MAX].object.pos,
				 "Route Server '%s' has %zu BGP connections, the limit is %d",
				 server->object.name, count, ROUTE_SERVER_PEERS_MAX);
		warn_vpn_beside(c, server);
	}
}
