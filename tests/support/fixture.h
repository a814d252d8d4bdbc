/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A lab file with everything that is computed from it, for tests of the pure half. */
#include "lab/azure/bgp_solve.h"
#include "lab/azure/tunnels.h"
#include "lab/plan/plan.h"
#include "lab/snapshot/snapshot.h"

struct fixture {
	char *text;
	struct lab *lab;
	struct topology *topology;
	struct bgp_graph *graph;
	struct as_paths *paths;
	struct rib *ribs;             /* what everybody knows in the end */
	struct fabric *fabric;        /* then */
	struct tunnel_state *tunnels; /* by place in the topology */
};

/* From text; fails the test, with the findings printed, when it is not valid. */
void fixture_parse(struct fixture *f, const char *text);
void fixture_read(struct fixture *f, const char *path);
void fixture_free(struct fixture *f);

const struct nic *fixture_nic(const struct fixture *f, const char *name);

/* A table of nftables of the fabric as a plan has it, in one text; the caller frees it. */
char *fixture_table(const struct plan *plan, const char *table);

/* A machine's rows and their reasons, in the form in which clients get them; of `arena`. */
void fixture_why(const struct fixture *f, const char *vm, struct snapshot_why *out,
		 struct arena *arena);
