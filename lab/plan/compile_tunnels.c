/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPsec tunnels: each end's daemon is in a namespace of its own, since one daemon takes one tunnel
 * for everything only. Its outer packets have the node's own address. What comes for them to the
 * node goes on to the daemon by rules that stand before the node's own addresses; what it sends
 * goes by the node, or by a cable from one such namespace to the other when that is the Internet.
 */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"
#include "lab/render/nft_tunnel.h"
#include "lab/render/strongswan_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IKE_PORT       500
#define IKE_NAT_T_PORT 4500

/*
 * In the node, by the number of the tunnel's interface, which is its own there. The rules come
 * before that for the node's own addresses, and what the daemon sends behind it.
 */
#define FIRST_PORT_RULE 1000 /* two of them for each tunnel */
#define LOCAL_RULE      10000
#define FIRST_OUT_RULE  20000
#define FIRST_IN_TABLE  20000
#define FIRST_OUT_TABLE 30000
#define FIRST_IFINDEX   100000 /* behind all that the topology gives */

#define WAN_IFINDEX 2

/* They are alone on their link: every tunnel has the same ones. */
static const uint8_t wan_mac[MAC_SIZE] = { 0x02, 0x68, 0x6d, 0, 0, 1 };
static const uint8_t node_mac[MAC_SIZE] = { 0x02, 0x68, 0x6d, 0, 0, 2 };

static const struct prefix any = { .addr.family = IP_V4 };

/* The two ends of the link between the node and the daemon. */
struct daemon_link {
	char name[IFNAME_SIZE]; /* of the node's */
	struct device daemon, node;
};

static void daemon_link_init(struct daemon_link *pair, const struct tunnel_end *end)
{
	(void)snprintf(pair->name, sizeof(pair->name), "o-%.13s", end->interface->name);
	pair->daemon = (struct device){ end->name, WAN_IFINDEX, TUNNEL_WAN, end->pos };
	pair->node = (struct device){ end->node->name, FIRST_IFINDEX + end->interface->ifindex,
				      pair->name, end->pos };
}

static struct step *add_rule(struct plan *plan, const struct tunnel_end *end, uint32_t priority,
			     uint32_t table)
{
	struct step *step = plan_add_step(plan, STEP_RULE, end->node->name, end->pos);

	step->rule.family = IP_V4;
	step->rule.priority = priority;
	step->rule.table = table;
	return step;
}

/* ---- by the node ---- */

static void add_link(struct plan *plan, const struct daemon_link *pair)
{
	struct link_end a = plan_link_end(plan, &pair->daemon, wan_mac);
	struct link_end b = plan_link_end(plan, &pair->node, node_mac);
	struct step *step = plan_add_step(plan, STEP_VETH, pair->daemon.ns, pair->daemon.pos);

	step->veth.a = a;
	step->veth.b = b;
	step->veth.mtu = ETHERNET_MTU;
	plan_add_up(plan, &pair->node, true); /* the daemon's packets have the node's address */
}

/* All that the daemon sends goes to the node, which answers to any address. */
static void add_way_out(struct plan *plan, const struct device *daemon)
{
	plan_add_neighbour(plan, daemon, LINK_ROUTER, node_mac);
	plan_add_route(plan, daemon->ns, TABLE_MAIN, ROUTE_UNICAST, any, daemon->pos);
	plan_add_nexthop(plan, LINK_ROUTER, daemon->ifindex, daemon->name);
}

/* What is for the daemon does not end at the node, whose address it is for. */
static void add_way_in(struct plan *plan, const struct tunnel_end *end, const struct device *link)
{
	static const uint32_t ports[] = { IKE_PORT, IKE_NAT_T_PORT };
	uint32_t n = end->interface->ifindex;

	for (uint32_t i = 0; i < ARRAY_SIZE(ports); i++) {
		struct step *step =
			add_rule(plan, end, FIRST_PORT_RULE + 2 * n + i, FIRST_IN_TABLE + n);

		step->rule.from = prefix_host(end->remote);
		step->rule.to = prefix_host(end->local);
		step->rule.udp_port = ports[i];
	}
	plan_add_neighbour(plan, link, end->local, wan_mac);
	plan_add_route(plan, end->node->name, FIRST_IN_TABLE + n, ROUTE_UNICAST,
		       prefix_host(end->local), end->pos);
	plan_add_nexthop(plan, (struct ip){ 0 }, link->ifindex, link->name);
}

