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
	const struct fault_target *fault; /* that is in `after`; NULL: none */
	enum fault_kind fault_kind;
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

/* The fault that is asked about; FAULT_KIND_COUNT: none is. */
static enum fault_kind asked_fault(const struct cli *cli, const char **ret_target)
{
	static const enum fault_kind kinds[] = { FAULT_CUT, FAULT_KILL };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		*ret_target = cli_value(cli, fault_kind_names[kinds[i]]);
		if (*ret_target)
			return kinds[i];
	}
	return FAULT_KIND_COUNT;
}

/* With the fault in what is to come; an exit code. */
static int take_fault(const struct cli *cli, struct states *states, struct arena *arena)
{
	const char *name;
	enum fault_kind kind = asked_fault(cli, &name);
	struct fault_targets targets;
	struct err err = { 0 };

	if (kind == FAULT_KIND_COUNT || !states->after)
		return EXIT_OK;
	targets = fault_list_targets(states->after->graph, arena);
	states->fault = fault_find_target(&targets, kind, name, &err);
	if (!states->fault)
		return cli_fail(EXIT_USAGE, "%s", err.text);
	states->fault_kind = kind;
	wanted_break(states->after, kind, states->fault, states->paths);
	return EXIT_OK;
}

/* Does the flow begin, end or pass at a machine? `lines` are those of its outcome. */
static bool meets(const struct named_lines *flow, const char *node)
{
	size_t len = strlen(node);
	const char *text = flow->name;

	for (size_t i = 0; i <= flow->lines.count; i++) {
		for (const char *at = strstr(text, node); at; at = strstr(at + 1, node))
			if ((at == text || at[-1] == ' ') &&
			    (!at[len] || at[len] == ' ' || at[len] == ','))
				return true;
		text = i < flow->lines.count ? flow->lines.items[i] : "";
	}
	return false;
}

/* Has the machine links that the fault leaves alone? */
static bool has_other_link(const struct node *node, const struct fault_target *fault)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *link = node->interfaces.items[i];
		bool is_cut = !link->subnet && link->kind != INTERFACE_LAN;

		for (size_t n = 0; n < fault->ports.count; n++)
			is_cut |= fault->ports.items[n] == link;
		if (!is_cut)
			return true;
	}
	return false;
}

/* What a port that is cut does not carry, whatever routes say. */
static void lose_flows(const struct states *states, struct outcomes *flows, struct arena *arena)
{
	const struct fault_target *fault = states->fault;

	for (size_t i = 0; fault && states->fault_kind == FAULT_CUT && i < flows->count; i++)
		for (size_t n = 0; n < fault->ports.count; n++) {
			const struct node *node = fault->ports.items[n]->node;
			struct named_lines *flow = &flows->items[i];

			if (!meets(flow, node->name))
				continue;
			flow->lines.count = 0;
			flow->lines.items = NULL;
			*ARENA_PUSH(arena, flow->lines.items, flow->lines.count) = arena_printf(
				arena, "%s of %s is cut",
				has_other_link(node, fault) ? "not known: one of the links"
							    : "no reply: the link",
				node->name);
			break;
		}
}

static bool lasts_in(const struct wanted *wanted, const struct bgp_end *end)
{
	const struct node *node = topology_find_node(wanted->topology, end->speaker->node->name);
	const struct bgp_speaker *speaker = node ? bgp_find_speaker(wanted->graph, node) : NULL;
	const struct bgp_end *same = speaker ? bgp_find_end(speaker, end->name) : NULL;

	return same && bgp_end_lasts(same);
}

