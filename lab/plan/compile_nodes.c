/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines: their namespaces, what joins them to the fabric and to each other, their routes. */
#include "lab/plan/compile.h"

#include "lab/plan/fabric_ids.h"

#include <math.h>
#include <string.h>

#define ETHERNET_MTU 1500 /* R9.10 */
#define TABLE_MAIN   254

static const struct prefix any = { .addr.family = IP_V4 };
static const struct prefix any6 = { .addr.family = IP_V6 };

static struct link_end node_end(struct plan *plan, const struct interface *interface)
{
	struct link_end end = { .ns = plan_add_text(plan, interface->node->name),
				.ifindex = interface->ifindex };

	memcpy(end.name, interface->name, sizeof(end.name));
	memcpy(end.mac, interface->mac, sizeof(end.mac));
	return end;
}

static void add_port(struct plan *plan, const struct interface *port)
{
	struct link_end b = node_end(plan, port);
	struct link_end a = { .ns = plan_add_text(plan, FABRIC_NS), .ifindex = port->port_ifindex };
	struct step *step = plan_add_step(plan, STEP_VETH, FABRIC_NS, port->pos);

	memcpy(a.name, port->port_name, sizeof(a.name));
	memcpy(a.mac, azure_mac, sizeof(a.mac));
	step->veth.a = a;
	step->veth.b = b;
	step->veth.mtu = ETHERNET_MTU;
	step->veth.is_port = true;
	/* the kernel brings up only the first end while it makes a pair */
	step = plan_add_step(plan, STEP_UP, port->node->name, port->pos);
	step->up.ifindex = port->ifindex;
	memcpy(step->up.dev, port->name, sizeof(step->up.dev));
}

static void add_cable(struct plan *plan, const struct cable *cable)
{
	struct link_end a = node_end(plan, cable->ends[0]), b = node_end(plan, cable->ends[1]);
	struct step *step = plan_add_step(plan, STEP_CABLE, cable->ends[0]->node->name, cable->pos);

	step->cable.a = a;
	step->cable.b = b;
	step->cable.mtu = ETHERNET_MTU;
	step->cable.delay_us = (uint32_t)lround(cable->delay_ms * 1000);
	step->cable.loss_ppm = (uint32_t)lround(cable->loss_percent * 10000);
	step->cable.rate_bps = (uint64_t)llround(cable->rate_mbps * 1e6);
}

static void add_address(struct plan *plan, const struct interface *interface, struct ip ip)
{
	struct step *step =
		plan_add_step(plan, STEP_ADDRESS, interface->node->name, interface->pos);

	step->address.ifindex = interface->ifindex;
	memcpy(step->address.dev, interface->name, sizeof(step->address.dev));
	step->address.prefix = interface_prefix(interface, ip);
}

static void add_addresses(struct plan *plan, const struct interface *interface)
{
	add_address(plan, interface, interface->ip);
	for (size_t i = 0; i < interface->more.count; i++)
		add_address(plan, interface, interface->more.items[i]);
}

/*
 * What guests get by DHCP in Azure (R9.2); gateway instances use the fabric as VMs do. The router
 * is a permanent neighbour: those that are learned have one table for all namespaces of the host,
 * of 1024 entries, which a lab of a thousand machines would fill.
 */
static void add_router(struct plan *plan, const struct interface *interface, struct ip ip)
{
	struct step *step =
		plan_add_step(plan, STEP_NEIGHBOUR, interface->node->name, interface->pos);

	step->neighbour.ifindex = interface->ifindex;
	memcpy(step->neighbour.dev, interface->name, sizeof(step->neighbour.dev));
	step->neighbour.ip = ip;
	memcpy(step->neighbour.mac, azure_mac, sizeof(step->neighbour.mac));
}

static void add_default_route(struct plan *plan, const struct interface *interface)
{
	add_router(plan, interface, subnet_router_ip(interface->subnet));
	plan_add_route(plan, interface->node->name, TABLE_MAIN, ROUTE_UNICAST, any, interface->pos);
	plan_add_nexthop(plan, subnet_router_ip(interface->subnet), interface->ifindex,
			 interface->name);
}

static void add_route_by(struct plan *plan, const struct interface *interface, struct prefix prefix,
			 struct src_pos pos)
{
	plan_add_route(plan, interface->node->name, TABLE_MAIN, ROUTE_UNICAST, prefix, pos);
	plan_add_nexthop(plan, azure_link_local.addr, interface->ifindex, interface->name);
}

/* By the first NIC that has IPv6; to the subnets of others by these. */
static void add_ipv6_routes(struct plan *plan, const struct node *node)
{
	bool has_default = false;

	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface_ip(interface, IP_V6).family == IP_NONE)
			continue;
		add_router(plan, interface, azure_link_local.addr);
		add_route_by(plan, interface,
			     has_default ? interface_network(interface, IP_V6) : any6,
			     interface->pos);
		has_default = true;
	}
}

