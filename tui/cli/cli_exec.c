/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ping, curl, exec, console and shell: real programs, run inside. */
#include "tui/cli/cli_commands.h"

#include "lab/model/lab.h"
#include "netns/kernel/program.h"
#include "tui/client/enter.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The node a user means; NULL with `err` when there is none. */
static const struct snapshot_node *find_node(struct client *client, const char *name,
					     struct arena *arena, struct err *err)
{
	static const struct snapshot_node fabric = { .name = "fabric", .state = "up" };
	const struct snapshot_node *node;
	struct snapshot_nodes nodes = { 0 };

	if (client_topic(client, "nodes", &snapshot_nodes_record, &nodes, arena, err))
		return NULL;
	if (!strcmp(name, fabric.name))
		return &fabric;
	node = cli_find_node(&nodes, name);
	if (!node)
		err_set(err, -ENOENT, "the lab has no node '%s': see hublab show", name);
	return node;
}

/* A guest has a kernel of its own, and nothing of this host's runs there. */
static int refuse_guest(const struct snapshot_node *node)
{
	if (!node->kind)
		return EXIT_OK;
	return cli_fail(EXIT_FAILED, "%s is a guest of %s: 'hublab console %s' is the way in",
			node->name, node->kind, node->name);
}

/* What a program needs of its node; an exit code. */
#define CHOSEN_MAX 4
typedef int choose_fn(const struct snapshot_node *node, char *argv[CHOSEN_MAX]);

