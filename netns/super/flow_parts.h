/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the flow log: what flows have in common, each kept as long as one needs it. */
#include "netns/super/flow_table.h"

#include <uthash.h>

#define FLOW_PREFIX 40

/* A rule as the lab had it when it spoke. */
struct flow_layer {
	UT_hash_handle hh;
	unsigned refs;
	struct hit hit;
	bool is_default;
	char *resource, *rule; /* "" when the lab has them no more */
	char key[FLOW_PREFIX + 1];
};

/* A port of the fabric as the lab had it. */
struct flow_port {
	UT_hash_handle hh;
	unsigned refs;
	uint32_t ifindex;
	unsigned zone, edge_zone; /* of its conntrack states, and of those with the Internet */
	bool is_internet;         /* of a host there */
	char *nic, *vm, *vnet;
	char mac[2 * MAC_SIZE + 1];
};

struct flow_names {
	const struct topology *topology;
	struct flow_layer *layers;
	struct flow_port *ports;
};

void flow_names_set(struct flow_names *names, const struct topology *topology);
/* References are the caller's. NULL when it is no prefix of ours. */
struct flow_layer *flow_layer_get(struct flow_names *names, const char *prefix, bool is_subnet);
struct flow_port *flow_port_get(struct flow_names *names, uint32_t ifindex);
/* Which conntrack zone a packet from one port to another is in, as that of one of them has it. */
unsigned flow_zone(struct flow_names *names, const struct flow_port *port, uint32_t in,
		   uint32_t out);
void flow_layer_drop(struct flow_layer *layer);
void flow_port_drop(struct flow_port *port);

/* In which order layers speak of one packet; the platform may do so behind any other. */
unsigned flow_layer_order(const struct flow_layer *layer);
