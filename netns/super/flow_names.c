/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/flow_parts.h"

#include "lab/plan/fabric_ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	char *copied = strdup(text);

	if (!copied)
		abort();
	return copied;
}

static void *make(size_t size)
{
	void *made = calloc(1, size);

	if (!made)
		abort();
	return made;
}

void flow_layer_drop(struct flow_layer *layer)
{
	if (--layer->refs)
		return;
	free(layer->resource);
	free(layer->rule);
	free(layer);
}

void flow_port_drop(struct flow_port *port)
{
	if (--port->refs)
		return;
	free(port->nic);
	free(port->vm);
	free(port->vnet);
	free(port);
}

/* What was found by the lab before is asked for again; flows keep what they have. */
void flow_names_set(struct flow_names *names, const struct topology *topology)
{
	struct flow_layer *layer, *next_layer;
	struct flow_port *port, *next_port;

	HASH_ITER(hh, names->layers, layer, next_layer) {
		HASH_DEL(names->layers, layer);
		flow_layer_drop(layer);
	}
	HASH_ITER(hh, names->ports, port, next_port) {
		HASH_DEL(names->ports, port);
		flow_port_drop(port);
	}
	names->topology = topology;
}

static struct flow_layer *layer_new(const struct topology *topology, const struct hit *hit)
{
	struct flow_layer *layer = make(sizeof(*layer));
	struct layer_verdict verdict;

	layer->hit = *hit;
	if (topology && hit_find(topology, hit, &verdict)) {
		layer->is_default = verdict.rule && nsg_is_default(verdict.rule);
		layer->resource = copy(layer_verdict_resource(&verdict));
		layer->rule = copy(layer_verdict_rule(&verdict));
	} else {
		layer->resource = copy("");
		layer->rule = copy("");
	}
	return layer;
}

struct flow_layer *flow_layer_get(struct flow_names *names, const char *prefix, bool is_subnet)
{
	size_t len = strnlen(prefix, FLOW_PREFIX);
	char key[FLOW_PREFIX + 1];
	struct flow_layer *layer;
	struct hit hit;

	if (len == FLOW_PREFIX)
		return NULL;
	memcpy(key, prefix, len);
	key[len++] = is_subnet ? '+' : '-';
	key[len] = '\0';
	HASH_FIND(hh, names->layers, key, len, layer);
	if (!layer && hit_parse(prefix, is_subnet, &hit)) {
		layer = layer_new(names->topology, &hit);
		layer->refs = 1;
		memcpy(layer->key, key, len + 1);
		HASH_ADD(hh, names->layers, key, len, layer);
	}
	if (layer)
		layer->refs++;
	return layer;
}

static const struct interface *find_port(const struct topology *topology, uint32_t ifindex)
{
	for (size_t i = 0; topology && i < topology->ports.count; i++)
		if (topology->ports.items[i]->port_ifindex == ifindex)
			return topology->ports.items[i];
	return NULL;
}

static struct flow_port *port_new(const struct topology *topology, uint32_t ifindex)
{
	const struct interface *interface = find_port(topology, ifindex);
	struct flow_port *port = make(sizeof(*port));
	char text[32];

	port->ifindex = ifindex;
	if (!interface) {
		(void)snprintf(text, sizeof(text), "port %u", ifindex);
		port->nic = copy(text);
		port->vm = copy("");
		port->vnet = copy("");
		return port;
	}
	port->zone = interface->network->zone;
	port->edge_zone = edge_zone_id(interface->network);
	port->is_internet = interface->subnet->vnet->is_internet;
	port->nic = copy(interface->nic ? interface->nic->object.name : interface->node->name);
	port->vm = copy(interface->node->name);
	port->vnet = copy(interface->network->vnet->object.name);
	for (size_t i = 0; i < MAC_SIZE; i++)
		(void)snprintf(port->mac + 2 * i, 3, "%02X", interface->mac[i]);
	return port;
}

struct flow_port *flow_port_get(struct flow_names *names, uint32_t ifindex)
{
	struct flow_port *port;

	HASH_FIND(hh, names->ports, &ifindex, sizeof(ifindex), port);
	if (!port) {
		port = port_new(names->topology, ifindex);
		port->refs = 1;
		HASH_ADD(hh, names->ports, ifindex, sizeof(port->ifindex), port);
	}
	port->refs++;
	return port;
}

unsigned flow_zone(struct flow_names *names, const struct flow_port *port, uint32_t in,
		   uint32_t out)
{
	struct flow_port *from = flow_port_get(names, in), *to = flow_port_get(names, out);
	unsigned zone = from->is_internet || to->is_internet ? port->edge_zone : port->zone;

	flow_port_drop(from);
	flow_port_drop(to);
	return zone;
}

