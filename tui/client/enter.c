/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/enter.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_same_user_namespace(pid_t pid)
{
	struct stat ours, theirs;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return !stat("/proc/self/ns/user", &ours) && !stat(path, &theirs) &&
	       ours.st_ino == theirs.st_ino;
}

static int enter_lab(pid_t pid, struct err *err)
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
	CLEANUP(fd_cleanup) int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0)
		return err_set(err, -errno, "the lab's first process: %s", strerror(errno));
	if (!is_same_user_namespace(pid))
		flags |= CLONE_NEWUSER;
	if (setns(pidfd, flags))
		return err_set(err, -errno, "enter the lab: %s", strerror(errno));
	if (flags & CLONE_NEWUSER) {
		(void)setgroups(0, NULL);
		if (setresgid(0, 0, 0) || setresuid(0, 0, 0))
			return err_set(err, -errno, "become root in the lab: %s", strerror(errno));
	}
	return 0;
}

/* What a link such as /etc/resolv.conf points to may be missing in the lab's own /run. */
static void make_target(const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	int fd;

	if (len <= 0 || !access(path, F_OK))
		return;
	target[len] = '\0';
	for (char *slash = strchr(target + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(target, 0755);
		*slash = '/';
	}
	fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	fd_close(&fd);
}

/* Best effort: a file that cannot be put in place does not keep the program from running. */
static void bind_file(const char *from, const char *to)
{
	make_target(to);
	(void)mount(from, to, NULL, MS_BIND, NULL);
}

static void bind_daemon(const char *node, const char *daemon, const char *to)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/run/" RUN_NODE "/%s/%s", node, daemon);
	if (access(path, F_OK))
		return;
	if (!strncmp(to, "/run/", strlen("/run/")))
		(void)mkdir(to, 0755);
	bind_file(path, to);
}

bool lab_has_network(const char *node)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/run/netns/%s", node);
	return !access(path, F_OK);
}

int lab_enter_network(const char *node, struct err *err)
{
	CLEANUP(fd_cleanup) int ns = -1;
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/run/netns/%s", node);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		return err_set(err, -ENOENT, "the lab has no node '%s'", node);
	if (setns(ns, CLONE_NEWNET))
		return err_set(err, -errno, "enter %s: %s", node, strerror(errno));
	return 0;
}

static int enter_node(const char *node, struct err *err)
{
	if (lab_enter_network(node, err))
		return err->code;
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS))
		return err_set(err, -errno, "enter %s: %s", node, strerror(errno));
	if (sethostname(node, strlen(node)) || mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL))
		return err_set(err, -errno, "set up %s: %s", node, strerror(errno));
	bind_file("/run/" RUN_HOSTS, "/etc/hosts");
	bind_file("/run/" RUN_RESOLV_CONF, "/etc/resolv.conf");
	/* so that a plain birdc or vtysh finds this node's daemon */
	bind_daemon(node, "bird", "/run/bird");
	bind_daemon(node, "frr", "/run/frr");
	bind_daemon(node, "frr", "/etc/frr");
	if (!umount2("/sys", MNT_DETACH)) /* shows the interfaces of where it was mounted */
		(void)mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return 0;
}

/* Does a directory of PATH that we may search have it? */
static bool is_in_path(const char *name, char *path)
{
	char file[PATH_MAX], *rest;

	for (char *dir = strtok_r(path, ":", &rest); dir; dir = strtok_r(NULL, ":", &rest)) {
		(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
		if (!access(file, F_OK))
			return true;
	}
	return false;
}

static NORETURN void run_child(char *const argv[])
{
	const char *path = getenv("PATH");
	char longer[PATH_MAX];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	/* routers' tools are where ordinary users' PATH does not look */
	(void)snprintf(longer, sizeof(longer), "%s:/usr/local/sbin:/usr/sbin:/sbin",
		       path ? path : "/usr/local/bin:/usr/bin:/bin");
	(void)setenv("PATH", longer, 1);
	(void)execvp(argv[0], argv);
	/* a directory of PATH that is closed to us is not a program that is */
	if (errno == EACCES && !strchr(argv[0], '/') && !is_in_path(argv[0], longer))
		errno = ENOENT;
	(void)fprintf(stderr, "hublab: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static pid_t running_child;

static void end_child(int signal)
{
	(void)kill(running_child, signal);
}

/* Not by exit(): this process is half in another PID namespace, where nothing else can be done. */
static NORETURN void end_as_child(pid_t pid)
{
	int status;

	running_child = pid;
	(void)signal(SIGINT, SIG_IGN); /* the terminal sends these to the program itself */
	(void)signal(SIGQUIT, SIG_IGN);
	(void)signal(SIGTERM, end_child);
	(void)signal(SIGHUP, end_child);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			_exit(1);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int lab_enter_namespaces(const struct client *client, struct err *err)
{
	pid_t pid;

	return client_peer_pid(client, &pid, err) ? err->code : enter_lab(pid, err);
}

int lab_enter(const struct client *client, const char *lab, const char *node, char *const argv[],
	      struct err *err)
{
	char directory[PATH_MAX];
	const char *here = getcwd(directory, sizeof(directory));
	pid_t pid;

	if (lab_enter_namespaces(client, err) || (node && enter_node(node, err)))
		return err->code;
	if (here)
		(void)!chdir(here);
	(void)setenv("HUBLAB_LAB", lab, 1);
	if (node)
		(void)setenv("HUBLAB_NODE", node, 1);
	(void)fflush(NULL);
	pid = fork(); /* the first child is in the lab's PID namespace */
	if (pid < 0)
		return err_set(err, -errno, "fork: %s", strerror(errno));
	if (!pid)
		run_child(argv);
	end_as_child(pid);
}
