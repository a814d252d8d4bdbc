/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Who changed a lab, by which command, and what the same is in other words. */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"

/* Topic "history": every change that anybody made, oldest first; the latest are kept. */
struct snapshot_command {
	int64_t number;       /* from 1 */
	double time;          /* Unix time */
	const char *by;       /* who, as the client says it; or what of the lab itself */
	const char *command;  /* "hublab set -l LAB PATH VALUE", for a shell */
	const char *state;    /* running, done, failed */
	const char *error;    /* why it failed; NULL: it did not */
	double took_ms;       /* until what it changes was made; 0 while it runs */
	struct texts az;      /* lines of az that change the same in Azure */
	struct texts machine; /* lines of ip, nft and birdc: what was done to the machine */
	int64_t step_count;   /* of that, objects that were changed */
	int64_t steps_left;   /* of these, not among the lines */
};

struct snapshot_history {
	LIST_OF(struct snapshot_command) commands;
};

extern const struct record snapshot_history_record, snapshot_command_record;
