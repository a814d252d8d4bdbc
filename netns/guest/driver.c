/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/driver.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"
#include "netns/kernel/directory.h"
#include "netns/kernel/ns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

struct guest_driver {
	const struct guest_library *l;
	virConnectPtr connection;
	guest_ended_fn *ended;
	void *arg;
};

/* ---- the embedded driver's world ---- */

/*
 * As root libvirt asks for this user before it reads what user it is to run guests as; where its
 * daemon is not installed nobody has made one.
 */
#define QEMU_USER "libvirt-qemu"

static const char qemu_conf[] = "security_driver = \"none\"\n"
				"namespaces = []\n"
				"cgroup_controllers = []\n"
				"stdio_handler = \"file\"\n"
				"remember_owner = 0\n"
				"dynamic_ownership = 0\n";

static int write_file(const char *path, const char *text, const char *more, struct err *err)
{
	FILE *file = fopen(path, "we");
	bool is_written = file && fputs(text, file) >= 0 && fputs(more, file) >= 0;

	if ((file && fclose(file)) || !is_written)
		return err_set(err, -errno, "write %s: %s", path, strerror(errno));
	return 0;
}

static char *read_file(const char *path)
{
	CLEANUP(file_cleanup) FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file || getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = calloc(1, 1);
		if (!text)
			abort();
	}
	return text;
}

/* The list of users, or of groups, with one more, in the place of the host's. */
static int cover(const char *path, const char *directory, const char *line, struct err *err)
{
	CLEANUP(free_cleanup) char *text = read_file(path);
	char mine[PATH_MAX];

	(void)snprintf(mine, sizeof(mine), "%s%s", directory, strrchr(path, '/'));
	if (write_file(mine, line, text, err))
		return err->code;
	if (mount(mine, path, NULL, MS_BIND, NULL))
		return err_set(err, -errno, "mount on %s: %s", path, strerror(errno));
	return 0;
}

/*
 * What libvirt finds about KVM when it asks QEMU, and when it looks at the device as the guests'
 * user, must be the same: else it asks QEMU again each time, for seconds.
 */
static int hide_kvm(const char *directory, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	char path[PATH_MAX];

	if (access("/dev/kvm", F_OK))
		return 0;
	(void)snprintf(path, sizeof(path), "%s/no-kvm", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0);
	if (fd < 0 || mount(path, "/dev/kvm", NULL, MS_BIND, NULL))
		return err_set(err, -errno, "hide /dev/kvm: %s", strerror(errno));
	return 0;
}

static int set_up(const char *directory, const struct guest_host *host, struct err *err)
{
	char path[PATH_MAX], line[80], log[PATH_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s/etc", directory);
	if (directory_make(path, err))
		return err->code;
	(void)snprintf(path, sizeof(path), "%s/etc/qemu.conf", directory);
	if (write_file(path, qemu_conf, "", err))
		return err->code;
	(void)snprintf(log, sizeof(log), "3:file:%s/libvirt.log", directory);
	(void)setenv("LIBVIRT_LOG_OUTPUTS", log, 1);
	if (geteuid())
		return 0; /* then libvirt runs guests as who it is itself */
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) ||
	    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL))
		return err_set(err, -errno, "namespaces for libvirt: %s", strerror(errno));
	/* any other it asks DNS about, and in a lab waits for the answer in vain */
	(void)sethostname("localhost", strlen("localhost"));
	if (!host->has_kvm && hide_kvm(directory, err))
		return err->code;
	(void)snprintf(line, sizeof(line), QEMU_USER ":x:%u:%u::/:/bin/false\n", host->uid,
		       host->gid);
	if (cover("/etc/passwd", directory, line, err))
		return err->code;
	(void)snprintf(line, sizeof(line), QEMU_USER ":x:%u:\n", host->gid);
	return cover("/etc/group", directory, line, err);
}

/* ---- the connection ---- */

static int fail(const struct guest_driver *d, struct err *err, const char *what)
{
	return err_set(err, -EIO, "%s: %s", what, d->l->virGetLastErrorMessage());
}

/* Errors are returned; nothing is written to anybody's terminal. */
static void keep_quiet(void *arg, virErrorPtr error)
{
	(void)arg;
	(void)error;
}

