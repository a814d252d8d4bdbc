/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inputs that were kept of a fuzzer, run again: tests/fuzz/corpus/NAME/ for the program NAME,
 * and the files given. Each is run whole and cut at several places.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (4u << 20)
#define CUTS      8

/* As large as it is, so that a sanitizer sees the first byte behind it. */
static void run(const char *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void replay(const char *path)
{
	static char bytes[INPUT_MAX];
	FILE *file = fopen(path, "r");
	size_t size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;

	if (!file) {
		(void)fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	(void)fclose(file);
	(void)printf("%s\n", path);
	(void)fflush(stdout); /* the last one named is the one that failed */
	for (size_t cut = 1; cut <= CUTS; cut++)
		run(bytes, size * cut / CUTS);
}

int main(int argc, char **argv)
{
	char directory[256], path[600];
	struct dirent *entry;
	unsigned count = 0;
	DIR *dir;

	(void)snprintf(directory, sizeof(directory), "tests/fuzz/corpus/%s", basename(argv[0]));
	dir = opendir(directory);
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		replay(path);
		count++;
	}
	if (dir)
		(void)closedir(dir);
	for (int i = 1; i < argc; i++, count++)
		replay(argv[i]);
	return count ? 0 : 1; /* a corpus that is not found is not a pass */
}
