/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Files of the user's own: where the XDG variables say, or else the home directory. */
#include "lab/base/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

/* $XDG_CONFIG_HOME/hublab/NAME, else in ~/.config; false when nobody says where that is. */
bool user_config_path(const char *name, char path[PATH_MAX]);

/*
 * Open $XDG_STATE_HOME/hublab/NAME, else in ~/.local/state, which only the user may read; with
 * O_CREAT the directories on the way are made. `flags` are those of open(); its path goes to
 * `path`. NULL with `err`; the caller closes it.
 */
FILE *user_state_open(const char *name, int flags, char path[PATH_MAX], struct err *err) NODISCARD;
