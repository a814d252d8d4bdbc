/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct text_entry {
	UT_hash_handle hh;
	plan_text_id id;
	char text[]; /* a copy: the plan's own text moves */
};

/* Make room for `need` more elements. */
static void reserve(void *array_at, uint32_t count, uint32_t *capacity, uint32_t need, size_t size)
{
	void *array;

	if (count + need <= *capacity)
		return;
	memcpy(&array, array_at, sizeof(array));
	*capacity = (count + need) * 2;
	array = realloc(array, *capacity * size);
	if (!array)
		abort();
	memcpy(array_at, &array, sizeof(array));
}

struct plan *plan_new(void)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		abort();
	(void)plan_add_text(plan, "");
	return plan;
}

void plan_free(struct plan *plan)
{
	struct text_entry *entry, *next;

	if (!plan)
		return;
	HASH_ITER(hh, plan->texts, entry, next) {
		HASH_DEL(plan->texts, entry);
		free(entry);
	}
	free(plan->steps);
	free(plan->nexthops);
	free(plan->text);
	free(plan);
}

plan_text_id plan_add_text(struct plan *plan, const char *text)
{
	uint32_t size = (uint32_t)strlen(text) + 1;
	struct text_entry *entry = NULL;

	HASH_FIND(hh, plan->texts, text, size - 1, entry);
	if (entry)
		return entry->id;
	entry = calloc(1, sizeof(*entry) + size);
	if (!entry)
		abort();
	memcpy(entry->text, text, size);
	entry->id = plan->text_size;
	HASH_ADD_KEYPTR(hh, plan->texts, entry->text, size - 1, entry);
	reserve(&plan->text, plan->text_size, &plan->text_capacity, size, 1);
	memcpy(plan->text + plan->text_size, text, size);
	plan->text_size += size;
	return entry->id;
}

const char *plan_text(const struct plan *plan, plan_text_id id)
{
	return plan->text + id;
}

struct step *plan_add_step(struct plan *plan, enum step_kind kind, const char *ns,
			   struct src_pos pos)
{
	struct step *step;

	reserve(&plan->steps, plan->step_count, &plan->step_capacity, 1, sizeof(*plan->steps));
	step = &plan->steps[plan->step_count++];
	memset(step, 0, sizeof(*step)); /* padding too: steps are compared as bytes */
	step->kind = kind;
	step->ns = plan_add_text(plan, ns);
	step->line = pos.line;
	step->col = pos.col;
	if (kind == STEP_ROUTE)
		step->route.first_nexthop = plan->nexthop_count;
	return step;
}

void plan_add_nexthop(struct plan *plan, struct ip via, uint32_t ifindex, const char *dev)
{
	struct nexthop nexthop = { .via = via, .ifindex = ifindex };

	(void)snprintf(nexthop.dev, sizeof(nexthop.dev), "%s", dev);
	reserve(&plan->nexthops, plan->nexthop_count, &plan->nexthop_capacity, 1,
		sizeof(*plan->nexthops));
	plan->nexthops[plan->nexthop_count++] = nexthop;
	plan->steps[plan->step_count - 1].route.nexthop_count++;
}

struct text_places step_text_places(struct step *step)
{
	struct text_places p = { .ids = { &step->ns }, .count = 1 };

