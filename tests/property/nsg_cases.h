/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Packets at random, most of them at the edges of what some rule means: each is made for a rule, so
 * that also those are met that mean one port of one machine.
 */
#include "lab/azure/walk.h"

/* What a layer says where a packet crosses a port. */
struct expected {
	const struct interface *port;
	struct layer_verdict layer;
};

#define EXPECTED_MAX (FLOW_MAX_CROSSINGS * LAYERS_MAX)

struct nsg_case {
	const struct interface *from;
	struct flow_tuple tuple;
	struct flow walk;
	bool is_denied;            /* at the last port that it crosses */
	struct expected *expected; /* in the order in which they are asked */
	unsigned expected_count;
};

struct nsg_cases {
	struct nsg_case *items;
	size_t count;
};

/* The caller owns them; no packet is of a flow that another one began. */
struct nsg_cases nsg_cases_new(const struct fabric *fabric, uint64_t seed, size_t count) NODISCARD;
void nsg_cases_free(struct nsg_cases *cases);
