/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The language of lab files as a JSON Schema (draft 2020-12), for editors: what the tables say of
 * keys and values, and nothing that holds between objects. Letter case of keys is the tables' own,
 * so that an editor offers and asks for one spelling; the reader takes any.
 */
#include "lab/base/macros.h"
#include "lab/model/schema.h"

#include <jansson.h>

/* Of a file that holds one object of `schema`; the caller owns the reference. */
json_t *json_schema_new(const struct schema *schema, const char *title, const char *description)
	NODISCARD;
