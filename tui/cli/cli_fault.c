/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault: something of a running lab is broken on purpose, and repaired, with a stopwatch. */
#include "tui/cli/cli_commands.h"

#include "lab/plan/fault.h"
#include "lab/render/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- list ---- */

static const char *ms_print(double ms, char text[32])
{
	if (ms > 0)
		(void)snprintf(text, 32, "%.1f ms", ms);
	else
		*text = '\0';
	return text;
}

static void add_row(struct table *table, const struct snapshot_fault *fault,
		    const struct snapshot_stopwatch *watch)
{
	char number[24], what[64], at[32], detected[32], withdrawn[32], rerouted[32], lost[24];
	char gap[32];
	const char *cells[] = { number,
				what,
				fault->target,
				fault->is_on ? "on" : "over",
				watch->of,
				at,
				detected,
				withdrawn,
				rerouted,
				lost,
				gap };

	(void)snprintf(number, sizeof(number), "%lld", (long long)fault->number);
	(void)snprintf(what, sizeof(what), "%s", fault->kind);
	if (fault->delay_ms > 0)
		(void)snprintf(what, sizeof(what), "%s %g ms", fault->kind, fault->delay_ms);
	(void)snprintf(lost, sizeof(lost), "%lld", (long long)watch->lost);
	(void)cli_print_clock(watch->time, at);
	(void)ms_print(watch->detected_ms, detected);
	(void)ms_print(watch->withdrawn_ms, withdrawn);
	(void)ms_print(watch->rerouted_ms, rerouted);
	(void)ms_print(watch->gap_ms, gap);
	table_add(table, cells);
}

static void print_faults(const struct cli *cli, const void *object)
{
	static const char *const headers[] = { "",         "Fault", "Target",   "State",
					       "Of",       "At",    "Detected", "Withdrawn",
					       "Rerouted", "Lost",  "Gap" };
	const struct snapshot_faults *faults = object;
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	for (size_t i = 0; i < faults->faults.count; i++) {
		const struct snapshot_fault *fault = &faults->faults.items[i];

		for (size_t n = 0; n < fault->stopwatches.count; n++)
			add_row(table, fault, &fault->stopwatches.items[n]);
	}
	if (faults->faults.count || cli->output == OUTPUT_TSV)
		cli_print_table(cli, table);
	else
		(void)printf("no fault is on, and none was\n");
	table_free(table);
}

static int list_faults(const struct cli *cli)
{
	struct snapshot_faults faults = { 0 };

	return cli_show_topic(cli, "faults", &snapshot_faults_record, &faults,
			      cli->output == OUTPUT_JSON ? NULL : print_faults);
}

/* ---- set and clear ---- */

static double read_ms(const char *text)
{
	char *end = (char *)text;
	double value = strspn(text, "0123456789.") ? strtod(text, &end) : 0;

	return value > 0 && (!*end || !strcmp(end, "ms")) ? value : 0;
}

static void print_answer(const struct snapshot_fault *fault)
{
	struct fault plain = { fault_kind_named(fault->kind), fault->target, fault->delay_ms };
	char text[260], clock[32];

	fault_print(&plain, text, sizeof(text));
	(void)printf("fault %lld is %s: %s", (long long)fault->number,
		     fault->is_on ? "on" : "cleared", text);
	if (fault->ends_at > 0)
		(void)printf(", until %s", cli_print_clock(fault->ends_at, clock));
	(void)putchar('\n');
}

/* The answer is the fault that was meant. */
static int ask(const struct cli *cli, json_t *request)
{
	struct arena *arena = arena_new();
	struct snapshot_fault fault = { 0 };
	const json_t *data = NULL;
	struct err err = { 0 };
	json_t *line = NULL;
	struct client *client;
	int code = EXIT_OK;

	client = cli_connect(cli, NULL, NULL, &code);
	if (!client) {
		json_decref(request);
	} else if (!client_send(client, request, &err)) {
		line = client_receive(client, &err);
		data = line ? client_data(line, &err) : NULL;
	}
	if (json_is_null(data) && cli->output != OUTPUT_JSON)
		(void)printf("all faults are cleared\n");
	else if (data && record_decode(&snapshot_fault_record, data, &fault, arena, &err) &&
		 cli->output != OUTPUT_JSON)
		print_answer(&fault);
	else if (data && !err.code)
		cli_print_json(json_pack("{s:O}", "fault", data));
	else if (client)
		code = cli_fail(err.code == -EINVAL || err.code == -ENOENT ? EXIT_USAGE
									   : EXIT_FAILED,
				"%s", err.text);
	json_decref(line);
	client_free(client);
	arena_free(arena);
	return code;
}

