/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab as the user wrote it, checked: every reference resolves, every NIC has its address, and
 * nothing in it is refused by Azure. Pure data: reads nothing but its input, keeps no globals.
 */
#include "lab/base/diag.h"
#include "lab/model/nsg.h"
#include "lab/model/schema.h"

struct lab; /* owns every object in it and is freed as a whole */

enum timers {
	TIMERS_FAST,
	TIMERS_AZURE
};
enum sku_tier {
	SKU_STANDARD,
	SKU_PREMIUM
};
enum gateway_type {
	GATEWAY_EXPRESS_ROUTE,
	GATEWAY_VPN
};
enum connection_type {
	CONNECTION_EXPRESS_ROUTE, /* `circuit` */
	CONNECTION_IPSEC,         /* `local_network_gateway` */
	CONNECTION_VNET_TO_VNET   /* `virtual_network_gateway2` */
};
enum hub_routing_preference { /* R7.12 */
	PREFER_EXPRESS_ROUTE,
	PREFER_VPN_GATEWAY,
	PREFER_AS_PATH
};
enum routing_daemon {
	ROUTING_BIRD,
	ROUTING_FRR
};
enum firewall { /* of an NVA's guest */
	FIREWALL_NONE,
	FIREWALL_STATEFUL /* drops what belongs to no flow that it saw begin */
};
enum vm_kind {
	VM_NAMESPACE, /* its kernel is this machine's */
	VM_LIBVIRT    /* a guest, with a kernel of its own */
};
enum firmware { /* of a guest with an image of the user's */
	FIRMWARE_BIOS,
	FIRMWARE_UEFI
};
enum vpn_gateway_ttl { /* R9.6 */
	VPN_GATEWAY_TTL_KEPT,
	VPN_GATEWAY_TTL_DECREMENTED
};
enum msee_next_hops { /* R7.22: of the best ER routes beside a Route Server */
	MSEE_NEXT_HOPS_SINGLE,
	MSEE_NEXT_HOPS_ALL
};
enum path {
	PATH_PRIMARY,
	PATH_SECONDARY,
	PATH_COUNT
};
enum probe_protocol {
	PROBE_ICMP,
	PROBE_HTTP,
	PROBE_TCP, /* a connection, to any port */
	PROBE_UDP, /* a datagram, to any port: who says that it is closed answers, too */
};
enum flow_result {
	FLOW_WORKS,
	FLOW_FAILS
};
/* Why a flow fails. */
enum flow_reason {
	REASON_NONE,
	REASON_NO_ROUTE,      /* no table on the way has a route that leads on */
	REASON_NO_MACHINE,    /* nobody has the address where it arrives */
	REASON_OTHER_MACHINE, /* somebody else has it there */
	REASON_LOOP,          /* it goes round until its TTL ends */
	REASON_NEXT_HOP, /* the next hop of a route cannot be reached, or is nobody's (R3.10) */
	REASON_IP_FORWARDING, /* a NIC, or the machine behind it, does not forward (R9.7) */
	REASON_PEERING,       /* a peering does not let it through (R4.2, R4.3) */
	REASON_NSG,           /* a rule of an NSG or an admin rule denies it */
	REASON_PLATFORM,      /* Azure itself drops it (NSG-15, NSG-25, OUT-07) */
	REASON_TUNNEL,        /* the tunnel on the way is down */
	REASON_RECURSION,     /* ... because it would have to carry itself (R5.15) */
	REASON_FIREWALL,      /* of an NVA's guest: it sees one direction only */
	REASON_MTU,           /* it is too large, and must not be fragmented (R5.16) */
};
enum session_state {
	SESSION_CONNECTED,
	SESSION_CONNECTING
};
/* In the order in which Azure lists them (R1.9). */
enum next_hop_type {
	NEXT_HOP_VNET_LOCAL,
	NEXT_HOP_VNET_PEERING,
	NEXT_HOP_VIRTUAL_NETWORK_GATEWAY,
	NEXT_HOP_INTERNET,
	NEXT_HOP_NONE,
	NEXT_HOP_VIRTUAL_APPLIANCE,
	NEXT_HOP_VIRTUAL_APPLIANCE_ECMP, /* R3.22 */
	NEXT_HOP_VNET_GLOBAL_PEERING,
	NEXT_HOP_SERVICE_ENDPOINT,
	NEXT_HOP_INTERFACE_ENDPOINT,
};
/* What a private endpoint obeys, by the subnet it stands in (R2.12). */
enum endpoint_policies {
	ENDPOINT_POLICIES_DISABLED,
	ENDPOINT_POLICIES_NSG,
	ENDPOINT_POLICIES_ROUTE_TABLE,
	ENDPOINT_POLICIES_ENABLED
};
/* What Azure printed when: `semantics:`. */
enum none_routes { /* R2.4 */
	NONE_ROUTES_2020,
	NONE_ROUTES_2023,
	NONE_ROUTES_2026
};
enum next_hop_form { /* R1.10 */
	NEXT_HOPS_LIST,
	NEXT_HOPS_ROWS
};
/* Where sources differ (azure-security.md annex B): `semantics:`. */
enum icmp_ports { /* B-1: does a rule for any protocol with ports match ICMP? */
	ICMP_PORTS_SKIP,
	ICMP_PORTS_MATCH
};
enum user_routes_in_tag { /* B-2: which user routes belong to VirtualNetwork? */
	USER_ROUTES_ALL,
	USER_ROUTES_APPLIANCE
};
enum internet_tag { /* B-3: does Internet lose what VirtualNetwork has by routes? */
	INTERNET_TAG_WHOLE,
	INTERNET_TAG_REST
};
enum empty_group { /* B-6: what an empty ASG beside others does to a rule */
	EMPTY_GROUP_NOTHING,
	EMPTY_GROUP_RULE
};
enum public_ip_sku {
	PUBLIC_IP_STANDARD,
	PUBLIC_IP_BASIC
};
enum peering_state {
	PEERING_INITIATED,
	PEERING_CONNECTED
};

