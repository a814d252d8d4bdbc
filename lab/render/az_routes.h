/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Effective routes as `az network nic show-effective-route-table` prints them (R1.2, R1.3). */
#include "lab/snapshot/snapshot.h"

#include <stdbool.h>
#include <stdio.h>

void az_routes_print(const struct snapshot_routes *routes, bool is_tsv, FILE *out);
json_t *az_routes_json(const struct snapshot_routes *routes) NODISCARD; /* a new reference */
json_t *az_route_json(const struct snapshot_route *route, bool disables_propagation) NODISCARD;
