/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "lab/render/table.h"
#include "netns/super/runtime.h"
#include "tui/cli/cli_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

int cli_fail(int code, const char *fmt, ...)
{
	va_list args;

	(void)fprintf(stderr, "hublab: ");
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return code;
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	(void)fprintf(stderr, "hublab %s: ", cli->command->name);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fprintf(stderr, "\nusage: hublab %s%s%s\n", cli->command->name,
		      *cli->command->arguments ? " " : "", cli->command->arguments);
	return EXIT_USAGE;
}

const char *cli_value(const struct cli *cli, const char *option)
{
	for (int i = 0; cli->command->options[i].name; i++)
		if (!strcmp(cli->command->options[i].name, option))
			return cli->values[i];
	return NULL;
}

/* ---- which lab ---- */

static int name_labs(char **labs)
{
	(void)fprintf(stderr, "hublab: several labs are running, choose one with -l:");
	for (; *labs; labs++)
		(void)fprintf(stderr, " %s", *labs);
	(void)fputc('\n', stderr);
	return EXIT_USAGE;
}

static char *choose_lab(const struct cli *cli, const char *name, int *ret_code)
{
	struct err err = { 0 };
	char **labs, *lab = NULL;

	if (!name)
		name = cli->lab;
	if (name && !is_object_name(name)) {
		*ret_code = cli_usage(cli, "'%s' is not the name of a lab", name);
		return NULL;
	}
	labs = runtime_list(&err); /* removes what dead labs left */
	if (!labs) {
		*ret_code = cli_fail(EXIT_FAILED, "%s", err.text);
		return NULL;
	}
	if (name)
		lab = strdup(name);
	else if (!labs[0])
		*ret_code = cli_fail(EXIT_FAILED, "no lab is running");
	else if (labs[1])
		*ret_code = name_labs(labs);
	else
		lab = strdup(labs[0]);
	for (char **each = labs; *each; each++)
		free(*each);
	free(labs);
	return lab;
}

/* A bundle is of one lab, which may be named. */
static char *choose_bundle(const struct cli *cli, const char *name, int *ret_code)
{
	const struct bundle_head *head = bundle_head(cli->bundle);

	if (!name)
		name = cli->lab;
	if (!name || !strcmp(name, head->lab))
		return strdup(head->lab);
	*ret_code = cli_fail(EXIT_USAGE,
			     "bundle %s is of lab '%s': no lab and no machine in it is named '%s'",
			     head->file, head->lab, name);
	return NULL;
}

int cli_needs_lab(const struct cli *cli, const char *what)
{
	if (!cli->bundle)
		return EXIT_OK;
	return cli_fail(EXIT_USAGE,
			"'%s' needs a running lab, and --from is one that was: 'hublab show --from "
			"%s --file' prints its lab file, for 'hublab up'",
			what, bundle_head(cli->bundle)->file);
}

struct client *cli_connect(const struct cli *cli, const char *name, char **ret_lab, int *ret_code)
{
	struct client *client = NULL;
	struct err err = { 0 };
	char *lab =
		cli->bundle ? choose_bundle(cli, name, ret_code) : choose_lab(cli, name, ret_code);

	if (lab && cli->bundle) {
		client = client_of_bundle(cli->bundle);
	} else if (lab) {
		client = client_open(lab, &err);
		if (!client)
			*ret_code = cli_fail(EXIT_FAILED, "%s", err.text);
	}
	if (client && ret_lab)
		*ret_lab = lab;
	else
		free(lab);
	return client;
}

const struct snapshot_node *cli_find_node(const struct snapshot_nodes *nodes, const char *name)
{
	size_t len = strcspn(name, ":");

	for (size_t i = 0; i < nodes->nodes.count; i++) {
		const struct snapshot_node *node = &nodes->nodes.items[i];

		if (strlen(node->name) == len && !strncasecmp(node->name, name, len))
			return node;
	}
	return NULL;
}

void cli_print_table(const struct cli *cli, const struct table *table)
{
	table_print_as(table, cli->output == OUTPUT_TSV, stdout);
}

void cli_print_json(json_t *json)
{
	json_t *out = json_object();

	(void)json_object_set_new(out, "schema_version", json_integer(SNAPSHOT_SCHEMA_VERSION));
	(void)json_object_update(out, json);
	(void)json_dumpf(out, stdout,
			 JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
	(void)putchar('\n');
	json_decref(out);
	json_decref(json);
}

void cli_print_json_line(json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(16));
	(void)putchar('\n');
	json_decref(json);
}

int cli_show_topic(const struct cli *cli, const char *topic, const struct record *record,
		   void *object, void (*print)(const struct cli *cli, const void *object))
{
	struct arena *arena = arena_new();
	struct err err = { 0 };
	struct client *client;
	json_t *json = NULL;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, NULL, &code);
	if (client)
		json = client_topic_json(client, topic, &err);
	if (client && !json)
		code = cli_fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", err.text);
	if (json && !record_decode(record, json, object, arena, &err))
		code = cli_fail(EXIT_FAILED, "%s: %s", topic, err.text);
	else if (json && cli->output == OUTPUT_JSON && !print)
		cli_print_json(json_incref(json));
	else if (json)
		print(cli, object);
	json_decref(json);
	client_free(client);
	arena_free(arena);
	return code;
}

