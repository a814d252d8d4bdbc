/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit: the lab file in an editor, what is wrong with it, the difference, and then really. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/render/draft.h"
#include "lab/render/text_diff.h"
#include "lab/snapshot/fill.h"
#include "tui/cli/cli_follow.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A file that is edited: as it is, and a copy of it that the editor has. */
struct editing {
	const struct cli *cli;
	struct snapshot_file file; /* of the lab that runs, or made of the file alone */
	bool is_running;
	char directory[PATH_MAX], copy[PATH_MAX + 216];
};

static const char *editor(void)
{
	const char *chosen = getenv("VISUAL");

	if (!chosen || !*chosen)
		chosen = getenv("EDITOR");
	return chosen && *chosen ? chosen : "vi";
}

/* By a shell, since people have options in it. */
static int run_editor(const struct editing *e)
{
	char *command = NULL;
	int status = -1;
	pid_t pid;

	if (asprintf(&command, "%s \"$1\"", editor()) < 0)
		abort();
	(void)fflush(NULL);
	pid = fork();
	if (!pid) {
		(void)execlp("sh", "sh", "-c", command, "sh", e->copy, (char *)NULL);
		_exit(127);
	}
	free(command);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status))
		return EXIT_OK;
	return cli_fail(EXIT_FAILED,
			"%s failed: nothing was changed ($VISUAL or $EDITOR says "
			"which editor)",
			editor());
}

static int make_copy(struct editing *e, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	const char *slash = strrchr(e->file.file, '/');

	(void)snprintf(e->directory, sizeof(e->directory), "%.3000s/hublab-edit-XXXXXX",
		       tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(e->directory))
		return err_set(err, -errno, "%s: %s", e->directory, strerror(errno));
	(void)snprintf(e->copy, sizeof(e->copy), "%s/%.200s", e->directory,
		       slash ? slash + 1 : e->file.file);
	return cli_write_file(e->copy, e->file.text, strlen(e->file.text), 0600, err);
}

static void drop_copy(const struct editing *e)
{
	(void)unlink(e->copy);
	(void)rmdir(e->directory);
}

/* One of the letters, as somebody types it; the last one at the end of input. */
static char ask(const char *question, const char *letters)
{
	CLEANUP(free_cleanup) char *line = NULL;
	size_t size = 0;

	for (;;) {
		(void)fprintf(stderr, "%s ", question);
		(void)fflush(stderr);
		if (getline(&line, &size, stdin) < 0)
			return letters[strlen(letters) - 1];
		if (strchr(letters, *line))
			return *line;
	}
}

/* False when the text is no lab; that is said with its places. */
static bool check(const struct editing *e, const char *text)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct snapshot_file draft = e->file;
	struct lab *lab = lab_parse(text, strlen(text), e->file.file, &diags), *state = NULL;

	diags_print(&diags, text, strlen(text), stderr);
	draft.text = text;
	diags_fini(&diags);
	diags = (struct diags){ 0 };
	if (lab)
		state = snapshot_file_lab(&draft, &diags); /* at the step it is at */
	if (lab && !state)
		diags_print(&diags, text, strlen(text), stderr);
	lab_free(lab);
	lab_free(state);
	return state != NULL;
}

/* The file's stands last, where the question is: that of what runs may be long. */
static void print_difference(const struct editing *e, const char *text)
{
	struct snapshot_file draft = e->file;
	struct err err = { 0 };

	draft.text = text;
	(void)printf("@@ what %s @@\n", e->is_running ? "runs" : "is built");
	if (draft_print_plan(&e->file, &draft, stdout, &err))
		(void)printf("%s\n", err.text);
	(void)text_diff(e->file.text, text, e->file.file, stdout);
	(void)fflush(stdout);
}

/* The file must still be what was edited: somebody else may have, too. */
static int check_stays(const struct editing *e, struct err *err)
{
	size_t len;
	CLEANUP(free_cleanup) char *now = cli_read_all(e->file.file, &len, err);

	if (!now)
		return err->code;
	if (strcmp(now, e->file.text) != 0)
		return err_set(err, -ESTALE, "%s was changed meanwhile: what you wrote is in %s",
			       e->file.file, e->copy);
	return 0;
}

