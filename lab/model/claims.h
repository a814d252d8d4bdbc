/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Which of many prefixes get in each other's way. */
#include "lab/base/macros.h"
#include "lab/model/schema.h"

/* A prefix, and whose it is. */
struct claim {
	const struct space *space; /* NULL, or of no family: it is passed over */
	const void *owner;         /* prefixes of one owner may overlap */
	const struct claim *other; /* found: one that it overlaps and that stands before it */
};

struct claim *claims_new(size_t count) NODISCARD; /* zeroed; the caller frees them */
void find_overlaps(struct claim *claims, size_t count);
void find_twins(struct claim *claims, size_t count); /* equal ones only */
