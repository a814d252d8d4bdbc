/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Verdicts as text, for people and tests: the layers that were asked, in their order. */
#include "lab/azure/verdict.h"
#include "lab/base/arena.h"

/* "in subnet NSG1 Allow-80-In(100) Allow", "in platform standard-pip-closed Deny" */
const char *layer_verdict_text(const struct layer_verdict *verdict, struct arena *arena);
/*
 * All layers of the verdicts of one way, which are in its order, with " ; " between them, or "no
 * NSG on the path". The text is of the arena.
 */
const char *verdict_text(const struct verdict *verdicts, size_t count, struct arena *arena);