/* A route of a route table: a UDR. */
struct user_route {
	struct object object;
	struct text route; /* PREFIX TYPE [ADDRESS]: the three keys below in one line */
	struct text address_prefix;
	struct choice next_hop_type;
	struct addresses next_hop_ip_address;
	/* made by the check */
	const struct spaces *prefixes; /* one, or those of the tag */
	const struct service_tag *tag; /* NULL: the prefix is written out */
	enum next_hop_type type;
	LIST_OF(struct ip) next_hops; /* of appliances */
};

struct route_table {
	struct object object;
	struct flag disable_bgp_route_propagation;
	LIST_OF(struct user_route) routes;
};

struct service_endpoint {
	struct object object;
	struct text service; /* Microsoft.Storage */
	/* made by the check */
	const struct service_tag *tag;
};

struct subnet {
	struct object object;
	struct spaces address_prefix;
	struct ref route_table_ref, network_security_group_ref, nat_gateway_ref;
	LIST_OF(struct service_endpoint) service_endpoints;
	struct choice private_endpoint_network_policies;
	struct flag default_outbound_access;
	/* made by the check */
	struct nsg *network_security_group; /* NULL when it has none */
	struct nat_gateway *nat_gateway;    /* likewise */
	struct route_table *route_table;    /* NULL when it has none */
	struct vnet *vnet;
	uint64_t next_free[IP_V6 + 1]; /* by family: every address below this offset is taken */
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
	struct spaces summarized_gateway_prefixes; /* R6.22 */
	LIST_OF(struct subnet) subnets;
	LIST_OF(struct peering) peerings;
	/* made by the check */
	unsigned index;   /* position in the lab */
	bool is_internet; /* stands for the Internet (lab->internet_network) */
	unsigned group;   /* virtual networks joined by peerings, however far, have one number */
	LIST_OF(struct admin_rule) admin_rules[DIRECTION_COUNT]; /* by priority (AVNM-03) */
	struct subnet *gateway_subnet;                           /* NULL when there is none */
	struct gateway *express_route;     /* NULL when it has none of its own */
	struct gateway *vpn;               /* likewise */
	struct route_server *route_server; /* likewise */
	struct vnet *hub; /* whose gateways and Route Server it uses: itself, a peer; or NULL */
};

