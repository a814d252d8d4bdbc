/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/az_json.h"

#include <errno.h>

json_t *az_json_load(const char *text, size_t len, const char *file, struct err *err)
{
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		err_set(err, -EINVAL, "%s:%d:%d: no JSON: %s", file, error.line,
			error.column > 0 ? error.column : 1, error.text);
	return root;
}
