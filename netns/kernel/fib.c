/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/fib.h"

#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum ip_family family_of(unsigned char af)
{
	return af == AF_INET ? IP_V4 : af == AF_INET6 ? IP_V6 : IP_NONE;
}

static unsigned char af_of(enum ip_family family)
{
	return family == IP_V6 ? AF_INET6 : AF_INET;
}

static struct ip any_of(enum ip_family family)
{
	return (struct ip){ .family = (uint8_t)family };
}

/* The zero address when there is none, and when it has another length than its family's. */
static struct ip ip_of(enum ip_family family, struct nlattr *attr)
{
	struct ip ip = any_of(family);

	if (attr && nla_len(attr) == (int)(ip_bits(ip) / 8))
		memcpy(ip.bytes, nla_data(attr), (size_t)nla_len(attr));
	return ip;
}

static uint32_t u32_of(struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? nla_get_u32(attr) : 0;
}

/* ---- routes ---- */

static const struct nla_policy no_policy[RTA_MAX + 1];

/* A gateway of the route's family, or of another one (RTA_VIA). */
static struct ip via_of(enum ip_family family, struct nlattr **attrs)
{
	if (attrs[RTA_GATEWAY])
		return ip_of(family, attrs[RTA_GATEWAY]);
	if (attrs[RTA_VIA] && nla_len(attrs[RTA_VIA]) > (int)sizeof(struct rtvia)) {
		const struct rtvia *via = nla_data(attrs[RTA_VIA]);
		struct ip ip = any_of(family_of((unsigned char)via->rtvia_family));

		if (nla_len(attrs[RTA_VIA]) == (int)(sizeof(*via) + ip_bits(ip) / 8))
			memcpy(ip.bytes, via->rtvia_addr, ip_bits(ip) / 8);
		return ip;
	}
	return (struct ip){ 0 };
}

static void add_hop(struct fib_route *route, struct ip via, uint32_t ifindex, uint8_t weight,
		    unsigned flags)
{
	if (route->hop_count == FIB_HOPS_MAX) {
		route->has_more = true;
		return;
	}
	route->hops[route->hop_count++] = (struct fib_hop){
		.via = via, .ifindex = ifindex, .weight = weight, .is_dead = flags & RTNH_F_DEAD
	};
}

static void parse_hops(struct nlattr *list, struct fib_route *route)
{
	enum ip_family family = route->prefix.addr.family;
	const struct rtnexthop *hop = nla_data(list);
	int left = nla_len(list);

	while (left >= (int)sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) &&
	       hop->rtnh_len <= left) {
		struct nlattr *attrs[RTA_MAX + 1];
		int size = NLMSG_ALIGN(hop->rtnh_len);

		if (nla_parse(attrs, RTA_MAX, (struct nlattr *)RTNH_DATA(hop),
			      hop->rtnh_len - (int)sizeof(*hop), no_policy) < 0)
			return;
		route->has_more |= attrs[RTA_ENCAP] != NULL;
		add_hop(route, via_of(family, attrs), (uint32_t)hop->rtnh_ifindex, hop->rtnh_hops,
			hop->rtnh_flags);
		left -= size;
		hop = (const struct rtnexthop *)((const char *)hop + size);
	}
}

#define METRIC_IPV6 1024 /* what IPv6 has when none was asked for */

/* IPv6 has lo in routes that lead nowhere. */
static bool leads_on(uint8_t type)
{
	return type != RTN_BLACKHOLE && type != RTN_UNREACHABLE && type != RTN_PROHIBIT &&
	       type != RTN_THROW;
}

