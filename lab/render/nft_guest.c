/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/nft_guest.h"

static bool is_stateful(const struct node *node)
{
	return node->vm && node->vm->firewall.value == FIREWALL_STATEFUL;
}

bool nft_guest_is_needed(const struct node *node)
{
	return node->role == ROLE_NVA && (is_stateful(node) || node->vm->masquerade);
}

/* The kernel would take up a connection in its middle: so only what opens one is new. */
static void print_firewall(FILE *out)
{
	(void)fprintf(out, "\tchain c_forward {\n"
			   "\t\ttype filter hook forward priority 0; policy accept;\n"
			   "\t\tct state established,related accept\n"
			   "\t\tct state invalid drop\n"
			   "\t\ttcp flags & (fin | syn | rst | ack) != syn drop\n"
			   "\t}\n");
}

/* What has an address of its own, such as a tunnel's packets, keeps it. */
static void print_masquerade(const struct node *node, FILE *out)
{
	const char *comma = "";

	(void)fprintf(out, "\tchain c_postrouting {\n"
			   "\t\ttype nat hook postrouting priority 100; policy accept;\n");
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *port = node->interfaces.items[i];

		if (port->nic != node->vm->masquerade)
			continue;
		(void)fprintf(out, "\t\toifname \"%s\" ip saddr != { ", port->name);
		for (size_t n = 0; n < node->interfaces.count; n++) {
			if (node->interfaces.items[n]->kind != INTERFACE_NIC)
				continue;
			(void)fprintf(out, "%s%s", comma,
				      ip_print(node->interfaces.items[n]->ip).text);
			comma = ", ";
		}
		(void)fprintf(out, " } snat to %s\n", ip_print(port->ip).text);
	}
	(void)fprintf(out, "\t}\n");
}

void nft_guest_print(const struct node *node, FILE *out)
{
	if (is_stateful(node))
		print_firewall(out);
	if (node->vm->masquerade)
		print_masquerade(node, out);
}
