/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/property/nsg_cases.h"

#include "lab/base/prefix_set.h"
#include "tests/property/nsg_lab.h"
#include "tests/property/nsg_wire.h"
#include "tests/property/random_lab.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define RULES_PER_PORT 2000
#define FAMILY_TRIES   16

struct draw {
	const struct fabric *fabric;
	uint64_t seed;
	const struct interface *injector;
	const struct interface **ports; /* where filters stand */
	size_t port_count;
	enum ip_family family; /* of the packet that is drawn */
};

static unsigned any(struct draw *d, size_t below)
{
	return random_below(&d->seed, (unsigned)below);
}

static bool is_in(struct draw *d, unsigned percent)
{
	return any(d, 100) < percent;
}

/* ---- addresses and ports ---- */

static struct ip random_ip(struct draw *d, enum ip_family family)
{
	struct ip ip = { .family = family };

	for (unsigned i = 0; i < ip_bits(ip) / 8; i++)
		ip.bytes[i] = (uint8_t)any(d, 256);
	return ip;
}

/* Some address of the prefix. */
static struct ip inside(struct draw *d, struct prefix prefix)
{
	struct ip ip = random_ip(d, (enum ip_family)prefix.addr.family);

	for (unsigned bit = 0; bit < prefix.len; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		ip.bytes[bit / 8] = (uint8_t)((ip.bytes[bit / 8] & ~mask) |
					      (prefix.addr.bytes[bit / 8] & mask));
	}
	return ip;
}

/* The one before; of the first one the last. */
static struct ip before(struct ip ip)
{
	for (unsigned i = ip_bits(ip) / 8; i-- > 0;)
		if (ip.bytes[i]--)
			break;
	return ip;
}

/* Its ends, those beside them, or one of its middle. */
static struct ip edge(struct draw *d, struct prefix prefix)
{
	switch (any(d, 8)) {
	case 0:
	case 1:
		return prefix_first(prefix);
	case 2:
	case 3:
		return prefix_last(prefix);
	case 4:
		return before(prefix_first(prefix));
	case 5:
		return ip_add(prefix_last(prefix), 1);
	default:
		return inside(d, prefix);
	}
}

static const struct interface *any_port(struct draw *d)
{
	return d->ports[any(d, d->port_count)];
}

static struct ip own_address(struct draw *d, const struct interface *port)
{
	size_t which = any(d, port->more.count + 2);

	return which < 2 ? port->ip : port->more.items[which - 2];
}

/* Whom a rule for anybody may mean. */
static struct ip anybody(struct draw *d)
{
	static const char *const far[] = { "203.0.113.9", "8.8.8.8",    "172.20.1.9",
					   "172.31.0.9",  "100.64.0.5", "198.18.7.7",
					   "20.1.1.1",    "224.0.0.5",  "168.63.129.16" };
	struct ip ip;

	if (is_in(d, 70))
		return own_address(d, any_port(d));
	if (d->family == IP_V6 && ip_parse("2001:db8::9", &ip))
		return ip;
	return is_in(d, 80) && ip_parse(far[any(d, ARRAY_SIZE(far))], &ip)
		       ? ip
		       : random_ip(d, d->family);
}

static struct ip edge_of_tag(struct draw *d, const struct interface *port,
			     const struct service_tag *tag)
{
	struct prefixes all = security_expand_tag(d->fabric->security, port, tag);
	struct ip ip = all.count ? edge(d, all.items[any(d, all.count)]) : anybody(d);

	free(all.items);
	return ip;
}

static struct ip edge_of_groups(struct draw *d, const struct rule_side *side)
{
	const struct asg *group = side->groups.items[any(d, side->groups.count)];
	const struct nic *nic;

	if (!group->members.count || is_in(d, 10))
		return anybody(d);
	nic = group->members.items[any(d, group->members.count)];
	return own_address(d, topology_find_nic(d->fabric->topology, nic));
}

/* For a rule whose side that is, looked at from a port. */
static struct ip edge_of_side(struct draw *d, const struct interface *port,
			      const struct rule_side *side)
{
	if (side->groups.count)
		return edge_of_groups(d, side);
	if (side->prefixes.count)
		return edge(d, side->prefixes.items[any(d, side->prefixes.count)].prefix);
	return side->tag && is_in(d, 90) ? edge_of_tag(d, port, side->tag) : anybody(d);
}

static uint16_t edge_of_ports(struct draw *d, const struct rule_side *side)
{
	static const uint16_t known[] = { 80, 443, 22, 53, 1433, 65330, 65535 };
	const struct port_range *range;

	if (!side->ports.count)
		return is_in(d, 60) ? (uint16_t)(1024 + any(d, 64512)) : known[any(d, 7)];
	range = &side->ports.items[any(d, side->ports.count)];
	switch (any(d, 8)) {
	case 0:
		return (uint16_t)(range->first - 1);
	case 1:
		return (uint16_t)(range->last + 1);
	case 2:
	case 3:
		return range->last;
	case 4:
		return (uint16_t)(range->first + any(d, (size_t)(range->last - range->first) + 1));
	default:
		return range->first;
	}
}

