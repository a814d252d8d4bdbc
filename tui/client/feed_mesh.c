/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/feed_mesh.h"

#include <stdio.h>
#include <string.h>

static const char own_id[] = "mesh of the screen";

json_t *mesh_asking_begin(struct mesh_asking *asking, const char *protocol)
{
	if (asking->told.is_running)
		return NULL;
	asking->told.is_running = true;
	asking->told.decided = asking->told.pairs = 0;
	asking->told.error[0] = '\0';
	asking->next = arena_new();
	asking->coming = arena_alloc(asking->next, sizeof(*asking->coming));
	return json_pack("{s:s, s:s, s:s}", "request", "mesh", "protocol", protocol, "id", own_id);
}

static void end(struct mesh_asking *asking)
{
	asking->told.is_running = false;
	arena_free(asking->next);
	asking->next = NULL;
	asking->coming = NULL;
}

static void fail(struct mesh_asking *asking, const char *why)
{
	(void)snprintf(asking->told.error, sizeof(asking->told.error), "%s", why);
	end(asking);
}

/* Rows come one by one, and are read as they come: no callback takes long. */
static void hear_progress(struct mesh_asking *asking, const json_t *progress)
{
	const json_t *row = json_object_get(progress, "row");
	struct snapshot_mesh *mesh = asking->coming;
	struct err err = { 0 };

	if (!row) {
		asking->told.decided = json_integer_value(json_object_get(progress, "decided"));
		asking->told.pairs = json_integer_value(json_object_get(progress, "pairs"));
	} else if (!record_decode(&snapshot_mesh_row_record, row,
				  ARENA_PUSH(asking->next, mesh->rows.items, mesh->rows.count),
				  asking->next, &err)) {
		fail(asking, err.text);
	}
}

static void hear_end(struct mesh_asking *asking, const json_t *data, double now)
{
	struct snapshot_mesh rest = { 0 };
	struct err err = { 0 };

	if (record_decode(&snapshot_mesh_record, data, &rest, asking->next, &err)) {
		rest.rows.items = asking->coming->rows.items;
		rest.rows.count = asking->coming->rows.count;
		*asking->coming = rest;
	}
	if (err.code || mesh_check(asking->coming, &err)) {
		fail(asking, err.text);
		return;
	}
	arena_free(asking->arena);
	asking->arena = asking->next;
	asking->told.seen = asking->coming;
	asking->told.seen_at = now;
	asking->next = NULL;
	end(asking);
}

bool mesh_asking_hear(struct mesh_asking *asking, const char *id, const json_t *message, double now)
{
	const json_t *progress = json_object_get(message, "progress");
	const json_t *data = json_object_get(message, "data");
	const char *error =
		json_string_value(json_object_get(json_object_get(message, "error"), "text"));

	if (!asking->told.is_running || (id && strcmp(id, own_id) != 0) ||
	    (!id && !json_object_get(progress, "row") && !json_object_get(progress, "pairs")))
		return false; /* progress has no id; that of a test has neither */
	if (progress)
		hear_progress(asking, progress);
	else if (data)
		hear_end(asking, data, now);
	else
		fail(asking, error ? error : "no answer");
	return true;
}

void mesh_asking_fini(struct mesh_asking *asking)
{
	arena_free(asking->next);
	arena_free(asking->arena);
	*asking = (struct mesh_asking){ 0 };
}
