/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Messages with descriptors between the processes of one lab, over a SOCK_SEQPACKET pair: both
 * ends are the same program, so a message is a struct. And the way to others' sockets.
 */
#include "lab/base/err.h"

#include <stddef.h>
#include <sys/types.h>

#define IPC_MAX_FDS 4

/* A pair; both ends close on exec. */
int ipc_pair(int ret_fds[2], struct err *err);

/* The descriptors stay the caller's. Blocks when the other side does not read. */
int ipc_send(int fd, const void *message, size_t size, const int *fds, unsigned fd_count,
	     struct err *err);

/*
 * Receive one message into `message`. Returns its size, 0 when the other side is gone, or a
 * negative error, -EAGAIN when nothing is there and the descriptor does not block. The received
 * descriptors (close on exec) are the caller's; the others are -1.
 */
ssize_t ipc_receive(int fd, void *message, size_t size, int ret_fds[IPC_MAX_FDS], struct err *err);

/* Bytes too many for a message, as a file in memory; the descriptor is the caller's. */
int ipc_memory_write(const void *bytes, size_t size, int *ret_fd, struct err *err);
/* All of it, to be freed by the caller. */
void *ipc_memory_read(int fd, size_t *ret_size, struct err *err) NODISCARD;

/* To the socket of another program, however long its path is; it does not block. */
int ipc_connect(const char *path, struct err *err);
