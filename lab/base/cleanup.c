/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

void fd_cleanup(int *fd)
{
	fd_close(fd);
}

int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

void free_cleanup(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;

	free(*p);
	*p = NULL;
}

void file_cleanup(void *pointer_to_file)
{
	FILE **file = pointer_to_file;

	if (*file)
		(void)fclose(*file);
	*file = NULL;
}
