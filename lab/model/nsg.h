/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What filters packets: network and application security groups, and security admin rules. */
#include "lab/model/schema.h"

struct vnet;
struct nic;

enum rule_direction {
	DIRECTION_INBOUND,
	DIRECTION_OUTBOUND,
	DIRECTION_COUNT
};
enum rule_access {
	ACCESS_ALLOW,
	ACCESS_DENY,
	ACCESS_ALWAYS_ALLOW /* of admin rules only (AVNM-03) */
};
enum rule_protocol { /* NSG-04 */
	PROTOCOL_ANY,
	PROTOCOL_TCP,
	PROTOCOL_UDP,
	PROTOCOL_ICMP,
	PROTOCOL_ESP,
	PROTOCOL_AH
};

/* What a service tag stands for: prefixes, or what each virtual network makes of it. */
enum tag_kind {
	TAG_PREFIXES,
	TAG_VIRTUAL_NETWORK, /* NSG-29 */
	TAG_INTERNET,        /* NSG-30 */
};

/* The prefixes of a service of Azure, as this lab has them. */
struct service_tag {
	struct object object;
	struct spaces address_prefixes;
	enum tag_kind kind;
};

/* A set of NICs, which rules name in the place of their addresses (ASG-01). */
struct asg {
	struct object object;
	/* made by the check */
	struct vnet *vnet; /* of the first of its NICs (ASG-03); NULL when it has none */
	LIST_OF(const struct nic *) members;
};

struct port_range {
	uint16_t first, last;
};

/* Whom and which ports a rule means; one of `tag`, `prefixes` and `groups`, or nothing: anyone. */
struct rule_side {
	const struct service_tag *tag;
	struct spaces prefixes;
	LIST_OF(const struct asg *) groups;
	LIST_OF(struct port_range) ports; /* none: any */
};

/* A rule of an NSG, or a security admin rule: those are written and read alike. */
struct security_rule {
	struct object object;
	struct text rule; /* all but the description in one line */
	struct text description;
	struct number priority;
	struct choice direction, access, protocol;
	struct text_list source_address_prefixes, source_port_ranges;
	struct text_list destination_address_prefixes, destination_port_ranges;
	struct text_list source_application_security_groups,
		destination_application_security_groups;
	/* made by the check, which also sets priority, direction, access and protocol */
	struct rule_side source, destination;
};

struct rules {
	const struct security_rule **items;
	size_t count;
};

struct nsg {
	struct object object;
	LIST_OF(struct security_rule) security_rules;
	/* made by the check */
	struct rules rules[DIRECTION_COUNT]; /* by priority; the default ones are the last */
};

/* Virtual networks, to which admin rules are deployed together (AVNM-01). */
struct network_group {
	struct object object;
	struct text_list members;
	/* made by the check */
	LIST_OF(struct vnet *) vnets;
};

struct rule_collection {
	struct object object;
	struct text_list applies_to_groups;
	LIST_OF(struct security_rule) rules;
	/* made by the check */
	unsigned number; /* among all of the lab, from 1 */
};

struct admin_configuration {
	struct object object;
	LIST_OF(struct rule_collection) rule_collections;
};

/* A rule as it holds in a virtual network. */
struct admin_rule {
	const struct security_rule *rule;
	const struct rule_collection *collection;
};

#define NSG_DEFAULT_RULES 6
/* In every NSG, behind its own (chapter 1.2), first the inbound ones. */
extern const struct security_rule nsg_default_rules[NSG_DEFAULT_RULES];
bool nsg_is_default(const struct security_rule *rule);

/* VirtualNetwork, Internet and AzureLoadBalancer. */
extern const struct service_tag tag_virtual_network, tag_internet, tag_load_balancer;
/* One of them by its name, also as the classic model spells it (NSG-35); NULL for others. */
const struct service_tag *tag_find_computed(const char *name);

#define PRIORITY_FIRST       100 /* NSG-02 */
#define PRIORITY_LAST        4096
#define ADMIN_PRIORITY_FIRST 1 /* AVNM-02 */

/* The number that IP has for a protocol; 0 for any. Of IPv6 ICMP's is another. */
uint8_t protocol_number(enum rule_protocol protocol, enum ip_family family);

extern const struct choice_name rule_direction_names[], rule_access_names[], admin_access_names[],
	rule_protocol_names[];
