/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A list of rules made ready for many packets: for each part of a packet (addresses, ports,
 * protocol) the rules that part fits are a row of bits, found by a search among the places where
 * they change; the first bit that all rows have is the rule that decides (NSG-10). It depends on
 * the rules and the members of ASGs only, so one serves all ports whatever tags mean there.
 */
#include "lab/azure/rule_match.h"

struct rule_set;

/* The caller owns the set; it borrows the rules, which are in the order in which they decide. */
struct rule_set *rule_set_new(const struct security_rule *const *rules, size_t count,
			      enum rule_direction direction, const struct semantics *semantics)
	NODISCARD;
void rule_set_free(struct rule_set *set); /* NULL is fine */

/* The place of the first rule that matches, as rule_match says; the count when none does. */
size_t rule_set_find(const struct rule_set *set, const struct packet_facts *facts);
