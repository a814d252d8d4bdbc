/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/doc_model.h"

#include <ctype.h>
#include <stdio.h>

json_t *doc_model(const struct doc_node *node, bool folds_case)
{
	json_t *json = node->kind == DOC_MAP    ? json_object()
		       : node->kind == DOC_LIST ? json_array()
						: json_string(node->value);

	for (size_t i = 0; i < node->count; i++) {
		json_t *child = doc_model(doc_child(node, i), folds_case);
		char key[200];

		if (node->kind == DOC_LIST) {
			(void)json_array_append_new(json, child);
			continue;
		}
		(void)snprintf(key, sizeof(key), "%s", node->pairs[i].key->value);
		for (char *c = key; folds_case && *c; c++)
			*c = (char)tolower((unsigned char)*c);
		(void)json_object_set_new(json, key, child);
	}
	return json;
}
