/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/property/fib.h"

#include "lab/plan/fabric_ids.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the model ---- */

static void add_hop(struct fib_answer *answer, struct ip via, uint32_t ifindex)
{
	if (answer->hop_count < FIB_HOPS_MAX)
		answer->hops[answer->hop_count++] = (struct fib_hop){ via, ifindex };
}

static int hop_compare(const void *a, const void *b)
{
	const struct fib_hop *x = a, *y = b;
	int order = ip_compare(x->via, y->via);

	return order ? order : (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

static void sort_hops(struct fib_answer *answer)
{
	qsort(answer->hops, answer->hop_count, sizeof(*answer->hops), hop_compare);
}

/* By the table of the virtual network's machines. */
static void expect_delivery(const struct fabric *fabric, const struct interface *port, struct ip to,
			    struct fib_answer *answer)
{
	const struct interface *target = fabric_find_port(fabric->topology, port->subnet->vnet, to);

	answer->is_lost = !target;
	if (!target)
		return;
	answer->table = delivery_table_id(port->network);
	answer->prefix = prefix_host(to);
	add_hop(answer, (struct ip){ 0 }, target->port_ifindex);
}

static void expect_msee(const struct fabric *fabric, const struct interface *port, struct ip to,
			struct fib_answer *answer)
{
	const struct fabric_content *content = &fabric->tables[port->table->index];
	const struct gateway *gateway = port->connection->gateway;
	const struct msee_route *best = NULL;

	for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
		if (ip_equal(gateway->instance_ip[n], to)) {
			expect_delivery(fabric, port, to, answer);
			return;
		}
	for (size_t i = 0; i < content->msee->routes.count; i++) {
		const struct msee_route *route = &content->msee->routes.items[i];

		if (prefix_has_ip(route->prefix, to) &&
		    (!best || route->prefix.len > best->prefix.len))
			best = route;
	}
	answer->is_lost = !best;
	if (!best)
		return;
	answer->prefix = best->prefix;
	for (size_t i = 0; i < best->instances.count; i++)
		add_hop(answer, best->instances.items[i]->ip,
			best->instances.items[i]->port_ifindex);
}

/* The longest of a row's prefixes that has the address. */
static struct prefix prefix_for(const struct effective_route *row, struct ip to)
{
	struct prefix best = { 0 };

	for (size_t i = 0; i < effective_route_count(row); i++) {
		struct prefix prefix = effective_route_prefix(row, i);

		if (prefix_has_ip(prefix, to) &&
		    (best.addr.family == IP_NONE || prefix.len > best.len))
			best = prefix;
	}
	return best;
}

static void expect_appliance(const struct fabric *fabric, const struct interface *port,
			     const struct effective_route *row, struct fib_answer *answer)
{
	answer->is_lost = true; /* unless somebody has one of them */
	for (size_t i = 0; i < row->next_hops.count; i++) {
		struct ip hop = row->next_hops.items[i].ip;
		const struct interface *target =
			fabric_find_port(fabric->topology, port->subnet->vnet, hop);

		answer->is_lost &= !target;
		add_hop(answer, hop, target ? target->port_ifindex : STAND_IN_IFINDEX);
	}
}

static void expect_learned(const struct effective_route *row, struct fib_answer *answer)
{
	for (size_t i = 0; i < row->learned->next_hops.count; i++) {
		const struct next_hop *hop = &row->learned->next_hops.items[i];

		add_hop(answer, hop->ip, hop->port->port_ifindex);
	}
}

static void expect_row(const struct fabric *fabric, const struct interface *port, struct ip to,
		       struct fib_answer *answer)
{
	const struct effective_route *row =
		effective_routes_lookup(fabric_subnet_routes(fabric, port->table), to);

	if (fabric_is_own_msee(fabric->topology, port->subnet, to)) {
		expect_delivery(fabric, port, to, answer);
		return;
	}
	if (!row) {
		answer->is_lost = true;
		return;
	}
	answer->prefix = prefix_for(row, to);
	switch (row->type) {
	case NEXT_HOP_VNET_LOCAL:
	case NEXT_HOP_VNET_PEERING:
	case NEXT_HOP_VNET_GLOBAL_PEERING:
	case NEXT_HOP_INTERFACE_ENDPOINT:
		expect_delivery(fabric, port, to, answer);
		return;
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		expect_appliance(fabric, port, row, answer);
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		answer->is_lost = row->source == SOURCE_USER;
		if (!answer->is_lost)
			expect_learned(row, answer);
		return;
	case NEXT_HOP_INTERNET:
	case NEXT_HOP_NONE:
	case NEXT_HOP_SERVICE_ENDPOINT:
		answer->is_lost = true;
		return;
	}
}

void fib_expect(const struct fabric *fabric, const struct interface *port, struct ip to,
		struct fib_answer *ret_answer)
{
	*ret_answer = (struct fib_answer){ .table = fabric_table_id(port->table) };
	if (port->table->msee)
		expect_msee(fabric, port, to, ret_answer);
	else
		expect_row(fabric, port, to, ret_answer);
	sort_hops(ret_answer);
}

/* ---- the kernel ---- */

static int native_family(struct ip ip)
{
	return ip.family == IP_V6 ? AF_INET6 : AF_INET;
}

static struct ip ip_of(int family, struct nlattr *attr)
{
	struct ip ip = { .family = family == AF_INET6 ? IP_V6 : IP_V4 };

	memcpy(ip.bytes, nla_data(attr), ip_bits(ip) / 8);
	return ip;
}

int fib_open(struct err *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return err_set(err, -errno, "netlink: %s", strerror(errno));
	return fd;
}

static struct nl_msg *question(const struct interface *port, struct ip from, struct ip to)
{
	struct rtmsg rtm = { .rtm_family = (unsigned char)native_family(to),
			     .rtm_dst_len = (unsigned char)ip_bits(to),
			     .rtm_src_len = (unsigned char)ip_bits(from),
			     .rtm_flags = RTM_F_FIB_MATCH | RTM_F_LOOKUP_TABLE };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);

	if (!msg || nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) ||
	    nla_put(msg, RTA_DST, (int)ip_bits(to) / 8, to.bytes) ||
	    nla_put(msg, RTA_SRC, (int)ip_bits(from) / 8, from.bytes) ||
	    nla_put_u32(msg, RTA_IIF, port->port_ifindex) ||
	    nla_put_u32(msg, RTA_MARK, port_mark(port)))
		abort();
	return msg;
}

