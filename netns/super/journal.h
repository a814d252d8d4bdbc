/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What happened in a lab, with the time: the last ones in memory, all in the log file. */
#include "lab/snapshot/snapshot.h"

#define JOURNAL_EVENTS 2000 /* kept */

struct journal;

/* Told of each event when it happens. */
typedef void journal_fn(void *arg, const struct snapshot_event *event);

/* Lines go to `log` (a descriptor, borrowed), too. The caller owns the journal. */
struct journal *journal_new(int log, journal_fn *fn, void *arg) NODISCARD;
void journal_free(struct journal *journal); /* NULL is fine */

/* `kind` is one word: lab, bgp, routes, drift, probe, daemon, engine, slow. */
void journal_add(struct journal *journal, const char *kind, const char *fmt, ...) PRINTF(3, 4);

/* The number of the newest; they count from 1. */
int64_t journal_last(const struct journal *journal);
/* Those behind number `since` that are kept, oldest first; borrowed until the next one. */
void journal_fill(const struct journal *journal, int64_t since, struct snapshot_events *events,
		  struct arena *arena);
