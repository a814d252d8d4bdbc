/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/internet.h"

#include <netinet/in.h>
#include <stdlib.h>

struct ip internet_default_ip(const struct fabric_table *table)
{
	struct prefix space;

	if (!prefix_parse(DEFAULT_OUTBOUND_SPACE, &space))
		abort();
	return ip_add(prefix_first(space), table->number);
}

struct outbound internet_outbound(const struct interface *port, struct ip source)
{
	const struct subnet *subnet = port->subnet;
	struct outbound none = { .method = OUTBOUND_NONE };

	if (port->kind != INTERFACE_NIC || source.family != IP_V4 ||
	    !interface_has_ip(port, source))
		return none;
	if (subnet->nat_gateway)
		return (struct outbound){
			.method = OUTBOUND_NAT_GATEWAY,
			.nat_gateway = subnet->nat_gateway,
			.ip = subnet->nat_gateway->public_ips.items[0]->ip_address.ip
		};
	if (port->nic->public_ip_address && ip_equal(source, port->nic->ip))
		return (struct outbound){ .method = OUTBOUND_PUBLIC_IP,
					  .ip = port->nic->public_ip_address->ip_address.ip };
	if (subnet->default_outbound_access.value)
		return (struct outbound){ .method = OUTBOUND_DEFAULT,
					  .ip = internet_default_ip(port->table) };
	return none;
}

bool nat_gateway_takes(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

const struct interface *internet_find_host(const struct topology *topology, struct ip ip)
{
	for (size_t i = 0; i < topology->ports.count; i++) {
		const struct interface *port = topology->ports.items[i];

		if (port->subnet->vnet->is_internet && interface_has_ip(port, ip))
			return port;
	}
	return NULL;
}

const struct public_ip *internet_find_public(const struct topology *topology, struct ip ip)
{
	for (size_t i = 0; i < topology->lab->public_ip_addresses.count; i++)
		if (ip_equal(topology->lab->public_ip_addresses.items[i].ip_address.ip, ip))
			return &topology->lab->public_ip_addresses.items[i];
	return NULL;
}

const struct network *internet_find_network(const struct topology *topology, struct ip ip)
{
	const struct public_ip *public = internet_find_public(topology, ip);

	if (public && public->nic)
		return topology_network(topology, public->nic->subnet->vnet);
	if (public && public->nat_gateway && public->nat_gateway->vnet)
		return topology_network(topology, public->nat_gateway->vnet);
	for (size_t i = 0; i < topology->tables.count; i++) {
		const struct fabric_table *table = topology->tables.items[i];

		if (!table->msee && table->subnet->default_outbound_access.value &&
		    ip_equal(internet_default_ip(table), ip))
			return topology_network(topology, table->subnet->vnet);
	}
	return NULL;
}

bool internet_is_outside(const struct vnet *vnet, struct prefix prefix)
{
	return !spaces_cover(&vnet->address_prefixes, prefix) && !vnet_find_peered(vnet, prefix);
}
