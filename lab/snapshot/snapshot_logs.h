/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the daemons of a lab write. */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"

/* Topic "logs": whose logs there are. */
struct snapshot_log_source {
	const char *name; /* by which its lines are asked for: "MACHINE", "PROGRAM@MACHINE" */
	const char *node; /* on which it runs: a machine, or the end of a tunnel */
	const char *program;
	const char *state; /* up, or how it ended */
	int64_t pid;       /* 0 while it does not run */
};

struct snapshot_log_sources {
	LIST_OF(struct snapshot_log_source) sources;
};

/* Topic "logs/NAME": its latest lines, oldest first. */
struct snapshot_log_line {
	int64_t number; /* from 1, also of those that are not kept any more */
	double time;    /* Unix time when it was read */
	const char *text;
};

struct snapshot_log {
	const char *name;
	LIST_OF(struct snapshot_log_line) lines;
};

extern const struct record snapshot_log_sources_record, snapshot_log_record,
	snapshot_log_line_record;
