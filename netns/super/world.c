/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/world.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

static int mount_or_fail(const char *source, const char *target, const char *type,
			 unsigned long flags, const char *options, struct err *err)
{
	if (mount(source, target, type, flags, options))
		return err_set(err, -errno, "mount %s on %s: %s", type ? type : "nothing", target,
			       strerror(errno));
	return 0;
}

/* Mounts of the host still arrive here; ours never leave. */
static int set_up_mounts(struct err *err)
{
	static const char *const directories[] = { "/run/netns", "/run/lock", "/run/hublab" };

	if (mount_or_fail(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL, err) ||
	    mount_or_fail("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755", err) ||
	    mount_or_fail("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, err))
		return err->code;
	/* shows the interfaces of the lab instead of the host's; nothing depends on it */
	(void)mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (directory_make(directories[i], err))
			return err->code;
	return 0;
}

/* Programs of routers are where ordinary users' PATH does not look, strongSwan's where none does.
 */
static void extend_path(void)
{
	const char *path = getenv("PATH");
	CLEANUP(free_cleanup) char *longer = NULL;

	if (asprintf(&longer,
		     "%s:/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/ipsec:/usr/libexec/ipsec:"
		     "/usr/libexec/strongswan",
		     path ? path : "/usr/local/bin:/usr/bin:/bin") < 0)
		abort();
	(void)setenv("PATH", longer, 1);
}

/* A namespace costs its worker two descriptors; all parts of the lab inherit it. */
static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int world_make(const char *lab, struct err *err)
{
	if (set_up_mounts(err))
		return err->code;
	(void)sethostname(lab, strlen(lab));
	extend_path();
	raise_fd_limit();
	return 0;
}

bool world_is_rootless(void)
{
	/* the first user namespace maps every id to itself */
	CLEANUP(file_cleanup) FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned long inside, outside, count;

	return !file || fscanf(file, "%lu %lu %lu", &inside, &outside, &count) != 3 || outside ||
	       count < 0xffffffff;
}
