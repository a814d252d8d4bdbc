/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen, and pictures of it. */
#include "tui/cli/cli_commands.h"

#include "tui/app/app.h"
#include "tui/app/print.h"
#include "tui/view/screen.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_CELLS 1000u

static bool read_size(const char *text, unsigned *ret_cols, unsigned *ret_rows)
{
	char more;

	return sscanf(text, "%ux%u%c", ret_cols, ret_rows, &more) == 2 &&
	       *ret_cols <= SIZE_MAX_CELLS && *ret_rows <= SIZE_MAX_CELLS && *ret_cols && *ret_rows;
}

static int print(const struct cli *cli, const char *view)
{
	const char *size = cli_value(cli, "size");
	bool is_ascii = cli_value(cli, "ascii") != NULL;
	unsigned rows = 24, cols = 80;
	struct client *client;
	struct err err = { 0 };
	char *lab = NULL;
	int code = 0;

	if (size && !read_size(size, &cols, &rows))
		return cli_usage(cli, "--size takes COLUMNSxROWS, not '%s'", size);
	if (strcmp(view, view_help.name) != 0 && strcmp(view, view_chooser.name) != 0) {
		client = cli_connect(cli, NULL, &lab, &code);
		if (!client)
			return code;
		client_free(client);
	}
	(void)setlocale(LC_CTYPE, "");
	is_ascii |= strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (print_view(lab, view, rows, cols, is_ascii,
		       !cli_value(cli, "ansi") ? PRINT_TEXT
		       : getenv("NO_COLOR")    ? PRINT_ATTRIBUTES
					       : PRINT_COLOURS,
		       stdout, &err))
		code = err.code == -EINVAL
			       ? cli_usage(cli, "%s", err.text)
			       : cli_fail(err.code == -EBADMSG ? EXIT_INVALID : EXIT_FAILED, "%s",
					  err.text);
	free(lab);
	return code;
}

static int run_screen(const struct cli *cli)
{
	const char *view = cli_value(cli, "print");
	bool is_read_only = cli_value(cli, "read-only") || cli_is_read_only();
	struct err err = { 0 };

	if (view)
		return print(cli, view);
	if (is_read_only) /* commands that are run from it, too */
		(void)setenv(CLI_READ_ONLY, "1", 1);
	if (!app_run(cli->lab, cli_value(cli, "ascii") != NULL, is_read_only, &err))
		return EXIT_OK;
	return cli_fail(err.code == -ENOTTY    ? EXIT_USAGE
			: err.code == -EBADMSG ? EXIT_INVALID
					       : EXIT_FAILED,
			"%s", err.text);
}

const struct command command_screen = {
	.name = "screen",
	.arguments = "",
	.words = "the full screen; the same as hublab without a command",
	.group = GROUP_LOOK,
	.is_screen = true,
	.run = run_screen,
	.options = { { "read-only", 0, NULL,
		       "change nothing: for a projector, or for who watches" },
		     { "ascii", 0, NULL, "no line drawing, no special characters" },
		     { "print", 0, "VIEW", "print a view as text, and end" },
		     { "size", 0, "COLUMNSxROWS", "of what is printed; default 80x24" },
		     { "ansi", 0, NULL, "print it with its colours" } },
};
