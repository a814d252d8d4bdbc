/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The difference of two texts, line by line, as `diff -u` has it. */
#include <stdbool.h>
#include <stdio.h>

/* Nothing when they are equal; returns whether they differ. `name` stands above, for both. */
bool text_diff(const char *before, const char *after, const char *name, FILE *out);
