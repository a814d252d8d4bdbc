/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/building.h"

#include "tui/cli/cli_files.h"
#include "tui/client/client.h"
#include "tui/view/screen_build.h"

#include <limits.h>
#include <stdlib.h>

static int read_running(const char *lab, struct snapshot_file *file, struct arena *arena,
			struct err *err)
{
	struct client *client = client_open(lab, err);

	if (client)
		(void)client_topic(client, "file", &snapshot_file_record, file, arena, err);
	client_free(client);
	return err->code;
}

static int read_file(const char *path, struct snapshot_file *file, struct arena *arena,
		     struct err *err)
{
	char where[PATH_MAX];
	size_t len;
	char *text = cli_read_file(path, where, sizeof(where), &len, err);

	if (!text)
		return err->code;
	file->file = arena_strdup(arena, where);
	file->text = arena_strdup(arena, text);
	free(text);
	return 0;
}

int building_read(struct screen *s, const char *lab, const char *path, struct err *err)
{
	struct snapshot_file file = { 0 };
	struct arena *arena = arena_new();
	int rc = path ? read_file(path, &file, arena, err) : read_running(lab, &file, arena, err);

	if (rc)
		arena_free(arena);
	else
		screen_build_open(s, arena, &file, !path);
	return rc;
}

char **building_words(struct build *build, const char *lab)
{
	struct {
		const char **items;
		size_t count;
	} words = { 0 };
	struct arena *arena = build->scratch;

	*ARENA_PUSH(arena, words.items, words.count) = "hublab";
	*ARENA_PUSH(arena, words.items, words.count) = "set";
	*ARENA_PUSH(arena, words.items, words.count) = build->is_running ? "-l" : "--file";
	*ARENA_PUSH(arena, words.items, words.count) = build->is_running ? lab : build->file.file;
	if (build->is_running && build->is_saved)
		*ARENA_PUSH(arena, words.items, words.count) = "--save";
	*ARENA_PUSH(arena, words.items, words.count) = "--";
	for (size_t i = 0; i < build->changes.count; i++) {
		const struct change_text *change = &build->changes.items[i];

		*ARENA_PUSH(arena, words.items, words.count) = change->path;
		*ARENA_PUSH(arena, words.items, words.count) =
			change->value ? change->value : "null";
	}
	*ARENA_PUSH(arena, words.items, words.count) = NULL;
	return (char **)words.items;
}
