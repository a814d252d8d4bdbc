/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LANs of branches: a bridge in the router, which has the first address, and a link from it to each
 * host. MAC addresses are by the numbers that interfaces have in the router: within the LAN each is
 * another.
 */
#include "lab/model/topology_parts.h"

#define MAC_OF_LANS 0x6e

static void add_branch_host(struct builder *b, const struct vm *vm, const struct interface *bridge)
{
	struct node *node = topology_add_node(b, ROLE_BRANCH_HOST, vm->object.name, vm->object.pos);
	const struct nic *nic = &vm->network_interfaces.items[0];
	const char *key = arena_printf(b->t->arena, "lan %s", vm->branch->object.name);
	const struct interface *before = topology_recall(b, "interface %s %s", node->name, key);
	struct interface *link = topology_add_interface(b, node, INTERFACE_LAN, "eth", key, nic->ip,
							bridge->prefix_len, nic->object.pos);

	node->vm = vm;
	node->branch = vm->branch;
	link->nic = nic;
	link->bridge = bridge;
	topology_name_port(b, link, before);
	topology_give_mac(link, MAC_OF_LANS, link->port_ifindex);
}

void topology_add_lan(struct builder *b, struct node *router)
{
	const struct branch *branch = router->branch;
	const struct lab *lab = b->t->lab;
	struct interface *bridge = topology_add_interface(
		b, router, INTERFACE_LAN, "lan", "lan", branch_lan_ip(branch, 0),
		branch->lan.items[0].prefix.len, branch->lan.items[0].pos);

	topology_give_mac(bridge, MAC_OF_LANS, bridge->ifindex);
	for (size_t i = 0; i < lab->vms.count; i++)
		if (lab->vms.items[i].branch == branch)
			add_branch_host(b, &lab->vms.items[i], bridge);
}
