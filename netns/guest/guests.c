/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/guests.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"
#include "netns/guest/accelerator.h"
#include "netns/guest/disk.h"
#include "netns/guest/driver.h"
#include "netns/kernel/directory.h"
#include "netns/kernel/program.h"
#include "netns/loop/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* What QEMU takes beside its guest's memory: measured 70 MB with the small cache of TCG. */
#define OVERHEAD_MB 80

struct guests {
	int fd;
	const char *lab;
	struct guest_disks disks;
	struct guest_driver *driver;
	struct guest_machine machine;
};

/* ---- what the host has ---- */

int guests_check(bool needs_router, struct err *err)
{
	struct guest_image image = { 0 };

	if (!program_is_there("qemu-system-x86_64"))
		return err_set(err, -EOPNOTSUPP,
			       "this host has no QEMU: apt install qemu-system-x86");
	if (guest_library_has_qemu(err))
		return err->code;
	if (guest_image_find(&image, err))
		return err->code;
	return needs_router ? guest_image_has_router(&image, err) : 0;
}

/* 0: it is not known. */
static unsigned long long available_mb(void)
{
	CLEANUP(file_cleanup) FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kb = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu kB", &kb) == 1)
			break;
	return kb / 1024;
}

int guests_check_memory(unsigned count, unsigned long long memory_mb, struct err *err)
{
	unsigned long long needed_mb = memory_mb + (unsigned long long)count * OVERHEAD_MB;
	unsigned long long has_mb = available_mb();

	if (!has_mb || needed_mb <= has_mb)
		return 0;
	return err_set(
		err, -ENOMEM,
		"its guests need %llu MB of memory, and this host has %llu MB left: fewer of "
		"them, or a smaller memory_mb",
		needed_mb, has_mb);
}

int guests_check_snapshot(unsigned long long memory_mb, struct err *err)
{
	unsigned long long has_mb = available_mb();

	if (!has_mb || memory_mb <= has_mb)
		return 0;
	return err_set(err, -ENOMEM,
		       "a snapshot takes up to %llu MB of memory, and this host has %llu MB left: "
		       "'hublab snapshot --delete' makes room",
		       memory_mb, has_mb);
}

/* ---- the process ---- */

static void send_report(struct guests *g, const struct guests_report *r)
{
	if (ipc_send(g->fd, r, sizeof(*r), NULL, 0, NULL))
		_exit(1); /* no supervisor, no lab */
}

static void report(struct guests *g, enum guests_news news, enum guests_verb verb,
		   const char *guest, const char *text)
{
	struct guests_report r = { .news = news, .verb = verb };

	(void)snprintf(r.guest, sizeof(r.guest), "%s", guest);
	(void)snprintf(r.text, sizeof(r.text), "%s", text);
	send_report(g, &r);
}

static void report_failure(struct guests *g, const struct guests_request *request,
			   const struct err *err)
{
	struct guests_report r = { .news = GUESTS_FAILED, .verb = request->verb };

	r.is_running = g->driver && guest_driver_is_running(g->driver, &request->guest);
	(void)snprintf(r.guest, sizeof(r.guest), "%s", request->guest.name);
	(void)snprintf(r.text, sizeof(r.text), "%s", err->text);
	send_report(g, &r);
}

/* On libvirt's own thread. */
static void on_end(void *arg, const char *domain, const char *why)
{
	struct guests *g = arg;
	size_t len = strlen(g->lab);

	if (!strncmp(domain, g->lab, len) && domain[len] == '-')
		report(g, GUESTS_ENDED, GUESTS_STOP, domain + len + 1, why);
}

/* Where QEMU, which is nobody, can read them whoever's directory they are in. */
static int show_file(const char *path, const char *as, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	struct stat shown;

	if (!stat(as, &shown) && shown.st_size)
		return 0; /* by the one who ran guests before */
	fd = open(as, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || mount(path, as, NULL, MS_BIND, NULL))
		return err_set(err, -errno, "show %s as %s: %s", path, as, strerror(errno));
	return 0;
}

#define SHOWN_KERNEL GUESTS_DIRECTORY "/.kernel" /* no guest's name begins so */
#define SHOWN_INITRD GUESTS_DIRECTORY "/.initrd"
#define SHOWN_ROUTER GUESTS_DIRECTORY "/.router"
#define DRIVER_ROOT  GUESTS_DIRECTORY "/.libvirt"
#define SNAPSHOTS_OF GUESTS_DIRECTORY "/%s/snapshots" /* a guest */

