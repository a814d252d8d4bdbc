/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/disk_format.h"

#include "lab/base/macros.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define SECTOR_BYTES 512

static int read_bytes(const struct disk_bytes *file, uint64_t at, void *bytes, size_t len,
		      struct err *err)
{
	if (at > file->count || len > file->count - at)
		return err_set(err, -EINVAL, "is cut short: fetch it again");
	if (!file->read(file->arg, at, bytes, len))
		return err_set(err, -EIO, "cannot be read");
	return 0;
}

static int check_size(uint64_t size_bytes, struct err *err)
{
	if (size_bytes <= DISK_BYTES_MAX)
		return 0;
	return err_set(err, -EINVAL, "is a disk of %" PRIu64 " TiB, the limit is %u",
		       ((size_bytes - 1) >> 40) + 1, (unsigned)(DISK_BYTES_MAX >> 40));
}

/*
 * ---- qcow2, as QEMU's docs/interop/qcow2.txt has it: numbers begin with their highest byte ----
 */

#define QCOW2_MAGIC    "QFI\xfb"
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
	QCOW2_COUNTS_TABLE = 48,
	QCOW2_COUNTS_CLUSTERS = 56,
	QCOW2_INCOMPATIBLE = 72,
	QCOW2_COUNT_ORDER = 96,
	QCOW2_HEADER_BYTES = 100,
};

/* Of "incompatible features"; 0 (was not closed) and 3 (how it is compressed) are nothing to us. */
#define QCOW2_IS_CORRUPT       (1u << 1)
#define QCOW2_HAS_DATA_FILE    (1u << 2)
#define QCOW2_HAS_SUBCLUSTERS  (1u << 4)
#define QCOW2_FEATURES_OF_QEMU 0x1fu

/* What QEMU reads, and no more. */
#define QCOW2_L1_BYTES_MAX     ((uint64_t)32 << 20)
#define QCOW2_COUNTS_BYTES_MAX ((uint64_t)8 << 20)
#define QCOW2_OFFSET           0x00fffffffffffe00u /* of an entry of a table */

struct qcow2 {
	uint64_t size_bytes, features;
	uint64_t l1_table, l1_entries;
	uint64_t counts_table, counts_bytes;
	uint64_t cluster_bytes;
	unsigned cluster_bits, count_order; /* powers of two */
};

static uint64_t number(const uint8_t *bytes, size_t count)
{
	uint64_t value = 0;

	while (count--)
		value = value << 8 | *bytes++;
	return value;
}

static int refuse_qcow2(struct err *err)
{
	return err_set(err, -EINVAL,
		       "is no qcow2 that QEMU can read, though it begins so: 'qemu-img check' says "
		       "more");
}

static int read_header(const uint8_t *head, size_t len, struct qcow2 *q, struct err *err)
{
	uint64_t version = number(head + QCOW2_VERSION, 4);
	uint64_t cluster_bits = number(head + QCOW2_CLUSTER_BITS, 4);
	uint64_t header_bytes = QCOW2_V2_BYTES, order = 4;

	if ((version != 2 && version != 3) || cluster_bits < 9 || cluster_bits > 21)
		return refuse_qcow2(err);
	if (version == 3 && len < QCOW2_V3_BYTES)
		return err_set(err, -EINVAL, "is cut short: fetch it again");
	if (version == 3) {
		q->features = number(head + QCOW2_INCOMPATIBLE, 8);
		order = number(head + QCOW2_COUNT_ORDER, 4);
		header_bytes = number(head + QCOW2_HEADER_BYTES, 4);
	}
	q->cluster_bits = (unsigned)cluster_bits;
	q->cluster_bytes = (uint64_t)1 << cluster_bits;
	if (order > 6 || header_bytes > q->cluster_bytes ||
	    (version == 3 && header_bytes < QCOW2_V3_BYTES))
		return refuse_qcow2(err);
	q->count_order = (unsigned)order;
	q->size_bytes = number(head + QCOW2_SIZE, 8);
	q->l1_table = number(head + QCOW2_L1_TABLE, 8);
	q->l1_entries = number(head + QCOW2_L1_ENTRIES, 4);
	q->counts_table = number(head + QCOW2_COUNTS_TABLE, 8);
	q->counts_bytes = number(head + QCOW2_COUNTS_CLUSTERS, 4) << cluster_bits;
	return 0;
}

