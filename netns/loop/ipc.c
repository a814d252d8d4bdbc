/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/loop/ipc.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int ipc_pair(int ret_fds[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds))
		return err_set(err, -errno, "socket pair: %s", strerror(errno));
	return 0;
}

int ipc_send(int fd, const void *message, size_t size, const int *fds, unsigned fd_count,
	     struct err *err)
{
	struct iovec part = { .iov_base = (void *)message, .iov_len = size };
	union {
		char bytes[CMSG_SPACE(IPC_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	if (fd_count) {
		struct cmsghdr *head;

		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(head), fds, fd_count * sizeof(int));
	}
	do
		sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return err_set(err, -errno, "send: %s", strerror(errno));
	return 0;
}

ssize_t ipc_receive(int fd, void *message, size_t size, int ret_fds[IPC_MAX_FDS], struct err *err)
{
	struct iovec part = { .iov_base = message, .iov_len = size };
	union {
		char bytes[CMSG_SPACE(IPC_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };
	ssize_t got;

	for (int i = 0; i < IPC_MAX_FDS; i++)
		ret_fds[i] = -1;
	do
		got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, -errno, "receive: %s", strerror(errno));
	for (struct cmsghdr *head = CMSG_FIRSTHDR(&msg); head; head = CMSG_NXTHDR(&msg, head))
		if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
			memcpy(ret_fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
	return got;
}

int ipc_memory_write(const void *bytes, size_t size, int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = memfd_create("hublab-plan", MFD_CLOEXEC);
	size_t done = 0;

	if (fd < 0)
		return err_set(err, -errno, "memfd: %s", strerror(errno));
	while (done < size) {
		ssize_t n = write(fd, (const char *)bytes + done, size - done);

		if (n < 0)
			return err_set(err, -errno, "memfd write: %s", strerror(errno));
		done += (size_t)n;
	}
	*ret_fd = fd_take(&fd);
	return 0;
}

void *ipc_memory_read(int fd, size_t *ret_size, struct err *err)
{
	struct stat status;
	size_t size = 0;
	char *bytes;

	if (fstat(fd, &status)) {
		err_set(err, -errno, "memfd: %s", strerror(errno));
		return NULL;
	}
	bytes = malloc((size_t)status.st_size + 1);
	if (!bytes)
		abort();
	while (size < (size_t)status.st_size) {
		ssize_t n = pread(fd, bytes + size, (size_t)status.st_size - size, (off_t)size);

		if (n <= 0) {
			err_set(err, -EIO, "memfd read");
			free(bytes);
			return NULL;
		}
		size += (size_t)n;
	}
	*ret_size = size;
	return bytes;
}

/* By its directory: what a socket's address has room for is short. */
int ipc_connect(const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(fd_cleanup) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CLEANUP(free_cleanup) char *parent = strdup(path);
	CLEANUP(fd_cleanup) int directory = -1;
	const char *slash = strrchr(path, '/');

	if (!parent)
		abort();
	directory = open(dirname(parent), O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d%s", directory,
		       slash ? slash : "");
	if (fd < 0 || directory < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return err_set(err, -errno, "connect to %.160s: %s", path, strerror(errno));
	return fd_take(&fd);
}
