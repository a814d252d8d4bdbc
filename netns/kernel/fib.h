/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What the kernel has by way of routes and rules: its messages as plain structs, and the questions
 * that are answered with them. Sockets do not block, and decide the namespace.
 */
#include "lab/base/err.h"
#include "lab/base/ip.h"
#include "lab/model/topology.h"

#include <linux/netlink.h>

struct fib_hop {
	struct ip via; /* IP_NONE: the destination itself is a neighbour */
	uint32_t ifindex;
	uint8_t weight; /* above one */
	bool is_dead;
};

#define FIB_HOPS_MAX 64 /* that are told apart */

struct fib_route {
	uint32_t table;
	struct prefix prefix;
	uint8_t type; /* RTN_UNICAST, ... */
	uint8_t tos;
	uint32_t metric;
	bool has_more; /* an MTU, a source address, an encapsulation: nothing that hublab asks for
			*/
	uint32_t hop_count;
	struct fib_hop *hops; /* the parser's caller's, or the owner's */
};

struct fib_rule {
	uint8_t family; /* enum ip_family */
	uint8_t action; /* FR_ACT_TO_TBL, ... */
	uint32_t priority, mark, mask, table;
	struct prefix from, to; /* of length 0: any */
	char iif[IFNAME_SIZE], oif[IFNAME_SIZE];
	bool is_inverted;
	bool has_more; /* looks at still other things */
};

/* `hops` has room for FIB_HOPS_MAX. False: it is not a message about a route of a family we know.
 */
bool fib_parse_route(const struct nlmsghdr *h, struct fib_hop *hops, struct fib_route *ret_route)
	NODISCARD;
bool fib_parse_rule(const struct nlmsghdr *h, struct fib_rule *ret_rule) NODISCARD;

/* Who made it does not count, nor the order of next hops. */
bool fib_route_equal(const struct fib_route *a, const struct fib_route *b);
bool fib_rule_equal(const struct fib_rule *a, const struct fib_rule *b);

/* "via 10.0.0.36 dev NAME", "blackhole", ...; a name for an interface, or NULL when there is none
 */
typedef const char *fib_name_fn(const void *arg, uint32_t ifindex);
void fib_route_print(const struct fib_route *route, fib_name_fn *name, const void *arg, char *text,
		     size_t size);
void fib_rule_print(const struct fib_rule *rule, char *text, size_t size);

/* In the namespace the caller is in: for questions, and one that hears of changes. */
int fib_open(int *ret_fd, struct err *err);
int fib_open_events(int *ret_fd, struct err *err);

/* Answers carry `seq`; those of a dump end with NLMSG_DONE or NLMSG_ERROR. Both: a negative errno.
 */
int fib_ask_routes(int fd, uint32_t seq, enum ip_family family, uint32_t table);
int fib_ask_rules(int fd, uint32_t seq, enum ip_family family);

/*
 * Returns when all is done that the kernel was doing to the routes, rules and links of the
 * namespace. It tells of what goes before it is gone, and from Linux 6.9 on a dump of routes does
 * not wait for that; a question about a link does. The answer carries `seq` and says nothing. A
 * negative errno.
 */
int fib_wait(int fd, uint32_t seq);

/* Which route decides about a packet that comes in: a route's message, or NLMSG_ERROR. */
struct fib_packet {
	uint32_t iif, mark;
	struct ip from, to;
};
int fib_ask_packet(int fd, uint32_t seq, const struct fib_packet *packet);

/* Of NLMSG_ERROR and NLMSG_DONE: a negative errno, or 0. */
int fib_error(const struct nlmsghdr *h);
