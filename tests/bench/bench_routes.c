/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the pure half takes with a lab's routes: all tables of the fabric from nothing, and one
 * prefix that a gateway no longer knows, until the changes for the kernel stand. Each the median of
 * several runs.
 * usage: bench_routes LAB-FILE PREFIX
 */
#include "lab/azure/bgp_solve.h"
#include "lab/plan/compile.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 9

static double now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static char *read_all(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;

	if (!file || getdelim(&text, ret_len, '\0', file) < 0) {
		perror(path);
		exit(1);
	}
	*ret_len = strlen(text);
	(void)fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	double fresh[ROUNDS], withdrawn[ROUNDS];
	struct diags diags = { 0 };
	size_t len, rows = 0, steps = 0;
	struct topology *topology;
	struct bgp_graph *graph;
	struct as_paths *paths = as_paths_new();
	struct learned learned;
	struct prefix prefix;
	struct lab *lab;
	struct rib *ribs;
	char *text;

	if (argc != 3 || !prefix_parse(argv[2], &prefix)) {
		(void)fprintf(stderr, "usage: %s LAB-FILE PREFIX\n", argv[0]);
		return 2;
	}
	text = read_all(argv[1], &len);
	lab = lab_parse(text, len, argv[1], &diags);
	if (!lab) {
		diags_print(&diags, text, len, stderr);
		return 3;
	}
	topology = topology_new(lab, NULL);
	graph = bgp_graph_new(topology);
	ribs = bgp_solve(graph, paths);
	learned = (struct learned){ graph, ribs };
	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ms();
		struct fabric *fabric = fabric_new(topology, &learned);

		fresh[round] = now_ms() - start;
		rows = 0;
		for (size_t i = 0; i < topology->tables.count; i++)
			if (fabric->tables[i].subnet)
				rows += fabric->tables[i].subnet->routes.count;
		fabric_free(fabric);
	}
	for (int round = 0; round < ROUNDS; round++) {
		struct rib *less = bgp_solve(graph, paths);
		struct learned known = { graph, less };
		struct fabric *fabric = fabric_new(topology, &known);
		struct plan *changes;
		double start;

		for (size_t i = 0; i < graph->speakers.count; i++)
			rib_replace(&less[i], prefix, NULL, 0);
		start = now_ms();
		changes = plan_learn(fabric);
		withdrawn[round] = now_ms() - start;
		steps = changes->step_count;
		plan_free(changes);
		fabric_free(fabric);
		bgp_ribs_free(less, graph);
	}
	(void)printf("%zu tables %zu rows %.1f ms; one prefix withdrawn, %zu changes: %.1f ms\n",
		     topology->tables.count, rows, median(fresh, ROUNDS), steps,
		     median(withdrawn, ROUNDS));
	bgp_ribs_free(ribs, graph);
	as_paths_free(paths);
	bgp_graph_free(graph);
	topology_free(topology);
	lab_free(lab);
	diags_fini(&diags);
	free(text);
	return 0;
}
