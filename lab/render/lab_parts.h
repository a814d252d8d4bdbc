/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Parts of lab files, for those who write whole ones: each is some lines below a key of the top
 * level. Virtual networks are called hub, spoke1, spoke2 and so on, what belongs to them after
 * them. A network gives half of its space to its machines; the second half begins with a
 * GatewaySubnet, a RouteServerSubnet behind it. Where it has an NVA, machines have a quarter, and
 * the NVA's subnet the next.
 */
#include "lab/base/ip.h"

#include <stdbool.h>
#include <stdio.h>

#define PART_GATEWAY_LEN      27u /* of a GatewaySubnet, which therefore needs a /26 to stand in */
#define PART_ROUTE_SERVER_LEN 27u /* and of a RouteServerSubnet: with both a /25 */

struct prefix part_default_subnet(struct prefix space, bool has_nva);
struct prefix part_nva_subnet(struct prefix space);
struct prefix part_gateway_subnet(struct prefix space);
/* Behind the GatewaySubnet, whether that is there or not. */
struct prefix part_route_server_subnet(struct prefix space);

struct part_network {
	const char *name;
	struct prefix space;
	bool has_gateway, has_nva, has_route_server;
	bool takes_forwarded;        /* of a spoke: also what an NVA forwards */
	const char *route_table;     /* the machines' subnet's, leading to an NVA; or NULL */
	const char *nva_route_table; /* the NVA's subnet's, or NULL */
	unsigned nsg;                /* the number of the machines' subnet's, or 0 */
};

/* One of virtual_networks, but for its peerings. */
void part_network(const struct part_network *network, FILE *out);

/* The hub's halves of its peerings, `spokes` of them, and a spoke from its name to its peering. */
void part_hub_peerings(unsigned spokes, bool has_gateway, FILE *out);
void part_spoke(unsigned number, struct part_network spoke, bool hub_has_gateway, FILE *out);

/* Of vms: one in the hub, and in each spoke as many. */
void part_vms(unsigned spokes, unsigned spoke_vms, FILE *out);

/* Of virtual_network_gateways, and of connections, for a network with a gateway and a circuit. */
void part_gateway(const char *network, FILE *out);
void part_connection(const char *network, FILE *out);
