/* SPDX-License-Identifier: GPL-2.0-or-later */
/* whatif: what a change of the running lab would change, by the model alone, and then really. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/whatif_text.h"
#include "lab/snapshot/fill.h"
#include "tui/cli/cli_files.h"
#include "tui/cli/cli_follow.h"

#include <stdio.h>
#include <string.h>

/* A flow that is asked about: SRC DST [PROTOCOL[:PORT]]. */
struct asked_flow {
	const char *from, *to, *protocol;
};

/* The lab as it is wanted, and as it would be. */
struct states {
	int change_words; /* of the command line: PATH VALUE... */
	LIST_OF(struct asked_flow) asked;
	struct as_paths *paths;
	struct wanted *before, *after;
	struct outcomes nics_before, nics_after; /* as computed */
};

static void states_fini(struct states *states)
{
	wanted_free(states->before);
	wanted_free(states->after);
	as_paths_free(states->paths);
}

/* NULL after having said what is wrong. */
static struct wanted *state_of(const struct snapshot_file *file, const struct wanted *previous,
			       struct as_paths *paths)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab *lab = snapshot_file_lab(file, &diags);
	struct err err = { 0 };

	if (!lab && diags_fail(&diags, file->file, &err))
		(void)cli_fail(EXIT_INVALID, "%s", err.text);
	return lab ? wanted_new(lab, previous, paths) : NULL;
}

/* The file with its changes and those of the command line behind them. */
static struct snapshot_file changed(const struct cli *cli, const struct states *states,
				    const struct snapshot_file *file, struct arena *arena)
{
	struct {
		struct change_text *items;
		size_t count;
	} changes = { 0 };

	for (int i = 0; i < states->change_words; i += 2)
		*ARENA_PUSH(arena, changes.items, changes.count) =
			(struct change_text){ cli->argv[i], cli->argv[i + 1] };
	return snapshot_file_with(file, changes.items, changes.count, arena);
}

static int read_states(const struct cli *cli, struct states *states, struct arena *arena)
{
	struct snapshot_file file = { 0 };
	int code = EXIT_OK;
	struct client *client = cli_read_source(cli, &file, arena, &code);

	client_free(client);
	if (!client)
		return code;
	states->paths = as_paths_new();
	states->before = state_of(&file, NULL, states->paths);
	if (states->before) {
		file = changed(cli, states, &file, arena);
		states->after = state_of(&file, states->before, states->paths);
	}
	return states->after ? EXIT_OK : EXIT_INVALID;
}

/* False when the last word is of no pair. */
static bool read_asked(const struct cli *cli, struct states *states, struct arena *arena)
{
	struct probe_spec flow;
	struct err err = { 0 };
	int i;

	states->change_words = cli->argc - cli->behind_dashes;
	for (i = states->change_words; i + 1 < cli->argc; i += 2) {
		struct asked_flow *asked =
			ARENA_PUSH(arena, states->asked.items, states->asked.count);
		bool has_protocol = i + 2 < cli->argc &&
				    !path_question_read_protocol(cli->argv[i + 2], &flow, &err);

		*asked = (struct asked_flow){ cli->argv[i], cli->argv[i + 1],
					      has_protocol ? cli->argv[i + 2] : "icmp" };
		i += has_protocol;
	}
	return i == cli->argc;
}

/* Of one that the lab does not have, in this state, that is the outcome. */
static void add_asked(struct outcomes *out, const struct wanted *wanted,
		      const struct asked_flow *asked, struct arena *arena)
{
	const char *name =
		arena_printf(arena, "%s -> %s %s", asked->from, asked->to, asked->protocol);
	struct path_question question;
	struct named_lines *flow;
	struct err err = { 0 };

	if (!path_question_read(wanted->lab, asked->from, asked->to, asked->protocol, &question,
				&err)) {
		outcomes_add_flow(out, wanted, name, &question, arena);
		return;
	}
	flow = ARENA_PUSH(arena, out->items, out->count);
	flow->name = name;
	*ARENA_PUSH(arena, flow->lines.items, flow->lines.count) = arena_strdup(arena, err.text);
}

/* Those that are asked about, or all probes. */
static struct outcomes flows_of(const struct states *states, const struct wanted *wanted,
				struct arena *arena)
{
	struct outcomes out = { 0 };

	if (!states->asked.count)
		return outcomes_of_flows(wanted, arena);
	for (size_t i = 0; i < states->asked.count; i++)
		add_asked(&out, wanted, &states->asked.items[i], arena);
	return out;
}

