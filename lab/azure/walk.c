/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/internet.h"
#include "lab/azure/platform.h"
#include "lab/azure/walk_parts.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void walk_stop(struct walk *w, enum flow_reason reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(w->flow->words, sizeof(w->flow->words), fmt, args);
	va_end(args);
	w->flow->reason = reason;
	w->is_over = true;
}

bool walk_fits(struct walk *w, unsigned mtu, const char *what)
{
	const struct packet *packet = w->packet;

	if (!packet->dont_fragment || packet->bytes <= mtu)
		return true;
	walk_stop(w, REASON_MTU,
		  "its %u bytes do not fit into the %u of %s, and must not be fragmented (R5.16)",
		  packet->bytes, mtu, what);
	return false;
}

void walk_note(struct walk *w, struct decision decision)
{
	struct trace *trace = w->packet->trace;

	if (!trace)
		return;
	decision.source = w->from;
	decision.to = w->to;
	*ARENA_PUSH(trace->arena, trace->decisions.items, trace->decisions.count) = decision;
}

void walk_pass(struct walk *w, const struct interface *interface, bool is_in)
{
	struct trace *trace = w->packet->trace;

	if (trace)
		*ARENA_PUSH(trace->arena, trace->passages.items, trace->passages.count) =
			(struct passage){ interface, is_in, false, w->from, w->to };
}

#define WAYS_MAX 4096

size_t walk_choose(struct walk *w, size_t count)
{
	size_t chosen = w->way % count;

	w->way /= (unsigned)count;
	if (w->flow->ways < WAYS_MAX)
		w->flow->ways *= (unsigned)count;
	return chosen;
}

/* R9.6: whatever it is, it is told; not all of them take one from the TTL. */
static void enter_router(struct walk *w, const struct node *node)
{
	struct flow *flow = w->flow;

	if (flow->node_count == FLOW_MAX_HOPS) {
		walk_stop(w, REASON_LOOP, "goes round until its TTL ends, at %s for the last time",
			  node->name);
		return;
	}
	flow->nodes[flow->node_count++] = node;
	flow->hop_count += node->role != ROLE_VPN_GATEWAY ||
			   w->fabric->topology->lab->semantics.vpn_gateway_ttl.value ==
				   VPN_GATEWAY_TTL_DECREMENTED;
	w->at = node;
	w->port = NULL;
}

/* ---- what filters at a port ---- */

static bool has_state(const struct flow *flow, unsigned zone)
{
	for (unsigned i = 0; i < flow->zone_count; i++)
		if (flow->zones[i] == zone)
			return true;
	return false;
}

static void leave_state(struct flow *flow, unsigned zone)
{
	if (!has_state(flow, zone) && flow->zone_count < FLOW_MAX_ZONES)
		flow->zones[flow->zone_count++] = zone;
}

static void note_crossing(struct flow *flow, const struct interface *port,
			  enum rule_direction direction)
{
	if (flow->crossing_count < FLOW_MAX_CROSSINGS)
		flow->crossings[flow->crossing_count++] = (struct crossing){ port, direction };
}

/* The last layer says no; it is told by what it is. */
static void deny(struct walk *w, const struct interface *port, const struct verdict *verdict)
{
	const struct layer_verdict *last = &verdict->layers[verdict->count - 1];
	const char *way = last->direction == DIRECTION_INBOUND ? "into" : "out of";

	w->flow->denial = (struct denial){ port, *last };
	if (last->layer == LAYER_PLATFORM)
		walk_stop(w, REASON_PLATFORM, "Azure drops it %s %s: %s", way, port->node->name,
			  platform_drop_name(last->drop));
	else
		walk_stop(w, REASON_NSG, "%s denies it %s %s: rule %s (%s, priority %.0f)",
			  layer_verdict_resource(last), way, port->node->name,
			  layer_verdict_rule(last), verdict_layer_name(last->layer),
			  last->rule->priority.value);
}

