/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topics as tables. */
#include "lab/snapshot/snapshot.h"

#define FIELD(type, member, field_kind)                                                            \
	{                                                                                          \
		.key = #member, .kind = (field_kind), .offset = offsetof(struct type, member)      \
	}
#define LIST(type, member, of)                                                                     \
	{                                                                                          \
		.key = #member, .kind = RECORD_LIST, .offset = offsetof(struct type, member),      \
		.record = &(of)                                                                    \
	}
#define RECORD(type, table)                                                                        \
	{                                                                                          \
		.size = sizeof(struct type), .fields = (table), .field_count = ARRAY_SIZE(table)   \
	}

static const struct record_field stage_fields[] = {
	FIELD(snapshot_stage, name, RECORD_TEXT),
	FIELD(snapshot_stage, step_count, RECORD_INT),
	FIELD(snapshot_stage, took_ms, RECORD_REAL),
};
static const struct record stage_record = RECORD(snapshot_stage, stage_fields);

static const struct record_field lab_fields[] = {
	FIELD(snapshot_lab, name, RECORD_TEXT),
	FIELD(snapshot_lab, file, RECORD_TEXT),
	FIELD(snapshot_lab, timers, RECORD_TEXT),
	FIELD(snapshot_lab, state, RECORD_TEXT),
	FIELD(snapshot_lab, step, RECORD_INT),
	FIELD(snapshot_lab, step_count, RECORD_INT),
	FIELD(snapshot_lab, step_name, RECORD_TEXT),
	FIELD(snapshot_lab, change_count, RECORD_INT),
	FIELD(snapshot_lab, up_since, RECORD_REAL),
	FIELD(snapshot_lab, pid, RECORD_INT),
	FIELD(snapshot_lab, vm_count, RECORD_INT),
	FIELD(snapshot_lab, node_count, RECORD_INT),
	FIELD(snapshot_lab, session_count, RECORD_INT),
	FIELD(snapshot_lab, sessions_up, RECORD_INT),
	FIELD(snapshot_lab, probe_count, RECORD_INT),
	FIELD(snapshot_lab, probes_green, RECORD_INT),
	FIELD(snapshot_lab, probes_red, RECORD_INT),
	FIELD(snapshot_lab, probes_amber, RECORD_INT),
	FIELD(snapshot_lab, is_rootless, RECORD_BOOL),
	FIELD(snapshot_lab, cables, RECORD_TEXT),
	LIST(snapshot_lab, stages, stage_record),
	FIELD(snapshot_lab, problem_count, RECORD_INT),
	FIELD(snapshot_lab, drift_count, RECORD_INT),
	FIELD(snapshot_lab, problems, RECORD_TEXTS),
};
const struct record snapshot_lab_record = RECORD(snapshot_lab, lab_fields);

static const struct record_field change_fields[] = {
	FIELD(snapshot_change, path, RECORD_TEXT),
	FIELD(snapshot_change, value, RECORD_TEXT),
	FIELD(snapshot_change, old, RECORD_TEXT),
};
static const struct record change_record = RECORD(snapshot_change, change_fields);

static const struct record_field step_fields[] = {
	FIELD(snapshot_step, number, RECORD_INT),
	FIELD(snapshot_step, after, RECORD_INT),
	FIELD(snapshot_step, name, RECORD_TEXT),
};
static const struct record step_record = RECORD(snapshot_step, step_fields);

static const struct record_field file_fields[] = {
	FIELD(snapshot_file, file, RECORD_TEXT),     FIELD(snapshot_file, text, RECORD_TEXT),
	FIELD(snapshot_file, step, RECORD_INT),      LIST(snapshot_file, steps, step_record),
	LIST(snapshot_file, changes, change_record),
};
const struct record snapshot_file_record = RECORD(snapshot_file, file_fields);

static const struct record_field verdict_fields[] = {
	FIELD(snapshot_verdict, line, RECORD_INT),  FIELD(snapshot_verdict, column, RECORD_INT),
	FIELD(snapshot_verdict, text, RECORD_TEXT), FIELD(snapshot_verdict, verdict, RECORD_TEXT),
	FIELD(snapshot_verdict, seen, RECORD_TEXT), FIELD(snapshot_verdict, took_ms, RECORD_REAL),
};
static const struct record verdict_record = RECORD(snapshot_verdict, verdict_fields);

