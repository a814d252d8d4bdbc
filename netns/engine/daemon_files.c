/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/engine/daemon_files.h"

#include "lab/base/cleanup.h"
#include "lab/render/strongswan_conf.h"
#include "netns/kernel/directory.h"
#include "netns/loop/ipc.h"
#include "netns/loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEEDS_MS 1000
#define END_MS   1000

static int write_file(const char *path, const char *content, struct err *err)
{
	CLEANUP(fd_cleanup)
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t len = strlen(content);

	if (fd < 0)
		return err_set(err, -errno, "open %s: %s", path, strerror(errno));
	if (write(fd, content, len) != (ssize_t)len)
		return err_set(err, -errno, "write %s: %s", path, strerror(errno));
	return 0;
}

int daemon_files_write(const struct plan *plan, const struct step *step, struct err *err)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/run/%s", plan_text(plan, step->file.path));
	if (step->verb == STEP_REMOVE) {
		if (unlink(path))
			return err_set(err, -errno, "remove %s: %s", path, strerror(errno));
		return 0;
	}
	if (directory_make_parents(path, err))
		return err->code;
	return write_file(path, plan_text(plan, step->file.content), err);
}

int daemon_files_write_backend(const char *run, bool has_xfrm, struct err *err)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/run/%s/" STRONGSWAN_BACKEND_CONF, run);
	return directory_make_parents(path, err)
		       ? err->code
		       : write_file(path, strongswan_backend_conf(has_xfrm), err);
}

int daemon_files_give_directory(const char *control, const char *user, struct err *err)
{
	const struct passwd *entry = getpwnam(user);
	char path[PATH_MAX], *slash;

	if (!entry)
		return err_set(err, -ENOENT, "this host has no user '%s'", user);
	(void)snprintf(path, sizeof(path), "/run/%s", control);
	if (directory_make_parents(path, err))
		return err->code;
	slash = strrchr(path, '/');
	*slash = '\0';
	if (chown(path, entry->pw_uid, entry->pw_gid))
		return err_set(err, -errno, "give %s to %s: %s", path, user,
			       errno == EINVAL ? "you have no range of ids: see hublab doctor"
					       : strerror(errno));
	return 0;
}

void daemon_files_await(const char *needs)
{
	CLEANUP(fd_cleanup) int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t deadline_ns = loop_clock_ns() + NEEDS_MS * 1000000ull, now_ns;
	char path[PATH_MAX], directory[PATH_MAX], events[1024];

	(void)snprintf(path, sizeof(path), "/run/%s", needs);
	(void)snprintf(directory, sizeof(directory), "%.*s", (int)(strrchr(path, '/') - path),
		       path);
	if (fd < 0 || inotify_add_watch(fd, directory, IN_CREATE) < 0)
		return;
	while (access(path, F_OK) && (now_ns = loop_clock_ns()) < deadline_ns) {
		(void)poll(&poll_fd, 1, (int)((deadline_ns - now_ns) / 1000000u) + 1);
		(void)!read(fd, events, sizeof(events));
	}
}

void daemon_files_await_end(const char *control)
{
	CLEANUP(fd_cleanup) int fd = -1, process = -1;
	socklen_t size = sizeof(struct ucred);
	struct err err = { 0 };
	struct ucred owner;
	char path[300];

	(void)snprintf(path, sizeof(path), "/run/%s", control);
	fd = ipc_connect(path, &err);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &owner, &size))
		return;
	process = (int)syscall(SYS_pidfd_open, owner.pid, 0);
	if (process >= 0)
		(void)poll(&(struct pollfd){ .fd = process, .events = POLLIN }, 1, END_MS);
}
