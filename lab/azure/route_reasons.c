/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/route_reasons.h"

#include "lab/azure/internet.h"
#include "lab/azure/none_routes.h"
#include "lab/azure/way_reasons.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct explainer {
	struct route_reasons *out;
	const struct lab *lab;
	const struct subnet *subnet;
	const struct vnet *vnet;
};

static const char *hops_text(struct arena *arena, const struct next_hop *hops, size_t count)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", ip_print(hops[i].ip).text);
	return text;
}

PRINTF(3, 0)
static struct route_reason *add_reason(struct route_reasons *out, const char *rule, const char *fmt,
				       va_list args)
{
	struct route_reason *reason = ARENA_PUSH(out->arena, out->items.items, out->items.count);
	char words[400];

	(void)vsnprintf(words, sizeof(words), fmt, args);
	reason->row = NO_ROW;
	reason->rule = rule;
	reason->words = arena_strdup(out->arena, words);
	reason->next_hops = "";
	reason->peer = "";
	return reason;
}

static void set_learned(struct route_reasons *out, struct route_reason *reason,
			const struct gateway_route *learned)
{
	reason->next_hops =
		hops_text(out->arena, learned->next_hops.items, learned->next_hops.count);
	reason->peer = way_teller(&learned->best);
}

void route_reasons_lost(struct route_reasons *why, const struct lost_route *lost, const char *rule,
			const char *fmt, ...)
{
	struct route_reason *reason;
	va_list args;

	va_start(args, fmt);
	reason = add_reason(why, rule, fmt, args);
	va_end(args);
	reason->source = lost->source;
	reason->type = lost->type;
	reason->prefix = lost->prefix;
	reason->pos = lost->pos;
	if (lost->learned)
		set_learned(why, reason, lost->learned);
	if (lost->way) {
		reason->peer = way_teller(lost->way);
		reason->next_hops = arena_strdup(why->arena, ip_print(lost->way->next_hop).text);
	}
}

/* ---- rows ---- */

static struct route_reason *of_row(struct explainer *e, size_t at, struct src_pos pos,
				   const char *rule, const char *fmt, ...) PRINTF(5, 6);

static struct route_reason *of_row(struct explainer *e, size_t at, struct src_pos pos,
				   const char *rule, const char *fmt, ...)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	struct route_reason *reason;
	va_list args;

	va_start(args, fmt);
	reason = add_reason(e->out, rule, fmt, args);
	va_end(args);
	reason->row = at;
	reason->source = row->source;
	reason->type = row->type;
	reason->prefix = row->prefix;
	reason->pos = pos;
	reason->next_hops = hops_text(e->out->arena, row->next_hops.items, row->next_hops.count);
	return reason;
}

/* A VPN gateway's own: what a local network gateway says, or the other gateway's address (R5.5). */
static void explain_site(struct explainer *e, size_t at, const struct way *way)
{
	const struct connection *connection = way->connection;
	bool is_range = !way->is_bgp_address;
	const struct local_network_gateway *site;

	assert(connection); /* it is behind one */
	site = connection->local_network_gateway;

	of_row(e, at, is_range && site ? site->object.pos : connection->object.pos, "R5.5",
	       "%s of %s, to which connection '%s' leads; it is there whether the tunnel is up or "
	       "not",
	       is_range ? "an address prefix" : "the BGP address", way_teller(way),
	       connection->object.name)
		->peer = way_teller(way);
}

/* Who said it first, and to whom. */
static void explain_origin(struct explainer *e, size_t at, const struct vnet *hub,
			   const struct way *way)
{
	struct src_pos pos =
		way->connection ? way->connection->object.pos : hub->route_server->object.pos;

	if (!way->from) {
		explain_site(e, at, way);
		return;
	}
	of_row(e, at, pos, way->kind == WAY_NVA ? "R7.2" : "R2.8",
	       "%s has learned it from %s, AS path %s", way_learner(hub, way), way_teller(way),
	       way_path(e->out->arena, way))
		->peer = way_teller(way);
}

