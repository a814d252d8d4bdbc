/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <sys/types.h>

/* As recv(); into *ret_fd the descriptor that came with it, -1 when none did. */
ssize_t receive_descriptor(int fd, void *bytes, size_t size, int *ret_fd);
