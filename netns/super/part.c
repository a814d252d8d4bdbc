/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/part.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"
#include "netns/loop/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const part_names[] = {
	[PART_SUPERVISOR] = "supervisor",
	[PART_ENGINE] = "engine",
	[PART_WIRE] = "wire",
	[PART_GUESTS] = "guests",
};

/* Both out of the way first: one may stand where the other goes. */
static int place(int control, int directory)
{
	int high_control = fcntl(control, F_DUPFD_CLOEXEC, 10);
	int high_directory = directory < 0 ? -1 : fcntl(directory, F_DUPFD_CLOEXEC, 10);

	if (high_control < 0 || dup2(high_control, PART_CONTROL_FD) < 0)
		return -errno;
	if (high_directory >= 0 && dup2(high_directory, PART_DIRECTORY_FD) < 0)
		return -errno;
	return 0;
}

int part_exec(enum part part, const char *lab, int control, int directory, struct err *err)
{
	char title[160];
	char *argv[] = { title, (char *)PART_ARGUMENT, (char *)part_names[part], (char *)lab,
			 NULL };

	(void)snprintf(title, sizeof(title), "hublab: %s %s", lab, part_names[part]);
	if (place(control, directory))
		return err_set(err, -errno, "descriptors: %s", strerror(errno));
	(void)execv("/proc/self/exe", argv);
	return err_set(err, -errno, "start %s: %s", title, strerror(errno));
}

static NORETURN void run_part(enum part part, const char *lab, int control)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)part_exec(part, lab, control, -1, NULL);
	_exit(127);
}

int part_start(enum part part, const char *lab, int *ret_control, pid_t *ret_pid, struct err *err)
{
	int pair[2];
	pid_t pid;

	if (ipc_pair(pair, err))
		return err->code;
	pid = fork();
	if (!pid)
		run_part(part, lab, pair[1]);
	if (pid < 0)
		err_set(err, -errno, "fork: %s", strerror(errno));
	fd_close(&pair[1]);
	if (pid < 0) {
		fd_close(&pair[0]);
		return err->code;
	}
	*ret_control = pair[0];
	*ret_pid = pid;
	return 0;
}

int part_of(int argc, char **argv, const char **ret_lab)
{
	if (argc != 4 || strcmp(argv[1], PART_ARGUMENT) != 0)
		return -1;
	*ret_lab = argv[3];
	for (int part = PART_SUPERVISOR; part <= PART_GUESTS; part++)
		if (!strcmp(argv[2], part_names[part]))
			return part;
	return -1;
}
