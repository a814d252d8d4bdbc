/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

#include <sys/types.h>

/*
 * Start a program in the namespaces the caller is in, as a child of the caller's parent: the
 * supervisor reaps it, whoever started it. `argv` is its words, one blank between two. What it
 * writes comes out of *ret_output, which is the caller's.
 */
int daemon_spawn(const char *argv, pid_t *ret_pid, int *ret_output, struct err *err);
