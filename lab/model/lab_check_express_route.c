/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Circuits, connections, and how many there may be of each. */
#include "lab/model/lab_check_parts.h"

#define CIRCUITS_MAX   16 /* of one gateway, with the largest SKU */
#define CIRCUITS_USUAL 4  /* with the smallest, or of one peering location */
#define NETWORKS_USUAL 10 /* of one circuit, without Premium */

#define DEFAULT_PEERS     0xa9fe4000u /* 169.254.64.0: /30s of link-local space for each path */
#define DEFAULT_PEERS_MAX 4096u

/* What stands in when the file gives no peer prefix is none that it gives elsewhere. */
struct peers {
	bool is_given[DEFAULT_PEERS_MAX];
	unsigned next; /* behind those that go by the circuit's index */
};

static void note_given(struct peers *peers, const struct spaces *given)
{
	for (size_t i = 0; i < given->count; i++) {
		uint32_t ip = ip_v4(given->items[i].prefix.addr);

		if (ip >= DEFAULT_PEERS && ip < DEFAULT_PEERS + 4 * DEFAULT_PEERS_MAX)
			peers->is_given[(ip - DEFAULT_PEERS) / 4] = true;
	}
}

static struct prefix default_peer(struct peers *peers, unsigned n)
{
	if (n < DEFAULT_PEERS_MAX && peers->is_given[n]) {
		while (peers->next < DEFAULT_PEERS_MAX && peers->is_given[peers->next])
			peers->next++;
		n = peers->next++;
	}
	return prefix_of(ip4(DEFAULT_PEERS + n * 4), 30);
}

/* A /30, of which the provider has the first address and the MSEE the second (R6.1). */
static void check_peer_prefixes(struct check *c, struct circuit *circuit, struct peers *peers)
{
	const struct spaces *given[] = { &circuit->primary_peer_address_prefix,
					 &circuit->secondary_peer_address_prefix };
	const char *owner = arena_printf(c->lab->arena, "circuit '%s'", circuit->object.name);
	bool is_ok[PATH_COUNT];

	for (unsigned path = 0; path < PATH_COUNT; path++) {
		is_ok[path] = given[path]->count && check_link_space(c, owner, given[path]);
		circuit->peer_prefix[path] =
			is_ok[path] ? given[path]->items[0].prefix
				    : default_peer(peers, circuit->index * PATH_COUNT + path);
	}
	if (is_ok[PATH_PRIMARY] && is_ok[PATH_SECONDARY] &&
	    prefix_equal(circuit->peer_prefix[PATH_PRIMARY], circuit->peer_prefix[PATH_SECONDARY]))
		diag_add(c->diags, DIAG_PEER_PREFIX, given[PATH_SECONDARY]->items[0].pos,
			 "circuit '%s': both paths have the peer address prefix %s",
			 circuit->object.name,
			 prefix_print(circuit->peer_prefix[PATH_PRIMARY]).text)
			->also = given[PATH_PRIMARY]->items[0].pos;
}

static const struct space *find_space(const struct vnet *vnet, struct prefix prefix)
{
	for (size_t i = 0; i < vnet->address_prefixes.count; i++) {
		const struct space *space = &vnet->address_prefixes.items[i];

		if (space->prefix.addr.family != IP_NONE && prefix_overlaps(space->prefix, prefix))
			return space;
	}
	return NULL;
}

static void check_peer_in_vnet(struct check *c, const struct circuit *circuit,
			       const struct vnet *vnet)
{
	const struct spaces *given[] = { &circuit->primary_peer_address_prefix,
					 &circuit->secondary_peer_address_prefix };

	for (unsigned path = 0; path < PATH_COUNT; path++) {
		const struct space *space = find_space(vnet, circuit->peer_prefix[path]);

		if (given[path]->count && space)
			diag_add(c->diags, DIAG_PEER_PREFIX, given[path]->items[0].pos,
				 "circuit '%s': %s overlaps %s of '%s', which it connects",
				 circuit->object.name,
				 prefix_print(circuit->peer_prefix[path]).text,
				 prefix_print(space->prefix).text, vnet->object.name)
				->also = space->pos;
	}
}

