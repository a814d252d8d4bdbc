/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks of users: which boot, and what is said of each that does not. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "netns/guest/disk_image.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- bytes ---- */

#define CLUSTER 65536u
#define SIZE    (4 * CLUSTER) /* of `file` below: header, counts, block of counts, L1 */

struct file {
	uint8_t bytes[SIZE];
	uint64_t count;
	bool is_broken; /* no byte can be read */
};

static bool read_memory(void *arg, uint64_t at, void *bytes, size_t len)
{
	const struct file *file = arg;

	assert_true(at <= file->count && len <= file->count - at);
	if (file->is_broken)
		return false;
	for (size_t i = 0; i < len; i++) /* what is behind SIZE is a hole */
		((uint8_t *)bytes)[i] = at + i < SIZE ? file->bytes[at + i] : 0;
	return true;
}

static void put(struct file *file, size_t at, size_t len, uint64_t value)
{
	while (len--) {
		file->bytes[at + len] = (uint8_t)value;
		value >>= 8;
	}
}

/* As QEMU makes an empty one of 1 GiB: header, table of counts, their block, L1. */
static struct file *qcow2(void)
{
	static struct file file;

	memset(&file, 0, sizeof(file));
	file.count = SIZE;
	memcpy(file.bytes, "QFI\xfb", 4);
	put(&file, 4, 4, 3);
	put(&file, 20, 4, 16);
	put(&file, 24, 8, 1 << 30);
	put(&file, 36, 4, 2);
	put(&file, 40, 8, 3 * CLUSTER);
	put(&file, 48, 8, CLUSTER);
	put(&file, 56, 4, 1);
	put(&file, 96, 4, 4);
	put(&file, 100, 4, 112);
	put(&file, CLUSTER, 8, 2 * CLUSTER);
	for (size_t i = 0; i < 4; i++)
		put(&file, 2 * CLUSTER + 2 * i, 2, 1);
	return &file;
}

static struct file *raw(void)
{
	static struct file file;

	memset(&file, 0, sizeof(file));
	file.count = SIZE;
	file.bytes[510] = 0x55;
	file.bytes[511] = 0xaa;
	return &file;
}

static int read_format(struct file *file, struct disk_image *image, struct err *err)
{
	return disk_format_read(&(struct disk_bytes){ file->count, read_memory, file }, image, err);
}

static void assert_accepted(struct file *file, const char *format, uint64_t size_bytes)
{
	struct disk_image image = { 0 };
	struct err err = { 0 };

	if (read_format(file, &image, &err))
		fail_msg("refused: %s", err.text);
	assert_string_equal(image.format, format);
	assert_int_equal(image.size_bytes, size_bytes);
}

static void assert_refused(struct file *file, const char *words)
{
	struct disk_image image = { 0 };
	struct err err = { 0 };

	if (!read_format(file, &image, &err))
		fail_msg("accepted, and not: %s", words);
	if (!strstr(err.text, words))
		fail_msg("'%s' has no '%s'", err.text, words);
	assert_null(image.format);
}

/* With one number of its header another one. */
static void refused_with(size_t at, size_t len, uint64_t value, const char *words)
{
	struct file *file = qcow2();

	put(file, at, len, value);
	assert_refused(file, words);
}

static const char cut[] = "is cut short", unreadable[] = "is no qcow2 that QEMU can read";

static void raw_and_both_versions_of_qcow2_are_accepted(void **state)
{
	struct file *file = raw();

	(void)state;
	assert_accepted(file, "raw", SIZE);
	file->count = 512;
	assert_accepted(file, "raw", 512);
	file->count = DISK_BYTES_MAX;
	assert_accepted(file, "raw", DISK_BYTES_MAX);
	assert_accepted(qcow2(), "qcow2", 1 << 30);
	file = qcow2();
	put(file, 4, 4, 2);
	put(file, 72, 8, ~0ull); /* no header of the second version goes so far */
	put(file, 96, 8, ~0ull);
	assert_accepted(file, "qcow2", 1 << 30);
}

static void features_that_change_nothing_are_accepted(void **state)
{
	struct file *file = qcow2();

	(void)state;
	put(file, 72, 8, 1 | 8); /* was not closed; compressed by another algorithm */
	put(file, 80, 8, ~0ull); /* compatible ones, all of them */
	put(file, 88, 8, ~0ull); /* and those that a writer would clear */
	assert_accepted(file, "qcow2", 1 << 30);
	file = qcow2();
	put(file, 72, 8, 16); /* subclusters: an entry of L1 is of half as much */
	assert_refused(file, unreadable);
	put(file, 36, 4, 4);
	assert_accepted(file, "qcow2", 1 << 30);
}

