/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer of `why -o json`, read. */
#include "lab/render/path.h"

#include <errno.h>
#include <string.h>

static const char *text_of(const json_t *json, const char *key, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? arena_strdup(arena, text) : NULL;
}

/* NULL when something is missing. */
static const struct mend *read_mend(const json_t *json, struct arena *arena)
{
	const json_t *changes = json_object_get(json, "changes");
	struct mend *mend = arena_alloc(arena, sizeof(*mend));

	mend->at = text_of(json, "at", arena);
	mend->other = text_of(json, "other", arena);
	mend->words = text_of(json, "words", arena);
	for (size_t i = 0; i < json_array_size(changes); i++) {
		const json_t *item = json_array_get(changes, i);
		struct change_text *change =
			ARENA_PUSH(arena, mend->changes.items, mend->changes.count);

		change->path = text_of(item, "path", arena);
		change->value = text_of(item, "value", arena);
		if (!change->path)
			return NULL;
	}
	return mend->at && mend->words && mend->changes.count ? mend : NULL;
}

/* An object that may be null: then NULL, without an error. */
static void *read_object(const json_t *json, const char *key, const struct record *record,
			 struct arena *arena, struct err *err)
{
	const json_t *value = json_object_get(json, key);
	void *object;

	if (!value || json_is_null(value))
		return NULL;
	object = arena_alloc(arena, record->size);
	(void)record_decode(record, value, object, arena, err);
	return object;
}

static bool has_place(const struct snapshot_path *path, const char *way, int64_t at)
{
	const struct snapshot_decisions *leg =
		way && !strcmp(way, "there") ? &path->there : &path->back;

	return way && at >= 0 && (size_t)at < leg->count;
}

/* Every place that a kernel answered for is there. */
static bool is_of(const struct snapshot_evidence *evidence, const struct snapshot_path *path)
{
	for (size_t i = 0; i < evidence->answers.count; i++) {
		const struct snapshot_kernel_answer *answer = &evidence->answers.items[i];

		if (!answer->words || !has_place(path, answer->way, answer->at))
			return false;
	}
	for (size_t i = 0; i < evidence->filters.count; i++)
		if (!has_place(path, evidence->filters.items[i].way, evidence->filters.items[i].at))
			return false;
	return true;
}

static bool is_leg(const struct snapshot_decisions *leg)
{
	for (size_t i = 0; i < leg->count; i++)
		if (!leg->items[i].node || !leg->items[i].kind || !leg->items[i].words)
			return false;
	return true;
}

static bool is_path(const struct snapshot_path *path)
{
	return path->from && path->to && path->source && path->destination && path->protocol &&
	       (path->words || (path->is_reply && !path->is_by_flow)) && is_leg(&path->there) &&
	       is_leg(&path->back);
}

int path_read_json(const json_t *json, struct path_answer *ret_answer, struct arena *arena,
		   struct err *err)
{
	const json_t *mend = json_object_get(json, "mend");
	struct path_answer out = { 0 };
	struct err why = { 0 };

	(void)record_decode(&snapshot_path_record, json, &out.path, arena, &why);
	out.seen.evidence = read_object(json, "evidence", &snapshot_evidence_record, arena, &why);
	out.seen.probe = read_object(json, "probe", &snapshot_probe_record, arena, &why);
	out.mend.is_searched = json_is_true(json_object_get(json, "is_mend_searched"));
	out.mend.is_in_file = json_is_true(json_object_get(json, "is_wrong_in_file"));
	out.mend.tried = (unsigned)json_integer_value(json_object_get(json, "tried"));
	if (json_is_object(mend))
		out.mend.found = read_mend(mend, arena);
	if (why.code || !is_path(&out.path) || (json_is_object(mend) && !out.mend.found) ||
	    (out.seen.evidence && !is_of(out.seen.evidence, &out.path)))
		return err_set(err, -EPROTO, "that is no answer to why%s%s", why.code ? ": " : "",
			       why.text);
	*ret_answer = out;
	return 0;
}

static bool are_same(const struct snapshot_decisions *a, const struct snapshot_decisions *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i].node, b->items[i].node) != 0 ||
		    strcmp(a->items[i].words, b->items[i].words) != 0)
			return false;
	return true;
}

bool path_has_same_ways(const struct snapshot_path *a, const struct snapshot_path *b)
{
	return are_same(&a->there, &b->there) && are_same(&a->back, &b->back) &&
	       a->is_reply == b->is_reply && !strcmp(a->protocol, b->protocol);
}
