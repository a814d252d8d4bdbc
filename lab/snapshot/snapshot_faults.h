/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What a lab's faults look like from outside, with what the stopwatch says of each. */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"

/*
 * Topic "faults": those that are on and the latest that were, oldest first. Times in ms are from
 * the moment when the fault was set, or cleared; what has not happened is left out, and 0.
 */
struct snapshot_lost {
	const char *from, *to, *protocol;
	int64_t lost;  /* packets, or fetches */
	double gap_ms; /* from the first that was lost to the next that was answered: the longest */
	double rerouted_ms; /* until one was answered again */
};

struct snapshot_stopwatch {
	const char *of; /* set, clear */
	double time;    /* Unix time */
	double detected_ms;
	const char *detected; /* by which event: the first of a session or a daemon */
	double withdrawn_ms;
	const char *withdrawn; /* likewise: the first that changed tables of NICs */
	double rerouted_ms;    /* the first probe that was answered again */
	int64_t lost;
	double gap_ms;                        /* the longest of all probes */
	LIST_OF(struct snapshot_lost) probes; /* those that lost something */
};

struct snapshot_fault {
	int64_t number; /* from 1; none is given again */
	const char *kind, *target;
	bool is_on;
	double delay_ms;           /* of a delay */
	double set_at, cleared_at; /* Unix time; 0: it is on */
	double ends_at;            /* when it clears itself; 0: it does not */
	const char *ended;         /* why, when nobody cleared it */
	LIST_OF(struct snapshot_stopwatch) stopwatches;
};

struct snapshot_faults {
	LIST_OF(struct snapshot_fault) faults;
};

/* Topic "targets": what faults can be set on. */
struct snapshot_target {
	const char *name, *what;
	struct texts kinds; /* of faults */
};

struct snapshot_targets {
	LIST_OF(struct snapshot_target) targets;
};

extern const struct record snapshot_faults_record, snapshot_fault_record, snapshot_targets_record;