struct nic {
	struct object object;
	struct ref subnet_ref;
	struct address private_ip_address;
	struct addresses ip_configurations; /* several addresses, the primary one first */
	struct flag enable_ip_forwarding;
	struct ref network_security_group_ref, public_ip_address_ref;
	struct text_list application_security_groups;
	/* made by the check */
	struct nsg *network_security_group;  /* NULL when it has none */
	struct public_ip *public_ip_address; /* likewise */
	LIST_OF(struct asg *) groups;
	struct vm *vm;
	struct subnet *subnet;   /* NULL: it is in a branch's LAN (vm->branch) */
	struct ip ip;            /* the primary one, of IPv4 */
	LIST_OF(struct ip) more; /* of both families */
};

struct ipsec_policy {
	struct object object;
	struct text ike_encryption, ike_integrity, dh_group;
	struct text ipsec_encryption, ipsec_integrity, pfs_group;
	struct number sa_life_time_seconds;
};

/* Somebody a customer's router speaks BGP with; its name says nothing. */
struct bgp_neighbor {
	struct object object;
	struct address address;
	struct number asn;
	struct number prepend;        /* its own number, so often once more, in what is told */
	struct spaces only;           /* nothing else is told; empty: all */
	struct text_list communities; /* on what is told: "no-advertise" or NUMBER:NUMBER */
	struct address next_hop;      /* of what is told (R7.8); IP_NONE: its own */
	struct flag as_override;      /* R7.9: the neighbour's number becomes its own */
};

/* What the router of a branch or NVA says and hears. */
struct router_bgp {
	struct object object;
	struct number asn;
	struct choice daemon;
	struct spaces networks;           /* announced, ... */
	struct flag network_import_check; /* ... if its own table has them */
	LIST_OF(struct bgp_neighbor) neighbors;
};

/* One IPsec tunnel as a customer's device is configured, whatever Azure's side says. */
struct device_tunnel {
	struct object object;
	struct address local_address;                       /* outer; its own, or its public one */
	struct address remote_address;                      /* outer */
	struct address tunnel_address, peer_tunnel_address; /* inner */
	struct text shared_key;
	struct ipsec_policy ipsec_policy;
};

/* A route of a machine's own, in its guest. */
struct guest_route {
	struct object object;
	struct text route; /* PREFIX ADDRESS: the two keys below in one line */
	struct spaces address_prefix;
	struct address next_hop_ip_address;
	/* made by the check */
	struct prefix prefix;
	struct ip next_hop;
	const struct nic *nic;              /* of an NVA: in whose subnet the next hop is */
	const struct device_tunnel *tunnel; /* or whose other side it is; NULL */
};

struct vm {
	struct object object;
	/* one NIC in short */
	struct ref subnet;
	struct text nic;
	struct address private_ip_address;
	struct addresses ip_configurations;
	struct flag enable_ip_forwarding;
	struct ref network_security_group_ref, public_ip_address_ref;
	struct text_list application_security_groups;
	struct choice kind;
	/* of a guest */
	struct number memory_mb, vcpus;
	/* and of one that boots an image of the user's */
	struct text image, admin_username;
	struct choice firmware;
	struct number boot_timeout_ms;
	struct text_list ssh_public_keys;
	/* or all of them; after the check always this, the first is the primary one */
	LIST_OF(struct nic) network_interfaces;
	/* of an NVA */
	LIST_OF(struct guest_route) routes;
	struct router_bgp bgp;
	LIST_OF(struct device_tunnel) tunnels;
	struct choice firewall;
	struct ref masquerade_ref;
	/* made by the check */
	const struct nic *masquerade; /* what is forwarded by it has its address; or NULL */
	bool is_nva;                  /* its guest forwards */
	bool is_internet; /* a host of the Internet, in the virtual network that stands for it */
	const struct branch *branch; /* in whose LAN it is a host; NULL: in none */
	/* `image`, from the directory of the lab's file on; NULL: it boots the micro image */
	const char *image_path;
};

