/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/changes.h"

#include <errno.h>

/* The object under a key, made when it is not there. */
static json_t *member_of(json_t *object, const char *key, json_t *(*make)(void))
{
	json_t *member = json_object_get(object, key);

	if (!member) {
		member = make();
		(void)json_object_set_new(object, key, member);
	}
	return member;
}

static json_t *changes_of(json_t **changes, const char *part)
{
	if (!*changes)
		*changes = json_object();
	return member_of(*changes, part, json_object);
}

void changes_splice(json_t **changes, const char *member, size_t at, size_t removed, json_t *items)
{
	json_t *splices = member_of(changes_of(changes, "lists"), member, json_array);

	(void)json_array_append_new(
		splices, json_pack("[I, I, o]", (json_int_t)at, (json_int_t)removed, items));
}

static json_t *part_of(const json_t *list, size_t from, size_t to)
{
	json_t *part = json_array();

	for (size_t i = from; i < to; i++)
		(void)json_array_append(part, json_array_get(list, i));
	return part;
}

static bool same(const json_t *a, size_t i, const json_t *b, size_t n)
{
	return json_equal(json_array_get(a, i), json_array_get(b, n));
}

/* Item by item: each run of items that differ is one splice. */
static void compare_equal_length(const char *member, const json_t *before, const json_t *after,
				 json_t **changes)
{
	size_t count = json_array_size(after);

	for (size_t i = 0, from; i < count; i++) {
		if (same(before, i, after, i))
			continue;
		from = i;
		while (i < count && !same(before, i, after, i))
			i++;
		changes_splice(changes, member, from, i - from, part_of(after, from, i));
	}
}

/* What is the same at both ends stays. */
static void compare_lists(const char *member, const json_t *before, const json_t *after,
			  json_t **changes)
{
	size_t old = json_array_size(before), new = json_array_size(after), first = 0, last = 0;

	if (old == new) {
		compare_equal_length(member, before, after, changes);
		return;
	}
	while (first < old && first < new &&same(before, first, after, first))
		first++;
	while (last < old - first &&
	       last < new - first &&same(before, old - last - 1, after, new - last - 1))
		last++;
	changes_splice(changes, member, first, old - first - last,
		       part_of(after, first, new - last));
}

json_t *changes_between(const json_t *before, const json_t *after)
{
	json_t *changes = NULL, *value, *old;
	const char *key;

	json_object_foreach((json_t *)after, key, value) {
		old = json_object_get(before, key);
		if (json_is_array(old) && json_is_array(value))
			compare_lists(key, old, value, &changes);
		else if (!old || !json_equal(old, value))
			(void)json_object_set(changes_of(&changes, "set"), key, value);
	}
	json_object_foreach((json_t *)before, key, value) {
		if (!json_object_get(after, key))
			(void)json_object_set_new(changes_of(&changes, "set"), key, json_null());
	}
	return changes;
}

static bool refuse(struct err *err, const char *key)
{
	err_set(err, -EPROTO, "changes of '%s' do not fit", key);
	return false;
}

static bool apply_splice(json_t *list, const json_t *splice)
{
	const json_t *at = json_array_get(splice, 0), *removed = json_array_get(splice, 1);
	const json_t *items = json_array_get(splice, 2);
	json_int_t size = (json_int_t)json_array_size(list);
	json_int_t from = json_integer_value(at), count = json_integer_value(removed);
	size_t kept = 0;

	if (!json_is_integer(at) || !json_is_integer(removed) || !json_is_array(items) ||
	    from < 0 || count < 0 || from > size || count > size - from)
		return false;
	for (; kept < (size_t)count && kept < json_array_size(items); kept++)
		if (json_array_set(list, (size_t)from + kept, json_array_get(items, kept)))
			return false;
	for (size_t i = kept; i < (size_t)count; i++)
		(void)json_array_remove(list, (size_t)from + kept);
	for (size_t i = kept; i < json_array_size(items); i++)
		if (json_array_insert(list, (size_t)from + i, json_array_get(items, i)))
			return false;
	return true;
}

bool changes_apply(json_t *object, const json_t *changes, struct err *err)
{
	json_t *value, *list, *splice;
	const char *key;
	size_t i;

	json_object_foreach(json_object_get(changes, "set"), key, value) {
		if (json_is_null(value))
			(void)json_object_del(object, key);
		else
			(void)json_object_set(object, key, value);
	}
	json_object_foreach(json_object_get(changes, "lists"), key, value) {
		list = json_object_get(object, key);
		if (!json_is_array(list) || !json_is_array(value))
			return refuse(err, key);
		json_array_foreach(value, i, splice) {
			if (!apply_splice(list, splice))
				return refuse(err, key);
		}
	}
	return true;
}