static const struct interface *first_port(const struct node *node)
{
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (node->interfaces.items[i]->subnet)
			return node->interfaces.items[i];
	return NULL;
}

/*
 * A gateway's own table has what it learned, also through this tunnel; in Azure it is the subnet's
 * table that decides where a gateway's outer packets go. A customer's device asks its own.
 */
static void add_gateway_way_out(struct plan *plan, const struct tunnel_end *end,
				const struct device *link)
{
	const struct interface *port = first_port(end->node);
	uint32_t n = end->interface->ifindex;
	struct step *step;

	if (end->node->role != ROLE_VPN_GATEWAY || !port)
		return;
	step = add_rule(plan, end, FIRST_OUT_RULE + n, FIRST_OUT_TABLE + n);
	(void)snprintf(step->rule.iif, sizeof(step->rule.iif), "%s", link->name);
	plan_add_route(plan, end->node->name, FIRST_OUT_TABLE + n, ROUTE_UNICAST, any, end->pos);
	plan_add_nexthop(plan, subnet_router_ip(port->subnet), port->ifindex, port->name);
}

static void compile_by_node(struct plan *plan, const struct tunnel_end *end)
{
	struct daemon_link pair;

	daemon_link_init(&pair, end);
	add_link(plan, &pair);
	plan_add_address(plan, &pair.daemon, prefix_host(end->local));
	add_way_out(plan, &pair.daemon);
	add_way_in(plan, end, &pair.node);
	add_gateway_way_out(plan, end, &pair.node);
}

/* ---- by a cable ---- */

static const struct interface *cable_end(const struct tunnel_end *end)
{
	return end->cable->ends[end->cable->ends[0]->tunnel != end];
}

static void compile_by_cable(struct plan *plan, const struct tunnel_end *end)
{
	const struct interface *wan = cable_end(end);
	struct device device = { end->name, wan->ifindex, wan->name, end->pos };

	if (wan == end->cable->ends[0])
		plan_add_cable(plan, end->cable);
	plan_add_address(plan, &device, prefix_host(end->local));
	plan_add_route(plan, end->name, TABLE_MAIN, ROUTE_UNICAST, prefix_host(end->remote),
		       end->pos);
	plan_add_nexthop(plan, (struct ip){ 0 }, wan->ifindex, wan->name);
}

/* ---- what is inside ---- */

/* Routes of the guest's own whose next hop is the other end; its gateway's are told by BGP. */
static plan_text_id add_guest_routes(struct plan *plan, const struct tunnel_end *end)
{
	size_t count;
	const struct guest_route *routes = node_guest_routes(end->node, &count);
	plan_text_id id;
	struct text_file file;
	FILE *out = text_open(&file);

	for (size_t i = 0; i < count; i++)
		if (ip_equal(routes[i].next_hop, end->interface->peer_ip))
			(void)fprintf(out, "%s%s", ftell(out) ? " " : "",
				      prefix_print(routes[i].prefix).text);
	id = plan_add_text(plan, text_close(&file));
	free(file.text);
	return id;
}

void compile_tunnel_device(struct plan *plan, const struct tunnel_end *end, bool is_up)
{
	plan_text_id node = plan_add_text(plan, end->node->name);
	plan_text_id routes = add_guest_routes(plan, end);
	struct step *step = plan_add_step(plan, STEP_TUNNEL, end->name, end->pos);

	step->tunnel.end.ns = node;
	step->tunnel.end.ifindex = end->interface->ifindex;
	memcpy(step->tunnel.end.name, end->interface->name, sizeof(step->tunnel.end.name));
	step->tunnel.wan_ifindex = end->cable ? cable_end(end)->ifindex : WAN_IFINDEX;
	step->tunnel.mtu = TUNNEL_MTU;
	step->tunnel.local = end->interface->ip;
	step->tunnel.peer = end->interface->peer_ip;
	step->tunnel.routes = routes;
	step->tunnel.is_up = is_up;
}

