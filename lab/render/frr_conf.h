/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The configuration of one speaker's FRR (8.4), by the rules of its sessions: a customer's router,
 * at a branch or an appliance. What it decides is what BIRD would decide.
 */
#include "lab/azure/bgp.h"

#include <stdio.h>

void frr_conf_print(const struct bgp_graph *graph, const struct bgp_speaker *speaker, FILE *out);
