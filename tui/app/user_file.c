/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "$VARIABLE/hublab/NAME", or "$HOME/FALLBACK/hublab/NAME"; false when neither is known. */
static bool find_path(const char *variable, const char *fallback, const char *name,
		      char path[PATH_MAX])
{
	const char *base = getenv(variable), *home = getenv("HOME");
	int len;

	if (base && *base == '/') /* others are not to be heeded, as the specification has it */
		len = snprintf(path, PATH_MAX, "%s/hublab/%s", base, name);
	else if (home && *home == '/')
		len = snprintf(path, PATH_MAX, "%s/%s/hublab/%s", home, fallback, name);
	else
		return false;
	return len < PATH_MAX;
}

bool user_config_path(const char *name, char path[PATH_MAX])
{
	return find_path("XDG_CONFIG_HOME", ".config", name, path);
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

FILE *user_state_open(const char *name, int flags, char path[PATH_MAX], struct err *err)
{
	const char *mode = !(flags & O_WRONLY) ? "r" : flags & O_APPEND ? "a" : "w";
	FILE *file = NULL;
	int fd;

	if (!find_path("XDG_STATE_HOME", ".local/state", name, path)) {
		err_set(err, -ENOENT, "neither XDG_STATE_HOME nor HOME is set");
		return NULL;
	}
	if ((flags & O_CREAT) && make_directories(path, err))
		return NULL;
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		file = fdopen(fd, mode);
	if (!file)
		err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!file && fd >= 0)
		(void)close(fd);
	return file;
}
