/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON Schema of the lab file says what the tables say, for every object and every key. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/model/lab.h"
#include "lab/render/json_schema.h"

#include <jansson.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	*state = json_schema_new(&lab_schema, "t", "d");
	return !*state;
}

static int tear_down(void **state)
{
	json_decref(*state);
	return 0;
}

static const json_t *get(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);

	if (!value)
		fail_msg("there is no '%s'", key);
	return value;
}

static const char *get_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(get(json, key));

	assert_non_null(text);
	return text;
}

/* What "$ref" points to; without one, the same. */
static const json_t *follow(const json_t *root, const json_t *json)
{
	static const char before[] = "#/$defs/";
	const char *path = json_string_value(json_object_get(json, "$ref"));

	if (!path)
		return json;
	assert_memory_equal(path, before, strlen(before));
	return get(get(root, "$defs"), path + strlen(before));
}

static bool has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), text))
			return true;
	return false;
}

static void check_number(const json_t *json, const struct field *field)
{
	const json_t *number = json_array_get(get(json, "anyOf"), 0);

	assert_string_equal(get_text(number, "type"),
			    field->kind == FIELD_DECIMAL ? "number" : "integer");
	assert_true(json_number_value(get(number, "minimum")) == field->min);
	assert_true(json_number_value(get(number, "maximum")) == field->max);
}

static void check_choice(const json_t *json, const struct field *field)
{
	const json_t *names = get(json_array_get(get(json, "anyOf"), 0), "enum");
	size_t count = 0;

	for (; field->choices[count].name; count++)
		assert_true(has_text(names, field->choices[count].name));
	assert_int_equal(json_array_size(names), count);
}

static void check_default(const json_t *json, const struct field *field)
{
	const json_t *value = json_object_get(json, "default");

	assert_int_equal(!value, !field->fallback);
	if (!value || !field->fallback)
		return;
	if (json_is_string(value))
		assert_string_equal(json_string_value(value), field->fallback);
	else if (json_is_boolean(value))
		assert_string_equal(json_is_true(value) ? "true" : "false", field->fallback);
	else
		assert_true(json_number_value(value) == strtod(field->fallback, NULL));
}

static void check_object(const json_t *root, const json_t *json, const struct schema *schema);

static void check_field(const json_t *root, const json_t *json, const struct field *field)
{
	const json_t *forms;

	assert_string_equal(get_text(json, "description"), field->words);
	check_default(json, field);
	switch (field->kind) {
	case FIELD_NUMBER:
	case FIELD_DECIMAL:
		check_number(json, field);
		return;
	case FIELD_NUMBERS:
		check_number(json_array_get(get(json, "anyOf"), 0), field);
		check_number(get(json_array_get(get(json, "anyOf"), 1), "items"), field);
		return;
	case FIELD_TEXTS:
		forms = get(json_array_get(get(json, "anyOf"), 1), "items");
		assert_ptr_not_equal(follow(root, forms), forms);
		return;
	case FIELD_CHOICE:
		check_choice(json, field);
		return;
	case FIELD_MAP:
	case FIELD_LIST:
		forms = get(json, field->kind == FIELD_MAP ? "additionalProperties" : "items");
		forms = follow(root, forms);
		assert_string_equal(get_text(forms, "title"), field->object->noun);
		forms = get(forms, "anyOf");
		check_object(root, json_array_get(forms, 0), field->object);
		if (field->object->main)
			assert_true(json_array_size(forms) > 1);
		return;
	case FIELD_OBJECT:
		forms = follow(root, json);
		assert_string_equal(get_text(forms, "title"), field->object->noun);
		check_object(root, json_array_get(get(forms, "anyOf"), 0), field->object);
		return;
	case FIELD_RANGE:
		assert_string_equal(get_text(json, "$ref"), "#/$defs/range");
		return;
	case FIELD_DURATION:
		assert_string_equal(get_text(json, "$ref"), "#/$defs/duration");
		return;
	case FIELD_CHANGES:
		assert_string_equal(get_text(json, "$ref"), "#/$defs/changes");
		return;
	case FIELD_TEXT:
		if (field->choices)
			check_choice(json, field);
		else
			assert_ptr_not_equal(follow(root, json), json);
		return;
	case FIELD_NAME:
	case FIELD_FLAG:
	case FIELD_ADDRESS:
	case FIELD_ADDRESSES:
	case FIELD_SPACES:
	case FIELD_REF:
		assert_ptr_not_equal(follow(root, json), json);
		return;
	}
}

