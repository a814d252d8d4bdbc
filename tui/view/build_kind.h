/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a lab is built of, as a table; the keys of each, their words and choices are those of the
 * language of lab files. build_kind.c
 */
#include "lab/model/lab.h"

struct build_kind {
	const char *name;       /* "virtual network" */
	const char *collection; /* its key at the top level */
	const char *within;   /* of one of the collection's objects the key; NULL: itself is one */
	const char *proposed; /* how names that are proposed begin */
	bool is_spoke;        /* a virtual network with its peerings and a machine, to be added */
};

extern const struct build_kind build_kinds[];
extern const size_t build_kind_count;

struct build_object {
	const char *path;   /* of the lab file */
	const char *parent; /* the collection's object it is within; NULL */
	const char *name;
	const struct doc_node *node;
};

struct build_objects {
	struct build_object *items;
	size_t count;
};

struct build_changes {
	struct change_text *items;
	size_t count;
};

struct names {
	const char **items;
	size_t count;
};

/* Those of a kind that a lab has, in the order of its file; names are borrowed from it. */
struct build_objects build_objects_of(const struct build_kind *kind, const struct doc_node *root,
				      struct arena *arena);
/* The language of its objects. */
const struct schema *build_schema(const struct build_kind *kind);
/* Is the key one whose objects are a kind of their own? */
bool build_is_within(const struct build_kind *kind, const char *key);
/* What may stand in a reference by that key: names of other objects; none when it is free. */
struct names build_names_for(const char *key, const struct doc_node *root, struct arena *arena);
/* Names of one collection. */
struct names build_names_of(const char *collection, const struct doc_node *root,
			    struct arena *arena);
/* PREFIX1, PREFIX2 ...: the first one that none of the names is. */
const char *build_free_name(const char *prefix, const struct names *taken, struct arena *arena);

/* Address ranges that are free: behind the last virtual network, and within one. */
struct prefix build_free_space(const struct lab *lab);
struct prefix build_free_subnet(const struct vnet *vnet);

/* A value as YAML on one line, as somebody typed it for a field. */
const char *build_yaml(const struct field *field, const char *typed, struct arena *arena);
/* And the other way: what is shown of a node. */
const char *build_shown_whole(const struct doc_node *node, struct arena *arena);
const char *build_shown(const struct field *field, const struct doc_node *node,
			struct arena *arena);
