/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What the files that make a graph share: bgp.c has the speakers, and one file each kind of
 * session.
 */
#include "lab/azure/bgp.h"

/* What a session needs of one side. */
struct bgp_side {
	struct bgp_speaker *speaker;
	const struct interface *interface;
	struct ip ip;
};

struct bgp_network *bgp_add_network(struct bgp_graph *graph, struct bgp_speaker *speaker,
				    struct prefix prefix, enum bgp_class class);
/* The IPv4 ranges of a virtual network. */
void bgp_add_ranges(struct bgp_graph *graph, struct bgp_speaker *speaker, const struct vnet *vnet,
		    enum bgp_class class);

/* One side's end of a session with a known other side; bgp_join makes two of them a session. */
struct bgp_end *bgp_add_end(struct bgp_graph *graph, const struct bgp_side *near,
			    const struct bgp_side *far, enum bgp_class learns, unsigned sends);
void bgp_join(struct bgp_end *a, struct bgp_end *b);

/*
 * An end as one side is configured, whoever answers there: `far` is the machine that has the
 * address, if one has. Ends that fit each other become sessions by bgp_match.
 */
struct bgp_end *bgp_add_half(struct bgp_graph *graph, const struct bgp_side *near,
			     struct ip peer_ip, uint32_t peer_asn, const struct node *far,
			     enum bgp_class learns, unsigned sends);
void bgp_match(struct bgp_graph *graph);

/* Who has an address, as seen from a port: in its network or in those that peerings join to it. */
const struct node *bgp_find_host(const struct bgp_graph *graph, const struct interface *port,
				 struct ip ip);

/* A gateway's or Route Server's one port. */
struct bgp_side bgp_side_of(struct bgp_speaker *speaker);

/* ---- by role ---- */

void bgp_add_gateway_networks(struct bgp_graph *graph, struct bgp_speaker *speaker);
/* All sessions of MSEEs, of providers. */
void bgp_add_msee(struct bgp_graph *graph, struct bgp_speaker *speaker);
void bgp_add_provider(struct bgp_graph *graph, struct bgp_speaker *speaker);
void bgp_add_hairpins(struct bgp_graph *graph);
/* Tunnels of a VPN gateway's instance; its networks. */
void bgp_add_vpn_gateway(struct bgp_graph *graph, struct bgp_speaker *speaker);
/* Between the instances of a virtual network's gateways and its Route Server. */
void bgp_add_inside(struct bgp_graph *graph, const struct vnet *vnet);
/* A Route Server's instance and its NVAs. */
void bgp_add_route_server(struct bgp_graph *graph, struct bgp_speaker *speaker);
/* Routers of customers. */
void bgp_add_branch(struct bgp_graph *graph, struct bgp_speaker *speaker);
void bgp_add_nva(struct bgp_graph *graph, struct bgp_speaker *speaker);
