/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a lab comes to, as far as people ask: the effective routes of each NIC, and of each probe
 * whether it is answered and by which way. Two of them are compared, be they computed or read from
 * a lab.
 */
#include "lab/plan/wanted.h"
#include "lab/snapshot/path_question.h"
#include "lab/snapshot/snapshot.h"

/* A NIC with its rows, in no order; a flow with what is seen of it. */
struct named_lines {
	const char *name; /* "vm1-nic", "vm1 -> vm2 Icmp" */
	struct texts lines;
};

struct outcomes {
	struct named_lines *items;
	size_t count;
};

/* All text lives in the arena. */
struct outcomes outcomes_of_nics(const struct wanted *wanted, struct arena *arena);
/* Of each probe "a reply, ttl 60", "back by c", "there by a, b"; or "no reply: WHY". */
struct outcomes outcomes_of_flows(const struct wanted *wanted, struct arena *arena);
/* Likewise add any flow, under that name. */
void outcomes_add_flow(struct outcomes *outcomes, const struct wanted *wanted, const char *name,
		       const struct path_question *question, struct arena *arena);

/* Add what one NIC has, also one of a running lab. */
void outcomes_add_nic(struct outcomes *outcomes, const struct snapshot_routes *routes,
		      struct arena *arena);

/* What is in one and not in the other; names that are the same in both are left out. */
struct outcome_change {
	const char *name;
	struct texts gone, come;
};
struct outcome_changes {
	struct outcome_change *items;
	size_t count;
};
struct outcome_changes outcomes_compare(const struct outcomes *before, const struct outcomes *after,
					struct arena *arena);
/* Are they the same changes of the same names, in whatever order? */
bool outcome_changes_equal(const struct outcome_changes *a, const struct outcome_changes *b);
