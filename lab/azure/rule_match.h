/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* One rule against one packet, part by part (NSG-10, NSG-13, NSG-14, ASG-02, ASG-07). */
#include "lab/azure/computed_tags.h"
#include "lab/azure/verdict.h"

/* A packet at a port, and all that rules ask about it. */
struct packet_facts {
	const struct semantics *semantics;
	const struct flow_tuple *tuple;
	enum rule_direction direction;
	const struct nic *nic; /* under evaluation; NULL at a private endpoint */
	struct tag_membership source, destination;
};

struct rule_match rule_match(const struct security_rule *rule, const struct packet_facts *facts);
bool rule_match_all(const struct rule_match *match);

/* TCP and UDP. */
bool protocol_has_ports(uint8_t protocol);
/* ASG-07, B-6: is the rule without effect, since it names an empty ASG? */
bool side_is_disabled(const struct rule_side *side, const struct semantics *semantics);
/* Is a NIC in one of them? NULL is in none. */
bool side_has_member(const struct rule_side *side, const struct nic *nic);
