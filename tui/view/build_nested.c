/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values within an object that have keys of their own: forms within its form, as deep as the
 * language of lab files goes. What is typed in them becomes part of the object's value at once.
 */
#include "tui/view/build_parts.h"

#include "lab/model/tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ITEMS_MAX (FORM_FIELDS_MAX - 3) /* beside two buttons, and that there are more */

struct form *build_form(const struct build *build)
{
	return (struct form *)(build->depth ? &build->inner : &build->form);
}

static struct build_level *level_of(struct build *build)
{
	return build->depth ? &build->levels[build->depth - 1] : NULL;
}

/* Does it list items, rather than be the form of an object? */
static bool is_list(const struct build_level *level)
{
	return !level->is_item && level->field->kind != FIELD_OBJECT;
}

static bool is_named(const struct build_level *level)
{
	return level->is_item && level->field->kind == FIELD_MAP;
}

static const struct doc_node *find_in(const struct build *build, const struct doc_node *value,
				      const char *path)
{
	return tree_find(build_schema(build->kind), value, path);
}

static void set(struct build *build, const char *path, const struct doc_node *value)
{
	build->value = build_value_with(build_schema(build->kind), build->value, path, value,
					build->arena);
}

/* Where what the innermost form is about stands in the object; what is new comes behind others. */
static const char *own_path(struct build *build)
{
	struct build_level *level = level_of(build);
	const struct doc_node *items;

	if (!level->is_new)
		return level->path;
	if (is_named(level))
		return arena_printf(build->arena, "%s/%s", level->path,
				    form_value(&build->inner, BUILD_NAME));
	items = find_in(build, level->before, level->path);
	return arena_printf(build->arena, "%s/%zu", level->path, items ? items->count : 0);
}

const char *build_nested_path(struct build *build)
{
	const char *path = own_path(build);

	return build->object.path ? arena_printf(build->scratch, "%s/%s", build->object.path, path)
				  : path;
}

/* ---- the forms ---- */

/* The names of what stands under names, else all of it. */
static const char *summary(const struct build *build, const struct field *field,
			   const struct doc_node *node)
{
	const char *names = "";

	if (!node || doc_is_empty(node) || (node->kind != DOC_SCALAR && !node->count))
		return build_absent;
	if (field->kind != FIELD_MAP || node->kind != DOC_MAP)
		return build_shown_whole(node, build->arena);
	for (size_t i = 0; i < node->count; i++)
		names = arena_printf(build->arena, "%s%s%s", names, i ? ", " : "",
				     node->pairs[i].key->value);
	return names;
}

static void list_items(struct build *build, const struct build_level *level)
{
	const struct doc_node *node = find_in(build, build->value, level->path);
	size_t count = node && node->kind != DOC_SCALAR ? node->count : 0;
	const char *noun = level->field->object->noun;
	struct form *form = &build->inner;

	for (size_t i = 0; i < count && i < ITEMS_MAX; i++) {
		struct form_field *field =
			form_add(form, FORM_OPEN, (int)i,
				 node->kind == DOC_MAP ? node->pairs[i].key->value
						       : arena_printf(build->arena, "%zu", i),
				 "Enter changes it, d takes it away.");

		line_set(&field->line, build_shown_whole(doc_child(node, i), build->arena));
	}
	if (count > ITEMS_MAX)
		line_set(&form_add(form, FORM_FIXED, BUILD_MORE, "...", NULL)->line,
			 "(more: E edits the file)");
	(void)form_add(form, FORM_BUTTON, BUILD_ADD, arena_printf(build->arena, "Add %s", noun),
		       arena_printf(build->arena, "One more %s.", noun));
}

