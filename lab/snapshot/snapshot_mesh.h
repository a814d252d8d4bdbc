/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What became of one packet from each machine to each other, beside what was predicted. */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"

/* One of these is what a row has for each machine that was asked. */
enum mesh_cell {
	MESH_REPLY = '+',   /* as predicted */
	MESH_SILENCE = '-', /* no reply, as predicted */
	MESH_UNEXPECTED_REPLY = '!',
	MESH_UNEXPECTED_SILENCE = 'x',
	MESH_UNKNOWN = '?', /* not observed, or the prediction is unknown */
	MESH_SELF = ' ',    /* not asked: it is the machine itself */
};

/* A pair that is not as predicted, or not known to be. */
struct snapshot_mesh_finding {
	const char *from, *to;
	const char *result;     /* mesh_cell_name() */
	const char *seen;       /* or why nothing was */
	const char *prediction; /* with its reason */
};

struct snapshot_mesh_row {
	const char *from;
	const char *cells;                              /* an enum mesh_cell for each of `to` */
	struct reals rtt_ms;                            /* likewise; NAN where no reply came */
	LIST_OF(struct snapshot_mesh_finding) findings; /* not all, when there are many */
};

struct snapshot_mesh {
	const char *lab;
	const char *protocol; /* "icmp", "http", "tcp:22" */
	struct texts to;
	LIST_OF(struct snapshot_mesh_row) rows;
	int64_t pairs; /* that were asked about: cells but for MESH_SELF */
	double took_ms;
};

extern const struct record snapshot_mesh_record, snapshot_mesh_row_record;

/* Has it a cell for each pair? -EPROTO when it has not: then nothing is known. */
int mesh_check(const struct snapshot_mesh *mesh, struct err *err);
/* How many cells are of that kind. */
size_t mesh_count(const struct snapshot_mesh *mesh, enum mesh_cell cell);

/* reply, silence, unexpected_reply, unexpected_silence, unknown; "" of none of them. */
const char *mesh_cell_name(char cell);
/* Not as predicted, or not known to be. */
bool mesh_cell_is_finding(char cell);
