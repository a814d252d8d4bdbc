/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Command lines as text that can be pasted into a shell. */
#include "lab/base/arena.h"

/* The word, in quotes where a shell would take it for something else; of it or in the arena. */
const char *shell_quote(const char *word, struct arena *arena) NODISCARD;
