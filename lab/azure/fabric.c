/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/fabric.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define VM_TTL 64 /* Linux' own */

/* Every prefix the MSEE heard on this port, with the instances that said it. */
static void fill_msee_table(struct fabric *fabric, struct fabric_content *content,
			    const struct interface *port)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(fabric->learned.graph, port->node);
	const struct rib *rib = &fabric->learned.ribs[speaker->index];

	for (size_t i = 0; i < rib->count; i++) {
		const struct rib_route *route = &rib->routes[i];
		struct msee_route *last =
			content->msee.count ? &content->msee.items[content->msee.count - 1] : NULL;

		if (route->class != BGP_CLASS_GATEWAY || route->from->interface != port)
			continue;
		if (!last || !prefix_equal(last->prefix, route->prefix)) {
			last = ARENA_PUSH(fabric->arena, content->msee.items, content->msee.count);
			last->prefix = route->prefix;
		}
		*ARENA_PUSH(fabric->arena, last->instances.items, last->instances.count) =
			route->from->peer->interface;
	}
}

struct fabric *fabric_new(const struct topology *topology, const struct learned *learned)
{
	struct arena *arena = arena_new();
	struct fabric *fabric = arena_alloc(arena, sizeof(*fabric));

	fabric->arena = arena;
	fabric->topology = topology;
	fabric->learned = *learned;
	fabric->tables = arena_alloc(arena, topology->tables.count * sizeof(*fabric->tables));
	for (size_t i = 0; i < topology->tables.count; i++) {
		const struct fabric_table *table = topology->tables.items[i];

		if (table->msee)
			fill_msee_table(fabric, &fabric->tables[i], table->msee);
		else
			fabric->tables[i].subnet = effective_routes_new(table->subnet, learned);
	}
	return fabric;
}

void fabric_free(struct fabric *fabric)
{
	if (!fabric)
		return;
	for (size_t i = 0; i < fabric->topology->tables.count; i++)
		effective_routes_free(fabric->tables[i].subnet);
	arena_free(fabric->arena);
}

const struct effective_routes *fabric_subnet_routes(const struct fabric *fabric,
						    const struct fabric_table *table)
{
	return fabric->tables[table->index].subnet;
}

/* A packet on its way; each step moves it to the next machine or ends it. */
struct walk {
	const struct fabric *fabric;
	struct ip to;
	struct flow *flow;
	const struct node *at;            /* the router that has it now; NULL when in the fabric */
	const struct fabric_table *table; /* in the fabric: which table decides */
	bool is_over;
};

static PRINTF(3, 4) void stop(struct walk *w, enum flow_reason reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(w->flow->words, sizeof(w->flow->words), fmt, args);
	va_end(args);
	w->flow->reason = reason;
	w->is_over = true;
}

static void enter_router(struct walk *w, const struct node *node)
{
	if (w->flow->hop_count == FLOW_MAX_HOPS) {
		stop(w, REASON_LOOP, "goes round until its TTL ends, at %s for the last time",
		     node->name);
		return;
	}
	w->flow->nodes[w->flow->hop_count++] = node;
	w->at = node;
	w->table = NULL;
}

/* Within a virtual network or over a peering: the fabric knows every NIC (R9.2). */
static void deliver(struct walk *w, const struct vnet *from)
{
	const struct topology *t = w->fabric->topology;

	for (size_t i = 0; i < t->ports.count; i++) {
		const struct interface *port = t->ports.items[i];
		bool is_reachable = port->subnet->vnet == from;

		for (size_t n = 0; n < from->peerings.count && !is_reachable; n++)
			is_reachable = from->peerings.items[n].state == PEERING_CONNECTED &&
				       from->peerings.items[n].remote_vnet == port->subnet->vnet;
		if (!is_reachable || !ip_equal(port->ip, w->to))
			continue;
		w->flow->target = port->nic;
		w->flow->is_delivered = port->nic != NULL;
		w->is_over = true;
		if (!port->nic)
			stop(w, REASON_NO_MACHINE, "%s is %s, not a virtual machine",
			     ip_print(w->to).text, port->node->name);
		return;
	}
	stop(w, REASON_NO_MACHINE, "no machine has the address %s", ip_print(w->to).text);
}

