/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The configuration of one speaker's BIRD (2.0.12), by the rules of its sessions. */
#include "lab/azure/bgp.h"

#include <stdio.h>

/* The protocol of what is behind tunnels by the lab file alone. */
#define BIRD_SITES "s_sites"

void bird_conf_print(const struct bgp_graph *graph, const struct bgp_speaker *speaker, FILE *out);
