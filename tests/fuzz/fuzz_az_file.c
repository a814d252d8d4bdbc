/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that az is said to have written: it is refused with a reason, or it is rows that are equal
 * to themselves and all there is beside none.
 */
#include "lab/render/routes_diff.h"
#include "lab/snapshot/az_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct snapshot_routes there = { 0 }, nothing = { 0 };
	struct snapshot_why here = { .nic = "nic", .none_routes = "2026" };
	struct routes_diff diff;
	struct err err = { 0 };

	if (az_file_read((const char *)data, size, "az.json", &there, arena, &err)) {
		here.routes.items = there.routes.items;
		here.routes.count = there.routes.count;
		assert(!routes_diff_find(&here, &there, arena).items.count);
		diff = routes_diff_find(&here, &nothing, arena);
		assert(!diff.items.count == !there.routes.count);
		here.routes.count = 0;
		assert(diff.items.count == routes_diff_find(&here, &there, arena).items.count);
		json_decref(routes_diff_json(&diff));
	} else {
		assert(err.code < 0 && *err.text);
	}
	arena_free(arena);
	return 0;
}
