/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab as the user wrote it, checked: every reference resolves, every NIC has its address, and
 * nothing in it is refused by Azure. Pure data: reads nothing but its input, keeps no globals.
 */
#include "lab/base/diag.h"
#include "lab/model/schema.h"

struct lab; /* owns every object in it and is freed as a whole */

enum timers {
	TIMERS_FAST,
	TIMERS_AZURE
};
enum gateway_type {
	GATEWAY_EXPRESS_ROUTE
};
enum path {
	PATH_PRIMARY,
	PATH_SECONDARY,
	PATH_COUNT
};
enum probe_protocol {
	PROBE_ICMP,
	PROBE_HTTP
};
enum peering_state {
	PEERING_INITIATED,
	PEERING_CONNECTED
};

struct subnet {
	struct object object;
	struct spaces address_prefix;
	/* made by the check */
	struct vnet *vnet;
	uint64_t next_free; /* every address below this offset is taken */
};

struct peering {
	struct object object;
	struct ref remote;
	struct flag allow_virtual_network_access, allow_forwarded_traffic;
	struct flag allow_gateway_transit, use_remote_gateways;
	/* made by the check */
	struct vnet *remote_vnet;
	struct peering *reverse; /* the other half-link; NULL when there is none */
	enum peering_state state;
};

struct vnet {
	struct object object;
	struct text location;
	struct spaces address_prefixes;
	LIST_OF(struct subnet) subnets;
	LIST_OF(struct peering) peerings;
	/* made by the check */
	unsigned index; /* position in the lab */
	unsigned group; /* virtual networks joined by peerings, however far, have one number */
	struct subnet *gateway_subnet;      /* NULL when there is none */
	struct gateway *express_route;      /* NULL when it has none of its own */
	struct gateway *used_express_route; /* its own, or the one it uses over a peering */
};

struct nic {
	struct object object;
	struct ref subnet_ref;
	struct address private_ip_address;
	struct flag enable_ip_forwarding;
	/* made by the check */
	struct vm *vm;
	struct subnet *subnet;
	struct ip ip;
};

struct vm {
	struct object object;
	/* one NIC in short */
	struct ref subnet;
	struct text nic;
	struct address private_ip_address;
	struct flag enable_ip_forwarding;
	/* or all of them; after the check always this, the first is the primary one */
	LIST_OF(struct nic) network_interfaces;
};

#define GATEWAY_INSTANCES 2

struct gateway {
	struct object object;
	struct ref virtual_network;
	struct choice gateway_type;
	struct addresses ip_configurations;
	/* made by the check */
	struct vnet *vnet;
	struct ip instance_ip[GATEWAY_INSTANCES];
};

struct circuit {
	struct object object;
	struct number bandwidth_in_mbps;
	struct address msee_address, msee_secondary_address;
	struct spaces primary_peer_address_prefix, secondary_peer_address_prefix;
	/* made by the check */
	unsigned index;
	struct ip msee_ip[PATH_COUNT];          /* what virtual machines see as the next hop */
	struct prefix peer_prefix[PATH_COUNT];  /* /30s: the provider's side is .1, the MSEE's .2 */
	struct provider_link *link[PATH_COUNT]; /* NULL when nothing is plugged in */
};

struct connection {
	struct object object;
	struct ref gateway_ref, circuit_ref;
	struct number routing_weight;
	struct addresses msee_ip_addresses;
	/* made by the check */
	struct gateway *gateway;
	struct circuit *circuit;
	unsigned index_in_circuit;     /* its place among the circuit's connections */
	struct ip msee_ip[PATH_COUNT]; /* in the GatewaySubnet */
};

struct provider_link {
	struct object object;
	struct ref circuit_ref;
	struct choice path;
	struct number delay_ms, loss_percent, rate_mbps;
	struct spaces static_routes;
	/* made by the check */
	struct provider *provider;
	struct circuit *circuit;
	unsigned index; /* position in the provider */
};

struct provider {
	struct object object;
	struct number asn;
	LIST_OF(struct provider_link) links;
};

struct probe_spec {
	struct object object;
	struct ref from_ref, to_ref;
	struct choice protocol;
	struct number interval_ms, timeout_ms;
	/* made by the check */
	struct nic *from, *to;
};

struct lab {
	struct object object;
	struct arena *arena;
	struct doc *doc;
	struct name_entry *names; /* index of all objects by kind and name */
	struct text name, location;
	struct choice timers;
	LIST_OF(struct vnet) virtual_networks;
	LIST_OF(struct vm) vms;
	LIST_OF(struct gateway) virtual_network_gateways;
	LIST_OF(struct circuit) express_route_circuits;
	LIST_OF(struct connection) connections;
	LIST_OF(struct provider) providers;
	LIST_OF(struct probe_spec) probes; /* after the check: those that run */
};

#define ASN_AZURE 65515u /* gateways (R6.2) */
#define ASN_MSEE  12076u

/* The whole language: `hublab.yaml` as tables. */
extern const struct schema lab_schema;
extern const struct choice_name timers_names[], gateway_type_names[], path_names[],
	probe_protocol_names[];

/*
 * Parse and check `text`. NULL when `diags` holds a finding; the findings are in file order.
 * The caller owns the lab; `file` is borrowed for as long as the lab or the findings live.
 */
struct lab *lab_parse(const char *text, size_t len, const char *file, struct diags *diags)
	NODISCARD;
void lab_free(struct lab *lab); /* NULL is fine */

/* Borrowed; NULL when there is none. Letter case does not count. */
struct vnet *lab_find_vnet(const struct lab *lab, const char *name);
struct subnet *vnet_find_subnet(const struct vnet *vnet, const char *name);
struct vm *lab_find_vm(const struct lab *lab, const char *name);
struct gateway *lab_find_gateway(const struct lab *lab, const char *name);
struct circuit *lab_find_circuit(const struct lab *lab, const char *name);

/*
 * The NIC a user means by "VM", "NIC" or "VM:NIC". NULL when there is none, or when the VM has
 * several; `err` then says so and names them.
 */
struct nic *lab_find_nic(const struct lab *lab, const char *name, struct err *err);

/* The prefix of a subnet, and its router's address: .1, which answers ARP, not ping (R9.2). */
struct prefix subnet_prefix(const struct subnet *subnet);
struct ip subnet_router_ip(const struct subnet *subnet);
