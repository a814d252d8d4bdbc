/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_path.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field decision_fields[] = {
	FIELD(snapshot_decision, node, RECORD_TEXT),
	FIELD(snapshot_decision, kind, RECORD_TEXT),
	FIELD(snapshot_decision, words, RECORD_TEXT),
	FIELD(snapshot_decision, beaten, RECORD_TEXT),
	FIELD(snapshot_decision, place, RECORD_TEXT),
	FIELD(snapshot_decision, ns, RECORD_TEXT),
	FIELD(snapshot_decision, ifindex, RECORD_INT),
	FIELD(snapshot_decision, mark, RECORD_INT),
	FIELD(snapshot_decision, source, RECORD_TEXT),
	FIELD(snapshot_decision, to, RECORD_TEXT),
	FIELD(snapshot_decision, device, RECORD_TEXT),
	FIELD(snapshot_decision, via, RECORD_TEXT),
	FIELD(snapshot_decision, is_dropped, RECORD_BOOL),
	FIELD(snapshot_decision, direction, RECORD_TEXT),
	FIELD(snapshot_decision, rules, RECORD_TEXTS),
};
static const struct record decision_record = RECORD(snapshot_decision, decision_fields);

static const struct record_field path_fields[] = {
	FIELD(snapshot_path, lab, RECORD_TEXT),
	FIELD(snapshot_path, from, RECORD_TEXT),
	FIELD(snapshot_path, to, RECORD_TEXT),
	FIELD(snapshot_path, source, RECORD_TEXT),
	FIELD(snapshot_path, destination, RECORD_TEXT),
	FIELD(snapshot_path, protocol, RECORD_TEXT),
	LIST(snapshot_path, there, decision_record),
	LIST(snapshot_path, back, decision_record),
	FIELD(snapshot_path, ways, RECORD_INT),
	FIELD(snapshot_path, ways_back, RECORD_INT),
	FIELD(snapshot_path, is_reply, RECORD_BOOL),
	FIELD(snapshot_path, is_answered, RECORD_BOOL),
	FIELD(snapshot_path, is_by_flow, RECORD_BOOL),
	FIELD(snapshot_path, ttl, RECORD_INT),
	FIELD(snapshot_path, rtt_ms, RECORD_REAL),
	FIELD(snapshot_path, words, RECORD_TEXT),
};
const struct record snapshot_path_record = RECORD(snapshot_path, path_fields);

static const struct record_field answer_fields[] = {
	FIELD(snapshot_kernel_answer, way, RECORD_TEXT),
	FIELD(snapshot_kernel_answer, at, RECORD_INT),
	FIELD(snapshot_kernel_answer, words, RECORD_TEXT),
	FIELD(snapshot_kernel_answer, agrees, RECORD_BOOL),
};
static const struct record answer_record = RECORD(snapshot_kernel_answer, answer_fields);

static const struct record_field filter_fields[] = {
	FIELD(snapshot_filter_answer, way, RECORD_TEXT),
	FIELD(snapshot_filter_answer, at, RECORD_INT),
	FIELD(snapshot_filter_answer, rules, RECORD_TEXTS),
	FIELD(snapshot_filter_answer, is_seen, RECORD_BOOL),
	FIELD(snapshot_filter_answer, is_dropped, RECORD_BOOL),
	FIELD(snapshot_filter_answer, words, RECORD_TEXT),
	FIELD(snapshot_filter_answer, agrees, RECORD_BOOL),
};
static const struct record filter_record = RECORD(snapshot_filter_answer, filter_fields);

static const struct record_field rule_name_fields[] = {
	FIELD(snapshot_rule_name, words, RECORD_TEXT),
	FIELD(snapshot_rule_name, place, RECORD_TEXT),
};
const struct record snapshot_rule_name_record = RECORD(snapshot_rule_name, rule_name_fields);

static const struct record_field evidence_fields[] = {
	LIST(snapshot_evidence, answers, answer_record),
	LIST(snapshot_evidence, filters, filter_record),
	FIELD(snapshot_evidence, untraced, RECORD_TEXT),
	FIELD(snapshot_evidence, is_sent, RECORD_BOOL),
	FIELD(snapshot_evidence, is_reply, RECORD_BOOL),
	FIELD(snapshot_evidence, ttl, RECORD_INT),
	FIELD(snapshot_evidence, rtt_ms, RECORD_REAL),
	FIELD(snapshot_evidence, why, RECORD_TEXT),
};
const struct record snapshot_evidence_record = RECORD(snapshot_evidence, evidence_fields);