static struct outcomes unchanged_of(const struct states *states, const struct outcomes *after,
				    const struct outcome_changes *changes, struct arena *arena)
{
	struct outcomes out = { 0 };

	for (size_t i = 0; states->asked.count && i < after->count; i++) {
		bool is_changed = false;

		for (size_t n = 0; n < changes->count; n++)
			is_changed |= !strcmp(changes->items[n].name, after->items[i].name);
		if (!is_changed)
			*ARENA_PUSH(arena, out.items, out.count) = after->items[i];
	}
	return out;
}

static struct whatif compare(struct states *states, struct arena *arena)
{
	struct outcomes flows_before = flows_of(states, states->before, arena);
	struct outcomes flows_after = flows_of(states, states->after, arena);
	struct whatif out = { 0 };

	states->nics_before = outcomes_of_nics(states->before, arena);
	states->nics_after = outcomes_of_nics(states->after, arena);
	out.nics = outcomes_compare(&states->nics_before, &states->nics_after, arena);
	out.flows = outcomes_compare(&flows_before, &flows_after, arena);
	out.unchanged = unchanged_of(states, &flows_after, &out.flows, arena);
	return out;
}

/* ---- really ---- */

/* The tables that the running lab has, of these NICs. */
static int read_tables(const struct cli *cli, const struct outcomes *nics, struct outcomes *tables,
		       struct arena *arena)
{
	struct err err = { 0 };
	int code = EXIT_OK;
	struct client *client = cli_connect(cli, NULL, NULL, &code);

	for (size_t i = 0; client && !code && i < nics->count; i++) {
		struct snapshot_routes routes = { 0 };
		const char *topic = arena_printf(arena, "routes/%s", nics->items[i].name);

		if (client_topic(client, topic, &snapshot_routes_record, &routes, arena, &err))
			code = cli_fail(EXIT_FAILED, "%s", err.text);
		else
			outcomes_add_nic(tables, &routes, arena);
	}
	client_free(client);
	return code;
}

/* Exactly what was foretold has changed; the lab is up, so probes see what was. */
static int apply(const struct cli *cli, const struct states *states, const struct whatif *foretold,
		 struct arena *arena)
{
	struct outcomes before = { 0 }, after = { 0 };
	struct whatif seen = { 0 };
	struct cli only_changes = *cli;
	int code = read_tables(cli, &states->nics_before, &before, arena), set;

	if (code)
		return code;
	only_changes.argc = states->change_words;
	set = cli_set(&only_changes); /* what was foretold may well leave things that are not as
					 they should */
	if (set && set != EXIT_DIFFERENT)
		return set;
	code = read_tables(cli, &states->nics_after, &after, arena);
	if (code)
		return code;
	seen.nics = outcomes_compare(&before, &after, arena);
	if (outcome_changes_equal(&seen.nics, &foretold->nics)) {
		(void)printf("Exactly this changed: %s.\n", whatif_count(foretold, arena));
		return set;
	}
	(void)printf("Other routes changed than it said:\n\n");
	whatif_print(&seen, stdout);
	return EXIT_DIFFERENT;
}

static int run_whatif(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct states states = { 0 };
	bool are_pairs = read_asked(cli, &states, arena);
	struct whatif whatif;
	int code;

	if (states.change_words % 2)
		code = cli_usage(cli, "'%s' needs a value", cli->argv[states.change_words - 1]);
	else if (!states.change_words)
		code = cli_usage(cli, "a change is missing");
	else if (!are_pairs)
		code = cli_usage(cli, "where does '%s' send to?", cli->argv[cli->argc - 1]);
	else if (cli_value(cli, "apply") && cli_needs_lab(cli, "--apply"))
		code = EXIT_USAGE;
	else
		code = read_states(cli, &states, arena);
	if (!code && states.before && states.after) {
		whatif = compare(&states, arena);
		if (cli->output == OUTPUT_JSON)
			cli_print_json(whatif_json(&whatif));
		else
			whatif_print(&whatif, stdout);
		if (cli_value(cli, "apply"))
			code = apply(cli, &states, &whatif, arena);
	}
	states_fini(&states);
	arena_free(arena);
	return code;
}

const struct command command_whatif = {
	.name = "whatif",
	.arguments = "PATH VALUE... [-- SRC DST [PROTOCOL[:PORT]]...]",
	.words = "what a change of the running lab would change",
	.more = "PATH and VALUE as for set. Nothing is changed: from the lab file, its changes and "
		"this one it computes the effective routes of every NIC, and of every probe whether it is "
		"answered and by which way, as they would be when all sessions are up, and says "
		"what differs; of flows behind '--' it says that in the place of probes. Ends with 3 when the change cannot be.",
	.group = GROUP_CHANGE,
	.min_arguments = 2,
	.max_arguments = -1,
	.run = run_whatif,
	.options = {
		{ "apply", 0, NULL, "then set it, and check that exactly these routes changed; "
				    "ends with 4 when others did" },
		CLI_FROM,
	},
};
