/* SPDX-License-Identifier: GPL-2.0-or-later */
/* start, stop and reboot of guests, and what `console` runs for one inside the lab. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "netns/guest/guests.h"
#include "netns/loop/ipc.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* ---- its console ---- */

#define LEAVE 0x1d /* Ctrl-] */

/* Everything of `bytes` up to the key that leaves; false when that was there. */
static bool pass_keys(int fd, const char *bytes, size_t count)
{
	const char *leave = memchr(bytes, LEAVE, count);
	size_t len = leave ? (size_t)(leave - bytes) : count;

	return (!len || write(fd, bytes, len) == (ssize_t)len) && !leave;
}

/*
 * Until the key, or the end of the guest. Where the keys are no terminal's their end is not the
 * end: answers may still come, for as long as the guest says something at least once a second.
 */
static void relay(int fd)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = STDIN_FILENO, .events = POLLIN } };
	char bytes[4096];

	while (poll(fds, 2, fds[1].fd < 0 ? 1000 : -1) > 0) {
		ssize_t got = 0;

		if (fds[0].revents) {
			got = read(fd, bytes, sizeof(bytes));
			if (got <= 0 || write(STDOUT_FILENO, bytes, (size_t)got) != got)
				return;
		}
		if (!fds[1].revents)
			continue;
		got = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (got > 0 && !pass_keys(fd, bytes, (size_t)got))
			return;
		if (got <= 0)
			fds[1].fd = -1;
	}
}

static int run_guest_console(const struct cli *cli)
{
	bool is_terminal = isatty(STDIN_FILENO);
	CLEANUP(fd_cleanup) int fd = -1;
	struct termios before, raw;
	struct err err = { 0 };
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), GUESTS_DIRECTORY "/%s/" GUEST_CONSOLE, cli->argv[0]);
	fd = ipc_connect(path, &err);
	if (fd < 0)
		return cli_fail(EXIT_FAILED, "%s does not run: %s", cli->argv[0], err.text);
	if (is_terminal && !tcgetattr(STDIN_FILENO, &before)) {
		(void)fprintf(stderr, "console of %s; Ctrl-] leaves it\n", cli->argv[0]);
		raw = before;
		cfmakeraw(&raw);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
		(void)pass_keys(fd, "\r", 1); /* so that there is a prompt to see */
	}
	relay(fd);
	if (is_terminal)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return EXIT_OK;
}

const struct command command_guest_console = {
	.name = "__console",
	.arguments = "GUEST",
	.words = "inside a lab: the serial console of one of its guests",
	.group = GROUP_ABOUT,
	.is_hidden = true,
	.has_no_lab = true,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run_guest_console,
};

/* ---- start, stop, reboot ---- */

static int ask(struct client *client, const char *guest, const char *action, struct err *err)
{
	json_t *answer;

	if (client_send(client,
			json_pack("{s:s, s:s, s:s}", "request", "guest", "guest", guest, "action",
				  action),
			err))
		return err->code;
	answer = client_receive(client, err);
	if (answer)
		(void)client_data(answer, err);
	json_decref(answer);
	return err->code;
}

/* The commands are called as what they ask for. */
static int act(const struct cli *cli)
{
	struct arena *arena = arena_new();
	struct snapshot_nodes nodes = { 0 };
	const struct snapshot_node *node;
	struct err err = { 0 };
	struct client *client;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, NULL, &code);
	if (client && client_topic(client, "nodes", &snapshot_nodes_record, &nodes, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	node = client && !code ? cli_find_node(&nodes, cli->argv[0]) : NULL;
	if (client && !code && !node)
		code = cli_fail(EXIT_USAGE, "the lab has no node '%s': see hublab show",
				cli->argv[0]);
	else if (node && ask(client, node->name, cli->command->name, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	arena_free(arena);
	return code;
}

const struct command command_start = {
	.name = "start",
	.arguments = "GUEST",
	.words = "start a guest that was stopped, or that ended by itself",
	.more = "Guests are machines of the lab with 'kind: libvirt'. The command does not wait "
		"until the guest is up: 'hublab show' and 'hublab events' tell how far it is.",
	.group = GROUP_CHANGE,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_GUEST },
	.changes = cli_always,
	.run = act,
};

const struct command command_stop = {
	.name = "stop",
	.arguments = "GUEST",
	.words = "stop a guest at once, as by pulling its plug",
	.more = "It stays stopped, also when the lab is changed, until it is started. Its ports "
		"have no carrier then, and their routes stay.",
	.group = GROUP_CHANGE,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_GUEST },
	.changes = cli_always,
	.run = act,
};

const struct command command_reboot = {
	.name = "reboot",
	.arguments = "GUEST",
	.words = "reset a guest that runs",
	.more = "It boots anew, as by its reset button. The command does not wait for it.",
	.group = GROUP_CHANGE,
	.min_arguments = 1,
	.max_arguments = 1,
	.completes = { ARG_GUEST },
	.changes = cli_always,
	.run = act,
};
