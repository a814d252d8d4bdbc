/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/flow_parts.h"

#include "lab/azure/rule_match.h"
#include "lab/plan/fabric_ids.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Of flows that differ in their source port only, this many are told one by one. */
#define SPREAD_DENIED  16
#define SPREAD_ALLOWED 10 /* the part of the table's capacity */

/* The flows of one tuple: outbound, inbound, at each NIC that the packet meets. */
struct flow_key {
	struct flow_tuple tuple;
	uint16_t id;
};
struct flow_group {
	UT_hash_handle hh;
	struct logged_flow *flows;
	struct flow_key key;
};

/* The flows that differ in their source port only. */
struct spread_key {
	struct ip source, destination;
	uint8_t protocol, direction;
	uint16_t destination_port;
	const struct flow_port *port;
	const struct flow_layer *decider;
};
struct flow_spread {
	UT_hash_handle hh;
	size_t members;
	struct logged_flow
		*sum; /* the one that stands for further ones; NULL: there are not that many */
	struct spread_key key;
};

struct flow_table {
	struct flow_names names;
	unsigned generation;
	struct logged_flow *slots; /* by number; one more than are kept, for the one that is new */
	size_t slot_count;
	uint64_t first, last, settled, evicted, version;
	struct logged_flow *changed; /* all of them, by version */
	struct logged_flow *newest;  /* further layers may speak of it; NULL: they have */
	struct flow_group *groups;
	struct flow_spread *spreads;
};

static void *make(size_t count, size_t size)
{
	void *made = calloc(count, size);

	if (!made)
		abort();
	return made;
}

static struct logged_flow *slot_of(const struct flow_table *t, uint64_t number)
{
	return &t->slots[number % t->slot_count];
}

static const struct flow_layer *decider_of(const struct logged_flow *flow)
{
	return flow->layers[flow->layer_count - 1];
}

static bool is_denied(const struct flow_layer *layer)
{
	return layer->hit.access == ACCESS_DENY;
}

/* Newest last, since those who look ask for what is newer than what they have. */
static void touch(struct flow_table *t, struct logged_flow *flow)
{
	if (flow->version)
		DL_DELETE(t->changed, flow);
	flow->version = ++t->version;
	DL_APPEND(t->changed, flow);
}

/* ---- flows of one tuple ---- */

static struct flow_key key_of(const struct logged_packet *packet)
{
	struct flow_key key;

	memset(&key, 0, sizeof(key)); /* padding too: it is compared as bytes */
	key.tuple.source = packet->tuple.source;
	key.tuple.destination = packet->tuple.destination;
	key.tuple.protocol = packet->tuple.protocol;
	key.tuple.source_port = packet->tuple.source_port;
	key.tuple.destination_port = packet->tuple.destination_port;
	key.id = packet->id;
	return key;
}

static struct flow_group *find_group(const struct flow_table *t, const struct logged_packet *packet)
{
	struct flow_key key = key_of(packet);
	struct flow_group *group;

	HASH_FIND(hh, t->groups, &key, sizeof(key), group);
	return group;
}

static void leave_group(struct flow_table *t, struct logged_flow *flow)
{
	struct flow_group *group = flow->group;

	if (!group)
		return;
	DL_DELETE2(group->flows, flow, group_prev, group_next);
	flow->group = NULL;
	if (group->flows)
		return;
	HASH_DEL(t->groups, group);
	free(group);
}

static struct logged_flow *find_in_group(const struct flow_group *group, uint32_t ifindex,
					 enum rule_direction direction)
{
	struct logged_flow *flow;

	if (!group)
		return NULL;
	DL_FOREACH2(group->flows, flow, group_next)
	if (flow->port->ifindex == ifindex && flow->direction == direction)
		return flow;
	return NULL;
}

