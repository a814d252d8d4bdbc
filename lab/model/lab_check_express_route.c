/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Circuits, connections, and the providers' links that circuits end on. */
#include "lab/model/lab_check_parts.h"

/* A /30, of which the provider has the first address and the MSEE the second (R6.1). */
static void check_peer_prefix(struct check *c, struct circuit *circuit, enum path path,
			      const struct spaces *given)
{
	/* what stands in when the file gives none: a /30 of link-local space for each path */
	unsigned n = circuit->index * PATH_COUNT + (unsigned)path;

	circuit->peer_prefix[path] = prefix_of(ip4(0xa9fe4000u + n * 4), 30);
	if (!given->count || given->items[0].prefix.addr.family == IP_NONE)
		return;
	if (given->items[0].prefix.addr.family != IP_V4 || given->items[0].prefix.len != 30)
		diag_add(c->diags, DIAG_BAD_VALUE, given->items[0].pos,
			 "circuit '%s': a peer address prefix is an IPv4 /30",
			 circuit->object.name);
	circuit->peer_prefix[path] = given->items[0].prefix;
}

static bool in_any_vnet(const struct lab *lab, struct ip ip)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		if (covered_by(&lab->virtual_networks.items[i].address_prefixes, prefix_host(ip)))
			return true;
	return false;
}

/* MSEE addresses lie in no customer's range (R1.12, R6.8). */
static void check_msee_address(struct check *c, struct circuit *circuit)
{
	static const char *const usual[] = { "10.3.129.58", "10.20.78.137", "10.2.146.56",
					     "100.127.129.58" };
	const struct address *given[] = { &circuit->msee_address,
					  &circuit->msee_secondary_address };
	struct ip ip = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(usual) && ip.family == IP_NONE; i++) {
		if (ip_parse(usual[i], &ip) && in_any_vnet(c->lab, ip))
			ip = (struct ip){ 0 };
	}
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
		else if (given[i]->ip.family == IP_V4 && in_any_vnet(c->lab, given[i]->ip))
			diag_add(
				c->diags, DIAG_RESERVED_ADDRESS, given[i]->pos,
				"circuit '%s': %s lies in a virtual network of the lab; MSEEs have "
				"addresses of their own",
				circuit->object.name, ip_print(given[i]->ip).text);
	}
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
	if (circuit->name) {
		connection->circuit = lab_find_circuit(c->lab, circuit->name);
		NAME_LIST(names, c->lab->express_route_circuits);
		if (!connection->circuit)
			unknown_name(c, circuit, "ExpressRoute circuit", &names);
	}
	if (!connection->gateway || !connection->circuit)
		return;
	for (size_t i = 0; &c->lab->connections.items[i] != connection; i++) {
		const struct connection *other = &c->lab->connections.items[i];

		if (other->circuit != connection->circuit)
			continue;
		connection->index_in_circuit = other->index_in_circuit + 1;
		if (other->gateway == connection->gateway)
			diag_add(c->diags, DIAG_CONNECTION, connection->object.pos,
				 "connection '%s': '%s' and '%s' are already connected",
				 connection->object.name, other->gateway->object.name,
				 other->circuit->object.name)
				->also = other->object.pos;
	}
}

static void check_link(struct check *c, struct provider *provider, struct provider_link *link)
{
	struct provider_link **taken;

	link->provider = provider;
	if (!link->circuit_ref.name)
		return;
	link->circuit = lab_find_circuit(c->lab, link->circuit_ref.name);
	if (!link->circuit) {
		NAME_LIST(names, c->lab->express_route_circuits);
		unknown_name(c, &link->circuit_ref, "ExpressRoute circuit", &names);
		return;
	}
	taken = &link->circuit->link[link->path.value];
	if (*taken)
		diag_add(c->diags, DIAG_LINK_TAKEN, link->object.pos,
			 "the %s path of circuit '%s' already ends on a link",
			 choice_name(path_names, link->path.value), link->circuit->object.name)
			->also = (*taken)->object.pos;
	*taken = link;
}

static void check_provider(struct check *c, struct provider *provider)
{
	double asn = provider->asn.value;

	if (asn_is_kept_by_azure(asn))
		diag_add(c->diags, DIAG_ASN, provider->asn.pos,
			 "provider '%s': AS number %.0f is one that Azure keeps for itself",
			 provider->object.name, asn);
	for (size_t i = 0; i < provider->links.count; i++) {
		provider->links.items[i].index = (unsigned)i;
		check_link(c, provider, &provider->links.items[i]);
	}
}

void check_express_route(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->express_route_circuits.count; i++) {
		struct circuit *circuit = &lab->express_route_circuits.items[i];

		check_peer_prefix(c, circuit, PATH_PRIMARY, &circuit->primary_peer_address_prefix);
		check_peer_prefix(c, circuit, PATH_SECONDARY,
				  &circuit->secondary_peer_address_prefix);
		check_msee_address(c, circuit);
	}
	for (size_t i = 0; i < lab->connections.count; i++)
		check_connection(c, &lab->connections.items[i]);
	for (size_t i = 0; i < lab->providers.count; i++)
		check_provider(c, &lab->providers.items[i]);
}
