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
	NEW_LAB_EXPRESS_ROUTE, /* yes or no: gateway, circuit and provider */
	NEW_LAB_BRANCH,        /* yes or no: behind the same provider */
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
	bool has_express_route, has_branch;
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

/* A file that lab_parse takes. */
void new_lab_write(const struct new_lab *lab, FILE *out);
