/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/lab_save.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab_tree.h"
#include "lab/model/tree.h"
#include "lab/yaml/edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct bytes {
	char *bytes;
	size_t len;
};

static bool edit(struct bytes *text, const char *file, const char *path, const char *value,
		 struct err *err)
{
	size_t len;
	char *bytes = edit_set(text->bytes, text->len, file, path, value, &len, err);

	if (!bytes)
		return false;
	free(text->bytes);
	*text = (struct bytes){ bytes, len };
	return true;
}

/* "vms/vm1" for "vms/vm1/nic" when vm1 is written in its short form: write it in its long one. */
static bool lengthen(struct bytes *text, const char *file, const char *path, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct doc *doc = doc_parse(text->bytes, text->len, file, &diags);
	struct arena *arena = arena_new();
	const char *main = NULL, *object, *value;
	bool is_ok = true;
	size_t len;

	len = doc ? tree_short_form(&lab_schema, doc_root(doc), path, &main) : 0;
	if (len) {
		object = arena_strndup(arena, path, len);
		value = tree_print(tree_find(&lab_schema, doc_root(doc), object), arena);
		value = main ? arena_printf(arena, "{ %s: %s }", main, value)
			     : arena_printf(arena, "[%s]", value);
		is_ok = edit(text, file, object, value, err);
	}
	doc_free(doc);
	arena_free(arena);
	return is_ok;
}

/* ---- states as trees ---- */

static struct tree_place below(struct tree_place where, const char *key)
{
	struct tree_place child = { 0 };

	if (where.object) {
		child.field = schema_find(where.object, key);
		if (child.field && child.field->kind == FIELD_OBJECT)
			child.object = child.field->object;
	} else if (where.field)
		child.object = where.field->object;
	return child;
}

/* What an object in its short form consists of, or in its long form without other keys. */
static const struct doc_node *only_value(struct tree_place where, const struct doc_node *node)
{
	const char *main = where.object ? where.object->main : NULL;

	if (!main)
		return NULL;
	if (schema_is_short_form(where.object, node))
		return node;
	return node->kind == DOC_MAP && node->count == 1 ? doc_find(node, main) : NULL;
}

/* The same for a reader of the language: letter case of keys, quotes and short forms aside. */
static bool is_same(struct tree_place where, const struct doc_node *a, const struct doc_node *b)
{
	const struct doc_node *x = only_value(where, a), *y = only_value(where, b);

	if (where.object && x && y)
		return is_same(below(where, where.object->main), x, y);
	if (a->kind != b->kind || a->count != b->count)
		return false;
	if (a->kind == DOC_SCALAR)
		return !strcmp(a->value, b->value) && doc_is_empty(a) == doc_is_empty(b);
	for (size_t i = 0; i < a->count; i++) {
		const char *key = a->kind == DOC_MAP ? a->pairs[i].key->value : "";

		if ((a->kind == DOC_MAP && strcasecmp(key, b->pairs[i].key->value) != 0) ||
		    !is_same(below(where, key), doc_child(a, i), doc_child(b, i)))
			return false;
	}
	return true;
}

/* The same lab, but for what its steps say? */
static bool is_same_state(const struct doc_node *a, const struct doc_node *b)
{
	const struct tree_place top = { .object = &lab_schema };

	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const char *key = a->pairs[i].key->value;

		if (strcasecmp(key, b->pairs[i].key->value) != 0 ||
		    (strcasecmp(key, "steps") != 0 &&
		     !is_same(below(top, key), a->pairs[i].value, b->pairs[i].value)))
			return false;
	}
	return true;
}

/* ---- one change ---- */

struct saver {
	struct bytes before, now;
	const char *file;
	const struct lab_state *state;
	const char *doubtful; /* the first path behind which the file did not say what it should */
};

/* Does the file say now what the first `count` changes make of it? */
static bool is_done(const struct saver *s, const struct bytes *text, size_t count)
{
	struct lab_state plain = { .step = s->state->step }, changed = *s->state;
	struct lab_tree wanted, now;
	bool is_ok;

	changed.change_count = count;
	wanted = lab_tree_read(s->before.bytes, s->before.len, s->file, &changed);
	now = lab_tree_read(text->bytes, text->len, s->file, &plain);
	is_ok = wanted.root && now.root && is_same_state(wanted.root, now.root);
	lab_tree_fini(&wanted);
	lab_tree_fini(&now);
	return is_ok;
}

/* "", "~" or a comment alone: it takes away, as NULL does. */
static bool is_nothing(const char *value)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct arena *arena = arena_new();
	const char *line = arena_printf(arena, "v: %s\n", value);
	struct doc *doc = doc_parse(line, strlen(line), "the value", &diags);
	bool is_empty =
		doc && doc_root(doc)->count == 1 && doc_is_empty(doc_root(doc)->pairs[0].value);

	doc_free(doc);
	arena_free(arena);
	return is_empty;
}