static int change_lab(const struct editing *e, struct client *client, const char *text)
{
	struct err err = { 0 };
	int code;

	if (client_send(client,
			json_pack("{s:s, s:s, s:s, s:I, s:s}", "request", "up", "file",
				  e->file.file, "text", text, "step", (json_int_t)e->file.step,
				  "changes", "keep"),
			&err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	code = cli_follow(e->cli, client, e->file.file, cli_now_s());
	if (code != EXIT_OK && code != EXIT_DIFFERENT)
		return cli_fail(code, "the lab and %s are as they were; what you wrote is in %s",
				e->file.file, e->copy);
	return code;
}

/* The lab first: what it refuses is not in its file either. */
static int apply(const struct editing *e, struct client *client, const char *text)
{
	struct err err = { 0 };
	int code = EXIT_OK;

	if (check_stays(e, &err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	if (client)
		code = change_lab(e, client, text);
	if (code != EXIT_OK && code != EXIT_DIFFERENT)
		return code;
	if (cli_write_file(e->file.file, text, strlen(text), 0, &err))
		return cli_fail(EXIT_FAILED, "%s", err.text);
	drop_copy(e);
	(void)printf("%s is written\n", e->file.file);
	(void)fflush(stdout);
	return code;
}

static int edit(struct editing *e, struct client *client)
{
	struct err err = { 0 };
	int code = make_copy(e, &err) ? cli_fail(EXIT_FAILED, "%s", err.text) : EXIT_OK;

	while (!code) {
		CLEANUP(free_cleanup) char *text = NULL;
		size_t len;
		char answer;

		code = run_editor(e);
		text = code ? NULL : cli_read_all(e->copy, &len, &err);
		if (!text) {
			drop_copy(e);
			return code ? code : cli_fail(EXIT_FAILED, "%s", err.text);
		}
		if (!strcmp(text, e->file.text)) {
			(void)printf("nothing was changed\n");
			drop_copy(e);
			return EXIT_OK;
		}
		if (!check(e, text)) {
			if (ask("e edit again, q leave it all as it is:", "eq") == 'e')
				continue;
			return cli_fail(EXIT_INVALID, "what you wrote is in %s", e->copy);
		}
		print_difference(e, text);
		answer = ask(e->is_running
				     ? "a apply and save, e edit again, q leave it all as it is:"
				     : "a write the file, e edit again, q leave it all as it is:",
			     "aeq");
		if (answer == 'a')
			return apply(e, client, text);
		if (answer == 'q') {
			drop_copy(e);
			return EXIT_OK;
		}
	}
	return code;
}

static int run_edit(const struct cli *cli)
{
	struct editing e = { .cli = cli, .is_running = !cli->argc };
	struct arena *arena = arena_new();
	struct client *client = NULL;
	struct err err = { 0 };
	int code = EXIT_OK;
	char *text = NULL;
	size_t len;

	if (e.is_running) {
		client = cli_read_source(cli, &e.file, arena, &code);
	} else {
		text = cli_read_all(cli->argv[0], &len, &err);
		e.file = (struct snapshot_file){ .file = cli->argv[0], .text = text };
		if (!text)
			code = cli_fail(EXIT_FAILED, "%s", err.text);
	}
	if (!code)
		code = edit(&e, client);
	if (code && isatty(STDIN_FILENO)) /* the screen comes back at once */
		(void)ask("Enter goes on:", "\n");
	client_free(client);
	free(text);
	arena_free(arena);
	return code;
}

const struct command command_edit = {
	.name = "edit",
	.arguments = "[FILE]",
	.words = "change a lab file in your editor, see the difference, apply it",
	.more = "$VISUAL or $EDITOR gets a copy. What is wrong with it is said with its places, "
		"and "
		"it can be edited again; then the difference of the file and of what runs is "
		"shown, and nothing is changed before you say so. Without FILE it is the file of "
		"the running lab, which then becomes what the file says; what was set stays on "
		"top.",
	.group = GROUP_CHANGE,
	.needs_terminal = true,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.changes = cli_always,
	.run = run_edit,
};
