/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/json_schema.h"

#include "lab/base/diag.h"
#include "lab/render/json_tree.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

#define BYTE    "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define IPV4    BYTE "(\\." BYTE "){3}"
#define IPV6    "[0-9A-Fa-f:]*:[0-9A-Fa-f:]*(:" IPV4 ")?" /* where colons may stand is not said */
#define LENGTH  "/(3[0-2]|[12]?[0-9])"
#define LENGTH6 "/(12[0-8]|1[01][0-9]|[1-9]?[0-9])"

/* What is_object_name() and is_rule_name() take. */
#define NAME      "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
#define RULE_NAME "^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$"

/* A scalar of a lab file is text, but a reader of YAML that knows types makes these of it. */
static json_t *of_type(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *matching(const char *pattern)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

/* "^[Ff][Aa][Ss][Tt]$": letter case does not count. */
static json_t *matching_word(const char *word)
{
	char pattern[256] = "^";
	size_t len = 1;

	for (; *word && len + 6 < sizeof(pattern); word++) {
		int low = tolower((unsigned char)*word), high = toupper((unsigned char)*word);

		len += (size_t)snprintf(pattern + len, sizeof(pattern) - len,
					low == high ? "[%c]" : "[%c%c]", high, low);
	}
	(void)snprintf(pattern + len, sizeof(pattern) - len, "$");
	return matching(pattern);
}

static json_t *any_of(json_t *first, json_t *second)
{
	return json_pack("{s:[o, o]}", "anyOf", first, second);
}

static json_t *reference(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "#/$defs/%s", name);
	return json_pack("{s:s}", "$ref", path);
}

/* ---- values ---- */

static json_t *one_or_list(const char *name, int min_items)
{
	return any_of(reference(name), json_pack("{s:s, s:i, s:o}", "type", "array", "minItems",
						 min_items, "items", reference(name)));
}

static void define_values(json_t *defs)
{
	json_t *name =
		json_pack("{s:s, s:[o, o, o]}", "description", diag_table[DIAG_BAD_NAME].words,
			  "anyOf", matching(NAME), of_type("boolean"),
			  json_pack("{s:s, s:i}", "type", "number", "minimum", 0));
	json_t *flag = json_pack("{s:[o, o, o]}", "anyOf", of_type("boolean"),
				 matching_word("true"), matching_word("false"));

	json_set(defs, "text", json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean"));
	json_set(defs, "name", name);
	json_set(defs, "rule-name",
		 json_pack("{s:s, s:o}", "description", rule_name_words, "anyOf",
			   json_pack("[o, o]", matching(RULE_NAME), of_type("boolean"))));
	json_set(defs, "flag", flag);
	json_set(defs, "address", matching("^(" IPV4 "|" IPV6 ")$"));
	json_set(defs, "prefix", matching("^(" IPV4 LENGTH "|" IPV6 LENGTH6 ")$"));
	json_set(defs, "duration", matching("^[0-9]+(\\.[0-9]*)?(ms|s|m)$"));
	json_set(defs, "range",
		 any_of(reference("measure"),
			json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items",
				  reference("measure"), "minItems", 1, "maxItems", 2)));
	json_set(defs, "measure",
		 any_of(json_pack("{s:s, s:i}", "type", "number", "minimum", 0),
			matching("^[0-9]+(\\.[0-9]*)?$")));
	json_set(defs, "changes", json_pack("{s:[s, s]}", "type", "object", "null"));
	json_set(defs, "addresses", one_or_list("address", 0));
	json_set(defs, "prefixes", one_or_list("prefix", 0));
	json_set(defs, "some-addresses", one_or_list("address", 1));
	json_set(defs, "some-prefixes", one_or_list("prefix", 1));
}

/* Whole where it is, so that it prints as one would write it. */
static json_t *number_of(double value)
{
	return fabs(value) < 1e15 && trunc(value) == value ? json_integer((json_int_t)value)
							   : json_real(value);
}

/* A number, or one in quotes, whose bounds only the reader checks. */
static json_t *number_schema(const struct field *field)
{
	bool is_whole = field->kind != FIELD_DECIMAL;

	return any_of(json_pack("{s:s, s:o, s:o}", "type", is_whole ? "integer" : "number",
				"minimum", number_of(field->min), "maximum", number_of(field->max)),
		      matching(is_whole ? "^[0-9]+$" : "^[0-9]+(\\.[0-9]*)?$"));
}

/* The names as an editor offers them, then each in any letter case. */
static json_t *choice_schema(const struct field *field)
{
	json_t *names = json_array();
	json_t *any = json_pack("[{s:o}]", "enum", names);

	for (const struct choice_name *choice = field->choices; choice->name; choice++) {
		json_append(names, json_string(choice->name));
		json_append(any, matching_word(choice->name));
	}
	return json_pack("{s:o}", "anyOf", any);
}

/* ---- objects ---- */

struct noun {
	char text[64];
};

