/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/fill_path.h"

#include "lab/azure/hit.h"
#include "lab/azure/walk.h"
#include "lab/plan/compile.h"
#include "lab/plan/fabric_ids.h"
#include "lab/snapshot/fill.h"

#define PATH_TEXT 2048

struct filling {
	const struct fabric *fabric;
	const char *file;
	struct arena *arena;
	struct ip source; /* of the packet, when it was sent */
	bool is_stopped;  /* here, for want of a way on */
};

/* ---- machines ---- */

static const char *learned_words(const struct filling *f, const struct rib_route *route)
{
	char path[PATH_TEXT];

	if (!route->from)
		return ", which it announces itself";
	as_path_print(route->path, path, sizeof(path));
	return arena_printf(f->arena, ", learned from %s (AS path %s)", route->from->peer_name,
			    path);
}

static void fill_guest(const struct filling *f, const struct decision *d,
		       struct snapshot_decision *out)
{
	const char *to = d->port ? arena_printf(f->arena, " by %s", d->port->name) : "";

	if (d->next_hop.family != IP_NONE)
		to = arena_printf(f->arena, " to %s%s", ip_print(d->next_hop).text, to);
	out->kind = "machine";
	out->words = arena_printf(f->arena, "its own table: %s%s%s", prefix_print(d->prefix).text,
				  to, d->learned ? learned_words(f, d->learned) : "");
	out->place = snapshot_place(d->pos, f->file, f->arena);
	out->ns = node_is_guest(d->node) ? NULL : d->node->name; /* nobody can ask its kernel */
	out->device = d->port ? d->port->name : NULL;
	out->is_dropped = f->is_stopped;
	/* one that is no neighbour is reached by one that is */
	if (d->next_hop.family != IP_NONE && d->port && d->port->kind == INTERFACE_CABLE)
		out->via = arena_strdup(f->arena, ip_print(d->next_hop).text);
}

static void fill_tunnel(const struct filling *f, const struct decision *d,
			struct snapshot_decision *out)
{
	out->kind = "tunnel";
	out->words =
		arena_printf(f->arena, "into the tunnel %s, from %s to %s", d->tunnel->name,
			     ip_print(d->tunnel->local).text, ip_print(d->tunnel->remote).text);
}

/* ---- ports ---- */

static const char *layer_words(const struct filling *f, const struct layer_verdict *layer)
{
	bool is_allowed = layer->access != ACCESS_DENY;

	if (!layer->rule)
		return arena_printf(f->arena, "Azure %s it: %s",
				    is_allowed ? "lets through" : "drops",
				    layer_verdict_rule(layer));
	return arena_printf(f->arena, "%s %s it: rule %s (%s, priority %.0f)",
			    layer_verdict_resource(layer), is_allowed ? "allows" : "denies",
			    layer_verdict_rule(layer), verdict_layer_name(layer->layer),
			    layer->rule->priority.value);
}

/* As the kernel's rule is to name it. False: what lets through without a rule has none. */
static bool hit_of(const struct filling *f, const struct layer_verdict *layer, struct hit *ret_hit)
{
	*ret_hit = (struct hit){ .layer = layer->layer,
				 .direction = layer->direction,
				 .access = layer->access,
				 .drop = layer->drop };
	if (layer->rule)
		ret_hit->priority = (unsigned)layer->rule->priority.value;
	if (layer->collection)
		ret_hit->number = layer->collection->number;
	if (layer->nsg)
		ret_hit->number = topology_filter(f->fabric->topology, layer->nsg);
	return layer->rule || layer->drop != DROP_NONE;
}

static bool has_text(const struct texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (!strcmp(texts->items[i], text))
			return true;
	return false;
}

/* One NSG may stand at the subnet and at the NIC. */
static void fill_rules(const struct filling *f, const struct verdict *verdict, struct texts *out)
{
	struct hit hit;

	for (size_t i = 0; i < verdict->count; i++) {
		const char *text;

		if (!hit_of(f, &verdict->layers[i], &hit))
			continue;
		text = arena_strdup(f->arena, hit_print(&hit).text);
		if (!has_text(out, text))
			*ARENA_PUSH(f->arena, out->items, out->count) = text;
	}
}

