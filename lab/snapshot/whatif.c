/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/whatif.h"

#include "lab/snapshot/fill.h"

#include <stdlib.h>
#include <string.h>

static const char *row_text(const struct snapshot_route *row, struct arena *arena)
{
	const char *hops = texts_join(&row->next_hop_ip, ",", arena);

	return arena_printf(arena, "%s %s %s %s%s%s", row->source, row->state,
			    row->service_tag ? row->service_tag
					     : texts_join(&row->address_prefix, ",", arena),
			    row->next_hop_type, *hops ? " " : "", hops);
}

static int text_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_lines(struct texts *lines)
{
	if (lines->count)
		qsort(lines->items, lines->count, sizeof(*lines->items), text_compare);
}

void outcomes_add_nic(struct outcomes *outcomes, const struct snapshot_routes *routes,
		      struct arena *arena)
{
	struct named_lines *nic = ARENA_PUSH(arena, outcomes->items, outcomes->count);

	nic->name = arena_strdup(arena, routes->nic);
	for (size_t i = 0; i < routes->routes.count; i++)
		*ARENA_PUSH(arena, nic->lines.items, nic->lines.count) =
			row_text(&routes->routes.items[i], arena);
	sort_lines(&nic->lines);
}

struct outcomes outcomes_of_nics(const struct wanted *wanted, struct arena *arena)
{
	const struct lab *lab = wanted->lab;
	struct outcomes out = { 0 };

	for (size_t i = 0; i < lab->vms.count; i++)
		for (size_t n = 0; n < lab->vms.items[i].network_interfaces.count; n++) {
			const struct nic *nic = &lab->vms.items[i].network_interfaces.items[n];
			const struct interface *port = topology_find_nic(wanted->topology, nic);
			struct snapshot_routes routes = { 0 };

			if (!nic->subnet || lab->vms.items[i].is_internet)
				continue; /* what it has is no table of Azure's */
			snapshot_fill_routes(nic, fabric_subnet_routes(wanted->fabric, port->table),
					     &routes, arena);
			outcomes_add_nic(&out, &routes, arena);
		}
	return out;
}

static const char *way_text(const char *which, const struct flow *flow, struct arena *arena)
{
	const char *text = "";

	for (unsigned i = 0; i < flow->node_count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", flow->nodes[i]->name);
	for (unsigned i = 0; i < flow->tunnel_count; i++)
		text = arena_printf(arena, "%s, in tunnel %s", text, flow->tunnels[i]->name);
	return *text ? arena_printf(arena, "%s by %s", which, text)
		     : arena_printf(arena, "%s direct", which);
}

static void add(struct texts *texts, const char *text, struct arena *arena)
{
	*ARENA_PUSH(arena, texts->items, texts->count) = text;
}

/* A line each for what is seen and the two ways: of a change only what is another is shown. */
static struct texts followed_lines(const struct followed *f, struct arena *arena)
{
	const struct prediction *p = &f->prediction;
	struct texts lines = { 0 };

	if (p->is_by_flow || !p->is_reply) {
		add(&lines,
		    arena_printf(arena, "%s: %s",
				 p->is_by_flow ? "a reply to some flows" : "no reply", p->words),
		    arena);
		return lines;
	}
	add(&lines, arena_printf(arena, "a reply, ttl %u", p->ttl), arena);
	add(&lines, way_text("back", &f->back.flow, arena), arena);
	add(&lines, way_text("there", &f->there.flow, arena), arena);
	return lines;
}

void outcomes_add_flow(struct outcomes *outcomes, const struct wanted *wanted, const char *name,
		       const struct path_question *question, struct arena *arena)
{
	struct named_lines *flow = ARENA_PUSH(arena, outcomes->items, outcomes->count);
	struct followed followed;

	fabric_follow(wanted->fabric, &question->flow, question->to, NULL, &followed);
	flow->name = name;
	flow->lines = followed_lines(&followed, arena);
}

struct outcomes outcomes_of_flows(const struct wanted *wanted, struct arena *arena)
{
	const struct lab *lab = wanted->lab;
	struct outcomes out = { 0 };

	for (size_t i = 0; i < lab->probes.count; i++) {
		const struct probe_spec *probe = &lab->probes.items[i];
		const struct path_question question = { .flow = *probe,
							.to = nic_ip_from(probe->to, probe->from) };
		const char *name =
			arena_printf(arena, "%s -> %s %s", probe->from->vm->object.name,
				     probe->to->vm->object.name, probe_protocol_print(probe).text);

		outcomes_add_flow(&out, wanted, name, &question, arena);
	}
	return out;
}

/* ---- comparing ---- */

static int outcome_compare(const void *a, const void *b)
{
	return strcmp(((const struct named_lines *)a)->name, ((const struct named_lines *)b)->name);
}

static void sort_outcomes(struct outcomes *outcomes)
{
	if (outcomes->count)
		qsort(outcomes->items, outcomes->count, sizeof(*outcomes->items), outcome_compare);
}

/* Both are sorted; NULL has no lines. */
static void compare_lines(const struct texts *before, const struct texts *after,
			  struct outcome_change *change, struct arena *arena)
{
	size_t a = 0, b = 0, a_count = before ? before->count : 0,
	       b_count = after ? after->count : 0;

	while (a < a_count || b < b_count) {
		int order = a == a_count   ? 1
			    : b == b_count ? -1
					   : strcmp(before->items[a], after->items[b]);

		if (order < 0)
			add(&change->gone, before->items[a++], arena);
		else if (order > 0)
			add(&change->come, after->items[b++], arena);
		else
			a++, b++;
	}
}

static struct outcomes sorted(const struct outcomes *outcomes, struct arena *arena)
{
	struct outcomes out = { .count = outcomes->count };

	out.items = arena_alloc(arena, (out.count + 1) * sizeof(*out.items));
	for (size_t i = 0; i < out.count; i++)
		out.items[i] = outcomes->items[i];
	sort_outcomes(&out);
	return out;
}

struct outcome_changes outcomes_compare(const struct outcomes *before, const struct outcomes *after,
					struct arena *arena)
{
	struct outcomes old = sorted(before, arena), new = sorted(after, arena);
	struct outcome_changes out = { 0 };
	size_t a = 0, b = 0;

	while (a < old.count || b < new.count) {
		int order = a == old.count   ? 1
			    : b == new.count ? -1
					     : strcmp(old.items[a].name, new.items[b].name);
		struct outcome_change change = { .name = order <= 0 ? old.items[a].name
								    : new.items[b].name };

		compare_lines(order <= 0 ? &old.items[a].lines : NULL,
			      order >= 0 ? &new.items[b].lines : NULL, &change, arena);
		a += order <= 0;
		b += order >= 0;
		if (change.gone.count || change.come.count)
			*ARENA_PUSH(arena, out.items, out.count) = change;
	}
	return out;
}

static bool texts_equal(const struct texts *a, const struct texts *b)
{
	bool is_equal = a->count == b->count;

	for (size_t i = 0; is_equal && i < a->count; i++)
		is_equal = !strcmp(a->items[i], b->items[i]);
	return is_equal;
}

/* Both come from outcomes_compare, and are sorted. */
bool outcome_changes_equal(const struct outcome_changes *a, const struct outcome_changes *b)
{
	bool is_equal = a->count == b->count;

	for (size_t i = 0; is_equal && i < a->count; i++)
		is_equal = !strcmp(a->items[i].name, b->items[i].name) &&
			   texts_equal(&a->items[i].gone, &b->items[i].gone) &&
			   texts_equal(&a->items[i].come, &b->items[i].come);
	return is_equal;
}
