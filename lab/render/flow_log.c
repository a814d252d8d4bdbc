/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/flow_log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define MINUTE_S     60
#define SUBSCRIPTION "00000000-0000-0000-0000-000000000000"
#define TEXT_SIZE    400
#define NAME_LENGTH  64 /* of those in lab files (is_object_name) */

/* One tuple to be written: a flow begins, goes on, ends, or is denied. */
struct entry {
	double time;
	char state; /* B, C, E or D */
	const struct snapshot_flow *flow;
	const struct snapshot_layer *layer; /* who logs it */
	struct snapshot_flow_part part;     /* counts since the entry before; not of B and D */
};

struct entries {
	struct entry *items;
	size_t count;
};

struct log {
	enum flow_log_format format;
	const char *lab;
	json_t *records;
	json_t *index; /* what was made, by names: borrowed */
};

/* ---- what is logged ---- */

static bool is_of_nsg(const struct snapshot_layer *layer)
{
	return !strcmp(layer->layer, "subnet") || !strcmp(layer->layer, "nic");
}

/*
 * The one who denied, or the last who allowed (NW-20). Admin rules are in the logs of virtual
 * networks only, as is what they always allow; NULL when nobody logs it.
 */
static const struct snapshot_layer *logger_of(const struct snapshot_flow *flow,
					      enum flow_log_format format)
{
	const struct snapshot_layer *last;

	if (!flow->layers.count)
		return NULL;
	last = &flow->layers.items[flow->layers.count - 1];
	if (is_of_nsg(last))
		return last;
	return format == FLOW_LOG_VNET && strcmp(last->layer, "platform") != 0 ? last : NULL;
}

static void add_entry(struct entries *entries, struct arena *arena, const struct entry *entry)
{
	*ARENA_PUSH(arena, entries->items, entries->count) = *entry;
}

static void subtract(struct snapshot_flow_part *from, const struct snapshot_flow_part *part)
{
	from->packets_sent -= part->packets_sent;
	from->bytes_sent -= part->bytes_sent;
	from->packets_received -= part->packets_received;
	from->bytes_received -= part->bytes_received;
}

/* NW-19: each counts what passed since the one before. */
static void add_flow(struct entries *entries, struct arena *arena, const struct snapshot_flow *flow,
		     const struct snapshot_layer *layer)
{
	struct snapshot_flow_part rest = { 0, flow->packets_sent, flow->bytes_sent,
					   flow->packets_received, flow->bytes_received };
	struct entry entry = { .time = flow->time, .state = 'B', .flow = flow, .layer = layer };

	if (!strcmp(flow->access, "Deny")) {
		entry.state = 'D';
		add_entry(entries, arena, &entry);
		return;
	}
	add_entry(entries, arena, &entry);
	entry.state = 'C';
	for (size_t i = 0; i < flow->continued.count; i++) {
		entry.part = flow->continued.items[i];
		entry.time = entry.part.time;
		subtract(&rest, &entry.part);
		add_entry(entries, arena, &entry);
	}
	if (flow->ended_at <= 0)
		return;
	entry.state = 'E';
	entry.time = flow->ended_at;
	entry.part = rest;
	add_entry(entries, arena, &entry);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->flow->number > y->flow->number) - (x->flow->number < y->flow->number);
}

static struct entries find_entries(const struct snapshot_flows *flows, enum flow_log_format format,
				   struct arena *arena)
{
	struct entries entries = { 0 };

	for (size_t i = 0; i < flows->flows.count; i++) {
		const struct snapshot_flow *flow = &flows->flows.items[i];
		const struct snapshot_layer *layer = logger_of(flow, format);
		bool has_ports = flow->protocol_number == PROTOCOL_TCP ||
				 flow->protocol_number == PROTOCOL_UDP;

		if (layer && (format == FLOW_LOG_VNET || has_ports))
			add_flow(&entries, arena, flow, layer);
	}
	if (entries.count)
		qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
	return entries;
}

/* ---- words ---- */

/* The date of a day since 1970, by the calendar's eras of 400 years. */
static void print_time(int64_t seconds, char text[40])
{
	int64_t days = seconds / 86400 + 719468, era = days / 146097, day = days % 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153, second = seconds % 86400;

	year += era * 400 + (month >= 10);
	(void)snprintf(text, 40, "%04d-%02d-%02dT%02d:%02d:%02d.0000000Z", (int)year,
		       (int)(month < 10 ? month + 3 : month - 9),
		       (int)(of_year - (153 * month + 2) / 5 + 1), (int)(second / 3600),
		       (int)(second / 60 % 60), (int)(second % 60));
}

