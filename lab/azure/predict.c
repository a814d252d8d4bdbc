/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probes will see: a packet there, and the answer back, by each way that next hops give them.
 */
#include "lab/azure/walk.h"

#include <stdarg.h>
#include <stdio.h>

#define VM_TTL 64 /* Linux' own */

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

#define SOURCE_PORT 49152 /* the first of those that hosts choose from */
#define HTTP_PORT   80

struct packet fabric_probe_packet(const struct fabric *fabric, const struct probe_spec *probe)
{
	return fabric_packet_to(fabric, probe, nic_ip_from(probe->to, probe->from));
}

struct packet fabric_packet_to(const struct fabric *fabric, const struct probe_spec *probe,
			       struct ip to)
{
	const struct node *node = topology_find_nic(fabric->topology, probe->from)->node;
	const struct interface *out = node_exit(fabric, node, to);
	struct packet packet = { .from = probe->from, .to = to };

	if (out) {
		if (out->nic)
			packet.from = out->nic;
		packet.source = interface_ip(out, to.family);
	}
	if (node_has_ip(node, to)) /* to itself, from where it goes */
		packet.source = to;
	if (probe->protocol.value == PROBE_ICMP) {
		packet.protocol = protocol_number(PROTOCOL_ICMP, (enum ip_family)to.family);
		packet.bytes = probe_size_bytes(probe) + PROBE_HEADERS;
		packet.dont_fragment = probe->dont_fragment.value;
		return packet;
	}
	packet.protocol =
		protocol_number(probe->protocol.value == PROBE_UDP ? PROTOCOL_UDP : PROTOCOL_TCP,
				(enum ip_family)to.family);
	packet.source_port = SOURCE_PORT;
	packet.destination_port =
		probe->protocol.value == PROBE_HTTP ? HTTP_PORT : (uint16_t)probe->port.value;
	return packet;
}

/* How many ways there are there, and how many back from where one of them leads. */
struct ways {
	unsigned there, back;
};

/* The first guest's firewall that sees what goes there and nothing of what comes back. */
static const struct node *one_sided_firewall(const struct flow *there, const struct flow *back)
{
	for (unsigned i = 0; i < there->firewall_count; i++) {
		bool is_back = false;

		for (unsigned n = 0; n < back->firewall_count; n++)
			is_back |= back->firewalls[n] == there->firewalls[i];
		if (!is_back)
			return there->firewalls[i];
	}
	return NULL;
}

/* The way back is known: what does it say? */
static void judge_answer(const struct flow *there, const struct flow *back,
			 const struct probe_spec *probe, struct prediction *prediction)
{
	const struct node *firewall = one_sided_firewall(there, back);

	if (there->target != probe->to) {
		fail(prediction, REASON_OTHER_MACHINE, "%s is another machine's address there: %s",
		     ip_print(there->to).text, there->target->vm->object.name);
	} else if (!prediction->is_reply) {
		prediction->denial = back->denial;
		fail(prediction, back->is_delivered ? REASON_OTHER_MACHINE : back->reason,
		     "on the way back, %s",
		     back->is_delivered ? "it reaches another machine" : back->words);
	} else if (firewall && probe->protocol.value == PROBE_HTTP) {
		/* the connection is made, and stays as it is */
		prediction->is_reply = false;
		fail(prediction, REASON_FIREWALL,
		     "the firewall of %s sees no answers, and drops all but the first packet",
		     firewall->name);
	}
}

/* What its target sends in return; a kernel lets its answers to pings be fragmented. */
static struct packet answer_to(const struct packet *packet, const struct flow *there)
{
	return (struct packet){ .from = there->target,
				.source = there->to,
				.to = there->source,
				.protocol = packet->protocol,
				.source_port = packet->destination_port,
				.destination_port = packet->source_port,
				.answers = there };
}

static void predict_way(const struct fabric *fabric, const struct packet *packet, unsigned way_back,
			const struct probe_spec *probe, struct ways *ret_ways,
			struct prediction *ret_prediction)
{
	struct prediction prediction = { 0 };
	struct flow there, back;
	struct packet answer;

	fabric_walk_packet(fabric, packet, &there);
	*ret_ways = (struct ways){ there.ways, 1 };
	if (!there.is_delivered) {
		fail(&prediction, there.reason, "%s", there.words);
		prediction.denial = there.denial;
		*ret_prediction = prediction;
		return;
	}
	answer = answer_to(packet, &there);
	answer.way = way_back;
	fabric_walk_packet(fabric, &answer, &back);
	ret_ways->back = back.ways;
	prediction.is_echo = back.is_delivered && back.target->vm == packet->from->vm;
	prediction.is_reply = prediction.is_echo && there.target == probe->to;
	prediction.ttl = VM_TTL - back.hop_count;
	prediction.rtt_ms = there.delay_ms + back.delay_ms;
	judge_answer(&there, &back, probe, &prediction);
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

static void predict_packet(const struct fabric *fabric, const struct probe_spec *probe,
			   struct packet packet, struct prediction *ret_prediction)
{
	struct prediction *first = ret_prediction, other;
	struct ways ways = { 1, 1 }, found;

	for (; packet.way < ways.there; packet.way++)
		for (unsigned back = 0; back < ways.back; back++) {
			predict_way(fabric, &packet, back, probe, &found, &other);
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

void fabric_predict(const struct fabric *fabric, const struct probe_spec *probe,
		    struct prediction *ret_prediction)
{
	predict_packet(fabric, probe, fabric_probe_packet(fabric, probe), ret_prediction);
}

#define WAYS_PASSED 8

static unsigned ways_passed(unsigned ways)
{
	return ways < WAYS_PASSED ? ways : WAYS_PASSED;
}

void fabric_passages(const struct fabric *fabric, const struct probe_spec *probe, struct ip to,
		     struct arena *arena, struct trace *ret_there, struct trace *ret_back)
{
	struct packet packet = fabric_packet_to(fabric, probe, to), answer;
	unsigned there_count = 1, back_count;
	struct flow there, back;

	*ret_there = *ret_back = (struct trace){ .arena = arena };
	packet.trace = ret_there;
	for (; packet.way < there_count; packet.way++) {
		fabric_walk_packet(fabric, &packet, &there);
		there_count = ways_passed(there.ways);
		if (!there.is_delivered)
			continue;
		answer = answer_to(&packet, &there);
		answer.trace = ret_back;
		for (back_count = 1; answer.way < back_count; answer.way++) {
			fabric_walk_packet(fabric, &answer, &back);
			back_count = ways_passed(back.ways);
		}
	}
}

void fabric_follow(const struct fabric *fabric, const struct probe_spec *probe, struct ip to,
		   struct arena *arena, struct followed *ret_followed)
{
	struct packet packet = fabric_packet_to(fabric, probe, to), answer;
	struct followed *f = ret_followed;

	*f = (struct followed){ .there.trace.arena = arena, .back.trace.arena = arena };
	packet.trace = arena ? &f->there.trace : NULL;
	fabric_walk_packet(fabric, &packet, &f->there.flow);
	if (f->there.flow.is_delivered) {
		answer = answer_to(&packet, &f->there.flow);
		answer.trace = arena ? &f->back.trace : NULL;
		fabric_walk_packet(fabric, &answer, &f->back.flow);
	}
	if (probe->to) /* by the address that was asked about, which may be none that it is reached
			  by */
		predict_packet(fabric, probe, fabric_packet_to(fabric, probe, to), &f->prediction);
	else
		fail(&f->prediction, f->there.flow.reason, "%s", f->there.flow.words);
}
