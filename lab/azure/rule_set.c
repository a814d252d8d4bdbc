/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/rule_set.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* ---- where the rules that fit change ---- */

/* An address or a port, aligned to the left. */
typedef unsigned __int128 key;
#define KEY_BITS 128

/* What one rule has of one part of a packet; both ends are in it. */
struct interval {
	key first, last;
	size_t rule;
};

/* From starts[i] to before starts[i + 1] the same rules fit: row i of the bits. */
struct axis {
	key *starts; /* the first is zero */
	uint64_t *rows;
	size_t count;
};

/* What of one side does not depend on where the packet is. */
struct side {
	struct axis addresses[IP_V6 + 1]; /* by family */
	struct axis ports;
	uint64_t *virtual_network, *internet; /* rules that name the tag */
};

enum protocol_class {
	CLASS_OTHER,
	CLASS_TCP,
	CLASS_UDP,
	CLASS_ICMP,
	CLASS_ESP,
	CLASS_AH,
	CLASS_COUNT
};

struct rule_set {
	const struct security_rule *const *rules;
	size_t count, words;
	enum rule_direction direction;
	uint64_t *protocols[CLASS_COUNT]; /* of those without ports: also what ports have to be */
	uint64_t *local_groups;           /* rules for which the NIC must be in an ASG (ASG-02) */
	struct side source, destination;
};

static void *allocate(size_t count, size_t size)
{
	void *items = calloc(count + 1, size);

	if (!items)
		abort();
	return items;
}

