/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What is known of a running lab, laid over its graph. */
#include "lab/graph/graph.h"
#include "lab/snapshot/snapshot.h"
#include "lab/snapshot/snapshot_path.h"

enum graph_mark {
	MARK_NONE, /* nothing is known, or there is nothing to know */
	MARK_GOOD,
	MARK_BAD,
	MARK_WAITING,
	MARK_COUNT
};

struct graph_part_state {
	enum graph_mark mark;
	const char *words; /* NULL: none */
	bool is_on_flow;
};

/* Bytes a second. */
struct graph_rate {
	int64_t out, in;
};

struct graph_state {
	struct graph_part_state *nodes, *links; /* by place in the graph */
	unsigned
		drop_node; /* where the flow ends that should go on; GRAPH_NONE: unknown, or none */
	unsigned drop_link;
	/* what flows: out of machines and into them, or from a link's first end to the second and
	   back; of a group what its virtual machines send and get. By place in the graph; NULL:
	   not known */
	struct graph_rate *node_rates, *link_rates, *group_rates;
	const char *flow; /* "Icmp A -> B: no reply; ends at C: why"; NULL: none is drawn */
};

/*
 * In the arena; it borrows from the snapshot, of which what is missing is not known. `probe` is the
 * flow to draw and `path` its way by what routers know: NULL draws none, or its ends only.
 */
struct graph_state *graph_state_new(const struct graph *graph, const struct snapshot *snapshot,
				    const struct snapshot_probe *probe,
				    const struct snapshot_path *path, struct arena *arena)
	NODISCARD;

/* The busier direction. */
int64_t graph_busier(const struct graph_rate *rate);
#define GRAPH_RATE_TEXT 12
/* "980b/s", "1.6kb/s", "12Mb/s": bits a second, of bytes. */
void graph_rate_text(int64_t bytes, char text[GRAPH_RATE_TEXT]);

/* "✓", or in ASCII "+"; of MARK_NONE a dot. */
const char *graph_mark_text(enum graph_mark mark, bool is_ascii);

/* The graph of a lab, of which nothing is kept; `fold` as GRAPH_FOLD. Owned by the caller. */
struct graph *graph_of_lab(const struct lab *lab, unsigned fold) NODISCARD;
/* The graph of what a lab runs; NULL with `err` when the file cannot be read. Owned by the caller.
 */
struct graph *graph_of_file(const struct snapshot_file *file, unsigned fold, struct err *err)
	NODISCARD;

/*
 * The flow that is worth drawing: one that fails though a reply is predicted, of those from or to
 * that machine (NULL: of none) first. NULL when none does.
 */
const struct snapshot_probe *graph_failing_probe(const struct snapshot_probes *probes,
						 const char *machine);
/* "SRC DST PROTOCOL", as the topic "path" wants it; returns `text`. */
const char *graph_path_question(const struct snapshot_probe *probe, char *text, size_t size);
