/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/tree.h"

#include "lab/base/text_file.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A path that is walked: what is left of it, and what may stand there. */
struct walk {
	const char *rest; /* "" at the end */
	char name[96];    /* the part that is next; long ones are cut, and are no names */
	const struct schema *object; /* an object stands here, ... */
	const struct field *field;   /* ... or what this key takes ... */
	bool is_item;                /* ... or one of the values it takes */
};

static struct walk walk_begin(const struct schema *schema, const char *path)
{
	struct walk w = { .rest = path, .object = schema };

	return w;
}

/* Take the next part of the path. False at its end. */
static bool next_name(struct walk *w)
{
	size_t len = strcspn(w->rest, "/");

	if (!*w->rest)
		return false;
	(void)snprintf(w->name, sizeof(w->name), "%.*s", (int)len, w->rest);
	w->rest += len + (w->rest[len] == '/');
	return true;
}

/* Does the key take several values, of which one may stand alone? */
static bool takes_values(const struct walk *w)
{
	return w->field && !w->object && !w->is_item && field_takes_values(w->field);
}

/* What may stand at the name that was taken. False when the language has no such place. */
static bool step(struct walk *w)
{
	if (w->object) {
		w->field = schema_find(w->object, w->name);
		w->object = w->field && w->field->kind == FIELD_OBJECT ? w->field->object : NULL;
		return w->field != NULL;
	}
	assert(w->field); /* a path begins at an object */
	if (w->field->object) {
		w->object = w->field->object;
		return true;
	}
	if (!takes_values(w))
		return false;
	w->is_item = true;
	return true;
}

/* An item of a list by its place, or a pair of a map by its name; the count when there is none. */
static size_t place_of(const struct doc_node *node, const char *name)
{
	char *end;
	unsigned long at;

	if (node->kind == DOC_MAP) {
		for (size_t i = 0; i < node->count; i++)
			if (!strcasecmp(node->pairs[i].key->value, name))
				return i;
		return node->count;
	}
	if (node->kind != DOC_LIST || !isdigit((unsigned char)*name))
		return node->count;
	at = strtoul(name, &end, 10);
	return *end || at > node->count ? node->count : at;
}

/* May a new pair, or item, stand under that name? Items come one behind the other. */
static bool has_room(const struct doc_node *node, const char *name)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%zu", node->count);
	return node->kind == DOC_MAP || !strcmp(name, number);
}

static const struct doc_node *child(const struct doc_node *node, size_t at)
{
	if (node->kind == DOC_SCALAR || at >= node->count)
		return NULL;
	return doc_child(node, at);
}

/* Does a value stand for the object's main key here? */
static bool is_short_form(const struct walk *w, const struct doc_node *node)
{
	return w->object && schema_is_short_form(w->object, node);
}

/* Is it one value where several may stand? */
static bool is_alone(const struct walk *w, const struct doc_node *node)
{
	return takes_values(w) && node->kind == DOC_SCALAR && !doc_is_empty(node);
}

bool tree_find_place(const struct schema *schema, const char *path, struct tree_place *ret_place)
{
	struct walk w = walk_begin(schema, path);

	while (next_name(&w))
		if (!step(&w))
			return false;
	*ret_place = (struct tree_place){ w.object, w.field };
	return true;
}

const struct doc_node *tree_find(const struct schema *schema, const struct doc_node *root,
				 const char *path)
{
	struct walk w = walk_begin(schema, path);
	const struct doc_node *node = root;

	while (node && next_name(&w)) {
		bool is_itself = (is_short_form(&w, node) && !strcasecmp(w.name, w.object->main)) ||
				 (is_alone(&w, node) && !strcmp(w.name, "0"));

		if (!step(&w))
			return NULL;
		if (!is_itself)
			node = child(node, place_of(node, w.name));
	}
	return node;
}

