/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help and version. */
#include "tui/cli/cli_commands.h"

#include "lab/base/diag.h"

#include <stdio.h>
#include <string.h>

const char *const group_names[GROUP_COUNT] = {
	[GROUP_LABS] = "Labs",   [GROUP_CHANGE] = "Change", [GROUP_LOOK] = "Look",
	[GROUP_PROBE] = "Probe", [GROUP_ENTER] = "Get in",  [GROUP_ABOUT] = "About",
};

#define COLUMNS 80

/* The text from `column` on, broken between words; the cursor stands at `at`. */
static void print_wrapped(size_t at, size_t column, const char *text, FILE *out)
{
	for (size_t len; *text; text += len + strspn(text + len, " ")) {
		len = strcspn(text, " ");
		if (at > column && at + 1 + len > COLUMNS) {
			(void)fputc('\n', out);
			at = 0;
		}
		at += at > column ? (size_t)fprintf(out, " ")
				  : (size_t)fprintf(out, "%*s", (int)(column - at), "");
		at += (size_t)fprintf(out, "%.*s", (int)len, text);
	}
	(void)fputc('\n', out);
}

/* A row of two columns; what is too long for the left one has a line of its own. */
static void print_row(const char *left, size_t width, const char *words, FILE *out)
{
	size_t at = (size_t)fprintf(out, "  %s", left);

	if (at > width + 2) {
		(void)fputc('\n', out);
		at = 0;
	}
	print_wrapped(at, width + 4, words, out);
}

static void print_options(const struct cli_option *options, size_t count, FILE *out)
{
	for (size_t i = 0; i < count && options[i].name; i++) {
		char left[64], letter[8] = "    ";

		if (options[i].letter)
			(void)snprintf(letter, sizeof(letter), "-%c, ", options[i].letter);
		(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, options[i].name,
			       options[i].argument ? " " : "",
			       options[i].argument ? options[i].argument : "");
		print_row(left, 21, options[i].words, out);
	}
}

void cli_print_command_help(const struct command *command, FILE *out)
{
	(void)fprintf(out, "usage: hublab %s%s%s\n\n", command->name,
		      *command->arguments ? " " : "", command->arguments);
	print_wrapped(0, 0, command->words, out);
	if (command->more) {
		(void)fputc('\n', out);
		print_wrapped(0, 0, command->more, out);
	}
	(void)fputc('\n', out);
	print_options(command->options, CLI_OPTIONS_MAX, out);
	for (size_t i = 0; i < COMMON_OPTIONS; i++) {
		struct cli_option option = common_options[i];
		char forms[80];

		if (option.letter == 'o')
			option.words = cli_print_forms(command, forms, sizeof(forms));
		print_options(&option, 1, out);
	}
}

void cli_print_help(FILE *out)
{
	(void)fprintf(out, "hublab: an interactive network lab that behaves as Azure does\n\n"
			   "usage: hublab COMMAND ...\n");
	for (int group = 0; group < GROUP_COUNT; group++) {
		(void)fprintf(out, "\n%s\n", group_names[group]);
		for (int i = 0; commands[i]; i++) {
			char left[128];

			if (commands[i]->is_hidden || (int)commands[i]->group != group)
				continue;
			(void)snprintf(left, sizeof(left), "%s %s", commands[i]->name,
				       commands[i]->arguments);
			print_row(left, 25, commands[i]->words, out);
		}
	}
	(void)fprintf(out, "\nhublab help COMMAND says more. Start with: hublab up vpner\n");
}

/* A rule about lab files, as findings name it in brackets. */
static void print_rule(const struct diag_rule *rule, FILE *out)
{
	(void)fprintf(out, "%s (%s)\n\n", rule->name, severity_names[rule->severity]);
	print_wrapped(0, 0, rule->words, out);
	(void)fprintf(out, "\nFor example:\n\n  %s\n", rule->example);
}

static int run_help(const struct cli *cli)
{
	const struct command *command = cli->argc ? cli_find_command(cli->argv[0]) : NULL;
	const struct diag_rule *rule = cli->argc ? diag_find_rule(cli->argv[0]) : NULL;

	if (cli->argc && !command && !rule)
		return cli_fail(EXIT_USAGE, "unknown command '%s': see hublab help", cli->argv[0]);
	if (command)
		cli_print_command_help(command, stdout);
	else if (rule)
		print_rule(rule, stdout);
	else
		cli_print_help(stdout);
	return EXIT_OK;
}

const struct command command_help = {
	.name = "help",
	.has_no_lab = true,
	.arguments = "[COMMAND|RULE]",
	.words = "list the commands, or say how one is used",
	.more = "A RULE is what check and up print in brackets behind a finding: hublab help "
		"unknown-name says which rule that is, and shows a line that breaks it.",
	.group = GROUP_ABOUT,
	.max_arguments = 1,
	.completes = { ARG_TOPIC },
	.run = run_help,
};

static int run_version(const struct cli *cli)
{
	(void)cli;
	(void)printf("hublab %s\n", HUBLAB_VERSION);
	return EXIT_OK;
}

const struct command command_version = {
	.name = "version",
	.has_no_lab = true,
	.arguments = "",
	.words = "print the version",
	.group = GROUP_ABOUT,
	.run = run_version,
};
