/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Who reaches whom, for people on 80 columns: a matrix with a row for each machine that asked. A
 * large one is folded, machines that are alike being one, or shows those alone that have findings.
 */
#include "lab/snapshot/snapshot_mesh.h"

#include <stdio.h>

/* All of them have passed mesh_check. */
void mesh_print(const struct snapshot_mesh *mesh, FILE *out);
/* A line for each pair: from, to, result, round-trip time in ms, and of findings what was seen. */
void mesh_print_tsv(const struct snapshot_mesh *mesh, FILE *out);
json_t *mesh_json(const struct snapshot_mesh *mesh) NODISCARD;
/* Was every pair observed, and as predicted? */
bool mesh_is_good(const struct snapshot_mesh *mesh);
