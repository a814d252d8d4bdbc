/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab's effective security rules beside those of real Azure, layer by layer and rule by rule:
 * what only one side has, and what of a rule is different. Addresses and ports are compared as
 * sets, so the same are equal however they are listed.
 */
#include "lab/snapshot/az_nsg_file.h"

#include <stdio.h>

enum nsg_difference_kind {
	NSG_ONLY_HERE,
	NSG_ONLY_THERE,
	NSG_DIFFERENT
};

/* What of a rule is different; of a tag's prefixes those that only one side has. */
struct nsg_detail {
	const char *part;
	const char *here, *there;
	bool is_expansion;
	const char *rule; /* of Azure's behaviour, by id, which says what a tag is; NULL: none */
};

struct nsg_difference {
	enum nsg_difference_kind kind;
	const char *layer, *nsg;                  /* subnet, nic; the NSG's name */
	const struct snapshot_rule *here, *there; /* NULL: not there; both: the NSG itself */
	LIST_OF(struct nsg_detail) details;       /* NSG_DIFFERENT */
};

struct nsg_diff {
	LIST_OF(struct nsg_difference) items; /* by kind, then as they are listed */
};

/* The result borrows from both and the arena. */
struct nsg_diff nsg_diff_find(const struct snapshot_nsg *here, const struct az_nsg_file *there,
			      struct arena *arena);

/* Nothing when they are equal. */
void nsg_diff_print(const struct nsg_diff *diff, FILE *out);
json_t *nsg_diff_json(const struct nsg_diff *diff) NODISCARD;
