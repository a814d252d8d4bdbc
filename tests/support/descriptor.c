/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/descriptor.h"

#include <string.h>
#include <sys/socket.h>

ssize_t receive_descriptor(int fd, void *bytes, size_t size, int *ret_fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { bytes, size };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control.bytes) };
	ssize_t len = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = len < 0 ? NULL : CMSG_FIRSTHDR(&message);

	*ret_fd = -1;
	if (header)
		memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	return len;
}
