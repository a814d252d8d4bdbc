/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs of daemons: kept as they come, told to those who look. */
#include "lab/snapshot/changes.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void add(struct super *s, const char *name, const char *line)
{
	logs_add(s->logs, name, line, super_unix_time());
	publisher_touch(s->publisher, CAUSE_LOG);
}

/* The daemon that is a node's only one has its name. */
void super_on_line(void *arg, const struct bgp_speaker *speaker, const char *program,
		   const char *line)
{
	char name[160];

	if (speaker->daemon == ROUTING_BIRD)
		(void)snprintf(name, sizeof(name), "%s", speaker->node->name);
	else
		(void)snprintf(name, sizeof(name), "%s@%s", program, speaker->node->name);
	add(arg, name, line);
}

void super_on_tunnel_line(void *arg, const char *name, const char *line)
{
	add(arg, name, line);
}

json_t *super_topic_logs(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_log_sources out = { 0 };
	const struct daemon *daemon;

	(void)name;
	(void)err;
	for (daemon = daemons_first(s->daemons); daemon; daemon = daemon->next)
		if (!daemon->is_unwanted)
			*ARENA_PUSH(arena, out.sources.items, out.sources.count) =
				(struct snapshot_log_source){ .name = daemon->name,
							      .node = daemon->node,
							      .program = daemon->program,
							      .state = daemon->state,
							      .pid = daemon->pid };
	return record_encode(&snapshot_log_sources_record, &out);
}

/* By its own name, or by that of its machine. */
static const struct daemon *find_daemon(const struct super *s, const char *name)
{
	const struct daemon *daemon = daemons_find(s->daemons, name);

	return daemon ? daemon : daemons_find_worst(s->daemons, name);
}

json_t *super_topic_log(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct daemon *daemon = find_daemon(s, name);
	struct snapshot_log out = { 0 };

	if (!daemon) {
		err_set(err, -ENOENT, "nothing writes a log as '%.60s': 'hublab logs' lists them",
			name);
		return NULL;
	}
	logs_fill(s->logs, daemon->name, 0, &out, arena);
	return record_encode(&snapshot_log_record, &out);
}

uint64_t super_logs_version(const struct super *s)
{
	return logs_version(s->logs);
}

void super_update_log(struct super *s, struct topic_state *state, struct arena *arena,
		      json_t **changes)
{
	json_t *lines = json_object_get(state->json, "lines"), *items = json_array();
	size_t had = json_array_size(lines), gone = 0;
	const char *name = json_string_value(json_object_get(state->json, "name"));
	const json_t *last = had ? json_array_get(lines, had - 1) : NULL;
	struct snapshot_log out = { 0 };

	logs_fill(s->logs, name, json_integer_value(json_object_get(last, "number")), &out, arena);
	for (size_t i = 0; i < out.lines.count; i++)
		(void)json_array_append_new(
			items, record_encode(&snapshot_log_line_record, &out.lines.items[i]));
	if (had + out.lines.count > LOG_LINES)
		gone = had + out.lines.count - LOG_LINES;
	gone = gone < had ? gone : had;
	if (gone)
		changes_splice(changes, "lines", 0, gone, json_array());
	if (out.lines.count)
		changes_splice(changes, "lines", had - gone, 0, items);
	else
		json_decref(items);
}