static int compare_keys(const void *a, const void *b)
{
	const key *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static key key_of_ip(struct ip ip)
{
	return (key)ip_half(ip, 0) << 64 | ip_half(ip, 1);
}

static key key_of_port(uint16_t port)
{
	return (key)port << (KEY_BITS - 16);
}

/* The last of those that begin with the same bits. */
static key key_last(key first, unsigned len)
{
	return len < KEY_BITS ? first | ~(key)0 >> len : first;
}

static void set_bit(uint64_t *row, size_t bit)
{
	row[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* The last start that is not behind the key; without branches, for none could be foretold. */
static size_t axis_find(const struct axis *axis, key wanted)
{
	size_t at = 0;

	for (size_t left = axis->count, half; left > 1; left -= half) {
		half = left / 2;
		at += axis->starts[at + half] <= wanted ? half : 0;
	}
	return at;
}

/* `everywhere`: the rules that fit whatever it is. */
static void axis_init(struct axis *axis, const struct interval *intervals, size_t count,
		      const uint64_t *everywhere, size_t words)
{
	size_t starts = 1, unique = 1;

	axis->starts = allocate(2 * count + 1, sizeof(*axis->starts));
	for (size_t i = 0; i < count; i++) {
		axis->starts[starts++] = intervals[i].first;
		if (intervals[i].last != ~(key)0)
			axis->starts[starts++] = intervals[i].last + 1;
	}
	qsort(axis->starts, starts, sizeof(*axis->starts), compare_keys);
	for (size_t i = 1; i < starts; i++)
		if (axis->starts[unique - 1] != axis->starts[i])
			axis->starts[unique++] = axis->starts[i];
	axis->count = unique;
	axis->rows = allocate(unique * words, sizeof(*axis->rows));
	for (size_t i = 0; i < unique; i++)
		memcpy(axis->rows + i * words, everywhere, words * sizeof(*axis->rows));
	for (size_t i = 0; i < count; i++)
		for (size_t at = axis_find(axis, intervals[i].first);
		     at < unique && axis->starts[at] <= intervals[i].last; at++)
			set_bit(axis->rows + at * words, intervals[i].rule);
}

static void axis_fini(struct axis *axis)
{
	free(axis->starts);
	free(axis->rows);
}

/* ---- what rules say, as intervals ---- */

struct intervals {
	struct interval *items;
	size_t count;
};

static void add_interval(struct intervals *out, struct interval interval)
{
	if (!(out->count & (out->count - 1))) { /* room is a power of two */
		out->items = reallocarray(out->items, out->count ? out->count * 2 : 1,
					  sizeof(*out->items));
		if (!out->items)
			abort();
	}
	out->items[out->count++] = interval;
}

static void add_prefix(struct intervals *by_family, size_t rule, struct prefix prefix)
{
	key first = key_of_ip(prefix_first(prefix));

	add_interval(&by_family[prefix.addr.family],
		     (struct interval){ first, key_last(first, prefix.len), rule });
}

static void add_spaces(struct intervals *by_family, size_t rule, const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++)
		add_prefix(by_family, rule, spaces->items[i].prefix);
}

static void add_members(struct intervals *by_family, size_t rule, const struct asg *group)
{
	for (size_t i = 0; i < group->members.count; i++) {
		const struct nic *nic = group->members.items[i];

		add_prefix(by_family, rule, prefix_host(nic->ip));
		for (size_t n = 0; n < nic->more.count; n++)
			add_prefix(by_family, rule, prefix_host(nic->more.items[n]));
	}
}

/* The addresses that one rule has on a side. */
static void add_addresses(struct side *out, struct intervals *by_family, uint64_t *everywhere,
			  size_t rule, const struct rule_side *side)
{
	for (size_t i = 0; i < side->groups.count; i++)
		add_members(by_family, rule, side->groups.items[i]);
	add_spaces(by_family, rule, &side->prefixes);
	if (side->groups.count || side->prefixes.count)
		return;
	if (!side->tag) {
		set_bit(everywhere, rule);
		return;
	}
	switch (side->tag->kind) {
	case TAG_PREFIXES:
		add_spaces(by_family, rule, &side->tag->address_prefixes);
		break;
	case TAG_VIRTUAL_NETWORK:
		set_bit(out->virtual_network, rule);
		break;
	case TAG_INTERNET:
		set_bit(out->internet, rule);
		break;
	}
}

static const struct rule_side *side_of(const struct security_rule *rule, bool is_source)
{
	return is_source ? &rule->source : &rule->destination;
}

static void init_addresses(struct rule_set *set, struct side *out, bool is_source)
{
	struct intervals by_family[IP_V6 + 1] = { 0 };
	uint64_t *everywhere = allocate(set->words, sizeof(*everywhere));

	for (size_t i = 0; i < set->count; i++)
		add_addresses(out, by_family, everywhere, i, side_of(set->rules[i], is_source));
	for (int family = IP_V4; family <= IP_V6; family++)
		axis_init(&out->addresses[family], by_family[family].items, by_family[family].count,
			  everywhere, set->words);
	for (int family = IP_NONE; family <= IP_V6; family++)
		free(by_family[family].items);
	free(everywhere);
}

static void init_ports(struct rule_set *set, struct side *out, bool is_source)
{
	uint64_t *everywhere = allocate(set->words, sizeof(*everywhere));
	struct intervals intervals = { 0 };

	for (size_t i = 0; i < set->count; i++) {
		const struct rule_side *side = side_of(set->rules[i], is_source);

		if (!side->ports.count)
			set_bit(everywhere, i);
		for (size_t n = 0; n < side->ports.count; n++) {
			const struct port_range *range = &side->ports.items[n];

			add_interval(&intervals,
				     (struct interval){ key_of_port(range->first),
							key_last(key_of_port(range->last), 16),
							i });
		}
	}
	axis_init(&out->ports, intervals.items, intervals.count, everywhere, set->words);
	free(intervals.items);
	free(everywhere);
}

static void init_side(struct rule_set *set, struct side *out, bool is_source)
{
	out->virtual_network = allocate(set->words, sizeof(*out->virtual_network));
	out->internet = allocate(set->words, sizeof(*out->internet));
	init_addresses(set, out, is_source);
	init_ports(set, out, is_source);
}

static enum protocol_class class_of_rule(const struct security_rule *rule)
{
	switch ((enum rule_protocol)rule->protocol.value) {
	case PROTOCOL_ANY:
		return CLASS_COUNT;
	case PROTOCOL_TCP:
		return CLASS_TCP;
	case PROTOCOL_UDP:
		return CLASS_UDP;
	case PROTOCOL_ICMP:
		return CLASS_ICMP;
	case PROTOCOL_ESP:
		return CLASS_ESP;
	case PROTOCOL_AH:
		return CLASS_AH;
	}
	return CLASS_COUNT;
}

static enum protocol_class class_of_packet(const struct flow_tuple *tuple)
{
	switch (tuple->protocol) {
	case IPPROTO_TCP:
		return CLASS_TCP;
	case IPPROTO_UDP:
		return CLASS_UDP;
	case IPPROTO_ICMP:
		return tuple->source.family == IP_V4 ? CLASS_ICMP : CLASS_OTHER;
	case IPPROTO_ICMPV6:
		return tuple->source.family == IP_V6 ? CLASS_ICMP : CLASS_OTHER;
	case IPPROTO_ESP:
		return CLASS_ESP;
	case IPPROTO_AH:
		return CLASS_AH;
	default:
		return CLASS_OTHER;
	}
}

/* NSG-13: what has no ports, rules with ports do not mean (B-1: or they do). */
static void init_protocols(struct rule_set *set, const struct semantics *semantics)
{
	for (int class = 0; class < CLASS_COUNT; class ++)
		set->protocols[class] = allocate(set->words, sizeof(uint64_t));
	for (size_t i = 0; i < set->count; i++) {
		const struct security_rule *rule = set->rules[i];
		enum protocol_class of_rule = class_of_rule(rule);
		bool is_for_portless = semantics->icmp_ports.value == ICMP_PORTS_MATCH ||
				       !(rule->source.ports.count || rule->destination.ports.count);

		if (side_is_disabled(&rule->source, semantics) ||
		    side_is_disabled(&rule->destination, semantics))
			continue;
		for (int class = 0; class < CLASS_COUNT; class ++)
			if ((of_rule == CLASS_COUNT || (int)of_rule == class) &&
			    (is_for_portless || class == CLASS_TCP || class == CLASS_UDP))
				set_bit(set->protocols[class], i);
	}
}

static bool is_local_source(const struct rule_set *set)
{
	return set->direction == DIRECTION_OUTBOUND;
}

struct rule_set *rule_set_new(const struct security_rule *const *rules, size_t count,
			      enum rule_direction direction, const struct semantics *semantics)
{
	struct rule_set *set = allocate(1, sizeof(*set));

	set->rules = rules;
	set->count = count;
	set->words = (count + 63) / 64;
	set->direction = direction;
	set->local_groups = allocate(set->words, sizeof(*set->local_groups));
	for (size_t i = 0; i < count; i++)
		if (side_of(rules[i], is_local_source(set))->groups.count)
			set_bit(set->local_groups, i);
	init_protocols(set, semantics);
	init_side(set, &set->source, true);
	init_side(set, &set->destination, false);
	return set;
}

static void side_fini(struct side *side)
{
	for (int family = IP_NONE; family <= IP_V6; family++)
		axis_fini(&side->addresses[family]);
	axis_fini(&side->ports);
	free(side->virtual_network);
	free(side->internet);
}

void rule_set_free(struct rule_set *set)
{
	if (!set)
		return;
	for (int class = 0; class < CLASS_COUNT; class ++)
		free(set->protocols[class]);
	free(set->local_groups);
	side_fini(&set->source);
	side_fini(&set->destination);
	free(set);
}

/* ---- a packet ---- */

/* The rows of one side. */
struct rows {
	const uint64_t *addresses, *ports, *virtual_network, *internet;
	uint64_t in_virtual_network, in_internet; /* all ones, or zero */
};

static struct rows find_rows(const struct rule_set *set, const struct side *side, struct ip ip,
			     uint16_t port, struct tag_membership membership, const uint64_t *all)
{
	const struct axis *addresses = &side->addresses[ip.family];

	return (struct rows){
		.addresses = addresses->rows + axis_find(addresses, key_of_ip(ip)) * set->words,
		.ports = all ? all
			     : side->ports.rows +
					 axis_find(&side->ports, key_of_port(port)) * set->words,
		.virtual_network = side->virtual_network,
		.internet = side->internet,
		.in_virtual_network = -(uint64_t)membership.is_virtual_network,
		.in_internet = -(uint64_t)membership.is_internet,
	};
}

static uint64_t row_word(const struct rows *rows, size_t word)
{
	return (rows->addresses[word] | (rows->virtual_network[word] & rows->in_virtual_network) |
		(rows->internet[word] & rows->in_internet)) &
	       rows->ports[word];
}

/* ASG-02: at the local side the NIC itself has to be a member. */
static bool is_for_nic(const struct rule_set *set, size_t rule, const struct packet_facts *facts)
{
	return !(set->local_groups[rule / 64] >> rule % 64 & 1) ||
	       side_has_member(side_of(set->rules[rule], is_local_source(set)), facts->nic);
}

size_t rule_set_find(const struct rule_set *set, const struct packet_facts *facts)
{
	const struct flow_tuple *tuple = facts->tuple;
	const uint64_t *protocol = set->protocols[class_of_packet(tuple)];
	/* ports were looked at already where there are none */
	const uint64_t *all = protocol_has_ports(tuple->protocol) ? NULL : protocol;
	struct rows source =
		find_rows(set, &set->source, tuple->source, tuple->source_port, facts->source, all);
	struct rows destination = find_rows(set, &set->destination, tuple->destination,
					    tuple->destination_port, facts->destination, all);

	for (size_t word = 0; word < set->words; word++) {
		uint64_t left =
			protocol[word] & row_word(&source, word) & row_word(&destination, word);

		for (; left; left &= left - 1) {
			size_t rule = word * 64 + (size_t)__builtin_ctzll(left);

			if (is_for_nic(set, rule, facts))
				return rule;
		}
	}
	return set->count;
}
