/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The user's file of the screen. */
#include "lab/base/err.h"
#include "tui/view/config.h"
#include "tui/view/theme.h"

/*
 * What $XDG_CONFIG_HOME/hublab/screen.yaml says (in ~/.config without that variable). -EBADMSG with
 * `err` after having printed on standard error what is wrong with it. Without a file all is as it
 * is.
 */
int app_config_read(struct screen_config *config, struct err *err);

/* The theme it asks for, or that fits the terminal's ground. */
enum theme app_config_theme(const struct screen_config *config);