/* A link would be in the way of the virtual networks that use the gateway. */
static void check_peer_in_vnets(struct check *c, const struct connection *connection)
{
	const struct vnet *vnet = connection->gateway->vnet;

	if (!vnet)
		return;
	check_peer_in_vnet(c, connection->circuit, vnet);
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct vnet *remote = vnet->peerings.items[i].remote_vnet;

		if (remote && remote->hub == vnet)
			check_peer_in_vnet(c, connection->circuit, remote);
	}
}

/* NULL when no virtual network has the address. */
static const struct vnet *vnet_of_address(const struct lab *lab, struct ip ip)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		if (spaces_cover(&lab->virtual_networks.items[i].address_prefixes, prefix_host(ip)))
			return &lab->virtual_networks.items[i];
	return NULL;
}

/* What MSEEs are called when the file does not say: the first that is in no virtual network. */
static struct ip usual_msee_address(const struct lab *lab)
{
	static const char *const usual[] = { "10.3.129.58", "10.20.78.137", "10.2.146.56",
					     "100.127.129.58" };
	struct ip ip = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(usual) && ip.family == IP_NONE; i++)
		if (ip_parse(usual[i], &ip) && vnet_of_address(lab, ip))
			ip = (struct ip){ 0 };
	return ip;
}

static bool is_unicast(struct ip ip)
{
	unsigned first = ip_v4(ip) >> 24;

	return first && first != 127 && first < 224;
}

/*
 * Those of Azure's MSEEs lie in no range of the lab (R1.12, R6.8). A lab may want the addresses of
 * a VPN gateway's instances or of an appliance there, which machines see as next hops just so.
 */
static void warn_msee_space(struct check *c, const struct circuit *circuit,
			    const struct address *address)
{
	const struct vnet *vnet = vnet_of_address(c->lab, address->ip);

	if (vnet)
		diag_add(c->diags, DIAG_MSEE_SPACE, address->pos,
			 "circuit '%s': %s lies in virtual network '%s'; MSEEs have addresses of "
			 "their own",
			 circuit->object.name, ip_print(address->ip).text, vnet->object.name)
			->also = find_space(vnet, prefix_host(address->ip))->pos;
}

static void check_msee_address(struct check *c, struct circuit *circuit, struct ip usual)
{
	const struct address *given[] = { &circuit->msee_address,
					  &circuit->msee_secondary_address };
	struct ip ip = usual;

	if (circuit->msee_address.ip.family != IP_NONE)
		ip = circuit->msee_address.ip;
	circuit->msee_ip[PATH_PRIMARY] = ip;
	circuit->msee_ip[PATH_SECONDARY] = circuit->msee_secondary_address.ip.family != IP_NONE
						   ? circuit->msee_secondary_address.ip
						   : ip_add(ip, 1);
	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		if (given[i]->ip.family == IP_V6)
			diag_add(c->diags, DIAG_BAD_VALUE, given[i]->pos,
				 "circuit '%s': an MSEE address is IPv4", circuit->object.name);
		else if (given[i]->ip.family == IP_V4 && !is_unicast(given[i]->ip))
			diag_add(c->diags, DIAG_MSEE_ADDRESS, given[i]->pos,
				 "circuit '%s': %s is no address of a machine",
				 circuit->object.name, ip_print(given[i]->ip).text);
		else if (given[i]->ip.family == IP_V4)
			warn_msee_space(c, circuit, given[i]);
	}
	if (given[1]->ip.family != IP_NONE &&
	    ip_equal(circuit->msee_ip[PATH_PRIMARY], circuit->msee_ip[PATH_SECONDARY]))
		diag_add(c->diags, DIAG_MSEE_ADDRESS, given[1]->pos,
			 "circuit '%s': both MSEEs have the address %s", circuit->object.name,
			 ip_print(given[1]->ip).text)
			->also = given[0]->pos;
}

/* What a circuit can be ordered with, and how many virtual networks it then connects (Premium). */
static const struct {
	unsigned mbps, networks;
} bandwidths[] = {
	{ 50, 20 },     { 100, 25 },     { 200, 25 },     { 500, 40 },
	{ 1000, 50 },   { 2000, 60 },    { 5000, 75 },    { 10000, 100 },
	{ 40000, 100 }, { 100000, 100 }, { 400000, 100 },
};