bool fib_parse_route(const struct nlmsghdr *h, struct fib_hop *hops, struct fib_route *ret_route)
{
	struct nlattr *attrs[RTA_MAX + 1];
	struct fib_route route = { .hops = hops };
	const struct rtmsg *head;
	enum ip_family family;

	if ((h->nlmsg_type != RTM_NEWROUTE && h->nlmsg_type != RTM_DELROUTE) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*head), attrs, RTA_MAX, no_policy) < 0)
		return false;
	head = nlmsg_data(h);
	family = family_of(head->rtm_family);
	if (family == IP_NONE || head->rtm_dst_len > ip_bits(any_of(family)))
		return false;
	route.table = attrs[RTA_TABLE] ? u32_of(attrs[RTA_TABLE]) : head->rtm_table;
	route.prefix = (struct prefix){ ip_of(family, attrs[RTA_DST]), head->rtm_dst_len };
	route.type = head->rtm_type;
	route.tos = head->rtm_tos;
	route.metric = u32_of(attrs[RTA_PRIORITY]);
	if (family == IP_V6 && route.metric == METRIC_IPV6)
		route.metric = 0;
	route.has_more = attrs[RTA_METRICS] || attrs[RTA_PREFSRC] || attrs[RTA_ENCAP] ||
			 attrs[RTA_FLOW] || attrs[RTA_SRC];
	if (attrs[RTA_MULTIPATH])
		parse_hops(attrs[RTA_MULTIPATH], &route);
	else if (attrs[RTA_OIF] && (family == IP_V4 || leads_on(route.type)))
		add_hop(&route, via_of(family, attrs), u32_of(attrs[RTA_OIF]), 0, head->rtm_flags);
	*ret_route = route;
	return true;
}

static bool has_hop(const struct fib_route *route, const struct fib_hop *hop)
{
	for (uint32_t i = 0; i < route->hop_count; i++)
		if (ip_equal(route->hops[i].via, hop->via) &&
		    route->hops[i].ifindex == hop->ifindex &&
		    route->hops[i].weight == hop->weight && route->hops[i].is_dead == hop->is_dead)
			return true;
	return false;
}

bool fib_route_equal(const struct fib_route *a, const struct fib_route *b)
{
	if (a->table != b->table || !prefix_equal(a->prefix, b->prefix) || a->type != b->type ||
	    a->tos != b->tos || a->metric != b->metric || a->has_more != b->has_more ||
	    a->hop_count != b->hop_count)
		return false;
	for (uint32_t i = 0; i < a->hop_count; i++)
		if (!has_hop(b, &a->hops[i]) || !has_hop(a, &b->hops[i]))
			return false;
	return true;
}

static const char *type_name(uint8_t type)
{
	static const char *const names[] = {
		[RTN_UNICAST] = "",
		[RTN_LOCAL] = "local",
		[RTN_BROADCAST] = "broadcast",
		[RTN_ANYCAST] = "anycast",
		[RTN_MULTICAST] = "multicast",
		[RTN_BLACKHOLE] = "blackhole",
		[RTN_UNREACHABLE] = "unreachable",
		[RTN_PROHIBIT] = "prohibit",
		[RTN_THROW] = "throw",
		[RTN_NAT] = "nat",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "a route of another type";
}

static PRINTF(3, 4) void add_text(char *text, size_t size, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text + len, size - len, fmt, args);
	va_end(args);
}

void fib_route_print(const struct fib_route *route, fib_name_fn *name, const void *arg, char *text,
		     size_t size)
{
	(void)snprintf(text, size, "%s", type_name(route->type));
	for (uint32_t i = 0; i < route->hop_count; i++) {
		const struct fib_hop *hop = &route->hops[i];
		const char *dev = name(arg, hop->ifindex);

		if (*text)
			add_text(text, size, i ? ", " : " ");
		if (hop->via.family != IP_NONE)
			add_text(text, size, "via %s ", ip_print(hop->via).text);
		if (dev)
			add_text(text, size, "dev %s", dev);
		else
			add_text(text, size, "dev #%u", hop->ifindex);
		if (hop->weight)
			add_text(text, size, " weight %u", hop->weight + 1);
		if (hop->is_dead)
			add_text(text, size, " dead");
	}
	if (route->metric)
		add_text(text, size, " metric %u", route->metric);
	if (route->tos)
		add_text(text, size, " tos 0x%02x", route->tos);
	if (route->has_more)
		add_text(text, size, " with more attributes");
}

/* ---- rules ---- */

