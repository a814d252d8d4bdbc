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
void check_gateways(struct check *c); /* and Route Servers: where they stand; a part of that */
void check_express_route(struct check *c);
void check_ports(struct check *c); /* of ExpressRoute Direct, and what is on them; a part of that */
void check_link_frames(struct check *c, const struct provider_link *link); /* its ends are known */
void check_providers(struct check *c);                                     /* and their links */
void check_branches(struct check *c);
void check_routes(struct check *c);      /* route tables, service tags, endpoints */
void check_security(struct check *c);    /* NSGs and ASGs, and which subnet has which */
void check_admin_rules(struct check *c); /* and network groups */
void check_internet(struct check *c);    /* public addresses, NAT gateways, hosts */
void check_public_ips_of_gateways(struct check *c);
void check_route_servers(struct check *c);      /* their peers, and the gateways beside them */
void check_nva(struct check *c, struct vm *vm); /* what its guest does; its NICs are known */
void check_branch_router(struct check *c, struct branch *branch);
/* Algorithms of a connection or a device's tunnel, if the file has them. */
void check_ipsec_policy(struct check *c, const char *noun, const char *name,
			const struct ipsec_policy *policy);
void check_counts(struct check *c);               /* of connections; what is connected to nothing */
void check_vms(struct check *c);                  /* and NVAs and probes */
void check_image(struct check *c, struct vm *vm); /* and all else of guests with one */
void check_groups(struct check *c);               /* ASGs with their NICs, limits of NSGs */
/* When all have their addresses. */
void check_next_hops_of_lab(struct check *c);
void check_tunnels_of_lab(struct check *c);

/* Hosts of branches become machines; before all checks. */
void join_branch_hosts(struct lab *lab);
/* Likewise those of the Internet, in a network of their own. */
void join_internet(struct lab *lab);
/* No other NIC has its name, nor another's machine. */
void check_nic_name(struct check *c, const struct vm *vm, struct nic *nic);
/* In the place of what is checked of virtual machines. */
void check_internet_host(struct check *c, struct vm *vm);
void check_branch_host(struct check *c, struct vm *vm);
void check_public_ip_of_nic(struct check *c, struct nic *nic); /* its subnet is known */
/* The one that it names for an instance; IP_NONE, with a finding, when that is none to have. */
struct ip public_ip_of_gateway(struct check *c, struct gateway *gateway, unsigned instance);
void check_sites(struct check *c);
/* A connection that is no circuit's, and what one that is has no use for; its gateway is known. */
void check_vpn_connection(struct check *c, struct connection *connection);
void check_express_route_keys(struct check *c, const struct connection *connection);
void check_vnet_to_vnet(struct check *c); /* which connections have one back */
bool is_link_local(struct ip ip);
/* The range that keeps an address off the Internet; NULL for a public one. */
const char *private_range_of(struct ip ip);
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

/* Does the list have that name before? That is a finding. */
bool is_listed_twice(struct check *c, const struct text_list *list, size_t at, const char *owner);

/* A rule of an NSG or of a rule collection; ASGs and service tags are known by their names. */
void check_security_rule(struct check *c, struct security_rule *rule, bool is_admin);
void check_security_of_nic(struct check *c, struct nic *nic);           /* its subnet is known */
void check_groups_of_nic(struct check *c, struct nic *nic);             /* a part of that */
void check_nsg_of_subnet(struct check *c, const struct subnet *subnet); /* NSG-39 to NSG-41 */

/*
 * The tag of that name, of the lab or of Azure, but for those that are computed; NULL when there is
 * none. The same one each time.
 */
const struct service_tag *find_service_tag(struct lab *lab, const char *name);
void unknown_tag(struct check *c, struct src_pos pos, const char *owner, const char *name);

/* NULL, with a finding, when there is none of that name; a subnet is VIRTUAL-NETWORK/SUBNET. */
struct vnet *resolve_vnet(struct check *c, const struct ref *ref);
struct subnet *resolve_subnet(struct check *c, const struct ref *ref);
struct nsg *resolve_nsg(struct check *c, const struct ref *ref);

/* What was noted before for the address of that owner; else NULL, and `object` is noted. */
void *note_address(struct check *c, const char *owner, struct ip ip, void *object);

/* Put the nearest of the names on a finding as what was meant; false when none is near enough. */
bool hint_near(struct check *c, struct diag *diag, const char *word, const struct name_list *list);

/* An AS number of a customer or provider (R5.3, R6.2). */
void check_asn(struct check *c, const char *noun, const char *name, const struct number *asn);
/* One that Azure is told: it refuses those that are reserved. */
void check_told_asn(struct check *c, const char *noun, const char *name, const struct number *asn);
/* An address on the Internet, of which each is there once. */
void check_internet_address(struct check *c, const struct object *owner,
			    const struct address *address);

/* False, with a finding, when the first is no prefix for a link between two routers. */
bool check_link_space(struct check *c, const char *owner, const struct spaces *given);

/* The range that all of it lies in when no router takes it; NULL for others. */
const char *martian_with(struct prefix prefix);

/* The service of Azure that asks for a subnet of that name; NULL when it is one for anything. */
const char *subnet_service(const struct subnet *subnet);
