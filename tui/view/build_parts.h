/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the files build_*.c: parts of the form of an object. */
#include "tui/view/build.h"

/* Fields that are no key of the object's schema, whose number the others have. */
enum build_field {
	BUILD_PARENT = 200, /* what it is within */
	BUILD_NAME,
	BUILD_BOTH, /* of a peering: its other half, too */
	BUILD_REVIEW_BUTTON,
	BUILD_ADD,  /* of what stands within an object: one more, */
	BUILD_BACK, /* and to the form above */
	BUILD_MORE,
	BUILD_SPOKE_HUB,
	BUILD_SPOKE_SPACE,
	BUILD_SPOKE_SUBNET,
	BUILD_SPOKE_TABLE,
	BUILD_SPOKE_NSG,
	BUILD_SPOKE_GATEWAYS,
	BUILD_SPOKE_FORWARDED,
	BUILD_SPOKE_VM,
};

extern const char build_absent[]; /* what a choice shows for a key that is not there */
extern const char *const build_yes_no[2];

/* What comes to mind for fields where nobody has typed. build_propose.c */
void build_propose(struct build *build);

/* A spoke: its fields, and the changes that add it. build_propose.c */
void build_spoke_fields(struct build *build);
void build_spoke_changes(struct build *build);

/* A route or rule in one line, to fields, and as YAML from those. build_line.c */
void build_line_fill(struct build *build, const char *line);
const char *build_line(const struct build *build);

/* The field of a key of the object's schema; NULL: there is none. build_line.c */
struct form_field *build_field_of(const struct build *build, const char *key);

/* In the scratch arena. */
void build_add_change(struct build *build, const char *path, const char *value);

/* ---- build_change.c ---- */

/* A key as a field of a form, with what stands there; `is_needed`: a choice of it must be one. */
void build_add_key(struct build *build, struct form *form, int id, const struct field *field,
		   bool is_needed, const struct doc_node *node);
/* What an object has of a key, in its short form too; NULL: nothing. The node may be NULL. */
const struct doc_node *build_node_of(const struct schema *schema, const struct doc_node *node,
				     const struct field *field);
/* What a field comes to; "": nothing stands there. */
const char *build_typed(const struct form_field *field);
void build_complain(struct form_field *field, const char *text);
/* Can it be the name of an object of the schema, and what its names are like. */
bool build_is_name(const struct schema *schema, const char *name);
const char *build_name_words(const struct schema *schema);

/* ---- values within an object. build_nested.c ---- */

/* What is typed in the innermost form, into the object's value; false while its name is wrong. */
bool build_nested_update(struct build *build);
/* The path of what the innermost form is about, of the lab file; of a new object within it. */
const char *build_nested_path(struct build *build);
/* What a form shows of a value within its object. */
void build_show_nested(const struct build *build, struct form_field *to, const struct field *field,
		       const struct doc_node *node);

/* ---- build_value.c ---- */

/* As a tree in the arena; what is no YAML is a scalar. */
const struct doc_node *build_value_read(const char *yaml, struct arena *arena);
/* The tree with the value at a path, or without what is there (NULL); it shares nodes with `root`.
 */
const struct doc_node *build_value_with(const struct schema *schema, const struct doc_node *root,
					const char *path, const struct doc_node *value,
					struct arena *arena);
/* Add the changes of the lab file, as small as they can be, that make one the other; NULL: none. */
void build_value_diff(struct build *build, const char *path, const struct doc_node *before,
		      const struct doc_node *after);
