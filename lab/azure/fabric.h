/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * All of a lab's fabric at one moment: what each of its tables holds when the speakers know what
 * `learned` says. From it the kernel is programmed, and packets are followed (walk.h).
 */
#include "lab/azure/effective_routes.h"

/* Where an MSEE sends what comes from its provider: to the gateway instances that announced it. */
struct msee_route {
	struct prefix prefix;
	LIST_OF(const struct interface *) instances; /* their ports */
};

struct msee_routes {
	struct arena *arena;
	LIST_OF(struct msee_route) routes; /* by prefix */
};

struct security;

struct fabric {
	struct arena *arena;
	const struct topology *topology;
	struct learned learned;
	struct security *security; /* what filters, by what is taught */
	/* by index of the virtual network, of those that have gateways or a Route Server */
	struct gateway_routes **taught;
	/* likewise: what of it tags have, where something filters (filtering_asks); else nothing */
	struct taught_tags {
		bool is_asked;
		struct prefixes prefixes, defaults;
	} * tags;
	/* by index of the fabric table; one of the two is filled */
	struct fabric_content {
		struct effective_routes *subnet;
		struct msee_routes *msee;
	} * tables;
};

/* The caller owns the fabric; it borrows from the topology, the graph and the tables. */
struct fabric *fabric_new(const struct topology *topology, const struct learned *learned) NODISCARD;
void fabric_free(struct fabric *fabric); /* NULL is fine */

/* What a change of what is learned touches: one prefix of a table or all of it, or tags. */
struct fabric_touch {
	const struct fabric_table *table; /* NULL: what tags have of what is taught */
	const struct vnet *hub;
	bool is_whole;
	struct prefix prefix;
};

struct fabric_touches {
	struct fabric_touch *items;
	size_t count;
};

/*
 * Take in what is learned now, in two steps: the first says which tables it touches, and leaves
 * them as they were; fabric_settle then brings those up to date. The caller frees the touches'
 * items. Everything is as fabric_new would make it.
 */
struct fabric_touches fabric_learn(struct fabric *fabric) NODISCARD;
void fabric_settle(struct fabric *fabric, const struct fabric_touches *touches);
/* About as many routes as a table holds, or will. */
size_t fabric_table_size(const struct fabric *fabric, const struct fabric_table *table);

const struct effective_routes *fabric_subnet_routes(const struct fabric *fabric,
						    const struct fabric_table *table);
const struct taught_tags *fabric_tags(const struct fabric *fabric, const struct vnet *hub);
/* What the gateways and the Route Server of a virtual network teach now; NULL for NULL. */
const struct gateway_routes *fabric_taught(const struct fabric *fabric, const struct vnet *hub);

/*
 * Where a user's route to the VPN gateway leads that a virtual network uses (R3.12, R5.17): to
 * those of its instances that run. Returns how many there are; none without such a gateway.
 */
size_t fabric_vpn_hops(const struct fabric *fabric, const struct vnet *vnet,
		       struct next_hop ret_hops[static GATEWAY_INSTANCES]);

/*
 * The port that has an address, as the fabric knows it from within a virtual network: of its own
 * or of a directly peered one (R3.10). NULL when nobody there has it.
 */
const struct interface *fabric_find_port(const struct topology *topology, const struct vnet *from,
					 struct ip ip);

/*
 * Is it an address of an MSEE in this GatewaySubnet, which has a route table? That may cover it
 * (R3.16), and yet the gateway's sessions with the MSEE are no matter of it.
 */
bool fabric_is_own_msee(const struct topology *topology, const struct subnet *subnet, struct ip ip);