static const struct record_field test_fields[] = {
	FIELD(snapshot_test, step, RECORD_INT),
	FIELD(snapshot_test, step_name, RECORD_TEXT),
	LIST(snapshot_test, verdicts, verdict_record),
};
const struct record snapshot_test_record = RECORD(snapshot_test, test_fields);

static const struct record_field node_fields[] = {
	FIELD(snapshot_node, name, RECORD_TEXT),       FIELD(snapshot_node, role, RECORD_TEXT),
	FIELD(snapshot_node, addresses, RECORD_TEXTS), FIELD(snapshot_node, state, RECORD_TEXT),
	FIELD(snapshot_node, pid, RECORD_INT),         FIELD(snapshot_node, sessions, RECORD_INT),
	FIELD(snapshot_node, sessions_up, RECORD_INT),
};
static const struct record node_record = RECORD(snapshot_node, node_fields);
static const struct record_field nodes_fields[] = {
	LIST(snapshot_nodes, nodes, node_record),
};
const struct record snapshot_nodes_record = RECORD(snapshot_nodes, nodes_fields);

static const struct record_field vm_fields[] = {
	FIELD(snapshot_vm, vm, RECORD_TEXT),        FIELD(snapshot_vm, nic, RECORD_TEXT),
	FIELD(snapshot_vm, address, RECORD_TEXT),   FIELD(snapshot_vm, subnet, RECORD_TEXT),
	FIELD(snapshot_vm, probes, RECORD_INT),     FIELD(snapshot_vm, probes_green, RECORD_INT),
	FIELD(snapshot_vm, probes_red, RECORD_INT), FIELD(snapshot_vm, probes_amber, RECORD_INT),
};
static const struct record vm_record = RECORD(snapshot_vm, vm_fields);
static const struct record_field vms_fields[] = {
	LIST(snapshot_vms, vms, vm_record),
};
const struct record snapshot_vms_record = RECORD(snapshot_vms, vms_fields);

static const struct record_field route_fields[] = {
	FIELD(snapshot_route, source, RECORD_TEXT),
	FIELD(snapshot_route, state, RECORD_TEXT),
	FIELD(snapshot_route, name, RECORD_TEXT),
	FIELD(snapshot_route, service_tag, RECORD_TEXT),
	FIELD(snapshot_route, address_prefix, RECORD_TEXTS),
	FIELD(snapshot_route, next_hop_type, RECORD_TEXT),
	FIELD(snapshot_route, next_hop_ip, RECORD_TEXTS),
};
static const struct record route_record = RECORD(snapshot_route, route_fields);
static const struct record_field routes_fields[] = {
	FIELD(snapshot_routes, nic, RECORD_TEXT),
	FIELD(snapshot_routes, vm, RECORD_TEXT),
	FIELD(snapshot_routes, route_table, RECORD_TEXT),
	FIELD(snapshot_routes, disable_bgp_route_propagation, RECORD_BOOL),
	LIST(snapshot_routes, routes, route_record),
};
const struct record snapshot_routes_record = RECORD(snapshot_routes, routes_fields);

static const struct record_field reason_fields[] = {
	FIELD(snapshot_reason, row, RECORD_INT),
	FIELD(snapshot_reason, source, RECORD_TEXT),
	FIELD(snapshot_reason, state, RECORD_TEXT),
	FIELD(snapshot_reason, prefix, RECORD_TEXT),
	FIELD(snapshot_reason, next_hop_type, RECORD_TEXT),
	FIELD(snapshot_reason, next_hop_ip, RECORD_TEXTS),
	FIELD(snapshot_reason, rule, RECORD_TEXT),
	FIELD(snapshot_reason, words, RECORD_TEXT),
	FIELD(snapshot_reason, place, RECORD_TEXT),
	FIELD(snapshot_reason, peer, RECORD_TEXT),
};
static const struct record reason_record = RECORD(snapshot_reason, reason_fields);
static const struct record_field why_fields[] = {
	FIELD(snapshot_why, nic, RECORD_TEXT),
	FIELD(snapshot_why, vm, RECORD_TEXT),
	FIELD(snapshot_why, route_table, RECORD_TEXT),
	FIELD(snapshot_why, none_routes, RECORD_TEXT),
	FIELD(snapshot_why, disable_bgp_route_propagation, RECORD_BOOL),
	LIST(snapshot_why, routes, route_record),
	LIST(snapshot_why, reasons, reason_record),
};
const struct record snapshot_why_record = RECORD(snapshot_why, why_fields);