/* Each once: the side that is configured first says it. */
static void print_sessions(const struct states *states)
{
	const struct bgp_graph *graph = states->before->graph;
	size_t count = 0;

	for (size_t i = 0; i < graph->speakers.count; i++)
		for (size_t n = 0; n < graph->speakers.items[i]->ends.count; n++) {
			const struct bgp_end *end = graph->speakers.items[i]->ends.items[n];

			if ((end->peer && end->peer->speaker->index < end->speaker->index) ||
			    !bgp_end_lasts(end) || lasts_in(states->after, end))
				continue;
			(void)printf("%s: the session with %s ends\n", end->speaker->node->name,
				     end->peer_name);
			count++;
		}
	if (count)
		(void)putchar('\n');
}

/* As 'undo' and 'step' would do; an exit code. */
static int take_options(const struct cli *cli, struct snapshot_file *file)
{
	const char *undo = cli_value(cli, "undo"), *step = cli_value(cli, "step");
	int64_t number = undo ? cli_undo_count(cli, undo, file) : 0;
	int code = EXIT_OK;

	if (number < 0)
		return EXIT_USAGE;
	if (number > (int64_t)file->changes.count || (undo && !number))
		return cli_fail(EXIT_FAILED, "there are %zu changes to take back",
				file->changes.count);
	file->changes.count -= (size_t)number;
	number = step ? cli_find_step(cli, file, step, &code) : 0;
	if (number)
		file->step = number;
	return code;
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
	if (states->before)
		code = take_options(cli, &file);
	if (states->before && !code) {
		file = changed(cli, states, &file, arena);
		states->after = state_of(&file, states->before, states->paths);
		code = take_fault(cli, states, arena);
	}
	return code ? code : states->after ? EXIT_OK : EXIT_INVALID;
}

/* Than values that are set. */
static bool has_other_change(const struct cli *cli)
{
	const char *target;

	return cli_value(cli, "undo") || cli_value(cli, "step") ||
	       asked_fault(cli, &target) != FAULT_KIND_COUNT;
}

static bool has_change(const struct cli *cli, const struct states *states)
{
	return states->change_words || has_other_change(cli);
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

	lose_flows(states, &flows_after, arena);
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
	else if (!has_change(cli, &states))
		code = cli_usage(cli, "a change is missing");
	else if (cli_value(cli, "apply") && has_other_change(cli))
		code = cli_usage(cli, "--apply sets values: 'undo', 'step' and 'fault' do the "
				      "others");
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
		else if (states.fault)
			print_sessions(&states);
		if (cli->output != OUTPUT_JSON)
			whatif_print(&whatif, stdout);
		if (cli_value(cli, "apply"))
			code = apply(cli, &states, &whatif, arena);
	}
	states_fini(&states);
	arena_free(arena);
	return code;
}

static bool does_apply(const struct cli *cli)
{
	return cli_value(cli, "apply") != NULL;
}

const struct command command_whatif = {
	.name = "whatif",
	.arguments = "[PATH VALUE...] [-- SRC DST [PROTOCOL[:PORT]]...]",
	.words = "what a change of the running lab would change",
	.more = "PATH and VALUE as for set. Nothing is changed: from the lab file, its changes and "
		"this one it computes the effective routes of every NIC, and of every probe whether it is "
		"answered and by which way, as they would be when all sessions are up, and says "
		"what differs; of flows behind '--' it says that in the place of probes. --undo and --step "
		"say it of what 'undo' and 'step' would do, --cut and --kill of a fault: which sessions "
		"it ends, and what is known and reached once that has been told. Ends with 3 when the change cannot be.",
	.group = GROUP_CHANGE,
	.max_arguments = -1,
	.changes = does_apply,
	.run = run_whatif,
	.options = {
		{ "apply", 0, NULL, "then set it, and check that exactly these routes changed; "
				    "ends with 4 when others did" },
		{ "undo", 0, "N", "without the newest N changes (or all)" },
		{ "step", 0, "STEP", "at that step, or next, or prev" },
		{ "cut", 0, "TARGET", "with that cut, or losing all packets" },
		{ "kill", 0, "TARGET", "while its daemon is away" },
		CLI_FROM,
	},
};
