/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that change the lab as the commands that make them, in the history: it is the same
 * whoever asks, a command, the screen or another program.
 */
#include "lab/base/shell.h"
#include "lab/plan/fault.h"
#include "netns/super/super.h"

#include <string.h>

static const char *text_of(const json_t *request, const char *key)
{
	const char *text = json_string_value(json_object_get(request, key));

	return text ? text : "";
}

/* "hublab NAME -l LAB" */
static const char *begin(const struct super *s, const char *name, struct arena *arena)
{
	return arena_printf(arena, "hublab %s -l %s", name, shell_quote(s->name, arena));
}

static const char *up_line(const struct super *s, const json_t *request, struct arena *arena)
{
	const char *changes = text_of(request, "changes"), *line = "hublab up";
	json_int_t step = json_integer_value(json_object_get(request, "step"));
	const char *file = shell_quote(text_of(request, "file"), arena);

	if (!strcmp(text_of(request, "as"), "save"))
		return s->source.file && !strcmp(s->source.file, text_of(request, "file"))
			       ? begin(s, "save", arena)
			       : arena_printf(arena, "%s %s", begin(s, "save", arena), file);
	line = arena_printf(arena, "%s --name %s", line, shell_quote(s->name, arena));
	if (json_is_true(json_object_get(request, "replace")))
		line = arena_printf(arena, "%s --replace", line);
	if (step)
		line = arena_printf(arena, "%s --step %lld", line, (long long)step);
	if (*changes)
		line = arena_printf(arena, "%s --%s", line, changes);
	return arena_printf(arena, "%s %s", line, file);
}

static const char *set_line(const struct super *s, const json_t *request, struct arena *arena)
{
	const char *line = begin(s, "set", arena);
	const json_t *change;
	size_t i;

	json_array_foreach(json_object_get(request, "changes"), i, change) {
		const char *value = json_string_value(json_object_get(change, "value"));

		line = arena_printf(arena, "%s %s %s", line,
				    shell_quote(text_of(change, "path"), arena),
				    shell_quote(value ? value : "null", arena));
	}
	return line;
}

static const char *undo_line(const struct super *s, const json_t *request, struct arena *arena)
{
	return arena_printf(arena, "%s %lld", begin(s, "undo", arena),
			    (long long)json_integer_value(json_object_get(request, "count")));
}

static const char *step_line(const struct super *s, const json_t *request, struct arena *arena)
{
	return arena_printf(arena, "%s %lld", begin(s, "step", arena),
			    (long long)json_integer_value(json_object_get(request, "step")));
}

static const char *mend_line(const struct super *s, const json_t *request, struct arena *arena)
{
	(void)request;
	return begin(s, "mend", arena);
}

static const char *fault_line(const struct super *s, const json_t *request, struct arena *arena)
{
	double for_ms = json_number_value(json_object_get(request, "for_ms"));
	double delay_ms = json_number_value(json_object_get(request, "delay_ms"));
	const char *line = begin(s, "fault", arena);

	if (for_ms > 0)
		line = arena_printf(arena, "%s --for %gms", line, for_ms);
	line = arena_printf(arena, "%s %s %s", line, text_of(request, "kind"),
			    shell_quote(text_of(request, "target"), arena));
	return delay_ms > 0 ? arena_printf(arena, "%s %g", line, delay_ms) : line;
}

static const char *clear_line(const struct super *s, const json_t *request, struct arena *arena)
{
	json_int_t number = json_integer_value(json_object_get(request, "number"));
	const char *line = arena_printf(arena, "%s clear", begin(s, "fault", arena));

	if (json_is_true(json_object_get(request, "all")))
		return arena_printf(arena, "%s all", line);
	return number ? arena_printf(arena, "%s %lld", line, (long long)number) : line;
}

static const struct {
	const char *request;
	const char *(*line)(const struct super *s, const json_t *request, struct arena *arena);
} lines[] = {
	{ "up", up_line },
	{ "set", set_line },
	{ "undo", undo_line },
	{ "step", step_line },
	{ "mend", mend_line },
	{ "fault", fault_line },
	{ "fault_clear", clear_line },
};

void super_history_begin(struct super *s, const char *name, const json_t *request)
{
	const char *by = text_of(request, "by");

	s->asked = 0;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct arena *arena;

		if (strcmp(lines[i].request, name) != 0)
			continue;
		arena = arena_new();
		s->asked = history_add(s->history, *by ? by : "another program",
				       lines[i].line(s, request, arena), super_unix_time());
		arena_free(arena);
	}
}

void super_history_begin_clear(struct super *s, unsigned number)
{
	struct arena *arena = arena_new();

	s->asked = history_add(s->history, "hublab: its time is over",
			       arena_printf(arena, "%s clear %u", begin(s, "fault", arena), number),
			       super_unix_time());
	arena_free(arena);
}

void super_history_asked(struct super *s, bool is_refused)
{
	if (!s->asked)
		return;
	if (is_refused)
		history_drop(s->history, s->asked);
	s->asked = 0;
	publisher_touch(s->publisher, CAUSE_HISTORY);
}

void super_history_plan(struct super *s, int64_t number, const struct plan *changes)
{
	history_add_plan(s->history, number, changes);
	publisher_touch(s->publisher, CAUSE_HISTORY);
}

void super_history_end(struct super *s, int64_t number, const struct err *err)
{
	history_end(s->history, number, err ? err->text : NULL, super_unix_time());
	publisher_touch(s->publisher, CAUSE_HISTORY);
}

json_t *super_topic_history(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_history out = { 0 };

	(void)name;
	(void)err;
	history_fill(s->history, &out, arena);
	return record_encode(&snapshot_history_record, &out);
}

uint64_t super_history_version(const struct super *s)
{
	return history_version(s->history);
}
