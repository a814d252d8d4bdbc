/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Texts that stand in files of tests/golden. UPDATE_GOLDEN=1 writes them anew: read the diff.
 * Files that came from real Azure are never written.
 */
#include <stddef.h>
#include <stdio.h>

/* All of a file, NUL-terminated, to be freed; the test fails when it cannot be read. */
char *read_file(const char *path, size_t *ret_len);

/* `fn` for each file of the directory whose name ends so; how many there are. */
unsigned each_yaml(const char *directory, void (*fn)(const char *name));

void assert_golden(const char *name, const char *text);

/* A stream into memory: finish it, then the text is the caller's to free. */
struct memory_file {
	FILE *out;
	char *text;
	size_t size;
};
FILE *memory_open(struct memory_file *file);
char *memory_close(struct memory_file *file);
