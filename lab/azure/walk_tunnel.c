/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Into tunnels: what carries them is a way of its own, from one end to the other. */
#include "lab/azure/tunnels.h"
#include "lab/azure/walk_parts.h"

#define DEPTH_MAX    4    /* tunnels in tunnels */
#define IKE_PORT     4500 /* behind NAT and without: R5.15 */
#define PROTOCOL_UDP 17

void walk_recurse(struct walk *w)
{
	walk_stop(w, REASON_RECURSION,
		  "%s is reached by %s, which leads into the tunnel itself: a route of its own, "
		  "%s/32 beside the tunnel, is missing",
		  ip_print(w->to).text, prefix_print(w->led_by).text, ip_print(w->to).text);
}

/* The cable between two ends over the Internet. */
static void pass_cable(struct walk *w, const struct tunnel_end *end)
{
	const struct cable *cable = end->cable;
	const struct interface *out = cable->ends[cable->ends[0]->tunnel != end];

	walk_pass(w, out, false);
	walk_pass(w, cable_other_end(out), true);
}

/* `trace` may be NULL. */
static void walk_outer(const struct fabric *fabric, const struct tunnel_end *end,
		       const struct flow *answers, unsigned depth, struct trace *trace,
		       struct flow *ret_flow)
{
	struct packet packet = { .source = end->local,
				 .to = end->remote,
				 .protocol = PROTOCOL_UDP,
				 .source_port = IKE_PORT,
				 .destination_port = IKE_PORT,
				 .answers = answers,
				 .trace = trace };
	struct walk w = { .fabric = fabric,
			  .packet = &packet,
			  .from = end->local,
			  .to = end->remote,
			  .flow = ret_flow,
			  .outer_of = end,
			  .depth = depth };

	*ret_flow = (struct flow){ .ways = 1, .source = w.from, .to = w.to };
	if (end->cable) { /* over the Internet, which is not looked into */
		ret_flow->delay_ms = end->cable->delay_ms;
		ret_flow->has_arrived = true;
		ret_flow->end = end->peer ? end->peer->node : NULL;
		walk_note_cable(ret_flow, end->cable, true);
		pass_cable(&w, end);
		return;
	}
	if (end->node->role == ROLE_VPN_GATEWAY) /* what it learned is not asked (R5.15) */
		walk_leave_port(&w, end->node->interfaces.items[0]);
	else
		walk_leave_guest(&w, end->node);
	walk_go_on(&w);
}

void fabric_walk_outer(const struct fabric *fabric, const struct tunnel_end *end,
		       const struct flow *answers, struct flow *ret_flow)
{
	walk_outer(fabric, end, answers, 1, NULL, ret_flow);
}

static bool is_through(struct walk *w, const struct tunnel_end *end, const struct flow *outer)
{
	if (outer->has_arrived && outer->end == end->peer->node)
		return true;
	walk_stop(w, outer->reason == REASON_RECURSION ? REASON_RECURSION : REASON_TUNNEL,
		  "the tunnel %s is down: %s", end->name,
		  outer->has_arrived ? "its packets reach another machine" : outer->words);
	return false;
}

/* What its packets pass, it passes in them. */
static void pass_carried(const struct walk *w, const struct trace *outer)
{
	struct trace *trace = w->packet->trace;

	for (size_t i = 0; i < outer->passages.count; i++) {
		struct passage *passage =
			ARENA_PUSH(trace->arena, trace->passages.items, trace->passages.count);

		*passage = outer->passages.items[i];
		passage->is_carried = true;
	}
}

/* What carries it must get through, and the answers of the other daemon, too. */
static bool is_carried(struct walk *w, const struct tunnel_end *end, struct flow *ret_outer)
{
	const struct tunnel_end *first = end->is_initiator ? end : end->peer;
	const struct trace *trace = w->packet->trace;
	struct trace outer = { .arena = trace ? trace->arena : NULL };
	struct flow there, back;

	walk_outer(w->fabric, first, NULL, w->depth + 1, trace && first == end ? &outer : NULL,
		   &there);
	if (!is_through(w, first, &there))
		return false;
	walk_outer(w->fabric, first->peer, &there, w->depth + 1,
		   trace && first != end ? &outer : NULL, &back);
	if (!is_through(w, first->peer, &back))
		return false;
	pass_carried(w, &outer);
	*ret_outer = first == end ? there : back;
	return true;
}

void walk_enter_tunnel(struct walk *w, const struct interface *inside)
{
	const struct tunnel_end *end = inside->tunnel;
	struct flow outer;
	char words[200];

	walk_note(w,
		  (struct decision){ .kind = DECISION_TUNNEL, .node = end->node, .tunnel = end });
	if (w->outer_of && ip_equal(end->remote, w->to)) {
		walk_recurse(w);
		return;
	}
	if (!tunnel_agrees(end, words, sizeof(words))) {
		walk_stop(w, REASON_TUNNEL, "the tunnel %s is down: %s", end->name, words);
		return;
	}
	if (w->depth == DEPTH_MAX) {
		walk_stop(w, REASON_RECURSION,
			  "the tunnel %s would be in a tunnel in a tunnel, and so on", end->name);
		return;
	}
	walk_pass(w, inside, false);
	if (!is_carried(w, end, &outer))
		return;
	(void)snprintf(words, sizeof(words), "the tunnel %s", end->name);
	if (!walk_fits(w, TUNNEL_MTU, words))
		return;
	if (w->flow->tunnel_count < FLOW_MAX_TUNNELS)
		w->flow->tunnels[w->flow->tunnel_count++] = end;
	w->flow->delay_ms += outer.delay_ms;
	for (unsigned i = 0; i < outer.cable_count; i++)
		walk_note_cable(w->flow, outer.cables[i].cable, true);
	walk_pass(w, end->peer->interface, true);
	walk_enter_machine(w, end->peer->node);
}
