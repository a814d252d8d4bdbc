/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The micro image that `make images` builds. */
#include "lab/base/err.h"

#include <limits.h>

struct guest_image {
	char kernel[PATH_MAX], initrd[PATH_MAX];
};

/*
 * Beside the binary (in the source tree, or where it was installed), else where it was to be
 * installed. -ENOENT with what to do.
 */
int guest_image_find(struct guest_image *ret_image, struct err *err);