static uint8_t protocol_of(struct draw *d, const struct security_rule *rule)
{
	static const uint8_t all[] = { IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
				       IPPROTO_ESP, IPPROTO_AH,  IPPROTO_GRE };
	uint8_t protocol = 0;

	if (rule && is_in(d, 92))
		protocol = protocol_number((enum rule_protocol)rule->protocol.value, d->family);
	if (!protocol)
		protocol = all[any(d, is_in(d, 90) ? 4 : sizeof(all))];
	if (d->family == IP_V6 && protocol == IPPROTO_ICMP)
		return IPPROTO_ICMPV6;
	/* behind an authentication header of IPv6, filters look at what follows it */
	return d->family == IP_V6 && protocol == IPPROTO_AH ? IPPROTO_ESP : protocol;
}

/* ---- a packet for a rule ---- */

struct chosen {
	const struct interface *port;
	enum rule_direction direction;
	const struct security_rule *rule; /* NULL: none */
};

static size_t add_nsg(const struct security_rule **rules, size_t count, const struct nsg *nsg,
		      enum rule_direction direction)
{
	for (size_t i = 0; nsg && i < nsg->rules[direction].count && count < RULES_PER_PORT; i++)
		rules[count++] = nsg->rules[direction].items[i];
	return count;
}

static struct chosen choose(struct draw *d)
{
	const struct security_rule *rules[RULES_PER_PORT];
	struct chosen chosen = { .port = any_port(d),
				 .direction =
					 is_in(d, 50) ? DIRECTION_INBOUND : DIRECTION_OUTBOUND };
	const struct vnet *vnet = chosen.port->subnet->vnet;
	size_t count = 0;

	if (!chosen.port->nic)
		chosen.direction = DIRECTION_INBOUND;
	for (size_t i = 0; i < vnet->admin_rules[chosen.direction].count; i++)
		rules[count++] = vnet->admin_rules[chosen.direction].items[i].rule;
	count = add_nsg(rules, count, chosen.port->subnet->network_security_group,
			chosen.direction);
	if (chosen.port->nic)
		count = add_nsg(rules, count, chosen.port->nic->network_security_group,
				chosen.direction);
	if (count)
		chosen.rule = rules[any(d, count)];
	return chosen;
}

static const struct interface *find_owner(const struct draw *d, struct ip ip)
{
	for (size_t i = 0; i < d->port_count; i++)
		if (d->ports[i]->nic && interface_has_ip(d->ports[i], ip))
			return d->ports[i];
	return NULL;
}

/* At the port itself: its own address, or one that it forwards for. */
static struct ip local_address(struct draw *d, const struct chosen *chosen,
			       const struct rule_side *side)
{
	bool may_be_foreign = port_forwards(chosen->port) && chosen->port->nic;

	return is_in(d, may_be_foreign ? 60 : 99) ? own_address(d, chosen->port)
						  : edge_of_side(d, chosen->port, side);
}

/* A packet that is to meet the rule where it stands; whether it does, other filters decide, too. */
static struct nsg_case draw_case(struct draw *d)
{
	static const struct rule_side anyone;
	struct chosen chosen = choose(d);
	const struct rule_side *source = chosen.rule ? &chosen.rule->source : &anyone;
	const struct rule_side *destination = chosen.rule ? &chosen.rule->destination : &anyone;
	struct nsg_case new = { .from = chosen.port };
	struct flow_tuple *tuple = &new.tuple;

	d->family = chosen.port->more.count && is_in(d, 35) &&
				    interface_ip(chosen.port, IP_V6).family != IP_NONE
			    ? IP_V6
			    : IP_V4;
	tuple->protocol = protocol_of(d, chosen.rule);
	for (unsigned i = 0; i < FAMILY_TRIES; i++) {
		bool is_outbound = chosen.direction == DIRECTION_OUTBOUND;

		tuple->source = is_outbound ? local_address(d, &chosen, source)
					    : edge_of_side(d, chosen.port, source);
		tuple->destination = is_outbound ? edge_of_side(d, chosen.port, destination)
						 : local_address(d, &chosen, destination);
		if (tuple->source.family == d->family && tuple->destination.family == d->family)
			break;
	}
	if (tuple->protocol == IPPROTO_TCP || tuple->protocol == IPPROTO_UDP) {
		tuple->source_port = edge_of_ports(d, source);
		tuple->destination_port = edge_of_ports(d, destination);
	}
	if (chosen.direction == DIRECTION_INBOUND) {
		new.from = is_in(d, 40) ? find_owner(d, tuple->source) : NULL;
		if (!new.from)
			new.from = d->injector;
	}
	return new;
}

/* ---- which packets are sent ---- */

