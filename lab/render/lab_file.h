/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Lab files for people to start from: a hub, and spokes that are peered with it. Each virtual
 * network has a /24 of 10.0.0.0/8, the hub the first one, and half of it is the subnet of its
 * machines; the other half is left for subnets to come. A provider may send prefixes to the hub's
 * ExpressRoute gateway, so that there is something to route; there may be NSGs, so that there is
 * something to filter.
 */
#include "lab/base/err.h"

#include <stdio.h>

struct lab_file_size {
	unsigned spokes;    /* 1 to LAB_FILE_SPOKES_MAX */
	unsigned spoke_vms; /* in each spoke, 1 to LAB_FILE_VMS_MAX */
	unsigned prefixes;  /* 0 to LAB_FILE_PREFIXES_MAX; with 0 there is no ExpressRoute */
	unsigned nsgs;      /* 0 to LAB_FILE_NSGS_MAX; each is that of some subnets and NICs */
	unsigned rules;     /* in each of them, 1 to LAB_FILE_RULES_MAX */
};

#define LAB_FILE_SPOKES_MAX   65535u /* a /24 each, and one for the hub */
#define LAB_FILE_VMS_MAX      123u   /* a /25 without the five addresses that Azure keeps */
#define LAB_FILE_NSGS_MAX     5000u  /* what Azure has in a region, and of rules in one */
#define LAB_FILE_RULES_MAX    1000u
#define LAB_FILE_PREFIXES_MAX 4000u /* what a circuit takes; each is a /24 of 172.16.0.0/12 */

/* Can there be such a file, and would it be read? `err` says what is too many. */
int lab_file_check(struct lab_file_size size, struct err *err);

/* `name` is the lab's, one that is_object_name() takes; the size is one that can be. */
void lab_file_write(const char *name, struct lab_file_size size, FILE *out);
