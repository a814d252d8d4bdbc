/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The commands: one table, one function each. What they have in common is here. */
#include "lab/base/err.h"
#include "tui/cli/cli_files.h"
#include "tui/client/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_INVALID = 3,   /* the lab file, or another that is read */
	EXIT_DIFFERENT = 4, /* the lab runs, but something is not green; or there are differences */
	EXIT_UNABLE = 5,    /* this host lacks something */
};

enum output {
	OUTPUT_TABLE,
	OUTPUT_TSV,
	OUTPUT_JSON,
	OUTPUT_COUNT
};

#define CLI_OPTIONS_MAX   13
#define CLI_ARGUMENTS_MAX 3

struct cli_option {
	const char *name;     /* long, without dashes */
	char letter;          /* 0: none */
	const char *argument; /* as usage prints it, a word of arg_kinds or another; NULL for a
				 switch */
	const char *words;
};

/* What an argument or an option's value is, for those who complete it: rows of arg_kinds. */
enum arg {
	ARG_NONE,    /* nothing that can be listed */
	ARG_FILE,    /* a lab file, or a template's name */
	ARG_LAB,     /* a lab that runs */
	ARG_NODE,    /* a machine of the lab */
	ARG_PART,    /* a lab or a machine */
	ARG_VM,      /* a virtual machine */
	ARG_GUEST,   /* a machine with a kernel of its own */
	ARG_SPEAKER, /* a gateway, or a machine that speaks BGP */
	ARG_DASHES,  /* "--": behind it stand another program and its arguments */
	ARG_FORMAT,  /* a form of output */
	ARG_TOPIC,   /* of help: our commands, and rules about lab files */
	ARG_STEP,    /* of the lab's file */
	ARG_SHELL,   /* one that we write a script for */
	ARG_DIRECTION,
	ARG_PROTOCOL,
	ARG_FAULT,    /* what can be done about faults */
	ARG_BUNDLE,   /* a file that the command bundle wrote */
	ARG_TARGET,   /* what a fault can be set on */
	ARG_SNAPSHOT, /* of a guest */
	ARG_COUNT
};

/* Under which heading help and the manual list a command. */
enum group {
	GROUP_LABS,
	GROUP_CHANGE,
	GROUP_LOOK,
	GROUP_PROBE,
	GROUP_ENTER,
	GROUP_ABOUT,
	GROUP_COUNT
};

struct command;

/* One command as it was called. */
struct cli {
	const struct command *command;
	const char *lab;             /* -l, or NULL */
	const struct bundle *bundle; /* --from: what answers in a running lab's place; or NULL */
	enum output output;          /* of commands with `forms` an index of those */
	int argc;                    /* what is left behind the options */
	char **argv;
	bool has_dashes;                     /* "--" stood before it */
	int behind_dashes;                   /* of it, so many at its end stood behind "--" */
	const char *values[CLI_OPTIONS_MAX]; /* by index of command->options; "" for a switch */
};

struct command {
	const char *name;
	const char *arguments; /* as usage prints them */
	const char *words;     /* what it does, in a line */
	const char *more;      /* what else is to be known, in a paragraph; or NULL */
	enum group group;
	bool is_hidden;                   /* for scripts: listed nowhere */
	bool is_screen;                   /* the screen itself: not run from it */
	bool needs_terminal;              /* the screen gives it its own */
	bool has_no_lab;                  /* it is about none, or about one that does not run yet */
	int min_arguments, max_arguments; /* -1: any number */
	bool is_raw; /* what stands behind the first argument is another program's */
	enum arg completes[CLI_ARGUMENTS_MAX]; /* by place, up to ARG_NONE */
	const char *const *forms; /* that --output takes, the default first, ends with NULL; or
				     NULL: as enum output */
	/* Called so, does it change a lab or a lab file, or can one do that with it? NULL: no */
	bool (*changes)(const struct cli *cli);
	int (*run)(const struct cli *cli); /* returns an enum exit_code, or a program's own */
	struct cli_option options[CLI_OPTIONS_MAX]; /* ends with a NULL name */
};

