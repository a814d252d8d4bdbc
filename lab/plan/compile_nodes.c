/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines: their namespaces, what joins them to the fabric and to each other, their routes. */
#include "lab/plan/compile.h"

#include "lab/plan/fabric_ids.h"

static const struct prefix any = { .addr.family = IP_V4 };
static const struct prefix any6 = { .addr.family = IP_V6 };
/* Of a bridge's own ports: nobody sends them anything. */
static const uint8_t bridge_port_mac[MAC_SIZE] = { 0x02, 0x68, 0x6e, 0xff, 0xff, 0xff };

static void add_port(struct plan *plan, const struct interface *port)
{
	struct device inside = device_of(port), outside = device_of_port(port);
	struct link_end b = plan_link_end(plan, &inside, port->mac);
	struct link_end a =
		plan_link_end(plan, &outside, port->bridge ? bridge_port_mac : azure_mac);
	struct step *step = plan_add_step(plan, STEP_VETH, outside.ns, port->pos);

	step->veth.a = a;
	step->veth.b = b;
	step->veth.mtu = ETHERNET_MTU;
	step->veth.is_port = !port->bridge;
	step->veth.bridge = port->bridge ? port->bridge->ifindex : 0;
	/* the kernel brings up only the first end while it makes a pair */
	plan_add_up(plan, &inside, false);
}

/* Neighbours in a LAN are learned: what is there is Ethernet, and of nobody but the branch. */
static void add_bridge(struct plan *plan, const struct interface *lan)
{
	struct device device = device_of(lan);
	struct link_end end = plan_link_end(plan, &device, lan->mac);
	struct step *step = plan_add_step(plan, STEP_BRIDGE, device.ns, lan->pos);

	step->bridge.end = end;
	plan_add_up(plan, &device, false); /* as it is made: a fault takes this away */
}

static void add_addresses(struct plan *plan, const struct interface *interface)
{
	struct device device = device_of(interface);

	plan_add_address(plan, &device, interface_prefix(interface, interface->ip));
	for (size_t i = 0; i < interface->more.count; i++)
		plan_add_address(plan, &device,
				 interface_prefix(interface, interface->more.items[i]));
}

/*
 * What guests get by DHCP in Azure (R9.2); gateway instances use the fabric as VMs do. The router
 * is a permanent neighbour: those that are learned have one table for all namespaces of the host,
 * of 1024 entries, which a lab of a thousand machines would fill.
 */
static void add_router(struct plan *plan, const struct interface *interface, struct ip ip)
{
	struct device device = device_of(interface);

	plan_add_neighbour(plan, &device, ip, azure_mac);
}

/* A host of the Internet has its address alone, so its router has one of the link's. */
struct ip plan_router_ip(const struct interface *interface)
{
	if (interface->bridge)
		return interface->bridge->ip;
	if (interface->subnet->vnet->is_internet)
		return LINK_ROUTER;
	return subnet_router_ip(interface->subnet);
}

static void add_default_route(struct plan *plan, const struct interface *interface)
{
	struct ip router = plan_router_ip(interface);

	if (interface->subnet)
		add_router(plan, interface, router);
	plan_add_route(plan, interface->node->name, TABLE_MAIN, ROUTE_UNICAST, any, interface->pos);
	plan_add_nexthop(plan, router, interface->ifindex, interface->name);
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
	plan_add_table(plan, node->name, "ip hublab",
		       "\tchain c_output {\n"
		       "\t\ttype filter hook output priority 0;\n"
		       "\t\ticmp type time-exceeded drop\n"
		       "\t}\n",
		       node->pos);
}

static bool is_router(const struct node *node)
{
	return !node->endpoint && (!node->vm || node->role == ROLE_NVA);
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

			if (!route->nic || interface->nic != route->nic)
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

/* Its addresses, and the routes to its networks, are on its kernel's command line. */
void compile_router(struct plan *plan, const struct node *router)
{
	add_router_sysctls(plan, router->name);
	if (has_ipv6(router))
		add_ipv6_sysctls(plan, router);
	add_guest_routes(plan, router);
}

static void compile_node(struct plan *plan, const struct node *node)
{
	(void)plan_add_step(plan, STEP_NAMESPACE, node->name, node->pos);
	if (node->vm) /* who asks a closed port of UDP is always told so */
		plan_add_sysctl(plan, node->name, "net/ipv4/icmp_ratemask", "0");
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

		if (interface->kind == INTERFACE_TUNNEL)
			continue;
		if (interface->subnet || interface->bridge)
			add_port(plan, interface);
		else if (interface->kind == INTERFACE_LAN)
			add_bridge(plan, interface);
		add_addresses(plan, interface);
	}
	if (node->interfaces.count && node->role != ROLE_MSEE &&
	    (node->interfaces.items[0]->subnet || node->interfaces.items[0]->bridge))
		add_default_route(plan, node->interfaces.items[0]);
	add_ipv6_routes(plan, node);
	if (node->vm)
		add_guest_routes(plan, node);
}

void compile_nodes(struct plan *plan, const struct topology *topology)
{
	for (size_t i = 0; i < topology->nodes.count; i++)
		if (node_is_guest(topology->nodes.items[i]))
			compile_libvirt(plan, topology->nodes.items[i]);
		else
			compile_node(plan, topology->nodes.items[i]);
	for (size_t i = 0; i < topology->cables.count; i++)
		plan_add_cable(plan, topology->cables.items[i]);
}
