/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_traffic.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field carried_fields[] = {
	FIELD(snapshot_carried, node, RECORD_TEXT),
	FIELD(snapshot_carried, interface, RECORD_TEXT),
	FIELD(snapshot_carried, bytes_in, RECORD_INT),
	FIELD(snapshot_carried, packets_in, RECORD_INT),
	FIELD(snapshot_carried, bytes_out, RECORD_INT),
	FIELD(snapshot_carried, packets_out, RECORD_INT),
};
static const struct record carried_record = RECORD(snapshot_carried, carried_fields);
static const struct record_field traffic_fields[] = {
	FIELD(snapshot_traffic, is_whole, RECORD_BOOL),
	LIST(snapshot_traffic, interfaces, carried_record),
};
const struct record snapshot_traffic_record = RECORD(snapshot_traffic, traffic_fields);
