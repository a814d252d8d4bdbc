/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* All ways that a hub knows, of all kinds, before any is chosen: a part of gateway_routes.h. */
#include "lab/azure/gateway_routes.h"

/* Put them in the place of those of `out`, in order, and say which instances of its VPN run. */
void gateway_ways_collect(struct gateway_routes *out, const struct learned *learned);

/* Is it an address prefix of the site to which the connection leads (R5.5)? */
bool connection_has_prefix(const struct connection *connection, struct prefix prefix);