struct public_ip {
	struct object object;
	struct address ip_address;
	struct choice sku;
	/* made by the check: one of them has it */
	const struct nic *nic;
	const struct nat_gateway *nat_gateway;
	const struct gateway *gateway;
};

/* OUT-06 */
struct nat_gateway {
	struct object object;
	struct text_list public_ip_addresses;
	/* made by the check */
	LIST_OF(struct public_ip *) public_ips;
	struct vnet *vnet; /* of the first of its subnets; NULL when it has none */
};

/* A test host of the Internet. */
struct internet_host {
	struct object object;
	struct addresses ip_address;
};

struct private_endpoint {
	struct object object;
	struct ref subnet_ref;
	struct address private_ip_address;
	/* made by the check */
	struct subnet *subnet;
	struct ip ip;
};

struct semantics {
	struct object object;
	struct choice none_routes, next_hops;
	struct choice icmp_ports, user_routes_in_tag, internet_tag, empty_group;
	struct choice vpn_gateway_ttl, msee_next_hops;
};

#define GATEWAY_INSTANCES 2

struct bgp_settings {
	struct object object;
	struct number asn;
	struct addresses bgp_peering_address;     /* of each instance; of a site: one */
	struct addresses custom_bgp_ip_addresses; /* APIPA, of each instance (R5.4) */
};

struct gateway {
	struct object object;
	struct ref virtual_network;
	struct choice gateway_type;
	struct addresses ip_configurations;
	struct flag active_active;
	struct flag enable_private_ip_address;
	struct text_list public_ip_addresses; /* of each instance */
	struct bgp_settings bgp_settings;
	struct flag allow_remote_vnet_traffic; /* R6.16 */
	/* made by the check */
	struct vnet *vnet;
	unsigned instance_count;                  /* that carry traffic: 1 when active-standby */
	struct ip instance_ip[GATEWAY_INSTANCES]; /* private; of a VPN gateway its tunnels' */
	uint32_t asn;
	/* of a VPN gateway */
	struct ip bgp_ip[GATEWAY_INSTANCES];        /* shown as next hop, and in sessions */
	struct ip custom_bgp_ip[GATEWAY_INSTANCES]; /* IP_NONE when it has none */
	struct ip public_ip[GATEWAY_INSTANCES];     /* of the file, or one that stands in */
};

/* A site as Azure knows it: R5.5. */
struct local_network_gateway {
	struct object object;
	struct address gateway_ip_address;
	struct spaces address_prefixes;
	struct bgp_settings bgp_settings; /* without asn the site does not speak BGP */
};

/* A peer of a Route Server. */
struct route_server_peering {
	struct object object;
	struct address peer_ip;
	struct number peer_asn;
};

struct route_server {
	struct object object;
	struct ref virtual_network;
	struct choice hub_routing_preference;
	struct flag allow_branch_to_branch_traffic;
	struct addresses ip_configurations;
	LIST_OF(struct route_server_peering) bgp_connections;
	/* made by the check */
	struct vnet *vnet;
	struct subnet *subnet; /* its RouteServerSubnet */
	struct ip instance_ip[GATEWAY_INSTANCES];
};

/* Frames of a circuit's peerings on a link (ENC-03): with one tag, or with the circuit's outside.
 */
enum encapsulation {
	ENCAPSULATION_DOT1Q,
	ENCAPSULATION_QINQ,
};

enum mac_sec_cipher {
	MAC_SEC_GCM_AES_128,
	MAC_SEC_GCM_AES_256,
	MAC_SEC_GCM_AES_XPN_128,
	MAC_SEC_GCM_AES_XPN_256,
};

