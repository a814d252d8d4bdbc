/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests by libvirt: against its own test driver, and by QEMU with the driver that is inside this
 * process, in namespaces of our own. (As ordinary users have them: tests/root/libvirt.sh.)
 */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "netns/guest/driver.h"
#include "netns/guest/guests.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct guest_machine test_machine = { .type = "test" };

static void ended(void *arg, const char *domain, const char *why)
{
	(void)arg;
	(void)domain;
	(void)why;
}

static struct guest_domain a_guest(const char *name)
{
	struct guest_domain guest = { .lab = "a", .memory_mb = 96, .vcpus = 1, .port_count = 1 };

	(void)snprintf(guest.name, sizeof(guest.name), "%s", name);
	(void)snprintf(guest.command_line, sizeof(guest.command_line), "a=\"<&'>\"");
	guest.ports[0] = (struct guest_port){ .name = "p-1", .mac = { 0, 0xd, 0x3a, 0, 0, 4 } };
	return guest;
}

static const struct guest_library *library(void)
{
	struct err err = { 0 };
	const struct guest_library *l = guest_library(&err);

	if (!l)
		fail_msg("%s", err.text);
	return l;
}

/* ---- what libvirt is told ---- */

static void names_and_words_cannot_break_the_xml(void **state)
{
	const struct guest_machine machine = { .type = "qemu", .kernel = "/k<", .initrd = "/i&" };
	struct guest_domain guest = a_guest("v\"m");
	char *xml = guest_domain_xml(library(), &guest, &machine);

	(void)state;
	assert_non_null(strstr(xml, "<cmdline>a=&quot;&lt;&amp;'&gt;&quot;</cmdline>"));
	assert_non_null(strstr(xml, "<kernel>/k&lt;</kernel>"));
	assert_non_null(strstr(xml, "name=\"v&quot;m\""));
	assert_non_null(strstr(xml, "<mac address=\"00:0d:3a:00:00:04\"/>"));
	assert_non_null(strstr(xml, "<target dev=\"p-1\" managed=\"no\"/>"));
	free(xml);
}

static void a_port_that_is_cut_has_no_carrier(void **state)
{
	struct guest_port port = a_guest("v").ports[0];
	char *xml;

	(void)state;
	xml = guest_port_xml(library(), &port);
	assert_non_null(strstr(xml, "<link state=\"up\"/>"));
	free(xml);
	port.is_cut = true;
	xml = guest_port_xml(library(), &port);
	assert_non_null(strstr(xml, "<link state=\"down\"/>"));
	free(xml);
}

/* ---- libvirt's test driver ---- */

/* One for all tests: libvirt's events are the process's. */
static struct guest_driver *driver(void)
{
	static struct guest_driver *d;
	struct err err = { 0 };

	if (!d)
		d = guest_driver_new("test:///default", NULL, NULL, ended, NULL, &err);
	if (!d)
		fail_msg("%s", err.text);
	return d;
}

static void a_guest_is_started_once_and_stopped(void **state)
{
	struct guest_domain guest = a_guest("one");
	struct err err = { 0 };

	(void)state;
	guest.port_count = 0; /* the test driver has no TAPs to find */
	assert_false(guest_driver_is_running(driver(), &guest));
	if (guest_driver_start(driver(), &guest, &test_machine, &err))
		fail_msg("%s", err.text);
	assert_true(guest_driver_is_running(driver(), &guest));
	assert_int_equal(guest_driver_start(driver(), &guest, &test_machine, &err), 0);
	assert_int_equal(guest_driver_stop(driver(), &guest, &err), 0);
	assert_false(guest_driver_is_running(driver(), &guest));
	assert_int_equal(guest_driver_stop(driver(), &guest, &err), 0);
}

static void what_others_defined_is_not_touched(void **state)
{
	static const char xml[] = "<domain type='test'><name>a-theirs</name><memory>8192</memory>"
				  "<os><type>hvm</type></os></domain>";
	struct guest_domain guest = a_guest("theirs");
	const struct guest_library *l = library();
	virConnectPtr connection;
	virDomainPtr theirs;
	struct err err = { 0 };

	(void)state;
	guest.port_count = 0;
	(void)driver();
	connection = l->virConnectOpen("test:///default"); /* the same one within a process */
	assert_non_null(connection);
	theirs = l->virDomainCreateXML(connection, xml, 0);
	assert_non_null(theirs);
	assert_int_equal(guest_driver_start(driver(), &guest, &test_machine, &err), -EEXIST);
	assert_non_null(strstr(err.text, "'a-theirs'"));
	assert_int_equal(guest_driver_stop(driver(), &guest, &err), -EEXIST);
	assert_int_equal(guest_driver_reset(driver(), &guest, &err), -EEXIST);
	assert_int_equal(l->virDomainIsActive(theirs), 1);
	(void)l->virDomainDestroy(theirs);
	(void)l->virDomainFree(theirs);
	(void)l->virConnectClose(connection);
}

