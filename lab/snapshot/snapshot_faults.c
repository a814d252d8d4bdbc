/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_faults.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field lost_fields[] = {
	FIELD(snapshot_lost, from, RECORD_TEXT),     FIELD(snapshot_lost, to, RECORD_TEXT),
	FIELD(snapshot_lost, protocol, RECORD_TEXT), FIELD(snapshot_lost, lost, RECORD_INT),
	FIELD(snapshot_lost, gap_ms, RECORD_REAL),   FIELD(snapshot_lost, rerouted_ms, RECORD_REAL),
};
static const struct record lost_record = RECORD(snapshot_lost, lost_fields);
static const struct record_field stopwatch_fields[] = {
	FIELD(snapshot_stopwatch, of, RECORD_TEXT),
	FIELD(snapshot_stopwatch, time, RECORD_REAL),
	FIELD(snapshot_stopwatch, detected_ms, RECORD_REAL),
	FIELD(snapshot_stopwatch, detected, RECORD_TEXT),
	FIELD(snapshot_stopwatch, withdrawn_ms, RECORD_REAL),
	FIELD(snapshot_stopwatch, withdrawn, RECORD_TEXT),
	FIELD(snapshot_stopwatch, rerouted_ms, RECORD_REAL),
	FIELD(snapshot_stopwatch, lost, RECORD_INT),
	FIELD(snapshot_stopwatch, gap_ms, RECORD_REAL),
	LIST(snapshot_stopwatch, probes, lost_record),
};
static const struct record stopwatch_record = RECORD(snapshot_stopwatch, stopwatch_fields);
static const struct record_field fault_fields[] = {
	FIELD(snapshot_fault, number, RECORD_INT),
	FIELD(snapshot_fault, kind, RECORD_TEXT),
	FIELD(snapshot_fault, target, RECORD_TEXT),
	FIELD(snapshot_fault, is_on, RECORD_BOOL),
	FIELD(snapshot_fault, delay_ms, RECORD_REAL),
	FIELD(snapshot_fault, set_at, RECORD_REAL),
	FIELD(snapshot_fault, cleared_at, RECORD_REAL),
	FIELD(snapshot_fault, ends_at, RECORD_REAL),
	FIELD(snapshot_fault, ended, RECORD_TEXT),
	LIST(snapshot_fault, stopwatches, stopwatch_record),
};
const struct record snapshot_fault_record = RECORD(snapshot_fault, fault_fields);
static const struct record_field faults_fields[] = {
	LIST(snapshot_faults, faults, snapshot_fault_record),
};
const struct record snapshot_faults_record = RECORD(snapshot_faults, faults_fields);

static const struct record_field target_fields[] = {
	FIELD(snapshot_target, name, RECORD_TEXT),
	FIELD(snapshot_target, what, RECORD_TEXT),
	FIELD(snapshot_target, kinds, RECORD_TEXTS),
};
static const struct record target_record = RECORD(snapshot_target, target_fields);
static const struct record_field targets_fields[] = {
	LIST(snapshot_targets, targets, target_record),
};
const struct record snapshot_targets_record = RECORD(snapshot_targets, targets_fields);