	switch (step->kind) {
	case STEP_SYSCTL:
		p.ids[p.count++] = &step->sysctl.path;
		p.ids[p.count++] = &step->sysctl.value;
		break;
	case STEP_BRIDGE:
		p.ids[p.count++] = &step->bridge.end.ns;
		break;
	case STEP_VETH:
		p.ids[p.count++] = &step->veth.a.ns;
		p.ids[p.count++] = &step->veth.b.ns;
		break;
	case STEP_CABLE:
		p.ids[p.count++] = &step->cable.a.ns;
		p.ids[p.count++] = &step->cable.b.ns;
		break;
	case STEP_FRAMES:
		p.ids[p.count++] = &step->frames.a.end.ns;
		p.ids[p.count++] = &step->frames.a.mac_sec;
		p.ids[p.count++] = &step->frames.b.end.ns;
		p.ids[p.count++] = &step->frames.b.mac_sec;
		break;
	case STEP_TUNNEL:
		p.ids[p.count++] = &step->tunnel.end.ns;
		p.ids[p.count++] = &step->tunnel.routes;
		break;
	case STEP_TAP:
		p.ids[p.count++] = &step->tap.end.ns;
		break;
	case STEP_GUEST:
		p.ids[p.count++] = &step->guest.ports;
		p.ids[p.count++] = &step->guest.command_line;
		p.ids[p.count++] = &step->guest.image;
		p.ids[p.count++] = &step->guest.seed;
		p.ids[p.count++] = &step->guest.addresses;
		break;
	case STEP_NFT:
		p.ids[p.count++] = &step->nft.table;
		p.ids[p.count++] = &step->nft.block;
		p.ids[p.count++] = &step->nft.text;
		break;
	case STEP_ELEMENT:
		p.ids[p.count++] = &step->element.table;
		p.ids[p.count++] = &step->element.block;
		break;
	case STEP_FILE:
		p.ids[p.count++] = &step->file.path;
		p.ids[p.count++] = &step->file.content;
		break;
	case STEP_DAEMON:
		p.ids[p.count++] = &step->daemon.name;
		p.ids[p.count++] = &step->daemon.argv;
		p.ids[p.count++] = &step->daemon.control;
		p.ids[p.count++] = &step->daemon.user;
		p.ids[p.count++] = &step->daemon.needs;
		p.ids[p.count++] = &step->daemon.run;
		p.ids[p.count++] = &step->daemon.environment;
		break;
	case STEP_LISTENER:
		p.ids[p.count++] = &step->listener.answer;
		break;
	case STEP_NAMESPACE:
	case STEP_UP:
	case STEP_ADDRESS:
	case STEP_NEIGHBOUR:
	case STEP_ROUTE:
	case STEP_RULE:
	case STEP_KIND_COUNT:
		break;
	}
	return p;
}

struct step *plan_copy_step(struct plan *to, const struct plan *from, const struct step *step,
			    enum step_verb verb)
{
	struct step *copy;
	struct text_places places;

	reserve(&to->steps, to->step_count, &to->step_capacity, 1, sizeof(*to->steps));
	copy = &to->steps[to->step_count++];
	memcpy(copy, step, sizeof(*copy));
	copy->verb = verb;
	places = step_text_places(copy);
	for (size_t i = 0; i < places.count; i++)
		*places.ids[i] = plan_add_text(to, plan_text(from, *places.ids[i]));
	if (step->kind != STEP_ROUTE)
		return copy;
	copy->route.first_nexthop = to->nexthop_count;
	copy->route.nexthop_count = 0;
	for (uint32_t i = 0; i < step->route.nexthop_count; i++) {
		const struct nexthop *hop = &from->nexthops[step->route.first_nexthop + i];

		plan_add_nexthop(to, hop->via, hop->ifindex, hop->dev);
	}
	return copy;
}

void plan_append(struct plan *plan, const struct plan *other)
{
	for (uint32_t i = 0; i < other->step_count; i++)
		(void)plan_copy_step(plan, other, &other->steps[i], other->steps[i].verb);
}

bool frames_end_is_used(const struct frames_end *end)
{
	return end->mac_sec || end->s_tag || end->c_tag;
}

#define BELOW_IFINDEX 200000 /* behind all that the topology and tunnels give */
#define LAYER_IFINDEX 100000

struct link_end frames_below(const struct link_end *end, enum frames_layer layer)
{
	static const char *const names[] = { "wire", "macsec", "stag" };
	struct link_end below = *end;

	below.ifindex = BELOW_IFINDEX + (uint32_t)layer * LAYER_IFINDEX + end->ifindex;
	(void)snprintf(below.name, sizeof(below.name), "%.8s-%s", end->name, names[layer]);
	return below;
}