/* What no packet to one machine is for, or what is of no machine. */
static bool is_special(struct ip ip)
{
	if (ip.family == IP_V6)
		return ip.bytes[0] == 0xff || ip.bytes[0] == 0 ||
		       (ip.bytes[0] == 0xfe && ip.bytes[1] == 0x80);
	return !ip.bytes[0] || ip.bytes[0] == 127 || ip.bytes[0] >= 224;
}

/* Of IPv4; by IPv6 it stays on the link. */
static bool is_to_all(struct ip ip)
{
	return ip.family == IP_V4 && (ip.bytes[0] >> 4 == 14 || ip_v4(ip) == UINT32_MAX);
}

static bool is_between(const struct flow_tuple *tuple, struct ip a, struct ip b)
{
	return ip_equal(tuple->source, a) && ip_equal(tuple->destination, b);
}

/* Would the kernel take the one for a packet, or for an answer, of the other? */
static bool is_one_flow(const struct flow_tuple *a, const struct flow_tuple *b)
{
	if (a->protocol != b->protocol)
		return false;
	if (a->protocol == IPPROTO_ICMP || a->protocol == IPPROTO_ICMPV6)
		return false; /* each has its own identifier */
	return (is_between(a, b->source, b->destination) && a->source_port == b->source_port &&
		a->destination_port == b->destination_port) ||
	       (is_between(a, b->destination, b->source) && a->source_port == b->destination_port &&
		a->destination_port == b->source_port);
}

static bool is_new(const struct nsg_cases *cases, const struct flow_tuple *tuple)
{
	for (size_t i = 0; i < cases->count; i++)
		if (is_one_flow(&cases->items[i].tuple, tuple))
			return false;
	return true;
}

static bool is_fit(const struct draw *d, const struct nsg_cases *cases, const struct nsg_case *one)
{
	const struct flow_tuple *tuple = &one->tuple;

	return one->from->nic && tuple->source.family == d->family &&
	       tuple->destination.family == d->family && !is_special(tuple->source) &&
	       (!is_special(tuple->destination) || is_to_all(tuple->destination)) &&
	       /* such a packet is its own answer */
	       !ip_equal(tuple->source, tuple->destination) && is_new(cases, tuple);
}

/* What is known of where it goes, and what filters say there. False: it goes round. */
static bool predict(const struct draw *d, struct nsg_case *one)
{
	struct packet packet = { .from = one->from->nic,
				 .source = one->tuple.source,
				 .to = one->tuple.destination,
				 .protocol = one->tuple.protocol,
				 .source_port = one->tuple.source_port,
				 .destination_port = one->tuple.destination_port };
	struct expected expected[EXPECTED_MAX];

	fabric_walk_packet(d->fabric, &packet, &one->walk);
	if (!one->walk.crossing_count || one->walk.crossing_count == FLOW_MAX_CROSSINGS ||
	    one->walk.ways > 1 || one->walk.reason == REASON_LOOP)
		return false;
	for (unsigned i = 0; i < one->walk.crossing_count; i++) {
		const struct crossing *at = &one->walk.crossings[i];
		struct verdict verdict;

		security_verdict(d->fabric->security, at->port, at->direction, &one->tuple,
				 &verdict);
		one->is_denied = !verdict.is_allowed;
		for (size_t n = 0; n < verdict.count; n++)
			expected[one->expected_count++] =
				(struct expected){ at->port, verdict.layers[n] };
	}
	one->expected = calloc(one->expected_count + 1, sizeof(*expected));
	if (!one->expected)
		abort();
	memcpy(one->expected, expected, one->expected_count * sizeof(*expected));
	return true;
}

static void find_ports(struct draw *d)
{
	const struct topology *t = d->fabric->topology;

	d->ports = calloc(t->ports.count + 1, sizeof(struct interface *));
	if (!d->ports)
		abort();
	for (size_t i = 0; i < t->ports.count; i++) {
		const struct interface *port = t->ports.items[i];

		if (!strcmp(port->node->name, NSG_LAB_INJECTOR))
			d->injector = port;
		else if (port->kind == INTERFACE_NIC || port->kind == INTERFACE_ENDPOINT)
			d->ports[d->port_count++] = port;
	}
	if (!d->injector || !d->port_count)
		abort(); /* another kind of lab */
}

struct nsg_cases nsg_cases_new(const struct fabric *fabric, uint64_t seed, size_t count)
{
	struct draw d = { .fabric = fabric, .seed = seed };
	struct nsg_cases cases = { .items = calloc(count + 1, sizeof(*cases.items)) };

	if (!cases.items)
		abort();
	find_ports(&d);
	while (cases.count < count) {
		struct nsg_case one = draw_case(&d);

		if (is_fit(&d, &cases, &one) && predict(&d, &one))
			cases.items[cases.count++] = one;
	}
	free(d.ports);
	return cases;
}

void nsg_cases_free(struct nsg_cases *cases)
{
	for (size_t i = 0; i < cases->count; i++)
		free(cases->items[i].expected);
	free(cases->items);
}