static void fill_port(const struct decision *d, struct snapshot_decision *out)
{
	out->direction = d->direction == DIRECTION_INBOUND ? "in" : "out";
	out->ifindex = d->port->port_ifindex;
}

static void fill_filter(const struct filling *f, const struct decision *d,
			struct snapshot_decision *out)
{
	const char *way = d->direction == DIRECTION_INBOUND ? "in" : "out";
	const struct verdict *verdict = &d->verdict;

	out->kind = "filter";
	out->is_dropped = !verdict->is_allowed;
	fill_port(d, out);
	fill_rules(f, verdict, &out->rules);
	out->words =
		arena_printf(f->arena, "%s: %s", way, verdict->count ? "" : "no NSG stands here");
	for (size_t i = 0; i < verdict->count; i++)
		out->words = arena_printf(f->arena, "%s%s%s", out->words, i ? "; " : "",
					  layer_words(f, &verdict->layers[i]));
	if (verdict->count && verdict->layers[verdict->count - 1].rule)
		out->place = snapshot_place(verdict->layers[verdict->count - 1].rule->object.pos,
					    f->file, f->arena);
}

static void fill_state(const struct filling *f, const struct decision *d,
		       struct snapshot_decision *out)
{
	out->kind = "state";
	fill_port(d, out);
	out->words = arena_printf(f->arena, "%s: it answers what was let through (NSG-17)",
				  d->direction == DIRECTION_INBOUND ? "in" : "out");
}

static const char *outbound_words(const struct filling *f, const struct outbound *outbound)
{
	const char *ip = arena_strdup(f->arena, ip_print(outbound->ip).text);

	switch (outbound->method) {
	case OUTBOUND_NAT_GATEWAY:
		return arena_printf(f->arena, "NAT gateway '%s' makes it %s%s",
				    outbound->nat_gateway->object.name, ip,
				    outbound->nat_gateway->public_ip_addresses.count > 1
					    ? ", or another of its"
					    : "");
	case OUTBOUND_PUBLIC_IP:
		return arena_printf(f->arena, "its public address %s", ip);
	case OUTBOUND_DEFAULT:
		return arena_printf(f->arena, "default outbound access makes it %s", ip);
	case OUTBOUND_NONE:
		break;
	}
	return "nothing";
}

static void fill_edge(const struct filling *f, const struct decision *d,
		      struct snapshot_decision *out)
{
	out->kind = "edge";
	out->is_dropped = d->refusal != NULL;
	fill_port(d, out);
	fill_rules(f, &d->verdict, &out->rules);
	out->words = d->refusal ? arena_printf(f->arena, "to the Internet: %s", d->refusal)
				: arena_printf(f->arena, "to the Internet: %s (OUT-05)",
					       outbound_words(f, &d->outbound));
	if (d->outbound.nat_gateway)
		out->place = snapshot_place(d->outbound.nat_gateway->object.pos, f->file, f->arena);
}

/* ---- effective routes ---- */

static const struct prefix *matching_prefix(const struct effective_route *row, struct ip to)
{
	const struct space *space;

	if (!row->prefixes)
		return prefix_has_ip(row->prefix, to) ? &row->prefix : NULL;
	space = spaces_find(row->prefixes, prefix_host(to));
	return space ? &space->prefix : NULL;
}

static const char *row_words(const struct filling *f, const struct effective_route *row,
			     struct prefix prefix)
{
	const char *text = arena_printf(f->arena, "%s %s", prefix_print(prefix).text,
					next_hop_type_name(row->type));

	for (size_t i = 0; i < row->next_hops.count; i++)
		text = arena_printf(f->arena, "%s%s%s", text, i ? ", " : " ",
				    ip_print(row->next_hops.items[i].ip).text);
	if (row->source == SOURCE_USER)
		text = arena_printf(f->arena, "%s, route '%s'", text, row->user->object.name);
	return text;
}

