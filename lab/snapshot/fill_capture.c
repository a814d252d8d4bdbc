/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/fill_capture.h"

#include "lab/azure/logged_packet.h"
#include "lab/azure/walk.h"
#include "lab/plan/compile.h"
#include "lab/snapshot/fill_path.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX 20000 /* of a comment, and of a filter: options of pcapng hold 65535 bytes */

/* ---- one interface ---- */

static const char *what_it_is(const struct topology *t, const struct interface *interface,
			      struct arena *arena)
{
	switch (interface->kind) {
	case INTERFACE_NIC:
		return arena_printf(arena, "NIC %s", interface->nic->object.name);
	case INTERFACE_ENDPOINT:
	case INTERFACE_GATEWAY:
		return arena_printf(arena, "port in %s/%s", interface->subnet->vnet->object.name,
				    interface->subnet->object.name);
	case INTERFACE_MSEE:
		return arena_printf(arena, "connection %s", interface->connection->object.name);
	case INTERFACE_CABLE:
		return arena_printf(arena, "cable %s", cable_name(t, interface->cable, arena));
	case INTERFACE_TUNNEL:
		return arena_printf(arena, "inside of tunnel %s", interface->tunnel->name);
	case INTERFACE_LAN:
		return interface->bridge ? "link to the LAN" : "bridge of the LAN";
	case INTERFACE_LOOPBACK:
		break;
	}
	return "loopback";
}

static struct snapshot_place *add_place(const struct topology *t, const struct interface *interface,
					struct snapshot_capture *out, struct arena *arena)
{
	struct snapshot_place *place = ARENA_PUSH(arena, out->places.items, out->places.count);
	const char *address = "";

	if (interface->ip.family != IP_NONE)
		address = arena_printf(arena, ", %s", ip_print(interface->ip).text);
	if (node_is_guest(interface->node)) { /* its own end is in its own kernel */
		place->ns = FABRIC_NS;
		place->name = arena_printf(arena, "%s/%s", place->ns, interface->port_name);
		place->ifindex = interface->port_ifindex;
	} else {
		place->ns = interface_ns(interface);
		place->name = arena_printf(arena, "%s/%s", place->ns, interface->name);
		place->ifindex = interface->ifindex;
	}
	place->description =
		arena_printf(arena, "%s of %s (%s)%s", what_it_is(t, interface, arena),
			     interface->node->name, node_role_name(interface->node->role), address);
	return place;
}

/* ---- of a machine ---- */

static bool is_name(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !strncasecmp(name, text, len);
}

/* Does the node, or what it is an instance of, have the name? */
static bool is_meant(const struct node *node, const char *text, size_t len)
{
	return is_name(node->name, text, len) ||
	       (node->gateway && is_name(node->gateway->object.name, text, len)) ||
	       (node->route_server && is_name(node->route_server->object.name, text, len)) ||
	       (node->role == ROLE_MSEE && is_name(node->circuit->object.name, text, len));
}

struct wanted_interface {
	const struct topology *topology;
	const char *name;  /* NULL: any */
	const char *known; /* of those that were left out */
	struct snapshot_capture *out;
	struct arena *arena;
};

static void consider(struct wanted_interface *w, const struct interface *interface)
{
	bool is_named =
		w->name && (!strcasecmp(w->name, interface->name) ||
			    (interface->nic && !strcasecmp(w->name, interface->nic->object.name)));

	if (is_named || (!w->name && interface->kind != INTERFACE_LOOPBACK))
		(void)add_place(w->topology, interface, w->out, w->arena);
	else
		w->known = arena_printf(w->arena, "%s %s", w->known, interface->name);
}

