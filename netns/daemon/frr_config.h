/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * How a running FRR gets from one configuration to another: the lines to tell each of its daemons.
 * Configurations are those that lab/render/frr_conf writes: nested by blanks, each line one that
 * "no" in front of it takes back.
 */
#include "lab/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct frr_script {
	const char **items; /* of the arena */
	size_t count;
};

/*
 * From `from` ("" for a daemon that has just started) to `to`, for one program: what is not wanted
 * goes first, the last first; then comes what is new. New neighbours stay shut until all that is
 * said of them is said, else one that is quick hears what the filters would have kept from it.
 *
 * Detection of dead neighbours (BFD) is not told of those for which `is_held` is true: bgpd (8.4)
 * knows the interface of a session only once it is up, begins BFD anew by that, and would take a
 * session that BFD has seen up meanwhile for lost.
 */
typedef bool frr_is_held_fn(const void *arg, const char *neighbor);
struct frr_script frr_config_diff(struct arena *arena, const char *from, const char *to,
				  const char *program, frr_is_held_fn *is_held, const void *arg);
/* What was held back for one neighbour. */
struct frr_script frr_config_held(struct arena *arena, const char *to, const char *neighbor);
