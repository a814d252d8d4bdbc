/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests of libvirt: a port of the fabric for each NIC, and what the kernel of their image is told
 * on its command line. netns/guest/image/init is who reads it. An image of the user's is told the
 * same by the files that cloud-init reads.
 */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"
#include "lab/plan/fabric_ids.h"
#include "lab/plan/guest_routes.h"
#include "lab/render/cloud_init.h"

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

static void print_route(void *arg, const struct interface *interface, struct prefix prefix,
			struct ip via)
{
	(void)fprintf(arg, " hublab.route=%s,%s,%s", interface->name,
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
	guest_routes_each(node, print_route, out);
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

static void add_seed(struct plan *plan, const struct node *node, struct step *step)
{
	const struct interface *first = node->interfaces.items[0];
	struct cloud_init texts;
	const struct {
		const char *name;
		char **text;
	} files[] = { { "meta-data", &texts.meta_data },
		      { "user-data", &texts.user_data },
		      { "network-config", &texts.network_config } };
	char text[200];

	cloud_init_print(node, &texts);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		(void)snprintf(text, sizeof(text), RUN_GUEST_SEED "/%s", node->name, files[i].name);
		plan_add_file(plan, text, *files[i].text, node->pos);
	}
	step->guest.seed = plan_add_text(plan, texts.instance_id);
	step->guest.image = plan_add_text(plan, node->vm->image_path);
	(void)snprintf(text, sizeof(text), "%s %s", ip_print(first->ip).text,
		       ip_print(plan_router_ip(first)).text);
	step->guest.addresses = plan_add_text(plan, text);
	step->guest.boot_timeout_ms = (uint32_t)node->vm->boot_timeout_ms.value;
	step->guest.is_uefi = node->vm->firmware.value == FIRMWARE_UEFI;
	cloud_init_fini(&texts);
}

void compile_libvirt(struct plan *plan, const struct node *node)
{
	struct step guest = { 0 }, *step;

	guest.guest.ports = add_ports(plan, node);
	guest.guest.memory_mb = (uint32_t)node->vm->memory_mb.value;
	guest.guest.vcpus = (uint32_t)node->vm->vcpus.value;
	if (node->vm->image_path)
		add_seed(plan, node, &guest);
	else
		guest.guest.command_line = add_command_line(plan, node);
	for (size_t i = 0; i < node->interfaces.count; i++)
		if (is_port(node->interfaces.items[i]))
			add_tap(plan, node->interfaces.items[i]);
	step = plan_add_step(plan, STEP_GUEST, node->name, node->pos);
	step->guest = guest.guest;
	step->guest.is_router = node_is_guest_router(node);
}
