/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/lab_file.h"

#include "lab/render/lab_nsgs.h"
#include "lab/render/lab_parts.h"
#include "lab/yaml/doc.h"

#include <errno.h>

/* Values of a file, keys among them, as the reader counts, and how many more with ExpressRoute. */
#define VALUES            19ul
#define SPOKE_VALUES      14ul
#define VM_VALUES         2ul
#define MORE_VALUES       38ul
#define MORE_SPOKE_VALUES 8ul

/* More bytes than these are in no file: of a value, of a prefix and of a rule beyond that. */
#define VALUE_BYTES  20ul
#define PREFIX_BYTES 6ul
#define RULE_BYTES   44ul

static unsigned long common_values(struct lab_file_size size)
{
	return VALUES + (size.prefixes ? MORE_VALUES + size.prefixes : 0);
}

static unsigned long spoke_values(struct lab_file_size size)
{
	return SPOKE_VALUES + size.spoke_vms * VM_VALUES + (size.prefixes ? MORE_SPOKE_VALUES : 0);
}

static unsigned long bytes_at_most(struct lab_file_size size, unsigned long values)
{
	return (values + lab_nsgs_values(size)) * VALUE_BYTES + size.prefixes * PREFIX_BYTES +
	       1ul * size.nsgs * size.rules * RULE_BYTES;
}

int lab_file_check(struct lab_file_size size, struct err *err)
{
	unsigned long values;

	if (size.spokes < 1 || size.spokes > LAB_FILE_SPOKES_MAX)
		return err_set(
			err, -ERANGE,
			"there can be 1 to %u spokes: in 10.0.0.0/8 each takes a /24, and so "
			"does the hub",
			LAB_FILE_SPOKES_MAX);
	if (size.spoke_vms < 1 || size.spoke_vms > LAB_FILE_VMS_MAX)
		return err_set(err, -ERANGE,
			       "there can be 1 to %u VMs in a spoke: its subnet is a /25, of which "
			       "Azure keeps five addresses",
			       LAB_FILE_VMS_MAX);
	if (size.prefixes > LAB_FILE_PREFIXES_MAX)
		return err_set(
			err, -ERANGE,
			"there can be 0 to %u prefixes: an ExpressRoute circuit takes no more",
			LAB_FILE_PREFIXES_MAX);
	if (size.nsgs > LAB_FILE_NSGS_MAX)
		return err_set(err, -ERANGE,
			       "there can be 0 to %u NSGs: Azure has no more in a region",
			       LAB_FILE_NSGS_MAX);
	if (size.nsgs && (size.rules < 1 || size.rules > LAB_FILE_RULES_MAX))
		return err_set(err, -ERANGE,
			       "there can be 1 to %u rules in an NSG: Azure takes no more",
			       LAB_FILE_RULES_MAX);
	values = common_values(size) + size.spokes * spoke_values(size);
	if (size.nsgs && values + lab_nsgs_values(size) > DOC_VALUES_MAX)
		return err_set(err, -E2BIG,
			       "a lab file holds at most %d values, and this one would have %lu",
			       DOC_VALUES_MAX, values + lab_nsgs_values(size));
	if (size.nsgs && bytes_at_most(size, values) > DOC_BYTES_MAX)
		return err_set(err, -E2BIG,
			       "a lab file holds at most 4 MiB, and this one could have %lu",
			       bytes_at_most(size, values) >> 20);
	if (values > DOC_VALUES_MAX)
		return err_set(err, -E2BIG,
			       "a lab file holds at most %d values, and this one would have %lu: "
			       "with as many VMs there can be %lu spokes",
			       DOC_VALUES_MAX, values,
			       (DOC_VALUES_MAX - common_values(size)) / spoke_values(size));
	return 0;
}

/* The /24 of the hub (0) or of a spoke (from 1 on). */
static struct prefix space(unsigned index)
{
	return prefix_of(ip4(10u << 24 | index << 8), 24);
}

/* The hub (0) or a spoke (from 1 on). */
static struct part_network network_of(struct lab_file_size size, unsigned index)
{
	return (struct part_network){ .name = index ? NULL : "hub",
				      .space = space(index),
				      .has_gateway = !index && size.prefixes,
				      .nsg = size.nsgs ? lab_nsg_of_network(size, index) : 0 };
}

static void write_networks(struct lab_file_size size, FILE *out)
{
	struct part_network hub = network_of(size, 0);

	(void)fprintf(out, "virtual_networks:\n");
	part_network(&hub, out);
	(void)fprintf(out, "    peerings:\n");
	part_hub_peerings(size.spokes, hub.has_gateway, out);
	for (unsigned spoke = 1; spoke <= size.spokes; spoke++)
		part_spoke(spoke, network_of(size, spoke), hub.has_gateway, out);
}

/* Nobody has the far circuit: what it stands for are those who own the prefixes. */
static void write_provider(unsigned prefixes, FILE *out)
{
	(void)fprintf(out, "\nvirtual_network_gateways:\n");
	part_gateway("hub", out);
	(void)fprintf(out, "\nexpress_route_circuits:\n"
			   "  hub-circuit: {}\n"
			   "  far-circuit: {}\n"
			   "\nconnections:\n");
	part_connection("hub", out);
	(void)fprintf(out, "\nproviders:\n"
			   "  provider:\n"
			   "    asn: 65001\n"
			   "    links:\n"
			   "      - hub-circuit\n"
			   "      - circuit: far-circuit\n"
			   "        static_routes:\n");
	for (uint32_t i = 0; i < prefixes; i++)
		(void)fprintf(
			out, "          - %s\n",
			prefix_print(prefix_of(ip4((172u << 24 | 16u << 16) + (i << 8)), 24)).text);
}

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

void lab_file_write(const char *name, struct lab_file_size size, FILE *out)
{
	(void)fprintf(
		out,
		"# A hub with %u spoke%s peered to it, %u VM%s in each spoke and one in the "
		"hub.\n"
		"# Spokes reach the hub, but not each other: Azure passes nothing on from one "
		"peering to the next.\n",
		size.spokes, plural(size.spokes), size.spoke_vms, plural(size.spoke_vms));
	if (size.prefixes)
		(void)fprintf(out,
			      "# A provider sends %u prefix%s over ExpressRoute; behind them is "
			      "nobody.\n",
			      size.prefixes, size.prefixes == 1 ? "" : "es");
	if (size.nsgs)
		(void)fprintf(out,
			      "# Each subnet has one of %u NSG%s with %u rule%s, and so has each "
			      "fourth NIC.\n",
			      size.nsgs, plural(size.nsgs), size.rules, plural(size.rules));
	(void)fprintf(out, "\nlab: %s\n\n", name);
	write_networks(size, out);
	(void)fprintf(out, "\nvms:\n");
	if (size.nsgs)
		lab_nsgs_write_vms(size, out);
	else
		part_vms(size.spokes, size.spoke_vms, out);
	if (size.nsgs)
		lab_nsgs_write(size, out);
	if (size.prefixes)
		write_provider(size.prefixes, out);
}
