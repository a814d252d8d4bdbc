/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "tests/support/golden.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

char *read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "r");
	size_t len = 0, size = 1 << 16;
	char *text = malloc(size);
	int c;

	if (!file || !text) {
		fail_msg("cannot read %s", path);
		abort(); /* does not come here */
	}
	while ((c = fgetc(file)) != EOF) {
		if (len + 1 == size)
			text = realloc(text, size *= 2);
		text[len++] = (char)c;
	}
	(void)fclose(file);
	text[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return text;
}

unsigned each_yaml(const char *directory, void (*fn)(const char *name))
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		const char *end = strstr(entry->d_name, ".yaml");

		if (!end || end[5])
			continue;
		fn(entry->d_name);
		count++;
	}
	(void)closedir(dir);
	return count;
}

void assert_golden(const char *name, const char *text)
{
	char path[512], *expected;
	FILE *file;

	(void)snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (getenv("UPDATE_GOLDEN")) {
		file = fopen(path, "w");
		if (!file || fputs(text, file) < 0 || fclose(file))
			fail_msg("cannot write %s", path);
		return;
	}
	expected = read_file(path, NULL);
	if (strcmp(expected, text) != 0) {
		(void)fprintf(stderr, "---- %s says\n%s---- but it is\n%s----\n", path, expected,
			      text);
		free(expected);
		fail_msg("%s differs", path);
	}
	free(expected);
}

FILE *memory_open(struct memory_file *file)
{
	file->out = open_memstream(&file->text, &file->size);
	assert_non_null(file->out);
	return file->out;
}

char *memory_close(struct memory_file *file)
{
	assert_int_equal(fclose(file->out), 0);
	return file->text;
}