static void what_leads_to_another_file_is_refused(void **state)
{
	(void)state;
	refused_with(8, 8, 112, "on top of another file: 'qemu-img convert -O qcow2'");
	refused_with(72, 8, 4, "data is in another file: 'qemu-img convert -O qcow2'");
}

static void what_nobody_can_read_is_refused(void **state)
{
	(void)state;
	refused_with(32, 4, 1, "is encrypted, and nobody could give QEMU the key: 'qemu-img");
	refused_with(32, 4, 2, "is encrypted");
	refused_with(72, 8, 2, "is corrupt: 'qemu-img check -r all'");
	for (unsigned bit = 5; bit < 64; bit++)
		refused_with(72, 8, 1ull << bit, "of a newer QEMU than this host's: convert it");
	refused_with(4, 4, 4, unreadable);
	refused_with(4, 4, 0, unreadable);
	refused_with(4, 4, 1, "is a qcow of the first version, which guests cannot boot here");
}

static void a_header_that_says_nonsense_is_refused(void **state)
{
	(void)state;
	refused_with(20, 4, 8, unreadable); /* clusters */
	refused_with(20, 4, 22, unreadable);
	refused_with(20, 4, ~0u, unreadable);
	refused_with(96, 4, 7, unreadable); /* width of a count */
	refused_with(96, 4, ~0u, unreadable);
	refused_with(100, 4, 103, unreadable); /* length of the header */
	refused_with(100, 4, CLUSTER + 1, unreadable);
	refused_with(40, 8, 3 * CLUSTER + 512, unreadable); /* no cluster's beginning */
	refused_with(48, 8, CLUSTER + 8, unreadable);
	refused_with(56, 4, 0, unreadable); /* no counts, or too many */
	refused_with(56, 4, 129, unreadable);
	refused_with(56, 4, ~0u, unreadable);
	refused_with(36, 4, 1, unreadable); /* L1: less than the disk has, more than QEMU reads */
	refused_with(36, 4, (4u << 20) + 1, unreadable);
	refused_with(36, 4, ~0u, unreadable);
	refused_with(CLUSTER, 8, 0, unreadable); /* nobody uses anything */
	refused_with(CLUSTER, 8, 2 * CLUSTER + 512, unreadable);
}

static void sizes_that_are_absurd_are_refused(void **state)
{
	struct file *file = qcow2();

	(void)state;
	refused_with(24, 8, 0, "of no size");
	refused_with(24, 8, ~0ull, "is a disk of 16777216 TiB, the limit is 64");
	refused_with(24, 8, 1ull << 63, "is a disk of 8388608 TiB, the limit is 64");
	refused_with(24, 8, DISK_BYTES_MAX + 1, "is a disk of 65 TiB, the limit is 64");
	put(file, 24, 8, DISK_BYTES_MAX);
	put(file, 36, 4, DISK_BYTES_MAX >> 29);
	file->count = 3 * CLUSTER + (DISK_BYTES_MAX >> 29) * 8;
	assert_accepted(file, "qcow2", DISK_BYTES_MAX);
	file = raw();
	file->count = DISK_BYTES_MAX + 512;
	assert_refused(file, "is a disk of 65 TiB, the limit is 64");
	/* where a table ends beyond all numbers */
	refused_with(40, 8, 0 - (uint64_t)CLUSTER, cut);
	refused_with(48, 8, 0 - (uint64_t)CLUSTER, cut);
	refused_with(CLUSTER, 8, 0x00ffffffffff0000, cut);
}

/* At whichever byte the fetching ended: but for the last of what is used, where nothing is lost. */
static void a_file_that_is_cut_short_is_refused(void **state)
{
	struct file *file = qcow2();

	(void)state;
	file->count = 0;
	assert_refused(file, "is empty: fetch it again");
	for (file->count = 1; file->count < 3 * CLUSTER + 16; file->count++)
		assert_refused(file, file->count < 4 ? "is no disk" : cut);
	assert_accepted(file, "qcow2", 1 << 30);
	/* with data in clusters up to 999, of which the file has all or not */
	file = qcow2();
	put(file, 2 * CLUSTER + 2 * 999, 2, 3);
	file->count = 999 * CLUSTER;
	assert_refused(file, "is cut short: fetch it again, or, if a machine that ran on it was");
	file->count++;
	assert_accepted(file, "qcow2", 1 << 30);
	file = raw();
	file->count = SIZE - 1;
	assert_refused(file, "is cut short, as a raw disk has whole sectors: fetch it again");
	file->count = 511;
	assert_refused(file, "is no disk");
}

