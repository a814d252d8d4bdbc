/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A disk image of the user's, as a file: what it is, by its bytes. QEMU is told that, and never
 * left to guess: a guest can write what it likes at the beginning of a raw disk.
 */
#include "lab/model/lab.h"
#include "netns/guest/disk_format.h"

/*
 * It is a file, whole, that others may read, in one of these formats, and nothing in it leads to
 * another file. -ENOENT, -EACCES, -EINVAL with what to do.
 */
int disk_image_probe(const char *path, struct disk_image *ret_image, struct err *err);

/* Of all guests of a lab: what is wrong with an image is a finding at its place in the file. */
void disk_images_check(const struct lab *lab, struct diags *diags);
