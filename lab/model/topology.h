/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a lab is made of, as a network: machines, their interfaces, the cables between them and
 * the routing tables of the fabric. Names and numbers given here are used everywhere else: a node
 * is a network namespace of that name, a port is an interface of the fabric namespace.
 */
#include "lab/model/link_frames.h"

enum node_role {
	ROLE_VM,
	ROLE_NVA,      /* a VM whose guest forwards */
	ROLE_INTERNET, /* a host of the Internet */
	ROLE_PRIVATE_ENDPOINT,
	ROLE_ER_GATEWAY,
	ROLE_VPN_GATEWAY,
	ROLE_ROUTE_SERVER,
	ROLE_MSEE,
	ROLE_PROVIDER,
	ROLE_BRANCH,
	ROLE_BRANCH_HOST /* in a branch's LAN */
};

enum interface_kind {
	INTERFACE_NIC,      /* a VM's port in the fabric */
	INTERFACE_ENDPOINT, /* a private endpoint's port */
	INTERFACE_GATEWAY,  /* a gateway or Route Server instance's port, in its subnet */
	INTERFACE_MSEE,     /* an MSEE's port, one for each connection, in that GatewaySubnet */
	INTERFACE_CABLE,    /* an end of a cable: not in the fabric */
	INTERFACE_TUNNEL,   /* the inside of an IPsec tunnel */
	INTERFACE_LAN,      /* a branch's network: its router's bridge, its hosts' links */
	INTERFACE_LOOPBACK, /* a router's own address, on no link */
};

#define IFNAME_SIZE 16

#define ETHERNET_MTU 1500 /* R9.10 */
#define TUNNEL_MTU   1400 /* R5.16 */
#define MAC_SIZE     6

struct mac_text {
	char text[3 * MAC_SIZE];
};
struct mac_text mac_print(const uint8_t mac[MAC_SIZE]); /* "12:34:56:78:9a:bc" */

/* A virtual network, as the fabric knows it. */
struct network {
	const struct vnet *vnet;
	unsigned number; /* from 1; of its delivery table and in marks */
	unsigned zone;   /* the lowest number among the networks that peerings join to it */
};

struct interface {
	enum interface_kind kind;
	struct node *node;
	const char *key;        /* what it is for: the same in every version of the lab */
	char name[IFNAME_SIZE]; /* in its node */
	uint32_t ifindex;
	uint8_t mac[MAC_SIZE];
	struct ip ip;                  /* of IPv4 */
	uint8_t prefix_len;            /* of its network */
	LIST_OF(const struct ip) more; /* further addresses of a NIC, of both families */
	struct src_pos pos;            /* of what it comes from in the lab file */
	const struct nic *nic;         /* INTERFACE_NIC, and of a branch's host; NULL */
	/* of ports, their end in the fabric; of a branch's hosts, that on the bridge */
	char port_name[IFNAME_SIZE];
	uint32_t port_ifindex;
	/* of ports only */
	const struct subnet *subnet;
	const struct network *network;
	const struct connection *connection; /* INTERFACE_MSEE */
	const struct fabric_table *table;    /* decides where packets from this port go */
	/* of a branch's hosts only */
	const struct interface *bridge; /* its router's */
	/* of cable ends only */
	struct cable *cable;
	struct link_frames frames; /* what this side puts around packets */
	/* of tunnels only */
	const struct tunnel_end *tunnel; /* also of its cable's ends: those are in its namespace */
	struct ip peer_ip;               /* the inner address of the other end */
};

/*
 * One end of an IPsec tunnel: a daemon in a namespace of its own, and the inside as an interface of
 * the node. Each end is as its own side of the lab file says; only what agrees comes up.
 */
struct tunnel_end {
	const char *name; /* of its namespace */
	struct node *node;
	struct interface *interface;       /* INTERFACE_TUNNEL */
	struct ip local, remote;           /* outer */
	const char *shared_key;            /* "" when the file has none */
	const struct ipsec_policy *policy; /* NULL: Azure's own (R5.15) */
	struct tunnel_end *peer;           /* NULL: nobody in the lab answers there */
	bool is_initiator;
	bool is_expected; /* to come up and to stay: found out by prospect_init */
	/* outer packets: over the Internet by this cable, between the two ends' namespaces, which
	   is not among the topology's; NULL: by the node's own routes and the fabric */
	struct cable *cable;
	const struct connection *connection; /* Azure's side */
	const struct device_tunnel *device;  /* a customer's */
	struct src_pos pos;
};

struct node {
	const char *name;
	enum node_role role;
	struct src_pos pos;
	LIST_OF(struct interface *) interfaces;
	/* by role */
	const struct vm *vm; /* also of an NVA, and of hosts of the Internet and of branches */
	const struct private_endpoint *endpoint;
	const struct gateway *gateway;
	const struct route_server *route_server;
	unsigned instance; /* of the gateway or Route Server */
	const struct circuit *circuit;
	enum path path; /* which MSEE of the circuit */
	const struct provider *provider;
	const struct branch *branch; /* also of its hosts */
};