static int check_features(const uint8_t *head, const struct qcow2 *q, struct err *err)
{
	if (number(head + QCOW2_BACKING_FILE, 8))
		return err_set(err, -EINVAL,
			       "is a qcow2 on top of another file: 'qemu-img convert -O qcow2' "
			       "makes one file of both");
	if (q->features & ~(uint64_t)QCOW2_FEATURES_OF_QEMU)
		return err_set(err, -EINVAL,
			       "is a qcow2 of a newer QEMU than this host's: convert it where it "
			       "was made, 'qemu-img convert -O qcow2 -o compat=0.10'");
	if (q->features & QCOW2_HAS_DATA_FILE)
		return err_set(err, -EINVAL,
			       "is a qcow2 whose data is in another file: 'qemu-img convert -O "
			       "qcow2' makes one file of both");
	if (number(head + QCOW2_ENCRYPTION, 4))
		return err_set(err, -EINVAL,
			       "is encrypted, and nobody could give QEMU the key: 'qemu-img "
			       "convert -O qcow2', given it, makes one that is not");
	if (q->features & QCOW2_IS_CORRUPT)
		return err_set(err, -EINVAL,
			       "says of itself that it is corrupt: 'qemu-img check -r all'");
	return 0;
}

static bool is_within(const struct disk_bytes *file, uint64_t at, uint64_t len)
{
	return at <= file->count && len <= file->count - at;
}

/* Its tables are as large as its disk needs, where they may be, and in the file. */
static int check_tables(const struct disk_bytes *file, const struct qcow2 *q, struct err *err)
{
	unsigned entry_bits = q->features & QCOW2_HAS_SUBCLUSTERS ? 4 : 3;
	unsigned covered_bits = 2 * q->cluster_bits - entry_bits; /* by an L1 entry */

	if (!q->size_bytes)
		return err_set(err, -EINVAL, "is a disk of no size");
	if (check_size(q->size_bytes, err))
		return err->code;
	if (q->l1_entries * 8 > QCOW2_L1_BYTES_MAX ||
	    q->l1_entries < ((q->size_bytes - 1) >> covered_bits) + 1 ||
	    ((q->l1_table | q->counts_table) & (q->cluster_bytes - 1)) || !q->counts_bytes ||
	    q->counts_bytes > QCOW2_COUNTS_BYTES_MAX)
		return refuse_qcow2(err);
	if (!is_within(file, q->l1_table, q->l1_entries * 8) ||
	    !is_within(file, q->counts_table, q->counts_bytes))
		return err_set(err, -EINVAL, "is cut short: fetch it again");
	return 0;
}

/* The last byte of a table that is not 0, from 1; 0 when there is none. */
static int find_last(const struct disk_bytes *file, uint64_t at, uint64_t len, uint64_t *ret_last,
		     struct err *err)
{
	uint8_t piece[4096] = { 0 };

	*ret_last = 0;
	while (len && !*ret_last) {
		size_t n = len % sizeof(piece) ? len % sizeof(piece) : sizeof(piece);

		if (read_bytes(file, at + len - n, piece, n, err))
			return err->code;
		while (n && !piece[n - 1])
			n--, len--;
		if (n)
			*ret_last = len;
	}
	return 0;
}

/*
 * A file that was not fetched to its end has all of the above, mostly. It counts who uses each of
 * its clusters, and the last that somebody uses is in it, or begins in it.
 */
static int check_end(const struct disk_bytes *file, const struct qcow2 *q, struct err *err)
{
	uint64_t last, block, first, entry;
	uint8_t bytes[8];

	if (find_last(file, q->counts_table, q->counts_bytes, &last, err))
		return err->code;
	if (!last)
		return refuse_qcow2(err);
	entry = (last - 1) / 8;
	if (read_bytes(file, q->counts_table + entry * 8, bytes, sizeof(bytes), err))
		return err->code;
	block = number(bytes, 8) & QCOW2_OFFSET;
	if (block & (q->cluster_bytes - 1))
		return refuse_qcow2(err);
	first = entry << (q->cluster_bits + 3 - q->count_order);
	if (!is_within(file, block, q->cluster_bytes))
		return err_set(err, -EINVAL, "is cut short: fetch it again");
	if (find_last(file, block, q->cluster_bytes, &last, err))
		return err->code;
	if (last &&
	    first + ((last - 1) * 8 >> q->count_order) > (file->count - 1) >> q->cluster_bits)
		return err_set(err, -EINVAL,
			       "is cut short: fetch it again, or, if a machine that ran on it was "
			       "killed, 'qemu-img check -r all'");
	return 0;
}

static int read_qcow2(const struct disk_bytes *file, const uint8_t *head, size_t len,
		      struct disk_image *image, struct err *err)
{
	struct qcow2 q = { 0 };

