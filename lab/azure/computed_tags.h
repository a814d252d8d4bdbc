/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * VirtualNetwork and Internet, which are another set of addresses at each subnet (NSG-29, NSG-30).
 * They are kept in parts that change apart: what a lab file says, what a gateway teaches, what a
 * route table adds.
 */
#include "lab/azure/fabric.h"

struct computed_tags;

/* The caller owns them; they borrow from the fabric and its topology. */
struct computed_tags *computed_tags_new(const struct fabric *fabric) NODISCARD;
void computed_tags_free(struct computed_tags *tags); /* NULL is fine */
/* What gateways teach is another. */
void computed_tags_learn(struct computed_tags *tags);

/* To which of them does an address belong, as seen from a subnet? */
struct tag_membership {
	bool is_virtual_network, is_internet;
};
struct tag_membership computed_tags_look_up(const struct computed_tags *tags,
					    const struct subnet *subnet, struct ip ip);

/*
 * The parts, normalized: what the lab file says of a virtual network and its peers, what of a route
 * table; what a gateway teaches but a default, and that alone; the public space. With the
 * platform's address VirtualNetwork is all but the last; Internet is that, without what the first
 * and the third hold. The caller frees the items.
 */
struct prefixes tag_of_vnet(const struct vnet *vnet) NODISCARD;
struct prefixes tag_of_route_table(const struct lab *lab, const struct route_table *table)
	NODISCARD;
struct prefixes tag_of_gateway(const struct gateway_routes *routes) NODISCARD;
struct prefixes tag_of_defaults(const struct gateway_routes *routes) NODISCARD;
struct prefixes computed_tags_public(void) NODISCARD;

/*
 * All of a tag at a subnet, in the order Azure lists it: the virtual network's own, the platform's
 * address, peers', what is learned, user routes'; without what lies in another.
 */
struct prefixes computed_tags_expand(const struct computed_tags *tags, const struct subnet *subnet,
				     enum tag_kind kind) NODISCARD;