/* In the place of an earlier one of the same NIC and direction. */
static void join_group(struct flow_table *t, struct logged_flow *flow)
{
	struct flow_group *group = find_group(t, &flow->packet);
	struct logged_flow *earlier = find_in_group(group, flow->port->ifindex, flow->direction);

	if (!group) {
		group = make(1, sizeof(*group));
		group->key = key_of(&flow->packet);
		HASH_ADD(hh, t->groups, key, sizeof(group->key), group);
	}
	flow->group = group;
	DL_APPEND2(group->flows, flow, group_prev, group_next);
	if (earlier)
		leave_group(t, earlier);
}

/* ---- flows of many source ports ---- */

static void leave_spread(struct flow_table *t, struct logged_flow *flow)
{
	struct flow_spread *spread = flow->spread;

	if (!spread)
		return;
	flow->spread = NULL;
	if (spread->sum == flow)
		spread->sum = NULL;
	else
		spread->members--;
	if (spread->sum || spread->members)
		return;
	HASH_DEL(t->spreads, spread);
	free(spread);
}

static struct flow_spread *join_spread(struct flow_table *t, struct logged_flow *flow)
{
	const struct flow_tuple *tuple = &flow->packet.tuple;
	struct flow_spread *spread;
	struct spread_key key;

	memset(&key, 0, sizeof(key));
	key.source = tuple->source;
	key.destination = tuple->destination;
	key.protocol = tuple->protocol;
	key.direction = (uint8_t)flow->direction;
	key.destination_port = tuple->destination_port;
	key.port = flow->port;
	key.decider = decider_of(flow);
	HASH_FIND(hh, t->spreads, &key, sizeof(key), spread);
	if (!spread) {
		spread = make(1, sizeof(*spread));
		spread->key = key;
		HASH_ADD(hh, t->spreads, key, sizeof(spread->key), spread);
	}
	spread->members++;
	flow->spread = spread;
	return spread;
}

/* ---- the ring ---- */

static void drop_parts(struct flow_table *t, struct logged_flow *flow)
{
	leave_group(t, flow);
	leave_spread(t, flow);
	DL_DELETE(t->changed, flow);
	for (unsigned i = 0; i < flow->layer_count; i++)
		flow_layer_drop(flow->layers[i]);
	flow_port_drop(flow->port);
	free(flow->parts);
	memset(flow, 0, sizeof(*flow));
}

static void evict_oldest(struct flow_table *t)
{
	drop_parts(t, slot_of(t, t->first));
	t->first++;
	t->evicted++;
}

/* Not told to anybody yet: as if it had never been. */
static void take_back_newest(struct flow_table *t)
{
	drop_parts(t, slot_of(t, t->last));
	t->last--;
}

static bool is_over(const struct flow_table *t, const struct logged_flow *flow, double now)
{
	return flow->generation != t->generation || flow->ended > 0 ||
	       now - flow->last > FLOW_IDLE_S;
}

static size_t spread_max(const struct flow_table *t, const struct logged_flow *flow)
{
	return is_denied(decider_of(flow)) ? SPREAD_DENIED : t->slot_count / SPREAD_ALLOWED;
}

static void add_to_sum(struct flow_table *t, struct logged_flow *sum,
		       const struct logged_flow *flow)
{
	sum->count += flow->count;
	sum->live[0].packets += flow->live[0].packets;
	sum->live[0].bytes += flow->live[0].bytes;
	sum->last = flow->last;
	touch(t, sum);
}

/* It stands for all others that follow: no packet is looked for in it. */
static void become_sum(struct flow_table *t, struct flow_spread *spread, struct logged_flow *flow)
{
	spread->members--;
	if (spread->sum)
		spread->sum->spread = NULL;
	spread->sum = flow;
	leave_group(t, flow);
	flow->has_any_source_port = true;
	flow->packet.tuple.source_port = 0;
}

/*
 * All layers have spoken of the newest flow. Where many are there that differ from it in the
 * source port only, as in a flood or a scan, it is counted in one that stands for them: others must
 * not be driven out by it.
 */