static void print_id(const struct log *log, const char *kind, const char *name,
		     char text[TEXT_SIZE])
{
	(void)snprintf(text, TEXT_SIZE,
		       "/subscriptions/" SUBSCRIPTION
		       "/resourceGroups/%.*s/providers/Microsoft.Network/%s/%.*s",
		       NAME_LENGTH, log->lab, kind, NAME_LENGTH, name);
}

static void upper(char *text)
{
	for (; *text; text++)
		*text = (char)toupper((unsigned char)*text);
}

/* The same of the same id, and hardly of two: what Azure gives by chance. */
static void print_guid(const char *id, char text[40])
{
	uint64_t halves[2] = { 0xcbf29ce484222325, 0x84222325cbf29ce4 }; /* FNV-1a */

	for (unsigned i = 0; i < 2; i++)
		for (const char *c = id; *c; c++)
			halves[i] = (halves[i] ^ (unsigned char)tolower((unsigned char)*c)) *
				    0x100000001b3;
	(void)snprintf(text, 40, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(halves[0] >> 32),
		       (unsigned)(halves[0] >> 16 & 0xffff), (unsigned)(halves[0] & 0xfff),
		       (unsigned)(halves[1] >> 48 & 0x3fff) | 0x8000,
		       (unsigned long long)(halves[1] & 0xffffffffffff));
}

static char protocol_letter(const struct snapshot_flow *flow)
{
	return flow->protocol_number == PROTOCOL_TCP ? 'T' : 'U';
}

static char direction_letter(const struct snapshot_flow *flow)
{
	return *flow->direction; /* I or O */
}

/* NW-18 */
static void print_nsg_tuple(const struct entry *e, char text[TEXT_SIZE])
{
	const struct snapshot_flow *flow = e->flow;
	bool is_denied = e->state == 'D';
	int len =
		snprintf(text, TEXT_SIZE, "%lld,%s,%s,%lld,%lld,%c,%c,%c,%c,", (long long)e->time,
			 flow->source, flow->destination, (long long)flow->source_port,
			 (long long)flow->destination_port, protocol_letter(flow),
			 direction_letter(flow), is_denied ? 'D' : 'A', is_denied ? 'B' : e->state);

	if (e->state == 'B' || is_denied)
		(void)snprintf(text + len, TEXT_SIZE - (size_t)len, ",,,");
	else
		(void)snprintf(text + len, TEXT_SIZE - (size_t)len, "%lld,%lld,%lld,%lld",
			       (long long)e->part.packets_sent, (long long)e->part.bytes_sent,
			       (long long)e->part.packets_received,
			       (long long)e->part.bytes_received);
}

/* NW-23: nothing is encrypted here. */
static void print_vnet_tuple(const struct entry *e, char text[TEXT_SIZE])
{
	const struct snapshot_flow *flow = e->flow;

	(void)snprintf(text, TEXT_SIZE, "%lld,%s,%s,%lld,%lld,%lld,%c,%c,NX,%lld,%lld,%lld,%lld",
		       (long long)(e->time * 1000), flow->source, flow->destination,
		       (long long)flow->source_port, (long long)flow->destination_port,
		       (long long)flow->protocol_number, direction_letter(flow), e->state,
		       (long long)e->part.packets_sent, (long long)e->part.bytes_sent,
		       (long long)e->part.packets_received, (long long)e->part.bytes_received);
}

/* ---- records ---- */

static int64_t minute_end(const struct entry *e)
{
	return ((int64_t)e->time / MINUTE_S + 1) * MINUTE_S;
}

/* What was made for these names before; NULL when there is nothing yet. */
static json_t *find(const struct log *log, const char *key)
{
	return json_object_get(log->index, key);
}

/* Appended to a list, whose reference it is; borrowed. */
static json_t *put(struct log *log, const char *key, json_t *list, json_t *item, json_t *in_item)
{
	(void)json_array_append_new(list, item);
	(void)json_object_set(log->index, key, in_item);
	return in_item;
}

static json_t *nsg_record(const struct log *log, const struct entry *e, json_t *flows)
{
	char time[40], id[TEXT_SIZE], guid[40];

	print_time(minute_end(e), time);
	print_guid(log->lab, guid);
	print_id(log, "networkSecurityGroups", e->layer->resource, id);
	upper(id);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:i, s:o}}", "time", time, "systemId", guid,
			 "category", "NetworkSecurityGroupFlowEvent", "resourceId", id,
			 "operationName", "NetworkSecurityGroupFlowEvents", "properties", "Version",
			 2, "flows", flows);
}