static void *run_events(void *arg)
{
	const struct guest_driver *d = arg;

	while (d->l->virEventRunDefaultImpl() >= 0)
		;
	return NULL;
}

static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail,
			void *arg)
{
	const struct guest_driver *d = arg;

	(void)connection;
	if (event == VIR_DOMAIN_EVENT_SUSPENDED && detail == VIR_DOMAIN_EVENT_SUSPENDED_IOERROR)
		d->ended(d->arg, d->l->virDomainGetName(domain),
			 "stands still: what it writes has no room left");
	if (event == VIR_DOMAIN_EVENT_STOPPED && detail != VIR_DOMAIN_EVENT_STOPPED_SAVED)
		d->ended(d->arg, d->l->virDomainGetName(domain),
			 detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED  ? "crashed"
			 : detail == VIR_DOMAIN_EVENT_STOPPED_FAILED ? "failed"
								     : "ended");
	return 0;
}

static int open_connection(struct guest_driver *d, const char *uri, const char *directory,
			   const struct guest_host *host, struct err *err)
{
	char embedded[PATH_MAX];
	pthread_t thread;

	if (!uri && (guest_library_has_qemu(err) || set_up(directory, host, err)))
		return err->code;
	(void)snprintf(embedded, sizeof(embedded), "qemu:///embed?root=%s", directory);
	d->l->virSetErrorFunc(NULL, keep_quiet);
	if (d->l->virEventRegisterDefaultImpl() < 0)
		return fail(d, err, "libvirt's events");
	d->connection = d->l->virConnectOpen(uri ? uri : embedded);
	if (!d->connection)
		return fail(d, err, "libvirt");
	if (d->l->virConnectDomainEventRegisterAny(
		    d->connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
		    VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), d, NULL) < 0)
		return fail(d, err, "libvirt's events");
	/* the thread lives as long as the process, and so does what it looks at */
	if (pthread_create(&thread, NULL, run_events, d) || pthread_detach(thread))
		return err_set(err, -EAGAIN, "libvirt's events: no thread");
	return 0;
}

struct guest_driver *guest_driver_new(const char *uri, const char *directory,
				      const struct guest_host *host, guest_ended_fn *ended,
				      void *arg, struct err *err)
{
	struct guest_driver *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->l = guest_library(err);
	d->ended = ended;
	d->arg = arg;
	if (d->l && !open_connection(d, uri, directory, host, err))
		return d;
	free(d);
	return NULL;
}

/* ---- domains ---- */

/*
 * The domain of that guest; NULL, without an error, when there is none. One of that name without
 * our metadata is somebody else's.
 */
static virDomainPtr find(struct guest_driver *d, const struct guest_domain *guest, struct err *err)
{
	char name[GUEST_DOMAIN_NAME_SIZE];
	virDomainPtr domain;
	CLEANUP(free_cleanup) char *metadata = NULL;

	guest_domain_name(guest, name);
	domain = d->l->virDomainLookupByName(d->connection, name);
	if (!domain)
		return NULL;
	metadata = d->l->virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT,
					      GUEST_METADATA_URI, 0);
	if (metadata)
		return domain;
	d->l->virDomainFree(domain);
	err_set(err, -EEXIST, "libvirt has a domain '%s' already, which is not hublab's", name);
	return NULL;
}

/* A TAP device is found by its name in the namespace of the thread that asks for it. */
static int enter(const struct guest_domain *guest, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;

	if (!guest->port_count)
		return 0;
	for (uint32_t i = 1; i < guest->port_count; i++)
		if (strcmp(guest->ports[i].ns, guest->ports[0].ns) != 0)
			return err_set(err, -EINVAL, "the ports of '%s' are in two namespaces",
				       guest->name);
	return ns_open(guest->ports[0].ns, &fd, err) ? err->code : ns_enter(fd, err);
}

int guest_driver_start(struct guest_driver *d, const struct guest_domain *guest,
		       const struct guest_machine *machine, struct err *err)
{
	CLEANUP(free_cleanup) char *xml = NULL;
	struct err problem = { 0 };
	virDomainPtr domain = find(d, guest, &problem);
	bool is_running = domain && d->l->virDomainIsActive(domain) == 1;

	if (domain)
		d->l->virDomainFree(domain);
	if (problem.code) {
		*err = problem;
		return problem.code;
	}
	if (is_running)
		return 0;
	if (enter(guest, err))
		return err->code;
	xml = guest_domain_xml(d->l, guest, machine);
	domain = d->l->virDomainCreateXML(d->connection, xml, 0);
	if (!domain)
		return fail(d, err, guest->name);
	d->l->virDomainFree(domain);
	return 0;
}

