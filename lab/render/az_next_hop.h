/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Where packets to an address go, as `az network watcher show-next-hop` prints it, and by what. */
#include "lab/base/ip.h"
#include "lab/snapshot/snapshot.h"

#include <stdbool.h>
#include <stdio.h>

struct az_next_hop {
	const char *ip; /* of several next hops all, with blanks between; "" where there is none */
	const char *type;
	const char *route_table; /* of a user's route, else "System Route" */
	const char *prefix, *source;
};

/* The result borrows from the routes and the arena. */
struct az_next_hop az_next_hop_find(const struct snapshot_routes *routes, struct ip to,
				    struct arena *arena);
void az_next_hop_print(const struct az_next_hop *hop, bool is_tsv, FILE *out);
json_t *az_next_hop_json(const struct az_next_hop *hop) NODISCARD;
