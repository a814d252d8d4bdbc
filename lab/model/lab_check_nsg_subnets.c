/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subnets of services: some have no NSG, and one asks what stands in it. */
#include "lab/model/lab_check_parts.h"

#include <string.h>
#include <strings.h>

/* What the NSG of an AzureBastionSubnet says of its own (NSG-41), in the order of Azure's list. */
static const struct needed {
	const char *tag;  /* the other side */
	const char *line; /* a rule that does it, behind its priority */
	enum rule_direction direction;
	uint16_t port;
} needed_by_bastion[] = {
	{ "Internet", "Inbound Allow Tcp Internet -> *:443", DIRECTION_INBOUND, 443 },
	{ "GatewayManager", "Inbound Allow Tcp GatewayManager -> *:443", DIRECTION_INBOUND, 443 },
	{ "VirtualNetwork", "Outbound Allow Tcp * -> VirtualNetwork:3389", DIRECTION_OUTBOUND,
	  3389 },
	{ "VirtualNetwork", "Outbound Allow Tcp * -> VirtualNetwork:22", DIRECTION_OUTBOUND, 22 },
	{ "AzureCloud", "Outbound Allow Tcp * -> AzureCloud:443", DIRECTION_OUTBOUND, 443 },
};

static bool is_anyone(const struct rule_side *side)
{
	return !side->tag && !side->prefixes.count && !side->groups.count;
}

static bool has_port(const struct rule_side *side, uint16_t port)
{
	for (size_t i = 0; i < side->ports.count; i++)
		if (side->ports.items[i].first <= port && port <= side->ports.items[i].last)
			return true;
	return !side->ports.count;
}

/* All the traffic that is needed, and nothing less? */
static bool covers(const struct security_rule *rule, const struct needed *needed,
		   const struct subnet *subnet)
{
	bool is_inbound = needed->direction == DIRECTION_INBOUND;
	const struct rule_side *far = is_inbound ? &rule->source : &rule->destination;
	const struct rule_side *near = is_inbound ? &rule->destination : &rule->source;

	if (rule->protocol.value != PROTOCOL_ANY && rule->protocol.value != PROTOCOL_TCP)
		return false;
	if (rule->source.ports.count || !has_port(&rule->destination, needed->port))
		return false;
	if (!is_anyone(far) && (!far->tag || strcasecmp(far->tag->object.name, needed->tag) != 0))
		return false;
	return is_anyone(near) || near->tag == &tag_virtual_network ||
	       spaces_cover(&near->prefixes, subnet_prefix(subnet));
}

/* By a rule of its own: Azure asks for them, whatever the default ones say. */
static bool allows(const struct nsg *nsg, const struct needed *needed, const struct subnet *subnet)
{
	const struct rules *rules = &nsg->rules[needed->direction];

	for (size_t i = 0; i < rules->count && !nsg_is_default(rules->items[i]); i++)
		if (covers(rules->items[i], needed, subnet))
			return rules->items[i]->access.value == ACCESS_ALLOW;
	return false;
}

static void check_bastion(struct check *c, const struct subnet *subnet)
{
	const struct nsg *nsg = subnet->network_security_group;

	for (size_t i = 0; i < ARRAY_SIZE(needed_by_bastion); i++) {
		const struct needed *needed = &needed_by_bastion[i];
		struct diag *diag;

		if (allows(nsg, needed, subnet))
			continue;
		diag = diag_add(c->diags, DIAG_NSG_SUBNET, subnet->network_security_group_ref.pos,
				"NetworkSecurityGroupNotCompliantForAzureBastionSubnet: Network "
				"security group %s does not have necessary rules for Azure Bastion "
				"Subnet %s: no rule of its own allows '%s' (NSG-41)",
				nsg->object.name, subnet->object.name, needed->line);
		diag->also = nsg->object.pos;
		return;
	}
}

void check_nsg_of_subnet(struct check *c, const struct subnet *subnet)
{
	static const char *const refuse[] = {
		"AzureFirewallSubnet",
		"AzureFirewallManagementSubnet",
		"RouteServerSubnet",
	};
	const struct nsg *nsg = subnet->network_security_group;

	if (!nsg)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(refuse); i++)
		if (!strcasecmp(refuse[i], subnet->object.name))
			diag_add(c->diags, DIAG_NSG_SUBNET, subnet->network_security_group_ref.pos,
				 "%s of '%s' takes no network security group (NSG-40)", refuse[i],
				 subnet->vnet->object.name);
	if (!strcasecmp(subnet->object.name, "GatewaySubnet"))
		diag_add(c->diags, DIAG_GATEWAY_NSG, subnet->network_security_group_ref.pos,
			 "GatewaySubnet of '%s' has the network security group '%s': its gateways "
			 "may stop working (NSG-39)",
			 subnet->vnet->object.name, nsg->object.name);
	if (!strcasecmp(subnet->object.name, "AzureBastionSubnet"))
		check_bastion(c, subnet);
}
