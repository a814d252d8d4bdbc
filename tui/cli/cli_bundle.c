/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bundle: all that a running lab says, in one file, to be looked at elsewhere. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/snapshot/redact.h"
#include "tui/cli/cli_follow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Ways of flows are computed by the lab, one after the other: of more probes it has the first. */
#define PATHS_MAX 1000

struct bundler {
	char *lab;
	struct client *client;
	struct arena *arena;
	json_t *topics, *refused;
	struct err err;
};

/* A refusal is an answer, too; what ends the connection is not. */
static void put_answer(struct bundler *b, const char *name, json_t *json, const struct err *err)
{
	if (json)
		(void)json_object_set_new(b->topics, name, json);
	else if (err->code == -EPIPE || err->code == -ETIMEDOUT || err->code == -EPROTO)
		err_set(&b->err, err->code, "%s: %s", name, err->text);
	else
		(void)json_object_set_new(
			b->refused, name,
			json_pack("{s:i, s:s}", "code", err->code, "text", err->text));
}

static bool has(const struct bundler *b, const char *name)
{
	return json_object_get(b->topics, name) || json_object_get(b->refused, name);
}

static void add_topic(struct bundler *b, const char *name)
{
	struct err err = { 0 };

	if (!b->err.code && !has(b, name))
		put_answer(b, name, client_topic_json(b->client, name, &err), &err);
}

static const json_t *rows_of(const struct bundler *b, const char *topic)
{
	return json_object_get(json_object_get(b->topics, topic), topic);
}

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

/* Rows and reasons are equal in all of a subnet, which has a name of its own in Azure's networks.
 */
static bool is_first_of_subnet(json_t *seen, const char *subnet)
{
	bool is_first = !json_object_get(seen, subnet);

	(void)json_object_set_new(seen, subnet, json_true());
	return is_first || !strchr(subnet, '/');
}

static void add_of_nic(struct bundler *b, const char *name, bool has_routes)
{
	if (has_routes) {
		add_topic(b, arena_printf(b->arena, "routes/%s", name));
		add_topic(b, arena_printf(b->arena, "why/%s", name));
	}
	add_topic(b, arena_printf(b->arena, "nsg/%s", name));
}

/* By NICs; of machines that have several what the lab answers when it is not clear which. */
static void add_nics(struct bundler *b)
{
	const char *before = "", *vm;
	json_t *seen = json_object(), *row;
	size_t i;

	json_array_foreach(rows_of(b, "vms"), i, row) {
		vm = text_of(row, "vm");
		add_of_nic(b, text_of(row, "nic"),
			   is_first_of_subnet(seen, text_of(row, "subnet")));
		if (!strcmp(vm, before))
			add_of_nic(b, vm, true);
		before = vm;
	}
	json_decref(seen);
}

/* ---- BGP ---- */

/* What daemons tell is asked of them now, so it comes after a moment. */
static void add_advertised(struct bundler *b, const char *name)
{
	struct err err = { 0 };

	if (!b->err.code && !has(b, name))
		put_answer(b, name, client_topic_whole(b->client, name, &err), &err);
}

/* By all names that a peer has. */
static void add_peers(struct bundler *b, const char *name)
{
	static const char *const names[] = { "neighbor", "peer_node", "peer_name" };
	const json_t *bgp = json_object_get(b->topics, arena_printf(b->arena, "bgp/%s", name));
	json_t *speaker, *peer;
	size_t i, n;

	json_array_foreach(json_object_get(bgp, "speakers"), i, speaker) {
		json_array_foreach(json_object_get(speaker, "peers"), n, peer) {
			for (size_t k = 0; k < ARRAY_SIZE(names); k++)
				if (*text_of(peer, names[k]))
					add_advertised(b,
						       arena_printf(b->arena, "advertised/%s %s",
								    name, text_of(peer, names[k])));
		}
	}
}

