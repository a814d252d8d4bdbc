/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What Azure drops on the way to the Internet. */
#include "lab/model/lab.h"

/* The prefixes that Azure drops, as it listed them in a year (R2.4); ends with NULL. */
const char *const *none_routes_list(enum none_routes year);
bool none_routes_has(enum none_routes year, struct prefix prefix);
