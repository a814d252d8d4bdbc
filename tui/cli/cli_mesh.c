/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mesh: every machine asks every other one, and the answers beside what is predicted. */
#include "tui/cli/cli_commands.h"

#include "lab/render/mesh.h"
#include "tui/cli/cli_follow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct run {
	struct client *client;
	json_t *rows; /* in the order in which they came */
	bool has_shown;
};

/* A row of what was seen, or how far it is, which one line of standard error says. */
static void take_progress(void *arg, const json_t *progress)
{
	json_t *row = json_object_get(progress, "row");
	struct run *r = arg;

	if (row) {
		(void)json_array_append(r->rows, row);
	} else if (isatty(STDERR_FILENO)) {
		(void)fprintf(stderr, "\r\033[K%lld of %lld pairs",
			      (long long)json_integer_value(json_object_get(progress, "decided")),
			      (long long)json_integer_value(json_object_get(progress, "pairs")));
		r->has_shown = true;
	}
}

/* "a,b" as a list; NULL for NULL. */
static json_t *names_of(const char *text)
{
	json_t *names = text ? json_array() : NULL;

	while (text) {
		size_t len = strcspn(text, ",");

		(void)json_array_append_new(names, json_stringn(text, len));
		text = text[len] ? text + len + 1 : NULL;
	}
	return names;
}

static json_t *request_of(const struct cli *cli)
{
	return json_pack("{s:s, s:s, s:o*, s:o*}", "request", "mesh", "protocol",
			 cli->argc ? cli->argv[0] : "icmp", "from", names_of(cli_value(cli, "src")),
			 "to", names_of(cli_value(cli, "dst")));
}

/* What was seen, whole; or an error. */
static int ask(struct run *r, json_t *request, struct snapshot_mesh *ret_mesh, struct arena *arena,
	       struct err *err)
{
	const json_t *data = NULL;
	json_t *line = NULL, *whole;

	if (!client_send(r->client, request, err))
		line = cli_await(r->client, take_progress, r, err);
	if (r->has_shown)
		(void)fprintf(stderr, "\r\033[K");
	if (line)
		data = client_data(line, err);
	if (data) {
		whole = json_copy((json_t *)data);
		(void)json_object_set(whole, "rows", r->rows);
		if (record_decode(&snapshot_mesh_record, whole, ret_mesh, arena, err))
			(void)mesh_check(ret_mesh, err);
		json_decref(whole);
	}
	json_decref(line);
	return err->code;
}

static int run_mesh(const struct cli *cli)
{
	struct run r = { .rows = json_array() };
	struct arena *arena = arena_new();
	struct snapshot_mesh mesh = { 0 };
	struct err err = { 0 };
	int code = EXIT_OK;

	r.client = cli_connect(cli, NULL, NULL, &code);
	if (r.client && ask(&r, request_of(cli), &mesh, arena, &err)) {
		code = cli_fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED,
				"nothing is known: %s", err.text);
	} else if (r.client) {
		if (cli->output == OUTPUT_JSON)
			cli_print_json(mesh_json(&mesh));
		else if (cli->output == OUTPUT_TSV)
			mesh_print_tsv(&mesh, stdout);
		else
			mesh_print(&mesh, stdout);
		code = mesh_is_good(&mesh) ? EXIT_OK : EXIT_DIFFERENT;
	}
	json_decref(r.rows);
	client_free(r.client);
	arena_free(arena);
	return code;
}

const struct command command_mesh = {
	.name = "mesh",
	.arguments = "[PROTOCOL[:PORT]]",
	.words = "who reaches whom: every machine asks every other one, once",
	.more = "PROTOCOL is icmp, http, tcp:PORT or udp:PORT, icmp if not given; icmp:SIZE is a ping "
		"of so many bytes, and with /df behind it one that must not be fragmented. Of tcp a refused "
		"connection is an answer, too, and of udp that the port is closed: the machine was "
		"reached. Each pair is held against what is "
		"predicted of it; where an answer that is predicted does not come, it is asked for "
		"again. In the matrix a row is who asks, a column who is asked: + a reply and "
		"- none, both as predicted, ! a reply that is not predicted, x none though one is, "
		"? not known. In large labs machines that are alike are one row. Ends with 4 unless "
		"all was seen as it is predicted.",
	.group = GROUP_PROBE,
	.max_arguments = 1,
	.run = run_mesh,
	.options = {
		{ "src", 0, "VM", "only these ask: one, or several with commas between them" },
		{ "dst", 0, "VM", "only these are asked, likewise" },
	},
};
