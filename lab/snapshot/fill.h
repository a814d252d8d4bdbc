/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* From what is computed to what is shown. The results borrow from their sources and the arena. */
#include "lab/azure/route_reasons.h"
#include "lab/model/lab.h"
#include "lab/snapshot/snapshot.h"

void snapshot_fill_routes(const struct nic *nic, const struct effective_routes *routes,
			  struct snapshot_routes *out, struct arena *arena);

/* `file` is the lab file's name, as places in it have it. */
void snapshot_fill_why(const struct lab *lab, const char *file, const struct nic *nic,
		       const struct route_reasons *reasons, struct snapshot_why *out,
		       struct arena *arena);

/* The lab that the topic describes; NULL with findings. It borrows from the topic. */
struct lab *snapshot_file_lab(const struct snapshot_file *file, struct diags *diags) NODISCARD;
