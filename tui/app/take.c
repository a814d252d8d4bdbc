/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/take.h"

#include "lab/base/cleanup.h"
#include "tui/app/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void take_dump(struct screen *s, bool is_ascii)
{
	time_t now = time(NULL);
	char name[160], stamp[16];
	struct tm tm;
	FILE *file = NULL;
	struct grid g;
	int fd;

	(void)localtime_r(&now, &tm);
	(void)strftime(stamp, sizeof(stamp), "%H%M%S", &tm);
	(void)snprintf(name, sizeof(name), "hublab-%s%s%s-%s.txt", s->lab ? s->lab : "",
		       s->lab ? "-" : "", s->view->name, stamp);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file) {
		screen_say(s, STYLE_BAD, "%s: %s", name, strerror(errno));
		return;
	}
	grid_init(&g, s->rows, s->cols, is_ascii);
	screen_draw(s, &g);
	grid_print(&g, file);
	grid_fini(&g);
	if (fclose(file))
		screen_say(s, STYLE_BAD, "%s: %s", name, strerror(errno));
	else
		screen_say(s, STYLE_GOOD, "the screen is in %s", name);
}

static unsigned count_lines(const char *text)
{
	unsigned count = 1;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* Into a file, in the place of what was there. */
static int write_copy(const char *text, char path[PATH_MAX], struct err *err)
{
	CLEANUP(file_cleanup)
	FILE *file = user_state_open("copied", O_WRONLY | O_CREAT | O_TRUNC, path, err);

	if (file && (fprintf(file, "%s\n", text) < 0 || fflush(file)))
		err_set(err, -errno, "%s: %s", path, strerror(errno));
	return err->code;
}

void take_copy(struct screen *s, struct terminal *term)
{
	bool is_in_terminal = term_copy(term, s->copied);
	unsigned lines = count_lines(s->copied);
	char path[PATH_MAX];
	struct err err = { 0 };

	if (write_copy(s->copied, path, &err))
		screen_say(s, STYLE_BAD, "%s", err.text);
	else
		screen_say(s, STYLE_GOOD, "copied %u %s%s %s", lines, lines == 1 ? "line" : "lines",
			   is_in_terminal ? " to the terminal's clipboard (OSC 52) and"
					  : ", too long for the clipboard, to",
			   path);
}
