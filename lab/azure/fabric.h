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

struct fabric {
	struct arena *arena;
	const struct topology *topology;
	struct learned learned;
	struct gateway_routes **taught; /* by the lab's gateways, in their order */
	/* by index of the fabric table; one of the two is filled */
	struct fabric_content {
		struct effective_routes *subnet;
		struct msee_routes *msee;
	} * tables;
};

/* The caller owns the fabric; it borrows from the topology, the graph and the tables. */
struct fabric *fabric_new(const struct topology *topology, const struct learned *learned) NODISCARD;
void fabric_free(struct fabric *fabric); /* NULL is fine */

/* What a change of what is learned touches: one prefix of a table, or all of it. */
struct fabric_touch {
	const struct fabric_table *table;
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
/* What a gateway teaches now; NULL for NULL. */
const struct gateway_routes *fabric_taught(const struct fabric *fabric,
					   const struct gateway *gateway);

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