/* An option of commands that only look; the bundle is then cli->bundle. */
#define CLI_FROM                                                                                   \
	{                                                                                          \
		"from", 0, "BUNDLE", "answer from a file of 'hublab bundle', without a lab"        \
	}

extern const struct command *const commands[]; /* ends with NULL */

/* Those that every command has; ends with a NULL name. */
extern const struct cli_option common_options[];
#define COMMON_OPTIONS 3

extern const char *const group_names[GROUP_COUNT];

int cli_main(int argc, char **argv);

/* What --output takes, the default first, ends with NULL; of no command (NULL) what most take. */
const char *const *cli_forms(const struct command *command);
/* "table, tsv or json": the same in words. Returns `text`. */
const char *cli_print_forms(const struct command *command, char *text, size_t size);

/* NULL when there is none; hidden ones are found. */
const struct command *cli_find_command(const char *name);

/* What is there, on 80 columns: all commands by group, or one with its options. */
void cli_print_help(FILE *out);
void cli_print_command_help(const struct command *command, FILE *out);

/* For `changes` of those that always do, and of those whose arguments say what to. */
bool cli_always(const struct cli *cli);
bool cli_with_arguments(const struct cli *cli);

/* The environment's word that nothing is to be changed from here. */
#define CLI_READ_ONLY "HUBLAB_READ_ONLY"
bool cli_is_read_only(void);

/* The value of an option of the command ("" for a switch), or NULL when it was not given. */
const char *cli_value(const struct cli *cli, const char *option);

/* Print "hublab: TEXT" on standard error and return `code`. */
int cli_fail(int code, const char *fmt, ...) PRINTF(2, 3);
int cli_usage(const struct cli *cli, const char *fmt, ...) PRINTF(2, 3);

/*
 * Connect to the lab that is meant: -l, `name` when it is not NULL, or the only one that runs.
 * NULL after having said what is wrong; the exit code then goes to *ret_code. The lab's name goes
 * to *ret_lab, to be freed by the caller.
 */
struct client *cli_connect(const struct cli *cli, const char *name, char **ret_lab, int *ret_code);

/*
 * For what only a running lab can do: 0, or with --from EXIT_USAGE after having said so. `what` is
 * a part of the command line.
 */
int cli_needs_lab(const struct cli *cli, const char *what);

/* The machine of that name, letter case aside, of "VM:NIC" the VM. NULL when there is none. */
const struct snapshot_node *cli_find_node(const struct snapshot_nodes *nodes, const char *name);

/* Connect, read one topic, print it by `print`, or as JSON. Returns the exit code. */
int cli_show_topic(const struct cli *cli, const char *topic, const struct record *record,
		   void *object, void (*print)(const struct cli *cli, const void *object));

struct table;
/* As a table or as tsv. */
void cli_print_table(const struct cli *cli, const struct table *table);

/* "5", "5s", "500ms", "2m", "1h"; 0 when it is none of these. */
double cli_read_time_ms(const char *text);

/* Unix time of what is shown: now, or when the bundle was written. */
double cli_now(const struct cli *cli);
/* How long before that a Unix time is: 90s, 5m, 3h. Returns `text`. */
const char *cli_print_age(const struct cli *cli, double since, char text[32]);
/* The time of day, "17:04:59". Returns `text`. */
const char *cli_print_clock(double unix_time, char text[32]);
/* The milliseconds of its second. */
int cli_ms_of(double unix_time);
/* JSON with "schema_version"; the reference is taken. */
void cli_print_json(json_t *json);
/* One object a line, of what goes on; the reference is taken. */
void cli_print_json_line(json_t *json);

/* What this host is and can do, found by trying, as bundles have it; a new reference. */
json_t *cli_host(void) NODISCARD;
