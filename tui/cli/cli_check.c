/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check: all that is wrong with a lab file, or looks wrong. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "lab/lint/lint.h"
#include "lab/render/table.h"
#include "netns/guest/disk_image.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- the rules ---- */

static void print_rules(const struct cli *cli)
{
	static const char *const headers[] = { "Rule", "Severity", "Source", "Words" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));

	for (int id = 0; id < DIAG_COUNT; id++) {
		const struct diag_rule *rule = &diag_table[id];
		struct rule_source source = diag_rule_source(rule);

		table_add(table, (const char *const[]){ rule->name, severity_names[rule->severity],
							source.text, rule->words });
	}
	cli_print_table(cli, table);
	table_free(table);
}

static void print_rules_json(void)
{
	json_t *rules = json_array();

	for (int id = 0; id < DIAG_COUNT; id++) {
		const struct diag_rule *rule = &diag_table[id];

		(void)json_array_append_new(
			rules, json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule", rule->name,
					 "severity", severity_names[rule->severity], "source",
					 diag_rule_source(rule).text, "words", rule->words,
					 "example", rule->example));
	}
	cli_print_json(json_pack("{s:o}", "rules", rules));
}

/* ---- findings ---- */

static json_t *place_json(struct src_pos pos)
{
	return json_pack("{s:s, s:i, s:i}", "file", pos.file, "line", (int)pos.line, "column",
			 (int)pos.col);
}

static json_t *finding_json(const struct diag *diag)
{
	const struct diag_rule *rule = &diag_table[diag->id];
	json_t *json = place_json(diag->pos);

	(void)json_object_update_new(json,
				     json_pack("{s:s, s:s, s:s, s:s}", "rule", rule->name,
					       "severity", severity_names[rule->severity], "source",
					       diag_rule_source(rule).text, "text", diag->text));
	if (diag->hint)
		(void)json_object_set_new(json, "hint", json_string(diag->hint));
	if (diag->also.line)
		(void)json_object_set_new(json, "also", place_json(diag->also));
	return json;
}

static void print_json(const char *path, const struct lab *lab, const struct diags *diags)
{
	json_t *findings = json_array();

	for (size_t i = 0; i < diags->count; i++)
		(void)json_array_append_new(findings, finding_json(&diags->items[i]));
	cli_print_json(json_pack("{s:s, s:b, s:i, s:i, s:i, s:o}", "file", path, "is_valid",
				 lab != NULL, "errors", (int)diags->errors, "warnings",
				 (int)diags->warnings, "infos", (int)diags->infos, "findings",
				 findings));
}

static void print_tsv(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		const struct diag_rule *rule = &diag_table[diag->id];

		(void)printf("%s\t%u\t%u\t%s\t%s\t%s\n", diag->pos.file, diag->pos.line,
			     diag->pos.col, severity_names[rule->severity], rule->name, diag->text);
	}
}

static void print_count(size_t count, const char *noun)
{
	if (count)
		(void)printf(", %zu %s%s", count, noun, count == 1 ? "" : "s");
}

static void print_summary(const char *path, const struct lab *lab, const struct diags *diags)
{
	size_t vms = lab_vm_count(lab);

	(void)printf("%s: lab '%s' is valid: %zu virtual networks, %zu VMs", path, lab->name.value,
		     lab->virtual_networks.count, vms);
	if (vms + lab->internet.count < lab->vms.count)
		(void)printf(", %zu branch hosts", lab->vms.count - vms - lab->internet.count);
	if (lab->internet.count)
		(void)printf(", %zu Internet hosts", lab->internet.count);
	if (lab->steps.count)
		(void)printf(", %zu steps", lab->steps.count);
	print_count(diags->warnings, "warning");
	print_count(diags->infos, "note");
	(void)putchar('\n');
}

static int run_check(const struct cli *cli)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	CLEANUP(free_cleanup) char *text = NULL;
	char path[PATH_MAX];
	int code = EXIT_OK;
	struct lab *lab;
	size_t len = 0;

	if (cli_value(cli, "rules")) {
		if (cli->argc)
			return cli_usage(cli, "--rules is about no file");
		if (cli->output == OUTPUT_JSON)
			print_rules_json();
		else
			print_rules(cli);
		return EXIT_OK;
	}
	if (!cli->argc)
		return cli_usage(cli, "a FILE is missing");
	lab = cli_check_lab(cli->argv[0], path, sizeof(path), &text, &len, &diags, &code);
	if (!text)
		return code;
	if (lab)
		disk_images_check(lab, &diags);
	if (diags_error_count(&diags))
		code = EXIT_INVALID;
	if (cli->output == OUTPUT_JSON)
		print_json(path, lab, &diags);
	else if (cli->output == OUTPUT_TSV)
		print_tsv(&diags);
	else
		diags_print(&diags, text, len, stderr);
	if (lab && !code && cli->output == OUTPUT_TABLE)
		print_summary(path, lab, &diags);
	if (lab && diags.warnings && cli_value(cli, "strict"))
		code = EXIT_DIFFERENT;
	lab_free(lab);
	return code;
}

const struct command command_check = {
	.name = "check",
	.has_no_lab = true,
	.arguments = "[FILE]",
	.words = "say all that is wrong with a lab file, or looks wrong",
	.more = "Each finding names its place in the file and, in brackets, its rule; hublab help "
		"RULE says more of it. Errors refuse the file. Warnings do not: they are what "
		"Azure takes, but hardly anyone means; nor does information, which a review of the "
		"design would ask about, and which check alone prints. A comment behind the line, "
		"or alone on the one before it, says that a finding is meant to be: "
		"# ignore: RULE reason.",
	.group = GROUP_LABS,
	.max_arguments = 1,
	.completes = { ARG_FILE },
	.run = run_check,
	.options = {
		{ "rules", 0, NULL, "list the rules: name, severity, where from, words" },
		{ "strict", 0, NULL, "end with 4 when there is a warning" },
	},
};
