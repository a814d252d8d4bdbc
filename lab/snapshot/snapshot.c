/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topics as tables. */
#include "lab/snapshot/snapshot.h"

#include "lab/snapshot/record_tables.h"

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
	FIELD(snapshot_lab, fault_count, RECORD_INT),
	FIELD(snapshot_lab, faults, RECORD_TEXTS),
	FIELD(snapshot_lab, up_since, RECORD_REAL),
	FIELD(snapshot_lab, pid, RECORD_INT),
	FIELD(snapshot_lab, vm_count, RECORD_INT),
	FIELD(snapshot_lab, node_count, RECORD_INT),
	FIELD(snapshot_lab, session_count, RECORD_INT),
	FIELD(snapshot_lab, tunnel_count, RECORD_INT),
	FIELD(snapshot_lab, tunnels_up, RECORD_INT),
	FIELD(snapshot_lab, sessions_up, RECORD_INT),
	FIELD(snapshot_lab, probe_count, RECORD_INT),
	FIELD(snapshot_lab, probes_green, RECORD_INT),
	FIELD(snapshot_lab, probes_red, RECORD_INT),
	FIELD(snapshot_lab, probes_amber, RECORD_INT),
	FIELD(snapshot_lab, is_rootless, RECORD_BOOL),
	FIELD(snapshot_lab, flow_count, RECORD_INT),
	FIELD(snapshot_lab, flows_evicted, RECORD_INT),
	FIELD(snapshot_lab, flows_lost, RECORD_INT),
	FIELD(snapshot_lab, cables, RECORD_TEXT),
	FIELD(snapshot_lab, links, RECORD_TEXTS),
	FIELD(snapshot_lab, warnings, RECORD_TEXTS),
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

static const struct record_field saved_fields[] = {
	FIELD(snapshot_saved, name, RECORD_TEXT),
	FIELD(snapshot_saved, taken_at, RECORD_REAL),
	FIELD(snapshot_saved, size_bytes, RECORD_INT),
	FIELD(snapshot_saved, fits, RECORD_BOOL),
};
static const struct record saved_record = RECORD(snapshot_saved, saved_fields);