static bool is_allowed(struct walk *w, const struct interface *port, enum rule_direction direction)
{
	const struct packet *packet = w->packet;
	struct flow_tuple tuple = { .source = w->from,
				    .destination = w->to,
				    .protocol = packet->protocol,
				    .source_port = packet->source_port,
				    .destination_port = packet->destination_port };
	struct decision decision = {
		.kind = DECISION_FILTER, .node = port->node, .port = port, .direction = direction
	};
	struct verdict verdict;

	if (!packet->protocol)
		return true;
	if (packet->answers && has_state(packet->answers, w->zone) &&
	    platform_find_drop(port, direction, &tuple) != DROP_ANTI_SPOOF) {
		decision.kind = DECISION_STATE;
		walk_note(w, decision);
		return true;
	}
	security_verdict(w->fabric->security, port, direction, &tuple, &verdict);
	decision.verdict = verdict;
	walk_note(w, decision);
	/* whose packets a NIC takes and sends is told in words of its own (R9.7) */
	if (verdict.is_allowed || verdict.layers[verdict.count - 1].drop == DROP_ANTI_SPOOF)
		return true;
	deny(w, port, &verdict);
	return false;
}

/* Does it go to a host of the Internet? */
static bool is_outbound(const struct walk *w, const struct interface *port)
{
	const struct topology *topology = w->fabric->topology;
	const struct effective_route *row;

	if (port->kind != INTERFACE_NIC || !internet_find_host(topology, w->to))
		return false;
	row = effective_routes_lookup(fabric_subnet_routes(w->fabric, port->table), w->to);
	return row && row->type == NEXT_HOP_INTERNET &&
	       internet_is_outside(port->subnet->vnet, row->prefix);
}

/* State is kept for networks that peerings join, and apart from it at each one's edge. */
#define EDGE_ZONES 0x10000u /* above the numbers of networks */

static unsigned zone_of(const struct walk *w, const struct interface *port)
{
	const struct topology *topology = w->fabric->topology;
	const struct network *network = NULL;

	assert(port->network); /* it is one of the fabric's */
	if (!topology->lab->internet_network)
		return port->network->zone;
	if (port->subnet->vnet->is_internet)
		network = internet_find_network(topology, w->to);
	else if (is_outbound(w, port))
		network = port->network;
	return network ? EDGE_ZONES + network->number : port->network->zone;
}

/* Out of a NIC into the fabric: only what is its own, unless it may forward (R9.7). */
void walk_leave_port(struct walk *w, const struct interface *port)
{
	note_crossing(w->flow, port, DIRECTION_OUTBOUND);
	walk_pass(w, port, false);
	if (!port_forwards(port) && !interface_has_ip(port, w->from)) {
		walk_stop(w, REASON_IP_FORWARDING,
			  "%s of %s has no IP forwarding: it cannot send what comes from %s",
			  port->nic ? port->nic->object.name : port->name, port->node->name,
			  ip_print(w->from).text);
		return;
	}
	w->zone = zone_of(w, port);
	if (!is_allowed(w, port, DIRECTION_OUTBOUND))
		return;
	leave_state(w->flow, w->zone);
	w->port = port;
	w->at = NULL;
}

/* What the flags of a peering keep out of the virtual network that a packet enters. */
static bool is_past_peering(struct walk *w, const struct interface *out)
{
	const struct vnet *from = w->port->subnet->vnet, *to = out->subnet->vnet;
	const struct peering *peering = vnet_find_connected(from, to);

	if (!peering || w->port->kind != INTERFACE_NIC ||
	    (out->kind != INTERFACE_NIC && out->kind != INTERFACE_ENDPOINT))
		return true;                  /* gateways' traffic is not the peering's to judge */
	if (!peering_gives_access(peering)) { /* R4.2 */
		walk_stop(w, REASON_PEERING,
			  "the peering of %s with %s does not have allow_virtual_network_access",
			  from->object.name, to->object.name);
		return false;
	}
	if (!peering->reverse->allow_forwarded_traffic.value &&
	    !vnet_has_ip(from, w->from)) { /* R4.3 */
		walk_stop(w, REASON_PEERING,
			  "peering '%s' of %s does not allow_forwarded_traffic: %s is not of %s",
			  peering->reverse->object.name, to->object.name, ip_print(w->from).text,
			  from->object.name);
		return false;
	}
	return true;
}

