/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/walk.h"

#include <stdarg.h>
#include <stdio.h>

#define VM_TTL 64 /* Linux' own */

/* A packet on its way; each step moves it to the next machine or ends it. */
struct walk {
	const struct fabric *fabric;
	struct ip from, to;
	unsigned way; /* what is left of it: the next choice is its remainder */
	struct flow *flow;
	const struct node *at;        /* the router that has it now; NULL when in the fabric */
	const struct interface *port; /* in the fabric: where it came in */
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

#define WAYS_MAX 4096

/* One of `count` equal next hops. */
static size_t choose(struct walk *w, size_t count)
{
	size_t chosen = w->way % count;

	w->way /= (unsigned)count;
	if (w->flow->ways < WAYS_MAX)
		w->flow->ways *= (unsigned)count;
	return chosen;
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
	w->port = NULL;
}

/* Out of a NIC into the fabric: only what is its own, unless it may forward (R9.7). */
static void leave_port(struct walk *w, const struct interface *port)
{
	if (!port_forwards(port) && !interface_has_ip(port, w->from)) {
		stop(w, REASON_IP_FORWARDING,
		     "%s of %s has no IP forwarding: it cannot send what comes from %s",
		     port->nic ? port->nic->object.name : port->name, port->node->name,
		     ip_print(w->from).text);
		return;
	}
	w->port = port;
	w->at = NULL;
}

/* What the flags of a peering keep out of the virtual network that a packet enters. */
static bool is_let_through(struct walk *w, const struct interface *out)
{
	const struct vnet *from = w->port->subnet->vnet, *to = out->subnet->vnet;
	const struct peering *peering = vnet_find_connected(from, to);

	if (!peering || w->port->kind != INTERFACE_NIC ||
	    (out->kind != INTERFACE_NIC && out->kind != INTERFACE_ENDPOINT))
		return true;                  /* gateways' traffic is not the peering's to judge */
	if (!peering_gives_access(peering)) { /* R4.2 */
		stop(w, REASON_PEERING,
		     "the peering of %s with %s does not have allow_virtual_network_access",
		     from->object.name, to->object.name);
		return false;
	}
	if (!peering->reverse->allow_forwarded_traffic.value &&
	    !vnet_has_ip(from, w->from)) { /* R4.3 */
		stop(w, REASON_PEERING,
		     "peering '%s' of %s does not allow_forwarded_traffic: %s is not of %s",
		     peering->reverse->object.name, to->object.name, ip_print(w->from).text,
		     from->object.name);
		return false;
	}
	return true;
}

static void arrive(struct walk *w, const struct interface *port)
{
	w->flow->target = port->nic;
	w->flow->end = port->node;
	w->flow->is_delivered = port->nic != NULL;
	w->is_over = true;
	if (!port->nic)
		stop(w, REASON_NO_MACHINE, "%s is %s, not a virtual machine", ip_print(w->to).text,
		     port->node->name);
}

/* Within a virtual network or over a peering: the fabric knows every NIC (R9.2). */
static void deliver(struct walk *w, const struct vnet *from)
{
	const struct interface *port = fabric_find_port(w->fabric->topology, from, w->to);

	if (!port)
		stop(w, REASON_NO_MACHINE, "no machine has the address %s", ip_print(w->to).text);
	else if (is_let_through(w, port))
		arrive(w, port);
}

/* A packet for a machine may come in by another of its NICs. */
static bool is_own(struct walk *w, const struct node *node)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		if (!interface_has_ip(node->interfaces.items[i], w->to))
			continue;
		arrive(w, node->interfaces.items[i]);
		return true;
	}
	return false;
}

/* Into a machine, which may be its end. */
static void enter_machine(struct walk *w, const struct node *node)
{
	if (w->from.family == IP_V4 && node_has_ip(node, w->from)) { /* to its kernel forged */
		w->flow->end = node;
		stop(w, REASON_LOOP, "comes back to %s, which sent it", node->name);
		return;
	}
	if (is_own(w, node))
		return;
	if (node->role != ROLE_VM) {
		enter_router(w, node);
		return;
	}
	w->flow->end = node;
	stop(w, REASON_IP_FORWARDING, "%s does not forward: it is no NVA", node->name);
}