static struct src_pos row_pos(const struct effective_route *row)
{
	switch (row->source) {
	case SOURCE_USER:
		return row->user->object.pos;
	case SOURCE_GATEWAY:
		return (struct src_pos){ 0 };
	case SOURCE_DEFAULT:
		break;
	}
	switch (row->type) {
	case NEXT_HOP_VNET_LOCAL:
		return row->range ? row->range->pos : (struct src_pos){ 0 };
	case NEXT_HOP_VNET_PEERING:
	case NEXT_HOP_VNET_GLOBAL_PEERING:
		return row->peering->object.pos;
	case NEXT_HOP_INTERFACE_ENDPOINT:
		return row->endpoint->object.pos;
	case NEXT_HOP_SERVICE_ENDPOINT:
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
	case NEXT_HOP_INTERNET:
	case NEXT_HOP_NONE:
		break;
	}
	return (struct src_pos){ 0 };
}

/* Of the rows that match, the one that would decide without the winner; NULL: none. */
static const char *beaten_words(const struct filling *f, const struct effective_routes *routes,
				const struct effective_route *winner, struct ip to)
{
	const struct effective_route *best = NULL;
	const struct prefix *best_prefix = NULL, *own = matching_prefix(winner, to);

	for (size_t i = 0; own && i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];
		const struct prefix *prefix = row == winner ? NULL : matching_prefix(row, to);

		if (!prefix || prefix->len > own->len ||
		    (row->source == winner->source && prefix->len == own->len))
			continue; /* of equal source and prefix are further next hops of one route
				   */
		if (best && best_prefix->len >= prefix->len)
			continue;
		best = row;
		best_prefix = prefix;
	}
	return best ? row_words(f, best, *best_prefix) : NULL;
}

static void fill_route(const struct filling *f, const struct decision *d,
		       struct snapshot_decision *out)
{
	const struct subnet *subnet = d->port->subnet;
	const struct prefix *prefix = matching_prefix(d->route, d->to);

	out->kind = "route";
	out->words = arena_printf(f->arena, "routes of %s/%s: %s", subnet->vnet->object.name,
				  subnet->object.name,
				  row_words(f, d->route, prefix ? *prefix : d->route->prefix));
	out->beaten =
		beaten_words(f, fabric_subnet_routes(f->fabric, d->port->table), d->route, d->to);
	out->place = snapshot_place(row_pos(d->route), f->file, f->arena);
	if (subnet->vnet->is_internet)
		return; /* whose public address it is for is known by NAT, before tables are asked
			 */
	out->ns = FABRIC_NS;
	out->ifindex = d->port->port_ifindex;
	out->mark = port_mark(d->port);
	out->is_dropped = d->route->type == NEXT_HOP_NONE || f->is_stopped;
}

/* ---- all of it ---- */

static void fill_end(const struct filling *f, const struct decision *d,
		     struct snapshot_decision *out)
{
	out->kind = "end";
	out->words = arena_printf(f->arena, "has the address %s", ip_print(d->to).text);
	if (!ip_equal(d->source, f->source))
		out->words = arena_printf(f->arena, "%s; to it the sender is %s", out->words,
					  ip_print(d->source).text);
}

static bool is_same_decision(const struct decision *a, const struct decision *b)
{
	return a->kind == b->kind && a->node == b->node && a->port == b->port &&
	       a->direction == b->direction && a->route == b->route && a->tunnel == b->tunnel &&
	       a->learned == b->learned && prefix_equal(a->prefix, b->prefix) &&
	       ip_equal(a->source, b->source) && ip_equal(a->to, b->to);
}

/* Where it is the second time: from there on all is as before, until the TTL ends. */
static bool is_round(const struct trace *trace, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_same_decision(&trace->decisions.items[i], &trace->decisions.items[at]))
			return true;
	return false;
}

/* What the fabric's tables know of why it stops; the rest happens behind them. */
static bool has_no_way(const struct flow *flow)
{
	return !flow->is_delivered &&
	       (flow->reason == REASON_NO_ROUTE || flow->reason == REASON_NO_MACHINE ||
		flow->reason == REASON_NEXT_HOP);
}

