/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/record.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What every LIST_OF looks like. */
struct any_list {
	char *items;
	size_t count;
};

/* Text from outside (a daemon's log) need not be UTF-8, JSON must be. */
static json_t *encode_text(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json)
		return json;
	copy = strdup(text);
	if (!copy)
		abort();
	for (char *c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

static json_t *encode_texts(const struct texts *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < texts->count; i++)
		(void)json_array_append_new(array, encode_text(texts->items[i]));
	return array;
}

static json_t *encode_reals(const struct reals *reals)
{
	json_t *array = json_array();

	for (size_t i = 0; i < reals->count; i++)
		(void)json_array_append_new(
			array, isnan(reals->items[i]) ? json_null() : json_real(reals->items[i]));
	return array;
}

static json_t *encode_list(const struct record *record, const void *value)
{
	json_t *array = json_array();
	struct any_list list;

	memcpy(&list, value, sizeof(list));
	for (size_t i = 0; i < list.count; i++)
		(void)json_array_append_new(array,
					    record_encode(record, list.items + i * record->size));
	return array;
}

static json_t *encode_field(const struct record_field *field, const void *value)
{
	switch (field->kind) {
	case RECORD_TEXT:
		return encode_text(*(const char *const *)value);
	case RECORD_TEXTS:
		return encode_texts(value);
	case RECORD_BOOL:
		return json_boolean(*(const bool *)value);
	case RECORD_INT:
		return json_integer(*(const int64_t *)value);
	case RECORD_REAL:
		return json_real(*(const double *)value);
	case RECORD_REALS:
		return encode_reals(value);
	case RECORD_LIST:
		return encode_list(field->record, value);
	}
	return NULL;
}

json_t *record_encode(const struct record *record, const void *object)
{
	json_t *json = json_object();

	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		const void *value = (const char *)object + field->offset;

		if (field->kind != RECORD_TEXT || *(const char *const *)value)
			(void)json_object_set_new(json, field->key, encode_field(field, value));
	}
	return json;
}

static bool wrong(const struct record_field *field, struct err *err)
{
	err_set(err, -EPROTO, "'%s' has the wrong type", field->key);
	return false;
}

static bool decode_texts(const struct record_field *field, const json_t *json, struct texts *texts,
			 struct arena *arena, struct err *err)
{
	if (!json_is_array(json))
		return wrong(field, err);
	for (size_t i = 0; i < json_array_size(json); i++) {
		const char *text = json_string_value(json_array_get(json, i));

		if (!text)
			return wrong(field, err);
		*ARENA_PUSH(arena, texts->items, texts->count) = arena_strdup(arena, text);
	}
	return true;
}

static bool decode_reals(const struct record_field *field, const json_t *json, struct reals *reals,
			 struct arena *arena, struct err *err)
{
	if (!json_is_array(json))
		return wrong(field, err);
	reals->count = json_array_size(json);
	reals->items = arena_alloc(arena, reals->count * sizeof(*reals->items));
	for (size_t i = 0; i < reals->count; i++) {
		const json_t *item = json_array_get(json, i);

		if (!json_is_null(item) && !json_is_number(item))
			return wrong(field, err);
		reals->items[i] = json_is_null(item) ? (double)NAN : json_number_value(item);
	}
	return true;
}

static bool decode_list(const struct record_field *field, const json_t *json, void *value,
			struct arena *arena, struct err *err)
{
	struct any_list list;

	if (!json_is_array(json))
		return wrong(field, err);
	list.count = json_array_size(json);
	list.items = arena_alloc(arena, list.count * field->record->size);
	for (size_t i = 0; i < list.count; i++)
		if (!record_decode(field->record, json_array_get(json, i),
				   list.items + i * field->record->size, arena, err))
			return false;
	memcpy(value, &list, sizeof(list));
	return true;
}

static bool decode_field(const struct record_field *field, const json_t *json, void *value,
			 struct arena *arena, struct err *err)
{
	switch (field->kind) {
	case RECORD_TEXT:
		if (!json_is_string(json))
			return wrong(field, err);
		*(const char **)value = arena_strdup(arena, json_string_value(json));
		return true;
	case RECORD_TEXTS:
		return decode_texts(field, json, value, arena, err);
	case RECORD_BOOL:
		if (!json_is_boolean(json))
			return wrong(field, err);
		*(bool *)value = json_boolean_value(json);
		return true;
	case RECORD_INT:
		if (!json_is_integer(json))
			return wrong(field, err);
		*(int64_t *)value = json_integer_value(json);
		return true;
	case RECORD_REAL:
		if (!json_is_number(json))
			return wrong(field, err);
		*(double *)value = json_number_value(json);
		return true;
	case RECORD_REALS:
		return decode_reals(field, json, value, arena, err);
	case RECORD_LIST:
		return decode_list(field, json, value, arena, err);
	}
	return false;
}

bool record_decode(const struct record *record, const json_t *json, void *object,
		   struct arena *arena, struct err *err)
{
	if (!json_is_object(json)) {
		err_set(err, -EPROTO, "not an object");
		return false;
	}
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		const json_t *value = json_object_get(json, field->key);

		if (value &&
		    !decode_field(field, value, (char *)object + field->offset, arena, err))
			return false;
	}
	return true;
}

const char *texts_join(const struct texts *texts, const char *between, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < texts->count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? between : "", texts->items[i]);
	return text;
}

const struct record *record_of_list(const struct record *record)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (record->fields[i].kind == RECORD_LIST)
			return record->fields[i].record;
	return NULL;
}