/* Do something with a guest that runs. */
static int with_domain(struct guest_driver *d, const struct guest_domain *guest,
		       int (*fn)(struct guest_driver *d, virDomainPtr domain,
				 const struct guest_domain *guest, struct err *err),
		       struct err *err)
{
	struct err problem = { 0 };
	virDomainPtr domain = find(d, guest, &problem);

	if (domain && d->l->virDomainIsActive(domain) == 1)
		(void)fn(d, domain, guest, &problem);
	if (domain)
		d->l->virDomainFree(domain);
	if (problem.code)
		*err = problem;
	return problem.code;
}

static int stop(struct guest_driver *d, virDomainPtr domain, const struct guest_domain *guest,
		struct err *err)
{
	if (d->l->virDomainDestroy(domain) && d->l->virDomainIsActive(domain) == 1)
		return fail(d, err, guest->name);
	return 0; /* it may have ended meanwhile */
}

int guest_driver_stop(struct guest_driver *d, const struct guest_domain *guest, struct err *err)
{
	return with_domain(d, guest, stop, err);
}

static int reset(struct guest_driver *d, virDomainPtr domain, const struct guest_domain *guest,
		 struct err *err)
{
	return d->l->virDomainReset(domain, 0) ? fail(d, err, guest->name) : 0;
}

int guest_driver_reset(struct guest_driver *d, const struct guest_domain *guest, struct err *err)
{
	return with_domain(d, guest, reset, err);
}

static int set_links(struct guest_driver *d, virDomainPtr domain, const struct guest_domain *guest,
		     struct err *err)
{
	for (uint32_t i = 0; i < guest->port_count; i++) {
		CLEANUP(free_cleanup) char *xml = guest_port_xml(d->l, &guest->ports[i]);

		if (d->l->virDomainUpdateDeviceFlags(domain, xml, VIR_DOMAIN_AFFECT_LIVE))
			return fail(d, err, guest->name);
	}
	return 0;
}

int guest_driver_set_links(struct guest_driver *d, const struct guest_domain *guest,
			   struct err *err)
{
	return with_domain(d, guest, set_links, err);
}

/* ---- saved states ---- */

/* libvirt writes them by a program of its own, which is in a package of its own. */
static bool has_helper(void)
{
	return !access("/usr/lib/libvirt/libvirt_iohelper", X_OK) ||
	       !access("/usr/libexec/libvirt_iohelper", X_OK);
}

int guest_driver_save(struct guest_driver *d, const struct guest_domain *guest, const char *path,
		      struct err *err)
{
	struct err problem = { 0 };
	virDomainPtr domain = find(d, guest, &problem);

	if (!domain && !problem.code)
		err_set(&problem, -ESRCH, "%s does not run", guest->name);
	if (domain && d->l->virDomainSave(domain, path))
		err_set(&problem, -EOPNOTSUPP, "%s cannot be saved: %s", guest->name,
			has_helper()
				? d->l->virGetLastErrorMessage()
				: "this host has nothing that libvirt writes it by: apt install "
				  "libvirt-daemon");
	if (domain)
		d->l->virDomainFree(domain);
	if (problem.code)
		*err = problem;
	return problem.code;
}

int guest_driver_restore(struct guest_driver *d, const struct guest_domain *guest, const char *path,
			 struct err *err)
{
	if (guest_driver_stop(d, guest, err) || enter(guest, err))
		return err->code;
	if (d->l->virDomainRestore(d->connection, path))
		return fail(d, err, guest->name);
	return guest_driver_set_links(d, guest, err); /* they may have been others then */
}

static int note_running(struct guest_driver *d, virDomainPtr domain,
			const struct guest_domain *guest, struct err *err)
{
	(void)d;
	(void)domain;
	(void)guest;
	return err_set(err, -EALREADY, "it runs");
}

bool guest_driver_is_running(struct guest_driver *d, const struct guest_domain *guest)
{
	struct err err = { 0 };

	return with_domain(d, guest, note_running, &err) == -EALREADY;
}
