/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of the lab file: the language of lab/model, key by key. */
#include "tui/cli/cli_man.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab.h"
#include "tui/cli/cli_files.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

static const char *const description[] = {
	"A lab file describes one lab, in YAML: a mapping of keys to values. Keys are those of "
	"Azure "
	"Resource Manager in snake_case. What Azure would choose may be left out: machines get the "
	"first addresses of their subnet that Azure does not keep, gateways and MSEEs stand where "
	"Azure puts them.",
	"Objects stand under their names, in mappings; other keys refer to them by these names. "
	"Letter case does not count. Where several addresses or prefixes may stand, one alone "
	"needs no list.",
	"A file can describe several states of its lab. The first of the steps is what the top "
	"level "
	"says; each further one is the state it goes on from with the values in its set put at "
	"their "
	"paths: keys, names and places in lists with '/' between, such as "
	"providers/isp/links/0/delay_ms. A value of nothing takes away what is there. What is "
	"expected at the top level must be seen in every step, what is expected in a step only in "
	"it; "
	"hublab test looks. An expectation is about a flow (from, to), a row of effective routes "
	"(routes, prefix) or a session and what it brings (bgp).",
};

/* ---- keys ---- */

static void add(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);

	(void)snprintf(text + len, size - len, "%s", more);
}

static void add_choices(char *text, size_t size, const struct choice_name *choices)
{
	for (const struct choice_name *choice = choices; choice->name; choice++) {
		if (choice != choices)
			add(text, size, choice[1].name ? ", " : " or ");
		add(text, size, choice->name);
	}
}

static void add_range(char *text, size_t size, const struct field *field)
{
	char range[64];

	(void)snprintf(range, sizeof(range), " from %.15g to %.15g", field->min, field->max);
	add(text, size, range);
}

static void add_object(char *text, size_t size, const char *what, const struct field *field)
{
	const char *noun = field->object->noun;

	add(text, size, what);
	add(text, size, strchr("AEIOaeio", *noun) ? "an " : "a ");
	add(text, size, noun);
}

/* What may stand behind the key. */
static void add_kind(char *text, size_t size, const struct field *field)
{
	switch (field->kind) {
	case FIELD_TEXT:
		if (field->choices)
			add_choices(text, size, field->choices);
		else
			add(text, size, "text");
		return;
	case FIELD_NAME:
		add(text, size, "a name");
		return;
	case FIELD_TEXTS:
		add(text, size, "texts");
		return;
	case FIELD_FLAG:
		add(text, size, "true or false");
		return;
	case FIELD_NUMBER:
		add(text, size, "a whole number");
		add_range(text, size, field);
		return;
	case FIELD_NUMBERS:
		add(text, size, "whole numbers");
		add_range(text, size, field);
		return;
	case FIELD_DECIMAL:
		add(text, size, "a number");
		add_range(text, size, field);
		return;
	case FIELD_CHOICE:
		add_choices(text, size, field->choices);
		return;
	case FIELD_ADDRESS:
		add(text, size, "an address");
		return;
	case FIELD_ADDRESSES:
		add(text, size, "addresses");
		return;
	case FIELD_SPACES:
		add(text, size, "prefixes");
		return;
	case FIELD_REF:
		add(text, size, "a reference");
		return;
	case FIELD_RANGE:
		add(text, size, "[LOWEST, HIGHEST] or the highest");
		add_range(text, size, field);
		return;
	case FIELD_DURATION:
		add(text, size, "a time such as 500ms, 5s or 2m");
		return;
	case FIELD_CHANGES:
		add(text, size, "a mapping, each path to its value; nothing takes away");
		return;
	case FIELD_OBJECT:
		add(text, size, "a mapping");
		return;
	case FIELD_MAP:
		add_object(text, size, "a mapping, each name to ", field);
		return;
	case FIELD_LIST:
		add_object(text, size, "a list, each item ", field);
		return;
	}
}

static void write_key(struct roff *page, const struct field *field)
{
	char remark[256] = "(";

	add_kind(remark, sizeof(remark), field);
	if (field->is_required)
		add(remark, sizeof(remark), "; required");
	if (field->fallback) {
		add(remark, sizeof(remark), "; default ");
		add(remark, sizeof(remark), field->fallback);
	}
	add(remark, sizeof(remark), ")");
	roff_named_entry(page, field->key, remark);
	roff_sentence(page, field->words);
}

/* The kinds of object that the page has. */
struct kinds {
	const struct schema *written[64];
	size_t count;
};

