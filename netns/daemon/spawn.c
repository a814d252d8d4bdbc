/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/spawn.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS_MAX 32

/* In a mount namespace of its own, that still follows what is mounted in the lab's. */
static bool cover_tmp(void)
{
	return !mount("tmpfs", "/var/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=16m");
}

/* Some programs have names in /run compiled in: each gets one of its own. */
static bool cover_run(const char *run)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/run/%s", run);
	return !mount(path, "/run", NULL, MS_BIND, NULL);
}

static bool set_up_mounts(const struct spawn *spawn)
{
	return !mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) &&
	       (!spawn->has_own_tmp || cover_tmp()) && (!*spawn->run || cover_run(spawn->run));
}

static bool has_own_mounts(const struct spawn *spawn)
{
	return spawn->has_own_tmp || *spawn->run;
}

static NORETURN void run_child(const struct spawn *spawn, char *const words[], int output,
			       int report)
{
	int null = open("/dev/null", O_RDONLY), failure;
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (*spawn->environment)
		(void)putenv((char *)spawn->environment);
	if ((!has_own_mounts(spawn) || set_up_mounts(spawn)) && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0)
		(void)execvp(words[0], words);
	failure = errno; /* goes to the caller; on success the pipe just closes */
	(void)!write(report, &failure, sizeof(failure));
	_exit(127);
}

static void split(char *text, char *words[WORDS_MAX])
{
	size_t count = 0;
	char *rest;

	for (char *word = strtok_r(text, " ", &rest); word && count < WORDS_MAX - 1;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count] = NULL;
}

int daemon_spawn(const struct spawn *spawn, pid_t *ret_pid, int *ret_output, struct err *err)
{
	CLEANUP(free_cleanup) char *text = strdup(spawn->argv);
	struct clone_args args = { .flags = CLONE_PARENT |
					    (has_own_mounts(spawn) ? CLONE_NEWNS : 0) };
	int output[2], report[2], failure = 0;
	char *words[WORDS_MAX];
	pid_t pid;

	if (!text)
		abort();
	split(text, words);
	if (!words[0])
		return err_set(err, -EINVAL, "no program");
	if (pipe2(output, O_CLOEXEC))
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	if (pipe2(report, O_CLOEXEC)) {
		fd_close(&output[0]);
		fd_close(&output[1]);
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		run_child(spawn, words, output[1], report[1]);
	if (pid < 0)
		failure = errno;
	fd_close(&output[1]);
	fd_close(&report[1]);
	if (pid > 0 && read(report[0], &failure, sizeof(failure)) < 0)
		failure = errno;
	fd_close(&report[0]);
	if (failure) {
		fd_close(&output[0]);
		return err_set(err, -failure, "start %s: %s", words[0], strerror(failure));
	}
	*ret_pid = pid;
	*ret_output = output[0];
	return 0;
}
