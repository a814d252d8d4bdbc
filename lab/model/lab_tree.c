/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/lab_tree.h"

#include "lab/base/cleanup.h"
#include "lab/model/lab_check.h"

struct lab_tree lab_tree_read(const char *text, size_t len, const char *file,
			      const struct lab_state *state)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab_tree tree = { .lab = { .arena = arena_new() } };

	tree.doc = doc_parse(text, len, file, &diags);
	if (tree.doc)
		tree.root = lab_state_root(&tree.lab, doc_root(tree.doc), state, &diags);
	return tree;
}

void lab_tree_fini(struct lab_tree *tree)
{
	for (size_t i = 0; i < tree->lab.values.count; i++)
		doc_free(tree->lab.values.items[i]);
	doc_free(tree->doc);
	arena_free(tree->lab.arena);
}
