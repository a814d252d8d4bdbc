/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests of libvirt: a port of the fabric for each NIC, and what the kernel of their image is told
 * on its command line. netns/guest/image/init is who reads it.
 */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"
#include "lab/plan/fabric_ids.h"

#include <stdio.h>
#include <stdlib.h>

/* Nothing to guess, nothing to mitigate: it is a lab, and often every instruction is emulated. */
#define KERNEL_WORDS "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on"

/* The ends of its tunnels are in its own kernel. */
static bool is_port(const struct interface *interface)
{
	return interface->kind != INTERFACE_TUNNEL;
}

static void add_tap(struct plan *plan, const struct interface *port)
{
	struct device outside = device_of_port(port);
	struct link_end end = plan_link_end(plan, &outside, azure_mac);
	struct step *step = plan_add_step(plan, STEP_TAP, outside.ns, port->pos);

	step->tap.end = end;
	step->tap.mtu = ETHERNET_MTU;
}

static void print_route(FILE *out, const struct interface *interface, struct prefix prefix,
			struct ip via)
{
	(void)fprintf(out, " hublab.route=%s,%s,%s", interface->name,
		      prefix.len ? prefix_print(prefix).text : "default", ip_print(via).text);
}

static void print_addresses(FILE *out, const struct interface *interface)
{
	(void)fprintf(out, " hublab.address=%s,%s", interface->name,
		      prefix_print(interface_prefix(interface, interface->ip)).text);
	for (size_t i = 0; i < interface->more.count; i++)
		(void)fprintf(
			out, " hublab.address=%s,%s", interface->name,
			prefix_print(interface_prefix(interface, interface->more.items[i])).text);
}

/* By the first NIC that has the family; by IPv6 to the subnets of others by these. */
static void print_own_routes(FILE *out, const struct node *node)
{
	const struct prefix any = { .addr.family = IP_V4 }, any6 = { .addr.family = IP_V6 };
	const struct interface *first = node->interfaces.items[0];
	bool has_default = false;

	print_route(out, first, any, plan_router_ip(first));
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface_ip(interface, IP_V6).family == IP_NONE)
			continue;
		print_route(out, interface,
			    has_default ? interface_network(interface, IP_V6) : any6,
			    azure_link_local.addr);
		has_default = true;
	}
}

static void print_owners_routes(FILE *out, const struct node *node)
{
	for (size_t i = 0; i < node->vm->routes.count; i++) {
		const struct guest_route *route = &node->vm->routes.items[i];
		bool is_v6 = route->prefix.addr.family == IP_V6;

		for (size_t n = 0; n < node->interfaces.count; n++)
			if (route->nic && node->interfaces.items[n]->nic == route->nic)
				print_route(out, node->interfaces.items[n], route->prefix,
					    is_v6 ? azure_link_local.addr : route->next_hop);
	}
}

static plan_text_id add_command_line(struct plan *plan, const struct node *node)
{
	struct text_file file;
	FILE *out = text_open(&file);
	plan_text_id id;

	(void)fprintf(out, KERNEL_WORDS " hublab.name=%s", node->name);
	if (node->role == ROLE_NVA)
		(void)fprintf(out, " hublab.forward");
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (is_port(node->interfaces.items[i]))
			print_addresses(out, node->interfaces.items[i]);
	print_own_routes(out, node);
	if (!node_is_guest_router(node)) /* else they are told as they change */
		print_owners_routes(out, node);
	id = plan_add_text(plan, text_close(&file));
	free(file.text);
	return id;
}

static plan_text_id add_ports(struct plan *plan, const struct node *node)
{
	struct text_file file;
	FILE *out = text_open(&file);
	plan_text_id id;

	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *port = node->interfaces.items[i];
		struct device outside = device_of_port(port);

		if (!is_port(port))
			continue;
		(void)fprintf(out, "%s%s %s %s", i ? " " : "", outside.ns, outside.name,
			      mac_print(port->mac).text);
	}
	id = plan_add_text(plan, text_close(&file));
	free(file.text);
	return id;
}

void compile_libvirt(struct plan *plan, const struct node *node)
{
	plan_text_id ports = add_ports(plan, node), command_line = add_command_line(plan, node);
	struct step *step;

	for (size_t i = 0; i < node->interfaces.count; i++)
		if (is_port(node->interfaces.items[i]))
			add_tap(plan, node->interfaces.items[i]);
	step = plan_add_step(plan, STEP_GUEST, node->name, node->pos);
	step->guest.ports = ports;
	step->guest.command_line = command_line;
	step->guest.memory_mb = (uint32_t)node->vm->memory_mb.value;
	step->guest.is_router = node_is_guest_router(node);
}