static const struct record_field node_fields[] = {
	FIELD(snapshot_node, name, RECORD_TEXT),      FIELD(snapshot_node, role, RECORD_TEXT),
	FIELD(snapshot_node, part_of, RECORD_TEXT),   FIELD(snapshot_node, addresses, RECORD_TEXTS),
	FIELD(snapshot_node, state, RECORD_TEXT),     FIELD(snapshot_node, pid, RECORD_INT),
	FIELD(snapshot_node, sessions, RECORD_INT),   FIELD(snapshot_node, sessions_up, RECORD_INT),
	FIELD(snapshot_node, daemon, RECORD_TEXT),    FIELD(snapshot_node, kind, RECORD_TEXT),
	LIST(snapshot_node, snapshots, saved_record),
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

static const struct record_field tunnel_fields[] = {
	FIELD(snapshot_tunnel, name, RECORD_TEXT),
	FIELD(snapshot_tunnel, node, RECORD_TEXT),
	FIELD(snapshot_tunnel, interface, RECORD_TEXT),
	FIELD(snapshot_tunnel, connection, RECORD_TEXT),
	FIELD(snapshot_tunnel, peer_node, RECORD_TEXT),
	FIELD(snapshot_tunnel, local_address, RECORD_TEXT),
	FIELD(snapshot_tunnel, remote_address, RECORD_TEXT),
	FIELD(snapshot_tunnel, tunnel_address, RECORD_TEXT),
	FIELD(snapshot_tunnel, peer_tunnel_address, RECORD_TEXT),
	FIELD(snapshot_tunnel, state, RECORD_TEXT),
	FIELD(snapshot_tunnel, error, RECORD_TEXT),
	FIELD(snapshot_tunnel, since, RECORD_REAL),
	FIELD(snapshot_tunnel, is_initiator, RECORD_BOOL),
	FIELD(snapshot_tunnel, bytes_in, RECORD_INT),
	FIELD(snapshot_tunnel, packets_in, RECORD_INT),
	FIELD(snapshot_tunnel, bytes_out, RECORD_INT),
	FIELD(snapshot_tunnel, packets_out, RECORD_INT),
	FIELD(snapshot_tunnel, ike_proposal, RECORD_TEXT),
	FIELD(snapshot_tunnel, esp_proposal, RECORD_TEXT),
	FIELD(snapshot_tunnel, spi_in, RECORD_TEXT),
	FIELD(snapshot_tunnel, spi_out, RECORD_TEXT),
};
static const struct record tunnel_record = RECORD(snapshot_tunnel, tunnel_fields);
static const struct record_field tunnels_fields[] = {
	LIST(snapshot_tunnels, tunnels, tunnel_record),
};
const struct record snapshot_tunnels_record = RECORD(snapshot_tunnels, tunnels_fields);

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

static const struct record_field layer_fields[] = {
	FIELD(snapshot_layer, direction, RECORD_TEXT), FIELD(snapshot_layer, layer, RECORD_TEXT),
	FIELD(snapshot_layer, resource, RECORD_TEXT),  FIELD(snapshot_layer, rule, RECORD_TEXT),
	FIELD(snapshot_layer, priority, RECORD_INT),   FIELD(snapshot_layer, access, RECORD_TEXT),
};
static const struct record layer_record = RECORD(snapshot_layer, layer_fields);
static const struct record_field flow_part_fields[] = {
	FIELD(snapshot_flow_part, time, RECORD_REAL),
	FIELD(snapshot_flow_part, packets_sent, RECORD_INT),
	FIELD(snapshot_flow_part, bytes_sent, RECORD_INT),
	FIELD(snapshot_flow_part, packets_received, RECORD_INT),
	FIELD(snapshot_flow_part, bytes_received, RECORD_INT),
};
static const struct record flow_part_record = RECORD(snapshot_flow_part, flow_part_fields);
static const struct record_field flow_fields[] = {
	FIELD(snapshot_flow, number, RECORD_INT),
	FIELD(snapshot_flow, time, RECORD_REAL),
	FIELD(snapshot_flow, last_at, RECORD_REAL),
	FIELD(snapshot_flow, ended_at, RECORD_REAL),
	FIELD(snapshot_flow, virtual_network, RECORD_TEXT),
	FIELD(snapshot_flow, nic, RECORD_TEXT),
	FIELD(snapshot_flow, vm, RECORD_TEXT),
	FIELD(snapshot_flow, mac, RECORD_TEXT),
	FIELD(snapshot_flow, direction, RECORD_TEXT),
	FIELD(snapshot_flow, access, RECORD_TEXT),
	FIELD(snapshot_flow, protocol, RECORD_TEXT),
	FIELD(snapshot_flow, protocol_number, RECORD_INT),
	FIELD(snapshot_flow, source, RECORD_TEXT),
	FIELD(snapshot_flow, source_port, RECORD_INT),
	FIELD(snapshot_flow, has_any_source_port, RECORD_BOOL),
	FIELD(snapshot_flow, destination, RECORD_TEXT),
	FIELD(snapshot_flow, destination_port, RECORD_INT),
	LIST(snapshot_flow, layers, layer_record),
	FIELD(snapshot_flow, rule, RECORD_TEXT),
	FIELD(snapshot_flow, count, RECORD_INT),
	FIELD(snapshot_flow, packets, RECORD_INT),
	FIELD(snapshot_flow, bytes, RECORD_INT),
	FIELD(snapshot_flow, packets_sent, RECORD_INT),
	FIELD(snapshot_flow, bytes_sent, RECORD_INT),
	FIELD(snapshot_flow, packets_received, RECORD_INT),
	FIELD(snapshot_flow, bytes_received, RECORD_INT),
	LIST(snapshot_flow, continued, flow_part_record),
};
const struct record snapshot_flow_record = RECORD(snapshot_flow, flow_fields);
static const struct record_field flows_fields[] = {
	FIELD(snapshot_flows, error, RECORD_TEXT),         FIELD(snapshot_flows, limit, RECORD_INT),
	FIELD(snapshot_flows, evicted, RECORD_INT),        FIELD(snapshot_flows, lost, RECORD_INT),
	LIST(snapshot_flows, flows, snapshot_flow_record),
};
const struct record snapshot_flows_record = RECORD(snapshot_flows, flows_fields);
