/* SPDX-License-Identifier: GPL-2.0-or-later */
/* __man, and the page of the commands. */
#include "tui/cli/cli_man.h"

#include "tui/cli/cli_commands.h"

#include <string.h>

const struct man_page man_pages[] = {
	{ "hublab", 1, "an interactive network lab that behaves as Azure does",
	  man_write_commands },
	{ "hublab.yaml", 5, "the lab file of hublab", man_write_lab_file },
	{ "hublab-keys", 7, "the screen of hublab and its keys", man_write_keys },
	{ 0 },
};

/* ---- hublab(1) ---- */

static const char *const description[] = {
	"hublab builds, from one YAML file and on one Linux machine, the networks that are drawn "
	"in "
	"Azure: virtual networks with their peerings, virtual machines, gateways, ExpressRoute "
	"circuits and providers' routers. Packets are real, BGP is real, and over them stand "
	"Azure's "
	"own rules: effective routes, the hops of a traceroute and the TTL of a reply are those "
	"that "
	"Azure shows.",
	"A lab is one tree of processes in namespaces of its own. It needs no root, and changes "
	"nothing of the host; when its first process ends, all of it is gone. Any number of labs "
	"may "
	"run; where only one does, it is the one that is meant.",
	"What a lab consists of is said in hublab.yaml(5). Where a command takes a file, the name "
	"of "
	"a template does too: vpner is the reference lab, hublab ls --templates lists them.",
};

static void write_option(struct roff *page, const struct cli_option *option)
{
	char synopsis[96], letter[8] = "";

	if (option->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	(void)snprintf(synopsis, sizeof(synopsis), "%s--%s%s%s", letter, option->name,
		       option->argument ? " " : "", option->argument ? option->argument : "");
	roff_entry(page, synopsis);
	roff_sentence(page, option->words);
}

static void write_command(struct roff *page, const struct command *command)
{
	char synopsis[160];

	(void)snprintf(synopsis, sizeof(synopsis), "hublab %s%s%s%s", command->name,
		       command->options[0].name ? " [OPTION ...]" : "",
		       *command->arguments ? " " : "", command->arguments);
	roff_entry(page, synopsis);
	roff_sentence(page, command->words);
	if (command->more)
		roff_text(page, command->more);
	if (!command->options[0].name)
		return;
	roff_indent(page);
	for (int i = 0; command->options[i].name; i++)
		write_option(page, &command->options[i]);
	roff_outdent(page);
}

static void write_commands(struct roff *page)
{
	roff_section(page, "COMMANDS");
	for (int group = 0; group < GROUP_COUNT; group++) {
		roff_subsection(page, group_names[group]);
		for (int i = 0; commands[i]; i++)
			if (!commands[i]->is_hidden && (int)commands[i]->group == group)
				write_command(page, commands[i]);
	}
	roff_section(page, "OPTIONS");
	roff_paragraph(page, "Every command takes these. Options stand before or behind arguments; "
			     "where options of another program may follow, they stand before the "
			     "first argument.");
	for (int i = 0; common_options[i].name; i++)
		write_option(page, &common_options[i]);
}

struct entry {
	const char *name, *words;
};

static void write_entries(struct roff *page, const char *title, const struct entry *entries,
			  size_t count)
{
	roff_section(page, title);
	for (size_t i = 0; i < count; i++) {
		roff_named_entry(page, entries[i].name, NULL);
		roff_text(page, entries[i].words);
	}
}

static const struct entry exit_codes[] = {
	{ "0", "All is well." },
	{ "1", "It failed, or the answer cannot be known." },
	{ "2", "Wrong usage." },
	{ "3", "The lab file is invalid." },
	{ "4",
	  "The lab runs, but something is not green; or there are differences, where they were "
	  "asked for." },
	{ "5", "This host lacks a feature: hublab doctor says which, and the way out." },
};

static const struct entry environment[] = {
	{ "NO_COLOR", "If it is set, nothing is printed in colour." },
	{ "HUBLAB_TEMPLATES", "A directory of templates of one's own: NAME/lab.yaml in it is the "
			      "template NAME." },
	{ "XDG_RUNTIME_DIR", "The directory in which an ordinary user's labs are found." },
	{ "HUBLAB_READ_ONLY", "If it is set, and not 0, commands that change a lab or a lab file "
			      "are refused, and so is a shell." },
	{ "SHELL", "The shell that the commands shell and console start." },
	{ "HUBLAB_LAB, HUBLAB_NODE", "Set for programs inside: the lab's name and the machine's." },
};

static const struct entry files[] = {
	{ "$XDG_RUNTIME_DIR/hublab/LAB", "The socket and the log of a running lab of an ordinary "
					 "user; nothing is left of it when the lab has ended." },
	{ "/run/hublab/LAB", "The same for root." },
	{ "/tmp/hublab-UID/LAB", "The same for a user who has no runtime directory." },
	{ "$XDG_STATE_HOME/hublab/history", "The lines that were typed at the screen; without "
					    "the variable in ~/.local/state." },
	{ HUBLAB_DATADIR "/templates", "The templates: each a directory with a lab.yaml." },
	{ HUBLAB_DATADIR "/hublab.schema.json", "A JSON Schema of the lab file, for editors." },
};

static const struct entry examples[] = {
	{ "hublab up vpner", "Build the reference lab, and wait until all of it works." },
	{ "hublab routes az-spk1-lxvm", "What az would print for this virtual machine's NIC." },
	{ "hublab bgp az-hub-ergw --learned", "What a gateway has learned, and from whom." },
	{ "hublab ping az-spk1-lxvm branch-vm1 -c 3", "A real ping from a spoke to the branch." },
	{ "hublab exec az-spk1-lxvm -- traceroute -n 10.100.0.100",
	  "Any program of this host, on a machine of the lab." },
	{ "hublab console megaport-mcr", "In front of the provider's router." },
	{ "hublab events -f -o json", "What changes, as it changes, for a program to read." },
	{ "hublab plan lab.yaml --exit-code",
	  "What up would do with this file; the exit code is 4 when that is anything." },
};

int man_write_commands(struct roff *page, struct err *err)
{
	(void)err;
	roff_section(page, "SYNOPSIS");
	roff_synopsis(page, "hublab COMMAND [OPTION ...] [ARGUMENT ...]");
	roff_section(page, "DESCRIPTION");
	for (size_t i = 0; i < ARRAY_SIZE(description); i++)
		roff_paragraph(page, description[i]);
	write_commands(page);
	write_entries(page, "EXIT STATUS", exit_codes, ARRAY_SIZE(exit_codes));
	roff_paragraph(page,
		       "The commands ping, curl, exec, console and shell end with the exit code "
		       "of the program they ran.");
	write_entries(page, "ENVIRONMENT", environment, ARRAY_SIZE(environment));
	write_entries(page, "FILES", files, ARRAY_SIZE(files));
	roff_section(page, "EXAMPLES");
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		roff_paragraph(page, examples[i].words);
		roff_example(page, examples[i].name);
	}
	return 0;
}

