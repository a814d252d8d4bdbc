/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/nsg.h"

#include "lab/model/lab.h"

#include <netinet/in.h>
#include <strings.h>

/* NSG-31: what probes come from; it belongs to VirtualNetwork, too (NSG-29). */
static struct space load_balancer_space = {
	.prefix = { .addr = { .bytes = { 168, 63, 129, 16 }, .family = IP_V4 }, .len = 32 },
};

const struct service_tag tag_virtual_network = { .object.name = "VirtualNetwork",
						 .kind = TAG_VIRTUAL_NETWORK };
const struct service_tag tag_internet = { .object.name = "Internet", .kind = TAG_INTERNET };
const struct service_tag tag_load_balancer = {
	.object.name = "AzureLoadBalancer",
	.address_prefixes = { .items = &load_balancer_space, .count = 1 },
};

const struct service_tag *tag_find_computed(const char *name)
{
	static const struct {
		const char *name;
		const struct service_tag *tag;
	} computed[] = {
		{ "VirtualNetwork", &tag_virtual_network },
		{ "VIRTUAL_NETWORK", &tag_virtual_network },
		{ "Internet", &tag_internet },
		{ "AzureLoadBalancer", &tag_load_balancer },
		{ "AZURE_LOADBALANCER", &tag_load_balancer },
	};

	for (size_t i = 0; i < ARRAY_SIZE(computed); i++)
		if (!strcasecmp(computed[i].name, name))
			return computed[i].tag;
	return NULL;
}

#define DEFAULT_RULE(rule_name, at, way, what, from, to)                                           \
	{                                                                                          \
		.object.name = (rule_name), .priority.value = (at), .direction.value = (way),      \
		.access.value = (what), .source.tag = (from), .destination.tag = (to),             \
	}

const struct security_rule nsg_default_rules[NSG_DEFAULT_RULES] = {
	DEFAULT_RULE("AllowVnetInBound", 65000, DIRECTION_INBOUND, ACCESS_ALLOW,
		     &tag_virtual_network, &tag_virtual_network),
	DEFAULT_RULE("AllowAzureLoadBalancerInBound", 65001, DIRECTION_INBOUND, ACCESS_ALLOW,
		     &tag_load_balancer, NULL),
	DEFAULT_RULE("DenyAllInBound", 65500, DIRECTION_INBOUND, ACCESS_DENY, NULL, NULL),
	DEFAULT_RULE("AllowVnetOutBound", 65000, DIRECTION_OUTBOUND, ACCESS_ALLOW,
		     &tag_virtual_network, &tag_virtual_network),
	DEFAULT_RULE("AllowInternetOutBound", 65001, DIRECTION_OUTBOUND, ACCESS_ALLOW, NULL,
		     &tag_internet),
	DEFAULT_RULE("DenyAllOutBound", 65500, DIRECTION_OUTBOUND, ACCESS_DENY, NULL, NULL),
};

bool nsg_is_default(const struct security_rule *rule)
{
	return rule >= nsg_default_rules && rule < nsg_default_rules + NSG_DEFAULT_RULES;
}

uint8_t protocol_number(enum rule_protocol protocol, enum ip_family family)
{
	switch (protocol) {
	case PROTOCOL_ANY:
		return 0;
	case PROTOCOL_TCP:
		return IPPROTO_TCP;
	case PROTOCOL_UDP:
		return IPPROTO_UDP;
	case PROTOCOL_ICMP:
		return family == IP_V6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	case PROTOCOL_ESP:
		return IPPROTO_ESP;
	case PROTOCOL_AH:
		return IPPROTO_AH;
	}
	return 0;
}
