/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to nft_security: one rule after the other, and the sets they look into. */
#include "lab/azure/verdict.h"
#include "lab/base/prefix_set.h"

#include <stdio.h>

/* A family in nft's words, where it goes, and the names that stand there already. */
struct nft_words {
	const struct topology *topology;
	enum ip_family family;
	const char *name; /* "ip" */
	FILE *out;
	struct nft_name *names;
};

struct nft_words nft_words_of(const struct topology *topology, enum ip_family family, FILE *out);
void nft_words_fini(struct nft_words *w);
/* Is it named for the first time? */
bool nft_is_first(struct nft_words *w, const char *format, ...) PRINTF(2, 3);

/* A set of those of the family, of which none lies in another. */
void nft_print_prefixes(const struct nft_words *w, const char *name,
			const struct prefixes *prefixes);

/* A chain of rules, in the order in which they are asked. */
struct nft_rules {
	char chain[40];
	enum rule_direction direction;
	enum verdict_layer layer; /* LAYER_ADMIN, or another: of an NSG */
	unsigned number;          /* of the NSG; of the rule collection that the next rule is of */
	unsigned count;           /* printed so far */
};

/* Each rule's sets come first. A rule that nothing of the family can match leaves nothing. */
void nft_print_sets_of_rule(struct nft_words *w, const struct nft_rules *list,
			    const struct security_rule *rule);
void nft_begin_rules(const struct nft_words *w, const struct nft_rules *list);
void nft_print_rule(const struct nft_words *w, struct nft_rules *list,
		    const struct security_rule *rule);
void nft_end_rules(const struct nft_words *w, const struct nft_rules *list);
