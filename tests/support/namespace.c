/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/namespace.h"

#include "lab/base/cleanup.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

bool enter_user_namespace(void)
{
	unsigned uid = getuid(), gid = getgid();
	char map[40];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!write_file("/proc/self/uid_map", map) || !write_file("/proc/self/setgroups", "deny"))
		return false;
	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}
