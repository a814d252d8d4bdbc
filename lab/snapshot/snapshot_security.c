/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topics about what filters, as tables. */
#include "lab/snapshot/snapshot_security.h"
#include "lab/snapshot/record_tables.h"

static const struct record_field rule_fields[] = {
	FIELD(snapshot_rule, name, RECORD_TEXT),
	FIELD(snapshot_rule, kind, RECORD_TEXT),
	FIELD(snapshot_rule, direction, RECORD_TEXT),
	FIELD(snapshot_rule, access, RECORD_TEXT),
	FIELD(snapshot_rule, protocol, RECORD_TEXT),
	FIELD(snapshot_rule, priority, RECORD_INT),
	FIELD(snapshot_rule, source, RECORD_TEXTS),
	FIELD(snapshot_rule, destination, RECORD_TEXTS),
	FIELD(snapshot_rule, source_ports, RECORD_TEXTS),
	FIELD(snapshot_rule, destination_ports, RECORD_TEXTS),
	FIELD(snapshot_rule, place, RECORD_TEXT),
};
static const struct record rule_record = RECORD(snapshot_rule, rule_fields);

static const struct record_field filter_fields[] = {
	FIELD(snapshot_filter, layer, RECORD_TEXT),
	FIELD(snapshot_filter, resource, RECORD_TEXT),
	FIELD(snapshot_filter, applied_to, RECORD_TEXT),
	LIST(snapshot_filter, rules, rule_record),
};
static const struct record filter_record = RECORD(snapshot_filter, filter_fields);

static const struct record_field expansion_fields[] = {
	FIELD(snapshot_expansion, name, RECORD_TEXT),
	FIELD(snapshot_expansion, kind, RECORD_TEXT),
	FIELD(snapshot_expansion, prefixes, RECORD_TEXTS),
};
static const struct record expansion_record = RECORD(snapshot_expansion, expansion_fields);

static const struct record_field nsg_fields[] = {
	FIELD(snapshot_nsg, lab, RECORD_TEXT),
	FIELD(snapshot_nsg, nic, RECORD_TEXT),
	FIELD(snapshot_nsg, vm, RECORD_TEXT),
	FIELD(snapshot_nsg, subnet, RECORD_TEXT),
	FIELD(snapshot_nsg, addresses, RECORD_TEXTS),
	LIST(snapshot_nsg, filters, filter_record),
	LIST(snapshot_nsg, expansions, expansion_record),
};
const struct record snapshot_nsg_record = RECORD(snapshot_nsg, nsg_fields);

static const struct record_field look_fields[] = {
	FIELD(snapshot_look, name, RECORD_TEXT),
	FIELD(snapshot_look, kind, RECORD_TEXT),
	FIELD(snapshot_look, access, RECORD_TEXT),
	FIELD(snapshot_look, priority, RECORD_INT),
	FIELD(snapshot_look, protocol, RECORD_BOOL),
	FIELD(snapshot_look, source, RECORD_BOOL),
	FIELD(snapshot_look, source_port, RECORD_BOOL),
	FIELD(snapshot_look, destination, RECORD_BOOL),
	FIELD(snapshot_look, destination_port, RECORD_BOOL),
};
static const struct record look_record = RECORD(snapshot_look, look_fields);

static const struct record_field layer_fields[] = {
	FIELD(snapshot_verdict_layer, layer, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, resource, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, applied_to, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, rule, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, kind, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, access, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, priority, RECORD_INT),
	FIELD(snapshot_verdict_layer, words, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, expanded_from, RECORD_TEXT),
	FIELD(snapshot_verdict_layer, expansions, RECORD_TEXTS),
	FIELD(snapshot_verdict_layer, place, RECORD_TEXT),
	LIST(snapshot_verdict_layer, looks, look_record),
};
static const struct record layer_record = RECORD(snapshot_verdict_layer, layer_fields);

static const struct record_field flow_verdict_fields[] = {
	FIELD(snapshot_flow_verdict, lab, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, nic, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, vm, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, direction, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, protocol, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, source, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, destination, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, source_port, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, destination_port, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, access, RECORD_TEXT),
	FIELD(snapshot_flow_verdict, rule, RECORD_TEXT),
	LIST(snapshot_flow_verdict, layers, layer_record),
	FIELD(snapshot_flow_verdict, notes, RECORD_TEXTS),
};
const struct record snapshot_flow_verdict_record =
	RECORD(snapshot_flow_verdict, flow_verdict_fields);
