/* SPDX-License-Identifier: GPL-2.0-or-later */
/* new: a lab file for someone who begins, from options or from answers. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/model/schema.h"
#include "lab/render/new_lab.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *option, *question;
} values[NEW_LAB_VALUES] = {
	[NEW_LAB_NAME] = { "name", "Name of the lab" },
	[NEW_LAB_LOCATION] = { "location", "Azure region" },
	[NEW_LAB_HUB] = { "hub", "Address space of the hub" },
	[NEW_LAB_SPOKES] = { "spokes", "Spokes: how many, or their address spaces" },
	[NEW_LAB_SPOKE_VMS] = { "vms", "VMs in each spoke" },
	[NEW_LAB_NVA] = { "nva", "An NVA in the hub, through which spokes reach each other" },
	[NEW_LAB_EXPRESS_ROUTE] = { "er", "ExpressRoute: a gateway, a circuit, a provider" },
	[NEW_LAB_VPN] = { "vpn", "VPN: an active-active gateway with BGP" },
	[NEW_LAB_ROUTE_SERVER] = { "route-server", "A Route Server in the hub, which the NVA and "
						   "gateways speak BGP "
						   "with" },
	[NEW_LAB_BRANCH] = { "branch", "A branch on-premises, at the other end" },
	[NEW_LAB_ON_PREMISES] = { "on-premises", "Address space of the branch" },
};

/* One lab file being made. */
struct maker {
	const struct cli *cli;
	struct new_lab lab;
	char path[PATH_MAX]; /* "-": standard output; "": NAME.yaml */
	bool is_asking;
};

static bool is_stdout(const struct maker *m)
{
	return !strcmp(m->path, "-");
}

/* ---- the file ---- */

static void find_path(const struct maker *m, const char *name, char *path, size_t size)
{
	if (*m->path)
		(void)snprintf(path, size, "%s", m->path);
	else
		(void)snprintf(path, size, "%s.yaml", name);
}

/* Nothing is asked in vain: what could not be written is refused before the questions. */
static int check_path(const struct maker *m, const char *name, struct err *err)
{
	char path[PATH_MAX];

	find_path(m, name, path, sizeof(path));
	if (is_stdout(m) || cli_value(m->cli, "force") || access(path, F_OK))
		return 0;
	return err_set(err, -EEXIST, "%s exists: --force overwrites it", path);
}

int cli_write_new(const struct new_lab *lab, const char *path, bool is_forced, struct err *err)
{
	CLEANUP(file_cleanup) FILE *file = fopen(path, is_forced ? "we" : "wxe");
	bool is_written = false;

	if (file) {
		new_lab_write(lab, file);
		is_written = !fflush(file) && !ferror(file);
	}
	/* cppcheck-suppress resourceLeak; CLEANUP closes it */
	return is_written ? 0 : err_set(err, -errno, "%s: %s", path, strerror(errno));
}

/* What a shell takes as one word without quotes. */
static bool is_plain(const char *path)
{
	for (; *path; path++)
		if (!isalnum((unsigned char)*path) && !strchr("/._-+", *path))
			return false;
	return true;
}

static void say_what_next(const char *path)
{
	const char *quote = is_plain(path) ? "" : "'";

	(void)printf("%s is written. Build it with\n  hublab up %s%s%s\n", path, quote, path,
		     quote);
}

