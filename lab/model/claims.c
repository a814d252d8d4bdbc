/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/claims.h"

#include "lab/base/cleanup.h"

#include <stdlib.h>

struct claim *claims_new(size_t count)
{
	struct claim *claims = calloc(count + 1, sizeof(*claims));

	if (!claims)
		abort();
	return claims;
}

static int compare_claims(const void *a, const void *b)
{
	const struct claim *one = *(const struct claim *const *)a;
	const struct claim *other = *(const struct claim *const *)b;
	int order = prefix_compare(one->space->prefix, other->space->prefix);

	return order ? order : (one > other) - (one < other);
}

static void note_overlap(struct claim *a, struct claim *b)
{
	struct claim *later = a > b ? a : b, *earlier = a > b ? b : a;

	if (a->owner != b->owner && (!later->other || earlier < later->other))
		later->other = earlier;
}

/* Two prefixes overlap when one is within the other, and then it comes behind it. */
static void find_pairs(struct claim *claims, size_t count,
		       bool (*is_pair)(struct prefix outer, struct prefix inner))
{
	CLEANUP(free_cleanup) struct claim **sorted = calloc(count + 1, sizeof(struct claim *));
	struct claim *outer = NULL;
	size_t sorted_count = 0;

	if (!sorted)
		abort();
	for (size_t i = 0; i < count; i++)
		if (claims[i].space && claims[i].space->prefix.addr.family != IP_NONE)
			sorted[sorted_count++] = &claims[i];
	qsort(sorted, sorted_count, sizeof(struct claim *), compare_claims);
	for (size_t i = 0; i < sorted_count; i++) {
		if (outer && is_pair(outer->space->prefix, sorted[i]->space->prefix))
			note_overlap(outer, sorted[i]);
		else
			outer = sorted[i];
	}
}

void find_overlaps(struct claim *claims, size_t count)
{
	find_pairs(claims, count, prefix_covers);
}

void find_twins(struct claim *claims, size_t count)
{
	find_pairs(claims, count, prefix_equal);
}