/* False when nothing has the name. */
static bool consider_all(struct wanted_interface *w, const char *name, size_t len)
{
	const struct topology *t = w->topology;
	bool is_found = false;

	for (size_t i = 0; i < t->nodes.count; i++) {
		const struct node *node = t->nodes.items[i];

		if (!is_meant(node, name, len))
			continue;
		is_found = true;
		for (size_t n = 0; n < node->interfaces.count; n++)
			consider(w, node->interfaces.items[n]);
	}
	for (size_t i = 0; i < t->tunnel_ends.count; i++) {
		const struct tunnel_end *end = t->tunnel_ends.items[i];

		if (!is_name(end->name, name, len) || !end->cable)
			continue;
		is_found = true;
		consider(w, end->cable->ends[end->cable->ends[0]->tunnel != end]);
	}
	return is_found;
}

int snapshot_fill_capture_node(const struct topology *topology, const char *name,
			       struct snapshot_capture *out, struct arena *arena, struct err *err)
{
	size_t len = strcspn(name, ":");
	struct wanted_interface w = { .topology = topology,
				      .name = name[len] ? name + len + 1 : NULL,
				      .known = "",
				      .out = out,
				      .arena = arena };

	out->lab = topology->lab->name.value;
	if (!consider_all(&w, name, len))
		return err_set(err, -ENOENT, "the lab has no node '%.*s': see hublab show",
			       len < 60 ? (int)len : 60, name);
	if (!out->places.count)
		return err_set(err, -ENOENT, "%.*s has no interface '%.40s', but%s",
			       len < 60 ? (int)len : 60, name, w.name ? w.name : "",
			       *w.known ? w.known : " none at all");
	return 0;
}

/* ---- what passes there ---- */

struct address_pair {
	struct ip a, b;
	bool is_carried;
};

struct passed {
	const struct interface *interface;
	LIST_OF(struct address_pair) pairs;
};

struct passed_list {
	struct passed *items;
	size_t count;
};

static bool is_same_pair(const struct address_pair *x, const struct address_pair *y)
{
	return x->is_carried == y->is_carried && ((ip_equal(x->a, y->a) && ip_equal(x->b, y->b)) ||
						  (ip_equal(x->a, y->b) && ip_equal(x->b, y->a)));
}

static void add_pair(struct passed *passed, const struct address_pair *pair, struct arena *arena)
{
	for (size_t i = 0; i < passed->pairs.count; i++)
		if (is_same_pair(&passed->pairs.items[i], pair))
			return;
	*ARENA_PUSH(arena, passed->pairs.items, passed->pairs.count) = *pair;
}

static void add_passages(struct passed_list *all, const struct trace *trace, struct arena *arena)
{
	for (size_t i = 0; i < trace->passages.count; i++) {
		const struct passage *passage = &trace->passages.items[i];
		struct address_pair pair = { passage->source, passage->to, passage->is_carried };
		struct passed *passed = NULL;

		for (size_t n = 0; n < all->count && !passed; n++)
			if (all->items[n].interface == passage->interface)
				passed = &all->items[n];
		if (!passed)
			passed = ARENA_PUSH(arena, all->items, all->count);
		passed->interface = passage->interface;
		add_pair(passed, &pair, arena);
	}
}

/* A NAT gateway takes any of its addresses: outside, each may stand for the sender. */
static void add_nat_addresses(struct passed_list *all, const struct edge *edge, struct arena *arena)
{
	const struct nat_gateway *nat = edge->port ? edge->port->subnet->nat_gateway : NULL;

	for (size_t i = 0; nat && !edge->is_inbound && i < all->count; i++) {
		struct passed *passed = &all->items[i];
		struct address_pair pair = passed->pairs.items[0];

		if (passed->interface->node->role != ROLE_INTERNET)
			continue;
		for (size_t n = 0; n < nat->public_ips.count; n++) {
			struct ip ip = nat->public_ips.items[n]->ip_address.ip;

			if (ip_equal(pair.a, edge->outside))
				pair.a = ip;
			else if (ip_equal(pair.b, edge->outside))
				pair.b = ip;
			else
				break; /* it is not this gateway's */
			add_pair(passed, &pair, arena);
			pair = passed->pairs.items[0];
		}
	}
}

