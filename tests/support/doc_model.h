/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/yaml/doc.h"

#include <jansson.h>

/*
 * A tree as JSON, all scalars text: the model that changes and edits are held against. With
 * `folds_case` keys are in small letters. A new reference.
 */
json_t *doc_model(const struct doc_node *node, bool folds_case) NODISCARD;
