/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The screen at work: a loop that brings keys and a lab's changes to struct screen, does what that
 * asks for, and paints. What is on the screen and what a key means is not decided here.
 */
#include "lab/base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* Until the user leaves. `lab` may be NULL: the only one that runs, or the chooser. */
int app_run(const char *lab, bool is_ascii, struct err *err);

enum print_as {
	PRINT_TEXT,
	PRINT_ATTRIBUTES, /* for a terminal, without colours */
	PRINT_COLOURS
};

/* One view of a lab, as it is now, without a terminal. -EINVAL when there is no such view. */
int app_print(const char *lab, const char *view, unsigned rows, unsigned cols, bool is_ascii,
	      enum print_as as, FILE *out, struct err *err);