static void warn_bandwidth(struct check *c, const struct circuit *circuit)
{
	double mbps = circuit->bandwidth_in_mbps.value;
	struct diag *diag;

	for (size_t i = 0; i < ARRAY_SIZE(bandwidths); i++)
		if (bandwidths[i].mbps == mbps)
			return;
	if (!circuit->bandwidth_in_mbps.pos.line)
		return;
	diag = diag_add(c->diags, DIAG_BANDWIDTH, circuit->bandwidth_in_mbps.pos,
			"circuit '%s': there are no circuits of %.0f Mbps", circuit->object.name,
			mbps);
	for (size_t i = 0; i < ARRAY_SIZE(bandwidths); i++) {
		if (bandwidths[i].mbps < mbps)
			continue;
		diag_hint(c->diags, diag, "the next one has %u", bandwidths[i].mbps);
		return;
	}
}

/* Its place among those of the circuit, and whether it stands there twice. */
static void note_connection(struct check *c, struct connection *connection)
{
	struct lab *lab = c->lab;
	const struct connection *last, *twin;
	const char *circuit = arena_printf(lab->arena, "%u", connection->circuit->index);
	const char *pair = arena_printf(lab->arena, "%u/%td", connection->circuit->index,
					connection->gateway - lab->virtual_network_gateways.items);

	last = lab_name_find(lab, NAME_CONNECTION, circuit);
	twin = lab_name_find(lab, NAME_CONNECTION, pair);
	if (last)
		connection->index_in_circuit = last->index_in_circuit + 1;
	lab_name_set(lab, NAME_CONNECTION, circuit, connection);
	if (!twin) {
		lab_name_set(lab, NAME_CONNECTION, pair, connection);
		return;
	}
	diag_add(c->diags, DIAG_CONNECTION, connection->object.pos,
		 "connection '%s': '%s' and '%s' are already connected", connection->object.name,
		 twin->gateway->object.name, twin->circuit->object.name)
		->also = twin->object.pos;
}

/* What it leads to says of which type it is. */
static bool check_connection_type(struct check *c, struct connection *connection)
{
	const struct {
		const struct ref *ref;
		const char *key;
		enum connection_type type;
	} ends[] = {
		{ &connection->circuit_ref, "circuit", CONNECTION_EXPRESS_ROUTE },
		{ &connection->local_network_gateway_ref, "local_network_gateway",
		  CONNECTION_IPSEC },
		{ &connection->gateway2_ref, "virtual_network_gateway2", CONNECTION_VNET_TO_VNET },
	};
	size_t first = ARRAY_SIZE(ends);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		if (!ends[i].ref->pos.line)
			continue;
		if (first == ARRAY_SIZE(ends)) {
			first = i;
			connection->type = ends[i].type;
			continue;
		}
		diag_add(c->diags, DIAG_CONNECTION, ends[i].ref->pos,
			 "connection '%s' has a '%s' already: '%s' needs one of its own",
			 connection->object.name, ends[first].key, ends[i].key)
			->also = ends[first].ref->pos;
		return false;
	}
	if (first == ARRAY_SIZE(ends))
		diag_add(c->diags, DIAG_MISSING_KEY, connection->object.pos,
			 "connection '%s': 'circuit', 'local_network_gateway' or "
			 "'virtual_network_gateway2' is missing",
			 connection->object.name);
	return first != ARRAY_SIZE(ends);
}

static void check_gateway_type(struct check *c, const struct connection *connection)
{
	enum gateway_type wanted =
		connection->type == CONNECTION_EXPRESS_ROUTE ? GATEWAY_EXPRESS_ROUTE : GATEWAY_VPN;
	const struct gateway *gateway = connection->gateway;

	if (gateway && !gateway->gateway_type.is_refused &&
	    gateway->gateway_type.value != (int)wanted)
		diag_add(c->diags, DIAG_CONNECTION, connection->gateway_ref.pos,
			 "connection '%s': '%s' is %s gateway", connection->object.name,
			 gateway->object.name, wanted == GATEWAY_VPN ? "an ExpressRoute" : "a VPN")
			->also = gateway->gateway_type.pos;
}