static void add_speaker(struct bundler *b, const char *name)
{
	const char *topic = arena_printf(b->arena, "bgp/%s", name);

	if (!*name || has(b, topic))
		return;
	add_topic(b, topic);
	add_peers(b, name);
}

/* Instances, and the gateways and Route Servers that they make up. */
static void add_speakers(struct bundler *b)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows_of(b, "nodes"), i, row) {
		if (!json_object_get(row, "daemon") &&
		    !json_integer_value(json_object_get(row, "sessions")))
			continue;
		add_speaker(b, text_of(row, "name"));
		add_speaker(b, text_of(row, "part_of"));
	}
}

/* ---- ways ---- */

/* First of those that are not as they should be. */
static void add_paths(struct bundler *b)
{
	size_t i, count = 0;
	json_t *probe;

	for (int pass = 0; pass < 2; pass++) {
		json_array_foreach(rows_of(b, "probes"), i, probe) {
			bool is_green = !strcmp(text_of(probe, "colour"), "green");

			if (is_green != (pass == 1) || count++ >= PATHS_MAX)
				continue;
			add_topic(b,
				  arena_printf(b->arena, "path/%s %s %s", text_of(probe, "from"),
					       text_of(probe, "to"), text_of(probe, "protocol")));
		}
	}
}

/* ---- all of it ---- */

static void show_nothing(void *arg, const json_t *progress)
{
	(void)arg;
	(void)progress;
}

/* What became of expectations; where the lab refuses to look, that is the answer. */
static json_t *ask_test(struct bundler *b)
{
	struct err err = { 0 };
	json_t *line = NULL, *data = NULL;

	client_wait_at_most(b->client, CLI_TEST_SILENT_S);
	if (!client_send(b->client, json_pack("{s:s}", "request", "test"), &err))
		line = cli_await(b->client, show_nothing, NULL, &err);
	if (line)
		data = json_incref((json_t *)client_data(line, &err));
	if (!data)
		put_answer(b, "test", NULL, &err);
	json_decref(line);
	return data;
}

/* What happened since, which may have changed what was read before it. */
static int64_t events_since(const struct bundler *b, double time)
{
	int64_t count = 0;
	json_t *event;
	size_t i;

	json_array_foreach(rows_of(b, "events"), i, event)
		count += json_number_value(json_object_get(event, "time")) >= time &&
			 strcmp(text_of(event, "kind"), "slow") != 0;
	return count;
}

static void add_all(struct bundler *b)
{
	static const char *const first[] = { "lab",     "file",     "nodes",  "vms",    "probes",
					     "tunnels", "sessions", "faults", "targets" };

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		add_topic(b, first[i]);
	add_nics(b);
	add_speakers(b);
	add_paths(b);
	add_topic(b, "flows");
	add_topic(b, "events");
}

/* The document, or NULL with b->err. */
static json_t *collect(const struct cli *cli, struct bundler *b, size_t *ret_secrets)
{
	struct bundle_head head = { .lab = b->lab,
				    .hublab = HUBLAB_VERSION,
				    .taken_at = cli_now(cli),
				    .has_secrets = cli_value(cli, "with-secrets") };
	double start_s = cli_now_s();
	json_t *test = NULL;

	add_all(b);
	head.took_ms = (cli_now_s() - start_s) * 1000;
	head.changed = events_since(b, head.taken_at);
	if (cli_value(cli, "test") && !b->err.code)
		test = ask_test(b);
	if (!b->err.code && !head.has_secrets)
		(void)redact_topics(b->topics, ret_secrets, &b->err);
	if (!b->err.code)
		return bundle_make(&head, cli_host(), json_incref(b->topics),
				   json_incref(b->refused), test);
	json_decref(test);
	return NULL;
}

