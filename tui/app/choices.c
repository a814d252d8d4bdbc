/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/choices.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "netns/super/runtime.h"
#include "tui/cli/cli_files.h"

#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICTURE_MAX 4096

static const char *read_picture(struct arena *arena, const char *lab_path)
{
	char path[PATH_MAX], directory[PATH_MAX], line[256], picture[PICTURE_MAX] = "";
	CLEANUP(file_cleanup) FILE *file = NULL;
	bool is_inside = false;
	size_t len = 0;

	(void)snprintf(directory, sizeof(directory), "%s", lab_path);
	if (snprintf(path, sizeof(path), "%s/README.md", dirname(directory)) < (int)sizeof(path))
		file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "```", 3)) {
			if (is_inside)
				break;
			is_inside = true;
		} else if (is_inside && len < sizeof(picture)) {
			len += (size_t)snprintf(picture + len, sizeof(picture) - len, "%s", line);
		}
	}
	return *picture ? arena_strdup(arena, picture) : NULL;
}

/* Lab files in the working directory; others, and what is no lab's, are none of ours. */
static void add_files(struct choice_row **rows, size_t *count, struct arena *arena)
{
	glob_t found = { 0 };

	if (glob("*.yaml", 0, NULL, &found))
		found.gl_pathc = 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		CLEANUP(diags_cleanup) struct diags diags = { 0 };
		CLEANUP(free_cleanup) char *text = NULL;
		char path[PATH_MAX];
		struct err err = { 0 };
		struct choice_row *row;
		struct lab *lab;
		size_t len;

		text = cli_read_file(found.gl_pathv[i], path, sizeof(path), &len, &err);
		lab = text ? lab_parse(text, len, path, &diags) : NULL;
		if (!lab)
			continue;
		row = ARENA_PUSH(arena, *rows, *count);
		row->name = arena_strdup(arena, lab->name.value);
		row->sentence =
			arena_printf(arena, "The lab file %s: Enter starts it.", found.gl_pathv[i]);
		row->path = arena_strdup(arena, found.gl_pathv[i]);
		row->is_own = true;
		lab_free(lab);
	}
	globfree(&found);
}

const struct choice_row *choices_find(struct arena *arena, size_t *ret_count)
{
	struct cli_templates templates = cli_templates(arena);
	struct choice_row *rows = NULL;
	struct err err = { 0 };
	char **labs = runtime_list(&err);

	*ret_count = 0;
	for (char **lab = labs; lab && *lab; lab++) {
		struct choice_row *row = ARENA_PUSH(arena, rows, *ret_count);

		row->name = arena_strdup(arena, *lab);
		row->sentence = "This lab runs: Enter shows it.";
		free(*lab);
	}
	free(labs);
	add_files(&rows, ret_count, arena);
	for (size_t i = 0; i < templates.count; i++) {
		struct choice_row *row = ARENA_PUSH(arena, rows, *ret_count);

		row->name = templates.items[i].name;
		row->sentence = templates.items[i].sentence;
		row->path = templates.items[i].path;
		row->picture = read_picture(arena, row->path);
	}
	return rows;
}
