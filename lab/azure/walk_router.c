/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Out of machines: by what their guests' tables say, and by what routers have learned. */
#include "lab/azure/bgp_solve.h"
#include "lab/azure/walk_parts.h"

/* Where a machine's own table leads. */
struct way_out {
	const struct interface *interface; /* NULL: nowhere */
	struct ip next_hop;                /* IP_NONE: the destination itself */
	struct prefix prefix;
	const struct rib_route *learned; /* NULL: it is not learned */
	struct src_pos pos;              /* of a route of the file */
};

/* ---- what a guest was told: its networks, its routes ---- */

/* A tunnel's inside has its other end alone for a neighbour. */
static struct prefix network_of(const struct interface *interface, enum ip_family family)
{
	if (interface->kind != INTERFACE_TUNNEL)
		return interface_network(interface, family);
	return interface->peer_ip.family == family ? prefix_host(interface->peer_ip)
						   : (struct prefix){ 0 };
}

static void find_connected(const struct node *node, struct ip to, struct way_out *out)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];
		struct prefix network = network_of(interface, to.family);

		if (interface->kind != INTERFACE_LOOPBACK && prefix_has_ip(network, to) &&
		    (!out->interface || network.len > out->prefix.len))
			*out = (struct way_out){ .interface = interface, .prefix = network };
	}
}

static const struct interface *interface_of_route(const struct node *node,
						  const struct guest_route *route)
{
	struct way_out out = { 0 };

	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if ((route->nic && interface->nic == route->nic) ||
		    (route->tunnel && interface->tunnel &&
		     interface->tunnel->device == route->tunnel))
			return interface;
	}
	find_connected(node, route->next_hop, &out);
	return out.interface;
}

/* Its networks come before its routes, and these before nothing at all: its first NIC. */
static struct way_out find_static(const struct node *node, struct ip to)
{
	struct way_out out = { .prefix.addr.family = to.family };
	const struct guest_route *routes;
	bool is_default;
	size_t count;

	find_connected(node, to, &out);
	is_default = !out.interface;
	for (size_t i = 0; i < node->interfaces.count && is_default; i++) {
		const struct interface *port = node->interfaces.items[i];

		if (!out.interface && (port->subnet || port->bridge) &&
		    interface_ip(port, to.family).family != IP_NONE)
			out.interface = port;
	}
	routes = node_guest_routes(node, &count);
	for (size_t i = 0; i < count; i++) {
		const struct guest_route *route = &routes[i];

		if (!prefix_has_ip(route->prefix, to) || route->prefix.len < out.prefix.len ||
		    (route->prefix.len == out.prefix.len && !is_default))
			continue;
		out = (struct way_out){ interface_of_route(node, route), route->next_hop,
					route->prefix, .pos = route->object.pos };
		is_default = false;
	}
	return out;
}

/* ---- what a router has learned ---- */

/* What a router has for an address: the best route of the longest prefix, and what is as good. */
struct match {
	const struct rib_route *best;
	size_t all, equal; /* candidates of that prefix, and of them those that are used */
};

static struct match rib_match(const struct rib *rib, struct ip to)
{
	struct match match = { 0 };

	for (size_t i = 0; i < rib->count; i++)
		if (rib->routes[i].is_best && prefix_has_ip(rib->routes[i].prefix, to) &&
		    (!match.best || rib->routes[i].prefix.len > match.best->prefix.len))
			match.best = &rib->routes[i];
	if (!match.best)
		return match;
	match.equal = 1;
	if (!match.best->from)
		return match;
	(void)rib_find(rib, match.best->prefix, &match.all);
	for (size_t i = 1; i < match.all; i++)
		match.equal += bgp_is_equal_cost(&match.best[i], match.best);
	return match;
}

/* The daemons merge those that are as good but for what decides last. */
static const struct rib_route *match_nth(const struct match *match, size_t n)
{
	for (size_t i = 0; n && i + 1 < match->all; i++)
		if (bgp_is_equal_cost(&match->best[i + 1], match->best) && !--n)
			return &match->best[i + 1];
	return match->best;
}

static const struct rib *rib_of(const struct fabric *fabric, const struct node *node)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(fabric->learned.graph, node);

	return speaker ? &fabric->learned.ribs[speaker->index] : NULL;
}

/* What it announces itself leads nowhere by that: its own routes say where it is. */
static struct way_out learned_way(const struct node *node, const struct rib_route *route)
{
	const struct interface *interface = route->from->interface;
	struct way_out out = { interface, route->next_hop, route->prefix, .learned = route };

	/* a neighbour further off: by the way to the next hop */
	if (interface->kind != INTERFACE_TUNNEL && interface->kind != INTERFACE_CABLE)
		out.interface = find_static(node, route->next_hop).interface;
	return out;
}

