/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What every speaker of a lab ends up knowing when all its sessions are up: the prediction that
 * probes, plans and drift stand on, made before anything runs.
 */
#include "lab/azure/rib.h"

/*
 * One table for each speaker, in the graph's order; the caller ends each with rib_fini and frees
 * the array. The paths live in `paths`. Ends that hear more than their limit are marked so
 * (is_over_limit): their sessions do not last, and bring nothing (R6.15, R7.15).
 */
struct rib *bgp_solve(const struct bgp_graph *graph, struct as_paths *paths) NODISCARD;
void bgp_ribs_free(struct rib *ribs, const struct bgp_graph *graph); /* NULL is fine */

/* Would the daemon that has both prefer a to b? They are for one prefix. */
bool bgp_is_better(const struct rib_route *a, const struct rib_route *b);
/* Are they equal but for what decides last, so that a router that shares flows uses both? */
bool bgp_is_equal_cost(const struct rib_route *a, const struct rib_route *b);
/* The communities of a customer's words. */
unsigned bgp_communities(const struct bgp_neighbor *neighbor);
/* The next hop with which an end tells a route of its speaker's. */
struct ip bgp_told_next_hop(const struct bgp_end *end, const struct rib_route *route);
