/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/conntrack.h"

#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEW            (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW)
#define GET            (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET)
#define DELETE         (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE)
#define RECEIVE_BUFFER (4 * 1024 * 1024)

static int open_socket(int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int size = RECEIVE_BUFFER;

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return err_set(err, -errno, "states of flows: %s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*ret_fd = fd_take(&fd);
	return 0;
}

int conntrack_open(int *ret_fd, struct err *err)
{
	return open_socket(ret_fd, err);
}

int conntrack_open_events(int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	int group = NFNLGRP_CONNTRACK_DESTROY;

	if (open_socket(&fd, err))
		return err->code;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return err_set(err, -errno, "states of flows that end: %s", strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

static int put_ip(struct nl_msg *msg, struct ip ip, int v4, int v6)
{
	return nla_put(msg, ip.family == IP_V4 ? v4 : v6, ip.family == IP_V4 ? 4 : 16, ip.bytes);
}

/* A ping is known by its id and that it asks; back comes the type that answers. */
static int put_ping(struct nl_msg *msg, const struct conntrack_state *ends, bool by_answer)
{
	bool is_v6 = ends->protocol == IPPROTO_ICMPV6;
	uint8_t type = is_v6 ? (by_answer ? ICMPV6_ECHO_REPLY : ICMPV6_ECHO_REQUEST)
			     : (by_answer ? ICMP_ECHOREPLY : ICMP_ECHO);

	if (nla_put_u16(msg, is_v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID, htons(ends->id)) ||
	    nla_put_u8(msg, is_v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE, type) ||
	    nla_put_u8(msg, is_v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE, 0))
		return -ENOMEM;
	return 0;
}

static int put_protocol(struct nl_msg *msg, const struct conntrack_state *ends, bool by_answer)
{
	struct nlattr *proto = nla_nest_start(msg, CTA_TUPLE_PROTO);
	uint16_t from = by_answer ? ends->destination_port : ends->source_port;
	uint16_t to = by_answer ? ends->source_port : ends->destination_port;

	if (!proto || nla_put_u8(msg, CTA_PROTO_NUM, ends->protocol))
		return -ENOMEM;
	if ((ends->protocol == IPPROTO_ICMP || ends->protocol == IPPROTO_ICMPV6) &&
	    put_ping(msg, ends, by_answer))
		return -ENOMEM;
	if ((ends->protocol == IPPROTO_TCP || ends->protocol == IPPROTO_UDP) &&
	    (nla_put_u16(msg, CTA_PROTO_SRC_PORT, htons(from)) ||
	     nla_put_u16(msg, CTA_PROTO_DST_PORT, htons(to))))
		return -ENOMEM;
	return nla_nest_end(msg, proto);
}

static int put_question(struct nl_msg *msg, const struct conntrack_state *ends, bool by_answer)
{
	struct nfgenmsg head = { ends->source.family == IP_V4 ? AF_INET : AF_INET6, NFNETLINK_V0,
				 0 };
	struct ip from = by_answer ? ends->destination : ends->source;
	struct ip to = by_answer ? ends->source : ends->destination;
	struct nlattr *tuple, *ips;

	if (nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO))
		return -ENOMEM;
	tuple = nla_nest_start(msg, by_answer ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG);
	ips = tuple ? nla_nest_start(msg, CTA_TUPLE_IP) : NULL;
	if (!ips || put_ip(msg, from, CTA_IP_V4_SRC, CTA_IP_V6_SRC) ||
	    put_ip(msg, to, CTA_IP_V4_DST, CTA_IP_V6_DST) || nla_nest_end(msg, ips) ||
	    put_protocol(msg, ends, by_answer) || nla_nest_end(msg, tuple) ||
	    nla_put_u16(msg, CTA_ZONE, htons(ends->zone)))
		return -ENOMEM;
	return 0;
}

int conntrack_ask(int fd, uint32_t sequence, const struct conntrack_state *ends, bool by_answer)
{
	struct nl_msg *msg = nlmsg_alloc_simple(GET, NLM_F_REQUEST);
	int rc = -ENOMEM;

	if (msg && !put_question(msg, ends, by_answer)) {
		nlmsg_hdr(msg)->nlmsg_seq = sequence;
		rc = send(fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0) < 0 ? -errno : 0;
	}
	nlmsg_free(msg);
	return rc;
}

void conntrack_load(void)
{
	struct conntrack_state nobody = { .source.family = IP_V4,
					  .destination.family = IP_V4,
					  .protocol = IPPROTO_UDP };
	CLEANUP(fd_cleanup) int fd = -1;
	struct err err = { 0 };

	if (!conntrack_open(&fd, &err))
		(void)conntrack_ask(fd, 1, &nobody, false);
}

static uint8_t read8(struct nlattr *attr)
{
	return attr && nla_len(attr) >= 1 ? nla_get_u8(attr) : 0;
}

static uint16_t read16(struct nlattr *attr)
{
	return attr && nla_len(attr) >= 2 ? ntohs(nla_get_u16(attr)) : 0;
}

/* Attributes are aligned to four bytes only. */
static uint64_t read64(struct nlattr *attr)
{
	uint64_t value = 0;

	if (attr && nla_len(attr) >= (int)sizeof(value))
		memcpy(&value, nla_data(attr), sizeof(value));
	return be64toh(value);
}

static bool parse_nested(struct nlattr *attr, struct nlattr **attrs, int max)
{
	static const struct nla_policy policy[CTA_MAX + 1]; /* no tuple has more */

	return attr && nla_parse_nested(attrs, max, attr, (struct nla_policy *)policy) >= 0;
}

static struct ip read_ip(struct nlattr *const *attrs, int v4, int v6)
{
	struct nlattr *attr = attrs[v4] ? attrs[v4] : attrs[v6];
	struct ip ip = { 0 };
	int size = attrs[v4] ? 4 : 16;

	if (!attr || nla_len(attr) < size)
		return ip;
	ip.family = attrs[v4] ? IP_V4 : IP_V6;
	memcpy(ip.bytes, nla_data(attr), (size_t)size);
	return ip;
}

/* One of the two tuples of a state. */
struct tuple {
	struct ip source, destination;
	uint8_t protocol;
	uint16_t source_port, destination_port, id;
};

static bool parse_tuple(struct nlattr *attr, struct tuple *tuple)
{
	struct nlattr *parts[CTA_TUPLE_MAX + 1], *ips[CTA_IP_MAX + 1], *protos[CTA_PROTO_MAX + 1];

	if (!parse_nested(attr, parts, CTA_TUPLE_MAX) ||
	    !parse_nested(parts[CTA_TUPLE_IP], ips, CTA_IP_MAX) ||
	    !parse_nested(parts[CTA_TUPLE_PROTO], protos, CTA_PROTO_MAX))
		return false;
	tuple->source = read_ip(ips, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
	tuple->destination = read_ip(ips, CTA_IP_V4_DST, CTA_IP_V6_DST);
	tuple->protocol = read8(protos[CTA_PROTO_NUM]);
	tuple->source_port = read16(protos[CTA_PROTO_SRC_PORT]);
	tuple->destination_port = read16(protos[CTA_PROTO_DST_PORT]);
	tuple->id =
		read16(protos[protos[CTA_PROTO_ICMP_ID] ? CTA_PROTO_ICMP_ID : CTA_PROTO_ICMPV6_ID]);
	return tuple->source.family != IP_NONE && tuple->destination.family != IP_NONE;
}

static void parse_counters(struct nlattr *attr, uint64_t *packets, uint64_t *bytes)
{
	struct nlattr *attrs[CTA_COUNTERS_MAX + 1];

	if (!parse_nested(attr, attrs, CTA_COUNTERS_MAX))
		return;
	*packets = read64(attrs[CTA_COUNTERS_PACKETS]);
	*bytes = read64(attrs[CTA_COUNTERS_BYTES]);
}

bool conntrack_parse(const struct nlmsghdr *h, struct conntrack_state *ret_state)
{
	static const struct nla_policy policy[CTA_MAX + 1];
	struct conntrack_state s = { .is_gone = h->nlmsg_type == DELETE };
	struct tuple sent = { 0 }, answer = { 0 };
	struct nlattr *attrs[CTA_MAX + 1];

	if ((h->nlmsg_type != NEW && h->nlmsg_type != DELETE) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nfgenmsg), attrs, CTA_MAX, policy) <
		    0 ||
	    !parse_tuple(attrs[CTA_TUPLE_ORIG], &sent) ||
	    !parse_tuple(attrs[CTA_TUPLE_REPLY], &answer))
		return false;
	/* who answers is who it was for, behind the translation; who began is before his own */
	s.source = sent.source;
	s.source_port = sent.source_port;
	s.destination = answer.source;
	s.destination_port = answer.source_port;
	s.protocol = sent.protocol;
	s.id = sent.id;
	s.zone = read16(attrs[CTA_ZONE]);
	parse_counters(attrs[CTA_COUNTERS_ORIG], &s.packets[0], &s.bytes[0]);
	parse_counters(attrs[CTA_COUNTERS_REPLY], &s.packets[1], &s.bytes[1]);
	*ret_state = s;
	return true;
}