static void cross_fabric(struct walk *w)
{
	const struct effective_route *row;
	const struct interface *msee;
	const struct subnet *subnet;

	assert(w->table);
	subnet = w->table->subnet;
	row = effective_routes_lookup(fabric_subnet_routes(w->fabric, w->table), w->to);
	if (!row) {
		stop(w, REASON_NO_ROUTE, "%s/%s has no route to %s", subnet->vnet->object.name,
		     subnet->object.name, ip_print(w->to).text);
		return;
	}
	switch (row->type) {
	case NEXT_HOP_VNET_LOCAL:
	case NEXT_HOP_VNET_PEERING:
	case NEXT_HOP_VNET_GLOBAL_PEERING:
		deliver(w, subnet->vnet);
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		msee = topology_find_msee(w->fabric->topology, row->next_hops.items[0].connection,
					  row->next_hops.items[0].path);
		enter_router(w, msee->node);
		return;
	case NEXT_HOP_INTERNET:
	case NEXT_HOP_NONE:
		stop(w, REASON_NO_ROUTE, "%s has no route: %s matches %s %s",
		     subnet->vnet->object.name, ip_print(w->to).text,
		     prefix_print(row->prefix).text, next_hop_type_name(row->type));
		return;
	}
}

/* The best route of the longest prefix that a speaker has for an address. */
static const struct rib_route *rib_lookup(const struct rib *rib, struct ip to)
{
	const struct rib_route *best = NULL;

	for (size_t i = 0; i < rib->count; i++)
		if (rib->routes[i].is_best && prefix_has_ip(rib->routes[i].prefix, to) &&
		    (!best || rib->routes[i].prefix.len > best->prefix.len))
			best = &rib->routes[i];
	return best;
}

static void leave_router(struct walk *w)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(w->fabric->learned.graph, w->at);
	const struct rib_route *route;
	const struct bgp_end *out;

	if (w->at->role == ROLE_ER_GATEWAY) { /* its way out is the fabric, by its subnet's table */
		w->table = w->at->interfaces.items[0]->table;
		w->at = NULL;
		return;
	}
	if (node_has_ip(w->at, w->to)) {
		stop(w, REASON_NO_MACHINE, "%s is %s, not a virtual machine", ip_print(w->to).text,
		     w->at->name);
		return;
	}
	route = rib_lookup(&w->fabric->learned.ribs[speaker->index], w->to);
	out = route ? route->from : NULL;
	for (size_t i = 0; route && !out && i < speaker->networks.count; i++)
		if (prefix_equal(speaker->networks.items[i].prefix, route->prefix))
			out = speaker->networks.items[i].via;
	if (!out && route) {
		stop(w, REASON_NO_MACHINE,
		     "%s announces %s, and no machine of the lab is behind it", w->at->name,
		     prefix_print(route->prefix).text);
		return;
	}
	if (!out) {
		stop(w, REASON_NO_ROUTE, "%s has no route to %s", w->at->name,
		     ip_print(w->to).text);
		return;
	}
	if (out->interface->cable)
		w->flow->delay_ms += out->interface->cable->delay_ms;
	enter_router(w, out->peer->speaker->node);
}

void fabric_walk(const struct fabric *fabric, const struct nic *from, struct ip to,
		 struct flow *ret_flow)
{
	const struct interface *port = topology_find_nic(fabric->topology, from);
	struct walk w = { .fabric = fabric, .to = to, .flow = ret_flow, .table = port->table };

	*ret_flow = (struct flow){ 0 };
	while (!w.is_over) {
		if (w.at)
			leave_router(&w);
		else
			cross_fabric(&w);
	}
}

void fabric_predict(const struct fabric *fabric, const struct nic *from, const struct nic *to,
		    struct prediction *ret_prediction)
{
	struct prediction prediction = { 0 };
	struct flow there, back;

	fabric_walk(fabric, from, to->ip, &there);
	if (!there.is_delivered) {
		prediction.reason = there.reason;
		(void)snprintf(prediction.words, sizeof(prediction.words), "%s", there.words);
	} else if (there.target != to) {
		prediction.reason = REASON_OTHER_MACHINE;
		(void)snprintf(prediction.words, sizeof(prediction.words),
			       "%s is another machine's address there: %s", ip_print(to->ip).text,
			       there.target->vm->object.name);
	} else {
		fabric_walk(fabric, to, from->ip, &back);
		prediction.is_reply = back.is_delivered && back.target == from;
		prediction.ttl = VM_TTL - back.hop_count;
		prediction.rtt_ms = there.delay_ms + back.delay_ms;
		if (!prediction.is_reply) {
			prediction.reason = back.is_delivered ? REASON_OTHER_MACHINE : back.reason;
			(void)snprintf(
				prediction.words, sizeof(prediction.words), "on the way back, %s",
				back.is_delivered ? "it reaches another machine" : back.words);
		}
	}
	*ret_prediction = prediction;
}
