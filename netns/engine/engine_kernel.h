/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The engine's real functions: namespaces, netlink, nftables, files, programs. */
#include "netns/engine/engine.h"

struct engine_kernel;

/* Tries what the kernel can do, once. The caller owns the result. */
struct engine_kernel *engine_kernel_new(struct err *err) NODISCARD;
void engine_kernel_free(struct engine_kernel *kernel); /* NULL is fine */

extern const struct engine_ops engine_kernel_ops; /* ctx: a struct engine_kernel */

struct engine_features {
	bool has_netem;             /* it delays cables; else the wire does */
	bool has_xfrm;              /* IPsec is the kernel's; else each daemon's own */
	bool has_vlan, has_mac_sec; /* links have them; else they go without */
};
struct engine_features engine_kernel_features(const struct engine_kernel *kernel);

enum engine_socket {
	ENGINE_SOCKET_TCP,  /* a stream socket, not connected */
	ENGINE_SOCKET_TCP6, /* of IPv6, which takes IPv4, too */
	ENGINE_SOCKET_UDP,  /* not connected */
	ENGINE_SOCKET_ICMP, /* a raw socket for ICMP */
	ENGINE_SOCKET_FIB,  /* for questions about routes and rules */
	ENGINE_SOCKET_FIB_EVENTS,
	ENGINE_SOCKET_NFT_EVENTS,
	ENGINE_SOCKET_FLOW_LOG,  /* what rules log */
	ENGINE_SOCKET_CONNTRACK, /* for questions about the states of flows */
	ENGINE_SOCKET_CONNTRACK_EVENTS,
	ENGINE_SOCKET_PACKETS,    /* that cross interfaces; it hears nothing yet */
	ENGINE_SOCKET_FRAMES,     /* likewise, with what the link puts before them */
	ENGINE_SOCKET_LINK_STATS, /* a file of link_stats.h */
};

/* Open a socket in a namespace of the lab; it stays there. The descriptor is the caller's. */
int engine_kernel_socket(struct engine_kernel *kernel, const char *ns, enum engine_socket type,
			 int *ret_fd, struct err *err);
