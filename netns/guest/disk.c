/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/disk.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"
#include "netns/guest/disk_image.h"
#include "netns/kernel/directory.h"
#include "netns/kernel/program.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of the seed: a floppy disk's, which every maker of them knows. */
#define SEED_LABEL "cidata"
#define SEED_KB    "1440"

#define ROOM_MB 512 /* what a system writes at its first boot, and some more */

/* In a guest's directory. */
#define SHOWN_IMAGE "image" /* the user's */
#define ITS_PATH    "image.path"
#define OVERLAY     "overlay"
#define SEED        "seed.img"
#define VARIABLES   "uefi-variables"

/* ---- what the host has ---- */

const char *guest_disk_place(void)
{
	const char *own = getenv("TMPDIR");

	return own && *own == '/' && !access(own, W_OK | X_OK) ? own : "/var/tmp";
}

int guest_disk_check_room(unsigned count, struct err *err)
{
	const char *place = guest_disk_place();
	unsigned long long free_mb;
	struct statvfs status;

	if (statvfs(place, &status))
		return err_set(err, -errno, "%s: %s", place, strerror(errno));
	free_mb = (unsigned long long)status.f_bavail * status.f_frsize / 1024 / 1024;
	if (free_mb >= (unsigned long long)count * ROOM_MB)
		return 0;
	return err_set(
		err, -ENOSPC,
		"what they write is kept in %s, and that has %llu MB left, of %llu that they "
		"need: TMPDIR=DIRECTORY names another place",
		place, free_mb, (unsigned long long)count * ROOM_MB);
}

int guest_disk_check_tools(bool is_uefi, struct err *err)
{
	static const struct {
		const char *program, *package;
	} tools[] = { { "qemu-img", "qemu-utils" },
		      { "mformat", "mtools" },
		      { "mcopy", "mtools" } };

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!program_is_there(tools[i].program))
			return err_set(
				err, -EOPNOTSUPP,
				"images of your own need %s, which is not here: apt install %s",
				tools[i].program, tools[i].package);
	if (is_uefi && (access(GUEST_UEFI_CODE, R_OK) || access(GUEST_UEFI_VARIABLES, R_OK)))
		return err_set(err, -EOPNOTSUPP,
			       "this host has no UEFI for guests: apt install ovmf");
	return 0;
}

/* ---- small programs ---- */

/* The first line, of all that there is. */
static void read_line(int fd, char *line, size_t size)
{
	char rest[512];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, rest, sizeof(rest))) > 0 || (n < 0 && errno == EINTR))
		for (ssize_t i = 0; i < n && len + 1 < size; i++)
			line[len++] = rest[i];
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* Words end with NULL. What it says when it fails becomes the error. */
static int run(char *const *argv, struct err *err)
{
	static char no_config[] = "MTOOLSRC=/dev/null", plain[] = "LC_ALL=C";
	char path[PATH_MAX], said[160] = "";
	char *environment[] = { path, no_config, plain, NULL };
	posix_spawn_file_actions_t actions;
	const char *own_path = getenv("PATH");
	int output[2], status = -1, failure;
	pid_t pid;

	if (pipe2(output, O_CLOEXEC))
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	(void)snprintf(path, sizeof(path), "PATH=%s", own_path ? own_path : "/usr/bin:/bin");
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, output[1], STDERR_FILENO);
	failure = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	fd_close(&output[1]);
	if (!failure)
		read_line(output[0], said, sizeof(said));
	fd_close(&output[0]);
	if (failure)
		return err_set(err, -failure, "%s: %s", argv[0], strerror(failure));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, -EIO, "%s: %s", argv[0], *said ? said : "failed");
	return 0;
}

/* ---- what the guest writes ---- */

/* NULL takes away what is mounted there. Returns an errno. */
static int mount_here(const char *path, const char *as)
{
	if (!path)
		return umount2(as, MNT_DETACH) ? errno : 0;
	return mount(path, as, NULL, MS_BIND, NULL) ? errno : 0;
}

/* The same in the lab's mounts, by a child: the caller has threads, and those share its mounts. */
static int mount_there(const struct guest_disks *disks, const char *path, const char *as)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(setns(disks->mounts, CLONE_NEWNS) ? errno : mount_here(path, as));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return EAGAIN;
	return WEXITSTATUS(status);
}

