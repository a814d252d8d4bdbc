/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab's effective routes beside those of real Azure, prefix by prefix: what only one side has,
 * what is different, and the rule behind what the lab has. Lists of prefixes and of next hops are
 * taken apart, so the same routes are equal however they are listed (R1.10).
 */
#include "lab/base/ip.h"
#include "lab/snapshot/snapshot.h"

#include <stdio.h>

/* One prefix of one source, with all its next hops. */
struct routes_entry {
	struct prefix prefix;
	const char *source, *state, *type;
	const char *name; /* of a user's route; NULL: it has none */
	struct texts next_hops;
	size_t row; /* the first it is from */
};

struct routes_reason {
	const char *rule, *words;
	const char *place; /* NULL: it is of none */
};

enum routes_difference_kind {
	ROUTES_ONLY_HERE,
	ROUTES_ONLY_THERE,
	ROUTES_DIFFERENT
};

struct routes_difference {
	enum routes_difference_kind kind;
	const struct routes_entry *here, *there; /* NULL: not there */
	LIST_OF(struct routes_reason) reasons;   /* why the lab has it so, or has it not */
};

struct routes_diff {
	LIST_OF(struct routes_difference) items; /* by kind, then as Azure lists them */
	const char *years; /* their None rows are the ones of then (R2.4); NULL: they are not */
};

/* The result borrows from both and the arena. */
struct routes_diff routes_diff_find(const struct snapshot_why *here,
				    const struct snapshot_routes *there, struct arena *arena);

/* Nothing when they are equal. None rows of other years are told in one sentence. */
void routes_diff_print(const struct routes_diff *diff, FILE *out);
json_t *routes_diff_json(const struct routes_diff *diff) NODISCARD; /* with each difference */
