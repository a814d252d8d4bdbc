/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Why ways to a prefix that a hub has learned are not used: who is better, and by which rule. A
 * part of route_reasons.h.
 */
#include "lab/azure/route_reasons.h"

/* Add one statement a way that is not used. `taught` may be NULL. */
void way_reasons_add(struct route_reasons *out, const struct gateway_routes *taught);

/* The AS path as Azure prints it; in the arena. */
const char *way_path(struct arena *arena, const struct way *way);
