/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that az is said to have written about NSGs: it is refused with a reason, or each NSG in it
 * is missing in a lab without any, and a lab that has the same rules has no rule that it lacks.
 */
#include "lab/render/nsg_diff.h"
#include "lab/snapshot/az_nsg_file.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

static struct snapshot_nsg lab_of(const struct az_nsg_file *file, struct arena *arena)
{
	struct snapshot_nsg out = { .lab = "lab", .nic = "nic", .vm = "vm", .subnet = "v/s" };

	for (size_t i = 0; i < file->filters.count; i++) {
		const struct az_nsg_filter *from = &file->filters.items[i];
		struct snapshot_filter *to =
			ARENA_PUSH(arena, out.filters.items, out.filters.count);

		to->layer = from->layer;
		to->resource = from->nsg;
		to->applied_to = "nic";
		for (size_t n = 0; n < from->rules.count; n++)
			*ARENA_PUSH(arena, to->rules.items, to->rules.count) =
				from->rules.items[n].rule;
	}
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct snapshot_nsg nothing = { .lab = "lab", .nic = "nic" }, same;
	struct az_nsg_file there = { 0 };
	struct nsg_diff diff;
	struct err err = { 0 };
	FILE *out;

	if (az_nsg_file_read((const char *)data, size, "az.json", &there, arena, &err)) {
		diff = nsg_diff_find(&nothing, &there, arena);
		assert(diff.items.count == there.filters.count);
		same = lab_of(&there, arena);
		diff = nsg_diff_find(&same, &there, arena);
		for (size_t i = 0; i < diff.items.count; i++)
			assert(diff.items.items[i].kind == NSG_DIFFERENT);
		json_decref(nsg_diff_json(&diff));
		out = fopen("/dev/null", "we");
		assert(out);
		nsg_diff_print(&diff, out);
		(void)fclose(out);
	} else {
		assert(err.code < 0 && *err.text);
	}
	arena_free(arena);
	return 0;
}
