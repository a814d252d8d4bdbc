/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdbool.h>

/* In PATH, or where programs of administrators are, which users' PATH may be without? */
bool program_is_there(const char *name);
