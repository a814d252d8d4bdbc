/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/source.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	char *out = text ? strdup(text) : NULL;

	if (text && !out)
		abort();
	return out;
}

void source_fini(struct source *source)
{
	source_drop_changes(source, source->change_count);
	free(source->changes);
	free(source->file);
	free(source->text);
	*source = (struct source){ 0 };
}

struct source source_copy(const struct source *source)
{
	struct source out = { .step = source->step };

	source_set_file(&out, source->file, source->text);
	for (size_t i = 0; i < source->change_count; i++)
		source_add_change(&out, source->changes[i].path, source->changes[i].value,
				  source->changes[i].old);
	return out;
}

void source_set_file(struct source *source, const char *file, const char *text)
{
	char *old_file = source->file, *old_text = source->text;

	source->file = copy(file);
	source->text = copy(text);
	free(old_file);
	free(old_text);
}

void source_add_change(struct source *source, const char *path, const char *value, const char *old)
{
	struct stored_change *changes =
		realloc(source->changes, (source->change_count + 1) * sizeof(*source->changes));

	if (!changes)
		abort();
	source->changes = changes;
	changes[source->change_count++] =
		(struct stored_change){ copy(path), copy(value), copy(old) };
}

void source_drop_changes(struct source *source, size_t count)
{
	for (; count && source->change_count; count--) {
		struct stored_change *change = &source->changes[--source->change_count];

		free(change->path);
		free(change->value);
		free(change->old);
	}
}

struct lab *source_parse(const struct source *source, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	CLEANUP(free_cleanup)
	struct change_text *changes = calloc(source->change_count + 1, sizeof(*changes));
	struct lab_state state = { .step = source->step,
				   .changes = changes,
				   .change_count = source->change_count };
	struct lab *lab;

	if (!changes)
		abort();
	for (size_t i = 0; i < source->change_count; i++)
		changes[i] =
			(struct change_text){ source->changes[i].path, source->changes[i].value };
	lab = lab_parse_at(source->text, strlen(source->text), source->file, &state, &diags);
	if (!lab)
		(void)diags_fail(&diags, source->file, err);
	return lab;
}
