/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/route_reasons.h"

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
	reason->peer = learned->best.msee->node->name;
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

/* The path as Azure prints it. */
static const char *path_text(struct arena *arena, const struct as_path *as_path)
{
	char path[1024];

	as_path_print(as_path, path, sizeof(path));
	return arena_strdup(arena, path);
}

static void explain_learned(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct gateway_route *learned = row->learned;
	const struct connection *connection = learned->best.msee->connection;
	const char *gateway = connection->gateway->object.name;

	of_row(e, at, connection->object.pos, "R2.8", "%s has learned it from %s, AS path %s%s%s",
	       gateway, learned->best.msee->node->name,
	       path_text(e->out->arena, learned->best.path),
	       connection->gateway->vnet == e->vnet ? "" : "; used over the peering with ",
	       connection->gateway->vnet == e->vnet ? "" : connection->gateway->vnet->object.name)
		->peer = learned->best.msee->node->name;
	if (learned->next_hops.count > 1)
		of_row(e, at, (struct src_pos){ 0 }, "R3.6",
		       "%zu ways are equally good, and flows are spread over them",
		       learned->next_hops.count);
	if (!row->prefix.len)
		of_row(e, at, (struct src_pos){ 0 }, "R3.20",
		       "it takes the place of the system's route to the Internet");
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
		       "the service tag %s has %zu prefixes", route->tag->object.name,
		       route->prefixes->count);
	switch (row->type) {
	case NEXT_HOP_NONE:
		of_row(e, at, pos, "R3.13", "it drops what it matches, without a word");
		break;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		of_row(e, at, pos, "R3.12",
		       "it means a VPN gateway, and the virtual network has none to use: packets "
		       "are lost");
		break;
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		of_row(e, at, pos, "R3.22", "flows are spread over its next hops");
		break;
	default:
		break;
	}
	if (vnet_has_range(e->vnet, row->prefix) && row->type != NEXT_HOP_VNET_LOCAL)
		of_row(e, at, pos, "R3.14",
		       "it is the address space of %s: traffic within the virtual network and "
		       "within the subnet goes there too",
		       e->vnet->object.name);
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
		of_row(e, at, row->peering->object.pos, "R2.7",
		       "the address space of %s, which peering '%s' joins%s",
		       row->peering->remote_vnet->object.name, row->peering->object.name,
		       row->type == NEXT_HOP_VNET_GLOBAL_PEERING ? "; it is in another region"
								 : "");
		if (!peering_gives_access(row->peering))
			of_row(e, at, row->peering->object.pos, "R4.2",
			       "allow_virtual_network_access is false: the row stands, and packets "
			       "are lost");
		return;
	case NEXT_HOP_INTERNET:
		of_row(e, at, (struct src_pos){ 0 }, "R2.2",
		       "the system's, as long as no gateway has learned the prefix");
		return;
	case NEXT_HOP_NONE:
		of_row(e, at, (struct src_pos){ 0 }, "R2.4",
		       "Azure drops what goes to private and to its own ranges (the list of %s)",
		       choice_name(none_routes_names, e->lab->semantics.none_routes.value));
		return;
	case NEXT_HOP_SERVICE_ENDPOINT:
		of_row(e, at, row->service->object.pos, "R2.9",
		       "the subnet has the service endpoint %s, which comes before users' and "
		       "learned routes (R2.10)",
		       row->service->service.value);
		return;
	case NEXT_HOP_INTERFACE_ENDPOINT:
		of_row(e, at, row->endpoint->object.pos, "R2.11",
		       "private endpoint '%s' in %s; it is about TCP only",
		       row->endpoint->object.name, row->endpoint->subnet->vnet->object.name);
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		return; /* never the system's */
	}
}