static void copy_name(char name[IFNAME_SIZE], struct nlattr *attr)
{
	if (attr)
		(void)snprintf(name, IFNAME_SIZE, "%.*s", nla_len(attr),
			       (const char *)nla_data(attr));
}

/* Attributes that make a rule ask for something that struct fib_rule does not have. */
static bool has_more(struct nlattr **attrs)
{
	static const int others[] = { FRA_TUN_ID,      FRA_L3MDEV,      FRA_UID_RANGE, FRA_IP_PROTO,
				      FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_FLOW };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (attrs[others[i]])
			return true;
	return (attrs[FRA_SUPPRESS_PREFIXLEN] && u32_of(attrs[FRA_SUPPRESS_PREFIXLEN]) != ~0u) ||
	       (attrs[FRA_SUPPRESS_IFGROUP] && u32_of(attrs[FRA_SUPPRESS_IFGROUP]) != ~0u);
}

bool fib_parse_rule(const struct nlmsghdr *h, struct fib_rule *ret_rule)
{
	static const struct nla_policy policy[FRA_MAX + 1];
	struct nlattr *attrs[FRA_MAX + 1];
	const struct fib_rule_hdr *head;
	struct fib_rule rule = { 0 };
	enum ip_family family;

	if ((h->nlmsg_type != RTM_NEWRULE && h->nlmsg_type != RTM_DELRULE) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*head), attrs, FRA_MAX, policy) < 0)
		return false;
	head = nlmsg_data(h);
	family = family_of(head->family);
	if (family == IP_NONE)
		return false;
	rule.family = (uint8_t)family;
	rule.action = head->action;
	rule.priority = u32_of(attrs[FRA_PRIORITY]);
	rule.mark = u32_of(attrs[FRA_FWMARK]);
	rule.mask = u32_of(attrs[FRA_FWMASK]);
	rule.table = attrs[FRA_TABLE] ? u32_of(attrs[FRA_TABLE]) : head->table;
	rule.from = (struct prefix){ ip_of(family, attrs[FRA_SRC]), head->src_len };
	rule.to = (struct prefix){ ip_of(family, attrs[FRA_DST]), head->dst_len };
	copy_name(rule.iif, attrs[FRA_IIFNAME]);
	copy_name(rule.oif, attrs[FRA_OIFNAME]);
	rule.is_inverted = head->flags & FIB_RULE_INVERT;
	rule.has_more = head->tos || has_more(attrs);
	*ret_rule = rule;
	return true;
}

bool fib_rule_equal(const struct fib_rule *a, const struct fib_rule *b)
{
	return a->family == b->family && a->action == b->action && a->priority == b->priority &&
	       a->mark == b->mark && a->mask == b->mask && a->table == b->table &&
	       prefix_equal(a->from, b->from) && prefix_equal(a->to, b->to) &&
	       !strcmp(a->iif, b->iif) && !strcmp(a->oif, b->oif) &&
	       a->is_inverted == b->is_inverted && a->has_more == b->has_more;
}

void fib_rule_print(const struct fib_rule *rule, char *text, size_t size)
{
	(void)snprintf(text, size, "%sfrom %s", rule->is_inverted ? "not " : "",
		       rule->from.len ? prefix_print(rule->from).text : "all");
	if (rule->to.len)
		add_text(text, size, " to %s", prefix_print(rule->to).text);
	if (*rule->iif)
		add_text(text, size, " iif %s", rule->iif);
	if (*rule->oif)
		add_text(text, size, " oif %s", rule->oif);
	if (rule->mark || rule->mask)
		add_text(text, size, " fwmark 0x%x/0x%x", rule->mark, rule->mask);
	if (rule->has_more)
		add_text(text, size, " with more conditions");
	if (rule->action == FR_ACT_TO_TBL)
		add_text(text, size, " lookup %u", rule->table);
	else if (rule->action == FR_ACT_GOTO)
		add_text(text, size, " goto");
	else
		add_text(text, size, " %s",
			 rule->action == FR_ACT_BLACKHOLE     ? "blackhole"
			 : rule->action == FR_ACT_UNREACHABLE ? "unreachable"
			 : rule->action == FR_ACT_PROHIBIT    ? "prohibit"
							      : "nop");
}

