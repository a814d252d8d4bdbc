/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_copy.h"

#include "lab/base/macros.h"
#include "lab/snapshot/snapshot_faults.h"
#include "lab/snapshot/snapshot_path.h"

#include <stdlib.h>
#include <string.h>

/* Where a snapshot has each topic, and what that is. */
static const struct {
	size_t offset;
	const struct record *record;
} topics[] = {
	{ offsetof(struct snapshot, lab), &snapshot_lab_record },
	{ offsetof(struct snapshot, nodes), &snapshot_nodes_record },
	{ offsetof(struct snapshot, vms), &snapshot_vms_record },
	{ offsetof(struct snapshot, routes), &snapshot_routes_record },
	{ offsetof(struct snapshot, why), &snapshot_why_record },
	{ offsetof(struct snapshot, nsg), &snapshot_nsg_record },
	{ offsetof(struct snapshot, verdict), &snapshot_flow_verdict_record },
	{ offsetof(struct snapshot, path), &snapshot_path_record },
	{ offsetof(struct snapshot, flows), &snapshot_flows_record },
	{ offsetof(struct snapshot, tunnels), &snapshot_tunnels_record },
	{ offsetof(struct snapshot, sessions), &snapshot_sessions_record },
	{ offsetof(struct snapshot, traffic), &snapshot_traffic_record },
	{ offsetof(struct snapshot, bgp), &snapshot_bgp_record },
	{ offsetof(struct snapshot, advertised), &snapshot_advertised_record },
	{ offsetof(struct snapshot, probes), &snapshot_probes_record },
	{ offsetof(struct snapshot, events), &snapshot_events_record },
	{ offsetof(struct snapshot, targets), &snapshot_targets_record },
	{ offsetof(struct snapshot, faults), &snapshot_faults_record },
	{ offsetof(struct snapshot, file), &snapshot_file_record },
	{ offsetof(struct snapshot, test), &snapshot_test_record },
	{ offsetof(struct snapshot, history), &snapshot_history_record },
	{ offsetof(struct snapshot, log_sources), &snapshot_log_sources_record },
	{ offsetof(struct snapshot, log), &snapshot_log_record },
};

/* By what crosses the socket: what one side writes is what the other reads. */
static void *copy_topic(const struct record *record, const void *object, struct arena *arena)
{
	void *copy = arena_alloc(arena, record->size);
	json_t *json = record_encode(record, object);
	struct err err = { 0 };

	if (!record_decode(record, json, copy, arena, &err))
		abort();
	json_decref(json);
	return copy;
}

static const char *copy_text(const char *text, struct arena *arena)
{
	return text ? arena_strdup(arena, text) : NULL;
}

struct snapshot snapshot_copy(const struct snapshot *from, struct arena *arena)
{
	struct snapshot to = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		const void *object;

		memcpy(&object, (const char *)from + topics[i].offset, sizeof(object));
		if (object)
			object = copy_topic(topics[i].record, object, arena);
		memcpy((char *)&to + topics[i].offset, &object, sizeof(object));
	}
	if (from->routes && from->routes_changed_at) {
		size_t size = from->routes->routes.count * sizeof(double);
		double *times = arena_alloc(arena, size);

		memcpy(times, from->routes_changed_at, size);
		to.routes_changed_at = times;
	}
	to.nic_refusal = copy_text(from->nic_refusal, arena);
	to.verdict_refusal = copy_text(from->verdict_refusal, arena);
	to.path_refusal = copy_text(from->path_refusal, arena);
	to.test_refusal = copy_text(from->test_refusal, arena);
	return to;
}