/* Static before learned, where they are equally long. `choose` picks of equal ones; or NULL. */
static struct way_out find_out(const struct fabric *fabric, const struct node *node, struct ip to,
			       struct walk *chooser)
{
	struct way_out out = find_static(node, to);
	bool is_router = node->role == ROLE_NVA || node->role == ROLE_BRANCH;
	const struct rib *rib = is_router ? rib_of(fabric, node) : NULL;
	struct match match;

	if (!rib)
		return out;
	match = rib_match(rib, to);
	if (!match.best || !match.best->from ||
	    (out.interface && match.best->prefix.len <= out.prefix.len))
		return out;
	return learned_way(node,
			   match_nth(&match, chooser ? walk_choose(chooser, match.equal) : 0));
}

const struct interface *node_exit(const struct fabric *fabric, const struct node *node,
				  struct ip to)
{
	return find_out(fabric, node, to, NULL).interface;
}

/* ---- out of it ---- */

void walk_note_cable(struct flow *flow, const struct cable *cable, bool is_encrypted)
{
	if (flow->cable_count < FLOW_MAX_CABLES)
		flow->cables[flow->cable_count++] = (struct cable_crossing){ cable, is_encrypted };
}

/* Out by a cable, to its other end; or past an MSEE's port to a gateway's. */
static void leave_by_cable(struct walk *w, const struct interface *out, const struct interface *in)
{
	walk_pass(w, out, false);
	if (out->cable && !cable_frames_fit(out->cable)) {
		walk_stop(w, REASON_NO_MACHINE,
			  "nobody answers on the link to %s: its sides have %s", in->node->name,
			  link_tags_fit(out->cable->link) ? "MACsec with different keys, or one of "
							    "them has none"
							  : "different tags");
		return;
	}
	if (out->cable) {
		w->flow->delay_ms += out->cable->delay_ms;
		walk_note_cable(w->flow, out->cable,
				cable_has_mac_sec(out->cable) &&
					!w->fabric->topology->lacks.mac_sec);
	}
	walk_pass(w, in, true);
	walk_enter_machine(w, in->node);
}

/* To the other end of one of its own cables. */
static bool leave_by_link(struct walk *w)
{
	for (size_t i = 0; i < w->at->interfaces.count; i++) {
		const struct interface *out = w->at->interfaces.items[i];
		const struct interface *other;

		if (!out->cable || !prefix_has_ip(prefix_of(out->ip, out->prefix_len), w->to))
			continue;
		other = cable_other_end(out);
		walk_note(w, (struct decision){ .kind = DECISION_GUEST,
						.node = w->at,
						.port = out,
						.prefix = prefix_of(out->ip, out->prefix_len) });
		if (interface_has_ip(other, w->to))
			leave_by_cable(w, out, other);
		else
			walk_stop(w, REASON_NO_MACHINE, "no machine has the address %s",
				  ip_print(w->to).text);
		return true;
	}
	return false;
}

static void enter_by_lan(struct walk *w, const struct node *node)
{
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (node->interfaces.items[i]->kind == INTERFACE_LAN)
			walk_pass(w, node->interfaces.items[i], true);
	walk_enter_machine(w, node);
}

/* In a branch's own network: its router and its hosts. */
static void leave_by_lan(struct walk *w, const struct way_out *out)
{
	const struct topology *topology = w->fabric->topology;
	struct ip next = out->next_hop.family == IP_NONE ? w->to : out->next_hop;
	bool is_to_router = !prefix_has_ip(network_of(out->interface, next.family), next);

	walk_pass(w, out->interface, false);
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];

		if (node->branch == out->interface->node->branch &&
		    (is_to_router ? node->role == ROLE_BRANCH : node_has_ip(node, next))) {
			enter_by_lan(w, node);
			return;
		}
	}
	walk_stop(w, REASON_NO_MACHINE, "no machine has the address %s", ip_print(next).text);
}

/* What is forwarded by that NIC has its address from there on. */
static void masquerade(struct walk *w, const struct node *node, const struct interface *out)
{
	struct flow *flow = w->flow;

	if (!node->vm || !out->nic || node->vm->masquerade != out->nic || w->from.family != IP_V4 ||
	    node_has_ip(node, w->from))
		return;
	if (flow->masquerade_count < FLOW_MAX_MASQUERADES)
		flow->masquerades[flow->masquerade_count++] =
			(struct masquerade){ node, w->from, out->ip };
	w->from = out->ip;
}