/* How its next hops came about. */
static void explain_next_hops(struct explainer *e, size_t at, const struct vnet *hub)
{
	const struct gateway_route *learned = e->out->routes->routes.items[at].learned;
	size_t nobodys = 0;

	for (size_t i = 0; i < learned->next_hops.count; i++)
		if (!learned->next_hops.items[i].port && !nobodys++)
			of_row(e, at, (struct src_pos){ 0 }, "R3.10",
			       "no machine of %s, or of a virtual network peered with it, has %s: "
			       "the row stays Active, and packets are lost",
			       hub->object.name, ip_print(learned->next_hops.items[i].ip).text);
	if (learned->next_hops.count < 2)
		return;
	if (learned->best.kind == WAY_VPN && learned->prefix.len)
		of_row(e, at, hub->vpn->object.pos, "R5.20",
		       "both instances of %s are next hops, whichever of them has the tunnel",
		       hub->vpn->object.name);
	of_row(e, at, (struct src_pos){ 0 }, "R3.6",
	       "%zu ways are equally good, and flows are spread over them",
	       learned->next_hops.count);
}

static void explain_learned(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct vnet *hub = e->vnet->hub;

	explain_origin(e, at, hub, &row->learned->best);
	if (hub != e->vnet)
		of_row(e, at, vnet_find_peering(e->vnet, hub)->object.pos, "R4.4",
		       "%s uses the gateway of %s: peering '%s' has use_remote_gateways",
		       e->vnet->object.name, hub->object.name,
		       vnet_find_peering(e->vnet, hub)->object.name);
	explain_next_hops(e, at, hub);
	if (!row->prefix.len)
		of_row(e, at, (struct src_pos){ 0 }, "R3.20",
		       "forced tunnelling: it takes the place of the system's route to the "
		       "Internet");
}

/* Is a machine of the lab there, in the virtual network or in one that is peered with it? */
static bool is_machine_in_reach(const struct explainer *e, struct ip ip)
{
	for (size_t i = 0; i < e->lab->vms.count; i++)
		for (size_t n = 0; n < e->lab->vms.items[i].network_interfaces.count; n++) {
			const struct nic *nic = &e->lab->vms.items[i].network_interfaces.items[n];
			const struct vnet *vnet = nic->subnet ? nic->subnet->vnet : NULL;
			bool is_it = vnet && nic_has_ip(nic, ip);

			if (is_it && (vnet == e->vnet || vnet_find_connected(e->vnet, vnet)))
				return true;
		}
	return false;
}

/* R3.10: the fabric looks for a next hop in the virtual network and in peered ones, once. */
static void explain_appliance(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];

	for (size_t i = 0; i < row->next_hops.count; i++) {
		struct ip hop = row->next_hops.items[i].ip;

		if (!is_machine_in_reach(e, hop))
			of_row(e, at, row->user->object.pos, "R3.10",
			       "no machine of %s, or of a virtual network peered with it, has %s: "
			       "the row stays Active, and packets are lost",
			       e->vnet->object.name, ip_print(hop).text);
	}
	if (row->next_hops.count > 1)
		of_row(e, at, row->user->object.pos, "R3.22",
		       "flows are spread over its %zu next hops", row->next_hops.count);
}

/* Routes for the sender's own network, or for its own subnet. */
static void explain_own_range(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct spaces *own = &e->subnet->address_prefix;

	if (row->type == NEXT_HOP_VNET_LOCAL)
		return;
	if (vnet_has_range(e->vnet, row->prefix))
		of_row(e, at, row->user->object.pos, "R3.14",
		       "it is the address space of %s: traffic between its subnets, and within "
		       "them, goes this way too",
		       e->vnet->object.name);
	for (size_t i = 0; i < own->count; i++)
		if (prefix_equal(own->items[i].prefix, row->prefix))
			of_row(e, at, row->user->object.pos, "R3.15",
			       "it is the prefix of subnet '%s' itself: its machines reach each "
			       "other this way, too",
			       e->subnet->object.name);
}

static void explain_user(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct user_route *route = row->user;
	struct src_pos pos = route->object.pos;

	of_row(e, at, pos, "R3.9", "route '%s' of the route table '%s' of subnet '%s'",
	       route->object.name, e->subnet->route_table->object.name, e->subnet->object.name);
	if (route->tag)
		of_row(e, at, route->tag->object.pos, "R3.18",
		       "the service tag %s stands for %zu %s in this lab", route->tag->object.name,
		       route->prefixes->count, route->prefixes->count == 1 ? "prefix" : "prefixes");
	switch (row->type) {
	case NEXT_HOP_NONE:
		of_row(e, at, pos, "R3.13", "packets that match are dropped, and nobody is told");
		break;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		if (e->vnet->hub && e->vnet->hub->vpn)
			of_row(e, at, pos, "R3.12", "it leads to the VPN gateway %s",
			       e->vnet->hub->vpn->object.name);
		else
			of_row(e, at, pos, "R3.12",
			       "it means a VPN gateway, and %s has none to use: packets are lost",
			       e->vnet->object.name);
		break;
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		explain_appliance(e, at);
		break;
	default:
		break;
	}
	explain_own_range(e, at);
}

