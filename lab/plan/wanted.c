/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/wanted.h"

#include "lab/azure/bgp_solve.h"
#include "lab/plan/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wanted *wanted_new(struct lab *lab, const struct wanted *previous, struct as_paths *paths)
{
	struct wanted *wanted = calloc(1, sizeof(*wanted));
	struct prospect prospect = { 0 };

	if (!wanted)
		abort();
	wanted->lab = lab;
	wanted->topology = topology_new(lab, previous ? previous->topology : NULL);
	wanted->graph = bgp_graph_new(wanted->topology);
	prospect_init(&prospect, wanted->topology, wanted->graph, paths);
	wanted->ribs = prospect.ribs;
	wanted->fabric = prospect.fabric;
	wanted->tunnels = prospect.tunnels;
	return wanted;
}

void wanted_free(struct wanted *wanted)
{
	if (!wanted)
		return;
	fabric_free(wanted->fabric);
	bgp_ribs_free(wanted->ribs, wanted->graph);
	free(wanted->tunnels);
	bgp_graph_free(wanted->graph);
	topology_free(wanted->topology);
	lab_free(wanted->lab);
	free(wanted);
}

/* ---- with a fault ---- */

static bool has_daemon(const struct fault_target *target, const char *name)
{
	for (size_t i = 0; i < target->daemons.count; i++)
		if (!strcmp(target->daemons.items[i], name))
			return true;
	return false;
}

static bool breaks_interface(const struct fault_target *target, const struct interface *interface)
{
	for (size_t i = 0; i < target->cables.count; i++)
		if (interface->cable == target->cables.items[i])
			return true;
	for (size_t i = 0; i < target->ports.count; i++)
		if (interface == target->ports.items[i])
			return true;
	return false;
}

/* Its own packets pass a port of its machine, or a cable of its own. */
static bool breaks_tunnel(const struct fault_target *target, enum fault_kind kind,
			  const struct tunnel_end *end)
{
	if (kind == FAULT_KILL)
		return has_daemon(target, end->name);
	for (size_t i = 0; i < target->tunnels.count; i++)
		if (target->tunnels.items[i] == end)
			return true;
	for (size_t i = 0; i < target->cables.count; i++)
		if (end->cable == target->cables.items[i])
			return true;
	for (size_t i = 0; i < target->ports.count; i++)
		if (!end->cable && target->ports.items[i]->node == end->node)
			return true;
	return false;
}

static bool breaks_session(const struct fault_target *target, enum fault_kind kind,
			   const struct bgp_end *end)
{
	const struct tunnel_end *tunnel = end->interface ? end->interface->tunnel : NULL;

	if (tunnel && (breaks_tunnel(target, kind, tunnel) ||
		       (tunnel->peer && breaks_tunnel(target, kind, tunnel->peer))))
		return true;
	if (kind == FAULT_KILL)
		return has_daemon(target, end->speaker->node->name);
	return end->interface && breaks_interface(target, end->interface);
}

static void end_sessions(const struct bgp_graph *graph, enum fault_kind kind,
			 const struct fault_target *target)
{
	for (size_t i = 0; i < graph->speakers.count; i++)
		for (size_t n = 0; n < graph->speakers.items[i]->ends.count; n++) {
			struct bgp_end *end = graph->speakers.items[i]->ends.items[n];

			if (!breaks_session(target, kind, end))
				continue;
			end->is_expected = false;
			if (end->peer)
				end->peer->is_expected = false;
		}
}

static void end_tunnels(struct wanted *wanted, enum fault_kind kind,
			const struct fault_target *target)
{
	for (size_t i = 0; i < wanted->topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = wanted->topology->tunnel_ends.items[i];
		struct tunnel_state *state = &wanted->tunnels[i];

		if (!breaks_tunnel(target, kind, end) &&
		    !(end->peer && breaks_tunnel(target, kind, end->peer)))
			continue;
		state->outlook = TUNNEL_DOWN;
		(void)snprintf(state->words, sizeof(state->words), "%s is broken", target->name);
	}
}

void wanted_break(struct wanted *wanted, enum fault_kind kind, const struct fault_target *target,
		  struct as_paths *paths)
{
	struct prospect prospect = { 0 };
	struct learned learned;

	if (kind == FAULT_DELAY)
		return;
	/* first by which ways tunnels still find each other, then without those that are broken */
	end_sessions(wanted->graph, kind, target);
	fabric_free(wanted->fabric);
	bgp_ribs_free(wanted->ribs, wanted->graph);
	free(wanted->tunnels);
	prospect_init(&prospect, wanted->topology, wanted->graph, paths);
	wanted->tunnels = prospect.tunnels;
	end_tunnels(wanted, kind, target);
	end_sessions(wanted->graph, kind, target);
	fabric_free(prospect.fabric);
	bgp_ribs_free(prospect.ribs, wanted->graph);
	wanted->ribs = bgp_solve(wanted->graph, paths);
	learned = (struct learned){ wanted->graph, wanted->ribs };
	wanted->fabric = fabric_new(wanted->topology, &learned);
}

struct plan *wanted_plan(const struct wanted *wanted, const struct plan *tables)
{
	struct plan *plan = plan_compile(wanted->topology, wanted->graph);

	plan_append(plan, tables);
	plan_sort(plan);
	return plan;
}

struct plan *wanted_tables(const struct wanted *wanted, const struct rib *ribs)
{
	struct rib *none = calloc(wanted->graph->speakers.count + 1, sizeof(*none));
	struct learned learned = { wanted->graph, ribs ? ribs : none };
	struct fabric *fabric;
	struct plan *tables;

	if (!none)
		abort();
	fabric = fabric_new(wanted->topology, &learned);
	tables = plan_compile_tables(fabric);
	fabric_free(fabric);
	free(none);
	return tables;
}

struct plan *wanted_start(const struct wanted *wanted)
{
	struct plan *tables, *plan;

	if (!wanted)
		return plan_new();
	tables = wanted_tables(wanted, NULL);
	plan = wanted_plan(wanted, tables);
	plan_free(tables);
	return plan;
}

/* ---- in guests ---- */

static struct plan *inside_of(const struct wanted *wanted, const char *guest)
{
	const struct node *node = wanted ? topology_find_node(wanted->topology, guest) : NULL;

	if (!node || !node_is_guest_router(node))
		return plan_new();
	return plan_compile_inside(wanted->topology, wanted->graph, node);
}

void wanted_inside(const struct wanted *before, const struct wanted *after, wanted_inside_fn *fn,
		   void *arg)
{
	for (size_t i = 0; i < after->topology->nodes.count; i++) {
		const struct node *node = after->topology->nodes.items[i];
		struct plan *from, *to, *changes;

		if (!node_is_guest_router(node))
			continue;
		from = inside_of(before, node->name);
		to = inside_of(after, node->name);
		changes = plan_diff(from, to);
		if (changes->step_count)
			fn(arg, node->name, changes);
		plan_free(changes);
		plan_free(from);
		plan_free(to);
	}
}