static void leave_by(struct walk *w, const struct node *node, const struct way_out *out)
{
	w->led_by = out->prefix;
	walk_note(w, (struct decision){ .kind = DECISION_GUEST,
					.node = node,
					.port = out->interface,
					.prefix = out->prefix,
					.next_hop = out->next_hop,
					.learned = out->learned,
					.pos = out->pos });
	switch (out->interface->kind) {
	case INTERFACE_TUNNEL:
		walk_enter_tunnel(w, out->interface);
		return;
	case INTERFACE_CABLE:
		leave_by_cable(w, out->interface, cable_other_end(out->interface));
		return;
	case INTERFACE_LAN:
		leave_by_lan(w, out);
		return;
	case INTERFACE_NIC:
	case INTERFACE_ENDPOINT:
	case INTERFACE_GATEWAY:
	case INTERFACE_MSEE:
	case INTERFACE_LOOPBACK:
		break;
	}
	masquerade(w, node, out->interface);
	walk_leave_port(w, out->interface);
}

void walk_leave_guest(struct walk *w, const struct node *node)
{
	struct way_out out = find_out(w->fabric, node, w->to, w);

	if (out.interface)
		leave_by(w, node, &out);
	else
		walk_stop(w, REASON_NO_ROUTE, "%s has no IPv6 address", node->name);
}

/* `out`: where it goes by it, or NULL. */
static void note_learned(struct walk *w, const struct rib_route *route, const struct bgp_end *out)
{
	if (!route)
		return;
	w->led_by = route->prefix;
	walk_note(w, (struct decision){ .kind = DECISION_GUEST,
					.node = w->at,
					.port = out ? out->interface : NULL,
					.prefix = route->prefix,
					.next_hop = route->next_hop,
					.learned = route });
}

/* Where a router sends it by what it has learned. */
static void leave_by_rib(struct walk *w)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(w->fabric->learned.graph, w->at);
	struct match match = rib_match(&w->fabric->learned.ribs[speaker->index], w->to);
	const struct rib_route *route =
		match.best ? match_nth(&match, walk_choose(w, match.equal)) : NULL;
	const struct bgp_end *out = route ? route->from : NULL;
	const struct bgp_network *own;

	if (route && !out) {
		own = bgp_find_network(speaker, route->prefix, BGP_CLASS_BIT(BGP_CLASS_STATIC));
		out = own ? own->via : NULL;
	}
	note_learned(w, route, out);
	if (out)
		leave_by_cable(w, out->interface, out->peer->interface);
	else if (route)
		walk_stop(w, REASON_NO_MACHINE,
			  "%s announces %s, and no machine of the lab is behind it", w->at->name,
			  prefix_print(route->prefix).text);
	else
		walk_stop(w, REASON_NO_ROUTE, "%s has no route to %s", w->at->name,
			  ip_print(w->to).text);
}

/* A customer's router: by its networks and routes, then as other routers. */
static void leave_branch(struct walk *w)
{
	struct way_out out = find_out(w->fabric, w->at, w->to, w);

	if (out.interface && out.interface->kind != INTERFACE_CABLE)
		leave_by(w, w->at, &out);
	else if (!leave_by_link(w))
		leave_by_rib(w);
}

/*
 * An instance of a VPN gateway has what tunnels say in its own table; all else it gives to the
 * fabric, as virtual machines do.
 */
static void leave_vpn_gateway(struct walk *w)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(w->fabric->learned.graph, w->at);
	const struct bgp_network *site = NULL;
	struct match match = rib_match(&w->fabric->learned.ribs[speaker->index], w->to);
	const struct rib_route *route = match.best;

	if (route && route->class == BGP_CLASS_LNG)
		site = bgp_find_network(speaker, route->prefix, BGP_CLASS_BIT(BGP_CLASS_LNG));
	if (route && route->class == BGP_CLASS_SITE)
		route = match_nth(&match, walk_choose(w, match.equal));
	note_learned(w, route, route ? route->from : NULL);
	if (site)
		walk_enter_tunnel(w, site->tunnels.items[walk_choose(w, site->tunnels.count)]);
	else if (route && route->class == BGP_CLASS_SITE)
		walk_enter_tunnel(w, route->from->interface);
	else
		walk_leave_port(w, w->at->interfaces.items[0]);
}

void walk_leave_router(struct walk *w)
{
	switch (w->at->role) {
	case ROLE_ER_GATEWAY: /* its way out is the fabric, by its subnet's table */
		walk_leave_port(w, w->at->interfaces.items[0]);
		return;
	case ROLE_VPN_GATEWAY:
		leave_vpn_gateway(w);
		return;
	case ROLE_BRANCH:
		leave_branch(w);
		return;
	case ROLE_VM:
	case ROLE_NVA:
	case ROLE_INTERNET:
	case ROLE_PRIVATE_ENDPOINT:
	case ROLE_ROUTE_SERVER:
	case ROLE_BRANCH_HOST:
		walk_leave_guest(w, w->at);
		return;
	case ROLE_MSEE:
	case ROLE_PROVIDER:
		break;
	}
	if (!leave_by_link(w))
		leave_by_rib(w);
}
