/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/app_config.h"

#include "lab/base/cleanup.h"
#include "tui/app/user_file.h"
#include "tui/cli/cli_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int app_config_read(struct screen_config *config, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	CLEANUP(free_cleanup) char *text = NULL;
	char path[PATH_MAX], absolute[PATH_MAX];
	struct err failure = { 0 };
	size_t len;

	screen_config_init(config);
	if (!user_config_path("screen.yaml", path) || access(path, F_OK))
		return 0;
	text = cli_read_file(path, absolute, sizeof(absolute), &len, &failure);
	if (!text)
		(void)fprintf(stderr, "hublab: %s\n", failure.text);
	else if (screen_config_read(config, text, len, path, &diags))
		return 0;
	else
		diags_print(&diags, text, len, stderr);
	return err_set(err, -EBADMSG,
		       "the screen is not as its file wants it: mend it, or move it away");
}

enum theme app_config_theme(const struct screen_config *config)
{
	const char *ground = getenv("COLORFGBG"); /* "15;0": white on black */
	bool is_light = config->theme == CONFIG_THEME_LIGHT;
	bool is_few = config->colours == 8;

	if (config->theme == CONFIG_THEME_MONO)
		return THEME_MONO;
	if (config->theme == CONFIG_THEME_AUTO && ground && strrchr(ground, ';'))
		is_light =
			!strcmp(strrchr(ground, ';'), ";15") || !strcmp(strrchr(ground, ';'), ";7");
	return is_light ? is_few ? THEME_LIGHT : THEME_LIGHT_256
	       : is_few ? THEME_DARK
			: THEME_DARK_256;
}
