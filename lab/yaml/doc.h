/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab file as a tree whose nodes know where they stand. Pure: bytes in, tree out.
 * Anchors and aliases are followed (an alias is its anchor's node, at its anchor's place);
 * duplicate keys, tags, merge keys and further documents are findings.
 */
#include "lab/base/diag.h"

#include <stdbool.h>
#include <stddef.h>

#define DOC_VALUES_MAX 200000 /* keys too, and those of an alias each time it is used */
#define DOC_BYTES_MAX  ((size_t)4 * 1024 * 1024)

enum doc_kind {
	DOC_SCALAR,
	DOC_LIST,
	DOC_MAP
};

struct doc_pair {
	struct doc_node *key; /* always a scalar */
	struct doc_node *value;
};

struct doc_node {
	enum doc_kind kind;
	struct src_pos pos;
	size_t start, end;       /* byte range; a block collection ends with its last child */
	const char *value;       /* DOC_SCALAR: NUL-terminated, without NUL inside */
	bool is_plain;           /* DOC_SCALAR: written without quotes */
	struct doc_node **items; /* DOC_LIST */
	struct doc_pair *pairs;  /* DOC_MAP */
	size_t count;
	size_t weight; /* values below and including this one, aliases counted each time */
};

struct doc; /* owns the tree */

/*
 * NULL when the text cannot be read any further than a finding in `diags` says; a document with
 * findings that do not stop reading (a duplicate key) is still returned. `file` is only named.
 * The caller owns the document.
 */
struct doc *doc_parse(const char *text, size_t len, const char *file, struct diags *diags)
	NODISCARD;
void doc_free(struct doc *doc); /* NULL is fine */

const struct doc_node *doc_root(const struct doc *doc); /* always a map */

/* An item of a list, or the value of a pair of a map. */
const struct doc_node *doc_child(const struct doc_node *node, size_t at);

/* The same values in the same order, whatever they stand as. */
bool doc_is_same(const struct doc_node *a, const struct doc_node *b);

/* Nothing: no text at all, or a null. */
bool doc_is_empty(const struct doc_node *node);

/* Borrowed; NULL when the map has no such key. Letter case does not count. */
const struct doc_node *doc_find(const struct doc_node *map, const char *key);
