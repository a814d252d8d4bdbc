/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a running lab looks like from outside: topics, each whole in itself. The supervisor fills
 * these structs, clients get equal ones, and views and commands read nothing else.
 */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"

#define SNAPSHOT_SCHEMA_VERSION 1

/* Topic "lab": the lab as a whole. */
struct snapshot_stage {
	const char *name;
	int64_t step_count; /* of what the stage makes or waits for */
	double took_ms;
};

struct snapshot_lab {
	const char *name, *file, *timers;
	const char *state;        /* building, changing, converging, running */
	int64_t step, step_count; /* 0 of 0 in a lab without steps */
	const char *step_name;
	int64_t change_count; /* made since the file was read, and not saved */
	double up_since;      /* Unix time */
	int64_t pid;          /* of the supervisor, inside its own namespace always 1 */
	int64_t vm_count, node_count;
	int64_t session_count, sessions_up;
	int64_t probe_count, probes_green, probes_red, probes_amber;
	bool is_rootless;
	const char *cables; /* what carries delays: netem, wire, or none */
	LIST_OF(struct snapshot_stage) stages;
	int64_t problem_count;
	int64_t drift_count;   /* of these; they come first */
	struct texts problems; /* the first of them, each with its reason; none when all is green */
};

/* Topic "nodes": every machine. */
struct snapshot_node {
	const char *name, *role;
	struct texts addresses; /* ADDRESS/LENGTH dev INTERFACE */
	const char *state;      /* up, or what is wrong with its daemon */
	int64_t pid;            /* of its daemon; 0 when it has none */
	int64_t sessions, sessions_up;
};

struct snapshot_nodes {
	LIST_OF(struct snapshot_node) nodes;
};

/* Topic "vms": every NIC of every virtual machine, and how the probes from its VM are. */
struct snapshot_vm {
	const char *vm, *nic, *address, *subnet; /* VIRTUAL-NETWORK/SUBNET */
	int64_t probes, probes_green, probes_red, probes_amber;
};

struct snapshot_vms {
	LIST_OF(struct snapshot_vm) vms;
};

/* Topic "routes/NIC": effective routes, in Azure's order and words. */
struct snapshot_route {
	const char *source, *state, *next_hop_type;
	const char *name;        /* of a user's route; NULL of others */
	const char *service_tag; /* what its prefixes are; NULL: they are written out */
	struct texts address_prefix, next_hop_ip;
};

struct snapshot_routes {
	const char *nic, *vm;
	const char *route_table; /* of its subnet; NULL when it has none */
	bool disable_bgp_route_propagation;
	LIST_OF(struct snapshot_route) routes;
};

/* Topic "why/NIC": the same rows, and why they are there, and what is not, and why. */
struct snapshot_reason {
	int64_t row; /* of the routes; -1: it is about what is not there */
	const char *source, *prefix, *next_hop_type;
	const char *state; /* of the row; NULL: there is none */
	struct texts next_hop_ip;
	const char *rule;  /* of Azure's behaviour, by id: "R3.5" */
	const char *words; /* a sentence without its full stop */
	const char
		*place;   /* FILE:LINE of the lab file, or the path of a change; NULL: of neither */
	const char *peer; /* the BGP speaker that told it; NULL: none did */
};

struct snapshot_why {
	const char *nic, *vm, *route_table;
	const char *none_routes; /* the year of the None rows (semantics) */
	bool disable_bgp_route_propagation;
	LIST_OF(struct snapshot_route) routes;
	LIST_OF(struct snapshot_reason) reasons; /* of rows, in their order, then of others */
};

/* Topic "bgp/NODE": one speaker. A gateway's name stands for its first instance that runs. */
struct snapshot_peer {
	const char *neighbor;
	int64_t asn;
	const char *state;   /* Connected, Connecting */
	double connected_at; /* Unix time; 0 while it is not */
	int64_t routes_received, messages_sent, messages_received;
	const char *peer_node;
};

struct snapshot_learned {
	const char *network, *next_hop, *origin, *source_peer, *as_path;
	int64_t weight;
};

struct snapshot_bgp {
	const char *node, *local_address, *state;
	int64_t asn;
	LIST_OF(struct snapshot_peer) peers;
	LIST_OF(struct snapshot_learned) learned;
};

/* Topic "probes". */
struct snapshot_probe {
	const char *from, *to, *protocol, *address;
	const char *colour;     /* green, amber, red */
	const char *prediction; /* reply, or why there is none */
	bool is_reply_predicted;
	const char *observation; /* reply, no reply, or not observed */
	const char *why;         /* what the probe met, when there was no reply */
	bool is_reply;
	double rtt_ms;
	double observed_at;  /* Unix time; 0 when not observed */
	double coloured_at;  /* since when it has its colour */
	struct reals recent; /* RTTs in ms, oldest first; none where there was no reply */
	int64_t ttl, interval_ms, sent, answered;
};

struct snapshot_probes {
	LIST_OF(struct snapshot_probe) probes;
};

/* Topic "events": what happened, oldest first. */
struct snapshot_event {
	int64_t number;
	double time; /* Unix time */
	const char *kind, *text;
};

struct snapshot_events {
	LIST_OF(struct snapshot_event) events;
};

/* Topic "file": what the lab runs: its file at a step, and changes on top. */
struct snapshot_change {
	const char *path;
	const char *value, *old; /* as YAML on one line; NULL: nothing */
};

struct snapshot_step {
	int64_t number, after; /* 0: it goes on from what the top level says */
	const char *name;
};

struct snapshot_file {
	const char *file, *text;
	int64_t step;
	LIST_OF(struct snapshot_step) steps;
	LIST_OF(struct snapshot_change) changes; /* oldest first */
};

/* The answer to "test": what became of each expectation. */
struct snapshot_verdict {
	int64_t line, column; /* of the expectation in the lab file */
	const char *text;     /* what is expected */
	const char *verdict;  /* pass, fail, unknown */
	const char *seen;     /* what was seen, or why nothing was */
	double took_ms;
};

struct snapshot_test {
	int64_t step;
	const char *step_name;
	LIST_OF(struct snapshot_verdict) verdicts;
};

/* The topics a client has of a lab; NULL are those it has not, or not yet. */
struct snapshot {
	const struct snapshot_lab *lab;
	const struct snapshot_nodes *nodes;
	const struct snapshot_vms *vms;
	const struct snapshot_routes *routes; /* of one NIC */
	const double *routes_changed_at;      /* Unix time, for each of the rows; 0: unchanged */
	const struct snapshot_why *why;       /* of that NIC; NULL while nobody asks */
	const struct snapshot_probes *probes;
	const struct snapshot_events *events;
};

extern const struct record snapshot_lab_record, snapshot_nodes_record, snapshot_vms_record,
	snapshot_routes_record, snapshot_why_record, snapshot_bgp_record, snapshot_probe_record,
	snapshot_probes_record, snapshot_events_record, snapshot_event_record, snapshot_file_record,
	snapshot_test_record;