/* Under which name the schema has a kind of object: its noun, without blanks. */
static struct noun noun_of(const struct schema *schema)
{
	struct noun noun;

	(void)snprintf(noun.text, sizeof(noun.text), "%s", schema->noun);
	for (char *c = noun.text; *c; c++)
		if (*c == ' ')
			*c = '-';
	return noun;
}

/* The collections may be left empty: `vms:` is none. */
static json_t *map_schema(const struct field *field)
{
	return json_pack("{s:[s, s], s:o, s:o}", "type", "object", "null", "propertyNames",
			 reference(field->object->is_rule ? "rule-name" : "name"),
			 "additionalProperties", reference(noun_of(field->object).text));
}

static json_t *list_schema(const struct field *field)
{
	return json_pack("{s:[s, s], s:o}", "type", "array", "null", "items",
			 reference(noun_of(field->object).text));
}

static json_t *value_schema(const struct field *field)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return field->choices ? choice_schema(field) : reference("text");
	case FIELD_REF:
		return reference("text");
	case FIELD_NAME:
		return reference("name");
	case FIELD_FLAG:
		return reference("flag");
	case FIELD_NUMBER:
	case FIELD_DECIMAL:
		return number_schema(field);
	case FIELD_TEXTS:
		return any_of(reference("text"),
			      json_pack("{s:s, s:o}", "type", "array", "items", reference("text")));
	case FIELD_NUMBERS:
		return any_of(number_schema(field), json_pack("{s:s, s:o}", "type", "array",
							      "items", number_schema(field)));
	case FIELD_CHOICE:
		return choice_schema(field);
	case FIELD_ADDRESS:
		return reference("address");
	case FIELD_ADDRESSES:
		return reference(field->is_required ? "some-addresses" : "addresses");
	case FIELD_SPACES:
		return reference(field->is_required ? "some-prefixes" : "prefixes");
	case FIELD_RANGE:
		return reference("range");
	case FIELD_DURATION:
		return reference("duration");
	case FIELD_CHANGES:
		return reference("changes");
	case FIELD_OBJECT:
		return reference(noun_of(field->object).text);
	case FIELD_MAP:
		return map_schema(field);
	case FIELD_LIST:
		return list_schema(field);
	}
	return json_object();
}

static json_t *fallback_of(const struct field *field)
{
	if (field->kind == FIELD_FLAG)
		return json_boolean(!strcmp(field->fallback, "true"));
	if (field->kind == FIELD_NUMBER || field->kind == FIELD_DECIMAL)
		return number_of(strtod(field->fallback, NULL));
	return json_string(field->fallback);
}

static json_t *field_schema(const struct field *field)
{
	json_t *out = json_pack("{s:s}", "description", field->words);

	if (field->fallback)
		json_set(out, "default", fallback_of(field));
	if (json_object_update_missing_new(out, value_schema(field)))
		abort();
	return out;
}

/* The mapping itself. */
static json_t *object_schema(const struct schema *schema)
{
	json_t *properties = json_object(), *required = json_array();

	for (size_t i = 0; i < schema->field_count; i++) {
		const struct field *field = &schema->fields[i];

		json_set(properties, field->key, field_schema(field));
		if (field->is_required)
			json_append(required, json_string(field->key));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties,
			 "required", required, "additionalProperties", 0);
}

static const struct field *main_field(const struct schema *schema)
{
	for (size_t i = 0; schema->main && i < schema->field_count; i++)
		if (!strcmp(schema->fields[i].key, schema->main))
			return &schema->fields[i];
	return NULL;
}

static bool has_required_field(const struct schema *schema)
{
	for (size_t i = 0; i < schema->field_count; i++)
		if (schema->fields[i].is_required)
			return true;
	return false;
}

/* An object where one may stand: a mapping, its short form, or nothing when it needs nothing. */
static json_t *forms_of(const struct schema *schema)
{
	const struct field *main = main_field(schema);
	json_t *forms = json_array();

	json_append(forms, object_schema(schema));
	if (main)
		json_append(forms, value_schema(main));
	if (!has_required_field(schema))
		json_append(forms, of_type("null"));
	return json_pack("{s:s, s:o}", "title", schema->noun, "anyOf", forms);
}

/* Those that stand below an object, each once. */
static void define_objects(json_t *defs, const struct schema *schema)
{
	for (size_t i = 0; i < schema->field_count; i++) {
		const struct schema *below = schema->fields[i].object;

		if (!below || json_object_get(defs, noun_of(below).text))
			continue;
		json_set(defs, noun_of(below).text, forms_of(below));
		define_objects(defs, below);
	}
}

json_t *json_schema_new(const struct schema *schema, const char *title, const char *description)
{
	json_t *defs = json_object();
	json_t *out = json_pack("{s:s, s:s, s:s}", "$schema", DIALECT, "title", title,
				"description", description);

	if (json_object_update_new(out, object_schema(schema)))
		abort();
	define_values(defs);
	define_objects(defs, schema);
	json_set(out, "$defs", defs);
	return out;
}
