/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the files lab_check*.c: one part each, and what the parts share. */
#include "lab/model/lab_check.h"

struct check {
	struct lab *lab;
	struct diags *diags;
};

/* In this order: each relies on what those before it resolved. */
void check_networks(struct check *c);
void check_express_route(struct check *c);
void check_providers(struct check *c); /* and their links */
void check_branches(struct check *c);
void check_routes(struct check *c); /* route tables, service tags, endpoints */
void check_counts(struct check *c); /* of connections; what is connected to nothing */
void check_vms(struct check *c);    /* and NVAs and probes */
/* When all have their addresses. */
void check_next_hops_of_lab(struct check *c);

/* Names of objects of one kind, for "did you mean". */
#define NAMES_MAX 256
struct name_list {
	const char *names[NAMES_MAX];
	size_t count;
};

void name_list_add(struct name_list *list, const char *name);

#define NAME_LIST(list, objects)                                                                   \
	struct name_list list = { .count = 0 };                                                    \
	for (size_t list##_i = 0; list##_i < (objects).count && list##_i < NAMES_MAX; list##_i++)  \
	name_list_add(&(list), (objects).items[list##_i].object.name)

/* Record that `ref` names no `noun` of the lab. */
void unknown_name(struct check *c, const struct ref *ref, const char *noun,
		  const struct name_list *list);

/* NULL, with a finding, when there is none of that name; a subnet is VIRTUAL-NETWORK/SUBNET. */
struct vnet *resolve_vnet(struct check *c, const struct ref *ref);
struct subnet *resolve_subnet(struct check *c, const struct ref *ref);

/* Put the nearest of the names on a finding as what was meant; false when none is near enough. */
bool hint_near(struct check *c, struct diag *diag, const char *word, const struct name_list *list);

/* An AS number of a provider or a branch (R5.3, R6.2). */
void check_asn(struct check *c, const char *noun, const char *name, const struct number *asn);

/* False, with a finding, when the first is no prefix for a link between two routers. */
bool check_link_space(struct check *c, const char *owner, const struct spaces *given);

/* The range that all of it lies in when no router takes it; NULL for others. */
const char *martian_with(struct prefix prefix);

/* The service of Azure that asks for a subnet of that name; NULL when it is one for anything. */
const char *subnet_service(const struct subnet *subnet);
