/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* From what decides on a flow's way to what is shown of it. */
#include "lab/azure/fabric.h"
#include "lab/snapshot/path_question.h"
#include "lab/snapshot/snapshot_path.h"

/* `file` is the lab file's name, as places in it have it. */
void snapshot_fill_path(const struct fabric *fabric, const char *file,
			const struct path_question *question, struct snapshot_path *out,
			struct arena *arena);
