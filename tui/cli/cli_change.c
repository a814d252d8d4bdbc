/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set, mend, changes, undo, save and step: a running lab is changed, and its file with it. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab_save.h"
#include "lab/render/table.h"
#include "lab/snapshot/fill.h"
#include "tui/cli/cli_follow.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int save_changes(const struct cli *cli, const char *path, bool is_forced);

/* ---- set ---- */

int cli_set(const struct cli *cli)
{
	json_t *changes = json_array();

	for (int i = 0; i < cli->argc; i += 2)
		(void)json_array_append_new(changes, json_pack("{s:s, s:s}", "path", cli->argv[i],
							       "value", cli->argv[i + 1]));
	return cli_change(cli, json_pack("{s:s, s:o}", "request", "set", "changes", changes));
}

/* Of a lab that does not run only the file is changed. */
static int set_in_file(const struct cli *cli, const char *path)
{
	CLEANUP(free_cleanup)
	struct change_text *changes = calloc((size_t)cli->argc, sizeof(*changes));
	struct lab_state state = { 0, changes, (size_t)cli->argc / 2 };
	CLEANUP(free_cleanup) char *text = NULL;
	CLEANUP(free_cleanup) char *saved = NULL;
	struct err err = { 0 };
	size_t len;

	if (!changes)
		abort();
	for (size_t i = 0; i < state.change_count; i++)
		changes[i] = (struct change_text){ cli->argv[2 * i], cli->argv[2 * i + 1] };
	text = cli_read_all(path, &len, &err);
	if (text)
		saved = lab_save(text, len, path, &state, &len, &err);
	if (!saved || cli_write_file(path, saved, len, 0, &err))
		return cli_fail(text && !saved ? EXIT_INVALID : EXIT_FAILED, "%s", err.text);
	(void)printf("%zu changes are in %s\n", state.change_count, path);
	return EXIT_OK;
}

static int run_set(const struct cli *cli)
{
	const char *file = cli_value(cli, "file");
	int code;

	if (cli->argc % 2)
		return cli_usage(cli, "'%s' needs a value", cli->argv[cli->argc - 1]);
	if (file)
		return set_in_file(cli, file);
	code = cli_set(cli);
	if (cli_value(cli, "save") && (code == EXIT_OK || code == EXIT_DIFFERENT)) {
		int saved = save_changes(cli, NULL, false);

		code = saved ? saved : code;
	}
	return code;
}

const struct command command_set = {
	.name = "set",
	.arguments = "PATH VALUE...",
	.words = "change a value of the running lab",
	.more = "PATH is keys and names of the lab file with '/' between, such as "
		"vms/vm1/enable_ip_forwarding or providers/isp/links/0/delay_ms. VALUE is what "
		"the file would say there; null takes away what is there. Several pairs are one "
		"change of the lab. What is changed is kept beside the file until it is saved or "
		"taken back.",
	.group = GROUP_CHANGE,
	.min_arguments = 2,
	.max_arguments = -1,
	.changes = cli_always,
	.run = run_set,
	.options = {
		{ "save", 0, NULL, "and write all that was set into the lab file" },
		{ "file", 0, "FILE", "change that lab file, and no lab that runs" },
	},
};

/* ---- mend ---- */

static int run_mend(const struct cli *cli)
{
	return cli_change(cli, json_pack("{s:s}", "request", "mend"));
}

const struct command command_mend = {
	.name = "mend",
	.arguments = "",
	.words = "put right what others changed in the fabric",
	.more = "When a route, a rule or nftables in the namespace 'fabric' is not what hublab "
		"made "
		"it, 'show', 'events' and the screen say so, and nothing is done about it: whoever "
		"changed it may have meant to. This takes away what is foreign and makes again "
		"what "
		"is missing. Tables of others in nftables stay.",
	.group = GROUP_CHANGE,
	.changes = cli_always,
	.run = run_mend,
};

/* ---- changes and undo ---- */

struct client *cli_read_source(const struct cli *cli, struct snapshot_file *file,
			       struct arena *arena, int *ret_code)
{
	struct client *client = cli_connect(cli, NULL, NULL, ret_code);
	struct err err = { 0 };

	if (!client || !client_topic(client, "file", &snapshot_file_record, file, arena, &err))
		return client;
	*ret_code = cli_fail(EXIT_FAILED, "%s", err.text);
	client_free(client);
	return NULL;
}

