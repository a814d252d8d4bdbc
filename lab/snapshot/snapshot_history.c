/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_history.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field command_fields[] = {
	FIELD(snapshot_command, number, RECORD_INT),
	FIELD(snapshot_command, time, RECORD_REAL),
	FIELD(snapshot_command, by, RECORD_TEXT),
	FIELD(snapshot_command, command, RECORD_TEXT),
	FIELD(snapshot_command, state, RECORD_TEXT),
	FIELD(snapshot_command, error, RECORD_TEXT),
	FIELD(snapshot_command, took_ms, RECORD_REAL),
	FIELD(snapshot_command, az, RECORD_TEXTS),
	FIELD(snapshot_command, machine, RECORD_TEXTS),
	FIELD(snapshot_command, step_count, RECORD_INT),
	FIELD(snapshot_command, steps_left, RECORD_INT),
};
const struct record snapshot_command_record = RECORD(snapshot_command, command_fields);
static const struct record_field history_fields[] = {
	LIST(snapshot_history, commands, snapshot_command_record),
};
const struct record snapshot_history_record = RECORD(snapshot_history, history_fields);
