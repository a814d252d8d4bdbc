/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/snapshot/snapshot.h"

#include <stdio.h>

/*
 * The results of tests as a JUnit report, one suite a step: an expectation that fails is a
 * failure, one that is unknown an error.
 */
void junit_print(const char *file, const struct snapshot_test *tests, size_t count, FILE *out);
