/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/sysctl.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sysctl_write(const char *path, const char *value, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	char full[PATH_MAX];
	size_t len = strlen(value);

	(void)snprintf(full, sizeof(full), "/proc/sys/%s", path);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !strncmp(path, "net/ipv6/", strlen("net/ipv6/")))
		return 0;
	if (fd < 0)
		return err_set(err, -errno, "open %s: %s", full, strerror(errno));
	if (write(fd, value, len) != (ssize_t)len)
		return err_set(err, -errno, "write %s to %s: %s", value, full, strerror(errno));
	return 0;
}
