/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

#include <sys/types.h>

/* The parts of a lab that are processes of this same program. */
enum part {
	PART_SUPERVISOR,
	PART_ENGINE,
	PART_WIRE,
	PART_GUESTS
};

/* The word that starts this program as a part of a lab, and not as a command. */
#define PART_ARGUMENT "--part-of-a-lab"

/* The descriptors a part is started with. */
#define PART_CONTROL_FD   3
#define PART_DIRECTORY_FD 4

/*
 * Replace this process by this program as another part. `control` and `directory` (or -1) become
 * the descriptors above. Only returns on failure.
 */
int part_exec(enum part part, const char *lab, int control, int directory, struct err *err);

/* Start a part of the lab as a child. The caller owns its own end of what they speak by. */
int part_start(enum part part, const char *lab, int *ret_control, pid_t *ret_pid, struct err *err);

/* The part this process was started as, by its arguments; -1 when it is a command. */
int part_of(int argc, char **argv, const char **ret_lab);
