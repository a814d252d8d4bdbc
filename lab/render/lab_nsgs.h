/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * NSGs of generated lab files: each subnet has one, and so has each fourth NIC; their rules are of
 * all kinds, and none of them stops what goes from machine to machine.
 */
#include "lab/render/lab_file.h"

/* The number of the NSG of a network's subnet, the hub's (0) or a spoke's (from 1 on). */
unsigned lab_nsg_of_network(struct lab_file_size size, unsigned network);

/* network_security_groups and application_security_groups. */
void lab_nsgs_write(struct lab_file_size size, FILE *out);

/* Of vms, instead of part_vms(). */
void lab_nsgs_write_vms(struct lab_file_size size, FILE *out);

/* Values more than a file without NSGs has. */
unsigned long lab_nsgs_values(struct lab_file_size size);
