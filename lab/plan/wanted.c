/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/wanted.h"

#include "lab/azure/bgp_solve.h"
#include "lab/plan/compile.h"

#include <stdlib.h>

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
