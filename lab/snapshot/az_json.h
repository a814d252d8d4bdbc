/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Files that az wrote with -o json. */
#include "lab/base/err.h"

#include <jansson.h>

/* NULL with `err`, which says where in `file` the text is no JSON. The caller owns the value. */
json_t *az_json_load(const char *text, size_t len, const char *file, struct err *err) NODISCARD;
