/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab file for someone who begins: from a few answers, with an address plan in which nothing
 * overlaps and comments on what each part is. Answers come one after the other, in the order of
 * enum new_lab_value, since what may be left out follows from what was said before.
 */
#include "lab/base/err.h"
#include "lab/base/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum new_lab_value {
	NEW_LAB_NAME,
	NEW_LAB_LOCATION,
	NEW_LAB_HUB,           /* its address space */
	NEW_LAB_SPOKES,        /* how many, or the address space of each */
	NEW_LAB_SPOKE_VMS,     /* in each spoke */
	NEW_LAB_NVA,           /* yes or no: in the hub, and spokes route through it */
	NEW_LAB_EXPRESS_ROUTE, /* yes or no: gateway, circuit and provider */
	NEW_LAB_VPN,           /* yes or no: an active-active gateway */
	NEW_LAB_ROUTE_SERVER,  /* yes or no: in the hub; gateways and the NVA speak with it */
	NEW_LAB_BRANCH,        /* yes or no: at the other end of these, or of ExpressRoute */
	NEW_LAB_ON_PREMISES,   /* the branch's address space */
	NEW_LAB_VALUES
};

#define NEW_LAB_TEXT       64 /* of a name */
#define NEW_LAB_SPOKES_MAX 100u
#define NEW_LAB_VMS_MAX    100u

struct new_lab {
	char name[NEW_LAB_TEXT + 1], location[NEW_LAB_TEXT + 1];
	struct prefix hub;
	struct prefix spokes[NEW_LAB_SPOKES_MAX];
	unsigned spoke_count, spoke_vms;
	bool has_nva, has_express_route, has_vpn, has_route_server, has_branch; /* as answered */
	struct prefix on_premises; /* IP_NONE when the branch has none yet */
};

/* A hub and nothing else. */
void new_lab_init(struct new_lab *lab);

/* What is taken when nobody says; "" when something must be said. */
struct new_lab_default {
	char text[NEW_LAB_TEXT + 1];
} new_lab_default(const struct new_lab *lab, enum new_lab_value value);

/* Does the value mean something, after those before it? */
bool new_lab_asks(const struct new_lab *lab, enum new_lab_value value);

/* Take an answer as someone typed it. On failure `lab` is as before, and `err` says why not. */
int new_lab_set(struct new_lab *lab, enum new_lab_value value, const char *text, struct err *err);

/* What the answers come to. */
bool new_lab_has_express_route(const struct new_lab *lab);
bool new_lab_has_gateway(const struct new_lab *lab); /* of either type */
bool new_lab_has_branch(const struct new_lab *lab);  /* one with an address space */
bool new_lab_has_tunnels(const struct new_lab *lab); /* to the branch */

/*
 * What the NVA announces to the Route Server: the private ranges that spokes are in, since it
 * cannot take over a spoke's own (R7.5). Returns how many.
 */
#define NEW_LAB_SUMMARIES 4u
unsigned new_lab_summaries(const struct new_lab *lab, struct prefix ret[NEW_LAB_SUMMARIES]);

/* Where tunnels end on the Internet: a range that no network has; IP_NONE when there is none. */
struct prefix new_lab_public_range(const struct new_lab *lab);

/* A file that lab_parse takes. */
void new_lab_write(const struct new_lab *lab, FILE *out);