static void finish_newest(struct flow_table *t)
{
	struct logged_flow *flow = t->newest;
	struct flow_spread *spread;

	t->newest = NULL;
	if (!flow || !protocol_has_ports(flow->packet.tuple.protocol))
		return;
	spread = join_spread(t, flow);
	if (spread->members <= spread_max(t, flow))
		return;
	if (!spread->sum || is_over(t, spread->sum, flow->last)) {
		become_sum(t, spread, flow);
	} else if (flow->number == t->last) {
		add_to_sum(t, spread->sum, flow);
		take_back_newest(t);
	}
}

static struct logged_flow *add_flow(struct flow_table *t, const struct flow_message *m,
				    struct flow_port *port, enum rule_direction direction,
				    double now)
{
	struct logged_flow *flow;

	finish_newest(t);
	if (t->last + 1 - t->first == t->slot_count)
		evict_oldest(t);
	flow = slot_of(t, ++t->last);
	*flow = (struct logged_flow){ .number = t->last,
				      .port = port,
				      .zone = flow_zone(&t->names, port, m->in, m->out),
				      .packet = m->packet,
				      .direction = direction,
				      .generation = t->generation,
				      .began = now };
	t->newest = flow;
	join_group(t, flow);
	touch(t, flow);
	return flow;
}

/* ---- messages ---- */

/* The reference is taken. */
static void push_layer(struct logged_flow *flow, struct flow_layer *layer)
{
	flow->layers[flow->layer_count++] = layer;
	flow->position = flow->layer_count;
}

/* A packet of the flow, as its layers begin to speak. */
static void count_packet(struct logged_flow *flow, const struct flow_message *m, double now)
{
	flow->count++;
	flow->last = now;
	flow->has_no_state = false;
	flow->live[0].packets++;
	flow->live[0].bytes += m->packet.length;
}

static void uncount_packet(struct logged_flow *flow, const struct flow_message *m)
{
	flow->count--;
	flow->live[0].packets--;
	flow->live[0].bytes -= m->packet.length;
}

/* Is it the first layer that speaks of a packet, and not a further one of the packet before? */
static bool begins_packet(const struct logged_flow *flow, const struct flow_layer *layer)
{
	const struct flow_layer *before;

	if (!flow->position || flow->position == LAYERS_MAX)
		return true;
	before = flow->layers[flow->position - 1];
	return before->hit.access != ACCESS_ALLOW ||
	       flow_layer_order(layer) <= flow_layer_order(before);
}

/* What was said of the latest packet is not what was said of those before: it is a flow of its own.
 */
static struct logged_flow *split(struct flow_table *t, struct logged_flow *flow,
				 const struct flow_message *m, double now)
{
	const struct logged_flow before = *flow; /* it may go for the other one */
	struct logged_flow *other;

	before.port->refs++;
	for (unsigned i = 0; i < before.position; i++)
		before.layers[i]->refs++;
	uncount_packet(flow, m);
	flow->position = flow->layer_count;
	touch(t, flow);
	other = add_flow(t, m, before.port, before.direction, now);
	count_packet(other, m, now);
	memcpy(other->layers, before.layers, sizeof(other->layers));
	other->layer_count = other->position = before.position;
	return other;
}

/* The flow that a message belongs to, whose layers are as they were before it. */
static struct logged_flow *flow_for(struct flow_table *t, const struct flow_message *m,
				    const struct flow_layer *layer, double now)
{
	enum rule_direction direction = layer->hit.direction;
	uint32_t ifindex = direction == DIRECTION_INBOUND ? m->out : m->in;
	struct logged_flow *flow = find_in_group(find_group(t, &m->packet), ifindex, direction);

	if (flow && is_over(t, flow, now) &&
	    (flow->generation != t->generation || begins_packet(flow, layer)))
		flow = NULL;
	if (flow && !begins_packet(flow, layer))
		return flow;
	if (flow && flow->position < flow->layer_count) /* fewer layers than before */
		flow = split(t, flow, m, now);
	if (!flow)
		flow = add_flow(t, m, flow_port_get(&t->names, ifindex), direction, now);
	if (t->newest && t->newest != flow)
		finish_newest(t);
	flow->position = 0;
	count_packet(flow, m, now);
	return flow;
}

