/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/rule_match.h"

#include <netinet/in.h>

bool protocol_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

bool rule_match_all(const struct rule_match *match)
{
	return match->protocol && match->source && match->source_port && match->destination &&
	       match->destination_port;
}

/* B-1: what has no ports, rules with ports do not mean, or they mean it whatever its ports. */
static bool match_ports(const struct rule_side *side, const struct packet_facts *facts,
			uint16_t port)
{
	if (!side->ports.count)
		return true;
	if (!protocol_has_ports(facts->tuple->protocol))
		return facts->semantics->icmp_ports.value == ICMP_PORTS_MATCH;
	for (size_t i = 0; i < side->ports.count; i++)
		if (port >= side->ports.items[i].first && port <= side->ports.items[i].last)
			return true;
	return false;
}

static bool match_spaces(const struct spaces *spaces, struct ip ip)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (prefix_has_ip(spaces->items[i].prefix, ip))
			return true;
	return false;
}

bool side_has_member(const struct rule_side *side, const struct nic *nic)
{
	for (size_t i = 0; nic && i < side->groups.count; i++)
		for (size_t n = 0; n < nic->groups.count; n++)
			if (nic->groups.items[n] == side->groups.items[i])
				return true;
	return false;
}

bool side_is_disabled(const struct rule_side *side, const struct semantics *semantics)
{
	if (semantics->empty_group.value == EMPTY_GROUP_RULE)
		for (size_t i = 0; i < side->groups.count; i++)
			if (!side->groups.items[i]->members.count)
				return true;
	return false;
}

/* ASG-02: at the local side the NIC itself has to be a member, besides the address. */
static bool match_groups(const struct rule_side *side, const struct packet_facts *facts,
			 bool is_local, struct ip ip)
{
	if (side_is_disabled(side, facts->semantics) ||
	    (is_local && !side_has_member(side, facts->nic)))
		return false;
	for (size_t i = 0; i < side->groups.count; i++)
		for (size_t n = 0; n < side->groups.items[i]->members.count; n++)
			if (nic_has_ip(side->groups.items[i]->members.items[n], ip))
				return true;
	return false;
}

static bool match_side(const struct rule_side *side, const struct packet_facts *facts,
		       bool is_local, struct ip ip, struct tag_membership membership)
{
	if (side->groups.count)
		return match_groups(side, facts, is_local, ip);
	if (side->prefixes.count)
		return match_spaces(&side->prefixes, ip);
	if (!side->tag)
		return true;
	switch (side->tag->kind) {
	case TAG_PREFIXES:
		return match_spaces(&side->tag->address_prefixes, ip);
	case TAG_VIRTUAL_NETWORK:
		return membership.is_virtual_network;
	case TAG_INTERNET:
		return membership.is_internet;
	}
	return false;
}

static bool match_protocol(const struct security_rule *rule, const struct flow_tuple *tuple)
{
	enum rule_protocol protocol = (enum rule_protocol)rule->protocol.value;

	return protocol == PROTOCOL_ANY ||
	       protocol_number(protocol, (enum ip_family)tuple->source.family) == tuple->protocol;
}

struct rule_match rule_match(const struct security_rule *rule, const struct packet_facts *facts)
{
	const struct flow_tuple *tuple = facts->tuple;

	return (struct rule_match){
		.protocol = match_protocol(rule, tuple),
		.source = match_side(&rule->source, facts, facts->direction == DIRECTION_OUTBOUND,
				     tuple->source, facts->source),
		.source_port = match_ports(&rule->source, facts, tuple->source_port),
		.destination =
			match_side(&rule->destination, facts, facts->direction == DIRECTION_INBOUND,
				   tuple->destination, facts->destination),
		.destination_port = match_ports(&rule->destination, facts, tuple->destination_port),
	};
}