/* From the fabric into a port. */
static bool is_let_through(struct walk *w, const struct interface *out)
{
	if (!is_past_peering(w, out))
		return false;
	note_crossing(w->flow, out, DIRECTION_INBOUND);
	walk_pass(w, out, true);
	return is_allowed(w, out, DIRECTION_INBOUND);
}

void walk_arrive(struct walk *w, const struct interface *port)
{
	w->flow->has_arrived = true;
	w->flow->target = port->nic;
	w->flow->end = port->node;
	w->flow->is_delivered = port->nic != NULL;
	w->is_over = true;
	walk_note(w, (struct decision){ .kind = DECISION_END, .node = port->node, .port = port });
	if (!port->nic)
		walk_stop(w, REASON_NO_MACHINE, "%s is %s, not a virtual machine",
			  ip_print(w->to).text, port->node->name);
}

/* Within a virtual network or over a peering: the fabric knows every NIC (R9.2). */
static void deliver(struct walk *w, const struct vnet *from)
{
	const struct interface *port = fabric_find_port(w->fabric->topology, from, w->to);

	if (!port)
		walk_stop(w, REASON_NO_MACHINE, "no machine has the address %s",
			  ip_print(w->to).text);
	else if (is_let_through(w, port))
		walk_enter_machine(w, port->node); /* an NVA may have masqueraded what it answers */
}

/* ---- the edge to the Internet ---- */

/* What Azure itself keeps from leaving. */
static PRINTF(2, 3) void stop_at_edge(struct walk *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(w->flow->words, sizeof(w->flow->words), fmt, args);
	va_end(args);
	w->flow->denial.port = w->port;
	w->flow->denial.layer = (struct layer_verdict){ .layer = LAYER_PLATFORM,
							.direction = DIRECTION_OUTBOUND,
							.access = ACCESS_DENY,
							.drop = DROP_NO_OUTBOUND };
	if (w->packet->trace)
		walk_note(w, (struct decision){
				     .kind = DECISION_EDGE,
				     .node = w->port->node,
				     .port = w->port,
				     .direction = DIRECTION_OUTBOUND,
				     .verdict = { .layers = { w->flow->denial.layer }, .count = 1 },
				     .refusal = arena_strdup(w->packet->trace->arena,
							     w->flow->words) });
	w->flow->reason = REASON_PLATFORM;
	w->is_over = true;
}

/* What came in by a public address is answered as that, by the NIC that has it (OUT-05, OUT-08). */
static bool is_answer_out(struct walk *w, const struct edge *edge)
{
	if (w->port == edge->port && ip_equal(w->from, edge->inside)) {
		w->from = edge->outside;
		return true;
	}
	stop_at_edge(w, "%s cannot answer for %s: what came to %s is answered by %s (OUT-08)",
		     w->port->node->name, ip_print(w->from).text, ip_print(edge->outside).text,
		     edge->port->node->name);
	return false;
}