/* Run a program on a node, or beside all of them (NULL); `choose`, if any, says which program. */
static int run_in(const struct cli *cli, const char *name, char *argv[], choose_fn *choose)
{
	const struct snapshot_node *node = NULL;
	struct arena *arena = arena_new();
	struct err err = { 0 };
	struct client *client;
	char *lab = NULL;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, &lab, &code);
	if (client && name) {
		node = find_node(client, name, arena, &err);
		if (!node)
			code = cli_fail(EXIT_USAGE, "%s", err.text);
		else if (choose)
			code = choose(node, argv);
		else
			code = refuse_guest(node);
	}
	/* a guest has no namespace: what leads to it stands beside all machines */
	if (client && !code &&
	    lab_enter(client, lab, node && !node->kind ? node->name : NULL, argv, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	free(lab);
	arena_free(arena);
	return code;
}

/* The program, then what stands behind the machine it runs on. */
static int run_program(const struct cli *cli, const char *program, const char *package)
{
	char **argv = cli->argv;
	const char *node = argv[0];

	if (!program_is_there(program))
		return cli_fail(EXIT_UNABLE, "this host has no %s: apt install %s", program,
				package);
	argv[0] = (char *)program;
	return run_in(cli, node, argv, NULL);
}

static int run_ping(const struct cli *cli)
{
	return run_program(cli, "ping", "iputils-ping");
}

static int run_curl(const struct cli *cli)
{
	return run_program(cli, "curl", "curl");
}

static int run_exec(const struct cli *cli)
{
	char **argv = cli->argv + 1;

	if (!strcmp(argv[0], "--"))
		argv++;
	if (!argv[0])
		return cli_usage(cli, "a program is missing");
	return run_in(cli, cli->argv[0], argv, NULL);
}

static char *shell_program(void)
{
	const char *shell = getenv("SHELL");

	return (char *)(shell && *shell ? shell : "/bin/sh");
}

static int run_shell(const struct cli *cli)
{
	char *argv[] = { shell_program(), NULL };

	if (cli->has_dashes)
		return cli->argc ? run_in(cli, NULL, cli->argv, NULL)
				 : cli_usage(cli, "a program is missing");
	if (cli->argc > 1)
		return cli_usage(cli, "'%s' is one argument too many", cli->argv[1]);
	return run_in(cli, cli->argc ? cli->argv[0] : NULL, argv, NULL);
}

/* A router is spoken to through its daemon; where none runs, a shell is what helps. */
static int choose_console(const struct snapshot_node *node, char *argv[CHOSEN_MAX])
{
	static char self[PATH_MAX];

	bool is_frr = node->daemon && !strcmp(node->daemon, "frr");
	const char *program = is_frr ? "vtysh" : "birdc";
	ssize_t len;

	if (node->kind) {
		len = readlink("/proc/self/exe", self, sizeof(self) - 1);
		self[len > 0 ? len : 0] = '\0';
		argv[0] = self;
		argv[1] = (char *)command_guest_console.name;
		argv[2] = (char *)node->name;
		return EXIT_OK;
	}
	if (!node->pid || !node->daemon) {
		if (node->daemon)
			(void)cli_fail(EXIT_OK, "%s: %s %s, so this is a shell", node->name,
				       node->daemon, node->state);
		argv[0] = shell_program();
		return EXIT_OK;
	}
	if (!program_is_there(program))
		return cli_fail(EXIT_UNABLE, "this host has no %s: apt install %s", program,
				is_frr ? "frr" : "bird2");
	argv[0] = (char *)program;
	return EXIT_OK;
}

static int run_console(const struct cli *cli)
{
	char *argv[CHOSEN_MAX] = { NULL };

	return run_in(cli, cli->argv[0], argv, choose_console);
}

const struct command command_ping = {
	.name = "ping",
	.arguments = "SRC DST [OPTION ...]",
	.words = "ping from a machine of the lab",
	.more = "Options behind DST are those of ping, and so is the exit code: -c how many, -i "
		"seconds between two, -s bytes of each, -M do for no fragments, -W how long to "
		"wait. A name stands for both families where the machine has both: -4 and -6 "
		"choose.",
	.group = GROUP_PROBE,
	.min_arguments = 2,
	.max_arguments = -1,
	.is_raw = true,
	.completes = { ARG_NODE, ARG_NODE },
	.run = run_ping,
};

const struct command command_curl = {
	.name = "curl",
	.arguments = "SRC URL [OPTION ...]",
	.words = "curl from a machine of the lab",
	.more = "Options behind URL are those of curl, and so is the exit code.",
	.group = GROUP_PROBE,
	.min_arguments = 2,
	.max_arguments = -1,
	.is_raw = true,
	.completes = { ARG_NODE, ARG_VM },
	.run = run_curl,
};

const struct command command_exec = {
	.name = "exec",
	.arguments = "NODE -- PROGRAM [ARGUMENT ...]",
	.words = "run a program on a machine of the lab",
	.more = "The program is one of this host. It sees the interfaces, routes, sockets "
		"and host name of the machine, and the lab's names in /etc/hosts. The exit "
		"code is the program's own, or 128 and the number of the signal that ended "
		"it.",
	.group = GROUP_ENTER,
	.min_arguments = 2,
	.max_arguments = -1,
	.is_raw = true,
	.completes = { ARG_NODE, ARG_DASHES },
	.changes = cli_always,
	.run = run_exec,
};

const struct command command_console = {
	.name = "console",
	.needs_terminal = true,
	.arguments = "NODE",
	.words = "a machine's own console: birdc, vtysh, a guest's serial port, or a shell",
	.more = "At a guest (kind: libvirt) that is its serial port, and Ctrl-] leaves it. At a "
		"router that is birdc, or vtysh where it runs FRR, connected to the router's "
		"own daemon; at any other "
		"machine a shell. The exit code is the program's own.",
	.group = GROUP_ENTER,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_NODE },
	.changes = cli_always,
	.run = run_console,
};

const struct command command_shell = {
	.name = "shell",
	.needs_terminal = true,
	.arguments = "[NODE | -- PROGRAM [ARGUMENT ...]]",
	.words = "a shell, or a program, inside the lab",
	.more = "Without NODE it stands beside the machines, where ip netns, nft and tcpdump "
		"see all of them; with NODE on that machine. The exit code is the program's "
		"own.",
	.group = GROUP_ENTER,
	.max_arguments = -1,
	.is_raw = true,
	.completes = { ARG_NODE },
	.changes = cli_always,
	.run = run_shell,
};