static void add_ipv6_sysctls(struct plan *plan, const struct node *node)
{
	/* what a NIC has from birth comes from "default" */
	plan_add_sysctl(plan, node->name, "net/ipv6/conf/default/accept_ra", "0");
	if (node->role != ROLE_NVA)
		return;
	plan_add_sysctl(plan, node->name, "net/ipv6/conf/all/forwarding", "1");
	plan_add_sysctl(plan, node->name, "net/ipv6/fib_multipath_hash_policy",
			MULTIPATH_BY_FIELDS);
	plan_add_sysctl(plan, node->name, "net/ipv6/fib_multipath_hash_fields", MULTIPATH_FIELDS);
	plan_add_sysctl(plan, node->name, "net/ipv6/icmp/ratelimit", "0");
}

static void add_router_sysctls(struct plan *plan, const char *ns)
{
	static const char *const settings[][2] = {
		{ "net/ipv4/ip_forward", "1" },
		{ "net/ipv4/conf/all/rp_filter", "0" },
		{ "net/ipv4/conf/default/rp_filter", "0" },
		{ "net/ipv4/conf/all/send_redirects", "0" },
		{ "net/ipv4/conf/default/send_redirects", "0" },
		{ "net/ipv4/fib_multipath_hash_policy", MULTIPATH_BY_FIELDS },
		{ "net/ipv4/fib_multipath_hash_fields", MULTIPATH_FIELDS },
		{ "net/ipv4/icmp_ratelimit", "0" }, /* else traceroute shows gaps */
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		plan_add_sysctl(plan, ns, settings[i][0], settings[i][1]);
}

/* The inbound ER gateway takes one from the TTL but does not answer (R6.10, R6.11). */
static void add_silence(struct plan *plan, const struct node *node)
{
	plan_text_id table = plan_add_text(plan, "ip hublab");
	plan_text_id text = plan_add_text(plan, "\tchain c_output {\n"
						"\t\ttype filter hook output priority 0;\n"
						"\t\ticmp type time-exceeded drop\n"
						"\t}\n");
	struct step *step = plan_add_step(plan, STEP_NFT, node->name, node->pos);

	step->nft.table = table;
	step->nft.text = text;
}

static bool is_router(const struct node *node)
{
	return node->role != ROLE_VM && node->role != ROLE_PRIVATE_ENDPOINT;
}

static bool has_ipv6(const struct node *node)
{
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (interface_ip(node->interfaces.items[i], IP_V6).family != IP_NONE)
			return true;
	return false;
}

/*
 * What an NVA's owner wrote into it. The fabric ignores which neighbour is meant (R9.2), and by
 * IPv6 it has one only.
 */
static void add_guest_routes(struct plan *plan, const struct node *node)
{
	for (size_t i = 0; i < node->vm->routes.count; i++) {
		const struct guest_route *route = &node->vm->routes.items[i];

		for (size_t n = 0; n < node->interfaces.count; n++) {
			const struct interface *interface = node->interfaces.items[n];

			if (interface->nic != route->nic)
				continue;
			if (route->prefix.addr.family == IP_V6) {
				add_route_by(plan, interface, route->prefix, route->object.pos);
				continue;
			}
			plan_add_route(plan, node->name, TABLE_MAIN, ROUTE_UNICAST, route->prefix,
				       route->object.pos);
			plan_add_nexthop(plan, route->next_hop, interface->ifindex,
					 interface->name);
		}
	}
}

static void compile_node(struct plan *plan, const struct node *node)
{
	(void)plan_add_step(plan, STEP_NAMESPACE, node->name, node->pos);
	if (is_router(node))
		add_router_sysctls(plan, node->name);
	if (has_ipv6(node))
		add_ipv6_sysctls(plan, node);
	if (node->role == ROLE_PRIVATE_ENDPOINT) /* it is for TCP (R2.11) */
		plan_add_sysctl(plan, node->name, "net/ipv4/icmp_echo_ignore_all", "1");
	if (node->role == ROLE_ER_GATEWAY)
		add_silence(plan, node);
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface->subnet)
			add_port(plan, interface);
		add_addresses(plan, interface);
	}
	if (node->interfaces.count && node->interfaces.items[0]->subnet && node->role != ROLE_MSEE)
		add_default_route(plan, node->interfaces.items[0]);
	add_ipv6_routes(plan, node);
	if (node->vm)
		add_guest_routes(plan, node);
}

void compile_nodes(struct plan *plan, const struct topology *topology)
{
	for (size_t i = 0; i < topology->nodes.count; i++)
		compile_node(plan, topology->nodes.items[i]);
	for (size_t i = 0; i < topology->cables.count; i++)
		add_cable(plan, topology->cables.items[i]);
}
