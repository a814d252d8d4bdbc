/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_path.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field decision_fields[] = {
	FIELD(snapshot_decision, node, RECORD_TEXT),  FIELD(snapshot_decision, kind, RECORD_TEXT),
	FIELD(snapshot_decision, words, RECORD_TEXT), FIELD(snapshot_decision, beaten, RECORD_TEXT),
	FIELD(snapshot_decision, place, RECORD_TEXT),
};
static const struct record decision_record = RECORD(snapshot_decision, decision_fields);

static const struct record_field path_fields[] = {
	FIELD(snapshot_path, lab, RECORD_TEXT),         FIELD(snapshot_path, from, RECORD_TEXT),
	FIELD(snapshot_path, to, RECORD_TEXT),          FIELD(snapshot_path, source, RECORD_TEXT),
	FIELD(snapshot_path, destination, RECORD_TEXT), FIELD(snapshot_path, protocol, RECORD_TEXT),
	LIST(snapshot_path, there, decision_record),    LIST(snapshot_path, back, decision_record),
	FIELD(snapshot_path, ways, RECORD_INT),         FIELD(snapshot_path, is_reply, RECORD_BOOL),
	FIELD(snapshot_path, is_by_flow, RECORD_BOOL),  FIELD(snapshot_path, ttl, RECORD_INT),
	FIELD(snapshot_path, rtt_ms, RECORD_REAL),      FIELD(snapshot_path, words, RECORD_TEXT),
};
const struct record snapshot_path_record = RECORD(snapshot_path, path_fields);