static void explain_peering(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct peering *peering = row->peering;

	of_row(e, at, peering->object.pos, "R2.7", "the address space of %s, by peering '%s'%s",
	       peering->remote_vnet->object.name, peering->object.name,
	       row->type == NEXT_HOP_VNET_GLOBAL_PEERING ? "; it is in another region" : "");
	if (!peering_gives_access(peering))
		of_row(e, at, peering->object.pos, "R4.2",
		       "allow_virtual_network_access is false: the row stays, and packets are "
		       "lost");
}

static void explain_default(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];

	switch (row->type) {
	case NEXT_HOP_VNET_LOCAL:
		of_row(e, at, row->range->pos, "R2.1", "the address space of %s itself",
		       e->vnet->object.name);
		return;
	case NEXT_HOP_VNET_PEERING:
	case NEXT_HOP_VNET_GLOBAL_PEERING:
		explain_peering(e, at);
		return;
	case NEXT_HOP_INTERNET:
		of_row(e, at, (struct src_pos){ 0 }, "R2.2",
		       "the system's own, as long as no gateway has learned the prefix");
		return;
	case NEXT_HOP_NONE:
		of_row(e, at, (struct src_pos){ 0 }, "R2.4",
		       "the system's own: on the way to the Internet Azure drops private ranges "
		       "and some of its own (those of %s)",
		       choice_name(none_routes_names, e->lab->semantics.none_routes.value));
		return;
	case NEXT_HOP_SERVICE_ENDPOINT:
		of_row(e, at, row->service->object.pos, "R2.9",
		       "the service endpoint %s of subnet '%s'", row->service->service.value,
		       e->subnet->object.name);
		of_row(e, at, row->service->object.pos, "R2.10",
		       "neither users' routes nor learned ones take its prefixes away");
		return;
	case NEXT_HOP_INTERFACE_ENDPOINT:
		of_row(e, at, row->endpoint->object.pos, "R2.11",
		       "private endpoint '%s' in %s; the row is about TCP only",
		       row->endpoint->object.name, row->endpoint->subnet->vnet->object.name);
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		return; /* never the system's */
	}
}

/* R4.10: the next hop is looked up in the fabric, not in the table. */
static void explain_hop_within(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct user_route *by = row->overridden_by;

	if (row->type != NEXT_HOP_VNET_PEERING && row->type != NEXT_HOP_VNET_GLOBAL_PEERING)
		return;
	for (size_t i = 0; i < by->next_hops.count; i++)
		if (prefix_has_ip(row->prefix, by->next_hops.items[i]))
			of_row(e, at, by->object.pos, "R4.10",
			       "%s is found there all the same: next hops are looked up in the "
			       "fabric, not in this table",
			       ip_print(by->next_hops.items[i]).text);
}

static void explain_overridden(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct user_route *by = row->overridden_by;

	if (row->type != NEXT_HOP_INTERFACE_ENDPOINT) {
		of_row(e, at, by->object.pos, "R3.2",
		       "Invalid: route '%s' has the same prefix, and users' routes come first",
		       by->object.name);
		explain_hop_within(e, at);
		return;
	}
	of_row(e, at, by->object.pos, "R2.12",
	       "Invalid: route '%s' comes first, as private_endpoint_network_policies of subnet "
	       "'%s' is %s",
	       by->object.name, row->endpoint->subnet->object.name,
	       choice_name(endpoint_policies_names,
			   row->endpoint->subnet->private_endpoint_network_policies.value));
}