/* "neighbor1" for neighbors. */
static const char *free_name(const struct build *build, const struct build_level *level)
{
	const struct doc_node *items = find_in(build, level->before, level->path);
	size_t len = strlen(level->field->key);
	struct names taken = { 0 };

	for (size_t i = 0; items && items->kind == DOC_MAP && i < items->count; i++)
		*ARENA_PUSH(build->arena, taken.items, taken.count) = items->pairs[i].key->value;
	len -= len > 1 && level->field->key[len - 1] == 's';
	return build_free_name(arena_strndup(build->arena, level->field->key, len), &taken,
			       build->arena);
}

static void list_keys(struct build *build, const struct build_level *level)
{
	const struct schema *schema = level->field->object;
	const struct doc_node *node =
		level->is_new ? NULL : find_in(build, build->value, level->path);
	struct form *form = &build->inner;

	if (is_named(level)) {
		struct form_field *name = form_add(form, level->is_new ? FORM_TEXT : FORM_FIXED,
						   BUILD_NAME, "name", "Its name.");
		const char *slash = strrchr(level->path, '/');

		line_set(&name->line, level->is_new ? free_name(build, level)
				      : slash       ? slash + 1
						    : level->path);
	}
	for (size_t i = 0; i < schema->field_count; i++) {
		const struct field *field = &schema->fields[i];

		build_add_key(build, form, (int)i, field, field->is_required,
			      build_node_of(schema, node, field));
	}
}

static void make_form(struct build *build)
{
	const char *object = strchr(build->form.title, ' ') + 1; /* without "Change" or "Add" */
	struct build_level *level = level_of(build);
	struct form *form = &build->inner;

	form_init(form, arena_printf(build->arena, "%s: %s%s%s", object, level->path,
				     level->is_new ? ", one more " : "",
				     level->is_new ? level->field->object->noun : ""));
	if (is_list(level))
		list_items(build, level);
	else
		list_keys(build, level);
	(void)form_add(form, FORM_BUTTON, BUILD_BACK, "Back",
		       "To the form above; what was typed is kept.");
	while (form->fields[form->at].kind == FORM_FIXED)
		form->at++;
}

static void show_all(struct build *build)
{
	const struct schema *schema = build_schema(build->kind);

	for (size_t i = 0; i < build->form.count; i++) {
		struct form_field *to = &build->form.fields[i];

		if (to->kind == FORM_OPEN)
			build_show_nested(
				build, to, &schema->fields[to->id],
				build_node_of(schema, build->value, &schema->fields[to->id]));
	}
}

void build_show_nested(const struct build *build, struct form_field *to, const struct field *field,
		       const struct doc_node *node)
{
	line_set(&to->line, summary(build, field, node));
}

/* ---- from one to the other ---- */

/* What the field with the keys leads to, as a level; false when nothing can be opened there. */
static bool find_inner(struct build *build, struct build_level *ret_level)
{
	const struct form *form = build_form(build);
	const struct form_field *from = &form->fields[form->at];
	struct build_level *above = level_of(build);
	const char *path = above ? own_path(build) : NULL;

	*ret_level = (struct build_level){ .before = build->value, .above = path, .at = form->at };
	if (above && is_list(above)) {
		ret_level->field = above->field;
		ret_level->is_item = true;
		ret_level->is_new = from->id == BUILD_ADD;
		ret_level->path = ret_level->is_new
					  ? path
					  : arena_printf(build->arena, "%s/%s", path, from->label);
		return true;
	}
	if (above && is_named(above) && above->is_new &&
	    *form_find(&build->inner, BUILD_NAME)->error)
		return false;
	ret_level->field =
		&(above ? above->field->object : build_schema(build->kind))->fields[from->id];
	ret_level->path = above ? arena_printf(build->arena, "%s/%s", path, ret_level->field->key)
				: ret_level->field->key;
	return true;
}

void build_nested_open(struct build *build)
{
	struct build_level level;

	if (build->depth == BUILD_LEVELS_MAX || !find_inner(build, &level))
		return;
	build->levels[build->depth++] = level;
	make_form(build);
}

