/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What every speaker of a lab ends up knowing when all its sessions are up: the prediction that
 * probes, plans and drift stand on, made before anything runs.
 */
#include "lab/azure/rib.h"

/*
 * One table for each speaker, in the graph's order; the caller ends each with rib_fini and frees
 * the array. The paths live in `paths`.
 */
struct rib *bgp_solve(const struct bgp_graph *graph, struct as_paths *paths) NODISCARD;
void bgp_ribs_free(struct rib *ribs, const struct bgp_graph *graph); /* NULL is fine */
