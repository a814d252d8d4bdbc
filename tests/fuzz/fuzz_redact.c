/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lab file whose pre-shared keys are taken out: it is refused with a reason, or what is left has
 * none that could be taken out.
 */
#include "lab/snapshot/redact.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	char *once = redact_lab_file((const char *)data, size, "lab.yaml", &err), *twice;

	if (!once) {
		assert(err.code < 0 && *err.text);
		return 0;
	}
	twice = redact_lab_file(once, strlen(once), "lab.yaml", &err);
	assert(twice);
	free(twice);
	free(once);
	return 0;
}