enum sci_state {
	SCI_DISABLED,
	SCI_ENABLED,
};

/* MACsec of one link, as one side has it (ENC-02); absent when object.pos.line is 0. */
struct mac_sec_config {
	struct object object;
	struct choice cipher;
	struct text ckn_secret_identifier, cak_secret_identifier; /* hexadecimal digits */
	struct choice sci_state;
};

struct port_link {
	struct object object;
	struct mac_sec_config mac_sec_config;
};

/* A pair of ports of ExpressRoute Direct. */
struct express_route_port {
	struct object object;
	struct number bandwidth_in_gbps;
	struct choice encapsulation;
	LIST_OF(struct port_link) links;
	/* made by the check */
	const struct port_link *link[PATH_COUNT]; /* link1 and link2; NULL: not in the file */
};

struct circuit {
	struct object object;
	struct ref express_route_port; /* of a circuit on ExpressRoute Direct */
	struct number bandwidth_in_gbps, stag, vlan_id;
	struct number bandwidth_in_mbps;
	struct choice sku_tier;
	struct address msee_address, msee_secondary_address;
	struct spaces primary_peer_address_prefix, secondary_peer_address_prefix;
	/* made by the check */
	unsigned index;
	struct ip msee_ip[PATH_COUNT];          /* what virtual machines see as the next hop */
	struct prefix peer_prefix[PATH_COUNT];  /* /30s: the provider's side is .1, the MSEE's .2 */
	struct provider_link *link[PATH_COUNT]; /* NULL when nothing is plugged in */
	const struct express_route_port *port;  /* NULL: it is a provider's */
};

struct connection {
	struct object object;
	struct ref gateway_ref, circuit_ref, local_network_gateway_ref, gateway2_ref;
	struct number routing_weight;
	struct addresses msee_ip_addresses;
	struct text shared_key;
	struct flag enable_bgp, use_local_azure_ip_address;
	struct ipsec_policy ipsec_policy; /* of the file, if it has one (object.pos.line) */
	/* made by the check */
	enum connection_type type;
	struct gateway *gateway;
	struct circuit *circuit; /* NULL unless CONNECTION_EXPRESS_ROUTE */
	struct local_network_gateway *local_network_gateway; /* CONNECTION_IPSEC */
	struct gateway *gateway2;                            /* CONNECTION_VNET_TO_VNET */
	unsigned index_in_circuit;     /* its place among the circuit's connections */
	struct ip msee_ip[PATH_COUNT]; /* in the GatewaySubnet */
};

struct provider_link {
	struct object object;
	struct ref circuit_ref, branch_ref; /* it ends on one of them */
	struct choice path;
	struct number delay_ms, loss_percent, rate_mbps;
	struct spaces peer_address_prefix; /* of a link to a branch */
	struct spaces static_routes;
	/* the provider's side of a circuit's link, where it is not as Azure's */
	struct number stag, vlan_id;
	struct mac_sec_config mac_sec_config;
	/* made by the check */
	struct provider *provider;
	struct circuit *circuit;   /* NULL when it ends on a branch */
	struct branch *branch;     /* NULL when it ends on a circuit */
	struct prefix peer_prefix; /* to a branch: a /30, the provider's side .1, the branch's .2 */
	unsigned index;            /* position in the provider */
};

struct provider {
	struct object object;
	struct number asn;
	LIST_OF(struct provider_link) links;
	struct flag announce_links; /* their prefixes, as others' (R6.21) */
};

/* What a branch tells its providers: prefixes, as if heard over these networks behind it. */
struct announcement {
	struct object object;
	struct spaces prefix;
	struct numbers as_path; /* the nearest first; the branch's own number goes before it */
};

