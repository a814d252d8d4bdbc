/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The words by which a rule of the kernel says in the log that it decided: short, since there are
 * 127 bytes, and the same in every version of a lab. "n I 12 100 A" is a rule of NSG number 12,
 * "a I 3 100 D" one of rule collection 3, "p O 2" what the platform drops. Whether an NSG stands at
 * the subnet or at the NIC is a bit of the packet's mark.
 */
#include "lab/azure/verdict.h"

#define HIT_TEXT 40

struct hit {
	enum verdict_layer layer; /* LAYER_SUBNET and LAYER_NIC: of an NSG */
	enum rule_direction direction;
	enum rule_access access;
	enum platform_drop drop; /* LAYER_PLATFORM */
	unsigned number;         /* of the NSG or the rule collection */
	unsigned priority;
};

struct hit_text {
	char text[HIT_TEXT];
};
struct hit_text hit_print(const struct hit *hit);
/* False when it is none. `is_subnet`: the mark says so. */
bool hit_parse(const char *text, bool is_subnet, struct hit *ret_hit);
/* What it stands for in a lab; false when that has no such rule (any more). */
bool hit_find(const struct topology *topology, const struct hit *hit,
	      struct layer_verdict *ret_verdict);