	if (len < QCOW2_V2_BYTES)
		return err_set(err, -EINVAL, "is cut short: fetch it again");
	if (read_header(head, len, &q, err) || check_features(head, &q, err) ||
	    check_tables(file, &q, err) || check_end(file, &q, err))
		return err->code;
	*image = (struct disk_image){ "qcow2", q.size_bytes };
	return 0;
}

/* ---- others ---- */

#define CONVERT "which guests cannot boot here: 'qemu-img convert -O qcow2' makes one that they can"

/* What people have, and QEMU is not to read. */
static const struct {
	size_t at;
	const char *bytes;
	size_t len;
	const char *words;
} others[] = {
	{ 0, "\x1f\x8b", 2, "is packed: gunzip it first" },
	{ 0, "BZh", 3, "is packed: bunzip2 it first" },
	{ 0, "\xfd\x37zXZ", 6, "is packed: unxz it first" },
	{ 0, "\x28\xb5\x2f\xfd", 4, "is packed: unzstd it first" },
	{ 0, "PK\x03\x04", 4, "is packed: unzip it first" },
	{ 0, "7z\xbc\xaf\x27\x1c", 6, "is packed: '7z x' it first" },
	{ 257, "ustar", 5, "is an archive, as an OVA is: 'tar xf' it, and convert the disk in it" },
	{ 0, QCOW2_MAGIC "\0\0\0\1", 8, "is a qcow of the first version, " CONVERT },
	{ 0, "KDMV", 4, "is a VMDK, " CONVERT },
	{ 0, "COWD", 4, "is a VMDK, " CONVERT },
	{ 0, "# Disk DescriptorFile", 21, "is a VMDK, " CONVERT },
	{ 0, "conectix", 8, "is a VHD, " CONVERT },
	{ 0, "vhdxfile", 8, "is a VHDX, " CONVERT },
	{ 64, "\x7f\x10\xda\xbe", 4, "is a VDI, " CONVERT },
	{ 0, "QED", 4, "is a QED, " CONVERT },
	{ 0, "WithoutFreeSpace", 16, "is a disk of Parallels, " CONVERT },
	{ 0, "WithouFreSpacExt", 16, "is a disk of Parallels, " CONVERT },
	{ 0, "LUKS\xba\xbe", 6,
	  "is encrypted, and nobody could give QEMU the key: 'qemu-img convert', given it, makes "
	  "one that is not" },
};

static int refuse_others(const uint8_t *head, size_t len, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].at + others[i].len <= len &&
		    !memcmp(head + others[i].at, others[i].bytes, others[i].len))
			return err_set(err, -EINVAL, "%s", others[i].words);
	return 0;
}

static bool has_at(const struct disk_bytes *file, uint64_t at, const char *text)
{
	size_t len = strlen(text);
	char bytes[8];

	return len <= sizeof(bytes) && is_within(file, at, len) &&
	       file->read(file->arg, at, bytes, len) && !memcmp(bytes, text, len);
}

#define ISO_SECTOR 32768

static int read_raw(const struct disk_bytes *file, const uint8_t *head, size_t len,
		    struct disk_image *image, struct err *err)
{
	/* One of fixed size is a raw disk with a sector behind it that says so. */
	if (file->count > SECTOR_BYTES && has_at(file, file->count - SECTOR_BYTES, "conectix"))
		return err_set(err, -EINVAL, "is a VHD, " CONVERT);
	if (len < SECTOR_BYTES || head[510] != 0x55 || head[511] != 0xaa)
		return err_set(err, -EINVAL, "%s",
			       has_at(file, ISO_SECTOR + 1, "CD001")
				       ? "is a CD (ISO 9660) that boots as no disk: take the "
					 "system's image for clouds, or install it to a disk "
					 "elsewhere"
				       : "is no disk: neither qcow2, nor raw with a sector to "
					 "boot from");
	if (file->count % SECTOR_BYTES)
		return err_set(err, -EINVAL,
			       "is cut short, as a raw disk has whole sectors: fetch it again");
	if (check_size(file->count, err))
		return err->code;
	*image = (struct disk_image){ "raw", file->count };
	return 0;
}

int disk_format_read(const struct disk_bytes *file, struct disk_image *ret_image, struct err *err)
{
	uint8_t head[SECTOR_BYTES] = { 0 };
	size_t len = file->count < sizeof(head) ? (size_t)file->count : sizeof(head);

	if (!len)
		return err_set(err, -EINVAL, "is empty: fetch it again");
	if (read_bytes(file, 0, head, len, err))
		return err->code;
	if (refuse_others(head, len, err))
		return err->code;
	if (len >= 4 && !memcmp(head, QCOW2_MAGIC, 4))
		return read_qcow2(file, head, len, ret_image, err);
	return read_raw(file, head, len, ret_image, err);
}