static void check_connection(struct check *c, struct connection *connection)
{
	const struct ref *gateway = &connection->gateway_ref, *circuit = &connection->circuit_ref;

	if (gateway->name) {
		connection->gateway = lab_find_gateway(c->lab, gateway->name);
		NAME_LIST(names, c->lab->virtual_network_gateways);
		if (!connection->gateway)
			unknown_name(c, gateway, "virtual network gateway", &names);
	}
	if (!check_connection_type(c, connection))
		return;
	check_gateway_type(c, connection);
	if (connection->type != CONNECTION_EXPRESS_ROUTE) {
		check_vpn_connection(c, connection);
		return;
	}
	check_express_route_keys(c, connection);
	if (circuit->name) {
		connection->circuit = lab_find_circuit(c->lab, circuit->name);
		NAME_LIST(names, c->lab->express_route_circuits);
		if (!connection->circuit)
			unknown_name(c, circuit, "ExpressRoute circuit", &names);
	}
	if (!connection->gateway || !connection->circuit)
		return;
	note_connection(c, connection);
	check_peer_in_vnets(c, connection);
	if (connection->msee_ip_addresses.count > PATH_COUNT)
		diag_add(c->diags, DIAG_BAD_VALUE,
			 connection->msee_ip_addresses.items[PATH_COUNT].pos,
			 "connection '%s': there are two MSEEs, 'msee_ip_addresses' lists %zu "
			 "addresses",
			 connection->object.name, connection->msee_ip_addresses.count);
}

/* How many connections something has, and the one that is one too many. */
struct tally {
	size_t count;
	const struct connection *beyond_warning, *beyond_limit;
};

static void tally_add(struct tally *tally, const struct connection *connection, size_t warning,
		      size_t limit)
{
	tally->count++;
	if (tally->count == warning + 1)
		tally->beyond_warning = connection;
	if (tally->count == limit + 1)
		tally->beyond_limit = connection;
}

/* What is missing may be what a finding is about: it is worth a warning when there is none. */
static bool is_all_else_right(const struct check *c)
{
	return !diags_error_count(c->diags);
}

static void judge_gateway(struct check *c, const struct gateway *gateway, const struct tally *tally)
{
	const struct subnet *subnet = gateway->vnet ? gateway->vnet->gateway_subnet : NULL;

	if (tally->beyond_limit)
		diag_add(c->diags, DIAG_LIMIT, tally->beyond_limit->object.pos,
			 "gateway '%s' is connected to %zu circuits, the limit is %d",
			 gateway->object.name, tally->count, CIRCUITS_MAX);
	else if (tally->beyond_warning)
		diag_add(c->diags, DIAG_SKU, tally->beyond_warning->object.pos,
			 "gateway '%s' is connected to %zu circuits: with the SKU ErGw1AZ it takes "
			 "%d, and so many of one peering location",
			 gateway->object.name, tally->count, CIRCUITS_USUAL);
	if (tally->count == CIRCUITS_MAX && subnet && subnet_prefix(subnet).len > 26)
		diag_add(c->diags, DIAG_SUBNET_SIZE, subnet->address_prefix.items[0].pos,
			 "gateway '%s': for %d circuits its GatewaySubnet is a /26 or larger",
			 gateway->object.name, CIRCUITS_MAX);
	if (!tally->count && is_all_else_right(c))
		diag_add(c->diags, DIAG_UNCONNECTED, gateway->object.pos,
			 "gateway '%s' is connected to no circuit", gateway->object.name);
}

/* As many virtual networks as a circuit connects: with Premium its bandwidth decides. */
static size_t networks_max(const struct circuit *circuit, enum sku_tier tier)
{
	size_t networks = bandwidths[0].networks;

	if (tier != SKU_PREMIUM)
		return NETWORKS_USUAL;
	for (size_t i = 0; i < ARRAY_SIZE(bandwidths); i++)
		if (bandwidths[i].mbps <= circuit->bandwidth_in_mbps.value)
			networks = bandwidths[i].networks;
	return networks;
}

static void judge_networks(struct check *c, const struct circuit *circuit,
			   const struct tally *tally)
{
	size_t premium = networks_max(circuit, SKU_PREMIUM);
	bool is_premium = circuit->sku_tier.value == SKU_PREMIUM;
	struct diag *diag;

	if (!tally->beyond_limit)
		return;
	diag = diag_add(c->diags, DIAG_LIMIT, tally->beyond_limit->object.pos,
			"circuit '%s' of %.0f Mbps is connected to %zu gateways, the limit is %zu",
			circuit->object.name, circuit->bandwidth_in_mbps.value, tally->count,
			networks_max(circuit, (enum sku_tier)circuit->sku_tier.value));
	if (!is_premium)
		diag_hint(c->diags, diag, "with sku_tier: Premium it is %zu", premium);
}