/* "steps/2/set/vms~1vm1~1nic" */
static char *path_in_step(unsigned step, const char *path, struct arena *arena)
{
	char *escaped = arena_alloc(arena, strlen(path) * 2 + 1), *to = escaped;

	for (; *path; path++) {
		if (*path == '/' || *path == '~')
			*to++ = '~';
		*to++ = *path == '/' ? '1' : *path == '~' ? '0' : *path;
	}
	return arena_printf(arena, "steps/%u/set/%s", step - 1, escaped);
}

enum way {
	WAY_TOP,       /* where it stands */
	WAY_DROP,      /* the step no longer sets it */
	WAY_SET,       /* the step sets it, where it did, or behind the rest */
	WAY_SET_AFTER, /* ... behind the rest: what stood in its place would have undone it */
	WAY_COUNT
};

/* The text with one change, made in one of the ways. */
static bool try_way(const struct saver *s, enum way way, const char *path, const char *value,
		    struct bytes *text, struct err *err)
{
	switch (way) {
	case WAY_TOP:
		return lengthen(text, s->file, path, err) && edit(text, s->file, path, value, err);
	case WAY_DROP:
		return !value && edit(text, s->file, path, NULL, err);
	case WAY_SET:
		return edit(text, s->file, path, value ? value : "null", err);
	case WAY_SET_AFTER:
		return edit(text, s->file, path, NULL, err) &&
		       edit(text, s->file, path, value ? value : "null", err);
	case WAY_COUNT:
		break;
	}
	return false;
}

static struct bytes copy_of(const struct bytes *text)
{
	struct bytes copy = { malloc(text->len + 1), text->len };

	if (!copy.bytes)
		abort();
	memcpy(copy.bytes, text->bytes, text->len);
	copy.bytes[text->len] = '\0';
	return copy;
}

/*
 * The first way behind which the file says what it should. When there is none, the plain one: what
 * is between two changes need not be sayable, if only what is in the end is.
 */
static bool save_change(struct saver *s, size_t index, struct err *err)
{
	const struct change_text *change = &s->state->changes[index];
	const char *value = change->value && !is_nothing(change->value) ? change->value : NULL;
	bool is_in_step = s->state->step > 1, is_ok = false;
	enum way plain = is_in_step ? WAY_SET : WAY_TOP;
	struct arena *arena = arena_new();
	const char *path =
		is_in_step ? path_in_step(s->state->step, change->path, arena) : change->path;
	struct bytes next = { 0 };
	struct err why = { 0 };

	for (enum way way = is_in_step ? WAY_DROP : WAY_TOP;
	     !is_ok && way < (is_in_step ? WAY_COUNT : WAY_DROP); way++) {
		struct bytes text = copy_of(&s->now);
		bool is_made = try_way(s, way, path, value, &text, way == plain ? &why : NULL);

		is_ok = is_made && is_done(s, &text, index + 1);
		if (is_ok || (is_made && way == plain)) {
			free(next.bytes);
			next = text;
		} else {
			free(text.bytes);
		}
	}
	arena_free(arena);
	if (!next.bytes) {
		err_at(err, why.pos, why.code, "%s: %s", change->path, why.text);
		return false;
	}
	if (!is_ok && !s->doubtful)
		s->doubtful = change->path;
	free(s->now.bytes);
	s->now = next;
	return true;
}

/* ---- all of them ---- */

static bool check_state(const struct saver *s, struct err *err)
{
	if (!s->doubtful || is_done(s, &s->now, s->state->change_count))
		return true;
	err_set(err, -ENOTSUP,
		"%s: %s: the file would not say what is wanted afterwards: edit it by hand",
		s->doubtful, s->file);
	return false;
}

/* A file that was valid is valid; one that is not is, at least, in this state. */
static bool check_file(const struct saver *s, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags before = { 0 };
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab_state plain = { .step = s->state->step };
	struct lab *was = lab_parse(s->before.bytes, s->before.len, s->file, &before), *lab;

	lab = was ? lab_parse(s->now.bytes, s->now.len, s->file, &diags)
		  : lab_parse_at(s->now.bytes, s->now.len, s->file, &plain, &diags);
	lab_free(was);
	lab_free(lab);
	if (lab)
		return true;
	err_at(err, diags.items[0].pos, -ENOTSUP, "the file would not be valid afterwards: %s",
	       diags.items[0].text);
	return false;
}

char *lab_save(const char *text, size_t len, const char *file, const struct lab_state *state,
	       size_t *ret_len, struct err *err)
{
	struct saver s = { .before = { (char *)text, len }, .file = file, .state = state };
	bool is_ok = true;

	s.now = copy_of(&s.before);
	for (size_t i = 0; i < state->change_count && is_ok; i++)
		is_ok = save_change(&s, i, err);
	if (is_ok && check_state(&s, err) && check_file(&s, err)) {
		*ret_len = s.now.len;
		return s.now.bytes;
	}
	free(s.now.bytes);
	return NULL;
}