/* ---- the pages as a whole ---- */

/* Of others, where the reader goes on. */
static const struct {
	const char *name;
	int section;
} others[] = {
	{ "bird", 8 }, { "ip-netns", 8 }, { "nft", 8 }, { "tcpdump", 8 }, { "traceroute", 1 },
};

static int write_page(const struct man_page *page, struct err *err)
{
	struct roff out = { .out = stdout };

	roff_title(&out, page->name, page->section, HUBLAB_DATE, "hublab " HUBLAB_VERSION);
	roff_section(&out, "NAME");
	roff_name(&out, page->name, page->words);
	if (page->write(&out, err))
		return err->code;
	roff_section(&out, "SEE ALSO");
	for (const struct man_page *other = man_pages; other->name; other++)
		if (other != page)
			roff_reference(&out, other->name, other->section, false);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		roff_reference(&out, others[i].name, others[i].section,
			       i + 1 == ARRAY_SIZE(others));
	return 0;
}

/* Without an argument the pages there are, by the names of their files. */
static int run_man(const struct cli *cli)
{
	struct err err = { 0 };
	char file[80];

	for (const struct man_page *page = man_pages; page->name; page++) {
		(void)snprintf(file, sizeof(file), "%s.%d", page->name, page->section);
		if (!cli->argc)
			(void)puts(file);
		else if (!strcmp(file, cli->argv[0]))
			return write_page(page, &err) ? cli_fail(EXIT_FAILED, "%s", err.text)
						      : EXIT_OK;
	}
	return cli->argc ? cli_usage(cli, "there is no page '%s'", cli->argv[0]) : EXIT_OK;
}

const struct command command_man = {
	.name = "__man",
	.arguments = "[PAGE]",
	.words = "print a page of the manual, or the names of all",
	.group = GROUP_ABOUT,
	.is_hidden = true,
	.max_arguments = 1,
	.run = run_man,
};
