/* SPDX-License-Identifier: GPL-2.0-or-later */
/* history: who changed the lab, by which command, and what the same is in az, ip, nft and birdc. */
#include "tui/cli/cli_commands.h"

#include "lab/snapshot/snapshot_history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_lines(const char *what, const struct texts *lines)
{
	if (lines->count)
		(void)printf("    # %s\n", what);
	for (size_t i = 0; i < lines->count; i++)
		(void)printf("    %s\n", lines->items[i]);
}

static void print_command(const struct snapshot_command *command, bool is_whole)
{
	char clock[32];

	(void)printf("%-3lld %s  %-7s  %s  # %s\n", (long long)command->number,
		     cli_print_clock(command->time, clock), command->state, command->command,
		     command->by);
	if (command->error)
		(void)printf("    # %s\n", command->error);
	if (!is_whole)
		return;
	print_lines("in Azure", &command->az);
	print_lines("in 'hublab shell'", &command->machine);
	if (command->steps_left)
		(void)printf("    # and %lld more of %lld objects of the machine\n",
			     (long long)command->steps_left, (long long)command->step_count);
}

static void print_tsv(const struct snapshot_history *history)
{
	for (size_t i = 0; i < history->commands.count; i++) {
		const struct snapshot_command *command = &history->commands.items[i];

		(void)printf("%lld\t%.3f\t%s\t%s\t%s\n", (long long)command->number, command->time,
			     command->state, command->by, command->command);
	}
}

static void print_history(const struct cli *cli, const void *object)
{
	const struct snapshot_history *history = object;
	bool is_whole = cli->argc || cli_value(cli, "whole");

	if (cli->output == OUTPUT_TSV) {
		print_tsv(history);
		return;
	}
	for (size_t i = 0; i < history->commands.count; i++)
		if (!cli->argc || history->commands.items[i].number == atoll(cli->argv[0]))
			print_command(&history->commands.items[i], is_whole);
}

static int run_history(const struct cli *cli)
{
	struct snapshot_history history = { 0 };

	if (cli->argc && strspn(cli->argv[0], "0123456789") != strlen(cli->argv[0]))
		return cli_usage(cli, "'%s' is not the number of a change", cli->argv[0]);
	return cli_show_topic(cli, "history", &snapshot_history_record, &history,
			      cli->output == OUTPUT_JSON ? NULL : print_history);
}

const struct command command_history = {
	.name = "history",
	.arguments = "[NUMBER]",
	.words = "who changed the lab, and by which command",
	.more = "Of each change that was made by anybody: the command line that makes it. With a "
		"NUMBER, or --whole, also the lines of az that make the same in Azure, where it "
		"has any, and those of ip, nft and birdc that say what was done to the machine. "
		"The latest 200 are kept, of each the first 100 lines.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.run = run_history,
	.options = { { "whole", 0, NULL, "with the lines of az, ip, nft and birdc" } },
};
