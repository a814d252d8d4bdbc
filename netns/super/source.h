/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What a lab is made from: a file at a step, and the changes made to it since. Owns its texts. */
#include "lab/model/lab.h"

struct stored_change {
	char *path, *value, *old; /* YAML on one line; NULL: nothing */
};

/* Zeroed is empty. */
struct source {
	char *file, *text;
	unsigned step; /* as struct lab_state has it */
	struct stored_change *changes;
	size_t change_count;
};

void source_fini(struct source *source);
struct source source_copy(const struct source *source);
void source_set_file(struct source *source, const char *file, const char *text);
/* `value` is NULL to take away what is there; `old` is what that was, NULL when nothing was. */
void source_add_change(struct source *source, const char *path, const char *value, const char *old);
void source_drop_changes(struct source *source, size_t count); /* the newest */

/* NULL, with the first error in `err` and its place when it is in the file. */
struct lab *source_parse(const struct source *source, struct err *err);
