/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

/* A directory that all may read; one that is there stays as it is. */
int directory_make(const char *path, struct err *err);
/* All that an absolute path goes through, but for its last part. */
int directory_make_parents(const char *path, struct err *err);