/* R3.10: straight to whoever has the next hop's address, alive or not. */
static void pass_to_appliance(struct walk *w, const struct effective_route *row)
{
	struct ip hop = row->next_hops.items[choose(w, row->next_hops.count)].ip;
	const struct vnet *vnet = w->port->subnet->vnet;
	const struct interface *port = fabric_find_port(w->fabric->topology, vnet, hop);

	if (!port) {
		stop(w, REASON_NEXT_HOP, "route '%s' leads to %s, which nobody has that %s reaches",
		     row->user->object.name, ip_print(hop).text, vnet->object.name);
		return;
	}
	if (!is_let_through(w, port))
		return;
	if (port_forwards(port) || interface_has_ip(port, w->to))
		enter_machine(w, port->node);
	else if (port->kind == INTERFACE_ENDPOINT)
		stop(w, REASON_NEXT_HOP, "route '%s' leads to %s, a private endpoint",
		     row->user->object.name, port->node->name);
	else
		stop(w, REASON_IP_FORWARDING, "%s of %s has no IP forwarding",
		     port->nic->object.name, port->node->name);
}

static void pass_to_gateway(struct walk *w, const struct effective_route *row)
{
	const struct next_hop *hop;

	if (row->source == SOURCE_USER) { /* R3.12 */
		stop(w, REASON_NEXT_HOP, "route '%s' leads to a VPN gateway, and %s has none",
		     row->user->object.name, w->port->subnet->vnet->object.name);
		return;
	}
	/* all of them, though `semantics: next_hops` may show a row for each */
	hop = &row->learned->next_hops.items[choose(w, row->learned->next_hops.count)];
	enter_machine(w, hop->port->node);
}

static void cross_fabric(struct walk *w)
{
	const struct effective_route *row;
	const struct subnet *subnet = w->port->subnet;

	if (fabric_is_own_msee(w->fabric->topology, subnet, w->to)) {
		deliver(w, subnet->vnet);
		return;
	}
	row = effective_routes_lookup(fabric_subnet_routes(w->fabric, w->port->table), w->to);
	if (!row) {
		stop(w, REASON_NO_ROUTE, "%s/%s has no route to %s", subnet->vnet->object.name,
		     subnet->object.name, ip_print(w->to).text);
		return;
	}
	switch (row->type) {
	case NEXT_HOP_VNET_LOCAL:
	case NEXT_HOP_VNET_PEERING:
	case NEXT_HOP_VNET_GLOBAL_PEERING:
	case NEXT_HOP_INTERFACE_ENDPOINT:
		deliver(w, subnet->vnet);
		return;
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		pass_to_appliance(w, row);
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		pass_to_gateway(w, row);
		return;
	case NEXT_HOP_INTERNET:
	case NEXT_HOP_NONE:
	case NEXT_HOP_SERVICE_ENDPOINT:
		stop(w, REASON_NO_ROUTE, "%s has no route: %s matches %s %s",
		     subnet->vnet->object.name, ip_print(w->to).text,
		     prefix_print(row->prefix).text, next_hop_type_name(row->type));
		return;
	}
}

/*
 * Out of a machine by its guest's own table: its routes, its subnets, and else its first NIC; of
 * those that have the family of the address. NULL when none has.
 */
static const struct interface *guest_port(const struct node *node, struct ip to)
{
	const struct interface *best = NULL;
	unsigned best_len = 0;

	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *port = node->interfaces.items[i];
		struct prefix subnet = interface_network(port, to.family);

		if (!best && interface_ip(port, to.family).family != IP_NONE)
			best = port;
		if (prefix_has_ip(subnet, to) && subnet.len > best_len) {
			best = port;
			best_len = subnet.len;
		}
	}
	for (size_t i = 0; i < node->vm->routes.count; i++) {
		const struct guest_route *route = &node->vm->routes.items[i];

		if (!prefix_has_ip(route->prefix, to) || route->prefix.len < best_len)
			continue;
		for (size_t n = 0; n < node->interfaces.count; n++)
			if (node->interfaces.items[n]->nic == route->nic)
				best = node->interfaces.items[n];
		best_len = route->prefix.len;
	}
	return best;
}

