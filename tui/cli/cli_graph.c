/* SPDX-License-Identifier: GPL-2.0-or-later */
/* graph: the topology as a picture, of a file or of a lab that runs. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/graph/picture.h"
#include "lab/model/lab.h"
#include "tui/cli/cli_files.h"
#include "tui/cli/cli_follow.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum form {
	FORM_TEXT,
	FORM_DOT,
	FORM_MERMAID,
	FORM_SVG,
};

static const char *const forms[] = { "text", "dot", "mermaid", "svg", NULL };

#define COLS_MIN 40
#define COLS_MAX 1000

/* --width, else the terminal's, else 80. 0: wrong usage. */
static unsigned read_width(const struct cli *cli)
{
	const char *text = cli_value(cli, "width");
	struct winsize size = { 0 };
	char *end;
	unsigned long cols;

	if (!text)
		return (enum form)cli->output == FORM_TEXT &&
				       !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) &&
				       size.ws_col >= COLS_MIN
			       ? size.ws_col
			       : LAYOUT_COLS;
	cols = strtoul(text, &end, 10);
	if (*end || cols < COLS_MIN || cols > COLS_MAX)
		return 0;
	return (unsigned)cols;
}

static void print(const struct cli *cli, const struct graph *graph, const struct graph_state *state,
		  unsigned cols)
{
	bool is_ascii = cli_value(cli, "ascii") != NULL;

	(void)setlocale(LC_CTYPE, "");
	is_ascii |= isatty(STDOUT_FILENO) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	switch ((enum form)cli->output) {
	case FORM_TEXT:
		graph_print_text(graph, state, cols, is_ascii, stdout);
		break;
	case FORM_DOT:
		graph_print_dot(graph, state, stdout);
		break;
	case FORM_MERMAID:
		graph_print_mermaid(graph, state, stdout);
		break;
	case FORM_SVG:
		graph_print_svg(graph, state, cols, stdout);
		break;
	}
}

static int show_file(const struct cli *cli, unsigned fold, unsigned cols)
{
	CLEANUP(free_cleanup) char *text = NULL;
	struct graph *graph;
	char path[PATH_MAX];
	int code = EXIT_OK;
	struct lab *lab = cli_read_lab(cli->argv[0], cli_value(cli, "step"), path, sizeof(path),
				       &text, &code);

	if (!lab)
		return code;
	graph = graph_of_lab(lab, fold);
	print(cli, graph, NULL, cols);
	graph_free(graph);
	lab_free(lab);
	return EXIT_OK;
}

/* NULL when the lab cannot say; then it is not shown. */
static const void *read_topic(struct client *client, const char *topic, const struct record *record,
			      struct arena *arena)
{
	void *object = arena_alloc(arena, record->size);
	struct err err = { 0 };

	return client_topic(client, topic, record, object, arena, &err) ? NULL : object;
}

/* It takes the lab a second to know. NULL when it cannot say. */
static const struct snapshot_traffic *read_traffic(struct client *client, struct arena *arena)
{
	struct snapshot_traffic *traffic = arena_alloc(arena, sizeof(*traffic));
	struct err err = { 0 };
	json_t *json = client_topic_whole(client, "traffic", &err);
	bool is_read = json && record_decode(&snapshot_traffic_record, json, traffic, arena, &err);

	json_decref(json);
	return is_read ? traffic : NULL;
}

static struct graph_state *read_state(const struct cli *cli, struct client *client,
				      const struct graph *graph, struct arena *arena)
{
	struct snapshot snapshot = {
		.lab = read_topic(client, "lab", &snapshot_lab_record, arena),
		.nodes = read_topic(client, "nodes", &snapshot_nodes_record, arena),
		.vms = read_topic(client, "vms", &snapshot_vms_record, arena),
		.probes = read_topic(client, "probes", &snapshot_probes_record, arena),
		.tunnels = read_topic(client, "tunnels", &snapshot_tunnels_record, arena),
		.sessions = read_topic(client, "sessions", &snapshot_sessions_record, arena),
	};
	const struct snapshot_probe *probe = graph_failing_probe(snapshot.probes, NULL);
	const struct snapshot_path *path = NULL;
	char question[200];

	if (probe)
		path = read_topic(
			client,
			arena_printf(arena, "path/%s",
				     graph_path_question(probe, question, sizeof(question))),
			&snapshot_path_record, arena);
	if (cli_value(cli, "traffic")) /* last: what does not come spoils the connection */
		snapshot.traffic = read_traffic(client, arena);
	return graph_state_new(graph, &snapshot, probe, path, arena);
}

static int show_lab(const struct cli *cli, unsigned fold, unsigned cols)
{
	struct arena *arena = arena_new();
	struct snapshot_file file = { 0 };
	struct err err = { 0 };
	int code = EXIT_OK;
	struct client *client = cli_read_source(cli, &file, arena, &code);
	struct graph *graph = client ? graph_of_file(&file, fold, &err) : NULL;

	if (graph)
		print(cli, graph, read_state(cli, client, graph, arena), cols);
	else if (client)
		code = cli_fail(EXIT_INVALID, "%s", err.text);
	graph_free(graph);
	client_free(client);
	arena_free(arena);
	return code;
}

static int run_graph(const struct cli *cli)
{
	unsigned cols = read_width(cli), fold = cli_value(cli, "all") ? 0 : GRAPH_FOLD;

	if (!cols)
		return cli_usage(cli, "--width takes a number from %d to %d, not '%s'", COLS_MIN,
				 COLS_MAX, cli_value(cli, "width"));
	if (cli->argc && (cli->lab || cli->bundle))
		return cli_usage(cli, "a FILE is drawn, or a lab that runs: not both");
	if (!cli->argc && cli_value(cli, "step"))
		return cli_usage(cli, "--step is about a FILE; what runs is at a step already");
	if ((cli->argc || cli->bundle) && cli_value(cli, "traffic"))
		return cli_usage(cli, "--traffic is about a lab that runs");
	if ((enum form)cli->output != FORM_TEXT && cli_value(cli, "traffic"))
		return cli_usage(cli, "--traffic is shown in text only");
	return cli->argc ? show_file(cli, fold, cols) : show_lab(cli, fold, cols);
}

const struct command command_graph = {
	.name = "graph",
	.arguments = "[FILE]",
	.words = "the topology map: as text, or for Graphviz, Mermaid and browsers",
	.more = "Of a lab file or a template, which needs no running lab, or of the lab that runs: "
		"then with what is up, what is not, and the way of a probe that fails. Spokes are "
		"on top, branches at the bottom. As -o it takes text, dot, mermaid or svg; dot and "
		"mermaid have no layout: those who read them make one.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.forms = forms,
	.run = run_graph,
	.options = {
		{ "step", 0, "STEP", "of a FILE: at this step, its name or number" },
		{ "ascii", 0, NULL, "no line drawing, no special characters" },
		{ "traffic", 0, NULL,
		  "of a lab that runs: what flows, for which it takes a second" },
		{ "width", 0, "COLUMNS", "of text and svg; the terminal's, or 80" },
		{ "all", 0, NULL, "every machine, where otherwise many are one number" },
		CLI_FROM,
	},
};