static int finish(const struct maker *m)
{
	char path[PATH_MAX];
	struct err err = { 0 };

	if (is_stdout(m)) {
		new_lab_write(&m->lab, stdout);
		return EXIT_OK;
	}
	find_path(m, m->lab.name, path, sizeof(path));
	if (cli_write_new(&m->lab, path, cli_value(m->cli, "force"), &err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	say_what_next(path);
	return EXIT_OK;
}

/* ---- answers ---- */

/* "labs/two-hubs.yaml" is about the lab two-hubs. */
static struct new_lab_default default_of(const struct maker *m, enum new_lab_value value)
{
	struct new_lab_default text = new_lab_default(&m->lab, value);
	const char *slash = strrchr(m->path, '/');
	const char *file = slash ? slash + 1 : m->path;
	char name[sizeof(text.text)];
	size_t len = strcspn(file, ".");

	if (value != NEW_LAB_NAME || is_stdout(m) || len >= sizeof(name))
		return text;
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, file);
	if (is_object_name(name))
		(void)snprintf(text.text, sizeof(text.text), "%s", name);
	return text;
}

static int take(struct maker *m, enum new_lab_value value, const char *text, struct err *err)
{
	int rc = new_lab_set(&m->lab, value, text, err);

	return rc || value != NEW_LAB_NAME ? rc : check_path(m, text, err);
}

/* What was typed, without blanks at its ends; NULL when there is no more. */
static char *read_answer(char **line, size_t *size)
{
	char *text;
	size_t len;

	if (getline(line, size, stdin) < 0)
		return NULL;
	text = *line + strspn(*line, " \t");
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* Ask until the answer is one. */
static int ask(struct maker *m, enum new_lab_value value)
{
	CLEANUP(free_cleanup) char *line = NULL;
	struct new_lab_default standard = default_of(m, value);
	size_t size = 0;

	for (;;) {
		struct err err = { 0 };
		const char *text;

		(void)fprintf(stderr, "%s [%s]: ", values[value].question, standard.text);
		text = read_answer(&line, &size);
		if (!text) {
			(void)fputc('\n', stderr);
			return cli_fail(EXIT_FAILED, "nothing was written");
		}
		if (!take(m, value, *text ? text : standard.text, &err))
			return EXIT_OK;
		(void)fprintf(stderr, "  %s\n", err.text);
	}
}

/* Has it no value on the command line, where it says yes? */
static bool is_switch(const struct cli *cli, const char *option)
{
	const struct cli_option *own = cli->command->options;

	while (own->name && strcmp(own->name, option) != 0)
		own++;
	return own->name && !own->argument;
}

static int take_option(struct maker *m, enum new_lab_value value, const char *given)
{
	struct new_lab_default standard = default_of(m, value);
	struct err err = { 0 };

	if (given && is_switch(m->cli, values[value].option))
		given = "yes";
	if (!take(m, value, given ? given : standard.text, &err))
		return EXIT_OK;
	if (err.code == -EEXIST && value == NEW_LAB_NAME)
		return cli_fail(EXIT_FAILED, "%s", err.text);
	return cli_usage(m->cli, "--%s: %s", values[value].option, err.text);
}

static int take_all(struct maker *m)
{
	int code = EXIT_OK;

	for (int i = 0; i < NEW_LAB_VALUES && !code; i++) {
		const char *given = cli_value(m->cli, values[i].option);

		if (given || (!m->is_asking && new_lab_asks(&m->lab, (enum new_lab_value)i)))
			code = take_option(m, (enum new_lab_value)i, given);
		else if (new_lab_asks(&m->lab, (enum new_lab_value)i))
			code = ask(m, (enum new_lab_value)i);
	}
	return code;
}

/* Questions are for someone who sees them and gave no answer yet. */
static bool is_to_ask(const struct cli *cli)
{
	for (size_t i = 0; i < NEW_LAB_VALUES; i++)
		if (cli_value(cli, values[i].option))
			return false;
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static int run_new(const struct cli *cli)
{
	struct maker m = { .cli = cli, .is_asking = is_to_ask(cli) };
	struct err err = { 0 };
	int code;

	if (cli->argc && strlen(cli->argv[0]) >= sizeof(m.path))
		return cli_fail(EXIT_FAILED, "%s", strerror(ENAMETOOLONG));
	if (cli->argc)
		(void)snprintf(m.path, sizeof(m.path), "%s", cli->argv[0]);
	if (*m.path && check_path(&m, "", &err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	new_lab_init(&m.lab);
	code = take_all(&m);
	return code ? code : finish(&m);
}

const struct command command_new = {
	.name = "new",
	.has_no_lab = true,
	.arguments = "[FILE]",
	.words = "write a lab file, from options or by asking",
	.more = "A hub, its spokes, and what joins them to a branch, with an address plan in which "
		"nothing overlaps and comments on what can be changed. On a terminal, without an "
		"option that says what is wanted, it asks: Enter takes what stands in brackets, "
		"Ctrl-C leaves and writes nothing. FILE is NAME.yaml if not given, and - is "
		"standard output.",
	.group = GROUP_LABS,
	.max_arguments = 1,
	.changes = cli_always,
	.run = run_new,
	.options = {
		{ "name", 0, "NAME", "the lab's name; if not given, after FILE" },
		{ "location", 0, "REGION", "where it all is; westus3 if not given" },
		{ "hub", 0, "PREFIX", "the hub's address space; 10.0.0.0/24 if not given" },
		{ "spokes", 0, "N", "how many spokes, each behind the one before and as large as "
				    "the hub, or their address spaces with commas between them; "
				    "2 if not given and there is room" },
		{ "vms", 0, "N", "how many VMs each spoke has; 1 if not given" },
		{ "nva", 0, NULL, "an NVA in the hub, and a route table by which spokes send "
				  "through it, so that they reach each other" },
		{ "er", 0, NULL, "an ExpressRoute gateway, its circuit, and the provider's router" },
		{ "vpn", 0, NULL, "an active-active VPN gateway with BGP" },
		{ "route-server", 0, NULL, "a Route Server in the hub: the NVA announces to it what "
					     "spokes send through it, in the place of route tables, "
					     "and gateways hear of each other" },
		{ "branch", 0, NULL, "a branch on-premises, joined by what there is: by ExpressRoute, "
				     "with a gateway and a circuit of its own at the same "
				     "provider; by VPN, with a router and two IPsec tunnels; "
				     "without either ExpressRoute comes with it" },
		{ "on-premises", 0, "PREFIX", "the branch's address space, and the branch with it; "
					      "10.100.0.0/24 if not given, or what is free" },
		{ "force", 0, NULL, "overwrite FILE when it exists" },
	},
};
