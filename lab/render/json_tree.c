/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/json_tree.h"

#include <stdlib.h>

void json_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		abort();
}

void json_append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value))
		abort();
}
