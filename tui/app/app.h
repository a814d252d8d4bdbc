/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The screen at work: a loop that brings keys and a lab's changes to struct screen, does what that
 * asks for, and paints. What is on the screen and what a key means is not decided here.
 */
#include "lab/base/err.h"

#include <stdbool.h>

/* Until the user leaves. `lab` may be NULL: the only one that runs, or the chooser. */
int app_run(const char *lab, bool is_ascii, bool is_read_only, struct err *err);
