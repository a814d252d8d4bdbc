/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are guests run by KVM? What is asked is the processor, the device and a boot; each is a file of
 * this test here, so that all outcomes are seen on every machine.
 */
#include "tests/support/test.h"

#include "netns/guest/accelerator.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KVM_GROUP 4711
#define NOBODY    65534

static const char with_vmx[] = "processor\t: 0\nflags\t\t: fpu vmx sse\n";
static const char with_svm[] = "processor\t: 0\nflags\t\t: fpu svm sse\n";
static const char with_neither[] = "processor\t: 0\nflags\t\t: fpu vmxnet sse\n";

#define SPEAKS "echo kernel\nexec sleep 60\n"
#define ENDS   "exit 1\n"
#define HANGS  "exec sleep 60\n"

/* What this host has, and what is found. */
struct outcome {
	const char *cpuinfo;
	const char *qemu; /* what it does, as sh; NULL: there is none */
	bool has_device, is_tried, has_kvm;
};

static void write_text(const char *path, const char *before, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(before, file) < 0 || fputs(text, file) < 0 || fclose(file))
		_exit(77);
}

/* A host of one's own: its processor, its /dev and its QEMU, which tells that it was run. */
static void make_host(const struct outcome *o)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) ||
	    mount("tmpfs", "/mnt", "tmpfs", 0, "mode=777"))
		_exit(77);
	write_text("/mnt/cpuinfo", o->cpuinfo, "");
	write_text("/mnt/null", "", "");
	if (mount("/mnt/cpuinfo", "/proc/cpuinfo", NULL, MS_BIND, NULL) ||
	    mount("/dev/null", "/mnt/null", NULL, MS_BIND, NULL) ||
	    mount("/mnt", "/dev", NULL, MS_BIND | MS_REC, NULL))
		_exit(77);
	if (o->has_device) {
		write_text("/dev/kvm", "", "");
		if (chown("/dev/kvm", 0, KVM_GROUP) || chmod("/dev/kvm", 0660))
			_exit(77);
	}
	(void)mkdir("/mnt/bin", 0755);
	if (o->qemu) {
		write_text("/mnt/bin/qemu-system-x86_64", "#!/bin/sh\n: >/mnt/tried\n", o->qemu);
		(void)chmod("/mnt/bin/qemu-system-x86_64", 0755);
	}
	(void)mkdir("/mnt/guests", 0755);
	(void)setenv("PATH", "/mnt/bin:/usr/bin:/bin", 1);
}

static int find(const struct outcome *o)
{
	static const struct guest_image image = { .kernel = "/k", .initrd = "/i" };
	struct guest_host host;
	bool is_tried;

	make_host(o);
	host = guest_host_find("/mnt/guests", &image);
	is_tried = !access("/mnt/tried", F_OK);
	if (host.has_kvm == o->has_kvm && is_tried == o->is_tried && host.uid == NOBODY &&
	    host.gid == (o->has_kvm ? KVM_GROUP : NOBODY))
		return 0;
	(void)printf("kvm %d, tried %d, as %u:%u\n", host.has_kvm, is_tried, host.uid, host.gid);
	return 1;
}

static void assert_outcome(struct outcome o)
{
	int status;
	pid_t pid;

	if (geteuid()) {
		(void)printf("not root\n");
		skip();
	}
	(void)fflush(stdout);
	pid = fork();
	if (!pid) {
		status = find(&o);
		(void)fflush(stdout);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_guest_that_boots_has_kvm(void **state)
{
	(void)state;
	assert_outcome((struct outcome){ with_vmx, SPEAKS, true, true, true });
	assert_outcome((struct outcome){ with_svm, SPEAKS, true, true, true });
}

static void a_device_that_opens_is_not_enough(void **state)
{
	(void)state;
	assert_outcome((struct outcome){ with_vmx, ENDS, true, true, false });
	assert_outcome((struct outcome){ with_vmx, NULL, true, false, false });
}

static void a_boot_that_hangs_is_ended(void **state)
{
	(void)state;
	assert_outcome((struct outcome){ with_vmx, HANGS, true, true, false });
}

static void without_its_flags_or_its_device_it_is_not_tried(void **state)
{
	(void)state;
	assert_outcome((struct outcome){ with_neither, SPEAKS, true, false, false });
	assert_outcome((struct outcome){ with_vmx, SPEAKS, false, false, false });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_that_boots_has_kvm),
		cmocka_unit_test(a_device_that_opens_is_not_enough),
		cmocka_unit_test(a_boot_that_hangs_is_ended),
		cmocka_unit_test(without_its_flags_or_its_device_it_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
