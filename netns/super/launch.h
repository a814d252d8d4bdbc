/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

#include <sys/types.h>

/*
 * Start the supervisor of a new lab, in namespaces of its own: user (when we are not root), mount,
 * PID, network, IPC and host name. `directory` is the lab's runtime directory, whose lock goes to
 * it. The result is the client's end of its first control connection: as long as the lab is not
 * built, the lab ends when that connection does. The supervisor is our child.
 */
int lab_launch(const char *lab, int directory, int *ret_control, pid_t *ret_pid, struct err *err);