static const char *default_path(const char *lab, struct arena *arena)
{
	time_t now = time(NULL);
	char stamp[32];
	struct tm tm;

	(void)localtime_r(&now, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	return arena_printf(arena, "%s-%s.hublab.json", lab, stamp);
}

/* For its owner alone: it says how somebody's network is made. */
static int write_bundle(const json_t *document, const char *path, size_t *ret_len, struct err *err)
{
	CLEANUP(free_cleanup) char *text = bundle_print(document, ret_len);

	if (strcmp(path, "-") != 0)
		return cli_write_file(path, text, *ret_len, 0600, err);
	if (fwrite(text, 1, *ret_len, stdout) != *ret_len || fflush(stdout))
		return err_set(err, -EIO, "standard output: %s", strerror(errno));
	return 0;
}

static void report(const struct cli *cli, const char *path, size_t topic_count, size_t len,
		   size_t secrets)
{
	bool has_secrets = cli_value(cli, "with-secrets");
	FILE *out = strcmp(path, "-") == 0 ? stderr : stdout;

	if (cli->output == OUTPUT_JSON && out == stdout) {
		cli_print_json(json_pack("{s:s, s:I, s:I, s:I, s:b}", "bundle", path, "topics",
					 (json_int_t)topic_count, "bytes", (json_int_t)len,
					 "redacted", (json_int_t)secrets, "has_secrets",
					 has_secrets));
		return;
	}
	(void)fprintf(out, "%s: %zu topics, %zu KiB", path, topic_count, (len + 1023) / 1024);
	if (has_secrets)
		(void)fprintf(out, "; pre-shared keys are in it");
	else if (secrets)
		(void)fprintf(out, "; %zu pre-shared %s REDACTED in it", secrets,
			      secrets == 1 ? "key is" : "keys are");
	(void)fputc('\n', out);
}

static int make(const struct cli *cli, struct bundler *b)
{
	const char *path = cli->argc ? cli->argv[0] : default_path(b->lab, b->arena);
	size_t secrets = 0, len = 0;
	json_t *document;

	if (strcmp(path, "-") != 0 && !access(path, F_OK) && !cli_value(cli, "force"))
		return cli_fail(EXIT_FAILED, "%s exists: --force writes over it", path);
	document = collect(cli, b, &secrets);
	if (document)
		(void)write_bundle(document, path, &len, &b->err);
	json_decref(document);
	if (b->err.code)
		return cli_fail(EXIT_FAILED, "%s", b->err.text);
	report(cli, path, json_object_size(b->topics), len, secrets);
	return EXIT_OK;
}

static int run_bundle(const struct cli *cli)
{
	struct bundler b = { 0 };
	int code = EXIT_OK;

	b.client = cli_connect(cli, NULL, &b.lab, &code);
	if (!b.client)
		return code;
	b.arena = arena_new();
	b.topics = json_object();
	b.refused = json_object();
	code = make(cli, &b);
	json_decref(b.topics);
	json_decref(b.refused);
	client_free(b.client);
	arena_free(b.arena);
	free(b.lab);
	return code;
}

const struct command command_bundle = {
	.name = "bundle",
	.arguments = "[FILE]",
	.words = "write all that a lab says into one file, to be looked at elsewhere",
	.more = "The file has the lab file with its steps and changes, and what the lab says now: "
		"routes and security rules of every NIC with their reasons, BGP, tunnels, probes, "
		"the ways of their flows, flows, faults and events; and what this host can do. "
		"Every command that only looks answers from it, as hublab help show says. "
		"Pre-shared keys are taken out, and the lab file can be run all the same; names "
		"and addresses stay. FILE is LAB-DATE-TIME.hublab.json if not given, and standard "
		"output if it is '-'; only its owner may read it.",
	.group = GROUP_LOOK,
	.max_arguments = 1,
	.run = run_bundle,
	.options = { { "with-secrets", 0, NULL, "leave pre-shared keys as they are" },
		     { "test", 0, NULL,
		       "hold the lab against what its file expects, and keep that too" },
		     { "force", 0, NULL, "write over a FILE that exists" } },
};
