/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nsg: a NIC's effective security rules, and what becomes of a packet there. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/az_flow.h"
#include "lab/render/nsg_diff.h"
#include "lab/snapshot/az_nsg_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLS 80

/* What was asked for. */
struct question {
	struct arena *arena;
	struct az_nsg_file there; /* with --compare */
};

static int read_nsg(const struct cli *cli, struct client *client, struct arena *arena,
		    struct snapshot_nsg *nsg, struct err *err)
{
	return client_topic(client, arena_printf(arena, "nsg/%.140s", cli->argv[0]),
			    &snapshot_nsg_record, nsg, arena, err);
}

static int answer_rules(const struct cli *cli, struct client *client,
			const struct question *question, struct err *err)
{
	struct snapshot_nsg nsg = { 0 };
	struct security_lines lines;

	if (read_nsg(cli, client, question->arena, &nsg, err))
		return EXIT_FAILED;
	if (!az_nsg_is_any(&nsg) && (cli->output != OUTPUT_TABLE || !nsg.filters.count))
		return cli_fail(EXIT_FAILED,
				"no network security group stands at %s or at its subnet %s: there "
				"are no effective rules (NW-08)",
				nsg.nic, nsg.subnet);
	switch (cli->output) {
	case OUTPUT_JSON:
		cli_print_json(az_nsg_json(&nsg));
		break;
	case OUTPUT_TSV:
		az_nsg_print_tsv(&nsg, stdout);
		break;
	case OUTPUT_TABLE:
	case OUTPUT_COUNT:
		lines = az_nsg_lines(&nsg, COLS, question->arena);
		security_lines_print(&lines, stdout);
		break;
	}
	return EXIT_OK;
}

/* Nothing is printed where both are equal. */
static int answer_compare(const struct cli *cli, struct client *client,
			  const struct question *question, struct err *err)
{
	struct snapshot_nsg nsg = { 0 };
	struct nsg_diff diff;

	if (read_nsg(cli, client, question->arena, &nsg, err))
		return EXIT_FAILED;
	diff = nsg_diff_find(&nsg, &question->there, question->arena);
	if (cli->output == OUTPUT_JSON)
		cli_print_json(nsg_diff_json(&diff));
	else
		nsg_diff_print(&diff, stdout);
	return diff.items.count ? EXIT_DIFFERENT : EXIT_OK;
}

/* LOCAL may be left out: the NIC's own address. */
static const char *verdict_topic(const struct cli *cli, struct arena *arena)
{
	bool has_local = cli->argc == 5;

	return arena_printf(arena, "verdict/%.140s %.20s %.20s %.80s %.80s", cli->argv[0],
			    cli->argv[1], cli->argv[2], has_local ? cli->argv[3] : "*",
			    cli->argv[has_local ? 4 : 3]);
}

static int answer_verdict(const struct cli *cli, struct client *client,
			  const struct question *question, struct err *err)
{
	struct snapshot_flow_verdict verdict = { 0 };
	struct security_lines lines;

	if (client_topic(client, verdict_topic(cli, question->arena), &snapshot_flow_verdict_record,
			 &verdict, question->arena, err))
		return EXIT_FAILED;
	if (cli_value(cli, "diagnostic")) {
		cli_print_json(az_diagnostic_json(&verdict));
		return EXIT_OK;
	}
	if (cli->output == OUTPUT_JSON) {
		cli_print_json(az_flow_json(&verdict));
		return EXIT_OK;
	}
	az_flow_print(&verdict, cli->output == OUTPUT_TSV, stdout);
	if (cli->output == OUTPUT_TSV)
		return EXIT_OK;
	lines = az_flow_lines(&verdict, cli_value(cli, "why"), COLS, question->arena);
	(void)putchar('\n');
	security_lines_print(&lines, stdout);
	return EXIT_OK;
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
	if (az_nsg_file_read(text, len, file, &question->there, question->arena, &err))
		return EXIT_OK;
	return cli_fail(EXIT_INVALID, "%s", err.text);
}

/* Words with blanks would be other words to the lab. */
static const char *word_with_blank(const struct cli *cli)
{
	for (int i = 0; cli->argc > 1 && i < cli->argc; i++)
		if (strchr(cli->argv[i], ' '))
			return cli->argv[i];
	return NULL;
}

static int check_options(const struct cli *cli, struct question *question)
{
	const char *file = cli_value(cli, "compare"), *bad = word_with_blank(cli);
	bool is_verdict = cli->argc > 1;

	if (is_verdict && cli->argc < 4)
		return cli_usage(cli, "a packet is in|out PROTOCOL [LOCAL[:PORT]] REMOTE[:PORT]");
	if (bad)
		return cli_usage(cli, "'%s' has blanks", bad);
	if (file && is_verdict)
		return cli_usage(cli, "--compare is about the rules, not about one packet");
	if (!is_verdict && (cli_value(cli, "why") || cli_value(cli, "diagnostic")))
		return cli_usage(cli, "--%s is about one packet",
				 cli_value(cli, "why") ? "why" : "diagnostic");
	if (file && cli->output == OUTPUT_TSV)
		return cli_usage(cli, "--compare is text, or -o json");
	if (cli_value(cli, "diagnostic") && cli->output != OUTPUT_JSON &&
	    cli->output != OUTPUT_TABLE)
		return cli_usage(cli, "--diagnostic is JSON");
	return file ? read_there(file, question) : EXIT_OK;
}

static int run_nsg(const struct cli *cli)
{
	struct question question = { .arena = arena_new() };
	struct client *client = NULL;
	struct err err = { 0 };
	int code = check_options(cli, &question);

	if (!code)
		client = cli_connect(cli, NULL, NULL, &code);
	if (client)
		code = (cli_value(cli, "compare") ? answer_compare
			: cli->argc > 1           ? answer_verdict
						  : answer_rules)(cli, client, &question, &err);
	if (err.code)
		code = cli_fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", err.text);
	client_free(client);
	arena_free(question.arena);
	return code;
}

const struct command command_nsg = {
	.name = "nsg",
	.arguments = "VM [in|out PROTOCOL [LOCAL[:PORT]] REMOTE[:PORT]]",
	.words = "effective security rules of a NIC, and the verdict on a packet",
	.more = "VM is a virtual machine, a NIC, or VM:NIC where the machine has several. Its rules "
		"are those of az network nic list-effective-nsg, and so are the keys with -o json; "
		"rules of security admin configurations stand above them. With --compare the rules "
		"are set beside those that az printed of a real NIC, and the exit code is 4 where "
		"they differ. A packet that starts a flow has its verdict as az network watcher "
		"test-ip-flow gives it, then layer by layer the rule that decides; the exit code is "
		"0 whatever it is. PROTOCOL is tcp, udp, icmp, esp, ah or a number; LOCAL is the "
		"NIC's own address where it is left out or '*'; REMOTE is an address or a virtual "
		"machine; the port of the side where the flow starts may be left out. IPv6 stands in "
		"brackets before a port.",
	.group = GROUP_LOOK,
	.min_arguments = 1,
	.max_arguments = 5,
	.completes = { ARG_VM, ARG_DIRECTION, ARG_PROTOCOL },
	.run = run_nsg,
	.options = {
		{ "why", 'w', NULL, "each rule that was looked at, and what of it did not match" },
		{ "compare", 'c', "PATH", "what is different in a file that az wrote with -o json" },
		{ "diagnostic", 'd', NULL,
		  "the verdict as az network watcher run-configuration-diagnostic writes it" },
		CLI_FROM,
	},
};
