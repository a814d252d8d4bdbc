/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Files that break rules about lab files, each named after its rule. */
#include "lab/base/diag.h"

#include <stdbool.h>

/* The rule whose name the file's begins with; of several the longest. The test fails without. */
enum diag_id rule_of_file(const char *name);

/* Is it one of the text's lines, but for the blanks before it? */
bool has_line(const char *text, const char *wanted);