/* After the value changed under it: the same form anew, and the keys where they were. */
static void show_anew(struct build *build, size_t at)
{
	struct build_level *level = level_of(build);

	if (!level) {
		show_all(build);
		return;
	}
	level->before = build->value;
	make_form(build);
	build->inner.at = at < build->inner.count ? at : build->inner.count - 1;
}

void build_nested_close(struct build *build)
{
	struct build_level closed = *level_of(build), *level;

	build->depth--;
	level = level_of(build);
	if (level && level->is_new && find_in(build, build->value, closed.above)) {
		level->path = closed.above; /* with what was typed it is one of the others */
		level->is_new = false;
	}
	show_anew(build, closed.at);
}

void build_nested_remove(struct build *build)
{
	const struct form *form = build_form(build);
	size_t at = form->at;
	struct build_level inner;
	const struct doc_node *items;

	if (form->fields[at].kind != FORM_OPEN || !find_inner(build, &inner) ||
	    !find_in(build, build->value, inner.path))
		return;
	items = inner.is_item ? find_in(build, build->value, inner.above) : NULL;
	set(build, items && items->count == 1 ? inner.above : inner.path, NULL);
	show_anew(build, at);
}

/* ---- what is typed ---- */

static bool is_name_wrong(struct build *build, const struct build_level *level)
{
	struct form_field *field = form_find(&build->inner, BUILD_NAME);
	const char *name = field->line.text;

	if (!build_is_name(level->field->object, name))
		build_complain(field, build_name_words(level->field->object));
	else if (find_in(build, level->before, own_path(build)))
		build_complain(field, "there is one of that name");
	return *field->error != '\0';
}

static bool is_touched(const struct form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].is_typed)
			return true;
	return false;
}

static bool is_own_key(const struct form_field *field, const struct schema *schema)
{
	return field->id < (int)schema->field_count && field->kind != FORM_OPEN &&
	       field->kind != FORM_FIXED;
}

/* One key, when it is another value than before: that of a short form stands for the object. */
static void take_key(struct build *build, const char *path, const struct doc_node *node,
		     const struct form_field *from)
{
	const struct schema *schema = level_of(build)->field->object;
	const struct field *field = &schema->fields[from->id];
	const char *text = build_typed(from);
	bool is_main =
		node && schema_is_short_form(schema, node) && !strcasecmp(schema->main, field->key);

	if (!strcmp(text, build_shown(field, build_node_of(schema, node, field), build->scratch)))
		return;
	set(build, is_main ? path : arena_printf(build->scratch, "%s/%s", path, field->key),
	    *text ? build_value_read(build_yaml(field, text, build->scratch), build->arena) : NULL);
}

/* What has its main key alone is written in its short form. */
static void shorten(struct build *build, const char *path)
{
	const struct schema *schema = level_of(build)->field->object;
	const struct doc_node *node = find_in(build, build->value, path);

	if (!node)
		set(build, path, build_value_read("{}", build->arena));
	else if (schema->main && node->kind == DOC_MAP && node->count == 1 &&
		 !strcasecmp(node->pairs[0].key->value, schema->main) &&
		 schema_is_short_form(schema, node->pairs[0].value))
		set(build, path, node->pairs[0].value);
}

bool build_nested_update(struct build *build)
{
	struct build_level *level = level_of(build);
	const struct doc_node *node;
	const char *path;

	if (is_list(level))
		return true;
	build->value = level->before;
	if (level->is_new && is_named(level) && is_name_wrong(build, level))
		return false;
	if (!is_touched(&build->inner))
		return true;
	path = own_path(build);
	node = level->is_new ? NULL : find_in(build, level->before, path);
	for (size_t i = 0; i < build->inner.count; i++) {
		const struct form_field *from = &build->inner.fields[i];

		if (is_own_key(from, level->field->object) && (level->is_new || from->is_typed))
			take_key(build, path, node, from);
	}
	if (level->is_new)
		shorten(build, path);
	return true;
}
