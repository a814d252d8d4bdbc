/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct spawn {
	const char *argv; /* its words, one blank between two */
	/* A directory below /run that it sees as /run; "" is /run itself. */
	const char *run;
	const char *environment; /* NAME=VALUE, or "" */
	/* What it leaves in /var/tmp ends with it; else it would be in the host's. */
	bool has_own_tmp;
};

/*
 * Start a program in the namespaces the caller is in, as a child of the caller's parent: the
 * supervisor reaps it, whoever started it. What it writes comes out of *ret_output, which is the
 * caller's.
 */
int daemon_spawn(const struct spawn *spawn, pid_t *ret_pid, int *ret_output, struct err *err);