static const struct record_field peer_fields[] = {
	FIELD(snapshot_peer, neighbor, RECORD_TEXT),
	FIELD(snapshot_peer, asn, RECORD_INT),
	FIELD(snapshot_peer, state, RECORD_TEXT),
	FIELD(snapshot_peer, connected_at, RECORD_REAL),
	FIELD(snapshot_peer, routes_received, RECORD_INT),
	FIELD(snapshot_peer, messages_sent, RECORD_INT),
	FIELD(snapshot_peer, messages_received, RECORD_INT),
	FIELD(snapshot_peer, peer_node, RECORD_TEXT),
};
static const struct record peer_record = RECORD(snapshot_peer, peer_fields);
static const struct record_field learned_fields[] = {
	FIELD(snapshot_learned, network, RECORD_TEXT),
	FIELD(snapshot_learned, next_hop, RECORD_TEXT),
	FIELD(snapshot_learned, origin, RECORD_TEXT),
	FIELD(snapshot_learned, source_peer, RECORD_TEXT),
	FIELD(snapshot_learned, as_path, RECORD_TEXT),
	FIELD(snapshot_learned, weight, RECORD_INT),
};
static const struct record learned_record = RECORD(snapshot_learned, learned_fields);
static const struct record_field bgp_fields[] = {
	FIELD(snapshot_bgp, node, RECORD_TEXT),  FIELD(snapshot_bgp, local_address, RECORD_TEXT),
	FIELD(snapshot_bgp, state, RECORD_TEXT), FIELD(snapshot_bgp, asn, RECORD_INT),
	LIST(snapshot_bgp, peers, peer_record),  LIST(snapshot_bgp, learned, learned_record),
};
const struct record snapshot_bgp_record = RECORD(snapshot_bgp, bgp_fields);

static const struct record_field probe_fields[] = {
	FIELD(snapshot_probe, from, RECORD_TEXT),
	FIELD(snapshot_probe, to, RECORD_TEXT),
	FIELD(snapshot_probe, protocol, RECORD_TEXT),
	FIELD(snapshot_probe, address, RECORD_TEXT),
	FIELD(snapshot_probe, colour, RECORD_TEXT),
	FIELD(snapshot_probe, prediction, RECORD_TEXT),
	FIELD(snapshot_probe, is_reply_predicted, RECORD_BOOL),
	FIELD(snapshot_probe, observation, RECORD_TEXT),
	FIELD(snapshot_probe, why, RECORD_TEXT),
	FIELD(snapshot_probe, is_reply, RECORD_BOOL),
	FIELD(snapshot_probe, rtt_ms, RECORD_REAL),
	FIELD(snapshot_probe, observed_at, RECORD_REAL),
	FIELD(snapshot_probe, coloured_at, RECORD_REAL),
	FIELD(snapshot_probe, recent, RECORD_REALS),
	FIELD(snapshot_probe, ttl, RECORD_INT),
	FIELD(snapshot_probe, interval_ms, RECORD_INT),
	FIELD(snapshot_probe, sent, RECORD_INT),
	FIELD(snapshot_probe, answered, RECORD_INT),
};
const struct record snapshot_probe_record = RECORD(snapshot_probe, probe_fields);
static const struct record_field probes_fields[] = {
	LIST(snapshot_probes, probes, snapshot_probe_record),
};
const struct record snapshot_probes_record = RECORD(snapshot_probes, probes_fields);

static const struct record_field event_fields[] = {
	FIELD(snapshot_event, number, RECORD_INT),
	FIELD(snapshot_event, time, RECORD_REAL),
	FIELD(snapshot_event, kind, RECORD_TEXT),
	FIELD(snapshot_event, text, RECORD_TEXT),
};
const struct record snapshot_event_record = RECORD(snapshot_event, event_fields);
static const struct record_field events_fields[] = {
	LIST(snapshot_events, events, snapshot_event_record),
};
const struct record snapshot_events_record = RECORD(snapshot_events, events_fields);
