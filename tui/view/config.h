/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* How somebody wants the screen: keys, theme, mouse, as a file says it. Pure: text in, data out. */
#include "lab/base/diag.h"
#include "tui/view/keymap.h"
#include "tui/view/theme.h"

enum config_theme { /* `dark` and `light` are those of as many colours as there are */
	CONFIG_THEME_AUTO,
	CONFIG_THEME_DARK,
	CONFIG_THEME_LIGHT,
	CONFIG_THEME_MONO
};

struct screen_config {
	struct keys keys;
	enum config_theme theme;
	int colours; /* at most so many; 0: as the terminal has */
	bool has_mouse, is_ascii;
};

void screen_config_init(struct screen_config *config); /* as without a file */
/*
 * What the file says, on top of that. False with an error in `diags`; the config is then as it was.
 * `file` is only named, and borrowed by the findings.
 */
bool screen_config_read(struct screen_config *config, const char *text, size_t len,
			const char *file, struct diags *diags);
