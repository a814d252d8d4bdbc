/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fabric: one namespace that is all of Azure's network. It has no address. Every port answers
 * ARP for every address; a mark set from the port chooses the table, and tables say where a packet
 * goes; a delivery table for each virtual network knows every port it can reach. IPv6 has the same
 * marks and numbers of tables; in the place of ARP, ports have one link-local address.
 */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"
#include "lab/plan/fabric_ids.h"
#include "lab/render/nft_fabric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOPBACK_IFINDEX  1
#define DUMMY_ADDRESS     "192.0.0.8/32"
#define TABLE_PRIORITY    100   /* of the rules that choose fabric tables */
#define DELIVERY_PRIORITY 20000 /* of those that choose delivery tables, after; main is 32766 */

#define FLOW_TIMEOUT_S "240" /* of flows that idle (NSG-19) */

static const struct prefix any = { .addr.family = IP_V4 };
static const struct prefix any6 = { .addr.family = IP_V6 };

static void add_sysctls(struct plan *plan, bool has_ipv6)
{
	/* what a port has from birth comes from "default"; all stand before the ports are made */
	static const char *const settings[][2] = {
		{ "net/ipv4/ip_forward", "1" },
		{ "net/ipv4/conf/all/rp_filter", "0" },
		{ "net/ipv4/conf/default/rp_filter", "0" },
		{ "net/ipv4/conf/all/send_redirects", "0" },
		{ "net/ipv4/conf/default/send_redirects", "0" },
		{ "net/ipv4/conf/default/proxy_arp", "1" },
		{ "net/ipv4/conf/default/proxy_arp_pvlan", "1" },
		{ "net/ipv4/fib_multipath_hash_policy", MULTIPATH_BY_FIELDS },
		{ "net/ipv4/fib_multipath_hash_fields", MULTIPATH_FIELDS },
		{ "net/netfilter/nf_conntrack_acct", "1" }, /* for the flow log */
		{ "net/netfilter/nf_conntrack_tcp_timeout_established", FLOW_TIMEOUT_S },
		{ "net/netfilter/nf_conntrack_udp_timeout", FLOW_TIMEOUT_S },
		{ "net/netfilter/nf_conntrack_udp_timeout_stream", FLOW_TIMEOUT_S },
		{ "net/netfilter/nf_conntrack_generic_timeout", FLOW_TIMEOUT_S },
	};
	static const char *const no_ipv6[][2] = {
		{ "net/ipv6/conf/all/disable_ipv6", "1" },
		{ "net/ipv6/conf/default/disable_ipv6", "1" },
	};
	/* "all" is for ports that are there already, when IPv6 comes later: what it says is theirs
	 */
	static const char *const ipv6[][2] = {
		{ "net/ipv6/conf/all/addr_gen_mode", "1" }, /* no addresses but those we give */
		{ "net/ipv6/conf/default/addr_gen_mode", "1" },
		{ "net/ipv6/conf/all/disable_ipv6", "0" },
		{ "net/ipv6/conf/default/disable_ipv6", "0" },
		{ "net/ipv6/conf/all/forwarding", "1" },
		{ "net/ipv6/fib_multipath_hash_policy", MULTIPATH_BY_FIELDS },
		{ "net/ipv6/fib_multipath_hash_fields", MULTIPATH_FIELDS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		plan_add_sysctl(plan, FABRIC_NS, settings[i][0], settings[i][1]);
	for (size_t i = 0; !has_ipv6 && i < ARRAY_SIZE(no_ipv6); i++)
		plan_add_sysctl(plan, FABRIC_NS, no_ipv6[i][0], no_ipv6[i][1]);
	for (size_t i = 0; has_ipv6 && i < ARRAY_SIZE(ipv6); i++)
		plan_add_sysctl(plan, FABRIC_NS, ipv6[i][0], ipv6[i][1]);
}

/* ARP look-ups carry no mark, so they use the main table: its default must be some interface. */
static void add_stand_in(struct plan *plan)
{
	struct step *step = plan_add_step(plan, STEP_BRIDGE, FABRIC_NS, (struct src_pos){ 0 });

	(void)snprintf(step->bridge.end.name, sizeof(step->bridge.end.name), STAND_IN);
	step->bridge.end.ifindex = STAND_IN_IFINDEX;
	plan_add_route(plan, FABRIC_NS, TABLE_MAIN, ROUTE_UNICAST, any, (struct src_pos){ 0 });
	plan_add_nexthop(plan, (struct ip){ 0 }, STAND_IN_IFINDEX, STAND_IN);
}

/*
 * For each next hop the kernel looks for a source address on every device, until it finds one: with
 * none at all a route takes as long as there are ports. This one is nobody's (RFC 7600).
 */
static void add_dummy_address(struct plan *plan)
{
	static const struct device loopback = { FABRIC_NS, LOOPBACK_IFINDEX, "lo", { 0 } };
	struct prefix prefix;

	if (!prefix_parse(DUMMY_ADDRESS, &prefix))
		abort();
	plan_add_address(plan, &loopback, prefix);
}

static void add_delivery_of(struct plan *plan, const struct network *network,
			    const struct interface *port, struct ip ip)
{
	if (ip.family == IP_V6 && !vnet_has_ipv6(network->vnet))
		return;
	plan_add_route(plan, FABRIC_NS, delivery_table_id(network), ROUTE_UNICAST, prefix_host(ip),
		       port->pos);
	plan_add_nexthop(plan, (struct ip){ 0 }, port->port_ifindex, port->port_name);
}

static void add_delivery(struct plan *plan, const struct network *network,
			 const struct interface *port)
{
	add_delivery_of(plan, network, port, port->ip);
	for (size_t i = 0; i < port->more.count; i++)
		add_delivery_of(plan, network, port, port->more.items[i]);
}

/*
 * A port can be reached from its own virtual network and from those peered with it, a host of the
 * Internet from all.
 */
static void add_port(struct plan *plan, const struct topology *topology,
		     const struct interface *port)
{
	const struct vnet *vnet = port->subnet->vnet;
	struct device device = device_of_port(port);

	/* what guests send goes to this; it is the same on all ports, each being a link */
	if (interface_ip(port, IP_V6).family != IP_NONE)
		plan_add_address(plan, &device, azure_link_local);
	plan_add_neighbour(plan, &device, port->ip, port->mac);
	for (size_t i = 0; i < port->more.count; i++)
		plan_add_neighbour(plan, &device, port->more.items[i], port->mac);
	if (port->kind == INTERFACE_MSEE)
		plan_add_neighbour(plan, &device, port->node->circuit->msee_ip[port->node->path],
				   port->mac);
	add_delivery(plan, port->network, port);
	for (size_t i = 0; vnet->is_internet && i < topology->networks.count; i++)
		if (&topology->networks.items[i] != port->network)
			add_delivery(plan, &topology->networks.items[i], port);
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].state == PEERING_CONNECTED)
			add_delivery(
				plan,
				topology_network(topology, vnet->peerings.items[i].remote_vnet),
				port);
}

