/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/typed.h"

#include "lab/base/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX 65536 /* then it is begun anew with what a screen keeps */

/* $XDG_STATE_HOME/hublab/history, else in ~/.local/state. False when nobody says where that is. */
static bool find_path(char path[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len;

	if (state && *state == '/')
		len = snprintf(path, PATH_MAX, "%s/hublab/history", state);
	else if (home && *home == '/')
		len = snprintf(path, PATH_MAX, "%s/.local/state/hublab/history", home);
	else
		return false;
	return len < PATH_MAX;
}

/* The directories on the way to a file. */
static void make_directories(const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		(void)mkdir(part, 0700); /* one that is missing is found when the file is opened */
	}
}

/* NULL when it is not there or cannot be made: a screen goes on without. */
static FILE *open_file(int flags, const char *mode)
{
	char path[PATH_MAX];
	FILE *file;
	int fd;

	if (!find_path(path))
		return NULL;
	if (flags & O_CREAT)
		make_directories(path);
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return NULL;
	file = fdopen(fd, mode);
	if (!file)
		(void)close(fd);
	return file;
}

static void begin_anew(const struct screen *screen)
{
	CLEANUP(file_cleanup) FILE *file = open_file(O_WRONLY | O_TRUNC, "w");

	for (size_t i = 0; file && i < screen->history_count; i++)
		(void)fprintf(file, "%s\n", screen->history[i]);
}

void typed_load(struct screen *screen)
{
	CLEANUP(file_cleanup) FILE *file = open_file(O_RDONLY, "r");
	char line[LINE_SIZE + 1];

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			screen_remember(screen, line);
	}
	if (file && ftell(file) > FILE_BYTES_MAX)
		begin_anew(screen);
}

void typed_add(const char *line)
{
	CLEANUP(file_cleanup) FILE *file = NULL;

	if (strstr(line, "shared_key"))
		return;
	file = open_file(O_WRONLY | O_CREAT | O_APPEND, "a");
	if (file)
		(void)fprintf(file, "%s\n", line);
}
