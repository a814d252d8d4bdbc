/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the daemons write, line by line: the latest of each in memory, and nowhere else. */
#include "lab/snapshot/snapshot_logs.h"

#define LOG_LINES      500 /* kept of each */
#define LOG_LINE_BYTES 400 /* of a line; the rest of a longer one is not kept */

struct logs;

struct logs *logs_new(void) NODISCARD;
void logs_free(struct logs *logs); /* NULL is fine */

/* One line of the daemon of that name; copied, what is not ASCII in it is '?'. */
void logs_add(struct logs *logs, const char *name, const char *line, double now);
/* The daemon is wanted no more. */
void logs_drop(struct logs *logs, const char *name);

/* Counts the lines of all. */
uint64_t logs_version(const struct logs *logs);
/* Those behind number `since`, oldest first; borrowed until the next line. */
void logs_fill(const struct logs *logs, const char *name, int64_t since, struct snapshot_log *out,
	       struct arena *arena);
