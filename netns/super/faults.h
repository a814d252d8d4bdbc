/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The third list of what makes a lab, beside its file and its changes: what is broken on purpose.
 * It knows which faults are on, which were, and what the stopwatch says of each; doing and undoing
 * them is for who owns the lab.
 */
#include "lab/plan/fault.h"
#include "lab/snapshot/snapshot.h"
#include "netns/loop/loop.h"
#include "netns/super/journal.h"
#include "netns/super/stopwatch.h"

struct faults;

struct faults_ops {
	/* The time that a fault was set for is over: clear it. */
	void (*on_due)(void *arg, unsigned number);
};

/* The caller owns the result; loop and journal are borrowed. */
struct faults *faults_new(struct loop *loop, struct journal *journal, double unix_offset,
			  const struct faults_ops *ops, void *arg) NODISCARD;
void faults_free(struct faults *faults); /* NULL is fine */

/*
 * One more, which begins now; `for_ns` is 0 when nothing ends it by itself. Its number, or 0 with
 * `err` when the same one is on.
 */
unsigned faults_add(struct faults *faults, const struct fault *fault, uint64_t for_ns,
		    struct err *err);
/* It could not be set: it never was. */
void faults_drop(struct faults *faults, unsigned number);
/* It is over, from now on; `why` when nobody asked for that, or NULL. */
void faults_end(struct faults *faults, unsigned number, const char *why);

/* Those that are on, oldest first; borrowed until one is added or ends. */
const struct fault *faults_standing(struct faults *faults, size_t *ret_count);
/* The number of the one at that place among them. */
unsigned faults_number(const struct faults *faults, size_t place);
/* NULL when there is none of that number that is on. */
const struct fault *faults_find(const struct faults *faults, unsigned number);
bool faults_is_timed(const struct faults *faults, unsigned number);
/* "fault 1 is on", "faults 1 and 3 are on"; "" when none is. */
void faults_print(const struct faults *faults, char *text, size_t size);

/* For the stopwatch. */
void faults_event(struct faults *faults, const struct snapshot_event *event);
/* As stopwatch_packet; `rtt_ns` is how long an answer takes. */
void faults_packet(struct faults *faults, const struct probe_name *name, uint64_t sent_ns,
		   uint64_t answered_ns, uint64_t rtt_ns);

void faults_fill(const struct faults *faults, struct snapshot_faults *out, struct arena *arena);
/* One of them; false when it is not known any more. */
bool faults_fill_one(const struct faults *faults, unsigned number, struct snapshot_fault *out,
		     struct arena *arena);
