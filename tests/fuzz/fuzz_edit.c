/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path, a value and a file, each behind a NUL: what the editor gives can be read. */
#include "lab/yaml/doc.h"
#include "lab/yaml/edit.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = fuzz_take_text(&data, &size), *value = fuzz_take_text(&data, &size), *edited;
	struct diags diags = { 0 };
	struct err err = { 0 };
	size_t len = 0;

	edited = edit_set((const char *)data, size, "fuzz.yaml", path, *value ? value : NULL, &len,
			  &err);
	assert(edited || (err.code < 0 && *err.text));
	if (edited) {
		struct doc *doc = doc_parse(edited, len, "edited.yaml", &diags);

		assert(doc && !diags_error_count(&diags));
		doc_free(doc);
	}
	free(edited);
	free(path);
	free(value);
	diags_fini(&diags);
	return 0;
}
