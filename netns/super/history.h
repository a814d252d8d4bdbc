/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The changes that people made to a lab, each with what it came to; the latest in memory. */
#include "lab/model/lab.h"
#include "lab/plan/plan.h"
#include "lab/snapshot/snapshot_history.h"

#define HISTORY_COMMANDS 200 /* kept */
#define HISTORY_LINES    100 /* of each: of az, and what it did to the machine */

struct history;

struct history *history_new(void) NODISCARD;
void history_free(struct history *history); /* NULL is fine */

/* One more; texts are copied. Returns its number, by which the others know it; 0 is none. */
int64_t history_add(struct history *history, const char *by, const char *command, double now);
/* It was refused: it changed nothing. */
void history_drop(struct history *history, int64_t number);
/* What it does to the machine; may be several. */
void history_add_plan(struct history *history, int64_t number, const struct plan *changes);
/* What the same is in Azure; `before` NULL: there was no lab. */
void history_add_az(struct history *history, int64_t number, const struct lab *before,
		    const struct lab *after);
/* It is done, or with `error` it was taken back. */
void history_end(struct history *history, int64_t number, const char *error, double now);

uint64_t history_version(const struct history *history); /* another one after each change */
/* Oldest first; borrowed until the next call of the others. */
void history_fill(const struct history *history, struct snapshot_history *out, struct arena *arena);