unsigned flow_layer_order(const struct flow_layer *layer)
{
	static const unsigned orders[DIRECTION_COUNT][LAYER_NIC + 1] = {
		[DIRECTION_INBOUND] = { [LAYER_ADMIN] = 1,
					[LAYER_SUBNET] = 2,
					[LAYER_NIC] = 3,
					[LAYER_PLATFORM] = 4 },
		[DIRECTION_OUTBOUND] = { [LAYER_ADMIN] = 1,
					 [LAYER_NIC] = 2,
					 [LAYER_SUBNET] = 3,
					 [LAYER_PLATFORM] = 4 },
	};

	return orders[layer->hit.direction][layer->hit.layer];
}

/* ---- for those who look ---- */

bool flow_is_of(const struct logged_flow *flow, const char *vm, const char *nic)
{
	return (!vm || !strcmp(flow->port->vm, vm)) && (!nic || !strcmp(flow->port->nic, nic));
}

static const char *direction_name(enum rule_direction direction)
{
	return choice_name(rule_direction_names, (int)direction);
}

static void fill_layer(const struct flow_layer *layer, struct snapshot_layer *out)
{
	out->direction = direction_name(layer->hit.direction);
	out->layer = verdict_layer_name(layer->hit.layer);
	out->resource = layer->resource;
	out->rule = layer->rule;
	out->priority = (int64_t)layer->hit.priority;
	out->access = choice_name(admin_access_names, (int)layer->hit.access);
}

/* NSG-08; admin rules have their bare name (NW-23) */
static const char *rule_name(const struct flow_layer *layer, struct arena *arena)
{
	if (layer->hit.layer < LAYER_SUBNET || !*layer->rule)
		return layer->rule;
	return arena_printf(arena, "%s_%s", layer->is_default ? "DefaultRule" : "UserRule",
			    layer->rule);
}

static void fill_counts(const struct logged_flow *flow, struct snapshot_flow *out)
{
	out->count = (int64_t)flow->count;
	out->packets_sent = (int64_t)(flow->past[0].packets + flow->live[0].packets);
	out->bytes_sent = (int64_t)(flow->past[0].bytes + flow->live[0].bytes);
	out->packets_received = (int64_t)(flow->past[1].packets + flow->live[1].packets);
	out->bytes_received = (int64_t)(flow->past[1].bytes + flow->live[1].bytes);
	out->packets = out->packets_sent + out->packets_received;
	out->bytes = out->bytes_sent + out->bytes_received;
}

static void fill_part(const struct flow_part *part, struct snapshot_flow_part *out)
{
	*out = (struct snapshot_flow_part){ .time = part->time,
					    .packets_sent = (int64_t)part->counts[0].packets,
					    .bytes_sent = (int64_t)part->counts[0].bytes,
					    .packets_received = (int64_t)part->counts[1].packets,
					    .bytes_received = (int64_t)part->counts[1].bytes };
}

void flow_fill(const struct logged_flow *flow, struct snapshot_flow *out, struct arena *arena)
{
	const struct flow_tuple *tuple = &flow->packet.tuple;
	const struct flow_layer *decider = flow->layers[flow->layer_count - 1];
	const char *protocol = protocol_name(tuple->protocol);

	out->number = (int64_t)flow->number;
	out->time = flow->began;
	out->last_at = flow->last;
	out->ended_at = flow->ended;
	out->virtual_network = flow->port->vnet;
	out->nic = flow->port->nic;
	out->vm = flow->port->vm;
	out->mac = flow->port->mac;
	out->direction = direction_name(flow->direction);
	out->access = decider->hit.access == ACCESS_DENY ? "Deny" : "Allow";
	out->protocol = protocol ? protocol : arena_printf(arena, "%u", tuple->protocol);
	out->protocol_number = tuple->protocol;
	out->source = arena_strdup(arena, ip_print(tuple->source).text);
	out->destination = arena_strdup(arena, ip_print(tuple->destination).text);
	out->source_port = tuple->source_port;
	out->has_any_source_port = flow->has_any_source_port;
	out->destination_port = tuple->destination_port;
	for (unsigned i = 0; i < flow->layer_count; i++)
		fill_layer(flow->layers[i],
			   ARENA_PUSH(arena, out->layers.items, out->layers.count));
	out->rule = rule_name(decider, arena);
	for (unsigned i = 0; i < flow->part_count; i++)
		fill_part(&flow->parts[i],
			  ARENA_PUSH(arena, out->continued.items, out->continued.count));
	fill_counts(flow, out);
}