/* OUT-05; false when it does not leave. */
static bool translate_out(struct walk *w)
{
	const struct packet *packet = w->packet;
	struct outbound outbound = internet_outbound(w->port, w->from);
	const struct subnet *subnet = w->port->subnet;

	if (packet->answers && packet->answers->edge.port && packet->answers->edge.is_inbound)
		return is_answer_out(w, &packet->answers->edge);
	if (outbound.method == OUTBOUND_NONE && !interface_has_ip(w->port, w->from)) {
		stop_at_edge(w, "%s is not of %s: it has no address on the Internet (OUT-07)",
			     ip_print(w->from).text, w->port->node->name);
		return false;
	}
	if (outbound.method == OUTBOUND_NONE) {
		stop_at_edge(w, "%s has no address on the Internet: %s/%s is private (OUT-07)",
			     w->port->node->name, subnet->vnet->object.name, subnet->object.name);
		return false;
	}
	if (outbound.method == OUTBOUND_NAT_GATEWAY && packet->protocol &&
	    !nat_gateway_takes(packet->protocol)) {
		stop_at_edge(w, "NAT gateway '%s' takes TCP and UDP alone (OUT-06)",
			     outbound.nat_gateway->object.name);
		return false;
	}
	walk_note(w, (struct decision){ .kind = DECISION_EDGE,
					.node = w->port->node,
					.port = w->port,
					.direction = DIRECTION_OUTBOUND,
					.outbound = outbound });
	w->flow->edge = (struct edge){ w->port, w->from, outbound.ip, false };
	w->from = outbound.ip;
	return true;
}

/* From a host, to a public address of the file or of Azure's. */
static void come_in(struct walk *w)
{
	const struct flow *answers = w->packet->answers;
	const struct public_ip *public = internet_find_public(w->fabric->topology, w->to);
	const struct interface *port = NULL;

	if (answers && answers->edge.port && !answers->edge.is_inbound &&
	    ip_equal(w->to, answers->edge.outside)) {
		port = answers->edge.port;
		w->to = answers->edge.inside;
	} else if (public && public->nic) {
		port = topology_find_nic(w->fabric->topology, public->nic);
		w->flow->edge = (struct edge){ port, public->nic->ip, w->to, true };
		w->to = public->nic->ip;
	}
	if (port && is_let_through(w, port))
		walk_enter_machine(w, port->node);
	else if (!port && public && public->nat_gateway)
		walk_stop(w, REASON_PLATFORM,
			  "%s is of NAT gateway '%s', by which nothing comes in (OUT-06)",
			  ip_print(w->to).text, public->nat_gateway->object.name);
	else if (!port)
		walk_stop(w, REASON_NO_MACHINE, "nobody on the Internet has the address %s",
			  ip_print(w->to).text);
}

static void pass_to_internet(struct walk *w)
{
	const struct interface *host = internet_find_host(w->fabric->topology, w->to);
	bool is_from_host = w->port->subnet->vnet->is_internet;

	if (host && (is_from_host || translate_out(w))) {
		walk_pass(w, host, true);
		walk_arrive(w, host);
	} else if (!host && is_from_host)
		come_in(w);
	else if (!host && internet_find_public(w->fabric->topology, w->to))
		walk_stop(w, REASON_NO_MACHINE,
			  "%s is of Azure itself, and in labs only hosts of the Internet reach it",
			  ip_print(w->to).text);
	else if (!host)
		walk_stop(w, REASON_NO_MACHINE, "nobody on the Internet has the address %s",
			  ip_print(w->to).text);
}

/* A packet for a machine may come in by another of its NICs. */
static bool is_own(struct walk *w, const struct node *node)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		if (!interface_has_ip(node->interfaces.items[i], w->to))
			continue;
		walk_arrive(w, node->interfaces.items[i]);
		return true;
	}
	return false;
}

/* What a masquerading router gave its own address is given back (NAT's state). */
static void restore(struct walk *w, const struct node *node)
{
	const struct flow *answers = w->packet->answers;

	for (unsigned i = 0; answers && i < answers->masquerade_count; i++) {
		const struct masquerade *m = &answers->masquerades[i];

		if (m->node == node && ip_equal(m->outside, w->to))
			w->to = m->inside;
	}
}