size_t tree_short_form(const struct schema *schema, const struct doc_node *root, const char *path,
		       const char **ret_main)
{
	struct walk w = walk_begin(schema, path);
	const struct doc_node *node = root;
	size_t len = 0;

	while (node && next_name(&w)) {
		if (is_short_form(&w, node) || is_alone(&w, node)) {
			*ret_main = w.object ? w.object->main : NULL;
			return len;
		}
		if (!step(&w))
			return 0;
		node = child(node, place_of(node, w.name));
		len = (size_t)(w.rest - path) - (*w.rest != '\0');
	}
	return 0;
}

/* ---- changing ---- */

struct changer {
	const struct change *change;
	struct arena *arena;
	struct diags *diags;
};

static struct doc_node *new_node(struct changer *c, enum doc_kind kind)
{
	struct doc_node *node = arena_alloc(c->arena, sizeof(*node));

	node->kind = kind;
	node->pos = c->change->pos;
	node->is_plain = true;
	node->weight = 1;
	return node;
}

static struct doc_node *new_scalar(struct changer *c, const char *text)
{
	struct doc_node *node = new_node(c, DOC_SCALAR);

	node->value = arena_strdup(c->arena, text);
	return node;
}

/* What is to stand in the place of a value that is no collection. */
static struct doc_node *new_collection(struct changer *c, const struct walk *w)
{
	bool is_list = w->field && !w->object && (w->field->kind == FIELD_LIST || takes_values(w));

	return new_node(c, is_list ? DOC_LIST : DOC_MAP);
}

/*
 * A collection of its own, to be changed: an object in its short form becomes a map, and a value
 * that stands alone a list.
 */
static struct doc_node *copy_of(struct changer *c, const struct walk *w,
				const struct doc_node *node)
{
	struct doc_node *copy;

	if (is_short_form(w, node)) {
		copy = new_node(c, DOC_MAP);
		copy->pos = node->pos;
		*ARENA_PUSH(c->arena, copy->pairs, copy->count) =
			(struct doc_pair){ new_scalar(c, w->object->main),
					   (struct doc_node *)node };
		copy->pairs[0].key->pos = node->pos;
		return copy;
	}
	if (node->kind == DOC_SCALAR) {
		copy = new_collection(c, w);
		if (is_alone(w, node))
			*ARENA_PUSH(c->arena, copy->items, copy->count) = (struct doc_node *)node;
		return copy;
	}
	copy = arena_alloc(c->arena, sizeof(*copy));
	*copy = *node;
	copy->pairs = NULL;
	copy->items = NULL;
	copy->count = 0;
	if (node->kind == DOC_MAP) {
		for (size_t i = 0; i < node->count; i++)
			*ARENA_PUSH(c->arena, copy->pairs, copy->count) = node->pairs[i];
		copy->kind = DOC_MAP;
	} else {
		for (size_t i = 0; i < node->count; i++)
			*ARENA_PUSH(c->arena, copy->items, copy->count) = node->items[i];
		copy->kind = DOC_LIST;
	}
	return copy;
}

static void put(struct changer *c, struct doc_node *node, size_t at, const char *name,
		const struct doc_node *value)
{
	struct doc_node *borrowed = (struct doc_node *)value; /* never written to */

	if (at < node->count && node->kind == DOC_MAP)
		node->pairs[at].value = borrowed;
	else if (at < node->count)
		node->items[at] = borrowed;
	else if (node->kind == DOC_MAP)
		*ARENA_PUSH(c->arena, node->pairs, node->count) =
			(struct doc_pair){ new_scalar(c, name), borrowed };
	else
		*ARENA_PUSH(c->arena, node->items, node->count) = borrowed;
}

static void take_away(struct doc_node *node, size_t at)
{
	node->count--;
	for (size_t i = at; i < node->count; i++) {
		if (node->kind == DOC_MAP)
			node->pairs[i] = node->pairs[i + 1];
		else
			node->items[i] = node->items[i + 1];
	}
}

/* How much of the path was walked, for messages. */
static const char *walked(const struct changer *c, const struct walk *w)
{
	size_t len = strlen(c->change->path) - strlen(w->rest);

	while (len && c->change->path[len - 1] == '/')
		len--;
	return arena_strndup(c->arena, c->change->path, len);
}