/* ---- the daemon ---- */

/* `conf`: the file's name in the daemon's /run. */
static void add_config(struct plan *plan, const struct tunnel_end *end, const char *wan,
		       enum timers timers, const char *run, const char *conf)
{
	struct text_file file;
	char path[300];

	strongswan_conf_print(end, wan, timers, text_open(&file));
	(void)snprintf(path, sizeof(path), "%s/%s", run, conf);
	plan_add_file(plan, path, text_close(&file), end->pos);
	free(file.text);
}

/*
 * Charon asks for its interface when it starts, and its device goes with that: with another one it
 * is another daemon, by the name of its file.
 */
static void add_daemon(struct plan *plan, const struct tunnel_end *end, enum timers timers,
		       bool is_inside)
{
	const char *wan = end->cable ? cable_end(end)->name : TUNNEL_WAN;
	char run[200], control[300], conf[64], environment[100];
	struct daemon_spec daemon = {
		.name = end->name,
		.argv = "charon",
		.control = control,
		.run = run,
		.environment = environment,
	};

	(void)snprintf(run, sizeof(run), RUN_TUNNEL, end->name);
	(void)snprintf(control, sizeof(control), "%s/" STRONGSWAN_VICI_SOCKET, run);
	(void)snprintf(conf, sizeof(conf), "%s." STRONGSWAN_CONF, wan);
	(void)snprintf(environment, sizeof(environment), "STRONGSWAN_CONF=/run/%s", conf);
	add_config(plan, end, wan, timers, run, conf);
	if (is_inside) { /* the kernel of its image does IPsec; of the host's the engine knows */
		char backend[300];

		(void)snprintf(backend, sizeof(backend), "%s/" STRONGSWAN_BACKEND_CONF, run);
		plan_add_file(plan, backend, strongswan_backend_conf(true), end->pos);
	}
	plan_add_daemon(plan, end->name, &daemon, end->pos);
}

/* ---- all of it ---- */

static void add_nft(struct plan *plan, const struct lab *lab, const struct node *node,
		    bool keeps_ttl)
{
	struct text_file file;

	nft_tunnel_print(lab, node, keeps_ttl, text_open(&file));
	plan_add_table(plan, node->name, TUNNEL_NFT, text_close(&file), node->pos);
	free(file.text);
}

/* Of those by the node itself, or of all of its ends? */
static bool is_first(const struct topology *topology, size_t index, bool is_by_node)
{
	const struct tunnel_end *end = topology->tunnel_ends.items[index];

	if (is_by_node && end->cable)
		return false;
	for (size_t i = 0; i < index; i++)
		if (topology->tunnel_ends.items[i]->node == end->node &&
		    (!is_by_node || !topology->tunnel_ends.items[i]->cable))
			return false;
	return true;
}

/* What a node with tunnels has once. */
static void compile_node(struct plan *plan, const struct topology *topology, size_t index)
{
	const struct tunnel_end *end = topology->tunnel_ends.items[index];
	bool keeps_ttl = topology->lab->semantics.vpn_gateway_ttl.value == VPN_GATEWAY_TTL_KEPT;

	if (is_first(topology, index, true)) /* that for its own addresses has to make room */
		add_rule(plan, end, LOCAL_RULE, TABLE_LOCAL)->rule.is_local = true;
	if (is_first(topology, index, false))
		add_nft(plan, topology->lab, end->node,
			keeps_ttl && end->node->role == ROLE_VPN_GATEWAY);
}

void compile_tunnels(struct plan *plan, const struct topology *topology, const struct node *router)
{
	enum timers timers = (enum timers)topology->lab->timers.value;

	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = topology->tunnel_ends.items[i];

		if (!compile_is_for(end->node, router))
			continue;
		(void)plan_add_step(plan, STEP_NAMESPACE, end->name, end->pos);
		if (end->cable)
			compile_by_cable(plan, end);
		else
			compile_by_node(plan, end);
		compile_tunnel_device(plan, end, false);
		add_daemon(plan, end, timers, router != NULL);
		compile_node(plan, topology, i);
	}
}
