/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Completion of command lines. A script for each shell is written from the table of commands; what
 * only a look at this machine can tell, the script asks the hidden command __complete for, by kind.
 */
#include "tui/cli/cli.h"

struct arg_kind {
	const char *name; /* for scripts and __complete */
	const char *word; /* how usage spells it as an option's value; or NULL */
	void (*print)(const struct cli *cli); /* the candidates, one a line; silent without any */
};

/* One row for each enum arg but ARG_NONE, in its order. */
extern const struct arg_kind arg_kinds[ARG_COUNT];

/* What the value of an option is; ARG_NONE when nothing is known of it, or it has none. */
enum arg option_arg(const struct cli_option *option);

struct completion_shell {
	const char *name;
	void (*write)(FILE *out);
};

/* Ends with a NULL name. */
extern const struct completion_shell completion_shells[];

void completion_write_bash(FILE *out);
void completion_write_zsh(FILE *out);
void completion_write_fish(FILE *out);
