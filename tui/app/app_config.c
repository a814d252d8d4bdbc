/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/app_config.h"

#include "lab/base/cleanup.h"
#include "tui/cli/cli_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "$VARIABLE/hublab/NAME", or "$HOME/FALLBACK/hublab/NAME"; false when neither is known. */
static bool find_path(const char *variable, const char *fallback, const char *name, char *path,
		      size_t size)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	int len;

	if (base && *base == '/') /* others are not to be heeded, as the specification has it */
		len = snprintf(path, size, "%s/hublab/%s", base, name);
	else if (home && *home)
		len = snprintf(path, size, "%s/%s/hublab/%s", home, fallback, name);
	else
		return false;
	return len > 0 && (size_t)len < size;
}

bool app_config_read(struct screen_config *config)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	CLEANUP(free_cleanup) char *text = NULL;
	char path[PATH_MAX], absolute[PATH_MAX];
	struct err err = { 0 };
	size_t len;

	screen_config_init(config);
	if (!find_path("XDG_CONFIG_HOME", ".config", "screen.yaml", path, sizeof(path)) ||
	    access(path, F_OK))
		return true;
	text = cli_read_file(path, absolute, sizeof(absolute), &len, &err);
	if (!text) {
		(void)fprintf(stderr, "hublab: %s\n", err.text);
		return false;
	}
	if (screen_config_read(config, text, len, path, &diags))
		return true;
	diags_print(&diags, text, len, stderr);
	return false;
}

/* Directories on the way, for the user alone. */
static int make_directories(char *path, struct err *err)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int rc;

		*slash = '\0';
		rc = mkdir(path, 0700);
		if (rc && errno != EEXIST)
			err_set(err, -errno, "%s: %s", path, strerror(errno));
		*slash = '/';
		if (err->code)
			return err->code;
	}
	return 0;
}

int app_copy_to_file(const char *text, char *path, size_t size, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	size_t len = strlen(text);

	if (!find_path("XDG_STATE_HOME", ".local/state", "copied", path, size))
		return err_set(err, -ENOENT, "neither XDG_STATE_HOME nor HOME is set");
	if (make_directories(path, err))
		return err->code;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || write(fd, "\n", 1) != 1)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	return 0;
}