static void read_hops(struct nlattr *attr, int family, struct fib_answer *answer)
{
	struct rtnexthop *next = nla_data(attr);
	int left = nla_len(attr);

	for (; RTNH_OK(next, left); next = RTNH_NEXT(next)) {
		int len = (int)next->rtnh_len - (int)sizeof(*next);
		struct nlattr *via = nla_find((struct nlattr *)RTNH_DATA(next), len, RTA_GATEWAY);

		add_hop(answer, via ? ip_of(family, via) : (struct ip){ 0 },
			(uint32_t)next->rtnh_ifindex);
		left -= (int)NLMSG_ALIGN(next->rtnh_len);
	}
}

static void read_answer(struct nlmsghdr *head, struct fib_answer *answer)
{
	const struct rtmsg *rtm = nlmsg_data(head);
	int family = rtm->rtm_family;
	struct nlattr *attrs[RTA_MAX + 1] = { NULL };

	(void)nlmsg_parse(head, sizeof(*rtm), attrs, RTA_MAX, NULL);
	answer->table = attrs[RTA_TABLE] ? nla_get_u32(attrs[RTA_TABLE]) : rtm->rtm_table;
	answer->prefix.addr.family = family == AF_INET6 ? IP_V6 : IP_V4;
	if (attrs[RTA_DST])
		answer->prefix.addr = ip_of(family, attrs[RTA_DST]);
	answer->prefix.len = rtm->rtm_dst_len;
	answer->is_lost = rtm->rtm_type != RTN_UNICAST;
	if (attrs[RTA_MULTIPATH])
		read_hops(attrs[RTA_MULTIPATH], family, answer);
	else if (attrs[RTA_OIF])
		add_hop(answer,
			attrs[RTA_GATEWAY] ? ip_of(family, attrs[RTA_GATEWAY]) : (struct ip){ 0 },
			nla_get_u32(attrs[RTA_OIF]));
	sort_hops(answer);
}

int fib_ask(int fd, const struct interface *port, struct ip from, struct ip to,
	    struct fib_answer *ret_answer, struct err *err)
{
	_Alignas(struct nlmsghdr) char buffer[8192];
	struct nlmsghdr *head = (struct nlmsghdr *)buffer;
	struct nl_msg *msg = question(port, from, to);
	struct nlmsghdr *asked = nlmsg_hdr(msg);
	ssize_t len = send(fd, asked, asked->nlmsg_len, 0);

	nlmsg_free(msg);
	if (len >= 0)
		len = recv(fd, buffer, sizeof(buffer), 0);
	if (len < 0 || !nlmsg_ok(head, (int)len))
		return err_set(err, -EIO, "ask the FIB: %s", strerror(errno));
	*ret_answer = (struct fib_answer){ 0 };
	if (head->nlmsg_type == NLMSG_ERROR) {
		int code = ((struct nlmsgerr *)nlmsg_data(head))->error;

		ret_answer->is_lost = code == -EINVAL; /* as a blackhole answers */
		if (!ret_answer->is_lost)
			return err_set(err, code, "the FIB answers: %s", strerror(-code));
		return 0;
	}
	read_answer(head, ret_answer);
	return 0;
}

/* ---- both ---- */

bool fib_answer_equal(const struct fib_answer *a, const struct fib_answer *b)
{
	if (a->is_lost || b->is_lost)
		return a->is_lost == b->is_lost;
	if (a->table != b->table || !prefix_equal(a->prefix, b->prefix) ||
	    a->hop_count != b->hop_count)
		return false;
	for (unsigned i = 0; i < a->hop_count; i++)
		if (a->hops[i].ifindex != b->hops[i].ifindex ||
		    !ip_equal(a->hops[i].via, b->hops[i].via))
			return false;
	return true;
}

void fib_answer_print(const struct fib_answer *answer, FILE *out)
{
	if (answer->is_lost) {
		(void)fprintf(out, "lost");
		return;
	}
	(void)fprintf(out, "table %u %s", answer->table, prefix_print(answer->prefix).text);
	for (unsigned i = 0; i < answer->hop_count; i++)
		(void)fprintf(out, " %s%s@%u", i ? "or " : "via ",
			      ip_print(answer->hops[i].via).text, answer->hops[i].ifindex);
}