/* ---- sockets ---- */

static int open_socket(int *ret_fd, struct err *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	if (fd < 0)
		return err_set(err, -errno, "netlink socket: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		err_set(err, -errno, "netlink bind: %s", strerror(errno));
		fd_close(&fd);
		return err->code;
	}
	*ret_fd = fd;
	return 0;
}

int fib_open(int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	int one = 1;

	if (open_socket(&fd, err))
		return err->code;
	/* else a dump is of all tables (Linux 4.20) */
	if (setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one)))
		return err_set(err, -errno, "NETLINK_GET_STRICT_CHK: %s", strerror(errno));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	*ret_fd = fd_take(&fd);
	return 0;
}

#define EVENT_BUFFER (4 * 1024 * 1024) /* of what a change of many tables brings at once */

int fib_open_events(int *ret_fd, struct err *err)
{
	static const int groups[] = { RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_ROUTE,
				      RTNLGRP_IPV6_RULE, RTNLGRP_LINK };
	CLEANUP(fd_cleanup) int fd = -1;
	int size = EVENT_BUFFER;

	if (open_socket(&fd, err))
		return err->code;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])))
			return err_set(err, -errno, "netlink group %d: %s", groups[i],
				       strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

/* ---- questions ---- */

static struct nl_msg *begin(int type, int flags, uint32_t seq, void *head, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(256);

	if (!msg || !nlmsg_put(msg, 0, seq, type, 0, flags | NLM_F_REQUEST) ||
	    nlmsg_append(msg, head, size, NLMSG_ALIGNTO))
		abort();
	return msg;
}

static int end(int fd, struct nl_msg *msg)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const struct nlmsghdr *h = nlmsg_hdr(msg);
	int rc = 0;

	if (sendto(fd, h, h->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		rc = -errno;
	nlmsg_free(msg);
	return rc;
}

int fib_ask_routes(int fd, uint32_t seq, enum ip_family family, uint32_t table)
{
	struct rtmsg head = { .rtm_family = af_of(family) };
	struct nl_msg *msg = begin(RTM_GETROUTE, NLM_F_DUMP, seq, &head, sizeof(head));

	nla_put_u32(msg, RTA_TABLE, table);
	return end(fd, msg);
}

int fib_ask_rules(int fd, uint32_t seq, enum ip_family family)
{
	struct fib_rule_hdr head = { .family = af_of(family) };

	return end(fd, begin(RTM_GETRULE, NLM_F_DUMP, seq, &head, sizeof(head)));
}

int fib_wait(int fd, uint32_t seq)
{
	struct ifinfomsg head = { .ifi_index = INT32_MAX }; /* nobody's: a short answer */

	return end(fd, begin(RTM_GETLINK, 0, seq, &head, sizeof(head)));
}

int fib_ask_packet(int fd, uint32_t seq, const struct fib_packet *packet)
{
	unsigned bits = ip_bits(packet->to);
	/* of IPv6 the table is told without that, and refused with it */
	unsigned table = packet->to.family == IP_V6 ? 0 : RTM_F_LOOKUP_TABLE;
	struct rtmsg head = { .rtm_family = af_of(packet->to.family),
			      .rtm_dst_len = (unsigned char)bits,
			      .rtm_src_len = (unsigned char)bits,
			      .rtm_flags = RTM_F_FIB_MATCH | table };
	struct nl_msg *msg = begin(RTM_GETROUTE, 0, seq, &head, sizeof(head));

	nla_put(msg, RTA_DST, (int)(bits / 8), packet->to.bytes);
	nla_put(msg, RTA_SRC, (int)(bits / 8), packet->from.bytes);
	nla_put_u32(msg, RTA_IIF, packet->iif);
	nla_put_u32(msg, RTA_MARK, packet->mark);
	return end(fd, msg);
}

int fib_error(const struct nlmsghdr *h)
{
	int code = 0;

	if (nlmsg_datalen(h) >= (int)sizeof(code)) /* both begin with it */
		memcpy(&code, nlmsg_data(h), sizeof(code));
	return code;
}
