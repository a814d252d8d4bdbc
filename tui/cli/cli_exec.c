/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ping, curl, exec, console and shell: real programs, run inside. */
#include "tui/cli/cli_commands.h"

#include "lab/model/lab.h"
#include "netns/kernel/program.h"
#include "tui/client/enter.h"
#include "tui/client/guest_run.h"

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

/* What a program needs of its node; an exit code. */
#define CHOSEN_MAX 4
typedef int choose_fn(const struct snapshot_node *node, char *argv[CHOSEN_MAX]);

/* Run it in a guest, which has a kernel and programs of its own; an exit code. */
typedef int guest_fn(struct client *client, const char *guest, char *argv[]);

struct way {
	choose_fn *choose; /* says which program; NULL: argv does */
	guest_fn *guest;   /* NULL: no other way than `choose` */
};

/* Run a program on a node, or beside all of them (NULL). */
static int run_in(const struct cli *cli, const char *name, char *argv[], const struct way *way)
{
	const struct snapshot_node *node = NULL;
	struct arena *arena = arena_new();
	bool is_guest, is_done = false;
	struct err err = { 0 };
	struct client *client;
	char *lab = NULL;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, &lab, &code);
	if (client && name) {
		node = find_node(client, name, arena, &err);
		if (!node)
			code = cli_fail(EXIT_USAGE, "%s", err.text);
	}
	is_guest = node && node->kind;
	if (is_guest && way->guest) {
		code = way->guest(client, node->name, argv);
		is_done = true;
	} else if (node && way->choose) {
		code = way->choose(node, argv);
	} else if (is_guest) {
		code = cli_fail(EXIT_FAILED,
				"%s is a guest of %s: 'hublab console %s' is the way in",
				node->name, node->kind, node->name);
	}
	/* a guest has no namespace: what leads to it stands beside all machines */
	if (client && !code && !is_done &&
	    lab_enter(client, lab, node && !is_guest ? node->name : NULL, argv, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	free(lab);
	arena_free(arena);
	return code;
}

#define CURL_TIMEOUT 28 /* curl's exit code */

static int run_in_guest(struct client *client, const char *guest, const struct guest_words *program)
{
	struct err err = { 0 };
	int code = guest_run(client, guest, program, &err);

	if (code == -ETIMEDOUT)
		return cli_fail(CURL_TIMEOUT, "%s: %s", guest, err.text);
	return code < 0 ? cli_fail(EXIT_FAILED, "%s", err.text) : code;
}

/* ---- ping and curl ---- */

static int choose_program(char *argv[CHOSEN_MAX], const char *program, const char *package)
{
	argv[0] = (char *)program;
	if (program_is_there(program))
		return EXIT_OK;
	return cli_fail(EXIT_UNABLE, "this host has no %s: apt install %s", program, package);
}

static int choose_ping(const struct snapshot_node *node, char *argv[CHOSEN_MAX])
{
	(void)node;
	return choose_program(argv, "ping", "iputils-ping");
}

static int choose_curl(const struct snapshot_node *node, char *argv[CHOSEN_MAX])
{
	(void)node;
	return choose_program(argv, "curl", "curl");
}

static int ping_in_guest(struct client *client, const char *guest, char *argv[])
{
	argv[0] = (char *)"ping";
	return run_in_guest(client, guest,
			    &(struct guest_words){ .words = (const char *const *)argv });
}

/* Of curl's options those that can be done by wget and by us; the rest is refused. */
struct fetch_words {
	const char *url; /* NULL: not given */
	double seconds;  /* 0: for as long as it takes */
};

static bool is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static bool read_seconds(const char *text, double *ret_seconds)
{
	char *end;

	if (!text)
		return false;
	*ret_seconds = strtod(text, &end);
	return end != text && !*end && *ret_seconds >= 0.001 && *ret_seconds < 1e6;
}

static bool read_fetch(struct fetch_words *fetch, char *argv[])
{
	static const char *const quiet[] = { "-s",       "-S",           "-sS", "-Ss",
					     "--silent", "--show-error", NULL };
	static const char *const most[] = { "-m", "--max-time", NULL };

	for (; *argv; argv++) {
		if (is_one_of(*argv, most)) {
			if (!read_seconds(*++argv, &fetch->seconds))
				return false;
		} else if (**argv != '-' && !fetch->url) {
			fetch->url = *argv;
		} else if (!is_one_of(*argv, quiet)) {
			return false;
		}
	}
	return fetch->url != NULL;
}

/* The time is ours to keep: wget -T of Debian's busybox crashes. */
static int curl_in_guest(struct client *client, const char *guest, char *argv[])
{
	const char *words[] = { "wget", "-q", "-O", "-", NULL, NULL };
	struct fetch_words fetch = { 0 };

	if (!read_fetch(&fetch, argv + 1))
		return cli_fail(
			EXIT_USAGE,
			"%s is a guest, whose wget this is: of curl's options it has -s, -S "
			"and -m SECONDS, and one URL; 'hublab exec %s -- wget' takes wget's",
			guest, guest);
	words[4] = fetch.url;
	return run_in_guest(
		client, guest,
		&(struct guest_words){ .words = words, .limit_seconds = fetch.seconds });
}

/* The program, then what stands behind the machine it runs on. */
static int run_ping(const struct cli *cli)
{
	static const struct way way = { choose_ping, ping_in_guest };

	return run_in(cli, cli->argv[0], cli->argv, &way);
}

static int run_curl(const struct cli *cli)
{
	static const struct way way = { choose_curl, curl_in_guest };

	return run_in(cli, cli->argv[0], cli->argv, &way);
}

/* ---- exec, shell, console ---- */

static int exec_in_guest(struct client *client, const char *guest, char *argv[])
{
	return run_in_guest(
		client, guest,
		&(struct guest_words){ .words = (const char *const *)argv, .has_input = true });
}

static int run_exec(const struct cli *cli)
{
	static const struct way way = { NULL, exec_in_guest };
	char **argv = cli->argv + 1;

	if (!strcmp(argv[0], "--"))
		argv++;
	if (!argv[0])
		return cli_usage(cli, "a program is missing");
	return run_in(cli, cli->argv[0], argv, &way);
}

static char *shell_program(void)
{
	const char *shell = getenv("SHELL");

	return (char *)(shell && *shell ? shell : "/bin/sh");
}

static int run_shell(const struct cli *cli)
{
	static const struct way way = { NULL, NULL };
	char *argv[] = { shell_program(), NULL };

	if (cli->has_dashes)
		return cli->argc ? run_in(cli, NULL, cli->argv, &way)
				 : cli_usage(cli, "a program is missing");
	if (cli->argc > 1)
		return cli_usage(cli, "'%s' is one argument too many", cli->argv[1]);
	return run_in(cli, cli->argc ? cli->argv[0] : NULL, argv, &way);
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
	static const struct way way = { choose_console, NULL };
	char *argv[CHOSEN_MAX] = { NULL };

	return run_in(cli, cli->argv[0], argv, &way);
}

const struct command command_ping = {
	.name = "ping",
	.arguments = "SRC DST [OPTION ...]",
	.words = "ping from a machine of the lab",
	.more = "Options behind DST are those of ping, and so is the exit code: -c how many, -i "
		"seconds between two, -s bytes of each, -M do for no fragments, -W how long to "
		"wait. A name stands for both families where the machine has both: -4 and -6 "
		"choose. At a guest (kind: libvirt) it is busybox's ping that runs there.",
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
	.more = "Options behind URL are those of curl, and so is the exit code. At a guest (kind: "
		"libvirt) it is busybox's wget that runs there, of curl's options with -s, -S and "
		"-m SECONDS alone: it ends with 1 when it gets nothing, and 28 when time is over.",
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
		"it. At a guest (kind: libvirt) it is one of the guest's, run by hublab's agent "
		"in there; it has no terminal, for which there is console, and all of it ends when "
		"Ctrl-C is pressed twice, or this command is gone.",
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
