/* SPDX-License-Identifier: GPL-2.0-or-later */
/* why: the ways of a flow, there and back, and what decides at each place. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/plan/wanted.h"
#include "lab/render/path.h"
#include "lab/snapshot/fill.h"
#include "lab/snapshot/fill_path.h"
#include "tui/cli/cli_files.h"
#include "tui/cli/cli_follow.h"
#include "tui/client/evidence.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* What is asked, and what is known of it. */
struct asking {
	const struct cli *cli;
	const char *protocol;
	struct arena *arena;
	struct snapshot_path path;
	struct path_seen seen;
	struct snapshot_evidence evidence;
	struct path_mend mend;
	/* of the file, and what its mends borrow from */
	struct wanted *wanted;
	struct as_paths *paths;
};

#define SILENCE_MS 400 /* after which no answer comes where none is predicted */
#define MEND_S     3.0 /* as long as changes are tried for one that mends it */

/* Is there a change of this state of the file (a->wanted) with which it works? */
static void find_mend(struct asking *a, const struct snapshot_file *file)
{
	struct mend_case c = { .file = file,
			       .from = a->cli->argv[0],
			       .to = a->cli->argv[1],
			       .protocol = a->protocol,
			       .wanted = a->wanted,
			       .paths = a->paths };
	double end_s = cli_now_s() + MEND_S;
	struct path_question question;
	struct followed followed;
	struct mends mends;
	struct err err = { 0 };

	if (path_question_read(a->wanted->lab, c.from, c.to, c.protocol, &question, &err))
		return;
	a->mend.is_searched = true;
	fabric_follow(a->wanted->fabric, &question.flow, question.to, a->arena, &followed);
	a->mend.is_in_file = !followed.prediction.is_reply || followed.prediction.is_by_flow;
	if (!a->mend.is_in_file)
		return;
	mends = mends_propose(a->wanted, &question, &followed, a->arena);
	for (size_t i = 0; !a->mend.found && i < mends.count && cli_now_s() < end_s; i++) {
		a->mend.tried++;
		if (mend_works(&c, &mends.items[i]))
			a->mend.found = &mends.items[i];
	}
}

/* ---- of a lab that runs ---- */

static int refused(const struct err *err)
{
	return cli_fail(err->code == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", err->text);
}

/* By what its routers know now. */
static int ask_lab(struct asking *a)
{
	struct snapshot_probes probes = { 0 };
	struct err err = { 0 };
	const char *topic;
	int code = EXIT_OK;
	struct client *client = cli_connect(a->cli, NULL, NULL, &code);

	if (!client)
		return code;
	topic = arena_printf(a->arena, "path/%.140s %.140s %.20s", a->cli->argv[0], a->cli->argv[1],
			     a->protocol);
	if (client_topic(client, topic, &snapshot_path_record, &a->path, a->arena, &err) ||
	    client_topic(client, arena_printf(a->arena, "probes/%s", a->path.from),
			 &snapshot_probes_record, &probes, a->arena, &err))
		code = refused(&err);
	else
		a->seen.probe = path_find_probe(&a->path, &probes);
	if (!code && !cli_value(a->cli, "no-packet") && !cli_value(a->cli, "from")) {
		a->seen.evidence = &a->evidence;
		if (evidence_collect(client, &a->path, SILENCE_MS, &a->evidence, a->arena, &err))
			a->evidence.why = arena_strdup(a->arena, err.text);
	}
	client_free(client);
	return code;
}

/* By its file, and the changes made since. */
static int mend_lab(struct asking *a)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct snapshot_file file = { 0 };
	int code = EXIT_OK;
	struct client *client = cli_read_source(a->cli, &file, a->arena, &code);
	struct lab *lab;

	client_free(client);
	if (!client)
		return code;
	lab = snapshot_file_lab(&file, &diags);
	if (!lab)
		return EXIT_OK;
	a->wanted = wanted_new(lab, NULL, a->paths);
	find_mend(a, &file);
	return EXIT_OK;
}

/* ---- of a file: nothing runs ---- */

