/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A socket of a guest's where a program of the lab would have it: whoever connects to it speaks
 * with the one of that path in the guest.
 */
#include "netns/guest/agent.h"

struct door;

/* The path is copied. The caller owns the door, and frees it before the agent. */
struct door *door_new(struct loop *loop, const char *path, struct agent *agent, struct err *err)
	NODISCARD;
void door_free(struct door *door); /* NULL is fine; connections through it go on */
