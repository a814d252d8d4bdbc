/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * How long it takes from one moment, at which something was broken or repaired, until the lab
 * noticed, changed its tables, and packets found their way again; and what was lost meanwhile.
 * Times are of the loop's clock, in ns.
 */
#include "lab/snapshot/snapshot_faults.h"

struct lost_probe;

/* Zeroed is one that was not begun. */
struct stopwatch {
	const char *of; /* what happened at the beginning, borrowed */
	uint64_t began_ns;
	double unix_time;                                /* of the beginning */
	uint64_t detected_ns, withdrawn_ns, rerouted_ns; /* 0: not yet */
	char *detected, *withdrawn;                      /* by these events */
	int64_t lost;
	uint64_t ended_ns;         /* when another one went on; 0: it runs */
	struct lost_probe *probes; /* by what they are */
};

struct probe_name {
	const char *from, *to, *protocol;
};

void stopwatch_begin(struct stopwatch *watch, const char *of, uint64_t now_ns, double unix_time);
/*
 * This one goes on where the earlier one ends: a probe that is lost is so from the beginning, and
 * its gap is divided between the two.
 */
void stopwatch_follow(struct stopwatch *watch, struct stopwatch *earlier);
void stopwatch_fini(struct stopwatch *watch);

enum stopwatch_news {
	STOPWATCH_NOTHING,
	STOPWATCH_DETECTED,
	STOPWATCH_WITHDRAWN,
	STOPWATCH_REROUTED,
};

/* Something was told by the journal: is it the first of its kind? */
enum stopwatch_news stopwatch_event(struct stopwatch *watch, const char *kind, const char *text,
				    uint64_t now_ns);
/* What became of a packet, those of a probe in order; `answered_ns` is 0 when it was lost. */
enum stopwatch_news stopwatch_packet(struct stopwatch *watch, const struct probe_name *name,
				     uint64_t sent_ns, uint64_t answered_ns);

void stopwatch_fill(const struct stopwatch *watch, struct snapshot_stopwatch *out,
		    struct arena *arena);
