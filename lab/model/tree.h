/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Changing the tree of a lab file by paths, as `set:` of a step and `hublab set` do. Paths follow
 * the language: "vms/vm1/nic" is a key of an object, "providers/isp/links/0/delay_ms" one of the
 * first item of a list. An object in its short form becomes one in its long form on the way.
 */
#include "lab/model/schema.h"

/*
 * The tree with the change made; nodes on the way to it are copies in `arena`, the others are
 * shared. NULL with a finding at the change's place when the path leads nowhere in `schema`, or
 * when what is to be taken away is not there.
 */
const struct doc_node *tree_change(const struct schema *schema, const struct doc_node *root,
				   const struct change *change, struct arena *arena,
				   struct diags *diags);

/* What may stand at a path: an object, or what a key takes. */
struct tree_place {
	const struct schema *object; /* NULL: none */
	const struct field *field;   /* of a value, or of the objects under their names */
};

/* False when the path leads nowhere in `schema`; names in it need not be there. */
bool tree_find_place(const struct schema *schema, const char *path, struct tree_place *ret_place);

/* What stands at a path, or NULL; of an object in its short form its main value is there, too. */
const struct doc_node *tree_find(const struct schema *schema, const struct doc_node *root,
				 const char *path);

/*
 * The part of a path up to an object in its short form that the rest of the path leads into: its
 * length, and the key that the form stands for; NULL for that of a value that stands alone where
 * several may. 0 when there is none.
 */
size_t tree_short_form(const struct schema *schema, const struct doc_node *root, const char *path,
		       const char **ret_main);

/* A value on one line, as YAML: "{ prefix: 10.0.0.0/8 }". */
char *tree_print(const struct doc_node *node, struct arena *arena) NODISCARD;
