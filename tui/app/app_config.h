/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The user's file of the screen, and the file that copies go to. */
#include "lab/base/err.h"
#include "tui/view/config.h"

#include <stddef.h>

/*
 * What $XDG_CONFIG_HOME/hublab/screen.yaml says (in ~/.config without that variable). False after
 * having printed on standard error what is wrong with it. Without a file all is as it is.
 */
bool app_config_read(struct screen_config *config);

/*
 * Text into $XDG_STATE_HOME/hublab/copied (in ~/.local/state), in the place of what was there; the
 * path to `path`. A negative errno with `err`.
 */
int app_copy_to_file(const char *text, char *path, size_t size, struct err *err);
