/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/disk_image.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_file(void *arg, uint64_t at, void *bytes, size_t len)
{
	const int *fd = arg;

	return pread(*fd, bytes, len, (off_t)at) == (ssize_t)len;
}

static int examine(int fd, struct disk_image *image, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status))
		return err_set(err, -errno, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return err_set(err, -EINVAL, "is no file");
	if (!(status.st_mode & S_IROTH))
		return err_set(err, -EACCES,
			       "may not be read by others, and QEMU runs as nobody: chmod o+r");
	return disk_format_read(&(struct disk_bytes){ (uint64_t)status.st_size, read_file, &fd },
				image, err);
}

/* Which a lab sees its own of, and nothing of the host's. */
static bool is_hidden(const char *path)
{
	CLEANUP(free_cleanup) char *real = realpath(path, NULL);

	return real && !strncmp(real, "/run/", 5);
}

int disk_image_probe(const char *path, struct disk_image *ret_image, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct disk_image image;

	if (fd < 0 && errno == ENOENT)
		return err_set(err, -ENOENT, "%s: there is no such file", path);
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (is_hidden(path))
		return err_set(err, -EINVAL,
			       "%s is below /run, of which a lab has one of its own: it must be "
			       "elsewhere",
			       path);
	if (examine(fd, &image, err))
		return err_in(err, "%s", path);
	*ret_image = image;
	return 0;
}

void disk_images_check(const struct lab *lab, struct diags *diags)
{
	for (size_t i = 0; i < lab->vms.count; i++) {
		const struct vm *vm = &lab->vms.items[i];
		struct disk_image image;
		struct err err = { 0 };

		if (vm->image_path && disk_image_probe(vm->image_path, &image, &err))
			diag_add(diags, DIAG_GUEST_IMAGE, vm->image.pos, "'%s': %s",
				 vm->object.name, err.text);
	}
	diags_sort(diags);
}
