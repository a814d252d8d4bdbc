/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Lists of prefixes as sets of addresses. */
#include "lab/base/ip.h"

struct prefixes {
	struct prefix *items;
	size_t count;
};

/* prefix_compare, for qsort and bsearch. */
int prefixes_order(const void *a, const void *b);

/* At the end; `items` is only ever grown by this, and the caller frees it. */
void prefixes_add(struct prefixes *prefixes, struct prefix prefix);
/* Into order, and without what lies in another: the same addresses, each once. */
void prefixes_normalize(struct prefixes *prefixes);
/* Does one of a normalized list hold the address? */
bool prefixes_have(const struct prefixes *prefixes, struct ip ip);
/* Does one of any list hold all of `prefix`? */
bool prefixes_cover(const struct prefixes *prefixes, struct prefix prefix);
/* What of `whole` is not in the holes, which are normalized; the caller frees the items. */
struct prefixes prefixes_without(const struct prefixes *whole, const struct prefixes *holes)
	NODISCARD;