/* ---- the command line ---- */

static const char *const output_names[OUTPUT_COUNT + 1] = {
	[OUTPUT_TABLE] = "table",
	[OUTPUT_TSV] = "tsv",
	[OUTPUT_JSON] = "json",
};

const struct cli_option common_options[COMMON_OPTIONS + 1] = {
	{ "lab", 'l', "LAB", "the lab that is meant, when several run" },
	{ "output", 'o', "FORMAT", "table, tsv or json" },
	{ "help", 'h', NULL, "say how the command is used" },
	{ 0 },
};

const struct command *cli_find_command(const char *name)
{
	for (int i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

const char *const *cli_forms(const struct command *command)
{
	return command && command->forms ? command->forms : output_names;
}

const char *cli_print_forms(const struct command *command, char *text, size_t size)
{
	const char *const *forms = cli_forms(command);
	size_t len = 0;

	for (size_t i = 0; forms[i] && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s",
					!i             ? ""
					: forms[i + 1] ? ", "
						       : " or ",
					forms[i]);
	return text;
}

static int set_output(struct cli *cli, const char *format)
{
	const char *const *forms = cli_forms(cli->command);
	char text[80];

	for (size_t i = 0; forms[i]; i++) {
		if (strcmp(forms[i], format) != 0)
			continue;
		cli->output = (enum output)i;
		return 0;
	}
	return cli_usage(cli, "--output takes %s, not '%s'",
			 cli_print_forms(cli->command, text, sizeof(text)), format);
}

#define FIRST_COMMON 100

static size_t fill_long_options(const struct cli *cli, struct option *longs, char *shorts)
{
	const struct cli_option *own = cli->command->options;
	size_t count = 0, letters = 0;

	shorts[letters++] = cli->command->is_raw ? '+' : '-'; /* stop at, or hand out, arguments */
	shorts[letters++] = ':';
	for (size_t i = 0; i < CLI_OPTIONS_MAX + COMMON_OPTIONS; i++) {
		const struct cli_option *option =
			i < CLI_OPTIONS_MAX ? &own[i] : &common_options[i - CLI_OPTIONS_MAX];
		int value =
			i < CLI_OPTIONS_MAX ? (int)i : FIRST_COMMON + (int)(i - CLI_OPTIONS_MAX);

		if (!option->name)
			continue;
		longs[count++] =
			(struct option){ option->name,
					 option->argument ? required_argument : no_argument, NULL,
					 option->letter ? option->letter : 256 + value };
		if (!option->letter)
			continue;
		shorts[letters++] = option->letter;
		if (option->argument)
			shorts[letters++] = ':';
	}
	shorts[letters] = '\0';
	longs[count] = (struct option){ 0 };
	return count;
}

/* The option getopt means: its index in the command's own, or FIRST_COMMON and more. */
static int which_option(const struct cli *cli, int got)
{
	for (int i = 0; i < CLI_OPTIONS_MAX && cli->command->options[i].name; i++)
		if (got == 256 + i || (got && got == cli->command->options[i].letter))
			return i;
	for (int i = 0; i < COMMON_OPTIONS; i++)
		if (got == common_options[i].letter)
			return FIRST_COMMON + i;
	return -1;
}

static const char no_bundle[] =
	"it needs a running lab: --from is for commands that only look, such as 'show' and "
	"'routes'; 'hublab show --from BUNDLE --file' prints a lab file, for 'hublab up'";

static int parse(struct cli *cli, int argc, char **argv, bool *ret_is_help)
{
	struct option longs[CLI_OPTIONS_MAX + COMMON_OPTIONS + 1];
	char shorts[64];
	int got, count = 0;

	(void)fill_long_options(cli, longs, shorts);
	opterr = 0;
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		int option;

		if (got == 1) { /* an argument */
			cli->argv[count++] = optarg;
			continue;
		}
		if (got == ':')
			return cli_usage(cli, "'%s' needs a value", argv[optind - 1]);
		option = got == '?' ? -1 : which_option(cli, got);
		if (option < 0 && !cli->command->has_no_lab &&
		    !strncmp(argv[optind - 1], "--from", strlen("--from")))
			return cli_usage(cli, "%s", no_bundle);
		if (option < 0)
			return cli_usage(cli, "unknown option '%s'", argv[optind - 1]);
		if (option < FIRST_COMMON)
			cli->values[option] = optarg ? optarg : "";
		else if (got == 'l')
			cli->lab = optarg;
		else if (got == 'h')
			*ret_is_help = true;
		else if (set_output(cli, optarg ? optarg : ""))
			return EXIT_USAGE;
	}
	cli->has_dashes = optind > 1 && !strcmp(argv[optind - 1], "--");
	cli->behind_dashes = cli->has_dashes ? argc - optind : 0;
	while (optind < argc)
		cli->argv[count++] = argv[optind++];
	cli->argv[count] = NULL;
	cli->argc = count;
	return 0;
}

/* With --from: NULL with an exit code when there is no such bundle. */
static struct bundle *open_bundle(const char *path, int *ret_code)
{
	CLEANUP(free_cleanup) char *text = NULL;
	struct bundle *bundle = NULL;
	struct err err = { 0 };
	size_t len;

	text = cli_read_all(path, &len, &err);
	if (!text) {
		*ret_code = cli_fail(EXIT_FAILED, "%s", err.text);
		return NULL;
	}
	bundle = bundle_read(text, len, path, &err);
	if (!bundle)
		*ret_code = cli_fail(EXIT_INVALID, "%s", err.text);
	return bundle;
}

/* On what it is to look at. */
static int run_on(struct cli *cli)
{
	const char *from = cli_value(cli, "from");
	struct bundle *bundle = NULL;
	int code = EXIT_OK;

	if (from)
		bundle = open_bundle(from, &code);
	cli->bundle = bundle;
	if (!code)
		code = cli->command->run(cli);
	bundle_free(bundle);
	return code;
}

bool cli_always(const struct cli *cli)
{
	(void)cli;
	return true;
}

bool cli_with_arguments(const struct cli *cli)
{
	return cli->argc > 0;
}

bool cli_is_read_only(void)
{
	const char *value = getenv(CLI_READ_ONLY);

	return value && *value && strcmp(value, "0") != 0;
}

/* 0, or EXIT_USAGE after having said that it may not be. */
static int check_read_only(const struct cli *cli)
{
	if (!cli_is_read_only() || !cli->command->changes || !cli->command->changes(cli))
		return EXIT_OK;
	return cli_fail(EXIT_USAGE,
			"'%s' changes something, and here one only looks: --read-only, or "
			"HUBLAB_READ_ONLY in the environment",
			cli->command->name);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct cli cli = { .command = command };
	bool is_help = false;
	int code;

	cli.argv = calloc((size_t)argc + 1, sizeof(*cli.argv));
	if (!cli.argv)
		abort();
	code = parse(&cli, argc, argv, &is_help);
	if (!code && is_help)
		cli_print_command_help(command, stdout);
	else if (!code && cli.argc < command->min_arguments)
		code = cli_usage(&cli, "an argument is missing");
	else if (!code && command->max_arguments >= 0 && cli.argc > command->max_arguments)
		code = cli_usage(&cli, "'%s' is one argument too many",
				 cli.argv[command->max_arguments]);
	else if (!code && !(code = check_read_only(&cli)))
		code = run_on(&cli);
	free(cli.argv);
	if (fflush(stdout) && !code)
		code = EXIT_FAILED;
	return code;
}

/* As other programs have them. */
static const struct {
	const char *option, *command;
} other_names[] = {
	{ "-h", "help" },
	{ "--help", "help" },
	{ "--version", "version" },
};

int cli_main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct command *command;

	if (!name && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		cli_print_help(stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; name && i < ARRAY_SIZE(other_names); i++)
		if (!strcmp(name, other_names[i].option))
			name = other_names[i].command;
	if (!name || *name == '-') /* no command: the screen, with its options */
		return run_command(&command_screen, argc, argv);
	command = cli_find_command(name);
	if (!command)
		return cli_fail(EXIT_USAGE, "unknown command '%s': see hublab help", name);
	return run_command(command, argc - 1, argv + 1);
}

double cli_read_time_ms(const char *text)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = { { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60e3 }, { "h", 3600e3 } };
	char *end = (char *)text;
	double value = strspn(text, "0123456789.") ? strtod(text, &end) : 0;

	for (size_t i = 0; value > 0 && i < ARRAY_SIZE(units); i++)
		if (!strcmp(end, units[i].name))
			return value * units[i].ms;
	return 0;
}

double cli_now(const struct cli *cli)
{
	struct timespec now;

	if (cli->bundle)
		return bundle_head(cli->bundle)->taken_at;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

const char *cli_print_clock(double unix_time, char text[32])
{
	time_t seconds = (time_t)unix_time;
	struct tm tm;

	(void)localtime_r(&seconds, &tm);
	(void)strftime(text, 32, "%T", &tm);
	return text;
}

int cli_ms_of(double unix_time)
{
	return (int)((unix_time - (double)(time_t)unix_time) * 1000);
}

const char *cli_print_age(const struct cli *cli, double since, char text[32])
{
	long seconds = (long)difftime((time_t)cli_now(cli), (time_t)since);

	if (seconds < 120)
		(void)snprintf(text, 32, "%lds", seconds < 0 ? 0 : seconds);
	else if (seconds < 7200)
		(void)snprintf(text, 32, "%ldm", seconds / 60);
	else
		(void)snprintf(text, 32, "%ldh", seconds / 3600);
	return text;
}
