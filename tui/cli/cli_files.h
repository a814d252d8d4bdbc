/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Lab files and templates: where they are, and how they are read. */
#include "lab/base/arena.h"
#include "lab/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct lab;
struct new_lab;
struct diags;

/* All of a file, with a NUL behind it, to be freed; NULL when it cannot be read. */
char *cli_read_all(const char *path, size_t *ret_len, struct err *err);

/*
 * Write a file: all of it or nothing, beside it and then in its place. `mode` 0 is that of the file
 * that is there, and the usual one of a new one.
 */
int cli_write_file(const char *path, const char *text, size_t len, mode_t mode, struct err *err);

/* A new lab's file; -EEXIST when there is one and it is not to be overwritten. */
int cli_write_new(const struct new_lab *lab, const char *path, bool is_forced, struct err *err);

/* Read a lab file, or a template by its name. `path` gets where it is. */
char *cli_read_file(const char *name, char *path, size_t path_size, size_t *ret_len,
		    struct err *err);
/*
 * The same, parsed and linted: all its findings go to `diags`. NULL with the exit code in
 * *ret_code; the text is the caller's also when the lab is invalid.
 */
struct lab *cli_check_lab(const char *name, char *path, size_t path_size, char **ret_text,
			  size_t *ret_len, struct diags *diags, int *ret_code);
/*
 * The same, at the step of that name or number (NULL: the first); errors and warnings are
 * printed.
 * NULL with the exit code in *ret_code.
 */
struct lab *cli_read_lab(const char *name, const char *step, char *path, size_t path_size,
			 char **ret_text, int *ret_code);

/* A lab to start from. */
struct cli_template {
	const char *name;     /* what `up` takes in the place of a file */
	const char *path;     /* of its lab.yaml */
	const char *sentence; /* the first line of the file's opening comment, else of the text of
				 the README.md beside it; "" when there is none */
};

struct cli_templates {
	struct cli_template *items;
	size_t count;
};

/*
 * Every template there is, sorted by name; of several with one name the one that `up` takes. The
 * files are not checked. Everything lives as long as the arena.
 */
struct cli_templates cli_templates(struct arena *arena);
