/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/accelerator.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"
#include "netns/loop/loop.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOT_MS 3000
#define NOBODY  65534

/* Without these flags KVM is of a kind that ordinary kernels know nothing of. */
static bool has_virtualization(void)
{
	CLEANUP(file_cleanup) FILE *file = fopen("/proc/cpuinfo", "re");
	char line[8192] = "";

	while (file && fgets(line, sizeof(line) - 1, file))
		if (!strncmp(line, "flags", 5)) {
			line[strcspn(line, "\n")] = ' ';
			return strstr(line, " vmx ") || strstr(line, " svm ");
		}
	return false;
}

/* Only the second serial port, on which the image says how far it is, goes anywhere. */
static NORETURN void run_qemu(const struct guest_image *image, const struct guest_host *host,
			      int output)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)dup2(null, STDIN_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	if (!geteuid() && (setgroups(0, NULL) || setgid(host->gid) || setuid(host->uid)))
		_exit(127);
	(void)execlp("qemu-system-x86_64", "qemu-system-x86_64", "-accel", "kvm", "-cpu", "host",
		     "-m", "96", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
		     "-serial", "null", "-serial", "stdio", "-kernel", image->kernel, "-initrd",
		     image->initrd, "-append", "quiet panic=-1 hublab.try", (char *)NULL);
	_exit(127);
}

/* Does it say anything before time is over? */
static bool speaks(int output)
{
	struct pollfd readable = { .fd = output, .events = POLLIN };
	uint64_t end_ns = loop_clock_ns() + BOOT_MS * 1000000ull, now_ns;
	char byte;

	while ((now_ns = loop_clock_ns()) < end_ns)
		if (poll(&readable, 1, (int)((end_ns - now_ns) / 1000000) + 1) > 0)
			return read(output, &byte, 1) == 1;
	return false;
}

static bool boots_by_kvm(const struct guest_image *image, const struct guest_host *host)
{
	bool is_there;
	int output[2];
	pid_t pid;

	if (!has_virtualization() || access("/dev/kvm", R_OK | W_OK) || pipe2(output, O_CLOEXEC))
		return false;
	pid = fork();
	if (!pid)
		run_qemu(image, host, output[1]);
	fd_close(&output[1]);
	is_there = pid > 0 && speaks(output[0]);
	fd_close(&output[0]);
	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	return is_there;
}

struct guest_host guest_host_find(const char *directory, const struct guest_image *image)
{
	struct guest_host host = { 0 };
	struct stat kvm;

	if (!chown(directory, NOBODY, NOBODY) && !chown(directory, 0, 0))
		host.uid = host.gid = NOBODY;
	if (!image || stat("/dev/kvm", &kvm))
		return host;
	if (host.uid)
		host.gid = kvm.st_gid; /* whom it is for */
	host.has_kvm = boots_by_kvm(image, &host);
	if (host.uid && !host.has_kvm)
		host.gid = NOBODY;
	return host;
}
