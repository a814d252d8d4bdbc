/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

/*
 * Write a setting of the namespace the caller is in; `path` is below /proc/sys. Settings of IPv6
 * on a kernel without IPv6 are what they should be: nothing is there to be set.
 */
int sysctl_write(const char *path, const char *value, struct err *err);