static int clear_fault(const struct cli *cli)
{
	const char *number = cli->argc > 1 ? cli->argv[1] : "";
	json_t *request = json_pack("{s:s}", "request", "fault_clear");

	if (cli->argc > 2 || cli_value(cli, "for")) {
		json_decref(request);
		return cli_usage(cli, "'clear' takes the number of a fault, or all");
	}
	if (!strcmp(number, "all")) {
		(void)json_object_set_new(request, "all", json_true());
	} else if (*number) {
		if (strspn(number, "0123456789") != strlen(number) || strlen(number) > 9 ||
		    !strtol(number, NULL, 10)) {
			json_decref(request);
			return cli_usage(cli, "'%s' is not the number of a fault, and not all",
					 number);
		}
		(void)json_object_set_new(request, "number",
					  json_integer(strtol(number, NULL, 10)));
	}
	return ask(cli, request);
}

static int set_fault(const struct cli *cli, enum fault_kind kind)
{
	const char *until = cli_value(cli, "for");
	double delay_ms = 0, for_ms = 0;

	if (cli->argc < 2)
		return cli_usage(cli, "'%s' needs a target", cli->argv[0]);
	if (kind == FAULT_DELAY && cli->argc < 3)
		return cli_usage(cli, "'delay' needs a target and milliseconds");
	if (kind != FAULT_DELAY && cli->argc > 2)
		return cli_usage(cli, "'%s' is one argument too many", cli->argv[2]);
	if (kind == FAULT_DELAY)
		delay_ms = read_ms(cli->argv[2]);
	if (kind == FAULT_DELAY && delay_ms <= 0)
		return cli_usage(cli, "'%s' is not a number of milliseconds", cli->argv[2]);
	if (until)
		for_ms = cli_read_time_ms(until);
	if (until && for_ms <= 0)
		return cli_usage(cli, "--for takes a time such as 500ms, 10s or 5m, not '%s'",
				 until);
	return ask(cli, json_pack("{s:s, s:s, s:s, s:f, s:f}", "request", "fault", "kind",
				  fault_kind_names[kind], "target", cli->argv[1], "delay_ms",
				  delay_ms, "for_ms", for_ms));
}

static int run_fault(const struct cli *cli)
{
	enum fault_kind kind = fault_kind_named(cli->argv[0]);

	if (strcmp(cli->argv[0], "ls") != 0 && cli_needs_lab(cli, cli->argv[0]))
		return EXIT_USAGE;
	if (kind != FAULT_KIND_COUNT)
		return set_fault(cli, kind);
	if (!strcmp(cli->argv[0], "clear"))
		return clear_fault(cli);
	if (strcmp(cli->argv[0], "ls") != 0)
		return cli_usage(cli, "'%s' is none of cut, drop, delay, kill, clear and ls",
				 cli->argv[0]);
	if (cli->argc > 1 || cli_value(cli, "for"))
		return cli_usage(cli, "'ls' takes nothing");
	return list_faults(cli);
}

static bool does_more_than_list(const struct cli *cli)
{
	return strcmp(cli->argv[0], "ls") != 0;
}

const struct command command_fault = {
	.name = "fault",
	.arguments = "cut|drop|kill TARGET, delay TARGET MS, clear [N|all], ls",
	.words = "break something of the running lab, and repair it",
	.more = "TARGET is a machine (all its links), a gateway or Route Server (all its "
		"instances), a NIC, a cable (PROVIDER/FAR-END, the machines at its ends), a "
		"circuit or one path of it (CIRCUIT/primary), an end of a tunnel or a connection "
		"(its tunnels). 'cut' takes the carrier from both ends, as when a cable is pulled; "
		"'drop' loses all packets silently; 'delay' adds so many milliseconds each way, to "
		"cables only; 'kill' ends the routing daemon of a machine or the charon of a "
		"tunnel's end (bird@MACHINE, or MACHINE), once: it is started again as after any "
		"crash, or, with --for, when the time is over. Faults are in no file, and neither "
		"set, step, undo nor mend touches them. 'ls' says of the latest, from when they "
		"were set and from when they were cleared: how long until a session, tunnel or "
		"daemon told it, until the first route of a NIC's table changed, until a probe "
		"that was lost was answered again; how many packets of probes were lost, and the "
		"longest gap.",
	.group = GROUP_CHANGE,
	.min_arguments = 1,
	.max_arguments = 3,
	.completes = { ARG_FAULT, ARG_TARGET },
	.changes = does_more_than_list,
	.run = run_fault,
	.options = { { "for", 0, "TIME", "clear it after that time: 500ms, 10s, 5m" }, CLI_FROM },
};
