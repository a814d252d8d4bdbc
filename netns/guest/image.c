/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/image.h"

#include "lab/base/macros.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool find_in(const char *directory, const char *below, struct guest_image *image)
{
	int kernel =
		snprintf(image->kernel, sizeof(image->kernel), "%s%s/kernel", directory, below);
	int initrd =
		snprintf(image->initrd, sizeof(image->initrd), "%s%s/initrd", directory, below);
	int router =
		snprintf(image->router, sizeof(image->router), "%s%s/router", directory, below);

	if (router >= PATH_MAX || access(image->router, R_OK))
		*image->router = '\0';
	return kernel < PATH_MAX && initrd < PATH_MAX && !access(image->kernel, R_OK) &&
	       !access(image->initrd, R_OK);
}

int guest_image_has_router(const struct guest_image *image, struct err *err)
{
	if (*image->router)
		return 0;
	return err_set(err, -ENOENT,
		       "there is no image for NVAs that do more than to forward: 'make images' in "
		       "hublab's sources builds it, or says what it lacks");
}

int guest_image_find(struct guest_image *ret_image, struct err *err)
{
	char binary[PATH_MAX], *slash;
	ssize_t len = readlink("/proc/self/exe", binary, sizeof(binary) - 1);

	binary[len > 0 ? len : 0] = '\0';
	for (int up = 0; up < 3 && (slash = strrchr(binary, '/')); up++) {
		*slash = '\0';
		if (find_in(binary, "/images", ret_image) ||
		    find_in(binary, "/share/hublab/images", ret_image))
			return 0;
	}
	if (find_in(HUBLAB_DATADIR, "/images", ret_image))
		return 0;
	return err_set(err, -ENOENT,
		       "there is no image for guests: 'make images' in hublab's sources builds it");
}
