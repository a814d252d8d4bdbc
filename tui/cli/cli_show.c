/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ls and show: which labs run, and what one consists of. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/table.h"
#include "netns/super/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add_lab(const struct cli *cli, struct table *table, const struct snapshot_lab *lab)
{
	char vms[24], sessions[48], probes[48], age[32];
	const char *cells[] = { lab->name, lab->state,  vms, sessions,
				probes,    lab->timers, age, lab->file };

	(void)snprintf(vms, sizeof(vms), "%lld", (long long)lab->vm_count);
	(void)snprintf(sessions, sizeof(sessions), "%lld/%lld", (long long)lab->sessions_up,
		       (long long)lab->session_count);
	(void)snprintf(probes, sizeof(probes), "%lld/%lld", (long long)lab->probes_green,
		       (long long)lab->probe_count);
	(void)cli_print_age(cli, lab->up_since, age);
	table_add(table, cells);
}

static int list_templates(const struct cli *cli)
{
	static const char *const headers[] = { "Template", "About", "File" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	struct arena *arena = arena_new();
	struct cli_templates templates = cli_templates(arena);
	json_t *list = json_array();

	for (size_t i = 0; i < templates.count; i++) {
		const struct cli_template *t = &templates.items[i];
		const char *cells[] = { t->name, t->sentence, t->path };

		table_add(table, cells);
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:s}", "name", t->name,
						      "sentence", t->sentence, "path", t->path));
	}
	if (cli->output == OUTPUT_JSON)
		cli_print_json(json_pack("{s:O}", "templates", list));
	else
		cli_print_table(cli, table);
	json_decref(list);
	table_free(table);
	arena_free(arena);
	return EXIT_OK;
}