static const struct doc_node *leads_nowhere(struct changer *c, const struct walk *w,
					    const struct schema *object)
{
	if (object)
		(void)schema_unknown_key(object, object->noun, w->name, c->change->pos, c->diags);
	else
		diag_add(c->diags, DIAG_UNKNOWN_KEY, c->change->pos,
			 "'%.200s': '%s' is a value, and nothing stands in it", walked(c, w),
			 w->field->key);
	return NULL;
}

/* `node` is what stands there now, or NULL. */
static const struct doc_node *change(struct changer *c, struct walk *w, const struct doc_node *node)
{
	const struct schema *object = w->object;
	struct doc_node nothing = { .kind = DOC_SCALAR, .value = "", .is_plain = true };
	struct walk here = *w;
	const struct doc_node *value;
	struct doc_node *copy;
	const char *name;
	size_t at;

	if (!next_name(w))
		return c->change->value;
	if (!step(w))
		return leads_nowhere(c, w, object);
	if (!node)
		node = &nothing;
	copy = copy_of(c, &here, node);
	at = place_of(copy, w->name);
	if (at == copy->count && (!c->change->value || !has_room(copy, w->name))) {
		diag_add(c->diags, DIAG_UNKNOWN_NAME, c->change->pos, "there is no '%.200s'",
			 walked(c, w));
		return NULL;
	}
	if (!*w->rest && !c->change->value) {
		take_away(copy, at);
		return copy;
	}
	name = arena_strdup(c->arena, object ? w->field->key : w->name); /* the walk goes on */
	value = change(c, w, child(copy, at));
	if (!value)
		return NULL;
	put(c, copy, at, name, value);
	return copy;
}

const struct doc_node *tree_change(const struct schema *schema, const struct doc_node *root,
				   const struct change *change_, struct arena *arena,
				   struct diags *diags)
{
	struct changer c = { .change = change_, .arena = arena, .diags = diags };
	struct walk w = walk_begin(schema, change_->path);

	if (*change_->path && *change_->path != '/')
		return change(&c, &w, root);
	diag_add(diags, DIAG_UNKNOWN_KEY, change_->pos,
		 "'%.80s' is no path: keys and names with '/' between, such as "
		 "virtual_networks/hub/address_prefixes",
		 change_->path);
	return NULL;
}

/* ---- printing ---- */

static void print_scalar(const struct doc_node *node, FILE *out)
{
	bool is_safe = node->is_plain && *node->value && !strpbrk(node->value, "\"#,[]{}\n\r\t") &&
		       !strstr(node->value, ": ") && node->value[0] != '-' && node->value[0] != ' ';

	if (is_safe || doc_is_empty(node)) {
		(void)fputs(is_safe ? node->value : "~", out);
		return;
	}
	(void)fputc('"', out);
	for (const char *c = node->value; *c; c++) {
		if (*c == '"' || *c == '\\')
			(void)fprintf(out, "\\%c", *c);
		else if ((unsigned char)*c < ' ')
			(void)fprintf(out, "\\x%02x", (unsigned)*c);
		else
			(void)fputc(*c, out);
	}
	(void)fputc('"', out);
}

static void print_node(const struct doc_node *node, FILE *out)
{
	bool is_map = node->kind == DOC_MAP;

	if (node->kind == DOC_SCALAR) {
		print_scalar(node, out);
		return;
	}
	(void)fputs(is_map ? "{" : "[", out);
	for (size_t i = 0; i < node->count; i++) {
		(void)fputs(i ? ", " : is_map ? " " : "", out);
		if (is_map) {
			print_scalar(node->pairs[i].key, out);
			(void)fputs(": ", out);
		}
		print_node(doc_child(node, i), out);
	}
	(void)fputs(is_map ? node->count ? " }" : "}" : "]", out);
}

char *tree_print(const struct doc_node *node, struct arena *arena)
{
	struct text_file file;
	char *copy;

	print_node(node, text_open(&file));
	copy = arena_strdup(arena, text_close(&file));
	free(file.text);
	return copy;
}