static void fill(const struct filling *f, const struct decision *d, struct snapshot_decision *out)
{
	static void (*const fills[])(const struct filling *f, const struct decision *d,
				     struct snapshot_decision *out) = {
		[DECISION_GUEST] = fill_guest, [DECISION_FILTER] = fill_filter,
		[DECISION_STATE] = fill_state, [DECISION_ROUTE] = fill_route,
		[DECISION_EDGE] = fill_edge,   [DECISION_TUNNEL] = fill_tunnel,
		[DECISION_END] = fill_end,
	};

	out->node = d->node->name;
	out->source = arena_strdup(f->arena, ip_print(d->source).text);
	out->to = arena_strdup(f->arena, ip_print(d->to).text);
	fills[d->kind](f, d, out);
}

void snapshot_fill_decision(const struct fabric *fabric, const char *file,
			    const struct decision *decision, struct ip source,
			    struct snapshot_decision *out, struct arena *arena)
{
	struct filling f = { .fabric = fabric, .file = file, .arena = arena, .source = source };

	fill(&f, decision, out);
}

static void fill_leg(struct filling *f, const struct leg *leg, struct snapshot_decisions *out)
{
	const struct trace *trace = &leg->trace;

	if (trace->decisions.count)
		f->source = trace->decisions.items[0].source;
	for (size_t i = 0; i < trace->decisions.count; i++) {
		const struct decision *d = &trace->decisions.items[i];
		struct snapshot_decision *row = ARENA_PUSH(f->arena, out->items, out->count);

		if (is_round(trace, i)) {
			row->node = d->node->name;
			row->kind = "round";
			row->words = "again, and so on";
			return;
		}
		f->is_stopped = i + 1 == trace->decisions.count && has_no_way(&leg->flow);
		fill(f, d, row);
	}
}

void snapshot_fill_path(const struct fabric *fabric, const char *file,
			const struct path_question *question, struct snapshot_path *out,
			struct arena *arena)
{
	struct filling f = { .fabric = fabric, .file = file, .arena = arena };
	const struct probe_spec *flow = &question->flow;
	struct followed followed;

	fabric_follow(fabric, flow, question->to, arena, &followed);
	out->lab = fabric->topology->lab->name.value;
	out->from = flow->from->vm->object.name;
	out->to = flow->to ? flow->to->vm->object.name
			   : arena_strdup(arena, ip_print(question->to).text);
	out->source = arena_strdup(arena,
				   ip_print(followed.there.trace.decisions.count
						    ? followed.there.trace.decisions.items[0].source
						    : nic_ip(flow->from, question->to.family))
					   .text);
	out->destination = arena_strdup(arena, ip_print(question->to).text);
	out->protocol = path_question_protocol(&question->flow, arena);
	out->ways = followed.there.flow.ways;
	out->ways_back = followed.back.flow.ways;
	out->is_reply = followed.prediction.is_reply;
	out->is_answered =
		prediction_is_answer(&followed.prediction,
				     (enum probe_protocol)flow->protocol.value) ||
		(followed.prediction.is_echo && followed.prediction.reason == REASON_OTHER_MACHINE);
	out->is_by_flow = followed.prediction.is_by_flow;
	out->ttl = followed.prediction.ttl;
	out->rtt_ms = followed.prediction.rtt_ms;
	if (!out->is_reply || out->is_by_flow)
		out->words = arena_strdup(arena, followed.prediction.words);
	fill_leg(&f, &followed.there, &out->there);
	fill_leg(&f, &followed.back, &out->back);
}

bool snapshot_fill_rule(const struct topology *topology, const char *file, const char *text,
			struct snapshot_rule_name *out, struct arena *arena)
{
	struct layer_verdict layer;
	struct hit hit;

	if (!hit_parse(text, false, &hit)) /* at which layer it stands is no matter */
		return false;
	if (!hit_find(topology, &hit, &layer))
		return true; /* a change took it away meanwhile */
	out->words = arena_printf(arena, "rule %s", layer_verdict_rule(&layer));
	if (layer.rule)
		out->words =
			arena_printf(arena, "%s of %s (priority %.0f)", out->words,
				     layer_verdict_resource(&layer), layer.rule->priority.value);
	if (layer.rule)
		out->place = snapshot_place(layer.rule->object.pos, file, arena);
	return true;
}
