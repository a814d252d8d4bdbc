/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The flow log: messages of the kernel's rules become flows, one for each NIC, direction and tuple.
 * It never grows over its capacity, and a message costs the same however many flows there are. It
 * reads no clock and no socket; times are Unix time in seconds.
 */
#include "lab/azure/hit.h"
#include "lab/azure/logged_packet.h"
#include "lab/snapshot/snapshot.h"
#include "netns/kernel/conntrack.h"

struct flow_table;
struct flow_group;
struct flow_spread;
struct flow_layer;
struct flow_port;

#define FLOW_IDLE_S   240.0 /* NSG-19: what comes later is another flow */
#define FLOW_PART_S   300.0 /* NW-19: what takes longer is told in parts */
#define FLOW_PARTS    12    /* of these; of still longer ones the first part grows */
#define FLOW_SETTLE_S 0.02  /* until then, further layers may speak */

/* One rule's word on one packet. */
struct flow_message {
	const char *prefix;     /* hit_print */
	uint32_t mark, in, out; /* of interfaces of the fabric */
	struct logged_packet packet;
};

struct flow_count {
	uint64_t packets, bytes;
};

/* What passed until then, since the part before. */
struct flow_part {
	double time;
	struct flow_count counts[2];
};

/* Read only, by all but flow_table.c. */
struct logged_flow {
	struct logged_flow *prev, *next;             /* in the order of the versions */
	struct logged_flow *group_prev, *group_next; /* those of the same tuple */
	struct flow_group *group; /* NULL: a later one of this NIC and direction came */
	struct flow_spread *spread;
	struct flow_port *port;
	struct logged_packet packet; /* its first */
	enum rule_direction direction;
	struct flow_layer *layers[LAYERS_MAX];
	unsigned zone;                  /* of its state in conntrack */
	unsigned layer_count, position; /* position: layers that the latest packet has met so far */
	unsigned generation;            /* of the lab */
	bool has_any_source_port;
	bool has_state;    /* conntrack has counted it */
	bool has_no_state; /* conntrack keeps none: it was dropped further on, or is over */
	uint64_t number, version, count;
	double began, last, ended; /* ended: 0 as long as it has not */
	struct flow_part *parts;   /* NULL: it does not take that long */
	unsigned part_count;
	struct flow_count past[2], live[2]; /* sent and received, in states that ended, and now */
};

/* The caller owns the table. */
struct flow_table *flow_table_new(size_t capacity) NODISCARD;
void flow_table_free(struct flow_table *table); /* NULL is fine */

/* By this lab ports and rules have their names from now on; it is borrowed until the next one. */
void flow_table_name(struct flow_table *table, const struct topology *topology);

/* False when it is no message of ours, which changes nothing. */
bool flow_table_hear(struct flow_table *table, const struct flow_message *message, double now);
/* What passed by a flow that is allowed. */
void flow_table_count(struct flow_table *table, const struct conntrack_state *state, double now);
/*
 * Flows whose counts may be others by now, one of each tuple and zone, by their numbers: the first
 * from this one on, and what to ask conntrack for. False when there is none.
 */
bool flow_table_next_live(const struct flow_table *table, uint64_t from, uint64_t *ret_number,
			  struct conntrack_state *ret_ends);
/* Conntrack has no state for it, and those of the same tuple. */
void flow_table_no_state(struct flow_table *table, const struct conntrack_state *ends, double now);
/* After a count: what passed by flows that take long is a part of theirs, when it is time. */
void flow_table_divide(struct flow_table *table, double now);
/* Flows that are old enough can be told. False when others wait for that. */
bool flow_table_settle(struct flow_table *table, double now);

/* ---- what is told ---- */

/* Numbers of the oldest and the newest that can be told; there are none when last is less. */
uint64_t flow_table_first(const struct flow_table *table);
uint64_t flow_table_last(const struct flow_table *table);
const struct logged_flow *flow_table_get(const struct flow_table *table, uint64_t number);
/* The first, of those that changed behind a version; others follow it by `next`. */
const struct logged_flow *flow_table_changed(const struct flow_table *table, uint64_t version);
uint64_t flow_table_version(const struct flow_table *table);
uint64_t flow_table_evicted(const struct flow_table *table);
size_t flow_table_capacity(const struct flow_table *table);

/* It borrows from the flow and the arena. */
void flow_fill(const struct logged_flow *flow, struct snapshot_flow *out, struct arena *arena);
bool flow_is_of(const struct logged_flow *flow, const char *vm, const char *nic); /* NULL: of any */
