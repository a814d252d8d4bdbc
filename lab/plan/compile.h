/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * From a lab to a plan. This is the one place where Azure's words become the kernel's: virtual
 * networks, subnets and NICs turn into namespaces, ports, tables and rules as design.md section 4
 * and docs/architecture.md describe.
 */
#include "lab/azure/fabric.h"
#include "lab/plan/plan.h"

#define FABRIC_NS "fabric"

/* Everything that stands as long as the lab file says the same. The caller owns the plan. */
struct plan *plan_compile(const struct topology *topology, const struct bgp_graph *graph) NODISCARD;

/* The routes of the fabric's tables, which follow what is learned. The caller owns the plan. */
struct plan *plan_compile_tables(const struct fabric *fabric) NODISCARD;
void plan_compile_table(struct plan *plan, const struct fabric *fabric,
			const struct fabric_table *table);

/*
 * Bring what is touched up to date (fabric_settle), and say what changes in the tables by that. The
 * caller owns the plan. plan_learn does so for all that fabric_learn finds.
 */
struct plan *plan_settle(struct fabric *fabric, const struct fabric_touches *touches) NODISCARD;
struct plan *plan_learn(struct fabric *fabric) NODISCARD;

/* Paths below the lab's own /run that others must find, too. */
#define RUN_HOSTS       "hublab/hosts"
#define RUN_RESOLV_CONF "hublab/resolv.conf"
#define RUN_NODE        "hublab/node" /* then the node's name, then the daemon's own directory */

#define RUN_BIRD_CONF RUN_NODE "/%s/bird/bird.conf" /* with the node's name */

/* The parts of plan_compile, one a topic. */
void compile_nodes(struct plan *plan, const struct topology *topology);
void compile_fabric(struct plan *plan, const struct topology *topology);
void compile_bgp(struct plan *plan, const struct bgp_graph *graph);
void compile_services(struct plan *plan, const struct topology *topology);

/*
 * Equal next hops are chosen by a packet's addresses, protocol and ports. Policy 1, "layer 4",
 * will not do: it takes the number that a sender's socket left on the packet, which is another for
 * each connection, and changes when a segment is sent again.
 */
#define MULTIPATH_BY_FIELDS "3"
#define MULTIPATH_FIELDS    "55" /* FIB_MULTIPATH_HASH_FIELD_: of the outer header */

/* Adding steps of one kind; what they have in common. */
void plan_add_sysctl(struct plan *plan, const char *ns, const char *path, const char *value);
void plan_add_route(struct plan *plan, const char *ns, uint32_t table, enum route_type type,
		    struct prefix prefix, struct src_pos pos);
void plan_add_file(struct plan *plan, const char *path, const char *content, struct src_pos pos);
