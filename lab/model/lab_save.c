/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/lab_save.h"

#include "lab/base/cleanup.h"
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
	const char *main = NULL, *object;
	bool is_ok = true;
	size_t len;

	len = doc ? tree_short_form(&lab_schema, doc_root(doc), path, &main) : 0;
	if (len) {
		object = arena_strndup(arena, path, len);
		is_ok = edit(text, file, object,
			     arena_printf(arena, "{ %s: %s }", main,
					  tree_print(tree_find(&lab_schema, doc_root(doc), object),
						     arena)),
			     err);
	}
	doc_free(doc);
	arena_free(arena);
	return is_ok;
}

static bool save_at_top(struct bytes *text, const char *file, const struct change_text *change,
			struct err *err)
{
	return lengthen(text, file, change->path, err) &&
	       edit(text, file, change->path, change->value, err);
}

/* "steps/2/set/vms~1vm1~1nic" */
static bool save_in_step(struct bytes *text, const char *file, unsigned step,
			 const struct change_text *change, struct err *err)
{
	struct arena *arena = arena_new();
	char *path = arena_alloc(arena, strlen(change->path) * 2 + 1), *to = path;
	bool is_ok;

	for (const char *c = change->path; *c; c++) {
		if (*c == '/' || *c == '~')
			*to++ = '~';
		*to++ = *c == '/' ? '1' : *c == '~' ? '0' : *c;
	}
	is_ok = edit(text, file, arena_printf(arena, "steps/%u/set/%s", step - 1, path),
		     change->value ? change->value : "null", err);
	arena_free(arena);
	return is_ok;
}

/* The same lab, but for what its steps say? */
static bool is_same_state(const struct lab *a, const struct lab *b)
{
	const struct doc_node *x = a->root, *y = b->root;

	if (x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (strcasecmp(x->pairs[i].key->value, y->pairs[i].key->value) != 0 ||
		    (strcasecmp(x->pairs[i].key->value, "steps") != 0 &&
		     !doc_is_same(x->pairs[i].value, y->pairs[i].value)))
			return false;
	return true;
}

static bool check(const struct bytes *text, const char *file, const char *before, size_t before_len,
		  const struct lab_state *state, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab_state saved = { .step = state->step };
	struct lab *wanted = lab_parse_at(before, before_len, file, state, &diags);
	struct lab *now = lab_parse_at(text->bytes, text->len, file, &saved, &diags);
	bool is_ok = wanted && now && is_same_state(wanted, now);

	lab_free(wanted);
	lab_free(now);
	if (!is_ok)
		err_set(err, -ENOTSUP,
			"%s: the file would not say what is wanted afterwards: edit it by hand",
			file);
	return is_ok;
}

char *lab_save(const char *text, size_t len, const char *file, const struct lab_state *state,
	       size_t *ret_len, struct err *err)
{
	struct bytes now = { malloc(len + 1), len };
	bool is_ok = true;

	if (!now.bytes)
		abort();
	memcpy(now.bytes, text, len);
	now.bytes[len] = '\0';
	for (size_t i = 0; i < state->change_count && is_ok; i++) {
		const struct change_text *change = &state->changes[i];

		is_ok = state->step > 1 ? save_in_step(&now, file, state->step, change, err)
					: save_at_top(&now, file, change, err);
		if (!is_ok)
			err_in(err, "%s", change->path);
	}
	if (is_ok && check(&now, file, text, len, state, err)) {
		*ret_len = now.len;
		return now.bytes;
	}
	free(now.bytes);
	return NULL;
}
