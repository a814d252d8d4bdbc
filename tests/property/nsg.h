/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Random packets in a running lab of nsg_lab_print: what the verdict says of each, what the kernel
 * does with it, and the rules that its log names agree.
 */
#include "lab/azure/hit.h"
#include "lab/plan/wanted.h"

/* Of what was seen, as much as tests ask for. */
struct nsg_result {
	size_t delivered, denied, lost; /* packets; lost: for want of a route, or by a peering */
	size_t inbound, rules, rules_standing; /* decisions at receivers; rules that decided */
	struct hit_text rarest; /* the rule of a user's NSG that decided least often, but once */
	size_t differences;
};

/* From within the lab. `is_traced`: nft's own trace is compared, too. Tells the first differences
 * on standard output. */
int nsg_run(const struct wanted *wanted, uint64_t seed, size_t count, bool is_traced,
	    struct nsg_result *ret_result, struct err *err);