enum step_stage step_stage(enum step_kind kind)
{
	switch (kind) {
	case STEP_NAMESPACE:
	case STEP_SYSCTL:
		return STAGE_NAMESPACES;
	case STEP_BRIDGE:
	case STEP_VETH:
	case STEP_CABLE:
	case STEP_FRAMES:
	case STEP_TUNNEL:
	case STEP_TAP:
		return STAGE_LINKS;
	case STEP_UP:
	case STEP_ADDRESS:
	case STEP_NEIGHBOUR:
	case STEP_ROUTE:
	case STEP_RULE:
		return STAGE_ROUTES;
	case STEP_NFT:
	case STEP_ELEMENT:
		return STAGE_FIREWALL;
	case STEP_FILE:
	case STEP_DAEMON:
	case STEP_LISTENER:
	case STEP_GUEST:
	case STEP_KIND_COUNT:
		break;
	}
	return STAGE_DAEMONS;
}

static int step_compare(const void *a, const void *b, void *plan)
{
	const struct step *x = &((const struct plan *)plan)->steps[*(const uint32_t *)a];
	const struct step *y = &((const struct plan *)plan)->steps[*(const uint32_t *)b];
	int stage = (int)step_stage(x->kind) - (int)step_stage(y->kind);

	if (stage)
		return stage;
	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

void plan_sort(struct plan *plan)
{
	uint32_t *order = calloc(plan->step_count + 1, sizeof(*order));
	struct step *sorted = calloc(plan->step_count + 1, sizeof(*sorted));

	if (!order || !sorted)
		abort();
	for (uint32_t i = 0; i < plan->step_count; i++)
		order[i] = i;
	qsort_r(order, plan->step_count, sizeof(*order), step_compare, plan);
	for (uint32_t i = 0; i < plan->step_count; i++)
		memcpy(&sorted[i], &plan->steps[order[i]], sizeof(*sorted));
	if (plan->step_count)
		memcpy(plan->steps, sorted, plan->step_count * sizeof(*sorted));
	free(order);
	free(sorted);
}

struct packed {
	uint32_t step_count, nexthop_count, text_size, step_size;
};

void *plan_pack(const struct plan *plan, size_t *ret_size)
{
	struct packed head = { plan->step_count, plan->nexthop_count, plan->text_size,
			       sizeof(struct step) };
	size_t steps = plan->step_count * sizeof(*plan->steps);
	size_t nexthops = plan->nexthop_count * sizeof(*plan->nexthops);
	char *bytes = malloc(sizeof(head) + steps + nexthops + plan->text_size);

	if (!bytes)
		abort();
	memcpy(bytes, &head, sizeof(head));
	if (steps)
		memcpy(bytes + sizeof(head), plan->steps, steps);
	if (nexthops)
		memcpy(bytes + sizeof(head) + steps, plan->nexthops, nexthops);
	memcpy(bytes + sizeof(head) + steps + nexthops, plan->text, plan->text_size);
	*ret_size = sizeof(head) + steps + nexthops + plan->text_size;
	return bytes;
}

struct plan *plan_unpack(const void *bytes, size_t size, struct err *err)
{
	struct plan *plan = plan_new();
	struct packed head = { 0 };
	size_t steps, nexthops;

	if (size >= sizeof(head))
		memcpy(&head, bytes, sizeof(head));
	steps = head.step_count * sizeof(*plan->steps);
	nexthops = head.nexthop_count * sizeof(*plan->nexthops);
	if (size < sizeof(head) || head.step_size != sizeof(struct step) ||
	    size != sizeof(head) + steps + nexthops + head.text_size) {
		err_set(err, -EPROTO, "a plan of %zu bytes is not whole", size);
		plan_free(plan);
		return NULL;
	}
	bytes = (const char *)bytes + sizeof(head);
	reserve(&plan->steps, 0, &plan->step_capacity, head.step_count, sizeof(*plan->steps));
	reserve(&plan->nexthops, 0, &plan->nexthop_capacity, head.nexthop_count,
		sizeof(*plan->nexthops));
	reserve(&plan->text, 0, &plan->text_capacity, head.text_size, 1);
	if (steps)
		memcpy(plan->steps, bytes, steps);
	if (nexthops)
		memcpy(plan->nexthops, (const char *)bytes + steps, nexthops);
	memcpy(plan->text, (const char *)bytes + steps + nexthops, head.text_size);
	plan->step_count = head.step_count;
	plan->nexthop_count = head.nexthop_count;
	plan->text_size = head.text_size;
	return plan;
}