static bool forwards(const struct node *node)
{
	switch (node->role) {
	case ROLE_VM:
	case ROLE_INTERNET:
	case ROLE_PRIVATE_ENDPOINT:
	case ROLE_ROUTE_SERVER: /* R7.2 */
	case ROLE_BRANCH_HOST:
		return false;
	case ROLE_NVA:
	case ROLE_ER_GATEWAY:
	case ROLE_VPN_GATEWAY:
	case ROLE_MSEE:
	case ROLE_PROVIDER:
	case ROLE_BRANCH:
		break;
	}
	return true;
}

/* It does not say which router it is: a flow has one state at each. */
static bool is_among(const struct node *node, const struct node *const *nodes, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

/* A guest's stateful firewall knows answers by what they answer. */
static bool is_past_firewall(struct walk *w, const struct node *node)
{
	const struct flow *answers = w->packet->answers;
	struct flow *flow = w->flow;

	if (node->role != ROLE_NVA || node->vm->firewall.value != FIREWALL_STATEFUL)
		return true;
	if (answers && !is_among(node, answers->firewalls, answers->firewall_count)) {
		walk_stop(w, REASON_FIREWALL,
			  "the firewall of %s drops it: it has not seen what it answers",
			  node->name);
		return false;
	}
	if (!is_among(node, flow->firewalls, flow->firewall_count) &&
	    flow->firewall_count < FLOW_MAX_FIREWALLS)
		flow->firewalls[flow->firewall_count++] = node;
	return true;
}

/* Into a machine, which may be its end. */
void walk_enter_machine(struct walk *w, const struct node *node)
{
	if (w->from.family == IP_V4 && node_has_ip(node, w->from)) { /* to its kernel forged */
		w->flow->end = node;
		if (w->outer_of)
			walk_recurse(w);
		else
			walk_stop(w, REASON_LOOP, "comes back to %s, which sent it", node->name);
		return;
	}
	restore(w, node);
	if (is_own(w, node))
		return;
	if (forwards(node)) {
		if (is_past_firewall(w, node))
			enter_router(w, node);
		return;
	}
	w->flow->end = node;
	walk_stop(w, REASON_IP_FORWARDING, "%s does not forward: it is %s", node->name,
		  node->role == ROLE_ROUTE_SERVER ? "a Route Server" : "no NVA");
}

/* To a next hop, past everything between (R3.21); `route` is what leads there, in words. */
static void enter_next_hop(struct walk *w, const struct interface *port, const char *route)
{
	if (!is_let_through(w, port))
		return;
	if (port_forwards(port) || interface_has_ip(port, w->to))
		walk_enter_machine(w, port->node);
	else if (port->kind == INTERFACE_ENDPOINT)
		walk_stop(w, REASON_NEXT_HOP, "%s leads to %s, a private endpoint", route,
			  port->node->name);
	else
		walk_stop(w, REASON_IP_FORWARDING, "%s of %s has no IP forwarding",
			  port->nic->object.name, port->node->name);
}

/* R3.10: straight to whoever has the next hop's address, alive or not. */
static void pass_to_appliance(struct walk *w, const struct effective_route *row)
{
	struct ip hop = row->next_hops.items[walk_choose(w, row->next_hops.count)].ip;
	const struct vnet *vnet = w->port->subnet->vnet;
	const struct interface *port = fabric_find_port(w->fabric->topology, vnet, hop);
	char route[120];

	(void)snprintf(route, sizeof(route), "route '%s'", row->user->object.name);
	if (port)
		enter_next_hop(w, port, route);
	else
		walk_stop(w, REASON_NEXT_HOP, "%s leads to %s, which nobody has that %s reaches",
			  route, ip_print(hop).text, vnet->object.name);
}

/* The fabric keeps it from where it came: there nothing would end its rounds. */
static void send_back(struct walk *w)
{
	if (w->outer_of)
		walk_recurse(w);
	else
		walk_stop(w, REASON_LOOP, "%s sends it into the fabric, which sends it back",
			  w->port->node->name);
}

/* To where a row of a gateway's leads, or a user's that means the VPN gateway (R3.12). */
static void pass_to_gateway(struct walk *w, const struct effective_route *row)
{
	const struct vnet *vnet = w->port->subnet->vnet;
	struct next_hop vpn[GATEWAY_INSTANCES];
	const struct next_hop *hops = vpn, *hop;
	char route[120];
	size_t count;

	if (row->source == SOURCE_USER) {
		count = fabric_vpn_hops(w->fabric, vnet, vpn);
	} else { /* all of them, though `semantics: next_hops` may show a row for each */
		hops = gateway_route_hops(row->learned, w->port->subnet, &count);
	}
	if (!count) {
		walk_stop(w, REASON_NEXT_HOP, "route '%s' leads to a VPN gateway, and %s has none",
			  row->user->object.name, vnet->object.name);
		return;
	}
	hop = &hops[walk_choose(w, count)];
	(void)snprintf(route, sizeof(route), "the route to %s", prefix_print(row->prefix).text);
	if (!hop->port)
		walk_stop(w, REASON_NEXT_HOP, "%s leads to %s, which nobody has that %s reaches",
			  route, ip_print(hop->ip).text, vnet->hub->object.name);
	else if (hop->port->kind == INTERFACE_NIC)
		enter_next_hop(w, hop->port, route);
	else if (hop->port == w->port && w->port->kind == INTERFACE_GATEWAY)
		send_back(w);
	else {
		walk_pass(w, hop->port, true);
		walk_enter_machine(w, hop->port->node);
	}
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
		walk_stop(w, REASON_NO_ROUTE, "%s/%s has no route to %s", subnet->vnet->object.name,
			  subnet->object.name, ip_print(w->to).text);
		return;
	}
	w->led_by = row->prefix;
	walk_note(w, (struct decision){ .kind = DECISION_ROUTE,
					.node = w->port->node,
					.port = w->port,
					.route = row });
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
		if (w->fabric->topology->lab->internet_network && w->to.family == IP_V4 &&
		    internet_is_outside(subnet->vnet, row->prefix)) {
			pass_to_internet(w);
			return;
		} /* else there is nothing behind it */
		  /* fall through */
	case NEXT_HOP_NONE:
	case NEXT_HOP_SERVICE_ENDPOINT:
		walk_stop(w, REASON_NO_ROUTE, "%s has no route: %s matches %s %s",
			  subnet->vnet->object.name, ip_print(w->to).text,
			  prefix_print(row->prefix).text, next_hop_type_name(row->type));
		return;
	}
}

