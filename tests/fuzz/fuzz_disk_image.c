/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes that are said to be a disk: they are refused with what to do, or they are a disk in a
 * format of ours, of a size that QEMU can write on top of, and no more is read than there is.
 */
#include "netns/guest/disk_format.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

struct input {
	const uint8_t *bytes;
	size_t size;
	uint64_t count; /* of the file: what is behind the bytes is a hole */
	unsigned reads;
};

static bool read_input(void *arg, uint64_t at, void *bytes, size_t len)
{
	struct input *input = arg;

	assert(at <= input->count && len <= input->count - at);
	input->reads++;
	memset(bytes, 0, len);
	if (at < input->size)
		memcpy(bytes, input->bytes + at, len < input->size - at ? len : input->size - at);
	return true;
}

static int read_disk(struct input *input)
{
	struct disk_image image = { 0 };
	struct err err = { 0 };

	if (disk_format_read(&(struct disk_bytes){ input->count, read_input, input }, &image,
			     &err)) {
		assert(err.code == -EINVAL && *err.text && !image.format);
		return err.code;
	}
	assert(!strcmp(image.format, "qcow2") || !strcmp(image.format, "raw"));
	assert(image.size_bytes && image.size_bytes <= DISK_BYTES_MAX);
	assert(strcmp(image.format, "raw") || image.size_bytes == input->count);
	assert(input->count >= 512);
	/* eight bytes that lead to another file, and four that say it is encrypted */
	assert(strcmp(image.format, "qcow2") || !memcmp(input->bytes + 8, (char[8]){ 0 }, 8));
	assert(strcmp(image.format, "qcow2") || !memcmp(input->bytes + 32, (char[4]){ 0 }, 4));
	return 0;
}

/* The last byte says how much of a hole there is behind the others; with less nothing gets better.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned shift = size ? data[size - 1] % 48 : 0;
	struct input input = { data, size, size + ((uint64_t)1 << shift), 0 };
	struct input cut = { data, size, size + ((uint64_t)1 << shift) / 3, 0 };
	bool is_qcow2 = size > 4 && !memcmp(data, "QFI", 3);

	if (read_disk(&input) && is_qcow2)
		assert(read_disk(&cut));
	else
		(void)read_disk(&cut);
	assert(input.reads < 5000); /* tables of counts have their limit */
	return 0;
}
