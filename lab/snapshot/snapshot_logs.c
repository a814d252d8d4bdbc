/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_logs.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field source_fields[] = {
	FIELD(snapshot_log_source, name, RECORD_TEXT),
	FIELD(snapshot_log_source, node, RECORD_TEXT),
	FIELD(snapshot_log_source, program, RECORD_TEXT),
	FIELD(snapshot_log_source, state, RECORD_TEXT),
	FIELD(snapshot_log_source, pid, RECORD_INT),
};
static const struct record source_record = RECORD(snapshot_log_source, source_fields);
static const struct record_field sources_fields[] = {
	LIST(snapshot_log_sources, sources, source_record),
};
const struct record snapshot_log_sources_record = RECORD(snapshot_log_sources, sources_fields);

static const struct record_field line_fields[] = {
	FIELD(snapshot_log_line, number, RECORD_INT),
	FIELD(snapshot_log_line, time, RECORD_REAL),
	FIELD(snapshot_log_line, text, RECORD_TEXT),
};
const struct record snapshot_log_line_record = RECORD(snapshot_log_line, line_fields);
static const struct record_field log_fields[] = {
	FIELD(snapshot_log, name, RECORD_TEXT),
	LIST(snapshot_log, lines, snapshot_log_line_record),
};
const struct record snapshot_log_record = RECORD(snapshot_log, log_fields);