/* As what packets leave, where the lab has an Internet. */
static void explain_outbound(struct explainer *e, size_t at)
{
	const struct subnet *subnet = e->subnet;
	const struct nat_gateway *gateway = subnet->nat_gateway;
	const struct effective_route *row = &e->out->routes->routes.items[at];

	if (row->type != NEXT_HOP_INTERNET || row->state != ROUTE_ACTIVE ||
	    row->prefix.addr.family != IP_V4 || !e->lab->internet_network || e->vnet->is_internet ||
	    !internet_is_outside(e->vnet, row->prefix))
		return;
	if (gateway)
		of_row(e, at, subnet->nat_gateway_ref.pos, "OUT-05",
		       "packets leave by NAT gateway '%s', as %s%s", gateway->object.name,
		       ip_print(gateway->public_ips.items[0]->ip_address.ip).text,
		       gateway->public_ips.count > 1 ? " or another of its addresses" : "");
	else if (subnet->default_outbound_access.value)
		of_row(e, at, subnet->default_outbound_access.pos, "OUT-05",
		       "packets leave as the NIC's public address, or without one as Azure's own, "
		       "by default outbound access");
	else
		of_row(e, at, subnet->object.pos, "OUT-07",
		       "packets leave as the NIC's public address; without one they are dropped, "
		       "since subnet '%s' is private",
		       subnet->object.name);
}

static void explain_rows(struct explainer *e)
{
	for (size_t at = 0; at < e->out->routes->routes.count; at++) {
		const struct effective_route *row = &e->out->routes->routes.items[at];

		switch (row->source) {
		case SOURCE_DEFAULT:
			explain_default(e, at);
			break;
		case SOURCE_GATEWAY:
			explain_learned(e, at);
			break;
		case SOURCE_USER:
			explain_user(e, at);
			break;
		}
		explain_outbound(e, at);
		if (row->state == ROUTE_INVALID)
			explain_overridden(e, at);
	}
}

/* ---- what is not there ---- */

static void absent(struct explainer *e, struct lost_route route, const char *rule, const char *fmt,
		   ...) PRINTF(4, 5);

static void absent(struct explainer *e, struct lost_route route, const char *rule, const char *fmt,
		   ...)
{
	char words[400];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	route_reasons_lost(e->out, &route, rule, "%s", words);
}

static struct lost_route learned_route(const struct gateway_route *route)
{
	return (struct lost_route){ .source = SOURCE_GATEWAY,
				    .type = NEXT_HOP_VIRTUAL_NETWORK_GATEWAY,
				    .prefix = route->prefix,
				    .learned = route };
}

/* R3.8: all that its route table keeps out. */
static void explain_propagation(struct explainer *e, const struct gateway_routes *taught)
{
	const struct route_table *table = e->subnet->route_table;

	if (!taught || !e->out->routes->disables_propagation)
		return;
	for (size_t i = 0; i < taught->routes.count; i++) {
		struct lost_route lost = learned_route(taught->routes.items[i]);

		lost.pos = table->disable_bgp_route_propagation.pos;
		absent(e, lost, "R3.8",
		       "route table '%s' keeps what gateways learn from subnet '%s'",
		       table->object.name, e->subnet->object.name);
	}
}

/* Would the system's own range be preferred to it anyway (R3.5)? */
static bool is_in_own_range(const struct explainer *e, struct prefix prefix)
{
	return spaces_cover(&e->vnet->address_prefixes, prefix) ||
	       vnet_find_peered(e->vnet, prefix);
}

/* R4.4: what the gateway next door knows. */
static void explain_offered(struct explainer *e, const struct gateway_routes *offered)
{
	const struct peering *peering = offered ? vnet_find_peering(e->vnet, offered->hub) : NULL;

	for (size_t i = 0; peering && i < offered->routes.count; i++) {
		struct lost_route lost = learned_route(offered->routes.items[i]);

		lost.pos = peering->object.pos;
		if (!is_in_own_range(e, lost.prefix))
			absent(e, lost, "R4.4",
			       "learned by %s of %s, but peering '%s' has no "
			       "use_remote_gateways",
			       way_learner(offered->hub, &offered->routes.items[i]->best),
			       offered->hub->object.name, peering->object.name);
	}
}

static bool has_row(const struct explainer *e, struct prefix prefix)
{
	for (size_t i = 0; i < e->out->routes->routes.count; i++)
		if (prefix_equal(e->out->routes->routes.items[i].prefix, prefix))
			return true;
	return false;
}

/* A virtual network that is peered with both. */
static const struct vnet *between(const struct vnet *a, const struct vnet *b)
{
	for (size_t i = 0; i < a->peerings.count; i++) {
		const struct peering *peering = &a->peerings.items[i], *on;

		if (peering->state != PEERING_CONNECTED)
			continue;
		on = vnet_find_peering(peering->remote_vnet, b);
		if (on && on->state == PEERING_CONNECTED)
			return peering->remote_vnet;
	}
	return NULL;
}

