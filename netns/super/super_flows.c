/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The topics of the flow log. They are sent in parts, and a watcher has the same list as the table:
 * oldest first, what went at its head, what is new at its end.
 */
#include "lab/snapshot/changes.h"
#include "netns/super/super.h"

#include <stdlib.h>
#include <string.h>

#define NEW_AT_ONCE     64 /* new to a watcher; more would keep the loop for too long */
#define CHANGED_AT_ONCE 64

/* Whose flows are told: of all, of one machine, or of one NIC of it. */
struct whose {
	const char *vm, *nic;
};

static bool find_whose(const struct super *s, const char *of, struct whose *whose, struct err *err)
{
	const struct vm *vm = *of ? lab_find_vm(s->wanted->lab, of) : NULL;
	const struct node *node = *of ? topology_find_node(s->wanted->topology, of) : NULL;
	const struct nic *nic = NULL;

	*whose = (struct whose){ 0 };
	if (!*of)
		return true;
	if (vm || node) {
		whose->vm = vm ? vm->object.name : node->name;
		return true;
	}
	nic = lab_find_nic(s->wanted->lab, of, err);
	if (!nic)
		return false;
	whose->vm = nic->vm->object.name;
	whose->nic = nic->object.name;
	return true;
}

static json_t *encode(const struct logged_flow *flow, struct arena *arena)
{
	struct snapshot_flow out = { 0 };

	flow_fill(flow, &out, arena);
	return record_encode(&snapshot_flow_record, &out);
}

static bool is_of(const struct logged_flow *flow, const struct whose *whose)
{
	return flow_is_of(flow, whose->vm, whose->nic);
}

static struct snapshot_flows head_of(const struct super *s)
{
	const struct flow_table *table = flows_table(s->flows);

	return (struct snapshot_flows){ .error = flows_error(s->flows),
					.limit = (int64_t)flow_table_capacity(table),
					.evicted = (int64_t)flow_table_evicted(table),
					.lost = (int64_t)flows_lost(s->flows) };
}

json_t *super_flows_fill(struct super *s, const char *of, struct arena *arena, struct err *err)
{
	const struct flow_table *table = flows_table(s->flows);
	struct snapshot_flows out = head_of(s);
	struct whose whose;

	if (!find_whose(s, of, &whose, err))
		return NULL;
	for (uint64_t n = flow_table_first(table); n <= flow_table_last(table); n++)
		if (is_of(flow_table_get(table, n), &whose))
			flow_fill(flow_table_get(table, n),
				  ARENA_PUSH(arena, out.flows.items, out.flows.count), arena);
	return record_encode(&snapshot_flows_record, &out);
}

json_t *super_flows_begin(struct super *s, const char *of, struct err *err)
{
	struct snapshot_flows out = head_of(s);
	struct whose whose;

	if (!find_whose(s, of, &whose, err))
		return NULL;
	flows_recount(s->flows);
	return record_encode(&snapshot_flows_record, &out);
}

uint64_t super_flows_version(const struct super *s)
{
	return flow_table_version(flows_table(s->flows));
}

/* Rows of what a watcher has, by number: those of other machines have none. */
struct rows {
	uint64_t first;
	uint32_t *of;
	size_t count; /* of rows */
};

static struct rows find_rows(const struct flow_table *table, const struct whose *whose,
			     uint64_t next)
{
	struct rows rows = { .first = flow_table_first(table) };
	size_t count = next > rows.first ? (size_t)(next - rows.first) : 0;

	rows.of = calloc(count + 1, sizeof(*rows.of));
	if (!rows.of)
		abort();
	for (size_t i = 0; i < count; i++)
		rows.of[i] = is_of(flow_table_get(table, rows.first + i), whose)
				     ? (uint32_t)rows.count++
				     : UINT32_MAX;
	return rows;
}

/* What became of those that the watcher has, some at a time. True when these were not all. */
static bool tell_changed(const struct flow_table *table, struct topic_state *state,
			 const struct rows *rows, struct arena *arena, json_t **changes)
{
	const struct logged_flow *flow = flow_table_changed(table, state->seen);
	unsigned told = 0;

	for (; flow; flow = flow->next) {
		uint32_t row;

		state->seen = flow->version;
		if (flow->number >= state->next)
			continue;
		row = rows->of[flow->number - rows->first];
		if (row == UINT32_MAX)
			continue;
		changes_splice(changes, "flows", row, 1, json_pack("[o]", encode(flow, arena)));
		if (++told == CHANGED_AT_ONCE)
			return true;
	}
	return false;
}

/* Flows that are new to the watcher. True when these were not all. */
static bool tell_new(const struct flow_table *table, struct topic_state *state,
		     const struct whose *whose, struct arena *arena, json_t **changes)
{
	json_t *items = json_array();

	if (state->next < flow_table_first(table))
		state->next = flow_table_first(table);
	for (; state->next <= flow_table_last(table) && json_array_size(items) < NEW_AT_ONCE;
	     state->next++) {
		const struct logged_flow *flow = flow_table_get(table, state->next);

		if (is_of(flow, whose))
			(void)json_array_append_new(items, encode(flow, arena));
	}
	if (json_array_size(items))
		changes_splice(changes, "flows", state->count, 0, json_incref(items));
	state->count += json_array_size(items);
	json_decref(items);
	return state->next <= flow_table_last(table);
}

/* Of the members beside the flows, those that are others. */
static void tell_head(const struct super *s, struct topic_state *state, json_t **changes)
{
	struct snapshot_flows now = head_of(s);
	json_t *head = record_encode(&snapshot_flows_record, &now), *set, *value;
	const char *key;

	json_object_foreach(head, key, value) {
		if (json_is_array(value) || json_equal(value, json_object_get(state->json, key)))
			continue;
		if (!*changes)
			*changes = json_object();
		set = json_object_get(*changes, "set");
		if (!set) {
			set = json_object();
			(void)json_object_set_new(*changes, "set", set);
		}
		(void)json_object_set(set, key, value);
		(void)json_object_set(state->json, key, value);
	}
	json_decref(head);
}

/* First what the watcher has, then what is new: of both some at a time. */
void super_flows_update(struct super *s, struct topic_state *state, struct arena *arena,
			json_t **changes)
{
	const struct flow_table *table = flows_table(s->flows);
	struct whose whose;
	struct rows rows;

	if (!find_whose(s, super_topic_argument(state->name), &whose, NULL))
		return; /* the lab is another one by now: whoever watches is told */
	tell_head(s, state, changes);
	rows = find_rows(table, &whose, state->next);
	if (state->count > rows.count)
		changes_splice(changes, "flows", 0, state->count - rows.count, json_array());
	state->count = rows.count;
	state->is_partial = tell_changed(table, state, &rows, arena, changes);
	free(rows.of);
	state->is_partial |= tell_new(table, state, &whose, arena, changes);
	state->is_counted |= !flows_is_counting(s->flows);
	state->is_partial |= !state->is_counted;
}
