/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/platform.h"

#include <netinet/in.h>
#include <strings.h>

static bool is_multicast(struct ip ip)
{
	return ip.family == IP_V6 ? ip.bytes[0] == 0xff : ip.bytes[0] >> 4 == 14;
}

/* To all of its network: no machine has the address. */
static bool is_broadcast(const struct interface *port, struct ip ip)
{
	if (ip.family != IP_V4 || port->prefix_len >= 31)
		return false;
	return ip_v4(ip) == UINT32_MAX ||
	       ip_v4(ip) == (ip_v4(port->ip) | UINT32_MAX >> port->prefix_len);
}

static bool is_carried(const struct flow_tuple *tuple)
{
	switch (tuple->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_ESP:
	case IPPROTO_AH:
		return true;
	case IPPROTO_UDP:
		return tuple->source_port != 65330 &&
		       !(tuple->source_port == 68 && tuple->destination_port == 67);
	case IPPROTO_ICMP:
		return tuple->source.family == IP_V4;
	case IPPROTO_ICMPV6:
		return tuple->source.family == IP_V6;
	default:
		return false;
	}
}

/* NSG-28, then NSG-15 */
enum platform_drop platform_find_drop(const struct interface *port, enum rule_direction direction,
				      const struct flow_tuple *tuple)
{
	struct ip own = direction == DIRECTION_INBOUND ? tuple->destination : tuple->source;

	if (port->kind == INTERFACE_NIC && port->nic->vm->is_internet)
		return DROP_NONE;
	if (!port_forwards(port) && !interface_has_ip(port, own))
		return DROP_ANTI_SPOOF;
	if (port->kind != INTERFACE_NIC)
		return DROP_NONE;
	if (!is_carried(tuple) || is_multicast(tuple->destination) ||
	    is_broadcast(port, tuple->destination))
		return DROP_PLATFORM_PROTOCOL;
	return DROP_NONE;
}

#define WIRE_SERVER                                                                                \
	{                                                                                          \
		{ 168, 63, 129, 16 }, IP_V4                                                        \
	}
#define METADATA                                                                                   \
	{                                                                                          \
		{ 169, 254, 169, 254 }, IP_V4                                                      \
	}

const struct ip azure_wire_server = WIRE_SERVER, azure_metadata = METADATA;

/* NSG-36 */
const struct platform_service platform_services[PLATFORM_SERVICES] = {
	{ WIRE_SERVER, IPPROTO_UDP, 53, "AzurePlatformDNS" },
	{ WIRE_SERVER, IPPROTO_TCP, 53, "AzurePlatformDNS" },
	{ WIRE_SERVER, IPPROTO_TCP, 80, NULL },
	{ WIRE_SERVER, IPPROTO_TCP, 443, NULL },
	{ WIRE_SERVER, IPPROTO_TCP, 32526, NULL },
	{ METADATA, IPPROTO_TCP, 80, "AzurePlatformIMDS" },
};

const struct platform_service *platform_find_service(enum rule_direction direction,
						     const struct flow_tuple *tuple)
{
	for (size_t i = 0; direction == DIRECTION_OUTBOUND && i < PLATFORM_SERVICES; i++)
		if (platform_services[i].protocol == tuple->protocol &&
		    platform_services[i].port == tuple->destination_port &&
		    ip_equal(platform_services[i].ip, tuple->destination))
			return &platform_services[i];
	return NULL;
}

bool platform_service_obeys(const struct platform_service *service,
			    const struct security_rule *rule)
{
	const struct service_tag *tag = rule->destination.tag;

	return service->tag && tag && !strcasecmp(tag->object.name, service->tag);
}
