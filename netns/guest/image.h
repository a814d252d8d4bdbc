/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What `make images` builds: the micro image, and beside it that of routers. */
#include "lab/base/err.h"

#include <limits.h>

struct guest_image {
	char kernel[PATH_MAX], initrd[PATH_MAX];
	char router[PATH_MAX]; /* an initrd; "" when there is none */
};

/*
 * Beside the binary (in the source tree, or where it was installed), else where it was to be
 * installed. -ENOENT with what to do.
 */
int guest_image_find(struct guest_image *ret_image, struct err *err);
/* -ENOENT when there is none for routers, with what to do. */
int guest_image_has_router(const struct guest_image *image, struct err *err);
