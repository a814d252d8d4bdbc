/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/disk_image.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR_BYTES 512

/* ---- qcow2, as QEMU's docs/interop/qcow2.txt has it: numbers begin with their highest byte ----
 */

#define QCOW2_V2_BYTES 72
#define QCOW2_V3_BYTES 104

enum {
	QCOW2_VERSION = 4,
	QCOW2_BACKING_FILE = 8,
	QCOW2_CLUSTER_BITS = 20,
	QCOW2_SIZE = 24,
	QCOW2_ENCRYPTION = 32,
	QCOW2_L1_ENTRIES = 36,
	QCOW2_L1_TABLE = 40,
	QCOW2_INCOMPATIBLE = 72,
};

#define QCOW2_IS_CORRUPT       (1u << 1)
#define QCOW2_HAS_DATA_FILE    (1u << 2)
#define QCOW2_FEATURES_OF_QEMU 0x1fu

static uint64_t number(const uint8_t *bytes, size_t count)
{
	uint64_t value = 0;

	while (count--)
		value = value << 8 | *bytes++;
	return value;
}

static int read_qcow2(const uint8_t *head, size_t len, uint64_t file_bytes,
		      struct disk_image *image, struct err *err)
{
	uint64_t version = len < QCOW2_V2_BYTES ? 0 : number(head + QCOW2_VERSION, 4);
	uint64_t features, table, entries;

	if ((version != 2 && version != 3) || (version == 3 && len < QCOW2_V3_BYTES))
		return err_set(err, -EINVAL, "is no qcow2 that QEMU can read, though it begins so");
	features = version == 3 ? number(head + QCOW2_INCOMPATIBLE, 8) : 0;
	table = number(head + QCOW2_L1_TABLE, 8);
	entries = number(head + QCOW2_L1_ENTRIES, 4);
	image->format = "qcow2";
	image->size_bytes = number(head + QCOW2_SIZE, 8);
	if (number(head + QCOW2_BACKING_FILE, 8))
		return err_set(err, -EINVAL,
			       "is a qcow2 on top of another file: 'qemu-img convert -O qcow2' "
			       "makes one file of both");
	if (features & QCOW2_HAS_DATA_FILE)
		return err_set(err, -EINVAL,
			       "is a qcow2 whose data is in another file: 'qemu-img convert -O "
			       "qcow2' makes one file of both");
	if (number(head + QCOW2_ENCRYPTION, 4))
		return err_set(err, -EINVAL, "is encrypted: nobody could give QEMU the key");
	if (features & QCOW2_IS_CORRUPT)
		return err_set(err, -EINVAL,
			       "says of itself that it is corrupt: 'qemu-img check -r all'");
	if (features & ~(uint64_t)QCOW2_FEATURES_OF_QEMU)
		return err_set(err, -EINVAL, "is a qcow2 of a newer QEMU than this host's");
	if (number(head + QCOW2_CLUSTER_BITS, 4) < 9 || number(head + QCOW2_CLUSTER_BITS, 4) > 21 ||
	    !image->size_bytes)
		return err_set(err, -EINVAL, "is no qcow2 that QEMU can read, though it begins so");
	if (table > file_bytes || entries * 8 > file_bytes - table)
		return err_set(err, -EINVAL, "is cut short");
	return 0;
}

/* ---- others ---- */

#define CONVERT "'qemu-img convert -O qcow2' makes one that it can"

/* What people have, and QEMU is not to read. */
static const struct {
	size_t at;
	const char *bytes;
	size_t len;
	const char *words;
} others[] = {
	{ 0, "\x1f\x8b", 2, "is packed: gunzip it first" },
	{ 0, "BZh", 3, "is packed: bunzip2 it first" },
	{ 0,
	  "\xfd"
	  "7zXZ",
	  5, "is packed: unxz it first" },
	{ 0, "\x28\xb5\x2f\xfd", 4, "is packed: unzstd it first" },
	{ 0, "PK\x03\x04", 4, "is packed: unzip it first" },
	{ 0, "KDMV", 4, "is a VMDK, which guests cannot boot here: " CONVERT },
	{ 0, "# Disk DescriptorFile", 21, "is a VMDK, which guests cannot boot here: " CONVERT },
	{ 0, "conectix", 8, "is a VHD, which guests cannot boot here: " CONVERT },
	{ 0, "vhdxfile", 8, "is a VHDX, which guests cannot boot here: " CONVERT },
	{ 64, "\x7f\x10\xda\xbe", 4, "is a VDI, which guests cannot boot here: " CONVERT },
};

static int refuse_others(const uint8_t *head, size_t len, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].at + others[i].len <= len &&
		    !memcmp(head + others[i].at, others[i].bytes, others[i].len))
			return err_set(err, -EINVAL, "%s", others[i].words);
	return 0;
}

/* A VHD of fixed size is a raw disk with a sector behind it that says so. */
static bool ends_as_vhd(int fd, uint64_t file_bytes)
{
	char cookie[8];

	return file_bytes > SECTOR_BYTES &&
	       pread(fd, cookie, sizeof(cookie), (off_t)(file_bytes - SECTOR_BYTES)) ==
		       (ssize_t)sizeof(cookie) &&
	       !memcmp(cookie, "conectix", sizeof(cookie));
}

static int read_raw(int fd, const uint8_t *head, size_t len, uint64_t file_bytes,
		    struct disk_image *image, struct err *err)
{
	if (ends_as_vhd(fd, file_bytes))
		return err_set(err, -EINVAL, "is a VHD, which guests cannot boot here: " CONVERT);
	if (len < SECTOR_BYTES || head[510] != 0x55 || head[511] != 0xaa)
		return err_set(err, -EINVAL,
			       "is no disk: neither qcow2, nor raw with a sector to boot from");
	if (file_bytes % SECTOR_BYTES)
		return err_set(err, -EINVAL, "is cut short: a raw disk has whole sectors");
	image->format = "raw";
	image->size_bytes = file_bytes;
	return 0;
}

/* ---- one of them ---- */

static int examine(int fd, struct disk_image *image, struct err *err)
{
	uint8_t head[SECTOR_BYTES] = { 0 };
	struct stat status;
	ssize_t len;

	if (fstat(fd, &status))
		return err_set(err, -errno, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return err_set(err, -EINVAL, "is no file");
	if (!(status.st_mode & S_IROTH))
		return err_set(err, -EACCES,
			       "may not be read by others, and QEMU runs as nobody: chmod o+r");
	len = pread(fd, head, sizeof(head), 0);
	if (len < 0)
		return err_set(err, -errno, "%s", strerror(errno));
	if (len >= 4 && !memcmp(head, "QFI\xfb", 4))
		return read_qcow2(head, (size_t)len, (uint64_t)status.st_size, image, err);
	if (refuse_others(head, (size_t)len, err))
		return err->code;
	return read_raw(fd, head, (size_t)len, (uint64_t)status.st_size, image, err);
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