/* ---- its filter ---- */

/* An address as the words at `offset` of the header that `word` names. */
static const char *quoted(const char *word, unsigned offset, struct ip ip, struct arena *arena)
{
	const char *text = "";

	for (unsigned i = 0; i < ip_bits(ip) / 8; i += 4)
		text = arena_printf(arena, "%s%s%s[%u:4] = 0x%02x%02x%02x%02x", text,
				    i ? " and " : "", word, offset + i, ip.bytes[i],
				    ip.bytes[i + 1], ip.bytes[i + 2], ip.bytes[i + 3]);
	return text;
}

/* Errors of ICMP that quote a packet of the pair, either way. */
static const char *errors_about(const struct address_pair *pair, struct arena *arena)
{
	bool is_v4 = pair->a.family == IP_V4;
	const char *word = is_v4 ? "icmp" : "ip6";
	/* icmp[] counts from the header of ICMP, ip6[] from that of IP; the quoted one is behind */
	unsigned source = is_v4 ? 8 + 12 : 40 + 8 + 8, to = is_v4 ? 8 + 16 : 40 + 8 + 24;

	return arena_printf(arena, "(%s and ((%s and %s) or (%s and %s)))",
			    is_v4 ? "icmp[0] != 0 and icmp[0] != 8"
				  : "ip6[6] = 58 and ip6[40] < 128",
			    quoted(word, source, pair->a, arena), quoted(word, to, pair->b, arena),
			    quoted(word, source, pair->b, arena), quoted(word, to, pair->a, arena));
}

/* Of a protocol with ports, with those of its fragments that have none. */
static const char *with_port(const char *protocol, uint16_t port, bool is_v4, struct arena *arena)
{
	return arena_printf(arena, "(%s port %u or %s)", protocol, port,
			    is_v4 ? arena_printf(arena, "(%s and ip[6:2] & 0x1fff != 0)", protocol)
				  : "ip6[6] = 44");
}

#define IPSEC_PORT 4500

static const char *pair_filter(const struct address_pair *pair, const struct packet *packet,
			       struct arena *arena)
{
	bool is_v4 = pair->a.family == IP_V4;
	const char *host = is_v4 ? "ip host" : "ip6 host", *what;

	if (pair->is_carried)
		what = arena_printf(arena, "(esp or %s)",
				    with_port("udp", IPSEC_PORT, is_v4, arena));
	else if (packet->protocol == PROTOCOL_NUMBER_TCP)
		what = with_port("tcp", packet->destination_port, is_v4, arena);
	else if (packet->protocol == PROTOCOL_NUMBER_UDP)
		what = with_port("udp", packet->destination_port, is_v4, arena);
	else
		what = is_v4 ? "icmp" : "(icmp6 or ip6[6] = 44)";
	what = arena_printf(arena, "(%s %s and %s %s and %s)", host, ip_print(pair->a).text, host,
			    ip_print(pair->b).text, what);
	return pair->is_carried ? what
				: arena_printf(arena, "%s or %s", what, errors_about(pair, arena));
}

static const char *filter_of(const struct passed *passed, const struct packet *packet,
			     struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < passed->pairs.count && strlen(text) < TEXT_MAX; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " or " : "",
				    pair_filter(&passed->pairs.items[i], packet, arena));
	return text;
}

/* ---- what decides there ---- */

/* By which of its interfaces a machine sends concerns all of them. */
static bool is_about(const struct decision *d, const struct interface *interface)
{
	switch (d->kind) {
	case DECISION_GUEST:
		return d->node == interface->node;
	case DECISION_TUNNEL:
		return d->tunnel == interface->tunnel;
	case DECISION_FILTER:
	case DECISION_STATE:
	case DECISION_ROUTE:
	case DECISION_EDGE:
	case DECISION_END:
		break;
	}
	return d->port == interface;
}

