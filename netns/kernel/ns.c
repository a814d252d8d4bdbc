/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/ns.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void name_path(const char *name, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, NETNS_DIR "/%s", name); /* the check bounds names */
}

int ns_create(const char *name, int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int mountpoint = -1;
	CLEANUP(fd_cleanup) int fd = -1;
	char path[PATH_MAX];

	name_path(name, path);
	mountpoint = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (mountpoint < 0)
		return err_set(err, -errno, "create %s: %s", path, strerror(errno));
	if (unshare(CLONE_NEWNET))
		return err_set(err, -errno, "new network namespace: %s", strerror(errno));
	if (mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL))
		return err_set(err, -errno, "mount %s: %s", path, strerror(errno));
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "open /proc/self/ns/net: %s", strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

int ns_open(const char *name, int *ret_fd, struct err *err)
{
	char path[PATH_MAX];
	int fd;

	name_path(name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "open %s: %s", path, strerror(errno));
	*ret_fd = fd;
	return 0;
}

int ns_enter(int fd, struct err *err)
{
	if (setns(fd, CLONE_NEWNET))
		return err_set(err, -errno, "enter network namespace: %s", strerror(errno));
	return 0;
}

int ns_remove(const char *name, struct err *err)
{
	char path[PATH_MAX];

	name_path(name, path);
	if (umount2(path, MNT_DETACH))
		return err_set(err, -errno, "unmount %s: %s", path, strerror(errno));
	if (unlink(path))
		return err_set(err, -errno, "remove %s: %s", path, strerror(errno));
	return 0;
}
