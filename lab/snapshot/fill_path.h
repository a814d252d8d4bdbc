/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* From what decides on a flow's way to what is shown of it. */
#include "lab/azure/fabric.h"
#include "lab/azure/trace.h"
#include "lab/snapshot/path_question.h"
#include "lab/snapshot/snapshot_path.h"

/*
 * What one decision says of a packet that was sent with this source address. `file` is the lab
 * file's name, as places in it have it.
 */
void snapshot_fill_decision(const struct fabric *fabric, const char *file,
			    const struct decision *decision, struct ip source,
			    struct snapshot_decision *out, struct arena *arena);

void snapshot_fill_path(const struct fabric *fabric, const char *file,
			const struct path_question *question, struct snapshot_path *out,
			struct arena *arena);

/* What "n I 12 100 A" (hit.h) is in the lab; false when it is no such word. */
bool snapshot_fill_rule(const struct topology *topology, const char *file, const char *text,
			struct snapshot_rule_name *out, struct arena *arena) NODISCARD;