/* The width of a count says which cluster the last one is of. */
static void counts_of_every_width_are_understood(void **state)
{
	(void)state;
	for (unsigned order = 0; order <= 6; order++) {
		struct file *file = qcow2();
		uint64_t last = (CLUSTER * 8 >> order) - 1; /* of a block */

		last -= order < 3 ? last % (8 >> order) : 0; /* of its last byte the first */
		put(file, 96, 4, order);
		memset(file->bytes + 2 * CLUSTER, 0, CLUSTER);
		file->bytes[3 * CLUSTER - 1] = 1;
		file->count = last * CLUSTER;
		assert_refused(file, cut);
		file->count++;
		assert_accepted(file, "qcow2", 1 << 30);
	}
}

static void what_cannot_be_read_is_said(void **state)
{
	struct file *file = qcow2();

	(void)state;
	file->is_broken = true;
	assert_refused(file, "cannot be read");
}

static void other_formats_are_known_by_name(void **state)
{
	static const char convert[] = "which guests cannot boot here: 'qemu-img convert -O qcow2'";
	static const struct {
		size_t at;
		const char *bytes;
		size_t len;
		const char *words, *way_out;
	} formats[] = {
		{ 0, "KDMV\1\0\0\0", 8, "is a VMDK", convert },
		{ 0, "COWD\1\0\0\0", 8, "is a VMDK", convert },
		{ 0, "# Disk DescriptorFile\nversion=1", 31, "is a VMDK", convert },
		{ 0, "conectix", 8, "is a VHD,", convert },
		{ SIZE - 512, "conectix", 8, "is a VHD,", convert },
		{ 0, "vhdxfile", 8, "is a VHDX", convert },
		{ 64, "\x7f\x10\xda\xbe", 4, "is a VDI", convert },
		{ 0, "QED\0", 4, "is a QED", convert },
		{ 0, "WithoutFreeSpace", 16, "is a disk of Parallels", convert },
		{ 0, "WithouFreSpacExt", 16, "is a disk of Parallels", convert },
		{ 0, "LUKS\xba\xbe", 6, "is encrypted", "'qemu-img convert', given it" },
		{ 0, "\x1f\x8b\x08", 3, "is packed", "gunzip it" },
		{ 0, "BZh9", 4, "is packed", "bunzip2 it" },
		{ 0, "\xfd\x37zXZ\0", 6, "is packed", "unxz it" },
		{ 0, "\x28\xb5\x2f\xfd", 4, "is packed", "unzstd it" },
		{ 0, "PK\3\4", 4, "is packed", "unzip it" },
		{ 0, "7z\xbc\xaf\x27\x1c", 6, "is packed", "'7z x' it" },
		{ 257, "ustar", 5, "is an archive, as an OVA is", "'tar xf' it" },
		{ 32769, "CD001", 5, "is a CD (ISO 9660)", "image for clouds" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct file *file = raw();

		if (formats[i].at == 32769) /* one that boots from a stick as well is a disk */
			file->bytes[510] = 0;
		memcpy(file->bytes + formats[i].at, formats[i].bytes, formats[i].len);
		assert_refused(file, formats[i].words);
		assert_refused(file, formats[i].way_out);
	}
}

static void what_boots_from_a_stick_is_a_disk(void **state)
{
	struct file *file = raw();

	(void)state;
	memcpy(file->bytes + 32769, "CD001", 5);
	assert_accepted(file, "raw", SIZE);
}

/* ---- files ---- */

static char directory[] = "/tmp/hublab-test.XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static char *path_of(const char *name)
{
	static char path[100];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

/* Those of the bytes that are no hole. */
static void write_file(const char *name, const struct file *file, mode_t mode)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = file->count < SIZE ? (size_t)file->count : SIZE;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, file->bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static void probe_fails(const char *path, int code, const char *words)
{
	char wanted[300];
	struct disk_image image;
	struct err err = { 0 };

	assert_int_equal(disk_image_probe(path, &image, &err), code);
	(void)snprintf(wanted, sizeof(wanted), "%s%s", path, words);
	assert_string_equal(err.text, wanted);
}

static void a_file_is_probed(void **state)
{
	struct disk_image image;
	struct err err = { 0 };

	(void)state;
	write_file("disk", qcow2(), 0644);
	assert_int_equal(disk_image_probe(path_of("disk"), &image, &err), 0);
	assert_string_equal(image.format, "qcow2");
	assert_int_equal(symlink("disk", path_of("link")), 0);
	write_file("disk", raw(), 0604);
	assert_int_equal(disk_image_probe(path_of("link"), &image, &err), 0);
	assert_string_equal(image.format, "raw");
	assert_int_equal(image.size_bytes, SIZE);
	assert_int_equal(unlink(path_of("disk")), 0);
	probe_fails(path_of("link"), -ENOENT, ": there is no such file");
	assert_int_equal(unlink(path_of("link")), 0);
}

static void what_is_no_file_for_qemu_is_refused(void **state)
{
	(void)state;
	probe_fails(directory, -EINVAL, ": is no file");
	probe_fails("/dev/null", -EINVAL, ": is no file");
	assert_int_equal(mkfifo(path_of("fifo"), 0644), 0); /* nobody writes: it does not wait */
	probe_fails(path_of("fifo"), -EINVAL, ": is no file");
	assert_int_equal(unlink(path_of("fifo")), 0);
	probe_fails(path_of("none"), -ENOENT, ": there is no such file");
	write_file("own", raw(), 0600);
	probe_fails(path_of("own"), -EACCES,
		    ": may not be read by others, and QEMU runs as nobody: chmod o+r");
	probe_fails(path_of("own/below"), -ENOTDIR, ": Not a directory");
	assert_int_equal(unlink(path_of("own")), 0);
	assert_int_equal(symlink("loop", path_of("loop")), 0);
	probe_fails(path_of("loop"), -ELOOP, ": Too many levels of symbolic links");
	assert_int_equal(unlink(path_of("loop")), 0);
}

/* ---- a lab ---- */

static void assert_line(const char *all, const char *where, const char *rest)
{
	char wanted[300];

	(void)snprintf(wanted, sizeof(wanted), "%s%s/%s", where, directory, rest);
	if (!strstr(all, wanted))
		fail_msg("no '%s' in: %s", wanted, all);
}

static void each_finding_is_where_the_lab_names_the_image(void **state)
{
	struct memory_file printed;
	struct diags diags = { 0 };
	struct fixture f;
	char text[1000], *all;

	(void)state;
	write_file("good", qcow2(), 0644);
	write_file("short", &(struct file){ .bytes = "QFI\xfb", .count = 4 }, 0644);
	(void)snprintf(text, sizeof(text),
		       "lab: t\n"
		       "virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: "
		       "10.0.0.0/24 } } }\n"
		       "vms:\n"
		       "  z: { subnet: v/s, kind: libvirt, image: %s/none }\n"
		       "  good: { subnet: v/s, kind: libvirt, image: %s/good }\n"
		       "  own: { subnet: v/s, kind: libvirt }\n"
		       "  a: { subnet: v/s, kind: libvirt, image: %s/short }\n",
		       directory, directory, directory);
	fixture_parse(&f, text);
	disk_images_check(f.lab, &diags);
	assert_int_equal(diags_error_count(&diags), 2);
	assert_int_equal(diags.items[0].id, DIAG_GUEST_IMAGE);
	diags_print(&diags, text, strlen(text), memory_open(&printed));
	all = memory_close(&printed);
	assert_line(all,
		    "test.yaml:4:43: error: 'z': ", "none: there is no such file [guest-image]\n");
	assert_line(all, "test.yaml:7:43: error: 'a': ",
		    "short: is cut short: fetch it again [guest-image]\n");
	free(all);
	diags_fini(&diags);
	fixture_free(&f);
	assert_int_equal(unlink(path_of("good")), 0);
	assert_int_equal(unlink(path_of("short")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_and_both_versions_of_qcow2_are_accepted),
		cmocka_unit_test(features_that_change_nothing_are_accepted),
		cmocka_unit_test(what_leads_to_another_file_is_refused),
		cmocka_unit_test(what_nobody_can_read_is_refused),
		cmocka_unit_test(a_header_that_says_nonsense_is_refused),
		cmocka_unit_test(sizes_that_are_absurd_are_refused),
		cmocka_unit_test(a_file_that_is_cut_short_is_refused),
		cmocka_unit_test(counts_of_every_width_are_understood),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(other_formats_are_known_by_name),
		cmocka_unit_test(what_boots_from_a_stick_is_a_disk),
		cmocka_unit_test(a_file_is_probed),
		cmocka_unit_test(what_is_no_file_for_qemu_is_refused),
		cmocka_unit_test(each_finding_is_where_the_lab_names_the_image),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
