/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a lab leaves on the host: one directory, named after it, with its socket and its log. The
 * lab holds a lock on it for as long as it lives, so a directory without a lock is a dead lab's,
 * and the next command that looks removes it.
 */
#include "lab/base/err.h"

#include <stdbool.h>

#define RUNTIME_SOCKET "socket"
#define RUNTIME_LOG    "log"

/*
 * Make the directory of a new lab and lock it. The lock lasts until the last copy of the
 * descriptor is closed. -EEXIST when a lab of this name is alive.
 */
int runtime_create(const char *lab, int *ret_directory, struct err *err);

/* Names of living labs, NULL-terminated, to be freed by the caller; dead ones are removed. */
char **runtime_list(struct err *err) NODISCARD;

/* Remove what dead labs left, without listing the living. */
void runtime_sweep(void);

/* Connect to a lab's socket. -ENOENT when there is no such lab. */
int runtime_connect(const char *lab, int *ret_fd, struct err *err);

/* Remove the directory and what is in it; by the lab itself, when it ends. */
void runtime_remove(int directory, const char *lab);