bool flow_table_hear(struct flow_table *t, const struct flow_message *m, double now)
{
	struct flow_layer *layer =
		flow_layer_get(&t->names, m->prefix, (m->mark & MARK_LAYER_SUBNET) != 0);
	struct logged_flow *flow;

	if (!layer)
		return false;
	flow = flow_for(t, m, layer, now);
	if (flow->position < flow->layer_count ? flow->layers[flow->position] != layer
					       : flow->count > 1) /* or more layers than before */
		flow = split(t, flow, m, now);
	if (flow->position == flow->layer_count) {
		push_layer(flow, layer);
	} else {
		flow->position++;
		flow_layer_drop(layer);
	}
	touch(t, flow);
	return true;
}

/* ---- what passes ---- */

static struct logged_packet packet_of(const struct conntrack_state *state)
{
	return (struct logged_packet){ .tuple = { .source = state->source,
						  .destination = state->destination,
						  .protocol = state->protocol,
						  .source_port = state->source_port,
						  .destination_port = state->destination_port },
				       .id = state->id };
}

static bool is_counted_by(const struct logged_flow *flow, unsigned zone)
{
	return flow->zone == zone && !is_denied(decider_of(flow));
}

static void end_flow(struct logged_flow *flow, double now)
{
	flow->ended = now;
	for (unsigned i = 0; i < 2; i++) {
		flow->past[i].packets += flow->live[i].packets;
		flow->past[i].bytes += flow->live[i].bytes;
	}
	memset(flow->live, 0, sizeof(flow->live));
}

void flow_table_count(struct flow_table *t, const struct conntrack_state *state, double now)
{
	struct logged_packet packet = packet_of(state);
	struct flow_group *group = find_group(t, &packet);
	struct logged_flow *flow = NULL;
	struct flow_count live[2];

	for (unsigned i = 0; i < 2; i++)
		live[i] = (struct flow_count){ state->packets[i], state->bytes[i] };
	if (!group)
		return;
	DL_FOREACH2(group->flows, flow, group_next)
	{
		bool is_same = !memcmp(live, flow->live, sizeof(live));

		if (!is_counted_by(flow, state->zone) ||
		    (!state->is_gone && flow->ended == 0 && flow->has_state && is_same))
			continue;
		memcpy(flow->live, live, sizeof(live));
		flow->ended = 0;
		flow->has_state = true;
		if (state->is_gone)
			end_flow(flow, now);
		touch(t, flow);
	}
}

/* One that had a state and has none any more ended unheard. */
void flow_table_no_state(struct flow_table *t, const struct conntrack_state *ends, double now)
{
	struct logged_packet packet = packet_of(ends);
	struct flow_group *group = find_group(t, &packet);
	struct logged_flow *flow = NULL;

	if (!group)
		return;
	DL_FOREACH2(group->flows, flow, group_next)
	{
		if (!is_counted_by(flow, ends->zone))
			continue;
		flow->has_no_state = true;
		if (!flow->has_state || flow->ended > 0)
			continue;
		end_flow(flow, now);
		touch(t, flow);
	}
}

static bool is_live(const struct logged_flow *flow)
{
	const struct logged_flow *first;

	if (!flow->group || flow->ended > 0 || flow->has_no_state ||
	    !is_counted_by(flow, flow->zone))
		return false;
	DL_FOREACH2(flow->group->flows, first, group_next)
	if (is_counted_by(first, flow->zone))
		return first == flow;
	return false;
}

bool flow_table_next_live(const struct flow_table *t, uint64_t from, uint64_t *ret_number,
			  struct conntrack_state *ret_ends)
{
	for (uint64_t n = from < t->first ? t->first : from; n <= t->last; n++) {
		const struct logged_flow *flow = slot_of(t, n);
		const struct flow_tuple *tuple = &flow->packet.tuple;

		if (!is_live(flow))
			continue;
		*ret_number = n;
		*ret_ends = (struct conntrack_state){ .source = tuple->source,
						      .destination = tuple->destination,
						      .protocol = tuple->protocol,
						      .source_port = tuple->source_port,
						      .destination_port = tuple->destination_port,
						      .id = flow->packet.id,
						      .zone = (uint16_t)flow->zone };
		return true;
	}
	return false;
}

