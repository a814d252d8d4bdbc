/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a running lab looks like from outside: topics, each whole in itself. The supervisor fills
 * these structs, clients get equal ones, and views and commands read nothing else.
 */
#include "lab/model/schema.h"
#include "lab/snapshot/record.h"
#include "lab/snapshot/snapshot_faults.h"
#include "lab/snapshot/snapshot_history.h"
#include "lab/snapshot/snapshot_logs.h"
#include "lab/snapshot/snapshot_path.h"
#include "lab/snapshot/snapshot_security.h"
#include "lab/snapshot/snapshot_traffic.h"

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
	int64_t fault_count;  /* that are on */
	struct texts faults;  /* these: "1 cut ISP/er-primary" */
	double up_since;      /* Unix time */
	int64_t pid;          /* of the supervisor, inside its own namespace always 1 */
	int64_t vm_count, node_count;
	int64_t session_count, sessions_up;
	int64_t tunnel_count, tunnels_up; /* up: all its ends in the lab are */
	int64_t probe_count, probes_green, probes_red, probes_amber;
	bool is_rootless;
	int64_t flow_count;                /* flows seen since the lab is up */
	int64_t flows_evicted, flows_lost; /* as topic "flows" has them */
	const char *cables;                /* what carries delays: netem, wire, or none */
	struct texts links;    /* those with tags or MACsec: "NAME: " and what is there in fact */
	struct texts warnings; /* what this kernel has not, and links of the lab go without */
	LIST_OF(struct snapshot_stage) stages;
	int64_t problem_count;
	int64_t drift_count;   /* of these; they come first */
	struct texts problems; /* the first of them, each with its reason; none when all is green */
};

/* What was saved of a guest. */
struct snapshot_saved {
	const char *name;
	double taken_at;    /* Unix time */
	int64_t size_bytes; /* of memory: it is on the lab's /run */
	bool fits;          /* the guest is still what it was then */
};