static void print_changes(const struct cli *cli, const void *object)
{
	static const char *const headers[] = { "", "PATH", "OLD", "NEW" };
	const struct snapshot_file *file = object;
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < file->changes.count; i++) {
		const struct snapshot_change *change = &file->changes.items[i];
		char number[24];
		const char *cells[] = { number, change->path, change->old, change->value };

		(void)snprintf(number, sizeof(number), "%zu", i + 1);
		table_add(table, cells);
	}
	if (file->changes.count || cli->output == OUTPUT_TSV)
		cli_print_table(cli, table);
	else
		(void)printf("the lab is as its file says: no changes\n");
	table_free(table);
}

static void print_file(const struct cli *cli, const void *object)
{
	const struct snapshot_file *file = object;
	json_t *json;

	if (cli->output != OUTPUT_JSON) {
		print_changes(cli, object);
		return;
	}
	json = record_encode(&snapshot_file_record, file);
	cli_print_json(json_pack("{s:O}", "changes", json_object_get(json, "changes")));
	json_decref(json);
}

static int run_changes(const struct cli *cli)
{
	struct snapshot_file file = { 0 };

	return cli_show_topic(cli, "file", &snapshot_file_record, &file, print_file);
}

const struct command command_changes = {
	.name = "changes",
	.arguments = "",
	.words = "list what was set and is in no file",
	.group = GROUP_CHANGE,
	.run = run_changes,
	.options = { CLI_FROM },
};

int64_t cli_undo_count(const struct cli *cli, const char *count, const struct snapshot_file *file)
{
	long number = strtol(count, NULL, 10);

	if (!strcmp(count, "all"))
		return (int64_t)file->changes.count;
	if (strspn(count, "0123456789") == strlen(count) && number > 0)
		return number;
	(void)cli_usage(cli, "'%s' is not a number of changes, and not all", count);
	return -1;
}

static int run_undo(const struct cli *cli)
{
	const char *count = cli->argc ? cli->argv[0] : "1";
	struct snapshot_file file = { 0 };
	struct arena *arena = arena_new();
	int64_t number = 0;
	int code = EXIT_OK;

	if (!strcmp(count, "all"))
		client_free(cli_read_source(cli, &file, arena, &code));
	if (!code)
		number = cli_undo_count(cli, count, &file);
	if (number < 0)
		code = EXIT_USAGE;
	arena_free(arena);
	if (!code)
		code = cli_change(cli,
				  json_pack("{s:s, s:i}", "request", "undo", "count", (int)number));
	return code;
}

const struct command command_undo = {
	.name = "undo",
	.arguments = "[N|all]",
	.words = "take back the newest changes",
	.group = GROUP_CHANGE,
	.max_arguments = 1,
	.changes = cli_always,
	.run = run_undo,
};

/* ---- save ---- */

/* The file must still be what the lab was made from: somebody may have edited it since. */
static int check_unchanged(const struct snapshot_file *file, struct err *err)
{
	char path[PATH_MAX];
	size_t len;
	CLEANUP(free_cleanup) char *text = cli_read_file(file->file, path, sizeof(path), &len, err);

	if (text && strcmp(text, file->text) != 0)
		err_set(err, -ESTALE,
			"%s was edited since the lab read it: 'hublab up --keep %s' takes that in, "
			"or "
			"save to another file",
			file->file, file->file);
	return err->code;
}

