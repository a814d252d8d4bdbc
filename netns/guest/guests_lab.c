/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can this host run the guests of a lab, beside those that it runs already? */
#include "netns/guest/guests.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct guests_sum {
	unsigned count;
	unsigned long long memory_mb;
	bool has_router; /* which needs an image of its own */
};

static struct guests_sum sum_of(const struct lab *lab)
{
	struct guests_sum sum = { 0 };

	for (size_t i = 0; lab && i < lab->vms.count; i++)
		if (vm_is_guest(&lab->vms.items[i])) {
			sum.count++;
			sum.has_router |= vm_is_guest_router(&lab->vms.items[i]);
			sum.memory_mb += (unsigned long long)lab->vms.items[i].memory_mb.value;
		}
	return sum;
}

static bool has_guest(const struct lab *lab, const char *name)
{
	for (size_t i = 0; lab && i < lab->vms.count; i++)
		if (vm_is_guest(&lab->vms.items[i]) && !strcmp(lab->vms.items[i].object.name, name))
			return true;
	return false;
}

static bool has_new(const struct lab *lab, const struct lab *running)
{
	for (size_t i = 0; i < lab->vms.count; i++)
		if (vm_is_guest(&lab->vms.items[i]) &&
		    !has_guest(running, lab->vms.items[i].object.name))
			return true;
	return false;
}

/* QEMU becomes nobody, who is one of the ids that only a range has. */
static int check_ids(struct err *err)
{
	CLEANUP(file_cleanup) FILE *file = fopen("/proc/self/setgroups", "re");
	char word[16] = "";
	bool is_denied = file && fgets(word, sizeof(word), file) && !strncmp(word, "deny", 4);

	if (is_denied)
		err_set(err, -EOPNOTSUPP,
			"you need ids for them: apt install uidmap, and a range for this user in "
			"/etc/subuid and /etc/subgid; a lab has those it was started with");
	return err->code;
}

/* In a child: libvirt, once it is loaded, stays in the process. */
static int check_host(bool needs_router, struct err *err)
{
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	(void)fflush(NULL);
	pid = fork();
	if (!pid) {
		if (guests_check(needs_router, err) &&
		    write(ends[1], err, sizeof(*err)) != sizeof(*err))
			_exit(1);
		_exit(0);
	}
	fd_close(&ends[1]);
	if (pid < 0)
		err_set(err, -errno, "fork: %s", strerror(errno));
	else if (read(ends[0], err, sizeof(*err)) < 0 || waitpid(pid, &status, 0) != pid || status)
		err_set(err, -EIO, "it is not known what this host has");
	fd_close(&ends[0]);
	return err->code;
}

int guests_check_lab(const struct lab *lab, const struct lab *running, struct err *err)
{
	struct guests_sum now = sum_of(lab), before = sum_of(running);
	unsigned count = now.count > before.count ? now.count - before.count : 0;
	struct err problem = { 0 };

	if ((has_new(lab, running) || now.has_router > before.has_router) &&
	    !check_host(now.has_router, &problem))
		(void)check_ids(&problem);
	if (!problem.code && now.memory_mb > before.memory_mb)
		(void)guests_check_memory(count, now.memory_mb - before.memory_mb, &problem);
	if (!problem.code)
		return 0;
	return err_set(err, -EOPNOTSUPP, "this lab has guests of libvirt: %s", problem.text);
}