struct branch {
	struct object object;
	struct number asn;
	struct address address; /* of its router itself; IP_NONE when it has none */
	LIST_OF(struct announcement) announce;
	struct choice daemon;
	/* a router at a site that the Internet reaches */
	struct address public_address;
	struct spaces lan;      /* a network of its own, with hosts */
	struct text_list hosts; /* names; they have addresses of the LAN, the router its first */
	struct router_bgp bgp;  /* with neighbours other than providers */
	LIST_OF(struct device_tunnel) tunnels;
	LIST_OF(struct guest_route) routes;
	/* made by the check */
	unsigned link_count; /* provider links that end on it */
};

struct probe_spec {
	struct object object;
	struct ref from_ref, to_ref;
	struct choice protocol;
	struct number port;        /* PROBE_TCP, PROBE_UDP */
	struct number size_bytes;  /* PROBE_ICMP: behind its header; 0: as ping has it */
	struct flag dont_fragment; /* likewise */
	struct number interval_ms, timeout_ms;
	/* made by the check */
	const struct nic *from, *to;
};

bool probe_has_port(const struct probe_spec *probe); /* is there one to choose? */
struct probe_text {
	char text[16];
};
/* "Icmp", "Udp:53", "Icmp:1472", and "Icmp:1472/df" of what must not be fragmented. */
struct probe_text probe_protocol_print(const struct probe_spec *probe);
#define PROBE_SIZE_MIN 24 /* behind the header: what tells its own */
#define PROBE_SIZE_MAX 65507
#define PROBE_HEADERS  28 /* of IP and ICMP */
/* Behind the header of a ping whose size or fragments the file says; 0: as ping has it. */
unsigned probe_size_bytes(const struct probe_spec *probe);

enum expectation_kind {
	EXPECT_FLOW,    /* from, to: packets */
	EXPECT_ROUTE,   /* routes, prefix: a row of a NIC's effective routes */
	EXPECT_SESSION, /* bgp: a speaker's session, or what it has learned */
};

/* What must be seen in the running lab; which keys it has says of which kind it is. */
struct expectation {
	struct object object;
	/* flows */
	struct ref from_ref, to_ref;
	struct choice protocol, result, because;
	struct text rule;
	struct number port, size_bytes, ttl;
	struct flag dont_fragment;
	struct range rtt_ms, loss;
	struct text_list via;  /* nodes or gateways that the packets cross, there */
	struct flag encrypted; /* is it so on every cable it crosses? */
	/* rows */
	struct ref routes;
	struct spaces prefix;
	struct choice next_hop_type;
	struct addresses next_hop_ip;
	struct flag absent;
	/* sessions */
	struct ref bgp, peer;
	struct choice state;
	struct spaces learned;
	struct text as_path;
	struct number within; /* ms */
	/* made by the check */
	enum expectation_kind kind;
	struct nic *nic;         /* EXPECT_ROUTE */
	struct probe_spec probe; /* EXPECT_FLOW: how it is seen */
};

/* One state of a lab, as a difference to another. */
struct lab_step {
	struct object object;
	struct text name, after;
	struct changes set;
	LIST_OF(struct expectation) expect;
	/* made by the check */
	unsigned number;       /* from 1 */
	struct lab_step *base; /* the state it starts from; NULL: what the top level says */
};