static void check_object(const json_t *root, const json_t *json, const struct schema *schema)
{
	const json_t *properties = get(json, "properties");

	assert_string_equal(get_text(json, "type"), "object");
	assert_true(json_is_false(get(json, "additionalProperties")));
	assert_int_equal(json_object_size(properties), schema->field_count);
	for (size_t i = 0; i < schema->field_count; i++) {
		const struct field *field = &schema->fields[i];

		assert_int_equal(has_text(get(json, "required"), field->key), field->is_required);
		check_field(root, get(properties, field->key), field);
	}
}

static void every_key_of_every_object_is_there(void **state)
{
	const json_t *root = *state;

	assert_string_equal(get_text(root, "title"), "t");
	assert_string_equal(get_text(root, "description"), "d");
	assert_null(json_object_get(root, "$id"));
	check_object(root, root, &lab_schema);
}

static void a_short_form_is_what_its_key_takes(void **state)
{
	const json_t *root = *state;
	const json_t *forms = get(get(get(root, "$defs"), "subnet"), "anyOf");

	assert_int_equal(json_array_size(forms), 2);
	assert_string_equal(get_text(json_array_get(forms, 1), "$ref"), "#/$defs/some-prefixes");
}

static void an_object_that_needs_nothing_may_be_left_empty(void **state)
{
	const json_t *defs = get(*state, "$defs");
	const json_t *circuit = get(get(defs, "ExpressRoute-circuit"), "anyOf");
	const json_t *vnet = get(get(defs, "virtual-network"), "anyOf");

	assert_int_equal(json_array_size(circuit), 2);
	assert_string_equal(get_text(json_array_get(circuit, 1), "type"), "null");
	assert_int_equal(json_array_size(vnet), 1);
}

/* What the reader takes (test_schema), and what it does not. */
static void a_duration_is_a_number_and_a_unit(void **state)
{
	static const char *const good[] = { "500ms", "5s", "2m", "0.5s", "1.s" };
	static const char *const bad[] = { "5", "s", "5 s", "5h", "-5s", "1e3s", ".5s", "5S", "" };
	regex_t pattern;

	assert_int_equal(regcomp(&pattern,
				 get_text(get(get(*state, "$defs"), "duration"), "pattern"),
				 REG_EXTENDED | REG_NOSUB),
			 0);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(regexec(&pattern, good[i], 0, NULL, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_not_equal(regexec(&pattern, bad[i], 0, NULL, 0), 0);
	regfree(&pattern);
}

static void a_range_is_a_measure_or_two(void **state)
{
	const json_t *forms = get(get(get(*state, "$defs"), "range"), "anyOf");
	const json_t *list = json_array_get(forms, 1);

	assert_int_equal(json_array_size(forms), 2);
	assert_string_equal(get_text(json_array_get(forms, 0), "$ref"), "#/$defs/measure");
	assert_string_equal(get_text(list, "type"), "array");
	assert_string_equal(get_text(get(list, "items"), "$ref"), "#/$defs/measure");
	assert_int_equal(json_integer_value(get(list, "minItems")), 1);
	assert_int_equal(json_integer_value(get(list, "maxItems")), 2);
}

/* Any paths and values: only the reader knows whether they lead somewhere. */
static void changes_are_a_mapping_or_nothing(void **state)
{
	const json_t *changes = get(get(*state, "$defs"), "changes");

	assert_int_equal(json_object_size(changes), 1);
	assert_true(has_text(get(changes, "type"), "object"));
	assert_true(has_text(get(changes, "type"), "null"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_every_object_is_there),
		cmocka_unit_test(a_short_form_is_what_its_key_takes),
		cmocka_unit_test(a_duration_is_a_number_and_a_unit),
		cmocka_unit_test(a_range_is_a_measure_or_two),
		cmocka_unit_test(changes_are_a_mapping_or_nothing),
		cmocka_unit_test(an_object_that_needs_nothing_may_be_left_empty),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
