/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Why a NIC's effective routes are what they are: each row with its reasons, then what is not there
 * and why. For people on 80 columns, what has the same reason said once; as JSON all of it.
 */
#include "lab/base/ip.h"
#include "lab/snapshot/snapshot.h"

#include <stdio.h>

/* `about`: only what concerns this prefix, and what becomes of packets to it; NULL: all. */
void why_print(const struct snapshot_why *why, const struct prefix *about, FILE *out);
json_t *why_json(const struct snapshot_why *why, const struct prefix *about) NODISCARD;

/*
 * The same as texts, for those who lay them out: the reasons of one row, "R2.8  WORDS (PLACE)", and
 * a sentence for each reason why something is not there. `*from` is where to look for the row's
 * reasons, 0 at first; it goes on with the rows.
 */
struct texts why_of_row(const struct snapshot_why *why, size_t row, size_t *from,
			struct arena *arena);
struct texts why_absences(const struct snapshot_why *why, const struct prefix *about,
			  struct arena *arena);

/* Below the row it is about; `place` may be NULL. */
void why_print_reason(const char *rule, const char *words, const char *place, struct arena *arena,
		      FILE *out);

/* What becomes of packets that follow a row (NULL: there is none), as a clause. */
const char *why_fate(const struct snapshot_route *row, struct arena *arena);

/* Two reasons that say the same, maybe of different prefixes. */
bool why_is_same(const struct snapshot_reason *a, const struct snapshot_reason *b);

/* A text in lines, the first of at most so many bytes and then the others, broken at blanks. */
struct texts why_wrap(const char *text, size_t first, size_t others, struct arena *arena);