struct lab {
	struct object object;
	struct arena *arena;
	struct doc *doc;
	const char *file;             /* borrowed */
	const struct doc_node *root;  /* of the state */
	struct name_entry *names;     /* index of all objects by kind and name */
	LIST_OF(struct doc *) values; /* of changes */
	struct text name, location;
	struct choice timers;
	LIST_OF(struct vnet) virtual_networks;
	/* after the check also `nvas`, hosts of branches and of `internet`, in this order behind */
	LIST_OF(struct vm) vms;
	LIST_OF(struct vm) nvas; /* empty after the check */
	LIST_OF(struct route_table) route_tables;
	LIST_OF(struct service_tag) service_tags;
	LIST_OF(struct private_endpoint) private_endpoints;
	LIST_OF(struct nsg) network_security_groups;
	LIST_OF(struct asg) application_security_groups;
	LIST_OF(struct network_group) network_groups;
	LIST_OF(struct admin_configuration) security_admin_configurations;
	LIST_OF(struct public_ip) public_ip_addresses;
	LIST_OF(struct nat_gateway) nat_gateways;
	LIST_OF(struct internet_host) internet;
	struct semantics semantics;
	LIST_OF(struct gateway) virtual_network_gateways;
	LIST_OF(struct express_route_port) express_route_ports;
	LIST_OF(struct circuit) express_route_circuits;
	LIST_OF(struct local_network_gateway) local_network_gateways;
	LIST_OF(struct route_server) route_servers;
	LIST_OF(struct connection) connections;
	LIST_OF(struct provider) providers;
	LIST_OF(struct branch) branches;
	LIST_OF(struct probe_spec) probes; /* after the check: those that run */
	LIST_OF(struct expectation) expect;
	LIST_OF(struct lab_step) steps;
	/* made by the check */
	unsigned step; /* the one whose state this is; 0 when the file has none */
	/*
	 * Where the hosts of the Internet stand, behind all virtual networks and in no list of
	 * them: nothing names it, and it has no address space. NULL when the lab has no host.
	 */
	struct vnet *internet_network;
	LIST_OF(struct expectation *) expectations; /* of all steps and of this one */
};

/*
 * Of Azure's own: what NICs have by default outbound access (OUT-07). Nobody in the lab file has an
 * address of it; a subnet has the one that its fabric table's number is.
 */
#define DEFAULT_OUTBOUND_SPACE "20.255.0.0/16"

/* Likewise of VPN gateways whose public addresses are not in the file. */
#define GATEWAY_PUBLIC_SPACE "20.254.0.0/16"

#define ASN_AZURE 65515u /* gateways (R6.2) */
#define ASN_MSEE  12076u

/* The whole language: `hublab.yaml` as tables. */
extern const struct schema lab_schema;
extern const struct choice_name timers_names[], sku_tier_names[], gateway_type_names[],
	path_names[], encapsulation_names[], mac_sec_cipher_names[], sci_state_names[],
	probe_protocol_names[], hub_routing_preference_names[], routing_daemon_names[],
	firewall_names[], vm_kind_names[], firmware_names[], vpn_gateway_ttl_names[],
	msee_next_hops_names[], flow_result_names[], flow_reason_names[], session_state_names[],
	next_hop_type_names[], user_next_hop_type_names[], endpoint_policies_names[],
	none_routes_names[], next_hop_form_names[], icmp_ports_names[], user_routes_in_tag_names[],
	internet_tag_names[], empty_group_names[], public_ip_sku_names[];

/*
 * Parse and check `text`, all its steps with it: the lab is at the first one. NULL when `diags`
 * holds an error; the findings are in file order, and of a lab that is returned they are warnings.
 * The caller owns the lab; `file` is borrowed for as long as the lab or the findings live.
 */
struct lab *lab_parse(const char *text, size_t len, const char *file, struct diags *diags)
	NODISCARD;

/* A value to be set while the lab runs. */
struct change_text {
	const char *path;
	const char *value; /* YAML on one line; NULL takes away what is there */
};

/* Which state of a lab is meant: its file at a step, and changes on top. */
struct lab_state {
	unsigned step; /* from 1; 0: the first, or the top level of a file without steps */
	const struct change_text *changes;
	size_t change_count;
};

/*
 * The lab in one state, which alone is checked. A finding in the value of a change has its path as
 * the file.
 */
struct lab *lab_parse_at(const char *text, size_t len, const char *file,
			 const struct lab_state *state, struct diags *diags) NODISCARD;
void lab_free(struct lab *lab); /* NULL is fine */

/* Borrowed; NULL when there is none. Letter case does not count. */
struct vnet *lab_find_vnet(const struct lab *lab, const char *name);
struct subnet *vnet_find_subnet(const struct vnet *vnet, const char *name);
struct vm *lab_find_vm(const struct lab *lab, const char *name);
struct gateway *lab_find_gateway(const struct lab *lab, const char *name);
struct circuit *lab_find_circuit(const struct lab *lab, const char *name);
/* How many of its instances carry traffic; those are machines of the lab (R5.1). */
unsigned gateway_instance_count(const struct gateway *gateway);
struct local_network_gateway *lab_find_local_network_gateway(const struct lab *lab,
							     const char *name);