static bool is_written(struct kinds *kinds, const struct schema *schema)
{
	for (size_t i = 0; i < kinds->count; i++)
		if (kinds->written[i] == schema)
			return true;
	if (kinds->count < ARRAY_SIZE(kinds->written))
		kinds->written[kinds->count++] = schema;
	return false;
}

/* An object and then those within it, each under the path that leads to it. */
static void write_object(struct roff *page, struct kinds *kinds, const struct schema *schema,
			 const char *path)
{
	char title[256], text[256];

	(void)snprintf(title, sizeof(title), "%s%s%s", schema->noun, *path ? ": " : "", path);
	title[0] = (char)toupper((unsigned char)title[0]);
	roff_subsection(page, title);
	if (is_written(kinds, schema)) {
		roff_paragraph(page, "As above.");
		return;
	}
	if (schema->main) {
		(void)snprintf(text, sizeof(text),
			       "In short: a value in the place of the mapping is its %s.",
			       schema->main);
		roff_paragraph(page, text);
	}
	for (size_t i = 0; i < schema->field_count; i++)
		write_key(page, &schema->fields[i]);
	for (size_t i = 0; i < schema->field_count; i++) {
		const struct field *field = &schema->fields[i];
		char below[200];

		if (!field->object)
			continue;
		(void)snprintf(below, sizeof(below), "%s%s%s%s", path, *path ? "." : "", field->key,
			       field->kind == FIELD_MAP      ? ".NAME"
			       : field->kind == FIELD_OBJECT ? ""
							     : "[]");
		write_object(page, kinds, field->object, below);
	}
}

/* ---- diagnostics, example ---- */

static void write_rules(struct roff *page)
{
	char text[500];

	roff_section(page, "DIAGNOSTICS");
	(void)snprintf(
		text, sizeof(text),
		"All that is wrong with a file is printed at once, in the order of the file "
		"and up to %d findings: where it is, what is wrong, the rule in brackets, "
		"where it can be guessed the way out, and the other place when two do not go "
		"together. An error refuses the file; a warning says what Azure takes, but "
		"hardly anyone means; information is what a review of the design would ask about, "
		"and what check alone prints.",
		DIAG_MAX);
	roff_paragraph(page, text);
	roff_paragraph(page, "A finding that is meant to be, and is no error, is ignored by a "
			     "comment behind its line, or alone on the line before it, that names "
			     "the rule and a reason:");
	roff_example(page, "hub-ergw: { virtual_network: hub } # ignore: unconnected until step 3");
	roff_example(page, "lab.yaml:26:11: error: there is no virtual network 'hub-vnt' "
			   "[unknown-name]");
	roff_paragraph(page, "The rules, each with a line that breaks it:");
	for (int i = 0; i < DIAG_COUNT; i++) {
		const struct diag_rule *rule = &diag_table[i];

		roff_named_entry(page, rule->name, NULL);
		roff_text(page, rule->words);
		if (rule->severity == SEVERITY_WARNING)
			roff_text(page, "This is a warning.");
		if (rule->severity == SEVERITY_INFO)
			roff_text(page, "This is information.");
		roff_indent(page);
		roff_example(page, rule->example);
		roff_outdent(page);
	}
}

#define EXAMPLE "vpner" /* a template that the tests run */

static int write_example(struct roff *page, struct err *err)
{
	CLEANUP(free_cleanup) char *text = NULL;
	char path[PATH_MAX] = "";
	struct arena *arena = arena_new();
	struct cli_templates templates = cli_templates(arena);
	size_t len;

	for (size_t i = 0; i < templates.count; i++)
		if (!strcmp(templates.items[i].name, EXAMPLE))
			text = cli_read_file(templates.items[i].path, path, sizeof(path), &len,
					     err);
	arena_free(arena);
	if (!text)
		return err->code ? err->code
				 : err_set(err, -ENOENT, "there is no template '%s'", EXAMPLE);
	roff_section(page, "EXAMPLES");
	roff_paragraph(page, "The template " EXAMPLE ":");
	roff_example(page, text);
	return 0;
}

int man_write_lab_file(struct roff *page, struct err *err)
{
	roff_section(page, "DESCRIPTION");
	for (size_t i = 0; i < ARRAY_SIZE(description); i++)
		roff_paragraph(page, description[i]);
	roff_paragraph(page, diag_table[DIAG_BAD_NAME].words);
	roff_paragraph(page, rule_name_words);
	roff_section(page, "KEYS");
	write_object(page, &(struct kinds){ .count = 0 }, &lab_schema, "");
	write_rules(page);
	return write_example(page, err);
}
