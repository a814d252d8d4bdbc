/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What flows, laid over the graph. */
#include "lab/graph/graph_parts.h"

#include "lab/base/arena.h"

#include <stdio.h>

int64_t graph_busier(const struct graph_rate *rate)
{
	return rate->out > rate->in ? rate->out : rate->in;
}

void graph_rate_text(int64_t bytes, char text[GRAPH_RATE_TEXT])
{
	static const char *const units[] = { "b", "kb", "Mb", "Gb", "Tb", "Pb" };
	double bits = (double)bytes * 8;
	size_t unit = 0;

	while (bits >= 999.5 && unit + 1 < ARRAY_SIZE(units)) {
		bits /= 1000;
		unit++;
	}
	(void)snprintf(text, GRAPH_RATE_TEXT, "%.*f%s/s", unit && bits < 9.95 ? 1 : 0, bits,
		       units[unit]);
}

static void add(struct graph_rate *to, int64_t out, int64_t in)
{
	to->out += out;
	to->in += in;
}

/* That probes and users send from; the others are what networks are made of. */
static bool is_user_machine(enum node_role kind)
{
	switch (kind) {
	case ROLE_VM:
	case ROLE_NVA:
	case ROLE_INTERNET:
	case ROLE_PRIVATE_ENDPOINT:
	case ROLE_BRANCH_HOST:
		return true;
	case ROLE_ER_GATEWAY:
	case ROLE_VPN_GATEWAY:
	case ROLE_ROUTE_SERVER:
	case ROLE_MSEE:
	case ROLE_PROVIDER:
	case ROLE_BRANCH:
		return false;
	}
	return false;
}

static void add_interface(struct graph_state *s, const struct graph *g,
			  const struct snapshot_carried *carried)
{
	const struct graph_device *device = graph_find_device(g, carried->node, carried->interface);
	unsigned node;

	if (device) {
		add(&s->link_rates[device->link],
		    device->end ? carried->bytes_in : carried->bytes_out,
		    device->end ? carried->bytes_out : carried->bytes_in);
		return;
	}
	node = graph_find(g, carried->node);
	if (node == GRAPH_NONE)
		return;
	add(&s->node_rates[node], carried->bytes_out, carried->bytes_in);
	if (is_user_machine(g->nodes.items[node].kind))
		add(&s->group_rates[g->nodes.items[node].group], carried->bytes_out,
		    carried->bytes_in);
}

void graph_rates(struct graph_state *s, const struct graph *g,
		 const struct snapshot_traffic *traffic, struct arena *arena)
{
	if (!traffic || !traffic->is_whole)
		return;
	s->node_rates = arena_alloc(arena, (g->nodes.count + 1) * sizeof(*s->node_rates));
	s->link_rates = arena_alloc(arena, (g->links.count + 1) * sizeof(*s->link_rates));
	s->group_rates = arena_alloc(arena, (g->groups.count + 1) * sizeof(*s->group_rates));
	for (size_t i = 0; i < traffic->interfaces.count; i++)
		add_interface(s, g, &traffic->interfaces.items[i]);
}