/* The step of that name or number; NULL with `err`, which names those there are. */
const struct lab_step *lab_find_step(const struct lab *lab, const char *name, struct err *err);
struct branch *lab_find_branch(const struct lab *lab, const char *name);

/*
 * The NIC a user means by "VM", "NIC" or "VM:NIC". NULL when there is none, or when the VM has
 * several; `err` then says so and names them.
 */
struct nic *lab_find_nic(const struct lab *lab, const char *name, struct err *err);
/*
 * Has it what only Azure gives: effective routes, and security rules? False, with `err`, for that
 * of a branch's host.
 */
bool nic_is_routed_by_azure(const struct nic *nic, struct err *err);
/* Hosts of branches and of the Internet are none. */
size_t lab_vm_count(const struct lab *lab);
/* Has it a kernel of its own? Then nothing of hublab runs inside it. */
bool vm_is_guest(const struct vm *vm);
/* Can hublab send from it? Not from a guest with an image of the user's. */
bool vm_can_ask(const struct vm *vm);
#define GUEST_ROUTER_MEMORY_MB 128 /* the least, and the default */
/* A guest that does more than to forward: its image has programs for that, and needs room. */
bool vm_is_guest_router(const struct vm *vm);

/* Address number n, from 0, of a branch's LAN: its router's, then those of its hosts. */
struct ip branch_lan_ip(const struct branch *branch, unsigned n);

/* The IPv4 prefix of a subnet, and its router's address: .1, which answers ARP, not ping (R9.2). */
struct prefix subnet_prefix(const struct subnet *subnet);
/* Its prefix of a family; that of IPv6 may be missing, and its address is IP_NONE then. */
struct prefix subnet_prefix_of(const struct subnet *subnet, enum ip_family family);
struct ip subnet_router_ip(const struct subnet *subnet);
/* Of those of its virtual network with its route table: what is said of that is said once. */
bool subnet_is_first_of_table(const struct subnet *subnet);
bool vnet_has_ipv6(const struct vnet *vnet); /* dual stack? */
bool lab_has_ipv6(const struct lab *lab);    /* has one of its virtual networks? */
/* The first address of a family that a NIC has; IP_NONE when there is none. */
struct ip nic_ip(const struct nic *nic, enum ip_family family);
bool nic_has_ip(const struct nic *nic, struct ip ip); /* as its primary address, or another */
/* Its half of the peering with another, in whatever state; NULL when there is none. */
struct peering *vnet_find_peering(const struct vnet *vnet, const struct vnet *remote);
/* The Connected peering whose far side holds all of `prefix`; NULL when none does. */
const struct peering *vnet_find_peered(const struct vnet *vnet, struct prefix prefix);
/* The Connected peering with another; NULL when there is none. */
const struct peering *vnet_find_connected(const struct vnet *vnet, const struct vnet *remote);
/*
 * To which address a machine sends what is for a NIC: its primary one. From the Internet that is
 * the public one, if it has one.
 */
struct ip nic_ip_from(const struct nic *nic, const struct nic *from);
bool vnet_has_gateways(const struct vnet *vnet);         /* or a Route Server, of its own */
bool vnet_has_ip(const struct vnet *vnet, struct ip ip); /* is it in the address space? */
bool vnet_has_range(const struct vnet *vnet, struct prefix prefix); /* exactly one of its own? */
/* Do both halves of a connected one have allow_virtual_network_access? Else packets are lost
 * (R4.2). */
bool peering_gives_access(const struct peering *peering);
/* Does one of the prefixes hold all of `prefix`? */
bool spaces_cover(const struct spaces *spaces, struct prefix prefix);
/* Which of them does; NULL when none. */
const struct space *spaces_find(const struct spaces *spaces, struct prefix prefix);
