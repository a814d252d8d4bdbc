/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/directory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int directory_make(const char *path, struct err *err)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		return err_set(err, -errno, "make %s: %s", path, strerror(errno));
	return 0;
}
