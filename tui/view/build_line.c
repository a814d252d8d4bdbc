/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes and security rules in the one line in which lab files have them. */
#include "tui/view/build_parts.h"

#include <stdio.h>
#include <string.h>

struct form_field *build_field_of(const struct build *build, const char *key)
{
	for (size_t i = 0; i < build->form.count; i++)
		if (!strcmp(build->form.fields[i].label, key))
			return (struct form_field *)&build->form.fields[i];
	return NULL;
}

static void fill(const struct build *build, const char *key, const char *text, size_t len)
{
	struct form_field *field = build_field_of(build, key);
	char copy[LINE_SIZE];

	(void)snprintf(copy, sizeof(copy), "%.*s", (int)len, text);
	if (field)
		line_set(&field->line, copy);
}

/* The next word, and its length; "" when there is none. */
static const char *next_word(const char **at, size_t *ret_len)
{
	const char *word = *at + strspn(*at, " ");

	*ret_len = strcspn(word, " ");
	*at = word + *ret_len;
	return word;
}

/* SOURCE[:PORTS]; IPv6 stands in brackets. */
static void fill_side(const struct build *build, const char *addresses, const char *ports,
		      const char *word, size_t len)
{
	size_t colon = 0;
	bool is_inside = false;

	for (; colon < len && (is_inside || word[colon] != ':'); colon++)
		is_inside = word[colon] == '[' || (is_inside && word[colon] != ']');
	fill(build, addresses, word, colon);
	fill(build, ports, colon < len ? word + colon + 1 : "*", colon < len ? len - colon - 1 : 1);
}

static bool is_rule(const struct build *build)
{
	return build_schema(build->kind)->is_rule;
}

void build_line_fill(struct build *build, const char *line)
{
	static const char *const rule[] = { "priority", "direction", "access", "protocol" };
	static const char *const route[] = { "address_prefix", "next_hop_type",
					     "next_hop_ip_address" };
	bool is_of_rule = is_rule(build);
	const char *const *keys = is_of_rule ? rule : route;
	size_t count = is_of_rule ? ARRAY_SIZE(rule) : ARRAY_SIZE(route), len;
	const char *word;

	for (size_t i = 0; i < count; i++) {
		word = next_word(&line, &len);
		fill(build, keys[i], word, len);
	}
	if (!is_of_rule)
		return;
	word = next_word(&line, &len);
	fill_side(build, "source_address_prefixes", "source_port_ranges", word, len);
	(void)next_word(&line, &len); /* the arrow */
	word = next_word(&line, &len);
	fill_side(build, "destination_address_prefixes", "destination_port_ranges", word, len);
}

/* A word: without the blanks that may stand behind commas. */
static const char *word_of(const struct build *build, const char *key)
{
	const struct form_field *field = build_field_of(build, key);
	char *text = arena_strdup(build->scratch, field ? field->line.text : ""), *to = text;

	for (const char *c = text; *c; c++)
		if (*c != ' ')
			*to++ = *c;
	*to = '\0';
	return text;
}

static const char *side_of(const struct build *build, const char *addresses, const char *ports)
{
	const char *whom = word_of(build, addresses), *which = word_of(build, ports);

	whom = *whom ? whom : "*";
	if (strchr(whom, ':') && *whom != '[')
		whom = arena_printf(build->scratch, "[%s]", whom);
	return arena_printf(build->scratch, "%s:%s", whom, *which ? which : "*");
}

static const char *rule_line(const struct build *build)
{
	return arena_printf(
		build->scratch, "%s %s %s %s %s -> %s", word_of(build, "priority"),
		word_of(build, "direction"), word_of(build, "access"), word_of(build, "protocol"),
		side_of(build, "source_address_prefixes", "source_port_ranges"),
		side_of(build, "destination_address_prefixes", "destination_port_ranges"));
}

static const char *route_line(const struct build *build)
{
	const char *by = word_of(build, "next_hop_ip_address");

	return arena_printf(build->scratch, "%s %s%s%s", word_of(build, "address_prefix"),
			    word_of(build, "next_hop_type"), *by ? " " : "", by);
}

const char *build_line(const struct build *build)
{
	const struct field *main = &build_schema(build->kind)->fields[0];
	const struct form_field *words = build_field_of(build, "description");
	const char *line = build_yaml(main, is_rule(build) ? rule_line(build) : route_line(build),
				      build->scratch);

	if (!words || !*words->line.text)
		return line;
	return arena_printf(build->scratch, "{ %s: %s, description: %s }", main->key, line,
			    build_yaml(main, words->line.text, build->scratch));
}
