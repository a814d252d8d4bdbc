/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step's number as one byte, a path, a value and a lab file, each behind a NUL: a change gives a
 * lab or a finding with a place, and what is saved gives the same lab without the change.
 */
#include "lab/model/lab_save.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct lab *parse(const char *text, size_t len, const struct lab_state *state)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse_at(text, len, "fuzz.yaml", state, &diags);

	assert(!lab == (diags_error_count(&diags) > 0));
	for (size_t i = 0; i < diags.count; i++)
		assert(diags.items[i].pos.file && diags.items[i].pos.line &&
		       diags.items[i].pos.col);
	diags_fini(&diags);
	return lab;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lab_state state = { .step = size ? *data % 8 : 0 }, saved = { 0 };
	struct change_text change;
	struct err err = { 0 };
	char *path, *value, *text;
	struct lab *lab;
	size_t len;

	if (!size)
		return 0;
	data++;
	size--;
	path = fuzz_take_text(&data, &size);
	value = fuzz_take_text(&data, &size);
	change = (struct change_text){ path, *value ? value : NULL };
	saved.step = state.step;
	state.changes = &change;
	state.change_count = 1;
	lab = parse((const char *)data, size, &state);
	text = lab ? lab_save((const char *)data, size, "fuzz.yaml", &state, &len, &err) : NULL;
	assert(!lab || text || (err.code < 0 && *err.text));
	if (text) {
		struct lab *again = parse(text, len, &saved);

		assert(again && again->vms.count == lab->vms.count);
		lab_free(again);
	}
	free(text);
	lab_free(lab);
	free(path);
	free(value);
	return 0;
}