static void explain_overridden(struct explainer *e, size_t at)
{
	const struct effective_route *row = &e->out->routes->routes.items[at];
	const struct user_route *by = row->overridden_by;

	if (row->type == NEXT_HOP_INTERFACE_ENDPOINT)
		of_row(e, at, by->object.pos, "R2.12",
		       "Invalid: route '%s' (%s) holds for it, as "
		       "private_endpoint_network_policies "
		       "of its subnet is %s",
		       by->object.name, prefix_print(by->prefixes->items[0].prefix).text,
		       choice_name(endpoint_policies_names,
				   row->endpoint->subnet->private_endpoint_network_policies.value));
	else
		of_row(e, at, by->object.pos, "R3.2",
		       "Invalid: route '%s' has the same prefix, and users' routes come first",
		       by->object.name);
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
		absent(e, lost, "R3.8", "route table '%s' disables propagation of gateways' routes",
		       table->object.name);
	}
}

/* Ways to a prefix that lost against others of the same gateway. */
static void explain_ways(struct explainer *e, const struct gateway_routes *taught)
{
	for (size_t i = 0; taught && i < taught->ways.count; i++) {
		const struct way *way = &taught->ways.items[i];
		const struct gateway_route *winner = gateway_routes_find(taught, way->prefix);
		struct lost_route lost = { .source = SOURCE_GATEWAY,
					   .type = NEXT_HOP_VIRTUAL_NETWORK_GATEWAY,
					   .prefix = way->prefix,
					   .pos = way->msee->connection->object.pos };
		const char *msee = way->msee->node->name;

		switch (way->fate) {
		case WAY_USED:
			break;
		case WAY_LOWER_WEIGHT:
			absent(e, lost, "R6.12",
			       "by %s: connection '%s' has the routing weight %g, '%s' has %g",
			       msee, way->msee->connection->object.name,
			       way->msee->connection->routing_weight.value,
			       winner->best.msee->connection->object.name,
			       winner->best.msee->connection->routing_weight.value);
			break;
		case WAY_LONGER_PATH:
			absent(e, lost, "R6.12", "by %s: the AS path %s is longer than %s by %s",
			       msee, path_text(e->out->arena, way->path),
			       path_text(e->out->arena, winner->best.path),
			       winner->best.msee->node->name);
			break;
		case WAY_OWN_PREFIX:
			absent(e, lost, "R7.20",
			       "by %s: %s announces the prefix itself, and its own come first",
			       msee, taught->gateway->object.name);
			break;
		case WAY_LINK_LOCAL:
			absent(e, lost, "R2.8", "by %s: it is a link between routers", msee);
			break;
		}
	}
}

/* R4.4: what the gateway next door knows. */
static void explain_offered(struct explainer *e, const struct gateway_routes *offered)
{
	const struct vnet *hub = offered ? offered->gateway->vnet : NULL;
	const struct peering *peering = NULL;

	if (!offered)
		return;
	for (size_t i = 0; i < e->vnet->peerings.count; i++)
		if (e->vnet->peerings.items[i].remote_vnet == hub)
			peering = &e->vnet->peerings.items[i];
	for (size_t i = 0; i < offered->routes.count; i++) {
		struct lost_route lost = learned_route(offered->routes.items[i]);

		lost.pos = peering ? peering->object.pos : lost.pos;
		absent(e, lost, "R4.4", "%s has learned it, and peering '%s' does not %s",
		       offered->gateway->object.name, peering ? peering->object.name : "",
		       "use_remote_gateways");
	}
}

static bool has_row(const struct explainer *e, struct prefix prefix)
{
	for (size_t i = 0; i < e->out->routes->routes.count; i++)
		if (prefix_equal(e->out->routes->routes.items[i].prefix, prefix))
			return true;
	return false;
}

static const struct peering *peering_with(const struct vnet *vnet, const struct vnet *other)
{
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].remote_vnet == other)
			return &vnet->peerings.items[i];
	return NULL;
}