static void what_libvirt_refuses_is_said(void **state)
{
	struct guest_domain guest = a_guest("bad");
	const struct guest_machine machine = { .type = "no-such-type" };
	struct err err = { 0 };

	(void)state;
	guest.port_count = 0;
	assert_int_equal(guest_driver_start(driver(), &guest, &machine, &err), -EIO);
	assert_non_null(strstr(err.text, "bad: "));
}

static void a_guest_goes_on_from_where_it_was_saved(void **state)
{
	static const char path[] = "/tmp/hublab-test-saved";
	struct guest_domain guest = a_guest("kept");
	struct err err = { 0 };

	(void)state;
	guest.port_count = 0;
	assert_int_equal(guest_driver_save(driver(), &guest, path, &err), -ESRCH);
	assert_string_equal(err.text, "kept does not run");
	err = (struct err){ 0 };
	assert_int_equal(guest_driver_start(driver(), &guest, &test_machine, &err), 0);
	assert_int_equal(guest_driver_save(driver(), &guest, path, &err), 0);
	assert_false(guest_driver_is_running(driver(), &guest));
	assert_int_equal(guest_driver_restore(driver(), &guest, path, &err), 0);
	assert_true(guest_driver_is_running(driver(), &guest));
	/* again, and the one that runs makes way */
	assert_int_equal(guest_driver_restore(driver(), &guest, path, &err), 0);
	assert_true(guest_driver_is_running(driver(), &guest));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(guest_driver_restore(driver(), &guest, path, &err), -EIO);
	assert_false(guest_driver_is_running(driver(), &guest));
}

static void what_cannot_be_saved_runs_on(void **state)
{
	struct guest_domain guest = a_guest("stays");
	struct err err = { 0 };

	(void)state;
	guest.port_count = 0;
	assert_int_equal(guest_driver_start(driver(), &guest, &test_machine, &err), 0);
	assert_int_equal(guest_driver_save(driver(), &guest, "/no/such/directory", &err),
			 -EOPNOTSUPP);
	assert_non_null(strstr(err.text, "stays cannot be saved: "));
	assert_true(guest_driver_is_running(driver(), &guest));
	assert_int_equal(guest_driver_stop(driver(), &guest, &err), 0);
}

static void what_there_is_no_memory_for_is_refused(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(guests_check_snapshot(1, &err), 0);
	assert_int_equal(guests_check_snapshot(1ULL << 40, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "'hublab snapshot --delete' makes room"));
}

/* ---- the embedded driver ---- */

static int run_embedded(void)
{
	struct guest_domain guest = a_guest("v");
	const struct guest_machine machine = { .type = "qemu" };
	struct guest_driver *d = NULL;
	struct guest_host host;
	struct err err = { 0 };

	guest.port_count = 0;
	if (mkdir("/run/guests", 0755))
		return 1;
	host = guest_host_find("/run/guests", NULL);
	d = guest_driver_new(NULL, "/run/guests", &host, ended, NULL, &err);
	if (!d || guest_driver_start(d, &guest, &machine, &err) ||
	    !guest_driver_is_running(d, &guest) ||
	    guest_driver_save(d, &guest, "/run/guests/saved", &err) ||
	    guest_driver_is_running(d, &guest) ||
	    guest_driver_restore(d, &guest, "/run/guests/saved", &err) ||
	    !guest_driver_is_running(d, &guest) || guest_driver_stop(d, &guest, &err) ||
	    guest_driver_is_running(d, &guest)) {
		(void)printf("%s\n", err.text);
		return 1;
	}
	return 0;
}

static void the_embedded_driver_runs_a_guest(void **state)
{
	struct err err = { 0 };
	pid_t pid, done;
	int status;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	if (geteuid() || guest_library_has_qemu(&err) ||
	    access("/usr/bin/qemu-system-x86_64", X_OK)) {
		(void)printf("no guests here, or not root: %s\n", err.text);
		skip();
	}
	(void)fflush(stdout);
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNS | CLONE_NEWNET) ||
		    mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) ||
		    mount("tmpfs", "/run", "tmpfs", 0, NULL))
			_exit(77);
		status = run_embedded();
		(void)fflush(stdout);
		_exit(status);
	}
	/* libvirt waits until a QEMU is gone, which is ours to see, as it is a supervisor's */
	while ((done = wait(&status)) != pid)
		assert_true(done > 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_embedded_driver_runs_a_guest), /* forks: first */
		cmocka_unit_test(names_and_words_cannot_break_the_xml),
		cmocka_unit_test(a_port_that_is_cut_has_no_carrier),
		cmocka_unit_test(a_guest_is_started_once_and_stopped),
		cmocka_unit_test(what_others_defined_is_not_touched),
		cmocka_unit_test(what_libvirt_refuses_is_said),
		cmocka_unit_test(a_guest_goes_on_from_where_it_was_saved),
		cmocka_unit_test(what_cannot_be_saved_runs_on),
		cmocka_unit_test(what_there_is_no_memory_for_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