static int mount_file(const struct guest_disks *disks, const char *path, const char *as,
		      struct err *err)
{
	CLEANUP(fd_cleanup) int fd = open(as, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int failure = fd < 0 ? errno : mount_there(disks, path, as);

	if (!failure)
		failure = mount_here(path, as);
	if (failure)
		return err_set(err, -failure, "show %s as %s: %s", path, as, strerror(failure));
	return 0;
}

/*
 * A file of the place where there is room, that only these mounts lead to: it ends with them, as
 * they do with the lab.
 */
static int mount_nameless(const struct guest_disks *disks, const char *as, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/hublab.XXXXXX", guest_disk_place());
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	(void)mount_file(disks, path, as, err);
	(void)unlink(path);
	if (!err->code && fchown(fd, disks->user, disks->user))
		err_set(err, -errno, "give %s to QEMU: %s", as, strerror(errno));
	return err->code;
}

static bool is_of_image(const char *note, const char *path)
{
	CLEANUP(file_cleanup) FILE *file = fopen(note, "re");
	char line[PATH_MAX] = "";

	return file && fread(line, 1, sizeof(line) - 1, file) && !strcmp(line, path);
}

static int note_image(const char *note, const char *path, struct err *err)
{
	FILE *file = fopen(note, "we");
	bool is_written = file && fputs(path, file) >= 0;

	if ((file && fclose(file)) || !is_written)
		return err_set(err, -errno, "write %s: %s", note, strerror(errno));
	return 0;
}

/* QEMU's tool is not shown the image (-u): whose it is, nobody of its makers knows. */
static int make_overlay(const struct guest_disk *disk, uint64_t size_bytes, struct err *err)
{
	char size[24];
	char *argv[] = { (char *)"qemu-img",
			 (char *)"create",
			 (char *)"-q",
			 (char *)"-u",
			 (char *)"-f",
			 (char *)"qcow2",
			 (char *)"-F",
			 (char *)disk->format,
			 (char *)"-b",
			 (char *)disk->image,
			 (char *)disk->overlay,
			 size,
			 NULL };

	(void)snprintf(size, sizeof(size), "%" PRIu64, size_bytes);
	return run(argv, err);
}

static int make_writable(const struct guest_disks *disks, const struct guest_domain *guest,
			 const char *directory, struct guest_disk *disk, struct err *err)
{
	struct disk_image image;
	char note[PATH_MAX];

	(void)snprintf(note, sizeof(note), "%s/" ITS_PATH, directory);
	if (disk_image_probe(guest->image, &image, err))
		return err->code;
	disk->format = image.format;
	if (is_of_image(note, guest->image))
		return 0;
	guest_disk_remove(disks, directory);
	if (mount_file(disks, guest->image, disk->image, err) ||
	    mount_nameless(disks, disk->overlay, err) || make_overlay(disk, image.size_bytes, err))
		return err->code;
	return note_image(note, guest->image, err);
}

void guest_disk_remove(const struct guest_disks *disks, const char *directory)
{
	static const char *const names[] = { ITS_PATH, SHOWN_IMAGE, OVERLAY, SEED, VARIABLES };
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		(void)mount_here(NULL, path);
		(void)mount_there(disks, NULL, path);
		(void)unlink(path);
	}
}

/* ---- the seed ---- */

static int make_seed(const char *directory, const char *seed, struct err *err)
{
	static const char *const names[] = { "meta-data", "user-data", "network-config" };
	char files[ARRAY_SIZE(names)][PATH_MAX];
	char *format[] = {
		(char *)"mformat",  (char *)"-C", (char *)"-f", (char *)SEED_KB, (char *)"-v",
		(char *)SEED_LABEL, (char *)"-i", (char *)seed, (char *)"::",    NULL
	};
	char *copy[] = { (char *)"mcopy", (char *)"-i", (char *)seed, files[0],
			 files[1],        files[2],     (char *)"::", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)snprintf(files[i], sizeof(files[i]), "%s/seed/%s", directory, names[i]);
	(void)unlink(seed);
	if (run(format, err) || run(copy, err))
		return err_in(err, "the seed of cloud-init");
	if (chmod(seed, 0644))
		return err_set(err, -errno, "%s: %s", seed, strerror(errno));
	return 0;
}

int guest_disk_make(const struct guest_disks *disks, const struct guest_domain *guest,
		    const char *directory, struct guest_disk *ret_disk, struct err *err)
{
	struct guest_disk disk = { .is_uefi = guest->is_uefi };

	(void)snprintf(disk.image, sizeof(disk.image), "%s/" SHOWN_IMAGE, directory);
	(void)snprintf(disk.overlay, sizeof(disk.overlay), "%s/" OVERLAY, directory);
	(void)snprintf(disk.seed, sizeof(disk.seed), "%s/" SEED, directory);
	(void)snprintf(disk.variables, sizeof(disk.variables), "%s/" VARIABLES, directory);
	if (make_writable(disks, guest, directory, &disk, err) ||
	    make_seed(directory, disk.seed, err))
		return err->code;
	*ret_disk = disk;
	return 0;
}
