/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* From a machine, or from the ways of a flow, to the places where packets are captured. */
#include "lab/azure/fabric.h"
#include "lab/snapshot/path_question.h"
#include "lab/snapshot/snapshot_capture.h"

/*
 * "MACHINE[:INTERFACE]": a machine, a gateway, circuit or Route Server (all its instances), or the
 * namespace of a tunnel; all its interfaces but the loopback, or the one of that name, also of a
 * NIC's. -ENOENT when there is none; `err` then says which there are.
 */
int snapshot_fill_capture_node(const struct topology *topology, const char *name,
			       struct snapshot_capture *out, struct arena *arena, struct err *err);

/* Not both families, nor more than one protocol: as the question has them. */
void snapshot_fill_capture_flow(const struct fabric *fabric, const char *file,
				const struct path_question *question, struct snapshot_capture *out,
				struct arena *arena);