static void add_rule(struct plan *plan, enum ip_family family, uint32_t priority, uint32_t mark,
		     uint32_t mask, uint32_t table, struct src_pos pos)
{
	struct step *step = plan_add_step(plan, STEP_RULE, FABRIC_NS, pos);

	step->rule.family = family;
	step->rule.priority = priority;
	step->rule.mark = mark;
	step->rule.mask = mask;
	step->rule.table = table;
}

static void add_rules(struct plan *plan, const struct topology *topology, enum ip_family family)
{
	for (size_t i = 0; i < topology->tables.count; i++) {
		const struct fabric_table *table = topology->tables.items[i];

		if (fabric_table_has(table, family))
			add_rule(plan, family, TABLE_PRIORITY + table->number, table->number,
				 MARK_TABLE_MASK, fabric_table_id(table),
				 table->subnet->object.pos);
	}
	for (size_t i = 0; i < topology->networks.count; i++) {
		const struct network *network = &topology->networks.items[i];

		if (family == IP_V6 && !vnet_has_ipv6(network->vnet))
			continue;
		add_rule(plan, family, DELIVERY_PRIORITY + network->number,
			 network->number << MARK_VNET_SHIFT, MARK_VNET_MASK,
			 delivery_table_id(network), network->vnet->object.pos);
		/* what is not delivered here goes nowhere: no other network's table is asked */
		plan_add_route(plan, FABRIC_NS, delivery_table_id(network), ROUTE_BLACKHOLE,
			       family == IP_V6 ? any6 : any, network->vnet->object.pos);
	}
}

static void add_firewall(struct plan *plan, const struct topology *topology, enum ip_family family)
{
	const char *table = family == IP_V6 ? FABRIC_NFT6 : FABRIC_NFT;
	struct text_file file;

	nft_fabric_print_fixed(family, text_open(&file));
	plan_add_table(plan, FABRIC_NS, table, text_close(&file), (struct src_pos){ 0 });
	free(file.text);
	nft_fabric_print(topology, family, text_open(&file));
	plan_add_blocks(plan, FABRIC_NS, table, text_close(&file), (struct src_pos){ 0 });
	free(file.text);
}

void compile_fabric(struct plan *plan, const struct topology *topology)
{
	bool has_ipv6 = lab_has_ipv6(topology->lab);

	(void)plan_add_step(plan, STEP_NAMESPACE, FABRIC_NS, (struct src_pos){ 0 });
	add_sysctls(plan, has_ipv6);
	add_stand_in(plan);
	add_dummy_address(plan);
	for (size_t i = 0; i < topology->ports.count; i++)
		add_port(plan, topology, topology->ports.items[i]);
	add_rules(plan, topology, IP_V4);
	add_firewall(plan, topology, IP_V4);
	if (!has_ipv6) /* it costs nothing where it is not used */
		return;
	add_rules(plan, topology, IP_V6);
	add_firewall(plan, topology, IP_V6);
}