static json_t *vnet_record(const struct log *log, const struct entry *e, json_t *flows)
{
	char time[40], name[TEXT_SIZE], id[TEXT_SIZE], target[TEXT_SIZE], guid[40];

	print_time(minute_end(e), time);
	(void)snprintf(name, sizeof(name), "NetworkWatcher_%.80s/FlowLogs/%.80s", log->lab,
		       e->flow->virtual_network);
	print_id(log, "networkWatchers", name, id);
	upper(id);
	print_guid(id, guid);
	print_id(log, "virtualNetworks", e->flow->virtual_network, target);
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:o}}", "time", time,
			 "flowLogVersion", 4, "flowLogGUID", guid, "macAddress", e->flow->mac,
			 "category", "FlowLogFlowEvent", "flowLogResourceID", id,
			 "targetResourceID", target, "operationName", "FlowLogFlowEvent",
			 "flowRecords", "flows", flows);
}

static void add_nsg_entry(struct log *log, const struct entry *e)
{
	char key[TEXT_SIZE], tuple[TEXT_SIZE];
	json_t *flows, *tuples;

	(void)snprintf(key, sizeof(key), "%lld %s %s", (long long)minute_end(e), e->flow->mac,
		       e->layer->resource);
	flows = find(log, key);
	if (!flows) {
		flows = json_array();
		flows = put(log, key, log->records, nsg_record(log, e, flows), flows);
	}
	(void)snprintf(key, sizeof(key), "%lld %s %s %s", (long long)minute_end(e), e->flow->mac,
		       e->layer->resource, e->flow->rule);
	tuples = find(log, key);
	if (!tuples) {
		tuples = json_array();
		tuples = put(log, key, flows,
			     json_pack("{s:s, s:[{s:s, s:o}]}", "rule", e->flow->rule, "flows",
				       "mac", e->flow->mac, "flowTuples", tuples),
			     tuples);
	}
	print_nsg_tuple(e, tuple);
	(void)json_array_append_new(tuples, json_string(tuple));
}

/* Of admin rules, that of the one network manager that a lab has. */
static void print_acl(const struct log *log, const struct entry *e, char guid[40])
{
	char id[TEXT_SIZE];

	if (is_of_nsg(e->layer))
		print_id(log, "networkSecurityGroups", e->layer->resource, id);
	else
		print_id(log, "networkManagers", log->lab, id);
	print_guid(id, guid);
}

static void add_vnet_entry(struct log *log, const struct entry *e)
{
	json_t *acls, *groups, *tuples;
	char guid[40], key[TEXT_SIZE], tuple[TEXT_SIZE];

	(void)snprintf(key, sizeof(key), "%lld %s", (long long)minute_end(e), e->flow->mac);
	acls = find(log, key);
	if (!acls) {
		acls = json_array();
		acls = put(log, key, log->records, vnet_record(log, e, acls), acls);
	}
	print_acl(log, e, guid);
	(void)snprintf(key, sizeof(key), "%lld %s %s", (long long)minute_end(e), e->flow->mac,
		       guid);
	groups = find(log, key);
	if (!groups) {
		groups = json_array();
		groups = put(log, key, acls,
			     json_pack("{s:s, s:o}", "aclID", guid, "flowGroups", groups), groups);
	}
	(void)snprintf(key, sizeof(key), "%lld %s %s %s", (long long)minute_end(e), e->flow->mac,
		       guid, e->flow->rule);
	tuples = find(log, key);
	if (!tuples) {
		tuples = json_array();
		tuples = put(log, key, groups,
			     json_pack("{s:s, s:o}", "rule", e->flow->rule, "flowTuples", tuples),
			     tuples);
	}
	print_vnet_tuple(e, tuple);
	(void)json_array_append_new(tuples, json_string(tuple));
}

json_t *flow_log_json(const struct snapshot_flows *flows, enum flow_log_format format,
		      const char *lab)
{
	struct arena *arena = arena_new();
	struct entries entries = find_entries(flows, format, arena);
	struct log log = {
		.format = format, .lab = lab, .records = json_array(), .index = json_object()
	};

	for (size_t i = 0; i < entries.count; i++) {
		if (format == FLOW_LOG_NSG)
			add_nsg_entry(&log, &entries.items[i]);
		else
			add_vnet_entry(&log, &entries.items[i]);
	}
	json_decref(log.index);
	arena_free(arena);
	return json_pack("{s:o}", "records", log.records);
}
