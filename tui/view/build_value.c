/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of lab files as trees: from what was typed, with changes in them, and how two differ. */
#include "tui/view/build_parts.h"

#include "lab/base/cleanup.h"
#include "lab/model/tree.h"

#include <string.h>

static struct doc_node *copy_of(const struct doc_node *node, struct arena *arena)
{
	struct doc_node *copy = arena_alloc(arena, sizeof(*copy));

	*copy = (struct doc_node){ .kind = node->kind,
				   .is_plain = node->is_plain,
				   .weight = node->weight };
	if (node->kind == DOC_SCALAR)
		copy->value = arena_strdup(arena, node->value);
	for (size_t i = 0; node->kind == DOC_LIST && i < node->count; i++)
		*ARENA_PUSH(arena, copy->items, copy->count) = copy_of(node->items[i], arena);
	for (size_t i = 0; node->kind == DOC_MAP && i < node->count; i++)
		*ARENA_PUSH(arena, copy->pairs, copy->count) =
			(struct doc_pair){ copy_of(node->pairs[i].key, arena),
					   copy_of(node->pairs[i].value, arena) };
	return copy;
}

const struct doc_node *build_value_read(const char *yaml, struct arena *arena)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	const char *text = arena_printf(arena, "v: %s\n", yaml);
	struct doc *doc = doc_parse(text, strlen(text), "", &diags);
	const struct doc_node *node = doc ? doc_find(doc_root(doc), "v") : NULL;
	struct doc_node *value;

	if (node) {
		value = copy_of(node, arena);
	} else { /* no YAML: whoever checks the lab says so */
		value = arena_alloc(arena, sizeof(*value));
		*value = (struct doc_node){ .value = arena_strdup(arena, yaml), .weight = 1 };
	}
	doc_free(doc);
	return value;
}

const struct doc_node *build_value_with(const struct schema *schema, const struct doc_node *root,
					const char *path, const struct doc_node *value,
					struct arena *arena)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	const struct change change = { .path = path, .value = value };
	const struct doc_node *changed = tree_change(schema, root, &change, arena, &diags);

	return changed ? changed : root; /* what is not there cannot be taken away */
}

/* Has it parts that are compared one by one? Of lists only what did not become longer or shorter.
 */
static bool has_parts(const struct doc_node *before, const struct doc_node *after)
{
	if (before->kind != after->kind || before->kind == DOC_SCALAR)
		return false;
	if (before->kind == DOC_MAP)
		return before->count && after->count;
	for (size_t i = 0; i < before->count && before->count == after->count; i++)
		if (before->items[i]->kind != DOC_MAP || after->items[i]->kind != DOC_MAP)
			return false;
	return before->count == after->count;
}

static void diff_maps(struct build *build, const char *path, const struct doc_node *before,
		      const struct doc_node *after)
{
	struct arena *arena = build->scratch;

	for (size_t i = 0; i < before->count; i++) {
		const char *key = before->pairs[i].key->value;

		build_value_diff(build, arena_printf(arena, "%s/%s", path, key),
				 before->pairs[i].value, doc_find(after, key));
	}
	for (size_t i = 0; i < after->count; i++) {
		const char *key = after->pairs[i].key->value;

		if (!doc_find(before, key))
			build_value_diff(build, arena_printf(arena, "%s/%s", path, key), NULL,
					 after->pairs[i].value);
	}
}

void build_value_diff(struct build *build, const char *path, const struct doc_node *before,
		      const struct doc_node *after)
{
	if (before == after || (before && after && doc_is_same(before, after)))
		return;
	if (!before || !after || !has_parts(before, after)) {
		build_add_change(build, path, after ? tree_print(after, build->scratch) : NULL);
		return;
	}
	if (before->kind == DOC_MAP) {
		diff_maps(build, path, before, after);
		return;
	}
	for (size_t i = 0; i < before->count; i++)
		build_value_diff(build, arena_printf(build->scratch, "%s/%zu", path, i),
				 before->items[i], after->items[i]);
}
