/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/launch.h"

#include "lab/base/cleanup.h"
#include "netns/super/part.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/sched.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* This user's line of /etc/subuid or /etc/subgid: NAME-or-ID:FIRST:COUNT. */
static bool find_range(const char *path, unsigned long *ret_first, unsigned long *ret_count)
{
	CLEANUP(file_cleanup) FILE *file = fopen(path, "re");
	const struct passwd *user = getpwuid(geteuid());
	char line[256], id[16];

	(void)snprintf(id, sizeof(id), "%u", geteuid());
	while (file && fgets(line, sizeof(line), file)) {
		char *rest, *name = strtok_r(line, ":", &rest);
		char *first = strtok_r(NULL, ":", &rest), *count = strtok_r(NULL, ":\n", &rest);

		if (!count ||
		    (strcmp(name, id) != 0 && (!user || strcmp(name, user->pw_name) != 0)))
			continue;
		*ret_first = strtoul(first, NULL, 10);
		*ret_count = strtoul(count, NULL, 10);
		return *ret_count > 0;
	}
	return false;
}

/* newuidmap PID 0 OWN 1 1 FIRST COUNT */
static bool run_mapper(const char *program, pid_t pid, unsigned own, unsigned long first,
		       unsigned long count)
{
	char numbers[4][24];
	const char *argv[] = { program, numbers[0], "0",        numbers[1], "1",
			       "1",     numbers[2], numbers[3], NULL };
	pid_t child;
	int status;

	(void)snprintf(numbers[0], sizeof(numbers[0]), "%d", (int)pid);
	(void)snprintf(numbers[1], sizeof(numbers[1]), "%u", own);
	(void)snprintf(numbers[2], sizeof(numbers[2]), "%lu", first);
	(void)snprintf(numbers[3], sizeof(numbers[3]), "%lu", count);
	if (posix_spawnp(&child, program, NULL, NULL, (char **)argv, environ))
		return false;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status);
}

static int write_proc(pid_t pid, const char *file, const char *text, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return err_set(err, -errno, "write %s: %s", path, strerror(errno));
	return 0;
}

/* Without ranges of further ids: only this user, as root inside. */
static int map_self(pid_t pid, struct err *err)
{
	char text[32];

	if (write_proc(pid, "setgroups", "deny", err))
		return err->code;
	(void)snprintf(text, sizeof(text), "0 %u 1", geteuid());
	if (write_proc(pid, "uid_map", text, err))
		return err->code;
	(void)snprintf(text, sizeof(text), "0 %u 1", getegid());
	return write_proc(pid, "gid_map", text, err);
}

static int map_ids(pid_t pid, struct err *err)
{
	unsigned long uid, uid_count, gid, gid_count;

	if (find_range("/etc/subuid", &uid, &uid_count) &&
	    find_range("/etc/subgid", &gid, &gid_count) &&
	    run_mapper("newuidmap", pid, geteuid(), uid, uid_count) &&
	    run_mapper("newgidmap", pid, getegid(), gid, gid_count))
		return 0;
	return map_self(pid, err);
}

/* What the child does before it becomes the supervisor: it must be root by then. */
static NORETURN void run_child(const char *lab, int gate, int control, int directory)
{
	char byte;

	if (read(gate, &byte, 1) != 1)
		_exit(1); /* the one who starts us gave up */
	(void)setgroups(0, NULL);
	if (setresgid(0, 0, 0) || setresuid(0, 0, 0))
		_exit(1);
	(void)part_exec(PART_SUPERVISOR, lab, control, directory, NULL);
	_exit(127);
}

static const char *explain(int error)
{
	switch (error) {
	case EPERM:
		return "this host does not let ordinary users make namespaces: see hublab doctor";
	case ENOSPC:
	case EUSERS:
		return "the limit of namespaces is reached: see /proc/sys/user";
	default:
		return strerror(error);
	}
}

int lab_launch(const char *lab, int directory, int *ret_control, pid_t *ret_pid, struct err *err)
{
	struct clone_args args = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET |
					    CLONE_NEWIPC | CLONE_NEWUTS,
				   .exit_signal = SIGCHLD };
	int control[2], gate[2], rc = 0;
	pid_t pid;

	if (geteuid())
		args.flags |= CLONE_NEWUSER;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control))
		return err_set(err, -errno, "socket pair: %s", strerror(errno));
	if (pipe2(gate, O_CLOEXEC)) {
		fd_close(&control[0]);
		fd_close(&control[1]);
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!pid) {
		fd_close(&gate[1]);
		run_child(lab, gate[0], control[1], directory);
	}
	if (pid < 0)
		rc = err_set(err, -errno, "new namespaces: %s", explain(errno));
	else if (geteuid())
		rc = map_ids(pid, err);
	fd_close(&control[1]);
	fd_close(&gate[0]);
	if (!rc && write(gate[1], "", 1) != 1)
		rc = err_set(err, -errno, "start: %s", strerror(errno));
	fd_close(&gate[1]);
	if (rc) {
		fd_close(&control[0]);
		return rc;
	}
	*ret_control = control[0];
	*ret_pid = pid;
	return 0;
}
