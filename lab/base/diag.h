/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Everything that is wrong with one lab file, in file order. Each finding is a row of diag_table
 * (its rule) at a place of the file, with words of its own and, where we can guess it, the way out.
 */
#include "lab/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum diag_id {
	DIAG_SYNTAX,
	DIAG_ENCODING,
	DIAG_TOO_LARGE,
	DIAG_TOO_DEEP,
	DIAG_EMPTY,
	DIAG_SECOND_DOCUMENT,
	DIAG_NOT_ALLOWED,
	DIAG_UNKNOWN_ALIAS,
	DIAG_DUPLICATE_KEY,
	DIAG_UNKNOWN_KEY,
	DIAG_MISSING_KEY,
	DIAG_WRONG_SHAPE,
	DIAG_BAD_VALUE,
	DIAG_OUT_OF_RANGE,
	DIAG_BAD_NAME,
	DIAG_DUPLICATE_NAME,
	DIAG_UNKNOWN_NAME,
	DIAG_HOST_BITS,
	DIAG_RESERVED_SPACE,
	DIAG_OVERLAP,
	DIAG_NOT_IN_SPACE,
	DIAG_SUBNET_SIZE,
	DIAG_SUBNET_FULL,
	DIAG_ADDRESS_TAKEN,
	DIAG_RESERVED_ADDRESS,
	DIAG_NO_GATEWAY_SUBNET,
	DIAG_WRONG_SUBNET,
	DIAG_GATEWAY_TAKEN,
	DIAG_PEERING,
	DIAG_PEERING_OVERLAP,
	DIAG_REMOTE_GATEWAYS,
	DIAG_ASN,
	DIAG_LINK_TAKEN,
	DIAG_CONNECTION,
	DIAG_PROBE,
	DIAG_STEP,
	DIAG_EXPECTATION,
	DIAG_LINK,
	DIAG_ANNOUNCE,
	DIAG_COUNT,
};

struct diag_rule {
	const char *name;  /* as printed, in brackets */
	const char *words; /* the rule in one sentence */
};

/* One row for each enum diag_id, in its order. */
extern const struct diag_rule diag_table[DIAG_COUNT];

struct diag {
	enum diag_id id;
	struct src_pos pos;
	struct src_pos
		also; /* the other place, when two values disagree; line 0 when there is none */
	const char *text;
	const char *hint; /* NULL when there is none */
};

#define DIAG_MAX 100 /* findings kept; the others are only counted */

/* Zeroed is empty. Owns the text of its findings. */
struct diags {
	struct arena *arena;
	struct diag *items;
	size_t count, dropped;
};

void diags_fini(struct diags *diags);
void diags_cleanup(struct diags *diags); /* for CLEANUP() */
size_t diags_error_count(const struct diags *diags);

/*
 * Record a finding; returns it so that a hint or another place can be put on it, until the next
 * one is recorded. Never NULL: past DIAG_MAX the finding is counted and kept nowhere.
 */
struct diag *diag_add(struct diags *diags, enum diag_id id, struct src_pos pos, const char *fmt,
		      ...) PRINTF(4, 5);
void diag_hint(struct diags *diags, struct diag *diag, const char *fmt, ...) PRINTF(3, 4);

/*
 * Add copies of findings, with `where` in front of their words; those that are there already, with
 * or without such words in front, are left out.
 */
void diags_add_all(struct diags *diags, const struct diags *others, const char *where);

/* Into file order; findings at one place stay in the order they were made. */
void diags_sort(struct diags *diags);

/*
 * Print each as "FILE:LINE:COLUMN: error: WORDS [rule]", the line itself with a caret below the
 * column, and the hint. `text` is the content of the file, for the lines.
 */
void diags_print(const struct diags *diags, const char *text, size_t len, FILE *out);

/*
 * The candidate nearest to `word` by edit distance (letter case aside), or NULL when none is near
 * enough to be what was meant.
 */
const char *nearest_word(const char *word, const char *const *candidates, size_t count);
