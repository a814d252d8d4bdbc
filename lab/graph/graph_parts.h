/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the state of a graph. */
#include "lab/graph/graph_state.h"

/* What is known of traffic, to the state; NULL is fine. */
void graph_rates(struct graph_state *s, const struct graph *g,
		 const struct snapshot_traffic *traffic, struct arena *arena);