static int save(const struct cli *cli, struct client *client, const struct snapshot_file *file,
		const char *path, bool is_forced)
{
	const char *target = path ? path : file->file;
	CLEANUP(free_cleanup) char *text = NULL;
	char absolute[PATH_MAX];
	struct err err = { 0 };
	size_t len;

	if (path && !access(target, F_OK) && !is_forced)
		return cli_fail(EXIT_FAILED, "%s exists: --force writes over it", target);
	text = snapshot_file_save(file, &len, &err);
	if (!text || (!path && check_unchanged(file, &err)) ||
	    cli_write_file(target, text, len, 0, &err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	(void)printf("%zu changes are in %s\n", file->changes.count, target);
	(void)fflush(stdout);
	if (client_send(client,
			json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:b}", "request", "up", "as",
				  "save", "file", realpath(target, absolute) ? absolute : target,
				  "text", text, "step", (json_int_t)file->step, "changes",
				  "discard", "replace", 1),
			&err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	return cli_follow(cli, client, target, cli_now_s());
}

/* NULL: to the lab's own file. */
static int save_changes(const struct cli *cli, const char *path, bool is_forced)
{
	struct snapshot_file file = { 0 };
	struct arena *arena = arena_new();
	struct client *client;
	int code = EXIT_OK;

	client = cli_read_source(cli, &file, arena, &code);
	if (client && !file.changes.count && !path)
		(void)printf("the lab is as its file says: nothing to save\n");
	else if (client)
		code = save(cli, client, &file, path, is_forced);
	client_free(client);
	arena_free(arena);
	return code;
}

static int run_save(const struct cli *cli)
{
	return save_changes(cli, cli->argc ? cli->argv[0] : NULL, cli_value(cli, "force"));
}

const struct command command_save = {
	.name = "save",
	.arguments = "[FILE]",
	.words = "write the changes into the lab file",
	.more = "Only what is changed is edited: comments, order and everything else stay as they "
		"are. At a later step of the file they go into what that step sets. With FILE the "
		"lab's own file is left alone, and the lab goes on with that one.",
	.group = GROUP_CHANGE,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.changes = cli_always,
	.run = run_save,
	.options = { { "force", 0, NULL, "write over a FILE that exists" } },
};

/* ---- step ---- */

static void print_steps(const struct cli *cli, const struct snapshot_file *file)
{
	static const char *const headers[] = { "", "STEP", "AFTER", "NAME" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < file->steps.count; i++) {
		const struct snapshot_step *step = &file->steps.items[i];
		char number[16], after[16] = "";
		const char *cells[] = { step->number == file->step ? ">" : "", number, after,
					step->name };

		(void)snprintf(number, sizeof(number), "%lld", (long long)step->number);
		if (step->after)
			(void)snprintf(after, sizeof(after), "%lld", (long long)step->after);
		table_add(table, cells);
	}
	cli_print_table(cli, table);
	table_free(table);
}

/* The one that goes on from this one, the first when there are several; 0 when there is none. */
static int64_t next_step(const struct snapshot_file *file)
{
	for (size_t i = 0; i < file->steps.count; i++)
		if (file->steps.items[i].after == file->step)
			return file->steps.items[i].number;
	return 0;
}

/* By its name or number; 0 with `err`. */
static int64_t step_named(const struct snapshot_file *file, const char *name, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab *lab = snapshot_file_lab(file, &diags);
	const struct lab_step *step = lab ? lab_find_step(lab, name, err) : NULL;
	int64_t number = step ? step->number : 0;

	lab_free(lab);
	return number;
}

int64_t cli_find_step(const struct cli *cli, const struct snapshot_file *file, const char *name,
		      int *ret_code)
{
	int64_t found = 0;
	struct err err = { 0 };

	if (!strcmp(name, "next"))
		found = next_step(file);
	else if (!strcmp(name, "prev") && file->step)
		found = file->steps.items[file->step - 1].after;
	if (!found)
		found = step_named(file, name, &err);
	if (found)
		return found;
	if (!file->steps.count)
		*ret_code = cli_fail(EXIT_FAILED, "%s has no steps", file->file);
	else if (!strcmp(name, "next"))
		*ret_code = cli_fail(EXIT_FAILED, "no step goes on from step %lld",
				     (long long)file->step);
	else if (!strcmp(name, "prev"))
		*ret_code = cli_fail(EXIT_FAILED, "the lab is at its first step");
	else
		*ret_code = cli_usage(cli, "%s", err.text);
	return 0;
}

static int run_step(const struct cli *cli)
{
	struct snapshot_file file = { 0 };
	struct arena *arena;
	int64_t step = 0;
	int code = EXIT_OK;
	struct client *client;

	if (cli->argc && cli_needs_lab(cli, cli->argv[0]))
		return EXIT_USAGE;
	arena = arena_new();
	client = cli_read_source(cli, &file, arena, &code);
	if (client && cli->argc)
		step = cli_find_step(cli, &file, cli->argv[0], &code);
	else if (client && cli->output == OUTPUT_JSON)
		print_file(cli, &file);
	else if (client)
		print_steps(cli, &file);
	client_free(client);
	arena_free(arena);
	if (step)
		code = cli_change(
			cli, json_pack("{s:s, s:I}", "request", "step", "step", (json_int_t)step));
	return code;
}

const struct command command_step = {
	.name = "step",
	.arguments = "[next|prev|STEP]",
	.words = "go to another step of the lab file, or list them",
	.more = "STEP is a number or a name. Only what differs between the two states is changed; "
		"changes that were set stay on top.",
	.group = GROUP_CHANGE,
	.max_arguments = 1,
	.completes = { ARG_STEP },
	.changes = cli_with_arguments,
	.run = run_step,
	.options = { CLI_FROM },
};
