/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/typed.h"

#include "lab/base/cleanup.h"
#include "lab/base/secret.h"
#include "tui/app/user_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX 65536 /* then it is begun anew with what a screen keeps */

/* NULL when it is not there or cannot be made: a screen goes on without. */
static FILE *open_file(int flags)
{
	char path[PATH_MAX];

	return user_state_open("history", flags, path, &(struct err){ 0 });
}

static void begin_anew(const struct screen *screen)
{
	CLEANUP(file_cleanup) FILE *file = open_file(O_WRONLY | O_TRUNC);

	for (size_t i = 0; file && i < screen->history_count; i++)
		(void)fprintf(file, "%s\n", screen->history[i]);
}

void typed_load(struct screen *screen)
{
	CLEANUP(file_cleanup) FILE *file = open_file(O_RDONLY);
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

	if (secret_is_named(line))
		return;
	file = open_file(O_WRONLY | O_CREAT | O_APPEND);
	if (file)
		(void)fprintf(file, "%s\n", line);
}
