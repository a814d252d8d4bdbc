/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * From a lab to a plan. This is the one place where Azure's words become the kernel's: virtual
 * networks, subnets and NICs turn into namespaces, ports, tables and rules as design.md section 4
 * and docs/architecture.md describe.
 */
#include "lab/azure/fabric.h"
#include "lab/plan/plan.h"

#define FABRIC_NS   "fabric"
#define FABRIC_NFT  "ip hublab"
#define FABRIC_NFT6 "ip6 hublab"

/* Everything that stands as long as the lab file says the same. The caller owns the plan. */
struct plan *plan_compile(const struct topology *topology, const struct bgp_graph *graph) NODISCARD;

/*
 * What a router that is a guest has beside its NICs with their addresses: routes, rules, nftables,
 * tunnels and daemons, as in a namespace of its name. None of it is in the plan of the lab: its own
 * kernel is told by plan_script. The caller owns the plan.
 */
struct plan *plan_compile_inside(const struct topology *topology, const struct bgp_graph *graph,
				 const struct node *router) NODISCARD;

/*
 * The routes of the fabric's tables and the sets of what gateways teach, which follow what is
 * learned. The caller owns the plan.
 */
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

#define FRR_DIRECTORY "/usr/lib/frr" /* of Debian's package; no PATH has it */

/* By a guest's name: a directory with the files that cloud-init reads. */
#define RUN_GUEST_SEED "hublab/guests/%s/seed"

/* The configuration of a speaker's daemon. */
#define ROUTING_CONF_SIZE 200
void routing_conf_path(const struct bgp_speaker *speaker, char path[ROUTING_CONF_SIZE]);

/*
 * The parts of plan_compile, one a topic. Some are also those of plan_compile_inside: with `router`
 * they are for that guest alone, with NULL for all that the host's kernel has.
 */
void compile_nodes(struct plan *plan, const struct topology *topology);
void compile_router(struct plan *plan, const struct node *router); /* of compile_nodes' part */
void compile_fabric(struct plan *plan, const struct topology *topology);
void compile_bgp(struct plan *plan, const struct bgp_graph *graph, const struct node *router);
void compile_guests(struct plan *plan, const struct topology *topology, const struct node *router);
void compile_libvirt(struct plan *plan, const struct node *node); /* in the place of all else */
void compile_tunnels(struct plan *plan, const struct topology *topology, const struct node *router);
/* Is what stands on the node made for `router`, or by the host when that is NULL? */
bool compile_is_for(const struct node *node, const struct node *router);
void compile_services(struct plan *plan, const struct topology *topology);

/* Below RUN_NODE: what the daemon of a tunnel end of that name sees as /run. */
#define RUN_TUNNEL RUN_NODE "/%s/charon"
/* The interface there of outer packets that go by the node. */
#define TUNNEL_WAN "wan"
/* The device of a tunnel end, as it is wanted now: one step, of a namespace that is there. */
void compile_tunnel_device(struct plan *plan, const struct tunnel_end *end, bool is_up);

/*
 * Equal next hops are chosen by a packet's addresses, protocol and ports. Policy 1, "layer 4",
 * will not do: it takes the number that a sender's socket left on the packet, which is another for
 * each connection, and changes when a segment is sent again.
 */
#define MULTIPATH_BY_FIELDS "3"
#define MULTIPATH_FIELDS    "55" /* FIB_MULTIPATH_HASH_FIELD_: of the outer header */

/* As the kernel numbers them. */
#define TABLE_MAIN  254
#define TABLE_LOCAL 255

/* 169.254.0.1: a router that is on no network of its neighbour's. */
#define LINK_ROUTER ip4(0xa9fe0001)

/* Adding steps of one kind; what they have in common. */
void plan_add_sysctl(struct plan *plan, const char *ns, const char *path, const char *value);
/* An interface, by the number and the name that it has in its namespace. */
struct device {
	const char *ns;
	uint32_t ifindex;
	const char *name;
	struct src_pos pos; /* what the step is for */
};
struct device device_of(const struct interface *interface);
/* Its end in the fabric; of a branch's host, that on the bridge. */
struct device device_of_port(const struct interface *port);
/* Whom a machine sends to what is in no network of its own. */
struct ip plan_router_ip(const struct interface *interface);
void plan_add_up(struct plan *plan, const struct device *device, bool accepts_local);
void plan_add_address(struct plan *plan, const struct device *device, struct prefix prefix);
void plan_add_neighbour(struct plan *plan, const struct device *device, struct ip ip,
			const uint8_t mac[MAC_SIZE]);
/* One end of a pair that is still to be made. */
struct link_end plan_link_end(struct plan *plan, const struct device *device,
			      const uint8_t mac[MAC_SIZE]);
/* Its first end makes it; with what stands on its ends. */
void plan_add_cable(struct plan *plan, const struct cable *cable);
/* Of the cable itself at that end, below tags and MACsec. */
uint32_t cable_ifindex(const struct interface *end);
void plan_add_route(struct plan *plan, const char *ns, uint32_t table, enum route_type type,
		    struct prefix prefix, struct src_pos pos);
/*
 * nftables in a namespace: a table with what stands as long as it does, and the parts of it that
 * can change: sets, maps and chains, each indented by one tab, in `text` (which is left as it was).
 * A block may be said in several under the same head, one behind the other, when it is a long one.
 */
void plan_add_table(struct plan *plan, const char *ns, const char *table, const char *text,
		    struct src_pos pos);
void plan_add_blocks(struct plan *plan, const char *ns, const char *table, char *text,
		     struct src_pos pos);
void plan_add_element(struct plan *plan, const char *ns, const char *table, const char *block,
		      struct prefix prefix, struct src_pos pos);
/* A program that runs as long as the node. All from `user` on may be NULL: see struct step. */
struct daemon_spec {
	const char *name, *argv, *control, *user, *needs, *run, *environment;
};
void plan_add_daemon(struct plan *plan, const char *ns, const struct daemon_spec *daemon,
		     struct src_pos pos);
void plan_add_file(struct plan *plan, const char *path, const char *content, struct src_pos pos);
