/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/draft.h"

#include "lab/base/cleanup.h"
#include "lab/plan/wanted.h"
#include "lab/render/text_diff.h"
#include "lab/snapshot/fill.h"

#include <stdlib.h>

int draft_print_file(const struct snapshot_file *file, const struct snapshot_file *draft, FILE *out,
		     struct err *err)
{
	size_t len;
	CLEANUP(free_cleanup) char *text = snapshot_file_save(draft, &len, err);

	if (!text)
		return err->code;
	if (!text_diff(file->text, text, file->file, out))
		(void)fprintf(out, "%s stays as it is\n", file->file);
	return 0;
}

static struct wanted *wanted_of(const struct snapshot_file *file, const struct wanted *previous,
				struct as_paths *paths, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab *lab = snapshot_file_lab(file, &diags);

	if (!lab)
		(void)diags_fail(&diags, file->file, err);
	return lab ? wanted_new(lab, previous, paths) : NULL;
}

struct inside {
	FILE *out;
	bool is_any;
};

static void print_inside(void *arg, const char *guest, const struct plan *changes)
{
	struct inside *inside = arg;

	inside->is_any = true;
	plan_print_inside(changes, guest, inside->out);
}

int draft_print_plan(const struct snapshot_file *file, const struct snapshot_file *draft, FILE *out,
		     struct err *err)
{
	struct as_paths *paths = as_paths_new();
	struct wanted *before = file ? wanted_of(file, NULL, paths, NULL) : NULL;
	struct wanted *after = wanted_of(draft, before, paths, err);
	struct plan *from = wanted_start(before), *to = wanted_start(after), *changes;
	struct inside inside = { .out = out };

	if (after) {
		changes = plan_diff(from, to);
		plan_print(changes, out);
		wanted_inside(before, after, print_inside, &inside);
		if (!changes->step_count && !inside.is_any)
			(void)fprintf(out, " nothing changes there\n");
		plan_free(changes);
	}
	plan_free(from);
	plan_free(to);
	wanted_free(after);
	wanted_free(before);
	as_paths_free(paths);
	return after ? 0 : err->code;
}
