/* SPDX-License-Identifier: GPL-2.0-or-later */
/* schema: the language of lab files, for editors. */
#include "tui/cli/cli_commands.h"

#include "lab/model/lab.h"
#include "lab/render/json_schema.h"

#include <stdio.h>

static int run_schema(const struct cli *cli)
{
	json_t *schema = json_schema_new(
		&lab_schema, "hublab.yaml",
		"A lab file of hublab. What is said here is what one key allows; hublab check "
		"also knows what must hold between them.");

	(void)cli;
	(void)json_dumpf(schema, stdout,
			 JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
	(void)putchar('\n');
	json_decref(schema);
	return EXIT_OK;
}

const struct command command_schema = {
	.name = "schema",
	.has_no_lab = true,
	.arguments = "",
	.words = "print a JSON Schema of the lab file",
	.more = "An editor that knows it completes keys, explains them and marks mistakes while "
		"a file is written.",
	.group = GROUP_ABOUT,
	.run = run_schema,
};