static int list_labs(const struct cli *cli)
{
	static const char *const headers[] = { "Lab",    "State",  "VMs", "BGP",
					       "Probes", "Timers", "Age", "File" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	json_t *list = json_array();
	struct err err = { 0 };
	char **labs = runtime_list(&err);
	int code = EXIT_OK;

	if (!labs)
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	for (char **name = labs; name && *name; name++) {
		struct arena *arena = arena_new();
		struct snapshot_lab lab = { 0 };
		struct client *client = client_open(*name, NULL);
		json_t *json = client ? client_topic_json(client, "lab", NULL) : NULL;

		if (json && record_decode(&snapshot_lab_record, json, &lab, arena, NULL)) {
			add_lab(cli, table, &lab);
			(void)json_array_append(list, json);
		}
		json_decref(json);
		client_free(client);
		arena_free(arena);
		free(*name);
	}
	free(labs);
	if (!code && cli->output == OUTPUT_JSON)
		cli_print_json(json_pack("{s:O}", "labs", list));
	else if (!code && (cli->output == OUTPUT_TSV || json_array_size(list)))
		cli_print_table(cli, table);
	else if (!code)
		(void)fprintf(stderr, "no lab is running\n");
	json_decref(list);
	table_free(table);
	return code;
}

static int run_ls(const struct cli *cli)
{
	return cli_value(cli, "templates") ? list_templates(cli) : list_labs(cli);
}

const struct command command_ls = {
	.name = "ls",
	.has_no_lab = true,
	.arguments = "",
	.words = "list the labs that run, or the templates there are",
	.group = GROUP_LABS,
	.run = run_ls,
	.options = { { "templates", 't', NULL, "templates to start from, each with a sentence" } },
};

static void print_lab(const struct cli *cli, const struct snapshot_lab *lab)
{
	char age[32];

	(void)printf("lab       %s, %s for %s, timers %s, cables by %s, as %s\n", lab->name,
		     lab->state, cli_print_age(cli, lab->up_since, age), lab->timers, lab->cables,
		     lab->is_rootless ? "an ordinary user" : "root");
	(void)printf("file      %s\n", lab->file);
	if (lab->step)
		(void)printf("step      %lld of %lld: %s\n", (long long)lab->step,
			     (long long)lab->step_count, lab->step_name);
	for (size_t i = 0; i < lab->links.count; i++)
		(void)printf("link      %s\n", lab->links.items[i]);
	for (size_t i = 0; i < lab->warnings.count; i++)
		(void)printf("warning   %s\n", lab->warnings.items[i]);
	if (lab->change_count)
		(void)printf("changes   %lld that are in no file\n", (long long)lab->change_count);
	for (size_t i = 0; i < lab->faults.count; i++)
		(void)printf("fault     %s\n", lab->faults.items[i]);
	(void)printf("BGP       %lld of %lld sessions\n", (long long)lab->sessions_up,
		     (long long)lab->session_count);
	if (lab->tunnel_count)
		(void)printf("tunnels   %lld of %lld\n", (long long)lab->tunnels_up,
			     (long long)lab->tunnel_count);
	(void)printf("probes    %lld green, %lld amber, %lld red\n", (long long)lab->probes_green,
		     (long long)lab->probes_amber, (long long)lab->probes_red);
	(void)printf("flows     %lld seen", (long long)lab->flow_count);
	if (lab->flows_evicted)
		(void)printf(", the oldest %lld not kept", (long long)lab->flows_evicted);
	if (lab->flows_lost)
		(void)printf(", %lld messages of the log lost", (long long)lab->flows_lost);
	(void)putchar('\n');
	for (size_t i = 0; i < lab->problems.count; i++)
		(void)printf("problem   %s\n", lab->problems.items[i]);
	if (lab->problem_count > (int64_t)lab->problems.count)
		(void)printf("problem   and %lld more\n",
			     (long long)lab->problem_count - (long long)lab->problems.count);
	(void)putchar('\n');
}

static void add_node(struct table *table, const struct snapshot_node *node)
{
	char addresses[256] = "", sessions[48] = "";
	const char *cells[] = { node->name, node->role, addresses, sessions, node->state };
	size_t len = 0;

	for (size_t i = 0; i < node->addresses.count && len < sizeof(addresses); i++)
		len += (size_t)snprintf(addresses + len, sizeof(addresses) - len, "%s%s",
					i ? " " : "", node->addresses.items[i]);
	if (node->sessions)
		(void)snprintf(sessions, sizeof(sessions), "%lld/%lld",
			       (long long)node->sessions_up, (long long)node->sessions);
	table_add(table, cells);
}

static void print_nodes(const struct cli *cli, const struct snapshot_nodes *nodes)
{
	static const char *const headers[] = { "Node", "Role", "Addresses", "BGP", "State" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < nodes->nodes.count; i++)
		add_node(table, &nodes->nodes.items[i]);
	cli_print_table(cli, table);
	table_free(table);
}

/* Of when and where a bundle is. */
static void print_bundle(const struct cli *cli)
{
	const struct bundle_head *head = bundle_head(cli->bundle);
	const char *kernel = json_string_value(json_object_get(bundle_host(cli->bundle), "kernel"));
	time_t seconds = (time_t)head->taken_at;
	char stamp[64];
	struct tm tm;

	(void)localtime_r(&seconds, &tm);
	(void)strftime(stamp, sizeof(stamp), "%F %T %z", &tm);
	(void)printf("bundle    %s of %s, by hublab %s on %s\n", head->file, stamp, head->hublab,
		     kernel ? kernel : "an unknown kernel");
	if (head->changed)
		(void)printf("bundle    %lld events while it was read: not all is of one moment\n",
			     (long long)head->changed);
}

static int show_lab(const struct cli *cli, struct client *client, struct arena *arena,
		    struct err *err)
{
	struct snapshot_nodes nodes = { 0 };
	struct snapshot_lab lab = { 0 };

	if (cli->output == OUTPUT_JSON) {
		cli_print_json(json_pack("{s:o*, s:o*, s:o*}", "lab",
					 client_topic_json(client, "lab", err), "nodes",
					 client_topic_json(client, "nodes", err), "vms",
					 client_topic_json(client, "vms", err)));
	} else if (!client_topic(client, "lab", &snapshot_lab_record, &lab, arena, err) &&
		   !client_topic(client, "nodes", &snapshot_nodes_record, &nodes, arena, err)) {
		if (cli->output == OUTPUT_TABLE && cli->bundle)
			print_bundle(cli);
		if (cli->output == OUTPUT_TABLE)
			print_lab(cli, &lab);
		print_nodes(cli, &nodes);
	}
	return err->code;
}

static void print_tunnel(const struct cli *cli, const struct snapshot_tunnel *tunnel)
{
	char age[32];

	(void)printf("tunnel    to %s (%s), %s for %s",
		     tunnel->peer_node ? tunnel->peer_node : "nobody", tunnel->remote_address,
		     tunnel->state, cli_print_age(cli, tunnel->since, age));
	if (tunnel->error)
		(void)printf(": %s", tunnel->error);
	(void)printf("\n          in %lld bytes, out %lld bytes\n", (long long)tunnel->bytes_in,
		     (long long)tunnel->bytes_out);
}

static void print_node(const struct cli *cli, const struct snapshot_node *node,
		       const struct snapshot_tunnels *tunnels)
{
	(void)printf("node      %s, %s, %s\n", node->name, node->role, node->state);
	for (size_t i = 0; i < node->addresses.count; i++)
		(void)printf("address   %s\n", node->addresses.items[i]);
	if (node->pid)
		(void)printf("daemon    %s, process %lld of the lab\n",
			     node->daemon ? node->daemon : "bird", (long long)node->pid);
	if (node->sessions)
		(void)printf("BGP       %lld of %lld sessions\n", (long long)node->sessions_up,
			     (long long)node->sessions);
	for (size_t i = 0; i < tunnels->tunnels.count; i++)
		print_tunnel(cli, &tunnels->tunnels.items[i]);
}

static int show_node(const struct cli *cli, const json_t *json, struct snapshot_nodes *nodes,
		     const struct snapshot_node *node, const struct snapshot_tunnels *tunnels)
{
	size_t index = (size_t)(node - nodes->nodes.items);
	struct snapshot_nodes one = { .nodes = { &nodes->nodes.items[index], 1 } };

	if (cli->output == OUTPUT_JSON)
		cli_print_json(json_pack("{s:O}", "node",
					 json_array_get(json_object_get(json, "nodes"), index)));
	else if (cli->output == OUTPUT_TSV)
		print_nodes(cli, &one);
	else
		print_node(cli, node, tunnels);
	return EXIT_OK;
}

/* As it was read, so that it can be run; what was changed since is told beside it. */
static int show_file(const struct cli *cli, struct client *client, struct arena *arena,
		     struct err *err)
{
	struct snapshot_file file = { 0 };

	if (client_topic(client, "file", &snapshot_file_record, &file, arena, err))
		return err->code;
	if (cli->output == OUTPUT_JSON)
		cli_print_json(record_encode(&snapshot_file_record, &file));
	else
		(void)fputs(file.text ? file.text : "", stdout);
	if (file.step)
		(void)fprintf(stderr, "the lab is at step %lld of it\n", (long long)file.step);
	if (file.changes.count)
		(void)fprintf(stderr, "%zu changes are not in it: 'hublab changes' lists them\n",
			      file.changes.count);
	return 0;
}

static bool is_only_one_lab(void)
{
	char **labs = runtime_list(NULL);
	bool is_one = labs && labs[0] && !labs[1];

	for (char **lab = labs; lab && *lab; lab++)
		free(*lab);
	free(labs);
	return is_one;
}

/*
 * Show the machine of that name, of the lab that -l names or of the only one. False when there is
 * none, and the name may be that of a lab.
 */
static bool try_node(const struct cli *cli, const char *name, int *ret_code)
{
	struct client *client = cli_connect(cli, NULL, NULL, ret_code);
	const struct snapshot_node *node = NULL;
	struct arena *arena = arena_new();
	struct snapshot_tunnels tunnels = { 0 };
	struct snapshot_nodes nodes = { 0 };
	json_t *json = NULL;
	struct err err = { 0 };
	bool is_done = !client;

	if (client)
		json = client_topic_json(client, "nodes", &err);
	if (json && record_decode(&snapshot_nodes_record, json, &nodes, arena, &err))
		node = cli_find_node(&nodes, name);
	if (node) {
		/* machines without tunnels have no such topic */
		(void)client_topic(client, arena_printf(arena, "tunnels/%s", node->name),
				   &snapshot_tunnels_record, &tunnels, arena, &(struct err){ 0 });
		*ret_code = show_node(cli, json, &nodes, node, &tunnels);
		is_done = true;
	} else if (client && cli->lab && strcmp(cli->lab, name) != 0) {
		*ret_code = err.code ? cli_fail(EXIT_FAILED, "%s", err.text)
				     : cli_fail(EXIT_USAGE, "lab '%s' has no node '%s'", cli->lab,
						name);
		is_done = true;
	}
	json_decref(json);
	client_free(client);
	arena_free(arena);
	return is_done;
}

static int run_show(const struct cli *cli)
{
	const char *name = cli->argc ? cli->argv[0] : NULL;
	struct err err = { 0 };
	struct client *client;
	struct arena *arena;
	int code = EXIT_OK;

	if (cli_value(cli, "file") && cli->output == OUTPUT_TSV)
		return cli_usage(cli, "--file is text, or -o json");
	if (name && !cli_value(cli, "file") && (cli->bundle || cli->lab || is_only_one_lab()) &&
	    try_node(cli, name, &code))
		return code;
	client = cli_connect(cli, name, NULL, &code);
	if (!client)
		return code;
	arena = arena_new();
	if ((cli_value(cli, "file") ? show_file : show_lab)(cli, client, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	arena_free(arena);
	return code;
}

const struct command command_show = {
	.name = "show",
	.arguments = "[LAB|NODE]",
	.words = "what a lab or one machine consists of, and how it is",
	.more = "NODE is a machine of the lab that -l names, or of the only one that runs. What "
		"--file prints can be run again, by hublab up; changes that were made since are "
		"not in it.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.completes = { ARG_PART },
	.run = run_show,
	.options = { { "file", 0, NULL, "the lab file that it runs, as it was read" }, CLI_FROM },
};