static void leave_guest(struct walk *w, const struct node *node)
{
	const struct interface *port = guest_port(node, w->to);

	if (port)
		leave_port(w, port);
	else
		stop(w, REASON_NO_ROUTE, "%s has no IPv6 address", node->name);
}

/*
 * The best route of the longest prefix that a speaker has for an address. Those behind it that are
 * as good but for their neighbour's number are used, too: the daemons merge them.
 */
static const struct rib_route *rib_lookup(const struct rib *rib, struct ip to, size_t *ret_count)
{
	const struct rib_route *best = NULL;
	size_t all = 0, count = 1;

	for (size_t i = 0; i < rib->count; i++)
		if (rib->routes[i].is_best && prefix_has_ip(rib->routes[i].prefix, to) &&
		    (!best || rib->routes[i].prefix.len > best->prefix.len))
			best = &rib->routes[i];
	if (best && best->from) {
		(void)rib_find(rib, best->prefix, &all);
		while (count < all && best[count].from &&
		       best[count].from->preference == best->from->preference &&
		       best[count].path->count == best->path->count)
			count++;
	}
	*ret_count = count;
	return best;
}

/* Out by a cable, to the machine at its other end. */
static void leave_by_cable(struct walk *w, const struct interface *out, const struct node *next)
{
	if (out->cable)
		w->flow->delay_ms += out->cable->delay_ms;
	enter_machine(w, next);
}

/* To the other end of one of its own cables. */
static bool leave_by_link(struct walk *w)
{
	for (size_t i = 0; i < w->at->interfaces.count; i++) {
		const struct interface *out = w->at->interfaces.items[i];
		const struct interface *other;

		if (!out->cable || !prefix_has_ip(prefix_of(out->ip, out->prefix_len), w->to))
			continue;
		other = out->cable->ends[out->cable->ends[0] == out];
		if (interface_has_ip(other, w->to))
			leave_by_cable(w, out, other->node);
		else
			stop(w, REASON_NO_MACHINE, "no machine has the address %s",
			     ip_print(w->to).text);
		return true;
	}
	return false;
}

/* Where a router sends it by what it has learned. */
static void leave_by_rib(struct walk *w)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(w->fabric->learned.graph, w->at);
	size_t count;
	const struct rib_route *route =
		rib_lookup(&w->fabric->learned.ribs[speaker->index], w->to, &count);
	const struct bgp_end *out = route ? route[choose(w, count)].from : NULL;

	for (size_t i = 0; route && !out && i < speaker->networks.count; i++)
		if (prefix_equal(speaker->networks.items[i].prefix, route->prefix))
			out = speaker->networks.items[i].via;
	if (out)
		leave_by_cable(w, out->interface, out->peer->speaker->node);
	else if (route)
		stop(w, REASON_NO_MACHINE,
		     "%s announces %s, and no machine of the lab is behind it", w->at->name,
		     prefix_print(route->prefix).text);
	else
		stop(w, REASON_NO_ROUTE, "%s has no route to %s", w->at->name,
		     ip_print(w->to).text);
}

static void leave_router(struct walk *w)
{
	if (w->at->role == ROLE_ER_GATEWAY) /* its way out is the fabric, by its subnet's table */
		leave_port(w, w->at->interfaces.items[0]);
	else if (w->at->vm)
		leave_guest(w, w->at);
	else if (!leave_by_link(w))
		leave_by_rib(w);
}

void fabric_walk_packet(const struct fabric *fabric, const struct packet *packet,
			struct flow *ret_flow)
{
	const struct node *node = topology_find_nic(fabric->topology, packet->from)->node;
	struct walk w = { .fabric = fabric,
			  .from = packet->source,
			  .to = packet->to,
			  .way = packet->way,
			  .flow = ret_flow };

	*ret_flow = (struct flow){ .ways = 1 };
	if (is_own(&w, node))
		return; /* it stays there */
	if (w.from.family != w.to.family)
		stop(&w, REASON_NO_ROUTE, "%s has no IPv6 address", packet->from->object.name);
	else
		leave_guest(&w, node);
	while (!w.is_over && (w.port || w.at)) {
		if (w.port)
			cross_fabric(&w);
		else
			leave_router(&w);
	}
}

