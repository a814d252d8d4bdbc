/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The routes that a machine with a kernel of its own is told of, beside those to its subnets. */
#include "lab/model/topology.h"

typedef void guest_route_fn(void *arg, const struct interface *interface, struct prefix prefix,
			    struct ip via);

/* First those by which it reaches all others, then its owner's (`routes`). */
void guest_routes_each(const struct node *node, guest_route_fn *fn, void *arg);
