/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

#include <stdbool.h>
#include <stdio.h>

enum print_as {
	PRINT_TEXT,
	PRINT_ATTRIBUTES, /* for a terminal, without colours */
	PRINT_COLOURS
};

/*
 * One view of a lab, as it is now, without a terminal; `lab` is NULL for views of none. -EINVAL
 * when there is no such view, -EBADMSG when the user's file of the screen is wrong, which is said.
 */
int print_view(const char *lab, const char *view, unsigned rows, unsigned cols, bool is_ascii,
	       enum print_as as, FILE *out, struct err *err);
