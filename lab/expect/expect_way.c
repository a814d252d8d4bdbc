/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/expect/expect_way.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WAYS_LOOKED_AT 64

struct ways ways_of(const struct expectation *e, const struct fabric *fabric)
{
	return (struct ways){ .fabric = fabric,
			      .packet = fabric_probe_packet(fabric, &e->probe),
			      .flow = { .ways = 1 } };
}

bool ways_next(struct ways *ways)
{
	if (ways->packet.way == ways->flow.ways || ways->packet.way == WAYS_LOOKED_AT)
		return false;
	fabric_walk_packet(ways->fabric, &ways->packet, &ways->flow);
	ways->packet.way++;
	return true;
}

static bool is_named(const char *name, const char *wanted)
{
	return !strcasecmp(name, wanted);
}

/* By its own name, or as one of several: an instance of a gateway, an MSEE of a circuit. */
static bool is_it(const struct node *node, const char *name)
{
	return is_named(node->name, name) ||
	       (node->gateway && is_named(node->gateway->object.name, name)) ||
	       (node->circuit && is_named(node->circuit->object.name, name)) ||
	       (node->route_server && is_named(node->route_server->object.name, name));
}

static bool crosses(const struct flow *flow, const char *name)
{
	for (unsigned i = 0; i < flow->node_count; i++)
		if (is_it(flow->nodes[i], name))
			return true;
	return false;
}

/* "a, b (in the tunnel c), d" */
static void print_way(const struct flow *flow, char *text, size_t size)
{
	size_t len = 0;

	*text = '\0';
	for (unsigned i = 0; i < flow->node_count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? ", " : "",
					flow->nodes[i]->name);
	for (unsigned i = 0; i < flow->tunnel_count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s",
					i ? ", " : "; in the tunnel ", flow->tunnels[i]->name);
}

/* Why it is not as expected; false when it is. */
static bool is_other(const struct expectation *e, const struct flow *flow, char *why, size_t size)
{
	char way[200];
	unsigned in_clear = 0;

	print_way(flow, way, sizeof(way));
	for (size_t i = 0; i < e->via.count; i++)
		if (!crosses(flow, e->via.items[i].value)) {
			(void)snprintf(why, size, "the way is not via %s, but %s",
				       e->via.items[i].value, *way ? way : "direct");
			return true;
		}
	if (!e->encrypted.pos.line)
		return false;
	for (unsigned i = 0; i < flow->cable_count; i++)
		in_clear += !flow->cables[i].is_encrypted;
	if (e->encrypted.value && (in_clear || !(flow->tunnel_count + flow->cable_count))) {
		(void)snprintf(why, size, "in clear on the way via %s", *way ? way : "nobody");
		return true;
	}
	if (!e->encrypted.value && in_clear < flow->cable_count) {
		(void)snprintf(why, size, "encrypted on the way via %s", way);
		return true;
	}
	return false;
}

bool expect_way(const struct expectation *e, const struct fabric *fabric, char *why, size_t size)
{
	struct ways ways = ways_of(e, fabric);

	if (!e->via.count && !e->encrypted.pos.line)
		return true;
	while (ways_next(&ways))
		if (ways.flow.is_delivered && is_other(e, &ways.flow, why, size))
			return false;
	return true;
}