static int start(struct guests *g, struct err *err)
{
	static const struct guest_image shown = { SHOWN_KERNEL, SHOWN_INITRD, SHOWN_ROUTER };
	struct guest_image image = { 0 };
	struct guest_host host;

	if (directory_make(GUESTS_DIRECTORY, err) || directory_make(DRIVER_ROOT, err) ||
	    guest_image_find(&image, err) || show_file(image.kernel, SHOWN_KERNEL, err) ||
	    show_file(image.initrd, SHOWN_INITRD, err) ||
	    (*image.router && show_file(image.router, SHOWN_ROUTER, err)))
		return err->code;
	host = guest_host_find(DRIVER_ROOT, &shown);
	g->disks.user = host.uid;
	g->disks.mounts =
		open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC); /* the driver leaves it */
	if (g->disks.mounts < 0)
		return err_set(err, -errno, "the lab's mounts: %s", strerror(errno));
	g->driver = guest_driver_new(NULL, DRIVER_ROOT, &host, on_end, g, err);
	if (!g->driver)
		return err->code;
	g->machine = (struct guest_machine){ .type = host.has_kvm ? "kvm" : "qemu",
					     .kernel = SHOWN_KERNEL,
					     .initrd = SHOWN_INITRD };
	return 0;
}

void guests_snapshot_path(const char *guest, const char *snapshot, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, SNAPSHOTS_OF "/%s", guest, snapshot);
}

/* One of us who died may have saved it already; a file that is not whole libvirt refuses. */
static int save(const struct guests *g, const struct guest_domain *guest, const char *path,
		struct err *err)
{
	char directory[PATH_MAX];
	struct err problem = { 0 };

	(void)snprintf(directory, sizeof(directory), SNAPSHOTS_OF, guest->name);
	if (directory_make(directory, err))
		return err->code;
	if ((!guest_driver_save(g->driver, guest, path, &problem) ||
	     !guest_driver_is_running(g->driver, guest)) &&
	    !guest_driver_restore(g->driver, guest, path, err))
		return 0;
	(void)unlink(path);
	if (problem.code)
		*err = problem;
	return err->code;
}

static int start_guest(struct guests *g, const struct guest_domain *guest,
		       struct guest_machine machine, struct err *err)
{
	struct guest_disk disk;

	if (directory_make(machine.directory, err))
		return err->code;
	if (*guest->image && !guest_driver_is_running(g->driver, guest)) {
		if (guest_disk_make(&g->disks, guest, machine.directory, &disk, err))
			return err->code;
		machine.disk = &disk;
	}
	return guest_driver_start(g->driver, guest, &machine, err);
}

static int serve(struct guests *g, const struct guests_request *request, struct err *err)
{
	struct guest_machine machine = g->machine;
	char directory[PATH_MAX], snapshot[PATH_MAX];

	(void)snprintf(directory, sizeof(directory), GUESTS_DIRECTORY "/%s", request->guest.name);
	guests_snapshot_path(request->guest.name, request->snapshot, snapshot);
	machine.directory = directory;
	if (request->guest.is_router)
		machine.initrd = SHOWN_ROUTER;
	switch (request->verb) {
	case GUESTS_START:
		return start_guest(g, &request->guest, machine, err);
	case GUESTS_STOP:
		return guest_driver_stop(g->driver, &request->guest, err);
	case GUESTS_FORGET:
		if (guest_driver_stop(g->driver, &request->guest, err))
			return err->code;
		guest_disk_remove(&g->disks, directory);
		return 0;
	case GUESTS_RESET:
		return guest_driver_reset(g->driver, &request->guest, err);
	case GUESTS_LINKS:
		return guest_driver_set_links(g->driver, &request->guest, err);
	case GUESTS_SAVE:
		return save(g, &request->guest, snapshot, err);
	case GUESTS_RESTORE:
		return guest_driver_restore(g->driver, &request->guest, snapshot, err);
	}
	return 0;
}

int guests_main(const char *lab, int fd)
{
	struct guests g = { .fd = fd, .lab = lab };
	struct guests_request request;
	int fds[IPC_MAX_FDS];
	struct err failure = { 0 };

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (!start(&g, &failure))
		report(&g, GUESTS_READY, GUESTS_START, "", g.machine.type);
	while (ipc_receive(fd, &request, sizeof(request), fds, NULL) == (ssize_t)sizeof(request)) {
		struct err err = failure;

		if (failure.code || serve(&g, &request, &err))
			report_failure(&g, &request, &err);
		else
			report(&g, GUESTS_DONE, request.verb, request.guest.name, "");
	}
	return 0;
}