/* What tells others of a virtual network; NULL: it has nothing that does. */
static const char *announcer(const struct vnet *hub)
{
	const struct gateway *gateway = hub->express_route ? hub->express_route : hub->vpn;

	return gateway ? gateway->object.name : NULL;
}

/*
 * R4.7: the hub of a network that could be reached over gateways, as its own ranges are; the
 * network itself is not announced. NULL when it is not so.
 */
static const struct peering *unannounced_by(const struct explainer *e,
					    const struct gateway_routes *taught,
					    const struct vnet *other)
{
	for (size_t i = 0; taught && i < other->peerings.count; i++) {
		const struct peering *peering = &other->peerings.items[i];
		const struct vnet *hub = peering->remote_vnet;

		if (peering->state == PEERING_CONNECTED && hub != e->vnet && announcer(hub) &&
		    !other->hub && hub->address_prefixes.count &&
		    gateway_routes_find(taught, hub->address_prefixes.items[0].prefix))
			return peering;
	}
	return NULL;
}

static void explain_network(struct explainer *e, const struct gateway_routes *taught,
			    const struct vnet *other, const struct space *range)
{
	const struct peering *half = vnet_find_peering(e->vnet, other);
	const struct peering *reverse = vnet_find_peering(other, e->vnet);
	const struct peering *unannounced = unannounced_by(e, taught, other);
	const struct vnet *hub = between(e->vnet, other);
	struct lost_route lost = { .source = SOURCE_DEFAULT,
				   .type = NEXT_HOP_VNET_PEERING,
				   .prefix = range->prefix,
				   .pos = half      ? half->object.pos
					  : reverse ? reverse->object.pos
						    : other->object.pos };

	if (half)
		absent(e, lost, "R4.1", "peering '%s' stays Initiated: %s has none with %s",
		       half->object.name, other->object.name, e->vnet->object.name);
	else if (reverse)
		absent(e, lost, "R4.1", "peering '%s' of %s stays Initiated: %s has none back",
		       reverse->object.name, other->object.name, e->vnet->object.name);
	else if (hub)
		absent(e, lost, "R4.5",
		       "%s is not peered with %s; both are peered with %s, but peering is not "
		       "transitive",
		       other->object.name, e->vnet->object.name, hub->object.name);
	else if (other->group == e->vnet->group)
		absent(e, lost, "R4.5", "%s is not peered with %s; peering is not transitive",
		       other->object.name, e->vnet->object.name);
	else if (!unannounced)
		absent(e, lost, "R2.7", "%s is not peered with %s", other->object.name,
		       e->vnet->object.name);
	if (!unannounced)
		return;
	lost.source = SOURCE_GATEWAY;
	lost.type = NEXT_HOP_VIRTUAL_NETWORK_GATEWAY;
	lost.pos = unannounced->object.pos;
	absent(e, lost, "R4.7",
	       "%s does not announce %s, whose peering '%s' has no use_remote_gateways",
	       announcer(unannounced->remote_vnet), other->object.name, unannounced->object.name);
}

/* Virtual networks of the lab whose ranges are not there (R4.1, R4.5). */
static void explain_networks(struct explainer *e, const struct gateway_routes *taught)
{
	for (size_t i = 0; i < e->lab->virtual_networks.count; i++) {
		const struct vnet *other = &e->lab->virtual_networks.items[i];
		const struct peering *half = vnet_find_peering(e->vnet, other);

		if (other == e->vnet || (half && half->state == PEERING_CONNECTED))
			continue;
		for (size_t n = 0; n < other->address_prefixes.count; n++)
			if (!has_row(e, other->address_prefixes.items[n].prefix))
				explain_network(e, taught, other,
						&other->address_prefixes.items[n]);
	}
}

