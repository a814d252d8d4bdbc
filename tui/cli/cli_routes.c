/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routes: a NIC's effective routes, and why they are what they are. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/az_routes.h"
#include "lab/render/routes_diff.h"
#include "lab/render/why.h"
#include "lab/snapshot/az_file.h"
#include "lab/snapshot/rows.h"

#include <errno.h>
#include <stdio.h>

/* What was asked for. */
struct question {
	struct arena *arena;
	struct prefix prefix;
	const struct prefix *about;   /* NULL: all */
	struct snapshot_routes there; /* with --compare */
};

static void print_routes(const struct cli *cli, const struct question *question,
			 struct snapshot_routes *routes)
{
	size_t count = 0;

	for (size_t i = 0; i < routes->routes.count; i++)
		if (!question->about || row_concerns(&routes->routes.items[i], *question->about))
			routes->routes.items[count++] = routes->routes.items[i];
	routes->routes.count = count;
	if (cli->output == OUTPUT_JSON)
		cli_print_json(az_routes_json(routes));
	else
		az_routes_print(routes, cli->output == OUTPUT_TSV, stdout);
}

static int answer_rows(const struct cli *cli, struct client *client,
		       const struct question *question, struct err *err)
{
	const char *topic = arena_printf(question->arena, "routes/%.140s", cli->argv[0]);
	struct snapshot_routes routes = { 0 };

	if (client_topic(client, topic, &snapshot_routes_record, &routes, question->arena, err))
		return EXIT_FAILED;
	print_routes(cli, question, &routes);
	return EXIT_OK;
}

static int answer_why(const struct cli *cli, struct client *client, const struct question *question,
		      struct err *err)
{
	const char *topic = arena_printf(question->arena, "why/%.140s", cli->argv[0]);
	struct snapshot_why why = { 0 };

	if (client_topic(client, topic, &snapshot_why_record, &why, question->arena, err))
		return EXIT_FAILED;
	if (cli->output == OUTPUT_JSON)
		cli_print_json(why_json(&why, question->about));
	else
		why_print(&why, question->about, stdout);
	return EXIT_OK;
}

/* Nothing is printed where both are equal. */
static int answer_compare(const struct cli *cli, struct client *client,
			  const struct question *question, struct err *err)
{
	const char *topic = arena_printf(question->arena, "why/%.140s", cli->argv[0]);
	struct snapshot_why why = { 0 };
	struct routes_diff diff;

	if (client_topic(client, topic, &snapshot_why_record, &why, question->arena, err))
		return EXIT_FAILED;
	diff = routes_diff_find(&why, &question->there, question->arena);
	if (cli->output == OUTPUT_JSON)
		cli_print_json(routes_diff_json(&diff));
	else
		routes_diff_print(&diff, stdout);
	return diff.items.count ? EXIT_DIFFERENT : EXIT_OK;
}

/* Before the lab is asked: a file that cannot be read is one whatever lab runs. */
static int read_there(const char *file, struct question *question)
{
	CLEANUP(free_cleanup) char *text = NULL;
	struct err err = { 0 };
	size_t len;

	text = cli_read_all(file, &len, &err);
	if (!text)
		return cli_fail(EXIT_FAILED, "%s", err.text);
	if (az_file_read(text, len, file, &question->there, question->arena, &err))
		return EXIT_OK;
	return cli_fail(EXIT_INVALID, "%s", err.text);
}

static int check_options(const struct cli *cli, struct question *question)
{
	const char *about = cli_value(cli, "prefix"), *file = cli_value(cli, "compare");
	bool is_why = cli_value(cli, "why");

	if (about && !rows_parse(about, &question->prefix))
		return cli_usage(cli, "'%s' is neither an address nor a prefix", about);
	if (file && (is_why || about))
		return cli_usage(cli, "--compare tells the reasons, and is about all prefixes");
	if ((is_why || file) && cli->output == OUTPUT_TSV)
		return cli_usage(cli, "--%s is text, or -o json", file ? "compare" : "why");
	question->about = about ? &question->prefix : NULL;
	return file ? read_there(file, question) : EXIT_OK;
}

static int run_routes(const struct cli *cli)
{
	struct question question = { .arena = arena_new() };
	struct client *client = NULL;
	struct err err = { 0 };
	int code = check_options(cli, &question);

	if (!code)
		client = cli_connect(cli, NULL, NULL, &code);
	if (client)
		code = (cli_value(cli, "compare") ? answer_compare
			: cli_value(cli, "why")   ? answer_why
						  : answer_rows)(cli, client, &question, &err);
	if (err.code)
		code = cli_fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", err.text);
	client_free(client);
	arena_free(question.arena);
	return code;
}

const struct command command_routes = {
	.name = "routes",
	.arguments = "VM",
	.words = "effective routes of a NIC, in the columns of az, and why",
	.more = "VM is a virtual machine, a NIC, or VM:NIC where the machine has several. "
		"The rows are those of az network nic show-effective-route-table, and so are "
		"the keys with -o json. With --why each row has its reasons, with the line of the "
		"lab file behind them, and what is not there is named, too. With --compare the rows are "
		"set beside those that az printed of a real NIC; each difference has the lab's "
		"reasons, and the exit code is 4.",
	.group = GROUP_LOOK,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_VM },
	.run = run_routes,
	.options = {
		{ "why", 'w', NULL, "why each row is there, and why others are not" },
		{ "compare", 'c', "PATH", "what is different in a file that az wrote with -o json" },
		{ "prefix", 'p', "PREFIX",
		  "only what concerns this prefix or address, and what becomes of packets to it" },
		CLI_FROM,
	},
};
