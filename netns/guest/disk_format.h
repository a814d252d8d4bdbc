/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What kind of disk some bytes are: qcow2 and raw are read, what else people have is known by name
 * and refused with what to do. No file is opened here: bytes are asked for by their place.
 */
#include "lab/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Azure's largest disk; QEMU could not write on top of much larger ones. */
#define DISK_BYTES_MAX ((uint64_t)64 << 40)

struct disk_image {
	const char *format;  /* as QEMU calls it: "qcow2", "raw" */
	uint64_t size_bytes; /* of the disk */
};

struct disk_bytes {
	uint64_t count;
	/* All `len` of them, or false. Asked for what is within `count` only. */
	bool (*read)(void *arg, uint64_t at, void *bytes, size_t len);
	void *arg;
};

/* Whole, and nothing in it leads to another file; else -EINVAL and what to do, or -EIO. */
int disk_format_read(const struct disk_bytes *file, struct disk_image *ret_image, struct err *err);