/* Routes of route tables that other subnets have (R1.1). */
static void explain_other_tables(struct explainer *e)
{
	const struct route_table *own = e->subnet->route_table;

	for (size_t i = 0; i < e->lab->route_tables.count; i++) {
		const struct route_table *table = &e->lab->route_tables.items[i];

		for (size_t n = 0; table != own && n < table->routes.count; n++) {
			const struct user_route *route = &table->routes.items[n];

			for (size_t p = 0; p < route->prefixes->count; p++)
				absent(e,
				       (struct lost_route){
					       .source = SOURCE_USER,
					       .type = route->type,
					       .prefix = route->prefixes->items[p].prefix,
					       .pos = route->object.pos },
				       "R1.1", "of route table '%s'; subnet '%s' has %s%s%s",
				       table->object.name, e->subnet->object.name, own ? "'" : "",
				       own ? own->object.name : "no route table", own ? "'" : "");
		}
	}
}

/* What Azure listed in other years (R2.4). */
static void explain_years(struct explainer *e)
{
	int year = e->lab->semantics.none_routes.value;

	for (int other = NONE_ROUTES_2020; other <= NONE_ROUTES_2026; other++)
		for (const char *const *each = none_routes_list((enum none_routes)other);
		     other != year && *each; each++) {
			struct lost_route lost = { .source = SOURCE_DEFAULT,
						   .type = NEXT_HOP_NONE };
			bool is_known = !prefix_parse(*each, &lost.prefix);

			for (int n = NONE_ROUTES_2020; n <= NONE_ROUTES_2026; n++)
				is_known |= (n < other || n == year) &&
					    none_routes_has((enum none_routes)n, lost.prefix);
			lost.pos = e->lab->semantics.none_routes.pos;
			if (!is_known)
				absent(e, lost, "R2.4",
				       "in Azure's list in other years; this lab has that of %s "
				       "(semantics: none_routes)",
				       choice_name(none_routes_names, year));
		}
}

static bool has_service(const struct subnet *subnet, const char *service)
{
	for (size_t i = 0; i < subnet->service_endpoints.count; i++)
		if (!strcasecmp(subnet->service_endpoints.items[i].service.value, service))
			return true;
	return false;
}

/* Service endpoints of the virtual network's other subnets (R2.9). */
static void explain_services(struct explainer *e)
{
	for (size_t i = 0; i < e->vnet->subnets.count; i++) {
		const struct subnet *other = &e->vnet->subnets.items[i];

		for (size_t n = 0; n < other->service_endpoints.count; n++) {
			const struct service_endpoint *service = &other->service_endpoints.items[n];

			if (has_service(e->subnet, service->service.value) ||
			    !service->tag->address_prefixes.count)
				continue;
			absent(e,
			       (struct lost_route){
				       .source = SOURCE_DEFAULT,
				       .type = NEXT_HOP_SERVICE_ENDPOINT,
				       .prefix = service->tag->address_prefixes.items[0].prefix,
				       .pos = service->object.pos },
			       "R2.9", "subnet '%s' has the service endpoint %s, and '%s' has not",
			       other->object.name, service->service.value, e->subnet->object.name);
		}
	}
}

const struct vnet *route_reasons_offered(const struct vnet *vnet)
{
	if (vnet->hub)
		return NULL;
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].state == PEERING_CONNECTED &&
		    vnet_has_gateways(vnet->peerings.items[i].remote_vnet))
			return vnet->peerings.items[i].remote_vnet;
	return NULL;
}

struct route_reasons *route_reasons_new(const struct lab *lab, const struct subnet *subnet,
					const struct gateway_routes *taught,
					const struct gateway_routes *offered)
{
	struct arena *arena = arena_new();
	struct route_reasons *lost = arena_alloc(arena, sizeof(*lost));
	struct route_reasons *out = arena_alloc(arena, sizeof(*out));
	struct explainer e = { .out = out, .lab = lab, .subnet = subnet, .vnet = subnet->vnet };

	out->arena = lost->arena = arena;
	out->routes = effective_routes_explain(lab, subnet, taught, lost);
	explain_rows(&e);
	for (size_t i = 0; i < lost->items.count; i++)
		*ARENA_PUSH(arena, out->items.items, out->items.count) = lost->items.items[i];
	if (!out->routes->disables_propagation)
		way_reasons_add(out, taught);
	explain_propagation(&e, taught);
	explain_offered(&e, offered);
	explain_networks(&e, taught);
	explain_other_tables(&e);
	explain_services(&e);
	explain_years(&e);
	return out;
}

void route_reasons_free(struct route_reasons *reasons)
{
	if (!reasons)
		return;
	effective_routes_free((struct effective_routes *)reasons->routes);
	arena_free(reasons->arena);
}
