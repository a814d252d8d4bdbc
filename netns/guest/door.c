/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/door.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

struct door {
	int fd;
	struct loop_fd *watch;
	struct agent *agent;
	char path[];
};

/* Who comes in vain sees the end of the connection, as by a daemon that ends. */
static void come_in(void *arg, unsigned events, uint64_t now_ns)
{
	const struct door *door = arg;
	struct err err = { 0 };
	int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	(void)now_ns;
	if (fd >= 0)
		(void)agent_join(door->agent, door->path, fd, NULL, NULL, &err);
}

/* However long the path is: by its directory. */
static int listen_at(int fd, const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(fd_cleanup) int directory = -1;
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];

	(void)snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	directory = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d%.80s",
		       directory, slash);
	(void)unlink(path); /* of a door before it */
	if (fd < 0 || directory < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, BACKLOG))
		return err_set(err, -errno, "listen at %.160s: %s", path, strerror(errno));
	return 0;
}

struct door *door_new(struct loop *loop, const char *path, struct agent *agent, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct door *door;

	if (directory_make_parents(path, err) || listen_at(fd, path, err))
		return NULL;
	door = calloc(1, sizeof(*door) + strlen(path) + 1);
	if (!door)
		abort();
	strcpy(door->path, path); /* the size was taken from it */
	door->agent = agent;
	door->fd = fd_take(&fd);
	door->watch = loop_fd_new(loop, door->fd, LOOP_READ, come_in, door, "door to a guest");
	return door;
}

void door_free(struct door *door)
{
	if (!door)
		return;
	loop_fd_free(door->watch);
	fd_close(&door->fd);
	(void)unlink(door->path);
	free(door);
}