/* Topic "nodes": every machine. */
struct snapshot_node {
	const char *name, *role;
	const char *part_of; /* the gateway or Route Server of which it is an instance; or NULL */
	struct texts addresses; /* ADDRESS/LENGTH dev INTERFACE */
	const char *state;      /* up, or what is wrong with its daemon */
	const char *kind;       /* of a guest, as the lab file has it; NULL of all others */
	int64_t pid;            /* of its daemon; 0 when it has none */
	const char *daemon;     /* by which it speaks BGP: bird or frr; NULL when it does not */
	int64_t sessions;       /* that are to come up */
	int64_t sessions_up;
	LIST_OF(struct snapshot_saved) snapshots; /* of a guest, the oldest first */
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

/*
 * Topic "bgp/NAME": a machine that speaks BGP, or the instances of a gateway or Route Server, in
 * their order.
 */
struct snapshot_peer {
	const char *neighbor;
	int64_t asn;
	const char *state;      /* Connected, Connecting */
	double connected_at;    /* Unix time; 0 while it is not */
	double lost_at;         /* Unix time when it was lost; 0: it is there, or never was */
	const char *last_words; /* what the daemon said when it was lost; NULL: nothing */
	bool is_expected;       /* it is to come up, and to stay so */
	int64_t routes_received, messages_sent, messages_received;
	const char *peer_node;
	const char *peer_name; /* the gateway or Route Server of which it is an instance; or it */
	const char *peer_role;
};

struct snapshot_learned {
	const char *network, *next_hop, *origin, *source_peer, *as_path;
	int64_t weight;
	bool is_best;          /* of those to its network */
	const char *peer_node; /* that told it; NULL: it is the speaker's own */
};

struct snapshot_speaker {
	const char *node;
	const char *local_address; /* of a VPN gateway the one for BGP, whatever sessions use */
	const char *state;         /* up, or what is wrong with its daemon */
	int64_t asn;
	LIST_OF(struct snapshot_peer) peers;
	LIST_OF(struct snapshot_learned) learned;
};

/* One link of a circuit: an MSEE, and the provider's router behind it. */
struct snapshot_link {
	const char *circuit, *path; /* "primary" or "secondary" */
	const char *msee;
	const char *provider; /* NULL: the provider has no link to this MSEE */
	const char *neighbor;
	const char *state;       /* Connected, Connecting; of one without provider "no link" */
	int64_t routes_received; /* from the provider */
};

struct snapshot_bgp {
	const char *name, *role;
	LIST_OF(struct snapshot_link) links; /* of the circuits of a gateway, or of an MSEE's */
	LIST_OF(struct snapshot_speaker) speakers;
};

/* Topic "sessions": both ends of every BGP session, and nothing else of them. */
struct snapshot_session {
	const char *node;
	const char *peer_node; /* NULL: nobody in the lab answers there */
	const char *neighbor;
	bool is_expected, is_up; /* it is to come up, and to stay so */
};

struct snapshot_sessions {
	LIST_OF(struct snapshot_session) sessions;
};

/*
 * Topic "advertised/NAME PEER": what its daemons tell a peer, an address or a machine. It is asked
 * of them when somebody wants to know, and comes when they have answered.
 */
struct snapshot_told {
	const char *network, *next_hop, *as_path;
	const char *local_address; /* of who tells it */
	const char *node;          /* likewise */
};

struct snapshot_advertised {
	const char *name, *role, *peer;
	bool is_whole;                /* every daemon has answered, about what it knows now */
	const char *error;            /* why one of them tells nothing; NULL: all tell */
	struct texts local_addresses; /* of all that have a session with the peer */
	LIST_OF(struct snapshot_told) routes;
};

/* Topics "tunnels" and "tunnels/NODE": each end of each IPsec tunnel. */
struct snapshot_tunnel {
	const char *name;       /* of its namespace and daemon */
	const char *node;       /* where it ends inside, ... */
	const char *interface;  /* ... by this interface */
	const char *connection; /* of Azure's side; NULL of a customer's device */
	const char *peer_node;  /* NULL: nobody in the lab answers there */
	const char *local_address, *remote_address;       /* outer */
	const char *tunnel_address, *peer_tunnel_address; /* inner */
	const char *state; /* established, connecting, starting, refused, not running */
	const char
		*error; /* why it is not established, or why it was not; NULL: nothing is known */
	double since;   /* Unix time: it has this state */
	bool is_initiator;
	int64_t bytes_in, packets_in, bytes_out, packets_out;       /* since the lab is up */
	const char *ike_proposal, *esp_proposal, *spi_in, *spi_out; /* NULL unless established */
};

struct snapshot_tunnels {
	LIST_OF(struct snapshot_tunnel) tunnels;
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

/*
 * Topic "flows": what NSGs, admin rules and the platform let through and dropped, oldest first.
 * Each NIC and direction has a flow of its own.
 */
struct snapshot_layer {
	const char *direction, *layer; /* "Inbound"; "platform", "avnm", "subnet" or "nic" */
	const char *resource, *rule;   /* of an NSG or a rule collection; "" of what is gone */
	int64_t priority;              /* 0 of the platform */
	const char *access;            /* Allow, Deny, AlwaysAllow */
};

/* What passed in a part of the time of a flow that takes long: some minutes (NW-19). */
struct snapshot_flow_part {
	double time; /* Unix time of its end */
	int64_t packets_sent, bytes_sent, packets_received, bytes_received;
};

struct snapshot_flow {
	int64_t number;       /* counts from 1; what is seen later has a higher one */
	double time, last_at; /* Unix time: when it was first and last decided */
	double ended_at;      /* when the state of an allowed one ended; 0: it has not */
	const char *virtual_network;
	const char *nic, *vm;    /* of gateways and the like, twice the machine's name */
	const char *mac;         /* of the NIC: "000D3AF87856" */
	const char *direction;   /* Inbound, Outbound */
	const char *access;      /* Allow, Deny: what the last layer said */
	const char *protocol;    /* Tcp, Udp, Icmp, Esp, Ah, or its number */
	int64_t protocol_number; /* as IP has it */
	const char *source, *destination;
	int64_t source_port, destination_port; /* 0 of protocols without ports */
	bool has_any_source_port;              /* it stands for many that differ in it only */
	LIST_OF(struct snapshot_layer) layers; /* those that were asked, in order */
	const char *rule;                      /* of the last: UserRule_NAME, DefaultRule_NAME */
	int64_t count;                         /* times that it was decided */
	int64_t packets, bytes;                /* both ways together */
	int64_t packets_sent, bytes_sent;      /* from source to destination; dropped ones, too */
	int64_t packets_received, bytes_received;
	LIST_OF(struct snapshot_flow_part) continued; /* the latest parts that are over */
};

struct snapshot_flows {
	const char *error; /* why there are none; NULL: they are seen */
	int64_t limit;     /* so many are kept */
	int64_t evicted;   /* the oldest, that went for new ones */
	int64_t lost;      /* messages that the kernel could not deliver */
	LIST_OF(struct snapshot_flow) flows;
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
	const struct snapshot_nsg *nsg;       /* of that NIC, likewise */
	const char *nic_refusal; /* why there is nothing of that NIC; NULL: not refused */
	const struct snapshot_flow_verdict *verdict; /* on the packet that is asked about */
	const char *verdict_refusal; /* why there is none; NULL: there is, or it is on its way */
	const struct snapshot_path *path;         /* the ways of the flow that is asked about */
	const char *path_refusal;                 /* why there is none, likewise */
	const struct snapshot_flows *flows;       /* of that NIC; NULL while nobody looks */
	const struct snapshot_tunnels *tunnels;   /* NULL while nobody looks */
	const struct snapshot_sessions *sessions; /* likewise */
	const struct snapshot_traffic *traffic;   /* likewise */
	const struct snapshot_bgp *bgp; /* of one gateway or router; NULL while nobody looks */
	const struct snapshot_advertised *advertised; /* what it tells one peer */
	const struct snapshot_probes *probes;
	const struct snapshot_events *events;
	const struct snapshot_targets *targets; /* of faults */
	const struct snapshot_faults *faults;
	const struct snapshot_file *file;
	const struct snapshot_test *test; /* what is known of expectations; NULL: nothing yet */
	const char *test_refusal;         /* why nothing new is; NULL: it is, or is on its way */
	const struct snapshot_history *history; /* NULL while nobody looks; likewise the next two */
	const struct snapshot_log_sources *log_sources;
	const struct snapshot_log *log; /* of one of these */
};

extern const struct record snapshot_lab_record, snapshot_nodes_record, snapshot_vms_record,
	snapshot_routes_record, snapshot_why_record, snapshot_bgp_record, snapshot_sessions_record,
	snapshot_advertised_record, snapshot_tunnels_record, snapshot_probe_record,
	snapshot_probes_record, snapshot_events_record, snapshot_event_record, snapshot_flow_record,
	snapshot_flows_record, snapshot_file_record, snapshot_test_record;