struct cable {
	struct interface *ends[2];
	unsigned number;                          /* from 1 */
	double delay_ms, loss_percent, rate_mbps; /* each way; 0 is none, none and no limit */
	const struct provider_link *link;         /* NULL: between the ends of a tunnel */
	struct src_pos pos;
};

/* A routing table of the fabric: one for each subnet with a port, one for each port of an MSEE. */
struct fabric_table {
	unsigned index;               /* position in the topology */
	unsigned number;              /* from 1 */
	const struct subnet *subnet;  /* where its ports stand */
	const struct interface *msee; /* the one port it is for; NULL for a subnet's table */
};

/* An NSG, as the kernel's rules and log know it. */
struct filter {
	const struct nsg *nsg;
	unsigned number; /* from 1 */
};

/* What the kernel that a lab runs on has not, and links go without. */
struct kernel_lacks {
	bool vlan, mac_sec;
};

struct topology {
	struct arena *arena;
	const struct lab *lab;
	struct kernel_lacks lacks; /* nothing, until somebody knows the kernel */
	LIST_OF(struct network)
	networks; /* by index of the virtual network; the Internet is last */
	LIST_OF(struct node *) nodes;
	LIST_OF(struct interface *)
	ports; /* all interfaces in the fabric, in the order of the file */
	LIST_OF(struct cable *) cables;
	LIST_OF(struct tunnel_end *) tunnel_ends;
	LIST_OF(struct fabric_table *) tables;
	LIST_OF(struct filter) filters; /* by place of the NSG in the lab */
};

/* Of every NIC as its neighbours see it, and of every port (R9.3). */
extern const uint8_t azure_mac[MAC_SIZE];

/*
 * The caller owns the topology; it borrows from the lab. What was in `previous` (NULL is fine), an
 * earlier version of the same lab, keeps its numbers and names, and none of those that went are
 * given again, so that nothing but what differs has to change. `previous` is not kept.
 */
struct topology *topology_new(const struct lab *lab, const struct topology *previous) NODISCARD;
void topology_free(struct topology *topology); /* NULL is fine */

/* The number of an NSG of the lab. */
unsigned topology_filter(const struct topology *topology, const struct nsg *nsg);
const struct network *topology_network(const struct topology *topology, const struct vnet *vnet);

/* Borrowed; NULL when there is none. Letter case does not count. */
struct node *topology_find_node(const struct topology *topology, const char *name);
bool node_has_ip(const struct node *node, struct ip ip);
bool interface_has_ip(const struct interface *interface, struct ip ip);
/* The first address of a family that it has; IP_NONE when there is none. */
struct ip interface_ip(const struct interface *interface, enum ip_family family);
/* An address of it with the length that its machine gives it: by IPv6 no neighbours are known. */
struct prefix interface_prefix(const struct interface *interface, struct ip ip);
/* The network of that address, a subnet for ports: which of its neighbours it names. */
struct prefix interface_network(const struct interface *interface, enum ip_family family);
/* May it send and receive for other addresses (R9.7)? Only NICs may not. */
bool port_forwards(const struct interface *port);
const struct interface *topology_find_nic(const struct topology *topology, const struct nic *nic);
const struct interface *topology_find_instance(const struct topology *topology,
					       const struct gateway *gateway, unsigned instance);

/* The namespace it is in: its node's, or of a tunnel whose outer packets it is for. */
const char *interface_ns(const struct interface *interface);
/* The interface at the other end of its cable. */
const struct interface *cable_other_end(const struct interface *interface);
/* Are there tags or MACsec on it, by any of its sides? */
bool cable_is_framed(const struct cable *cable);
/* Do both sides have the same? Else nothing passes. */
bool cable_frames_fit(const struct cable *cable);
/* Is what crosses it encrypted by MACsec, where the kernel has that? */
bool cable_has_mac_sec(const struct cable *cable);
/*
 * Where it is looked at what passes: of a cable the provider's end, of a tunnel one that hublab can
 * look into, not in a guest.
 */
const struct interface *cable_counted(const struct cable *cable);
bool tunnel_is_counted(const struct tunnel_end *end);
/*
 * As people name it: "ISP/FAR-END", of several between the same two "ISP/FAR-END/2"; one over the
 * Internet by an end of its tunnel. In the arena, or borrowed from the topology.
 */
const char *cable_name(const struct topology *topology, const struct cable *cable,
		       struct arena *arena);
/* The routes that the lab file gives to its guest, or to a branch's router. */
const struct guest_route *node_guest_routes(const struct node *node, size_t *ret_count);

/* Has it a kernel of its own, and no namespace? */
bool node_is_guest(const struct node *node);
bool node_is_guest_router(const struct node *node); /* see vm_is_guest_router */

const char *node_role_name(enum node_role role); /* as screens spell it */
