/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/program.h"

#include "lab/base/cleanup.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool program_is_there(const char *name)
{
	static const char more[] = ":/usr/local/sbin:/usr/sbin:/sbin";
	const char *path = getenv("PATH");
	CLEANUP(free_cleanup) char *all = NULL;
	char *rest, file[PATH_MAX];

	if (asprintf(&all, "%s%s", path ? path : "/usr/bin:/bin", more) < 0)
		abort();
	for (char *dir = strtok_r(all, ":", &rest); dir; dir = strtok_r(NULL, ":", &rest)) {
		(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}