void fabric_walk(const struct fabric *fabric, const struct nic *from, struct ip to,
		 struct flow *ret_flow)
{
	struct packet packet = { .from = from, .source = nic_ip(from, to.family), .to = to };

	fabric_walk_packet(fabric, &packet, ret_flow);
}

bool prediction_is_answer(const struct prediction *prediction, enum probe_protocol protocol)
{
	return protocol == PROBE_HTTP ? prediction->is_reply : prediction->is_echo;
}

static PRINTF(3, 4) void fail(struct prediction *prediction, enum flow_reason reason,
			      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(prediction->words, sizeof(prediction->words), fmt, args);
	va_end(args);
	prediction->reason = reason;
}

/* From whichever address the machine's kernel takes for the way to the other. */
static struct packet packet_between(const struct fabric *fabric, const struct nic *from,
				    struct ip to)
{
	const struct node *node = topology_find_nic(fabric->topology, from)->node;
	const struct interface *out = guest_port(node, to);

	if (!out)
		return (struct packet){ .from = from, .to = to };
	return (struct packet){ .from = out->nic,
				.source = interface_ip(out, to.family),
				.to = to };
}

/* How many ways there are there, and how many back from where one of them leads. */
struct ways {
	unsigned there, back;
};

static void predict_way(const struct fabric *fabric, const struct packet *packet, unsigned way_back,
			const struct nic *to, struct ways *ret_ways,
			struct prediction *ret_prediction)
{
	struct prediction prediction = { 0 };
	struct packet answer = { .source = packet->to, .to = packet->source, .way = way_back };
	struct flow there, back;

	fabric_walk_packet(fabric, packet, &there);
	*ret_ways = (struct ways){ there.ways, 1 };
	if (!there.is_delivered) {
		fail(&prediction, there.reason, "%s", there.words);
		*ret_prediction = prediction;
		return;
	}
	answer.from = there.target;
	fabric_walk_packet(fabric, &answer, &back);
	ret_ways->back = back.ways;
	prediction.is_echo = back.is_delivered && back.target->vm == packet->from->vm;
	prediction.is_reply = prediction.is_echo && there.target == to;
	prediction.ttl = VM_TTL - back.hop_count;
	prediction.rtt_ms = there.delay_ms + back.delay_ms;
	if (there.target != to)
		fail(&prediction, REASON_OTHER_MACHINE, "%s is another machine's address there: %s",
		     ip_print(to->ip).text, there.target->vm->object.name);
	else if (!prediction.is_reply)
		fail(&prediction, back.is_delivered ? REASON_OTHER_MACHINE : back.reason,
		     "on the way back, %s",
		     back.is_delivered ? "it reaches another machine" : back.words);
	*ret_prediction = prediction;
}

#define WAYS_PREDICTED 64 /* each way; with more anything may come, such as rounds in a loop */

/* False when there are more than are looked at. */
static bool note_ways(unsigned *known, unsigned found)
{
	bool is_all = found <= WAYS_PREDICTED;

	if (!is_all)
		found = WAYS_PREDICTED;
	if (found > *known)
		*known = found;
	return is_all;
}

void fabric_predict(const struct fabric *fabric, const struct nic *from, const struct nic *to,
		    struct prediction *ret_prediction)
{
	struct packet packet = packet_between(fabric, from, to->ip);
	struct prediction *first = ret_prediction, other;
	struct ways ways = { 1, 1 }, found;

	for (; packet.way < ways.there; packet.way++)
		for (unsigned back = 0; back < ways.back; back++) {
			predict_way(fabric, &packet, back, to, &found, &other);
			if (!packet.way && !back)
				*first = other;
			if (!note_ways(&ways.there, found.there) ||
			    !note_ways(&ways.back, found.back))
				first->is_by_flow = true;
			first->is_by_flow |= other.is_echo != first->is_echo ||
					     other.is_reply != first->is_reply;
		}
	if (first->is_by_flow)
		fail(first, first->reason,
		     "it is answered or not by its ports: equal next hops differ");
}