/* Sentences about the interface, each once: where a packet goes round there is no end of them. */
static const char *leg_words(const struct fabric *fabric, const char *file,
			     const struct trace *trace, const struct interface *interface,
			     struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < trace->decisions.count && strlen(text) < TEXT_MAX; i++) {
		const struct decision *d = &trace->decisions.items[i];
		struct snapshot_decision words = { 0 };
		const char *sentence;

		if (!is_about(d, interface))
			continue;
		snapshot_fill_decision(fabric, file, d, trace->decisions.items[0].source, &words,
				       arena);
		sentence = words.place ? arena_printf(arena, "%s [%s]", words.words, words.place)
				       : words.words;
		if (!strstr(text, sentence))
			text = arena_printf(arena, "%s%s%s", text, *text ? "; " : "", sentence);
	}
	return text;
}

/* The first tunnel whose packets pass there; "" when none do. */
static const char *tunnel_words(const struct passed *passed, struct arena *arena)
{
	for (size_t i = 0; i < passed->pairs.count; i++)
		if (passed->pairs.items[i].is_carried)
			return arena_printf(arena, "in packets of a tunnel between %s and %s",
					    ip_print(passed->pairs.items[i].a).text,
					    ip_print(passed->pairs.items[i].b).text);
	return "";
}

static bool is_all_carried(const struct passed *passed)
{
	for (size_t i = 0; i < passed->pairs.count; i++)
		if (!passed->pairs.items[i].is_carried)
			return false;
	return true;
}

static const char *comment_of(const struct fabric *fabric, const char *file,
			      const struct followed *followed, const struct passed *passed,
			      struct arena *arena)
{
	const char *text = tunnel_words(passed, arena), *there, *back;

	if (is_all_carried(passed)) /* what decides on the packets inside is not asked here */
		return text;
	there = leg_words(fabric, file, &followed->there.trace, passed->interface, arena);
	back = leg_words(fabric, file, &followed->back.trace, passed->interface, arena);
	if (*there)
		text = arena_printf(arena, "%s%sthere: %s", text, *text ? "\n" : "", there);
	if (*back)
		text = arena_printf(arena, "%s%sback: %s", text, *text ? "\n" : "", back);
	return *text ? text : "where another of equal next hops leads";
}

void snapshot_fill_capture_flow(const struct fabric *fabric, const char *file,
				const struct path_question *question, struct snapshot_capture *out,
				struct arena *arena)
{
	const struct probe_spec *flow = &question->flow;
	struct packet packet = fabric_packet_to(fabric, flow, question->to);
	struct passed_list all = { 0 };
	struct followed followed;
	struct trace there, back;

	fabric_follow(fabric, flow, question->to, arena, &followed);
	fabric_passages(fabric, flow, question->to, arena, &there, &back);
	add_passages(&all, &followed.there.trace, arena);
	add_passages(&all, &followed.back.trace, arena);
	add_passages(&all, &there, arena);
	add_passages(&all, &back, arena);
	add_nat_addresses(&all, &followed.there.flow.edge, arena);
	out->lab = fabric->topology->lab->name.value;
	out->flow = arena_printf(
		arena, "%s (%s) to %s (%s), %s", flow->from->vm->object.name,
		ip_print(packet.source).text, flow->to ? flow->to->vm->object.name : "no machine",
		ip_print(question->to).text, path_question_protocol(&question->flow, arena));
	if (!followed.prediction.is_reply || followed.prediction.is_by_flow)
		out->words = arena_strdup(arena, followed.prediction.words);
	for (size_t i = 0; i < all.count; i++) {
		const struct passed *passed = &all.items[i];
		struct snapshot_place *place =
			add_place(fabric->topology, passed->interface, out, arena);

		place->filter = filter_of(passed, &packet, arena);
		place->comment = comment_of(fabric, file, &followed, passed, arena);
	}
}