static int ask_file(struct asking *a, const char *file)
{
	CLEANUP(free_cleanup) char *text = NULL;
	struct path_question question;
	struct err err = { 0 };
	char path[PATH_MAX];
	int code = EXIT_OK;
	struct lab *lab =
		cli_read_lab(file, cli_value(a->cli, "step"), path, sizeof(path), &text, &code);

	if (!lab)
		return code;
	a->wanted = wanted_new(lab, NULL, a->paths);
	if (path_question_read(lab, a->cli->argv[0], a->cli->argv[1], a->protocol, &question, &err))
		return refused(&err);
	snapshot_fill_path(a->wanted->fabric, arena_strdup(a->arena, path), &question, &a->path,
			   a->arena);
	a->mend.is_dry = true;
	if (!path_is_good(&a->path, NULL))
		find_mend(a,
			  &(struct snapshot_file){ .file = path, .text = text, .step = lab->step });
	return EXIT_OK;
}

static void print_picture(const struct asking *a)
{
	(void)setlocale(LC_CTYPE, "");
	path_print_picture(&a->path, strcmp(nl_langinfo(CODESET), "UTF-8") != 0, stdout);
}

static void print(const struct asking *a)
{
	if (a->cli->output == OUTPUT_JSON)
		cli_print_json(path_json(&a->path, &a->seen, &a->mend));
	else if (a->cli->output == OUTPUT_TSV)
		path_print_tsv(&a->path, &a->seen, stdout);
	else if (cli_value(a->cli, "picture"))
		print_picture(a);
	else
		path_print(&a->path, &a->seen, &a->mend, stdout);
}

static int run_why(const struct cli *cli)
{
	struct asking a = { .cli = cli,
			    .protocol = cli->argc > 2 ? cli->argv[2] : "icmp",
			    .arena = arena_new(),
			    .paths = as_paths_new() };
	const char *file = cli_value(cli, "file");
	int code;

	if (cli_value(cli, "step") && !file)
		code = cli_usage(cli, "--step is of a lab file: --file FILE");
	else
		code = file ? ask_file(&a, file) : ask_lab(&a);
	if (!code && !file && !path_is_good(&a.path, NULL))
		code = mend_lab(&a);
	if (!code) {
		print(&a);
		if (!path_is_good(&a.path, &a.seen))
			code = EXIT_DIFFERENT;
	}
	wanted_free(a.wanted);
	as_paths_free(a.paths);
	arena_free(a.arena);
	return code;
}

const struct command command_why = {
	.name = "why",
	.arguments = "SRC DST [PROTOCOL[:PORT]]",
	.words = "why a flow works or not: what decides at each place, there and back",
	.more = "SRC and DST are virtual machines, NICs or addresses, DST any address, and "
		"'internet' is the first host of the lab's Internet. PROTOCOL is icmp, http, "
		"tcp:PORT or udp:PORT, icmp if not given; icmp:1472/df is a ping of so many bytes "
		"that must not be fragmented, which finds the MTU of a way. Each machine says by which route of its own it "
		"sends, each port what its NSGs say, each subnet which effective route wins and "
		"which would without it, with the line of the lab file that decides; it is what "
		"follows from what the routers know now. Beside it stands what the kernel answers "
		"at each place, what one packet sent now gets, and by which rules nftables let it "
		"pass or dropped it. When no answer comes it ends with 4, "
		"and says what in the lab file is the likeliest cause, with the change that, by the "
		"model, mends it.",
	.group = GROUP_LOOK,
	.min_arguments = 2,
	.max_arguments = 3,
	.completes = { ARG_VM, ARG_VM },
	.run = run_why,
	.options = {
		CLI_FROM,
		{ "picture", 0, NULL, "both ways side by side, on 24 lines" },
		{ "no-packet", 0, NULL, "ask no kernel, and send nothing" },
		{ "file", 0, "FILE", "of a lab file or template: nothing needs to run" },
		{ "step", 0, "STEP", "at a step of the file: its name or number" },
	},
};