/* Does it stand for something that packets are sent to? */
static bool has_static_routes(const struct circuit *circuit)
{
	for (int path = 0; path < PATH_COUNT; path++)
		if (circuit->link[path] && circuit->link[path]->static_routes.count)
			return true;
	return false;
}

static void judge_circuit(struct check *c, const struct circuit *circuit, const struct tally *tally)
{
	bool is_linked = circuit->link[PATH_PRIMARY] || circuit->link[PATH_SECONDARY];

	judge_networks(c, circuit, tally);
	if (!is_all_else_right(c) || (tally->count && is_linked) || has_static_routes(circuit))
		return;
	diag_add(c->diags, DIAG_UNCONNECTED, circuit->object.pos, "circuit '%s' %s",
		 circuit->object.name,
		 tally->count ? "ends on no provider's link"
		 : is_linked  ? "is connected to no gateway"
			      : "is connected to no gateway, and ends on no provider's link");
}

/* How many there are of each, when all that is joined is known. */
void check_counts(struct check *c)
{
	const struct lab *lab = c->lab;
	struct tally *gateways, *circuits;

	for (size_t i = 0; i < lab->connections.count; i++)
		if (lab->connections.items[i].type == CONNECTION_EXPRESS_ROUTE &&
		    (!lab->connections.items[i].gateway || !lab->connections.items[i].circuit))
			return;
	gateways = arena_alloc(lab->arena,
			       (lab->virtual_network_gateways.count + 1) * sizeof(*gateways));
	circuits = arena_alloc(lab->arena,
			       (lab->express_route_circuits.count + 1) * sizeof(*circuits));
	for (size_t i = 0; i < lab->connections.count; i++) {
		const struct connection *connection = &lab->connections.items[i];
		const struct circuit *circuit = connection->circuit;
		size_t networks;

		if (!circuit)
			continue;
		networks = networks_max(circuit, (enum sku_tier)circuit->sku_tier.value);
		tally_add(&gateways[connection->gateway - lab->virtual_network_gateways.items],
			  connection, CIRCUITS_USUAL, CIRCUITS_MAX);
		tally_add(&circuits[circuit->index], connection, networks, networks);
	}
	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++)
		if (lab->virtual_network_gateways.items[i].gateway_type.value ==
		    GATEWAY_EXPRESS_ROUTE)
			judge_gateway(c, &lab->virtual_network_gateways.items[i], &gateways[i]);
	for (size_t i = 0; i < lab->express_route_circuits.count; i++)
		judge_circuit(c, &lab->express_route_circuits.items[i], &circuits[i]);
	for (size_t i = 0; i < lab->providers.count; i++)
		if (!lab->providers.items[i].links.count && is_all_else_right(c))
			diag_add(c->diags, DIAG_UNCONNECTED, lab->providers.items[i].object.pos,
				 "provider '%s' has no links", lab->providers.items[i].object.name);
}

void check_express_route(struct check *c)
{
	struct lab *lab = c->lab;
	struct ip usual = usual_msee_address(lab);
	struct peers peers = { .next = (unsigned)lab->express_route_circuits.count * PATH_COUNT };

	check_ports(c);
	for (size_t i = 0; i < lab->express_route_circuits.count; i++) {
		note_given(&peers,
			   &lab->express_route_circuits.items[i].primary_peer_address_prefix);
		note_given(&peers,
			   &lab->express_route_circuits.items[i].secondary_peer_address_prefix);
	}
	for (size_t i = 0; i < lab->express_route_circuits.count; i++) {
		struct circuit *circuit = &lab->express_route_circuits.items[i];

		check_peer_prefixes(c, circuit, &peers);
		check_msee_address(c, circuit, usual);
		warn_bandwidth(c, circuit);
	}
	check_sites(c);
	for (size_t i = 0; i < lab->connections.count; i++)
		check_connection(c, &lab->connections.items[i]);
	check_vnet_to_vnet(c);
}