/* What is in no part yet. */
static struct flow_count rest_of(const struct logged_flow *flow, unsigned way)
{
	struct flow_count rest = { flow->past[way].packets + flow->live[way].packets,
				   flow->past[way].bytes + flow->live[way].bytes };

	for (unsigned i = 0; i < flow->part_count; i++) {
		rest.packets -= flow->parts[i].counts[way].packets;
		rest.bytes -= flow->parts[i].counts[way].bytes;
	}
	return rest;
}

/* The two oldest become one. */
static void join_parts(struct logged_flow *flow)
{
	struct flow_part *parts = flow->parts;

	for (unsigned way = 0; way < 2; way++) {
		parts[1].counts[way].packets += parts[0].counts[way].packets;
		parts[1].counts[way].bytes += parts[0].counts[way].bytes;
	}
	memmove(parts, parts + 1, --flow->part_count * sizeof(*parts));
}

static void divide(struct logged_flow *flow, double now)
{
	struct flow_part part = { now, { rest_of(flow, 0), rest_of(flow, 1) } };

	if (!flow->parts)
		flow->parts = make(FLOW_PARTS, sizeof(*flow->parts));
	if (flow->part_count == FLOW_PARTS)
		join_parts(flow);
	flow->parts[flow->part_count++] = part;
}

void flow_table_divide(struct flow_table *t, double now)
{
	for (uint64_t n = t->first; n <= t->last; n++) {
		struct logged_flow *flow = slot_of(t, n);
		double since =
			flow->part_count ? flow->parts[flow->part_count - 1].time : flow->began;

		if (!flow->has_state || flow->ended > 0 || now - since < FLOW_PART_S)
			continue;
		divide(flow, now);
		touch(t, flow);
	}
}

bool flow_table_settle(struct flow_table *t, double now)
{
	if (t->newest && now - t->newest->last >= FLOW_SETTLE_S)
		finish_newest(t);
	if (!t->newest && t->last + 1 - t->first == t->slot_count)
		evict_oldest(t);
	if (t->settled + 1 < t->first)
		t->settled = t->first - 1;
	while (t->settled < t->last && slot_of(t, t->settled + 1) != t->newest &&
	       now - slot_of(t, t->settled + 1)->began >= FLOW_SETTLE_S)
		t->settled++;
	return t->settled == t->last;
}

/* ---- the table ---- */

struct flow_table *flow_table_new(size_t capacity)
{
	struct flow_table *t = make(1, sizeof(*t));

	t->slot_count = capacity + 1;
	t->slots = make(t->slot_count, sizeof(*t->slots));
	t->first = 1;
	return t;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	while (t->first <= t->last)
		evict_oldest(t);
	flow_names_set(&t->names, NULL);
	free(t->slots);
	free(t);
}

void flow_table_name(struct flow_table *t, const struct topology *topology)
{
	flow_names_set(&t->names, topology);
	t->generation++;
}

uint64_t flow_table_first(const struct flow_table *t)
{
	return t->first;
}

uint64_t flow_table_last(const struct flow_table *t)
{
	return t->settled;
}

const struct logged_flow *flow_table_get(const struct flow_table *t, uint64_t number)
{
	return slot_of(t, number);
}

const struct logged_flow *flow_table_changed(const struct flow_table *t, uint64_t version)
{
	const struct logged_flow *flow = t->changed ? t->changed->prev : NULL, *found = NULL;

	for (; flow && flow->version > version; flow = flow->prev) {
		found = flow;
		if (flow == t->changed) /* its `prev` is the last one */
			break;
	}
	return found;
}

uint64_t flow_table_version(const struct flow_table *t)
{
	return t->version;
}

uint64_t flow_table_evicted(const struct flow_table *t)
{
	return t->evicted;
}

size_t flow_table_capacity(const struct flow_table *t)
{
	return t->slot_count - 1;
}
