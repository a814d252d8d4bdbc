/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The kernel's table of IPv4 neighbours: one for the whole machine, whatever namespace they are in,
 * so that many VMs of one subnet fill it. A packet whose neighbour finds no room is lost unsaid.
 */
#include "lab/base/err.h"

#include <stdint.h>

struct neighbour_table {
	uint64_t refusals; /* since the machine was started: neighbours that found no room */
	uint32_t limit;    /* net.ipv4.neigh.default.gc_thresh3 */
};

/* Asks the kernel, which answers when nobody changes anything: not for those who may not wait. */
int neighbour_table_read(struct neighbour_table *ret_table, struct err *err);
