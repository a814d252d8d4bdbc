/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever a lab file is: it is a lab, which lint says more about, or there is a finding that says
 * why not, at a place of it.
 */
#include "lab/lint/lint.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse((const char *)data, size, "fuzz.yaml", &diags);

	assert(!lab == !!diags_error_count(&diags));
	assert(lab || diags.count);
	if (lab)
		lint_file(lab, (const char *)data, size, "fuzz.yaml", &diags);
	assert(!lab == !!diags_error_count(&diags)); /* lint refuses nothing */
	for (size_t i = 0; i < diags.count; i++)
		assert(diags.items[i].pos.line && diags.items[i].pos.col && *diags.items[i].text);
	lab_free(lab);
	diags_fini(&diags);
	return 0;
}
