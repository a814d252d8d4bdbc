/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What speaks BGP, as az prints it: `az network vnet-gateway list-bgp-peer-status`,
 * `list-learned-routes` and `list-advertised-routes` (R5.9 to R5.11, R6.4, R6.5), of a Route
 * Server `az network routeserver peering list-learned-routes` and `list-advertised-routes` (R7.18),
 * of an MSEE `az network express-route list-route-tables-summary` and `list-route-tables` (R6.6).
 * Other routers have what gateways have.
 */
#include "lab/snapshot/snapshot.h"

#include <stdio.h>

/* `now` is Unix time: durations end there. */
void az_bgp_peers_print(const struct snapshot_bgp *bgp, double now, bool is_tsv, FILE *out);
void az_bgp_learned_print(const struct snapshot_bgp *bgp, bool is_tsv, FILE *out);
void az_bgp_advertised_print(const struct snapshot_advertised *advertised, bool is_tsv, FILE *out);

/* New references. */
json_t *az_bgp_peers_json(const struct snapshot_bgp *bgp, double now) NODISCARD;
json_t *az_bgp_learned_json(const struct snapshot_bgp *bgp) NODISCARD;
json_t *az_bgp_advertised_json(const struct snapshot_advertised *advertised) NODISCARD;