void walk_go_on(struct walk *w)
{
	while (!w->is_over && (w->port || w->at)) {
		if (w->port)
			cross_fabric(w);
		else
			walk_leave_router(w);
	}
	w->flow->source = w->from;
	w->flow->to = w->to;
}

void fabric_walk_packet(const struct fabric *fabric, const struct packet *packet,
			struct flow *ret_flow)
{
	const struct node *node = topology_find_nic(fabric->topology, packet->from)->node;
	struct walk w = { .fabric = fabric,
			  .packet = packet,
			  .from = packet->source,
			  .to = packet->to,
			  .way = packet->way,
			  .flow = ret_flow };

	*ret_flow = (struct flow){ .ways = 1, .source = w.from, .to = w.to };
	if (is_own(&w, node))
		return; /* it stays there */
	if (w.from.family != w.to.family)
		walk_stop(&w, REASON_NO_ROUTE, "%s has no IPv6 address", packet->from->object.name);
	else if (walk_fits(&w, ETHERNET_MTU, "its own NIC"))
		walk_leave_guest(&w, node);
	walk_go_on(&w);
}

void fabric_walk(const struct fabric *fabric, const struct nic *from, struct ip to,
		 struct flow *ret_flow)
{
	struct packet packet = { .from = from, .source = nic_ip(from, to.family), .to = to };

	fabric_walk_packet(fabric, &packet, ret_flow);
}
