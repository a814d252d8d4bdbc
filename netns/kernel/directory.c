/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/directory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int directory_make(const char *path, struct err *err)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		return err_set(err, -errno, "make %s: %s", path, strerror(errno));
	return 0;
}

int directory_make_parents(const char *path, struct err *err)
{
	char parent[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
		if (directory_make(parent, err))
			return err->code;
	}
	return 0;
}
