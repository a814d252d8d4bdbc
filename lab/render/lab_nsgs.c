/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/lab_nsgs.h"

#include "lab/base/macros.h"
#include "lab/model/nsg.h"

#include <assert.h>
#include <stdbool.h>

#define EACH_NIC 4u /* of so many NICs one has an NSG of its own */

unsigned lab_nsg_of_network(struct lab_file_size size, unsigned network)
{
	return (network + size.nsgs - 1) % size.nsgs + 1;
}

/* 0 when it has none. */
static unsigned nsg_of_nic(struct lab_file_size size, unsigned spoke, unsigned vm)
{
	unsigned nic = spoke + vm;

	return nic % EACH_NIC ? 0 : nic / EACH_NIC % size.nsgs + 1;
}

/* A group is of one virtual network (ASG-03), and so are those of a rule: each NSG has one. */
static unsigned count_groups(struct lab_file_size size)
{
	return size.nsgs < size.spokes ? size.nsgs : size.spokes;
}

static unsigned group_of_nsg(struct lab_file_size size, unsigned nsg)
{
	unsigned count = count_groups(size);

	assert(count); /* lab_file_check() asks for a spoke, and there is an NSG */
	return (nsg - 1) % count + 1;
}

static bool has_group(struct lab_file_size size, unsigned spoke, unsigned vm)
{
	return spoke <= count_groups(size) && vm % 2;
}

/* ---- rules ---- */

#define KINDS 8

/* Each prefix, port and tag another one than that of the rules before, as far as there are some. */
static void write_rule(struct lab_file_size size, unsigned nsg, unsigned rule, FILE *out)
{
	static const char *const tags[] = { "Storage",       "Sql.EastUS", "AzureMonitor",
					    "AzureKeyVault", "AzureCloud", "EventHub.WestEurope" };
	unsigned port = 1000 + rule, byte = rule / KINDS % 256;

	(void)fprintf(out, "      rule%u: %u ", rule + 1, PRIORITY_FIRST + rule);
	switch (rule % KINDS) {
	case 0:
		(void)fprintf(out, "Inbound Allow Tcp 10.%u.%u.0/24 -> *:80,%u\n", nsg % 256, byte,
			      port);
		return;
	case 1:
		(void)fprintf(out, "Inbound Allow Tcp Internet -> *:%u-%u\n", port, port + 9);
		return;
	case 2:
		(void)fprintf(out, "Inbound Deny * 198.51.%u.0/24,203.0.113.%u -> *\n", byte, byte);
		return;
	case 3:
		(void)fprintf(out, "Inbound Allow Tcp VirtualNetwork -> spoke%u-odd:%u\n",
			      group_of_nsg(size, nsg), port);
		return;
	case 4:
		(void)fprintf(out, "Outbound Allow Tcp * -> %s:443,%u\n",
			      tags[rule / KINDS % ARRAY_SIZE(tags)], port);
		return;
	case 5:
		(void)fprintf(out, "Outbound Deny Tcp * -> 192.0.2.%u:25,%u\n", byte, port);
		return;
	case 6:
		(void)fprintf(out, "Outbound Allow Udp spoke%u-odd -> 10.0.0.0/8:%u\n",
			      group_of_nsg(size, nsg), port);
		return;
	case 7:
		(void)fprintf(out, "Inbound Allow Udp 172.16.%u.0/24:%u -> *:%u-%u\n", byte, port,
			      port, port + 99);
		return;
	}
}

void lab_nsgs_write(struct lab_file_size size, FILE *out)
{
	(void)fprintf(out, "\napplication_security_groups:\n");
	for (unsigned i = 1; i <= count_groups(size); i++)
		(void)fprintf(out, "  spoke%u-odd: {}\n", i);
	(void)fprintf(out, "\nnetwork_security_groups:\n");
	for (unsigned nsg = 1; nsg <= size.nsgs; nsg++) {
		(void)fprintf(out, "  nsg%u:\n    security_rules:\n", nsg);
		for (unsigned rule = 0; rule < size.rules; rule++)
			write_rule(size, nsg, rule, out);
	}
}

/* ---- machines ---- */

static void write_vm(struct lab_file_size size, unsigned spoke, unsigned vm, FILE *out)
{
	unsigned nsg = nsg_of_nic(size, spoke, vm);
	bool is_plain = !nsg && !has_group(size, spoke, vm);

	(void)fprintf(out,
		      is_plain ? "  spoke%u-vm%u: spoke%u/default"
			       : "  spoke%u-vm%u: { subnet: spoke%u/default",
		      spoke, vm, spoke);
	if (nsg)
		(void)fprintf(out, ", network_security_group: nsg%u", nsg);
	if (has_group(size, spoke, vm))
		(void)fprintf(out, ", application_security_groups: spoke%u-odd", spoke);
	(void)fprintf(out, is_plain ? "\n" : " }\n");
}

void lab_nsgs_write_vms(struct lab_file_size size, FILE *out)
{
	(void)fprintf(out, "  hub-vm: hub/default\n");
	for (unsigned spoke = 1; spoke <= size.spokes; spoke++)
		for (unsigned vm = 1; vm <= size.spoke_vms; vm++)
			write_vm(size, spoke, vm, out);
}

/* ---- values ---- */

/* A key and its value, and the keys of a mapping in the place of a scalar. */
#define PAIR 2ul

unsigned long lab_nsgs_values(struct lab_file_size size)
{
	unsigned long values = PAIR + PAIR * count_groups(size) + PAIR +
			       size.nsgs * (PAIR + PAIR + PAIR * size.rules) +
			       (1ul + size.spokes) * (PAIR + PAIR);

	for (unsigned spoke = 1; spoke <= size.spokes; spoke++)
		for (unsigned vm = 1; vm <= size.spoke_vms; vm++) {
			bool has_nsg = nsg_of_nic(size, spoke, vm);
			bool is_member = has_group(size, spoke, vm);

			if (has_nsg || is_member)
				values += PAIR + PAIR * has_nsg + PAIR * is_member;
		}
	return values;
}