/* A virtual network that is peered with both. */
static const struct vnet *between(const struct vnet *a, const struct vnet *b)
{
	for (size_t i = 0; i < a->peerings.count; i++) {
		const struct peering *peering = &a->peerings.items[i], *on;

		if (peering->state != PEERING_CONNECTED)
			continue;
		on = peering_with(peering->remote_vnet, b);
		if (on && on->state == PEERING_CONNECTED)
			return peering->remote_vnet;
	}
	return NULL;
}

static void explain_network(struct explainer *e, const struct vnet *other, struct prefix prefix)
{
	const struct peering *half = peering_with(e->vnet, other);
	const struct peering *reverse = peering_with(other, e->vnet);
	const struct vnet *hub = between(e->vnet, other);
	struct lost_route lost = { .source = SOURCE_DEFAULT,
				   .type = NEXT_HOP_VNET_PEERING,
				   .prefix = prefix,
				   .pos = half      ? half->object.pos
					  : reverse ? reverse->object.pos
						    : other->object.pos };

	if (half || reverse)
		absent(e, lost, "R4.1", "the peering of %s with %s has only one half, in %s",
		       e->vnet->object.name, other->object.name,
		       half ? e->vnet->object.name : other->object.name);
	else if (hub)
		absent(e, lost, "R4.5",
		       "%s is not peered with %s; both are peered with %s, but peering is not "
		       "transitive",
		       other->object.name, e->vnet->object.name, hub->object.name);
	else
		absent(e, lost, "R4.5", "%s is not peered with %s; peering is not transitive",
		       other->object.name, e->vnet->object.name);
}

/* Virtual networks of the lab whose ranges are not there (R4.1, R4.5). */
static void explain_networks(struct explainer *e)
{
	for (size_t i = 0; i < e->lab->virtual_networks.count; i++) {
		const struct vnet *other = &e->lab->virtual_networks.items[i];
		const struct peering *half = peering_with(e->vnet, other);

		if (other == e->vnet || (half && half->state == PEERING_CONNECTED))
			continue;
		for (size_t n = 0; n < other->address_prefixes.count; n++)
			if (!has_row(e, other->address_prefixes.items[n].prefix))
				explain_network(e, other, other->address_prefixes.items[n].prefix);
	}
}

/* Routes of route tables that other subnets have (R1.1). */
static void explain_other_tables(struct explainer *e)
{
	for (size_t i = 0; i < e->lab->route_tables.count; i++) {
		const struct route_table *table = &e->lab->route_tables.items[i];

		for (size_t n = 0; table != e->subnet->route_table && n < table->routes.count;
		     n++) {
			const struct user_route *route = &table->routes.items[n];

			for (size_t p = 0; p < route->prefixes->count; p++)
				absent(e,
				       (struct lost_route){
					       .source = SOURCE_USER,
					       .type = route->type,
					       .prefix = route->prefixes->items[p].prefix,
					       .pos = route->object.pos },
				       "R1.1",
				       "route '%s' is in the route table '%s', and subnet '%s' has "
				       "%s%s",
				       route->object.name, table->object.name,
				       e->subnet->object.name,
				       e->subnet->route_table ? e->subnet->route_table->object.name
							      : "none",
				       e->subnet->route_table ? " instead" : "");
		}
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
			       "R2.9", "the service endpoint %s is one of subnet '%s', not of '%s'",
			       service->service.value, other->object.name, e->subnet->object.name);
		}
	}
}

const struct gateway *route_reasons_offered(const struct vnet *vnet)
{
	if (vnet->used_express_route)
		return NULL;
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].state == PEERING_CONNECTED &&
		    vnet->peerings.items[i].remote_vnet->express_route)
			return vnet->peerings.items[i].remote_vnet->express_route;
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
	explain_ways(&e, taught);
	explain_propagation(&e, taught);
	explain_offered(&e, offered);
	explain_networks(&e);
	explain_other_tables(&e);
	explain_services(&e);
	return out;
}

void route_reasons_free(struct route_reasons *reasons)
{
	if (!reasons)
		return;
	effective_routes_free((struct effective_routes *)reasons->routes);
	arena_free(reasons->arena);
}
