/* SPDX-License-Identifier: GPL-2.0-or-later */
/* why: the ways of a flow, there and back, and what decides at each place. */
#include "tui/cli/cli_commands.h"

#include "lab/render/path.h"

#include <errno.h>
#include <stdio.h>

static int run_why(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_path path = { 0 };
	struct snapshot_probes probes = { 0 };
	const struct snapshot_probe *seen;
	struct err err = { 0 };
	struct client *client;
	const char *topic;
	int code = EXIT_OK;

	topic = arena_printf(arena, "path/%.140s %.140s %.20s", cli->argv[0], cli->argv[1],
			     cli->argc > 2 ? cli->argv[2] : "icmp");
	client = cli_connect(cli, NULL, NULL, &code);
	if (client && (client_topic(client, topic, &snapshot_path_record, &path, arena, &err) ||
		       client_topic(client, arena_printf(arena, "probes/%s", path.from),
				    &snapshot_probes_record, &probes, arena, &err)))
		code = cli_fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", err.text);
	if (client && !code) {
		seen = path_find_probe(&path, &probes);
		if (cli->output == OUTPUT_JSON)
			cli_print_json(path_json(&path, seen));
		else if (cli->output == OUTPUT_TSV)
			path_print_tsv(&path, stdout);
		else
			path_print(&path, seen, stdout);
		if (!path_is_good(&path, seen))
			code = EXIT_DIFFERENT;
	}
	client_free(client);
	arena_free(arena);
	return code;
}

const struct command command_why = {
	.name = "why",
	.arguments = "SRC DST [PROTOCOL[:PORT]]",
	.words = "why a flow works or not: what decides at each place, there and back",
	.more = "SRC and DST are virtual machines, NICs or addresses, DST any address, and "
		"'internet' is the first host of the lab's Internet. PROTOCOL is icmp, http or "
		"tcp:PORT; icmp if not given. Each machine says by which route of its own it "
		"sends, each port what its NSGs say, each subnet which effective route wins and "
		"which would without it, with the line of the lab file that decides; it is what "
		"follows from what the routers know now, and beside it stands what the lab's own "
		"probe of this flow sees, if there is one. Ends with 4 when no answer comes.",
	.group = GROUP_LOOK,
	.min_arguments = 2,
	.max_arguments = 3,
	.completes = { ARG_VM, ARG_VM },
	.run = run_why,
};
