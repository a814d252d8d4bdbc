/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_capture.h"

#include "lab/snapshot/record_tables.h"

static const struct record_field place_fields[] = {
	FIELD(snapshot_place, name, RECORD_TEXT),
	FIELD(snapshot_place, ns, RECORD_TEXT),
	FIELD(snapshot_place, ifindex, RECORD_INT),
	FIELD(snapshot_place, description, RECORD_TEXT),
	FIELD(snapshot_place, comment, RECORD_TEXT),
	FIELD(snapshot_place, filter, RECORD_TEXT),
};
static const struct record place_record = RECORD(snapshot_place, place_fields);

static const struct record_field capture_fields[] = {
	FIELD(snapshot_capture, lab, RECORD_TEXT),
	FIELD(snapshot_capture, flow, RECORD_TEXT),
	LIST(snapshot_capture, places, place_record),
	FIELD(snapshot_capture, words, RECORD_TEXT),
};
const struct record snapshot_capture_record = RECORD(snapshot_capture, capture_fields);
