/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/lab_file.h"

#include "lab/render/lab_parts.h"
#include "lab/yaml/doc.h"

#include <errno.h>

/* Values of the file, keys among them, as the reader counts: of all, of a spoke, of a machine. */
#define VALUES       19ul
#define SPOKE_VALUES 14ul
#define VM_VALUES    2ul

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
	values = VALUES + size.spokes * (SPOKE_VALUES + size.spoke_vms * VM_VALUES);
	if (values > DOC_VALUES_MAX)
		return err_set(err, -E2BIG,
			       "a lab file holds at most %d values, and this one would have %lu: "
			       "with as many VMs there can be %lu spokes",
			       DOC_VALUES_MAX, values,
			       (DOC_VALUES_MAX - VALUES) /
				       (SPOKE_VALUES + size.spoke_vms * VM_VALUES));
	return 0;
}

/* The /24 of the hub (0) or of a spoke (from 1 on). */
static struct prefix space(unsigned index)
{
	return prefix_of(ip4(10u << 24 | index << 8), 24);
}

static void write_networks(unsigned spokes, FILE *out)
{
	(void)fprintf(out, "virtual_networks:\n");
	part_network("hub", space(0), false, out);
	(void)fprintf(out, "    peerings:\n");
	part_hub_peerings(spokes, false, out);
	for (unsigned spoke = 1; spoke <= spokes; spoke++)
		part_spoke(spoke, space(spoke), false, out);
}

void lab_file_write(const char *name, struct lab_file_size size, FILE *out)
{
	(void)fprintf(
		out,
		"# A hub with %u spoke%s peered to it, %u VM%s in each spoke and one in the "
		"hub.\n"
		"# Spokes reach the hub, but not each other: Azure passes nothing on from one "
		"peering to the next.\n\n"
		"lab: %s\n\n",
		size.spokes, size.spokes == 1 ? "" : "s", size.spoke_vms,
		size.spoke_vms == 1 ? "" : "s", name);
	write_networks(size.spokes, out);
	(void)fprintf(out, "\nvms:\n");
	part_vms(size.spokes, size.spoke_vms, out);
}
